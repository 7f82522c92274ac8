//! `kubectl logs`: what containers printed. The kubelet reads it from the node's disk, so no policy is in the way.

use super::client::Kubectl;
use super::exec::{container_of, pod_of};
use super::failure::Failure;
use super::{Outcome, resource};
use crate::api::{Kind, Object};
use crate::clock::Duration;
use crate::image;
use serde_json::Value;
use std::rc::Rc;

pub(super) const FLAGS: &str = "all-containers container/c= follow/f prefix previous/p selector/l= tail= timestamps !all-pods \
    !ignore-errors !insecure-skip-tls-verify-backend !limit-bytes= !max-log-requests= !pod-running-timeout= !since= !since-time=";

/// With a selector kubectl shows this many lines of each container unless `--tail` says otherwise.
const SELECTOR_TAIL: i64 = 10;

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let flags = &kubectl.flags;
    let selected = flags.value("selector").is_some();
    let tail = flags.number("tail").map_err(|error| Failure::flag(&error, &kubectl.path))?;
    let tail = tail.unwrap_or(if selected { SELECTOR_TAIL } else { -1 });
    let pods = match flags.arguments.as_slice() {
        [] if selected => {
            let filter = resource::Filter::from_flags(&kubectl)?;
            let all = kubectl.list(Kind::Pod, Some(kubectl.namespace())).await;
            all.into_iter().filter(|pod| filter.admits(pod)).collect()
        }
        [] => {
            return Err(Failure::error(
                "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples",
            ));
        }
        [_, ..] if selected => return Err(Failure::usage(&kubectl.path, "only a selector (-l) or a POD name is allowed")),
        [target, ..] => vec![pod_of(&kubectl, target).await.map_err(|failure| not_found(&kubectl, failure))?],
    };
    if pods.is_empty() {
        kubectl.process.print_error(format!("No resources found in {} namespace.\n", kubectl.namespace())).await;
        return Ok(());
    }
    for pod in &pods {
        for container in containers(&kubectl, pod, selected).await? {
            show(&kubectl, pod, &container, tail).await?;
        }
    }
    if flags.has("follow") {
        follow(&kubectl, &pods).await;
    }
    Ok(())
}

/// logs alone says in which namespace it looked.
fn not_found(kubectl: &Kubectl, failure: Failure) -> Failure {
    match failure.message.strip_prefix("Error from server (NotFound): ") {
        Some(message) => {
            Failure::error(format!("error from server (NotFound): {message} in namespace \"{}\"", kubectl.namespace()))
        }
        None => failure,
    }
}

async fn containers(kubectl: &Kubectl, pod: &Object, selected: bool) -> Result<Vec<String>, Failure> {
    let names: Vec<String> =
        list(pod, "/spec/containers").iter().filter_map(|container| container["name"].as_str()).map(str::to_owned).collect();
    let every = kubectl.flags.has("all-containers") || (selected && names.len() == 1);
    if every && kubectl.flags.value("container").is_none() { Ok(names) } else { Ok(vec![container_of(kubectl, pod).await?]) }
}

/// A stream that stays open: the simulated programs write when they start, so only the end of the Pod ends it.
async fn follow(kubectl: &Kubectl, pods: &[Rc<Object>]) {
    while pods.iter().any(|pod| kubectl.peek(&pod.reference()).is_some_and(|pod| phase(&pod) == "Running")) {
        kubectl.watch_for(Duration::from_secs(60)).await;
        kubectl.process.yield_now().await;
    }
}

fn phase(pod: &Object) -> &str {
    pod.document().pointer("/status/phase").and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(pod: &'a Object, path: &str) -> &'a [Value] {
    pod.document().pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

async fn show(kubectl: &Kubectl, pod: &Object, container: &str, tail: i64) -> Outcome {
    let status = list(pod, "/status/containerStatuses").iter().find(|status| status["name"] == container);
    let previous = kubectl.flags.has("previous");
    started(pod, container, status, previous)?;
    let mut lines = lines(pod, container);
    if let Ok(count) = usize::try_from(tail) {
        lines = lines.split_off(lines.len().saturating_sub(count));
    }
    let since =
        status.and_then(|status| status.pointer("/state/running/startedAt").or(status.pointer("/state/terminated/startedAt")));
    let stamp = since
        .and_then(Value::as_str)
        .filter(|_| kubectl.flags.has("timestamps"))
        .map(|stamp| format!("{stamp} "))
        .unwrap_or_default();
    let prefix = if kubectl.flags.has("prefix") { format!("[pod/{}/{container}] ", pod.name()) } else { String::new() };
    let text: String = lines.iter().map(|line| format!("{prefix}{stamp}{line}\n")).collect();
    kubectl.print(text).await;
    Ok(())
}

/// The kubelet's refusals for a container that has not run.
fn started(pod: &Object, container: &str, status: Option<&Value>, previous: bool) -> Outcome {
    let refuse = |message: String| Err(Failure { message: format!("Error from server (BadRequest): {message}"), status: 1 });
    if previous {
        let restarted = status.is_some_and(|status| status["lastState"]["terminated"].is_object());
        return match restarted {
            true => Ok(()),
            false => refuse(format!("previous terminated container \"{container}\" in pod \"{}\" not found", pod.name())),
        };
    }
    let ran = status.is_some_and(|status| {
        ["running", "terminated"].iter().any(|state| status["state"][state].is_object())
            || status["lastState"]["terminated"].is_object()
    });
    if ran {
        return Ok(());
    }
    let reason = status.and_then(|status| status["state"]["waiting"]["reason"].as_str()).unwrap_or("ContainerCreating");
    match (status, reason) {
        (None, _) => refuse(format!("pod {} does not have a host assigned", pod.name())),
        (_, "ErrImagePull" | "ImagePullBackOff") => refuse(format!(
            "container \"{container}\" in pod \"{}\" is waiting to start: trying and failing to pull image",
            pod.name()
        )),
        (_, reason) => refuse(format!("container \"{container}\" in pod \"{}\" is waiting to start: {reason}", pod.name())),
    }
}

/// What the container's process prints in one life.
fn lines(pod: &Object, container: &str) -> Vec<String> {
    let Some(spec) = pod.as_pod().and_then(|pod| pod.spec.containers.iter().find(|spec| spec.name == container)) else {
        return Vec::new();
    };
    image::find(&spec.image).map(|image| image::process(&image, spec).log).unwrap_or_default()
}
