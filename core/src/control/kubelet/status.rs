//! A Pod's `status`, computed from what its worker knows, field by field as the kubelet reports it.

use super::container::{Phase, Task, Terminated, image_id};
use super::worker::{Sandbox, Worker};
use crate::api::{Container, Object, Pod};
use crate::clock::Instant;
use crate::image;
use crate::net::IpAddr;
use serde_json::{Map, Value, json};

/// The Pod with its new status, if that differs from the one it has.
pub(super) fn write(object: &Object, pod: &Pod, worker: &Worker, host_ip: IpAddr, now: Instant) -> Option<Object> {
    let old = &object.document()["status"];
    let phase = phase(pod, worker);
    let mut status = old.as_object().cloned().unwrap_or_default();
    status.insert("phase".to_owned(), json!(phase));
    status.insert("conditions".to_owned(), conditions(worker, phase, &old["conditions"], now));
    status.insert("startTime".to_owned(), json!(worker.started.to_string()));
    status.insert("hostIP".to_owned(), json!(host_ip.to_string()));
    status.insert("hostIPs".to_owned(), json!([{ "ip": host_ip.to_string() }]));
    if let Some(ip) = worker.ip().or(pod.spec.host_network.then_some(host_ip)) {
        status.insert("podIP".to_owned(), json!(ip.to_string()));
        status.insert("podIPs".to_owned(), json!([{ "ip": ip.to_string() }]));
    }
    let waits_for_init = worker.tasks.iter().any(|task| task.init && !task.has_initialized());
    container_statuses(&mut status, object, &pod.spec.init_containers, "initContainerStatuses", worker, waits_for_init);
    container_statuses(&mut status, object, &pod.spec.containers, "containerStatuses", worker, waits_for_init);
    let status = Value::Object(status);
    if status == *old {
        return None;
    }
    object.edited(|document| document["status"] = status).ok()
}

/// kubelet's getPhase.
fn phase(pod: &Pod, worker: &Worker) -> &'static str {
    let never = pod.spec.restart_policy.as_deref() == Some("Never");
    let mut init = worker.tasks.iter().filter(|task| task.init);
    if let Some(current) = init.find(|task| !task.has_initialized()) {
        return if never && current.has_ended() { "Failed" } else { "Pending" };
    }
    let main = || worker.tasks.iter().filter(|task| !task.init);
    if main().any(|task| !task.has_run()) {
        return "Pending";
    }
    match (main().all(Task::has_ended), main().all(Task::succeeded)) {
        (true, true) => "Succeeded",
        (true, false) => "Failed",
        (false, _) => "Running",
    }
}

fn is_ready(task: &Task) -> bool {
    matches!(&task.phase, Phase::Running(running) if running.readiness.is_ready())
}

fn conditions(worker: &Worker, phase: &str, old: &Value, now: Instant) -> Value {
    let names = |tasks: &mut dyn Iterator<Item = &Task>| {
        let names: Vec<&str> = tasks.map(|task| task.name.as_str()).collect();
        names.join(" ")
    };
    let incomplete = names(&mut worker.tasks.iter().filter(|task| task.init && !task.has_initialized()));
    let unready = names(&mut worker.tasks.iter().filter(|task| (!task.init || task.sidecar) && !is_ready(task)));
    let sandbox = matches!(worker.sandbox, Sandbox::Ready { .. });
    let initialized = match (incomplete.is_empty(), phase) {
        (true, "Succeeded") => (true, "PodCompleted", String::new()),
        (true, _) => (true, "", String::new()),
        (false, _) => (false, "ContainersNotInitialized", format!("containers with incomplete status: [{incomplete}]")),
    };
    let ready = || match (unready.is_empty(), phase) {
        (_, "Succeeded") => (false, "PodCompleted", String::new()),
        (_, "Failed") => (false, "PodFailed", String::new()),
        (true, _) => (true, "", String::new()),
        (false, _) => (false, "ContainersNotReady", format!("containers with unready status: [{unready}]")),
    };
    let mut all = vec![
        condition(old, "PodReadyToStartContainers", (sandbox, "", String::new()), now),
        condition(old, "Initialized", initialized, now),
        condition(old, "Ready", ready(), now),
        condition(old, "ContainersReady", ready(), now),
    ];
    let scheduled = old.as_array().into_iter().flatten().find(|condition| condition["type"] == "PodScheduled");
    all.push(scheduled.cloned().unwrap_or_else(|| condition(old, "PodScheduled", (true, "", String::new()), now)));
    Value::Array(all)
}

