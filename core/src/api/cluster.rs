//! `kind: Cluster` (hoplab.dev/v1): what a scene file says of the machines and the network under the objects. Not a Kubernetes
//! kind; it is never stored or printed by kubectl.

use crate::net::{IpAddr, IpNet};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Cluster {
    pub name: String,
    /// `v1.33.4`
    pub kubernetes_version: String,
    pub cni: Cni,
    pub kube_proxy_mode: ProxyMode,
    #[serde(rename = "podCIDR")]
    pub pod_cidr: IpNet,
    #[serde(rename = "serviceCIDR")]
    pub service_cidr: IpNet,
    pub cluster_domain: String,
    #[serde(rename = "dnsServiceIP")]
    pub dns_service_ip: IpAddr,
    /// `containerd://1.7.27`
    pub container_runtime: String,
    /// Virtual time at which the scene begins, RFC 3339.
    pub start_time: String,
    pub seed: u64,
    /// Names for `gcloud`; absent on clusters outside Google's cloud.
    pub cloud: Option<Cloud>,
    pub nodes: Vec<ClusterNode>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cloud {
    pub project: String,
    pub zone: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterNode {
    pub name: String,
    #[serde(rename = "internalIP")]
    pub internal_ip: IpAddr,
    #[serde(rename = "podCIDR")]
    pub pod_cidr: IpNet,
    /// The address that IPAM hands out next: a cluster with a past has used the ones before.
    #[serde(rename = "nextPodIP", default)]
    pub next_pod_ip: Option<IpAddr>,
    #[serde(default)]
    pub control_plane: bool,
}

/// The network plugin, which also decides whether and how NetworkPolicy is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cni {
    /// VXLAN overlay; enforces no policy.
    Flannel,
    /// Routed veth pairs, IPIP between nodes; drops what policy does not admit.
    Calico,
    /// Bridge and routes; rejects what policy does not admit.
    KubeRouter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyMode {
    Iptables,
}

/// A small kubeadm-like cluster, for scenes and files that do not say.
impl Default for Cluster {
    fn default() -> Self {
        let node = |number: u8, control_plane: bool| ClusterNode {
            name: if control_plane { "control-plane".to_owned() } else { format!("node-{number}") },
            internal_ip: IpAddr::from([192, 168, 1, 10 + number]),
            pod_cidr: IpNet::new_assert(IpAddr::from([10, 244, number, 0]), 24),
            next_pod_ip: None,
            control_plane,
        };
        Self {
            name: "hoplab".to_owned(),
            kubernetes_version: "v1.33.4".to_owned(),
            cni: Cni::Calico,
            kube_proxy_mode: ProxyMode::Iptables,
            pod_cidr: IpNet::new_assert(IpAddr::from([10, 244, 0, 0]), 16),
            service_cidr: IpNet::new_assert(IpAddr::from([10, 96, 0, 0]), 12),
            cluster_domain: "cluster.local".to_owned(),
            dns_service_ip: IpAddr::from([10, 96, 0, 10]),
            container_runtime: "containerd://1.7.27".to_owned(),
            start_time: "2026-05-14T10:00:00Z".to_owned(),
            seed: 1,
            cloud: None,
            nodes: vec![node(0, true), node(1, false), node(2, false)],
        }
    }
}
