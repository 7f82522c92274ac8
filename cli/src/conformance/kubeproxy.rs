//! `kubeproxy/`: what kube-proxy programs for a node, as rule text and as the fate of packets. Counted by flow and rule text.

use super::{Family, read_json};
use crate::Failure;
use hoplab_core::clock::Instant;
use hoplab_core::dataplane::conntrack::State;
use hoplab_core::dataplane::kube_proxy::{self, Config};
use hoplab_core::dataplane::netfilter::{Chance, Netfilter, RecentSources, Subject, Verdict};
use hoplab_core::manifest;
use hoplab_core::net::{IpAddr, IpNet, Packet, SocketAddr, TcpFlags};
use hoplab_core::store::Store;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// kube-proxy's unit tests pretend to run on this node, which has these addresses.
const HOSTNAME: &str = "test-hostname";
const MASQUERADE_MARK: u32 = 0x4000;

#[derive(Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    config: Option<CaseConfig>,
    objects_file: Option<String>,
    iptables_save_file: String,
    #[serde(default)]
    flows: Vec<Flow>,
    #[serde(default)]
    expected_rules: Vec<ExpectedRules>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CaseConfig {
    has_random_fully: bool,
    #[serde(rename = "nodeIP")]
    node_ip: IpAddr,
    masquerade_all: bool,
    localhost_node_ports: bool,
    node_port_addresses: String,
    local_detector: LocalDetector,
    ip_family: String,
}

