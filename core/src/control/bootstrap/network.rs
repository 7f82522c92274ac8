//! What runs on every node to make the network: kube-proxy and the network plugin's agent.

use super::{object, service_account};
use crate::api::{Cluster, Cni, Kind, Object};
use serde_json::{Value, json};

struct Agent {
    name: &'static str,
    namespace: &'static str,
    account: &'static str,
    labels: Value,
    image: String,
    command: Value,
}

/// Flannel's manifest brings a namespace of its own; the others live in kube-system.
pub(super) fn own_namespace(cni: Cni) -> Option<&'static str> {
    match cni {
        Cni::Flannel => Some("kube-flannel"),
        Cni::Calico | Cni::KubeRouter => None,
    }
}

pub(super) fn objects(cluster: &Cluster) -> Vec<Object> {
    let agents = [kube_proxy(cluster), plugin(cluster.cni)];
    agents
        .into_iter()
        .flat_map(|agent| [service_account(agent.namespace, agent.account), object(Kind::DaemonSet, agent.daemon_set())])
        .collect()
}

fn kube_proxy(cluster: &Cluster) -> Agent {
    Agent {
        name: "kube-proxy",
        namespace: "kube-system",
        account: "kube-proxy",
        labels: json!({ "k8s-app": "kube-proxy" }),
        image: format!("registry.k8s.io/kube-proxy:{}", cluster.kubernetes_version),
        command: json!([
            "/usr/local/bin/kube-proxy",
            "--config=/var/lib/kube-proxy/config.conf",
            "--hostname-override=$(NODE_NAME)"
        ]),
    }
}

fn plugin(cni: Cni) -> Agent {
    match cni {
        Cni::Calico => Agent {
            name: "calico-node",
            namespace: "kube-system",
            account: "calico-node",
            labels: json!({ "k8s-app": "calico-node" }),
            image: "docker.io/calico/node:v3.30.3".to_owned(),
            command: Value::Null,
        },
        Cni::Flannel => Agent {
            name: "kube-flannel-ds",
            namespace: "kube-flannel",
            account: "flannel",
            labels: json!({ "app": "flannel", "k8s-app": "flannel", "tier": "node" }),
            image: "ghcr.io/flannel-io/flannel:v0.27.3".to_owned(),
            command: json!(["/opt/bin/flanneld"]),
        },
        Cni::KubeRouter => Agent {
            name: "kube-router",
            namespace: "kube-system",
            account: "kube-router",
            labels: json!({ "k8s-app": "kube-router", "tier": "node" }),
            image: "docker.io/cloudnativelabs/kube-router:v2.6.0".to_owned(),
            command: Value::Null,
        },
    }
}

impl Agent {
    fn daemon_set(self) -> Value {
        let Self { name, namespace, account, labels, image, command } = self;
        let mut container = json!({
            "name": name.trim_end_matches("-ds"),
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "env": [{ "name": "NODE_NAME", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "spec.nodeName" } } }],
            "resources": {},
            "securityContext": { "privileged": true },
        });
        if !command.is_null() {
            container["command"] = command;
        }
        json!({
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": { "name": name, "namespace": namespace, "labels": labels },
            "spec": {
                "revisionHistoryLimit": 10,
                "selector": { "matchLabels": labels },
                "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 0, "maxUnavailable": 1 } },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": {
                        "containers": [container],
                        "dnsPolicy": "ClusterFirst",
                        "hostNetwork": true,
                        "nodeSelector": { "kubernetes.io/os": "linux" },
                        "priorityClassName": "system-node-critical",
                        "restartPolicy": "Always",
                        "serviceAccountName": account,
                        "terminationGracePeriodSeconds": 30,
                        "tolerations": [{ "operator": "Exists" }],
                    },
                },
            },
        })
    }
}
