//! `kubectl get`: tables, documents, and watching them.

use super::client::Kubectl;
use super::failure::Failure;
use super::output::{Format, list_document};
use super::resource::{self, Answer};
use super::{Outcome, source};
use crate::api::{Kind, Object};
use crate::clock::Duration;
use crate::jsonpath::{Template, relaxed_expression};
use crate::printer::{self, Layout, TablePrinter};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const FLAGS: &str = "all-namespaces/A ignore-not-found filename/f= field-selector= label-columns/L= no-headers output/o= \
    output-watch-events selector/l= show-kind show-labels sort-by= template= watch/w watch-only !allow-missing-template-keys \
    !chunk-size= !kustomize/k= !raw= !recursive/R !server-print !show-managed-fields !subresource=";

pub(super) async fn run(kubectl: Kubectl) -> Outcome {
    let format = Format::from_flags(&kubectl)?;
    let watching = kubectl.flags.has("watch") || kubectl.flags.has("watch-only");
    if kubectl.flags.arguments.is_empty() && kubectl.flags.value("filename").is_none() {
        return Err(nothing_asked(&kubectl).await);
    }
    let answers = answers(&kubectl).await?;
    if watching {
        return watch(&kubectl, &format, answers).await;
    }
    match format {
        Format::Plain | Format::Wide => tables(&kubectl, answers, matches!(format, Format::Wide)).await,
        format => documents(&kubectl, &format, answers).await,
    }
}

async fn nothing_asked(kubectl: &Kubectl) -> Failure {
    let advice = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\n";
    kubectl.process.print_error(advice).await;
    Failure::usage(
        "kubectl get",
        "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. \
         kubectl explain pods).",
    )
}

async fn answers(kubectl: &Kubectl) -> Result<Vec<Answer>, Failure> {
    let mut answers = resource::fetch(kubectl, resource::requests(kubectl, &kubectl.flags.arguments, true)?).await?;
    if kubectl.flags.value("filename").is_some() {
        let files = source::read(kubectl).await?;
        for found in files.objects {
            let reference = found.object.reference();
            let objects = kubectl.get(&reference).await.map(|object| vec![object]).map_err(Failure::from);
            answers.push(Answer { kind: reference.kind, list: false, objects });
        }
    }
    if kubectl.flags.has("ignore-not-found") {
        answers.retain(|answer| !matches!(&answer.objects, Err(failure) if failure.message.contains("(NotFound)")));
    }
    if let Some(path) = kubectl.flags.value("sort-by") {
        for answer in &mut answers {
            if let Ok(objects) = &mut answer.objects {
                sort(objects, path)?;
            }
        }
    }
    Ok(answers)
}

