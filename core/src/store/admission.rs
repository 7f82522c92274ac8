//! What happens to an object between the request and the store, in the API server's order: namespace life cycle, name
//! generation, defaults, admission plug-ins, allocation, validation, server-owned metadata.

use super::{ApiError, ErrorReason, Store, allocation};
use crate::api::{Kind, Object, ObjectRef, defaults, validation};
use crate::clock::Instant;
use crate::rng;
use serde_json::{Map, Value, json};

/// The object as it is stored, at the store's next revision.
pub(super) fn create(store: &Store, object: Object, now: Instant) -> Result<Object, ApiError> {
    let kind = object.kind();
    namespace_accepts(store, &object)?;
    let mut document = object.into_document();
    with_metadata(&mut document, |metadata| {
        for server_owned in ["managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"] {
            metadata.remove(server_owned);
        }
        generate_name(metadata, store.revision());
    });
    reset_status(kind, &mut document);
    defaults::apply(kind, &mut document);
    if kind == Kind::Pod {
        super::plugins::pod(&mut document, &random_suffix(store.revision(), "kube-api-access-"));
    }
    let reference = reference(kind, &document);
    if kind == Kind::Service {
        allocation::for_new_service(store, &reference, &mut document)?;
    }
    refuse(&reference, validation::validate(kind, &document))?;
    with_metadata(&mut document, |metadata| {
        metadata.insert("uid".to_owned(), json!(uid(store.revision(), &reference)));
        metadata.insert("creationTimestamp".to_owned(), json!(now.to_string()));
        if has_generation(kind) {
            metadata.insert("generation".to_owned(), json!(1));
        }
    });
    into_object(store, kind, document)
}

/// The object as it replaces `old`; nothing when that would change nothing.
pub(super) fn update(store: &Store, old: &Object, new: Object) -> Result<Option<Object>, ApiError> {
    let kind = new.kind();
    let reference = new.reference();
    let mut document = new.into_document();
    let before = old.document();
    with_metadata(&mut document, |metadata| {
        metadata.remove("managedFields");
        for server_owned in ["uid", "creationTimestamp", "resourceVersion", "generation"] {
            match before["metadata"].get(server_owned) {
                Some(value) => metadata.insert(server_owned.to_owned(), value.clone()),
                None => metadata.remove(server_owned),
            };
        }
    });
    if document == *before {
        return Ok(None);
    }
    // Controllers report the state of things all the time, and a status needs no admission.
    if same_but_for(&["status"], before, &document) {
        return into_object(store, kind, document).map(Some);
    }
    if kind == Kind::Service {
        allocation::keep(before, &mut document);
    }
    defaults::apply(kind, &mut document);
    if kind == Kind::Service {
        allocation::for_new_service(store, &reference, &mut document)?;
    }
    refuse(&reference, validation::validate_update(kind, before, &document))?;
    if has_generation(kind) && !same_but_for(&["status", "metadata"], before, &document) {
        let generation = old.meta().generation.unwrap_or(0) + 1;
        with_metadata(&mut document, |metadata| drop(metadata.insert("generation".to_owned(), json!(generation))));
    }
    if document == *before {
        return Ok(None);
    }
    into_object(store, kind, document).map(Some)
}

/// The admission plug-in NamespaceLifecycle.
fn namespace_accepts(store: &Store, object: &Object) -> Result<(), ApiError> {
    if !object.kind().resource().namespaced {
        return Ok(());
    }
    let reference = ObjectRef::cluster(Kind::Namespace, object.namespace());
    let Some(namespace) = store.get(&reference) else {
        return Err(ApiError::not_found(&reference));
    };
    if namespace.meta().deletion_timestamp.is_some() {
        return Err(ApiError::namespace_terminating(&object.reference()));
    }
    Ok(())
}

