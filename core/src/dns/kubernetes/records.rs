//! Which Services, endpoints or Pods a name stands for (`Records`, `findServices`, `findPods` of the plugin).

use super::question::{Question, Subject};
use crate::api::{Object, ServicePort, SliceEndpoint, SlicePort};
use crate::dns::corefile::{KubernetesPlugin, PodsMode};
use crate::dns::name::{fqdn, within};
use crate::dns::watch::{Watched, cluster_ips, ready_addresses};
use crate::net::{IpAddr, Protocol};

/// No such name: NXDOMAIN, unless another plugin knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError;

/// Something a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name that an SRV record points to.
    pub owner: String,
    pub host: Host,
    /// Absent when the Service or slice lists no ports.
    pub port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    Address(IpAddr),
    /// Absolute.
    Name(String),
}

pub struct Records<'a> {
    pub config: &'a KubernetesPlugin,
    pub watched: &'a Watched,
    pub zone: &'a str,
}

impl Records<'_> {
    /// Empty when the name exists and stands for nothing: NODATA.
    pub fn find(&self, name: &str) -> Result<Vec<Target>, NameError> {
        let labels = within(name, self.zone).ok_or(NameError)?;
        match Question::parse(labels).ok_or(NameError)? {
            Question::Apex => Ok(Vec::new()),
            Question::Pods(subject) | Question::Services(subject) if !self.exposed(subject.namespace) => Err(NameError),
            Question::Pods(subject) => self.pods(&subject),
            Question::Services(subject) => self.services(&subject),
        }
    }

    /// The namespace exists and the Corefile does not leave it out.
    fn exposed(&self, namespace: &str) -> bool {
        let configured = self.config.namespaces.is_empty() || self.config.namespaces.iter().any(|name| name == namespace);
        configured && self.watched.has_namespace(namespace)
    }

    fn pods(&self, subject: &Subject) -> Result<Vec<Target>, NameError> {
        if self.config.pods == PodsMode::Disabled {
            return Err(NameError);
        }
        if subject.name.is_empty() {
            return Ok(Vec::new());
        }
        let ip = ip_of_dashed(subject.name).ok_or(NameError)?;
        if self.config.pods == PodsMode::Verified && !self.watched.has_pod(subject.namespace, ip) {
            return Err(NameError);
        }
        let owner = format!("{}.{}.pod.{}", subject.name, subject.namespace, self.zone);
        Ok(vec![Target { owner, host: Host::Address(ip), port: Some(0) }])
    }

    fn services(&self, subject: &Subject) -> Result<Vec<Target>, NameError> {
        if subject.name.is_empty() {
            return Ok(Vec::new());
        }
        let object = self.watched.service(subject.namespace, subject.name).ok_or(NameError)?;
        let service = object.as_service().ok_or(NameError)?;
        let targets = if service.spec.kind.as_deref() == Some("ExternalName") {
            self.external_name(subject, service.spec.external_name.as_deref())
        } else if service.is_headless() || !subject.endpoint.is_empty() {
            self.endpoints(subject)
        } else if self.config.ignore_empty_service && !self.has_endpoints(subject) {
            Vec::new()
        } else {
            self.virtual_ips(subject, object, &service.spec.ports)
        };
        if targets.is_empty() { Err(NameError) } else { Ok(targets) }
    }

    fn external_name(&self, subject: &Subject, name: Option<&str>) -> Vec<Target> {
        // An address is no name to point a CNAME at, and there are no endpoints or ports to ask for.
        let whole = subject.endpoint.is_empty() && subject.port.is_empty() && subject.protocol.is_empty();
        let name = name.filter(|name| whole && name.parse::<IpAddr>().is_err());
        name.map(|name| Target { owner: self.owner(subject), host: Host::Name(fqdn(name)), port: Some(0) }).into_iter().collect()
    }

    fn endpoints(&self, subject: &Subject) -> Vec<Target> {
        let mut targets = Vec::new();
        for slice in self.watched.slices(subject.namespace, subject.name) {
            for (endpoint, ip) in ready_addresses(slice) {
                let label = self.endpoint_label(endpoint, ip);
                if !subject.endpoint.is_empty() && !subject.endpoint.eq_ignore_ascii_case(&label) {
                    continue;
                }
                let owner = format!("{label}.{}", self.owner(subject));
                let ports = slice_ports(subject, &slice.ports);
                targets.extend(ports.map(|port| Target { owner: owner.clone(), host: Host::Address(ip), port }));
            }
        }
        targets
    }

    fn virtual_ips(&self, subject: &Subject, service: &Object, ports: &[ServicePort]) -> Vec<Target> {
        let ips = cluster_ips(service);
        let wanted =
            ports.iter().filter(|port| matches(subject, port.name.as_deref(), port.protocol)).map(|port| Some(port.port));
        // A Service without ports still has a name, but nothing that SRV could say.
        let portless = (ports.is_empty() && subject.port.is_empty() && subject.protocol.is_empty()).then_some(None);
        let owner = self.owner(subject);
        let target = |port, ip: &IpAddr| Target { owner: owner.clone(), host: Host::Address(*ip), port };
        wanted.chain(portless).flat_map(|port| ips.iter().map(move |ip| target(port, ip)).collect::<Vec<_>>()).collect()
    }

    fn has_endpoints(&self, subject: &Subject) -> bool {
        self.watched.slices(subject.namespace, subject.name).any(|slice| ready_addresses(slice).next().is_some())
    }

    fn owner(&self, subject: &Subject) -> String {
        format!("{}.{}.svc.{}", subject.name, subject.namespace, self.zone)
    }

    /// The label of an endpoint: its hostname, its Pod's name where the Corefile wants that, else its address with dashes.
    fn endpoint_label(&self, endpoint: &SliceEndpoint, ip: IpAddr) -> String {
        let pod = endpoint.target_ref.as_ref().filter(|_| self.config.endpoint_pod_names).map(|target| target.name.clone());
        let hostname = endpoint.hostname.clone().filter(|name| !name.is_empty());
        hostname.or(pod).unwrap_or_else(|| ip.to_string().replace(['.', ':'], "-"))
    }

    /// The names that an address has, for PTR.
    pub fn owners_of(&self, ip: IpAddr) -> Vec<String> {
        if let Some((namespace, name)) = self.watched.service_with_ip(ip).filter(|(namespace, _)| self.exposed(namespace)) {
            return vec![format!("{name}.{namespace}.svc.{}", self.zone)];
        }
        let mut owners = Vec::new();
        for (namespace, name) in self.watched.services_behind(ip).filter(|(namespace, _)| self.exposed(namespace)) {
            for slice in self.watched.slices(namespace, name) {
                let endpoints = ready_addresses(slice).filter(|(_, address)| *address == ip);
                let labels = endpoints.map(|(endpoint, ip)| self.endpoint_label(endpoint, ip));
                owners.extend(labels.map(|label| format!("{label}.{name}.{namespace}.svc.{}", self.zone)));
            }
        }
        owners.dedup();
        owners
    }

    /// The Services in front of this server's own address, with their addresses.
    pub fn dns_services(&self) -> Vec<(String, IpAddr)> {
        let mut found = Vec::new();
        for (namespace, name) in self.watched.local_ips.iter().flat_map(|ip| self.watched.services_behind(*ip)) {
            let Some(service) = self.watched.service(namespace, name) else { continue };
            let owner = format!("{name}.{namespace}.svc.{}", self.zone);
            if service.as_service().is_some_and(|view| view.is_headless()) {
                let endpoints = self.watched.slices(namespace, name).flat_map(ready_addresses);
                found.extend(endpoints.map(|(endpoint, ip)| (format!("{}.{owner}", self.endpoint_label(endpoint, ip)), ip)));
            } else {
                found.extend(cluster_ips(service).into_iter().map(|ip| (owner.clone(), ip)));
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// The ports of a slice that the question means. A slice without ports stands for one unknown port.
fn slice_ports<'a>(subject: &'a Subject, ports: &'a [SlicePort]) -> impl Iterator<Item = Option<u16>> + 'a {
    let wanted = ports.iter().filter(|port| matches(subject, port.name.as_deref(), port.protocol)).map(|port| port.port);
    let portless = (ports.is_empty() && subject.port.is_empty() && subject.protocol.is_empty()).then_some(None);
    wanted.chain(portless)
}

/// A question that names no port or protocol means them all.
fn matches(subject: &Subject, name: Option<&str>, protocol: Protocol) -> bool {
    (subject.port.is_empty() || subject.port.eq_ignore_ascii_case(name.unwrap_or_default()))
        && (subject.protocol.is_empty() || subject.protocol.eq_ignore_ascii_case(&protocol.to_string()))
}

/// `10-0-0-1` is IPv4, everything else is read as IPv6 with dashes for colons.
fn ip_of_dashed(label: &str) -> Option<IpAddr> {
    let is_v4 = label.matches('-').count() == 3 && !label.contains("--");
    label.replace('-', if is_v4 { "." } else { ":" }).parse().ok()
}
