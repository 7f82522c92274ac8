//! DaemonSet controller: one Pod on every node that its node selector and tolerations admit.

use super::events::{Occurrence, Source};
use super::{Change, Context, names, owner, scheduler, with_field};
use crate::api::{Kind, Object};
use serde_json::{Value, json};
use std::rc::Rc;

const SOURCE: Source<'static> = Source::component("daemonset-controller");

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    owner::workloads(context, Kind::DaemonSet).flat_map(|set| sync(context, set)).collect()
}

fn sync(context: Context<'_>, set: &Rc<Object>) -> Vec<Change> {
    let hash = names::template_hash(&set.document()["spec"]["template"]);
    let pods: Vec<&Rc<Object>> = owner::owned(context, Kind::Pod, set).collect();
    let (mut changes, mut eligible) = (Vec::new(), 0);
    let Ok(candidate) = owner::pod_from_template(set, &template(set, &hash), set.name()) else { return changes };
    for node in context.store.list(Kind::Node) {
        let wanted = scheduler::admits(&candidate, node);
        eligible += usize::from(wanted);
        let here = |pod: &&&Rc<Object>| scheduler::required_node(pod) == Some(node.name()) && owner::is_active(pod);
        match (pods.iter().find(here), wanted) {
            (None, true) => changes.extend(create(context, set, node, &hash)),
            (Some(extra), false) => changes.push(Change::Delete(extra.reference())),
            (Some(_), true) | (None, false) => {}
        }
    }
    if changes.is_empty() {
        changes.extend(replace_one_outdated(set, &pods, &hash));
    }
    changes.extend(with_field(set, "status", status(set, &pods, &hash, eligible)));
    changes
}

/// A DaemonSet Pod carries the name of its node as a required affinity
/// (`util.ReplaceDaemonSetPodNodeNameNodeAffinity`).
fn create(context: Context<'_>, set: &Object, node: &Object, hash: &str) -> Option<Change> {
    let about = format!("{} {} {}", set.meta().uid, node.name(), context.store.revision());
    let name = format!("{}-{}", set.name(), names::suffix(context.cluster.seed, &about));
    let mut template = template(set, hash);
    template["spec"]["affinity"] = json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{ "matchFields": [{ "key": "metadata.name", "operator": "In", "values": [node.name()] }] }],
    } } });
    let pod = owner::pod_from_template(set, &template, &name).ok()?;
    let created = Occurrence::normal("SuccessfulCreate", format!("Created pod: {name}"));
    Some(owner::told(context, Change::Create(pod), set, SOURCE, &created))
}

/// The template, tolerating the conditions of a failing node (`util.CreatePodTemplate`).
fn template(set: &Object, hash: &str) -> Value {
    let mut template = owner::template(set);
    template["metadata"]["labels"]["controller-revision-hash"] = json!(hash);
    template["metadata"]["labels"]["pod-template-generation"] = json!(set.meta().generation.unwrap_or(1).to_string());
    let spec = &mut template["spec"];
    let mut tolerations = spec["tolerations"].as_array().cloned().unwrap_or_default();
    let conditions = [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ];
    let host_network = (spec["hostNetwork"] == true).then_some(("network-unavailable", "NoSchedule"));
    tolerations.extend(conditions.into_iter().chain(host_network).map(
        |(condition, effect)| json!({ "key": format!("node.kubernetes.io/{condition}"), "operator": "Exists", "effect": effect }),
    ));
    spec["tolerations"] = json!(tolerations);
    template
}

/// RollingUpdate with maxUnavailable 1: the next outdated Pod goes when all others are ready.
fn replace_one_outdated(set: &Object, pods: &[&Rc<Object>], hash: &str) -> Option<Change> {
    if set.document()["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return None;
    }
    let outdated = pods.iter().find(|pod| is_outdated(pod, hash))?;
    let all_ready = pods.iter().all(|pod| owner::is_active(pod) && pod.as_pod().is_some_and(|pod| pod.is_ready()));
    all_ready.then(|| Change::Delete(outdated.reference()))
}

fn is_outdated(pod: &Object, hash: &str) -> bool {
    pod.meta().labels.get("controller-revision-hash").is_none_or(|label| label != hash)
}

fn status(set: &Object, pods: &[&Rc<Object>], hash: &str, eligible: usize) -> Value {
    let active: Vec<_> = pods.iter().filter(|pod| owner::is_active(pod)).collect();
    let ready = active.iter().filter(|pod| pod.as_pod().is_some_and(|pod| pod.is_ready())).count();
    let mut status = json!({
        "currentNumberScheduled": active.len(),
        "desiredNumberScheduled": eligible,
        "numberMisscheduled": 0,
        "numberReady": ready,
        "updatedNumberScheduled": active.iter().filter(|pod| !is_outdated(pod, hash)).count(),
    });
    if ready > 0 {
        status["numberAvailable"] = json!(ready);
    }
    if eligible > ready {
        status["numberUnavailable"] = json!(eligible - ready);
    }
    if let Some(generation) = set.meta().generation {
        status["observedGeneration"] = json!(generation);
    }
    status
}
