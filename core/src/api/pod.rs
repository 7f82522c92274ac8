//! The fields of a Pod that scheduling, the node and the network read.

use crate::net::{IpAddr, Protocol};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// In YAML `key:` with nothing after it is null, and the API treats that as the absent key.
pub(super) fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Pod {
    pub spec: PodSpec,
    pub status: PodStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    pub containers: Vec<Container>,
    #[serde(deserialize_with = "null_is_default")]
    pub init_containers: Vec<Container>,
    pub node_name: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub node_selector: BTreeMap<String, String>,
    pub host_network: bool,
    pub hostname: Option<String>,
    pub subdomain: Option<String>,
    pub restart_policy: Option<String>,
    pub dns_policy: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub tolerations: Vec<Toleration>,
    pub termination_grace_period_seconds: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    pub name: String,
    pub image: String,
    pub image_pull_policy: Option<String>,
    /// `Always` makes an init container a sidecar.
    pub restart_policy: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub command: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub args: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<ContainerPort>,
    #[serde(deserialize_with = "null_is_default")]
    pub env: Vec<EnvVar>,
    /// Kept as written; the kubelet reads the probe kinds it models.
    pub readiness_probe: Option<serde_json::Value>,
    pub liveness_probe: Option<serde_json::Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    pub name: Option<String>,
    pub container_port: u16,
    pub host_port: Option<u16>,
    pub protocol: Protocol,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EnvVar {
    pub name: String,
    pub value: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Toleration {
    pub key: Option<String>,
    pub operator: Option<String>,
    pub value: Option<String>,
    pub effect: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    pub phase: Option<String>,
    #[serde(rename = "podIP")]
    pub pod_ip: Option<IpAddr>,
    #[serde(rename = "podIPs")]
    pub pod_ips: Vec<PodIp>,
    #[serde(rename = "hostIP")]
    pub host_ip: Option<IpAddr>,
    pub conditions: Vec<PodCondition>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PodIp {
    pub ip: IpAddr,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodCondition {
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
}

impl Container {
    /// Names and literal values; variables taken from other objects have none here.
    pub fn env_pairs(&self) -> Vec<(&str, &str)> {
        self.env.iter().filter_map(|variable| Some((variable.name.as_str(), variable.value.as_deref()?))).collect()
    }
}

impl Pod {
    /// The Pod's IP of the first family, once it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.status.pod_ip.or_else(|| self.status.pod_ips.first().map(|pod_ip| pod_ip.ip))
    }

    pub fn is_ready(&self) -> bool {
        self.condition("Ready")
    }

    pub fn condition(&self, kind: &str) -> bool {
        self.status.conditions.iter().any(|condition| condition.kind == kind && condition.status == "True")
    }
}
