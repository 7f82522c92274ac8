//! Service (pkg/apis/core/validation, Kubernetes 1.33). Expects a defaulted document.

use super::field::{Faults, Field};
use super::{meta, names};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn service(document: &Field<'_>, faults: &mut Faults) {
    let spec = document.child("spec");
    let kind = spec.child("type").text();
    let (ports, cluster_ips) = (spec.child("ports"), spec.child("clusterIPs"));
    if ports.len() == 0 && !is_headless(&spec) && kind != "ExternalName" {
        faults.push(ports.required(""));
    }
    match kind {
        "LoadBalancer" | "NodePort" if is_headless(&spec) => {
            let first = Field { path: format!("{}[0]", cluster_ips.path), value: spec.child("clusterIP").value };
            faults.push(first.invalid(format!("may not be set to 'None' for {kind} services")));
        }
        "ExternalName" => external_name(&spec, faults),
        _ => {}
    }
    self::ports(&ports, kind, faults);
    meta::labels(&spec.child("selector"), faults);
    session_affinity(&spec, faults);
    addresses(&spec, faults);
    for address in spec.child("externalIPs").items() {
        let complaints = names::ip(address.text());
        let complaints = if complaints.is_empty() { special_address(address.text()) } else { complaints };
        address.check(complaints, faults);
    }
    spec.child("type").one_of(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], faults);
    duplicate_ports(&ports, kind, faults);
    load_balancer(document, kind, faults);
    traffic_policies(&spec, kind, faults);
}

pub(super) fn is_headless(spec: &Field<'_>) -> bool {
    spec.child("clusterIP").text() == "None" || spec.child("clusterIPs").items().next().is_some_and(|ip| ip.text() == "None")
}

fn external_name(spec: &Field<'_>, faults: &mut Faults) {
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        let field = spec.child(field);
        if field.len() > 0 || !field.text().is_empty() {
            faults.push(field.forbidden("may not be set for ExternalName services"));
        }
    }
    let name = spec.child("externalName");
    match name.text().strip_suffix('.').unwrap_or(name.text()) {
        "" => faults.push(name.required("")),
        text => name.check(names::dns_subdomain(text), faults),
    }
}

fn ports(ports: &Field<'_>, kind: &str, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let name = port.child("name");
        if name.text().is_empty() {
            if ports.len() > 1 {
                faults.push(name.required(""));
            }
        } else {
            name.check(names::dns_label(name.text()), faults);
            if !seen.insert(name.text()) {
                faults.push(name.duplicate());
            }
        }
        let number = port.child("port");
        faults.extend(
            names::port_number(number.number())
                .iter()
                .map(|complaint| number.invalid_value(&number.number().to_string(), complaint)),
        );
        port.child("protocol").one_of(&["SCTP", "TCP", "UDP"], faults);
        let target = port.child("targetPort");
        match target.value {
            Value::String(text) => target.check(names::port_name(text), faults),
            _ => target.check(names::port_number(target.number()), faults),
        }
        let protocol = port.child("appProtocol");
        if protocol.is_set() {
            protocol.check(names::qualified_name(protocol.text()), faults);
        }
    }
    if kind == "ClusterIP" {
        let node_ports = ports.items().map(|port| port.child("nodePort")).filter(|port| port.number() != 0);
        faults.extend(node_ports.map(|port| port.forbidden("may not be used when `type` is 'ClusterIP'")));
    }
}

fn duplicate_ports(ports: &Field<'_>, _kind: &str, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for port in ports.items().filter(|port| port.child("nodePort").number() != 0) {
        let node_port = port.child("nodePort");
        if !seen.insert((port.child("protocol").text(), node_port.number())) {
            faults.push(node_port.duplicate());
        }
    }
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let (protocol, number) = (port.child("protocol").text(), port.child("port").number());
        if !seen.insert((protocol, number)) {
            let shown = format!(
                "core.ServicePort{{Name:\"\", Protocol:{protocol:?}, AppProtocol:(*string)(nil), Port:{number}, TargetPort:intstr.IntOrString{{Type:0, IntVal:0, StrVal:\"\"}}, NodePort:0}}"
            );
            faults.push(super::FieldError::new(&port.path, "Duplicate value", shown));
        }
    }
}

