//! kube-scheduler: gives every Pod without a node one that passes the filters, or says why none does.
//!
//! Filters run in the scheduler's own order and the first that fails names the reason. Among the nodes left, the one with the
//! fewest Pods wins and the scene's order breaks ties: the real scheduler scores requests and breaks ties by chance; this is the
//! outcome for Pods without requests, made repeatable.

use super::events::{self, Occurrence, Source};
use super::{Change, Context};
use crate::api::{Kind, Node, Object, Pod, Requirement, Taint, Toleration};
use crate::net::Protocol;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// kubelet `--max-pods`, default 110.
const MAX_PODS: usize = 110;

const SCHEDULER: Source<'static> = Source::component("default-scheduler");

/// What the Pods already bound to a node use of it.
#[derive(Clone, Debug, Default)]
struct Load {
    pods: usize,
    host_ports: BTreeSet<(Protocol, u16)>,
}

/// A reason as the scheduler words it, and whether evicting a Pod could ever help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unfit {
    reason: String,
    preemption_could_help: bool,
}

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    let mut loads: BTreeMap<&str, Load> = BTreeMap::new();
    for pod in context.store.list(Kind::Pod).filter_map(|pod| pod.as_pod()).filter(|pod| !is_finished(pod)) {
        if let Some(node) = &pod.spec.node_name {
            add(loads.entry(node).or_default(), pod);
        }
    }
    let mut changes = Vec::new();
    for object in context.store.list(Kind::Pod) {
        let Some(pod) = object.as_pod().filter(|pod| pod.spec.node_name.is_none()) else { continue };
        if object.meta().deletion_timestamp.is_some() {
            continue;
        }
        match choose(context, object, pod, &loads) {
            Ok(node) => {
                add(loads.entry(node.name()).or_default(), pod);
                changes.extend(bind(context, object, node.name()));
            }
            Err(message) => changes.extend(report_unschedulable(context, object, &message)),
        }
    }
    changes
}

fn is_finished(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"))
}

fn add(load: &mut Load, pod: &Pod) {
    load.pods += 1;
    load.host_ports.extend(host_ports(pod));
}

fn host_ports(pod: &Pod) -> impl Iterator<Item = (Protocol, u16)> {
    let ports = pod.spec.containers.iter().flat_map(|container| &container.ports);
    let host_network = pod.spec.host_network;
    ports.filter_map(move |port| {
        let host_port = port.host_port.or(host_network.then_some(port.container_port))?;
        (host_port != 0).then_some((port.protocol, host_port))
    })
}

fn choose<'a>(
    context: Context<'a>,
    document: &Object,
    pod: &Pod,
    loads: &BTreeMap<&str, Load>,
) -> Result<&'a Rc<Object>, String> {
    let idle = Load::default();
    let mut best: Option<(usize, &Rc<Object>)> = None;
    let mut unfit: BTreeMap<Unfit, usize> = BTreeMap::new();
    for object in nodes_in_scene_order(context) {
        let Some(node) = object.as_node() else { continue };
        let load = loads.get(object.name()).unwrap_or(&idle);
        match filter(pod, document, object, node, load) {
            Err(reason) => *unfit.entry(reason).or_default() += 1,
            Ok(()) if best.is_none_or(|(pods, _)| load.pods < pods) => best = Some((load.pods, object)),
            Ok(()) => {}
        }
    }
    best.map(|(_, node)| node).ok_or_else(|| explain(&unfit))
}

fn nodes_in_scene_order<'a>(context: Context<'a>) -> Vec<&'a Rc<Object>> {
    let place = |name: &str| context.cluster.nodes.iter().position(|node| node.name == name);
    let mut nodes: Vec<_> = context.store.list(Kind::Node).collect();
    nodes.sort_by_key(|node| place(node.name()).unwrap_or(usize::MAX));
    nodes
}

fn filter(pod: &Pod, document: &Object, object: &Object, node: &Node, load: &Load) -> Result<(), Unfit> {
    let unfit = |reason: String, preemption_could_help| Err(Unfit { reason, preemption_could_help });
    let tolerated = |taint: &Taint| pod.spec.tolerations.iter().any(|toleration| tolerates(toleration, taint));
    let unschedulable =
        Taint { key: "node.kubernetes.io/unschedulable".to_owned(), value: None, effect: "NoSchedule".to_owned() };
    if node.spec.unschedulable && !tolerated(&unschedulable) {
        return unfit("node(s) were unschedulable".to_owned(), false);
    }
    let repels = |taint: &&Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") && !tolerated(taint);
    if let Some(taint) = node.spec.taints.iter().find(repels) {
        let value = taint.value.as_deref().unwrap_or_default();
        return unfit(format!("node(s) had untolerated taint {{{}: {value}}}", taint.key), false);
    }
    if !selects(pod, document, object) {
        return unfit("node(s) didn't match Pod's node affinity/selector".to_owned(), false);
    }
    if host_ports(pod).any(|port| load.host_ports.contains(&port)) {
        return unfit("node(s) didn't have free ports for the requested pod ports".to_owned(), true);
    }
    if load.pods >= MAX_PODS {
        return unfit("Too many pods".to_owned(), true);
    }
    Ok(())
}

