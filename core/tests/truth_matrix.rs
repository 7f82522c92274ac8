//! Lab 4.1 from its first step to a policy set that works: what six tests answer in every state. The expected cells were derived
//! from measurements with real curl, BusyBox, libc resolvers and netfilter, and from the NetworkPolicy rule that both ends must
//! admit a connection. T1…T6: see [`Scene::test`]. Numbers below 100 are curl's exit status, 200 is an HTTP status.

use hoplab_core::api::{Cluster, Cni};
use hoplab_core::clock::Duration;
use hoplab_core::shell::{ScriptOutput, SharedWorld, run_script};
use hoplab_core::trace::{Action, Cause, Exchange, Outcome};
use hoplab_core::world::World;
use std::cell::RefCell;
use std::rc::Rc;

const NAMESPACE: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: lab-networking }
";

/// Step 1: nothing listens in `backend`.
const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: { name: frontend, namespace: lab-networking, labels: { app: frontend, tier: web } }
spec: { containers: [{ name: frontend, image: 'nginx:alpine' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: backend, namespace: lab-networking, labels: { app: backend, tier: api } }
spec: { containers: [{ name: backend, image: 'radial/busyboxplus:curl', args: [sleep, '3600'] }] }
";

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: { name: backend, namespace: lab-networking }
spec: { clusterIP: 10.96.5.5, clusterIPs: [10.96.5.5], selector: { app: backend, tier: api }, ports: [{ port: 80, targetPort: 8080, protocol: TCP }] }
";

const DENY_ALL: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny-all, namespace: lab-networking }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
";

/// Step 5, with the Service's port where the Pod's belongs.
const ALLOW_80: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-frontend-to-backend, namespace: lab-networking }
spec:
  podSelector: { matchLabels: { app: backend } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: frontend } } }], ports: [{ protocol: TCP, port: 80 }] }]
";

const ALLOW_8080: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-frontend-to-backend, namespace: lab-networking }
spec:
  podSelector: { matchLabels: { app: backend } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: frontend } } }], ports: [{ protocol: TCP, port: 8080 }] }]
";

const ALLOW_DNS: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: lab-networking }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{ ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }] }]
";

const ALLOW_EGRESS: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: frontend-egress, namespace: lab-networking }
spec:
  podSelector: { matchLabels: { app: frontend } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: backend } } }] }]
";

/// A backend that listens on 8080.
const LISTENING: &str = "
apiVersion: v1
kind: Pod
metadata: { name: backend, namespace: lab-networking, labels: { app: backend, tier: api } }
spec:
  containers: [{ name: backend, image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: [netexec, '--http-port=8080'] }]
";

/// What the title of step 5 promised.
const BOTH_WAYS: &str = "
apiVersion: v1
kind: Service
metadata: { name: frontend, namespace: lab-networking }
spec: { clusterIP: 10.96.5.6, clusterIPs: [10.96.5.6], selector: { app: frontend, tier: web }, ports: [{ port: 80, targetPort: 80, protocol: TCP }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: backend-egress, namespace: lab-networking }
spec:
  podSelector: { matchLabels: { app: backend } }
  policyTypes: [Egress]
  egress: [{ to: [{ podSelector: { matchLabels: { app: frontend } } }], ports: [{ protocol: TCP, port: 80 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: frontend-ingress, namespace: lab-networking }
spec:
  podSelector: { matchLabels: { app: frontend } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: backend } } }], ports: [{ protocol: TCP, port: 80 }] }]
";

/// A cluster and a terminal on it.
struct Scene {
    world: SharedWorld,
}

impl Scene {
    fn new(cni: Cni) -> Self {
        let mut scene = Self { world: Rc::new(RefCell::new(World::new(Cluster { cni, ..Cluster::default() }))) };
        scene.apply(NAMESPACE);
        scene.apply(PODS);
        scene
    }

    fn apply(&mut self, manifest: &str) {
        let parsed = hoplab_core::manifest::parse(manifest, "truth.yaml");
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let mut world = self.world.borrow_mut();
        for document in parsed.documents {
            let exists = world.store().get(&document.object.reference()).is_some();
            let result = if exists { world.update(document.object) } else { world.create(document.object) };
            result.expect("the API server takes the object");
        }
        world.advance(Duration::from_secs(60));
    }

    fn run(&self, command: &str) -> ScriptOutput {
        run_script(&self.world, command)
    }

    fn pod_ip(&self, name: &str) -> String {
        self.run(&format!("kubectl get pod {name} -n lab-networking -o jsonpath='{{.status.podIP}}'")).stdout
    }