fn session_affinity(spec: &Field<'_>, faults: &mut Faults) {
    let affinity = spec.child("sessionAffinity");
    affinity.one_of(&["ClientIP", "None"], faults);
    let config = spec.child("sessionAffinityConfig");
    match affinity.text() {
        "ClientIP" => {
            let timeout = config.at("clientIP.timeoutSeconds");
            if !config.is_set() {
                faults.push(config.required("when session affinity type is ClientIP"));
            } else if !config.child("clientIP").is_set() {
                faults.push(config.child("clientIP").required("when session affinity type is ClientIP"));
            } else if !timeout.is_set() {
                faults.push(timeout.required("when session affinity type is ClientIP"));
            } else if !(1..=86_400).contains(&timeout.number()) {
                faults.push(timeout.invalid("must be greater than 0 and less than 86400"));
            }
        }
        "None" if config.is_set() => faults.push(config.forbidden("must not be set when session affinity is None")),
        _ => {}
    }
}

/// `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` have to agree (ValidateServiceClusterIPsRelatedFields).
fn addresses(spec: &Field<'_>, faults: &mut Faults) {
    if spec.child("type").text() == "ExternalName" {
        return;
    }
    let (cluster_ips, families) = (spec.child("clusterIPs"), spec.child("ipFamilies"));
    let cluster_ip = spec.child("clusterIP").text();
    let addresses: Vec<Field<'_>> = cluster_ips.items().collect();
    match addresses.first() {
        None if !cluster_ip.is_empty() => faults.push(cluster_ips.required("")),
        Some(_) if cluster_ip.is_empty() => faults.push(cluster_ips.invalid("must be empty when `clusterIP` is not specified")),
        Some(first) if first.text() != cluster_ip => faults.push(cluster_ips.invalid("first value must match `clusterIP`")),
        Some(_) | None => {}
    }
    let mut seen = BTreeSet::new();
    for family in families.items() {
        if !["IPv4", "IPv6"].contains(&family.text()) {
            faults.push(family.unsupported(&["IPv4", "IPv6"]));
        }
        if !seen.insert(family.text()) {
            faults.push(family.duplicate());
        }
    }
    let policy = spec.child("ipFamilyPolicy");
    if policy.is_set() {
        policy.one_of(&["PreferDualStack", "RequireDualStack", "SingleStack"], faults);
    }
    if cluster_addresses(&cluster_ips, &addresses, faults) && !is_headless(spec) {
        match_families(&addresses, &families, faults);
    }
}

/// Whether every address is one, so that families can be compared.
fn cluster_addresses(cluster_ips: &Field<'_>, addresses: &[Field<'_>], faults: &mut Faults) -> bool {
    let mut all_valid = true;
    for (index, address) in addresses.iter().enumerate() {
        if index == 0 && address.text() == "None" {
            if addresses.len() > 1 {
                all_valid = false;
                faults.push(cluster_ips.invalid("'None' must be the first and only value"));
            }
            continue;
        }
        let complaints = names::ip(address.text());
        all_valid &= complaints.is_empty();
        address.check(complaints, faults);
    }
    if addresses.len() > 2 {
        faults.push(cluster_ips.invalid("may only hold up to 2 values"));
    }
    if !all_valid {
        return false;
    }
    let is_v6 = |address: &Field<'_>| address.text().contains(':');
    let families: BTreeSet<_> = addresses.iter().map(is_v6).collect();
    if addresses.len() > 1 && families.len() < 2 {
        faults.push(cluster_ips.invalid("may specify no more than one IP for each IP family"));
    }
    true
}

