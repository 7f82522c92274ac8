//! What programs experience on the simulated network: answers, refusals, silence, and how long they take.

use hoplab_core::api::{Cni, Kind, ObjectRef, PolicyType};
use hoplab_core::clock::Duration;
use hoplab_core::dataplane::Netns;
use hoplab_core::manifest;
use hoplab_core::net::Payload;
use hoplab_core::trace::{Direction, Place};
use hoplab_core::world::{DeviceKind, Reply, ReplyOutcome, World};

const PODS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: node-1, containers: [{name: c, image: 'nginx:alpine'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {nodeName: node-2, containers: [{name: c, image: 'nginx:alpine'}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.20, clusterIPs: [10.96.0.20], selector: {app: web}, ports: [{port: 80}]}
";

const DENY_ALL: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny-all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
";

fn world(cni: &str, more: &str) -> World {
    let cluster = format!(
        "
apiVersion: hoplab.dev/v1
kind: Cluster
metadata: {{name: test}}
spec:
  cni: {cni}
  nodes:
  - {{name: node-1, internalIP: 192.168.1.11, podCIDR: 10.244.1.0/24, controlPlane: true}}
  - {{name: node-2, internalIP: 192.168.1.12, podCIDR: 10.244.2.0/24}}
---{PODS}---{more}"
    );
    World::from_scene(&cluster, "scene", None).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

fn client() -> Netns {
    Netns::Pod(ObjectRef::namespaced(Kind::Pod, "shop", "client"))
}

fn connect(world: &mut World, port: u16) -> Reply {
    let service = world.store().get(&ObjectRef::namespaced(Kind::Service, "shop", "web")).expect("the Service");
    let ip = service.as_service().and_then(|service| service.cluster_ip()).expect("a cluster IP");
    world.tcp_connect(&client(), (ip, port).into())
}

fn pod_ip(world: &World, name: &str) -> std::net::IpAddr {
    let pod = world.store().get(&ObjectRef::namespaced(Kind::Pod, "shop", name)).expect("the Pod");
    pod.as_pod().and_then(|pod| pod.ip()).expect("its address")
}

#[test]
fn a_handshake_is_a_syn_there_and_a_syn_ack_back() {
    for cni in ["flannel", "calico", "kube-router"] {
        let mut world = world(cni, "");
        let reply = connect(&mut world, 80);
        assert!(matches!(reply.outcome, ReplyOutcome::Connected(_)), "{cni}: {:?}", reply.outcome);
        let legs: Vec<_> = reply.legs.iter().map(|leg| (leg.label.as_str(), leg.direction)).collect();
        assert_eq!(legs, [("TCP SYN", Direction::Request), ("TCP SYN-ACK", Direction::Reply)]);
        assert!(reply.after > Duration::from_micros(100) && reply.after < Duration::from_millis(2), "{:?}", reply.after);
    }
}

/// The same policy under three plugins.
#[test]
fn default_deny_is_silence_refusal_or_nothing_by_plugin() {
    let outcome = |cni| connect(&mut world(cni, DENY_ALL), 80).outcome;
    assert!(matches!(outcome("flannel"), ReplyOutcome::Connected(_)));
    assert_eq!(outcome("calico"), ReplyOutcome::Silence);
    assert_eq!(outcome("kube-router"), ReplyOutcome::Refused);
}

/// RST, within a millisecond. UDP learns the same by ICMP.
#[test]
fn a_closed_port_refuses_with_a_packet_that_walks_back() {
    let mut world = world("flannel", "");
    let closed = (pod_ip(&world, "web"), 8080).into();
    let tcp = world.tcp_connect(&client(), closed);
    let udp = world.udp(&client(), closed, Payload::Data(vec![1]), "datagram");
    for (reply, error) in [(tcp, "TCP RST"), (udp, "ICMP port unreachable")] {
        assert_eq!(reply.outcome, ReplyOutcome::Refused);
        assert_eq!(reply.legs.last().map(|leg| leg.label.as_str()), Some(error));
        assert!(reply.legs.iter().all(|leg| leg.trace.end().is_some()));
    }
}

#[test]
fn ping_comes_back_and_an_address_without_a_pod_is_unreachable_after_three_seconds() {
    let mut world = world("kube-router", "");
    let web = pod_ip(&world, "web");
    let echo = world.echo(&client(), web, 7, 0, vec![0; 56]);
    assert_eq!(echo.outcome, ReplyOutcome::Payload(Payload::Data(vec![0; 56])));
    let nobody = world.tcp_connect(&client(), ([10, 244, 1, 200], 80).into());
    assert_eq!(nobody.outcome, ReplyOutcome::Unreachable);
    assert!(nobody.after > Duration::from_secs(3) && nobody.after < Duration::from_secs(4));
}

#[test]
fn a_snapshot_shows_devices_pods_and_whom_policy_isolates() {
    let world = world("flannel", DENY_ALL);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.cni, Cni::Flannel);
    let [first, second] = snapshot.nodes.as_slice() else { panic!("two nodes") };
    assert!(first.control_plane && first.ready && !second.control_plane);
    let kinds: Vec<DeviceKind> = second.devices.iter().map(|device| device.kind).collect();
    assert!(kinds.is_sorted() && kinds.ends_with(&[DeviceKind::Bridge, DeviceKind::Vxlan, DeviceKind::Nic]), "{kinds:?}");
    let client = second.pods.iter().find(|pod| pod.reference.name == "client").expect("the client");
    assert_eq!((client.status.as_str(), client.ready), ("Running", true));
    assert_eq!(client.isolated, [PolicyType::Ingress, PolicyType::Egress]);
    // Pods on the node's own network are counted apart.
    let slots: std::collections::BTreeSet<_> = second.pods.iter().map(|pod| (pod.host_network, pod.slot)).collect();
    assert_eq!(slots.len(), second.pods.len());
    let web = snapshot.services.iter().find(|service| service.reference.name == "web").expect("the Service");
    assert_eq!(web.ports, ["80→80/TCP"]);
    assert_eq!(web.ready_endpoints.iter().map(|pod| pod.name.as_str()).collect::<Vec<_>>(), ["web"]);
    let policy = snapshot.policies.first().expect("the policy");
    assert_eq!((policy.enforced, policy.selects.len()), (false, 2));
}

/// A Pod that goes leaves its place free; the others stay where they are.
#[test]
fn pods_keep_their_slots_while_others_come_and_go() {
    let mut world = world("calico", "");
    let slot = |world: &World, name: &str| {
        let pods = world.snapshot().nodes.into_iter().flat_map(|node| node.pods);
        pods.into_iter().find(|pod| pod.reference.name == name).map(|pod| pod.slot)
    };
    let (web, client_slot) = (slot(&world, "web"), slot(&world, "client"));
    world.delete(&ObjectRef::namespaced(Kind::Pod, "shop", "client")).expect("it exists");
    world.advance(Duration::from_secs(60));
    assert_eq!((slot(&world, "web"), slot(&world, "client")), (web, None));
    let late = "
apiVersion: v1
kind: Pod
metadata: {name: late, namespace: shop}
spec: {nodeName: node-2, containers: [{name: c, image: 'nginx:alpine'}]}
";
    for document in manifest::parse(late, "late").documents {
        world.create(document.object).expect("a valid Pod");
    }
    assert_eq!((slot(&world, "web"), slot(&world, "late")), (web, client_slot));
}

#[test]
fn a_pod_on_the_host_network_sends_from_its_node() {
    let host = "
apiVersion: v1
kind: Pod
metadata: {name: host, namespace: shop}
spec: {nodeName: node-2, hostNetwork: true, containers: [{name: c, image: 'nginx:alpine'}]}
";
    let mut world = world("calico", host);
    let web = pod_ip(&world, "web");
    let netns = Netns::Pod(ObjectRef::namespaced(Kind::Pod, "shop", "host"));
    let reply = world.tcp_connect(&netns, (web, 80).into());
    assert!(matches!(reply.outcome, ReplyOutcome::Connected(_)));
    let first = reply.legs.first().and_then(|leg| leg.trace.hops.first()).map(|hop| hop.at.clone());
    assert_eq!(first, Some(Place::Node { node: "node-2".to_owned() }));
}
