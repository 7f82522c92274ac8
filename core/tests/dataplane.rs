//! The walk of a packet, by network plugin: through which devices, under which addresses, with which TTL, and where it ends.
//! What a kernel decides was measured on Linux 6.1 with network namespaces, bridges, VXLAN and iptables 1.8.9 in the same shape.

use hoplab_core::api::{Cluster, Cni, Kind, Object, ObjectRef};
use hoplab_core::clock::{Duration, Instant};
use hoplab_core::dataplane::{Dataplane, End, Netns, Walk};
use hoplab_core::net::{Encapsulation, Icmp, Packet, Payload, TcpFlags, Transport};
use hoplab_core::store::Store;
use hoplab_core::trace::{Action, Cause, Place, Step};
use serde_json::{Value, json};

struct Bed {
    cluster: Cluster,
    objects: Vec<Object>,
    store: Store,
    dataplane: Dataplane,
}

/// Nodes `control-plane`, `node-1` and `node-2` at 192.168.1.10 to .12, with Pod ranges 10.244.0.0/24 to 10.244.2.0/24.
fn bed(cni: Cni) -> Bed {
    let cluster = Cluster { cni, ..Cluster::default() };
    let mut bed = Bed { cluster, objects: Vec::new(), store: Store::default(), dataplane: Dataplane::default() };
    bed.create(Kind::Namespace, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
    bed
}

/// Pods `a` and `b` on node-1, `c` on node-2, each with nginx on TCP 80.
fn three_pods(cni: Cni) -> Bed {
    let mut bed = bed(cni);
    bed.pod("a", "node-1", "10.244.1.2");
    bed.pod("b", "node-1", "10.244.1.3");
    bed.pod("c", "node-2", "10.244.2.2");
    bed
}

impl Bed {
    /// The state of a cluster, not a request to one: a Pod's status is what its document says.
    fn create(&mut self, kind: Kind, document: Value) {
        self.objects.push(Object::from_document(kind, document).expect("a document in a test"));
        self.store = Store::holding(self.objects.iter().cloned());
        self.dataplane = Dataplane::default();
    }

    fn pod(&mut self, name: &str, node: &str, ip: &str) {
        let document = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
            "spec": {"nodeName": node, "containers": [{"name": "c", "image": "nginx:alpine"}]},
            "status": {"phase": "Running", "podIP": ip, "conditions": [{"type": "Ready", "status": "True"}]}
        });
        self.create(Kind::Pod, document);
    }

    /// Port 80 and node port 30080 to port 80 of Pods with these addresses.
    fn service(&mut self, ip: &str, endpoints: &[&str], target: u16) {
        let document = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"clusterIP": ip, "clusterIPs": [ip], "type": "NodePort",
                "ports": [{"port": 80, "targetPort": target, "protocol": "TCP", "nodePort": 30080}]}
        });
        self.create(Kind::Service, document);
        let endpoints: Vec<Value> =
            endpoints.iter().map(|ip| json!({"addresses": [ip], "conditions": {"ready": true}})).collect();
        let document = json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "web-1", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}},
            "endpoints": endpoints, "ports": [{"name": "", "port": target, "protocol": "TCP"}]
        });
        self.create(Kind::EndpointSlice, document);
    }

    fn policy(&mut self, spec: Value) {
        let document = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "policy", "namespace": "shop"}, "spec": spec
        });
        self.create(Kind::NetworkPolicy, document);
    }

    fn walk(&mut self, from: &Netns, packet: Packet) -> Walk {
        self.dataplane.walk(&self.cluster, &self.store, from, packet, Instant::default())
    }

    /// The packet that comes back: a SYN-ACK from where it arrived, or the error that somebody made.
    fn answer(&mut self, walk: &Walk) -> Walk {
        match &walk.end {
            End::Delivered { at, packet } => {
                let (own, peer) = (packet.destination_socket(), packet.source_socket());
                let answer = Packet::tcp(own.expect("TCP"), peer.expect("TCP"), TcpFlags::SynAck);
                self.walk(at, answer)
            }
            End::Rejected { by, error } => self.walk(by, error.clone()),
            End::Dropped => panic!("nothing comes back for a dropped packet"),
        }
    }
}

fn pod(name: &str) -> Netns {
    Netns::Pod(ObjectRef::namespaced(Kind::Pod, "shop", name))
}