    fn last_exchange(&self) -> Exchange {
        self.world.borrow().exchanges().last().expect("the command sent something").clone()
    }

    /// The cell of one of the six tests.
    fn test(&self, number: usize) -> String {
        let (frontend, backend) = (self.pod_ip("frontend"), self.pod_ip("backend"));
        let (from, url) = match number {
            1 => ("backend", format!("http://{frontend}")),
            2 => return self.nslookup(),
            3 => ("backend", "http://frontend".to_owned()),
            4 => ("frontend", "http://backend".to_owned()),
            5 => ("frontend", format!("http://{backend}:8080")),
            _ => ("frontend", format!("http://{backend}:80")),
        };
        let curl = format!("curl -s -o /dev/null -w '%{{http_code}}' --connect-timeout 5 {url}");
        let output = self.run(&format!("kubectl exec {from} -n lab-networking -- {curl}"));
        if output.status == 0 { output.stdout } else { output.status.to_string() }
    }

    /// T2: `frontend: nslookup backend`, as answer or reason, and the exit status.
    fn nslookup(&self) -> String {
        let output = self.run("kubectl exec frontend -n lab-networking -- nslookup backend");
        let text = format!("{}{}", output.stdout, output.stderr);
        let seen = if text.contains("Name:\tbackend.lab-networking.svc.cluster.local\nAddress: 10.96.5.5") {
            "ans"
        } else if text.contains("Connection refused") {
            "refused"
        } else if text.contains("NXDOMAIN") {
            "NXDOMAIN"
        } else {
            "timeout"
        };
        format!("{seen}/{}", output.status)
    }

    fn row(&self) -> String {
        (1..=6).map(|number| self.test(number)).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn the_ladder_from_the_first_step_to_a_working_policy() {
    let steps: [(&str, &str, &str); 9] = [
        ("step 1: no Service, no policy", "", "200 NXDOMAIN/1 6 6 7 7"),
        ("step 3: a Service whose Pod does not listen", SERVICE, "200 ans/1 6 7 7 7"),
        ("step 4: default deny", DENY_ALL, "28 timeout/1 28 28 28 28"),
        ("step 5: ingress on the Service's port", ALLOW_80, "28 timeout/1 28 28 28 28"),
        ("DNS egress for all", ALLOW_DNS, "28 ans/1 6 28 28 28"),
        ("egress from frontend to backend", ALLOW_EGRESS, "28 ans/1 6 28 28 7"),
        ("the policy names the Pod's port", ALLOW_8080, "28 ans/1 6 7 7 28"),
        ("a backend that listens", LISTENING, "28 ans/1 6 200 200 28"),
        ("both ways", BOTH_WAYS, "200 ans/1 200 200 200 28"),
    ];
    let mut scene = Scene::new(Cni::Calico);
    for (state, manifest, expected) in steps {
        if manifest == LISTENING {
            scene.run("kubectl delete pod backend -n lab-networking");
        }
        scene.apply(manifest);
        assert_eq!(scene.row(), expected, "{state}");
    }
}

#[test]
fn plugins_enforce_the_same_default_deny_in_their_own_ways() {
    for (cni, expected) in
        [(Cni::Calico, "28 timeout/1 28 28 28 28"), (Cni::KubeRouter, "7 refused/1 6 6 7 7"), (Cni::Flannel, "200 ans/1 6 7 7 7")]
    {
        let mut scene = Scene::new(cni);
        scene.apply(SERVICE);
        scene.apply(DENY_ALL);
        assert_eq!(scene.row(), expected, "{cni:?}");
    }
}

#[test]
fn under_default_deny_the_name_is_lost_before_any_connection_is_tried() {
    let mut scene = Scene::new(Cni::Calico);
    scene.apply(DENY_ALL);
    let start = scene.world.borrow().now();
    let output = scene.run("kubectl exec backend -n lab-networking -- curl -sS --connect-timeout 5 http://frontend");
    assert_eq!(output.status, 28);
    assert_eq!(output.stderr, "curl: (28) Resolving timed out after 5000 milliseconds\ncommand terminated with exit code 28\n");
    assert_eq!((scene.world.borrow().now() - start).as_secs(), 5);
    let exchange = scene.last_exchange();
    assert_eq!(exchange.outcome, Outcome::TimedOut);
    assert!(exchange.legs.iter().all(|leg| leg.label.starts_with("DNS query")), "only UDP 53 was sent");
    let end = exchange.legs.last().and_then(|leg| leg.trace.end()).expect("a trace has an end");
    assert_eq!(end.action, Action::Dropped { cause: Cause::EgressPolicy });
}
