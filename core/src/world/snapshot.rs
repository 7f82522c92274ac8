//! The cluster as a picture needs it: plain data, complete, in a fixed order. Whoever draws asks nothing else.

use super::World;
use crate::api::{Cni, ObjectRef, PolicyType};
use crate::clock::Instant;
use crate::net::{IpAddr, IpNet, Protocol};
use serde::Serialize;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// Its place on the node: the lowest that was free when it came, kept until it goes.
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

impl World {
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            revision: self.store.revision(),
            now: self.now,
            cni: self.cluster.cni,
            nodes: Vec::new(),
            services: Vec::new(),
            policies: Vec::new(),
        }
    }
}
