//! Owner references: who made an object, and a Pod made from a template.

use super::{Context, object};
use crate::api::{Kind, Meta, Object, OwnerReference};
use serde_json::{Value, json};
use std::rc::Rc;

/// The owner that manages the object; there is at most one.
pub(super) fn controller(meta: &Meta) -> Option<&OwnerReference> {
    meta.owner_references.iter().find(|owner| owner.controller)
}

pub(super) fn reference(owner: &Object) -> Value {
    json!([{
        "apiVersion": owner.kind().api_version(),
        "kind": owner.kind().resource().name,
        "name": owner.name(),
        "uid": owner.meta().uid,
        "controller": true,
        "blockOwnerDeletion": true,
    }])
}

/// The objects of a kind that `owner` manages, by name.
pub(super) fn owned<'a>(context: Context<'a>, kind: Kind, owner: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
    let manages = |object: &&Rc<Object>| controller(object.meta()).is_some_and(|reference| reference.uid == owner.meta().uid);
    context.store.list_in(kind, owner.namespace()).filter(manages)
}

/// Pods that still run or may come to run, not counting those on their way out.
pub(super) fn is_active(pod: &Object) -> bool {
    let finished = matches!(pod.as_pod().and_then(|pod| pod.status.phase.as_deref()), Some("Succeeded" | "Failed"));
    !finished && pod.meta().deletion_timestamp.is_none()
}

/// An object's `spec.template` with a name and an owner. The error is the decoder's, for a template that is no Pod.
pub(super) fn pod_from_template(owner: &Object, template: &Value, name: &str) -> Result<Object, serde_json::Error> {
    let mut metadata = json!({});
    for field in ["labels", "annotations"] {
        if let Some(value) = template["metadata"].get(field).filter(|value| value.is_object()) {
            metadata[field] = value.clone();
        }
    }
    metadata["name"] = json!(name);
    metadata["namespace"] = json!(owner.namespace());
    metadata["generateName"] = json!(format!("{}-", owner.name()));
    metadata["ownerReferences"] = reference(owner);
    let document = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] });
    Object::from_document(Kind::Pod, document)
}

/// `spec.replicas` as written; the API's default is 1.
pub(super) fn replicas(object: &Object) -> u64 {
    object.document()["spec"]["replicas"].as_u64().unwrap_or(1)
}

/// A controller's own document, owned by another.
pub(super) fn owned_object(kind: Kind, owner: &Object, mut document: Value) -> Object {
    document["metadata"]["ownerReferences"] = reference(owner);
    object(kind, document)
}
