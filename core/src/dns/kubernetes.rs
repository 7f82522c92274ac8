//! CoreDNS's `kubernetes` plugin (`plugin/kubernetes` and `plugin/backend_lookup.go` of CoreDNS 1.12): the DNS specification for
//! Kubernetes, answered from watched objects. It knows nothing of caches, other plugins' zones or packets.

mod question;
mod records;

use super::corefile::KubernetesPlugin;
use super::name::{fqdn, parse_reverse, within};
use super::upstream;
use super::watch::Watched;
use crate::net::{DnsMessage, DnsRecord, IpAddr, Rcode, RecordData, RecordType};
use records::{Host, NameError, Records, Target};

/// The version of the DNS specification that `dns-version.<zone>` states.
const SCHEMA_VERSION: &str = "1.1.0";
/// A chain of CNAMEs is followed this far.
const MAX_CNAMES: usize = 8;

pub(super) struct Kubernetes<'a> {
    pub config: &'a KubernetesPlugin,
    pub watched: &'a Watched,
}

/// The sections that records go to.
#[derive(Default)]
struct Sections {
    answers: Vec<DnsRecord>,
    additional: Vec<DnsRecord>,
}

impl Kubernetes<'_> {
    /// The reply to a query inside `zone`, or `None` when an unknown name is to be given to the next plugin.
    pub fn answer(&self, query: &DnsMessage, zone: &str) -> Option<DnsMessage> {
        let mut reply = DnsMessage { response: true, authoritative: true, ..query.clone() };
        match self.sections(&query.name, query.kind, zone) {
            Ok(sections) if sections.answers.is_empty() => reply.authority = vec![self.soa(zone)],
            Ok(sections) => {
                reply.answers = sections.answers;
                reply.additional = sections.additional;
            }
            Err(NameError) if self.falls_through(&query.name) => return None,
            Err(NameError) => {
                reply.rcode = Rcode::NxDomain;
                reply.authority = vec![self.soa(zone)];
            }
        }
        Some(reply)
    }

    fn falls_through(&self, name: &str) -> bool {
        self.config.fallthrough.iter().any(|zone| within(name, zone).is_some())
    }

    fn sections(&self, name: &str, kind: RecordType, zone: &str) -> Result<Sections, NameError> {
        let only = |answers| Ok(Sections { answers, additional: Vec::new() });
        match kind {
            RecordType::A | RecordType::Aaaa => only(self.addresses(name, kind, zone, &mut Vec::new())?),
            RecordType::Cname => only(self.cname(name, zone)?),
            RecordType::Srv => self.srv(name, zone),
            RecordType::Ptr => only(self.ptr(name, zone)?),
            RecordType::Txt => only(self.txt(name, zone)?),
            RecordType::Soa if name == zone => only(vec![self.soa(zone)]),
            // Below the apex the plugin does not even look whether the name exists.
            RecordType::Soa => only(Vec::new()),
            RecordType::Ns if name == zone => Ok(self.ns(zone)),
            // Nothing of this type can exist, but whether the name does makes NODATA or NXDOMAIN.
            _ => self.addresses(name, RecordType::A, zone, &mut Vec::new()).map(|_| Sections::default()),
        }
    }

    fn targets(&self, name: &str, zone: &str) -> Result<Vec<Target>, NameError> {
        Records { config: self.config, watched: self.watched, zone }.find(name)
    }

    /// A or AAAA, through CNAMEs. `chain` holds the CNAMEs that led here.
    fn addresses(&self, name: &str, kind: RecordType, zone: &str, chain: &mut Vec<String>) -> Result<Vec<DnsRecord>, NameError> {
        if within(name, zone) == Some("ns.dns") {
            let own = self.own_addresses(zone).into_iter().map(|(_, ip)| ip).filter(|ip| is_kind(*ip, kind));
            return Ok(own.map(|ip| self.record(name, RecordData::Address(ip))).collect());
        }
        let mut records: Vec<DnsRecord> = Vec::new();
        for target in self.targets(name, zone)? {
            match target.host {
                Host::Address(ip) if is_kind(ip, kind) => {
                    let record = self.record(name, RecordData::Address(ip));
                    if !records.contains(&record) {
                        records.push(record);
                    }
                }
                Host::Address(_) => {}
                Host::Name(other) => records.extend(self.through_cname(name, &other, kind, zone, chain)),
            }
        }
        Ok(records)
    }

    /// The CNAME and what it leads to: in this zone by looking again, elsewhere by asking upstream.
    fn through_cname(&self, name: &str, other: &str, kind: RecordType, zone: &str, chain: &mut Vec<String>) -> Vec<DnsRecord> {
        if other == name || chain.len() >= MAX_CNAMES || chain.iter().any(|seen| seen == other) {
            return Vec::new();
        }
        let cname = self.record(name, RecordData::Cname(other.to_owned()));
        chain.push(other.to_owned());
        let rest = if within(other, zone).is_some() {
            match self.addresses(other, kind, zone, chain) {
                // A CNAME to nowhere inside the zone is not shown.
                Ok(records) if !records.is_empty() => records,
                _ => return Vec::new(),
            }
        } else {
            upstream::answer(&DnsMessage::query(0, other, kind)).answers
        };
        core::iter::once(cname).chain(rest).collect()
    }

    fn cname(&self, name: &str, zone: &str) -> Result<Vec<DnsRecord>, NameError> {
        let first = self.targets(name, zone)?.into_iter().next();
        Ok(match first.map(|target| target.host) {
            Some(Host::Name(other)) => vec![self.record(name, RecordData::Cname(other))],
            _ => Vec::new(),
        })
    }

    /// One SRV per port and owner, and the owners' addresses as additional records. External names have no SRV.
    fn srv(&self, name: &str, zone: &str) -> Result<Sections, NameError> {
        let mut targets = self.targets(name, zone)?;
        targets.retain(|target| matches!(target.host, Host::Address(_)));
        // Every target has weight 100, and together they make 100, each at least 1.
        let weight = u16::try_from((100 / targets.len().max(1)).max(1)).unwrap_or(1);
        let mut sections = Sections::default();
        for Target { owner, host, port } in targets {
            let (Host::Address(ip), Some(port)) = (host, port) else { continue };
            let srv = self.record(name, RecordData::Srv { priority: 0, weight, port, target: owner.clone() });
            if !sections.answers.contains(&srv) {
                sections.answers.push(srv);
            }
            let address = self.record(&owner, RecordData::Address(ip));
            if !sections.additional.contains(&address) {
                sections.additional.push(address);
            }
        }
        Ok(sections)
    }

    /// Who has this address: a Service by its virtual IP, else every endpoint with it.
    fn ptr(&self, name: &str, zone: &str) -> Result<Vec<DnsRecord>, NameError> {
        let Some(ip) = parse_reverse(name) else {
            return self.targets(name, zone).map(|_| Vec::new());
        };
        let owners = Records { config: self.config, watched: self.watched, zone: self.primary_zone() }.owners_of(ip);
        if owners.is_empty() {
            return Err(NameError);
        }
        Ok(owners.into_iter().map(|owner| self.record(name, RecordData::Ptr(owner))).collect())
    }

    fn txt(&self, name: &str, zone: &str) -> Result<Vec<DnsRecord>, NameError> {
        if within(name, zone) == Some("dns-version") {
            let data = RecordData::Txt(SCHEMA_VERSION.to_owned());
            return Ok(vec![DnsRecord { name: name.to_owned(), ttl: 28_800, data }]);
        }
        match self.targets(name, zone) {
            Ok(targets) if !targets.is_empty() => Ok(Vec::new()),
            _ => Err(NameError),
        }
    }

    fn ns(&self, zone: &str) -> Sections {
        let mut sections = Sections::default();
        for (owner, ip) in self.own_addresses(zone) {
            let ns = self.record(zone, RecordData::Ns(owner.clone()));
            if !sections.answers.contains(&ns) {
                sections.answers.push(ns);
            }
            sections.additional.push(self.record(&owner, RecordData::Address(ip)));
        }
        sections
    }

    /// The names and addresses of this server: of the Services in front of it, else its own.
    fn own_addresses(&self, zone: &str) -> Vec<(String, IpAddr)> {
        let records = Records { config: self.config, watched: self.watched, zone };
        let found = records.dns_services();
        if !found.is_empty() {
            return found;
        }
        let local = match self.watched.local_ips.as_slice() {
            [] => vec![IpAddr::from([127, 0, 0, 1])],
            ips => ips.to_vec(),
        };
        local.into_iter().map(|ip| (format!("ns.dns.{zone}"), ip)).collect()
    }

    /// The zone that PTR records point into: the first that is not a reverse zone.
    fn primary_zone(&self) -> &str {
        let forward = self.config.zones.iter().find(|zone| !zone.ends_with(".arpa."));
        forward.map_or("cluster.local.", String::as_str)
    }

    fn soa(&self, zone: &str) -> DnsRecord {
        DnsRecord {
            name: zone.to_owned(),
            ttl: self.config.ttl.min(300),
            data: RecordData::Soa {
                mname: format!("ns.dns.{zone}"),
                rname: format!("hostmaster.{zone}"),
                serial: self.watched.serial,
                refresh: 7_200,
                retry: 1_800,
                expire: 86_400,
                minimum: self.config.ttl,
            },
        }
    }

    fn record(&self, name: &str, data: RecordData) -> DnsRecord {
        DnsRecord { name: fqdn(name), ttl: self.config.ttl, data }
    }
}

fn is_kind(ip: IpAddr, kind: RecordType) -> bool {
    ip.is_ipv4() == (kind == RecordType::A)
}
