//! Deployment controller: one ReplicaSet per template, and the move from the old ones to the new.

use super::events::{self, Occurrence, Source};
use super::{Change, Context, names, owner, with_field};
use crate::api::{Kind, Object};
use serde_json::{Value, json};
use std::rc::Rc;

const SOURCE: Source<'static> = Source::component("deployment-controller");
const HASH_LABEL: &str = "pod-template-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    owner::workloads(context, Kind::Deployment).flat_map(|deployment| sync(context, deployment)).collect()
}

fn sync(context: Context<'_>, deployment: &Rc<Object>) -> Vec<Change> {
    let hash = names::template_hash(&deployment.document()["spec"]["template"]);
    let sets: Vec<&Rc<Object>> = owner::owned(context, Kind::ReplicaSet, deployment).collect();
    let (new, old): (Vec<_>, Vec<_>) = sets.iter().copied().partition(|set| set.meta().labels.get(HASH_LABEL) == Some(&hash));
    let wanted = owner::replicas(deployment);
    let Some(&new) = new.first() else {
        return create(context, deployment, &sets, &hash, wanted);
    };
    let mut changes = roll(context, deployment, new, &old, wanted);
    let revision = new.meta().annotations.get(REVISION).cloned().unwrap_or_default();
    let annotated = with_revision(deployment, &revision);
    let status = status(context, annotated.as_ref().unwrap_or(deployment), new, &sets, wanted);
    let edited = annotated.as_ref().unwrap_or(deployment);
    match with_field(edited, "status", status) {
        Some(change) => changes.push(change),
        None => changes.extend(annotated.map(Change::Update)),
    }
    changes
}

fn with_revision(deployment: &Object, revision: &str) -> Option<Object> {
    if deployment.meta().annotations.get(REVISION).is_some_and(|known| known == revision) {
        return None;
    }
    let annotate = |document: &mut Value| {
        if !document["metadata"]["annotations"].is_object() {
            document["metadata"]["annotations"] = json!({});
        }
        document["metadata"]["annotations"][REVISION] = json!(revision);
    };
    deployment.edited(annotate).ok()
}

/// The ReplicaSet of a template seen for the first time. It starts with every replica, or with what the surge leaves room for.
fn create(context: Context<'_>, deployment: &Object, sets: &[&Rc<Object>], hash: &str, wanted: u64) -> Vec<Change> {
    let spec = &deployment.document()["spec"];
    let mut template = owner::template(deployment);
    template["metadata"]["labels"][HASH_LABEL] = json!(hash);
    let mut selector = spec["selector"].clone();
    selector["matchLabels"][HASH_LABEL] = json!(hash);
    let running: u64 = sets.iter().map(|set| owner::replicas(set)).sum();
    let room = if is_recreate(deployment) { 0 } else { (wanted + surge(deployment, wanted)).saturating_sub(running) };
    let first = if running == 0 { wanted } else { wanted.min(room) };
    let latest = sets.iter().filter_map(|set| set.meta().annotations.get(REVISION)?.parse::<u64>().ok()).max().unwrap_or(0);
    let name = format!("{}-{hash}", deployment.name());
    let set = owner::owned_object(
        Kind::ReplicaSet,
        deployment,
        json!({
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": name,
                "namespace": deployment.namespace(),
                "labels": template["metadata"]["labels"],
                "annotations": {
                    "deployment.kubernetes.io/desired-replicas": wanted.to_string(),
                    "deployment.kubernetes.io/max-replicas": (wanted + surge(deployment, wanted)).to_string(),
                    REVISION: (latest + 1).to_string(),
                },
            },
            "spec": { "replicas": first, "selector": selector, "template": template },
        }),
    );
    let Some(set) = set else { return Vec::new() };
    let mut changes = vec![Change::Create(set)];
    if first > 0 {
        changes.push(scaled(context, deployment, &name, 0, first));
    }
    vec![Change::InOrder(changes)]
}

/// One step of a rolling update: the new set grows into the surge, the old ones shrink by what may be unavailable.
fn roll(context: Context<'_>, deployment: &Object, new: &Rc<Object>, old: &[&Rc<Object>], wanted: u64) -> Vec<Change> {
    let old_total: u64 = old.iter().map(|set| owner::replicas(set)).sum();
    let has = owner::replicas(new);
    let room = if is_recreate(deployment) {
        // Recreate waits until the last old Pod is gone, not merely told to go.
        let old_pods = old.iter().flat_map(|set| owner::owned(context, Kind::Pod, set)).count();
        if old_pods == 0 { wanted } else { has }
    } else {
        (wanted + surge(deployment, wanted)).saturating_sub(old_total)
    };
    let target = if has > wanted { wanted } else { wanted.min(room.max(has)) };
    let mut changes = Vec::new();
    if target != has {
        changes.extend(scale(context, deployment, new, target));
    }
    let available: u64 = old.iter().map(|set| ready(set)).sum::<u64>() + ready(new).min(has);
    let minimum = wanted.saturating_sub(if is_recreate(deployment) { wanted } else { unavailable(deployment, wanted) });
    let mut spare = available.saturating_sub(minimum);
    for set in old {
        // Old replicas that never became ready cost nothing to lose.
        let (has, ready) = (owner::replicas(set), ready(set));
        let healthy_going = ready.min(spare);
        spare -= healthy_going;
        let remaining = ready - healthy_going;
        if remaining < has {
            changes.extend(scale(context, deployment, set, remaining));
        }
    }
    changes
}

