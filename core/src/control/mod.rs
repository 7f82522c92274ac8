//! Controllers: scheduler, kubelet, IPAM, endpoint slices, namespaces … one file each. Each reads the store and says what it
//! would change; `world` applies the changes and runs them, in fixed order, to a bounded fixed point.
//!
//! Invariant: a round speaks for one controller only, so no two controllers ever edit the same object from the same stale copy.
//! Nothing here knows of packets.

mod bootstrap;
mod daemon_set;
mod deletion;
mod deployment;
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
pub use kubelet::listening;

pub(crate) use bootstrap::objects as bootstrap_objects;
pub(crate) use deletion::delete;

use crate::api::{Cluster, Kind, Object, ObjectRef};
use crate::clock::Instant;
use crate::store::Store;
use serde_json::Value;

/// What a controller wants done.
#[derive(Clone, Debug)]
pub enum Change {
    Create(Object),
    Update(Object),
    /// What a client's `DELETE` does: graceful where the kind is.
    Delete(ObjectRef),
    /// Takes the object out of the store for good.
    Remove(ObjectRef),
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
}

impl Control {
    pub fn new(cluster: &Cluster) -> Self {
        Self { kubelet: kubelet::Kubelet::new(cluster), namespaces: namespace::Finalizer::default() }
    }

    /// One round of every controller. No changes: the cluster is settled until [`Control::next_deadline`].
    pub fn reconcile(&mut self, cluster: &Cluster, store: &Store, now: Instant) -> Vec<Change> {
        type Controller = fn(Context<'_>) -> Vec<Change>;
        const CONTROLLERS: [Controller; 9] = [
            namespace::populate,
            garbage::collect,
            deployment::reconcile,
            replica_set::reconcile,
            daemon_set::reconcile,
            stateful_set::reconcile,
            job::reconcile,
            scheduler::reconcile,
            events::expire,
        ];
        let context = Context { cluster, store, now };
        for controller in CONTROLLERS {
            let changes = controller(context);
            if !changes.is_empty() {
                return changes;
            }
        }
        let changes = self.kubelet.reconcile(context);
        if !changes.is_empty() {
            return changes;
        }
        let changes = endpoints::reconcile(context);
        if !changes.is_empty() {
            return changes;
        }
        self.namespaces.reconcile(context)
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