/// A condition keeps its transition time for as long as it keeps its status.
fn condition(old: &Value, kind: &str, (holds, reason, message): (bool, &str, String), now: Instant) -> Value {
    let status = if holds { "True" } else { "False" };
    let before =
        old.as_array().into_iter().flatten().find(|condition| condition["type"] == kind && condition["status"] == status);
    let since = before.map_or_else(|| json!(now.to_string()), |condition| condition["lastTransitionTime"].clone());
    let mut condition = json!({ "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since });
    if !reason.is_empty() {
        condition["reason"] = json!(reason);
    }
    if !message.is_empty() {
        condition["message"] = json!(message);
    }
    condition
}

fn container_statuses(
    status: &mut Map<String, Value>,
    object: &Object,
    specs: &[Container],
    field: &str,
    worker: &Worker,
    waits_for_init: bool,
) {
    if specs.is_empty() {
        return;
    }
    let statuses = specs.iter().filter_map(|spec| {
        let task = worker.tasks.iter().find(|task| task.name == spec.name)?;
        Some(container_status(object, spec, task, worker, waits_for_init))
    });
    status.insert(field.to_owned(), Value::Array(statuses.collect()));
}

fn container_status(object: &Object, spec: &Container, task: &Task, worker: &Worker, waits_for_init: bool) -> Value {
    let image = image::find(&spec.image).filter(|_| task.has_run());
    let id = match &task.phase {
        Phase::Running(running) => running.id.clone(),
        Phase::Exited { end, .. } => end.id.clone(),
        _ => task.last.as_ref().map_or_else(String::new, |end| end.id.clone()),
    };
    let ready = if task.init && !task.sidecar { task.succeeded() } else { is_ready(task) };
    let mut status = json!({
        "name": task.name,
        "image": image.as_ref().map_or(&spec.image, |image| &image.name),
        "imageID": image.as_ref().map_or_else(String::new, image_id),
        "lastState": task.last.as_ref().map_or_else(|| json!({}), |end| json!({ "terminated": terminated(end) })),
        "ready": ready,
        "resources": {},
        "restartCount": task.restarts,
        "started": task.is_running(),
        "state": state(object, spec, task, worker, waits_for_init),
    });
    if !id.is_empty() {
        status["containerID"] = json!(id);
    }
    if let Some(mounts) = volume_mounts(object, task) {
        status["volumeMounts"] = mounts;
    }
    status
}

/// The mounts as the status repeats them.
fn volume_mounts(object: &Object, task: &Task) -> Option<Value> {
    let list = if task.init { "initContainers" } else { "containers" };
    let containers = object.document()["spec"][list].as_array()?;
    let mounts = containers.iter().find(|container| container["name"] == task.name.as_str())?["volumeMounts"].as_array()?;
    let repeated = mounts.iter().map(|mount| {
        let mut mount = mount.clone();
        if mount["readOnly"] == true {
            mount["recursiveReadOnly"] = json!("Disabled");
        }
        mount
    });
    Some(Value::Array(repeated.collect()))
}

fn state(object: &Object, spec: &Container, task: &Task, worker: &Worker, waits_for_init: bool) -> Value {
    let image = &spec.image;
    match &task.phase {
        Phase::PullFailed { error, .. } => waiting("ErrImagePull", error),
        Phase::PullBackOff { error, .. } => {
            waiting("ImagePullBackOff", &format!("Back-off pulling image \"{image}\": ErrImagePull: {error}"))
        }
        Phase::NeverPulled => {
            waiting("ErrImageNeverPull", &format!("Container image \"{image}\" is not present with pull policy of Never"))
        }
        Phase::Running(running) => json!({ "running": { "startedAt": running.since.to_string() } }),
        Phase::Exited { end, .. } => json!({ "terminated": terminated(end) }),
        Phase::CrashLoop { delay, .. } => {
            let delay = go_duration(delay.as_secs());
            let pod = format!("{}_{}({})", object.name(), object.namespace(), worker.uid);
            waiting("CrashLoopBackOff", &format!("back-off {delay} restarting failed container={} pod={pod}", task.name))
        }
        Phase::Waiting | Phase::Pulling { .. } | Phase::Starting { .. } => match &task.last {
            // Until the next container is there, the runtime lists the one that ended.
            Some(end) => json!({ "terminated": terminated(end) }),
            None if waits_for_init => waiting("PodInitializing", ""),
            None if !task.init && worker.tasks.iter().any(|task| task.init) => waiting("PodInitializing", ""),
            None => waiting("ContainerCreating", ""),
        },
    }
}

fn waiting(reason: &str, message: &str) -> Value {
    let mut waiting = json!({ "reason": reason });
    if !message.is_empty() {
        waiting["message"] = json!(message);
    }
    json!({ "waiting": waiting })
}

/// Go prints 80 s as `1m20s`.
fn go_duration(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

fn terminated(end: &Terminated) -> Value {
    let mut state = json!({
        "containerID": end.id,
        "exitCode": end.exit_code,
        "reason": end.reason,
        "startedAt": end.started.to_string(),
        "finishedAt": end.finished.to_string(),
    });
    if let Some(message) = &end.message {
        state["message"] = json!(message);
    }
    state
}
