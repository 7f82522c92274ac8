//! What happened to a packet. One value serves the picture, the table beside it, the command line, lab checks and screen
//! readers, so all of them say the same. A drop is a value with a cause; every trace ends in a final action.

mod text;

pub use text::{Span, Text};

use crate::clock::Instant;
use crate::net::Packet;
use serde::Serialize;

/// One conversation that a command started: a DNS lookup's queries, a TCP connection, a request and its reply.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exchange {
    /// Counts up over the life of the world; names the exchange in links and checks.
    pub id: u64,
    /// The command that caused it, as the learner typed it: `curl http://frontend`.
    pub title: String,
    pub from: Place,
    pub legs: Vec<Leg>,
    pub outcome: Outcome,
}

/// One packet's way from where it was sent to where it ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// What the packet is for: `DNS query A backend.shop.svc.cluster.local`, `TCP SYN`, `HTTP GET /`.
    pub label: String,
    pub direction: Direction,
    pub sent: Instant,
    pub trace: Trace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Request,
    Reply,
}

/// How the conversation ended for the one who started it. These are different causes for different repairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Outcome {
    /// `summary`: `HTTP 200`, `A 10.96.5.5`.
    Answered {
        summary: String,
    },
    /// The name does not exist.
    NoSuchName {
        name: String,
    },
    /// A RST or an ICMP error came back.
    Refused,
    /// Nothing came back.
    TimedOut,
    /// The sender's own stack had no way to send.
    NoRoute,
    Unknown {
        why: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trace {
    pub hops: Vec<Hop>,
}

/// The packet's stay at one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hop {
    pub at: Place,
    /// The device it came in by; absent where it originated.
    pub arrived: Option<String>,
    /// The device it left by; absent where it ended.
    pub left: Option<String>,
    pub steps: Vec<Step>,
}

/// Somewhere a packet can be, and that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Place {
    /// A Pod's network namespace.
    Pod { node: String, namespace: String, name: String },
    /// A device in a node's own network namespace: host end of a veth, bridge, tunnel, NIC.
    Device { node: String, device: String },
    /// A node's IP stack: netfilter, routing.
    Node { node: String },
    /// The network between the nodes.
    Underlay,
    /// A machine outside the cluster.
    External { name: String },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub action: Action,
    /// The packet after this step.
    pub packet: Packet,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Action {
    Originated,
    Received,
    /// Chose a route.
    Routed,
    /// NAT or load balancing rewrote an address or a port.
    Translated {
        before: Rewrite,
        after: Rewrite,
    },
    /// Rules looked at the packet and let it pass.
    Filtered,
    Encapsulated,
    Decapsulated,
    Sent,
    /// Handed to a socket (or to the stack, for ICMP). Final.
    Accepted,
    /// Gone without a word to the sender. Final.
    Dropped {
        cause: Cause,
    },
    /// Refused with a RST or an ICMP error. Final.
    Rejected {
        cause: Cause,
    },
}

/// Both ends of a packet as `ip:port`, before or after a rewrite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewrite {
    pub source: String,
    pub destination: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// Egress isolation of the sending Pod: no rule admits it.
    EgressPolicy,
    /// Ingress isolation of the receiving Pod: no rule admits it.
    IngressPolicy,
    /// The host is there and nothing listens on the port.
    NoListener,
    /// A Service without ready endpoints.
    NoEndpoints,
    NoRoute,
    /// Nobody answers ARP for the next hop.
    NoNeighbour,
    TtlExceeded,
    PacketTooBig,
    /// A netfilter rule other than a policy's.
    Firewall,
    /// The device or the node is down.
    LinkDown,
    /// The simulator does not model what would decide here.
    Unmodelled,
}

/// Why a step went as it did: what was tried, in order, matched or not. Written by the decision itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reason {
    pub text: Text,
    pub matched: bool,
    pub because: Vec<Reason>,
}

impl Reason {
    pub fn matched(text: impl Into<Text>) -> Self {
        Self { text: text.into(), matched: true, because: Vec::new() }
    }

    pub fn not_matched(text: impl Into<Text>) -> Self {
        Self { text: text.into(), matched: false, because: Vec::new() }
    }

    pub fn because(mut self, reasons: Vec<Reason>) -> Self {
        self.because = reasons;
        self
    }
}

impl Action {
    pub fn is_final(&self) -> bool {
        matches!(self, Action::Accepted | Action::Dropped { .. } | Action::Rejected { .. })
    }
}

impl Hop {
    /// The step that the hop is about: a final one, else a rewrite, else where the packet was made, wrapped or unwrapped, else
    /// the route it took.
    pub fn main_step(&self) -> Option<&Step> {
        let rank = |step: &Step| match step.action {
            Action::Accepted | Action::Dropped { .. } | Action::Rejected { .. } => 5,
            Action::Translated { .. } => 4,
            Action::Originated | Action::Encapsulated | Action::Decapsulated => 3,
            Action::Routed => 2,
            Action::Filtered => 1,
            Action::Received | Action::Sent => 0,
        };
        // `max_by_key` returns the last of equals: the later step of a hop tells more.
        self.steps.iter().max_by_key(|step| rank(step))
    }

    /// One sentence, at most 18 words, subject – verb – cause. The caption of the picture and the row of the table.
    pub fn caption(&self) -> String {
        self.main_step().map(|step| step.reason.text.to_string()).unwrap_or_default()
    }
}

impl Trace {
    /// The action and reason that ended the packet's way.
    pub fn end(&self) -> Option<&Step> {
        self.hops.last().and_then(|hop| hop.steps.last())
    }

    pub fn is_delivered(&self) -> bool {
        self.end().is_some_and(|step| step.action == Action::Accepted)
    }

    /// Every destination rewrite on the way.
    pub fn translations(&self) -> usize {
        self.hops.iter().flat_map(|hop| &hop.steps).filter(|step| matches!(step.action, Action::Translated { .. })).count()
    }
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Place::Pod { namespace, name, .. } => write!(f, "pod {namespace}/{name}"),
            Place::Device { node, device } => write!(f, "{device} on {node}"),
            Place::Node { node } => write!(f, "{node}"),
            Place::Underlay => f.write_str("network between nodes"),
            Place::External { name } => f.write_str(name),
        }
    }
}