/// `spec.nodeSelector` and the required node affinity.
fn selects(pod: &Pod, document: &Object, node: &Object) -> bool {
    let labels = &node.meta().labels;
    if pod.spec.node_selector.iter().any(|(key, value)| labels.get(key) != Some(value)) {
        return false;
    }
    let Some(terms) = affinity_terms(document) else { return true };
    let name: BTreeMap<String, String> = [("metadata.name".to_owned(), node.name().to_owned())].into();
    // Terms are alternatives; a term without requirements matches nothing.
    terms.iter().any(|term| {
        let by_label = requirements(&term["matchExpressions"]);
        let by_field = requirements(&term["matchFields"]);
        !(by_label.is_empty() && by_field.is_empty())
            && by_label.iter().all(|requirement| requirement.matches(labels))
            && by_field.iter().all(|requirement| requirement.matches(&name))
    })
}

fn affinity_terms(pod: &Object) -> Option<&Vec<Value>> {
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    pod.document()["spec"]["affinity"]["nodeAffinity"][required]["nodeSelectorTerms"].as_array()
}

fn requirements(list: &Value) -> Vec<Requirement> {
    // `Gt` and `Lt` are not modelled; such a requirement is left out, as is a malformed one.
    list.as_array().into_iter().flatten().filter_map(|item| Requirement::deserialize(item).ok()).collect()
}

/// The node that a DaemonSet's Pod is made for.
pub(super) fn required_node(pod: &Object) -> Option<&str> {
    affinity_terms(pod)?.first()?["matchFields"][0]["values"][0].as_str()
}

/// Whether a node would take the Pod, its load aside: what a DaemonSet asks of each node.
pub(super) fn admits(pod: &Object, node: &Object) -> bool {
    let (Some(view), Some(node_view)) = (pod.as_pod(), node.as_node()) else { return false };
    filter(view, pod, node, node_view, &Load::default()).is_ok()
}

/// `v1.Toleration.ToleratesTaint`: an empty key with Exists tolerates everything; an empty effect matches every effect.
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let exists = toleration.operator.as_deref() == Some("Exists");
    given(&toleration.effect).is_none_or(|effect| effect == taint.effect)
        && given(&toleration.key).map_or(exists, |key| key == taint.key)
        && (exists || given(&toleration.value) == given(&taint.value))
}

/// The scheduler's FitError and what preemption adds to it: counts with reasons, sorted as text.
fn explain(unfit: &BTreeMap<Unfit, usize>) -> String {
    let total: usize = unfit.values().sum();
    if total == 0 {
        return "no nodes available to schedule pods".to_owned();
    }
    let mut reasons: Vec<String> = unfit.iter().map(|(unfit, count)| format!("{count} {}", unfit.reason)).collect();
    reasons.sort();
    let hopeful: usize = unfit.iter().filter(|(unfit, _)| unfit.preemption_could_help).map(|(_, count)| count).sum();
    let mut preemption = Vec::new();
    if hopeful > 0 {
        preemption.push(format!("{hopeful} No preemption victims found for incoming pod"));
    }
    if total > hopeful {
        preemption.push(format!("{} Preemption is not helpful for scheduling", total - hopeful));
    }
    preemption.sort();
    let available = format!("0/{total} nodes are available");
    format!("{available}: {}. preemption: {available}: {}.", reasons.join(", "), preemption.join(", "))
}

fn bind(context: Context<'_>, pod: &Object, node: &str) -> Vec<Change> {
    let condition = json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": context.now.to_string(),
    });
    let bound = pod.edited(|document| {
        document["spec"]["nodeName"] = json!(node);
        set_scheduled(document, condition);
    });
    let assigned = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
    let event = events::record(context, pod, SCHEDULER, &Occurrence::normal("Scheduled", assigned));
    bound.ok().map(Change::Update).into_iter().chain([event]).collect()
}

/// Once per reason: a Pod that waits for the same reason as before is left alone.
fn report_unschedulable(context: Context<'_>, pod: &Object, message: &str) -> Vec<Change> {
    let told = pod.document()["status"]["conditions"].as_array().into_iter().flatten();
    if told.into_iter().any(|condition| condition["type"] == "PodScheduled" && condition["message"] == message) {
        return Vec::new();
    }
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        "lastProbeTime": null, "lastTransitionTime": context.now.to_string(),
    });
    let updated = pod.edited(|document| set_scheduled(document, condition));
    let event = events::record(context, pod, SCHEDULER, &Occurrence::warning("FailedScheduling", message));
    updated.ok().map(Change::Update).into_iter().chain([event]).collect()
}

fn set_scheduled(document: &mut Value, condition: Value) {
    if !document["status"].is_object() {
        document["status"] = json!({ "phase": "Pending" });
    }
    document["status"]["phase"] = json!("Pending");
    document["status"]["conditions"] = json!([condition]);
}
