//! Event objects: what `kubectl get events` and `kubectl describe` show. Repeats are counted on one object, as client-go's
//! correlator does, and an Event is forgotten an hour after it was last seen.

use super::{Change, Context, object};
use crate::api::{Kind, Object};
use crate::clock::{Duration, Instant};
use crate::rng;
use serde_json::{Value, json};

/// kube-apiserver `--event-ttl`, default 1h0m0s.
const TIME_TO_LIVE: Duration = Duration::from_secs(3_600);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Occurrence {
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) warning: bool,
    /// `spec.containers{web}`, for events of one container.
    pub(super) field_path: Option<String>,
}

impl Occurrence {
    pub(super) fn normal(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), warning: false, field_path: None }
    }

    pub(super) fn warning(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), warning: true, field_path: None }
    }
}

/// Who reports: a component, and the node it runs on.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) component: &'a str,
    pub(super) host: Option<&'a str>,
}

impl<'a> Source<'a> {
    pub(super) const fn component(component: &'a str) -> Self {
        Self { component, host: None }
    }
}

pub(super) fn record(context: Context<'_>, about: &Object, source: Source<'_>, occurrence: &Occurrence) -> Change {
    let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
    let involved = involved_object(about, occurrence);
    let same = |event: &&std::rc::Rc<Object>| {
        let document = event.document();
        // An Event's name starts with its object's, which spares looking into all the others.
        event.name().starts_with(about.name())
            && document["involvedObject"]["uid"] == involved["uid"]
            && document["involvedObject"]["fieldPath"] == involved["fieldPath"]
            && document["reason"] == occurrence.reason
            && document["message"] == occurrence.message
            && document["reportingComponent"] == source.component
    };
    let earlier = context.store.list_in(Kind::Event, namespace).find(same);
    if let Some(repeated) = earlier.and_then(|event| again(event, context.now)) {
        return Change::Update(repeated);
    }
    let now = context.now.to_string();
    let mut reporter = json!({ "component": source.component });
    if let Some(host) = source.host {
        reporter["host"] = json!(host);
    }
    Change::Create(object(
        Kind::Event,
        json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": { "name": name(about, occurrence, context.now), "namespace": namespace },
            "involvedObject": involved,
            "reason": occurrence.reason,
            "message": occurrence.message,
            "type": if occurrence.warning { "Warning" } else { "Normal" },
            "source": reporter,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "eventTime": null,
            "reportingComponent": source.component,
            "reportingInstance": source.host.unwrap_or_default(),
        }),
    ))
}

fn involved_object(about: &Object, occurrence: &Occurrence) -> Value {
    let mut involved = json!({
        "kind": about.kind().resource().name,
        "name": about.name(),
        "uid": about.meta().uid,
        "apiVersion": about.kind().api_version(),
        "resourceVersion": about.meta().resource_version,
    });
    if !about.namespace().is_empty() {
        involved["namespace"] = json!(about.namespace());
    }
    if let Some(path) = &occurrence.field_path {
        involved["fieldPath"] = json!(path);
    }
    involved
}

fn again(event: &Object, now: Instant) -> Option<Object> {
    let count = event.document()["count"].as_u64().unwrap_or(1);
    event
        .edited(|document| {
            document["count"] = json!(count + 1);
            document["lastTimestamp"] = json!(now.to_string());
        })
        .ok()
}

/// `web.17a1f3c09b2d4e55`: the object's name and the moment in nanoseconds. The clock counts microseconds; the digits below
/// come from the message, so that two events of one moment differ.
fn name(about: &Object, occurrence: &Occurrence, now: Instant) -> String {
    let text = format!("{}{}{:?}", occurrence.reason, occurrence.message, occurrence.field_path);
    let nanos = now.micros().saturating_mul(1_000).saturating_add(rng::hash(0, text.as_bytes()) % 1_000);
    format!("{}.{nanos:016x}", about.name())
}

pub(super) fn expire(context: Context<'_>) -> Vec<Change> {
    let expired = |event: &&std::rc::Rc<Object>| {
        let last = event.document()["lastTimestamp"].as_str().and_then(Instant::parse_rfc3339);
        last.is_some_and(|last| context.now.since(last) > TIME_TO_LIVE)
    };
    context.store.list(Kind::Event).filter(expired).map(|event| Change::Remove(event.reference())).collect()
}
