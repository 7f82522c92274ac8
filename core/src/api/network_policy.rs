//! NetworkPolicy networking.k8s.io/v1, as written; the meaning is in `policy`.

use super::pod::null_is_default;
use super::{LabelSelector, PortRef};
use crate::net::Protocol;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    pub spec: NetworkPolicySpec,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicySpec {
    #[serde(deserialize_with = "null_is_default")]
    pub pod_selector: LabelSelector,
    /// The API server fills this in; absent only in documents that never passed it.
    pub policy_types: Option<Vec<PolicyType>>,
    #[serde(deserialize_with = "null_is_default")]
    pub ingress: Vec<NetworkPolicyRule>,
    #[serde(deserialize_with = "null_is_default")]
    pub egress: Vec<NetworkPolicyRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum PolicyType {
    Ingress,
    Egress,
}

/// An ingress or egress rule. No peers means every peer; no ports means every port.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkPolicyRule {
    #[serde(alias = "from", alias = "to", deserialize_with = "null_is_default")]
    pub peers: Vec<NetworkPolicyPeer>,
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<NetworkPolicyPort>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicyPeer {
    pub pod_selector: Option<LabelSelector>,
    pub namespace_selector: Option<LabelSelector>,
    pub ip_block: Option<IpBlock>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IpBlock {
    pub cidr: String,
    #[serde(deserialize_with = "null_is_default")]
    pub except: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicyPort {
    #[serde(deserialize_with = "null_is_default")]
    pub protocol: Protocol,
    pub port: Option<PortRef>,
    pub end_port: Option<u16>,
}

impl NetworkPolicySpec {
    /// Ingress always, egress only when there are egress rules, unless the policy says otherwise (API reference, policyTypes).
    pub fn effective_types(&self) -> Vec<PolicyType> {
        match &self.policy_types {
            Some(types) if !types.is_empty() => types.clone(),
            _ if self.egress.is_empty() => vec![PolicyType::Ingress],
            _ => vec![PolicyType::Ingress, PolicyType::Egress],
        }
    }
}
