//! Sockets for the simulated programs: send a datagram, open a connection, ask over it. Each call walks real packets both ways
//! and hands back the legs for the caller's [`Exchange`]. None of them lets time pass: the caller sleeps for what it waited.

use super::World;
use crate::clock::Duration;
use crate::dataplane::{End, Netns, NodeState, conntrack};
use crate::image::{Listener, Server};
use crate::l7::{self, Peer};
use crate::net::{Icmp, Packet, Payload, Protocol, SocketAddr, TcpFlags, Transport};
use crate::trace::{Direction, Exchange, Leg, Outcome, Place};
use std::rc::Rc;

/// More conversations than anybody looks back at.
const MAX_EXCHANGES: usize = 1_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub outcome: ReplyOutcome,
    pub legs: Vec<Leg>,
    /// Time until the reply or the error was there; zero when nothing will ever come.
    pub after: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReplyOutcome {
    Payload(Payload),
    /// TCP: the handshake is done.
    Connected(Connection),
    /// RST, or ICMP port unreachable.
    Refused,
    /// ICMP host or net unreachable, or no route on the sender's own stack.
    Unreachable,
    /// Nothing comes back.
    Silence,
}

/// An established TCP connection, named by its own socket.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub from: Netns,
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

impl World {
    /// Sends one UDP datagram and waits for its answer. `label` says what it is: `DNS query A backend…`.
    pub fn udp(&mut self, from: &Netns, to: SocketAddr, payload: Payload, label: &str) -> Reply {
        let Some(local) = self.local_socket(from, to) else { return Reply::unreachable() };
        let from = self.dataplane.home_netns(&self.cluster, &self.store, from);
        self.dataplane.open_socket(&from, Protocol::Udp, local.port());
        let reply = self.ask(&from, Packet::udp(local, to, payload), label, |world, at, listener, request| {
            let payload = world.serve(at, listener, request)?;
            let packet = Packet::udp(request.destination_socket()?, request.source_socket()?, payload);
            Some((label_of(&packet.payload), packet))
        });
        self.dataplane.close_socket(&from, Protocol::Udp, local.port());
        reply
    }

    /// TCP handshake: SYN out, SYN-ACK or RST back.
    pub fn tcp_connect(&mut self, from: &Netns, to: SocketAddr) -> Reply {
        let Some(local) = self.local_socket(from, to) else { return Reply::unreachable() };
        let mut reply = self.ask(from, Packet::tcp(local, to, TcpFlags::Syn), "TCP SYN", |_, _, _, request| {
            let packet = Packet::tcp(request.destination_socket()?, request.source_socket()?, TcpFlags::SynAck);
            Some(("TCP SYN-ACK".to_owned(), packet))
        });
        if let ReplyOutcome::Payload(_) = reply.outcome {
            reply.outcome = ReplyOutcome::Connected(Connection { from: from.clone(), local, remote: to });
        }
        reply
    }

    /// One request and its response over an open connection.
    pub fn tcp_request(&mut self, connection: &Connection, payload: Payload, label: &str) -> Reply {
        let Connection { from, local, remote } = connection;
        let request = Packet { payload, ..Packet::tcp(*local, *remote, TcpFlags::PshAck) };
        self.ask(from, request, label, |world, at, listener, request| {
            let payload = world.serve(at, listener, request)?;
            let packet = Packet::tcp(request.destination_socket()?, request.source_socket()?, TcpFlags::PshAck);
            Some((label_of(&payload), Packet { payload, ..packet }))
        })
    }

    /// One ICMP echo request, as `ping` sends it.
    pub fn echo(&mut self, from: &Netns, to: core::net::IpAddr, id: u16, sequence: u16, data: Vec<u8>) -> Reply {
        let Some(source) = self.dataplane.source_address(&self.cluster, &self.store, from, to) else {
            return Reply::unreachable();
        };
        let payload = Payload::Data(data);
        let request = Packet { payload, ..Packet::icmp(source, to, Icmp::EchoRequest { id, sequence }) };
        self.ask(from, request, "ICMP echo request", |_, _, _, request| {
            let answer = Packet::icmp(request.destination, request.source, Icmp::EchoReply { id, sequence });
            Some(("ICMP echo reply".to_owned(), Packet { payload: request.payload.clone(), ..answer }))
        })
    }

    /// Where a namespace is drawn: the `from` of an exchange.
    pub fn place_of(&mut self, netns: &Netns) -> Place {
        self.dataplane.place_of(&self.cluster, &self.store, netns)
    }

    /// A node's network tables as they stand: what `ip`, `bridge` and `iptables-save` print on it.
    pub fn node_state(&mut self, node: &str) -> Option<Rc<NodeState>> {
        self.dataplane.node(&self.cluster, &self.store, node)
    }

    /// What `conntrack -L` lists on a node.
    pub fn connections(&self, node: &str) -> impl Iterator<Item = &conntrack::Connection> {
        self.dataplane.connections(node)
    }

    /// Files what a command did on the network, for the picture, the checks and the trace table. Only the newest are kept: a
    /// loop that never ends must not fill the tab.
    pub fn record(&mut self, title: &str, from: Place, legs: Vec<Leg>, outcome: Outcome) -> u64 {
        let id = self.next_exchange;
        self.next_exchange += 1;
        self.exchanges.push(Exchange { id, title: title.to_owned(), from, legs, outcome });
        let surplus = self.exchanges.len().saturating_sub(MAX_EXCHANGES);
        self.exchanges.drain(..surplus);
        id
    }

