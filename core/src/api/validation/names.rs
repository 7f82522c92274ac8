//! What names, label values, ports, addresses may look like (apimachinery's `util/validation`). Input: one text. Output: the
//! server's complaints about it, none when it is valid.

use crate::net::{IpAddr, IpNet};

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

pub(super) type Complaints = Vec<String>;

fn too_long(text: &str, limit: usize) -> Option<String> {
    (text.len() > limit).then(|| format!("must be no more than {limit} characters"))
}

/// The server's sentence, its examples, and the expression that it says it used.
fn shape(sentence: &str, examples: &[&str], expression: &str) -> String {
    let examples: Vec<_> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{sentence} (e.g. {}regex used for validation is '{expression}')", examples.join(" or "))
}

fn is_label(text: &str) -> bool {
    is_word(text, |c| c == '-', char::is_ascii_lowercase)
}

/// Letters and digits, with `inner` characters allowed between the first and the last.
fn is_word(text: &str, inner: impl Fn(char) -> bool, letter: impl Fn(&char) -> bool) -> bool {
    let alphanumeric = |c: char| letter(&c) || c.is_ascii_digit();
    text.chars().all(|c| alphanumeric(c) || inner(c)) && text.starts_with(alphanumeric) && text.ends_with(alphanumeric)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

pub(super) fn dns_label(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 63).into_iter().collect();
    if !is_label(text) {
        complaints.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            let sentence = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
            shape(sentence, &["my-name", "123-abc"], LABEL)
        });
    }
    complaints
}

pub(super) fn dns_subdomain(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 253).into_iter().collect();
    if !is_subdomain(text) {
        let sentence = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
        complaints.push(shape(sentence, &["example.com"], &format!("{LABEL}(\\.{LABEL})*")));
    }
    complaints
}

/// RFC 1035: what a Service may be called.
pub(super) fn dns_1035_label(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 63).into_iter().collect();
    if !(is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())) {
        let sentence = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
        complaints.push(shape(sentence, &["my-name", "abc-123"], "[a-z]([-a-z0-9]*[a-z0-9])?"));
    }
    complaints
}

pub(super) fn wildcard_dns_subdomain(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 253).into_iter().collect();
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        let sentence = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
        complaints.push(shape(sentence, &["*.example.com"], &format!("\\*\\.{LABEL}(\\.{LABEL})*")));
    }
    complaints
}

/// A label's key, an annotation's key, an app protocol: `example.com/name`.
pub(super) fn qualified_name(text: &str) -> Complaints {
    let sentence =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    let expected = shape(sentence, &["MyName", "my.name", "123-abc"], QUALIFIED);
    let (prefix, name) = match text.split('/').collect::<Vec<_>>()[..] {
        [name] => (None, name),
        [prefix, name] => (Some(prefix), name),
        _ => {
            return vec![format!(
                "a qualified name {expected} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    let mut complaints = match prefix {
        None => Vec::new(),
        Some("") => vec!["prefix part must be non-empty".to_owned()],
        Some(prefix) => dns_subdomain(prefix).into_iter().map(|complaint| format!("prefix part {complaint}")).collect(),
    };
    if name.is_empty() {
        complaints.push("name part must be non-empty".to_owned());
    }
    complaints.extend(too_long(name, 63).map(|complaint| format!("name part {complaint}")));
    if !is_word(name, |c| "-_.".contains(c), char::is_ascii_alphabetic) {
        complaints.push(format!("name part {expected}"));
    }
    complaints
}

pub(super) fn label_value(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 63).into_iter().collect();
    if !text.is_empty() && !is_word(text, |c| "-_.".contains(c), char::is_ascii_alphabetic) {
        let sentence = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
        complaints.push(shape(sentence, &["MyValue", "my_value", "12345"], &format!("({QUALIFIED})?")));
    }
    complaints
}

/// A key of a ConfigMap or Secret: it may become a file.
pub(super) fn config_key(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 253).into_iter().collect();
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
        let sentence = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        complaints.push(shape(sentence, &["key.name", "KEY_NAME", "key-name"], "[-._a-zA-Z0-9]+"));
    }
    match text {
        "." | ".." => complaints.push(format!("must not be '{text}'")),
        _ if text.starts_with("..") => complaints.push("must not start with '..'".to_owned()),
        _ => {}
    }
    complaints
}

/// The relaxed rule of Kubernetes 1.32 and later.
pub(super) fn env_name(text: &str) -> Complaints {
    if text.chars().all(|c| (' '..='~').contains(&c) && c != '=') {
        return Vec::new();
    }
    vec!["a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()]
}

pub(super) fn port_number(port: i64) -> Complaints {
    in_range(port, 1, 65_535)
}

pub(super) fn in_range(value: i64, low: i64, high: i64) -> Complaints {
    if (low..=high).contains(&value) { Vec::new() } else { vec![format!("must be between {low} and {high}, inclusive")] }
}

/// An IANA service name.
pub(super) fn port_name(text: &str) -> Complaints {
    let mut complaints: Complaints = too_long(text, 15).into_iter().collect();
    let mut complain = |wrong: bool, complaint: &str| complaints.extend(wrong.then(|| complaint.to_owned()));
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    complain(
        text.is_empty() || !text.chars().all(allowed),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    complain(!text.contains(|c: char| c.is_ascii_lowercase()), "must contain at least one letter (a-z)");
    complain(text.contains("--"), "must not contain consecutive hyphens");
    complain(text.starts_with('-') || text.ends_with('-'), "must not begin or end with a hyphen");
    complaints
}

/// An IPv4 octet or prefix length may have leading zeros in fields older than Kubernetes 1.33.
fn without_leading_zeros(text: &str) -> String {
    let trim = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    };
    if text.contains(':') { text.to_owned() } else { text.split('.').map(trim).collect::<Vec<_>>().join(".") }
}

/// An address as the API's older fields accept it.
pub(super) fn parse_ip_sloppy(text: &str) -> Option<IpAddr> {
    without_leading_zeros(text).parse().ok()
}

fn is_ipv4_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some())
}

pub(super) fn ip(text: &str) -> Complaints {
    let Some(sloppy) = parse_ip_sloppy(text) else {
        return vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".to_owned()];
    };
    match text.parse::<IpAddr>() {
        Err(_) => vec!["must not have leading 0s".to_owned()],
        Ok(address) if is_ipv4_mapped(address) => vec!["must not be an IPv4-mapped IPv6 address".to_owned()],
        Ok(_) if text != sloppy.to_string() => vec![format!("must be in canonical form (\"{sloppy}\")")],
        Ok(_) => Vec::new(),
    }
}

/// A CIDR as the API's older fields accept it, with the address as written.
pub(super) fn parse_cidr_sloppy(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse().ok().filter(|_| is_number)?;
    IpNet::new(parse_ip_sloppy(address)?, length).ok()
}

pub(super) fn cidr_legacy(text: &str) -> Complaints {
    if parse_cidr_sloppy(text).is_some() {
        return Vec::new();
    }
    vec!["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)".to_owned()]
}

/// The tail of a generated name is a dash, which is replaced by the random suffix.
pub(super) fn mask_trailing_dash(prefix: &str) -> String {
    match prefix.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            let kept: String = rest.chars().take(rest.chars().count() - 1).collect();
            format!("{kept}a")
        }
        _ => prefix.to_owned(),
    }
}
