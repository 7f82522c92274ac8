//! Owner references: who made an object, and a Pod made from a template.

use super::events::{self, Occurrence, Source};
use super::{Change, Context};
use crate::api::{Kind, Meta, Object, OwnerReference};
use serde_json::{Value, json};
use std::rc::Rc;

/// The most Pods that one workload may have here: a hostile number must exhaust neither the page's memory
/// nor anybody's patience. Ten times what a node takes.
pub(super) const MAX_PODS: u64 = 1_000;

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

/// The workloads of a kind that still have work to do.
pub(super) fn workloads<'a>(context: Context<'a>, kind: Kind) -> impl Iterator<Item = &'a Rc<Object>> {
    let stays =
        move |owner: &&Rc<Object>| owner.meta().deletion_timestamp.is_none() && !context.is_terminating(owner.namespace());
    context.store.list(kind).filter(stays)
}

/// Pods that still run or may come to run, not counting those on their way out.
pub(super) fn is_active(pod: &Object) -> bool {
    let finished = matches!(pod.as_pod().and_then(|pod| pod.status.phase.as_deref()), Some("Succeeded" | "Failed"));
    !finished && pod.meta().deletion_timestamp.is_none()
}

/// A workload's `spec.template`, with `metadata.labels` and `spec` there to be added to.
pub(super) fn template(owner: &Object) -> Value {
    let written = &owner.document()["spec"]["template"];
    let fields = |value: &Value| Value::Object(value.as_object().cloned().unwrap_or_default());
    let mut metadata = fields(&written["metadata"]);
    metadata["labels"] = fields(&metadata["labels"]);
    json!({ "metadata": metadata, "spec": fields(&written["spec"]) })
}

/// A template with a name and an owner. The error is the decoder's, for a template that is no Pod.
pub(super) fn pod_from_template(owner: &Object, template: &Value, name: &str) -> Result<Object, serde_json::Error> {
    let mut metadata = json!({ "labels": template["metadata"]["labels"] });
    if let Some(annotations) = template["metadata"].get("annotations").filter(|value| value.is_object()) {
        metadata["annotations"] = annotations.clone();
    }
    metadata["name"] = json!(name);
    metadata["namespace"] = json!(owner.namespace());
    metadata["generateName"] = json!(format!("{}-", owner.name()));
    metadata["ownerReferences"] = reference(owner);
    let document = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] });
    Object::from_document(Kind::Pod, document)
}

/// `spec.replicas`; the API's default is 1. More than the simulator holds is cut to what it holds.
pub(super) fn replicas(object: &Object) -> u64 {
    object.document()["spec"]["replicas"].as_u64().unwrap_or(1).min(MAX_PODS)
}

/// An object that is made, and the Event that says so: told only if the API server took the object.
pub(super) fn told(context: Context<'_>, change: Change, about: &Object, source: Source<'_>, occurrence: &Occurrence) -> Change {
    Change::InOrder(vec![change, events::record(context, about, source, occurrence)])
}

/// A document that holds what people wrote, owned by another object; none if that does not have the types of the API.
pub(super) fn owned_object(kind: Kind, owner: &Object, mut document: Value) -> Option<Object> {
    document["metadata"]["ownerReferences"] = reference(owner);
    Object::from_document(kind, document).ok()
}
