//! iptables: rules as data. The text that `iptables-save` prints and the evaluation of a packet read the same [`Rule`]s.
//! Knows nothing of Services or Pods; who compiled a rule may note the object it serves.

mod evaluate;
mod text;

pub use evaluate::{Chance, Evaluation, RecentSources, Subject, Verdict};

use super::conntrack::State;
use crate::api::ObjectRef;
use crate::net::{IpAddr, IpNet, Protocol, SocketAddr};
use crate::trace::Text;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The tables of one namespace and the IP sets their rules name.
#[derive(Clone, Debug, Default)]
pub struct Netfilter {
    pub nat: Table,
    pub filter: Table,
    pub sets: BTreeMap<String, Vec<IpNet>>,
}

#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Names of the built-in chains, in the order that `iptables-save` prints them.
    pub hooks: &'static [&'static str],
    pub chains: BTreeMap<String, Chain>,
}

#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub rules: Vec<Rule>,
    /// Rules that match one destination address, by that address, and all others: a packet is shown only those that could
    /// match it. Filled by [`Chain::index`].
    by_destination: BTreeMap<IpAddr, Vec<usize>>,
    any_destination: Vec<usize>,
}

/// One `-A` line.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// In the order they were written; all must hold.
    pub matches: Vec<Match>,
    /// A rule without a target only counts.
    pub target: Option<Target>,
    /// The API object that this rule serves, for links.
    pub about: Option<ObjectRef>,
    /// The rule's line in explanations, made when a packet first matches it.
    line: OnceCell<Text>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    Comment(String),
    Protocol(Protocol),
    DestinationPort(u16),
    Source {
        net: IpNet,
        negated: bool,
    },
    Destination {
        net: IpNet,
        negated: bool,
    },
    /// `-m addrtype --src-type LOCAL`
    SourceIsLocal {
        negated: bool,
    },
    DestinationIsLocal {
        negated: bool,
    },
    Mark {
        value: u32,
        mask: u32,
        negated: bool,
    },
    ConnectionState {
        states: Vec<State>,
        dnat: bool,
        negated: bool,
    },
    /// True for one packet in `n`: `-m statistic --mode random --probability 1/n`.
    OneIn(u32),
    /// The source was seen by this list in the last seconds; older entries are reaped.
    RecentlySeen {
        list: String,
        seconds: u32,
    },
    /// Notes the source in the list; always true.
    RecentSet {
        list: String,
    },
    SourceSet {
        name: String,
        negated: bool,
    },
    DestinationSet {
        name: String,
        negated: bool,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Jump(String),
    Accept,
    Drop,
    Return,
    Reject(RejectWith),
    Dnat(SocketAddr),
    Masquerade { random_fully: bool },
    Mark(MarkChange),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkChange {
    Or(u32),
    Xor(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectWith {
    PortUnreachable,
}

impl Netfilter {
    /// The tables as a kernel starts with them: built-in chains without rules.
    pub fn without_rules() -> Self {
        Self {
            nat: Table::builtin(&["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"]),
            filter: Table::builtin(&["INPUT", "FORWARD", "OUTPUT"]),
            sets: BTreeMap::new(),
        }
    }

    /// Call once, after the last rule: evaluation needs it.
    pub fn index(&mut self) {
        [&mut self.nat, &mut self.filter].into_iter().flat_map(|table| table.chains.values_mut()).for_each(Chain::index);
    }
}

impl Table {
    fn builtin(names: &'static [&'static str]) -> Self {
        Self { hooks: names, chains: names.iter().map(|name| ((*name).to_owned(), Chain::default())).collect() }
    }

    pub fn add_chain(&mut self, name: &str) {
        self.chains.entry(name.to_owned()).or_default();
    }

    pub fn prepend(&mut self, chain: &str, rule: Rule) {
        self.chains.entry(chain.to_owned()).or_default().rules.insert(0, rule);
    }

    pub fn append(&mut self, chain: &str, rule: Rule) {
        self.chains.entry(chain.to_owned()).or_default().rules.push(rule);
    }

    /// Every chain in the order of `iptables-save`, and whether it is built in.
    pub fn listed(&self) -> impl Iterator<Item = (&str, &Chain, bool)> {
        let hooks = self.hooks.iter().filter_map(|name| Some((*name, self.chains.get(*name)?, true)));
        let user = self.chains.iter().filter(|(name, _)| !self.hooks.contains(&name.as_str()));
        hooks.chain(user.map(|(name, chain)| (name.as_str(), chain, false)))
    }
}

impl Chain {
    fn index(&mut self) {
        self.by_destination.clear();
        self.any_destination.clear();
        for (at, rule) in self.rules.iter().enumerate() {
            match rule.only_destination() {
                Some(address) => self.by_destination.entry(address).or_default().push(at),
                None => self.any_destination.push(at),
            }
        }
    }

    /// Positions of the rules that could match this destination, in order.
    fn candidates(&self, destination: IpAddr) -> impl Iterator<Item = usize> {
        let exact = self.by_destination.get(&destination).map(Vec::as_slice).unwrap_or_default();
        merge(exact, &self.any_destination)
    }
}

/// Two ascending lists as one.
fn merge<'a>(left: &'a [usize], right: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    core::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(l), Some(r)) if l < r => left.next(),
        (_, Some(_)) => right.next(),
        (_, None) => left.next(),
    })
}

impl Rule {
    pub fn new(matches: Vec<Match>, target: Target) -> Self {
        Self { matches, target: Some(target), ..Self::default() }
    }

    /// A rule that only counts.
    pub fn without_target(matches: Vec<Match>) -> Self {
        Self { matches, ..Self::default() }
    }

    pub fn jump(matches: Vec<Match>, chain: &str) -> Self {
        Self::new(matches, Target::Jump(chain.to_owned()))
    }

    pub fn about(mut self, object: &ObjectRef) -> Self {
        self.about = Some(object.clone());
        self
    }

    fn only_destination(&self) -> Option<IpAddr> {
        self.matches.iter().find_map(|condition| match condition {
            Match::Destination { net, negated: false } if net.prefix_len() == net.max_prefix_len() => Some(net.addr()),
            _ => None,
        })
    }
}

impl Match {
    pub fn comment(text: impl Into<String>) -> Self {
        Self::Comment(text.into())
    }

    pub fn source(net: IpNet) -> Self {
        Self::Source { net, negated: false }
    }

    pub fn destination(net: IpNet) -> Self {
        Self::Destination { net, negated: false }
    }

    pub fn states(states: &[State]) -> Self {
        Self::ConnectionState { states: states.to_vec(), dnat: false, negated: false }
    }
}
