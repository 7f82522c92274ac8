//! The rules themselves: chains, names, comments and order as kube-proxy writes them.

use super::endpoints::{Categories, Endpoint};
use super::service_ports::ServicePortView;
use super::{Config, Family, MASQUERADE_MARK};
use crate::dataplane::conntrack::State;
use crate::dataplane::netfilter::{MarkChange, Match, Netfilter, RejectWith, Rule, Target};
use crate::net::{IpAddr, IpNet, Protocol};
use sha2::{Digest, Sha256};

/// Adds kube-proxy's chains and rules for these Service ports.
pub fn compile(config: &Config, ports: &[ServicePortView], netfilter: &mut Netfilter) {
    let mut compiler = Compiler { config, netfilter };
    compiler.top_level();
    ports.iter().for_each(|port| compiler.service_port(port));
    compiler.node_ports_jump();
    compiler.masquerade();
    compiler.forward();
}

/// The sixteen characters that name a Service port's chains.
fn hash_name(prefix: &str, parts: &[&str]) -> String {
    const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Sha256::digest(parts.concat().as_bytes());
    let letter = |at: usize| {
        // Five bits from position 5·at, counted from the first byte's highest bit (RFC 4648).
        let window = u16::from(digest[at * 5 / 8]) << 8 | u16::from(digest[at * 5 / 8 + 1]);
        char::from(BASE32[usize::from(window >> (11 - at * 5 % 8) & 31)])
    };
    (0..16).map(letter).fold(prefix.to_owned(), |mut name, letter| {
        name.push(letter);
        name
    })
}

/// The chains of one Service port.
struct Chains {
    cluster: String,
    local: String,
    external: String,
    firewall: String,
}

impl Chains {
    fn of(port: &ServicePortView) -> Self {
        let protocol = port.protocol.to_string().to_ascii_lowercase();
        let name = |prefix| hash_name(prefix, &[&port.name, &protocol]);
        Self { cluster: name("KUBE-SVC-"), local: name("KUBE-SVL-"), external: name("KUBE-EXT-"), firewall: name("KUBE-FW-") }
    }
}

fn endpoint_chain(port: &ServicePortView, endpoint: &Endpoint) -> String {
    let protocol = port.protocol.to_string().to_ascii_lowercase();
    hash_name("KUBE-SEP-", &[&port.name, &protocol, &endpoint.address.to_string()])
}

fn host(address: IpAddr) -> IpNet {
    IpNet::from(address)
}

struct Compiler<'a> {
    config: &'a Config,
    netfilter: &'a mut Netfilter,
}

/// What becomes of new traffic that finds no usable endpoint: a target and a comment for the filter table.
type Refusal = Option<(Target, String)>;

