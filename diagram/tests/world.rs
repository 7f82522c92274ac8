//! The simulator's own traces on its own snapshots: whatever plugin carries a packet, every hop has its place in the picture,
//! consecutive hops are joined by wires, and a refusal stands at its gate.

use hoplab_core::api::{Kind, ObjectRef};
use hoplab_core::dataplane::Netns;
use hoplab_core::net::{DnsMessage, Payload, RecordType};
use hoplab_core::trace::{Exchange, Outcome, Place};
use hoplab_core::world::World;
use hoplab_diagram::{Options, Participants, Playback, Scene, Verdict, layout};

const POLICY: &str = "
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny-all, namespace: default }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
";

/// A Pod on each of two nodes; `client` has asked the cluster's DNS and pinged the other node's Pod.
fn world(cni: &str, more: &str) -> World {
    let pod = |name: &str, node: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}, namespace: default }}\n\
             spec: {{ nodeName: {node}, containers: [{{ name: c, image: \"nginx:alpine\" }}] }}\n"
        )
    };
    let cluster = format!(
        "apiVersion: hoplab.dev/v1\nkind: Cluster\nmetadata: {{ name: test }}\nspec:\n  cni: {cni}\n  nodes:\n  \
         - {{ name: node-1, internalIP: 192.168.1.11, podCIDR: 10.244.1.0/24 }}\n  \
         - {{ name: node-2, internalIP: 192.168.1.12, podCIDR: 10.244.2.0/24 }}\n"
    );
    let scene = cluster + &pod("client", "node-1") + &pod("server", "node-2") + more;
    let mut world = World::from_scene(&scene, "cluster.yaml", None).expect("the scene of this test is valid");
    let client = Netns::Pod(ObjectRef::namespaced(Kind::Pod, "default", "client"));
    let from = world.place_of(&client);
    let query = Payload::Dns(DnsMessage::query(1, "kubernetes.default.svc.cluster.local.", RecordType::A));
    let dns = world.udp(&client, "10.96.0.10:53".parse().expect("a socket address"), query, "DNS query");
    let snapshot = world.snapshot();
    let pods = snapshot.nodes.iter().flat_map(|node| &node.pods);
    let server = pods.filter(|pod| pod.reference.name == "server").find_map(|pod| pod.ip).expect("the server has an address");
    let ping = world.echo(&client, server, 1, 1, Vec::new());
    for (title, reply) in [("nslookup kubernetes", dns), ("ping server", ping)] {
        world.record(title, from.clone(), reply.legs, Outcome::TimedOut);
    }
    world
}

fn picture(world: &World, exchange: &Exchange, width: f64, lens: bool) -> Scene {
    layout(&world.snapshot(), &Options { width, lens, participants: Participants::of(exchange), ..Options::default() })
}

fn place_of(scene: &Scene, place: &Place) -> Option<Place> {
    scene.at(place).and_then(|index| scene.elements[index].place.clone())
}

#[test]
fn every_hop_of_every_plugin_is_in_the_picture_and_on_its_wires() {
    for cni in ["flannel", "calico", "kube-router"] {
        for more in ["", POLICY] {
            let world = world(cni, more);
            for exchange in world.exchanges() {
                for (width, lens) in [(390.0, false), (390.0, true), (1440.0, false)] {
                    let scene = picture(&world, exchange, width, lens);
                    for leg in &exchange.legs {
                        for hop in &leg.trace.hops {
                            assert_eq!(place_of(&scene, &hop.at), Some(hop.at.clone()), "{cni}: {}", exchange.title);
                        }
                        for pair in leg.trace.hops.windows(2) {
                            let ends = (scene.at(&pair[0].at), scene.at(&pair[1].at));
                            let joined = scene
                                .links
                                .iter()
                                .any(|link| (Some(link.from), Some(link.to)) == ends || (Some(link.to), Some(link.from)) == ends);
                            // A stack has two halves, and the network between the nodes a cable per row.
                            let wide = |place: &Place| matches!(place, Place::Node { .. } | Place::Underlay);
                            let inside = pair.iter().any(|hop| wide(&hop.at));
                            assert!(joined || inside, "{cni}: {} → {}", pair[0].at, pair[1].at);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn isolation_ends_at_the_senders_gate_as_each_plugin_does_it() {
    // Calico drops, kube-router answers with an ICMP error, Flannel does not look at policies.
    for (cni, expected) in [("flannel", Verdict::Delivered), ("calico", Verdict::Dropped), ("kube-router", Verdict::Rejected)] {
        let world = world(cni, POLICY);
        for exchange in world.exchanges() {
            let scene = picture(&world, exchange, 960.0, false);
            let mark = Playback::new(&scene, exchange).still(0).verdict.expect("the first leg ends");
            assert_eq!(mark.verdict, expected, "{cni}: {}", exchange.title);
            let gate = scene.element("gate/egress/default/client").map(|gate| gate.frame.centre());
            assert_eq!(gate == Some(mark.at), expected != Verdict::Delivered, "{cni}: {}", exchange.title);
        }
    }
}

#[test]
fn the_nodes_own_pods_take_no_slot_from_the_others() {
    let snapshot = world("calico", "").snapshot();
    for node in &snapshot.nodes {
        for host_network in [false, true] {
            let slots: Vec<usize> = node.pods.iter().filter(|pod| pod.host_network == host_network).map(|pod| pod.slot).collect();
            assert_eq!(slots, (0..slots.len()).collect::<Vec<_>>());
        }
    }
}
