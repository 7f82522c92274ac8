//! `metadata`, labels and label selectors (apimachinery's `api/validation`).

use super::field::{Faults, Field};
use super::names::{self, Complaints};
use crate::api::Kind;

/// All annotations of an object together.
const MAX_ANNOTATIONS: usize = 256 << 10;

pub(super) fn metadata(kind: Kind, metadata: &Field<'_>, faults: &mut Faults) {
    let name_rule = name_rule(kind);
    let generate_name = metadata.child("generateName");
    if !generate_name.text().is_empty() {
        generate_name.check(name_rule(&names::mask_trailing_dash(generate_name.text())), faults);
    }
    let name = metadata.child("name");
    if name.text().is_empty() {
        faults.push(name.required("name or generateName is required"));
    } else {
        name.check(name_rule(name.text()), faults);
    }
    let namespace = metadata.child("namespace");
    if !kind.resource().namespaced && !namespace.text().is_empty() {
        faults.push(namespace.forbidden("not allowed on this type"));
    } else if kind.resource().namespaced && namespace.text().is_empty() {
        faults.push(namespace.required(""));
    } else if kind.resource().namespaced {
        namespace.check(names::dns_label(namespace.text()), faults);
    }
    labels(&metadata.child("labels"), faults);
    annotations(&metadata.child("annotations"), faults);
    owners(&metadata.child("ownerReferences"), faults);
    let finalizers = metadata.child("finalizers");
    for finalizer in finalizers.items() {
        let complaints = names::qualified_name(finalizer.text());
        faults.extend(complaints.iter().map(|complaint| finalizers.invalid_value(&format!("{:?}", finalizer.text()), complaint)));
    }
}

/// How strict a kind is about names: a Service's becomes a DNS label, a Namespace's part of DNS names.
fn name_rule(kind: Kind) -> fn(&str) -> Complaints {
    match kind {
        Kind::Service => names::dns_1035_label,
        Kind::Namespace => names::dns_label,
        Kind::CronJob => |name| {
            let too_long = (name.len() > 52).then(|| "must be no more than 52 characters".to_owned());
            names::dns_subdomain(name).into_iter().chain(too_long).collect()
        },
        Kind::Node
        | Kind::Pod
        | Kind::Endpoints
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::Event
        | Kind::Deployment
        | Kind::ReplicaSet
        | Kind::DaemonSet
        | Kind::StatefulSet
        | Kind::Job
        | Kind::EndpointSlice
        | Kind::NetworkPolicy
        | Kind::Ingress
        | Kind::IngressClass
        | Kind::AdminNetworkPolicy
        | Kind::BaselineAdminNetworkPolicy
        | Kind::ClusterNetworkPolicy => names::dns_subdomain,
    }
}

/// The server names the map, not the key, and quotes what is wrong.
pub(super) fn labels(labels: &Field<'_>, faults: &mut Faults) {
    for (key, value) in labels.entries() {
        let invalid = |text: &str, complaint: &String| labels.invalid_value(&format!("{text:?}"), complaint);
        faults.extend(names::qualified_name(key).iter().map(|complaint| invalid(key, complaint)));
        faults.extend(names::label_value(value.text()).iter().map(|complaint| invalid(value.text(), complaint)));
    }
}

fn annotations(annotations: &Field<'_>, faults: &mut Faults) {
    let mut size = 0;
    for (key, value) in annotations.entries() {
        let complaints = names::qualified_name(&key.to_lowercase());
        faults.extend(complaints.iter().map(|complaint| annotations.invalid_value(&format!("{key:?}"), complaint)));
        size += key.len() + value.text().len();
    }
    if size > MAX_ANNOTATIONS {
        let message = format!("may not be more than {MAX_ANNOTATIONS} bytes");
        faults.push(super::FieldError::new(&annotations.path, "Too long", message));
    }
}

fn owners(owners: &Field<'_>, faults: &mut Faults) {
    let mut controller: Option<String> = None;
    for owner in owners.items() {
        // The server's paths name the list here, not the item.
        let owner = Field { path: owners.path.clone(), value: owner.value };
        for (field, what) in [("apiVersion", "version"), ("kind", "kind"), ("name", "name"), ("uid", "uid")] {
            if owner.child(field).text().is_empty() {
                faults.push(owner.child(field).invalid(format!("{what} must not be empty")));
            }
        }
        if !owner.child("controller").is_true() {
            continue;
        }
        let name = format!("{}/{}", owner.child("kind").text(), owner.child("name").text());
        match &controller {
            Some(first) => faults.push(owners.invalid(format!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
            ))),
            None => controller = Some(name),
        }
    }
}

pub(super) fn selector(selector: &Field<'_>, faults: &mut Faults) {
    labels(&selector.child("matchLabels"), faults);
    for requirement in selector.child("matchExpressions").items() {
        let (operator, values, key) = (requirement.child("operator"), requirement.child("values"), requirement.child("key"));
        match operator.text() {
            "In" | "NotIn" if values.len() == 0 => {
                faults.push(values.required("must be specified when `operator` is 'In' or 'NotIn'"));
            }
            "Exists" | "DoesNotExist" if values.len() > 0 => {
                faults.push(values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => faults.push(operator.invalid("not a valid selector operator")),
        }
        key.check(names::qualified_name(key.text()), faults);
        values.items().for_each(|value| value.check(names::label_value(value.text()), faults));
    }
}
