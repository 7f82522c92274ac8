//! Controllers of Pods: Deployments, ReplicaSets, Jobs and their kin, autoscalers and disruption budgets.

use super::document::{count, flag, given_or, is_set, list, name, named, number, scalar, text};
use super::format::{container_cells, first_few, label_selector, label_selector_as_selector, labels};
use super::{Printer, View, age};
use serde_json::{Value, json};

pub(super) fn printer(kind: &str, view: &View) -> Option<Printer> {
    let (columns, cells): (_, fn(&Value, &View) -> Vec<Value>) = match kind {
        "Deployment" => ("Name|Ready|Up-to-date|Available|Age|+Containers|+Images|+Selector", deployment),
        "ReplicaSet" => ("Name|Desired|Current|Ready|Age|+Containers|+Images|+Selector", replica_set),
        "ReplicationController" => ("Name|Desired|Current|Ready|Age|+Containers|+Images|+Selector", replication_controller),
        "StatefulSet" => ("Name|Ready|Age|+Containers|+Images", stateful_set),
        "DaemonSet" => {
            ("Name|Desired|Current|Ready|Up-to-date|Available|Node Selector|Age|+Containers|+Images|+Selector", daemon_set)
        }
        "Job" if view.minor < 31 => ("Name|Completions|Duration|Age|+Containers|+Images|+Selector", job),
        "Job" => ("Name|Status|Completions|Duration|Age|+Containers|+Images|+Selector", job),
        "CronJob" if view.minor < 29 => {
            ("Name|Schedule|Suspend|Active|Last Schedule|Age|+Containers|+Images|+Selector", cron_job)
        }
        "CronJob" => ("Name|Schedule|Timezone|Suspend|Active|Last Schedule|Age|+Containers|+Images|+Selector", cron_job),
        "ControllerRevision" => ("Name|Controller|Revision|Age", controller_revision),
        "HorizontalPodAutoscaler" => ("Name|Reference|Targets|MinPods|MaxPods|Replicas|Age", autoscaler),
        "PodDisruptionBudget" => ("Name|Min Available|Max Unavailable|Allowed Disruptions|Age", disruption_budget),
        "Scale" => ("Name|Desired|Available|Age", scale),
        _ => return None,
    };
    Some(Printer { columns, cells })
}

/// The CONTAINERS, IMAGES and SELECTOR cells.
fn wide_cells(pod_spec: Option<&Value>, selector: String) -> Vec<Value> {
    let [names, images] = container_cells(pod_spec.unwrap_or(&Value::Null));
    vec![names, images, json!(selector)]
}

fn template(document: &Value) -> Option<&Value> {
    document.pointer("/spec/template/spec")
}

fn deployment(document: &Value, view: &View) -> Vec<Value> {
    let ready = format!("{}/{}", number(document, "/status/readyReplicas"), number(document, "/spec/replicas"));
    let updated = number(document, "/status/updatedReplicas");
    let available = number(document, "/status/availableReplicas");
    let mut cells = vec![named(document), json!(ready), json!(updated), json!(available), view.age(document)];
    if view.wide {
        cells.extend(wide_cells(template(document), label_selector_as_selector(document.pointer("/spec/selector"))));
    }
    cells
}

fn replica_set(document: &Value, view: &View) -> Vec<Value> {
    replicas(document, view, label_selector(document.pointer("/spec/selector")))
}

/// Its selector is a plain map.
fn replication_controller(document: &Value, view: &View) -> Vec<Value> {
    replicas(document, view, labels(document.pointer("/spec/selector")))
}

fn replicas(document: &Value, view: &View, selector: String) -> Vec<Value> {
    let counts = ["/spec/replicas", "/status/replicas", "/status/readyReplicas"].map(|path| json!(number(document, path)));
    let mut cells = vec![named(document)];
    cells.extend(counts);
    cells.push(view.age(document));
    if view.wide {
        cells.extend(wide_cells(template(document), selector));
    }
    cells
}

fn stateful_set(document: &Value, view: &View) -> Vec<Value> {
    let ready = format!("{}/{}", number(document, "/status/readyReplicas"), number(document, "/spec/replicas"));
    let mut cells = vec![named(document), json!(ready), view.age(document)];
    if view.wide {
        cells.extend(container_cells(template(document).unwrap_or(&Value::Null)));
    }
    cells
}

fn daemon_set(document: &Value, view: &View) -> Vec<Value> {
    let counts = ["desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable"];
    let mut cells = vec![named(document)];
    cells.extend(counts.map(|field| json!(number(document, &format!("/status/{field}")))));
    cells.push(json!(labels(document.pointer("/spec/template/spec/nodeSelector"))));
    cells.push(view.age(document));
    if view.wide {
        cells.extend(wide_cells(template(document), label_selector(document.pointer("/spec/selector"))));
    }
    cells
}

fn job(document: &Value, view: &View) -> Vec<Value> {
    let succeeded = number(document, "/status/succeeded");
    let parallelism = number(document, "/spec/parallelism");
    let completions = match document.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(wanted) => format!("{succeeded}/{wanted}"),
        None if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        None => format!("{succeeded}/1"),
    };
    let mut cells = vec![named(document)];
    if view.minor >= 31 {
        cells.push(json!(job_status(document)));
    }
    cells.extend([json!(completions), json!(job_duration(document, view)), view.age(document)]);
    if view.wide {
        cells.extend(wide_cells(template(document), label_selector(document.pointer("/spec/selector"))));
    }
    cells
}

fn job_duration(document: &Value, view: &View) -> String {
    let start = text(document, "/status/startTime");
    match age::parse(text(document, "/status/completionTime")) {
        _ if start.is_empty() => String::new(),
        Some(end) => super::since(Some(start), end),
        None => super::since(Some(start), view.now),
    }
}

