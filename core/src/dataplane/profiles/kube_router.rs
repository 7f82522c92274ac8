//! kube-router without tunnels between nodes of one network: a bridge on every node and plain routes that its BGP speaker
//! installs. Policy is enforced by REJECT in the filter table (cloudnativelabs/kube-router, pkg/controllers/netpol).

use super::bridge::{self, Bridge};
use crate::dataplane::device::ETHERNET_MTU;
use crate::dataplane::netfilter::{Match, Netfilter, Rule, Target};
use crate::dataplane::node::Site;
use crate::dataplane::route::Route;
use crate::net::{IpAddr, IpNet};

const PODS: &str = "kube-router-pod-subnets";
const NODES: &str = "kube-router-node-ips";

pub fn lay_out(site: &mut Site<'_>) {
    let peers: Vec<(IpNet, IpAddr)> = site.other_nodes().map(|peer| (peer.pod_cidr.trunc(), peer.internal_ip)).collect();
    for (net, ip) in peers {
        // 17 is the number its routes carry (`zebraRouteOriginator`).
        site.state.host.routes.add(Route::via(net, ip, "eth0").protocol("17"));
    }
    let subnets = site.cluster.nodes.iter().map(|node| node.pod_cidr.trunc()).collect();
    let nodes = site.cluster.nodes.iter().map(|node| IpNet::from(node.internal_ip)).collect();
    masquerade(&mut site.state.host.netfilter, subnets, nodes);
    bridge::lay_out(site, &Bridge { name: "kube-bridge", index: 3, mtu: ETHERNET_MTU });
}

/// Pods reach everything but Pods and nodes under their node's address.
fn masquerade(netfilter: &mut Netfilter, subnets: Vec<IpNet>, nodes: Vec<IpNet>) {
    netfilter.sets.insert(PODS.to_owned(), subnets);
    netfilter.sets.insert(NODES.to_owned(), nodes);
    let outside = |name: &str| Match::DestinationSet { name: name.to_owned(), negated: true };
    let from_pods = Match::SourceSet { name: PODS.to_owned(), negated: false };
    let matches = vec![from_pods, outside(PODS), outside(NODES)];
    netfilter.nat.append("POSTROUTING", Rule::new(matches, Target::Masquerade { random_fully: true }));
}
