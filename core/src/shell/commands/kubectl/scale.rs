//! `kubectl scale`, `kubectl rollout status|restart` and `kubectl set image`.

use super::client::Kubectl;
use super::failure::Failure;
use super::output::changed;
use super::{Outcome, resource};
use crate::api::{Kind, Object, ObjectRef};
use crate::clock::Duration;
use serde_json::{Value, json};
use std::rc::Rc;

pub(super) const FLAGS: &str = "all dry-run=unchanged filename/f= replicas= output/o= selector/l= template= current-replicas= \
    !allow-missing-template-keys !kustomize/k= !recursive/R !resource-version= !show-managed-fields !timeout=";
pub(super) const STATUS_FLAGS: &str = "filename/f= selector/l= timeout= watch/w !kustomize/k= !recursive/R !revision=";
pub(super) const RESTART_FLAGS: &str = "filename/f= selector/l= output/o= dry-run=unchanged template= !allow-missing-template-keys !field-manager= \
    !kustomize/k= !recursive/R !show-managed-fields";
pub(super) const IMAGE_FLAGS: &str = "all dry-run=unchanged filename/f= output/o= selector/l= template= !allow-missing-template-keys !field-manager= \
    !kustomize/k= !local !recursive/R !show-managed-fields";

const SCALABLE: &[Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];

async fn named(kubectl: &Kubectl, arguments: &[String]) -> Result<Vec<Rc<Object>>, Failure> {
    let requests = resource::requests(kubectl, arguments, false)?;
    if requests.is_empty() {
        return Err(Failure::error("you must provide one or more resources by argument or filename"));
    }
    let mut objects = Vec::new();
    for answer in resource::fetch(kubectl, requests).await? {
        objects.extend(answer.objects?);
    }
    Ok(objects)
}

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let wanted = kubectl.flags.number("replicas").map_err(|error| Failure::flag(&error, &kubectl.path))?;
    let Some(wanted) = wanted.filter(|wanted| *wanted >= 0) else {
        return Err(match wanted {
            None => Failure::error("required flag(s) \"replicas\" not set"),
            Some(_) => Failure::error("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"),
        });
    };
    let expected = kubectl.flags.number("current-replicas").map_err(|error| Failure::flag(&error, &kubectl.path))?;
    for object in named(&kubectl, &kubectl.flags.arguments).await? {
        if !SCALABLE.contains(&object.kind()) {
            return Err(Failure {
                message: "Error from server (NotFound): the server could not find the requested resource".to_owned(),
                status: 1,
            });
        }
        let current = object.document().pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        if let Some(expected) = expected.filter(|expected| *expected >= 0 && *expected != current) {
            return Err(Failure::error(format!("Expected replicas to be {expected}, was {current}")));
        }
        let edited = object.edited(|document| document["spec"]["replicas"] = json!(wanted)).map_err(Failure::error)?;
        let updated = kubectl.update(edited).await?;
        changed(&kubectl, &updated, "scaled").await?;
    }
    Ok(())
}

/// Prints progress until the newest template's Pods are available.
pub(super) async fn rollout_status(kubectl: Kubectl) -> Outcome {
    let limit =
        super::wait::duration(&kubectl, "timeout")?.filter(|limit| !limit.is_zero()).unwrap_or(Duration::from_secs(168 * 3_600));
    let end = kubectl.process.now() + limit;
    for object in named(&kubectl, &kubectl.flags.arguments).await? {
        let reference = object.reference();
        if !matches!(reference.kind, Kind::Deployment | Kind::DaemonSet | Kind::StatefulSet) {
            let kind = reference.kind.resource();
            return Err(Failure::error(format!("no status viewer has been implemented for {}", kind.name)));
        }
        let mut said = String::new();
        loop {
            let (message, done) = progress(&kubectl, &reference)?;
            if message != said {
                kubectl.print(&message).await;
                said = message;
            }
            if done || !kubectl.flags.switch("watch", true) {
                break;
            }
            let left = end.since(kubectl.process.now());
            if left.is_zero() {
                return Err(Failure::error("timed out waiting for the condition"));
            }
            kubectl.watch_for(left).await;
        }
    }
    Ok(())
}

