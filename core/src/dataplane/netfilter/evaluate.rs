//! A packet's way through one chain. The decision writes its own explanation: which rules matched, how many did not.

use super::{MarkChange, Match, Netfilter, RejectWith, Rule, Table, Target};
use crate::api::ObjectRef;
use crate::clock::{Duration, Instant};
use crate::dataplane::conntrack::State;
use crate::net::{IpAddr, IpNet, Packet, SocketAddr};
use crate::rng;
use crate::trace::{Reason, Text};
use std::collections::BTreeMap;

/// Linux refuses rule sets that nest deeper (`XT_MAX_JUMPSTACK` allows more; nobody's rules come near this).
const MAX_DEPTH: usize = 32;

/// The packet and what the kernel knows about it at the hook.
pub struct Subject<'a> {
    pub packet: &'a Packet,
    pub state: State,
    /// The connection's destination was rewritten.
    pub dnat: bool,
    pub is_local: &'a dyn Fn(IpAddr) -> bool,
    pub recent: &'a RecentSources,
    pub now: Instant,
    pub chance: Chance,
}

/// How `-m statistic` comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// By a hash of this seed, the packet and the rule: walking again changes nothing.
    Drawn(u64),
    /// The first so many rules say no, every later one yes: how all choices are enumerated.
    AfterRefusals(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// A rule accepted it, or the built-in chain's policy did.
    Accept,
    Drop,
    Reject(RejectWith),
    Dnat(SocketAddr),
    Masquerade,
}

#[derive(Clone, Debug)]
pub struct Evaluation {
    pub verdict: Verdict,
    /// False when nothing decided but the chain's policy.
    pub decided: bool,
    /// Rules that matched, in order, and how many did not.
    pub because: Vec<Reason>,
    /// The object that the deciding rule serves.
    pub about: Option<ObjectRef>,
    pub mark: u32,
    /// Lists of the `recent` match that noted the source.
    pub noted: Vec<String>,
    /// How many rules left it to chance.
    pub chances: usize,
}

/// The memory of `-m recent`: when each list last saw each source.
#[derive(Clone, Debug, Default)]
pub struct RecentSources {
    seen: BTreeMap<(String, IpAddr), Instant>,
}

impl RecentSources {
    pub const fn new() -> Self {
        Self { seen: BTreeMap::new() }
    }

    pub fn note(&mut self, list: &str, source: IpAddr, now: Instant) {
        self.seen.insert((list.to_owned(), source), now);
    }

    fn is_recent(&self, list: &str, source: IpAddr, seconds: u32, now: Instant) -> bool {
        let seen = self.seen.get(&(list.to_owned(), source));
        seen.is_some_and(|seen| now.since(*seen) <= Duration::from_secs(u64::from(seconds)))
    }
}

impl Netfilter {
    /// Sends the packet through a built-in chain of a table. `mark` is the packet's firewall mark so far.
    pub fn evaluate(&self, table: &Table, chain: &str, mark: u32, subject: &Subject<'_>) -> Evaluation {
        let (matched, noted) = (Vec::new(), Vec::new());
        let mut run = Run { sets: &self.sets, table, subject, mark, matched, missed: 0, noted, chances: 0 };
        let decision = run.chain(chain, MAX_DEPTH);
        let decided = decision.is_some();
        let (verdict, about) = decision.unwrap_or((Verdict::Accept, None));
        let because = run.because();
        Evaluation { verdict, decided, because, about, mark: run.mark, noted: run.noted, chances: run.chances }
    }

    /// The verdict of every choice that chance could make, in the order of the rules.
    pub fn every_verdict(&self, table: &Table, chain: &str, mark: u32, subject: &Subject<'_>) -> Vec<Evaluation> {
        let mut all: Vec<Evaluation> = Vec::new();
        for refusals in 0.. {
            let subject = Subject { chance: Chance::AfterRefusals(refusals), ..*subject };
            all.push(self.evaluate(table, chain, mark, &subject));
            if all.last().is_none_or(|last| last.chances <= refusals) {
                break;
            }
        }
        all
    }
}

struct Run<'a> {
    sets: &'a BTreeMap<String, Vec<IpNet>>,
    table: &'a Table,
    subject: &'a Subject<'a>,
    mark: u32,
    matched: Vec<(&'a str, &'a Rule)>,
    missed: usize,
    noted: Vec<String>,
    chances: usize,
}

type Decision = Option<(Verdict, Option<ObjectRef>)>;

impl<'a> Run<'a> {
    /// `None`: no rule decided and the packet returns to the calling chain.
    fn chain(&mut self, name: &'a str, depth: usize) -> Decision {
        let chain = self.table.chains.get(name).filter(|_| depth > 0)?;
        let mut looked_at = 0;
        for at in chain.candidates(self.subject.packet.destination) {
            let rule = &chain.rules[at];
            self.missed += at - looked_at;
            looked_at = at + 1;
            if !self.all_hold(rule, at) {
                self.missed += 1;
                continue;
            }
            self.matched.push((name, rule));
            self.note(rule);
            match &rule.target {
                Some(Target::Return) => return None,
                Some(target) => {
                    if let Some(decision) = self.target(target, rule, depth) {
                        return Some(decision);
                    }
                }
                None => {}
            }
        }
        self.missed += chain.rules.len() - looked_at;
        None
    }

