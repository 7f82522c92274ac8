//! One node's whole network state at one revision: its own namespace, its Pods' namespaces and the cables between them.

use super::Netns;
use super::device::{self, Device, DeviceKind};
use super::directory::{Directory, PodHome};
use super::kube_proxy;
use super::neighbour::{Fdb, NeighbourState, Neighbours};
use super::netfilter::Netfilter;
use super::profiles;
use super::route::{Route, Routes};
use super::topology::{Cable, Topology, Vertex};
use crate::api::{Cluster, ClusterNode, ObjectRef};
use crate::image::{Listener, Server};
use crate::net::{IpAddr, IpNet, Mac, Protocol};
use crate::store::Store;
use std::collections::BTreeMap;

/// A network namespace: what `ip`, `bridge` and `iptables` show inside it.
#[derive(Clone, Debug)]
pub struct Stack {
    pub netns: Netns,
    /// By index.
    pub devices: Vec<Device>,
    pub routes: Routes,
    pub neighbours: Neighbours,
    pub fdb: Fdb,
    pub netfilter: Netfilter,
    pub listeners: Vec<Listener>,
}

#[derive(Clone, Debug)]
pub struct NodeState {
    pub host: Stack,
    /// Namespaces of the node's Pods; Pods on the host network live in `host`.
    pub pods: BTreeMap<ObjectRef, Stack>,
    pub topology: Topology,
}

impl Stack {
    pub fn new(netns: Netns) -> Self {
        Self {
            netns,
            devices: vec![Device::loopback()],
            routes: Routes::default(),
            neighbours: Neighbours::default(),
            fdb: Fdb::default(),
            netfilter: Netfilter::default(),
            listeners: Vec::new(),
        }
    }

    pub fn device(&self, name: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.name == name)
    }

    /// The address belongs to this namespace, loopback included.
    pub fn is_local(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.devices.iter().any(|device| device.has_address(address))
    }

    /// The source that the kernel gives a packet on this route: the route's own, else the outgoing device's first address,
    /// else the first address of any device but loopback.
    pub fn source_for(&self, route: &Route) -> Option<IpAddr> {
        let first = |device: &Device| device.addresses.first().map(IpNet::addr);
        let of_device = || route.device().and_then(|name| self.device(name)).and_then(first);
        let of_any = || self.devices.iter().filter(|device| device.kind != DeviceKind::Loopback).find_map(first);
        route.source.or_else(of_device).or_else(of_any)
    }

    pub fn listener(&self, protocol: Protocol, port: u16) -> Option<&Listener> {
        self.listeners.iter().find(|listener| listener.protocol == protocol && listener.port == port)
    }
}

impl NodeState {
    pub fn stack(&self, netns: &Netns) -> Option<&Stack> {
        match netns {
            Netns::Pod(pod) => self.pods.get(pod),
            Netns::Node(_) => Some(&self.host),
            Netns::External(_) => None,
        }
    }

    /// Computes everything from the objects. `node` must be one of the cluster's.
    pub fn compute(cluster: &Cluster, store: &Store, directory: &Directory, node: &ClusterNode) -> Self {
        let mut site = Site::new(cluster, directory, node);
        site.host_listeners();
        site.state.host.netfilter = Netfilter::without_rules();
        let ports = kube_proxy::service_ports(store, &node.name, kube_proxy::Family::of(node.internal_ip));
        kube_proxy::compile(&site.kube_proxy_config(), &ports, &mut site.state.host.netfilter);
        profiles::lay_out(&mut site);
        site.state.host.netfilter.index();
        site.state
    }
}

/// A node's devices alone: what a picture of it shows.
pub fn devices(cluster: &Cluster, directory: &Directory, node: &ClusterNode) -> Vec<Device> {
    let mut site = Site::new(cluster, directory, node);
    profiles::lay_out(&mut site);
    site.state.host.devices
}

/// A node under construction.
pub struct Site<'a> {
    pub cluster: &'a Cluster,
    pub directory: &'a Directory,
    pub node: &'a ClusterNode,
    pub state: NodeState,
}

/// The network that the nodes' own addresses lie in; scenes do not say its size, /24 is what people draw.
pub fn node_network(node_ip: IpAddr) -> IpNet {
    let length = if node_ip.is_ipv4() { 24 } else { 64 };
    IpNet::new_assert(node_ip, length)
}

/// The router of the nodes' network: its first address.
pub fn gateway(node_ip: IpAddr) -> IpAddr {
    first_address(node_network(node_ip))
}

/// An address with its network's length; a host address when the length is of another family.
pub fn in_network(address: IpAddr, network: IpNet) -> IpNet {
    IpNet::new(address, network.prefix_len()).unwrap_or(IpNet::from(address))
}

/// The address after a network's own: `10.244.1.1` of `10.244.1.0/24`.
pub fn first_address(net: IpNet) -> IpAddr {
    match net.network() {
        IpAddr::V4(address) => IpAddr::V4(u32::from(address).saturating_add(1).into()),
        IpAddr::V6(address) => IpAddr::V6(u128::from(address).saturating_add(1).into()),
    }
}

