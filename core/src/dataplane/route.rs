//! Routing tables: entries as `ip route` prints them, looked up by longest prefix. Knows nothing of devices but their names.

use crate::net::{IpAddr, IpNet};
use crate::trace::Text;
use core::fmt;
use std::cell::OnceCell;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Route {
    pub destination: IpNet,
    pub kind: RouteKind,
    /// Who wrote it: `kernel`, `bird`, `static`; absent for what was added by hand (`proto boot`), as `ip route` prints it.
    pub protocol: Option<&'static str>,
    pub source: Option<IpAddr>,
    /// The route's line in explanations, made when a packet first takes it.
    line: OnceCell<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// To a neighbour on the link.
    Link {
        device: String,
    },
    Via {
        gateway: IpAddr,
        device: String,
        onlink: bool,
    },
    /// Silently dropped.
    Blackhole,
}

/// One table, with at most one route per prefix.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    by_prefix: BTreeMap<IpNet, Route>,
    /// Prefix lengths in use, longest first: a lookup tries one prefix of each.
    lengths: Vec<u8>,
}

impl Route {
    fn new(destination: IpNet, kind: RouteKind) -> Self {
        Self { destination, kind, protocol: None, source: None, line: OnceCell::new() }
    }

    /// How an explanation names the route.
    pub fn line(&self) -> Text {
        self.line.get_or_init(|| Text::from(format!("route {self}"))).clone()
    }

    pub fn link(destination: IpNet, device: &str) -> Self {
        Self::new(destination, RouteKind::Link { device: device.to_owned() })
    }

    /// What the kernel adds when a device gets an address.
    pub fn connected(address: IpNet, device: &str) -> Self {
        Self { protocol: Some("kernel"), source: Some(address.addr()), ..Self::link(address.trunc(), device) }
    }

    pub fn via(destination: IpNet, gateway: IpAddr, device: &str) -> Self {
        Self::new(destination, RouteKind::Via { gateway, device: device.to_owned(), onlink: false })
    }

    pub fn default_via(gateway: IpAddr, device: &str) -> Self {
        Self::via(default_prefix(gateway), gateway, device)
    }

    pub fn onlink(mut self) -> Self {
        if let RouteKind::Via { onlink, .. } = &mut self.kind {
            *onlink = true;
        }
        self
    }

    pub fn blackhole(destination: IpNet) -> Self {
        Self::new(destination, RouteKind::Blackhole)
    }

    pub fn protocol(mut self, protocol: &'static str) -> Self {
        self.protocol = Some(protocol);
        self
    }

    pub fn device(&self) -> Option<&str> {
        match &self.kind {
            RouteKind::Link { device } | RouteKind::Via { device, .. } => Some(device),
            RouteKind::Blackhole => None,
        }
    }

    /// The address whose link-layer address the frame needs.
    pub fn next_hop(&self, destination: IpAddr) -> IpAddr {
        match &self.kind {
            RouteKind::Via { gateway, .. } => *gateway,
            RouteKind::Link { .. } | RouteKind::Blackhole => destination,
        }
    }
}

impl Routes {
    pub fn add(&mut self, route: Route) {
        let length = route.destination.prefix_len();
        if let Err(at) = self.lengths.binary_search_by(|known| length.cmp(known)) {
            self.lengths.insert(at, length);
        }
        self.by_prefix.insert(route.destination, route);
    }

    /// The route with the longest prefix that holds the address.
    pub fn lookup(&self, address: IpAddr) -> Option<&Route> {
        self.lengths.iter().find_map(|&length| self.by_prefix.get(&IpNet::new(address, length).ok()?.trunc()))
    }

    /// In the order `ip route` prints: by prefix, the default route first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.by_prefix.values()
    }

    pub fn len(&self) -> usize {
        self.by_prefix.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_prefix.is_empty()
    }
}

fn default_prefix(family: IpAddr) -> IpNet {
    match family {
        IpAddr::V4(_) => IpNet::new_assert(IpAddr::from([0; 4]), 0),
        IpAddr::V6(_) => IpNet::new_assert(IpAddr::from([0u16; 8]), 0),
    }
}

/// One line of `ip route`, without the blank that iproute2 leaves at its end.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == RouteKind::Blackhole {
            f.write_str("blackhole ")?;
        }
        write!(f, "{}", Prefix(self.destination))?;
        match &self.kind {
            RouteKind::Link { device } => write!(f, " dev {device}")?,
            RouteKind::Via { gateway, device, .. } => write!(f, " via {gateway} dev {device}")?,
            RouteKind::Blackhole => {}
        }
        if let Some(protocol) = self.protocol {
            write!(f, " proto {protocol}")?;
        }
        match &self.kind {
            RouteKind::Link { .. } => f.write_str(" scope link")?,
            RouteKind::Via { onlink: true, .. } => f.write_str(" onlink")?,
            RouteKind::Via { .. } | RouteKind::Blackhole => {}
        }
        match self.source {
            Some(source) => write!(f, " src {source}"),
            None => Ok(()),
        }
    }
}

/// A destination as iproute2 writes it: `default`, a bare address for a host route, else a prefix.
pub struct Prefix(pub IpNet);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.prefix_len() {
            0 => f.write_str("default"),
            length if length == self.0.max_prefix_len() => write!(f, "{}", self.0.addr()),
            _ => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().expect("a prefix in a test")
    }

    #[test]
    fn the_longest_prefix_wins_and_lines_read_as_iproute2_prints_them() {
        let mut routes = Routes::default();
        routes.add(Route::default_via(IpAddr::from([192, 168, 1, 1]), "eth0"));
        routes.add(Route::blackhole(net("10.244.0.0/26")).protocol("bird"));
        routes.add(Route::link(net("10.244.0.15/32"), "cali1"));
        routes.add(Route::via(net("10.244.2.0/24"), IpAddr::from([10, 244, 2, 0]), "flannel.1").onlink());
        routes.add(Route::connected(net("192.168.1.11/24"), "eth0"));
        // Line forms: iproute2 6.1 on Calico and Flannel nodes.
        let cases = [
            ("10.244.0.15", "10.244.0.15 dev cali1 scope link"),
            ("10.244.0.16", "blackhole 10.244.0.0/26 proto bird"),
            ("10.244.2.9", "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink"),
            ("192.168.1.12", "192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.11"),
            ("8.8.8.8", "default via 192.168.1.1 dev eth0"),
        ];
        for (address, line) in cases {
            let found = routes.lookup(address.parse().expect("an address in a test"));
            assert_eq!(found.map(Route::to_string).as_deref(), Some(line));
        }
    }
}
