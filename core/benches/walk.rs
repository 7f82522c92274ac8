//! How long one packet's walk takes: from a Pod through a Service to a Pod on another node, in a cluster of 1,000 Services.
//! `cargo bench -p hoplab-core`. Budget: 5 µs.

use criterion::{Criterion, criterion_group, criterion_main};
use hoplab_core::api::{Cluster, Cni, Kind, Object, ObjectRef};
use hoplab_core::clock::Instant;
use hoplab_core::dataplane::{Dataplane, Netns};
use hoplab_core::net::{Packet, SocketAddr, TcpFlags};
use hoplab_core::store::Store;
use serde_json::{Value, json};
use std::hint::black_box;

const SERVICES: u32 = 1_000;

fn object(kind: Kind, document: Value) -> Object {
    Object::from_document(kind, document).expect("a document of the bench")
}

fn pod(name: &str, node: &str, ip: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "nginx:alpine"}]},
        "status": {"phase": "Running", "podIP": ip}})
}

fn store() -> Store {
    let client = object(Kind::Pod, pod("client", "node-1", "10.244.1.2"));
    let server = object(Kind::Pod, pod("server", "node-2", "10.244.2.2"));
    let mut objects = vec![client, server];
    for number in 0..SERVICES {
        let (name, ip) = (format!("web-{number}"), format!("10.97.{}.{}", number / 250, number % 250 + 1));
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"clusterIP": ip, "clusterIPs": [ip], "ports": [{"port": 80, "protocol": "TCP"}]}});
        objects.push(object(Kind::Service, service));
        let slice = json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": format!("{name}-1"), "namespace": "shop", "labels": {"kubernetes.io/service-name": name}},
            "endpoints": [{"addresses": ["10.244.2.2"]}], "ports": [{"port": 80, "protocol": "TCP"}]});
        objects.push(object(Kind::EndpointSlice, slice));
    }
    Store::holding(objects)
}

fn walk(criterion: &mut Criterion) {
    let store = store();
    let client = Netns::Pod(ObjectRef::namespaced(Kind::Pod, "shop", "client"));
    for cni in [Cni::Flannel, Cni::Calico, Cni::KubeRouter] {
        let cluster = Cluster { cni, ..Cluster::default() };
        let mut dataplane = Dataplane::default();
        let mut port = 0;
        criterion.bench_function(&format!("walk through a Service across nodes, {cni:?}"), |bencher| {
            bencher.iter(|| {
                port = (port + 1) % 20_000;
                let source = SocketAddr::from(([10, 244, 1, 2], 32_768 + port));
                let packet = Packet::tcp(source, SocketAddr::from(([10, 97, 3, 200], 80)), TcpFlags::Syn);
                black_box(dataplane.walk(&cluster, &store, &client, packet, Instant::default()))
            });
        });
    }
    let cluster = Cluster { cni: Cni::Flannel, ..Cluster::default() };
    criterion.bench_function("compile one node's tables", |bencher| {
        bencher.iter(|| black_box(Dataplane::default().node(&cluster, &store, "node-1")));
    });
}

criterion_group!(benches, walk);
criterion_main!(benches);
