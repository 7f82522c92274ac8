//! AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy: custom resources, so their rules are those of their
//! CRDs' schemas (network-policy-api), and the messages those of the API server's OpenAPI validation.

use super::field::{Faults, Field, FieldError};
use super::names;
use crate::api::Kind;
use crate::api::schema::{self, Shape};
use serde_json::Value;

/// Type, then `properties=MIN..MAX` or fields: `!` required, `=A|B` one of, `=1..5` a number between, `#1..5` so many items,
/// `~100` so many characters at most.
const RULES: &str = "\
AdminNetworkPolicy spec!
AdminNetworkPolicySpec priority!=0..1000 subject! ingress#0..100 egress#0..100
AdminNetworkPolicySubject properties=1..1
AdminNetworkPolicyIngressRule name~100 action!=Allow|Deny|Pass from!#1..100 ports#1..100
AdminNetworkPolicyEgressRule name~100 action!=Allow|Deny|Pass to!#1..100 ports#1..100
AdminNetworkPolicyIngressPeer properties=1..1
AdminNetworkPolicyEgressPeer properties=1..1 networks#1..25 domainNames#1..25
AdminNetworkPolicyPort properties=1..1
Port protocol! port!=1..65535
PortRange start!=1..65535 end!=1..65535
NamespacedPod namespaceSelector! podSelector!
BaselineAdminNetworkPolicy spec!
BaselineAdminNetworkPolicySpec subject! ingress#0..100 egress#0..100
BaselineAdminNetworkPolicyIngressRule name~100 action!=Allow|Deny from!#1..100 ports#1..100
BaselineAdminNetworkPolicyEgressRule name~100 action!=Allow|Deny to!#1..100 ports#1..100
BaselineAdminNetworkPolicyEgressPeer properties=1..1 networks#1..25
ClusterNetworkPolicy spec!
ClusterNetworkPolicySpec tier!=Admin|Baseline priority!=0..1000 subject! ingress#0..25 egress#0..25
ClusterNetworkPolicySubject properties=1..1
ClusterNetworkPolicyIngressRule name~100 action!=Accept|Deny|Pass from!#1..25 protocols#1..25
ClusterNetworkPolicyEgressRule name~100 action!=Accept|Deny|Pass to!#1..25 protocols#1..25
ClusterNetworkPolicyIngressPeer properties=1..1
ClusterNetworkPolicyEgressPeer properties=1..1 networks#1..25 domainNames#1..25
ClusterNetworkPolicyProtocol properties=1..1
ClusterNetworkPolicyProtocolTCP properties=1..2
ClusterNetworkPolicyProtocolUDP properties=1..2
ClusterNetworkPolicyProtocolSCTP properties=1..2
NamespacedPod#cnp podSelector!
Port#cnp properties=1..1 number=1..65535
PortRange#cnp start!=1..65535 end!=1..65535
LabelSelectorRequirement key! operator!";

pub(super) fn admin_policy(kind: Kind, document: &Field<'_>, faults: &mut Faults) {
    object(kind.resource().name, document, faults);
    if kind == Kind::BaselineAdminNetworkPolicy && document.at("metadata.name").text() != "default" {
        let only = "Only one baseline admin network policy with metadata.name=\"default\" can be created in the cluster";
        faults.push(FieldError::new("<nil>", "Invalid value", format!("\"object\": {only}")));
    }
}

fn object(type_name: &str, field: &Field<'_>, faults: &mut Faults) {
    let rules = RULES.lines().filter_map(|line| line.split_once(' ')).find(|(name, _)| *name == type_name);
    for rule in rules.into_iter().flat_map(|(_, rules)| rules.split(' ')) {
        match rule.strip_prefix("properties=").and_then(range) {
            Some(allowed) => properties(field, allowed, faults),
            None => check(field, rule, faults),
        }
    }
    expressions(type_name, field, faults);
    let Some(known) = schema::fields_of(type_name) else { return };
    for (name, known) in known {
        let child = field.child(name);
        if child.is_set() && *name != "status" {
            inside(&known.shape, &child, faults);
        }
    }
}

fn inside(shape: &Shape, field: &Field<'_>, faults: &mut Faults) {
    match shape {
        Shape::Object(name) => object(name, field, faults),
        Shape::List(item) => field.items().for_each(|field| inside(item, &field, faults)),
        _ => {}
    }
}

