//! Addresses and node ports for Services. What is taken is read from the Services in the store, so nothing can leak; which free
//! one is taken is a seeded choice, from the upper part of the range first (KEP-3070 and KEP-3668), as the API server does.

use super::{ApiError, Store};
use crate::api::validation::FieldError;
use crate::api::{Cluster, Kind, ObjectRef};
use crate::net::{IpAddr, IpNet};
use crate::rng;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NODE_PORTS: core::ops::RangeInclusive<u16> = 30_000..=32_767;
/// The lower part of the node ports, left to those who choose: `min(max(16, size / 32), 128)`.
const STATIC_NODE_PORTS: u16 = 86;

/// What the allocators know of the cluster.
#[derive(Clone, Debug)]
pub(super) struct Ranges {
    service_cidr: IpNet,
    seed: u64,
}

impl Ranges {
    pub fn new(cluster: &Cluster) -> Self {
        Self { service_cidr: cluster.service_cidr, seed: cluster.seed }
    }
}

/// Fills in what a Service needs and does not have; refuses what it asks for and cannot get.
pub(super) fn for_new_service(store: &Store, reference: &ObjectRef, document: &mut Value) -> Result<(), ApiError> {
    let Some(spec) = document.get_mut("spec").filter(|spec| spec.is_object()) else { return Ok(()) };
    let mut faults = Vec::new();
    let kind = text(spec, "type").to_owned();
    if ["ClusterIP", "NodePort", "LoadBalancer"].contains(&kind.as_str()) {
        families(spec, &mut faults);
        if faults.is_empty() {
            cluster_ip(store, reference, spec, &mut faults);
        }
    }
    let wants_node_ports = kind == "NodePort" || kind == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] != json!(false);
    node_ports(store, reference, spec, wants_node_ports, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(ApiError::invalid(reference, faults)) }
}

/// Before an update: what the new document leaves out stays allocated, and what its new type cannot have is given back.
pub(super) fn keep(old: &Value, new: &mut Value) {
    let (before, Some(spec)) = (&old["spec"], new.get_mut("spec").filter(|spec| spec.is_object())) else { return };
    let has_address = |spec: &Value| text(spec, "type") != "ExternalName";
    // The old field speaks for the list when only the field was changed.
    let was_changed = !is_empty(&spec["clusterIP"]) && spec["clusterIP"] != before["clusterIP"];
    if was_changed && (is_empty(&spec["clusterIPs"]) || spec["clusterIPs"] == before["clusterIPs"]) {
        spec["clusterIPs"] = json!([spec["clusterIP"]]);
    }
    if has_address(before) && has_address(spec) {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            if is_empty(&spec[field]) {
                spec[field] = before[field].clone();
            }
        }
    } else if has_address(before) && spec["clusterIP"] == before["clusterIP"] {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy", "externalTrafficPolicy"]
        {
            spec[field] = Value::Null;
        }
    }
    let keeps_node_ports = ["NodePort", "LoadBalancer"].contains(&text(spec, "type"));
    if !keeps_node_ports && spec["externalTrafficPolicy"] == before["externalTrafficPolicy"] && is_empty(&spec["externalIPs"]) {
        spec["externalTrafficPolicy"] = Value::Null;
    }
    if text(spec, "type") != "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] == before["allocateLoadBalancerNodePorts"] {
        spec["allocateLoadBalancerNodePorts"] = Value::Null;
    }
    drop_nulls(spec);
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten().filter(|port| port.is_object()) {
        let same = |old: &&Value| ["name", "port"].iter().all(|field| old.get(field) == port.get(field));
        let Some(old_port) = before["ports"].as_array().into_iter().flatten().find(same) else { continue };
        if keeps_node_ports && port["nodePort"].as_u64().unwrap_or(0) == 0 && !old_port["nodePort"].is_null() {
            port["nodePort"] = old_port["nodePort"].clone();
        } else if !keeps_node_ports && port["nodePort"] == old_port["nodePort"] {
            port.as_object_mut().map(|port| port.remove("nodePort"));
        }
    }
}

fn text<'a>(spec: &'a Value, field: &str) -> &'a str {
    spec[field].as_str().unwrap_or_default()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
}

fn drop_nulls(spec: &mut Value) {
    if let Some(fields) = spec.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
}

/// The simulated clusters have one address family, IPv4.
fn families(spec: &mut Value, faults: &mut Vec<FieldError>) {
    let invalid = |field: &str, value: &Value, why: &str| FieldError {
        field: field.to_owned(),
        kind: "Invalid value".to_owned(),
        message: format!("{value}: {why}"),
    };
    let policy = &spec["ipFamilyPolicy"];
    let is_headless = text(spec, "clusterIP") == "None";
    let has_selector = spec["selector"].as_object().is_some_and(|selector| !selector.is_empty());
    // Somebody else fills in a headless Service's endpoints, so the families are not known.
    let is_open = is_headless && !has_selector;
    if policy == "RequireDualStack" && !is_open {
        faults.push(invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services"));
    }
    for (index, family) in spec["ipFamilies"].as_array().into_iter().flatten().enumerate() {
        if family == "IPv6" && !is_open {
            faults.push(invalid(&format!("spec.ipFamilies[{index}]"), family, "not configured on this cluster"));
        }
    }
    if is_empty(policy) {
        spec["ipFamilyPolicy"] = json!(if is_open { "RequireDualStack" } else { "SingleStack" });
    }
    if is_empty(&spec["ipFamilies"]) {
        spec["ipFamilies"] = if is_open { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) };
    }
}

