//! `kubectl apply`: create what is missing, change what differs from what was applied last.

use super::client::Kubectl;
use super::failure::Failure;
use super::output::{DryRun, changed, dry_run};
use super::source::Found;
use super::{Outcome, field, source};
use crate::api::Object;
use serde_json::{Map, Value, json};

pub(super) const FLAGS: &str = "filename/f= dry-run=unchanged output/o= selector/l= template= !all !allow-missing-template-keys \
    !cascade=background !field-manager= !force !force-conflicts !grace-period= !kustomize/k= !openapi-patch !overwrite !prune \
    !prune-allowlist= !recursive/R !server-side !show-managed-fields !subresource= !timeout= !validate=strict !wait";

/// Where apply keeps what it applied, so that it can tell later which fields were taken out.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    if let [argument, ..] = kubectl.flags.arguments.as_slice() {
        return Err(Failure::usage(&kubectl.path, format!("Unexpected args: [{argument}]")));
    }
    if kubectl.flags.value("filename").is_none() {
        return Err(Failure::error("must specify one of -f and -k"));
    }
    let files = source::read(&kubectl).await?;
    let nothing = files.objects.is_empty() && files.failures.is_empty();
    let mut failures = files.failures;
    for found in files.objects {
        if let Err(failure) = apply(&kubectl, found).await {
            failures.push(failure);
        }
    }
    if nothing {
        return Err(Failure::error("no objects passed to apply"));
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

async fn apply(kubectl: &Kubectl, found: Found) -> Outcome {
    let applied = with_last_applied(&found.object)?;
    let dry = dry_run(kubectl)? != DryRun::No;
    let Ok(live) = kubectl.get(&found.object.reference()).await else {
        let created = match dry {
            true => Ok(std::rc::Rc::new(applied)),
            false => kubectl.create(applied).await,
        };
        let created = created.map_err(|error| Failure::from_source(&error, "creating", &found.source))?;
        return changed(kubectl, &created, "created").await;
    };
    let last = live.meta().annotations.get(LAST_APPLIED).and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    if last.is_null() {
        kubectl.process.print_error(missing_annotation(&live)).await;
    }
    let merged = live.edited(|document| merge(document, &last, applied.document())).map_err(Failure::error)?;
    if merged.document() == live.document() {
        return changed(kubectl, &live, "unchanged").await;
    }
    if dry {
        return changed(kubectl, &merged, "configured").await;
    }
    let updated =
        kubectl.update(merged).await.map_err(|error| Failure::from_source(&error, "applying patch to", &found.source))?;
    let same = updated.meta().resource_version == live.meta().resource_version;
    changed(kubectl, &updated, if same { "unchanged" } else { "configured" }).await
}

fn missing_annotation(live: &Object) -> String {
    format!(
        "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should \
         only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing \
         annotation will be patched automatically.\n",
        live.kind().resource().plural,
        live.name()
    )
}

/// The object with its own text in an annotation.
pub(super) fn with_last_applied(object: &Object) -> Result<Object, Failure> {
    let mut bare = object.document().clone();
    match field::value_at(&mut bare, &["metadata", "annotations"]) {
        Value::Object(annotations) => drop(annotations.remove(LAST_APPLIED)),
        other => *other = json!({}),
    }
    let text = format!("{}\n", crate::jsonpath::escape_html(&bare.to_string()));
    object
        .edited(|document| field::set(document, &["metadata", "annotations", LAST_APPLIED], json!(text)))
        .map_err(Failure::error)
}

/// The three-way merge: what was applied last and is no longer there goes, what is there now is set, the rest stays.
fn merge(live: &mut Value, last: &Value, new: &Value) {
    let Some(wanted) = new.as_object() else {
        *live = new.clone();
        return;
    };
    if !live.is_object() {
        *live = Value::Object(Map::new());
    }
    let Some(fields) = live.as_object_mut() else { return };
    for key in last.as_object().into_iter().flat_map(Map::keys).filter(|key| !wanted.contains_key(*key)) {
        fields.remove(key);
    }
    for (key, value) in wanted {
        let before = last.get(key).unwrap_or(&Value::Null);
        match (fields.get_mut(key), value) {
            (_, Value::Null) => drop(fields.remove(key)),
            (Some(own), Value::Array(items)) => merge_list(own, before, items, merge_key(key, items)),
            (Some(own), value) => merge(own, before, value),
            (None, value) => drop(fields.insert(key.clone(), value.clone())),
        }
    }
}

/// The field that tells items of a list apart, where Kubernetes merges the list and does not replace it.
fn merge_key(field: &str, items: &[Value]) -> Option<&'static str> {
    let key = match field {
        "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets" => "name",
        "ports" if items.iter().all(|item| item.get("containerPort").is_some()) => "containerPort",
        "ports" if items.iter().all(|item| item.get("port").is_some() && item.get("endPort").is_none()) => "port",
        "volumeMounts" => "mountPath",
        "ownerReferences" => "uid",
        _ => return None,
    };
    items.iter().all(|item| item.get(key).is_some()).then_some(key)
}

fn merge_list(live: &mut Value, last: &Value, wanted: &[Value], key: Option<&'static str>) {
    let (Some(key), Some(own)) = (key, live.as_array().cloned()) else {
        *live = json!(wanted);
        return;
    };
    let find = |list: &[Value], item: &Value| list.iter().find(|other| other.get(key) == item.get(key)).cloned();
    let before = last.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut merged: Vec<Value> = Vec::new();
    for item in wanted {
        let mut value = find(&own, item).unwrap_or(Value::Null);
        merge(&mut value, &find(before, item).unwrap_or(Value::Null), item);
        merged.push(value);
    }
    // Items that others added stay, unless they were applied before and are gone from the file.
    merged.extend(own.into_iter().filter(|item| find(wanted, item).is_none() && find(before, item).is_none()));
    *live = Value::Array(merged);
}