fn job_status(document: &Value) -> &'static str {
    let conditions = list(document, "/status/conditions");
    let is = |kind: &str| {
        let condition = conditions.iter().find(|condition| text(condition, "/type") == kind);
        condition.is_some_and(|condition| text(condition, "/status") == "True")
    };
    if is("Complete") {
        "Complete"
    } else if is("Failed") {
        "Failed"
    } else if is_set(document, "/metadata/deletionTimestamp") {
        "Terminating"
    } else if is("Suspended") {
        "Suspended"
    } else if is("FailureTarget") {
        "FailureTarget"
    } else {
        "Running"
    }
}

fn cron_job(document: &Value, view: &View) -> Vec<Value> {
    let suspend = match document.pointer("/spec/suspend").and_then(Value::as_bool) {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    };
    let last = match is_set(document, "/status/lastScheduleTime") {
        true => view.since(document, "/status/lastScheduleTime"),
        false => "<none>".to_owned(),
    };
    let mut cells = vec![named(document), json!(text(document, "/spec/schedule"))];
    if view.minor >= 29 {
        cells.push(json!(given_or(document, "/spec/timeZone", "<none>")));
    }
    cells.extend([json!(suspend), json!(count(document, "/status/active")), json!(last), view.age(document)]);
    if view.wide {
        let selector = label_selector(document.pointer("/spec/jobTemplate/spec/selector"));
        cells.extend(wide_cells(document.pointer("/spec/jobTemplate/spec/template/spec"), selector));
    }
    cells
}

fn controller_revision(document: &Value, view: &View) -> Vec<Value> {
    let owners = list(document, "/metadata/ownerReferences");
    let controller = match owners.iter().find(|owner| flag(owner, "/controller")) {
        Some(owner) => {
            let group = text(owner, "/apiVersion").split_once('/').map(|(group, _)| format!(".{group}")).unwrap_or_default();
            format!("{}/{}", format!("{}{group}", text(owner, "/kind")).to_lowercase(), text(owner, "/name"))
        }
        None => "<none>".to_owned(),
    };
    vec![named(document), json!(controller), json!(number(document, "/revision")), view.age(document)]
}

fn disruption_budget(document: &Value, view: &View) -> Vec<Value> {
    let bound = |path: &str| document.pointer(path).filter(|bound| !bound.is_null()).map_or("N/A".to_owned(), scalar);
    let allowed = number(document, "/status/disruptionsAllowed");
    vec![
        named(document),
        json!(bound("/spec/minAvailable")),
        json!(bound("/spec/maxUnavailable")),
        json!(allowed),
        view.age(document),
    ]
}

fn scale(document: &Value, view: &View) -> Vec<Value> {
    let [desired, available] = ["/spec/replicas", "/status/replicas"].map(|path| json!(number(document, path)));
    vec![json!(name(document)), desired, available, view.age(document)]
}

fn autoscaler(document: &Value, view: &View) -> Vec<Value> {
    let target = format!("{}/{}", text(document, "/spec/scaleTargetRef/kind"), text(document, "/spec/scaleTargetRef/name"));
    let minimum = document.pointer("/spec/minReplicas").and_then(Value::as_i64).map_or("<unset>".to_owned(), |n| n.to_string());
    let statuses = list(document, "/status/currentMetrics");
    let specs = list(document, "/spec/metrics").iter().enumerate();
    let metrics: Vec<String> = specs.map(|(at, spec)| metric(spec, statuses.get(at), view)).collect();
    let metrics = if metrics.is_empty() { "<none>".to_owned() } else { first_few(&metrics, 2, ", ") };
    vec![
        named(document),
        json!(target),
        json!(metrics),
        json!(minimum),
        json!(number(document, "/spec/maxReplicas")),
        json!(number(document, "/status/currentReplicas")),
        view.age(document),
    ]
}

/// One metric of an autoscaler as `current/target`.
fn metric(spec: &Value, status: Option<&Value>, view: &View) -> String {
    let source = match text(spec, "/type") {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return "<unknown type>".to_owned(),
    };
    let target = |field: &str| spec.pointer(&format!("/{source}/target/{field}")).filter(|value| !value.is_null());
    let measured = status.and_then(|status| status.get(source)).filter(|measured| !measured.is_null());
    let current =
        |field: &str| measured.map(|measured| measured.pointer(&format!("/current/{field}")).map_or("<nil>".to_owned(), scalar));
    let unknown = || "<unknown>".to_owned();
    let resource = matches!(source, "resource" | "containerResource");
    // Since 1.30 the name of the resource stands before its numbers.
    let prefix =
        if resource && view.minor >= 30 { format!("{}: ", text(spec, &format!("/{source}/name"))) } else { String::new() };
    if let Some(average) = target("averageValue") {
        let shown =
            current("averageValue").filter(|shown| resource || source == "pods" || shown != "<nil>").unwrap_or_else(unknown);
        let note = if matches!(source, "external" | "object") { " (avg)" } else { "" };
        return format!("{prefix}{shown}/{}{note}", scalar(average));
    }
    if resource {
        let percent = |value: Option<String>, otherwise: &str| value.map_or(otherwise.to_owned(), |value| format!("{value}%"));
        let shown = percent(current("averageUtilization").filter(|shown| shown != "<nil>"), "<unknown>");
        return format!("{prefix}{shown}/{}", percent(target("averageUtilization").map(scalar), "<auto>"));
    }
    let field = if source == "pods" { "averageValue" } else { "value" };
    format!("{}/{}", current(field).unwrap_or_else(unknown), target(field).map_or("<nil>".to_owned(), scalar))
}