impl Compiler<'_> {
    fn nat(&mut self, chain: &str, rule: Rule) {
        self.netfilter.nat.append(chain, rule);
    }

    fn filter(&mut self, chain: &str, rule: Rule) {
        self.netfilter.filter.append(chain, rule);
    }

    fn top_level(&mut self) {
        let new = || Match::states(&[State::New]);
        let firewall = "kubernetes load balancer firewall";
        let external = "kubernetes externally-visible service portals";
        let filter_jumps = [
            ("INPUT", "KUBE-FIREWALL", None, false),
            ("INPUT", "KUBE-PROXY-FIREWALL", Some(firewall), true),
            ("INPUT", "KUBE-NODEPORTS", Some("kubernetes health check service ports"), false),
            ("INPUT", "KUBE-EXTERNAL-SERVICES", Some(external), true),
            ("FORWARD", "KUBE-PROXY-FIREWALL", Some(firewall), true),
            ("FORWARD", "KUBE-FORWARD", Some("kubernetes forwarding rules"), false),
            ("FORWARD", "KUBE-SERVICES", Some("kubernetes service portals"), true),
            ("FORWARD", "KUBE-EXTERNAL-SERVICES", Some(external), true),
            ("OUTPUT", "KUBE-FIREWALL", None, false),
            ("OUTPUT", "KUBE-PROXY-FIREWALL", Some(firewall), true),
            ("OUTPUT", "KUBE-SERVICES", Some("kubernetes service portals"), true),
        ];
        for (from, to, comment, only_new) in filter_jumps {
            let states = only_new.then(new);
            let matches = states.into_iter().chain(comment.map(Match::comment)).collect();
            self.netfilter.filter.add_chain(to);
            self.filter(from, Rule::jump(matches, to));
        }
        for (from, to, comment) in [
            ("PREROUTING", "KUBE-SERVICES", "kubernetes service portals"),
            ("OUTPUT", "KUBE-SERVICES", "kubernetes service portals"),
            ("POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules"),
        ] {
            self.netfilter.nat.add_chain(to);
            self.nat(from, Rule::jump(vec![Match::comment(comment)], to));
        }
        self.netfilter.nat.add_chain("KUBE-NODEPORTS");
    }

    fn service_port(&mut self, port: &ServicePortView) {
        let chains = Chains::of(port);
        let endpoints = Categories::of(port, &port.endpoints);
        let internal_ok = endpoints.any && !(port.internal_local && endpoints.local.is_empty());
        let external_ok = endpoints.any && !(port.external_local && endpoints.local.is_empty());
        self.capture_cluster_ip(port, &chains, endpoints.any, internal_ok);
        self.capture_external(port, &chains, endpoints.any, external_ok);
        if endpoints.any && port.externally_accessible() {
            self.external_chain(port, &chains, external_ok);
        }
        if port.uses_cluster_endpoints() {
            self.balance(port, &chains.cluster, &endpoints.cluster);
        }
        if port.uses_local_endpoints() {
            self.balance(port, &chains.local, &endpoints.local);
        }
        endpoints.reachable.iter().for_each(|endpoint| self.endpoint(port, endpoint));
    }

    fn refusal(port: &ServicePortView, any: bool, usable: bool) -> Refusal {
        match (any, usable) {
            (false, _) => Some((Target::Reject(RejectWith::PortUnreachable), format!("{} has no endpoints", port.name))),
            (true, false) => Some((Target::Drop, format!("{} has no local endpoints", port.name))),
            (true, true) => None,
        }
    }

    /// `-m comment … -p … -d ADDRESS --dport PORT`
    fn to_address(port: &ServicePortView, comment: &str, address: IpAddr) -> Vec<Match> {
        vec![
            Match::comment(comment),
            Match::Protocol(port.protocol),
            Match::destination(host(address)),
            Match::DestinationPort(port.port),
        ]
    }

    fn capture_cluster_ip(&mut self, port: &ServicePortView, chains: &Chains, any: bool, usable: bool) {
        if let Some((target, comment)) = Self::refusal(port, any, usable) {
            let matches = Self::to_address(port, &comment, port.cluster_ip);
            self.filter("KUBE-SERVICES", Rule::new(matches, target).about(&port.service));
            return;
        }
        let chain = if port.internal_local { &chains.local } else { &chains.cluster };
        let matches = Self::to_address(port, &format!("{} cluster IP", port.name), port.cluster_ip);
        self.nat("KUBE-SERVICES", Rule::jump(matches.clone(), chain).about(&port.service));
        // Traffic from outside the Pod network must come back this way: its source becomes the node's.
        let from_outside = match self.config.cluster_cidr {
            _ if self.config.masquerade_all => Some(matches),
            Some(cidr) => Some(matches.into_iter().chain([Match::Source { net: cidr, negated: true }]).collect()),
            None => None,
        };
        if let Some(matches) = from_outside {
            self.nat(chain, Rule::jump(matches, "KUBE-MARK-MASQ").about(&port.service));
        }
    }

    fn capture_external(&mut self, port: &ServicePortView, chains: &Chains, any: bool, usable: bool) {
        let firewalled = any && !port.load_balancer_ips.is_empty() && !port.load_balancer_source_ranges.is_empty();
        let refusal = Self::refusal(port, any, usable);
        let balancer_chain = if firewalled { &chains.firewall } else { &chains.external };
        let external = port.external_ips.iter().map(|ip| (*ip, "external IP", &chains.external));
        let balancer = port.load_balancer_ips.iter().map(|ip| (*ip, "loadbalancer IP", balancer_chain));
        for (address, what, chain) in external.chain(balancer) {
            if any {
                let matches = Self::to_address(port, &format!("{} {what}", port.name), address);
                self.nat("KUBE-SERVICES", Rule::jump(matches, chain).about(&port.service));
            }
            if let Some((target, comment)) = &refusal {
                let matches = Self::to_address(port, comment, address);
                self.filter("KUBE-EXTERNAL-SERVICES", Rule::new(matches, target.clone()).about(&port.service));
            }
        }
        if firewalled {
            self.firewall(port, chains);
        }
        self.capture_node_port(port, chains, any, &refusal);
    }

    fn capture_node_port(&mut self, port: &ServicePortView, chains: &Chains, any: bool, refusal: &Refusal) {
        if let Some(number) = port.node_port {
            let to_port = || [Match::Protocol(port.protocol), Match::DestinationPort(number)];
            if any {
                let matches = [Match::comment(&port.name)].into_iter().chain(to_port()).collect();
                self.nat("KUBE-NODEPORTS", Rule::jump(matches, &chains.external).about(&port.service));
            }
            if let Some((target, comment)) = refusal {
                let local = [Match::comment(comment), Match::DestinationIsLocal { negated: false }];
                let matches = local.into_iter().chain(to_port()).collect();
                self.filter("KUBE-EXTERNAL-SERVICES", Rule::new(matches, target.clone()).about(&port.service));
            }
        }
        if let Some(number) = port.health_check_node_port {
            let comment = Match::comment(format!("{} health check node port", port.name));
            let matches = vec![comment, Match::Protocol(Protocol::Tcp), Match::DestinationPort(number)];
            self.filter("KUBE-NODEPORTS", Rule::new(matches, Target::Accept).about(&port.service));
        }
    }

    /// `loadBalancerSourceRanges`: others are marked by falling through, and dropped in the filter table.
    fn firewall(&mut self, port: &ServicePortView, chains: &Chains) {
        for address in &port.load_balancer_ips {
            let comment = format!("{} traffic not accepted by {}", port.name, chains.firewall);
            let matches = Self::to_address(port, &comment, *address);
            self.filter("KUBE-PROXY-FIREWALL", Rule::new(matches, Target::Drop).about(&port.service));
        }
        let comment = || Match::comment(format!("{} loadbalancer IP", port.name));
        let from = |net: IpNet| Rule::jump(vec![comment(), Match::source(net)], &chains.external).about(&port.service);
        for range in &port.load_balancer_source_ranges {
            self.nat(&chains.firewall, from(*range));
        }
        // A node that may call through its own address needs the balancer's address admitted, too.
        if port.load_balancer_source_ranges.iter().any(|range| range.contains(&self.config.node_ip)) {
            for address in &port.load_balancer_ips {
                self.nat(&chains.firewall, from(host(*address)));
            }
        }
        let others = Match::comment(format!("other traffic to {} will be dropped by KUBE-PROXY-FIREWALL", port.name));
        self.nat(&chains.firewall, Rule::without_target(vec![others]).about(&port.service));
    }

    fn external_chain(&mut self, port: &ServicePortView, chains: &Chains, usable: bool) {
        let comment = |what: &str| Match::comment(format!("{what} for {} external destinations", port.name));
        let local_source = || Match::SourceIsLocal { negated: false };
        let mut rules = Vec::new();
        if port.external_local {
            if let Some(cidr) = self.config.cluster_cidr {
                rules.push(Rule::jump(vec![comment("pod traffic"), Match::source(cidr)], &chains.cluster));
            }
            rules.push(Rule::jump(vec![comment("masquerade LOCAL traffic"), local_source()], "KUBE-MARK-MASQ"));
            rules.push(Rule::jump(vec![comment("route LOCAL traffic"), local_source()], &chains.cluster));
        } else {
            rules.push(Rule::jump(vec![comment("masquerade traffic")], "KUBE-MARK-MASQ"));
        }
        if usable {
            let chain = if port.external_local { &chains.local } else { &chains.cluster };
            rules.push(Rule::jump(Vec::new(), chain));
        }
        self.netfilter.nat.add_chain(&chains.external);
        rules.into_iter().for_each(|rule| self.nat(&chains.external, rule.about(&port.service)));
    }

    /// A connection takes the first of n endpoints with probability 1/n, the next with 1/(n-1) of what is left, and so on.
    fn balance(&mut self, port: &ServicePortView, chain: &str, endpoints: &[&Endpoint]) {
        let comment = |endpoint: &Endpoint| Match::comment(format!("{} -> {}", port.name, endpoint.address));
        if let Some(seconds) = port.client_ip_affinity {
            for endpoint in endpoints {
                let list = endpoint_chain(port, endpoint);
                let recent = Match::RecentlySeen { list: list.clone(), seconds };
                self.nat(chain, Rule::jump(vec![comment(endpoint), recent], &list).about(&port.service));
            }
        }
        for (left, endpoint) in (1..=endpoints.len()).rev().zip(endpoints) {
            let mut matches = vec![comment(endpoint)];
            if left > 1 {
                matches.push(Match::OneIn(u32::try_from(left).unwrap_or(u32::MAX)));
            }
            self.nat(chain, Rule::jump(matches, &endpoint_chain(port, endpoint)).about(&port.service));
        }
    }

    fn endpoint(&mut self, port: &ServicePortView, endpoint: &Endpoint) {
        let chain = endpoint_chain(port, endpoint);
        let comment = || Match::comment(&port.name);
        // A Pod that reaches itself through the Service must see an answer from somebody else.
        let own = vec![comment(), Match::source(host(endpoint.address.ip()))];
        self.nat(&chain, Rule::jump(own, "KUBE-MARK-MASQ").about(&port.service));
        let mut matches = vec![comment()];
        if port.client_ip_affinity.is_some() {
            matches.push(Match::RecentSet { list: chain.clone() });
        }
        matches.push(Match::Protocol(port.protocol));
        self.nat(&chain, Rule::new(matches, Target::Dnat(endpoint.address)).about(&port.service));
    }

    fn node_ports_jump(&mut self) {
        let comment = || Match::comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain");
        let local = || Match::DestinationIsLocal { negated: false };
        let jumps: Vec<Vec<Match>> = match &self.config.node_port_addresses {
            Some(addresses) => addresses.iter().map(|address| vec![comment(), Match::destination(host(*address))]).collect(),
            None => {
                // Linux cannot route from ::1, and from 127.0.0.1 only with a sysctl that kube-proxy may leave alone.
                let loopback = match self.config.family {
                    Family::Ipv4 if self.config.localhost_node_ports => None,
                    Family::Ipv4 => Some(IpNet::new_assert(IpAddr::from([127, 0, 0, 0]), 8)),
                    Family::Ipv6 => Some(host(IpAddr::V6(core::net::Ipv6Addr::LOCALHOST))),
                };
                let except = loopback.map(|net| Match::Destination { net, negated: true });
                vec![[comment(), local()].into_iter().chain(except).collect()]
            }
        };
        jumps.into_iter().for_each(|matches| self.nat("KUBE-SERVICES", Rule::jump(matches, "KUBE-NODEPORTS")));
    }

    fn masquerade(&mut self) {
        let marked = |negated| Match::Mark { value: MASQUERADE_MARK, mask: MASQUERADE_MARK, negated };
        let mark = |change| Rule::new(Vec::new(), Target::Mark(change));
        self.nat("KUBE-MARK-MASQ", mark(MarkChange::Or(MASQUERADE_MARK)));
        self.nat("KUBE-POSTROUTING", Rule::new(vec![marked(true)], Target::Return));
        self.nat("KUBE-POSTROUTING", mark(MarkChange::Xor(MASQUERADE_MARK)));
        let comment = Match::comment("kubernetes service traffic requiring SNAT");
        let target = Target::Masquerade { random_fully: self.config.random_fully };
        self.nat("KUBE-POSTROUTING", Rule::new(vec![comment], target));
    }

    fn forward(&mut self) {
        let comment = |text: &str| Match::comment(text);
        let marked = Match::Mark { value: MASQUERADE_MARK, mask: MASQUERADE_MARK, negated: false };
        let known = Match::states(&[State::Related, State::Established]);
        let rules = [
            Rule::new(vec![Match::states(&[State::Invalid])], Target::Drop),
            Rule::new(vec![comment("kubernetes forwarding rules"), marked], Target::Accept),
            Rule::new(vec![comment("kubernetes forwarding conntrack rule"), known], Target::Accept),
        ];
        rules.into_iter().for_each(|rule| self.filter("KUBE-FORWARD", rule));
        let localnet = IpNet::new_assert(IpAddr::from([127, 0, 0, 0]), 8);
        if self.config.family == Family::Ipv4 && self.config.localhost_node_ports {
            // With `route_localnet` on, so that localhost NodePorts work, others must not reach 127.0.0.0/8 (CVE-2020-8558).
            let matches = vec![
                comment("block incoming localnet connections"),
                Match::destination(localnet),
                Match::Source { net: localnet, negated: true },
                Match::ConnectionState { states: vec![State::Related, State::Established], dnat: true, negated: true },
            ];
            self.filter("KUBE-FIREWALL", Rule::new(matches, Target::Drop));
        }
    }
}
