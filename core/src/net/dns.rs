//! A DNS message's content (RFC 1035), without its wire form.

use super::IpAddr;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DnsMessage {
    pub id: u16,
    /// False for a query.
    pub response: bool,
    pub authoritative: bool,
    pub truncated: bool,
    pub recursion_available: bool,
    /// Lower case with the final dot: `backend.lab-networking.svc.cluster.local.`
    pub name: String,
    pub kind: RecordType,
    pub rcode: Rcode,
    pub answers: Vec<DnsRecord>,
    pub authority: Vec<DnsRecord>,
    pub additional: Vec<DnsRecord>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Srv,
    Ptr,
    Txt,
    Soa,
    Ns,
    Mx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Rcode {
    NoError,
    FormErr,
    ServFail,
    NxDomain,
    NotImp,
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DnsRecord {
    pub name: String,
    pub ttl: u32,
    pub data: RecordData,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RecordData {
    /// A or AAAA, by the address's family.
    Address(IpAddr),
    Cname(String),
    Ptr(String),
    Ns(String),
    Txt(String),
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        target: String,
    },
    Soa {
        mname: String,
        rname: String,
        serial: u32,
        refresh: u32,
        retry: u32,
        expire: u32,
        minimum: u32,
    },
}

impl DnsMessage {
    pub fn query(id: u16, name: impl Into<String>, kind: RecordType) -> Self {
        Self {
            id,
            response: false,
            authoritative: false,
            truncated: false,
            recursion_available: false,
            name: name.into(),
            kind,
            rcode: Rcode::NoError,
            answers: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
        }
    }
}
