//! Garbage collector: what is left behind when its owner is gone goes too.

use super::{Change, Context};
use crate::api::{Kind, Object};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The kinds that controllers make on behalf of others.
const DEPENDENT_KINDS: [Kind; 5] = [Kind::ReplicaSet, Kind::Pod, Kind::Job, Kind::EndpointSlice, Kind::ConfigMap];
const OWNER_KINDS: [Kind; 9] = [
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::DaemonSet,
    Kind::StatefulSet,
    Kind::Job,
    Kind::CronJob,
    Kind::Service,
    Kind::Endpoints,
    Kind::Node,
];

pub(super) fn collect(context: Context<'_>) -> Vec<Change> {
    let dependents: Vec<&Rc<Object>> = DEPENDENT_KINDS.into_iter().flat_map(|kind| context.store.list(kind)).collect();
    if dependents.iter().all(|object| object.meta().owner_references.is_empty()) {
        return Vec::new();
    }
    let owners = OWNER_KINDS.into_iter().chain([Kind::Pod]).flat_map(|kind| context.store.list(kind));
    let alive: BTreeSet<&str> = owners.map(|owner| owner.meta().uid.as_str()).collect();
    let orphaned = |object: &&Rc<Object>| {
        let meta = object.meta();
        let known = |kind: &str| OWNER_KINDS.iter().any(|owner| owner.resource().name == kind);
        // An owner of a kind that is not modelled is taken to live.
        !meta.owner_references.is_empty()
            && meta.deletion_timestamp.is_none()
            && meta.owner_references.iter().all(|owner| known(&owner.kind) && !alive.contains(owner.uid.as_str()))
    };
    dependents.into_iter().filter(orphaned).map(|object| Change::Delete(object.reference())).collect()
}
