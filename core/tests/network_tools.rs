//! What `nslookup`, `dig`, `getent`, `curl`, `wget` and `nc` print in a Pod, how they exit, how long they take, and what they send.
//! The expectations were measured with the real programs (BusyBox 1.35, BIND 9.18, curl 7.88, glibc 2.36, musl 1.2) against a stub
//! server at 10.96.0.10 with the kubelet's resolv.conf.

use hoplab_core::api::{Cluster, Cni};
use hoplab_core::clock::Duration;
use hoplab_core::shell::{ScriptOutput, SharedWorld, run_script};
use hoplab_core::trace::Direction;
use hoplab_core::world::World;
use std::cell::RefCell;
use std::rc::Rc;

const OBJECTS: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: production }
---
apiVersion: v1
kind: Pod
metadata: { name: alpine, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: web, image: 'nginx:alpine' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: busybox, namespace: shop }
spec: { containers: [{ name: box, image: 'radial/busyboxplus:curl', args: [sleep, '3600'] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: bind, namespace: shop }
spec: { containers: [{ name: tools, image: 'registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7', command: [sleep, '3600'] }] }
---
apiVersion: v1
kind: Service
metadata: { name: backend, namespace: shop }
spec: { clusterIP: 10.96.5.5, clusterIPs: [10.96.5.5], selector: { app: web }, ports: [{ port: 80, protocol: TCP }] }
---
apiVersion: v1
kind: Service
metadata: { name: payment-svc, namespace: production }
spec: { clusterIP: 10.96.7.7, clusterIPs: [10.96.7.7], selector: { app: none }, ports: [{ port: 80, protocol: TCP }] }
";

const DENY_EGRESS: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: no-egress, namespace: shop }
spec: { podSelector: {}, policyTypes: [Egress] }
";

struct Scene {
    world: SharedWorld,
}

/// What a command did.
struct Run {
    output: ScriptOutput,
    seconds: u64,
    /// The names asked for, with type, in order.
    queries: Vec<String>,
}

impl Scene {
    fn new(cni: Cni, manifests: &[&str]) -> Self {
        let mut world = World::new(Cluster { cni, ..Cluster::default() });
        for manifest in manifests {
            let parsed = hoplab_core::manifest::parse(manifest, "tools.yaml");
            assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
            for document in parsed.documents {
                world.create(document.object).expect("the API server takes the object");
            }
        }
        world.advance(Duration::from_secs(60));
        Self { world: Rc::new(RefCell::new(world)) }
    }

    fn run(&self, pod: &str, command: &str) -> Run {
        let (start, before) = {
            let world = self.world.borrow();
            (world.now(), world.exchanges().len())
        };
        let output = run_script(&self.world, &format!("kubectl exec {pod} -n shop -- {command}"));
        let world = self.world.borrow();
        let legs = world.exchanges().iter().skip(before).flat_map(|exchange| &exchange.legs);
        let queries =
            legs.filter(|leg| leg.direction == Direction::Request).filter_map(|leg| leg.label.strip_prefix("DNS query "));
        Run { output, seconds: (world.now() - start).as_secs(), queries: queries.map(str::to_owned).collect() }
    }
}

/// Each name once, without its type.
fn names(run: &Run) -> Vec<&str> {
    let mut names: Vec<&str> = run.queries.iter().filter_map(|query| query.strip_prefix("A ")).collect();
    names.dedup();
    names
}

/// What the tool itself wrote to standard error.
fn said(run: &Run) -> &str {
    run.output.stderr.split("command terminated").next().unwrap_or_default()
}

#[test]
fn busybox_nslookup_answers_and_still_fails_for_a_short_name() {
    let scene = Scene::new(Cni::Flannel, &[OBJECTS]);
    let run = scene.run("alpine", "nslookup backend");
    assert_eq!(run.output.status, 1);
    assert!(run.output.stdout.starts_with("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n"));
    let mut blocks: Vec<&str> = run.output.stdout.trim_end_matches('\n').split("\n\n").skip(1).collect();
    // Six parallel queries: their answers come in any order. The empty AAAA answer is an empty block.
    blocks.retain(|block| !block.trim().is_empty());
    blocks.sort_by_key(|block| block.trim());
    let lines: Vec<&str> = blocks.iter().map(|block| block.trim()).collect();
    assert_eq!(
        lines,
        [
            "** server can't find backend.cluster.local: NXDOMAIN",
            "** server can't find backend.cluster.local: NXDOMAIN",
            "** server can't find backend.svc.cluster.local: NXDOMAIN",
            "** server can't find backend.svc.cluster.local: NXDOMAIN",
            "Name:\tbackend.shop.svc.cluster.local\nAddress: 10.96.5.5",
        ]
    );
    assert_eq!(
        run.queries,
        [
            "A backend.shop.svc.cluster.local",
            "A backend.svc.cluster.local",
            "A backend.cluster.local",
            "AAAA backend.shop.svc.cluster.local",
            "AAAA backend.svc.cluster.local",
            "AAAA backend.cluster.local",
        ]
    );
    assert_eq!(run.seconds, 0);
}

#[test]
fn three_tools_read_a_name_with_a_dot_in_three_ways() {
    let scene = Scene::new(Cni::Flannel, &[OBJECTS]);
    // BusyBox takes a dot for a full name.
    let busybox = scene.run("busybox", "nslookup payment-svc.production");
    assert_eq!((busybox.output.status, names(&busybox)), (1, vec!["payment-svc.production"]));
    let full = scene.run("busybox", "nslookup payment-svc.production.svc.cluster.local");
    assert_eq!((full.output.status, names(&full)), (0, vec!["payment-svc.production.svc.cluster.local"]));
    // BIND's nslookup searches.
    let bind = scene.run("bind", "nslookup payment-svc.production");
    assert_eq!(bind.output.status, 0);
    assert_eq!(
        bind.output.stdout,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tpayment-svc.production.svc.cluster.local\nAddress: 10.96.7.7\n\n"
    );
    let searched = ["payment-svc.production.shop.svc.cluster.local", "payment-svc.production.svc.cluster.local"];
    assert_eq!(names(&bind), searched);
    // So do the libraries, with both families for every name.
    for pod in ["busybox", "alpine"] {
        let getent = scene.run(pod, "wget -qO- -T 1 http://payment-svc.production");
        assert_eq!((names(&getent), getent.queries.len()), (searched.to_vec(), 4), "{pod}");
    }
    // dig does not, unless told.
    let literal = scene.run("bind", "dig +short payment-svc.production");
    assert_eq!((literal.output.status, literal.output.stdout.as_str()), (0, ""));
    let search = scene.run("bind", "dig +search +short payment-svc.production");
    assert_eq!((search.output.status, search.output.stdout.as_str()), (0, "10.96.7.7\n"));
}

#[test]
fn a_full_name_walks_the_search_list_unless_it_ends_in_a_dot() {
    let scene = Scene::new(Cni::Flannel, &[OBJECTS]);
    let full = "payment-svc.production.svc.cluster.local";
    for pod in ["busybox", "alpine"] {
        assert_eq!(
            scene.run(pod, &format!("curl -s -m 1 http://{full}")).queries.len(),
            8,
            "three wasted names and the right one"
        );
        assert_eq!(scene.run(pod, &format!("curl -s -m 1 http://{full}.")).queries.len(), 2);
    }
}

#[test]
fn a_name_that_does_not_exist_is_told_at_once() {
    let scene = Scene::new(Cni::Flannel, &[OBJECTS]);
    let run = scene.run("busybox", "curl -sS --connect-timeout 5 http://frontend");
    assert_eq!((run.output.status, said(&run)), (6, "curl: (6) Could not resolve host: frontend\n"));
    assert_eq!((run.queries.len(), run.seconds), (8, 0));
    let wget = scene.run("alpine", "wget -qO- http://frontend");
    assert_eq!((wget.output.status, said(&wget)), (1, "wget: bad address 'frontend'\n"));
}

#[test]
fn every_tool_has_its_own_patience_when_dns_is_dropped() {
    let scene = Scene::new(Cni::Calico, &[OBJECTS, DENY_EGRESS]);
    let lost = ";; connection timed out; no servers could be reached\n\n";
    let timed_out = ";; communications error to 10.96.0.10#53: timed out\n".repeat(3);
    let cases = [
        ("alpine", "nslookup backend", 1, 5, lost.to_owned(), ""),
        ("bind", "nslookup backend", 1, 15, format!("{timed_out};; no servers could be reached\n\n"), ""),
        ("bind", "dig +short backend", 9, 15, format!("{timed_out};; no servers could be reached\n"), ""),
        ("bind", "getent hosts backend", 2, 20, String::new(), ""),
        ("alpine", "wget -qO- http://backend", 1, 5, String::new(), "wget: bad address 'backend'\n"),
        ("busybox", "curl -sS http://backend", 6, 20, String::new(), "curl: (6) Could not resolve host: backend\n"),
        (
            "busybox",
            "curl -sS --connect-timeout 5 http://backend",
            28,
            5,
            String::new(),
            "curl: (28) Resolving timed out after 5000 milliseconds\n",
        ),
        (
            "busybox",
            "curl -sS -w HTTP_%{http_code} --connect-timeout 5 http://10.244.1.99",
            28,
            5,
            "HTTP_000".to_owned(),
            "curl: (28) Failed to connect to 10.244.1.99 port 80 after 5000 ms: Timeout was reached\n",
        ),
    ];
    for (pod, command, status, seconds, stdout, stderr) in cases {
        let run = scene.run(pod, command);
        assert_eq!((run.output.status, run.seconds), (status, seconds), "{command}");
        assert_eq!((run.output.stdout.as_str(), said(&run)), (stdout.as_str(), stderr), "{command}");
    }
}

#[test]
fn a_plugin_that_rejects_is_heard_at_once() {
    let scene = Scene::new(Cni::KubeRouter, &[OBJECTS, DENY_EGRESS]);
    let lookup = scene.run("alpine", "nslookup backend");
    assert_eq!((lookup.output.status, lookup.seconds), (1, 0));
    assert_eq!(said(&lookup), "nslookup: write to '10.96.0.10': Connection refused\n");
    for pod in ["alpine", "busybox"] {
        let name = scene.run(pod, "curl -s http://backend");
        assert_eq!((name.output.status, name.seconds), (6, 0), "{pod}");
    }
    let address = scene.run("busybox", "curl -s http://10.96.5.5");
    assert_eq!((address.output.status, address.seconds), (7, 0));
}

#[test]
fn a_closed_port_and_an_open_one() {
    let scene = Scene::new(Cni::Flannel, &[OBJECTS]);
    let ip = run_script(&scene.world, "kubectl get pod alpine -n shop -o jsonpath='{.status.podIP}'").stdout;
    let closed = scene.run("busybox", &format!("curl -sS http://{ip}:8080"));
    let message = format!("curl: (7) Failed to connect to {ip} port 8080 after 0 ms: Couldn't connect to server\n");
    assert_eq!((closed.output.status, said(&closed)), (7, message.as_str()));
    // Since curl 8.5 (`lib/cf-socket.c`) the note of a failed attempt names its own end too.
    let own = run_script(&scene.world, "kubectl get pod busybox -n shop -o jsonpath='{.status.podIP}'").stdout;
    let verbose = scene.run("busybox", &format!("curl -sv http://{ip}:8080"));
    assert!(said(&verbose).contains(&format!("* connect to {ip} port 8080 from {own} port ")), "{}", said(&verbose));
    let refused = scene.run("busybox", &format!("wget -qO- http://{ip}:8080"));
    let message = format!("wget: can't connect to remote host ({ip}): Connection refused\n");
    assert_eq!((refused.output.status, said(&refused)), (1, message.as_str()));
    let open = scene.run("busybox", &format!("nc -zv {ip} 80"));
    assert_eq!((open.output.status, said(&open)), (0, format!("{ip} ({ip}:80) open\n").as_str()));
    let page = scene.run("busybox", "curl -s -o /dev/null -w HTTP_%{http_code}_%{size_download}_%{num_connects} http://backend");
    assert_eq!((page.output.status, page.output.stdout.as_str()), (0, "HTTP_200_615_1"));
    let missing = scene.run("busybox", "curl -sSf http://backend/nothing");
    assert_eq!((missing.output.status, said(&missing)), (22, "curl: (22) The requested URL returned error: 404\n"));
    let spider = scene.run("alpine", "wget --spider http://backend");
    assert_eq!(said(&spider), "Connecting to backend (10.96.5.5:80)\nremote file exists\n");
}

#[test]
fn a_cluster_ip_does_not_answer_ping_but_a_pod_does() {
    let scene = Scene::new(Cni::Flannel, &[OBJECTS]);
    let ip = run_script(&scene.world, "kubectl get pod alpine -n shop -o jsonpath='{.status.podIP}'").stdout;
    let pod = scene.run("busybox", &format!("ping -c 2 {ip}"));
    assert_eq!(pod.output.status, 0);
    assert!(pod.output.stdout.starts_with(&format!("PING {ip} ({ip}): 56 data bytes\n64 bytes from {ip}: seq=0 ttl=")));
    assert!(pod.output.stdout.contains("\n2 packets transmitted, 2 packets received, 0% packet loss\n"));
    let virtual_ip = scene.run("busybox", "ping -c 1 -W 2 10.96.5.5");
    assert_eq!(virtual_ip.output.status, 1);
    assert!(virtual_ip.output.stdout.ends_with("\n1 packets transmitted, 0 packets received, 100% packet loss\n"));
}
