//! ReplicaSet controller: as many Pods as `spec.replicas` says, made from the template.

use super::events::{Occurrence, Source};
use super::{Change, Context, names, owner, with_field};
use crate::api::{Kind, Object};
use serde_json::{Value, json};
use std::rc::Rc;

const SOURCE: Source<'static> = Source::component("replicaset-controller");
/// The controller's burst: no more Pods than this in one sync.
const BURST: usize = 500;

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    owner::workloads(context, Kind::ReplicaSet).flat_map(|set| sync(context, set)).collect()
}

fn sync(context: Context<'_>, set: &Rc<Object>) -> Vec<Change> {
    let pods: Vec<&Rc<Object>> = owner::owned(context, Kind::Pod, set).filter(|pod| owner::is_active(pod)).collect();
    let wanted = usize::try_from(owner::replicas(set)).unwrap_or(usize::MAX);
    let mut changes = if pods.len() < wanted {
        create(context, set, (wanted - pods.len()).min(BURST))
    } else {
        remove(context, set, &pods, pods.len() - wanted)
    };
    changes.extend(with_field(set, "status", status(set, &pods)));
    changes
}

fn create(context: Context<'_>, set: &Object, count: usize) -> Vec<Change> {
    let template = owner::template(set);
    let mut changes = Vec::new();
    for index in 0..count {
        let about = format!("{} {} {index}", set.meta().uid, context.store.revision());
        let name = format!("{}-{}", set.name(), names::suffix(context.cluster.seed, &about));
        match owner::pod_from_template(set, &template, &name) {
            Ok(pod) => {
                let created = Occurrence::normal("SuccessfulCreate", format!("Created pod: {name}"));
                changes.push(owner::told(context, Change::Create(pod), set, SOURCE, &created));
            }
            // The API server refuses such a template; nothing to tell twice.
            Err(_) => break,
        }
    }
    changes
}

/// Surplus Pods go in the controller's order: without a node first, then not running, not ready, youngest.
fn remove(context: Context<'_>, set: &Object, pods: &[&Rc<Object>], count: usize) -> Vec<Change> {
    let mut ranked: Vec<_> = pods.to_vec();
    ranked.sort_by_key(|object| {
        let pod = object.as_pod();
        let scheduled = pod.is_some_and(|pod| pod.spec.node_name.is_some());
        let running = pod.is_some_and(|pod| pod.status.phase.as_deref() == Some("Running"));
        let ready = pod.is_some_and(|pod| pod.is_ready());
        (scheduled, running, ready, std::cmp::Reverse(object.meta().creation_timestamp.clone()))
    });
    let surplus = ranked.into_iter().take(count);
    surplus
        .map(|pod| {
            let deleted = Occurrence::normal("SuccessfulDelete", format!("Deleted pod: {}", pod.name()));
            owner::told(context, Change::Delete(pod.reference()), set, SOURCE, &deleted)
        })
        .collect()
}

fn status(set: &Object, pods: &[&Rc<Object>]) -> Value {
    let ready = pods.iter().filter(|pod| pod.as_pod().is_some_and(|pod| pod.is_ready())).count();
    let mut status = json!({ "replicas": pods.len() });
    if let Some(generation) = set.meta().generation {
        status["observedGeneration"] = json!(generation);
    }
    if !pods.is_empty() {
        status["fullyLabeledReplicas"] = json!(pods.len());
    }
    if ready > 0 {
        status["readyReplicas"] = json!(ready);
        status["availableReplicas"] = json!(ready);
    }
    status
}
