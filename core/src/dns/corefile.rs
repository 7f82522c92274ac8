//! The Corefile: which plugins answer for which zones. Read from the ConfigMap `kube-system/coredns`; of each server block only
//! what this server honours is kept (`kubernetes`, `forward`, `cache`, `loadbalance`), the other plugins do not change answers.

use super::name::fqdn;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corefile {
    pub servers: Vec<ServerBlock>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerBlock {
    /// Absolute: `.`, `example.org.`
    pub zones: Vec<String>,
    pub kubernetes: Option<KubernetesPlugin>,
    /// Names are forwarded when they lie in one of these zones.
    pub forward: Vec<String>,
    pub cache: Option<CachePlugin>,
    pub loadbalance: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesPlugin {
    pub zones: Vec<String>,
    /// Seconds; 5 when the file does not say.
    pub ttl: u32,
    pub pods: PodsMode,
    /// Zones whose unknown names go to the next plugin.
    pub fallthrough: Vec<String>,
    pub endpoint_pod_names: bool,
    pub ignore_empty_service: bool,
    /// Empty: all.
    pub namespaces: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodsMode {
    Disabled,
    /// Any IP in any namespace, without looking whether the Pod exists.
    Insecure,
    Verified,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachePlugin {
    /// Longest time to keep an answer, and a denial, in seconds.
    pub success_ttl: u32,
    pub denial_ttl: u32,
    pub no_success: Vec<String>,
    pub no_denial: Vec<String>,
}

impl Corefile {
    /// Reads a Corefile. Lines it does not know are passed over, as every plugin here would do with another's.
    pub fn parse(text: &str) -> Self {
        let mut servers = Vec::new();
        let mut lines = text.lines().map(words).filter(|words| !words.is_empty());
        while let Some(heading) = lines.next() {
            let zones = heading.iter().filter(|word| *word != "{").map(|word| zone_of(word)).collect();
            servers.push(ServerBlock::read(zones, &mut lines));
        }
        Self { servers }
    }

    /// The block whose zone is the longest that holds the name.
    pub(super) fn block(&self, name: &str) -> Option<&ServerBlock> {
        let fit = |block: &ServerBlock| longest_zone(&block.zones, name).map(str::len);
        self.servers.iter().filter(|block| fit(block).is_some()).max_by_key(|block| fit(block))
    }
}

/// The words of a line without its comment.
fn words(line: &str) -> Vec<String> {
    let text = line.split('#').next().unwrap_or_default();
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// `.:53` and `dns://example.org:1053,` name zones.
fn zone_of(word: &str) -> String {
    let word = word.trim_end_matches(',');
    let word = word.split_once("://").map_or(word, |(_, rest)| rest);
    fqdn(word.split(':').next().unwrap_or_default())
}

fn zones(words: &[String]) -> Vec<String> {
    words.iter().filter(|word| *word != "{").map(|word| fqdn(word)).collect()
}

/// The longest of `zones` that holds `name`.
pub(super) fn longest_zone<'a>(zones: &'a [String], name: &str) -> Option<&'a str> {
    let holding = zones.iter().filter(|zone| super::name::within(name, zone).is_some());
    holding.max_by_key(|zone| zone.len()).map(String::as_str)
}

impl ServerBlock {
    fn read(zones_served: Vec<String>, lines: &mut impl Iterator<Item = Vec<String>>) -> Self {
        let mut block = Self { zones: zones_served, ..Self::default() };
        while let Some(line) = lines.next() {
            let Some((plugin, arguments)) = line.split_first() else { continue };
            let options = if arguments.last().is_some_and(|word| word == "{") { options(lines) } else { Vec::new() };
            match plugin.as_str() {
                "}" => break,
                "kubernetes" => block.kubernetes = Some(KubernetesPlugin::read(arguments, &block.zones, &options)),
                "forward" => block.forward = zones(arguments.get(..1).unwrap_or_default()),
                "cache" => block.cache = Some(CachePlugin::read(arguments, &options)),
                "loadbalance" => block.loadbalance = true,
                _ => {}
            }
        }
        block
    }
}

/// The lines up to the closing brace of a plugin's options.
fn options(lines: &mut impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    lines.take_while(|line| line.first().is_none_or(|word| word != "}")).collect()
}

impl KubernetesPlugin {
    fn read(arguments: &[String], server_zones: &[String], options: &[Vec<String>]) -> Self {
        let named = zones(arguments);
        let mut plugin = Self {
            zones: if named.is_empty() { server_zones.to_vec() } else { named },
            ttl: 5,
            pods: PodsMode::Disabled,
            fallthrough: Vec::new(),
            endpoint_pod_names: false,
            ignore_empty_service: false,
            namespaces: Vec::new(),
        };
        for option in options {
            let Some((name, values)) = option.split_first() else { continue };
            let value = values.first().map(String::as_str);
            match name.as_str() {
                "ttl" => plugin.ttl = value.and_then(|text| text.parse().ok()).unwrap_or(plugin.ttl),
                "pods" => plugin.pods = PodsMode::read(value),
                "endpoint_pod_names" => plugin.endpoint_pod_names = true,
                "ignore" => plugin.ignore_empty_service = value == Some("empty_service"),
                "namespaces" => plugin.namespaces = values.to_vec(),
                // Without zones it falls through for all of them.
                "fallthrough" if values.is_empty() => plugin.fallthrough = vec![".".to_owned()],
                "fallthrough" => plugin.fallthrough = zones(values),
                _ => {}
            }
        }
        plugin
    }
}

impl PodsMode {
    fn read(word: Option<&str>) -> Self {
        match word {
            Some("insecure") => PodsMode::Insecure,
            Some("verified") => PodsMode::Verified,
            _ => PodsMode::Disabled,
        }
    }
}

impl CachePlugin {
    /// The plugin's own limits are an hour for answers and half an hour for denials (coredns `plugin/cache/README.md`).
    fn read(arguments: &[String], options: &[Vec<String>]) -> Self {
        let ttl = arguments.first().and_then(|word| word.parse().ok());
        let disabled = |what: &str| -> Vec<String> {
            let lines = options.iter().filter(|line| line.first().is_some_and(|word| word == "disable"));
            let mut lines = lines.filter(|line| line.get(1).is_some_and(|word| word == what));
            match lines.next().and_then(|line| line.get(2..)) {
                None => Vec::new(),
                Some([]) => vec![".".to_owned()],
                Some(named) => zones(named),
            }
        };
        Self {
            success_ttl: ttl.unwrap_or(3_600),
            denial_ttl: ttl.unwrap_or(1_800),
            no_success: disabled("success"),
            no_denial: disabled("denial"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of kubeadm 1.33 (cmd/kubeadm/app/phases/addons/dns), without the plugins that do not change answers.
    const KUBEADM: &str = ".:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loadbalance
}
";

    #[test]
    fn the_corefile_of_kubeadm_is_read_whole() {
        let corefile = Corefile::parse(KUBEADM);
        let block = corefile.block("web.shop.svc.cluster.local.").expect("the root zone holds every name");
        assert_eq!(block.forward, ["."]);
        assert!(block.loadbalance);
        let kubernetes = block.kubernetes.as_ref().expect("kubeadm configures the plugin");
        assert_eq!(kubernetes.zones, ["cluster.local.", "in-addr.arpa.", "ip6.arpa."]);
        assert_eq!((kubernetes.ttl, kubernetes.pods), (30, PodsMode::Insecure));
        assert_eq!(kubernetes.fallthrough, ["in-addr.arpa.", "ip6.arpa."]);
        let cache = block.cache.as_ref().expect("kubeadm configures the cache");
        assert_eq!((cache.success_ttl, &cache.no_success), (30, &vec!["cluster.local.".to_owned()]));
    }

    #[test]
    fn the_block_with_the_longest_zone_answers() {
        let corefile = Corefile::parse("example.org:53 {\n  forward . 192.0.2.1\n}\n. {\n  kubernetes cluster.local\n}\n");
        assert_eq!(corefile.block("www.example.org.").map(|block| block.kubernetes.is_none()), Some(true));
        assert_eq!(corefile.block("a.cluster.local.").map(|block| block.kubernetes.is_some()), Some(true));
    }
}