#[derive(Deserialize)]
struct LocalDetector {
    cidr: Option<IpNet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flow {
    name: String,
    #[serde(rename = "sourceIP")]
    source: IpAddr,
    #[serde(rename = "destIP")]
    destination: IpAddr,
    dest_port: u16,
    output: String,
    masq: bool,
}

#[derive(Deserialize)]
struct ExpectedRules {
    file: String,
    relation: String,
    full_state: bool,
}

#[derive(Deserialize)]
struct Unmodelled {
    id: String,
}

pub fn run(directory: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("kubeproxy");
    let iptables = directory.join("iptables");
    let cases: Cases<Case> = read_json(&iptables.join("cases.json"))?;
    for case in &cases.cases {
        check(&mut family, &iptables, case)?;
    }
    let ipvs = directory.join("ipvs/cases.json");
    if ipvs.is_file() {
        let cases: Cases<Unmodelled> = read_json(&ipvs)?;
        for case in cases.cases {
            family.check(format!("ipvs/{}", case.id), "virtual servers", "IPVS mode is not modelled yet");
        }
    }
    Ok(family)
}

fn check(family: &mut Family, directory: &Path, case: &Case) -> Result<(), Failure> {
    let (Some(config), Some(objects)) = (&case.config, &case.objects_file) else {
        for flow in &case.flows {
            family.check(format!("{}: {}", case.id, flow.name), flow.output.clone(), "rules are not read from text yet");
        }
        return Ok(());
    };
    let netfilter = compile(config, &crate::input::read(&directory.join(objects))?);
    for flow in &case.flows {
        let expected = format!("{} masquerade {}", flow.output, flow.masq);
        family.check(format!("{}: {}", case.id, flow.name), expected, fate(&netfilter, config, flow));
    }
    let got = netfilter.written();
    for expected in &case.expected_rules {
        let text = crate::input::read(&directory.join(&expected.file))?;
        let equal = same_rules(&text, &got, expected.full_state);
        let passed = equal == (expected.relation == "equal");
        family.verdict(format!("{}: {}", case.id, expected.file), passed, text, got.clone());
    }
    if case.expected_rules.is_empty() && case.flows.is_empty() {
        let text = crate::input::read(&directory.join(&case.iptables_save_file))?;
        let passed = same_rules(&text, &got, true);
        family.verdict(format!("{}: {}", case.id, case.iptables_save_file), passed, text, got);
    }
    Ok(())
}

fn compile(config: &CaseConfig, objects: &str) -> Netfilter {
    let documents = manifest::parse(objects, "objects.yaml").documents;
    let store = Store::holding(documents.into_iter().map(|document| document.object));
    let family = if config.ip_family == "IPv6" { kube_proxy::Family::Ipv6 } else { kube_proxy::Family::Ipv4 };
    let config = Config {
        family,
        node_ip: config.node_ip,
        cluster_cidr: config.local_detector.cidr,
        masquerade_all: config.masquerade_all,
        random_fully: config.has_random_fully,
        node_port_addresses: node_port_addresses(config),
        localhost_node_ports: config.localhost_node_ports,
    };
    let mut netfilter = Netfilter::without_rules();
    let ports = kube_proxy::service_ports(&store, HOSTNAME, family);
    kube_proxy::compile(&config, &ports, &mut netfilter);
    netfilter.index();
    netfilter
}

/// `[192.168.0.0/24]`: the node's own addresses in those networks; a network of length zero means all.
fn node_port_addresses(config: &CaseConfig) -> Option<Vec<IpAddr>> {
    let networks = config.node_port_addresses.trim_matches(['[', ']']).split([' ', ',']);
    let networks: Vec<IpNet> = networks.filter_map(|text| text.parse().ok()).collect();
    if networks.is_empty() || networks.iter().any(|network| network.prefix_len() == 0) {
        return None;
    }
    let own = [IpAddr::from([127, 0, 0, 1]), config.node_ip];
    let served = own.into_iter().filter(|address| networks.iter().any(|network| network.contains(address)));
    Some(served.filter(|address| !address.is_loopback() || config.localhost_node_ports).collect())
}

/// Every endpoint that chance could choose, or what the filter table does, as kube-proxy's own tests follow a packet.
fn fate(netfilter: &Netfilter, config: &CaseConfig, flow: &Flow) -> String {
    let (source, destination) = (SocketAddr::new(flow.source, 40_000), SocketAddr::new(flow.destination, flow.dest_port));
    let mut packet = Packet::tcp(source, destination, TcpFlags::Syn);
    let is_local = |address: IpAddr| address.is_loopback() || address == config.node_ip;
    let (mut outputs, mut mark) = (Vec::new(), 0);
    for evaluation in netfilter.every_verdict(&netfilter.nat, "PREROUTING", 0, &subject(&packet, &is_local)) {
        mark |= evaluation.mark;
        if let Verdict::Dnat(to) = evaluation.verdict {
            outputs.push(to);
        }
    }
    if let Some(first) = outputs.first() {
        packet.destination = first.ip();
        packet.set_ports(source.port(), first.port());
    }
    let mut words: Vec<String> = outputs.iter().map(ToString::to_string).collect();
    for chain in ["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"] {
        let evaluation = netfilter.evaluate(&netfilter.filter, chain, mark, &subject(&packet, &is_local));
        match evaluation.verdict {
            Verdict::Accept if evaluation.decided => words.push("ACCEPT".to_owned()),
            Verdict::Drop => words.push("DROP".to_owned()),
            Verdict::Reject(_) => words.push("REJECT".to_owned()),
            Verdict::Accept | Verdict::Dnat(_) | Verdict::Masquerade => {}
        }
    }
    format!("{} masquerade {}", words.join(", "), mark & MASQUERADE_MARK != 0)
}

fn subject<'a>(packet: &'a Packet, is_local: &'a dyn Fn(IpAddr) -> bool) -> Subject<'a> {
    static NOTHING_SEEN: RecentSources = RecentSources::new();
    Subject {
        packet,
        state: State::New,
        dnat: false,
        is_local,
        recent: &NOTHING_SEEN,
        now: Instant::default(),
        chance: Chance::Drawn(0),
    }
}

/// Chains with their rules. The order of services in the chains that list them all is free; in a service's own chains it counts.
/// A partial text says only what one sync changed: its chains must be there, with the same rules.
fn same_rules(expected: &str, got: &str, full_state: bool) -> bool {
    let (expected, got) = (chains(expected), chains(got));
    let mentioned = |chain: &(String, String)| full_state || expected.contains_key(chain);
    let got: BTreeMap<_, _> = got.into_iter().filter(|(chain, _)| mentioned(chain)).collect();
    expected == got
}

/// Rules by table and chain, without quotes, the built-in chains left out: kube-proxy writes them by other means.
fn chains(text: &str) -> BTreeMap<(String, String), Vec<String>> {
    let mut chains: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut table = "";
    for line in text.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('*') {
            table = name;
        } else if let Some(rule) = line.strip_prefix("-A ") {
            let (chain, rule) = rule.split_once(' ').unwrap_or((rule, ""));
            if chain.starts_with("KUBE-") {
                chains.entry((table.to_owned(), chain.to_owned())).or_default().push(rule.replace('"', ""));
            }
        }
    }
    for ((_, chain), rules) in &mut chains {
        let of_one_service = ["KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SEP-"];
        if !of_one_service.iter().any(|prefix| chain.starts_with(prefix)) {
            rules.sort();
        }
    }
    chains
}
