//! Domain names as text: lower case, final dot, and the reverse names of addresses (RFC 1035 §3.5, RFC 3596 §2.5).

use crate::net::IpAddr;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The absolute, lower-case form of a name: `Web.shop` becomes `web.shop.`
pub fn fqdn(name: &str) -> String {
    let mut name = name.to_ascii_lowercase();
    if !name.ends_with('.') {
        name.push('.');
    }
    name
}

/// What stands before `zone` in `name`, without the dot between them; `None` when the name lies outside the zone.
/// Both are absolute.
pub(super) fn within<'a>(name: &'a str, zone: &str) -> Option<&'a str> {
    if zone == "." {
        return Some(name.strip_suffix('.').unwrap_or(name));
    }
    let before = name.strip_suffix(zone)?;
    if before.is_empty() { Some("") } else { before.strip_suffix('.') }
}

/// The name that a PTR query asks for: `4.3.2.1.in-addr.arpa.`
pub fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
        }
        IpAddr::V6(v6) => {
            let nibbles = v6.octets().into_iter().rev().flat_map(|byte| [byte & 0xf, byte >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}.")).collect::<String>() + "ip6.arpa."
        }
    }
}

/// The address that a reverse name stands for, if it is a complete one.
pub fn parse_reverse(name: &str) -> Option<IpAddr> {
    if let Some(digits) = name.strip_suffix(".in-addr.arpa.") {
        let mut octets: Vec<&str> = digits.split('.').collect();
        octets.reverse();
        return octets.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let nibbles: Vec<&str> = name.strip_suffix(".ip6.arpa.")?.split('.').collect();
    if nibbles.len() != 32 || nibbles.iter().any(|nibble| nibble.len() != 1) {
        return None;
    }
    let digits: String = nibbles.into_iter().rev().collect();
    u128::from_str_radix(&digits, 16).ok().map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_to_its_reverse_name_and_back() {
        for text in ["10.96.0.10", "0.0.0.255", "2001:db8::6", "fd00::20"] {
            let address: IpAddr = text.parse().expect("the table holds addresses");
            assert_eq!(parse_reverse(&reverse_name(address)), Some(address));
        }
        assert_eq!(reverse_name(IpAddr::from([10, 96, 0, 10])), "10.0.96.10.in-addr.arpa.");
        assert_eq!(parse_reverse("96.10.in-addr.arpa."), None);
    }

    #[test]
    fn a_name_is_inside_a_zone_only_at_a_label_boundary() {
        assert_eq!(within("web.shop.svc.cluster.local.", "cluster.local."), Some("web.shop.svc"));
        assert_eq!(within("cluster.local.", "cluster.local."), Some(""));
        assert_eq!(within("mycluster.local.", "cluster.local."), None);
        assert_eq!(within("example.com.", "."), Some("example.com"));
    }
}
