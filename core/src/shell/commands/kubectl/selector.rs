//! `-l app=web,tier in (a,b),!old` and `--field-selector status.phase=Running`.

use super::failure::Failure;
use crate::api::{Kind, LabelSelector, Operator, Requirement};
use serde_json::Value;

/// Reads a label selector in its written form (apimachinery's `labels.Parse`).
pub(super) fn parse_labels(text: &str) -> Result<LabelSelector, Failure> {
    let mut selector = LabelSelector::default();
    for part in split_outside_parentheses(text) {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        selector.match_expressions.push(requirement(part).ok_or_else(|| {
            Failure::error(format!("unable to parse requirement: found '{part}', expected: a label requirement"))
        })?);
    }
    Ok(selector)
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

fn requirement(part: &str) -> Option<Requirement> {
    let build = |key: &str, operator, values: Vec<String>| {
        let key = key.trim();
        let well_formed = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        well_formed.then(|| Requirement { key: key.to_owned(), operator, values })
    };
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some((key, value)) = part.split_once("!=") {
        return build(key, Operator::NotIn, one(value));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return build(key, Operator::In, one(value));
    }
    if let Some((head, list)) = part.split_once('(') {
        let values = list.trim().strip_suffix(')')?.split(',').map(|value| value.trim().to_owned()).collect();
        return match head.split_whitespace().collect::<Vec<_>>().as_slice() {
            [key, "in"] => build(key, Operator::In, values),
            [key, "notin"] => build(key, Operator::NotIn, values),
            _ => None,
        };
    }
    match part.strip_prefix('!') {
        Some(key) => build(key, Operator::DoesNotExist, Vec::new()),
        None => build(part, Operator::Exists, Vec::new()),
    }
}

/// Fields that must, or must not, have a value.
pub(super) struct FieldSelector {
    terms: Vec<Term>,
}

struct Term {
    field: String,
    value: String,
    equal: bool,
}

impl FieldSelector {
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let term = |part: &str| {
            let (field, value, equal) = if let Some((field, value)) = part.split_once("!=") {
                (field, value, false)
            } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (field, value, true)
            } else {
                return Err(Failure::error(format!("invalid selector: '{text}'; can't understand '{part}'")));
            };
            Ok(Term { field: field.to_owned(), value: value.to_owned(), equal })
        };
        let terms: Result<_, _> = text.split(',').filter(|part| !part.is_empty()).map(term).collect();
        Ok(Self { terms: terms? })
    }

    pub fn matches(&self, document: &Value) -> bool {
        self.terms.iter().all(|term| {
            let path = format!("/{}", term.field.replace('.', "/"));
            let value = document.pointer(&path).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            (value.unwrap_or_default() == term.value) == term.equal
        })
    }

    pub fn check(&self, kind: Kind) -> Result<(), Failure> {
        let known: &[&str] = match kind {
            Kind::Pod => &[
                "spec.nodeName",
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "spec.hostNetwork",
                "status.phase",
                "status.podIP",
                "status.podIPs",
                "status.nominatedNodeName",
            ],
            Kind::Event => &[
                "involvedObject.kind",
                "involvedObject.namespace",
                "involvedObject.name",
                "involvedObject.uid",
                "involvedObject.apiVersion",
                "involvedObject.resourceVersion",
                "involvedObject.fieldPath",
                "reason",
                "reportingComponent",
                "source",
                "type",
            ],
            Kind::Node => &["spec.unschedulable"],
            Kind::Namespace => &["status.phase"],
            Kind::Secret => &["type"],
            Kind::Service => &["spec.clusterIP", "spec.type"],
            _ => &[],
        };
        let unknown = self.terms.iter().find(|term| {
            !matches!(term.field.as_str(), "metadata.name" | "metadata.namespace") && !known.contains(&term.field.as_str())
        });
        let Some(term) = unknown else { return Ok(()) };
        let resource = kind.resource();
        let operator = if term.equal { "=" } else { "!=" };
        let message = format!(
            "Error from server (BadRequest): Unable to find \"{}/{}, Resource={}\" that match label selector \"\", field selector \
             \"{}{operator}{}\": field label not supported: {}",
            resource.group, resource.version, resource.plural, term.field, term.value, term.field
        );
        Err(Failure { message, status: 1 })
    }
}