fn range(text: &str) -> Option<(i64, i64)> {
    let (low, high) = text.split_once("..")?;
    Some((low.parse().ok()?, high.parse().ok()?))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn properties(field: &Field<'_>, (least, most): (i64, i64), faults: &mut Faults) {
    let given = count(field.len());
    if given < least {
        let complaint = format!("{} in body should have at least {least} properties", field.path);
        faults.push(field.invalid_value(&given.to_string(), complaint));
    } else if given > most {
        faults.push(FieldError::new(&field.path, "Too many", format!("{given}: must have at most {most} items")));
    }
}

fn check(parent: &Field<'_>, rule: &str, faults: &mut Faults) {
    let name = rule.split(['!', '=', '#', '~']).next().unwrap_or(rule);
    let field = parent.child(name);
    let constraint = rule.get(name.len()..).unwrap_or_default();
    if !field.is_set() {
        if constraint.starts_with('!') {
            faults.push(field.required(""));
        }
        return;
    }
    let constraint = constraint.trim_start_matches('!');
    if let Some((least, most)) = constraint.strip_prefix('#').and_then(range) {
        items(&field, least, most, faults);
    } else if let Some((least, most)) = constraint.strip_prefix('=').and_then(range) {
        if field.number() < least {
            let complaint = format!("{} in body should be greater than or equal to {least}", field.path);
            faults.push(field.invalid(complaint));
        } else if field.number() > most {
            faults.push(field.invalid(format!("{} in body should be less than or equal to {most}", field.path)));
        }
    } else if let Some(choices) = constraint.strip_prefix('=') {
        let choices: Vec<_> = choices.split('|').collect();
        if !choices.contains(&field.text()) {
            faults.push(field.unsupported(&choices));
        }
    } else if let Some(most) = constraint.strip_prefix('~').and_then(|most| most.parse::<usize>().ok())
        && field.text().chars().count() > most
    {
        faults.push(FieldError::new(&field.path, "Too long", format!("may not be more than {most} bytes")));
    }
}

fn items(field: &Field<'_>, least: i64, most: i64, faults: &mut Faults) {
    let given = count(field.len());
    if given < least {
        let complaint = format!("{} in body should have at least {least} items", field.path);
        faults.push(field.invalid_value(&given.to_string(), complaint));
    } else if given > most {
        faults.push(FieldError::new(&field.path, "Too many", format!("{given}: must have at most {most} items")));
    }
}

/// The CRDs' CEL expressions.
fn expressions(type_name: &str, field: &Field<'_>, faults: &mut Faults) {
    match type_name {
        "PortRange#cnp" if field.child("start").number() >= field.child("end").number() => {
            faults.push(field.invalid_value("\"object\"", "Start port must be less than End port"));
        }
        "AdminNetworkPolicyEgressPeer" | "BaselineAdminNetworkPolicyEgressPeer" | "ClusterNetworkPolicyEgressPeer" => {
            for network in field.child("networks").items() {
                // CEL's isCIDR accepts what Go's netip accepts: no leading zeros, but bits behind the prefix.
                let valid = names::parse_cidr_sloppy(network.text())
                    .is_some_and(|cidr| cidr.addr().to_string().len() <= network.text().len())
                    && network.text().parse::<crate::net::IpNet>().is_ok();
                if !valid {
                    faults.push(network.invalid_value("\"string\"", "Invalid CIDR format provided"));
                }
            }
            domain_names(field, faults);
        }
        "AdminNetworkPolicyEgressRule" | "BaselineAdminNetworkPolicyEgressRule" | "ClusterNetworkPolicyEgressRule" => {
            named_ports_outside(type_name, field, faults);
        }
        _ => {}
    }
}

fn domain_names(peer: &Field<'_>, faults: &mut Faults) {
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.ends_with(|c: char| c.is_ascii_alphanumeric())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    for name in peer.child("domainNames").items() {
        let text = name.text().strip_prefix("*.").unwrap_or(name.text());
        let text = text.strip_suffix('.').unwrap_or(text);
        if !(text.contains('.') && text.split('.').all(is_label)) {
            let pattern = "^(\\*\\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\\.?$";
            faults.push(name.invalid(format!("{} in body should match '{pattern}'", name.path)));
        }
    }
}

/// A port's name is a container's; addresses outside the cluster have none.
fn named_ports_outside(type_name: &str, rule: &Field<'_>, faults: &mut Faults) {
    let outside: &[&str] = match type_name {
        "BaselineAdminNetworkPolicyEgressRule" => &["networks", "nodes"],
        _ => &["networks", "nodes", "domainNames"],
    };
    let has = |field: &Field<'_>, names: &[&str]| {
        names.iter().any(|name| field.value.get(name).is_some_and(|value| *value != Value::Null))
    };
    let reaches_outside = rule.child("to").items().any(|peer| has(&peer, outside));
    let ports = [rule.child("ports"), rule.child("protocols")];
    if reaches_outside && ports.iter().flat_map(Field::items).any(|port| has(&port, &["namedPort", "destinationNamedPort"])) {
        let names = outside.join("/");
        let complaint = format!("{names} peer cannot be set with namedPorts since there are no namedPorts for {names}");
        faults.push(rule.invalid_value("\"object\"", complaint));
    }
}