fn cluster_ip(store: &Store, reference: &ObjectRef, spec: &mut Value, faults: &mut Vec<FieldError>) {
    let range = store.ranges.service_cidr;
    match text(spec, "clusterIP") {
        "None" => {}
        "" => match free_address(store, reference) {
            Some(address) => {
                spec["clusterIP"] = json!(address.to_string());
                spec["clusterIPs"] = json!([address.to_string()]);
            }
            None => faults.push(not_allocated(&Value::Null, "", "range is full")),
        },
        asked => {
            // What is not an address is the validation's to refuse.
            let Ok(address) = asked.parse::<IpAddr>() else { return };
            let taken = others(store, reference).any(|service| service.cluster_ip() == Some(address));
            if !range.contains(&address) {
                let why = "the provided network does not match the current range";
                faults.push(not_allocated(&spec["clusterIPs"], asked, why));
            } else if taken {
                faults.push(not_allocated(&spec["clusterIPs"], asked, "provided IP is already allocated"));
            }
        }
    }
}

fn not_allocated(addresses: &Value, asked: &str, why: &str) -> FieldError {
    let shown: Vec<_> = addresses.as_array().into_iter().flatten().map(Value::to_string).collect();
    let message = if asked.is_empty() {
        format!("[]string(nil): failed to allocate a serviceIP: {why}")
    } else {
        format!("[]string{{{}}}: failed to allocate IP {asked}: {why}", shown.join(", "))
    };
    FieldError { field: "spec.clusterIPs".to_owned(), kind: "Invalid value".to_owned(), message }
}

/// A seeded address of the upper part of the range, or the next free one; then the lower part.
fn free_address(store: &Store, reference: &ObjectRef) -> Option<IpAddr> {
    let IpNet::V4(range) = store.ranges.service_cidr else { return None };
    let base = u32::from(range.network());
    let taken: BTreeSet<IpAddr> = others(store, reference).filter_map(crate::api::Service::cluster_ip).collect();
    // Without the network's own address and the broadcast address.
    let usable = (1_u64 << (32 - range.prefix_len())).saturating_sub(2);
    let reserved = (usable / 16).clamp(16, 256);
    let reserved = if reserved >= usable { 0 } else { reserved };
    let start = rng::hash(store.ranges.seed ^ store.revision(), reference.to_string().as_bytes());
    let address = |index: u64| IpAddr::V4(u32::try_from(index + 1).map_or(base, |offset| base + offset).into());
    let upper = usable - reserved;
    let candidates = (0..upper).map(|step| reserved + (start % upper.max(1) + step) % upper).chain(0..reserved);
    candidates.map(address).find(|address| !taken.contains(address))
}

fn others<'a>(store: &'a Store, reference: &'a ObjectRef) -> impl Iterator<Item = &'a crate::api::Service> {
    store.list(Kind::Service).filter(move |service| service.reference() != *reference).filter_map(|service| service.as_service())
}

fn node_ports(store: &Store, reference: &ObjectRef, spec: &mut Value, wanted: bool, faults: &mut Vec<FieldError>) {
    let needs_health_check = text(spec, "type") == "LoadBalancer" && text(spec, "externalTrafficPolicy") == "Local";
    let is_asked_for = |port: &Value| port["nodePort"].as_u64().unwrap_or(0) != 0;
    let ports = || spec["ports"].as_array().into_iter().flatten();
    if !wanted && !needs_health_check && !ports().any(is_asked_for) {
        return;
    }
    let mut taken: BTreeSet<u64> = others(store, reference)
        .flat_map(|service| &service.spec.ports)
        .filter_map(|port| port.node_port.map(u64::from))
        .collect();
    if wanted {
        check_node_ports(ports(), &taken, faults);
    }
    taken.extend(ports().filter_map(|port| port["nodePort"].as_u64()));
    let seed = rng::hash(store.ranges.seed ^ store.revision(), format!("{reference} node port").as_bytes());
    let mut next = move || {
        let port = free_node_port(seed, &taken)?;
        taken.insert(u64::from(port));
        Some(port)
    };
    let list = spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten();
    for port in list.filter(|port| wanted && port.is_object() && !is_asked_for(port)) {
        if let Some(free) = next() {
            port["nodePort"] = json!(free);
        }
    }
    if needs_health_check
        && spec["healthCheckNodePort"].as_u64().unwrap_or(0) == 0
        && let Some(free) = next()
    {
        spec["healthCheckNodePort"] = json!(free);
    }
}

fn check_node_ports<'a>(ports: impl Iterator<Item = &'a Value>, taken: &BTreeSet<u64>, faults: &mut Vec<FieldError>) {
    for (index, port) in ports.enumerate() {
        let Some(number) = port["nodePort"].as_u64().filter(|number| *number != 0) else { continue };
        let in_range = u16::try_from(number).is_ok_and(|number| NODE_PORTS.contains(&number));
        let why = if !in_range {
            format!(
                "provided port is not in the valid range. The range of valid ports is {}-{}",
                NODE_PORTS.start(),
                NODE_PORTS.end()
            )
        } else if taken.contains(&number) {
            "provided port is already allocated".to_owned()
        } else {
            continue;
        };
        let field = format!("spec.ports[{index}].nodePort");
        faults.push(FieldError { field, kind: "Invalid value".to_owned(), message: format!("{number}: {why}") });
    }
}

fn free_node_port(seed: u64, taken: &BTreeSet<u64>) -> Option<u16> {
    let first = NODE_PORTS.start() + STATIC_NODE_PORTS;
    let upper = u64::from(NODE_PORTS.end() - first) + 1;
    let candidates = (0..upper)
        .map(|step| u64::from(first) + (seed % upper + step) % upper)
        .chain((*NODE_PORTS.start()..first).map(u64::from));
    candidates.filter(|port| !taken.contains(port)).find_map(|port| u16::try_from(port).ok())
}
