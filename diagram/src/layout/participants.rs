//! Who takes part in an exchange: what the trace lens keeps, and which outside machines the picture needs.

use hoplab_core::net::IpAddr;
use hoplab_core::trace::{Exchange, Place};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Participants {
    /// By namespace and name.
    pub pods: BTreeSet<(String, String)>,
    pub nodes: BTreeSet<String>,
    /// Every address that a packet carried on its way: the Services and Pods it was for, reached or not.
    pub addresses: BTreeSet<IpAddr>,
    pub externals: BTreeSet<String>,
}

impl Participants {
    pub fn of(exchange: &Exchange) -> Self {
        let mut participants = Self::default();
        participants.add(&exchange.from);
        for hop in exchange.legs.iter().flat_map(|leg| &leg.trace.hops) {
            participants.add(&hop.at);
            for step in &hop.steps {
                participants.addresses.extend([step.packet.source, step.packet.destination]);
            }
        }
        participants
    }

    fn add(&mut self, place: &Place) {
        match place {
            Place::Pod { node, namespace, name } => {
                self.nodes.insert(node.clone());
                self.pods.insert((namespace.clone(), name.clone()));
            }
            Place::Device { node, .. } | Place::Node { node } => {
                self.nodes.insert(node.clone());
            }
            Place::External { name } => {
                self.externals.insert(name.clone());
            }
            Place::Underlay => {}
        }
    }
}