/// Tables, one for each kind, and after them what went wrong.
async fn tables(kubectl: &Kubectl, answers: Vec<Answer>, wide: bool) -> Outcome {
    let kinds: Vec<Kind> = answers.iter().map(|answer| answer.kind).collect();
    let mut answered = answers.iter().filter(|answer| answer.objects.is_ok()).map(|answer| answer.kind);
    let first = answered.next();
    let several = answered.any(|kind| Some(kind) != first);
    let mut groups: Vec<(Kind, Vec<Rc<Object>>)> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for answer in answers {
        match answer.objects {
            // Neighbours of one kind share a table.
            Ok(objects) => match groups.last_mut() {
                Some((kind, group)) if *kind == answer.kind => group.extend(objects),
                _ => groups.push((answer.kind, objects)),
            },
            Err(failure) if failures.contains(&failure) => {}
            Err(failure) => failures.push(failure),
        }
    }
    let mut printed = false;
    for (kind, objects) in groups.iter().filter(|(_, objects)| !objects.is_empty()) {
        let text = TablePrinter::new(layout(kubectl, *kind, wide, several)).print(table(kubectl, *kind, objects), None);
        let separator = if printed && !kubectl.flags.has("no-headers") { "\n" } else { "" };
        kubectl.print(format!("{separator}{text}")).await;
        printed = true;
    }
    if !printed && failures.is_empty() && !kubectl.flags.has("ignore-not-found") {
        let namespaced = kinds.iter().all(|kind| kind.resource().namespaced) && !kubectl.flags.has("all-namespaces");
        let place = if namespaced { format!(" in {} namespace.", kubectl.namespace()) } else { String::new() };
        kubectl.process.print_error(format!("No resources found{place}\n")).await;
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

fn layout(kubectl: &Kubectl, kind: Kind, wide: bool, several: bool) -> Layout {
    let flags = &kubectl.flags;
    let labels = flags.values("label-columns").into_iter().flat_map(|labels| labels.split(','));
    Layout {
        wide,
        no_headers: flags.has("no-headers"),
        show_labels: flags.has("show-labels"),
        with_namespace: flags.has("all-namespaces") && kind.resource().namespaced,
        kind: (several || flags.has("show-kind")).then(|| kind.to_string()),
        column_labels: labels.map(str::to_owned).collect(),
    }
}

fn table(kubectl: &Kubectl, kind: Kind, objects: &[Rc<Object>]) -> printer::Table {
    printer::table(kind.resource().name, objects.iter().map(|object| object.document()), &kubectl.view())
}

/// `-o yaml` and its kin: one object as it is, several as a `List`.
async fn documents(kubectl: &Kubectl, format: &Format, answers: Vec<Answer>) -> Outcome {
    let single = matches!(answers.as_slice(), [answer] if !answer.list);
    let mut objects = Vec::new();
    let mut failures = Vec::new();
    for answer in answers {
        match answer.objects {
            Ok(found) => objects.extend(found),
            Err(failure) => failures.push(failure),
        }
    }
    match objects.as_slice() {
        [only] if single => kubectl.print(format.text(only.document())?).await,
        [] if single || !failures.is_empty() => {}
        several => kubectl.print(format.text(&list_document(several.iter().map(|object| &**object)))?).await,
    }
    Failure::all(failures).map_or(Ok(()), Err)
}

/// `--sort-by`: objects by the value at a path. Objects without it come first.
pub(super) fn sort(objects: &mut [Rc<Object>], path: &str) -> Outcome {
    let expression = relaxed_expression(path).map_err(Failure::error)?;
    let template = Template::parse(&expression).map_err(Failure::error)?.allow_missing_keys(true);
    let key = |object: &Rc<Object>| -> Option<Value> {
        let results = template.results(object.document()).ok()?;
        results.into_iter().flatten().next().map(|value| value.into_owned())
    };
    if !objects.is_empty() && objects.iter().all(|object| key(object).is_none()) {
        return Err(Failure::error(format!("couldn't find any field with path \"{expression}\" in the list of objects")));
    }
    objects.sort_by(|left, right| compare(key(left).as_ref(), key(right).as_ref()));
    Ok(())
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (Some(Value::String(left)), Some(Value::String(right))) => left.cmp(right),
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

/// `-w`: the objects, then a line for every change, until Ctrl-C.
async fn watch(kubectl: &Kubectl, format: &Format, answers: Vec<Answer>) -> Outcome {
    let [answer] = answers.as_slice() else {
        let message = "watch is only supported on individual resources and resource collections - more than 1 resource was found";
        return Err(Failure::error(message));
    };
    let objects = answer.objects.as_ref().map_err(Clone::clone)?;
    let only = (!answer.list).then(|| objects.first().map(|object| object.reference())).flatten();
    let filter = resource::Filter::from_flags(kubectl)?;
    let namespace = if kubectl.flags.has("all-namespaces") { None } else { Some(kubectl.namespace()) };
    let mut printer = TablePrinter::watching(layout(kubectl, answer.kind, matches!(format, Format::Wide), false));
    let events = kubectl.flags.has("output-watch-events");
    let mut known: BTreeMap<_, _> = objects.iter().map(|object| (object.reference(), Rc::clone(object))).collect();
    if !kubectl.flags.has("watch-only") {
        show(kubectl, format, &mut printer, objects, events.then_some("ADDED   ")).await?;
    }
    loop {
        kubectl.watch_for(Duration::from_secs(60)).await;
        let listed = kubectl.peek_list(answer.kind, namespace).into_iter();
        let now: BTreeMap<_, _> = listed
            .filter(|object| filter.admits(object) && only.as_ref().is_none_or(|only| *only == object.reference()))
            .map(|object| (object.reference(), object))
            .collect();
        for (reference, object) in known.iter().filter(|(reference, _)| !now.contains_key(reference)) {
            debug_assert_eq!(*reference, object.reference());
            show(kubectl, format, &mut printer, &[Rc::clone(object)], events.then_some("DELETED ")).await?;
        }
        for (reference, object) in &now {
            let event = match known.get(reference) {
                None => "ADDED   ",
                Some(before) if before.meta().resource_version != object.meta().resource_version => "MODIFIED",
                Some(_) => continue,
            };
            show(kubectl, format, &mut printer, &[Rc::clone(object)], events.then_some(event)).await?;
        }
        known = now;
        kubectl.process.yield_now().await;
    }
}

async fn show(
    kubectl: &Kubectl,
    format: &Format,
    printer: &mut TablePrinter,
    objects: &[Rc<Object>],
    event: Option<&str>,
) -> Outcome {
    if format.is_table() {
        if let Some(first) = objects.first() {
            kubectl.print(printer.print(table(kubectl, first.kind(), objects), event)).await;
        }
        return Ok(());
    }
    for object in objects {
        kubectl.print(format.text(object.document())?).await;
    }
    Ok(())
}
