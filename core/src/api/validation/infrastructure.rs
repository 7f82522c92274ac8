//! Node, Endpoints, EndpointSlice (pkg/apis/core and discovery validation, Kubernetes 1.33).

use super::field::{Faults, Field};
use super::names;
use std::collections::BTreeSet;

pub(super) fn node(document: &Field<'_>, faults: &mut Faults) {
    let spec = document.child("spec");
    let mut seen = BTreeSet::new();
    for taint in spec.child("taints").items() {
        // The server's path leaves out that taints stand in the spec.
        let taint = Field { path: taint.path.replacen("spec.", "metadata.", 1), value: taint.value };
        let (key, value, effect) = (taint.child("key"), taint.child("value"), taint.child("effect"));
        key.check(names::qualified_name(key.text()), faults);
        value.check(names::label_value(value.text()), faults);
        effect.one_of(&["NoSchedule", "PreferNoSchedule", "NoExecute"], faults);
        if !seen.insert((key.text(), effect.text())) {
            faults.push(taint.duplicate());
        }
    }
    spec.child("podCIDRs").items().for_each(|cidr| cidr.check(names::cidr_legacy(cidr.text()), faults));
}

pub(super) fn endpoint_slice(document: &Field<'_>, faults: &mut Faults) {
    let address_type = document.child("addressType");
    address_type.one_of(&["FQDN", "IPv4", "IPv6"], faults);
    let endpoints = document.child("endpoints");
    if endpoints.len() > 1_000 {
        faults.push(super::FieldError::new(
            &endpoints.path,
            "Too many",
            format!("{}: must have at most 1000 items", endpoints.len()),
        ));
    }
    for endpoint in endpoints.items() {
        let addresses = endpoint.child("addresses");
        if addresses.len() == 0 {
            faults.push(addresses.required("must contain at least 1 address"));
        }
        for address in addresses.items() {
            address.check(endpoint_address(address.text(), address_type.text()), faults);
        }
        let hostname = endpoint.child("hostname");
        if hostname.is_set() {
            hostname.check(names::dns_label(hostname.text()), faults);
        }
    }
    slice_ports(&document.child("ports"), faults);
}

fn endpoint_address(address: &str, address_type: &str) -> Vec<String> {
    match address_type {
        "FQDN" => names::dns_subdomain(address),
        "IPv4" if address.contains(':') => vec!["must be an IPv4 address".to_owned()],
        "IPv6" if !address.contains(':') => vec!["must be an IPv6 address".to_owned()],
        _ => names::ip(address),
    }
}

fn slice_ports(ports: &Field<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let (name, protocol, number) = (port.child("name"), port.child("protocol"), port.child("port"));
        if !name.text().is_empty() {
            name.check(names::dns_label(name.text()), faults);
        }
        if !seen.insert(name.text()) {
            faults.push(name.duplicate());
        }
        protocol.one_of(&["SCTP", "TCP", "UDP"], faults);
        if number.is_set() {
            number.check(names::port_number(number.number()), faults);
        }
    }
}

pub(super) fn endpoints(document: &Field<'_>, faults: &mut Faults) {
    for subset in document.child("subsets").items() {
        let lists = [subset.child("addresses"), subset.child("notReadyAddresses")];
        if lists.iter().all(|list| list.len() == 0) {
            faults.push(subset.required("must specify `addresses` or `notReadyAddresses`"));
        }
        for address in lists.iter().flat_map(Field::items) {
            address.child("ip").check(names::ip(address.child("ip").text()), faults);
        }
        for port in subset.child("ports").items() {
            port.child("port").check(names::port_number(port.child("port").number()), faults);
            port.child("protocol").one_of(&["SCTP", "TCP", "UDP"], faults);
        }
    }
}
