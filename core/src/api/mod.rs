//! Kubernetes objects: the document is kept whole, so every output form prints every field, and beside it stands a typed view
//! of the fields that the engine understands. Parsing happens once, when a document becomes an [`Object`].

mod cluster;
pub mod defaults;
mod kind;
mod meta;
mod network_policy;
mod node;
mod pod;
pub mod schema;
mod selector;
mod service;
pub mod validation;
mod workload;

pub use cluster::{Cloud, Cluster, ClusterNode, Cni, ProxyMode};
pub use kind::{Kind, Resource};
pub use meta::{Meta, ObjectRef, OwnerReference};
pub use network_policy::{
    IpBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule, NetworkPolicySpec, PolicyType,
};
pub use node::{Node, NodeAddress, NodeSpec, NodeStatus, Taint};
pub use pod::{Container, ContainerPort, EnvVar, Pod, PodCondition, PodSpec, PodStatus, Toleration};
pub use selector::{LabelSelector, Operator, Requirement};
pub use service::{EndpointConditions, EndpointSlice, Service, ServicePort, ServiceSpec, SliceEndpoint, SlicePort, TargetRef};
pub use workload::{ConfigMap, Deployment, PodTemplate, ReplicaSet, ReplicaSpec};

use serde_json::Value;

/// A port given by number or by name (`intstr.IntOrString`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(untagged)]
pub enum PortRef {
    Number(u16),
    Name(String),
}

/// One object of the API: the whole document and what the engine reads from it, always in step.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    kind: Kind,
    document: Value,
    meta: Meta,
    view: View,
}

/// The typed view of a document, for the kinds whose fields the engine reads.
#[derive(Clone, Debug, PartialEq)]
pub enum View {
    Node(Box<Node>),
    Pod(Box<Pod>),
    Service(Box<Service>),
    EndpointSlice(Box<EndpointSlice>),
    NetworkPolicy(Box<NetworkPolicy>),
    Deployment(Box<Deployment>),
    ReplicaSet(Box<ReplicaSet>),
    ConfigMap(Box<ConfigMap>),
    /// Stored and printed, but nothing acts on its fields beyond `metadata`.
    Plain,
}

impl Object {
    /// Reads a document of a known kind. The error is what `serde` says of the first field with a wrong type; the API
    /// server's own message comes from `manifest`, which checks against the schema first.
    pub fn from_document(kind: Kind, document: Value) -> Result<Self, serde_json::Error> {
        let meta = Meta::from_document(&document)?;
        let view = match kind {
            Kind::Node => View::Node(read(&document)?),
            Kind::Pod => View::Pod(read(&document)?),
            Kind::Service => View::Service(read(&document)?),
            Kind::EndpointSlice => View::EndpointSlice(read(&document)?),
            Kind::NetworkPolicy => View::NetworkPolicy(read(&document)?),
            Kind::Deployment => View::Deployment(read(&document)?),
            Kind::ReplicaSet => View::ReplicaSet(read(&document)?),
            Kind::ConfigMap => View::ConfigMap(read(&document)?),
            _ => View::Plain,
        };
        Ok(Self { kind, document, meta, view })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    pub fn name(&self) -> &str {
        &self.meta.name
    }

    /// Empty for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        &self.meta.namespace
    }

    pub fn reference(&self) -> ObjectRef {
        ObjectRef { kind: self.kind, namespace: self.meta.namespace.clone(), name: self.meta.name.clone() }
    }

    pub fn document(&self) -> &Value {
        &self.document
    }

    pub fn into_document(self) -> Value {
        self.document
    }

    pub fn view(&self) -> &View {
        &self.view
    }

    /// The same object after `edit` changed its document.
    pub fn edited(&self, edit: impl FnOnce(&mut Value)) -> Result<Self, serde_json::Error> {
        let mut document = self.document.clone();
        edit(&mut document);
        Self::from_document(self.kind, document)
    }

    /// The object in `namespace`, unless it names one itself or its kind has none: where kubectl puts what says nothing.
    pub fn or_in_namespace(self, namespace: &str) -> Self {
        if !self.kind.resource().namespaced || !self.namespace().is_empty() {
            return self;
        }
        self.edited(|document| document["metadata"]["namespace"] = Value::from(namespace)).unwrap_or(self)
    }

    pub fn as_pod(&self) -> Option<&Pod> {
        match &self.view {
            View::Pod(pod) => Some(pod),
            _ => None,
        }
    }

    pub fn as_node(&self) -> Option<&Node> {
        match &self.view {
            View::Node(node) => Some(node),
            _ => None,
        }
    }

    pub fn as_service(&self) -> Option<&Service> {
        match &self.view {
            View::Service(service) => Some(service),
            _ => None,
        }
    }

    pub fn as_endpoint_slice(&self) -> Option<&EndpointSlice> {
        match &self.view {
            View::EndpointSlice(slice) => Some(slice),
            _ => None,
        }
    }

    pub fn as_network_policy(&self) -> Option<&NetworkPolicy> {
        match &self.view {
            View::NetworkPolicy(policy) => Some(policy),
            _ => None,
        }
    }

    pub fn as_deployment(&self) -> Option<&Deployment> {
        match &self.view {
            View::Deployment(deployment) => Some(deployment),
            _ => None,
        }
    }

    pub fn as_replica_set(&self) -> Option<&ReplicaSet> {
        match &self.view {
            View::ReplicaSet(replica_set) => Some(replica_set),
            _ => None,
        }
    }

    pub fn as_config_map(&self) -> Option<&ConfigMap> {
        match &self.view {
            View::ConfigMap(config_map) => Some(config_map),
            _ => None,
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(document: &Value) -> Result<Box<T>, serde_json::Error> {
    T::deserialize(document).map(Box::new)
}
