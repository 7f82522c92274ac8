//! Network devices of a namespace, as `ip link` and `ip addr` know them. Plain data; how packets cross them is the walk's
//! business, and which of them a node has is its profile's.

use crate::api::ObjectRef;
use crate::net::{IpAddr, IpNet, Mac};
use crate::rng;

/// The MTU of an ordinary Ethernet network, in bytes (RFC 894).
pub const ETHERNET_MTU: u16 = 1500;

#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// The number in front of the name in `ip link`; unique in its namespace.
    pub index: u32,
    pub name: String,
    pub kind: DeviceKind,
    pub mac: Mac,
    /// The largest IP packet it carries, in bytes.
    pub mtu: u16,
    pub addresses: Vec<IpNet>,
    /// The bridge it is a port of, by name.
    pub master: Option<String>,
    pub up: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    Loopback,
    /// The machine's own card, wired to the network between the nodes.
    Nic,
    /// The host end of a Pod's veth pair.
    Veth {
        pod: ObjectRef,
    },
    /// The Pod's end of its veth pair.
    PodEnd,
    Bridge,
    /// VXLAN (RFC 7348), without learning: the forwarding database is filled by the network plugin.
    Vxlan {
        vni: u32,
        local: IpAddr,
        port: u16,
    },
    /// IP in IP (RFC 2003), one device for all peers: the route's next hop is the peer.
    IpIp {
        local: IpAddr,
    },
}

impl Device {
    pub fn loopback() -> Self {
        Self {
            index: 1,
            name: "lo".to_owned(),
            kind: DeviceKind::Loopback,
            mac: Mac::default(),
            mtu: u16::MAX,
            addresses: vec![IpNet::new_assert(IpAddr::from([127, 0, 0, 1]), 8)],
            master: None,
            up: true,
        }
    }

    pub fn has_address(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|own| own.addr() == address)
    }
}

/// An address as the kernel draws one at random: unicast, locally administered. The same `owner` always gets the same.
pub fn random_mac(seed: u64, owner: &str) -> Mac {
    let bytes = rng::hash(seed, owner.as_bytes()).to_be_bytes();
    let [first, b, c, d, e, g, ..] = bytes;
    Mac([first & 0xfc | 0x02, b, c, d, e, g])
}

/// A virtual machine's card, by QEMU's vendor prefix.
pub fn nic_mac(seed: u64, node: &str) -> Mac {
    let [a, b, c, ..] = rng::hash(seed, node.as_bytes()).to_be_bytes();
    Mac([0x52, 0x54, 0x00, a, b, c])
}