fn node(name: &str) -> Netns {
    Netns::Node(name.to_owned())
}

fn syn(from: &str, to: &str) -> Packet {
    Packet::tcp(from.parse().expect("a socket"), to.parse().expect("a socket"), TcpFlags::Syn)
}

/// One line per hop: place, addresses and TTL as it leaves. Names of veths are random, so only their node is shown; the ports
/// that masquerading draws are, too.
fn hops(walk: &Walk) -> Vec<String> {
    let line = |at: &Place, step: &Step| {
        let at = match at {
            Place::Pod { name, .. } => name.clone(),
            Place::Device { node, device } if device.starts_with("veth") || device.starts_with("cali") => format!("{node}/veth"),
            Place::Device { node, device } => format!("{node}/{device}"),
            other => other.to_string(),
        };
        let is_drawn = |port: u16| !matches!(port, 80 | 81 | 8080 | 10_250 | 30_080 | 33_434 | 40_000..=40_100);
        let end = |socket: Option<std::net::SocketAddr>, address: std::net::IpAddr| match socket {
            Some(socket) if is_drawn(socket.port()) => format!("{address}:*"),
            Some(socket) => socket.to_string(),
            None => address.to_string(),
        };
        let packet = &step.packet;
        let source = end(packet.source_socket(), packet.source);
        format!("{at} {source}>{} ttl {}", end(packet.destination_socket(), packet.destination), packet.ttl)
    };
    walk.trace.hops.iter().map(|hop| line(&hop.at, hop.steps.last().expect("a hop has a step"))).collect()
}

fn cause(walk: &Walk) -> Option<Cause> {
    match walk.trace.end()?.action {
        Action::Dropped { cause } | Action::Rejected { cause } => Some(cause),
        _ => None,
    }
}

fn steps(walk: &Walk) -> impl Iterator<Item = &Step> {
    walk.trace.hops.iter().flat_map(|hop| &hop.steps)
}

#[test]
fn pods_of_one_node_talk_over_the_bridge_and_no_router_touches_the_ttl() {
    for (cni, bridge) in [(Cni::Flannel, "cni0"), (Cni::KubeRouter, "kube-bridge")] {
        let mut bed = three_pods(cni);
        let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.244.1.3:80"));
        let packet = "10.244.1.2:40000>10.244.1.3:80 ttl 64";
        let places = ["a", "node-1/veth", &format!("node-1/{bridge}"), "node-1/veth", "b"];
        assert_eq!(hops(&walk), places.map(|place| format!("{place} {packet}")));
        assert!(walk.trace.is_delivered());
    }
}

#[test]
fn calico_routes_even_between_pods_of_one_node() {
    let mut bed = three_pods(Cni::Calico);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.244.1.3:80"));
    let expected = [
        "a 10.244.1.2:40000>10.244.1.3:80 ttl 64",
        "node-1/veth 10.244.1.2:40000>10.244.1.3:80 ttl 64",
        "node-1 10.244.1.2:40000>10.244.1.3:80 ttl 63",
        "node-1/veth 10.244.1.2:40000>10.244.1.3:80 ttl 63",
        "b 10.244.1.2:40000>10.244.1.3:80 ttl 63",
    ];
    assert_eq!(hops(&walk), expected);
}

