//! A Node and the Pods on it.

use super::super::client::Kubectl;
use super::sheet::Sheet;
use super::{labels_and_annotations, list, or_none, rfc1123, text};
use crate::api::{Kind, Object};
use crate::jsonpath::go_value;
use crate::printer;
use serde_json::Value;

pub(super) fn describe(kubectl: &Kubectl, object: &Object, sheet: &mut Sheet) {
    let document = object.document();
    sheet.line(0, format!("Name:\t{}", object.name()));
    sheet.line(0, format!("Roles:\t{}", printer::node_roles(document)));
    labels_and_annotations(object, sheet);
    sheet.line(0, format!("CreationTimestamp:\t{}", rfc1123(text(document, "/metadata/creationTimestamp"))));
    sheet.titled("Taints", list(document, "/spec/taints").iter().map(taint).collect());
    sheet.line(
        0,
        format!("Unschedulable:\t{}", document.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or_default()),
    );
    conditions(document, sheet);
    sheet.line(0, "Addresses:");
    for address in list(document, "/status/addresses") {
        sheet.line(1, format!("{}:\t{}", text(address, "/type"), text(address, "/address")));
    }
    for (title, path) in [("Capacity", "/status/capacity"), ("Allocatable", "/status/allocatable")] {
        let Some(amounts) = document.pointer(path).and_then(Value::as_object) else { continue };
        sheet.line(0, format!("{title}:"));
        amounts.iter().for_each(|(name, amount)| sheet.line(1, format!("{name}:\t{}", go_value(amount))));
    }
    system(document, sheet);
    let cidr = text(document, "/spec/podCIDR");
    if !cidr.is_empty() {
        sheet.line(0, format!("PodCIDR:\t{cidr}"));
        let all: Vec<&str> = list(document, "/spec/podCIDRs").iter().filter_map(Value::as_str).collect();
        sheet.line(0, format!("PodCIDRs:\t{}", or_none(&all.join(","))));
    }
    pods(kubectl, object, sheet);
}

fn taint(taint: &Value) -> String {
    let value = text(taint, "/value");
    let equals = if value.is_empty() { "" } else { "=" };
    format!("{}{equals}{value}:{}", text(taint, "/key"), text(taint, "/effect"))
}

fn conditions(document: &Value, sheet: &mut Sheet) {
    let conditions = list(document, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    sheet.line(0, "Conditions:");
    sheet.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    sheet.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let cell = |path: &str| text(condition, path);
        let [heartbeat, transition] = ["/lastHeartbeatTime", "/lastTransitionTime"].map(|path| rfc1123(cell(path)));
        let (kind, status, reason, message) = (cell("/type"), cell("/status"), cell("/reason"), cell("/message"));
        sheet.line(1, format!("{kind} \t{status} \t{heartbeat} \t{transition} \t{reason} \t{message}"));
    }
}

fn system(document: &Value, sheet: &mut Sheet) {
    let rows = [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
        ("Kube-Proxy Version", "kubeProxyVersion"),
    ];
    sheet.line(0, "System Info:");
    for (title, field) in rows {
        sheet.line(1, format!("{title}:\t{}", text(document, &format!("/status/nodeInfo/{field}"))));
    }
}

fn pods(kubectl: &Kubectl, node: &Object, sheet: &mut Sheet) {
    let mut pods = kubectl.peek_list(Kind::Pod, None);
    pods.retain(|pod| {
        let phase = text(pod.document(), "/status/phase");
        text(pod.document(), "/spec/nodeName") == node.name() && !matches!(phase, "Succeeded" | "Failed")
    });
    sheet.line(0, format!("Non-terminated Pods:\t({} in total)", pods.len()));
    sheet.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    sheet.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    for pod in pods {
        let age = printer::since(pod.meta().creation_timestamp.as_deref(), kubectl.process.now());
        let amounts = [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")];
        let cells: Vec<String> =
            amounts.iter().map(|(kind, resource)| amount(pod.document(), node.document(), kind, resource)).collect();
        sheet.line(1, format!("{}\t{}\t\t{}\t{age}", pod.namespace(), pod.name(), cells.join("\t")));
    }
}

/// A Pod's sum of a resource and its share of the node: `100m (5%)`.
fn amount(pod: &Value, node: &Value, kind: &str, resource: &str) -> String {
    let containers = list(pod, "/spec/containers").iter();
    let given: Vec<&Value> =
        containers.filter_map(|container| container.pointer(&format!("/resources/{kind}/{resource}"))).collect();
    let total = given.iter().fold(0.0, |total, amount| total + quantity(&go_value(amount)));
    let capacity = node.pointer(&format!("/status/allocatable/{resource}")).map_or(0.0, |amount| quantity(&go_value(amount)));
    let percent = if capacity > 0.0 { (total / capacity * 100.0).floor() } else { 0.0 };
    let shown = match given.as_slice() {
        [] => "0".to_owned(),
        [only] => go_value(only),
        _ if resource == "cpu" => format!("{}m", total * 1_000.0),
        _ => format!("{}Mi", (total / 1_048_576.0).round()),
    };
    format!("{shown} ({percent}%)")
}

/// A quantity in its base unit.
fn quantity(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let factor = match suffix {
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "Ki" => 1_024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        _ => 1.0,
    };
    number.parse::<f64>().unwrap_or_default() * factor
}
