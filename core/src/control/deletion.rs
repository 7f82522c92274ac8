//! What `DELETE` does in the API server: at once, or by a deletion timestamp that others act on.

use super::Change;
use crate::api::{Kind, Object, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::store::{ApiError, Store};
use serde_json::{Value, json};

/// The API's default for a Pod that does not say (`terminationGracePeriodSeconds`).
pub(super) const DEFAULT_GRACE: u64 = 30;
/// Longer than any scene lasts; keeps hostile numbers away from time arithmetic.
pub(super) const LONGEST_GRACE: u64 = 366 * 86_400;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// `--grace-period`; the Pod's own when absent. Zero takes the Pod out at once.
    pub grace_period_seconds: Option<u64>,
    pub cascade: Cascade,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cascade {
    /// Dependents go after their owner.
    #[default]
    Background,
    /// Dependents stay and lose their owner.
    Orphan,
}

/// What the API server's NamespaceLifecycle plug-in never lets go (plugin/pkg/admission/namespace/lifecycle).
const IMMORTAL_NAMESPACES: [&str; 3] = ["default", "kube-system", "kube-public"];

/// The changes that a `DELETE` of the object makes.
pub(crate) fn delete(
    store: &Store,
    reference: &ObjectRef,
    options: DeleteOptions,
    now: Instant,
) -> Result<Vec<Change>, ApiError> {
    if reference.kind == Kind::Namespace && IMMORTAL_NAMESPACES.contains(&reference.name.as_str()) {
        return Err(ApiError::immortal_namespace(reference));
    }
    let object = store.get(reference).ok_or_else(|| ApiError::not_found(reference))?;
    let mut changes = match options.cascade {
        Cascade::Background => Vec::new(),
        Cascade::Orphan => orphan(store, object),
    };
    changes.extend(match reference.kind {
        Kind::Pod => delete_pod(object, options, now),
        Kind::Namespace => delete_namespace(object, now),
        _ => Some(Change::Remove(reference.clone())),
    });
    Ok(changes)
}

/// A Pod without a node, or one that has ended, has nothing to wait for.
fn delete_pod(object: &Object, options: DeleteOptions, now: Instant) -> Option<Change> {
    let pod = object.as_pod()?;
    let ended = matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"));
    let own = pod.spec.termination_grace_period_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(DEFAULT_GRACE);
    let grace = options.grace_period_seconds.unwrap_or(own).min(LONGEST_GRACE);
    if grace == 0 || pod.spec.node_name.is_none() || ended {
        return Some(Change::Remove(object.reference()));
    }
    let end = now + Duration::from_secs(grace);
    let earlier = object.meta().deletion_timestamp.as_deref().and_then(Instant::parse_rfc3339);
    if earlier.is_some_and(|earlier| earlier <= end) {
        return None;
    }
    mark(object, end, grace)
}

fn delete_namespace(object: &Object, now: Instant) -> Option<Change> {
    if object.meta().deletion_timestamp.is_some() {
        return None;
    }
    let terminating = |document: &mut Value| {
        document["metadata"]["deletionTimestamp"] = json!(now.to_string());
        document["status"] = json!({ "phase": "Terminating" });
    };
    object.edited(terminating).ok().map(Change::Update)
}

fn mark(object: &Object, end: Instant, grace: u64) -> Option<Change> {
    let marked = object.edited(|document| {
        document["metadata"]["deletionTimestamp"] = json!(end.to_string());
        document["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    });
    marked.ok().map(Change::Update)
}

fn orphan(store: &Store, owner: &Object) -> Vec<Change> {
    let dependents = Kind::ALL.iter().flat_map(|kind| store.list_in(*kind, owner.namespace()));
    let owned =
        dependents.filter(|object| object.meta().owner_references.iter().any(|reference| reference.uid == owner.meta().uid));
    owned
        .filter_map(|object| {
            let freed = object.edited(|document| {
                if let Some(metadata) = document["metadata"].as_object_mut() {
                    metadata.remove("ownerReferences");
                }
            });
            freed.ok().map(Change::Update)
        })
        .collect()
}