/// Measured: `clusterip` of the kernel scenario; TTL 62 at the receiver, the Service's address back in the answer.
#[test]
fn a_service_is_translated_on_the_senders_node_and_back_there() {
    let mut bed = three_pods(Cni::KubeRouter);
    bed.service("10.96.0.20", &["10.244.2.2"], 80);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40007", "10.96.0.20:80"));
    let expected = [
        "a 10.244.1.2:40007>10.96.0.20:80 ttl 64",
        "node-1/veth 10.244.1.2:40007>10.96.0.20:80 ttl 64",
        "node-1/kube-bridge 10.244.1.2:40007>10.96.0.20:80 ttl 64",
        "node-1 10.244.1.2:40007>10.244.2.2:80 ttl 63",
        "node-1/eth0 10.244.1.2:40007>10.244.2.2:80 ttl 63",
        "network between nodes 10.244.1.2:40007>10.244.2.2:80 ttl 63",
        "node-2/eth0 10.244.1.2:40007>10.244.2.2:80 ttl 63",
        "node-2 10.244.1.2:40007>10.244.2.2:80 ttl 62",
        "node-2/kube-bridge 10.244.1.2:40007>10.244.2.2:80 ttl 62",
        "node-2/veth 10.244.1.2:40007>10.244.2.2:80 ttl 62",
        "c 10.244.1.2:40007>10.244.2.2:80 ttl 62",
    ];
    assert_eq!(hops(&walk), expected);
    let expected = [
        "c 10.244.2.2:80>10.244.1.2:40007 ttl 64",
        "node-2/veth 10.244.2.2:80>10.244.1.2:40007 ttl 64",
        "node-2/kube-bridge 10.244.2.2:80>10.244.1.2:40007 ttl 64",
        "node-2 10.244.2.2:80>10.244.1.2:40007 ttl 63",
        "node-2/eth0 10.244.2.2:80>10.244.1.2:40007 ttl 63",
        "network between nodes 10.244.2.2:80>10.244.1.2:40007 ttl 63",
        "node-1/eth0 10.244.2.2:80>10.244.1.2:40007 ttl 63",
        "node-1 10.96.0.20:80>10.244.1.2:40007 ttl 62",
        "node-1/kube-bridge 10.96.0.20:80>10.244.1.2:40007 ttl 62",
        "node-1/veth 10.96.0.20:80>10.244.1.2:40007 ttl 62",
        "a 10.96.0.20:80>10.244.1.2:40007 ttl 62",
    ];
    assert_eq!(hops(&bed.answer(&walk)), expected);
}

/// Measured: VXLAN from node address to node address, port 8472, TTL 62 at the receiver across nodes.
#[test]
fn flannel_carries_the_frame_in_vxlan_between_the_nodes() {
    let mut bed = three_pods(Cni::Flannel);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.244.2.2:80"));
    let places: Vec<String> = hops(&walk).iter().map(|line| line.split_once(' ').expect("a line").0.to_owned()).collect();
    let expected = [
        "a",
        "node-1/veth",
        "node-1/cni0",
        "node-1",
        "node-1/flannel.1",
        "node-1/eth0",
        "network",
        "node-2/eth0",
        "node-2/flannel.1",
        "node-2",
        "node-2/cni0",
        "node-2/veth",
        "c",
    ];
    assert_eq!(places, expected);
    let outer = steps(&walk).find(|step| step.action == Action::Encapsulated).and_then(|step| step.packet.outer.clone());
    let Some(Encapsulation::Vxlan { vni, source, destination, destination_port, ttl, .. }) = outer else {
        panic!("no VXLAN header: {outer:?}")
    };
    assert_eq!((vni, destination_port, ttl), (1, 8472, 64));
    assert_eq!((source.to_string(), destination.to_string()), ("192.168.1.11".to_owned(), "192.168.1.12".to_owned()));
    assert_eq!(walk.trace.end().map(|step| step.packet.ttl), Some(62));
}

#[test]
fn calico_carries_the_packet_in_ipip_between_the_nodes() {
    let mut bed = three_pods(Cni::Calico);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.244.2.2:80"));
    let outer = steps(&walk).find(|step| step.action == Action::Encapsulated).and_then(|step| step.packet.outer.clone());
    // tunl0 inherits the inner TTL, which the node has already lowered.
    let [source, destination] = [[192, 168, 1, 11], [192, 168, 1, 12]].map(Into::into);
    assert_eq!(outer, Some(Encapsulation::IpIp { source, destination, ttl: 63 }));
    assert_eq!(walk.trace.end().map(|step| step.packet.ttl), Some(62));
}

/// Measured: `hairpin` and `same-node-backend`. br_netfilter keeps translated frames at the bridge: the TTL stays 64.
#[test]
fn a_pod_that_reaches_itself_through_its_service_sees_the_bridge_as_the_client() {
    let mut bed = three_pods(Cni::Flannel);
    bed.service("10.96.0.20", &["10.244.1.2"], 80);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40009", "10.96.0.20:80"));
    assert_eq!(hops(&walk).last().map(String::as_str), Some("a 10.244.1.1:*>10.244.1.2:80 ttl 64"));
    let back = bed.answer(&walk);
    assert_eq!(hops(&back).last().map(String::as_str), Some("a 10.96.0.20:80>10.244.1.2:40009 ttl 64"));
    let walk = bed.walk(&pod("b"), syn("10.244.1.3:40025", "10.96.0.20:80"));
    assert_eq!(hops(&walk).last().map(String::as_str), Some("a 10.244.1.3:40025>10.244.1.2:80 ttl 64"));
}

