//! CoreDNS in a running cluster: what it answers for Services, endpoints, Pods and names elsewhere, and when. Asked by packets
//! from a node; the expectations follow the DNS specification for Kubernetes and CoreDNS 1.12.

use hoplab_core::api::{Cluster, Cni};
use hoplab_core::clock::Duration;
use hoplab_core::dataplane::Netns;
use hoplab_core::net::{DnsMessage, DnsRecord, Payload, Rcode, RecordData, RecordType, SocketAddr};
use hoplab_core::world::{ReplyOutcome, World};

const OBJECTS: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop, labels: { app: web } }
spec: { hostname: first, subdomain: pods, containers: [{ name: web, image: 'nginx:alpine' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: web, image: 'nginx:alpine' }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.5.5, clusterIPs: [10.96.5.5], selector: { app: web }, ports: [{ name: http, port: 80, protocol: TCP }] }
---
apiVersion: v1
kind: Service
metadata: { name: pods, namespace: shop }
spec: { clusterIP: None, clusterIPs: [None], selector: { app: web }, ports: [{ name: http, port: 80, protocol: TCP }] }
---
apiVersion: v1
kind: Service
metadata: { name: elsewhere, namespace: shop }
spec: { type: ExternalName, externalName: db.example.com }
";

struct Scene {
    world: World,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self { world: World::new(Cluster { cni: Cni::Flannel, ..Cluster::default() }) };
        scene.create(OBJECTS);
        scene.world.advance(Duration::from_secs(60));
        scene
    }

    fn create(&mut self, manifest: &str) {
        let parsed = hoplab_core::manifest::parse(manifest, "dns.yaml");
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        for document in parsed.documents {
            self.world.create(document.object).expect("the API server takes the object");
        }
    }

    fn ask(&mut self, name: &str, kind: RecordType) -> DnsMessage {
        let to = SocketAddr::from(([10, 96, 0, 10], 53));
        let query = Payload::Dns(DnsMessage::query(1, name, kind));
        let reply = self.world.udp(&Netns::Node("node-1".to_owned()), to, query, "DNS query");
        match reply.outcome {
            ReplyOutcome::Payload(Payload::Dns(message)) => message,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// The code, then each answer as `TTL data`, sorted.
    fn answers(&mut self, name: &str, kind: RecordType) -> String {
        let reply = self.ask(name, kind);
        let mut lines: Vec<String> = reply.answers.iter().map(|record| format!("{} {}", record.ttl, data(record))).collect();
        lines.sort();
        match (reply.rcode, lines.is_empty()) {
            (Rcode::NoError, true) => "no data".to_owned(),
            (Rcode::NoError, false) => lines.join(", "),
            (code, _) => format!("{code:?}"),
        }
    }
}

fn data(record: &DnsRecord) -> String {
    match &record.data {
        RecordData::Address(ip) => ip.to_string(),
        RecordData::Cname(name) | RecordData::Ptr(name) | RecordData::Ns(name) => name.clone(),
        RecordData::Srv { port, target, .. } => format!("{port} {target}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn names_of_services_endpoints_and_pods() {
    use RecordType::{A, Aaaa, Cname, Ptr, Srv};
    let mut scene = Scene::new();
    let pods: Vec<String> = ["web-0", "web-1"]
        .iter()
        .map(|name| {
            let reference = hoplab_core::api::ObjectRef::namespaced(hoplab_core::api::Kind::Pod, "shop", *name);
            let pod = scene.world.store().get(&reference).expect("the Pod is there");
            pod.as_pod().and_then(|pod| pod.ip()).expect("the Pod runs").to_string()
        })
        .collect();
    let dashed = pods[1].replace('.', "-");
    let reverse = |ip: &str| format!("{}.in-addr.arpa.", ip.split('.').rev().collect::<Vec<_>>().join("."));
    let mut both = pods.clone();
    both.sort();
    let cases = [
        ("web.shop.svc.cluster.local.", A, "30 10.96.5.5".to_owned()),
        ("web.shop.svc.cluster.local.", Aaaa, "no data".to_owned()),
        ("_http._tcp.web.shop.svc.cluster.local.", Srv, "30 80 web.shop.svc.cluster.local.".to_owned()),
        ("5.5.96.10.in-addr.arpa.", Ptr, "30 web.shop.svc.cluster.local.".to_owned()),
        ("pods.shop.svc.cluster.local.", A, format!("30 {}, 30 {}", both[0], both[1])),
        ("first.pods.shop.svc.cluster.local.", A, format!("30 {}", pods[0])),
        (&format!("{dashed}.pods.shop.svc.cluster.local."), A, format!("30 {}", pods[1])),
        // One name per Service that the Pod stands behind; its host name counts only under the Service of its subdomain.
        (
            &reverse(&pods[0]),
            Ptr,
            format!("30 {}.web.shop.svc.cluster.local., 30 first.pods.shop.svc.cluster.local.", pods[0].replace('.', "-")),
        ),
        // `pods insecure`: the server does not look whether the Pod exists.
        ("192-0-2-7.shop.pod.cluster.local.", A, "30 192.0.2.7".to_owned()),
        ("192-0-2-7.nosuch.pod.cluster.local.", A, "NxDomain".to_owned()),
        ("elsewhere.shop.svc.cluster.local.", Cname, "30 db.example.com.".to_owned()),
        ("elsewhere.shop.svc.cluster.local.", A, "30 db.example.com., 300 192.0.2.13".to_owned()),
        ("shop.svc.cluster.local.", A, "no data".to_owned()),
        ("web-0.shop.svc.cluster.local.", A, "NxDomain".to_owned()),
        ("example.com.", A, "30 192.0.2.10".to_owned()),
        ("example.invalid.", A, "NxDomain".to_owned()),
        // A reverse name that the cluster does not know goes on to the next resolver.
        ("1.2.0.192.in-addr.arpa.", Ptr, "NxDomain".to_owned()),
    ];
    for (name, kind, expected) in cases {
        assert_eq!(scene.answers(name, kind), expected, "{name} {kind:?}");
    }
}

#[test]
fn a_new_service_is_known_only_after_the_watch_has_delivered_it() {
    let mut scene = Scene::new();
    scene.create("apiVersion: v1\nkind: Service\nmetadata: { name: late, namespace: shop }\nspec: { ports: [{ port: 80, protocol: TCP }] }\n");
    assert_eq!(scene.answers("late.shop.svc.cluster.local.", RecordType::A), "NxDomain");
    scene.world.advance(Duration::from_millis(200));
    assert!(scene.answers("late.shop.svc.cluster.local.", RecordType::A).starts_with("30 10."));
}

#[test]
fn names_elsewhere_are_cached_and_cluster_names_are_not() {
    let mut scene = Scene::new();
    let first = scene.ask("www.example.com.", RecordType::A);
    assert!(!first.authoritative, "the first answer is the upstream's");
    scene.world.advance(Duration::from_secs(10));
    // Two CoreDNS Pods share one memory here, as one client would see with one server.
    let second = scene.ask("www.example.com.", RecordType::A);
    assert_eq!((second.authoritative, second.answers[0].ttl), (true, 20));
    scene.ask("web.shop.svc.cluster.local.", RecordType::A);
    scene.world.advance(Duration::from_secs(10));
    assert_eq!(scene.answers("web.shop.svc.cluster.local.", RecordType::A), "30 10.96.5.5");
}
