//! What the API server says of an object's values before it stores them. Input: a document that the schema accepts, with its
//! defaults. Output: every fault with the field's path and the server's words. Judges one object at a time: what other objects
//! exist is the store's business.

mod admin_policy;
mod field;
mod infrastructure;
mod ingress;
mod meta;
mod names;
mod network_policy;
mod pod;
mod service;
mod workload;

pub use field::FieldError;

use super::Kind;
use field::{Faults, Field};
use serde_json::Value;

/// What is wrong with a new object; nothing when the server would accept it.
pub fn validate(kind: Kind, document: &Value) -> Vec<FieldError> {
    let mut faults = Faults::new();
    let root = Field::root(document);
    meta::metadata(kind, &root.child("metadata"), &mut faults);
    let spec = root.child("spec");
    match kind {
        Kind::Pod => pod::pod_spec(&spec, &mut faults),
        Kind::Service => service::service(&root, &mut faults),
        Kind::NetworkPolicy => network_policy::network_policy(&root, &mut faults),
        Kind::Ingress => ingress::ingress(&root, &mut faults),
        Kind::IngressClass => ingress::ingress_class(&root, &mut faults),
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::StatefulSet => workload::workload(&root, &mut faults),
        Kind::Job => workload::job(&spec, &mut faults),
        Kind::CronJob => workload::cron_job(&spec, &mut faults),
        Kind::ConfigMap => workload::configuration(&root, &["data", "binaryData"], &mut faults),
        Kind::Secret => workload::configuration(&root, &["data"], &mut faults),
        Kind::Node => infrastructure::node(&root, &mut faults),
        Kind::Endpoints => infrastructure::endpoints(&root, &mut faults),
        Kind::EndpointSlice => infrastructure::endpoint_slice(&root, &mut faults),
        Kind::AdminNetworkPolicy | Kind::BaselineAdminNetworkPolicy | Kind::ClusterNetworkPolicy => {
            admin_policy::admin_policy(kind, &root, &mut faults);
        }
        Kind::Namespace | Kind::ServiceAccount | Kind::Event => {}
    }
    faults
}

/// What is wrong with replacing `old` by `new`: fields that may not change, then everything that may not be in a new object.
pub fn validate_update(kind: Kind, old: &Value, new: &Value) -> Vec<FieldError> {
    let mut faults = Faults::new();
    let (before, after) = (Field::root(old), Field::root(new));
    match kind {
        Kind::Pod => pod::pod_update(&before, &after, &mut faults),
        Kind::Service => service::service_update(&before, &after, &mut faults),
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::StatefulSet => {
            workload::selector_update(&before, &after, &mut faults);
        }
        _ => {}
    }
    faults.extend(validate(kind, new));
    faults
}
