//! A packet as typed fields; only what a header can really say. Lengths follow from the fields and are not stored.

use super::{DnsMessage, IpAddr, Protocol, SocketAddr};
use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Mac(pub [u8; 6]);

impl core::fmt::Display for Mac {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The Ethernet header of the frame that carries a packet over one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    pub source: Mac,
    pub destination: Mac,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Packet {
    /// Absent while a host's IP stack holds the packet, and on point-to-point devices.
    pub link: Option<Link>,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub ttl: u8,
    pub transport: Transport,
    pub payload: Payload,
    /// The outer headers while the packet is inside a tunnel.
    pub outer: Option<Encapsulation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Tcp { source: u16, destination: u16, flags: TcpFlags },
    Udp { source: u16, destination: u16 },
    Sctp { source: u16, destination: u16 },
    Icmp(Icmp),
}

/// The TCP flags this simulator distinguishes, named by the segment that carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TcpFlags {
    Syn,
    SynAck,
    Ack,
    PshAck,
    FinAck,
    Rst,
    RstAck,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Icmp {
    EchoRequest { id: u16, sequence: u16 },
    EchoReply { id: u16, sequence: u16 },
    PortUnreachable { about: Box<Packet> },
    HostUnreachable { about: Box<Packet> },
    NetUnreachable { about: Box<Packet> },
    AdminProhibited { about: Box<Packet> },
    FragmentationNeeded { mtu: u16, about: Box<Packet> },
    TimeExceeded { about: Box<Packet> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Payload {
    Empty,
    Dns(DnsMessage),
    HttpRequest(HttpRequest),
    HttpResponse(HttpResponse),
    /// Bytes nobody looks into.
    Data(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpRequest {
    pub method: String,
    pub path: String,
    pub host: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpResponse {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Outer headers that a tunnel device put in front of the packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Encapsulation {
    /// `inner` is the Ethernet header that VXLAN carries inside (RFC 7348): MAC-in-UDP.
    Vxlan {
        vni: u32,
        source: IpAddr,
        destination: IpAddr,
        source_port: u16,
        destination_port: u16,
        ttl: u8,
        inner: Link,
    },
    IpIp {
        source: IpAddr,
        destination: IpAddr,
        ttl: u8,
    },
}

impl Packet {
    /// The TTL that Linux gives its own packets (`net.ipv4.ip_default_ttl`).
    pub const DEFAULT_TTL: u8 = 64;

    pub fn tcp(source: SocketAddr, destination: SocketAddr, flags: TcpFlags) -> Self {
        let transport = Transport::Tcp { source: source.port(), destination: destination.port(), flags };
        Self::new(source.ip(), destination.ip(), transport)
    }

    pub fn udp(source: SocketAddr, destination: SocketAddr, payload: Payload) -> Self {
        let transport = Transport::Udp { source: source.port(), destination: destination.port() };
        Self { payload, ..Self::new(source.ip(), destination.ip(), transport) }
    }

    pub fn icmp(source: IpAddr, destination: IpAddr, message: Icmp) -> Self {
        Self::new(source, destination, Transport::Icmp(message))
    }

    fn new(source: IpAddr, destination: IpAddr, transport: Transport) -> Self {
        Self { link: None, source, destination, ttl: Self::DEFAULT_TTL, transport, payload: Payload::Empty, outer: None }
    }

    /// The packet that an ICMP error reports on.
    pub fn icmp_error_about(&self) -> Option<&Packet> {
        match &self.transport {
            Transport::Icmp(message) => message.about(),
            Transport::Tcp { .. } | Transport::Udp { .. } | Transport::Sctp { .. } => None,
        }
    }

    pub fn protocol(&self) -> Protocol {
        match self.transport {
            Transport::Tcp { .. } => Protocol::Tcp,
            Transport::Udp { .. } => Protocol::Udp,
            Transport::Sctp { .. } => Protocol::Sctp,
            Transport::Icmp(_) => Protocol::Icmp,
        }
    }

    /// Source and destination port; ICMP has none.
    pub fn ports(&self) -> Option<(u16, u16)> {
        match self.transport {
            Transport::Tcp { source, destination, .. }
            | Transport::Udp { source, destination }
            | Transport::Sctp { source, destination } => Some((source, destination)),
            Transport::Icmp(_) => None,
        }
    }

    pub fn set_ports(&mut self, new_source: u16, new_destination: u16) {
        match &mut self.transport {
            Transport::Tcp { source, destination, .. }
            | Transport::Udp { source, destination }
            | Transport::Sctp { source, destination } => {
                *source = new_source;
                *destination = new_destination;
            }
            Transport::Icmp(_) => {}
        }
    }

    pub fn source_socket(&self) -> Option<SocketAddr> {
        self.ports().map(|(source, _)| SocketAddr::new(self.source, source))
    }

    pub fn destination_socket(&self) -> Option<SocketAddr> {
        self.ports().map(|(_, destination)| SocketAddr::new(self.destination, destination))
    }
}

impl Icmp {
    /// The packet an error reports on; `None` for echo messages.
    pub fn about(&self) -> Option<&Packet> {
        match self {
            Icmp::EchoRequest { .. } | Icmp::EchoReply { .. } => None,
            Icmp::PortUnreachable { about }
            | Icmp::HostUnreachable { about }
            | Icmp::NetUnreachable { about }
            | Icmp::AdminProhibited { about }
            | Icmp::FragmentationNeeded { about, .. }
            | Icmp::TimeExceeded { about } => Some(about),
        }
    }

    pub fn about_mut(&mut self) -> Option<&mut Packet> {
        match self {
            Icmp::EchoRequest { .. } | Icmp::EchoReply { .. } => None,
            Icmp::PortUnreachable { about }
            | Icmp::HostUnreachable { about }
            | Icmp::NetUnreachable { about }
            | Icmp::AdminProhibited { about }
            | Icmp::FragmentationNeeded { about, .. }
            | Icmp::TimeExceeded { about } => Some(about),
        }
    }
}

/// `10.244.1.5:41522 → 10.96.0.10:53 UDP`, for captions and logs.
impl core::fmt::Display for Packet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.source_socket(), self.destination_socket()) {
            (Some(source), Some(destination)) => write!(f, "{source} → {destination} {}", self.protocol()),
            _ => write!(f, "{} → {} {}", self.source, self.destination, self.protocol()),
        }
    }
}