/// Measured: `nodeport-from-ext`, `nodeport-from-pod`, `clusterip-from-node`, `nodeport-localhost`: source is the node's
/// address on the way to the endpoint; the answer comes back from where the client called.
#[test]
fn traffic_from_outside_the_pod_network_takes_the_nodes_address() {
    let cases = [
        (Netns::External("laptop".to_owned()), "203.0.113.50:40014", "192.168.1.11:30080", 61, 61),
        (pod("a"), "10.244.1.2:40016", "192.168.1.11:30080", 62, 62),
        (node("node-1"), "192.168.1.11:40018", "10.96.0.20:80", 63, 63),
        (node("node-1"), "127.0.0.1:40020", "127.0.0.1:30080", 63, 63),
    ];
    for (from, source, destination, ttl, ttl_back) in cases {
        let mut bed = three_pods(Cni::KubeRouter);
        bed.service("10.96.0.20", &["10.244.2.2"], 80);
        let walk = bed.walk(&from, syn(source, destination));
        let arrived = walk.trace.end().map(|step| (step.packet.source.to_string(), step.packet.ttl));
        assert_eq!(arrived, Some(("192.168.1.11".to_owned(), ttl)), "{source} to {destination}");
        let back = bed.answer(&walk);
        assert!(back.trace.is_delivered(), "{source} to {destination}");
        let end = back.trace.end().map(|step| &step.packet).expect("a last step");
        let sockets = (end.source_socket(), end.destination_socket());
        assert_eq!(sockets, (destination.parse().ok(), source.parse().ok()));
        assert_eq!(end.ttl, ttl_back, "{source} to {destination}");
    }
}

/// Measured: `closed-port`: RST from the Pod itself.
#[test]
fn a_port_without_a_listener_is_refused_by_the_pod() {
    for cni in [Cni::Flannel, Cni::Calico, Cni::KubeRouter] {
        let mut bed = three_pods(cni);
        let walk = bed.walk(&pod("a"), syn("10.244.1.2:40003", "10.244.2.2:8080"));
        assert_eq!(cause(&walk), Some(Cause::NoListener));
        let back = bed.answer(&walk);
        assert_eq!(hops(&back).first().map(String::as_str), Some("c 10.244.2.2:8080>10.244.1.2:40003 ttl 64"));
        assert!(back.trace.is_delivered());
        assert!(walk.latency + back.latency < Duration::from_millis(1));
    }
}

/// Measured: `no-endpoints`: ICMP port unreachable from the bridge's address, at once.
#[test]
fn a_service_without_endpoints_is_refused_by_the_senders_node() {
    let mut bed = three_pods(Cni::Flannel);
    bed.service("10.96.0.20", &[], 80);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40010", "10.96.0.20:80"));
    assert_eq!(cause(&walk), Some(Cause::NoEndpoints));
    let End::Rejected { by, error } = &walk.end else { panic!("not rejected: {:?}", walk.end) };
    assert_eq!((by, error.source), (&node("node-1"), [10, 244, 1, 1].into()));
    assert!(matches!(error.transport, Transport::Icmp(Icmp::PortUnreachable { .. })));
    assert_eq!(hops(&bed.answer(&walk)).last().map(String::as_str), Some("a 10.244.1.1>10.244.1.2 ttl 64"));
}

/// Measured: `clusterip-wrong-port` and `ping-clusterip`: no rule matches, so the packet leaves for the default gateway.
#[test]
fn a_cluster_ip_answers_only_on_its_ports() {
    let ping = Packet::icmp([10, 244, 1, 2].into(), [10, 96, 0, 20].into(), Icmp::EchoRequest { id: 7, sequence: 0 });
    for packet in [syn("10.244.1.2:40012", "10.96.0.20:81"), ping] {
        let mut bed = three_pods(Cni::KubeRouter);
        bed.service("10.96.0.20", &["10.244.2.2"], 80);
        let walk = bed.walk(&pod("a"), packet);
        assert_eq!(walk.end, End::Dropped);
        assert_eq!(walk.trace.hops.last().map(|hop| &hop.at), Some(&Place::Underlay));
    }
}

