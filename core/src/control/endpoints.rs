//! Endpoints and EndpointSlices: which Pods stand behind each Service, and on which port.
//!
//! Invariant: an address is listed as ready only while its Pod is Ready and not being deleted, unless the Service publishes
//! addresses that are not ready.

use super::{Change, Context, names, object};
use crate::api::{Kind, LabelSelector, Object, ObjectRef, Pod, PortRef, Service, ServicePort};
use crate::net::IpAddr;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// `--max-endpoints-per-slice` of kube-controller-manager, default 100.
const SLICE_CAPACITY: usize = 100;
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const SLICE_CONTROLLER: &str = "endpointslice-controller.k8s.io";
const ENDPOINTS_MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// A Pod behind a Service.
struct Backend<'a> {
    object: &'a Object,
    pod: &'a Pod,
    ip: IpAddr,
    serving: bool,
    terminating: bool,
    ready: bool,
    hostname: Option<&'a str>,
}

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for object in context.store.list(Kind::Service) {
        let Some(service) = object.as_service() else { continue };
        if service.spec.selector.is_empty() || service.spec.kind.as_deref() == Some("ExternalName") {
            continue;
        }
        let backends = backends(context, object, service);
        let groups = by_ports(service, &backends);
        changes.extend(slices(context, object, service, &groups));
        changes.extend(endpoints(context, object, service, &groups));
    }
    changes.extend(forget(context));
    changes
}

fn backends<'a>(context: Context<'a>, object: &'a Object, service: &Service) -> Vec<Backend<'a>> {
    let selector = LabelSelector { match_labels: service.spec.selector.clone(), match_expressions: Vec::new() };
    let pods = context.store.list_in(Kind::Pod, object.namespace()).filter(|pod| selector.matches(&pod.meta().labels));
    pods.filter_map(|backend| {
        let pod = backend.as_pod()?;
        if matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed")) {
            return None;
        }
        let (serving, terminating) = (pod.is_ready(), backend.meta().deletion_timestamp.is_some());
        let named = pod.spec.subdomain.as_deref() == Some(object.name());
        Some(Backend {
            object: backend,
            pod,
            ip: pod.ip()?,
            serving,
            terminating,
            ready: service.spec.publish_not_ready_addresses || (serving && !terminating),
            hostname: pod.spec.hostname.as_deref().filter(|_| named),
        })
    })
    .collect()
}

/// A named target port may be another number in each Pod: endpoints with equal ports share a slice.
type Groups<'a, 'b> = BTreeMap<Vec<(usize, u16)>, Vec<&'b Backend<'a>>>;

fn by_ports<'a, 'b>(service: &Service, backends: &'b [Backend<'a>]) -> Groups<'a, 'b> {
    let mut groups = Groups::new();
    for backend in backends {
        let ports = service.spec.ports.iter().enumerate();
        let resolved = ports.filter_map(|(index, port)| Some((index, target_port(port, backend.pod)?))).collect();
        groups.entry(resolved).or_default().push(backend);
    }
    groups
}

/// The container port that a Service port leads to; none when the Pod has no port of that name.
fn target_port(port: &ServicePort, pod: &Pod) -> Option<u16> {
    match &port.target_port {
        None | Some(PortRef::Number(0)) => Some(port.port),
        Some(PortRef::Number(number)) => Some(*number),
        Some(PortRef::Name(name)) => {
            let ports = pod.spec.containers.iter().flat_map(|container| &container.ports);
            ports
                .filter(|candidate| candidate.protocol == port.protocol)
                .find(|candidate| candidate.name.as_ref() == Some(name))
                .map(|candidate| candidate.container_port)
        }
    }
}

