//! One ingress or egress rule: does it admit this connection, and if not, which part of it says no?

use super::Connection;
use super::compiled::Endpoint;
use crate::api::{IpBlock, LabelSelector, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule, PortRef};
use crate::net::{IpAddr, IpNet, Protocol};

#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Empty means every peer.
    peers: Vec<Peer>,
    /// Empty means every port.
    ports: Vec<NetworkPolicyPort>,
}

#[derive(Clone, Debug)]
enum Peer {
    Selected { namespaces: Option<LabelSelector>, pods: Option<LabelSelector> },
    Block { cidr: Option<IpNet>, except: Vec<IpNet> },
}

/// What a rule is asked about.
pub(super) struct RuleContext<'a> {
    pub(super) connection: &'a Connection,
    /// The other end, seen from the judged Pod.
    pub(super) peer_address: IpAddr,
    pub(super) peer: Option<&'a Endpoint>,
    /// Whose ports a named port means.
    pub(super) destination: Option<&'a Endpoint>,
}

/// Why a rule or a part of it did not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// The peer is in another namespace, and the peer entry has no namespaceSelector.
    OtherNamespace,
    NamespaceLabels,
    PodLabels,
    NotAPod,
    OutsideCidr,
    ExceptCidr,
    Protocol,
    Port,
    /// No container of the destination names a port so.
    NoSuchPortName,
}

/// The outcome of one rule: the parts tried, in order.
pub(super) struct RuleTest {
    pub(super) admits: bool,
    /// Per peer entry; empty when the rule takes every peer.
    pub(super) peers: Vec<Result<(), Mismatch>>,
    /// Per port entry; empty when the rule takes every port.
    pub(super) ports: Vec<Result<(), Mismatch>>,
}

impl Rule {
    pub(super) fn new(rule: &NetworkPolicyRule) -> Self {
        Self { peers: rule.peers.iter().map(Peer::new).collect(), ports: rule.ports.clone() }
    }

    /// `namespace` is the policy's own.
    pub(super) fn test(&self, namespace: &str, context: &RuleContext) -> RuleTest {
        let peers: Vec<_> = self.peers.iter().map(|peer| peer.test(namespace, context)).collect();
        let ports: Vec<_> = self.ports.iter().map(|port| test_port(port, context)).collect();
        let any = |tests: &[Result<(), Mismatch>]| tests.is_empty() || tests.iter().any(Result::is_ok);
        RuleTest { admits: any(&peers) && any(&ports), peers, ports }
    }
}

impl Peer {
    fn new(peer: &NetworkPolicyPeer) -> Self {
        match &peer.ip_block {
            Some(IpBlock { cidr, except }) => {
                Self::Block { cidr: cidr.parse().ok(), except: except.iter().filter_map(|cidr| cidr.parse().ok()).collect() }
            }
            None => Self::Selected { namespaces: peer.namespace_selector.clone(), pods: peer.pod_selector.clone() },
        }
    }

    fn test(&self, namespace: &str, context: &RuleContext) -> Result<(), Mismatch> {
        match self {
            Peer::Block { cidr, except } => {
                if !cidr.is_some_and(|cidr| cidr.contains(&context.peer_address)) {
                    return Err(Mismatch::OutsideCidr);
                }
                let excepted = except.iter().any(|cidr| cidr.contains(&context.peer_address));
                if excepted { Err(Mismatch::ExceptCidr) } else { Ok(()) }
            }
            Peer::Selected { namespaces, pods } => {
                let peer = context.peer.ok_or(Mismatch::NotAPod)?;
                match namespaces {
                    None if peer.pod.namespace() != namespace => return Err(Mismatch::OtherNamespace),
                    Some(selector) if !selector.matches(&peer.namespace_labels) => return Err(Mismatch::NamespaceLabels),
                    None | Some(_) => {}
                }
                match pods {
                    Some(selector) if !selector.matches(&peer.pod.meta().labels) => Err(Mismatch::PodLabels),
                    None | Some(_) => Ok(()),
                }
            }
        }
    }
}

fn test_port(entry: &NetworkPolicyPort, context: &RuleContext) -> Result<(), Mismatch> {
    let connection = context.connection;
    if entry.protocol != connection.protocol {
        return Err(Mismatch::Protocol);
    }
    let first = match &entry.port {
        None => return Ok(()),
        Some(PortRef::Number(port)) => *port,
        Some(PortRef::Name(name)) => {
            named_port(context.destination, name, connection.protocol).ok_or(Mismatch::NoSuchPortName)?
        }
    };
    let last = entry.end_port.unwrap_or(first);
    if (first..=last).contains(&connection.port) { Ok(()) } else { Err(Mismatch::Port) }
}

/// The number that the destination Pod's containers give a port name.
fn named_port(destination: Option<&Endpoint>, name: &str, protocol: Protocol) -> Option<u16> {
    let containers = destination?.pod.as_pod()?.spec.containers.iter();
    let mut ports = containers.flat_map(|container| &container.ports);
    ports.find(|port| port.protocol == protocol && port.name.as_deref() == Some(name)).map(|port| port.container_port)
}
