//! The Pod's spec, alone or in a template (pkg/apis/core/validation, Kubernetes 1.33). Expects a defaulted document. The rules
//! for volumes' sources, resources and security contexts are left out: nothing here acts on them.

use super::field::{Faults, Field};
use super::{meta, names};
use serde_json::Value;
use std::collections::BTreeSet;

/// More containers than this are refused: Kubernetes has no such rule, but each of them is one more to simulate.
const MAX_CONTAINERS: usize = 100;

pub(super) fn pod_spec(spec: &Field<'_>, faults: &mut Faults) {
    let volumes = volumes(&spec.child("volumes"), faults);
    let containers = spec.child("containers");
    if containers.len() == 0 {
        faults.push(containers.required(""));
    }
    let mut names_seen = BTreeSet::new();
    let host_network = spec.child("hostNetwork").is_true();
    for list in [&containers, &spec.child("initContainers")] {
        if list.len() > MAX_CONTAINERS {
            faults.push(list.forbidden(format!("hoplab simulates at most {MAX_CONTAINERS} containers of a Pod")));
            continue;
        }
        let mut host_ports = BTreeSet::new();
        for container in list.items() {
            self::container(&container, &volumes, faults);
            let name = container.child("name");
            if !name.text().is_empty() && !names_seen.insert(name.text()) {
                faults.push(name.duplicate());
            }
            container.child("ports").items().for_each(|port| host_port(&port, host_network, &mut host_ports, faults));
        }
    }
    spec.child("restartPolicy").one_of(&["Always", "OnFailure", "Never"], faults);
    let dns_policy = spec.child("dnsPolicy");
    dns_policy.one_of(&["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], faults);
    dns_config(spec, dns_policy.text(), faults);
    meta::labels(&spec.child("nodeSelector"), faults);
    for (field, rule) in [
        ("serviceAccountName", names::dns_subdomain as fn(&str) -> Vec<String>),
        ("nodeName", names::dns_subdomain),
        ("hostname", names::dns_label),
        ("subdomain", names::dns_label),
    ] {
        let field = spec.child(field);
        if !field.text().is_empty() {
            field.check(rule(field.text()), faults);
        }
    }
    spec.child("tolerations").items().for_each(|toleration| self::toleration(&toleration, faults));
    for alias in spec.child("hostAliases").items() {
        alias.child("ip").check(names::ip(alias.child("ip").text()), faults);
        alias.child("hostnames").items().for_each(|name| name.check(names::dns_subdomain(name.text()), faults));
    }
    let (grace, deadline) = (spec.child("terminationGracePeriodSeconds"), spec.child("activeDeadlineSeconds"));
    grace.non_negative(faults);
    if deadline.is_set() {
        deadline.check(names::in_range(deadline.number(), 1, i64::from(i32::MAX)), faults);
    }
}

/// The names of the volumes.
fn volumes<'a>(volumes: &Field<'a>, faults: &mut Faults) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for volume in volumes.items() {
        let name = volume.child("name");
        if volume.len() < 2 {
            faults.push(volume.required("must specify a volume type"));
        } else if volume.len() > 2 {
            faults.push(volume.forbidden("may not specify more than 1 volume type"));
        }
        if name.text().is_empty() {
            faults.push(name.required(""));
        } else {
            name.check(names::dns_label(name.text()), faults);
            if !seen.insert(name.text()) {
                faults.push(name.duplicate());
            }
        }
    }
    seen
}

fn container(container: &Field<'_>, volumes: &BTreeSet<&str>, faults: &mut Faults) {
    let (name, image) = (container.child("name"), container.child("image"));
    if name.text().is_empty() {
        faults.push(name.required(""));
    } else {
        name.check(names::dns_label(name.text()), faults);
    }
    if image.text().is_empty() {
        faults.push(image.required(""));
    } else if image.text().trim() != image.text() {
        faults.push(image.invalid("must not have leading or trailing whitespace"));
    }
    for (probe, must_succeed_once) in [("livenessProbe", true), ("readinessProbe", false), ("startupProbe", true)] {
        self::probe(&container.child(probe), must_succeed_once, faults);
    }
    let policy = container.child("imagePullPolicy");
    policy.one_of(&["Always", "IfNotPresent", "Never"], faults);
    ports(&container.child("ports"), faults);
    environment(&container.child("env"), faults);
    let mut mounted = BTreeSet::new();
    for mount in container.child("volumeMounts").items() {
        let (name, path) = (mount.child("name"), mount.child("mountPath"));
        if name.text().is_empty() {
            faults.push(name.required(""));
        } else if !volumes.contains(name.text()) {
            faults.push(name.not_found());
        }
        if path.text().is_empty() {
            faults.push(path.required(""));
        } else if !mounted.insert(path.text()) {
            faults.push(path.invalid("must be unique"));
        }
    }
}

fn ports(ports: &Field<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let (name, number, host) = (port.child("name"), port.child("containerPort"), port.child("hostPort"));
        if !name.text().is_empty() {
            let complaints = names::port_name(name.text());
            if complaints.is_empty() && !seen.insert(name.text()) {
                faults.push(name.duplicate());
            }
            name.check(complaints, faults);
        }
        if number.number() == 0 {
            faults.push(number.required(""));
        } else {
            number.check(names::port_number(number.number()), faults);
        }
        if host.number() != 0 {
            host.check(names::port_number(host.number()), faults);
        }
        port.child("protocol").one_of(&["SCTP", "TCP", "UDP"], faults);
    }
}

