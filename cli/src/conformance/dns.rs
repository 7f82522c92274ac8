//! `dns/`: what the real CoreDNS answered over the same objects, and the queries that real resolvers sent. Counted by query.

use super::{Family, read_json};
use crate::Failure;
use hoplab_core::api::{Kind, Object};
use hoplab_core::clock::{Duration, Instant};
use hoplab_core::dns::{
    self, CoreDns, Family as AddressFamily, Lookup, LookupError, Next, Query, ResolvConf, Resolver, rcode_word,
};
use hoplab_core::manifest;
use hoplab_core::net::{DnsMessage, DnsRecord, IpAddr, Rcode, RecordData, RecordType};
use hoplab_core::store::Store;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub fn run(directory: &Path) -> Result<Family, Failure> {
    let mut family = Family::new("dns");
    for file in ["cases.json", "matrix.json", "spec_cases.json"] {
        let answers: Answers = read_json(&directory.join(file))?;
        for group in &answers.groups {
            check_group(&mut family, directory, group)?;
        }
    }
    check_resolvers(&mut family, &read_json(&directory.join("resolver_traces.json"))?);
    Ok(family)
}

#[derive(Deserialize)]
struct Answers {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    fixture: String,
    #[serde(default)]
    config: Config,
    cases: Vec<Case>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    plugin: Option<String>,
    zonal: bool,
    autopath: Option<String>,
    zones: Vec<String>,
    ttl: Option<u32>,
    namespaces: Vec<String>,
    pods: Option<String>,
    ignore_empty_service: bool,
    endpoint_pod_names: bool,
}

#[derive(Deserialize)]
struct Case {
    qname: String,
    qtype: String,
    rcode: String,
    #[serde(default)]
    answer: Vec<Value>,
    ns: Option<Vec<Value>>,
    extra: Option<Vec<Value>>,
}

fn check_group(family: &mut Family, directory: &Path, group: &Group) -> Result<(), Failure> {
    let config = &group.config;
    if config.plugin.is_some() || config.zonal || config.autopath.is_some() {
        for case in &group.cases {
            family.verdict(format!("{} {}", group.id, case.qname), false, case.rcode.clone(), "this plugin is not modelled");
        }
        return Ok(());
    }
    let fixture = crate::input::read(&directory.join("fixtures").join(&group.fixture))?;
    let mut server = server(&fixture, config);
    for case in &group.cases {
        let name = format!("{} {} {}", group.id, case.qname, case.qtype);
        let Some(kind) = record_type(&case.qtype) else {
            family.verdict(name, false, case.rcode.clone(), "no such record type here");
            continue;
        };
        let reply = server.answer(&DnsMessage::query(0, case.qname.clone(), kind), START);
        let expected = expectation(case);
        let got = observation(&reply, case);
        family.verdict(name, agree(&expected, &got), expected.join(" | "), got.join(" | "));
    }
    Ok(())
}

const START: Instant = Instant::from_unix_seconds(1_499_347_823);

/// CoreDNS after it has seen the fixture's objects.
fn server(fixture: &str, config: &Config) -> CoreDns {
    let mut store = Store::default();
    let parsed = manifest::parse(fixture, "fixture");
    let objects = parsed.documents.into_iter().map(|document| document.object).chain(corefile(config));
    let (namespaces, others): (Vec<_>, Vec<_>) = objects.partition(|object| object.kind() == Kind::Namespace);
    for object in namespaces.into_iter().chain(others) {
        // What a fixture holds and the API server would refuse, CoreDNS never sees.
        let _refused = store.create(object, START).err();
    }
    let mut server = CoreDns::default();
    server.observe(&store, START);
    server.observe(&store, START + Duration::from_secs(1));
    server
}

fn corefile(config: &Config) -> Vec<Object> {
    let zones = if config.zones.is_empty() { "cluster.local in-addr.arpa ip6.arpa".to_owned() } else { config.zones.join(" ") };
    let mut text = format!(".:53 {{\n kubernetes {zones} {{\n  ttl {}\n", config.ttl.unwrap_or(5));
    if let Some(pods) = &config.pods {
        text += &format!("  pods {pods}\n");
    }
    if !config.namespaces.is_empty() {
        text += &format!("  namespaces {}\n", config.namespaces.join(" "));
    }
    if config.ignore_empty_service {
        text += "  ignore empty_service\n";
    }
    if config.endpoint_pod_names {
        text += "  endpoint_pod_names\n";
    }
    text += " }\n}\n";
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "kube-system" } });
    let config_map = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "coredns", "namespace": "kube-system" },
        "data": { "Corefile": text },
    });
    let objects = [(Kind::Namespace, namespace), (Kind::ConfigMap, config_map)];
    objects.into_iter().filter_map(|(kind, document)| Object::from_document(kind, document).ok()).collect()
}