fn scale(context: Context<'_>, deployment: &Object, set: &Rc<Object>, replicas: u64) -> Option<Change> {
    let edited = set.edited(|document| document["spec"]["replicas"] = json!(replicas)).ok()?;
    Some(Change::InOrder(vec![Change::Update(edited), scaled(context, deployment, set.name(), owner::replicas(set), replicas)]))
}

fn scaled(context: Context<'_>, deployment: &Object, set: &str, from: u64, to: u64) -> Change {
    let direction = if to > from { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {set} from {from} to {to}");
    events::record(context, deployment, SOURCE, &Occurrence::normal("ScalingReplicaSet", message))
}

fn ready(set: &Object) -> u64 {
    set.document()["status"]["readyReplicas"].as_u64().unwrap_or(0)
}

fn is_recreate(deployment: &Object) -> bool {
    deployment.document()["spec"]["strategy"]["type"] == "Recreate"
}

/// `maxSurge` rounds up, `maxUnavailable` down; both default to 25 %.
fn surge(deployment: &Object, wanted: u64) -> u64 {
    rolling(deployment, "maxSurge", wanted, 99)
}

fn unavailable(deployment: &Object, wanted: u64) -> u64 {
    let unavailable = rolling(deployment, "maxUnavailable", wanted, 0);
    // ResolveFenceposts: both zero would never move.
    if unavailable == 0 && surge(deployment, wanted) == 0 { 1 } else { unavailable }
}

fn rolling(deployment: &Object, field: &str, wanted: u64, round: u64) -> u64 {
    let percent = |percent: u64| wanted.saturating_mul(percent).saturating_add(round) / 100;
    match &deployment.document()["spec"]["strategy"]["rollingUpdate"][field] {
        Value::String(text) => percent(text.trim_end_matches('%').parse().unwrap_or(25)),
        number => number.as_u64().unwrap_or_else(|| percent(25)),
    }
}

fn status(context: Context<'_>, deployment: &Object, new: &Object, sets: &[&Rc<Object>], wanted: u64) -> Value {
    let count = |set: &Object, field: &str| set.document()["status"][field].as_u64().unwrap_or(0);
    let total: u64 = sets.iter().map(|set| count(set, "replicas")).sum();
    let ready: u64 = sets.iter().map(|set| ready(set)).sum();
    let updated = count(new, "replicas");
    let mut status = json!({});
    if let Some(generation) = deployment.meta().generation {
        status["observedGeneration"] = json!(generation);
    }
    let shown = [("replicas", total), ("updatedReplicas", updated), ("readyReplicas", ready), ("availableReplicas", ready)];
    for (field, count) in shown.into_iter().chain([("unavailableReplicas", wanted.saturating_sub(ready))]) {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    let available = ready >= wanted.saturating_sub(unavailable(deployment, wanted));
    let complete = updated == wanted && total == wanted && ready == wanted;
    let old = &deployment.document()["status"]["conditions"];
    let done = format!("ReplicaSet \"{}\" has successfully progressed.", new.name());
    let going = format!("ReplicaSet \"{}\" is progressing.", new.name());
    status["conditions"] = json!([
        if available {
            condition(context, old, "Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            let message = "Deployment does not have minimum availability.";
            condition(context, old, "Available", false, "MinimumReplicasUnavailable", message)
        },
        if complete {
            condition(context, old, "Progressing", true, "NewReplicaSetAvailable", &done)
        } else {
            condition(context, old, "Progressing", true, "ReplicaSetUpdated", &going)
        },
    ]);
    status
}

fn condition(context: Context<'_>, old: &Value, kind: &str, holds: bool, reason: &str, message: &str) -> Value {
    let status = if holds { "True" } else { "False" };
    let now = json!(context.now.to_string());
    let before = old.as_array().into_iter().flatten().find(|condition| condition["type"] == kind);
    let kept = |condition: &&Value, fields: &[(&str, &str)]| fields.iter().all(|(field, value)| condition[*field] == *value);
    let same_status = before.filter(|condition| kept(condition, &[("status", status)]));
    let same = same_status.filter(|condition| kept(condition, &[("reason", reason), ("message", message)]));
    json!({
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": same_status.map_or(&now, |condition| &condition["lastTransitionTime"]),
        "lastUpdateTime": same.map_or(&now, |condition| &condition["lastUpdateTime"]),
    })
}