fn slices(context: Context<'_>, service: &Object, spec: &Service, groups: &Groups<'_, '_>) -> Vec<Change> {
    let is_ours = |slice: &&Rc<Object>| {
        let labels = &slice.meta().labels;
        labels.get(SERVICE_NAME).is_some_and(|name| name == service.name())
            && labels.get(MANAGED_BY).is_some_and(|manager| manager == SLICE_CONTROLLER)
    };
    let existing: Vec<_> = context.store.list_in(Kind::EndpointSlice, service.namespace()).filter(is_ours).collect();
    let mut free: Vec<Option<&Rc<Object>>> = existing.into_iter().map(Some).collect();
    let mut changes = Vec::new();
    for (index, (ports, endpoints)) in wanted_slices(context, spec, groups).into_iter().enumerate() {
        let same_ports = free.iter_mut().find(|slice| slice.is_some_and(|slice| slice.document()["ports"] == ports));
        match same_ports.and_then(Option::take) {
            Some(slice) if slice.document()["endpoints"] == endpoints => {}
            Some(slice) => changes.extend(slice.edited(|document| document["endpoints"] = endpoints).ok().map(Change::Update)),
            None => changes.extend(new_slice(context, service, spec, index, &ports, &endpoints).map(Change::Create)),
        }
    }
    changes.extend(free.into_iter().flatten().map(|slice| Change::Remove(slice.reference())));
    changes
}

/// Ports and endpoints of each slice. A Service without Pods has one slice with neither.
fn wanted_slices(context: Context<'_>, spec: &Service, groups: &Groups<'_, '_>) -> Vec<(Value, Value)> {
    let mut wanted: Vec<(Value, Value)> = Vec::new();
    for (ports, backends) in groups {
        let ports: Vec<Value> = ports
            .iter()
            .filter_map(|(index, number)| {
                let port = spec.spec.ports.get(*index)?;
                Some(json!({
                    "name": port.name.clone().unwrap_or_default(), "port": number, "protocol": port.protocol.to_string(),
                }))
            })
            .collect();
        for chunk in backends.chunks(SLICE_CAPACITY) {
            let endpoints: Vec<Value> = chunk.iter().map(|backend| slice_endpoint(context, backend)).collect();
            wanted.push((json!(ports), json!(endpoints)));
        }
    }
    if wanted.is_empty() {
        wanted.push((Value::Null, Value::Array(Vec::new())));
    }
    wanted
}

fn slice_endpoint(context: Context<'_>, backend: &Backend<'_>) -> Value {
    let mut endpoint = json!({
        "addresses": [backend.ip.to_string()],
        "conditions": { "ready": backend.ready, "serving": backend.serving, "terminating": backend.terminating },
        "targetRef": target_reference(backend),
    });
    if let Some(hostname) = backend.hostname {
        endpoint["hostname"] = json!(hostname);
    }
    if let Some(name) = &backend.pod.spec.node_name {
        endpoint["nodeName"] = json!(name);
        let node = context.store.get(&ObjectRef::cluster(Kind::Node, name));
        if let Some(zone) = node.and_then(|node| node.meta().labels.get("topology.kubernetes.io/zone")) {
            endpoint["zone"] = json!(zone);
        }
    }
    endpoint
}

fn target_reference(backend: &Backend<'_>) -> Value {
    let pod = backend.object;
    json!({ "kind": "Pod", "namespace": pod.namespace(), "name": pod.name(), "uid": pod.meta().uid })
}

fn new_slice(
    context: Context<'_>,
    service: &Object,
    spec: &Service,
    index: usize,
    ports: &Value,
    endpoints: &Value,
) -> Option<Object> {
    let about = format!("{} {} {index}", service.meta().uid, context.store.revision());
    let mut labels = service.meta().labels.clone();
    labels.insert(MANAGED_BY.to_owned(), SLICE_CONTROLLER.to_owned());
    labels.insert(SERVICE_NAME.to_owned(), service.name().to_owned());
    if spec.is_headless() {
        labels.insert(HEADLESS.to_owned(), String::new());
    }
    super::owner::owned_object(
        Kind::EndpointSlice,
        service,
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": format!("{}-{}", service.name(), names::suffix(context.cluster.seed, &about)),
                "generateName": format!("{}-", service.name()),
                "namespace": service.namespace(),
                "labels": labels,
                "annotations": { "endpoints.kubernetes.io/last-change-trigger-time": context.now.to_string() },
            },
            "addressType": if context.cluster.pod_cidr.addr().is_ipv4() { "IPv4" } else { "IPv6" },
            "endpoints": endpoints,
            "ports": ports,
        }),
    )
}

