//! IP addresses for Pods: each node hands out its own range, in the order of the cluster's network plugin.
//!
//! host-local (Flannel, kube-router) goes round robin from the last address it reserved and never gives out the network, the
//! gateway or the broadcast address. Calico takes the never-used ordinals of its block in order, then the released ones, oldest
//! first; ordinal 0 is the node's own tunnel address, and 1 is left out so that .1 is never a Pod under any plugin. An address stays taken until its Pod's sandbox is gone.

use crate::api::{ClusterNode, Cni};
use crate::net::{IpAddr, IpNet};
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, Ipv6Addr};

const FIRST_POD: u64 = 2;
/// Addresses that a scene says were used before and are free again; more than a node has ever had Pods.
const MAX_PAST: u64 = 1 << 16;

#[derive(Clone, Debug)]
pub(super) struct Pool {
    range: IpNet,
    order: Order,
    /// Offset from the range's first address, and the uid of the Pod that has it.
    taken: BTreeMap<u64, String>,
}

#[derive(Clone, Debug)]
enum Order {
    HostLocal { last: u64 },
    CalicoBlock { never_used: u64, released: VecDeque<u64> },
}

impl Pool {
    pub(super) fn new(cni: Cni, node: &ClusterNode) -> Self {
        let order = match cni {
            Cni::Flannel | Cni::KubeRouter => Order::HostLocal { last: 1 },
            Cni::Calico => Order::CalicoBlock { never_used: FIRST_POD, released: VecDeque::new() },
        };
        Self { range: node.pod_cidr, order, taken: BTreeMap::new() }
    }

    /// Goes on at `next`, as on a node that has used the addresses before it.
    pub(super) fn continue_at(&mut self, next: IpAddr) {
        let Some(offset) = self.offset(next) else { return };
        match &mut self.order {
            Order::HostLocal { last } => *last = offset.saturating_sub(1),
            Order::CalicoBlock { never_used, released } => {
                let taken = &self.taken;
                released.extend((FIRST_POD..offset.min(MAX_PAST)).filter(|past| !taken.contains_key(past)));
                *never_used = offset;
            }
        }
    }

    /// The next free address, or none when the range is exhausted.
    pub(super) fn allocate(&mut self, uid: &str) -> Option<IpAddr> {
        let size = self.size();
        let offset = match &mut self.order {
            Order::HostLocal { last } => {
                let (first, end) = (FIRST_POD, size.saturating_sub(1));
                let usable = end.saturating_sub(first);
                let start = if (first..end).contains(&(*last + 1)) { *last + 1 } else { first };
                // At most one more candidate than there are addresses taken.
                let candidates = (0..usable).map(|step| first + (start - first + step) % usable);
                let offset = candidates.take(self.taken.len() + 1).find(|offset| !self.taken.contains_key(offset))?;
                *last = offset;
                offset
            }
            Order::CalicoBlock { never_used, released } => {
                if *never_used < size {
                    *never_used += 1;
                    *never_used - 1
                } else {
                    released.pop_front()?
                }
            }
        };
        self.taken.insert(offset, uid.to_owned());
        Some(self.address(offset))
    }

    pub(super) fn release(&mut self, uid: &str) {
        let offsets: Vec<u64> = self.taken.iter().filter(|(_, owner)| *owner == uid).map(|(offset, _)| *offset).collect();
        for offset in offsets {
            self.taken.remove(&offset);
            if let Order::CalicoBlock { released, .. } = &mut self.order {
                released.push_back(offset);
            }
        }
    }

    /// What the plugin's `ADD` says when the range is exhausted.
    pub(super) fn exhausted(&self, cni: Cni) -> String {
        let ranges = format!("{}-{}", self.address(1), self.address(self.size().saturating_sub(2)));
        let host_local = format!("failed to allocate for range 0: no IP addresses available in range set: {ranges}");
        match cni {
            Cni::Flannel => format!("plugin type=\"flannel\" failed (add): failed to delegate add: {host_local}"),
            Cni::KubeRouter => format!("plugin type=\"bridge\" failed (add): {host_local}"),
            Cni::Calico => {
                "plugin type=\"calico\" failed (add): failed to request IPv4 addresses: Assigned 0 out of 1 requested \
                            IPv4 addresses; No more free affine blocks and strict affinity enabled"
                    .to_owned()
            }
        }
    }

    /// Addresses in the range; the widest IPv6 ranges count as 2⁶³, which no node ever uses up.
    fn size(&self) -> u64 {
        let host_bits = self.range.max_prefix_len() - self.range.prefix_len();
        1 << host_bits.min(63)
    }

    fn offset(&self, address: IpAddr) -> Option<u64> {
        if !self.range.contains(&address) {
            return None;
        }
        match (self.range.network(), address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => Some(u64::from(address.to_bits() - base.to_bits())),
            (IpAddr::V6(base), IpAddr::V6(address)) => u64::try_from(address.to_bits() - base.to_bits()).ok(),
            _ => None,
        }
    }

    fn address(&self, offset: u64) -> IpAddr {
        match self.range.network() {
            IpAddr::V4(base) => {
                Ipv4Addr::from_bits(base.to_bits().saturating_add(u32::try_from(offset).unwrap_or(u32::MAX))).into()
            }
            IpAddr::V6(base) => Ipv6Addr::from_bits(base.to_bits().saturating_add(u128::from(offset))).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Cluster;

    /// Addresses that a node with `10.0.0.0/29` gives to Pods a, b, c …; `-a` means that Pod a goes.
    fn check(cni: Cni, next: Option<u8>, steps: &[&str], expected: &[&str]) {
        let node = ClusterNode { pod_cidr: "10.0.0.0/29".parse().expect("a range"), ..Cluster::default().nodes.remove(0) };
        let mut pool = Pool::new(cni, &node);
        next.into_iter().for_each(|last| pool.continue_at(IpAddr::from([10, 0, 0, last])));
        let mut given = Vec::new();
        for step in steps {
            match step.strip_prefix('-') {
                Some(pod) => pool.release(pod),
                None => given.push(pool.allocate(step).map_or_else(|| "none".to_owned(), |ip| ip.to_string())),
            }
        }
        assert_eq!(given, expected, "{cni:?} {steps:?}");
    }

    #[test]
    fn host_local_goes_round_robin_from_the_last_reserved_address() {
        check(Cni::Flannel, None, &["a", "-a", "b"], &["10.0.0.2", "10.0.0.3"]);
        check(Cni::Flannel, Some(6), &["a", "b", "-a", "c"], &["10.0.0.6", "10.0.0.2", "10.0.0.3"]);
        let full = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "none", "10.0.0.3"];
        check(Cni::KubeRouter, None, &["a", "b", "c", "d", "e", "f", "-b", "g"], &full);
    }

    #[test]
    fn calico_takes_unused_ordinals_before_released_ones() {
        check(Cni::Calico, None, &["a", "b", "-a", "c"], &["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
        check(Cni::Calico, Some(7), &["a", "b", "c", "-a", "d"], &["10.0.0.7", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    }
}
