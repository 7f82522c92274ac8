//! Deployment, ReplicaSet, DaemonSet, StatefulSet, Job, CronJob (pkg/apis/apps and batch validation, Kubernetes 1.33).

use super::field::{Faults, Field, go_value};
use super::{meta, names, pod};
use crate::api::LabelSelector;
use serde::Deserialize;

/// Kinds that run Pods for ever behind a selector.
pub(super) fn workload(document: &Field<'_>, faults: &mut Faults) {
    let spec = document.child("spec");
    spec.child("replicas").non_negative(faults);
    let selector = spec.child("selector");
    if selector.is_set() {
        meta::selector(&selector, faults);
        if selector.child("matchLabels").len() == 0 && selector.child("matchExpressions").len() == 0 {
            faults.push(selector.invalid_value(
                "v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}",
                "empty selector is invalid for deployment",
            ));
        }
    } else {
        faults.push(selector.required(""));
    }
    let template = spec.child("template");
    selects_template(&selector, &template, faults);
    pod_template(&template, faults);
    let restart = template.at("spec.restartPolicy");
    if ["OnFailure", "Never"].contains(&restart.text()) {
        faults.push(restart.unsupported(&["Always"]));
    }
    for field in ["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        spec.child(field).non_negative(faults);
    }
    strategy(&spec.child("strategy"), faults);
}

fn selects_template(selector: &Field<'_>, template: &Field<'_>, faults: &mut Faults) {
    let labels = template.at("metadata.labels");
    let Ok(selector) = LabelSelector::deserialize(selector.value) else { return };
    let set = labels.entries().map(|(key, value)| (key.to_owned(), value.text().to_owned())).collect();
    if !selector.is_empty() && !selector.matches(&set) {
        let shown = if labels.is_set() { go_value(labels.value) } else { "map[string]string(nil)".to_owned() };
        faults.push(labels.invalid_value(&shown, "`selector` does not match template `labels`"));
    }
}

pub(super) fn pod_template(template: &Field<'_>, faults: &mut Faults) {
    // The server's path to a template's labels leaves `metadata` out.
    let labels = template.at("metadata.labels");
    meta::labels(&Field { path: format!("{}.labels", template.path), value: labels.value }, faults);
    pod::pod_spec(&template.child("spec"), faults);
}

fn strategy(strategy: &Field<'_>, faults: &mut Faults) {
    if !strategy.is_set() {
        return;
    }
    strategy.child("type").one_of(&["Recreate", "RollingUpdate"], faults);
    let rolling = strategy.child("rollingUpdate");
    if strategy.child("type").text() == "Recreate" && rolling.is_set() {
        faults.push(rolling.forbidden("may not be specified when strategy `type` is 'Recreate'"));
    }
}

pub(super) fn job(spec: &Field<'_>, faults: &mut Faults) {
    for field in ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"] {
        spec.child(field).non_negative(faults);
    }
    let template = spec.child("template");
    pod_template(&template, faults);
    let restart = template.at("spec.restartPolicy");
    if restart.text() == "Always" {
        faults.push(restart.unsupported(&["OnFailure", "Never"]));
    }
}

pub(super) fn cron_job(spec: &Field<'_>, faults: &mut Faults) {
    let schedule = spec.child("schedule");
    if schedule.text().is_empty() {
        faults.push(schedule.required(""));
    } else if schedule.text().split_whitespace().count() != 5 && !schedule.text().starts_with('@') {
        let count = schedule.text().split_whitespace().count();
        faults.push(schedule.invalid(format!("expected exactly 5 fields, found {count}: [{}]", schedule.text())));
    }
    let policy = spec.child("concurrencyPolicy");
    if policy.is_set() {
        policy.one_of(&["Allow", "Forbid", "Replace"], faults);
    }
    job(&spec.at("jobTemplate.spec"), faults);
}

/// A selector says which Pods are a workload's own; it may not change under them.
pub(super) fn selector_update(old: &Field<'_>, new: &Field<'_>, faults: &mut Faults) {
    let (before, after) = (old.at("spec.selector"), new.at("spec.selector"));
    if before.value != after.value {
        let labels = go_value(after.child("matchLabels").value);
        let shown = format!("v1.LabelSelector{{MatchLabels:{labels}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}}");
        faults.push(after.invalid_value(&shown, "field is immutable"));
    }
}

/// ConfigMap and Secret: every key may become a file's name.
pub(super) fn configuration(document: &Field<'_>, maps: &[&str], faults: &mut Faults) {
    for (key, value) in maps.iter().flat_map(|map| document.child(map).entries()) {
        let complaints = names::config_key(key);
        faults.extend(complaints.iter().map(|complaint| value.invalid_value(&format!("{key:?}"), complaint)));
    }
}
