//! What a cluster holds before anybody puts anything in it: namespaces, nodes, the API's own Service, kube-system.
//!
//! Input: the scene's `Cluster` and the moment it is made. Output: objects in the order in which kubeadm and the controllers make them; Pods of workloads
//! are left to the controllers.

mod control_plane;
mod dns;
mod network;
mod node;

use super::object;
use crate::api::{Cluster, Kind, Object};
use crate::clock::Instant;
use crate::net::{IpAddr, IpNet};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(crate) fn objects(cluster: &Cluster, now: Instant) -> Vec<Object> {
    let mut objects: Vec<Object> = namespaces(cluster).into_iter().map(namespace).collect();
    objects.extend(cluster.nodes.iter().map(|node| node::object_of(cluster, node, now)));
    objects.extend(api_service(cluster));
    objects.extend(control_plane::static_pods(cluster));
    objects.extend(network::objects(cluster));
    objects.extend(dns::objects(cluster));
    objects
}

fn namespaces(cluster: &Cluster) -> Vec<&'static str> {
    ["default", "kube-system", "kube-public", "kube-node-lease"].into_iter().chain(network::own_namespace(cluster.cni)).collect()
}

fn namespace(name: &str) -> Object {
    object(
        Kind::Namespace,
        json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } },
            "spec": { "finalizers": ["kubernetes"] },
            "status": { "phase": "Active" },
        }),
    )
}

/// Service `default/kubernetes` and where it leads: the API server, on the control plane's node or beyond the cluster's edge.
fn api_service(cluster: &Cluster) -> [Object; 3] {
    let address = address(&cluster.service_cidr, 1).to_string();
    let (server, port) = match cluster.nodes.iter().find(|node| node.control_plane) {
        Some(node) => (node.internal_ip.to_string(), 6_443),
        // A managed control plane: GKE's private endpoint has an address like this one.
        None => ("172.16.0.2".to_owned(), 443),
    };
    let metadata = |labels: Value| json!({ "name": "kubernetes", "namespace": "default", "labels": labels });
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(json!({ "component": "apiserver", "provider": "kubernetes" })),
        "spec": {
            "type": "ClusterIP",
            "clusterIP": address,
            "clusterIPs": [address],
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
            "sessionAffinity": "None",
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": port }],
        },
        "status": { "loadBalancer": {} },
    });
    let endpoints = json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": metadata(json!({ "endpointslice.kubernetes.io/skip-mirror": "true" })),
        "subsets": [{ "addresses": [{ "ip": server }], "ports": [{ "name": "https", "port": port, "protocol": "TCP" }] }],
    });
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata(json!({ "kubernetes.io/service-name": "kubernetes" })),
        "addressType": "IPv4",
        "endpoints": [{ "addresses": [server], "conditions": { "ready": true } }],
        "ports": [{ "name": "https", "port": port, "protocol": "TCP" }],
    });
    [object(Kind::Service, service), object(Kind::Endpoints, endpoints), object(Kind::EndpointSlice, slice)]
}

fn service_account(namespace: &str, name: &str) -> Object {
    let metadata = json!({ "name": name, "namespace": namespace });
    object(Kind::ServiceAccount, json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata }))
}

/// The address `offset` places after the first one of a range.
fn address(range: &IpNet, offset: u32) -> IpAddr {
    match range.network() {
        IpAddr::V4(base) => Ipv4Addr::from_bits(base.to_bits().saturating_add(offset)).into(),
        IpAddr::V6(base) => Ipv6Addr::from_bits(base.to_bits().saturating_add(u128::from(offset))).into(),
    }
}
