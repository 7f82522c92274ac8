//! Service ports with their endpoints, as kube-proxy keeps them: one entry for each port of each Service it handles.

use super::Family;
use super::endpoints::Endpoint;
use crate::api::{EndpointSlice, Kind, Object, ObjectRef, ServicePort, SlicePort};
use crate::net::{IpAddr, IpNet, Protocol, SocketAddr};
use crate::store::Store;
use serde_json::Value;
use std::collections::BTreeMap;

/// `service.kubernetes.io/service-proxy-name` hands a Service to another proxy.
const OTHER_PROXY_LABEL: &str = "service.kubernetes.io/service-proxy-name";
const SERVICE_NAME_LABEL: &str = "kubernetes.io/service-name";
/// The API server's default for `sessionAffinityConfig.clientIP.timeoutSeconds`: three hours.
const DEFAULT_AFFINITY_SECONDS: u32 = 10_800;

#[derive(Clone, Debug, PartialEq)]
pub struct ServicePortView {
    pub service: ObjectRef,
    /// `namespace/name:port`, or `namespace/name` for an unnamed port.
    pub name: String,
    pub protocol: Protocol,
    pub cluster_ip: IpAddr,
    pub port: u16,
    pub node_port: Option<u16>,
    pub external_ips: Vec<IpAddr>,
    pub load_balancer_ips: Vec<IpAddr>,
    pub load_balancer_source_ranges: Vec<IpNet>,
    pub health_check_node_port: Option<u16>,
    /// Seconds that a client sticks to its endpoint.
    pub client_ip_affinity: Option<u32>,
    pub external_local: bool,
    pub internal_local: bool,
    pub endpoints: Vec<Endpoint>,
}

impl ServicePortView {
    pub fn externally_accessible(&self) -> bool {
        self.node_port.is_some() || !self.external_ips.is_empty() || !self.load_balancer_ips.is_empty()
    }

    /// Even with external policy `Local` the node's own traffic is short-circuited to any endpoint.
    pub fn uses_cluster_endpoints(&self) -> bool {
        !self.internal_local || self.externally_accessible()
    }

    pub fn uses_local_endpoints(&self) -> bool {
        self.internal_local || (self.external_local && self.externally_accessible())
    }
}

/// Every Service port that a node's kube-proxy handles in one address family, by Service and in the Service's order.
pub fn service_ports(store: &Store, node: &str, family: Family) -> Vec<ServicePortView> {
    let slices = slices_by_service(store);
    store
        .list(Kind::Service)
        .filter(|service| !service.meta().labels.contains_key(OTHER_PROXY_LABEL))
        .flat_map(|service| views(service, slices.get(&service.reference()).map(Vec::as_slice).unwrap_or_default(), node, family))
        .collect()
}

fn slices_by_service(store: &Store) -> BTreeMap<ObjectRef, Vec<&EndpointSlice>> {
    let mut slices: BTreeMap<ObjectRef, Vec<&EndpointSlice>> = BTreeMap::new();
    for object in store.list(Kind::EndpointSlice) {
        if let (Some(service), Some(slice)) = (object.meta().labels.get(SERVICE_NAME_LABEL), object.as_endpoint_slice()) {
            slices.entry(ObjectRef::namespaced(Kind::Service, object.namespace(), service)).or_default().push(slice);
        }
    }
    slices
}

