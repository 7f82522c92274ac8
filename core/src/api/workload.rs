//! The fields of workloads and configuration that controllers read.

use super::LabelSelector;
use super::pod::null_is_default;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Deployment {
    pub spec: ReplicaSpec,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReplicaSet {
    pub spec: ReplicaSpec,
}

/// What Deployment and ReplicaSet have in common.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReplicaSpec {
    pub replicas: Option<u32>,
    pub selector: LabelSelector,
    pub template: PodTemplate,
}

/// `metadata` and `spec` are kept as written: they become a Pod's document.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    pub metadata: Value,
    pub spec: Value,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ConfigMap {
    #[serde(deserialize_with = "null_is_default")]
    pub data: BTreeMap<String, String>,
}
