//! What the API server's admission plug-ins add to a new Pod: ServiceAccount, Priority, DefaultTolerationSeconds; and the QoS class.
//! The projected token volume is left out: nothing here reads it.

use serde_json::{Map, Value, json};

/// How long a Pod stays bound to a node that does not answer.
const TOLERATION_SECONDS: u32 = 300;

pub(super) fn pod(document: &mut Value) {
    let qos_class = qos_class(&document["spec"]);
    if let Some(status) = document.get_mut("status").and_then(Value::as_object_mut) {
        status.insert("qosClass".to_owned(), json!(qos_class));
    }
    let Some(spec) = document.get_mut("spec").and_then(Value::as_object_mut) else { return };
    let account = spec.get("serviceAccountName").filter(|name| name.is_string()).cloned().unwrap_or_else(|| json!("default"));
    let priority = match spec.get("priorityClassName").and_then(Value::as_str) {
        Some("system-node-critical") => 2_000_001_000,
        Some("system-cluster-critical") => 2_000_000_000,
        Some(_) | None => 0,
    };
    for (field, value) in [
        ("serviceAccountName", account.clone()),
        ("serviceAccount", account),
        ("priority", json!(priority)),
        ("preemptionPolicy", json!("PreemptLowerPriority")),
    ] {
        spec.entry(field).or_insert(value);
    }
    tolerations(spec);
}

fn tolerations(spec: &mut Map<String, Value>) {
    let tolerations = spec.entry("tolerations").or_insert_with(|| json!([]));
    if tolerations.is_null() {
        *tolerations = json!([]);
    }
    let Some(tolerations) = tolerations.as_array_mut() else { return };
    for taint in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerates = |toleration: &Value| {
            let field = |name: &str| toleration[name].as_str().unwrap_or_default();
            (field("key").is_empty() || field("key") == taint) && ["", "NoExecute"].contains(&field("effect"))
        };
        if !tolerations.iter().any(tolerates) {
            tolerations.push(json!({
                "key": taint,
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": TOLERATION_SECONDS,
            }));
        }
    }
}

/// Guaranteed: every container limits CPU and memory and asks for as much. BestEffort: none says anything.
fn qos_class(spec: &Value) -> &'static str {
    let containers = || ["containers", "initContainers"].into_iter().flat_map(|list| spec[list].as_array().into_iter().flatten());
    let amount = |container: &Value, list: &str, resource: &str| container["resources"][list].get(resource).cloned();
    let says_nothing = |container: &Value| {
        ["cpu", "memory"]
            .iter()
            .all(|resource| amount(container, "limits", resource).is_none() && amount(container, "requests", resource).is_none())
    };
    let is_guaranteed = |container: &Value| {
        ["cpu", "memory"].iter().all(|resource| {
            let limit = amount(container, "limits", resource);
            limit.is_some() && limit == amount(container, "requests", resource)
        })
    };
    if containers().all(says_nothing) {
        "BestEffort"
    } else if containers().all(is_guaranteed) {
        "Guaranteed"
    } else {
        "Burstable"
    }
}
