//! The way of one packet. A loop over arrivals: at a device, on the network between the nodes; each turn adds hops to the trace
//! and says where the packet arrives next, until it ends. Every decision writes its own reason.
//! Knows nothing of conversations: answers and errors are other packets, walked by whoever sends them.

mod deliver;
mod forward;
mod gate;
mod link;
mod nat;
mod refuse;

use super::conntrack::{Connection, Direction, State, Tuple};
use super::directory::Directory;
use super::node::NodeState;
use super::{Dataplane, End, Netns, Walk};
use crate::api::{Cluster, ObjectRef};
use crate::clock::{Duration, Instant};
use crate::net::{Icmp, IpAddr, Packet, TcpFlags, Transport};
use crate::policy::PolicySet;
use crate::store::Store;
use crate::trace::{Action, Cause, Hop, Place, Reason, Step, Text, Trace};
use std::rc::Rc;

/// A packet loses one TTL per routed hop, so no loop can be longer than 255 of them; a routed hop is a few arrivals.
const MAX_ARRIVALS: usize = 1_024;

/// What one crossing costs, one way, in microseconds: orders of magnitude of a small cluster of virtual machines.
const STACK_MICROS: u64 = 12;
const DEVICE_MICROS: u64 = 4;
const TUNNEL_MICROS: u64 = 8;
const UNDERLAY_MICROS: u64 = 140;
const INTERNET_MICROS: u64 = 8_000;
/// Linux asks three times, a second apart, before it gives an address up (`mcast_solicit`, `retrans_time_ms`).
const ARP_FAILURE_MICROS: u64 = 3_000_000;

/// Where the packet turns up next.
enum Next {
    Arrive {
        netns: Netns,
        device: String,
    },
    /// On the network between the nodes, on its way to the machine with this address.
    Wire {
        next_hop: IpAddr,
    },
    End(Box<End>),
}

impl Next {
    fn end(end: End) -> Self {
        Self::End(Box::new(end))
    }
}

/// What the present namespace knows of the packet while it is inside.
struct Passage {
    node: String,
    state: Rc<NodeState>,
    connection_state: State,
    known: Option<(Connection, Direction)>,
    /// As the packet came in.
    first: Option<Tuple>,
    mark: u32,
}

struct Walker<'a> {
    dataplane: &'a mut Dataplane,
    cluster: &'a Cluster,
    store: &'a Store,
    directory: Rc<Directory>,
    policies: Rc<PolicySet>,
    now: Instant,
    packet: Packet,
    hops: Vec<Hop>,
    micros: u64,
    /// Decided in the node's filter table, drawn at the receiving Pod's veth when the packet gets there.
    admitted: Option<Reason>,
}

pub(super) fn walk(
    dataplane: &mut Dataplane,
    cluster: &Cluster,
    store: &Store,
    from: &Netns,
    packet: Packet,
    now: Instant,
) -> Walk {
    let directory = dataplane.directory(cluster, store);
    let policies = dataplane.policies(cluster, store);
    let mut walker =
        Walker { dataplane, cluster, store, directory, policies, now, packet, hops: Vec::new(), micros: 0, admitted: None };
    let mut next = walker.originate(from);
    for _ in 0..MAX_ARRIVALS {
        next = match next {
            Next::Arrive { netns, device } => walker.arrive(&netns, &device),
            Next::Wire { next_hop } => walker.cross_underlay(next_hop),
            Next::End(end) => return walker.finish(*end),
        };
    }
    unreachable!("a packet made {MAX_ARRIVALS} arrivals although every routed hop takes one of at most 255 TTLs")
}

