//! `kubectl delete`: asks the server, then waits until the objects are gone.

use super::client::Kubectl;
use super::failure::Failure;
use super::output::{DryRun, dry_run};
use super::{Outcome, resource};
use crate::api::ObjectRef;
use crate::clock::Duration;

pub(super) const FLAGS: &str = "all all-namespaces/A dry-run=unchanged field-selector= filename/f= force grace-period= ignore-not-found \
    now output/o= selector/l= timeout= wait cascade=background !interactive/i !kustomize/k= !raw= !recursive/R";

/// How long delete waits without `--timeout`: "a week, to be sure".
const FOREVER: Duration = Duration::from_secs(168 * 3_600);

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let flags = &kubectl.flags;
    let grace = grace_period(&kubectl).await?;
    if flags.arguments.is_empty() && flags.value("filename").is_none() {
        return Err(Failure::error("you must provide one or more resources by argument or filename"));
    }
    let (references, mut failures) = resource::references(&kubectl, false).await?;
    let ignore_missing = ["all", "selector", "field-selector"].iter().any(|flag| flags.value(flag).is_some());
    let ignore_missing = flags.switch("ignore-not-found", ignore_missing);
    let warns = flags.value("namespace").is_some() && references.iter().any(|reference| reference.namespace.is_empty());
    if warns {
        let warning = "Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n";
        kubectl.process.print_error(warning).await;
    }
    let mut deleted = Vec::new();
    let nothing = references.is_empty() && failures.is_empty();
    for reference in references {
        match delete_one(&kubectl, &reference, grace).await {
            Ok(()) => deleted.push(reference),
            Err(failure) if ignore_missing && failure.message.contains("(NotFound)") => {}
            Err(failure) => failures.push(failure),
        }
    }
    if nothing {
        kubectl.print("No resources found\n").await;
    }
    if let Some(failure) = Failure::all(failures) {
        return Err(failure);
    }
    if !flags.switch("wait", true) || dry_run(&kubectl)? != DryRun::No {
        return Ok(());
    }
    let limit = super::wait::duration(&kubectl, "timeout")?.filter(|limit| *limit > Duration::ZERO).unwrap_or(FOREVER);
    wait_until_gone(&kubectl, &deleted, limit).await
}

/// Seconds of `--grace-period`, `--now` or `--force`; `None`: the object's own.
async fn grace_period(kubectl: &Kubectl) -> Result<Option<i64>, Failure> {
    let flags = &kubectl.flags;
    let given = flags.number("grace-period").map_err(|error| Failure::flag(&error, &kubectl.path))?.filter(|grace| *grace >= 0);
    match (given, flags.has("now"), flags.has("force")) {
        (Some(_), true, _) => Err(Failure::error("--now and --grace-period cannot be specified together")),
        (None, true, false) => Ok(Some(1)),
        (Some(1..), _, true) | (None, true, true) => {
            Err(Failure::error("--force and --grace-period greater than 0 cannot be specified together"))
        }
        (_, false, true) => {
            let warning = "Warning: Immediate deletion does not wait for confirmation that the running resource has been \
                terminated. The resource may continue to run on the cluster indefinitely.\n";
            kubectl.process.print_error(warning).await;
            Ok(Some(0))
        }
        // Zero alone would lose data by accident, so kubectl makes it one.
        (Some(0), false, false) => Ok(Some(1)),
        (given, false, false) => Ok(given),
    }
}

async fn delete_one(kubectl: &Kubectl, reference: &ObjectRef, grace: Option<i64>) -> Outcome {
    let dry = match dry_run(kubectl)? {
        DryRun::No => "",
        DryRun::Client => " (dry run)",
        DryRun::Server => " (server dry run)",
    };
    if dry.is_empty() {
        kubectl.delete(reference, grace).await?;
    } else {
        kubectl.get(reference).await?;
    }
    let operation = if grace == Some(0) { "force deleted" } else { "deleted" };
    match kubectl.flags.value("output") {
        None => kubectl.print(format!("{} \"{}\" {operation}{dry}\n", reference.kind, reference.name)).await,
        Some("name") => kubectl.print(format!("{}\n", resource::short_name(reference))).await,
        Some(other) => return Err(Failure::error(format!("unexpected -o output mode: {other}. We only support '-o name'"))),
    }
    Ok(())
}

/// Watches until none of the objects is there, or says which one still is.
pub(super) async fn wait_until_gone(kubectl: &Kubectl, references: &[ObjectRef], limit: Duration) -> Outcome {
    let end = kubectl.process.now() + limit;
    for reference in references {
        // A new object of the same name is another object.
        let uid = kubectl.peek(reference).map(|object| object.meta().uid.clone());
        while kubectl.peek(reference).is_some_and(|object| Some(&object.meta().uid) == uid.as_ref()) {
            if kubectl.process.now() >= end {
                let plural = reference.kind.resource().plural;
                return Err(Failure::error(format!("timed out waiting for the condition on {plural}/{}", reference.name)));
            }
            kubectl.watch_for(end.since(kubectl.process.now())).await;
        }
    }
    Ok(())
}
