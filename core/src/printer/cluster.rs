//! Nodes, namespaces, events and the health of components.

use super::document::{flag, is_set, list, name, named, number, text, text_or};
use super::{Printer, View};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn printer(kind: &str) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "Node" => ("Name|Status|Roles|Age|Version|+Internal-IP|+External-IP|+OS-Image|+Kernel-Version|+Container-Runtime", node),
        "Namespace" => ("Name|Status|Age", namespace),
        "Event" => ("Last Seen|Type|Reason|Object|+Subobject|+Source|Message|+First Seen|+Count|+Name", event),
        "ComponentStatus" => ("Name|Status|Message|Error", component_status),
        "Lease" => ("Name|Holder|Age", lease),
        "LeaseCandidate" => ("Name|LeaseName|BinaryVersion|EmulationVersion|Age", lease_candidate),
        "Status" => ("Status|Reason|Message", status),
        "StorageVersion" => ("Name|CommonEncodingVersion|StorageVersions|Age", storage_version),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

fn namespace(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/status/phase")), view.age(document)]
}

fn node(document: &Value, view: &View) -> Vec<Value> {
    let conditions = list(document, "/status/conditions");
    let ready = conditions.iter().rev().find(|condition| text(condition, "/type") == "Ready");
    let mut state = match ready.map(|condition| text(condition, "/status")) {
        Some("True") => "Ready".to_owned(),
        Some(_) => "NotReady".to_owned(),
        None => "Unknown".to_owned(),
    };
    if flag(document, "/spec/unschedulable") {
        state.push_str(",SchedulingDisabled");
    }
    let version = text(document, "/status/nodeInfo/kubeletVersion");
    let mut cells = vec![named(document), json!(state), json!(node_roles(document)), view.age(document), json!(version)];
    if view.wide {
        cells.extend(["InternalIP", "ExternalIP"].map(|kind| json!(address(document, kind))));
        let about = ["osImage", "kernelVersion", "containerRuntimeVersion"];
        cells.extend(about.map(|field| json!(text_or(document, &format!("/status/nodeInfo/{field}"), "<unknown>"))));
    }
    cells
}

fn address<'a>(document: &'a Value, kind: &str) -> &'a str {
    let addresses = list(document, "/status/addresses");
    addresses.iter().find(|address| text(address, "/type") == kind).map_or("<none>", |address| text(address, "/address"))
}

/// Roles come from labels: `node-role.kubernetes.io/ROLE`, or the older `kubernetes.io/role`.
pub fn node_roles(document: &Value) -> String {
    let labels = document.pointer("/metadata/labels").and_then(Value::as_object);
    let role = |(key, value): (&'_ String, &'_ Value)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) => Some(role.to_owned()),
        None if key == "kubernetes.io/role" => value.as_str().map(str::to_owned),
        None => None,
    };
    let roles: BTreeSet<String> = labels.into_iter().flatten().filter_map(role).filter(|role| !role.is_empty()).collect();
    if roles.is_empty() { "<none>".to_owned() } else { roles.into_iter().collect::<Vec<_>>().join(",") }
}

fn event(document: &Value, view: &View) -> Vec<Value> {
    let first_path = if is_set(document, "/firstTimestamp") { "/firstTimestamp" } else { "/eventTime" };
    let first = view.since(document, first_path);
    let in_series = is_set(document, "/series");
    let last = match (in_series, is_set(document, "/lastTimestamp")) {
        (true, _) => view.since(document, "/series/lastObservedTime"),
        (false, true) => view.since(document, "/lastTimestamp"),
        (false, false) => first.clone(),
    };
    let count = match (in_series, number(document, "/count")) {
        (true, _) => number(document, "/series/count"),
        (false, 0) => 1,
        (false, count) => count,
    };
    let kind = text(document, "/involvedObject/kind").to_lowercase();
    let target = match text(document, "/involvedObject/name") {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let mut cells = vec![json!(last), json!(text(document, "/type")), json!(text(document, "/reason")), json!(target)];
    let message = json!(text(document, "/message").trim());
    if !view.wide {
        cells.push(message);
        return cells;
    }
    cells.extend([json!(text(document, "/involvedObject/fieldPath")), json!(event_source(document)), message]);
    cells.extend([json!(first), json!(count), json!(name(document))]);
    cells
}

/// `kubelet, worker-1`
fn event_source(document: &Value) -> String {
    let component = text_or(document, "/source/component", text(document, "/reportingComponent"));
    match text_or(document, "/source/host", text(document, "/reportingInstance")) {
        "" => component.to_owned(),
        instance => format!("{component}, {instance}"),
    }
}

fn component_status(document: &Value, _: &View) -> Vec<Value> {
    let healthy = list(document, "/conditions").iter().find(|condition| text(condition, "/type") == "Healthy");
    let state = match healthy.map(|condition| text(condition, "/status")) {
        Some("True") => "Healthy",
        Some(_) => "Unhealthy",
        None => "Unknown",
    };
    let [message, error] = ["/message", "/error"].map(|path| json!(healthy.map_or("", |condition| text(condition, path))));
    vec![named(document), json!(state), message, error]
}

fn lease(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/spec/holderIdentity")), view.age(document)]
}

fn lease_candidate(document: &Value, view: &View) -> Vec<Value> {
    let mut cells = vec![named(document)];
    cells
        .extend(["leaseName", "binaryVersion", "emulationVersion"].map(|field| json!(text(document, &format!("/spec/{field}")))));
    cells.push(view.age(document));
    cells
}

fn status(document: &Value, _: &View) -> Vec<Value> {
    ["/status", "/reason", "/message"].map(|path| json!(text(document, path))).to_vec()
}

fn storage_version(document: &Value, view: &View) -> Vec<Value> {
    let version = |version: &Value| format!("{}={}", text(version, "/apiServerID"), text(version, "/encodingVersion"));
    let versions: Vec<String> = list(document, "/status/storageVersions").iter().map(version).collect();
    let common = super::document::given_or(document, "/status/commonEncodingVersion", "<unset>");
    let versions = super::network::unset_if_empty(super::format::first_few(&versions, 3, ","));
    vec![named(document), json!(common), json!(versions), view.age(document)]
}
