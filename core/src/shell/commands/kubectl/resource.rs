//! Which objects a command line means: `pods`, `pod web`, `pod/web svc/api`, `deploy,svc -l app=web`, `all`.

use super::client::Kubectl;
use super::failure::Failure;
use super::selector::{FieldSelector, parse_labels};
use super::source;
use crate::api::{Kind, LabelSelector, Object, ObjectRef};
use std::rc::Rc;

/// `kubectl get all`, in its order.
const ALL: &[Kind] =
    &[Kind::Pod, Kind::Service, Kind::DaemonSet, Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::CronJob, Kind::Job];

/// What was asked for of one kind.
pub(super) enum Request {
    Named(ObjectRef),
    Every(Kind),
}

/// Objects that answer one request, or why there are none.
pub(super) struct Answer {
    pub kind: Kind,
    /// Whether a list was asked for, not one object by name.
    pub list: bool,
    pub objects: Result<Vec<Rc<Object>>, Failure>,
}

/// Reads the arguments. `every` allows a kind without names (`get`); otherwise that needs `-l`, `--all` or `--field-selector`.
pub(super) fn requests(kubectl: &Kubectl, arguments: &[String], every: bool) -> Result<Vec<Request>, Failure> {
    if arguments.iter().any(|argument| argument.contains('/')) {
        return arguments.iter().map(|argument| slash_form(kubectl, argument)).collect();
    }
    let Some((kinds, names)) = arguments.split_first() else { return Ok(Vec::new()) };
    let kinds = parse_kinds(kinds)?;
    if names.is_empty() {
        let selected = ["selector", "field-selector", "all"].iter().any(|flag| kubectl.flags.value(flag).is_some());
        if !every && !selected {
            return Err(Failure::error("resource(s) were provided, but no name was specified"));
        }
        return Ok(kinds.into_iter().map(Request::Every).collect());
    }
    if kubectl.flags.value("selector").is_some() {
        return Err(Failure::error("name cannot be provided when a selector is specified"));
    }
    if kubectl.flags.has("all") {
        return Err(Failure::error("setting 'all' parameter but found a non empty selector. "));
    }
    if kubectl.flags.has("all-namespaces") {
        return Err(Failure::error("a resource cannot be retrieved by name across all namespaces"));
    }
    let named = |kind: Kind| names.iter().map(move |name| Request::Named(kubectl.reference(kind, name)));
    Ok(kinds.into_iter().flat_map(named).collect())
}

fn slash_form(kubectl: &Kubectl, argument: &str) -> Result<Request, Failure> {
    let Some((kind, name)) = argument.split_once('/') else {
        return Err(Failure::error(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form \
             (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        ));
    };
    if name.contains('/') {
        return Err(Failure::error("arguments in resource/name form may not have more than one slash"));
    }
    if kind.is_empty() || name.is_empty() {
        return Err(Failure::error("arguments in resource/name form must have a single resource and name"));
    }
    Ok(Request::Named(kubectl.reference(parse_kind(kind)?, name)))
}

pub(super) fn parse_kind(word: &str) -> Result<Kind, Failure> {
    Kind::from_argument(word).ok_or_else(|| unknown_kind(word))
}

fn unknown_kind(word: &str) -> Failure {
    match word.split_once('.') {
        Some((name, group)) => Failure::error(format!("the server doesn't have a resource type \"{name}\" in group \"{group}\"")),
        None => Failure::error(format!("the server doesn't have a resource type \"{word}\"")),
    }
}

fn parse_kinds(words: &str) -> Result<Vec<Kind>, Failure> {
    let mut kinds = Vec::new();
    for word in words.split(',') {
        match word {
            "" => return Err(Failure::error("arguments must consist of a resource and a name")),
            "all" => kinds.extend(ALL),
            word => kinds.push(parse_kind(word)?),
        }
    }
    Ok(kinds)
}

/// What `-l` and `--field-selector` admit.
pub(super) struct Filter {
    labels: LabelSelector,
    fields: FieldSelector,
}

impl Filter {
    pub fn from_flags(kubectl: &Kubectl) -> Result<Self, Failure> {
        let labels = parse_labels(kubectl.flags.value("selector").unwrap_or_default())?;
        let fields = FieldSelector::parse(kubectl.flags.value("field-selector").unwrap_or_default())?;
        Ok(Self { labels, fields })
    }

    pub fn admits(&self, object: &Object) -> bool {
        self.labels.matches(&object.meta().labels) && self.fields.matches(object.document())
    }

    /// The server knows only some fields of each kind.
    fn check(&self, kind: Kind) -> Result<(), Failure> {
        self.fields.check(kind)
    }
}

/// Asks the server, request after request. A failure of one does not stop the others.
pub(super) async fn fetch(kubectl: &Kubectl, requests: Vec<Request>) -> Result<Vec<Answer>, Failure> {
    let filter = Filter::from_flags(kubectl)?;
    let namespace = if kubectl.flags.has("all-namespaces") { None } else { Some(kubectl.namespace()) };
    let mut answers = Vec::new();
    for request in requests {
        answers.push(match request {
            Request::Named(reference) => {
                let found = kubectl.get(&reference).await.map(|object| vec![object]).map_err(Failure::from);
                Answer { kind: reference.kind, list: false, objects: found }
            }
            Request::Every(kind) => {
                let objects = kubectl.list(kind, namespace).await;
                let admitted = objects.into_iter().filter(|object| filter.admits(object)).collect();
                Answer { kind, list: true, objects: filter.check(kind).map(|()| admitted) }
            }
        });
    }
    Ok(answers)
}

/// An object to act on, and the file that named it.
pub(super) struct Target {
    pub reference: ObjectRef,
    pub source: Option<String>,
}

/// What `-f` files or arguments name, for verbs that change things. Objects named by file need not exist.
pub(super) async fn targets(kubectl: &Kubectl, every: bool) -> Result<(Vec<Target>, Vec<Failure>), Failure> {
    let mut failures = Vec::new();
    if kubectl.flags.value("filename").is_some() {
        let files = source::read(kubectl).await?;
        failures.extend(files.failures);
        let target = |found: source::Found| Target { reference: found.object.reference(), source: Some(found.source) };
        return Ok((files.objects.into_iter().map(target).collect(), failures));
    }
    let mut targets = Vec::new();
    let mut lists = Vec::new();
    for request in requests(kubectl, &kubectl.flags.arguments, every)? {
        match request {
            Request::Named(reference) => targets.push(Target { reference, source: None }),
            every => lists.push(every),
        }
    }
    for answer in fetch(kubectl, lists).await? {
        match answer.objects {
            Ok(objects) => targets.extend(objects.iter().map(|object| Target { reference: object.reference(), source: None })),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((targets, failures))
}

/// `pod/web`, `deployment.apps/web`: how kubectl names an object that it changed.
pub(super) fn short_name(reference: &ObjectRef) -> String {
    format!("{}/{}", reference.kind, reference.name)
}
