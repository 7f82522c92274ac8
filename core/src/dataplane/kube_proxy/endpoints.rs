//! Which endpoints of a Service port serve which traffic on this node.

use super::service_ports::ServicePortView;
use crate::net::SocketAddr;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub address: SocketAddr,
    pub local: bool,
    pub ready: bool,
    pub serving: bool,
    pub terminating: bool,
}

impl Endpoint {
    fn serving_while_terminating(&self) -> bool {
        self.serving && self.terminating
    }
}

/// The answer for one Service port on one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Categories<'a> {
    /// For traffic policy `Cluster`.
    pub cluster: Vec<&'a Endpoint>,
    /// For traffic policy `Local`.
    pub local: Vec<&'a Endpoint>,
    /// Every endpoint that this node may send to.
    pub reachable: Vec<&'a Endpoint>,
    /// There is an endpoint somewhere, though perhaps not one for this node's policy.
    pub any: bool,
}

impl<'a> Categories<'a> {
    /// Ready endpoints; if there are none, those that still serve while they terminate (KEP-1669).
    pub fn of(port: &ServicePortView, endpoints: &'a [Endpoint]) -> Self {
        let mut found = Self::default();
        if port.uses_cluster_endpoints() {
            found.cluster = usable(endpoints.iter());
            found.any = !found.cluster.is_empty();
        }
        if !port.uses_local_endpoints() {
            found.reachable.clone_from(&found.cluster);
            return found;
        }
        found.any |= endpoints.iter().any(|endpoint| endpoint.ready || endpoint.serving_while_terminating());
        found.local = usable(endpoints.iter().filter(|endpoint| endpoint.local));
        let used = |endpoint: &&Endpoint| found.cluster.contains(endpoint) || found.local.contains(endpoint);
        found.reachable = endpoints.iter().filter(used).collect();
        found
    }
}

fn usable<'a>(endpoints: impl Iterator<Item = &'a Endpoint> + Clone) -> Vec<&'a Endpoint> {
    let ready: Vec<_> = endpoints.clone().filter(|endpoint| endpoint.ready).collect();
    if ready.is_empty() { endpoints.filter(|endpoint| endpoint.serving_while_terminating()).collect() } else { ready }
}
