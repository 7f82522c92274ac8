//! Ingress and IngressClass networking.k8s.io/v1 (pkg/apis/networking/validation, Kubernetes 1.33).

use super::field::{Faults, Field};
use super::{FieldError, names};
use serde_json::Value;

pub(super) fn ingress(document: &Field<'_>, faults: &mut Faults) {
    let spec = document.child("spec");
    let (rules, default, class) = (spec.child("rules"), spec.child("defaultBackend"), spec.child("ingressClassName"));
    if rules.len() == 0 && !default.is_set() {
        faults.push(spec.invalid_value("[]networking.IngressRule(nil)", "either `defaultBackend` or `rules` must be specified"));
    }
    if default.is_set() {
        backend(&default, faults);
    }
    rules.items().for_each(|rule| self::rule(&rule, faults));
    spec.child("tls").items().for_each(|tls| self::tls(&tls, faults));
    if class.is_set() {
        class.check(names::dns_subdomain(class.text()), faults);
    }
    let key = "kubernetes.io/ingress.class";
    let annotation = document.at("metadata.annotations").value.get(key).and_then(Value::as_str);
    if let Some(annotation) = annotation.filter(|annotation| class.is_set() && *annotation != class.text()) {
        let message = format!("{annotation:?}: must match `ingressClassName` when both are specified");
        faults.push(FieldError::new(&format!("annotations.{key}"), "Invalid value", message));
    }
}

fn rule(rule: &Field<'_>, faults: &mut Faults) {
    let host = rule.child("host");
    if !host.text().is_empty() {
        if names::parse_ip_sloppy(host.text()).is_some() {
            faults.push(host.invalid("must be a DNS name, not an IP address"));
        }
        self::host(&host, faults);
    }
    let http = rule.child("http");
    if !http.is_set() {
        return;
    }
    if http.child("paths").len() == 0 {
        faults.push(http.child("paths").required(""));
    }
    http.child("paths").items().for_each(|path| self::path(&path, faults));
}

fn host(host: &Field<'_>, faults: &mut Faults) {
    let rule = if host.text().contains('*') { names::wildcard_dns_subdomain } else { names::dns_subdomain };
    host.check(rule(host.text()), faults);
}

fn path(rule: &Field<'_>, faults: &mut Faults) {
    let (path, path_type) = (rule.child("path"), rule.child("pathType"));
    if !path_type.is_set() {
        faults.push(path_type.required("pathType must be specified"));
        return;
    }
    let is_absolute = path.text().starts_with('/');
    match path_type.text() {
        "Exact" | "Prefix" => {
            if !is_absolute {
                faults.push(path.invalid("must be an absolute path"));
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"].into_iter().filter(|part| path.text().contains(part)) {
                faults.push(path.invalid(format!("must not contain '{part}'")));
            }
            for end in ["/..", "/."].into_iter().filter(|end| path.text().ends_with(end)) {
                faults.push(path.invalid(format!("cannot end with '{end}'")));
            }
        }
        "ImplementationSpecific" if !is_absolute && !path.text().is_empty() => {
            faults.push(path.invalid("must be an absolute path"));
        }
        "ImplementationSpecific" => {}
        _ => faults.push(path_type.unsupported(&["Exact", "ImplementationSpecific", "Prefix"])),
    }
    backend(&rule.child("backend"), faults);
}

fn backend(backend: &Field<'_>, faults: &mut Faults) {
    let (resource, service) = (backend.child("resource"), backend.child("service"));
    match (resource.is_set(), service.is_set()) {
        (true, true) => faults.push(backend.invalid_value("\"\"", "cannot set both resource and service backends")),
        (true, false) => reference(&resource, faults),
        (false, true) => service_backend(backend, &service, faults),
        (false, false) => faults.push(backend.invalid_value("\"\"", "resource or service backend is required")),
    }
}

fn service_backend(backend: &Field<'_>, service: &Field<'_>, faults: &mut Faults) {
    let (name, port_name, port_number) = (service.child("name"), service.at("port.name"), service.at("port.number"));
    if name.text().is_empty() {
        faults.push(name.required(""));
    } else {
        name.check(names::dns_1035_label(name.text()), faults);
    }
    match (!port_name.text().is_empty(), port_number.number() != 0) {
        (true, true) => faults.push(backend.invalid_value("\"\"", "cannot set both port name & port number")),
        (true, false) => port_name.check(names::port_name(port_name.text()), faults),
        (false, true) => port_number.check(names::port_number(port_number.number()), faults),
        (false, false) => faults.push(backend.required("port name or number is required")),
    }
}

fn tls(tls: &Field<'_>, faults: &mut Faults) {
    tls.child("hosts").items().for_each(|host| self::host(&host, faults));
    let secret = tls.child("secretName");
    if !secret.text().is_empty() {
        secret.check(names::dns_subdomain(secret.text()), faults);
    }
}

/// An object named by group, kind and name.
fn reference(reference: &Field<'_>, faults: &mut Faults) {
    let group = reference.child("apiGroup");
    if group.is_set() {
        group.check(names::dns_subdomain(group.text()), faults);
    }
    for field in [reference.child("kind"), reference.child("name")] {
        if field.text().is_empty() {
            faults.push(field.required(""));
        }
        field.check(path_segment(field.text()), faults);
    }
}

fn path_segment(text: &str) -> Vec<String> {
    match text {
        "." | ".." => vec![format!("may not be '{text}'")],
        _ => ["/", "%"].into_iter().filter(|part| text.contains(part)).map(|part| format!("may not contain '{part}'")).collect(),
    }
}

pub(super) fn ingress_class(document: &Field<'_>, faults: &mut Faults) {
    let controller = document.at("spec.controller");
    match controller.text().split_once('/') {
        None if controller.text().is_empty() => faults.push(controller.required("")),
        Some((host, path)) if !host.is_empty() && !path.is_empty() => {
            faults.extend(
                names::dns_subdomain(host).iter().map(|complaint| controller.invalid_value(&format!("{host:?}"), complaint)),
            );
        }
        Some(_) | None => faults.push(controller.invalid("must be a domain-prefixed path (such as \"acme.io/foo\")")),
    }
    if controller.text().len() > 250 {
        faults.push(FieldError::new(&controller.path, "Too long", "may not be more than 250 bytes".to_owned()));
    }
    let parameters = document.at("spec.parameters");
    if !parameters.is_set() {
        return;
    }
    reference(&parameters, faults);
    let (scope, namespace) = (parameters.child("scope"), parameters.child("namespace"));
    match scope.text() {
        "" if !scope.is_set() => faults.push(scope.required("")),
        "Namespace" if !namespace.is_set() => faults.push(namespace.required("`parameters.scope` is set to 'Namespace'")),
        "Namespace" => namespace.check(names::dns_label(namespace.text()), faults),
        "Cluster" if namespace.is_set() => faults.push(namespace.forbidden("`parameters.scope` is set to 'Cluster'")),
        "Cluster" => {}
        _ => faults.push(scope.unsupported(&["Cluster", "Namespace"])),
    }
}
