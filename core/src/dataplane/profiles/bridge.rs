//! The `bridge` CNI plugin with host-local IPAM, which Flannel and kube-router delegate to: one bridge per node that holds the
//! first address of the node's Pod network, one veth pair per Pod.

use crate::dataplane::device::{self, Device, DeviceKind};
use crate::dataplane::neighbour::{FdbTarget, NeighbourState};
use crate::dataplane::node::{Site, first_address, in_network};
use crate::dataplane::route::Route;
use crate::net::{IpAddr, Mac};
use crate::rng;

pub struct Bridge {
    pub name: &'static str,
    pub index: u32,
    pub mtu: u16,
}

/// Builds the bridge and connects every Pod. The bridge appears with the first Pod, as on a real node.
pub fn lay_out(site: &mut Site<'_>, bridge: &Bridge) {
    let pods = site.own_pods();
    if pods.is_empty() {
        return;
    }
    let seed = site.cluster.seed;
    let (net, node) = (site.node.pod_cidr, site.node.name.clone());
    let gateway = first_address(net);
    let address = in_network(gateway, net);
    let bridge_mac = device::random_mac(seed, &format!("{node}/{}", bridge.name));
    site.add_device(device(bridge.index, bridge.name, DeviceKind::Bridge, bridge_mac, bridge.mtu));
    if let Some(device) = site.state.host.devices.last_mut() {
        device.addresses.push(address);
    }
    site.state.host.routes.add(Route::connected(address, bridge.name));
    let macs: Vec<(IpAddr, Mac)> =
        pods.iter().map(|home| (home.ip, device::random_mac(seed, &format!("{}/eth0", home.identity)))).collect();
    for (home, (_, pod_mac)) in pods.iter().zip(&macs) {
        let name = format!("veth{:08x}", rng::hash(seed, format!("{}/veth", home.identity).as_bytes()) >> 32);
        let kind = DeviceKind::Veth { pod: home.pod.clone() };
        // host-local's first address for a Pod is the second of the range.
        let index = site.veth_index(bridge.index - 1, home.ip);
        let mac = device::random_mac(seed, &format!("{}/veth", home.identity));
        let host_end = Device { master: Some(bridge.name.to_owned()), ..device(index, &name, kind, mac, bridge.mtu) };
        let pod = site.connect(home, host_end, *pod_mac, in_network(home.ip, net));
        pod.routes.add(Route::default_via(gateway, "eth0"));
        pod.routes.add(Route::connected(in_network(home.ip, net), "eth0"));
        pod.neighbours.add("eth0", gateway, bridge_mac, NeighbourState::Reachable);
        for (ip, mac) in macs.iter().filter(|(ip, _)| *ip != home.ip) {
            pod.neighbours.add("eth0", *ip, *mac, NeighbourState::Reachable);
        }
        site.state.host.neighbours.add(bridge.name, home.ip, *pod_mac, NeighbourState::Reachable);
        site.state.host.fdb.add(bridge.name, *pod_mac, FdbTarget::Port(name));
    }
}

pub fn device(index: u32, name: &str, kind: DeviceKind, mac: Mac, mtu: u16) -> Device {
    Device { index, name: name.to_owned(), kind, mac, mtu, addresses: Vec::new(), master: None, up: true }
}
