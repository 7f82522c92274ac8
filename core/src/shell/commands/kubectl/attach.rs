//! The second half of `kubectl run -it`: wait for the Pod, be its terminal, hand back its exit status, take it away with `--rm`.

use super::Outcome;
use super::client::Kubectl;
use super::exec::execute;
use super::failure::Failure;
use crate::api::{Object, ObjectRef};
use crate::clock::Duration;
use crate::image;
use serde_json::Value;
use std::rc::Rc;

/// `--pod-running-timeout`'s default.
const POD_RUNNING: Duration = Duration::from_secs(60);

/// Runs the Pod's program on this terminal.
pub(super) async fn session(kubectl: &Kubectl, pod: &ObjectRef) -> Outcome {
    let outcome = attach(kubectl, pod).await;
    if kubectl.flags.has("rm") && kubectl.delete(pod, None).await.is_ok() && !kubectl.flags.has("quiet") {
        kubectl.print(format!("pod \"{}\" deleted\n", pod.name)).await;
    }
    outcome
}

async fn attach(kubectl: &Kubectl, reference: &ObjectRef) -> Outcome {
    let pod = started(kubectl, reference).await?;
    let container = pod.document().pointer("/spec/containers/0/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    if phase(&pod) == "Running" && !kubectl.flags.has("quiet") {
        kubectl.process.print_error("If you don't see a command prompt, try pressing enter.\n").await;
    }
    let command = command_line(&pod);
    let status = execute(kubectl, &pod, &container, &command).await?;
    let policy = pod.document().pointer("/spec/restartPolicy").and_then(Value::as_str).unwrap_or("Always");
    let flags = &kubectl.flags;
    match (policy, status) {
        ("Always", _) if flags.has("stdin") && flags.has("tty") => {
            let resume = format!("kubectl attach {} -c {container} -i -t", pod.name());
            kubectl.print(format!("Session ended, resume using '{resume}' command when the pod is running\n")).await;
            Ok(())
        }
        ("Always", _) | (_, 0) => Ok(()),
        (_, status) => Err(Failure { message: format!("pod {}/{} terminated (Error)", pod.namespace(), pod.name()), status }),
    }
}

fn phase(pod: &Object) -> &str {
    pod.document().pointer("/status/phase").and_then(Value::as_str).unwrap_or_default()
}

/// Waits until the container has started; a program that is over at once counts too.
async fn started(kubectl: &Kubectl, reference: &ObjectRef) -> Result<Rc<Object>, Failure> {
    let end = kubectl.process.now() + POD_RUNNING;
    loop {
        let Some(pod) = kubectl.peek(reference) else { return Err(Failure::error("object has been deleted")) };
        if matches!(phase(&pod), "Running" | "Succeeded" | "Failed") {
            return Ok(pod);
        }
        let left = end.since(kubectl.process.now());
        if left.is_zero() {
            return Err(Failure::error("timed out waiting for the condition"));
        }
        kubectl.watch_for(left).await;
    }
}

/// What the container runs: its own command and arguments over the image's.
fn command_line(pod: &Object) -> Vec<String> {
    let Some(container) = pod.as_pod().and_then(|pod| pod.spec.containers.first()) else { return Vec::new() };
    let image = image::find(&container.image);
    let (entrypoint, default) = image.map(|image| (image.entrypoint, image.command)).unwrap_or_default();
    let (entrypoint, default) =
        if container.command.is_empty() { (entrypoint, default) } else { (container.command.clone(), Vec::new()) };
    let arguments = if container.args.is_empty() { default } else { container.args.clone() };
    entrypoint.into_iter().chain(arguments).collect()
}