fn host_port<'a>(port: &Field<'a>, host_network: bool, taken: &mut BTreeSet<(&'a str, &'a str, i64)>, faults: &mut Faults) {
    let (number, host) = (port.child("containerPort"), port.child("hostPort"));
    if host_network && host.number() != number.number() {
        faults.push(number.invalid("must match `hostPort` when `hostNetwork` is true"));
    }
    if host.number() != 0 && !taken.insert((port.child("protocol").text(), port.child("hostIP").text(), host.number())) {
        let shown = format!("{:?}", format!("{}/{}", port.child("protocol").text(), host.number()));
        faults.push(super::FieldError::new(&host.path, "Duplicate value", shown));
    }
}

fn environment(environment: &Field<'_>, faults: &mut Faults) {
    for variable in environment.items() {
        let (name, source) = (variable.child("name"), variable.child("valueFrom"));
        if name.text().is_empty() {
            faults.push(name.required(""));
        } else {
            name.check(names::env_name(name.text()), faults);
        }
        if source.is_set() && !variable.child("value").text().is_empty() {
            faults.push(source.invalid_value("\"\"", "may not be specified when `value` is not empty"));
        } else if source.is_set() && source.len() == 0 {
            faults.push(source.invalid_value(
                "\"\"",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
            ));
        } else if source.len() > 1 {
            faults.push(source.invalid_value("\"\"", "may not have more than one field specified at a time"));
        }
    }
}

fn probe(probe: &Field<'_>, must_succeed_once: bool, faults: &mut Faults) {
    if !probe.is_set() {
        return;
    }
    let handlers = ["exec", "httpGet", "tcpSocket", "grpc"].map(|handler| probe.child(handler));
    let mut given = handlers.iter().filter(|handler| handler.is_set());
    if given.next().is_none() {
        faults.push(probe.required("must specify a handler type"));
    }
    faults.extend(given.map(|handler| handler.forbidden("may not specify more than 1 handler type")));
    for handler in handlers.iter().filter(|handler| handler.child("port").is_set()) {
        let port = handler.child("port");
        match port.value {
            Value::String(name) => port.check(names::port_name(name), faults),
            _ => port.check(names::port_number(port.number()), faults),
        }
    }
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        probe.child(field).non_negative(faults);
    }
    let threshold = probe.child("successThreshold");
    if must_succeed_once && threshold.is_set() && threshold.number() != 1 {
        faults.push(threshold.invalid("must be 1"));
    }
}

fn dns_config(spec: &Field<'_>, policy: &str, faults: &mut Faults) {
    let config = spec.child("dnsConfig");
    let servers = config.child("nameservers");
    if policy == "None" && !config.is_set() {
        faults.push(config.required("must provide `dnsConfig` when `dnsPolicy` is None"));
    } else if policy == "None" && servers.len() == 0 {
        faults.push(servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None"));
    }
    if servers.len() > 3 {
        faults.push(servers.invalid("must not have more than 3 nameservers"));
    }
    servers.items().for_each(|server| server.check(names::ip(server.text()), faults));
    let searches = config.child("searches");
    if searches.len() > 32 {
        faults.push(searches.invalid("must not have more than 32 search paths"));
    }
    for option in config.child("options").items().filter(|option| option.child("name").text().is_empty()) {
        faults.push(option.required("must not be empty"));
    }
}

fn toleration(toleration: &Field<'_>, faults: &mut Faults) {
    let (key, operator, value, effect) =
        (toleration.child("key"), toleration.child("operator"), toleration.child("value"), toleration.child("effect"));
    if !key.text().is_empty() {
        key.check(names::qualified_name(key.text()), faults);
    } else if operator.text() != "Exists" {
        faults
            .push(operator.invalid("operator must be Exists when `key` is empty, which means \"match all values and all keys\""));
    }
    if toleration.child("tolerationSeconds").is_set() && effect.text() != "NoExecute" {
        faults.push(effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    match operator.text() {
        "Equal" | "" => value.check(names::label_value(value.text()), faults),
        "Exists" if !value.text().is_empty() => {
            faults.push(
                toleration
                    .child("operator")
                    .invalid_value(&format!("{:?}", value.text()), "value must be empty when `operator` is 'Exists'"),
            );
        }
        "Exists" => {}
        _ => faults.push(operator.unsupported(&["Equal", "Exists"])),
    }
    if !effect.text().is_empty() {
        effect.one_of(&["NoSchedule", "PreferNoSchedule", "NoExecute"], faults);
    }
}

/// A Pod's spec is its identity: only images, deadlines and additional tolerations may change.
pub(super) fn pod_update(old: &Field<'_>, new: &Field<'_>, faults: &mut Faults) {
    let spec = new.child("spec");
    let mut munged = spec.value.clone();
    for list in ["containers", "initContainers"] {
        let before = old.at("spec").child(list);
        for (index, before) in before.items().enumerate() {
            if let Some(container) = munged.get_mut(list).and_then(|containers| containers.get_mut(index)) {
                container["image"] = before.child("image").value.clone();
            }
        }
    }
    for field in ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "nodeName"] {
        match (old.at("spec").value.get(field), munged.as_object_mut()) {
            (Some(before), Some(munged)) => munged.insert(field.to_owned(), before.clone()),
            (None, Some(munged)) => munged.remove(field),
            (_, None) => None,
        };
    }
    if munged != *old.child("spec").value {
        faults.push(spec.forbidden("pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"));
    }
}
