//! `/etc/resolv.conf`: what the kubelet writes for a Pod, and what a resolver reads from such a file.

use crate::api::{Cluster, Object};
use crate::net::IpAddr;
use serde_json::Value;

/// The resolver configuration of a simulated node: the network's own recursive resolver, no search list.
const NODE_NAMESERVER: &str = "192.168.1.1";

/// The file of a node, which Pods with `dnsPolicy: Default` inherit.
pub fn node_resolv_conf() -> String {
    format!("nameserver {NODE_NAMESERVER}\n")
}

/// The `/etc/resolv.conf` that the kubelet writes for a Pod (`pkg/kubelet/network/dns`, `GetPodDNS`).
pub fn resolv_conf(cluster: &Cluster, pod: &Object) -> String {
    let Some(spec) = pod.as_pod().map(|pod| &pod.spec) else {
        return String::new();
    };
    let policy = spec.dns_policy.as_deref().unwrap_or("ClusterFirst");
    let mut config = match policy {
        "None" => ResolvConf::empty(),
        "ClusterFirstWithHostNet" => cluster_first(cluster, pod.namespace()),
        "ClusterFirst" if !spec.host_network => cluster_first(cluster, pod.namespace()),
        // A Pod on the host's network cannot be told apart from the host by the cluster's DNS setup: it falls back to Default.
        _ => ResolvConf::parse(&node_resolv_conf()),
    };
    config.append(&pod.document()["spec"]["dnsConfig"]);
    config.to_string()
}

fn cluster_first(cluster: &Cluster, namespace: &str) -> ResolvConf {
    let domain = &cluster.cluster_domain;
    ResolvConf {
        nameservers: vec![cluster.dns_service_ip],
        search: vec![format!("{namespace}.svc.{domain}"), format!("svc.{domain}"), domain.clone()],
        options: vec!["ndots:5".to_owned()],
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvConf {
    pub nameservers: Vec<IpAddr>,
    pub search: Vec<String>,
    /// As written, in order: `ndots:5`, `single-request`.
    pub options: Vec<String>,
}

impl ResolvConf {
    fn empty() -> Self {
        Self::default()
    }

    /// Reads the file as resolv.conf(5) says: the last of `search` and `domain` wins, unknown lines are skipped.
    pub fn parse(text: &str) -> Self {
        let mut config = Self::empty();
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") => config.nameservers.extend(words.next().and_then(|word| word.parse::<IpAddr>().ok())),
                Some("search") => config.search = words.map(str::to_owned).collect(),
                Some("domain") => config.search = words.take(1).map(str::to_owned).collect(),
                Some("options") => config.options.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        config
    }

    /// The value of an option that has one: `number("ndots")`.
    fn number(&self, option: &str) -> Option<u32> {
        let values = self.options.iter().filter_map(|word| word.split_once(':').filter(|(name, _)| *name == option));
        values.filter_map(|(_, value)| value.parse().ok()).next_back()
    }

    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|word| word == option)
    }

    /// How many dots make a name worth trying as it stands first. At most 15, 1 when the file does not say.
    pub fn ndots(&self) -> usize {
        self.number("ndots").map_or(1, |dots| dots.min(15) as usize)
    }

    /// Seconds to wait for an answer: at most 30, 5 when the file does not say.
    pub fn timeout(&self) -> u64 {
        self.number("timeout").map_or(5, |seconds| u64::from(seconds.clamp(1, 30)))
    }

    /// How often a server is asked: at most 5, 2 when the file does not say.
    pub fn attempts(&self) -> u32 {
        self.number("attempts").map_or(2, |times| times.clamp(1, 5))
    }

    /// Adds a Pod's `spec.dnsConfig`: servers and searches come after, an option of the same name is replaced.
    fn append(&mut self, dns_config: &Value) {
        let strings = |field: &str| {
            let items = dns_config[field].as_array().map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        for server in strings("nameservers").iter().filter_map(|text| text.parse().ok()) {
            if !self.nameservers.contains(&server) {
                self.nameservers.push(server);
            }
        }
        for domain in strings("searches") {
            if !self.search.contains(&domain) {
                self.search.push(domain);
            }
        }
        for option in dns_config["options"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let Some(name) = option["name"].as_str() else { continue };
            self.options.retain(|word| word.split(':').next() != Some(name));
            self.options.push(match option["value"].as_str() {
                Some(value) => format!("{name}:{value}"),
                None => name.to_owned(),
            });
        }
    }
}

/// The order of lines is the kubelet's.
impl core::fmt::Display for ResolvConf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if !self.search.is_empty() {
            writeln!(f, "search {}", self.search.join(" "))?;
        }
        self.nameservers.iter().try_for_each(|server| writeln!(f, "nameserver {server}"))?;
        if self.options.is_empty() { Ok(()) } else { writeln!(f, "options {}", self.options.join(" ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;
    use serde_json::json;

    fn file(spec: Value) -> String {
        let document = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec});
        let pod = Object::from_document(Kind::Pod, document).expect("the test writes valid Pods");
        resolv_conf(&Cluster::default(), &pod)
    }

    #[test]
    fn the_kubelet_writes_the_file_that_the_dns_policy_asks_for() {
        // The texts follow pkg/kubelet/network/dns/dns.go of Kubernetes 1.33.
        let cluster_first =
            "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n";
        let node = "nameserver 192.168.1.1\n";
        let cases = [
            (json!({}), cluster_first),
            (json!({"dnsPolicy": "ClusterFirst", "hostNetwork": true}), node),
            (json!({"dnsPolicy": "ClusterFirstWithHostNet", "hostNetwork": true}), cluster_first),
            (json!({"dnsPolicy": "Default"}), node),
            (
                json!({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"], "searches": ["my.dns"],
                       "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]}}),
                "search my.dns\nnameserver 192.0.2.1\noptions ndots:2 edns0\n",
            ),
            (
                json!({"dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}}),
                "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:2\n",
            ),
        ];
        for (spec, expected) in cases {
            assert_eq!(file(spec.clone()), expected, "{spec}");
        }
    }

    #[test]
    fn limits_of_the_options_are_those_of_resolv_conf_5() {
        let config = ResolvConf::parse("nameserver 10.96.0.10\noptions ndots:99 timeout:0 attempts:9 single-request\n");
        assert_eq!((config.ndots(), config.timeout(), config.attempts()), (15, 1, 5));
        assert!(config.has("single-request"));
        let silent = ResolvConf::parse("");
        assert_eq!((silent.ndots(), silent.timeout(), silent.attempts()), (1, 5, 2));
    }
}
