//! `kubectl describe`: an object, what belongs to it, and its Events.

mod container;
mod network;
mod node;
mod pod;
mod sheet;
mod workload;

use super::client::Kubectl;
use super::failure::Failure;
use super::{Outcome, resource};
use crate::api::{Kind, Object};
use crate::clock::Instant;
use crate::printer;
use serde_json::Value;
use sheet::Sheet;

pub(super) const FLAGS: &str = "all-namespaces/A filename/f= selector/l= show-events !chunk-size= !kustomize/k= !recursive/R";

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    if kubectl.flags.arguments.is_empty() && kubectl.flags.value("filename").is_none() {
        return Err(Failure::error(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let requests = resource::requests(&kubectl, &kubectl.flags.arguments, true)?;
    let mut failures = Vec::new();
    let mut printed = false;
    for answer in resource::fetch(&kubectl, requests).await? {
        match answer.objects {
            Ok(objects) => {
                for object in objects {
                    let separator = if printed { "\n\n" } else { "" };
                    kubectl.print(format!("{separator}{}", describe(&kubectl, &object))).await;
                    printed = true;
                }
            }
            Err(failure) => failures.push(failure),
        }
    }
    if !printed && failures.is_empty() {
        let place =
            if kubectl.flags.has("all-namespaces") { String::new() } else { format!(" in {} namespace.", kubectl.namespace()) };
        kubectl.process.print_error(format!("No resources found{place}\n")).await;
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

fn describe(kubectl: &Kubectl, object: &Object) -> String {
    let mut sheet = Sheet::default();
    match object.kind() {
        Kind::Pod => pod::describe(kubectl, object, &mut sheet),
        Kind::Service => network::service(kubectl, object, &mut sheet),
        Kind::NetworkPolicy => network::policy(object, &mut sheet),
        Kind::Node => node::describe(kubectl, object, &mut sheet),
        Kind::Deployment => workload::deployment(kubectl, object, &mut sheet),
        Kind::ReplicaSet => workload::replica_set(kubectl, object, &mut sheet),
        Kind::Namespace => namespace(object, &mut sheet),
        _ => generic(object, &mut sheet),
    }
    let without_events = matches!(object.kind(), Kind::NetworkPolicy | Kind::Namespace);
    if !without_events && kubectl.flags.switch("show-events", true) {
        events(kubectl, object, &mut sheet);
    }
    sheet.finish()
}

/// Name, namespace, labels, annotations.
fn heading(object: &Object, sheet: &mut Sheet) {
    sheet.line(0, format!("Name:\t{}", object.name()));
    if object.kind().resource().namespaced {
        sheet.line(0, format!("Namespace:\t{}", object.namespace()));
    }
}

fn labels_and_annotations(object: &Object, sheet: &mut Sheet) {
    sheet.pairs("Labels", object.document().pointer("/metadata/labels"));
    sheet.annotations("Annotations", object.document().pointer("/metadata/annotations"));
}

fn namespace(object: &Object, sheet: &mut Sheet) {
    heading(object, sheet);
    labels_and_annotations(object, sheet);
    sheet.line(0, format!("Status:\t{}", text(object.document(), "/status/phase")));
    sheet.line(0, "");
    sheet.line(0, "No resource quota.");
    sheet.line(0, "");
    sheet.line(0, "No LimitRange resource.");
}

/// Kinds without a description of their own: every field, indented, with capitalised names.
fn generic(object: &Object, sheet: &mut Sheet) {
    heading(object, sheet);
    labels_and_annotations(object, sheet);
    let fields = object.document().as_object();
    for (key, value) in fields.into_iter().flatten().filter(|(key, _)| *key != "metadata") {
        fields_of(sheet, key, value, 0);
    }
}

fn fields_of(sheet: &mut Sheet, key: &str, value: &Value, level: usize) {
    let title = smart_label(key);
    match value {
        Value::Object(fields) => {
            sheet.line(level, format!("{title}:"));
            fields.iter().for_each(|(key, value)| fields_of(sheet, key, value, level + 1));
        }
        Value::Array(items) => {
            sheet.line(level, format!("{title}:"));
            for item in items {
                match item.as_object() {
                    Some(fields) => fields.iter().for_each(|(key, value)| fields_of(sheet, key, value, level + 1)),
                    None => sheet.line(level + 1, crate::jsonpath::go_value(item)),
                }
            }
        }
        scalar => sheet.line(level, format!("{title}:\t{}", crate::jsonpath::go_value(scalar))),
    }
}

/// `apiVersion` → `API Version`.
fn smart_label(field: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in field.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let capitalised = words.iter().map(|word| {
        if matches!(word.to_lowercase().as_str(), "api" | "id" | "url" | "uid" | "osb" | "guid") {
            return word.to_uppercase();
        }
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    capitalised.collect::<Vec<_>>().join(" ")
}

/// The Events about an object, oldest first.
fn events(kubectl: &Kubectl, object: &Object, sheet: &mut Sheet) {
    let namespace = if object.namespace().is_empty() { None } else { Some(object.namespace()) };
    let mut events = kubectl.peek_list(Kind::Event, namespace);
    events.retain(|event| {
        let about = &event.document()["involvedObject"];
        about["kind"] == object.kind().resource().name
            && about["name"] == object.name()
            && about["uid"].as_str().is_none_or(|uid| uid.is_empty() || uid == object.meta().uid)
    });
    if events.is_empty() {
        return sheet.line(0, "Events:\t<none>");
    }
    // Within a second in the order in which they were recorded.
    let recorded = |event: &Object| event.meta().resource_version.parse::<u64>().unwrap_or_default();
    events.sort_by_key(|event| (text(event.document(), "/lastTimestamp").to_owned(), recorded(event)));
    sheet.flush();
    sheet.line(0, "Events:");
    sheet.line(1, "Type\tReason\tAge\tFrom\tMessage");
    sheet.line(1, "----\t------\t----\t----\t-------");
    let now = kubectl.process.now();
    for event in events {
        let event = event.document();
        let source = match text(event, "/source/component") {
            "" => text(event, "/reportingComponent"),
            component => component,
        };
        let (kind, reason, message) = (text(event, "/type"), text(event, "/reason"), text(event, "/message").trim());
        sheet.line(1, format!("{kind}\t{reason}\t{}\t{source}\t{message}", interval(event, now)));
    }
}

/// `5s`, or `5s (x3 over 2m)` for what happened more than once.
fn interval(event: &Value, now: Instant) -> String {
    let since = |path: &str| printer::since(event.pointer(path).and_then(Value::as_str), now);
    let first =
        if event.pointer("/eventTime").is_some_and(Value::is_string) { since("/eventTime") } else { since("/firstTimestamp") };
    match (event.pointer("/series/count").and_then(Value::as_i64), event["count"].as_i64()) {
        (Some(count), _) => format!("{} (x{count} over {first})", since("/series/lastObservedTime")),
        (None, Some(count @ 2..)) => format!("{} (x{count} over {first})", since("/lastTimestamp")),
        _ => first,
    }
}

fn text<'a>(document: &'a Value, path: &str) -> &'a str {
    document.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(document: &'a Value, path: &str) -> &'a [Value] {
    document.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

/// RFC 1123 with a numeric zone: `Thu, 14 May 2026 10:00:00 +0000`.
fn rfc1123(timestamp: &str) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(instant) = Instant::parse_rfc3339(timestamp) else { return "Mon, 01 Jan 0001 00:00:00 +0000".to_owned() };
    let iso = instant.to_string();
    let part = |range: core::ops::Range<usize>| iso.get(range).unwrap_or_default();
    let index = |number: u64, length: usize| usize::try_from(number).unwrap_or_default() % length;
    let day = DAYS.get(index(instant.unix_seconds() / 86_400, 7)).copied().unwrap_or_default();
    let month = part(5..7).parse::<u64>().unwrap_or(1).saturating_sub(1);
    let month = MONTHS.get(index(month, 12)).copied().unwrap_or_default();
    format!("{day}, {} {month} {} {} +0000", part(8..10), part(0..4), part(11..19))
}
