//! Connection tracking: what a namespace remembers of the connections that crossed it, and how it rewrote them. A connection is
//! entered when its first packet leaves the namespace or reaches a socket, never when it is dropped on the way.

use crate::clock::{Duration, Instant};
use crate::net::{Icmp, Packet, Protocol, SocketAddr, TcpFlags, Transport};
use std::collections::BTreeMap;

/// `net.netfilter.nf_conntrack_max` of a machine with 2 GiB (64 Ki entries).
const MAX_CONNECTIONS: usize = 65_536;

/// What identifies one direction of a connection. ICMP echo has its identifier in both port fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tuple {
    pub protocol: Protocol,
    pub source: SocketAddr,
    pub destination: SocketAddr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The first packet, before any rewrite.
    pub original: Tuple,
    /// The reply that is expected: the rewritten first packet, turned round.
    pub reply: Tuple,
    pub replied: bool,
    pub last_seen: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Original,
    Reply,
}

/// `ctstate` of a packet, by the names iptables uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    New,
    Established,
    Related,
    Invalid,
}

/// What the table says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracked {
    pub state: State,
    pub known: Option<(Connection, Direction)>,
}

#[derive(Clone, Debug, Default)]
pub struct Conntrack {
    connections: BTreeMap<Tuple, Connection>,
    /// Expected replies, to the original tuple.
    replies: BTreeMap<Tuple, Tuple>,
}

impl Tuple {
    /// The tuple of a packet; `None` for ICMP errors, which belong to the connection they report on.
    pub fn of(packet: &Packet) -> Option<Self> {
        let (source, destination) = match &packet.transport {
            Transport::Icmp(Icmp::EchoRequest { id, .. } | Icmp::EchoReply { id, .. }) => (*id, *id),
            Transport::Icmp(_) => return None,
            Transport::Tcp { .. } | Transport::Udp { .. } | Transport::Sctp { .. } => packet.ports()?,
        };
        Some(Self {
            protocol: packet.protocol(),
            source: SocketAddr::new(packet.source, source),
            destination: SocketAddr::new(packet.destination, destination),
        })
    }

    pub fn reversed(self) -> Self {
        Self { source: self.destination, destination: self.source, ..self }
    }
}

impl Connection {
    /// The tuple that the other side of the namespace sees for packets of this direction.
    pub fn translated(&self, direction: Direction) -> Tuple {
        match direction {
            Direction::Original => self.reply.reversed(),
            Direction::Reply => self.original.reversed(),
        }
    }

    /// The destination was rewritten (a Service), so that its first packet and its reply disagree about it.
    pub fn is_dnat(&self) -> bool {
        self.original.destination != self.reply.source
    }
}

impl Conntrack {
    pub fn lookup(&self, packet: &Packet, now: Instant) -> Tracked {
        if let Some(about) = packet.icmp_error_about() {
            return self.lookup_related(about, now);
        }
        let Some(tuple) = Tuple::of(packet) else {
            return Tracked { state: State::Invalid, known: None };
        };
        match self.find(tuple, now) {
            Some((connection, direction)) => {
                let answered = connection.replied || direction == Direction::Reply;
                let state = if answered { State::Established } else { State::New };
                Tracked { state, known: Some((connection, direction)) }
            }
            None => Tracked { state: state_of_first(packet), known: None },
        }
    }

    /// An ICMP error goes back to the sender of `about`, so it travels in the direction opposite to it.
    fn lookup_related(&self, about: &Packet, now: Instant) -> Tracked {
        let known = Tuple::of(about).and_then(|tuple| self.find(tuple.reversed(), now));
        Tracked { state: if known.is_some() { State::Related } else { State::Invalid }, known }
    }

    fn find(&self, tuple: Tuple, now: Instant) -> Option<(Connection, Direction)> {
        let (connection, direction) = match self.connections.get(&tuple) {
            Some(connection) => (connection, Direction::Original),
            None => (self.connections.get(self.replies.get(&tuple)?)?, Direction::Reply),
        };
        (now.since(connection.last_seen) < timeout(connection)).then_some((*connection, direction))
    }

    /// Enters a connection, or takes note of another packet of a known one. A full table first forgets what has timed out.
    pub fn confirm(&mut self, connection: Connection, direction: Direction, now: Instant) {
        if self.connections.len() >= MAX_CONNECTIONS {
            self.expire(now);
        }
        let replied = connection.replied || direction == Direction::Reply;
        self.replies.insert(connection.reply, connection.original);
        self.connections.insert(connection.original, Connection { replied, last_seen: now, ..connection });
    }

    /// True when no live connection expects replies like this: what SNAT asks before it takes a port.
    pub fn is_free(&self, reply: Tuple, now: Instant) -> bool {
        self.find(reply, now).is_none()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.connections.values()
    }

    fn expire(&mut self, now: Instant) {
        self.connections.retain(|_, connection| now.since(connection.last_seen) < timeout(connection));
        let connections = &self.connections;
        self.replies.retain(|_, original| connections.contains_key(original));
    }
}

/// A TCP segment of no known connection that does not open one is INVALID; everything else begins a connection.
fn state_of_first(packet: &Packet) -> State {
    match packet.transport {
        Transport::Tcp { flags: TcpFlags::Syn, .. } | Transport::Udp { .. } | Transport::Sctp { .. } => State::New,
        Transport::Icmp(Icmp::EchoRequest { .. }) => State::New,
        Transport::Tcp { .. } | Transport::Icmp(_) => State::Invalid,
    }
}

/// Linux's defaults (Documentation/networking/nf_conntrack-sysctl.rst), by whether a reply was seen.
fn timeout(connection: &Connection) -> Duration {
    let seconds = match (connection.original.protocol, connection.replied) {
        (Protocol::Tcp, true) => 432_000,
        (Protocol::Tcp, false) | (Protocol::Udp, true) => 120,
        (Protocol::Udp, false) | (Protocol::Icmp, _) => 30,
        (Protocol::Sctp, true) => 210,
        (Protocol::Sctp, false) => 3,
    };
    Duration::from_secs(seconds)
}
