//! kube-proxy in iptables mode (behaviour of v1.28 to v1.33): Services and EndpointSlices to netfilter rules for one node.
//! Knows nothing of Pods, devices or the walk.

mod compile;
mod endpoints;
mod service_ports;

pub use compile::compile;
pub use endpoints::{Categories, Endpoint};
pub use service_ports::{ServicePortView, service_ports};

use crate::net::{IpAddr, IpNet};

/// kube-proxy keeps one set of rules for each address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Ipv4,
    Ipv6,
}

impl Family {
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::Ipv4 } else { Self::Ipv6 }
    }

    pub fn has(self, address: IpAddr) -> bool {
        self == Self::of(address)
    }
}

/// What kube-proxy's own configuration and node say.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub family: Family,
    pub node_ip: IpAddr,
    /// `--cluster-cidr`: how it tells Pods from outsiders.
    pub cluster_cidr: Option<IpNet>,
    pub masquerade_all: bool,
    /// The kernel's MASQUERADE knows `--random-fully` (every kernel that Kubernetes 1.33 supports).
    pub random_fully: bool,
    /// Addresses on which NodePorts are served; `None`: every local address.
    pub node_port_addresses: Option<Vec<IpAddr>>,
    pub localhost_node_ports: bool,
}

/// `--iptables-masquerade-bit=14`
const MASQUERADE_MARK: u32 = 0x4000;
