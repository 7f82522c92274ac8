//! Namespaces: what each one gets when it is made, and how one is emptied when it goes.

use super::{Change, Context, object};
use crate::api::{Kind, Object, ObjectRef};
use crate::clock::{Duration, Instant};
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The namespace controller waits this long before it deletes anything, for API servers that have not heard yet
/// (`namespaceDeletionGracePeriod`).
const BEFORE_DELETION: Duration = Duration::from_secs(5);
const CERTIFICATE: &str = include_str!("bootstrap/ca.crt");

/// The ServiceAccount and the CA bundle that every Pod of a namespace mounts.
pub(super) fn populate(context: Context<'_>) -> Vec<Change> {
    let active = context.store.list(Kind::Namespace).filter(|namespace| namespace.meta().deletion_timestamp.is_none());
    let missing =
        |kind: Kind, namespace: &str, name: &str| context.store.get(&ObjectRef::namespaced(kind, namespace, name)).is_none();
    let mut changes = Vec::new();
    for namespace in active {
        let metadata = |name: &str| json!({ "name": name, "namespace": namespace.name() });
        if missing(Kind::ServiceAccount, namespace.name(), "default") {
            let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("default") });
            changes.push(Change::Create(object(Kind::ServiceAccount, account)));
        }
        if missing(Kind::ConfigMap, namespace.name(), "kube-root-ca.crt") {
            let mut metadata = metadata("kube-root-ca.crt");
            metadata["annotations"] = json!({
                "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal \
                                              endpoints such as the internal service IP or kubernetes.default.svc. No other usage is \
                                              guaranteed across distributions of Kubernetes clusters.",
            });
            let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "ca.crt": CERTIFICATE } });
            changes.push(Change::Create(object(Kind::ConfigMap, map)));
        }
    }
    changes
}

/// When the controller looks at each terminating namespace again.
#[derive(Clone, Debug, Default)]
pub(super) struct Finalizer {
    next_look: BTreeMap<String, Instant>,
}

impl Finalizer {
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.next_look.values().min().copied()
    }

    pub(super) fn reconcile(&mut self, context: Context<'_>) -> Vec<Change> {
        let is_terminating = |namespace: &&Rc<Object>| namespace.meta().deletion_timestamp.is_some();
        let terminating: Vec<&str> =
            context.store.list(Kind::Namespace).filter(is_terminating).map(|namespace| namespace.name()).collect();
        self.next_look.retain(|name, _| terminating.contains(&name.as_str()));
        let mut changes = Vec::new();
        for name in terminating {
            let look = *self.next_look.entry(name.to_owned()).or_insert(context.now + BEFORE_DELETION);
            if look <= context.now {
                let (emptied, again) = empty(context, name);
                self.next_look.insert(name.to_owned(), context.now + again);
                changes.extend(emptied);
            }
        }
        changes
    }
}

/// Deletes the Pods, and once they are gone everything else (OrderedNamespaceDeletion, on by default in 1.33); then the
/// namespace. Also says when to look again: half the longest grace period and a second, as the controller estimates.
fn empty(context: Context<'_>, namespace: &str) -> (Vec<Change>, Duration) {
    let pods: Vec<_> = context.store.list_in(Kind::Pod, namespace).collect();
    if !pods.is_empty() {
        let grace = |pod: &&Rc<Object>| pod.as_pod().and_then(|pod| pod.spec.termination_grace_period_seconds).unwrap_or(30);
        let longest = pods.iter().map(grace).max().and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        let leaving = pods.iter().filter(|pod| pod.meta().deletion_timestamp.is_none());
        let again = Duration::from_secs(longest.min(86_400) / 2 + 1);
        return (leaving.map(|pod| Change::Delete(pod.reference())).collect(), again);
    }
    let contents = Kind::ALL.iter().filter(|kind| kind.resource().namespaced);
    let mut changes: Vec<Change> = contents
        .flat_map(|kind| context.store.list_in(*kind, namespace))
        .map(|object| Change::Remove(object.reference()))
        .collect();
    changes.push(Change::Remove(ObjectRef::cluster(Kind::Namespace, namespace)));
    (changes, BEFORE_DELETION)
}
