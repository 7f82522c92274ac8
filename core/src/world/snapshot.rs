//! The cluster as a picture needs it: plain data, complete, in a fixed order. Whoever draws asks nothing else.

use super::World;
use crate::api::{ClusterNode, Cni, Kind, Object, ObjectRef, PolicyType, PortRef};
use crate::clock::Instant;
use crate::dataplane::device::Device;
use crate::dataplane::{self, Directory, Enforcement};
use crate::net::{IpAddr, IpNet, Protocol};
use crate::policy::PolicySet;
use crate::printer;
use crate::store::Store;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Equal revisions, equal pictures.
    pub revision: u64,
    #[serde(skip)]
    pub now: Instant,
    pub cni: Cni,
    /// In the scene's order.
    pub nodes: Vec<NodeView>,
    /// By namespace and name.
    pub services: Vec<ServiceView>,
    pub policies: Vec<PolicyView>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeView {
    pub name: String,
    pub ip: IpAddr,
    pub pod_cidr: IpNet,
    pub control_plane: bool,
    pub ready: bool,
    /// Host ends of veth pairs, bridge, tunnel, NIC; in the order a packet meets them on its way out.
    pub devices: Vec<DeviceView>,
    /// By slot.
    pub pods: Vec<PodView>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceView {
    pub name: String,
    pub kind: DeviceKind,
    pub addresses: Vec<IpNet>,
    pub mtu: u16,
    pub up: bool,
    /// The Pod at the other end of a veth.
    pub pod: Option<ObjectRef>,
    /// The bridge this device is a port of.
    pub master: Option<String>,
}

/// In the order a packet meets them on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    Veth,
    Bridge,
    Vxlan,
    IpIp,
    Nic,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PodView {
    pub reference: ObjectRef,
    /// Its place on the node: the lowest that was free when it came, kept until it goes. Pods on the node's own network are
    /// drawn apart and counted apart.
    pub slot: usize,
    pub ip: Option<IpAddr>,
    /// What `kubectl get pods` says in STATUS.
    pub status: String,
    pub ready: bool,
    /// `TCP 80`
    pub listens: Vec<(Protocol, u16)>,
    pub host_network: bool,
    /// Directions in which at least one policy isolates it.
    pub isolated: Vec<PolicyType>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceView {
    pub reference: ObjectRef,
    pub kind: String,
    pub cluster_ip: Option<IpAddr>,
    /// `80→8080/TCP`
    pub ports: Vec<String>,
    pub ready_endpoints: Vec<ObjectRef>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyView {
    pub reference: ObjectRef,
    pub types: Vec<PolicyType>,
    pub selects: Vec<ObjectRef>,
    /// False when the cluster's network plugin ignores policy.
    pub enforced: bool,
}

/// The places of Pods on their nodes, kept while the Pods live.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    by_grid: BTreeMap<Grid, BTreeMap<usize, ObjectRef>>,
    seen: Option<u64>,
}

/// A node, and whether its Pods there share its network: each kind has its own slots.
type Grid = (String, bool);

impl Slots {
    /// Frees the slots of Pods that are gone, then gives new Pods the lowest free ones, by namespace and name.
    pub(super) fn observe(&mut self, store: &Store) {
        if self.seen.replace(store.revision()) == Some(store.revision()) {
            return;
        }
        let grid_of = |pod: &ObjectRef| store.get(pod).and_then(|object| grid(object));
        for (grid, slots) in &mut self.by_grid {
            slots.retain(|_, pod| grid_of(pod).as_ref() == Some(grid));
        }
        for object in store.list(Kind::Pod) {
            let Some(grid) = grid(object) else { continue };
            let slots = self.by_grid.entry(grid).or_default();
            let pod = object.reference();
            if !slots.values().any(|known| *known == pod) {
                let lowest = (0..).zip(slots.keys()).find(|(free, taken)| free != *taken).map_or(slots.len(), |(free, _)| free);
                slots.insert(lowest, pod);
            }
        }
    }

    fn on(&self, node: &str) -> impl Iterator<Item = (usize, &ObjectRef)> {
        let grids = [false, true].into_iter().filter_map(|host_network| self.by_grid.get(&(node.to_owned(), host_network)));
        grids.flatten().map(|(slot, pod)| (*slot, pod))
    }
}

/// Where a Pod stands; nowhere until it is bound to a node.
fn grid(object: &Object) -> Option<Grid> {
    let pod = object.as_pod()?;
    let node = pod.spec.node_name.clone().filter(|node| !node.is_empty())?;
    Some((node, pod.spec.host_network))
}

impl World {
    pub fn snapshot(&self) -> Snapshot {
        let directory = Directory::of(&self.cluster, &self.store);
        let policies = PolicySet::compile(&self.store);
        Snapshot {
            revision: self.store.revision(),
            now: self.now,
            cni: self.cluster.cni,
            nodes: self.cluster.nodes.iter().map(|node| self.node_view(&directory, &policies, node)).collect(),
            services: self.store.list(Kind::Service).filter_map(|service| self.service_view(service)).collect(),
            policies: self.store.list(Kind::NetworkPolicy).filter_map(|policy| self.policy_view(policy)).collect(),
        }
    }

    fn node_view(&self, directory: &Directory, policies: &PolicySet, node: &ClusterNode) -> NodeView {
        let object = self.store.get(&ObjectRef::cluster(Kind::Node, &node.name));
        let mut devices: Vec<DeviceView> =
            dataplane::devices(&self.cluster, directory, node).into_iter().filter_map(device_view).collect();
        devices.sort_by_key(|device| device.kind);
        let pods = self.slots.on(&node.name);
        NodeView {
            name: node.name.clone(),
            ip: node.internal_ip,
            pod_cidr: node.pod_cidr,
            control_plane: node.control_plane,
            ready: object.is_some_and(|object| is_true(object.document(), "Ready")),
            devices,
            pods: pods.filter_map(|(slot, pod)| self.pod_view(directory, policies, slot, pod)).collect(),
        }
    }

    fn pod_view(&self, directory: &Directory, policies: &PolicySet, slot: usize, reference: &ObjectRef) -> Option<PodView> {
        let object = self.store.get(reference)?;
        let pod = object.as_pod()?;
        let listens = directory.home(reference).map(|home| home.listeners.as_slice()).unwrap_or_default();
        let isolated = [PolicyType::Ingress, PolicyType::Egress]
            .into_iter()
            .filter(|direction| !pod.spec.host_network && !policies.isolating(object, *direction).is_empty());
        Some(PodView {
            reference: reference.clone(),
            slot,
            ip: pod.ip(),
            status: printer::pod_status(object.document(), &self.printer_view()),
            ready: pod.is_ready(),
            listens: listens.iter().map(|listener| (listener.protocol, listener.port)).collect(),
            host_network: pod.spec.host_network,
            isolated: isolated.collect(),
        })
    }

    fn printer_view(&self) -> printer::View {
        let minor = self.cluster.kubernetes_version.split('.').nth(1).and_then(|minor| minor.parse().ok());
        printer::View { now: self.now, minor: minor.unwrap_or_default(), wide: false }
    }

    fn service_view(&self, object: &Object) -> Option<ServiceView> {
        let service = object.as_service()?;
        let ports = service.spec.ports.iter().map(|port| {
            let target = match &port.target_port {
                Some(PortRef::Number(number)) => number.to_string(),
                Some(PortRef::Name(name)) => name.clone(),
                None => port.port.to_string(),
            };
            format!("{}→{target}/{}", port.port, port.protocol)
        });
        Some(ServiceView {
            reference: object.reference(),
            kind: service.spec.kind.clone().unwrap_or_else(|| "ClusterIP".to_owned()),
            cluster_ip: service.cluster_ip(),
            ports: ports.collect(),
            ready_endpoints: self.ready_endpoints(object),
        })
    }

    /// The Pods behind a Service, each once.
    fn ready_endpoints(&self, service: &Object) -> Vec<ObjectRef> {
        let slices = self.store.list_in(Kind::EndpointSlice, service.namespace());
        let of_service = slices
            .filter(|slice| slice.meta().labels.get("kubernetes.io/service-name").map(String::as_str) == Some(service.name()));
        let endpoints = of_service.filter_map(|object| object.as_endpoint_slice()).flat_map(|slice| &slice.endpoints);
        let ready = endpoints.filter(|endpoint| endpoint.conditions.ready.unwrap_or(true));
        let pods = ready.filter_map(|endpoint| endpoint.target_ref.as_ref()).filter(|target| target.kind == "Pod");
        let unique: BTreeSet<ObjectRef> =
            pods.map(|target| ObjectRef::namespaced(Kind::Pod, &target.namespace, &target.name)).collect();
        unique.into_iter().collect()
    }

    fn policy_view(&self, object: &Object) -> Option<PolicyView> {
        let policy = object.as_network_policy()?;
        let pods = self.store.list_in(Kind::Pod, object.namespace());
        let selected = pods.filter(|pod| policy.spec.pod_selector.matches(&pod.meta().labels));
        Some(PolicyView {
            reference: object.reference(),
            types: policy.spec.effective_types(),
            selects: selected.map(|pod| pod.reference()).collect(),
            enforced: dataplane::enforcement(self.cluster.cni) != Enforcement::None,
        })
    }
}

/// Loopback is not drawn.
fn device_view(device: Device) -> Option<DeviceView> {
    use dataplane::device::DeviceKind as Real;
    let (kind, pod) = match device.kind {
        Real::Loopback | Real::PodEnd => return None,
        Real::Nic => (DeviceKind::Nic, None),
        Real::Veth { pod } => (DeviceKind::Veth, Some(pod)),
        Real::Bridge => (DeviceKind::Bridge, None),
        Real::Vxlan { .. } => (DeviceKind::Vxlan, None),
        Real::IpIp { .. } => (DeviceKind::IpIp, None),
    };
    let Device { name, addresses, mtu, up, master, .. } = device;
    Some(DeviceView { name, kind, addresses, mtu, up, pod, master })
}

fn is_true(document: &Value, condition: &str) -> bool {
    let conditions = document["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    conditions.iter().any(|entry| entry["type"] == condition && entry["status"] == "True")
}
