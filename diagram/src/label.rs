//! Names in boxes of fixed width. A box never grows with its text; the text gives way, and keeps what tells it from others.

/// Characters of 12 pixels that fit into a chip in the widest fonts a system falls back to.
pub const CHIP: usize = 11;

/// Shortens a name in the middle to at most `limit` characters. The end of a generated name (`coredns-674b8bbfcf-x2x9k`) is what
/// distinguishes it from its siblings, so five characters of it stay.
pub fn truncate(name: &str, limit: usize) -> String {
    let count = name.chars().count();
    if count <= limit {
        return name.to_owned();
    }
    let tail = 5.min(limit.saturating_sub(1) / 2);
    let head = limit.saturating_sub(tail + 1);
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(count - tail).collect();
    format!("{start}…{end}")
}

/// The name of a DaemonSet from the name of its Pod: `kube-proxy-8xk2p` → `kube-proxy`.
pub fn without_hash(name: &str) -> &str {
    /// What `k8s.io/apimachinery/pkg/util/rand` makes suffixes of: no vowels, nothing that looks like one.
    const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";
    match name.rsplit_once('-') {
        Some((stem, hash)) if hash.len() == 5 && hash.chars().all(|character| ALPHABET.contains(character)) => stem,
        _ => name,
    }
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
            ("allow-frontend-to-backend", 12, "allow-…ckend"),
            ("ééééééééééééé", 12, "éééééé…ééééé"),
            ("abcdef", 4, "ab…f"),
        ] {
            assert_eq!(truncate(name, limit), expected);
            assert!(truncate(name, limit).chars().count() <= limit);
        }
    }

    #[test]
    fn a_daemon_is_named_without_its_hash() {
        assert_eq!(without_hash("kube-proxy-8xk2p"), "kube-proxy");
        assert_eq!(without_hash("kube-flannel-ds-8xk2p"), "kube-flannel-ds");
        assert_eq!(without_hash("etcd-control-plane"), "etcd-control-plane");
    }
}
