//! What happens to objects over time: Pods come up, fail, restart and go; Services find them. Through the world's own seams:
//! manifests in, virtual time, documents out.

use hoplab_core::api::{Cluster, Kind, Object, ObjectRef};
use hoplab_core::clock::Duration;
use hoplab_core::world::World;
use serde_json::Value;

/// A world with the objects of a manifest, applied one after the other.
fn world_with(cluster: Cluster, manifest: &str) -> World {
    let mut world = World::new(cluster);
    apply(&mut world, manifest);
    world
}

fn apply(world: &mut World, manifest: &str) {
    let parsed = hoplab_core::manifest::parse(manifest, "test.yaml");
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    for document in parsed.documents {
        world.create(document.object).expect("the API server takes the object");
    }
}

fn after(world: &mut World, seconds: u64) {
    world.advance(Duration::from_secs(seconds));
}

fn pod<'a>(world: &'a World, name: &str) -> &'a Object {
    world.store().get(&ObjectRef::namespaced(Kind::Pod, "default", name)).unwrap_or_else(|| panic!("no Pod {name}"))
}

/// `status.phase, ready, restarts`, and what STATUS is made of: the first container's state.
fn summary(pod: &Object) -> String {
    let status = &pod.document()["status"];
    let container = &status["containerStatuses"][0];
    let state = container["state"].as_object().and_then(|state| state.iter().next());
    let (name, detail) = state.map_or(("none", &Value::Null), |(name, detail)| (name.as_str(), detail));
    let reason = detail["reason"].as_str().unwrap_or("-");
    format!("{} {name}:{reason} ready={} restarts={}", text(&status["phase"]), container["ready"], container["restartCount"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// Reasons and messages of the Events about one object, in the order of their first appearance.
fn events(world: &World, about: &str) -> Vec<String> {
    let mut events: Vec<_> =
        world.store().list(Kind::Event).filter(|event| event.document()["involvedObject"]["name"] == about).collect();
    events.sort_by_key(|event| event.meta().resource_version.parse::<u64>().unwrap_or(0));
    events.iter().map(|event| format!("{} {}", text(&event.document()["reason"]), text(&event.document()["message"]))).collect()
}

const WEB: &str = "
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default, labels: { app: web } }
spec: { containers: [{ name: web, image: 'nginx:alpine' }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { clusterIP: 10.96.5.5, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
";

#[test]
fn a_pod_becomes_ready_with_an_address_and_the_events_of_a_kubelet() {
    let mut world = world_with(Cluster::default(), WEB);
    assert_eq!(summary(pod(&world, "web")), "Pending waiting:ContainerCreating ready=false restarts=0");
    after(&mut world, 10);
    let web = pod(&world, "web");
    assert_eq!(summary(web), "Running running:- ready=true restarts=0");
    assert_eq!(web.document()["spec"]["nodeName"], "node-1");
    assert!(text(&web.document()["status"]["podIP"]).starts_with("10.244.1."));
    // The texts of a 1.33 kubelet on containerd.
    let events = events(&world, "web");
    assert_eq!(events[0], "Scheduled Successfully assigned default/web to node-1");
    assert_eq!(events[1], "Pulling Pulling image \"nginx:alpine\"");
    assert!(events[2].starts_with("Pulled Successfully pulled image \"nginx:alpine\" in 1."), "{}", events[2]);
    assert!(events[2].ends_with("including waiting). Image size: 22631468 bytes."), "{}", events[2]);
    assert_eq!(events[3..], ["Created Created container: web", "Started Started container web"]);
}

#[test]
fn a_fresh_cluster_shows_the_machinery_of_a_real_one() {
    let world = World::new(Cluster::default());
    let pods: Vec<_> = world.store().list_in(Kind::Pod, "kube-system").collect();
    let running = pods.iter().filter(|pod| pod.as_pod().is_some_and(|pod| pod.is_ready())).count();
    // 4 static Pods, 2 CoreDNS, 3 kube-proxy, 3 calico-node.
    assert_eq!((pods.len(), running), (12, 12), "{:?}", pods.iter().map(|pod| pod.name()).collect::<Vec<_>>());
    let slices: Vec<_> = world.store().list_in(Kind::EndpointSlice, "kube-system").collect();
    assert_eq!(slices.len(), 1);
    assert_eq!(slices[0].as_endpoint_slice().map(|slice| slice.endpoints.len()), Some(2));
    assert_eq!(world.now().to_string(), "2026-05-14T10:00:00Z");
}

fn scene(lab: &str) -> World {
    let text = match lab {
        "4.1" => include_str!("../../labs/4.1-networking-fundamentals/cluster.yaml"),
        _ => include_str!("../../labs/02-post-mortem/cluster.yaml"),
    };
    World::from_scene(text, "cluster.yaml", None).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

#[test]
fn in_lab_4_1_the_frontend_gets_the_address_that_the_lab_names() {
    let mut world = scene("4.1");
    apply(
        &mut world,
        "
apiVersion: v1
kind: Pod
metadata: { name: frontend, namespace: default }
spec: { containers: [{ name: frontend, image: 'nginx:alpine' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: backend, namespace: default }
spec: { containers: [{ name: backend, image: 'radial/busyboxplus:curl', args: [sleep, '3600'] }] }
",
    );
    after(&mut world, 10);
    let place = |name: &str| {
        let document = pod(&world, name).document();
        format!("{} {}", text(&document["spec"]["nodeName"]), text(&document["status"]["podIP"]))
    };
    assert_eq!([place("frontend"), place("backend")], ["node-1 10.244.0.15", "node-2 10.244.1.8"]);
}

#[test]
fn in_lab_02_the_old_backend_runs_but_its_image_cannot_be_pulled_again() {
    let mut world = scene("02");
    let backend = ObjectRef::namespaced(Kind::Pod, "lab-networking", "backend");
    let state = |world: &World| world.store().get(&backend).map(|pod| summary(pod));
    assert_eq!(state(&world).as_deref(), Some("Running running:- ready=true restarts=0"));
    world.delete(&backend).expect("it is there");
    after(&mut world, 40);
    assert_eq!(state(&world), None);
    apply(
        &mut world,
        "
apiVersion: v1
kind: Pod
metadata: { name: backend, namespace: lab-networking }
spec: { containers: [{ name: backend, image: 'radial/busyboxplus:curl', args: [sleep, '3600'] }] }
",
    );
    after(&mut world, 6);
    assert_eq!(state(&world).as_deref(), Some("Pending waiting:ImagePullBackOff ready=false restarts=0"));
    // containerd 2.1, client/pull.go.
    let expected = "Failed to pull image \"radial/busyboxplus:curl\": rpc error: code = Unimplemented desc = failed to pull and \
                    unpack image \"docker.io/radial/busyboxplus:curl\": not implemented: media type \
                    \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported since containerd v2.1, \
                    please rebuild the image as \"application/vnd.docker.distribution.manifest.v2+json\" or \
                    \"application/vnd.oci.image.manifest.v1+json\"";
    let events = events(&world, "backend");
    assert!(events.iter().any(|event| event == &format!("Failed {expected}")), "{events:#?}");
}

/// A Pod with one container of an image and arguments, and further lines of its spec.
fn one(name: &str, image: &str, args: &str, more: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Pod
metadata: {{ name: {name}, namespace: default, labels: {{ app: {name} }} }}
spec:
  containers: [{{ name: {name}, image: '{image}', args: {args} }}]
{more}"
    )
}

#[test]
fn containers_end_restart_and_back_off_as_the_kubelet_does() {
    let cases: [(&str, &str, &str, u64, &str); 9] = [
        ("busybox", "[sleep, '3600']", "", 3_590, "Running running:- ready=true restarts=0"),
        // The first restart comes at once: the last one was long ago.
        ("busybox", "[sleep, '3600']", "", 3_620, "Running running:- ready=true restarts=1"),
        ("busybox", "[sleep, '60']", "  restartPolicy: Never", 90, "Succeeded terminated:Completed ready=false restarts=0"),
        ("busybox", "[sh, -c, exit 3]", "  restartPolicy: Never", 30, "Failed terminated:Error ready=false restarts=0"),
        ("busybox", "['false']", "  restartPolicy: OnFailure", 12, "Running waiting:CrashLoopBackOff ready=false restarts=1"),
        // Back-off of 10, 20, 40 s between the next ones.
        ("busybox", "['false']", "", 65, "Running waiting:CrashLoopBackOff ready=false restarts=3"),
        ("no-such-image", "[]", "", 8, "Pending waiting:ImagePullBackOff ready=false restarts=0"),
        ("nginx:no-such-tag", "[]", "", 2, "Pending waiting:ErrImagePull ready=false restarts=0"),
        ("busybox", "[frobnicate]", "", 8, "Running waiting:CrashLoopBackOff ready=false restarts=1"),
    ];
    for (image, args, more, seconds, expected) in cases {
        let mut world = world_with(Cluster::default(), &one("box", image, args, more));
        after(&mut world, seconds);
        assert_eq!(summary(pod(&world, "box")), expected, "{image} {args} {more} after {seconds} s");
    }
}

#[test]
fn a_restarted_container_keeps_the_address_of_its_pod() {
    let mut world = world_with(Cluster::default(), &one("box", "busybox", "[sleep, '3600']", ""));
    after(&mut world, 10);
    let before = pod(&world, "box").document()["status"]["podIP"].clone();
    after(&mut world, 3_700);
    let status = &pod(&world, "box").document()["status"];
    assert_eq!((status["containerStatuses"][0]["restartCount"].as_u64(), &status["podIP"]), (Some(1), &before));
    assert_eq!(status["containerStatuses"][0]["lastState"]["terminated"]["reason"], "Completed");
}

#[test]
fn a_failed_pull_says_what_containerd_says() {
    let mut world = world_with(Cluster::default(), &one("box", "no-such-image", "[]", ""));
    after(&mut world, 6);
    // containerd 1.7 against Docker Hub.
    let expected = "Failed Failed to pull image \"no-such-image\": rpc error: code = Unknown desc = failed to pull and unpack image \
                    \"docker.io/library/no-such-image:latest\": failed to resolve reference \
                    \"docker.io/library/no-such-image:latest\": pull access denied, repository does not exist or may require \
                    authorization: server message: insufficient_scope: authorization failed";
    let events = events(&world, "box");
    assert_eq!(events[2..5], [expected, "Failed Error: ErrImagePull", "BackOff Back-off pulling image \"no-such-image\""]);
}

#[test]
fn a_deleted_pod_leaves_its_service_at_once_and_the_cluster_after_its_grace_period() {
    let web = one("web", "nginx:alpine", "[]", "");
    let deaf = one("deaf", "busybox", "[sleep, '3600']", "");
    let service = WEB.split("---").nth(1).unwrap_or_default();
    let mut world = world_with(Cluster::default(), &format!("{web}\n---\n{deaf}\n---{service}"));
    after(&mut world, 20);
    let addresses = |world: &World| {
        let endpoints = world.store().get(&ObjectRef::namespaced(Kind::Endpoints, "default", "web"));
        endpoints.map(|endpoints| endpoints.document()["subsets"][0]["addresses"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(addresses(&world), Some(1));
    for name in ["web", "deaf"] {
        world.delete(&ObjectRef::namespaced(Kind::Pod, "default", name)).expect("it is there");
    }
    assert_eq!(addresses(&world), Some(0));
    let alive = |world: &World| world.store().list_in(Kind::Pod, "default").map(|pod| pod.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(alive(&world), ["deaf", "web"]);
    // nginx quits on SIGTERM; sleep as PID 1 never gets it and is killed after 30 s.
    after(&mut world, 2);
    assert_eq!(alive(&world), ["deaf"]);
    after(&mut world, 27);
    assert_eq!(alive(&world), ["deaf"]);
    after(&mut world, 3);
    assert!(alive(&world).is_empty());
}

#[test]
fn a_deleted_namespace_goes_when_its_last_pod_is_gone() {
    let manifest = "
apiVersion: v1
kind: Namespace
metadata: { name: lab }
---
apiVersion: v1
kind: Pod
metadata: { name: box, namespace: lab }
spec: { containers: [{ name: box, image: busybox, args: [sleep, '3600'] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: lab }
spec: { podSelector: {} }
";
    let mut world = world_with(Cluster::default(), manifest);
    after(&mut world, 20);
    let lab = ObjectRef::cluster(Kind::Namespace, "lab");
    world.delete(&lab).expect("it is there");
    assert_eq!(world.store().get(&lab).map(|lab| text(&lab.document()["status"]["phase"])), Some("Terminating"));
    // 5 s before the controller starts, 30 s for the Pod, and a look every 16 s.
    after(&mut world, 30);
    assert_eq!(world.store().list_in(Kind::Pod, "lab").count(), 1);
    after(&mut world, 10);
    assert!(world.store().get(&lab).is_none());
    assert_eq!(Kind::ALL.iter().map(|kind| world.store().list_in(*kind, "lab").count()).sum::<usize>(), 0);
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'nginx:1.27.5-alpine' }] }
";

fn ready_pods(world: &World, prefix: &str) -> Vec<String> {
    let pods = world.store().list_in(Kind::Pod, "default").filter(|pod| pod.name().starts_with(prefix));
    pods.filter(|pod| pod.as_pod().is_some_and(|pod| pod.is_ready())).map(|pod| pod.name().to_owned()).collect()
}

#[test]
fn a_deployment_rolls_to_a_new_template_and_its_pods_go_with_it() {
    let mut world = world_with(Cluster::default(), DEPLOYMENT);
    after(&mut world, 10);
    let deployment = ObjectRef::namespaced(Kind::Deployment, "default", "web");
    let first = ready_pods(&world, "web-");
    assert_eq!(first.len(), 3);
    let parts: Vec<usize> = first[0].split('-').map(str::len).collect();
    assert_eq!((parts.len(), parts[2]), (3, 5), "{first:?}");
    let status = |world: &World| world.store().get(&deployment).map(|web| web.document()["status"]["readyReplicas"].clone());
    assert_eq!(status(&world), Some(Value::from(3)));

    let old = world.store().get(&deployment).expect("it is there");
    let newer = old.edited(|web| web["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.29.3-alpine".into());
    world.update(newer.expect("well-formed")).expect("the API server takes it");
    let mut fewest = 3;
    for _ in 0..60 {
        after(&mut world, 1);
        fewest = fewest.min(ready_pods(&world, "web-").len());
    }
    // maxUnavailable 25 % of 3 rounds down to 0.
    assert_eq!(fewest, 3);
    let second = ready_pods(&world, "web-");
    assert_eq!(second.len(), 3);
    assert!(second.iter().all(|name| !first.contains(name)));
    let history: Vec<_> = events(&world, "web").into_iter().filter(|event| event.starts_with("ScalingReplicaSet")).collect();
    assert!(history[0].ends_with("from 0 to 3"), "{history:?}");
    assert_eq!(history.len(), 7, "{history:?}");

    world.delete(&deployment).expect("it is there");
    after(&mut world, 5);
    assert_eq!(world.store().list_in(Kind::ReplicaSet, "default").count(), 0);
    assert_eq!(world.store().list_in(Kind::Pod, "default").count(), 0);
}

#[test]
fn a_pod_that_fits_nowhere_says_why() {
    let mut world = world_with(Cluster::default(), &one("box", "busybox", "[]", "  nodeSelector: { disk: ssd }"));
    after(&mut world, 1);
    // kube-scheduler 1.33, kubeadm cluster of one control plane and two workers.
    let expected = "FailedScheduling 0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: \
                    }, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not \
                    helpful for scheduling.";
    assert_eq!(events(&world, "box"), [expected]);
    assert_eq!(pod(&world, "box").document()["status"]["conditions"][0]["reason"], "Unschedulable");
}

#[test]
fn a_node_runs_out_of_host_ports_before_it_runs_out_of_room() {
    let with_port = |name: &str| {
        format!(
            "
apiVersion: v1
kind: Pod
metadata: {{ name: {name}, namespace: default }}
spec: {{ containers: [{{ name: web, image: nginx, ports: [{{ containerPort: 80, hostPort: 8080 }}] }}] }}
---"
        )
    };
    let mut world = world_with(Cluster::default(), &["a", "b", "c"].map(with_port).concat());
    after(&mut world, 1);
    let placed = ["a", "b", "c"].map(|name| text(&pod(&world, name).document()["spec"]["nodeName"]).to_owned());
    assert_eq!(placed, ["node-1", "node-2", "-"]);
    let expected = "FailedScheduling 0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: \
                    }, 2 node(s) didn't have free ports for the requested pod ports. preemption: 0/3 nodes are available: 1 \
                    Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.";
    assert_eq!(events(&world, "c"), [expected]);
}

#[test]
fn a_failing_readiness_probe_keeps_a_pod_out_of_its_service() {
    let manifest = WEB.replace(
        "image: 'nginx:alpine'",
        "image: 'nginx:alpine', readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 5 }",
    );
    let mut world = world_with(Cluster::default(), &manifest);
    after(&mut world, 30);
    assert_eq!(summary(pod(&world, "web")), "Running running:- ready=false restarts=0");
    let slice = world.store().list_in(Kind::EndpointSlice, "default").find(|slice| slice.name().starts_with("web-"));
    let slice = slice.expect("the Service has a selector");
    assert_eq!(slice.document()["endpoints"][0]["conditions"]["ready"], false);
    assert_eq!(slice.document()["ports"][0]["port"], 8080);
    let unhealthy = events(&world, "web").into_iter().find(|event| event.starts_with("Unhealthy")).expect("a probe failed");
    let ip = text(&pod(&world, "web").document()["status"]["podIP"]).to_owned();
    // kubelet's prober and Go's HTTP client.
    let why = format!("Get \"http://{ip}:8080/\": dial tcp {ip}:8080: connect: connection refused");
    assert_eq!(unhealthy, format!("Unhealthy Readiness probe failed: {why}"));
}

#[test]
fn init_containers_run_one_after_the_other_before_the_rest() {
    let manifest = "
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default }
spec:
  initContainers:
    - { name: first, image: busybox, command: [sleep, '20'] }
    - { name: second, image: busybox, command: [sleep, '20'] }
  containers: [{ name: web, image: nginx }]
";
    let mut world = world_with(Cluster::default(), manifest);
    after(&mut world, 15);
    let init = |world: &World, index: usize| {
        let state = pod(world, "web").document()["status"]["initContainerStatuses"][index]["state"].clone();
        state.as_object().and_then(|state| state.keys().next().cloned()).unwrap_or_default()
    };
    assert_eq!([init(&world, 0), init(&world, 1)], ["running", "waiting"]);
    assert_eq!(summary(pod(&world, "web")), "Pending waiting:PodInitializing ready=false restarts=0");
    after(&mut world, 20);
    assert_eq!([init(&world, 0), init(&world, 1)], ["terminated", "running"]);
    after(&mut world, 30);
    assert_eq!(summary(pod(&world, "web")), "Running running:- ready=true restarts=0");
}

#[test]
fn a_stateful_set_names_its_pods_in_order() {
    let manifest = "
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: default }
spec:
  replicas: 2
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: 'redis:alpine' }] }
";
    let mut world = world_with(Cluster::default(), manifest);
    after(&mut world, 1);
    assert_eq!(world.store().list_in(Kind::Pod, "default").count(), 1);
    after(&mut world, 20);
    assert_eq!(ready_pods(&world, "db-"), ["db-0", "db-1"]);
    assert_eq!(pod(&world, "db-1").document()["spec"]["hostname"], "db-1");
}

#[test]
fn a_job_completes_and_does_not_start_again() {
    let manifest = "
apiVersion: batch/v1
kind: Job
metadata: { name: once, namespace: default }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: once, image: busybox, command: [sleep, '5'] }] } } }
";
    let mut world = world_with(Cluster::default(), manifest);
    after(&mut world, 120);
    let job = world.store().get(&ObjectRef::namespaced(Kind::Job, "default", "once")).expect("it is there");
    assert_eq!(job.document()["status"]["succeeded"], 1);
    assert_eq!(world.store().list_in(Kind::Pod, "default").count(), 1);
}

#[test]
fn equal_commands_give_equal_bytes() {
    let run = || {
        let mut world = world_with(Cluster::default(), DEPLOYMENT);
        after(&mut world, 100);
        Kind::ALL
            .iter()
            .flat_map(|kind| world.store().list(*kind))
            .map(|object| object.document().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_sidecar_starts_before_the_others_and_stops_after_them() {
    let manifest = "
apiVersion: v1
kind: Pod
metadata: { name: once, namespace: default }
spec:
  restartPolicy: Never
  initContainers:
    - { name: proxy, image: 'nginx:alpine', restartPolicy: Always }
  containers: [{ name: once, image: busybox, command: [sleep, '30'] }]
";
    let mut world = world_with(Cluster::default(), manifest);
    after(&mut world, 20);
    assert_eq!(summary(pod(&world, "once")), "Running running:- ready=true restarts=0");
    let proxy = |world: &World| pod(world, "once").document()["status"]["initContainerStatuses"][0]["state"].clone();
    assert!(proxy(&world)["running"].is_object());
    after(&mut world, 30);
    assert_eq!(summary(pod(&world, "once")), "Succeeded terminated:Completed ready=false restarts=0");
    assert!(proxy(&world)["terminated"].is_object());
}

#[test]
fn two_servers_in_one_pod_cannot_share_a_port() {
    let manifest = "
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default }
spec: { containers: [{ name: first, image: 'nginx:alpine' }, { name: second, image: 'nginx:alpine' }] }
";
    let mut world = world_with(Cluster::default(), manifest);
    after(&mut world, 20);
    let statuses = pod(&world, "web").document()["status"]["containerStatuses"].clone();
    assert_eq!((&statuses[0]["ready"], &statuses[1]["ready"]), (&Value::from(true), &Value::from(false)));
    assert_eq!(statuses[1]["lastState"]["terminated"]["exitCode"], 1);
}

#[test]
fn a_pod_waits_while_its_node_has_no_address_left() {
    let mut cluster = Cluster { cni: hoplab_core::api::Cni::Flannel, ..Cluster::default() };
    for (index, node) in cluster.nodes.iter_mut().enumerate() {
        node.pod_cidr = format!("10.244.{index}.0/30").parse().expect("a range");
    }
    // CoreDNS has the one address of each worker.
    let mut world = world_with(cluster, WEB);
    after(&mut world, 2);
    assert_eq!(summary(pod(&world, "web")), "Pending waiting:ContainerCreating ready=false restarts=0");
    // containerd around flannel's delegate, host-local.
    let events = events(&world, "web");
    assert!(events[1].starts_with("FailedCreatePodSandBox Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \""), "{events:?}");
    assert!(events[1].ends_with("plugin type=\"flannel\" failed (add): failed to delegate add: failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.2"), "{events:?}");
}

#[test]
fn endpoints_written_by_hand_are_mirrored_into_a_slice() {
    let manifest = "
apiVersion: v1
kind: Service
metadata: { name: db, namespace: default }
spec: { ports: [{ port: 5432 }] }
---
apiVersion: v1
kind: Endpoints
metadata: { name: db, namespace: default }
subsets: [{ addresses: [{ ip: 192.0.2.7 }], ports: [{ port: 5432 }] }]
";
    let mut world = world_with(Cluster::default(), manifest);
    let slices = |world: &World| {
        let slices = world.store().list_in(Kind::EndpointSlice, "default").filter(|slice| slice.name().starts_with("db-"));
        slices.map(|slice| text(&slice.document()["endpoints"][0]["addresses"][0]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(slices(&world), ["192.0.2.7"]);
    world.delete(&ObjectRef::namespaced(Kind::Endpoints, "default", "db")).expect("it is there");
    assert!(slices(&world).is_empty());
}

/// Event names hold nanoseconds, which a far start time carries beyond 64 bits.
#[test]
fn a_cluster_may_begin_at_the_end_of_the_calendar() {
    for start_time in ["9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "not a time"] {
        let mut world = world_with(Cluster { start_time: start_time.to_owned(), ..Cluster::default() }, WEB);
        after(&mut world, 60);
        assert!(summary(pod(&world, "web")).starts_with("Running"), "{start_time}");
    }
}
