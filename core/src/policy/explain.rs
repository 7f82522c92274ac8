//! The sentences of a verdict. Built from the very tests that decided it; nothing is evaluated again here.

use super::compiled::Policy;
use super::rule::{Mismatch, RuleContext, RuleTest};
use crate::api::{Object, ObjectRef, PolicyType};
use crate::net::IpAddr;
use crate::trace::{Reason, Text};

/// One isolating policy and how its rules answered.
pub(super) struct Tried {
    pub(super) admits: bool,
    /// The first rule that admits, by its index.
    admitting: Option<usize>,
    reason: Reason,
}

impl Tried {
    pub(super) fn new(policy: &ObjectRef, direction: PolicyType, tests: impl Iterator<Item = RuleTest>) -> Self {
        let mut admitting = None;
        let mut rules = Vec::new();
        for (index, test) in tests.enumerate() {
            if test.admits && admitting.is_none() {
                admitting = Some(index);
            }
            rules.push(rule_reason(policy, direction, index, &test));
        }
        let text = Text::default().object(policy.clone());
        let text = match (rules.is_empty(), admitting) {
            (true, _) => text.plain(format!(" has no {} rules: it admits nothing", noun(direction))),
            (false, None) => text.plain(" has no rule that admits it"),
            (false, Some(_)) => text.plain(" admits it"),
        };
        let reason = Reason { text, matched: admitting.is_some(), because: rules };
        Self { admits: admitting.is_some(), admitting, reason }
    }
}

pub(super) fn no_pod(direction: PolicyType, address: IpAddr) -> Reason {
    Reason::matched(format!("no Pod has {address}: no policy applies to its {}", noun(direction)))
}

pub(super) fn to_itself(pod: &Object) -> Reason {
    Reason::matched(Text::from("a Pod may always talk to itself: ").object(pod.reference()))
}

pub(super) fn from_own_node(pod: &Object) -> Reason {
    Reason::matched(Text::from("traffic from its own node always reaches ").object(pod.reference()))
}

pub(super) fn not_isolated(pod: &Object, direction: PolicyType) -> Reason {
    Reason::matched(Text::from("no policy isolates ").object(pod.reference()).plain(format!(" for {}", noun(direction))))
}

pub(super) fn isolated(
    pod: &Object,
    direction: PolicyType,
    policies: &[&Policy],
    tried: Vec<Tried>,
    context: &RuleContext,
) -> Reason {
    let what = format!("{} {}", context.connection.protocol, context.connection.port);
    let admitting = policies.iter().zip(&tried).find_map(|(policy, tried)| tried.admitting.map(|index| (policy, index)));
    let text = match admitting {
        Some((policy, index)) => {
            let name = format!("{}/{}[{index}]", policy.reference.namespace, policy.reference.name);
            Text::default()
                .part(name, policy.reference.clone(), rule_path(direction, index))
                .plain(format!(" admits {what} ({})", noun(direction)))
        }
        None => {
            let text = Text::default().object(pod.reference()).plain(format!(" is isolated for {} by ", noun(direction)));
            let text = match policies {
                [first] => text.object(first.reference.clone()),
                [first, others @ ..] => text.object(first.reference.clone()).plain(format!(" and {} more", others.len())),
                [] => text,
            };
            text.plain(format!("; no rule admits {what}"))
        }
    };
    Reason { text, matched: admitting.is_some(), because: tried.into_iter().map(|tried| tried.reason).collect() }
}

fn rule_reason(policy: &ObjectRef, direction: PolicyType, index: usize, test: &RuleTest) -> Reason {
    let name = format!("{}[{index}]", noun(direction));
    let path = rule_path(direction, index);
    let text = Text::default().part(name, policy.clone(), path.clone());
    if test.admits {
        return Reason::matched(text.plain(" admits it"));
    }
    let side = match direction {
        PolicyType::Ingress => "from",
        PolicyType::Egress => "to",
    };
    let entries = |list: &str, tests: &[Result<(), Mismatch>]| -> Vec<Reason> {
        let entry = |(index, test): (usize, &Result<(), Mismatch>)| {
            let text = Text::default().part(format!("{list}[{index}]"), policy.clone(), format!("{path}.{list}[{index}]"));
            match test {
                Ok(()) => Reason::matched(text.plain(" matches")),
                Err(mismatch) => Reason::not_matched(text.plain(format!(": {}", mismatch.sentence()))),
            }
        };
        tests.iter().enumerate().map(entry).collect()
    };
    let because = [entries(side, &test.peers), entries("ports", &test.ports)].concat();
    Reason::not_matched(text.plain(" does not admit it")).because(because)
}

fn rule_path(direction: PolicyType, index: usize) -> String {
    format!("spec.{}[{index}]", noun(direction))
}

fn noun(direction: PolicyType) -> &'static str {
    match direction {
        PolicyType::Ingress => "ingress",
        PolicyType::Egress => "egress",
    }
}

impl Mismatch {
    fn sentence(self) -> &'static str {
        match self {
            Mismatch::OtherNamespace => "the peer is in another namespace and there is no namespaceSelector",
            Mismatch::NamespaceLabels => "the labels of the peer's namespace do not match",
            Mismatch::PodLabels => "the peer's labels do not match",
            Mismatch::NotAPod => "the peer is not a Pod, and only an ipBlock can admit it",
            Mismatch::OutsideCidr => "the peer's address is outside the CIDR",
            Mismatch::ExceptCidr => "the peer's address is in an excepted CIDR",
            Mismatch::Protocol => "another protocol",
            Mismatch::Port => "another port",
            Mismatch::NoSuchPortName => "the destination has no port of that name",
        }
    }
}