fn record_type(word: &str) -> Option<RecordType> {
    use RecordType::*;
    let known = [
        ("A", A),
        ("AAAA", Aaaa),
        ("CNAME", Cname),
        ("SRV", Srv),
        ("PTR", Ptr),
        ("TXT", Txt),
        ("SOA", Soa),
        ("NS", Ns),
        ("MX", Mx),
    ];
    known.into_iter().find(|(name, _)| *name == word).map(|(_, kind)| kind)
}

/// Response code and the sections that the case names, each record as `section owner ttl type data`, sorted.
fn expectation(case: &Case) -> Vec<String> {
    let mut lines = vec![case.rcode.clone()];
    let sections = [("an", Some(&case.answer)), ("ns", case.ns.as_ref()), ("ar", case.extra.as_ref())];
    for (section, records) in sections {
        lines.extend(records.into_iter().flatten().map(|record| format!("{section} {}", expected_record(record))));
    }
    lines.sort();
    lines
}

fn expected_record(record: &Value) -> String {
    let text = record.as_str().or_else(|| record["text"].as_str()).unwrap_or_default();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [name, ttl, _, kind, data @ ..] = words.as_slice() else { return text.to_owned() };
    let ttl = if record.get("ttl").is_some_and(Value::is_null) { "*" } else { ttl };
    let data = if *kind == "SOA" { data.get(..1).unwrap_or_default().join(" ") } else { data.join(" ").replace('"', "") };
    format!("{name} {ttl} {kind} {data}").to_lowercase()
}

fn observation(reply: &DnsMessage, case: &Case) -> Vec<String> {
    let mut lines = vec![rcode_word(reply.rcode).to_owned()];
    let sections = [
        ("an", Some(&reply.answers)),
        ("ns", case.ns.as_ref().map(|_| &reply.authority)),
        ("ar", case.extra.as_ref().map(|_| &reply.additional)),
    ];
    for (section, records) in sections {
        lines.extend(records.into_iter().flatten().map(|record| format!("{section} {}", record_text(record))));
    }
    lines.sort();
    lines
}

fn record_text(record: &DnsRecord) -> String {
    let (kind, data) = match &record.data {
        RecordData::Address(ip) => (if ip.is_ipv4() { "A" } else { "AAAA" }, ip.to_string()),
        RecordData::Cname(name) => ("CNAME", name.clone()),
        RecordData::Ptr(name) => ("PTR", name.clone()),
        RecordData::Ns(name) => ("NS", name.clone()),
        RecordData::Txt(text) => ("TXT", text.clone()),
        RecordData::Srv { priority, weight, port, target } => ("SRV", format!("{priority} {weight} {port} {target}")),
        RecordData::Soa { mname, .. } => ("SOA", mname.clone()),
    };
    format!("{} {} {kind} {data}", record.name, record.ttl).to_lowercase()
}

/// Word by word; `*` stands for any word, or for any first label.
fn agree(expected: &[String], got: &[String]) -> bool {
    let fits = |expected: &str, got: &str| {
        let (expected, got): (Vec<_>, Vec<_>) = (expected.split(' ').collect(), got.split(' ').collect());
        let word = |(expected, got): (&&str, &&str)| match expected.strip_prefix('*') {
            Some("") => true,
            Some(rest) => got.ends_with(rest),
            None => expected == got,
        };
        expected.len() == got.len() && expected.iter().zip(&got).all(word)
    };
    // Wildcards do not sort: every expected line must find a line of its own.
    let mut left: Vec<&String> = got.iter().collect();
    let found_all = expected.iter().all(|line| match left.iter().position(|got| fits(line, got)) {
        Some(at) => {
            left.remove(at);
            true
        }
        None => false,
    });
    found_all && left.is_empty()
}

#[derive(Deserialize)]
struct Traces {
    resolv_conf: BTreeMap<String, String>,
    behaviours: BTreeMap<String, Behaviour>,
    cases: Vec<TraceCase>,
}

#[derive(Deserialize)]
struct Behaviour {
    #[serde(default)]
    zone: BTreeMap<String, BTreeMap<String, Vec<IpAddr>>>,
    #[serde(default)]
    rules: Vec<[String; 3]>,
}

