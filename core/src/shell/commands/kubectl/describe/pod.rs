//! A Pod.

use super::super::client::Kubectl;
use super::container::{self, containers};
use super::sheet::Sheet;
use super::{heading, labels_and_annotations, list, or_none, rfc1123, text};
use crate::api::Object;
use crate::printer;
use serde_json::Value;

pub(super) fn describe(kubectl: &Kubectl, object: &Object, sheet: &mut Sheet) {
    let document = object.document();
    heading(object, sheet);
    sheet.line(0, format!("Priority:\t{}", document.pointer("/spec/priority").and_then(Value::as_i64).unwrap_or_default()));
    let account = text(document, "/spec/serviceAccountName");
    if !account.is_empty() {
        sheet.line(0, format!("Service Account:\t{account}"));
    }
    match text(document, "/spec/nodeName") {
        "" => sheet.line(0, "Node:\t<none>"),
        node => sheet.line(0, format!("Node:\t{node}/{}", text(document, "/status/hostIP"))),
    }
    let started = text(document, "/status/startTime");
    if !started.is_empty() {
        sheet.line(0, format!("Start Time:\t{}", rfc1123(started)));
    }
    labels_and_annotations(object, sheet);
    status(kubectl, document, sheet);
    addresses(document, sheet);
    for owner in object.meta().owner_references.iter().filter(|owner| owner.controller) {
        sheet.line(0, format!("Controlled By:\t{}/{}", owner.kind, owner.name));
    }
    if !list(document, "/spec/initContainers").is_empty() {
        let statuses = list(document, "/status/initContainerStatuses");
        containers("Init Containers", list(document, "/spec/initContainers"), statuses, 0, sheet);
    }
    containers("Containers", list(document, "/spec/containers"), list(document, "/status/containerStatuses"), 0, sheet);
    conditions(document, sheet);
    container::volumes(list(document, "/spec/volumes"), 0, sheet);
    let class = text(document, "/status/qosClass");
    sheet.line(0, format!("QoS Class:\t{}", if class.is_empty() { "BestEffort" } else { class }));
    sheet.pairs("Node-Selectors", document.pointer("/spec/nodeSelector"));
    sheet.titled("Tolerations", list(document, "/spec/tolerations").iter().map(container::toleration).collect());
}

fn status(kubectl: &Kubectl, document: &Value, sheet: &mut Sheet) {
    let phase = text(document, "/status/phase");
    let deletion = text(document, "/metadata/deletionTimestamp");
    if deletion.is_empty() || matches!(phase, "Succeeded" | "Failed") {
        sheet.line(0, format!("Status:\t{phase}"));
    } else {
        let lasts = printer::since(Some(deletion), kubectl.process.now());
        sheet.line(0, format!("Status:\tTerminating (lasts {lasts})"));
        let grace = document.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64).unwrap_or_default();
        sheet.line(0, format!("Termination Grace Period:\t{grace}s"));
    }
    for (title, path) in [("Reason", "/status/reason"), ("Message", "/status/message")] {
        let value = text(document, path);
        if !value.is_empty() {
            sheet.line(0, format!("{title}:\t{value}"));
        }
    }
}

fn addresses(document: &Value, sheet: &mut Sheet) {
    sheet.line(0, format!("IP:\t{}", text(document, "/status/podIP")));
    let all = list(document, "/status/podIPs");
    if all.is_empty() {
        return sheet.line(0, "IPs:\t<none>");
    }
    sheet.line(0, "IPs:");
    all.iter().for_each(|address| sheet.line(1, format!("IP:\t{}", or_none(text(address, "/ip")))));
}

fn conditions(document: &Value, sheet: &mut Sheet) {
    let conditions = list(document, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    sheet.line(0, "Conditions:");
    sheet.line(1, "Type\tStatus");
    for condition in conditions {
        sheet.line(1, format!("{} \t{} ", text(condition, "/type"), text(condition, "/status")));
    }
}
