//! What happens to an object between the request and the store: defaulting, server-owned metadata.

use super::{ApiError, ErrorReason, Store};
use crate::api::{Kind, Object, ObjectRef};
use crate::clock::Instant;
use serde_json::{Value, json};

pub(super) fn admit(store: &Store, object: Object, now: Instant) -> Result<Object, ApiError> {
    let resource = object.kind().resource();
    if resource.namespaced {
        let namespace = ObjectRef::cluster(Kind::Namespace, object.namespace());
        if store.get(&namespace).is_none() {
            return Err(ApiError::not_found(&namespace));
        }
    }
    let uid = uid(store.revision(), &object.reference());
    edit(&object, |metadata| {
        metadata.insert("uid".to_owned(), json!(uid));
        metadata.insert("creationTimestamp".to_owned(), json!(now.to_string()));
    })
}

pub(super) fn admit_update(_store: &Store, old: &Object, new: Object, _now: Instant) -> Result<Object, ApiError> {
    let server_owned = ["uid", "creationTimestamp", "resourceVersion"];
    edit(&new, |metadata| {
        for field in server_owned {
            if let Some(value) = old.document()["metadata"].get(field) {
                metadata.insert(field.to_owned(), value.clone());
            }
        }
    })
}

pub(super) fn stamp_revision(object: Object, revision: u64) -> Object {
    edit(&object, |metadata| {
        metadata.insert("resourceVersion".to_owned(), json!(revision.to_string()));
    })
    .unwrap_or(object)
}

fn edit(object: &Object, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Result<Object, ApiError> {
    object
        .edited(|document| {
            if !document["metadata"].is_object() {
                document["metadata"] = json!({});
            }
            if let Some(metadata) = document["metadata"].as_object_mut() {
                change(metadata);
            }
        })
        .map_err(|error| ApiError::plain(ErrorReason::BadRequest, error.to_string()))
}

/// A version 4 UUID, but the same one for the same history.
fn uid(revision: u64, reference: &ObjectRef) -> String {
    let high = crate::rng::hash(revision, reference.to_string().as_bytes());
    let low = crate::rng::hash(high, b"uid");
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | low >> 48 & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}
