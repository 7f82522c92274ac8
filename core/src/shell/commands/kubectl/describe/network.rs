//! Services and NetworkPolicies.

use super::super::client::Kubectl;
use super::sheet::Sheet;
use super::{heading, labels_and_annotations, list, or_none, text};
use crate::api::{Kind, Object};
use crate::jsonpath::go_value;
use crate::printer;
use serde_json::Value;

pub(super) fn service(kubectl: &Kubectl, object: &Object, sheet: &mut Sheet) {
    let document = object.document();
    heading(object, sheet);
    labels_and_annotations(object, sheet);
    sheet.line(0, format!("Selector:\t{}", printer::labels(document.pointer("/spec/selector"))));
    sheet.line(0, format!("Type:\t{}", text(document, "/spec/type")));
    let policy = text(document, "/spec/ipFamilyPolicy");
    if !policy.is_empty() {
        sheet.line(0, format!("IP Family Policy:\t{policy}"));
    }
    let joined = |path: &str| list(document, path).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",");
    sheet.line(0, format!("IP Families:\t{}", or_none(&joined("/spec/ipFamilies"))));
    sheet.line(0, format!("IP:\t{}", text(document, "/spec/clusterIP")));
    sheet.line(0, format!("IPs:\t{}", or_none(&joined("/spec/clusterIPs"))));
    for (title, value) in
        [("External IPs", joined("/spec/externalIPs")), ("External Name", text(document, "/spec/externalName").to_owned())]
    {
        if !value.is_empty() {
            sheet.line(0, format!("{title}:\t{value}"));
        }
    }
    let slices = slices_of(kubectl, object);
    for port in list(document, "/spec/ports") {
        service_port(port, &slices, sheet);
    }
    sheet.line(0, format!("Session Affinity:\t{}", text(document, "/spec/sessionAffinity")));
    let policies =
        [("External Traffic Policy", "/spec/externalTrafficPolicy"), ("Internal Traffic Policy", "/spec/internalTrafficPolicy")];
    for (title, path) in policies.into_iter().filter(|(_, path)| !text(document, path).is_empty()) {
        sheet.line(0, format!("{title}:\t{}", text(document, path)));
    }
}

fn service_port(port: &Value, slices: &[Value], sheet: &mut Sheet) {
    let name = text(port, "/name");
    let shown = if name.is_empty() { "<unset>" } else { name };
    let protocol = text(port, "/protocol");
    sheet.line(0, format!("Port:\t{shown}\t{}/{protocol}", port["port"].as_i64().unwrap_or_default()));
    sheet.line(0, format!("TargetPort:\t{}/{protocol}", go_value(&port["targetPort"])));
    if let Some(node_port @ 1..) = port["nodePort"].as_i64() {
        sheet.line(0, format!("NodePort:\t{shown}\t{node_port}/{protocol}"));
    }
    sheet.line(0, format!("Endpoints:\t{}", endpoints(slices, name)));
}

fn slices_of(kubectl: &Kubectl, service: &Object) -> Vec<Value> {
    let slices = kubectl.peek_list(Kind::EndpointSlice, Some(service.namespace()));
    let belongs =
        |slice: &Object| slice.meta().labels.get("kubernetes.io/service-name").is_some_and(|name| name == service.name());
    slices.into_iter().filter(|slice| belongs(slice)).map(|slice| slice.document().clone()).collect()
}

/// Ready endpoints of a port, three at most.
fn endpoints(slices: &[Value], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for slice in slices {
        let ports = list(slice, "/ports").iter().filter(|port| text(port, "/name") == port_name);
        for port in ports.map(|port| port["port"].as_i64().unwrap_or_default()) {
            let ready = list(slice, "/endpoints").iter().filter(|endpoint| endpoint["conditions"]["ready"] != false);
            all.extend(ready.map(|endpoint| match text(endpoint, "/addresses/0") {
                address if address.contains(':') => format!("[{address}]:{port}"),
                address => format!("{address}:{port}"),
            }));
        }
    }
    match all.get(..3) {
        Some(shown) if all.len() > 3 => format!("{} + {} more...", shown.join(","), all.len() - 3),
        _ => all.join(","),
    }
}

pub(super) fn policy(object: &Object, sheet: &mut Sheet) {
    let document = object.document();
    heading(object, sheet);
    let created = text(document, "/metadata/creationTimestamp").replace('T', " ").replace('Z', " +0000 UTC");
    sheet.line(0, format!("Created on:\t{created}"));
    labels_and_annotations(object, sheet);
    sheet.line(0, "Spec:");
    let selector = printer::label_selector(document.pointer("/spec/podSelector"));
    match selector.as_str() {
        "<none>" => sheet.line(1, "PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)"),
        selector => sheet.line(1, format!("PodSelector:     {selector}")),
    }
    let types: Vec<&str> = list(document, "/spec/policyTypes").iter().filter_map(Value::as_str).collect();
    for (kind, rules) in [("ingress", "/spec/ingress"), ("egress", "/spec/egress")] {
        if types.iter().any(|given| given.eq_ignore_ascii_case(kind)) {
            sheet.line(1, format!("Allowing {kind} traffic:"));
            policy_rules(kind, list(document, rules), sheet);
        } else {
            sheet.line(1, format!("Not affecting {kind} traffic"));
        }
    }
    sheet.line(1, format!("Policy Types: {}", types.join(", ")));
}

fn policy_rules(kind: &str, rules: &[Value], sheet: &mut Sheet) {
    if rules.is_empty() {
        return sheet.line(2, format!("<none> (Selected pods are isolated for {kind} connectivity)"));
    }
    let (end, field, other) = if kind == "ingress" { ("From", "/from", "source") } else { ("To", "/to", "destination") };
    for (index, rule) in rules.iter().enumerate() {
        let ports = list(rule, "/ports");
        if ports.is_empty() {
            sheet.line(2, "To Port: <any> (traffic allowed to all ports)");
        }
        ports.iter().for_each(|port| sheet.line(2, policy_port(port)));
        let peers = list(rule, field);
        if peers.is_empty() {
            sheet.line(2, format!("{end}: <any> (traffic not restricted by {other})"));
        }
        for peer in peers {
            sheet.line(2, format!("{end}:"));
            policy_peer(peer, sheet);
        }
        if index + 1 < rules.len() {
            sheet.line(2, "----------");
        }
    }
}

fn policy_port(port: &Value) -> String {
    let protocol = if text(port, "/protocol").is_empty() { "TCP" } else { text(port, "/protocol") };
    match port["endPort"].as_i64() {
        Some(last) => format!("To Port Range: {}-{last}/{protocol}", go_value(&port["port"])),
        None => format!("To Port: {}/{protocol}", go_value(&port["port"])),
    }
}

fn policy_peer(peer: &Value, sheet: &mut Sheet) {
    for (title, field) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")] {
        if let Some(selector) = peer.get(field).filter(|selector| !selector.is_null()) {
            sheet.line(3, format!("{title}: {}", printer::label_selector(Some(selector))));
        }
    }
    if let Some(block) = peer.get("ipBlock").filter(|block| !block.is_null()) {
        sheet.line(3, "IPBlock:");
        sheet.line(4, format!("CIDR: {}", text(block, "/cidr")));
        let except: Vec<&str> = list(block, "/except").iter().filter_map(Value::as_str).collect();
        sheet.line(4, format!("Except: {}", except.join(", ")));
    }
}
