//! Controllers: scheduler, kubelet, IPAM, endpoint slices, namespaces … one file each. Each reads the store and says what it
//! would change; `world` carries that out before it asks the next one, round after round, until a round changes nothing.
//!
//! Invariant: no two controllers ever edit the same object from the same stale copy. Nothing here knows of packets.

mod bootstrap;
mod daemon_set;
mod deletion;
mod deployment;
mod endpoint_mirror;
mod endpoints;
mod events;
mod garbage;
mod ipam;
mod job;
mod kubelet;
mod names;
mod namespace;
mod owner;
mod replica_set;
mod scheduler;
mod stateful_set;

pub use deletion::{Cascade, DeleteOptions};

pub(crate) use bootstrap::objects as bootstrap_objects;
pub(crate) use deletion::delete;

use crate::api::{Cluster, Kind, Object, ObjectRef};
use crate::clock::Instant;
use crate::store::Store;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a controller wants done.
#[derive(Clone, Debug)]
pub enum Change {
    Create(Object),
    Update(Object),
    /// What a client's `DELETE` does: graceful where the kind is.
    Delete(ObjectRef),
    /// Takes the object out of the store for good.
    Remove(ObjectRef),
    /// Each one only if all before it were accepted: an object, and the Event that tells of it.
    InOrder(Vec<Change>),
}

/// Every controller, by what it looks after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    ServiceAccounts,
    GarbageCollector,
    Deployments,
    ReplicaSets,
    DaemonSets,
    StatefulSets,
    Jobs,
    Scheduler,
    Kubelet,
    Endpoints,
    EndpointSliceMirror,
    Namespaces,
    EventExpiry,
}

impl Controller {
    /// The order of a round: owners before what they own, Pods before what is computed from them.
    pub const ROUND: [Controller; 13] = [
        Self::ServiceAccounts,
        Self::GarbageCollector,
        Self::Deployments,
        Self::ReplicaSets,
        Self::DaemonSets,
        Self::StatefulSets,
        Self::Jobs,
        Self::Scheduler,
        Self::Kubelet,
        Self::Endpoints,
        Self::EndpointSliceMirror,
        Self::Namespaces,
        Self::EventExpiry,
    ];

    /// The others want nothing new while the store stands still.
    fn acts_on_time(self) -> bool {
        matches!(self, Self::Kubelet | Self::Namespaces | Self::EventExpiry)
    }
}

/// What every controller reads.
#[derive(Clone, Copy)]
struct Context<'a> {
    cluster: &'a Cluster,
    store: &'a Store,
    now: Instant,
}

/// The controllers' own memory: what a restart of them would lose.
#[derive(Clone, Debug, Default)]
pub struct Control {
    kubelet: kubelet::Kubelet,
    namespaces: namespace::Finalizer,
    /// The store's revision that each controller looked at last.
    seen: BTreeMap<Controller, u64>,
}

impl Control {
    pub fn new(cluster: &Cluster) -> Self {
        Self { kubelet: kubelet::Kubelet::new(cluster), ..Self::default() }
    }

    /// What one controller wants done now. Asked again with nothing changed, it wants the same.
    pub fn run(&mut self, controller: Controller, cluster: &Cluster, store: &Store, now: Instant) -> Vec<Change> {
        let seen = self.seen.insert(controller, store.revision());
        if seen == Some(store.revision()) && !controller.acts_on_time() {
            return Vec::new();
        }
        let context = Context { cluster, store, now };
        match controller {
            Controller::ServiceAccounts => namespace::populate(context),
            Controller::GarbageCollector => garbage::collect(context),
            Controller::Deployments => deployment::reconcile(context),
            Controller::ReplicaSets => replica_set::reconcile(context),
            Controller::DaemonSets => daemon_set::reconcile(context),
            Controller::StatefulSets => stateful_set::reconcile(context),
            Controller::Jobs => job::reconcile(context),
            Controller::Scheduler => scheduler::reconcile(context),
            Controller::Kubelet => self.kubelet.reconcile(context),
            Controller::Endpoints => endpoints::reconcile(context),
            Controller::EndpointSliceMirror => endpoint_mirror::reconcile(context),
            Controller::Namespaces => self.namespaces.reconcile(context),
            Controller::EventExpiry => events::expire(context),
        }
    }

    /// When something happens by itself next: an image is pulled, a grace period ends.
    pub fn next_deadline(&self) -> Option<Instant> {
        [self.kubelet.next_deadline(), self.namespaces.next_deadline()].into_iter().flatten().min()
    }

    /// The scene's past is over: from here on IPAM goes on where the scene says.
    pub(crate) fn begin_scene(&mut self, cluster: &Cluster) {
        self.kubelet.begin_scene(cluster);
    }

    /// The scene's Pods run: from here on the node's runtime is the one the scene names, whatever it was when they came.
    pub(crate) fn begin_present(&mut self) {
        self.kubelet.begin_present();
    }
}

impl Context<'_> {
    /// A namespace on its way out takes nothing new.
    fn is_terminating(&self, namespace: &str) -> bool {
        let namespace = self.store.get(&ObjectRef::cluster(Kind::Namespace, namespace));
        namespace.is_some_and(|namespace| namespace.meta().deletion_timestamp.is_some())
    }
}

/// An object that a controller writes itself.
fn object(kind: Kind, document: Value) -> Object {
    Object::from_document(kind, document).expect("a controller's own documents have the types of the API")
}

/// The change that writes `value` at a top-level field, or none when the object has it already.
fn with_field(object: &Object, field: &str, value: Value) -> Option<Change> {
    if object.document().get(field) == Some(&value) {
        return None;
    }
    object.edited(|document| document[field] = value).ok().map(Change::Update)
}