impl<'a> Site<'a> {
    fn new(cluster: &'a Cluster, directory: &'a Directory, node: &'a ClusterNode) -> Self {
        let host = Stack::new(Netns::Node(node.name.clone()));
        let state = NodeState { host, pods: BTreeMap::new(), topology: Topology::default() };
        let mut site = Self { cluster, directory, node, state };
        site.card();
        site
    }
    /// `eth0`, its routes, and the neighbours on the nodes' network.
    fn card(&mut self) {
        let (node, seed) = (self.node, self.cluster.seed);
        let address = IpNet::new_assert(node.internal_ip, node_network(node.internal_ip).prefix_len());
        let host = &mut self.state.host;
        host.devices.push(Device {
            index: 2,
            name: "eth0".to_owned(),
            kind: DeviceKind::Nic,
            mac: device::nic_mac(seed, &node.name),
            mtu: device::ETHERNET_MTU,
            addresses: vec![address],
            master: None,
            up: true,
        });
        host.routes.add(Route::default_via(gateway(node.internal_ip), "eth0").protocol("static"));
        host.routes.add(Route::connected(address, "eth0"));
        let others = self.cluster.nodes.iter().filter(|other| other.name != node.name);
        let others = others.map(|other| (other.internal_ip, device::nic_mac(seed, &other.name)));
        let router = (gateway(node.internal_ip), device::nic_mac(seed, "router"));
        for (ip, mac) in core::iter::once(router).chain(others) {
            host.neighbours.add("eth0", ip, mac, NeighbourState::Reachable);
        }
        self.state.topology.plug(Vertex::device(&self.state.host.netns, "eth0"), Vertex::Underlay, Cable::Wire);
    }

    /// What every kubeadm node runs on its own network, and what its Pods on the host network listen on.
    fn host_listeners(&mut self) {
        let ports: &[u16] = if self.node.control_plane { &[22, 10250, 6443, 2379, 2380] } else { &[22, 10250] };
        let silent = |port: &u16| Listener { protocol: Protocol::Tcp, port: *port, server: Server::Silent };
        let pods = self.directory.pods_on(&self.node.name).filter(|home| home.host_network);
        self.state.host.listeners =
            ports.iter().map(silent).chain(pods.flat_map(|home| home.listeners.iter().cloned())).collect();
    }

    fn kube_proxy_config(&self) -> kube_proxy::Config {
        kube_proxy::Config {
            family: kube_proxy::Family::of(self.node.internal_ip),
            node_ip: self.node.internal_ip,
            cluster_cidr: Some(self.cluster.pod_cidr),
            masquerade_all: false,
            random_fully: true,
            node_port_addresses: None,
            localhost_node_ports: true,
        }
    }

    /// Pods with a namespace of their own, by address: the order in which they came.
    pub fn own_pods(&self) -> Vec<PodHome> {
        let mut pods: Vec<PodHome> = self.directory.pods_on(&self.node.name).filter(|home| !home.host_network).cloned().collect();
        pods.sort_by_key(|home| home.ip);
        pods
    }

    pub fn other_nodes(&self) -> impl Iterator<Item = &ClusterNode> {
        self.cluster.nodes.iter().filter(|other| other.name != self.node.name)
    }

    /// A device's index. IPAM hands addresses out in order, so a Pod's address tells which veth came first; an index derived
    /// from it stays the Pod's for life, as on a real node. `before` counts the addresses that no Pod gets, plus the indices
    /// of the devices that came before the first Pod.
    pub fn veth_index(&self, before: u32, ip: IpAddr) -> u32 {
        let offset = match (ip, self.node.pod_cidr.network()) {
            (IpAddr::V4(ip), IpAddr::V4(network)) => u32::from(ip).saturating_sub(u32::from(network)),
            (IpAddr::V6(ip), IpAddr::V6(network)) => {
                u32::try_from(u128::from(ip).saturating_sub(u128::from(network))).unwrap_or(0)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => 0,
        };
        before.saturating_add(offset)
    }

    pub fn add_device(&mut self, device: Device) {
        self.state.host.devices.push(device);
    }

    /// A veth pair between the node and a Pod: `host_end` is pushed to the node, `eth0` and `addresses` go to the Pod.
    pub fn connect(&mut self, home: &PodHome, host_end: Device, pod_mac: Mac, address: IpNet) -> &mut Stack {
        let netns = Netns::Pod(home.pod.clone());
        let mut stack = Stack::new(netns.clone());
        stack.listeners.clone_from(&home.listeners);
        stack.devices.push(Device {
            index: 2,
            name: "eth0".to_owned(),
            kind: DeviceKind::PodEnd,
            mac: pod_mac,
            mtu: host_end.mtu,
            addresses: vec![address],
            master: None,
            up: true,
        });
        let topology = &mut self.state.topology;
        let host = &self.state.host.netns;
        topology.plug(Vertex::device(host, &host_end.name), Vertex::device(&netns, "eth0"), Cable::Veth);
        if let Some(bridge) = &host_end.master {
            topology.plug(Vertex::device(host, &host_end.name), Vertex::device(host, bridge), Cable::BridgePort);
        }
        self.state.host.devices.push(host_end);
        self.state.pods.entry(home.pod.clone()).or_insert(stack)
    }
}
