//! Node objects, as the kubelet and the cloud's controller fill them in.

use super::object;
use crate::api::{Cloud, Cluster, ClusterNode, Cni, Kind, Object};
use crate::clock::Instant;
use crate::control::names;
use serde_json::{Value, json};

pub(super) fn object_of(cluster: &Cluster, node: &ClusterNode, now: Instant) -> Object {
    let mut metadata = json!({ "name": node.name, "labels": labels(cluster, node), "annotations": annotations(cluster, node) });
    metadata["generation"] = json!(1);
    let mut spec = json!({ "podCIDR": node.pod_cidr.to_string(), "podCIDRs": [node.pod_cidr.to_string()] });
    if node.control_plane {
        spec["taints"] = json!([{ "key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule" }]);
    }
    if let Some(Cloud { project, zone }) = &cluster.cloud {
        spec["providerID"] = json!(format!("gce://{project}/{zone}/{}", node.name));
    }
    object(
        Kind::Node,
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": metadata,
            "spec": spec,
            "status": {
                "addresses": [
                    { "type": "InternalIP", "address": node.internal_ip.to_string() },
                    { "type": "Hostname", "address": node.name },
                ],
                "allocatable": resources("1930m", "3920352Ki"),
                "capacity": resources("2", "4022752Ki"),
                "conditions": conditions(cluster.cni, now),
                "daemonEndpoints": { "kubeletEndpoint": { "Port": 10_250 } },
                "nodeInfo": node_info(cluster, node),
            },
        }),
    )
}

fn labels(cluster: &Cluster, node: &ClusterNode) -> Value {
    let mut labels = json!({
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
    });
    if node.control_plane {
        labels["node-role.kubernetes.io/control-plane"] = json!("");
        labels["node.kubernetes.io/exclude-from-external-load-balancers"] = json!("");
    }
    if let Some(Cloud { zone, .. }) = &cluster.cloud {
        labels["node.kubernetes.io/instance-type"] = json!("e2-medium");
        labels["topology.kubernetes.io/region"] = json!(zone.rsplit_once('-').map_or(zone.as_str(), |(region, _)| region));
        labels["topology.kubernetes.io/zone"] = json!(zone);
    }
    labels
}

fn annotations(cluster: &Cluster, node: &ClusterNode) -> Value {
    let mut annotations = json!({
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    });
    let address = node.internal_ip.to_string();
    match cluster.cni {
        Cni::Calico => annotations["projectcalico.org/IPv4Address"] = json!(format!("{address}/24")),
        Cni::Flannel => {
            annotations["flannel.alpha.coreos.com/backend-type"] = json!("vxlan");
            annotations["flannel.alpha.coreos.com/kube-subnet-manager"] = json!("true");
            annotations["flannel.alpha.coreos.com/public-ip"] = json!(address);
        }
        Cni::KubeRouter => {}
    }
    annotations
}

fn resources(cpu: &str, memory: &str) -> Value {
    json!({
        "cpu": cpu, "memory": memory, "ephemeral-storage": "98831908Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "pods": "110",
    })
}

/// The four conditions of every kubelet, and the one that some network plugins add.
fn conditions(cni: Cni, now: Instant) -> Value {
    let since = now.to_string();
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": since, "lastTransitionTime": since,
        })
    };
    let network = match cni {
        Cni::Calico => Some(condition("NetworkUnavailable", "False", "CalicoIsUp", "Calico is running on this node")),
        Cni::Flannel => Some(condition("NetworkUnavailable", "False", "FlannelIsUp", "Flannel is running on this node")),
        Cni::KubeRouter => None,
    };
    let kubelet = [
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    network.into_iter().chain(kubelet).collect()
}

fn node_info(cluster: &Cluster, node: &ClusterNode) -> Value {
    let id = names::sha256_like(&node.name);
    let uuid = format!("{}-{}-4{}-8{}-{}", &id[..8], &id[8..12], &id[13..16], &id[17..20], &id[20..32]);
    let (os, kernel) = match cluster.cloud {
        Some(_) => ("Container-Optimized OS from Google", "6.6.97+"),
        None => ("Debian GNU/Linux 12 (bookworm)", "6.1.0-32-amd64"),
    };
    json!({
        "architecture": "amd64",
        "bootID": uuid,
        "containerRuntimeVersion": cluster.container_runtime,
        "kernelVersion": kernel,
        "kubeProxyVersion": "",
        "kubeletVersion": cluster.kubernetes_version,
        "machineID": &id[..32],
        "operatingSystem": "linux",
        "osImage": os,
        "systemUUID": uuid,
    })
}
