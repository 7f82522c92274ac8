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
    World::from_scene(text, "cluster.yaml").unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
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
