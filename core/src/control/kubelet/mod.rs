//! The kubelets of all nodes: what happens to a Pod after it has a node, in virtual time.
//!
//! Input: the Pods of the store. Output: their `status`, Events, and their final removal. One worker per Pod carries what the
//! container runtime knows; status is always computed from it. It must not know how packets move.

mod back_off;
mod container;
mod probe;
mod pull;
mod status;
mod worker;

use super::events::{self, Source};
use super::ipam::Pool;
use super::{Change, Context};
use crate::api::{Cluster, ClusterNode, Cni, Kind, Object, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::image;
use crate::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use worker::Worker;

#[derive(Clone, Debug, Default)]
pub(super) struct Kubelet {
    nodes: BTreeMap<String, NodeState>,
    workers: BTreeMap<ObjectRef, Worker>,
    /// While a scene's past is told, its images come from wherever they came from then.
    present: bool,
}

/// What a node keeps on its disk.
#[derive(Clone, Debug)]
struct NodeState {
    pool: Pool,
    /// Normalised references of the images in the runtime's store.
    images: BTreeSet<String>,
}

/// What a worker may use of its node.
struct Node<'a> {
    state: &'a mut NodeState,
    internal_ip: IpAddr,
    cni: Cni,
    schema_1: bool,
}

impl Kubelet {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let state = |node: &ClusterNode| NodeState { pool: Pool::new(cluster.cni, node), images: BTreeSet::new() };
        let nodes = cluster.nodes.iter().map(|node| (node.name.clone(), state(node))).collect();
        Self { nodes, workers: BTreeMap::new(), present: false }
    }

    pub(super) fn begin_scene(&mut self, cluster: &Cluster) {
        for node in &cluster.nodes {
            if let (Some(state), Some(next)) = (self.nodes.get_mut(&node.name), node.next_pod_ip) {
                state.pool.continue_at(next);
            }
        }
    }

    /// A scene on containerd 2.1 may hold Pods from schema-1 images: they came when the runtime was older. The upgrade left their
    /// containers running (each has its own snapshot) and took the images.
    pub(super) fn begin_present(&mut self) {
        self.present = true;
        for state in self.nodes.values_mut() {
            state.images.retain(|name| image::find(name).is_some_and(|image| !image.schema_1));
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.workers.values().filter_map(Worker::deadline).min()
    }

    pub(super) fn reconcile(&mut self, context: Context<'_>) -> Vec<Change> {
        self.forget_removed(context);
        let mut changes = Vec::new();
        for pod in context.store.list(Kind::Pod) {
            changes.extend(self.sync(context, pod));
        }
        changes
    }

    /// A Pod that is gone from the API leaves its address behind for the next one.
    fn forget_removed(&mut self, context: Context<'_>) {
        let nodes = &mut self.nodes;
        self.workers.retain(|reference, worker| {
            let alive = context.store.get(reference).is_some_and(|pod| pod.meta().uid == worker.uid);
            if let Some(state) = nodes.get_mut(&worker.node).filter(|_| !alive) {
                state.pool.release(&worker.uid);
            }
            alive
        });
    }

    fn sync(&mut self, context: Context<'_>, object: &Object) -> Vec<Change> {
        if self.workers.get(&object.reference()).is_some_and(|worker| worker.is_settled(object, context.now)) {
            return Vec::new();
        }
        let Some(pod) = object.as_pod() else { return Vec::new() };
        let Some(scene_node) = context.cluster.nodes.iter().find(|node| Some(&node.name) == pod.spec.node_name.as_ref()) else {
            return Vec::new();
        };
        let Some(state) = self.nodes.get_mut(&scene_node.name) else { return Vec::new() };
        let schema_1 = !self.present || pull::reads_schema_1(&context.cluster.container_runtime);
        let mut node = Node { state, internal_ip: scene_node.internal_ip, cni: context.cluster.cni, schema_1 };
        let worker = self.workers.entry(object.reference()).or_insert_with(|| Worker::new(object, pod, context.now));
        if let Some(end) = object.meta().deletion_timestamp.as_deref() {
            worker.stop(Instant::parse_rfc3339(end).unwrap_or(context.now), context.now);
        }
        let occurrences = worker.step(object, pod, &mut node, context.now);
        let source = Source { component: "kubelet", host: Some(&scene_node.name) };
        // What one step tells happened in this order; Events are listed by name, which holds their moment.
        let moments = (0..).map(|after| Context { now: context.now + Duration::from_micros(after), ..context });
        let mut changes: Vec<Change> = occurrences
            .iter()
            .zip(moments)
            .map(|(occurrence, context)| events::record(context, object, source, occurrence))
            .collect();
        if worker.is_gone(context.now) {
            changes.push(Change::Remove(object.reference()));
        } else if let Some(updated) = status::write(object, pod, worker, scene_node.internal_ip, context.now) {
            changes.push(Change::Update(updated));
        }
        changes
    }
}
