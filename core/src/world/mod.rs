//! The world: one cluster, its time and its packets. The only thing that mutates.

mod disks;
mod snapshot;
mod sockets;

pub use disks::{Disks, Entry, Layer};
pub use snapshot::{DeviceKind, DeviceView, NodeView, PodView, PolicyView, ServiceView, Snapshot};
pub use sockets::{Connection, Reply, ReplyOutcome};

use crate::api::{Cluster, Object, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::control::{Change, Control};
use crate::dataplane::{Dataplane, Netns};
use crate::diagnostic::Diagnostic;
use crate::dns::CoreDns;
use crate::manifest::{self, Manifest};
use crate::store::{ApiError, Store};
use crate::trace::Exchange;
use std::rc::Rc;

/// A controller that never settles is our bug; this many rounds at one instant is more than any real cascade needs.
const MAX_ROUNDS: usize = 1_000;

#[derive(Clone, Debug)]
pub struct World {
    cluster: Cluster,
    now: Instant,
    store: Store,
    control: Control,
    dataplane: Dataplane,
    coredns: CoreDns,
    exchanges: Vec<Exchange>,
    next_exchange: u64,
    disks: Disks,
}

impl World {
    /// A cluster as a scene file describes it: nodes up, kube-system running, the file's objects applied, time at rest.
    pub fn from_scene(text: &str, source: &str) -> Result<Self, Vec<Diagnostic>> {
        let Manifest { documents, cluster, diagnostics } = manifest::parse(text, source);
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let mut world = Self::new(cluster.unwrap_or_default());
        for document in documents {
            let position = document.positions.values().min().copied().unwrap_or_default();
            world.create(document.object).map_err(|error| vec![Diagnostic::error(source, error.message).at(position)])?;
        }
        world.settle();
        Ok(world)
    }

    pub fn new(cluster: Cluster) -> Self {
        let now = Instant::parse_rfc3339(&cluster.start_time).unwrap_or_default();
        let control = Control::new(&cluster);
        Self {
            cluster,
            now,
            store: Store::default(),
            control,
            dataplane: Dataplane::default(),
            coredns: CoreDns::default(),
            exchanges: Vec::new(),
            next_exchange: 1,
            disks: Disks::default(),
        }
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn create(&mut self, object: Object) -> Result<Rc<Object>, ApiError> {
        let created = self.store.create(object, self.now)?;
        self.reconcile();
        Ok(created)
    }

    pub fn update(&mut self, object: Object) -> Result<Rc<Object>, ApiError> {
        let updated = self.store.update(object, self.now)?;
        self.reconcile();
        Ok(updated)
    }

    /// What `DELETE` does: at once, or after a grace period or finalizers.
    pub fn delete(&mut self, reference: &ObjectRef) -> Result<(), ApiError> {
        self.store.remove(reference)?;
        self.reconcile();
        Ok(())
    }

    /// Lets virtual time pass, stopping wherever something happens by itself.
    pub fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        self.reconcile();
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.reconcile();
        }
        self.now = end;
        self.reconcile();
    }

    /// When something will happen by itself, if nobody does anything.
    pub fn next_deadline(&self) -> Option<Instant> {
        [self.control.next_deadline(), self.coredns.next_deadline()].into_iter().flatten().min()
    }

    /// Everything that was sent, oldest first.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// What programs wrote to files.
    pub fn disks(&self) -> &Disks {
        &self.disks
    }

    pub fn disks_mut(&mut self) -> &mut Disks {
        &mut self.disks
    }

    fn reconcile(&mut self) {
        for _ in 0..MAX_ROUNDS {
            let changes = self.control.reconcile(&self.cluster, &self.store, self.now);
            self.coredns.observe(&self.cluster, &self.store, self.now);
            if changes.is_empty() {
                return;
            }
            changes.into_iter().for_each(|change| self.carry_out(change));
        }
        unreachable!("the controllers did not settle in {MAX_ROUNDS} rounds");
    }

    /// A controller's request can lose a race with another's, as on a real cluster; it looks again in the next round.
    fn carry_out(&mut self, change: Change) {
        let _refused = match change {
            Change::Create(object) => self.store.create(object, self.now).err(),
            Change::Update(object) => self.store.update(object, self.now).err(),
            Change::Remove(reference) => self.store.remove(&reference).err(),
        };
    }

    /// Lets a fresh scene come to rest.
    fn settle(&mut self) {
        self.advance(Duration::from_secs(60));
    }

    pub(crate) fn netns_exists(&self, netns: &Netns) -> bool {
        match netns {
            Netns::Pod(pod) => self.store.get(pod).is_some(),
            Netns::Node(name) => self.cluster.nodes.iter().any(|node| node.name == *name),
            Netns::External(_) => true,
        }
    }
}
