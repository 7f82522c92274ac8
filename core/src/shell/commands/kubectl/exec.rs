//! `kubectl exec`: a program in a container. The way there is API server → kubelet → container runtime, not the Pod network.

use super::client::Kubectl;
use super::failure::Failure;
use super::{Outcome, resource};
use crate::api::{Kind, Object, ObjectRef};
use crate::clock::Duration;
use crate::shell::{self, Input, Machine, Process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const FLAGS: &str = "container/c= filename/f= quiet/q stdin/i tty/t !pod-running-timeout=";

/// Setting up the streams and starting a process in the container.
const START: Duration = Duration::from_millis(60);

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let flags = &kubectl.flags;
    if flags.before_dash.is_none() && flags.arguments.len() > 1 {
        let message = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
        return Err(Failure::usage(&kubectl.path, message));
    }
    let target = flags.arguments.first().filter(|_| flags.before_dash != Some(0));
    let Some(target) = target else { return Err(Failure::error("pod, type/name or --filename must be specified")) };
    let command = flags.after_dash();
    if command.is_empty() {
        return Err(Failure::error("you must specify at least one command for the container"));
    }
    let pod = pod_of(&kubectl, target).await?;
    let phase = pod.document().pointer("/status/phase").and_then(Value::as_str).unwrap_or_default();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::error(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = container_of(&kubectl, &pod).await?;
    reachable(&pod, &container)?;
    kubectl.process.sleep(START).await;
    match execute(&kubectl, &pod, &container, command).await? {
        0 => Ok(()),
        status => Err(Failure { message: format!("command terminated with exit code {status}"), status }),
    }
}

/// The Pod an argument means: `web`, `pod/web`, `deploy/web` (its first Pod).
pub(super) async fn pod_of(kubectl: &Kubectl, target: &str) -> Result<Rc<Object>, Failure> {
    let reference = match target.split_once('/') {
        None => kubectl.reference(Kind::Pod, target),
        Some((kind, name)) => kubectl.reference(resource::parse_kind(kind)?, name),
    };
    let object = kubectl.get(&reference).await?;
    if reference.kind == Kind::Pod {
        return Ok(object);
    }
    let selector = match reference.kind {
        Kind::Service => object.document().pointer("/spec/selector").map(|labels| serde_json::json!({ "matchLabels": labels })),
        _ => object.document().pointer("/spec/selector").cloned(),
    };
    let selector = selector.and_then(|selector| serde_json::from_value::<crate::api::LabelSelector>(selector).ok());
    let Some(selector) = selector.filter(|selector| !selector.is_empty()) else {
        let resource = reference.kind.resource();
        return Err(Failure::error(format!("cannot attach to *{}.{}: selector is not set", resource.version, resource.name)));
    };
    let pods = kubectl.list(Kind::Pod, Some(&reference.namespace)).await;
    let first = pods.into_iter().find(|pod| selector.matches(&pod.meta().labels));
    first.ok_or_else(|| Failure::error("timed out waiting for the condition"))
}

/// The container of `-c`, or the default one; says so when there is a choice.
pub(super) async fn container_of(kubectl: &Kubectl, pod: &Object) -> Result<String, Failure> {
    let names = container_names(pod);
    if let Some(name) = kubectl.flags.value("container") {
        return match names.iter().any(|known| known == name) {
            true => Ok(name.to_owned()),
            false => Err(Failure {
                message: format!("Error from server (BadRequest): container {name} is not valid for pod {}", pod.name()),
                status: 1,
            }),
        };
    }
    let annotated = pod.meta().annotations.get("kubectl.kubernetes.io/default-container");
    let (Some(first), annotated) = (names.first(), annotated.filter(|name| names.contains(name))) else {
        return Err(Failure::error(format!("pod {} does not have any containers", pod.name())));
    };
    if let Some(name) = annotated {
        return Ok(name.clone());
    }
    if names.len() > 1 && !kubectl.flags.has("quiet") {
        let all = names.join(", ");
        kubectl.process.print_error(format!("Defaulted container \"{first}\" out of: {all}\n")).await;
    }
    Ok(first.clone())
}

/// Containers, then init containers (kubectl marks those).
fn container_names(pod: &Object) -> Vec<String> {
    let names = |path: &str| {
        let containers = pod.document().pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
        containers.iter().filter_map(|container| container["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    names("/spec/containers").into_iter().chain(names("/spec/initContainers")).collect()
}

/// What the API server or the kubelet says when the container cannot be entered.
fn reachable(pod: &Object, container: &str) -> Outcome {
    let unscheduled = pod.document().pointer("/spec/nodeName").and_then(Value::as_str).unwrap_or_default().is_empty();
    if unscheduled {
        return Err(Failure {
            message: format!("Error from server (BadRequest): pod {} does not have a host assigned", pod.name()),
            status: 1,
        });
    }
    let statuses = pod.document().pointer("/status/containerStatuses").and_then(Value::as_array).cloned().unwrap_or_default();
    let running = statuses.iter().any(|status| status["name"] == container && status["state"]["running"].is_object());
    if running {
        return Ok(());
    }
    let message = format!("Internal error occurred: unable to upgrade connection: container not found (\"{container}\")");
    Err(Failure::error(message))
}

/// Runs the program with this process's streams, as a terminal only where `-it` and the input make it one.
pub(super) async fn execute(kubectl: &Kubectl, pod: &Object, container: &str, command: &[String]) -> Result<i32, Failure> {
    let process = &kubectl.process;
    let interactive = kubectl.flags.has("stdin");
    let wants_terminal = interactive && kubectl.flags.has("tty");
    let terminal = wants_terminal && process.stdin.is_terminal();
    if wants_terminal && !terminal && !kubectl.flags.has("quiet") {
        process.print_error("Unable to use a TTY - input is not a terminal or the right kind of file\n").await;
    }
    let ObjectRef { namespace, name, .. } = pod.reference();
    let machine = Machine::Container { namespace, pod: name, container: container.to_owned() };
    let inside = Process {
        environment: environment(&machine, pod, container, terminal),
        machine,
        argv: command.to_vec(),
        directory: "/".to_owned(),
        stdin: match (interactive, terminal) {
            (false, _) => Input::empty(),
            (true, true) => process.stdin.clone(),
            (true, false) => process.stdin.without_terminal(),
        },
        stdout: if terminal { process.stdout.clone() } else { process.stdout.without_terminal() },
        // A terminal has one stream for both.
        stderr: if terminal { process.stdout.clone() } else { process.stderr.without_terminal() },
        ..process.clone()
    };
    let program = command.first().map(String::as_str).unwrap_or_default();
    if shell::find(&inside, program).is_none() {
        return Err(not_found(program));
    }
    Ok(shell::run(inside).await)
}

/// What the container's specification and the runtime put into a program's environment.
fn environment(machine: &Machine, pod: &Object, container: &str, terminal: bool) -> BTreeMap<String, String> {
    let mut environment = machine.environment();
    environment.remove("USER");
    let containers = pod.as_pod().map(|pod| pod.spec.containers.as_slice()).unwrap_or_default();
    let own = containers.iter().filter(|spec| spec.name == container).flat_map(|spec| &spec.env);
    environment.extend(own.map(|variable| (variable.name.clone(), variable.value.clone().unwrap_or_default())));
    if terminal {
        environment.insert("TERM".to_owned(), "xterm".to_owned());
    }
    environment
}

/// runc's words, as containerd 1.7 and the kubelet pass them on.
fn not_found(program: &str) -> Failure {
    let reason = if program.contains('/') {
        format!("exec: \"{program}\": stat {program}: no such file or directory")
    } else {
        format!("exec: \"{program}\": executable file not found in $PATH")
    };
    let message = format!(
        "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed \
         to start exec \"{id}\": OCI runtime exec failed: exec failed: unable to start container process: {reason}: unknown",
        id = exec_id(program)
    );
    Failure::error(message)
}

/// containerd names every exec; here the same one for the same program.
fn exec_id(program: &str) -> String {
    (0..4).map(|part| format!("{:016x}", crate::rng::hash(part, program.as_bytes()))).collect()
}