    fn local_socket(&mut self, from: &Netns, to: SocketAddr) -> Option<SocketAddr> {
        let address = self.dataplane.source_address(&self.cluster, &self.store, from, to.ip())?;
        Some(SocketAddr::new(address, self.dataplane.ephemeral_port(&self.cluster)))
    }

    /// Walks a packet, and whatever comes back for it. `answer` makes the receiver's packet and its label from what arrived.
    fn ask(
        &mut self,
        from: &Netns,
        request: Packet,
        label: &str,
        answer: impl FnOnce(&mut Self, &Netns, Option<Listener>, &Packet) -> Option<(String, Packet)>,
    ) -> Reply {
        let mut reply = Reply { outcome: ReplyOutcome::Silence, legs: Vec::new(), after: Duration::ZERO };
        let home = self.dataplane.home_netns(&self.cluster, &self.store, from);
        match self.send(&home, request, label, Direction::Request, &mut reply) {
            End::Delivered { at, packet } => {
                let port = packet.ports().map(|(_, port)| port).unwrap_or_default();
                let listener = self.dataplane.listener(&self.cluster, &self.store, &at, packet.protocol(), port);
                if let Some((label, packet)) = answer(self, &at, listener, &packet)
                    && let End::Delivered { packet, .. } = self.send(&at, packet, &label, Direction::Reply, &mut reply)
                {
                    reply.outcome = ReplyOutcome::Payload(packet.payload);
                }
            }
            End::Rejected { by, error } if by == home => reply.outcome = outcome_of(&error),
            End::Rejected { by, error } => {
                let outcome = outcome_of(&error);
                let label = label_of_error(&error);
                if let End::Delivered { .. } = self.send(&by, error, label, Direction::Reply, &mut reply) {
                    reply.outcome = outcome;
                }
            }
            End::Dropped => {}
        }
        if reply.outcome == ReplyOutcome::Silence {
            reply.after = Duration::ZERO;
        }
        reply
    }

    fn send(&mut self, from: &Netns, packet: Packet, label: &str, direction: Direction, reply: &mut Reply) -> End {
        let sent = self.now + reply.after;
        let walk = self.dataplane.walk(&self.cluster, &self.store, from, packet, sent);
        reply.after += walk.latency;
        reply.legs.push(Leg { label: label.to_owned(), direction, sent, trace: walk.trace });
        walk.end
    }

    /// What the program behind a listener at `at` answers; `None`: it keeps silent.
    fn serve(&mut self, at: &Netns, listener: Option<Listener>, request: &Packet) -> Option<Payload> {
        let server = listener?.server;
        match (&server, &request.payload) {
            (Server::CoreDns, Payload::Dns(query)) => Some(Payload::Dns(self.coredns.answer(query, self.now))),
            (_, Payload::HttpRequest(http)) => {
                let peer = Peer { hostname: &self.host_name(at), client: request.source_socket()?, now: self.now };
                l7::respond(&server, http, &peer).map(Payload::HttpResponse)
            }
            (Server::CoreDns | Server::Http { .. } | Server::Silent, _) => None,
        }
    }

    /// What `hostname` says in a namespace.
    fn host_name(&self, netns: &Netns) -> String {
        match netns {
            Netns::Node(name) | Netns::External(name) => name.clone(),
            Netns::Pod(reference) => {
                let pod = self.store.get(reference).and_then(|object| object.as_pod());
                pod.and_then(|pod| pod.spec.hostname.clone()).unwrap_or_else(|| reference.name.clone())
            }
        }
    }
}

impl Reply {
    /// The sender's own stack has no way; no packet was made.
    fn unreachable() -> Self {
        Self { outcome: ReplyOutcome::Unreachable, legs: Vec::new(), after: Duration::ZERO }
    }
}

fn outcome_of(error: &Packet) -> ReplyOutcome {
    match error.transport {
        Transport::Tcp { .. } | Transport::Icmp(Icmp::PortUnreachable { .. }) => ReplyOutcome::Refused,
        Transport::Icmp(_) | Transport::Udp { .. } | Transport::Sctp { .. } => ReplyOutcome::Unreachable,
    }
}

fn label_of_error(error: &Packet) -> &'static str {
    match &error.transport {
        Transport::Tcp { .. } => "TCP RST",
        Transport::Icmp(Icmp::PortUnreachable { .. }) => "ICMP port unreachable",
        Transport::Icmp(Icmp::HostUnreachable { .. }) => "ICMP host unreachable",
        Transport::Icmp(Icmp::NetUnreachable { .. }) => "ICMP network unreachable",
        Transport::Icmp(Icmp::TimeExceeded { .. }) => "ICMP time exceeded",
        Transport::Icmp(_) | Transport::Udp { .. } | Transport::Sctp { .. } => "ICMP error",
    }
}

fn label_of(payload: &Payload) -> String {
    match payload {
        Payload::Dns(message) => format!("DNS answer {}", message.name),
        Payload::HttpResponse(response) => format!("HTTP {}", response.status),
        Payload::HttpRequest(request) => format!("HTTP {} {}", request.method, request.path),
        Payload::Empty | Payload::Data(_) => "data".to_owned(),
    }
}
