//! Network plugins: which devices, addresses and routes a node gets, and where policy is enforced. One file per plugin.

mod bridge;
mod calico;
mod flannel;
mod kube_router;

use super::node::Site;
use crate::api::Cni;

/// How a plugin enforces NetworkPolicy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// Policy objects are accepted by the API and ignored.
    None,
    /// What policy does not admit disappears: the sender times out.
    Drop,
    /// What policy does not admit is refused with ICMP port unreachable.
    Reject,
}

pub fn enforcement(cni: Cni) -> Enforcement {
    match cni {
        Cni::Flannel => Enforcement::None,
        Cni::Calico => Enforcement::Drop,
        Cni::KubeRouter => Enforcement::Reject,
    }
}

/// Adds the plugin's part to a node that has its card and kube-proxy's rules.
pub fn lay_out(site: &mut Site<'_>) {
    match site.cluster.cni {
        Cni::Flannel => flannel::lay_out(site),
        Cni::Calico => calico::lay_out(site),
        Cni::KubeRouter => kube_router::lay_out(site),
    }
}
