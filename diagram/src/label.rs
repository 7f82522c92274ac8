//! Names in boxes of fixed width. A box never grows with its text; the text gives way, and keeps what tells it from others.

/// Characters of 12 pixels that fit into a chip in the widest fonts a system falls back to.
pub const CHIP: usize = 11;

/// What `k8s.io/apimachinery/pkg/util/rand` makes generated endings of: no vowels, nothing that looks like one.
const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Shortens a name in the middle to at most `limit` characters. The end of a generated name is what distinguishes it from its
/// siblings, so five characters of it stay; a Deployment's hash before it says nothing and goes first:
/// `web-674b8bbfcf-x2x9k` → `web…x2x9k`.
pub fn truncate(name: &str, limit: usize) -> String {
    let count = name.chars().count();
    if count <= limit {
        return name.to_owned();
    }
    let tail = 5.min(limit.saturating_sub(1) / 2);
    let head = limit.saturating_sub(tail + 1);
    let start: String = deployment(name).unwrap_or(name).chars().take(head).collect();
    let end: String = name.chars().skip(count - tail).collect();
    format!("{}…{end}", start.trim_end_matches('-'))
}

/// The Deployment's name in a Pod's name with a template hash.
fn deployment(name: &str) -> Option<&str> {
    let (stem, hash) = without_hash(name)?.rsplit_once('-')?;
    (hash.len() >= 8 && is_generated(hash)).then_some(stem)
}

/// `kube-proxy` in `kube-proxy-8xk2p`.
fn without_hash(name: &str) -> Option<&str> {
    name.rsplit_once('-').filter(|(_, hash)| hash.len() == 5 && is_generated(hash)).map(|(stem, _)| stem)
}

fn is_generated(hash: &str) -> bool {
    hash.chars().all(|character| ALPHABET.contains(character))
}

/// A node's own Pod by what it is: a DaemonSet's name without its hash, a static Pod's without its node.
pub fn agent(name: &str, node: &str, limit: usize) -> String {
    let of_node = || name.strip_suffix(node).and_then(|stem| stem.strip_suffix('-'));
    let stem = without_hash(name).or_else(of_node).unwrap_or(name);
    let fits = stem.chars().count() <= limit;
    truncate(if fits { stem } else { stem.strip_prefix("kube-").unwrap_or(stem) }, limit)
}

/// `1 pod`, `3 pods`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_the_end_that_distinguishes_it() {
        for (name, limit, expected) in [
            ("frontend", 12, "frontend"),
            ("coredns-674b8bbfcf-x2x9k", 12, "coredn…x2x9k"),
            ("web-674b8bbfcf-x2x9k", 12, "web…x2x9k"),
            ("allow-frontend-to-backend", 12, "allow…ckend"),
            ("ééééééééééééé", 12, "éééééé…ééééé"),
            ("abcdef", 4, "ab…f"),
        ] {
            assert_eq!(truncate(name, limit), expected);
            assert!(truncate(name, limit).chars().count() <= limit);
        }
    }

    #[test]
    fn a_nodes_own_pod_is_named_by_what_it_is() {
        for (name, expected) in [
            ("kube-proxy-8xk2p", "kube-proxy"),
            ("kube-flannel-ds-8xk2p", "flannel-ds"),
            ("etcd-node-1", "etcd"),
            ("kube-apiserver-node-1", "apiserver"),
            ("kube-controller-manager-node-1", "contr…nager"),
        ] {
            assert_eq!(agent(name, "node-1", 11), expected);
        }
    }
}