    fn target(&mut self, target: &'a Target, rule: &Rule, depth: usize) -> Decision {
        let verdict = match target {
            Target::Jump(chain) => return self.chain(chain, depth - 1),
            Target::Mark(MarkChange::Or(bits)) => {
                self.mark |= bits;
                return None;
            }
            Target::Mark(MarkChange::Xor(bits)) => {
                self.mark ^= bits;
                return None;
            }
            Target::Return => return None,
            Target::Accept => Verdict::Accept,
            Target::Drop => Verdict::Drop,
            Target::Reject(with) => Verdict::Reject(*with),
            Target::Dnat(to) => Verdict::Dnat(*to),
            Target::Masquerade { .. } => Verdict::Masquerade,
        };
        Some((verdict, rule.about.clone()))
    }

    fn note(&mut self, rule: &Rule) {
        for condition in &rule.matches {
            if let Match::RecentSet { list } = condition {
                self.noted.push(list.clone());
            }
        }
    }

    /// Conditions in order; the first that fails ends the rule, so chance is asked only where the kernel asks it.
    fn all_hold(&mut self, rule: &Rule, position: usize) -> bool {
        rule.matches.iter().all(|condition| match condition {
            Match::OneIn(n) => self.draw(*n, position),
            other => self.holds(other),
        })
    }

    fn holds(&self, condition: &Match) -> bool {
        let subject = self.subject;
        let packet = subject.packet;
        match condition {
            Match::Comment(_) | Match::RecentSet { .. } | Match::OneIn(_) => true,
            Match::Protocol(protocol) => packet.protocol() == *protocol,
            Match::DestinationPort(port) => packet.ports().is_some_and(|(_, destination)| destination == *port),
            Match::Source { net, negated } => net.contains(&packet.source) != *negated,
            Match::Destination { net, negated } => net.contains(&packet.destination) != *negated,
            Match::SourceIsLocal { negated } => (subject.is_local)(packet.source) != *negated,
            Match::DestinationIsLocal { negated } => (subject.is_local)(packet.destination) != *negated,
            Match::Mark { value, mask, negated } => (self.mark & mask == *value) != *negated,
            Match::ConnectionState { states, dnat, negated } => {
                (states.contains(&subject.state) || (*dnat && subject.dnat)) != *negated
            }
            Match::RecentlySeen { list, seconds } => subject.recent.is_recent(list, packet.source, *seconds, subject.now),
            Match::SourceSet { name, negated } => self.in_set(name, packet.source) != *negated,
            Match::DestinationSet { name, negated } => self.in_set(name, packet.destination) != *negated,
        }
    }

    fn in_set(&self, name: &str, address: IpAddr) -> bool {
        self.sets.get(name).is_some_and(|nets| nets.iter().any(|net| net.contains(&address)))
    }

    /// The kernel draws a random number for each rule and connection; here a hash of both stands for it.
    fn draw(&mut self, one_in: u32, position: usize) -> bool {
        self.chances += 1;
        match self.subject.chance {
            Chance::AfterRefusals(refusals) => self.chances > refusals,
            Chance::Drawn(seed) => {
                let packet = self.subject.packet;
                let (source, destination) = packet.ports().unwrap_or_default();
                let mut bytes = [0; 16];
                for (at, word) in [u64::from(source) << 16 | u64::from(destination), position as u64].into_iter().enumerate() {
                    bytes[at * 8..at * 8 + 8].copy_from_slice(&word.to_be_bytes());
                }
                let ends = rng::hash(seed, &octets(packet.source)) ^ rng::hash(!seed, &octets(packet.destination));
                rng::hash(ends, &bytes).is_multiple_of(u64::from(one_in.max(1)))
            }
        }
    }

    fn because(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.matched.iter().map(|(chain, rule)| Reason::matched(rule.linked(chain))).collect();
        match self.missed {
            0 => {}
            1 => reasons.push(Reason::not_matched("1 other rule did not match")),
            missed => reasons.push(Reason::not_matched(format!("{missed} other rules did not match"))),
        }
        reasons
    }
}

impl Rule {
    /// The rule's line, pointing at the object that it serves. A rule stands in one chain only, so the line is made once.
    fn linked(&self, chain: &str) -> Text {
        let make = || match &self.about {
            Some(object) => Text::default().part(self.saved(chain), object.clone(), "spec"),
            None => Text::from(self.saved(chain)),
        };
        self.line.get_or_init(make).clone()
    }
}

fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}
