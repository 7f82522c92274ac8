//! Each node's Linux state (devices, addresses, routes, netfilter rules, conntrack) and the walk of a packet through it.
//! Tables are computed from the store on demand and cached by its revision; commands print the very tables the walk reads.

use crate::api::{Cluster, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::net::Packet;
use crate::store::Store;
use crate::trace::Trace;

/// A network namespace that can send: a Pod's, a node's own, or a machine outside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Netns {
    Pod(ObjectRef),
    Node(String),
    External(String),
}

/// The state that outlives one packet: conntrack, neighbours, forwarding databases, counters.
#[derive(Clone, Debug, Default)]
pub struct Dataplane {}

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
    /// `error` is the packet that somebody sends back: a RST or an ICMP error, not yet walked.
    Rejected { by: Netns, error: Packet },
}

impl Dataplane {
    /// Sends `packet` from `from` and follows it to its end.
    pub fn walk(&mut self, _cluster: &Cluster, _store: &Store, _from: &Netns, _packet: Packet, _now: Instant) -> Walk {
        Walk { trace: Trace::default(), end: End::Dropped, latency: Duration::ZERO }
    }
}
