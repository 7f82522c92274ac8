//! Packets, addresses and ports: what travels, without any opinion on where it goes.

mod dns;
mod packet;

pub use dns::{DnsMessage, DnsRecord, Rcode, RecordData, RecordType};
pub use ipnet::{IpNet, Ipv4Net};
pub use packet::{Encapsulation, HttpRequest, HttpResponse, Icmp, Link, Mac, Packet, Payload, TcpFlags, Transport};
pub use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// A transport protocol, by the names Kubernetes uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    #[default]
    Tcp,
    Udp,
    Sctp,
    Icmp,
}

impl core::fmt::Display for Protocol {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
            Protocol::Icmp => "ICMP",
        })
    }
}
