//! Calico with IPIP between nodes and BGP routes: no bridge; every Pod hangs on a routed veth with a /32 address and a gateway
//! that exists only as a proxy-ARP answer. Policy is enforced by DROP at the host end of the Pod's veth (projectcalico/calico,
//! felix and cni-plugin).

use super::bridge;
use crate::dataplane::device::{self, DeviceKind, ETHERNET_MTU};
use crate::dataplane::neighbour::NeighbourState;
use crate::dataplane::netfilter::{Match, Netfilter, Rule, Target};
use crate::dataplane::node::Site;
use crate::dataplane::route::Route;
use crate::net::{IpAddr, IpNet, Mac};
use sha1::{Digest, Sha1};

/// The outer IPv4 header (RFC 2003).
const IPIP_OVERHEAD: u16 = 20;
const TUNNEL: &str = "tunl0";
/// The gateway of every Pod; the veth's host end answers ARP for it.
const GATEWAY: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(169, 254, 1, 1));
/// The address of every host end, so that a Pod's neighbour entry stays true when it moves.
const HOST_MAC: Mac = Mac([0xee; 6]);
const MASQUERADE_POOLS: &str = "cali40masq-ipam-pools";
const ALL_POOLS: &str = "cali40all-ipam-pools";

pub fn lay_out(site: &mut Site<'_>) {
    let mtu = ETHERNET_MTU - IPIP_OVERHEAD;
    tunnel(site, mtu);
    nat_outgoing(&mut site.state.host.netfilter, site.cluster.pod_cidr);
    let seed = site.cluster.seed;
    for home in site.own_pods() {
        let name = interface_name(&home.pod.namespace, &home.pod.name);
        let kind = DeviceKind::Veth { pod: home.pod.clone() };
        let host_end = bridge::device(site.veth_index(3, home.ip), &name, kind, HOST_MAC, mtu);
        let pod_mac = device::random_mac(seed, &format!("{}/eth0", home.identity));
        let pod = site.connect(&home, host_end, pod_mac, IpNet::from(home.ip));
        pod.routes.add(Route::default_via(GATEWAY, "eth0"));
        pod.routes.add(Route::link(IpNet::from(GATEWAY), "eth0"));
        pod.neighbours.add("eth0", GATEWAY, HOST_MAC, NeighbourState::Reachable);
        site.state.host.routes.add(Route::link(IpNet::from(home.ip), &name));
        site.state.host.neighbours.add(&name, home.ip, pod_mac, NeighbourState::Reachable);
    }
}

/// `tunl0`, a blackhole for the node's own blocks (so that traffic to an address without a Pod ends here), a route per block
/// of every other node.
fn tunnel(site: &mut Site<'_>, mtu: u16) {
    let kind = DeviceKind::IpIp { local: site.node.internal_ip };
    let mut tunnel = bridge::device(3, TUNNEL, kind, Mac::default(), mtu);
    let own = site.directory.blocks(site.node);
    tunnel.addresses.extend(own.first().map(|block| IpNet::from(block.network())));
    site.add_device(tunnel);
    let peers: Vec<(IpNet, IpAddr)> = site
        .other_nodes()
        .flat_map(|peer| site.directory.blocks(peer).into_iter().map(|block| (block, peer.internal_ip)))
        .collect();
    let routes = &mut site.state.host.routes;
    own.into_iter().for_each(|block| routes.add(Route::blackhole(block).protocol("bird")));
    for (block, ip) in peers {
        routes.add(Route::via(block, ip, TUNNEL).onlink().protocol("bird"));
    }
}

/// `cali` and eleven hexadecimal digits of the SHA-1 of `namespace.name`: within the kernel's fifteen characters.
fn interface_name(namespace: &str, name: &str) -> String {
    let digest = Sha1::digest(format!("{namespace}.{name}").as_bytes());
    let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("cali{}", hex.get(..11).unwrap_or(&hex))
}

/// Pods reach what is no Pod under their node's address (`natOutgoing: true` of the default pool).
fn nat_outgoing(netfilter: &mut Netfilter, pool: IpNet) {
    for set in [MASQUERADE_POOLS, ALL_POOLS] {
        netfilter.sets.insert(set.to_owned(), vec![pool]);
    }
    let comment = |text: &str| Match::comment(text);
    let matches = vec![
        comment("cali:flqWnvo8yq4ULQLa"),
        Match::SourceSet { name: MASQUERADE_POOLS.to_owned(), negated: false },
        Match::DestinationSet { name: ALL_POOLS.to_owned(), negated: true },
    ];
    let nat = &mut netfilter.nat;
    // Felix keeps its own jump in front of everybody else's.
    nat.prepend("POSTROUTING", Rule::jump(vec![comment("cali:O3lYWMrLQYEMJtB5")], "cali-POSTROUTING"));
    nat.append("cali-POSTROUTING", Rule::jump(vec![comment("cali:nYKhEzDlr11Jccal")], "cali-nat-outgoing"));
    nat.append("cali-nat-outgoing", Rule::new(matches, Target::Masquerade { random_fully: true }));
}

#[cfg(test)]
mod tests {
    use super::interface_name;

    /// From projectcalico/calico, libcalico-go `VethNameForWorkload`, computed with coreutils' sha1sum.
    #[test]
    fn a_veth_is_named_by_its_pods_namespace_and_name() {
        assert_eq!(interface_name("default", "web"), "cali68caf03a5f4");
    }
}
