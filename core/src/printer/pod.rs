//! Pods and pod templates.

use super::document::{count, flag, is_set, list, named, number, text, text_or};
use super::format::{container_cells, labels};
use super::{Printer, View, age};
use crate::clock::Instant;
use serde_json::{Value, json};

pub(super) fn printer(kind: &str) -> Option<Printer> {
    match kind {
        "Pod" => {
            Some(Printer { columns: "Name|Ready|Status|Restarts|Age|+IP|+Node|+Nominated Node|+Readiness Gates", cells: pod })
        }
        "PodTemplate" => Some(Printer { columns: "Name|Containers|Images|Pod Labels", cells: pod_template }),
        _ => None,
    }
}

fn pod_template(document: &Value, _: &View) -> Vec<Value> {
    let [names, images] = container_cells(document.pointer("/template/spec").unwrap_or(&Value::Null));
    vec![named(document), names, images, json!(labels(document.pointer("/template/metadata/labels")))]
}

/// What the cells of a Pod add up while its containers are looked at.
struct Summary {
    reason: String,
    ready: usize,
    restarts: i64,
    last_restart: Option<Instant>,
}

impl Summary {
    fn count_restarts(&mut self, status: &Value) {
        self.restarts += number(status, "/restartCount");
        self.last_restart = self.last_restart.max(age::parse(text(status, "/lastState/terminated/finishedAt")));
    }
}

fn pod(document: &Value, view: &View) -> Vec<Value> {
    let summary = summarise(document, view);
    let sidecars = list(document, "/spec/initContainers").iter().filter(|container| is_sidecar(container)).count();
    let total = count(document, "/spec/containers") + sidecars;
    let mut restarts = summary.restarts.to_string();
    if let (1.., Some(last)) = (summary.restarts, summary.last_restart) {
        let ago = super::human_duration(view.now.since(last));
        restarts = format!("{restarts} ({ago} ago)");
    }
    let mut cells = vec![
        named(document),
        json!(format!("{}/{total}", summary.ready)),
        json!(summary.reason),
        json!(restarts),
        view.age(document),
    ];
    if view.wide {
        let node = text_or(document, "/spec/nodeName", "<none>");
        let nominated = text_or(document, "/status/nominatedNodeName", "<none>");
        cells.extend([text_or(document, "/status/podIPs/0/ip", "<none>"), node, nominated].map(|text| json!(text)));
        cells.push(json!(readiness_gates(document)));
    }
    cells
}

/// STATUS, and what counts towards READY and RESTARTS.
fn summarise(document: &Value, view: &View) -> Summary {
    let phase = text(document, "/status/phase");
    let mut reason = text_or(document, "/status/reason", phase).to_owned();
    if list(document, "/status/conditions")
        .iter()
        .any(|condition| text(condition, "/type") == "PodScheduled" && text(condition, "/reason") == "SchedulingGated")
    {
        reason = "SchedulingGated".to_owned();
    }
    let mut summary = Summary { reason, ready: 0, restarts: 0, last_restart: None };
    let initialized = init_containers(document, &mut summary);
    if initialized || condition(document, "Initialized") {
        containers(document, &mut summary);
    }
    // Since 1.29 a Pod that has ended keeps its last word while it is being deleted.
    let ended = matches!(phase, "Succeeded" | "Failed") && view.minor >= 29;
    if is_set(document, "/metadata/deletionTimestamp") {
        if text(document, "/status/reason") == "NodeLost" {
            summary.reason = "Unknown".to_owned();
        } else if !ended {
            summary.reason = "Terminating".to_owned();
        }
    }
    summary
}

/// False when an init container still holds the Pod up; the summary then says which.
fn init_containers(document: &Value, summary: &mut Summary) -> bool {
    let specs = list(document, "/spec/initContainers");
    let mut of_sidecars = Summary { reason: String::new(), ready: 0, restarts: 0, last_restart: None };
    for (index, status) in list(document, "/status/initContainerStatuses").iter().enumerate() {
        summary.count_restarts(status);
        let sidecar = specs.iter().rev().find(|spec| text(spec, "/name") == text(status, "/name")).is_some_and(is_sidecar);
        if sidecar {
            of_sidecars.count_restarts(status);
        }
        let terminated = is_set(status, "/state/terminated");
        let waiting = text(status, "/state/waiting/reason");
        if terminated && number(status, "/state/terminated/exitCode") == 0 {
            continue;
        }
        if sidecar && flag(status, "/started") {
            summary.ready += usize::from(flag(status, "/ready"));
            continue;
        }
        summary.reason = if terminated {
            format!("Init:{}", termination(status))
        } else if !waiting.is_empty() && waiting != "PodInitializing" {
            format!("Init:{waiting}")
        } else {
            format!("Init:{index}/{}", specs.len())
        };
        // Restarts so far count as they are, unless the Pod was initialised before and only starts again.
        if condition(document, "Initialized") {
            (summary.restarts, summary.last_restart) = (of_sidecars.restarts, of_sidecars.last_restart);
        }
        return false;
    }
    (summary.restarts, summary.last_restart) = (of_sidecars.restarts, of_sidecars.last_restart);
    true
}

fn containers(document: &Value, summary: &mut Summary) {
    let mut has_running = false;
    for status in list(document, "/status/containerStatuses").iter().rev() {
        summary.count_restarts(status);
        let waiting = text(status, "/state/waiting/reason");
        if !waiting.is_empty() {
            summary.reason = waiting.to_owned();
        } else if is_set(status, "/state/terminated") {
            summary.reason = termination(status);
        } else if flag(status, "/ready") && is_set(status, "/state/running") {
            has_running = true;
            summary.ready += 1;
        }
    }
    if summary.reason == "Completed" && has_running {
        summary.reason = if condition(document, "Ready") { "Running" } else { "NotReady" }.to_owned();
    }
}

/// Why a container ended: its reason, else the signal, else the exit code.
fn termination(status: &Value) -> String {
    let signal = number(status, "/state/terminated/signal");
    match text(status, "/state/terminated/reason") {
        "" if signal != 0 => format!("Signal:{signal}"),
        "" => format!("ExitCode:{}", number(status, "/state/terminated/exitCode")),
        reason => reason.to_owned(),
    }
}

/// An init container that keeps running beside the others.
fn is_sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

/// Whether the first condition of this type is true.
fn condition(document: &Value, kind: &str) -> bool {
    let conditions = list(document, "/status/conditions");
    conditions
        .iter()
        .find(|condition| text(condition, "/type") == kind)
        .is_some_and(|condition| text(condition, "/status") == "True")
}

fn readiness_gates(document: &Value) -> String {
    let gates = list(document, "/spec/readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let met = gates.iter().filter(|gate| condition(document, text(gate, "/conditionType"))).count();
    format!("{met}/{}", gates.len())
}

/// The STATUS cell alone, for whoever names a Pod's state in another place.
pub fn pod_status(document: &Value, view: &View) -> String {
    summarise(document, view).reason
}