impl Walker<'_> {
    fn finish(self, end: End) -> Walk {
        Walk { trace: Trace { hops: self.hops }, end, latency: Duration::from_micros(self.micros) }
    }

    fn originate(&mut self, from: &Netns) -> Next {
        let place = self.dataplane.place_of(self.cluster, self.store, from);
        self.enter(place, None, STACK_MICROS);
        let what = self.describe();
        let reason = self.says(from).plain(format!(" sends {what}."));
        self.step(Action::Originated, Reason::matched(reason));
        match from {
            Netns::External(_) => {
                let next_hop = self.packet.destination;
                self.leave("eth0");
                Next::Wire { next_hop }
            }
            Netns::Node(node) => self.node_output(node),
            Netns::Pod(_) => self.pod_output(from),
        }
    }

    fn arrive(&mut self, netns: &Netns, device: &str) -> Next {
        match netns {
            Netns::Node(node) => self.arrive_at_node(node, device),
            Netns::Pod(_) | Netns::External(_) => {
                let place = self.dataplane.place_of(self.cluster, self.store, netns);
                self.enter(place, Some(device), STACK_MICROS);
                self.packet.link = None;
                self.deliver(netns)
            }
        }
    }

    fn node_state(&mut self, node: &str) -> Option<Rc<NodeState>> {
        self.dataplane.node(self.cluster, self.store, node)
    }

    fn enter(&mut self, at: Place, arrived: Option<&str>, micros: u64) {
        self.micros += micros;
        // Steps are large and most hops have one or two: a growing vector would take room for four at once.
        self.hops.push(Hop { at, arrived: arrived.map(str::to_owned), left: None, steps: Vec::with_capacity(2) });
    }

    fn enter_device(&mut self, node: &str, device: &str) {
        let place = Place::Device { node: node.to_owned(), device: device.to_owned() };
        self.enter(place, Some(device), DEVICE_MICROS);
    }

    fn step(&mut self, action: Action, reason: Reason) {
        let packet = self.packet.clone();
        if let Some(hop) = self.hops.last_mut() {
            hop.steps.push(Step { action, packet, reason });
        }
    }

    fn leave(&mut self, device: &str) {
        if let Some(hop) = self.hops.last_mut() {
            hop.left = Some(device.to_owned());
        }
    }

    fn dropped(&mut self, cause: Cause, reason: Reason) -> Next {
        self.step(Action::Dropped { cause }, reason);
        Next::end(End::Dropped)
    }

    fn rejected(&mut self, cause: Cause, reason: Reason, by: &Netns, error: Packet) -> Next {
        self.step(Action::Rejected { cause }, reason);
        Next::end(End::Rejected { by: by.clone(), error })
    }

    /// The subject of a sentence about a namespace.
    fn says(&self, netns: &Netns) -> Text {
        match netns {
            Netns::Pod(pod) => Text::from("Pod ").object(pod.clone()),
            Netns::Node(node) => Text::from(format!("Node {node}")),
            Netns::External(name) => Text::from(format!("Outside machine {name}")),
        }
    }

    /// `TCP SYN to 10.96.0.20:80`
    fn describe(&self) -> String {
        let to = self.packet.destination_socket().map_or(self.packet.destination.to_string(), |socket| socket.to_string());
        let what = match &self.packet.transport {
            Transport::Tcp { flags, .. } => match flags {
                TcpFlags::Syn => "TCP SYN",
                TcpFlags::SynAck => "TCP SYN-ACK",
                TcpFlags::Ack => "TCP ACK",
                TcpFlags::PshAck => "data over TCP",
                TcpFlags::FinAck => "TCP FIN",
                TcpFlags::Rst | TcpFlags::RstAck => "TCP RST",
            },
            Transport::Udp { .. } => "a UDP datagram",
            Transport::Sctp { .. } => "an SCTP packet",
            Transport::Icmp(Icmp::EchoRequest { .. }) => "an ICMP echo request",
            Transport::Icmp(Icmp::EchoReply { .. }) => "an ICMP echo reply",
            Transport::Icmp(_) => "an ICMP error",
        };
        format!("{what} to {to}")
    }

    /// A Pod's name when the address is a Pod's, else the address.
    fn names(&self, address: IpAddr) -> Text {
        match self.directory.pod_at(address) {
            Some(home) => Text::from("Pod ").object(home.pod.clone()),
            None => Text::from(address.to_string()),
        }
    }

    fn pod_at(&self, address: IpAddr) -> Option<ObjectRef> {
        self.directory.pod_at(address).map(|home| home.pod.clone())
    }
}
