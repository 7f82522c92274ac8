//! What the API server's admission plug-ins add to a new Pod: ServiceAccount, Priority, DefaultTolerationSeconds; and the QoS class.

use serde_json::{Map, Value, json};

/// How long a Pod stays bound to a node that does not answer.
const TOLERATION_SECONDS: u32 = 300;

/// Where every container finds its service account's token, unless it mounts something else there.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// `suffix`: five random letters for the name of the token's volume.
pub(super) fn pod(document: &mut Value, suffix: &str) {
    // A mirror Pod only reflects what the kubelet runs anyway, and the plug-in leaves it alone.
    let is_mirror = document["metadata"]["annotations"].get("kubernetes.io/config.mirror").is_some();
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
    if !is_mirror && spec.get("automountServiceAccountToken") != Some(&json!(false)) {
        token_volume(spec, &format!("kube-api-access-{suffix}"));
    }
}

/// A volume with the account's token, the cluster's certificate and the Pod's namespace, mounted into each container.
fn token_volume(spec: &mut Map<String, Value>, name: &str) {
    let mut is_needed = false;
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
            let Some(mounts) = list_of(container, "volumeMounts") else { continue };
            if !mounts.iter().any(|mount| mount["mountPath"] == TOKEN_PATH) {
                mounts.push(json!({ "mountPath": TOKEN_PATH, "name": name, "readOnly": true }));
                is_needed = true;
            }
        }
    }
    if let Some(volumes) = list_of(spec, "volumes").filter(|_| is_needed) {
        volumes.push(json!({
            "name": name,
            "projected": { "defaultMode": 420, "sources": [
                { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                { "configMap": { "items": [{ "key": "ca.crt", "path": "ca.crt" }], "name": "kube-root-ca.crt" } },
                { "downwardAPI": { "items": [{ "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" }, "path": "namespace" }] } },
            ] },
        }));
    }
}

/// The list in a field that may be absent or null; nothing when something else stands there, which validation then refuses.
fn list_of<'a>(object: &'a mut Map<String, Value>, field: &str) -> Option<&'a mut Vec<Value>> {
    let list = object.entry(field).or_insert_with(|| json!([]));
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut()
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
