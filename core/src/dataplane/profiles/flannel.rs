//! Flannel with its VXLAN backend: a bridge on every node, a VXLAN device without learning between them; flanneld writes one
//! route, one neighbour and one forwarding entry per peer (flannel-io/flannel, pkg/backend/vxlan). No policy.

use super::bridge::{self, Bridge};
use crate::dataplane::device::{self, DeviceKind, ETHERNET_MTU};
use crate::dataplane::neighbour::{FdbTarget, NeighbourState};
use crate::dataplane::netfilter::{Match, Netfilter, Rule, Target};
use crate::dataplane::node::Site;
use crate::dataplane::route::Route;
use crate::net::{IpAddr, IpNet, Mac};

/// Outer Ethernet, IPv4, UDP and VXLAN headers: 14 + 20 + 8 + 8 bytes (RFC 7348).
const VXLAN_OVERHEAD: u16 = 50;
const VNI: u32 = 1;
/// Linux's own VXLAN port, older than IANA's 4789.
const VXLAN_PORT: u16 = 8472;
const DEVICE: &str = "flannel.1";

pub fn lay_out(site: &mut Site<'_>) {
    let mtu = ETHERNET_MTU - VXLAN_OVERHEAD;
    let (node, seed) = (site.node, site.cluster.seed);
    let kind = DeviceKind::Vxlan { vni: VNI, local: node.internal_ip, port: VXLAN_PORT };
    let mut vxlan = bridge::device(3, DEVICE, kind, vtep_mac(seed, &node.name), mtu);
    vxlan.addresses.push(IpNet::from(node.pod_cidr.network()));
    site.add_device(vxlan);
    let peers: Vec<(IpNet, IpAddr, Mac)> =
        site.other_nodes().map(|peer| (peer.pod_cidr.trunc(), peer.internal_ip, vtep_mac(seed, &peer.name))).collect();
    let host = &mut site.state.host;
    for (net, ip, mac) in peers {
        host.routes.add(Route::via(net, net.network(), DEVICE).onlink());
        host.neighbours.add(DEVICE, net.network(), mac, NeighbourState::Permanent);
        host.fdb.add(DEVICE, mac, FdbTarget::Vtep(ip));
    }
    masquerade(&mut host.netfilter, site.cluster.pod_cidr, node.pod_cidr.trunc());
    bridge::lay_out(site, &Bridge { name: "cni0", index: 4, mtu });
    let gateway = crate::dataplane::node::first_address(node.pod_cidr);
    for pod in site.state.pods.values_mut() {
        // The delegate's conflist adds the whole Pod network beside the default route.
        pod.routes.add(Route::via(site.cluster.pod_cidr.trunc(), gateway, "eth0"));
    }
}

fn vtep_mac(seed: u64, node: &str) -> Mac {
    device::random_mac(seed, &format!("{node}/{DEVICE}"))
}

/// Pods reach the outside under their node's address; Pod to Pod keeps its own (pkg/trafficmngr/iptables).
fn masquerade(netfilter: &mut Netfilter, cluster: IpNet, node: IpNet) {
    let comment = |text: &str| Match::comment(text);
    let masq = |matches: Vec<Match>, target: Target| {
        Rule::new(matches.into_iter().chain([Match::comment("flanneld masq")]).collect(), target)
    };
    let outside = |net| Match::Source { net, negated: true };
    let multicast = IpNet::new_assert(IpAddr::from([224, 0, 0, 0]), 4);
    let marked = Match::Mark { value: 0x4000, mask: 0x4000, negated: false };
    let masquerade = || Target::Masquerade { random_fully: true };
    let nat = &mut netfilter.nat;
    nat.append("POSTROUTING", Rule::jump(vec![comment("flanneld masq")], "FLANNEL-POSTRTG"));
    for rule in [
        masq(vec![marked], Target::Return),
        masq(vec![Match::source(node), Match::destination(cluster)], Target::Return),
        masq(vec![Match::source(cluster), Match::destination(node)], Target::Return),
        masq(vec![outside(cluster), Match::destination(node)], Target::Return),
        masq(vec![Match::source(cluster), Match::Destination { net: multicast, negated: true }], masquerade()),
        masq(vec![outside(cluster), Match::destination(cluster)], masquerade()),
    ] {
        nat.append("FLANNEL-POSTRTG", rule);
    }
    let filter = &mut netfilter.filter;
    filter.append("FORWARD", Rule::jump(vec![comment("flanneld forward")], "FLANNEL-FWD"));
    for net in [Match::source(cluster), Match::destination(cluster)] {
        filter.append("FLANNEL-FWD", Rule::new(vec![net, comment("flanneld forward")], Target::Accept));
    }
}
