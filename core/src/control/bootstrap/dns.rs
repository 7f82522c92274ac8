//! CoreDNS as kubeadm installs it: Corefile, Deployment, and the Service that kept the name kube-dns.

use super::{object, service_account};
use crate::api::{Cluster, Kind, Object};
use serde_json::{Value, json};

pub(super) fn objects(cluster: &Cluster) -> Vec<Object> {
    vec![
        service_account("kube-system", "coredns"),
        object(Kind::ConfigMap, config_map(cluster)),
        object(Kind::Service, service(cluster)),
        object(Kind::Deployment, deployment()),
    ]
}

/// The Corefile of kubeadm 1.33 (cmd/kubeadm/app/phases/addons/dns).
fn config_map(cluster: &Cluster) -> Value {
    let domain = &cluster.cluster_domain;
    let corefile = format!(
        ".:53 {{
    errors
    health {{
       lameduck 5s
    }}
    ready
    kubernetes {domain} in-addr.arpa ip6.arpa {{
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }}
    prometheus :9153
    forward . /etc/resolv.conf {{
       max_concurrent 1000
    }}
    cache 30 {{
       disable success {domain}
       disable denial {domain}
    }}
    loop
    reload
    loadbalance
}}
"
    );
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": "coredns", "namespace": "kube-system" },
        "data": { "Corefile": corefile },
    })
}

fn service(cluster: &Cluster) -> Value {
    let address = cluster.dns_service_ip.to_string();
    let port =
        |name: &str, port: u16, protocol: &str| json!({ "name": name, "port": port, "protocol": protocol, "targetPort": port });
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kube-dns",
            "namespace": "kube-system",
            "labels": { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
            "annotations": { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
        },
        "spec": {
            "type": "ClusterIP",
            "clusterIP": address,
            "clusterIPs": [address],
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
            "sessionAffinity": "None",
            "selector": { "k8s-app": "kube-dns" },
            "ports": [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9_153, "TCP")],
        },
        "status": { "loadBalancer": {} },
    })
}

fn deployment() -> Value {
    let labels = json!({ "k8s-app": "kube-dns" });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "coredns", "namespace": "kube-system", "labels": labels },
        "spec": {
            "replicas": 2,
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": 1 } },
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": pod_spec() },
        },
    })
}

fn pod_spec() -> Value {
    let port = |name: &str, port: u16, protocol: &str| json!({ "name": name, "containerPort": port, "protocol": protocol });
    json!({
        "containers": [{
            "name": "coredns",
            "image": "registry.k8s.io/coredns/coredns:v1.12.0",
            "imagePullPolicy": "IfNotPresent",
            "args": ["-conf", "/etc/coredns/Corefile"],
            "ports": [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9_153, "TCP")],
            "resources": { "limits": { "memory": "170Mi" }, "requests": { "cpu": "100m", "memory": "70Mi" } },
            "livenessProbe": {
                "httpGet": { "path": "/health", "port": 8_080, "scheme": "HTTP" },
                "initialDelaySeconds": 60, "timeoutSeconds": 5, "successThreshold": 1, "failureThreshold": 5, "periodSeconds": 10,
            },
            "readinessProbe": {
                "httpGet": { "path": "/ready", "port": 8_181, "scheme": "HTTP" },
                "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3, "periodSeconds": 10,
            },
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "capabilities": { "add": ["NET_BIND_SERVICE"], "drop": ["ALL"] },
                "readOnlyRootFilesystem": true,
            },
            "volumeMounts": [{ "mountPath": "/etc/coredns", "name": "config-volume", "readOnly": true }],
        }],
        "dnsPolicy": "Default",
        "nodeSelector": { "kubernetes.io/os": "linux" },
        "priorityClassName": "system-cluster-critical",
        "restartPolicy": "Always",
        "serviceAccountName": "coredns",
        "terminationGracePeriodSeconds": 30,
        "tolerations": [
            { "key": "CriticalAddonsOnly", "operator": "Exists" },
            { "key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule" },
        ],
        "volumes": [{
            "name": "config-volume",
            "configMap": { "name": "coredns", "items": [{ "key": "Corefile", "path": "Corefile" }] },
        }],
    })
}