/// Measured: `no-such-pod-same-subnet` (the sender's own ARP fails) and `no-such-pod-other-node` (the other node's does), both
/// after three seconds. Calico's node has a blackhole route for what is left of its block: silence.
#[test]
fn an_address_without_a_pod_is_unreachable_or_a_black_hole() {
    for cni in [Cni::Flannel, Cni::KubeRouter] {
        let mut bed = three_pods(cni);
        let own = bed.walk(&pod("a"), syn("10.244.1.2:40030", "10.244.1.77:80"));
        assert!(matches!(&own.end, End::Rejected { by, .. } if *by == pod("a")));
        let other = bed.walk(&pod("a"), syn("10.244.1.2:40031", "10.244.2.77:80"));
        assert!(matches!(&other.end, End::Rejected { by, .. } if *by == node("node-2")));
        for walk in [own, other] {
            assert_eq!(cause(&walk), Some(Cause::NoNeighbour));
            assert!(walk.latency > Duration::from_secs(3));
        }
    }
    let mut bed = three_pods(Cni::Calico);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40030", "10.244.1.60:80"));
    assert_eq!((cause(&walk), &walk.end), (Some(Cause::NoRoute), &End::Dropped));
}

/// Measured: `trace-cross` sends UDP with a TTL that runs out: first router is the sender's node, second the receiver's.
#[test]
fn a_ttl_that_runs_out_names_the_routers_of_the_way() {
    for (ttl, router) in [(1, Some("node-1")), (2, Some("node-2")), (3, None)] {
        let mut bed = three_pods(Cni::Flannel);
        let [source, destination] = ["10.244.1.2:40000", "10.244.2.2:33434"].map(|text| text.parse().expect("a socket"));
        let probe = Packet { ttl, ..Packet::udp(source, destination, Payload::Empty) };
        let walk = bed.walk(&pod("a"), probe);
        let by = match &walk.end {
            End::Rejected { by: Netns::Node(name), .. } if cause(&walk) == Some(Cause::TtlExceeded) => Some(name.as_str()),
            _ => None,
        };
        assert_eq!(by, router, "ttl {ttl}");
        assert!(bed.answer(&walk).trace.is_delivered());
    }
}

#[test]
fn a_pod_reaches_its_own_loopback_and_its_own_node() {
    let mut bed = three_pods(Cni::Calico);
    let local = bed.walk(&pod("a"), syn("127.0.0.1:40000", "127.0.0.1:80"));
    assert_eq!((local.trace.is_delivered(), local.trace.hops.len()), (true, 1));
    // The kubelet's port.
    let node = bed.walk(&pod("a"), syn("10.244.1.2:40000", "192.168.1.11:10250"));
    assert!(node.trace.is_delivered());
}

#[test]
fn walking_again_chooses_the_same_endpoint_and_many_connections_reach_all() {
    let mut bed = three_pods(Cni::Flannel);
    bed.service("10.96.0.20", &["10.244.1.2", "10.244.1.3", "10.244.2.2"], 80);
    let mut reached = std::collections::BTreeMap::<String, u32>::new();
    for port in 41_000..41_300 {
        let packet = syn(&format!("10.244.1.2:{port}"), "10.96.0.20:80");
        let [first, again] = [0, 1].map(|_| bed.walk(&pod("a"), packet.clone()));
        assert_eq!(first.end, again.end);
        let Some(step) = first.trace.end() else { panic!("an empty trace") };
        *reached.entry(step.packet.destination.to_string()).or_default() += 1;
    }
    // A third of 300 each, within four standard deviations.
    assert!(reached.len() == 3 && reached.values().all(|count| (67..=133).contains(count)), "{reached:?}");
}

