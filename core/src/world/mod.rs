//! The world: one cluster, its time and its packets. The only thing that mutates.

mod disks;
mod snapshot;
mod sockets;

pub use disks::{Disks, Entry, Layer};
pub use snapshot::{DeviceKind, DeviceView, NodeView, PodView, PolicyView, ServiceView, Snapshot};
pub use sockets::{Connection, Reply, ReplyOutcome};

use self::snapshot::Slots;
use crate::api::{Cluster, Cni, Kind, Object, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::control::{self, Change, Control, Controller, DeleteOptions};
use crate::dataplane::Dataplane;
use crate::diagnostic::Diagnostic;
use crate::dns::CoreDns;
use crate::manifest::{self, Document, Manifest};
use crate::store::{ApiError, Store};
use crate::trace::Exchange;
use std::rc::Rc;

/// A controller that never settles is our bug; this many rounds at one instant is more than any real cascade needs.
const MAX_ROUNDS: usize = 1_000;

/// How old a cluster is when its scene begins, and how long the scene's own objects have been there by then.
const CLUSTER_AGE: Duration = Duration::from_secs(12 * 86_400);
const SCENE_AGE: Duration = Duration::from_secs(600);

#[derive(Clone, Debug)]
pub struct World {
    cluster: Cluster,
    now: Instant,
    store: Store,
    control: Control,
    dataplane: Dataplane,
    slots: Slots,
    coredns: CoreDns,
    exchanges: Vec<Exchange>,
    next_exchange: u64,
    disks: Disks,
}

impl World {
    /// A cluster as a scene file describes it: nodes up, kube-system running, the file's objects there for a while.
    /// With `cni`, the same scene on another network plugin.
    pub fn from_scene(text: &str, source: &str, cni: Option<Cni>) -> Result<Self, Vec<Diagnostic>> {
        let manifest = manifest::parse(text, source);
        if manifest.has_errors() {
            return Err(manifest.diagnostics);
        }
        let Manifest { mut documents, cluster, .. } = manifest;
        let mut cluster = cluster.unwrap_or_default();
        cluster.cni = cni.unwrap_or(cluster.cni);
        let mut world = Self::before_scene(cluster);
        // A scene is a state, not a sequence: a namespace may stand below what is in it.
        documents.sort_by_key(|document| document.object.kind() != Kind::Namespace);
        for Document { object, positions } in documents {
            world.create(object.or_in_namespace("default")).map_err(|error| error.diagnostics(source, &positions))?;
        }
        world.open_scene();
        Ok(world)
    }

    /// A cluster that holds nothing but its own machinery, at its start time.
    pub fn new(cluster: Cluster) -> Self {
        let mut world = Self::before_scene(cluster);
        world.open_scene();
        world
    }

    /// The cluster's past, lived through: it was made days ago, and a scene's objects come minutes before its start.
    fn before_scene(cluster: Cluster) -> Self {
        let start = start_time(&cluster);
        let mut world = Self {
            now: before(start, CLUSTER_AGE),
            store: Store::new(&cluster),
            control: Control::new(&cluster),
            dataplane: Dataplane::default(),
            slots: Slots::default(),
            coredns: CoreDns::default(),
            exchanges: Vec::new(),
            next_exchange: 1,
            disks: Disks::default(),
            cluster,
        };
        for object in control::bootstrap_objects(&world.cluster, world.now) {
            // Only a cluster with two nodes of one name is refused here; the first of them stands.
            let _refused = world.create(object);
        }
        world.advance(before(start, SCENE_AGE) - world.now);
        world.control.begin_scene(&world.cluster);
        world
    }

    fn open_scene(&mut self) {
        self.advance(start_time(&self.cluster) - self.now);
        self.control.begin_present();
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
        let updated = self.store.update(object)?;
        self.reconcile();
        Ok(updated)
    }

    /// What `DELETE` does: at once, or after a grace period or finalizers.
    pub fn delete(&mut self, reference: &ObjectRef) -> Result<(), ApiError> {
        self.delete_with(reference, DeleteOptions::default())
    }

    pub fn delete_with(&mut self, reference: &ObjectRef, options: DeleteOptions) -> Result<(), ApiError> {
        self.begin_deletion(reference, options)?;
        self.reconcile();
        Ok(())
    }

    /// Lets virtual time pass, stopping wherever something happens by itself.
    pub fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        self.reconcile();
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            assert!(next > self.now, "what is due at {next} is done by the time the controllers have settled");
            self.now = next;
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
            let before = self.store.revision();
            for controller in Controller::ROUND {
                let changes = self.control.run(controller, &self.cluster, &self.store, self.now);
                for change in changes {
                    // A request can lose a race with another's, as on a real cluster; its controller looks again.
                    let _refused = self.carry_out(change);
                }
            }
            self.coredns.observe(&self.store, self.now);
            self.slots.observe(&self.store);
            if self.store.revision() == before {
                return;
            }
        }
        unreachable!("the controllers did not settle in {MAX_ROUNDS} rounds");
    }

    fn carry_out(&mut self, change: Change) -> Result<(), ApiError> {
        match change {
            Change::Create(object) => self.store.create(object, self.now).map(|_| ()),
            Change::Update(object) => self.store.update(object).map(|_| ()),
            Change::Remove(reference) => self.store.remove(&reference).map(|_| ()),
            // What a deletion consists of never holds another deletion, so this goes one level deep.
            Change::Delete(reference) => self.begin_deletion(&reference, DeleteOptions::default()),
            Change::InOrder(changes) => changes.into_iter().try_for_each(|change| self.carry_out(change)),
        }
    }

    fn begin_deletion(&mut self, reference: &ObjectRef, options: DeleteOptions) -> Result<(), ApiError> {
        let changes = control::delete(&self.store, reference, options, self.now)?;
        changes.into_iter().try_for_each(|change| self.carry_out(change))
    }
}

fn start_time(cluster: &Cluster) -> Instant {
    Instant::parse_rfc3339(&cluster.start_time).unwrap_or_default()
}

fn before(moment: Instant, age: Duration) -> Instant {
    Instant::default() + moment.since(Instant::default()).saturating_sub(age)
}
