//! The world beyond the cluster, simulated: a recursive resolver that knows a handful of names and says NXDOMAIN to all others.
//! The addresses are from the ranges reserved for documentation (RFC 5737, RFC 3849), so nobody's real host is meant.

use super::name::fqdn;
use crate::net::{DnsMessage, DnsRecord, IpAddr, Rcode, RecordData, RecordType};
use std::net::Ipv6Addr;

struct Host {
    name: &'static str,
    v4: [u8; 4],
    /// The last group of `2001:db8::`, for hosts that have IPv6.
    v6: Option<u16>,
}

const HOSTS: &[Host] = &[
    Host { name: "example.com.", v4: [192, 0, 2, 10], v6: Some(0x10) },
    Host { name: "www.example.com.", v4: [192, 0, 2, 11], v6: Some(0x11) },
    Host { name: "api.example.com.", v4: [192, 0, 2, 12], v6: None },
    Host { name: "db.example.com.", v4: [192, 0, 2, 13], v6: None },
    Host { name: "kubernetes.io.", v4: [198, 51, 100, 10], v6: Some(0x20) },
    Host { name: "google.com.", v4: [198, 51, 100, 20], v6: Some(0x30) },
    Host { name: "www.google.com.", v4: [198, 51, 100, 21], v6: Some(0x31) },
    Host { name: "github.com.", v4: [198, 51, 100, 30], v6: None },
];

/// How long answers may be kept, in seconds.
const TTL: u32 = 300;

/// Answers as a recursive resolver does: never with authority.
pub fn answer(query: &DnsMessage) -> DnsMessage {
    let mut reply = DnsMessage { response: true, recursion_available: true, ..query.clone() };
    let name = fqdn(&query.name);
    let Some(host) = HOSTS.iter().find(|host| host.name == name) else {
        // `com.` exists although this resolver holds nothing for it.
        let has_children = HOSTS.iter().any(|host| super::name::within(host.name, &name).is_some());
        reply.rcode = if has_children { Rcode::NoError } else { Rcode::NxDomain };
        reply.authority = vec![root_soa()];
        return reply;
    };
    let address = match query.kind {
        RecordType::A => Some(IpAddr::from(host.v4)),
        RecordType::Aaaa => host.v6.map(|group| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, group))),
        _ => None,
    };
    match address {
        Some(address) => reply.answers = vec![DnsRecord { name, ttl: TTL, data: RecordData::Address(address) }],
        None => reply.authority = vec![root_soa()],
    }
    reply
}

fn root_soa() -> DnsRecord {
    DnsRecord {
        name: ".".to_owned(),
        ttl: 86_400,
        data: RecordData::Soa {
            mname: "a.root-servers.net.".to_owned(),
            rname: "nstld.verisign-grs.com.".to_owned(),
            serial: 2_026_051_400,
            refresh: 1_800,
            retry: 900,
            expire: 604_800,
            minimum: 86_400,
        },
    }
}