fn match_families(addresses: &[Field<'_>], families: &Field<'_>, faults: &mut Faults) {
    for (index, (address, family)) in addresses.iter().zip(families.items()).enumerate() {
        let is_v6 = address.text().contains(':');
        let other = match family.text() {
            "IPv4" if is_v6 => "IPv4",
            "IPv6" if !is_v6 => "IPv6",
            _ => continue,
        };
        faults.push(address.invalid(format!("expected an {other} value as indicated by `ipFamilies[{index}]`")));
    }
}

/// Addresses to which the nodes of a cluster must never send a Service's traffic (ValidateNonSpecialIP).
fn special_address(text: &str) -> Vec<String> {
    let Some(address) = names::parse_ip_sloppy(text) else { return Vec::new() };
    let link_local = |multicast: bool| match address {
        std::net::IpAddr::V4(v4) if multicast => v4.octets()[..3] == [224, 0, 0],
        std::net::IpAddr::V4(v4) => v4.is_link_local(),
        std::net::IpAddr::V6(v6) if multicast => v6.segments()[0] & 0xff0f == 0xff02,
        std::net::IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
    };
    let complaints = [
        (address.is_unspecified(), "may not be unspecified (0.0.0.0 or ::)"),
        (address.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (link_local(false), "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (link_local(true), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
    ];
    complaints.into_iter().filter(|(applies, _)| *applies).map(|(_, complaint)| complaint.to_owned()).collect()
}

fn load_balancer(document: &Field<'_>, kind: &str, faults: &mut Faults) {
    let spec = document.child("spec");
    let only_here = "may only be used when `type` is 'LoadBalancer'";
    let ranges = spec.child("loadBalancerSourceRanges");
    // The server spells this path with a capital.
    let shown = |path: &str| path.replacen("loadBalancer", "LoadBalancer", 1);
    if ranges.len() > 0 && kind != "LoadBalancer" {
        faults.push(Field { path: shown(&ranges.path), value: ranges.value }.forbidden(only_here));
    }
    for range in ranges.items() {
        let range = Field { path: shown(&range.path), value: range.value };
        range.check(names::cidr_legacy(range.text().trim()), faults);
    }
    let key = "service.beta.kubernetes.io/load-balancer-source-ranges";
    let annotation = document.at("metadata.annotations").entries().find(|(name, _)| *name == key).map(|(_, value)| value);
    if let Some(annotation) = annotation.filter(|_| ranges.len() == 0) {
        if kind != "LoadBalancer" {
            faults.push(annotation.forbidden(only_here));
        }
        for range in annotation.text().split(',').map(str::trim).filter(|_| !annotation.text().trim().is_empty()) {
            let complaints = names::cidr_legacy(range);
            faults.extend(complaints.iter().map(|complaint| annotation.invalid_value(&format!("{range:?}"), complaint)));
        }
    }
    let allocate = spec.child("allocateLoadBalancerNodePorts");
    if allocate.is_set() && kind != "LoadBalancer" {
        faults.push(allocate.forbidden(only_here));
    }
    let class = spec.child("loadBalancerClass");
    if class.is_set() {
        if kind != "LoadBalancer" {
            faults.push(class.forbidden(only_here));
        }
        class.check(names::qualified_name(class.text()), faults);
    }
}

fn traffic_policies(spec: &Field<'_>, kind: &str, faults: &mut Faults) {
    let external = spec.child("externalTrafficPolicy");
    if is_externally_accessible(spec) {
        external.one_of(&["Cluster", "Local"], faults);
    } else if !external.text().is_empty() {
        faults.push(external.invalid("may only be set for externally-accessible services"));
    }
    let health = spec.child("healthCheckNodePort");
    let needs_health_check = kind == "LoadBalancer" && external.text() == "Local";
    if needs_health_check && health.number() != 0 {
        health.check(names::port_number(health.number()), faults);
    } else if health.number() != 0 {
        faults.push(health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
    }
    let internal = spec.child("internalTrafficPolicy");
    if internal.is_set() || kind != "ExternalName" {
        internal.one_of(&["Cluster", "Local"], faults);
    }
    let distribution = spec.child("trafficDistribution");
    if distribution.is_set() && distribution.text() != "PreferClose" {
        faults.push(distribution.unsupported(&["PreferClose"]));
    }
}

fn is_externally_accessible(spec: &Field<'_>) -> bool {
    match spec.child("type").text() {
        "LoadBalancer" | "NodePort" => true,
        "ClusterIP" => spec.child("externalIPs").len() > 0,
        _ => false,
    }
}

/// What may not change once a Service has it.
pub(super) fn service_update(old: &Field<'_>, new: &Field<'_>, faults: &mut Faults) {
    let (old, new) = (old.child("spec"), new.child("spec"));
    let is_external = |spec: &Field<'_>| spec.child("type").text() == "ExternalName";
    if is_external(&old) || is_external(&new) || (is_headless(&old) && is_headless(&new)) {
        return;
    }
    let (before, after) = (old.child("clusterIPs"), new.child("clusterIPs"));
    if before.len() > 0 && after.len() == 0 {
        let first = Field { path: format!("{}[0]", after.path), value: after.value };
        faults.push(first.invalid_value("[]string(nil)", "primary clusterIP can not be unset"));
    }
    for (before, address) in before.items().zip(after.items()) {
        if before.text() != address.text() {
            faults.push(Field { path: address.path, value: after.value }.invalid("may not change once set"));
        }
    }
}
