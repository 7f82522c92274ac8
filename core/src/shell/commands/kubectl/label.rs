//! `kubectl label` and `kubectl annotate`: `key=value` sets, `key-` takes away.

use super::Outcome;
use super::client::Kubectl;
use super::failure::Failure;
use super::output::{DryRun, changed, dry_run};
use super::resource::{self, Request};
use crate::api::Object;
use serde_json::{Value, json};

pub(super) const FLAGS: &str = "all all-namespaces/A dry-run=unchanged field-selector= filename/f= list overwrite output/o= selector/l= \
    template= !allow-missing-template-keys !field-manager= !kustomize/k= !local !recursive/R !resource-version= !show-managed-fields";

/// Which map of `metadata` is changed, and the words for it.
struct Target {
    field: &'static str,
    noun: &'static str,
    done: &'static str,
}

const LABELS: Target = Target { field: "labels", noun: "label", done: "labeled" };
const ANNOTATIONS: Target = Target { field: "annotations", noun: "annotation", done: "annotated" };

struct Changes {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

pub(super) async fn label(kubectl: Kubectl) -> Outcome {
    run(kubectl, &LABELS).await
}

pub(super) async fn annotate(kubectl: Kubectl) -> Outcome {
    run(kubectl, &ANNOTATIONS).await
}

async fn run(kubectl: Kubectl, target: &Target) -> Outcome {
    let is_change = |argument: &&String| argument.contains('=') || argument.ends_with('-');
    let resources: Vec<String> = kubectl.flags.arguments.iter().take_while(|argument| !is_change(argument)).cloned().collect();
    let changes = parse(kubectl.flags.arguments.get(resources.len()..).unwrap_or_default(), target)?;
    if resources.is_empty() && kubectl.flags.value("filename").is_none() {
        return Err(Failure::error("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if changes.set.is_empty() && changes.remove.is_empty() && !kubectl.flags.has("list") {
        return Err(Failure::error(format!("at least one {} update is required", target.noun)));
    }
    let requests: Vec<Request> = resource::requests(&kubectl, &resources, false)?;
    let mut failures = Vec::new();
    for answer in resource::fetch(&kubectl, requests).await? {
        match answer.objects {
            Ok(objects) => {
                for object in objects {
                    failures.extend(change(&kubectl, &object, &changes, target).await.err());
                }
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

fn parse(arguments: &[String], target: &Target) -> Result<Changes, Failure> {
    let mut changes = Changes { set: Vec::new(), remove: Vec::new() };
    for argument in arguments {
        match (argument.split_once('='), argument.strip_suffix('-')) {
            (Some((key, value)), _) => {
                if target.field == "labels" {
                    check_value(argument, value)?;
                }
                changes.set.push((key.to_owned(), value.to_owned()));
            }
            (None, Some(key)) => changes.remove.push(key.to_owned()),
            (None, None) => return Err(Failure::error(format!("unknown {} spec: {argument}", target.noun))),
        }
    }
    if changes.remove.iter().any(|key| changes.set.iter().any(|(set, _)| set == key)) {
        return Err(Failure::error(format!("can not both modify and remove a {} in the same command", target.noun)));
    }
    Ok(changes)
}

/// apimachinery's `IsValidLabelValue`.
fn check_value(specification: &str, value: &str) -> Outcome {
    let end = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if value.len() > 63 {
        return Err(Failure::error(format!("invalid label value: {specification:?}: must be no more than 63 bytes")));
    }
    if value.is_empty() || (value.starts_with(end) && value.ends_with(end) && value.chars().all(inner)) {
        return Ok(());
    }
    Err(Failure::error(format!(
        "invalid label value: {specification:?}: a valid label must be an empty string or consist of alphanumeric characters, '-', \
         '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used \
         for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    )))
}

async fn change(kubectl: &Kubectl, object: &Object, changes: &Changes, target: &Target) -> Outcome {
    let current = if target.field == "labels" { &object.meta().labels } else { &object.meta().annotations };
    if kubectl.flags.has("list") {
        let lines: String = current.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        kubectl.print(lines).await;
        return Ok(());
    }
    if !kubectl.flags.has("overwrite") {
        let taken =
            changes.set.iter().find_map(|(key, value)| current.get(key).filter(|own| *own != value).map(|own| (key, own)));
        if let Some((key, own)) = taken {
            return Err(Failure::error(format!("'{key}' already has a value ({own}), and --overwrite is false")));
        }
    }
    for key in changes.remove.iter().filter(|key| !current.contains_key(*key)) {
        kubectl.print(format!("{} {key:?} not found.\n", target.noun)).await;
    }
    let edited = object.edited(|document| edit(document, changes, target.field)).map_err(Failure::error)?;
    let word = if target.field == "annotations" {
        target.done
    } else if edited.document() == object.document() {
        "not labeled"
    } else if changes.set.is_empty() {
        "unlabeled"
    } else {
        target.done
    };
    if dry_run(kubectl)? != DryRun::No {
        return changed(kubectl, &edited, word).await;
    }
    let updated = kubectl.update(edited).await?;
    changed(kubectl, &updated, word).await
}

fn edit(document: &mut Value, changes: &Changes, field: &str) {
    if !document["metadata"][field].is_object() {
        document["metadata"][field] = json!({});
    }
    let Some(map) = document["metadata"][field].as_object_mut() else { return };
    changes.remove.iter().for_each(|key| drop(map.remove(key)));
    map.extend(changes.set.iter().map(|(key, value)| (key.clone(), json!(value))));
    if map.is_empty()
        && let Some(metadata) = document["metadata"].as_object_mut()
    {
        metadata.remove(field);
    }
}
