//! Each node's Linux state (devices, addresses, routes, netfilter rules, conntrack) and the walk of a packet through it.
//! Tables are computed from the store on demand and cached by its revision; commands print the very tables the walk reads.

pub mod conntrack;
pub mod device;
mod directory;
pub mod kube_proxy;
pub mod neighbour;
pub mod netfilter;
mod node;
mod profiles;
pub mod route;
mod topology;
mod walk;

pub use directory::{Directory, PodHome};
pub use node::{NodeState, Stack, devices, node_network};
pub use profiles::{Enforcement, enforcement};
pub use topology::{Cable, Topology, Vertex};

use crate::api::{Cluster, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::net::{IpAddr, Packet, Protocol};
use crate::policy::PolicySet;
use crate::store::Store;
use crate::trace::{Place, Trace};
use conntrack::Conntrack;
use netfilter::RecentSources;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A network namespace that can send: a Pod's, a node's own, or a machine outside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Netns {
    Pod(ObjectRef),
    Node(String),
    External(String),
}

/// The state that outlives one packet (connections, open sockets) and the tables computed for the present revision.
#[derive(Clone, Debug, Default)]
pub struct Dataplane {
    conntrack: BTreeMap<String, Conntrack>,
    recent: BTreeMap<String, RecentSources>,
    /// Client sockets that wait for an answer.
    sockets: BTreeSet<(Netns, Protocol, u16)>,
    sockets_opened: u64,
    /// The revision that the tables below were computed at.
    revision: Option<u64>,
    directory: Rc<Directory>,
    policies: Rc<PolicySet>,
    nodes: BTreeMap<String, Rc<NodeState>>,
}

/// How a packet's way ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    pub trace: Trace,
    pub end: End,
    /// One way, from sender to end.
    pub latency: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// In the receive queue of `at`, whose packet (after every rewrite) is `packet`.
    Delivered { at: Netns, packet: Packet },
    /// Nobody tells the sender.
    Dropped,
    /// `error` is the packet that somebody sends back: a RST or an ICMP error, not yet walked. When `by` is the sender itself,
    /// its own stack refused and nothing travels.
    Rejected { by: Netns, error: Packet },
}

impl Dataplane {
    /// Sends `packet` from `from` and follows it to its end.
    pub fn walk(&mut self, cluster: &Cluster, store: &Store, from: &Netns, packet: Packet, now: Instant) -> Walk {
        let from = self.home_netns(cluster, store, from);
        walk::walk(self, cluster, store, &from, packet, now)
    }

    /// A node's tables at the store's present revision; `None` when the cluster has no such node.
    pub fn node(&mut self, cluster: &Cluster, store: &Store, name: &str) -> Option<Rc<NodeState>> {
        self.refresh(cluster, store);
        if let Some(state) = self.nodes.get(name) {
            return Some(Rc::clone(state));
        }
        let node = cluster.nodes.iter().find(|node| node.name == name)?;
        let state = Rc::new(NodeState::compute(cluster, store, &self.directory, node));
        self.nodes.insert(name.to_owned(), Rc::clone(&state));
        Some(state)
    }

    pub fn directory(&mut self, cluster: &Cluster, store: &Store) -> Rc<Directory> {
        self.refresh(cluster, store);
        Rc::clone(&self.directory)
    }

    pub fn policies(&mut self, cluster: &Cluster, store: &Store) -> Rc<PolicySet> {
        self.refresh(cluster, store);
        Rc::clone(&self.policies)
    }

    /// What `conntrack -L` lists on a node.
    pub fn connections(&self, node: &str) -> impl Iterator<Item = &conntrack::Connection> {
        self.conntrack.get(node).into_iter().flat_map(Conntrack::iter)
    }

    /// The namespace that a program really runs in: the node's own for a Pod on the host network.
    pub fn home_netns(&mut self, cluster: &Cluster, store: &Store, netns: &Netns) -> Netns {
        match netns {
            Netns::Pod(pod) => match self.directory(cluster, store).home(pod) {
                Some(home) if home.host_network => Netns::Node(home.node.clone()),
                Some(_) | None => netns.clone(),
            },
            Netns::Node(_) | Netns::External(_) => netns.clone(),
        }
    }

    /// The node whose tables decide for a namespace.
    pub fn node_of(&mut self, cluster: &Cluster, store: &Store, netns: &Netns) -> Option<String> {
        match netns {
            Netns::Pod(pod) => self.directory(cluster, store).home(pod).map(|home| home.node.clone()),
            Netns::Node(name) => Some(name.clone()),
            Netns::External(_) => None,
        }
    }

    /// The address that a socket in `from` would send from; `None`: no route, or no such namespace.
    pub fn source_address(&mut self, cluster: &Cluster, store: &Store, from: &Netns, to: IpAddr) -> Option<IpAddr> {
        if let Netns::External(name) = from {
            return Some(external_address(name));
        }
        let from = self.home_netns(cluster, store, from);
        let node = self.node_of(cluster, store, &from)?;
        let state = self.node(cluster, store, &node)?;
        let stack = state.stack(&from)?;
        if stack.is_local(to) {
            return Some(to);
        }
        stack.source_for(stack.routes.lookup(to)?)
    }

    /// Where the namespace is drawn.
    pub fn place_of(&mut self, cluster: &Cluster, store: &Store, netns: &Netns) -> Place {
        match netns {
            Netns::Pod(pod) => {
                let node = self.node_of(cluster, store, netns).unwrap_or_default();
                Place::Pod { node, namespace: pod.namespace.clone(), name: pod.name.clone() }
            }
            Netns::Node(node) => Place::Node { node: node.clone() },
            Netns::External(name) => Place::External { name: name.clone() },
        }
    }

    /// Who listens on a port of a namespace, if anybody.
    pub fn listener(
        &mut self,
        cluster: &Cluster,
        store: &Store,
        at: &Netns,
        protocol: Protocol,
        port: u16,
    ) -> Option<crate::image::Listener> {
        let node = self.node_of(cluster, store, at)?;
        let state = self.node(cluster, store, &node)?;
        state.stack(at)?.listener(protocol, port).cloned()
    }

    /// A local port for a new socket, from Linux's default range. The kernel draws at random; this draws by count.
    pub fn ephemeral_port(&mut self, cluster: &Cluster) -> u16 {
        const FIRST: u64 = 32_768;
        const SPAN: u64 = 28_232;
        self.sockets_opened += 1;
        // A step without a common factor with the span visits every port before one comes again.
        let start = crate::rng::hash(cluster.seed, b"local port") % SPAN;
        u16::try_from(FIRST + (start + self.sockets_opened * 7_919) % SPAN).unwrap_or(u16::MAX)
    }

    /// Opens a client socket, so that answers to its port are accepted.
    pub fn open_socket(&mut self, netns: &Netns, protocol: Protocol, port: u16) {
        self.sockets.insert((netns.clone(), protocol, port));
    }

    pub fn close_socket(&mut self, netns: &Netns, protocol: Protocol, port: u16) {
        self.sockets.remove(&(netns.clone(), protocol, port));
    }

    fn refresh(&mut self, cluster: &Cluster, store: &Store) {
        if self.revision != Some(store.revision()) {
            self.directory = Rc::new(Directory::of(cluster, store));
            self.policies = Rc::new(PolicySet::compile(store));
            self.nodes.clear();
            self.revision = Some(store.revision());
        }
    }
}

/// A machine outside is named by its address, or is the learner's own computer, somewhere in TEST-NET-3 (RFC 5737).
fn external_address(name: &str) -> IpAddr {
    name.parse().unwrap_or(IpAddr::from([203, 0, 113, 50]))
}
