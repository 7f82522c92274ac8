//! Who lives where: Pods and nodes by address, as the store has them at one revision. What every node's tables are computed from.

use crate::api::{Cluster, ClusterNode, Kind, Object, ObjectRef, Pod};
use crate::image::{self, Listener};
use crate::net::{IpAddr, IpNet};
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// A Pod that has a place in the network: bound, with an address, not finished.
#[derive(Clone, Debug)]
pub struct PodHome {
    pub pod: ObjectRef,
    /// What its devices' random names and addresses derive from: another Pod of the same name gets others. Objects that never
    /// passed an API server have no uid.
    pub identity: String,
    pub node: String,
    pub ip: IpAddr,
    pub host_network: bool,
    /// What its running containers listen on.
    pub listeners: Vec<Listener>,
}

#[derive(Clone, Debug, Default)]
pub struct Directory {
    homes: BTreeMap<ObjectRef, PodHome>,
    pods_by_node: BTreeMap<String, Vec<ObjectRef>>,
    /// Pods with an address of their own.
    pods_by_ip: BTreeMap<IpAddr, ObjectRef>,
    nodes_by_ip: BTreeMap<IpAddr, String>,
}

impl Directory {
    pub fn of(cluster: &Cluster, store: &Store) -> Self {
        let mut directory = Self::default();
        for node in &cluster.nodes {
            directory.nodes_by_ip.insert(node.internal_ip, node.name.clone());
        }
        for object in store.list(Kind::Pod) {
            if let Some(home) = object.as_pod().and_then(|pod| home(object, pod)) {
                directory.add(home);
            }
        }
        directory
    }

    fn add(&mut self, home: PodHome) {
        self.pods_by_node.entry(home.node.clone()).or_default().push(home.pod.clone());
        if !home.host_network {
            self.pods_by_ip.insert(home.ip, home.pod.clone());
        }
        self.homes.insert(home.pod.clone(), home);
    }

    pub fn home(&self, pod: &ObjectRef) -> Option<&PodHome> {
        self.homes.get(pod)
    }

    /// The Pods on a node, by namespace and name.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &PodHome> {
        let pods = self.pods_by_node.get(node).map(Vec::as_slice).unwrap_or_default();
        pods.iter().filter_map(|pod| self.homes.get(pod))
    }

    pub fn pod_at(&self, ip: IpAddr) -> Option<&PodHome> {
        self.homes.get(self.pods_by_ip.get(&ip)?)
    }

    pub fn node_at(&self, ip: IpAddr) -> Option<&str> {
        self.nodes_by_ip.get(&ip).map(String::as_str)
    }

    /// Calico's IPAM blocks of a node: the /26 networks its Pods live in, and its first one even before the first Pod.
    pub fn blocks(&self, node: &ClusterNode) -> BTreeSet<IpNet> {
        let pods = self.pods_on(&node.name).filter(|home| !home.host_network).map(|home| home.ip);
        core::iter::once(node.pod_cidr.network()).chain(pods).filter_map(block).collect()
    }
}

/// Calico's default block size for IPv4; IPv6 blocks are /122.
fn block(address: IpAddr) -> Option<IpNet> {
    let length = if address.is_ipv4() { 26 } else { 122 };
    IpNet::new(address, length).ok().map(|net| net.trunc())
}

fn home(object: &Object, pod: &Pod) -> Option<PodHome> {
    let finished = matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"));
    let node = pod.spec.node_name.clone().filter(|node| !node.is_empty() && !finished)?;
    Some(PodHome {
        pod: object.reference(),
        identity: format!("{}/{}/{}", object.meta().uid, object.namespace(), object.name()),
        node,
        ip: pod.ip()?,
        host_network: pod.spec.host_network,
        listeners: listeners(object, pod),
    })
}

fn listeners(object: &Object, pod: &Pod) -> Vec<Listener> {
    if pod.status.phase.as_deref() != Some("Running") {
        return Vec::new();
    }
    let statuses = object.document()["status"]["containerStatuses"].as_array();
    let is_running = |name: &str| {
        let status = statuses.and_then(|statuses| statuses.iter().find(|status| status["name"] == name));
        status.is_none_or(|status| status["state"].get("running").is_some())
    };
    let running = pod.spec.containers.iter().filter(|container| is_running(&container.name));
    let processes = running.filter_map(|container| Some(image::process(&image::find(&container.image)?, container)));
    processes.flat_map(|process| process.listeners).collect()
}
