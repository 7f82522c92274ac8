//! NetworkPolicy networking.k8s.io/v1 (pkg/apis/networking/validation, Kubernetes 1.33).

use super::field::{Faults, Field};
use super::{meta, names};
use serde_json::Value;

pub(super) fn network_policy(document: &Field<'_>, faults: &mut Faults) {
    let spec = document.child("spec");
    meta::selector(&spec.child("podSelector"), faults);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.child(direction).items() {
            rule.child("ports").items().for_each(|port| self::port(&port, faults));
            rule.child(peers).items().for_each(|peer| self::peer(&peer, faults));
        }
    }
    let types = spec.child("policyTypes");
    if types.len() > 2 {
        faults.push(types.invalid("may not specify more than two policyTypes"));
        return;
    }
    for policy_type in types.items() {
        if !["Ingress", "Egress"].contains(&policy_type.text()) {
            faults.push(policy_type.unsupported(&["Ingress", "Egress"]));
        }
    }
}

fn port(port: &Field<'_>, faults: &mut Faults) {
    let protocol = port.child("protocol");
    if protocol.is_set() && !["TCP", "UDP", "SCTP"].contains(&protocol.text()) {
        faults.push(protocol.unsupported(&["TCP", "UDP", "SCTP"]));
    }
    let (number, end) = (port.child("port"), port.child("endPort"));
    match number.value {
        Value::Null if end.is_set() => faults.push(end.invalid("may not be specified when `port` is not specified")),
        Value::Null => {}
        Value::String(name) => {
            if end.is_set() {
                faults.push(end.invalid("may not be specified when `port` is non-numeric"));
            }
            number.check(names::port_name(name), faults);
        }
        _ => {
            number.check(names::port_number(number.number()), faults);
            if end.is_set() && end.number() < number.number() {
                faults.push(end.invalid("must be greater than or equal to `port`"));
            }
            if end.is_set() {
                end.check(names::port_number(end.number()), faults);
            }
        }
    }
}

fn peer(peer: &Field<'_>, faults: &mut Faults) {
    let selectors = [peer.child("podSelector"), peer.child("namespaceSelector")];
    let block = peer.child("ipBlock");
    selectors.iter().for_each(|selector| meta::selector(selector, faults));
    if block.is_set() {
        ip_block(&block, faults);
    }
    let selects = selectors.iter().any(Field::is_set);
    if !selects && !block.is_set() {
        faults.push(peer.required("must specify a peer"));
    } else if selects && block.is_set() {
        faults.push(peer.forbidden("may not specify both ipBlock and another peer"));
    }
}

fn ip_block(block: &Field<'_>, faults: &mut Faults) {
    let cidr = block.child("cidr");
    if cidr.text().is_empty() {
        faults.push(cidr.required(""));
        return;
    }
    cidr.check(names::cidr_legacy(cidr.text()), faults);
    let Some(network) = names::parse_cidr_sloppy(cidr.text()) else { return };
    for except in block.child("except").items() {
        except.check(names::cidr_legacy(except.text()), faults);
        let Some(inner) = names::parse_cidr_sloppy(except.text()) else { continue };
        if !network.contains(&inner.addr()) || network.prefix_len() >= inner.prefix_len() {
            faults.push(except.invalid("must be a strict subset of `cidr`"));
        }
    }
}
