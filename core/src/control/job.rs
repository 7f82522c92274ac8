//! Job controller: Pods until enough of them have succeeded, or too many failed.

use super::events::{self, Occurrence, Source};
use super::{Change, Context, names, owner, with_field};
use crate::api::{Kind, Object};
use serde_json::{Value, json};
use std::rc::Rc;

const SOURCE: Source<'static> = Source::component("job-controller");

pub(super) fn reconcile(context: Context<'_>) -> Vec<Change> {
    let unfinished = owner::workloads(context, Kind::Job).filter(|job| !is_finished(job));
    unfinished.flat_map(|job| sync(context, job)).collect()
}

fn is_finished(job: &Object) -> bool {
    let conditions = job.document()["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|condition| (condition["type"] == "Complete" || condition["type"] == "Failed") && condition["status"] == "True")
}

fn sync(context: Context<'_>, job: &Rc<Object>) -> Vec<Change> {
    let spec = &job.document()["spec"];
    let completions = spec["completions"].as_u64().unwrap_or(1);
    let parallelism = spec["parallelism"].as_u64().unwrap_or(1).min(owner::MAX_PODS);
    let limit = spec["backoffLimit"].as_u64().unwrap_or(6);
    let pods: Vec<&Rc<Object>> = owner::owned(context, Kind::Pod, job).collect();
    let count = |phase: &str| {
        let in_phase = pods.iter().filter(|pod| pod.as_pod().is_some_and(|pod| pod.status.phase.as_deref() == Some(phase)));
        u64::try_from(in_phase.count()).unwrap_or(u64::MAX)
    };
    let (succeeded, failed) = (count("Succeeded"), count("Failed"));
    let active: Vec<_> = pods.iter().filter(|pod| owner::is_active(pod)).collect();
    let running = u64::try_from(active.len()).unwrap_or(u64::MAX);
    let mut status = json!({ "startTime": job.document()["status"].get("startTime").cloned().unwrap_or_else(|| json!(context.now.to_string())) });
    for (field, count) in [("active", running), ("succeeded", succeeded), ("failed", failed)] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    let ready = active.iter().filter(|pod| pod.as_pod().is_some_and(|pod| pod.is_ready())).count();
    status["ready"] = json!(ready);
    let mut changes = Vec::new();
    if succeeded >= completions {
        finish(context, &mut status, "Complete", "CompletionsReached", "Reached expected number of succeeded pods");
        status["completionTime"] = json!(context.now.to_string());
        changes.push(events::record(context, job, SOURCE, &Occurrence::normal("Completed", "Job completed")));
    } else if failed > limit {
        let message = "Job has reached the specified backoff limit";
        finish(context, &mut status, "Failed", "BackoffLimitExceeded", message);
        changes.extend(active.iter().map(|pod| Change::Delete(pod.reference())));
        changes.push(events::record(context, job, SOURCE, &Occurrence::warning("BackoffLimitExceeded", message)));
    } else {
        let missing = parallelism.min(completions - succeeded).saturating_sub(running);
        changes.extend((0..missing).filter_map(|index| create(context, job, index)));
    }
    changes.extend(with_field(job, "status", status));
    changes
}

fn finish(context: Context<'_>, status: &mut Value, kind: &str, reason: &str, message: &str) {
    let now = context.now.to_string();
    let condition = |kind: &str| {
        json!({
            "type": kind, "status": "True", "reason": reason, "message": message,
            "lastProbeTime": now, "lastTransitionTime": now,
        })
    };
    // Since 1.31 the criteria are met first, the end is told with them.
    let criteria = if kind == "Complete" { "SuccessCriteriaMet" } else { "FailureTarget" };
    status["conditions"] = json!([condition(criteria), condition(kind)]);
}

fn create(context: Context<'_>, job: &Object, index: u64) -> Option<Change> {
    let about = format!("{} {} {index}", job.meta().uid, context.store.revision());
    let name = format!("{}-{}", job.name(), names::suffix(context.cluster.seed, &about));
    let mut template = owner::template(job);
    let labels = [("batch.kubernetes.io/job-name", job.name()), ("job-name", job.name())];
    let uids = [("batch.kubernetes.io/controller-uid", job.meta().uid.as_str()), ("controller-uid", job.meta().uid.as_str())];
    for (label, value) in labels.into_iter().chain(uids) {
        template["metadata"]["labels"][label] = json!(value);
    }
    let pod = owner::pod_from_template(job, &template, &name).ok()?;
    let created = Occurrence::normal("SuccessfulCreate", format!("Created pod: {name}"));
    Some(owner::told(context, Change::Create(pod), job, SOURCE, &created))
}
