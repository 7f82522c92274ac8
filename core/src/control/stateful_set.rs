//! StatefulSet controller: Pods with ordinal names, made one after the other and taken away from the last.

use super::events::{Occurrence, Source};
use super::{Change, Context, names, owner, with_field};
use crate::api::{Kind, Object, ObjectRef};
use serde_json::{Value, json};
use std::rc::Rc;

const SOURCE: Source<'static> = Source::component("statefulset-controller");

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    owner::workloads(context, Kind::StatefulSet).flat_map(|set| sync(context, set)).collect()
}

fn sync(context: Context<'_>, set: &Rc<Object>) -> Vec<Change> {
    let hash = names::template_hash(&set.document()["spec"]["template"]);
    let pods: Vec<&Rc<Object>> = owner::owned(context, Kind::Pod, set).collect();
    let wanted = owner::replicas(set);
    let mut changes = step(context, set, &pods, wanted, &hash);
    changes.extend(with_field(set, "status", status(set, &pods, &hash)));
    changes
}

/// OrderedReady does one thing at a time and waits for it; Parallel does all at once.
fn step(context: Context<'_>, set: &Object, pods: &[&Rc<Object>], wanted: u64, hash: &str) -> Vec<Change> {
    let parallel = set.document()["spec"]["podManagementPolicy"] == "Parallel";
    let start = set.document()["spec"]["ordinals"]["start"].as_u64().unwrap_or(0).min(owner::MAX_PODS);
    let mut changes = Vec::new();
    for ordinal in start..start + wanted {
        let name = format!("{}-{ordinal}", set.name());
        let pod = context.store.get(&ObjectRef::namespaced(Kind::Pod, set.namespace(), &name));
        if pod.is_none() {
            changes.extend(create(context, set, ordinal, &name, hash));
        }
        let settled = pod.is_some_and(|pod| owner::is_active(pod) && pod.as_pod().is_some_and(|pod| pod.is_ready()));
        if !parallel && !settled {
            return changes;
        }
    }
    let ordinal = |pod: &Object| pod.name().rsplit('-').next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let mut surplus: Vec<_> = pods.iter().filter(|pod| !(start..start + wanted).contains(&ordinal(pod))).collect();
    surplus.sort_by_key(|pod| std::cmp::Reverse(ordinal(pod)));
    if !parallel {
        surplus.truncate(1);
    }
    changes.extend(surplus.iter().filter(|pod| owner::is_active(pod)).map(|pod| delete(context, set, pod)));
    if changes.is_empty() && surplus.is_empty() {
        let outdated = pods.iter().filter(|pod| is_outdated(pod, hash)).max_by_key(|pod| ordinal(pod));
        changes.extend(outdated.map(|pod| delete(context, set, pod)));
    }
    changes
}

fn is_outdated(pod: &Object, hash: &str) -> bool {
    pod.meta().labels.get("controller-revision-hash").is_none_or(|label| !label.ends_with(hash))
}

fn create(context: Context<'_>, set: &Object, ordinal: u64, name: &str, hash: &str) -> Option<Change> {
    let mut template = owner::template(set);
    let labels = &mut template["metadata"]["labels"];
    labels["apps.kubernetes.io/pod-index"] = json!(ordinal.to_string());
    labels["controller-revision-hash"] = json!(format!("{}-{hash}", set.name()));
    labels["statefulset.kubernetes.io/pod-name"] = json!(name);
    template["spec"]["hostname"] = json!(name);
    if let Some(service) = set.document()["spec"]["serviceName"].as_str() {
        template["spec"]["subdomain"] = json!(service);
    }
    let pod = owner::pod_from_template(set, &template, name).ok()?;
    let message = format!("create Pod {name} in StatefulSet {} successful", set.name());
    Some(owner::told(context, Change::Create(pod), set, SOURCE, &Occurrence::normal("SuccessfulCreate", message)))
}

fn delete(context: Context<'_>, set: &Object, pod: &Object) -> Change {
    let message = format!("delete Pod {} in StatefulSet {} successful", pod.name(), set.name());
    let deleted = Occurrence::normal("SuccessfulDelete", message);
    owner::told(context, Change::Delete(pod.reference()), set, SOURCE, &deleted)
}

fn status(set: &Object, pods: &[&Rc<Object>], hash: &str) -> Value {
    let active: Vec<_> = pods.iter().filter(|pod| owner::is_active(pod)).collect();
    let ready = active.iter().filter(|pod| pod.as_pod().is_some_and(|pod| pod.is_ready())).count();
    let updated = active.iter().filter(|pod| !is_outdated(pod, hash)).count();
    let revision = format!("{}-{hash}", set.name());
    let mut status = json!({
        "replicas": active.len(),
        "availableReplicas": ready,
        "collisionCount": 0,
        "currentRevision": revision,
        "updateRevision": revision,
    });
    for (field, count) in [("readyReplicas", ready), ("currentReplicas", updated), ("updatedReplicas", updated)] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if let Some(generation) = set.meta().generation {
        status["observedGeneration"] = json!(generation);
    }
    status
}
