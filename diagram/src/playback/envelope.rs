//! What of a packet is written on its token.

use hoplab_core::net::{Encapsulation, Icmp, Packet, Payload, TcpFlags, Transport};

/// The packet's outside at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Envelope {
    pub label: String,
    pub outer: Option<String>,
}

impl Envelope {
    pub(super) fn of(packet: &Packet) -> Self {
        let outer = packet.outer.as_ref().map(|outer| match outer {
            Encapsulation::Vxlan { .. } => "VXLAN".to_owned(),
            Encapsulation::IpIp { .. } => "IPIP".to_owned(),
        });
        Self { label: label(packet), outer }
    }
}

/// What a packet is, in four letters at most. A reply is told by its hollow envelope: `SYN` answered is the SYN-ACK.
fn label(packet: &Packet) -> String {
    match (&packet.payload, &packet.transport) {
        (Payload::Dns(_), _) => "DNS".to_owned(),
        (Payload::HttpRequest(request), _) => request.method.chars().take(4).collect(),
        (Payload::HttpResponse(response), _) => response.status.to_string(),
        (Payload::Empty | Payload::Data(_), Transport::Tcp { flags, .. }) => tcp(*flags).to_owned(),
        (Payload::Empty | Payload::Data(_), Transport::Udp { .. }) => "UDP".to_owned(),
        (Payload::Empty | Payload::Data(_), Transport::Sctp { .. }) => "SCTP".to_owned(),
        (Payload::Empty | Payload::Data(_), Transport::Icmp(icmp)) => match icmp {
            Icmp::EchoRequest { .. } | Icmp::EchoReply { .. } => "PING".to_owned(),
            Icmp::PortUnreachable { .. }
            | Icmp::HostUnreachable { .. }
            | Icmp::NetUnreachable { .. }
            | Icmp::AdminProhibited { .. }
            | Icmp::FragmentationNeeded { .. }
            | Icmp::TimeExceeded { .. } => "ICMP".to_owned(),
        },
    }
}

fn tcp(flags: TcpFlags) -> &'static str {
    match flags {
        TcpFlags::Syn | TcpFlags::SynAck => "SYN",
        TcpFlags::Ack => "ACK",
        TcpFlags::PshAck => "DATA",
        TcpFlags::FinAck => "FIN",
        TcpFlags::Rst | TcpFlags::RstAck => "RST",
    }
}
