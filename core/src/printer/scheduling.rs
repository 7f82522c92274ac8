//! Priorities, runtime classes, flow control and resource claims.

use super::document::{flag, is_set, list, named, number, text};
use super::{Printer, View};
use serde_json::{Value, json};

pub(super) fn printer(kind: &str, view: &View) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "PriorityClass" if view.minor < 32 => ("Name|Value|Global-Default|Age", priority_class),
        "PriorityClass" => ("Name|Value|Global-Default|Age|PreemptionPolicy", priority_class),
        "RuntimeClass" => ("Name|Handler|Age", runtime_class),
        "FlowSchema" => ("Name|PriorityLevel|MatchingPrecedence|DistinguisherMethod|Age|MissingPL", flow_schema),
        "PriorityLevelConfiguration" => {
            ("Name|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age", priority_level)
        }
        "PodSchedulingContext" => ("Name|SelectedNode|Age", pod_scheduling_context),
        "ResourceClass" => ("Name|DriverName|Age", resource_class),
        "ResourceClaim" if view.minor < 31 => ("Name|ResourceClassName|AllocationMode|State|Age", resource_claim),
        "ResourceClaim" => ("Name|State|Age", resource_claim),
        "ResourceClaimTemplate" if view.minor < 31 => ("Name|ResourceClassName|AllocationMode|Age", resource_claim_template),
        "ResourceSlice" => ("Name|Node|Driver|Pool|Age", resource_slice),
        "StorageVersionMigration" => ("Name|Resource", storage_version_migration),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

fn priority_class(document: &Value, view: &View) -> Vec<Value> {
    let mut cells =
        vec![named(document), json!(number(document, "/value")), json!(flag(document, "/globalDefault")), view.age(document)];
    if view.wide && view.minor >= 32 {
        cells.push(json!(text(document, "/preemptionPolicy")));
    }
    cells
}

fn runtime_class(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/handler")), view.age(document)]
}

fn flow_schema(document: &Value, view: &View) -> Vec<Value> {
    let method = document.pointer("/spec/distinguisherMethod").filter(|method| !method.is_null());
    let conditions = list(document, "/status/conditions");
    let dangling = conditions.iter().find(|condition| text(condition, "/type") == "Dangling");
    vec![
        named(document),
        json!(text(document, "/spec/priorityLevelConfiguration/name")),
        json!(number(document, "/spec/matchingPrecedence")),
        json!(method.map_or("<none>", |method| text(method, "/type"))),
        view.age(document),
        json!(dangling.map_or("?", |condition| text(condition, "/status"))),
    ]
}

fn priority_level(document: &Value, view: &View) -> Vec<Value> {
    let none = || json!("<none>");
    let limited = document.pointer("/spec/limited").filter(|limited| !limited.is_null());
    let shares = limited.map_or_else(none, |limited| json!(number(limited, "/nominalConcurrencyShares")));
    let queuing = limited.and_then(|limited| limited.pointer("/limitResponse/queuing")).filter(|queuing| !queuing.is_null());
    let queue = |path: &str| queuing.map_or_else(none, |queuing| json!(number(queuing, path)));
    vec![
        named(document),
        json!(text(document, "/spec/type")),
        shares,
        queue("/queues"),
        queue("/handSize"),
        queue("/queueLengthLimit"),
        view.age(document),
    ]
}

fn pod_scheduling_context(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/spec/selectedNode")), view.age(document)]
}

fn resource_class(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/driverName")), view.age(document)]
}

fn resource_claim(document: &Value, view: &View) -> Vec<Value> {
    let mut cells = vec![named(document)];
    if view.minor < 31 {
        cells.extend(["/spec/resourceClassName", "/spec/allocationMode"].map(|path| json!(text(document, path))));
    }
    cells.extend([json!(claim_state(document)), view.age(document)]);
    cells
}

fn claim_state(document: &Value) -> String {
    let deleted = is_set(document, "/metadata/deletionTimestamp");
    let allocated = is_set(document, "/status/allocation");
    let mut states = Vec::new();
    if deleted {
        states.push("deleted");
    }
    match allocated {
        false if !deleted => states.push("pending"),
        false => {}
        true => {
            states.push("allocated");
            if !list(document, "/status/reservedFor").is_empty() {
                states.push("reserved");
            }
        }
    }
    if flag(document, "/status/deallocationRequested") {
        states.push("deallocation-requested");
    }
    states.join(",")
}

fn resource_claim_template(document: &Value, view: &View) -> Vec<Value> {
    let about = ["/spec/spec/resourceClassName", "/spec/spec/allocationMode"].map(|path| json!(text(document, path)));
    let mut cells = vec![named(document)];
    cells.extend(about);
    cells.push(view.age(document));
    cells
}

fn resource_slice(document: &Value, view: &View) -> Vec<Value> {
    let mut cells = vec![named(document)];
    cells.extend(["/spec/nodeName", "/spec/driver", "/spec/pool/name"].map(|path| json!(text(document, path))));
    cells.push(view.age(document));
    cells
}

fn storage_version_migration(document: &Value, _: &View) -> Vec<Value> {
    let resource = ["/spec/resource/resource", "/spec/resource/version", "/spec/resource/group"].map(|path| text(document, path));
    vec![named(document), json!(resource.join("."))]
}
