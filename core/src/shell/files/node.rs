//! A node's files: what the CNI plugin's installer, the kubelet and the distribution put there. Names and contents follow the
//! projects' own manifests: flannel's `kube-flannel.yml`, Calico's `calico.yaml`, kube-router's `kubeadm-kuberouter.yaml`.

use super::base::{DEBIAN, Files};
use crate::api::{Cluster, Cni};
use crate::world::World;

/// Plugins of containernetworking/plugins, which kubeadm's packages bring to every node.
const STANDARD_PLUGINS: [&str; 12] = [
    "bandwidth",
    "bridge",
    "dhcp",
    "firewall",
    "host-local",
    "ipvlan",
    "loopback",
    "macvlan",
    "portmap",
    "ptp",
    "tuning",
    "vlan",
];

pub(super) fn add(files: &mut Files, world: &World, name: &str) {
    let cluster = world.cluster();
    files.add("/etc/os-release", DEBIAN);
    files.add("/etc/resolv.conf", crate::dns::node_resolv_conf());
    files.add("/etc/hosts", hosts(cluster));
    files.add("/proc/sys/net/ipv4/ip_forward", "1\n");
    files.add("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
    files.add("/proc/sys/net/netfilter/nf_conntrack_max", "131072\n");
    for plugin in STANDARD_PLUGINS {
        files.add_program(&format!("/opt/cni/bin/{plugin}"));
    }
    match cluster.cni {
        Cni::Flannel => add_flannel(files, cluster, name),
        Cni::Calico => add_calico(files, cluster, name),
        Cni::KubeRouter => add_kube_router(files, cluster, name),
    }
}

fn hosts(cluster: &Cluster) -> String {
    let nodes = cluster.nodes.iter().map(|node| format!("{}\t{}\n", node.internal_ip, node.name));
    core::iter::once("127.0.0.1\tlocalhost\n".to_owned()).chain(nodes).collect()
}

fn pod_cidr(cluster: &Cluster, name: &str) -> String {
    cluster.nodes.iter().find(|node| node.name == name).map(|node| node.pod_cidr.to_string()).unwrap_or_default()
}

fn add_flannel(files: &mut Files, cluster: &Cluster, name: &str) {
    files.add_program("/opt/cni/bin/flannel");
    files.add("/etc/cni/net.d/10-flannel.conflist", FLANNEL);
    // flannel writes its own first address of the node's range.
    let subnet = pod_cidr(cluster, name).replace(".0/", ".1/");
    let network = cluster.pod_cidr;
    files.add(
        "/run/flannel/subnet.env",
        format!("FLANNEL_NETWORK={network}\nFLANNEL_SUBNET={subnet}\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"),
    );
}

const FLANNEL: &str = r#"{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "flannel",
      "delegate": {
        "hairpinMode": true,
        "isDefaultGateway": true
      }
    },
    {
      "type": "portmap",
      "capabilities": {
        "portMappings": true
      }
    }
  ]
}
"#;

fn add_calico(files: &mut Files, cluster: &Cluster, name: &str) {
    files.add_program("/opt/cni/bin/calico");
    files.add_program("/opt/cni/bin/calico-ipam");
    files.add("/etc/cni/net.d/10-calico.conflist", CALICO.replace("NODE", name));
    files.add("/etc/cni/net.d/calico-kubeconfig", CALICO_KUBECONFIG.replace("SERVER", &api_server(cluster)));
    files.add("/var/lib/calico/nodename", format!("{name}\n"));
    files.add("/var/lib/calico/mtu", "1480\n");
}

/// The API server's address in the Service range: its first.
fn api_server(cluster: &Cluster) -> String {
    cluster.service_cidr.hosts().next().map(|address| address.to_string()).unwrap_or_default()
}

const CALICO: &str = r#"{
  "name": "k8s-pod-network",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "calico",
      "log_level": "info",
      "log_file_path": "/var/log/calico/cni/cni.log",
      "datastore_type": "kubernetes",
      "nodename": "NODE",
      "mtu": 0,
      "ipam": {
          "type": "calico-ipam"
      },
      "policy": {
          "type": "k8s"
      },
      "kubernetes": {
          "kubeconfig": "/etc/cni/net.d/calico-kubeconfig"
      }
    },
    {
      "type": "portmap",
      "snat": true,
      "capabilities": {"portMappings": true}
    }
  ]
}
"#;

const CALICO_KUBECONFIG: &str = "# Kubeconfig file for Calico CNI plugin. Installed by calico/node.\napiVersion: v1\nkind: Config\nclusters:\n\
     - name: local\n  cluster:\n    server: https://SERVER:443\n    certificate-authority-data: \"(not simulated)\"\nusers:\n\
     - name: calico\n  user:\n    token: (not simulated)\ncontexts:\n- name: calico-context\n  context:\n    cluster: local\n    \
     user: calico\ncurrent-context: calico-context\n";

fn add_kube_router(files: &mut Files, cluster: &Cluster, name: &str) {
    files.add("/etc/cni/net.d/10-kuberouter.conflist", KUBE_ROUTER.replace("SUBNET", &pod_cidr(cluster, name)));
}

/// kube-router writes the node's range and MTU into its manifest's file at start, and leaves it with sorted keys and without line
/// breaks (`pkg/utils/cni.go`). Only the manifest for host ports chains `portmap`.
const KUBE_ROUTER: &str = concat!(
    r#"{"cniVersion":"0.3.0","name":"mynet","plugins":[{"bridge":"kube-bridge","ipam":{"ranges":[[{"subnet":"SUBNET"}]],"#,
    r#""type":"host-local"},"isDefaultGateway":true,"mtu":1500,"name":"kubernetes","type":"bridge"}]}"#,
);