fn endpoints(context: Context<'_>, service: &Object, spec: &Service, groups: &Groups<'_, '_>) -> Option<Change> {
    let subsets: Vec<Value> = groups.iter().filter_map(|(ports, backends)| subset(spec, ports, backends)).collect();
    let subsets = json!(subsets);
    let reference = ObjectRef::namespaced(Kind::Endpoints, service.namespace(), service.name());
    let existing = context.store.get(&reference);
    let old = existing.and_then(|endpoints| endpoints.document().get("subsets")).cloned().unwrap_or_else(|| json!([]));
    if existing.is_some() && old == subsets {
        return None;
    }
    let mut labels = service.meta().labels.clone();
    labels.insert(ENDPOINTS_MANAGED_BY.to_owned(), "endpoint-controller".to_owned());
    if spec.is_headless() {
        labels.insert(HEADLESS.to_owned(), String::new());
    }
    let mut document = json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": service.name(),
            "namespace": service.namespace(),
            "labels": labels,
            "annotations": { "endpoints.kubernetes.io/last-change-trigger-time": context.now.to_string() },
        },
    });
    if subsets != json!([]) {
        document["subsets"] = subsets;
    }
    let written = object(Kind::Endpoints, document);
    Some(if existing.is_some() { Change::Update(written) } else { Change::Create(written) })
}

fn subset(spec: &Service, ports: &[(usize, u16)], backends: &[&Backend<'_>]) -> Option<Value> {
    let listed = |backend: &&&Backend<'_>| spec.spec.publish_not_ready_addresses || !backend.terminating;
    let mut ordered: Vec<_> = backends.iter().filter(listed).collect();
    ordered.sort_by_key(|backend| backend.ip);
    let (ready, not_ready): (Vec<_>, Vec<_>) = ordered.into_iter().partition(|backend| backend.ready);
    if ready.is_empty() && not_ready.is_empty() {
        return None;
    }
    let mut subset = json!({});
    for (field, backends) in [("addresses", ready), ("notReadyAddresses", not_ready)] {
        if !backends.is_empty() {
            subset[field] = backends.into_iter().map(|backend| endpoint_address(backend)).collect();
        }
    }
    let ports: Vec<Value> = ports
        .iter()
        .filter_map(|(index, number)| {
            let port = spec.spec.ports.get(*index)?;
            let mut written = json!({ "port": number, "protocol": port.protocol.to_string() });
            if let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) {
                written["name"] = json!(name);
            }
            Some(written)
        })
        .collect();
    if !ports.is_empty() {
        subset["ports"] = json!(ports);
    }
    Some(subset)
}

fn endpoint_address(backend: &Backend<'_>) -> Value {
    let mut address = json!({ "ip": backend.ip.to_string(), "targetRef": target_reference(backend) });
    if let Some(hostname) = backend.hostname {
        address["hostname"] = json!(hostname);
    }
    if let Some(node) = &backend.pod.spec.node_name {
        address["nodeName"] = json!(node);
    }
    address
}

/// Endpoints go with their Service; the slices are the garbage collector's.
fn forget(context: Context<'_>) -> Vec<Change> {
    let ours = context.store.list(Kind::Endpoints).filter(|endpoints| endpoints.meta().labels.contains_key(ENDPOINTS_MANAGED_BY));
    let service = |endpoints: &Object| ObjectRef::namespaced(Kind::Service, endpoints.namespace(), endpoints.name());
    let left = ours.filter(|endpoints| context.store.get(&service(endpoints)).is_none());
    left.map(|endpoints| Change::Remove(endpoints.reference())).collect()
}
