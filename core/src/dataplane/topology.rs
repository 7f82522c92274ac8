//! The cables: which device is plugged into which. A graph, so that the walk follows it, a fault can cut it and a picture can
//! read it. Knows nothing of addresses.

use super::Netns;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vertex {
    Device {
        netns: Netns,
        device: String,
    },
    /// The network between the nodes.
    Underlay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cable {
    /// The two ends of a veth pair.
    Veth,
    /// A device and the bridge it is a port of.
    BridgePort,
    /// A node's card and the network.
    Wire,
}

#[derive(Clone, Debug, Default)]
pub struct Topology {
    graph: UnGraph<Vertex, Cable>,
    at: BTreeMap<Vertex, NodeIndex>,
}

impl Vertex {
    pub fn device(netns: &Netns, device: &str) -> Self {
        Self::Device { netns: netns.clone(), device: device.to_owned() }
    }
}

impl Topology {
    pub fn plug(&mut self, one: Vertex, other: Vertex, cable: Cable) {
        let (one, other) = (self.vertex(one), self.vertex(other));
        self.graph.add_edge(one, other, cable);
    }

    fn vertex(&mut self, vertex: Vertex) -> NodeIndex {
        if let Some(at) = self.at.get(&vertex) {
            return *at;
        }
        let at = self.graph.add_node(vertex.clone());
        self.at.insert(vertex, at);
        at
    }

    /// What is at the other end of a device's cable of that sort.
    pub fn peer(&self, netns: &Netns, device: &str, cable: Cable) -> Option<&Vertex> {
        let at = *self.at.get(&Vertex::device(netns, device))?;
        let edge = self.graph.edges(at).find(|edge| *edge.weight() == cable)?;
        let other = if edge.source() == at { edge.target() } else { edge.source() };
        self.graph.node_weight(other)
    }
}
