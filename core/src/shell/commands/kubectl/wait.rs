//! `kubectl wait`: until a condition holds, a path has a value, or an object is gone.

use super::client::Kubectl;
use super::failure::Failure;
use super::{Outcome, delete, resource};
use crate::api::{Object, ObjectRef};
use crate::clock::Duration;
use crate::jsonpath::{Template, go_value, relaxed_expression};
use serde_json::Value;

pub(super) const FLAGS: &str = "all all-namespaces/A field-selector= filename/f= for= output/o= selector/l= timeout= template= \
    !allow-missing-template-keys !local !recursive/R !show-managed-fields";

enum Condition {
    Deleted,
    Created,
    Status { name: String, value: String },
    Path { template: Template, value: Option<String> },
}

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let condition = Condition::parse(kubectl.flags.value("for").unwrap_or_default())?;
    let limit = duration(&kubectl, "timeout")?.unwrap_or(Duration::from_secs(30));
    if kubectl.flags.arguments.is_empty() && kubectl.flags.value("filename").is_none() {
        return Err(Failure::error("you must provide one or more resources by argument or filename"));
    }
    let end = kubectl.process.now() + limit;
    let (targets, mut failures) = resource::targets(&kubectl, false).await?;
    if targets.is_empty() && failures.is_empty() && !matches!(condition, Condition::Deleted) {
        return Err(Failure::error("no matching resources found"));
    }
    for target in &targets {
        if let Err(failure) = wait_for(&kubectl, &target.reference, &condition, end).await {
            failures.push(failure);
        }
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

async fn wait_for(kubectl: &Kubectl, reference: &ObjectRef, condition: &Condition, end: crate::clock::Instant) -> Outcome {
    let name = resource::short_name(reference);
    let created_later = matches!(condition, Condition::Created);
    let mut known = kubectl.get(reference).await;
    loop {
        let met = match (&known, condition) {
            (Err(_), Condition::Deleted) => return Ok(()),
            (Err(error), _) if !created_later => return Err(error.clone().into()),
            (Err(_), _) => false,
            (Ok(_), Condition::Deleted) => {
                let left = end.since(kubectl.process.now());
                delete::wait_until_gone(kubectl, std::slice::from_ref(reference), left).await?;
                true
            }
            (Ok(object), condition) => condition.holds(object)?,
        };
        if met {
            kubectl.print(format!("{name} condition met\n")).await;
            return Ok(());
        }
        let left = end.since(kubectl.process.now());
        if left.is_zero() {
            let plural = reference.kind.resource().plural;
            return Err(Failure::error(format!("timed out waiting for the condition on {plural}/{}", reference.name)));
        }
        kubectl.watch_for(left).await;
        known = kubectl.peek(reference).ok_or_else(|| crate::store::ApiError::not_found(reference));
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Self, Failure> {
        if text.eq_ignore_ascii_case("delete") {
            return Ok(Condition::Deleted);
        }
        if text.eq_ignore_ascii_case("create") {
            return Ok(Condition::Created);
        }
        if let Some(condition) = text.strip_prefix("condition=") {
            let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
            return Ok(Condition::Status { name: name.to_owned(), value: value.to_owned() });
        }
        match text.strip_prefix("jsonpath=") {
            Some(input) => Self::parse_path(input),
            None => Err(Failure::error(format!("unrecognized condition: {text:?}"))),
        }
    }

    fn parse_path(input: &str) -> Result<Self, Failure> {
        let parts = split_single_equals(input);
        let (path, value) = match parts.as_slice() {
            [path] => (path, None),
            [path, value] => (path, Some(value.trim_matches(['\'', '"']).to_owned())),
            _ => {
                let forms = "--for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";
                return Err(Failure::error(format!("jsonpath wait format must be {forms}")));
            }
        };
        if value.as_deref() == Some("") {
            let example = "--for=jsonpath='{.status.readyReplicas}'=3";
            return Err(Failure::error(format!("jsonpath wait has to have a value after equal sign, like {example}")));
        }
        let expression = relaxed_expression(path.trim_matches('\'')).map_err(Failure::error)?;
        if expression.is_empty() {
            return Err(Failure::error("jsonpath expression cannot be empty"));
        }
        let template = Template::parse(&expression).map_err(Failure::error)?.allow_missing_keys(true);
        Ok(Condition::Path { template, value })
    }

    fn holds(&self, object: &Object) -> Result<bool, Failure> {
        match self {
            Condition::Deleted => Ok(false),
            Condition::Created => Ok(true),
            Condition::Status { name, value } => {
                Ok(condition_status(object.document(), name).is_some_and(|status| status.eq_ignore_ascii_case(value)))
            }
            Condition::Path { template, value } => {
                let results = template.results(object.document()).map_err(Failure::error)?;
                let found: Vec<&Value> = results.iter().flatten().map(|value| value.as_ref()).collect();
                match (found.as_slice(), value) {
                    ([], _) => Ok(false),
                    ([_], None) => Ok(true),
                    ([Value::Object(_) | Value::Array(_)], Some(_)) => {
                        Err(Failure::error("jsonpath leads to a nested object or list which is not supported"))
                    }
                    ([found], Some(value)) => Ok(go_value(found).trim() == value.trim()),
                    _ => Err(Failure::error("given jsonpath expression matches more than one value")),
                }
            }
        }
    }
}

/// The status of a condition, unless it is about an older generation of the object.
fn condition_status<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    let conditions = document.pointer("/status/conditions")?.as_array()?;
    let condition =
        conditions.iter().find(|condition| condition["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(name)))?;
    let generation = document.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = condition["observedGeneration"]
        .as_i64()
        .or_else(|| document.pointer("/status/observedGeneration").and_then(Value::as_i64));
    match observed.zip(generation) {
        Some((observed, generation)) if observed < generation => None,
        _ => condition["status"].as_str(),
    }
}

/// Splits at `=` but not at `==`, which belongs to a filter.
fn split_single_equals(input: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = input.chars().peekable();
    while let Some(c) = characters.next() {
        let double = c == '=' && characters.next_if_eq(&'=').is_some();
        match parts.last_mut() {
            Some(_) if c == '=' && !double => parts.push(String::new()),
            Some(last) if double => last.push_str("=="),
            Some(last) => last.push(c),
            None => {}
        }
    }
    parts
}

/// A flag's duration as Go writes it: `60s`, `1m30s`, `2h`. A negative one means a week.
pub(super) fn duration(kubectl: &Kubectl, name: &str) -> Result<Option<Duration>, Failure> {
    let Some(text) = kubectl.flags.value(name) else { return Ok(None) };
    let invalid = || {
        let reason = if text.is_empty() || text.ends_with(|c: char| c.is_ascii_digit()) {
            "missing unit in duration"
        } else {
            "invalid duration"
        };
        let message = format!("invalid argument {text:?} for \"--{name}\" flag: time: {reason} {text:?}");
        Failure::flag(&message, &kubectl.path)
    };
    if let Some(positive) = text.strip_prefix('-') {
        return parse_duration(positive).map(|_| Some(Duration::from_secs(168 * 3_600))).ok_or_else(invalid);
    }
    parse_duration(text).map(Some).ok_or_else(invalid)
}

/// Go's `time.ParseDuration`, without a sign.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        rest = tail;
    }
    // Go's durations end after 292 years.
    (total > 0.0 || !text.is_empty()).then_some(total).filter(|total| *total < 9.2e9).map(Duration::from_secs_f64)
}