/// What is still missing, and whether nothing is.
fn progress(kubectl: &Kubectl, reference: &ObjectRef) -> Result<(String, bool), Failure> {
    let Some(object) = kubectl.peek(reference) else { return Err(Failure::error("object has been deleted")) };
    let document = object.document();
    let number = |path: &str| document.pointer(path).and_then(Value::as_i64).unwrap_or_default();
    let name = object.name();
    if number("/metadata/generation") > number("/status/observedGeneration") {
        let what = if reference.kind == Kind::Deployment { "deployment" } else { reference.kind.resource().singular };
        return Ok((format!("Waiting for {what} spec update to be observed...\n"), false));
    }
    let waiting = |text: String| Ok((text, false));
    match reference.kind {
        Kind::Deployment => {
            let (wanted, total) = (number("/spec/replicas"), number("/status/replicas"));
            let (updated, available) = (number("/status/updatedReplicas"), number("/status/availableReplicas"));
            let start = format!("Waiting for deployment {name:?} rollout to finish:");
            if updated < wanted {
                return waiting(format!("{start} {updated} out of {wanted} new replicas have been updated...\n"));
            }
            if total > updated {
                return waiting(format!("{start} {} old replicas are pending termination...\n", total - updated));
            }
            if available < updated {
                return waiting(format!("{start} {available} of {updated} updated replicas are available...\n"));
            }
            Ok((format!("deployment {name:?} successfully rolled out\n"), true))
        }
        Kind::DaemonSet => {
            let wanted = number("/status/desiredNumberScheduled");
            let (updated, available) = (number("/status/updatedNumberScheduled"), number("/status/numberAvailable"));
            let start = format!("Waiting for daemon set {name:?} rollout to finish:");
            if updated < wanted {
                return waiting(format!("{start} {updated} out of {wanted} new pods have been updated...\n"));
            }
            if available < wanted {
                return waiting(format!("{start} {available} of {wanted} updated pods are available...\n"));
            }
            Ok((format!("daemon set {name:?} successfully rolled out\n"), true))
        }
        _ => {
            let (wanted, ready) = (number("/spec/replicas"), number("/status/readyReplicas"));
            if ready < wanted {
                return waiting(format!("Waiting for {} pods to be ready...\n", wanted - ready));
            }
            Ok((format!("partitioned roll out complete: {wanted} new pods have been updated...\n"), true))
        }
    }
}

/// A new template by an annotation with the time.
pub(super) async fn rollout_restart(kubectl: Kubectl) -> Outcome {
    for object in named(&kubectl, &kubectl.flags.arguments).await? {
        let now = kubectl.process.now().to_string();
        let edited = object
            .edited(|document| {
                let metadata = &mut document["spec"]["template"]["metadata"];
                if !metadata["annotations"].is_object() {
                    metadata["annotations"] = json!({});
                }
                metadata["annotations"]["kubectl.kubernetes.io/restartedAt"] = json!(now);
            })
            .map_err(Failure::error)?;
        let updated = kubectl.update(edited).await?;
        changed(&kubectl, &updated, "restarted").await?;
    }
    Ok(())
}

/// `kubectl set image deployment/web nginx=nginx:1.29`
pub(super) async fn set_image(kubectl: Kubectl) -> Outcome {
    let (pairs, resources): (Vec<String>, Vec<String>) =
        kubectl.flags.arguments.iter().cloned().partition(|argument| argument.contains('='));
    if pairs.is_empty() {
        return Err(Failure::error("at least one image update is required"));
    }
    for object in named(&kubectl, &resources).await? {
        let path = if object.kind() == Kind::Pod { "/spec/containers" } else { "/spec/template/spec/containers" };
        let mut missing = None;
        let edited = object
            .edited(|document| {
                let Some(containers) = document.pointer_mut(path).and_then(Value::as_array_mut) else { return };
                for (name, image) in pairs.iter().filter_map(|pair| pair.split_once('=')) {
                    let mut found = false;
                    for container in containers.iter_mut().filter(|container| name == "*" || container["name"] == name) {
                        container["image"] = json!(image);
                        found = true;
                    }
                    missing = missing.take().or_else(|| (!found).then(|| name.to_owned()));
                }
            })
            .map_err(Failure::error)?;
        if let Some(name) = missing {
            return Err(Failure::error(format!("unable to find container named {name:?}")));
        }
        if edited.document() != object.document() {
            let updated = kubectl.update(edited).await?;
            changed(&kubectl, &updated, "image updated").await?;
        }
    }
    Ok(())
}
