//! Deployments and ReplicaSets.

use super::super::client::Kubectl;
use super::container::{self, containers};
use super::sheet::Sheet;
use super::{heading, labels_and_annotations, list, rfc1123, text};
use crate::api::{Kind, Object};
use crate::jsonpath::go_value;
use crate::printer;
use serde_json::Value;

fn number(document: &Value, path: &str) -> i64 {
    document.pointer(path).and_then(Value::as_i64).unwrap_or_default()
}

pub(super) fn deployment(kubectl: &Kubectl, object: &Object, sheet: &mut Sheet) {
    let document = object.document();
    heading(object, sheet);
    sheet.line(0, format!("CreationTimestamp:\t{}", rfc1123(text(document, "/metadata/creationTimestamp"))));
    labels_and_annotations(object, sheet);
    sheet.line(0, format!("Selector:\t{}", printer::label_selector_as_selector(document.pointer("/spec/selector"))));
    let status = |field: &str| number(document, &format!("/status/{field}"));
    sheet.line(
        0,
        format!(
            "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
            number(document, "/spec/replicas"),
            status("updatedReplicas"),
            status("replicas"),
            status("availableReplicas"),
            status("unavailableReplicas")
        ),
    );
    sheet.line(0, format!("StrategyType:\t{}", text(document, "/spec/strategy/type")));
    sheet.line(0, format!("MinReadySeconds:\t{}", number(document, "/spec/minReadySeconds")));
    if let Some(rolling) = document.pointer("/spec/strategy/rollingUpdate").filter(|rolling| rolling.is_object()) {
        let [unavailable, surge] = ["maxUnavailable", "maxSurge"].map(|field| go_value(&rolling[field]));
        sheet.line(0, format!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge"));
    }
    template(document, sheet);
    conditions(document, sheet);
    replica_sets(kubectl, object, sheet);
}

fn template(document: &Value, sheet: &mut Sheet) {
    let Some(template) = document.pointer("/spec/template") else { return };
    sheet.line(0, "Pod Template:");
    sheet.pairs("  Labels", template.pointer("/metadata/labels"));
    if template.pointer("/metadata/annotations").and_then(Value::as_object).is_some_and(|annotations| !annotations.is_empty()) {
        sheet.annotations("  Annotations", template.pointer("/metadata/annotations"));
    }
    let account = text(template, "/spec/serviceAccountName");
    if !account.is_empty() {
        sheet.line(1, format!("Service Account:\t{account}"));
    }
    if !list(template, "/spec/initContainers").is_empty() {
        containers("Init Containers", list(template, "/spec/initContainers"), &[], 1, sheet);
    }
    containers("Containers", list(template, "/spec/containers"), &[], 1, sheet);
    container::volumes(list(template, "/spec/volumes"), 1, sheet);
    sheet.pairs("  Node-Selectors", template.pointer("/spec/nodeSelector"));
    sheet.titled("  Tolerations", list(template, "/spec/tolerations").iter().map(container::toleration).collect());
}

fn conditions(document: &Value, sheet: &mut Sheet) {
    let conditions = list(document, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    sheet.line(0, "Conditions:");
    sheet.line(1, "Type\tStatus\tReason");
    sheet.line(1, "----\t------\t------");
    for condition in conditions {
        sheet.line(1, format!("{} \t{}\t{}", text(condition, "/type"), text(condition, "/status"), text(condition, "/reason")));
    }
}

/// The ReplicaSets of a Deployment: the one of its template, and the others that still have Pods.
fn replica_sets(kubectl: &Kubectl, deployment: &Object, sheet: &mut Sheet) {
    let sets = kubectl.peek_list(Kind::ReplicaSet, Some(deployment.namespace()));
    let owned =
        |set: &Object| set.meta().owner_references.iter().any(|owner| owner.controller && owner.name == deployment.name());
    let revision = |object: &Object| object.meta().annotations.get("deployment.kubernetes.io/revision").cloned();
    let (newest, old): (Vec<_>, Vec<_>) =
        sets.into_iter().filter(|set| owned(set)).partition(|set| revision(set) == revision(deployment));
    if newest.is_empty() && old.is_empty() {
        return;
    }
    let shown = |sets: Vec<std::rc::Rc<Object>>| {
        let lines: Vec<String> = sets
            .iter()
            .map(|set| {
                let document = set.document();
                format!(
                    "{} ({}/{} replicas created)",
                    set.name(),
                    number(document, "/status/replicas"),
                    number(document, "/spec/replicas")
                )
            })
            .collect();
        if lines.is_empty() { "<none>".to_owned() } else { lines.join(", ") }
    };
    sheet.line(0, format!("OldReplicaSets:\t{}", shown(old)));
    sheet.line(0, format!("NewReplicaSet:\t{}", shown(newest)));
}

pub(super) fn replica_set(kubectl: &Kubectl, object: &Object, sheet: &mut Sheet) {
    let document = object.document();
    heading(object, sheet);
    sheet.line(0, format!("Selector:\t{}", printer::label_selector(document.pointer("/spec/selector"))));
    labels_and_annotations(object, sheet);
    for owner in object.meta().owner_references.iter().filter(|owner| owner.controller) {
        sheet.line(0, format!("Controlled By:\t{}/{}", owner.kind, owner.name));
    }
    let (current, desired) = (number(document, "/status/replicas"), number(document, "/spec/replicas"));
    sheet.line(0, format!("Replicas:\t{current} current / {desired} desired"));
    let pods = kubectl.peek_list(Kind::Pod, Some(object.namespace()));
    let owned = |pod: &&std::rc::Rc<Object>| pod.meta().owner_references.iter().any(|owner| owner.uid == object.meta().uid);
    let in_phase = |phase: &str| pods.iter().filter(owned).filter(|pod| text(pod.document(), "/status/phase") == phase).count();
    let [running, waiting, succeeded, failed] = ["Running", "Pending", "Succeeded", "Failed"].map(in_phase);
    sheet.line(0, format!("Pods Status:\t{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"));
    template(document, sheet);
    conditions(document, sheet);
}
