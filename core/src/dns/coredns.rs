//! The CoreDNS process: its plugin chain `cache → kubernetes → forward → loadbalance`, run over what it has watched. Input: one
//! query; output: one reply, always. Invariant: two equal histories give equal replies.

use super::corefile::{CachePlugin, Corefile, ServerBlock, longest_zone};
use super::kubernetes::Kubernetes;
use super::name::within;
use super::upstream;
use super::watch::{Watched, corefile};
use crate::clock::{Duration, Instant};
use crate::net::{DnsMessage, DnsRecord, Rcode, RecordData, RecordType};
use crate::store::Store;
use std::collections::BTreeMap;

/// From a change in the API server until CoreDNS answers by it. A watch event takes some milliseconds; most of the time goes into
/// the endpoint slice controller's batching before it. 100 ms is typical of an idle cluster.
const WATCH_LAG: Duration = Duration::from_millis(100);

/// Entries that the cache holds, as the plugin's default.
const CAPACITY: usize = 9_984;

/// The CoreDNS process: what it has seen of the API by watch, which lags the store a little.
#[derive(Clone, Debug, Default)]
pub struct CoreDns {
    corefile: Corefile,
    watched: Watched,
    /// The store's revision at the last look.
    seen: Option<u64>,
    /// When the next look is due.
    due: Option<Instant>,
    cache: BTreeMap<(String, RecordType), Cached>,
}

#[derive(Clone, Debug)]
struct Cached {
    reply: DnsMessage,
    stored: Instant,
    ttl: u32,
}

impl CoreDns {
    /// Takes in what the watch has delivered by `now`.
    pub fn observe(&mut self, store: &Store, now: Instant) {
        if self.seen != Some(store.revision()) && self.due.is_none() {
            self.due = Some(now + WATCH_LAG);
        }
        if self.due.is_some_and(|due| due <= now) {
            // Without the ConfigMap the server goes on with the Corefile that it has.
            if let Some(text) = corefile(store) {
                self.corefile = Corefile::parse(&text);
            }
            self.watched = Watched::read(store, now);
            self.seen = Some(store.revision());
            self.due = None;
        }
    }

    /// When something already in the store will reach CoreDNS.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.due
    }

    /// The reply to a query. Names are matched without regard to case.
    pub fn answer(&mut self, query: &DnsMessage, now: Instant) -> DnsMessage {
        let query = DnsMessage { name: super::fqdn(&query.name), ..query.clone() };
        let Self { corefile, watched, cache, .. } = self;
        let Some(block) = corefile.block(&query.name) else {
            return failure(&query, Rcode::Refused);
        };
        let key = (query.name.clone(), query.kind);
        if let Some(reply) = cache.get(&key).and_then(|cached| cached.reply_to(&query, now)) {
            return balanced(reply, block);
        }
        let mut reply = resolve(block, watched, &query);
        if let Some((plugin, ttl)) = block.cache.as_ref().and_then(|plugin| Some((plugin, plugin.ttl(&reply)?))) {
            // Even what is not kept leaves with the time-to-live that the cache allows.
            set_ttl(&mut reply, ttl);
            if plugin.keeps(&reply) {
                if cache.len() >= CAPACITY {
                    cache.clear();
                }
                cache.insert(key, Cached { reply: reply.clone(), stored: now, ttl });
            }
        }
        balanced(reply, block)
    }
}

fn set_ttl(reply: &mut DnsMessage, ttl: u32) {
    for record in reply.answers.iter_mut().chain(&mut reply.authority).chain(&mut reply.additional) {
        record.ttl = ttl;
    }
}

/// The first plugin that has an answer gives it.
fn resolve(block: &ServerBlock, watched: &Watched, query: &DnsMessage) -> DnsMessage {
    if let Some(config) = &block.kubernetes
        && let Some(zone) = longest_zone(&config.zones, &query.name)
        && let Some(reply) = (Kubernetes { config, watched }).answer(query, zone)
    {
        return reply;
    }
    if longest_zone(&block.forward, &query.name).is_some() {
        return upstream::answer(query);
    }
    failure(query, Rcode::Refused)
}

fn failure(query: &DnsMessage, rcode: Rcode) -> DnsMessage {
    DnsMessage { response: true, rcode, ..query.clone() }
}

/// `loadbalance` shuffles addresses; here the query's own number says how far they are rotated.
fn balanced(mut reply: DnsMessage, block: &ServerBlock) -> DnsMessage {
    let is_address = |record: &DnsRecord| matches!(record.data, RecordData::Address(_));
    let first = reply.answers.iter().position(is_address);
    if let (true, Some(first)) = (block.loadbalance, first) {
        // CNAMEs come first and stay there.
        let addresses = &mut reply.answers[first..];
        let turns = usize::from(reply.id) % addresses.len();
        addresses.rotate_left(turns);
    }
    reply
}

impl CachePlugin {
    /// The shortest time-to-live that the cache gives (`minttl` of the plugin), in seconds.
    const MIN_TTL: u32 = 5;

    /// Seconds that a reply is good for; `None` for one that is no answer about a name.
    fn ttl(&self, reply: &DnsMessage) -> Option<u32> {
        let longest = match reply.rcode {
            Rcode::NoError if !reply.answers.is_empty() => self.success_ttl,
            Rcode::NoError | Rcode::NxDomain => self.denial_ttl,
            _ => return None,
        };
        let records = reply.answers.iter().chain(&reply.authority).chain(&reply.additional);
        let lowest = records.map(|record| match record.data {
            RecordData::Soa { minimum, .. } => record.ttl.min(minimum),
            _ => record.ttl,
        });
        Some(lowest.min().unwrap_or(Self::MIN_TTL).max(Self::MIN_TTL).min(longest))
    }

    fn keeps(&self, reply: &DnsMessage) -> bool {
        let zones = if reply.answers.is_empty() { &self.no_denial } else { &self.no_success };
        !zones.iter().any(|zone| within(&reply.name, zone).is_some())
    }
}

impl Cached {
    /// The kept reply with what is left of its time. The cache sets the authority bit, because some clients throw other
    /// answers away (coredns `plugin/cache/item.go`).
    fn reply_to(&self, query: &DnsMessage, now: Instant) -> Option<DnsMessage> {
        let age = u32::try_from(now.since(self.stored).as_secs()).unwrap_or(u32::MAX);
        let left = self.ttl.checked_sub(age).filter(|left| *left > 0)?;
        let mut reply = DnsMessage { id: query.id, authoritative: true, ..self.reply.clone() };
        set_ttl(&mut reply, left);
        Some(reply)
    }
}