fn views(object: &Object, slices: &[&EndpointSlice], node: &str, family: Family) -> Vec<ServicePortView> {
    let Some(service) = object.as_service() else { return Vec::new() };
    let listed = service.spec.cluster_ips.iter().filter_map(|text| text.parse().ok());
    let Some(cluster_ip) = service.cluster_ip().into_iter().chain(listed).find(|ip: &IpAddr| family.has(*ip)) else {
        return Vec::new();
    };
    let spec = &object.document()["spec"];
    let is_local = |policy: &Option<String>| policy.as_deref() == Some("Local");
    let external_local = is_local(&service.spec.external_traffic_policy);
    // The API server keeps the port of a Service that needs it no longer.
    let needs_health_check = external_local && service.spec.kind.as_deref() == Some("LoadBalancer");
    let health_check = spec["healthCheckNodePort"].as_u64().and_then(|port| u16::try_from(port).ok());
    let view = |port: &ServicePort| ServicePortView {
        service: object.reference(),
        name: port_name(object, port),
        protocol: port.protocol,
        cluster_ip,
        port: port.port,
        node_port: port.node_port.filter(|port| *port != 0),
        external_ips: of_family(service.spec.external_ips.iter().copied(), family),
        load_balancer_ips: of_family(load_balancer_ips(object.document()), family),
        load_balancer_source_ranges: source_ranges(spec, family),
        health_check_node_port: health_check.filter(|port| *port != 0 && needs_health_check),
        client_ip_affinity: affinity_seconds(&service.spec.session_affinity, spec),
        external_local,
        internal_local: is_local(&service.spec.internal_traffic_policy),
        endpoints: endpoints(slices, port, family, node),
    };
    service.spec.ports.iter().map(view).collect()
}

fn port_name(service: &Object, port: &ServicePort) -> String {
    let name = format!("{}/{}", service.namespace(), service.name());
    match port.name.as_deref() {
        Some(port) if !port.is_empty() => format!("{name}:{port}"),
        _ => name,
    }
}

fn of_family(addresses: impl Iterator<Item = IpAddr>, family: Family) -> Vec<IpAddr> {
    addresses.filter(|address| family.has(*address)).collect()
}

/// `status.loadBalancer.ingress[].ip`, except those that the balancer itself delivers (`ipMode: Proxy`).
fn load_balancer_ips(document: &Value) -> impl Iterator<Item = IpAddr> {
    let ingress = document["status"]["loadBalancer"]["ingress"].as_array().map(Vec::as_slice).unwrap_or_default();
    ingress.iter().filter(|point| point["ipMode"] != "Proxy").filter_map(|point| point["ip"].as_str()?.parse().ok())
}

fn source_ranges(spec: &Value, family: Family) -> Vec<IpNet> {
    let ranges = spec["loadBalancerSourceRanges"].as_array().map(Vec::as_slice).unwrap_or_default();
    ranges
        .iter()
        .filter_map(|range| range.as_str()?.trim().parse().ok())
        .filter(|range: &IpNet| family.has(range.addr()))
        .collect()
}

fn affinity_seconds(affinity: &Option<String>, spec: &Value) -> Option<u32> {
    if affinity.as_deref() != Some("ClientIP") {
        return None;
    }
    let configured = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"].as_u64();
    Some(configured.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_AFFINITY_SECONDS))
}

/// Sorted by address, each once: kube-proxy's own order.
fn endpoints(slices: &[&EndpointSlice], port: &ServicePort, family: Family, node: &str) -> Vec<Endpoint> {
    let mut by_address: BTreeMap<String, Endpoint> = BTreeMap::new();
    for slice in slices {
        for slice_port in slice.ports.iter().filter(|candidate| is_same_port(candidate, port)) {
            for endpoint in &slice.endpoints {
                // Only the first address counts (discovery/v1: the others are not to be used).
                let Some(address) = endpoint.addresses.first().and_then(|text| text.parse::<IpAddr>().ok()) else { continue };
                let Some(number) = slice_port.port.filter(|_| family.has(address)) else { continue };
                let address = SocketAddr::new(address, number);
                let ready = endpoint.conditions.ready.unwrap_or(true);
                let entry = Endpoint {
                    address,
                    local: endpoint.node_name.as_deref() == Some(node),
                    ready,
                    serving: endpoint.conditions.serving.unwrap_or(ready),
                    terminating: endpoint.conditions.terminating.unwrap_or(false),
                };
                by_address.insert(address.to_string(), entry);
            }
        }
    }
    by_address.into_values().collect()
}

fn is_same_port(slice_port: &SlicePort, port: &ServicePort) -> bool {
    slice_port.name.as_deref().unwrap_or_default() == port.name.as_deref().unwrap_or_default()
        && slice_port.protocol == port.protocol
}
