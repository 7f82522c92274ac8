//! Labels and selectors as Kubernetes writes them in one cell.

use super::document::{list, text};
use crate::api::{LabelSelector, Operator};
use serde::Deserialize;
use serde_json::Value;

/// `app=web,tier=front`, or `<none>` (apimachinery's `labels.FormatLabels`).
pub fn labels(labels: Option<&Value>) -> String {
    let pairs = label_pairs(labels);
    if pairs.is_empty() { "<none>".to_owned() } else { pairs }
}

/// The same without the word for nothing.
pub(super) fn label_pairs(labels: Option<&Value>) -> String {
    let Some(fields) = labels.and_then(Value::as_object) else { return String::new() };
    let pairs: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    pairs.join(",")
}

/// `metav1.FormatLabelSelector`: `<none>` for an absent or empty selector.
pub fn label_selector(selector: Option<&Value>) -> String {
    match label_selector_as_selector(selector) {
        text if text.is_empty() => "<none>".to_owned(),
        text if text == "<invalid>" => "<error>".to_owned(),
        text => text,
    }
}

/// `labels.Selector.String()`: requirements sorted by key; empty for a selector of everything.
pub fn label_selector_as_selector(selector: Option<&Value>) -> String {
    let Some(selector) = selector.filter(|selector| !selector.is_null()) else { return String::new() };
    let Ok(selector) = LabelSelector::deserialize(selector) else { return "<invalid>".to_owned() };
    let mut requirements: Vec<(String, String)> =
        selector.match_labels.iter().map(|(key, value)| (key.clone(), format!("{key}={value}"))).collect();
    for requirement in &selector.match_expressions {
        let key = &requirement.key;
        let mut values = requirement.values.clone();
        values.sort();
        let values = values.join(",");
        let text = match requirement.operator {
            Operator::In => format!("{key} in ({values})"),
            Operator::NotIn => format!("{key} notin ({values})"),
            Operator::Exists => key.clone(),
            Operator::DoesNotExist => format!("!{key}"),
        };
        requirements.push((key.clone(), text));
    }
    requirements.sort_by(|left, right| left.0.cmp(&right.0));
    requirements.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(",")
}

/// The CONTAINERS and IMAGES cells.
pub(super) fn container_cells(pod_spec: &Value) -> [Value; 2] {
    let containers = list(pod_spec, "/containers");
    ["/name", "/image"].map(|path| {
        let texts: Vec<&str> = containers.iter().map(|container| text(container, path)).collect();
        Value::String(texts.join(","))
    })
}

/// At most `limit` entries, then how many more there are.
pub(super) fn first_few(entries: &[String], limit: usize, separator: &str) -> String {
    let shown = entries.get(..limit).unwrap_or(entries).join(separator);
    if entries.len() > limit { format!("{shown} + {} more...", entries.len() - limit) } else { shown }
}