/// What the API server appends to `generateName`: five characters without vowels, so that no words come out.
fn generate_name(metadata: &mut Map<String, Value>, revision: u64) {
    let is_set = |field: &str| metadata.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if is_set("name") || !is_set("generateName") {
        return;
    }
    let prefix = metadata.get("generateName").and_then(Value::as_str).unwrap_or_default();
    // Names have room for 63 characters, of which the suffix takes five.
    let prefix: String = prefix.chars().take(58).collect();
    let suffix = random_suffix(revision, &prefix);
    metadata.insert("name".to_owned(), json!(format!("{prefix}{suffix}")));
}

/// Five letters as apimachinery's `SimpleNameGenerator` chooses them, the same ones whenever history is the same.
fn random_suffix(revision: u64, prefix: &str) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut random = rng::Rng::new(rng::hash(revision, prefix.as_bytes()));
    let letter = |random: &mut rng::Rng| {
        let index = usize::try_from(random.below(ALPHABET.len() as u64)).unwrap_or_default();
        char::from(ALPHABET.get(index).copied().unwrap_or(b'x'))
    };
    (0..5).map(|_| letter(&mut random)).collect()
}

/// A manifest cannot claim a status; a Node's kubelet can, because it creates its own object.
fn reset_status(kind: Kind, document: &mut Value) {
    let status = match kind {
        Kind::Pod => json!({ "phase": "Pending" }),
        Kind::Service | Kind::Ingress => json!({ "loadBalancer": {} }),
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::StatefulSet | Kind::Job | Kind::CronJob => json!({}),
        Kind::Namespace => json!({ "phase": "Active" }),
        Kind::AdminNetworkPolicy | Kind::BaselineAdminNetworkPolicy | Kind::ClusterNetworkPolicy => Value::Null,
        Kind::Node
        | Kind::Endpoints
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::Event
        | Kind::EndpointSlice
        | Kind::NetworkPolicy
        | Kind::IngressClass => return,
    };
    let Some(fields) = document.as_object_mut() else { return };
    match status {
        Value::Null => fields.remove("status"),
        status => fields.insert("status".to_owned(), status),
    };
}

/// Kinds whose spec changes are counted in `metadata.generation`.
fn has_generation(kind: Kind) -> bool {
    let uncounted = [
        Kind::Namespace,
        Kind::Node,
        Kind::Service,
        Kind::Endpoints,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::ServiceAccount,
        Kind::Event,
    ];
    !uncounted.contains(&kind)
}

fn same_but_for(ignored: &[&str], old: &Value, new: &Value) -> bool {
    fn kept<'a>(document: &'a Value, ignored: &'a [&str]) -> impl Iterator<Item = (&'a String, &'a Value)> {
        document.as_object().into_iter().flatten().filter(move |(name, _)| !ignored.contains(&name.as_str()))
    }
    kept(old, ignored).eq(kept(new, ignored))
}

fn refuse(reference: &ObjectRef, faults: Vec<validation::FieldError>) -> Result<(), ApiError> {
    if faults.is_empty() { Ok(()) } else { Err(ApiError::invalid(reference, faults)) }
}

fn reference(kind: Kind, document: &Value) -> ObjectRef {
    let field = |name: &str| document["metadata"][name].as_str().unwrap_or_default().to_owned();
    ObjectRef::namespaced(kind, field("namespace"), field("name"))
}

fn into_object(store: &Store, kind: Kind, mut document: Value) -> Result<Object, ApiError> {
    let revision = (store.revision() + 1).to_string();
    with_metadata(&mut document, |metadata| drop(metadata.insert("resourceVersion".to_owned(), json!(revision))));
    Object::from_document(kind, document).map_err(|error| ApiError::plain(ErrorReason::BadRequest, error.to_string()))
}

fn with_metadata(document: &mut Value, change: impl FnOnce(&mut Map<String, Value>)) {
    let Some(fields) = document.as_object_mut() else { return };
    let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
    if metadata.is_null() {
        *metadata = json!({});
    }
    if let Some(metadata) = metadata.as_object_mut() {
        change(metadata);
    }
}

/// A version 4 UUID, but the same one for the same history.
fn uid(revision: u64, reference: &ObjectRef) -> String {
    let high = rng::hash(revision, reference.to_string().as_bytes());
    let low = rng::hash(high, b"uid");
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | low >> 48 & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}
