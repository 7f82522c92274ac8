//! EndpointSlices for Endpoints that people write themselves, behind a Service without a selector: kube-proxy reads slices only.
//!
//! Input: Services without a selector and the Endpoints of the same name. Endpoints that say `skip-mirror` are left alone.

use super::{Change, Context, names, owner};
use crate::api::{Kind, Object, ObjectRef};
use crate::net::IpAddr;
use serde_json::{Value, json};
use std::rc::Rc;

const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MIRRORING: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    let has_no_selector = |service: &&Rc<Object>| {
        service.as_service().is_some_and(|service| service.spec.selector.is_empty() && service.spec.external_name.is_none())
    };
    let services = context.store.list(Kind::Service).filter(has_no_selector);
    services.flat_map(|service| mirror(context, service)).collect()
}

fn mirror(context: Context<'_>, service: &Object) -> Vec<Change> {
    let is_ours = |slice: &&Rc<Object>| {
        let label = |name: &str| slice.meta().labels.get(name).map(String::as_str);
        label(SERVICE_NAME) == Some(service.name()) && label(MANAGED_BY) == Some(MIRRORING)
    };
    let existing = context.store.list_in(Kind::EndpointSlice, service.namespace()).filter(is_ours);
    let mut free: Vec<Option<&Rc<Object>>> = existing.map(Some).collect();
    let reference = ObjectRef::namespaced(Kind::Endpoints, service.namespace(), service.name());
    let endpoints = context.store.get(&reference).filter(|endpoints| !skips(endpoints));
    let mut changes = Vec::new();
    for endpoints in endpoints {
        let subsets = endpoints.document()["subsets"].as_array().into_iter().flatten();
        for (index, subset) in subsets.enumerate() {
            let Some(slice) = slice(context, service, endpoints, subset, index) else { continue };
            let same =
                |known: &Object| ["ports", "endpoints"].iter().all(|field| known.document()[*field] == slice.document()[*field]);
            match free.iter_mut().find(|known| known.is_some_and(|known| same(known))) {
                Some(known) => *known = None,
                None => changes.push(Change::Create(slice)),
            }
        }
    }
    changes.extend(free.into_iter().flatten().map(|slice| Change::Remove(slice.reference())));
    changes
}

fn skips(endpoints: &Object) -> bool {
    endpoints.meta().labels.get(SKIP).is_some_and(|value| value == "true")
}

fn slice(context: Context<'_>, service: &Object, endpoints: &Object, subset: &Value, index: usize) -> Option<Object> {
    let about = format!("{} {} {index}", endpoints.meta().uid, endpoints.meta().resource_version);
    let mut labels = endpoints.meta().labels.clone();
    labels.insert(MANAGED_BY.to_owned(), MIRRORING.to_owned());
    labels.insert(SERVICE_NAME.to_owned(), service.name().to_owned());
    let ports = subset["ports"].as_array().into_iter().flatten().map(|port| {
        json!({
            "name": port["name"].as_str().unwrap_or_default(),
            "port": port["port"],
            "protocol": port["protocol"].as_str().unwrap_or("TCP"),
        })
    });
    let listed = [("addresses", true), ("notReadyAddresses", false)].into_iter().flat_map(|(field, ready)| {
        let addresses = subset[field].as_array().into_iter().flatten();
        addresses.map(move |address| endpoint(address, ready))
    });
    let listed: Vec<Value> = listed.collect();
    let first = listed.first().and_then(|endpoint| endpoint["addresses"][0].as_str()?.parse::<IpAddr>().ok());
    owner::owned_object(
        Kind::EndpointSlice,
        endpoints,
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": format!("{}-{}", service.name(), names::suffix(context.cluster.seed, &about)),
                "generateName": format!("{}-", service.name()),
                "namespace": service.namespace(),
                "labels": labels,
            },
            "addressType": if first.is_some_and(|address| address.is_ipv6()) { "IPv6" } else { "IPv4" },
            "endpoints": listed,
            "ports": ports.collect::<Vec<Value>>(),
        }),
    )
}

fn endpoint(address: &Value, ready: bool) -> Value {
    let mut endpoint = json!({ "addresses": [address["ip"].as_str().unwrap_or_default()], "conditions": { "ready": ready } });
    for field in ["hostname", "nodeName", "targetRef"] {
        if let Some(value) = address.get(field).filter(|value| !value.is_null()) {
            endpoint[field] = value.clone();
        }
    }
    endpoint
}
