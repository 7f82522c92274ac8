//! ConfigMaps, Secrets, accounts and quotas.

use super::document::{count, named, scalar, text};
use super::{Printer, View};
use serde_json::{Value, json};

pub(super) fn printer(kind: &str) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "ConfigMap" => ("Name|Data|Age", config_map),
        "Secret" => ("Name|Type|Data|Age", secret),
        "ServiceAccount" => ("Name|Secrets|Age", service_account),
        "ResourceQuota" => ("Name|Request|Limit|Age", resource_quota),
        // Kinds without a printer of their own get the API server's default.
        "Role" | "ClusterRole" | "LimitRange" | "CustomResourceDefinition" => ("Name|Created At", created_at),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

fn config_map(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(count(document, "/data") + count(document, "/binaryData")), view.age(document)]
}

fn secret(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/type")), json!(count(document, "/data")), view.age(document)]
}

fn service_account(document: &Value, view: &View) -> Vec<Value> {
    vec![named(document), json!(count(document, "/secrets")), view.age(document)]
}

fn created_at(document: &Value, _: &View) -> Vec<Value> {
    vec![named(document), json!(text(document, "/metadata/creationTimestamp"))]
}

fn resource_quota(document: &Value, view: &View) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (resource, hard) in document.pointer("/status/hard").and_then(Value::as_object).into_iter().flatten() {
        let used = document.pointer("/status/used").and_then(|used| used.get(resource)).map_or("0".to_owned(), scalar);
        let column = if resource.starts_with("limits.") { &mut limits } else { &mut requests };
        column.push(format!("{resource}: {used}/{}", scalar(hard)));
    }
    vec![named(document), json!(requests.join(", ")), json!(limits.join(", ")), view.age(document)]
}
