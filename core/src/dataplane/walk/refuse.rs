//! What somebody sends back instead of passing the packet on: RST and ICMP errors.

use super::{ARP_FAILURE_MICROS, Next, Passage, Walker};
use crate::dataplane::Netns;
use crate::dataplane::conntrack::Tuple;
use crate::dataplane::device::Device;
use crate::dataplane::node::NodeState;
use crate::net::{Icmp, IpAddr, Packet, Payload, Protocol, SocketAddr, TcpFlags, Transport};
use crate::trace::{Cause, Reason, Text};

impl Walker<'_> {
    /// The host is there, but no program listens.
    pub(super) fn no_listener(&mut self, at: &Netns) -> Next {
        let (_, port) = self.packet.ports().unwrap_or_default();
        let protocol = self.packet.protocol();
        let verb = match protocol {
            Protocol::Tcp => "the kernel answers RST",
            Protocol::Udp | Protocol::Sctp | Protocol::Icmp => "the kernel answers ICMP port unreachable",
        };
        let subject = match at {
            Netns::Pod(pod) => Text::from("Nothing in Pod ").object(pod.clone()),
            Netns::Node(name) | Netns::External(name) => Text::from(format!("Nothing on {name}")),
        };
        let text = subject.plain(format!(" listens on {protocol} port {port}, so {verb}."));
        let error = match (&self.packet.transport, self.packet.source_socket(), self.packet.destination_socket()) {
            (Transport::Tcp { .. }, Some(source), Some(destination)) => Packet::tcp(destination, source, TcpFlags::RstAck),
            _ => {
                let about = Box::new(self.as_quoted());
                Packet::icmp(self.packet.destination, self.packet.source, Icmp::PortUnreachable { about })
            }
        };
        self.rejected(Cause::NoListener, Reason::matched(text), at, error)
    }

    /// The sender's own stack knows no way.
    pub(super) fn no_route(&mut self, from: &Netns) -> Next {
        let text = self.says(from).plain(format!(" has no route to {}.", self.packet.destination));
        let about = Box::new(self.as_quoted());
        let error = Packet::icmp(self.packet.source, self.packet.source, Icmp::NetUnreachable { about });
        self.rejected(Cause::NoRoute, Reason::matched(text), from, error)
    }

    /// Nobody answered the sender's ARP.
    pub(super) fn no_neighbour_of(&mut self, from: &Netns, device: &str, next_hop: IpAddr) -> Next {
        self.micros += ARP_FAILURE_MICROS;
        let text = format!("Nobody answers ARP for {next_hop} on {device}: no such machine there.");
        let about = Box::new(self.as_quoted());
        let error = Packet::icmp(self.packet.source, self.packet.source, Icmp::HostUnreachable { about });
        self.rejected(Cause::NoNeighbour, Reason::matched(text), from, error)
    }

    /// Nobody answered a forwarding node's ARP.
    pub(super) fn no_neighbour(&mut self, state: &NodeState, device: &Device, next_hop: IpAddr) -> Next {
        self.micros += ARP_FAILURE_MICROS;
        let text = format!("Nobody answers ARP for {next_hop} on {}: no such machine there.", device.name);
        let about = Box::new(self.as_quoted());
        let error = Packet::icmp(self.own_address(state), self.packet.source, Icmp::HostUnreachable { about });
        let by = state.host.netns.clone();
        self.rejected(Cause::NoNeighbour, Reason::matched(text), &by, error)
    }

    pub(super) fn time_exceeded(&mut self, passage: &Passage) -> Next {
        let text = format!("The packet's TTL is used up, so {} tells the sender.", passage.node);
        let error = self.error_from(passage, |about| Icmp::TimeExceeded { about });
        let by = passage.state.host.netns.clone();
        self.rejected(Cause::TtlExceeded, Reason::matched(text), &by, error)
    }

    pub(super) fn net_unreachable(&mut self, passage: &Passage) -> Next {
        let text = format!("{} has no route to {}.", passage.node, self.packet.destination);
        let error = self.error_from(passage, |about| Icmp::NetUnreachable { about });
        let by = passage.state.host.netns.clone();
        self.rejected(Cause::NoRoute, Reason::matched(text), &by, error)
    }

    /// `REJECT --reject-with icmp-port-unreachable`
    pub(super) fn port_unreachable(&self, passage: &Passage) -> Packet {
        self.error_from(passage, |about| Icmp::PortUnreachable { about })
    }

    /// An error about the packet as its sender wrote it: rewrites of this node are undone in the quotation, and a rewritten
    /// destination also speaks as the error's source, as connection tracking makes it.
    fn error_from(&self, passage: &Passage, message: impl FnOnce(Box<Packet>) -> Icmp) -> Packet {
        let mut about = self.as_quoted();
        let mut source = self.own_address(&passage.state);
        if let Some(first) = passage.first {
            if Tuple::of(&about).is_some_and(|now| now.destination != first.destination) {
                source = first.destination.ip();
            }
            restore(&mut about, first.source, first.destination);
        }
        let destination = about.source;
        Packet::icmp(source, destination, message(Box::new(about)))
    }

    /// The address by which this node's stack would answer the sender.
    fn own_address(&self, state: &NodeState) -> IpAddr {
        let route = state.host.routes.lookup(self.packet.source);
        route.and_then(|route| state.host.source_for(route)).unwrap_or(self.packet.destination)
    }

    /// The headers that an ICMP error carries back.
    fn as_quoted(&self) -> Packet {
        Packet { link: None, outer: None, payload: Payload::Empty, ..self.packet.clone() }
    }
}

/// Writes both ends of a packet.
pub(super) fn restore(packet: &mut Packet, source: SocketAddr, destination: SocketAddr) {
    packet.source = source.ip();
    packet.destination = destination.ip();
    packet.set_ports(source.port(), destination.port());
}
