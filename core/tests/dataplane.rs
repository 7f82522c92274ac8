//! The walk of a packet, by network plugin: through which devices, under which addresses, with which TTL, and where it ends.

use hoplab_core::api::{Cluster, Cni, Kind, Object, ObjectRef};
use hoplab_core::clock::Instant;
use hoplab_core::dataplane::{Dataplane, End, Netns, Walk};
use hoplab_core::net::{Icmp, Packet, Payload, TcpFlags, Transport};
use hoplab_core::store::Store;
use hoplab_core::trace::{Action, Cause, Place};
use serde_json::{Value, json};

struct Bed {
    cluster: Cluster,
    store: Store,
    dataplane: Dataplane,
}

fn bed(cni: Cni) -> Bed {
    let cluster = Cluster { cni, ..Cluster::default() };
    let mut bed = Bed { cluster, store: Store::default(), dataplane: Dataplane::default() };
    bed.create(Kind::Namespace, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
    bed
}

impl Bed {
    fn create(&mut self, kind: Kind, document: Value) {
        let object = Object::from_document(kind, document).expect("a document in a test");
        self.store.create(object, Instant::default()).expect("a valid object in a test");
    }

    /// A running Pod: nginx listens on TCP 80.
    fn pod(&mut self, name: &str, node: &str, ip: &str) -> &mut Self {
        let document = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
            "spec": {"nodeName": node, "containers": [{"name": "c", "image": "nginx:alpine"}]},
            "status": {"phase": "Running", "podIP": ip, "conditions": [{"type": "Ready", "status": "True"}]}
        });
        self.create(Kind::Pod, document);
        self
    }

    fn service(&mut self, name: &str, ip: &str, port: u16, endpoints: &[&str], target: u16) -> &mut Self {
        let document = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"clusterIP": ip, "clusterIPs": [ip], "type": "NodePort",
                "ports": [{"port": port, "targetPort": target, "protocol": "TCP", "nodePort": 30080}]}
        });
        self.create(Kind::Service, document);
        let endpoints: Vec<Value> =
            endpoints.iter().map(|ip| json!({"addresses": [ip], "conditions": {"ready": true}})).collect();
        let document = json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": format!("{name}-1"), "namespace": "shop", "labels": {"kubernetes.io/service-name": name}},
            "endpoints": endpoints, "ports": [{"name": "", "port": target, "protocol": "TCP"}]
        });
        self.create(Kind::EndpointSlice, document);
        self
    }

    fn walk(&mut self, from: &Netns, packet: Packet) -> Walk {
        self.dataplane.walk(&self.cluster, &self.store, from, packet, Instant::default())
    }
}

fn pod(name: &str) -> Netns {
    Netns::Pod(ObjectRef::namespaced(Kind::Pod, "shop", name))
}

fn syn(from: &str, to: &str) -> Packet {
    Packet::tcp(from.parse().expect("a socket"), to.parse().expect("a socket"), TcpFlags::Syn)
}

/// One line per hop: place, addresses after it, TTL, and what happened there beyond passing.
fn story(walk: &Walk) -> String {
    let mut lines = String::new();
    for hop in &walk.trace.hops {
        let at = match &hop.at {
            Place::Pod { name, .. } => name.clone(),
            Place::Device { node, device } if device.starts_with("veth") || device.starts_with("cali") => format!("{node}/veth"),
            Place::Device { node, device } => format!("{node}/{device}"),
            other => other.to_string(),
        };
        let packet = &hop.steps.last().expect("a step").packet;
        let notable: Vec<String> = hop
            .steps
            .iter()
            .filter_map(|step| match &step.action {
                Action::Translated { .. } => Some("translated".to_owned()),
                Action::Encapsulated => Some("encapsulated".to_owned()),
                Action::Decapsulated => Some("decapsulated".to_owned()),
                Action::Accepted => Some("accepted".to_owned()),
                Action::Dropped { cause } => Some(format!("dropped {cause:?}")),
                Action::Rejected { cause } => Some(format!("rejected {cause:?}")),
                Action::Originated | Action::Received | Action::Routed | Action::Filtered | Action::Sent => None,
            })
            .collect();
        lines.push_str(format!("{at} | {packet} ttl {} | {}\n", packet.ttl, notable.join(" ")).trim_end_matches(" | \n"));
        lines.push('\n');
    }
    lines
}

#[test]
fn print_all() {
    for cni in [Cni::Flannel, Cni::Calico, Cni::KubeRouter] {
        let mut bed = bed(cni);
        bed.pod("a", "node-1", "10.244.1.2").pod("b", "node-1", "10.244.1.3").pod("c", "node-2", "10.244.2.2");
        bed.service("web", "10.96.0.20", 80, &["10.244.2.2"], 80);
        println!("== {cni:?}");
        let walks = [
            (pod("a"), syn("10.244.1.2:40000", "10.244.1.3:80")),
            (pod("a"), syn("10.244.1.2:40001", "10.96.0.20:80")),
            (pod("a"), syn("10.244.1.2:40002", "10.244.2.77:80")),
            (pod("a"), syn("10.244.1.2:40002", "10.244.1.77:80")),
            (pod("a"), syn("10.244.1.2:40003", "1.1.1.1:80")),
            (pod("a"), syn("10.244.1.2:40004", "192.168.1.11:30080")),
            (Netns::External("laptop".to_owned()), syn("203.0.113.50:40005", "192.168.1.11:30080")),
            (Netns::Node("node-1".to_owned()), syn("192.168.1.11:40006", "10.96.0.20:80")),
            (Netns::Node("node-1".to_owned()), syn("192.168.1.11:40006", "127.0.0.1:30080")),
        ];
        for (from, packet) in walks {
            let walk = bed.walk(&from, packet);
            println!("{}{:?} {:?}\n", story(&walk), walk.end, walk.latency);
            if let End::Rejected { by, error } = walk.end {
                println!("  back:\n{}", story(&bed.walk(&by, error)));
            }
        }
        if cni == Cni::Flannel {
            let state = bed.dataplane.node(&bed.cluster, &bed.store, "node-1").unwrap();
            println!("{}", state.host.netfilter.saved());
            state.host.routes.iter().for_each(|r| println!("{r}"));
        }
    }
}