#[derive(Deserialize)]
struct TraceCase {
    id: u32,
    resolv_conf: String,
    servers: BTreeMap<IpAddr, String>,
    name: String,
    family: String,
    #[serde(rename = "impl")]
    implementations: BTreeMap<String, Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    queries: Vec<RecordedQuery>,
    result: RecordedResult,
}

#[derive(Deserialize)]
struct RecordedQuery {
    server: IpAddr,
    qname: String,
    qtype: String,
}

#[derive(Deserialize)]
struct RecordedResult {
    addresses: Vec<IpAddr>,
    error: Option<String>,
}

fn check_resolvers(family: &mut Family, traces: &Traces) {
    for case in &traces.cases {
        for (name, recorded) in &case.implementations {
            let resolver = match name.as_str() {
                "glibc" => Resolver::Glibc,
                "musl" => Resolver::Musl,
                _ => Resolver::Go,
            };
            let mut expected: Vec<String> =
                recorded.queries.iter().map(|query| format!("{} {} {}", query.server, query.qname, query.qtype)).collect();
            expected.sort();
            let mut addresses: Vec<String> = recorded.result.addresses.iter().map(IpAddr::to_string).collect();
            addresses.sort();
            expected.push(if recorded.result.error.is_some() { "error".to_owned() } else { addresses.join(" ") });
            let got = play(traces, case, resolver).join(" | ");
            family.check(format!("resolver {} {name} {} {}", case.id, case.resolv_conf, case.name), expected.join(" | "), got);
        }
    }
}

/// The queries of a lookup against the case's servers, sorted, and its result.
fn play(traces: &Traces, case: &TraceCase, resolver: Resolver) -> Vec<String> {
    let config = ResolvConf::parse(traces.resolv_conf.get(&case.resolv_conf).map(String::as_str).unwrap_or_default());
    let address_family = match case.family.as_str() {
        "AF_INET" => AddressFamily::V4,
        "AF_INET6" => AddressFamily::V6,
        _ => AddressFamily::Any,
    };
    let mut lookup = Lookup::new(resolver, &config, &case.name, address_family);
    let mut asked = Vec::new();
    let mut next = lookup.start();
    loop {
        match next {
            Next::Done(result) => {
                asked.sort();
                asked.push(match result {
                    Ok(mut addresses) => {
                        addresses.sort_by_key(IpAddr::to_string);
                        addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ")
                    }
                    Err(LookupError::NoName | LookupError::NoData | LookupError::TryAgain) => "error".to_owned(),
                });
                return asked;
            }
            Next::Ask(round) => {
                let mut answers = Vec::new();
                for query in &round.queries {
                    let mut best = dns::Answer::Silence;
                    for server in &round.servers {
                        let word = if query.kind == RecordType::A { "A" } else { "AAAA" };
                        asked.push(format!("{server} {} {word}", query.name));
                        let behaviour = case.servers.get(server).and_then(|name| traces.behaviours.get(name));
                        if best == dns::Answer::Silence {
                            best = behaviour.map_or(dns::Answer::Silence, |behaviour| behaviour.answer(query, word));
                        }
                    }
                    answers.push(best);
                }
                next = lookup.feed(answers);
            }
        }
    }
}

impl Behaviour {
    fn answer(&self, query: &Query, word: &str) -> dns::Answer {
        let mut reply = DnsMessage { response: true, ..DnsMessage::query(0, query.name.clone(), query.kind) };
        let fits = |pattern: &str| match pattern.strip_prefix('*') {
            Some(rest) => query.name.ends_with(rest),
            None => query.name == pattern,
        };
        let rule = self.rules.iter().find(|[pattern, kind, _]| fits(pattern) && (kind == "*" || kind == word));
        match (rule.map(|[_, _, outcome]| outcome.as_str()), self.zone.get(&query.name)) {
            (Some("DROP"), _) => return dns::Answer::Silence,
            (Some("SERVFAIL"), _) => reply.rcode = Rcode::ServFail,
            (Some("REFUSED"), _) => reply.rcode = Rcode::Refused,
            (Some("NODATA"), _) => {}
            (Some(_), _) | (None, None) => reply.rcode = Rcode::NxDomain,
            (None, Some(types)) => {
                let addresses = types.get(word).into_iter().flatten();
                let record = |ip: &IpAddr| DnsRecord { name: query.name.clone(), ttl: 30, data: RecordData::Address(*ip) };
                reply.answers = addresses.map(record).collect();
            }
        }
        dns::Answer::Reply(reply)
    }
}
