//! Who has which link-layer address: the neighbour table (`ip neigh`) and the forwarding database (`bridge fdb`).

use crate::net::{IpAddr, Mac};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeighbourState {
    /// Learned by ARP.
    Reachable,
    /// Written by the network plugin; never asked for.
    Permanent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    pub mac: Mac,
    pub state: NeighbourState,
}

/// Neighbours of one namespace, by device and address.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    by_device: BTreeMap<String, BTreeMap<IpAddr, Neighbour>>,
}

impl Neighbours {
    pub fn add(&mut self, device: &str, address: IpAddr, mac: Mac, state: NeighbourState) {
        self.by_device.entry(device.to_owned()).or_default().insert(address, Neighbour { mac, state });
    }

    /// The answer to "who has `address`?" on that device's link; `None`: nobody answers.
    pub fn lookup(&self, device: &str, address: IpAddr) -> Option<&Neighbour> {
        self.by_device.get(device)?.get(&address)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, IpAddr, &Neighbour)> {
        self.by_device
            .iter()
            .flat_map(|(device, entries)| entries.iter().map(move |(address, neighbour)| (device.as_str(), *address, neighbour)))
    }
}

/// Where a frame with a destination address leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FdbTarget {
    /// A bridge's port, by device name.
    Port(String),
    /// A VXLAN peer's outer address.
    Vtep(IpAddr),
}

/// The forwarding databases of a namespace's bridges and VXLAN devices, by device and destination.
#[derive(Clone, Debug, Default)]
pub struct Fdb {
    by_device: BTreeMap<String, BTreeMap<Mac, FdbTarget>>,
}

impl Fdb {
    pub fn add(&mut self, device: &str, mac: Mac, target: FdbTarget) {
        self.by_device.entry(device.to_owned()).or_default().insert(mac, target);
    }

    pub fn lookup(&self, device: &str, mac: Mac) -> Option<&FdbTarget> {
        self.by_device.get(device)?.get(&mac)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Mac, &FdbTarget)> {
        self.by_device
            .iter()
            .flat_map(|(device, entries)| entries.iter().map(move |(mac, target)| (device.as_str(), *mac, target)))
    }
}
