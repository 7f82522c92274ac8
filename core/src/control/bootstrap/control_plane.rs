//! The static Pods of a kubeadm control plane: mirror Pods of what the kubelet runs from `/etc/kubernetes/manifests`.

use super::object;
use crate::api::{Cluster, ClusterNode, Kind, Object};
use crate::control::names;
use serde_json::json;

pub(super) fn static_pods(cluster: &Cluster) -> Vec<Object> {
    let nodes = cluster.nodes.iter().filter(|node| node.control_plane);
    nodes.flat_map(|node| components(cluster, node).map(|component| component.mirror_pod(node))).collect()
}

struct Component {
    name: &'static str,
    image: String,
    flags: Vec<String>,
}

fn components(cluster: &Cluster, node: &ClusterNode) -> [Component; 4] {
    let version = &cluster.kubernetes_version;
    let kubernetes =
        |name: &'static str, flags: Vec<String>| Component { name, image: format!("registry.k8s.io/{name}:{version}"), flags };
    let services = format!("--service-cluster-ip-range={}", cluster.service_cidr);
    let ip = node.internal_ip;
    [
        Component {
            name: "etcd",
            image: "registry.k8s.io/etcd:3.5.21-0".to_owned(),
            flags: vec![
                format!("--advertise-client-urls=https://{ip}:2379"),
                "--data-dir=/var/lib/etcd".to_owned(),
                format!("--listen-client-urls=https://127.0.0.1:2379,https://{ip}:2379"),
                format!("--name={}", node.name),
            ],
        },
        kubernetes(
            "kube-apiserver",
            vec![
                format!("--advertise-address={ip}"),
                "--allow-privileged=true".to_owned(),
                "--authorization-mode=Node,RBAC".to_owned(),
                "--client-ca-file=/etc/kubernetes/pki/ca.crt".to_owned(),
                "--enable-admission-plugins=NodeRestriction".to_owned(),
                "--etcd-servers=https://127.0.0.1:2379".to_owned(),
                "--secure-port=6443".to_owned(),
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local".to_owned(),
                services.clone(),
                "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt".to_owned(),
                "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key".to_owned(),
            ],
        ),
        kubernetes(
            "kube-controller-manager",
            vec![
                "--allocate-node-cidrs=true".to_owned(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--cluster-cidr={}", cluster.pod_cidr),
                "--cluster-name=kubernetes".to_owned(),
                "--controllers=*,bootstrapsigner,tokencleaner".to_owned(),
                "--leader-elect=true".to_owned(),
                services,
            ],
        ),
        kubernetes(
            "kube-scheduler",
            vec![
                "--bind-address=127.0.0.1".to_owned(),
                "--kubeconfig=/etc/kubernetes/scheduler.conf".to_owned(),
                "--leader-elect=true".to_owned(),
            ],
        ),
    ]
}

impl Component {
    fn mirror_pod(self, node: &ClusterNode) -> Object {
        let Self { name, image, flags } = self;
        let hash = &names::sha256_like(&format!("{name} {}", node.name))[..32];
        let command: Vec<String> = [name.to_owned()].into_iter().chain(flags).collect();
        object(
            Kind::Pod,
            json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": format!("{name}-{}", node.name),
                    "namespace": "kube-system",
                    "labels": { "component": name, "tier": "control-plane" },
                    "annotations": {
                        "kubernetes.io/config.hash": hash,
                        "kubernetes.io/config.mirror": hash,
                        "kubernetes.io/config.source": "file",
                    },
                },
                "spec": {
                    "containers": [{
                        "name": name,
                        "image": image,
                        "imagePullPolicy": "IfNotPresent",
                        "command": command,
                        "resources": { "requests": { "cpu": "100m" } },
                    }],
                    "hostNetwork": true,
                    "nodeName": node.name,
                    "priorityClassName": "system-node-critical",
                    "tolerations": [{ "effect": "NoExecute", "operator": "Exists" }],
                },
            }),
        )
    }
}
