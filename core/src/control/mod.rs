//! Controllers: scheduler, kubelet, IPAM, endpoint slices, namespaces … one file each. Each reads the store and says what it
//! would change; `world` applies the changes and runs them, in fixed order, to a bounded fixed point.

use crate::api::{Cluster, Object, ObjectRef};
use crate::clock::Instant;
use crate::store::Store;

/// What a controller wants done.
#[derive(Clone, Debug)]
pub enum Change {
    Create(Object),
    Update(Object),
    Remove(ObjectRef),
}

/// The controllers' own memory: what a restart of them would lose.
#[derive(Clone, Debug, Default)]
pub struct Control {}

impl Control {
    pub fn new(_cluster: &Cluster) -> Self {
        Self::default()
    }

    /// One round of every controller. No changes: the cluster is settled until [`Control::next_deadline`].
    pub fn reconcile(&mut self, _cluster: &Cluster, _store: &Store, _now: Instant) -> Vec<Change> {
        Vec::new()
    }

    /// When something happens by itself next: an image is pulled, a grace period ends.
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }
}