/// Policy sees addresses after translation: port 80 of the Service is port 8080 of the Pod.
#[test]
fn policy_ports_are_pod_ports() {
    for (allowed, service, port_80, port_8080) in [
        (80, Some(Cause::IngressPolicy), None, Some(Cause::IngressPolicy)),
        (8080, Some(Cause::NoListener), Some(Cause::IngressPolicy), Some(Cause::NoListener)),
    ] {
        let mut bed = three_pods(Cni::Calico);
        bed.service("10.96.0.20", &["10.244.2.2"], 8080);
        bed.policy(json!({
            "podSelector": {"matchLabels": {"app": "c"}}, "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": allowed}]}]
        }));
        for (destination, expected) in [("10.96.0.20:80", service), ("10.244.2.2:80", port_80), ("10.244.2.2:8080", port_8080)] {
            let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", destination));
            assert_eq!(cause(&walk), expected, "policy admits {allowed}, packet to {destination}");
        }
    }
}

/// What an isolated sender experiences under each plugin, and that the way ends at the Pod's own veth.
#[test]
fn each_plugin_enforces_policy_in_its_own_way() {
    let cases = [
        (Cni::Flannel, None, "delivered"),
        (Cni::Calico, Some(Cause::EgressPolicy), "dropped"),
        (Cni::KubeRouter, Some(Cause::EgressPolicy), "rejected"),
    ];
    for (cni, expected, fate) in cases {
        let mut bed = three_pods(cni);
        bed.service("10.96.0.20", &["10.244.2.2"], 80);
        bed.policy(json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}));
        let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.96.0.20:80"));
        let got = match &walk.end {
            End::Delivered { .. } => "delivered",
            End::Dropped => "dropped",
            End::Rejected { error, .. } => {
                // Refused in the name of the Service that was called, so that the client's socket recognises it.
                assert_eq!(error.source.to_string(), "10.96.0.20");
                "rejected"
            }
        };
        assert_eq!((cause(&walk), got), (expected, fate), "{cni:?}");
        if expected.is_some() {
            let lines = hops(&walk);
            assert_eq!(lines.last().map(String::as_str), Some("node-1/veth 10.244.1.2:40000>10.244.2.2:80 ttl 63"), "{cni:?}");
            assert_eq!(lines.len(), 2);
        }
    }
}

/// Answers pass by connection tracking; the node's own traffic and a Pod's to itself are never policed.
#[test]
fn policy_lets_answers_the_own_node_and_the_pod_itself_through() {
    for cni in [Cni::Calico, Cni::KubeRouter] {
        let mut bed = three_pods(cni);
        bed.policy(json!({"podSelector": {"matchLabels": {"app": "c"}}, "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "a"}}}]}]}));
        let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.244.2.2:80"));
        assert!(bed.answer(&walk).trace.is_delivered(), "an answer");
        let own_node = bed.walk(&node("node-2"), syn("10.244.2.1:40000", "10.244.2.2:80"));
        assert!(own_node.trace.is_delivered(), "the own node");
        let itself = bed.walk(&pod("c"), syn("10.244.2.2:40000", "10.244.2.2:80"));
        assert!(itself.trace.is_delivered(), "itself");
        let stranger = bed.walk(&pod("b"), syn("10.244.1.3:40000", "10.244.2.2:80"));
        assert_eq!(cause(&stranger), Some(Cause::IngressPolicy));
    }
}

/// Kubernetes documentation, "The two sorts of pod isolation": without a policy a Pod is not isolated, so nothing there "lets in".
#[test]
fn the_caption_at_an_open_gate_is_true_without_any_policy() {
    let mut bed = three_pods(Cni::Calico);
    let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", "10.244.2.2:80"));
    let captions: Vec<String> = walk.trace.hops.iter().map(|hop| hop.caption()).collect();
    assert!(captions.iter().any(|caption| caption == "No policy stops this on its way in to shop/c."), "{captions:?}");
}

#[test]
fn every_hop_has_a_caption_of_at_most_eighteen_words() {
    for cni in [Cni::Flannel, Cni::Calico, Cni::KubeRouter] {
        let mut bed = three_pods(cni);
        bed.service("10.96.0.20", &["10.244.2.2"], 80);
        for destination in
            ["10.96.0.20:80", "10.244.1.3:80", "10.244.2.77:80", "10.244.2.2:8080", "1.1.1.1:443", "192.168.1.12:30080"]
        {
            let walk = bed.walk(&pod("a"), syn("10.244.1.2:40000", destination));
            for hop in &walk.trace.hops {
                let caption = hop.caption();
                assert!((1..=18).contains(&caption.split_whitespace().count()), "{caption}");
            }
        }
    }
}
