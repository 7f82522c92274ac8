//! The two texts of a rule: `iptables-save` (the kernel's order, what a person sees on a node) and the line that was handed to
//! `iptables-restore` (the author's order, which kube-proxy's own tests compare).

use super::{MarkChange, Match, Netfilter, RejectWith, Rule, Table, Target};
use crate::dataplane::conntrack::State;
use crate::net::{IpNet, Protocol};
use core::fmt::Write;

impl Rule {
    /// `-A CHAIN …` as `iptables-save` prints it: addresses and protocol first, then the other matches, then the target.
    pub fn saved(&self, chain: &str) -> String {
        let mut line = format!("-A {chain}");
        for condition in &self.matches {
            if let Match::Source { net, negated } = condition {
                push(&mut line, *negated, &format!("-s {}", net));
            }
        }
        for condition in &self.matches {
            if let Match::Destination { net, negated } = condition {
                push(&mut line, *negated, &format!("-d {}", net));
            }
        }
        let protocol = self.protocol();
        if let Some(protocol) = protocol {
            push(&mut line, false, &format!("-p {}", lower(protocol)));
        }
        for condition in &self.matches {
            match condition {
                Match::Source { .. } | Match::Destination { .. } => {}
                // The port belongs to the protocol's own module, which stands where the author named it.
                Match::Protocol(protocol) => push(&mut line, false, &format!("-m {}{}", lower(*protocol), self.port_option())),
                Match::DestinationPort(_) if protocol.is_some() => {}
                other => push(&mut line, false, &option(other, true)),
            }
        }
        if let Some(target) = &self.target {
            push(&mut line, false, &format!("-j {}", saved_target(target)));
        }
        line
    }

    /// `-A CHAIN …` as its author wrote it.
    pub fn written(&self, chain: &str) -> String {
        let mut line = format!("-A {chain}");
        for condition in &self.matches {
            push(&mut line, false, &option(condition, false));
        }
        if let Some(target) = &self.target {
            push(&mut line, false, &format!("-j {}", written_target(target)));
        }
        line
    }

    fn protocol(&self) -> Option<Protocol> {
        self.matches.iter().find_map(|condition| match condition {
            Match::Protocol(protocol) => Some(*protocol),
            _ => None,
        })
    }

    fn port_option(&self) -> String {
        let port = self.matches.iter().find_map(|condition| match condition {
            Match::DestinationPort(port) => Some(*port),
            _ => None,
        });
        port.map(|port| format!(" --dport {port}")).unwrap_or_default()
    }
}

impl Netfilter {
    /// What `iptables-save` prints, without its timestamps and counters' history.
    pub fn saved(&self) -> String {
        let tables = [("filter", &self.filter), ("nat", &self.nat)];
        tables.iter().map(|(name, table)| table_text(name, table, Rule::saved)).collect()
    }

    /// What was handed to `iptables-restore`.
    pub fn written(&self) -> String {
        let tables = [("filter", &self.filter), ("nat", &self.nat)];
        tables.iter().map(|(name, table)| table_text(name, table, Rule::written)).collect()
    }
}

fn table_text(name: &str, table: &Table, line: impl Fn(&Rule, &str) -> String) -> String {
    let mut text = format!("*{name}\n");
    for (name, _, builtin) in table.listed() {
        let policy = if builtin { "ACCEPT" } else { "-" };
        text.push_str(&format!(":{name} {policy} [0:0]\n"));
    }
    for (name, chain, _) in table.listed() {
        chain.rules.iter().for_each(|rule| text.push_str(&format!("{}\n", line(rule, name))));
    }
    text.push_str("COMMIT\n");
    text
}

fn push(line: &mut String, negated: bool, words: &str) {
    line.push_str(if negated { " ! " } else { " " });
    line.push_str(words);
}

fn not(negated: bool) -> &'static str {
    if negated { "! " } else { "" }
}

fn option(condition: &Match, saved: bool) -> String {
    match condition {
        Match::Comment(text) => format!("-m comment --comment {}", quoted(text, saved)),
        Match::Protocol(protocol) => format!("-m {0} -p {0}", lower(*protocol)),
        Match::DestinationPort(port) => format!("--dport {port}"),
        Match::Source { net, negated } => format!("{}-s {}", not(*negated), short(*net, *negated)),
        Match::Destination { net, negated } => format!("{}-d {}", not(*negated), short(*net, *negated)),
        Match::SourceIsLocal { negated } => format!("-m addrtype {}--src-type LOCAL", not(*negated)),
        Match::DestinationIsLocal { negated } => format!("-m addrtype {}--dst-type LOCAL", not(*negated)),
        Match::Mark { value, mask, negated } => format!("-m mark {}--mark {value:#x}/{mask:#x}", not(*negated)),
        Match::ConnectionState { states, dnat, negated } => {
            format!("-m conntrack {}--ctstate {}", not(*negated), state_list(states, *dnat))
        }
        Match::OneIn(n) => format!("-m statistic --mode random --probability {}", probability(*n, saved)),
        Match::RecentlySeen { list, seconds } if saved => {
            format!("-m recent --rcheck --seconds {seconds} --reap --name {list} --mask 255.255.255.255 --rsource")
        }
        Match::RecentlySeen { list, seconds } => format!("-m recent --name {list} --rcheck --seconds {seconds} --reap"),
        Match::RecentSet { list } if saved => format!("-m recent --set --name {list} --mask 255.255.255.255 --rsource"),
        Match::RecentSet { list } => format!("-m recent --name {list} --set"),
        Match::SourceSet { name, negated } => format!("-m set {}--match-set {name} src", not(*negated)),
        Match::DestinationSet { name, negated } => format!("-m set {}--match-set {name} dst", not(*negated)),
    }
}

/// kube-proxy writes ten digits; the kernel keeps the probability in units of 2⁻³¹ and prints eleven.
fn probability(n: u32, saved: bool) -> String {
    const UNIT: f64 = 2_147_483_648.0;
    let exact = 1.0 / f64::from(n.max(1));
    if saved { format!("{:.11}", (exact * UNIT).round() / UNIT) } else { format!("{exact:.10}") }
}

/// `iptables-save` quotes what holds anything but letters, digits, `-`, `_` and `.`; kube-proxy quotes what holds blanks.
fn quoted(text: &str, saved: bool) -> String {
    let plain = |byte: char| byte.is_ascii_alphanumeric() || matches!(byte, '-' | '_' | '.');
    let needed = if saved { !text.chars().all(plain) } else { text.contains(' ') };
    if needed { format!("\"{text}\"") } else { text.to_owned() }
}

fn state_list(states: &[State], dnat: bool) -> String {
    let mut list = String::new();
    let names = states.iter().map(|state| match state {
        State::New => "NEW",
        State::Established => "ESTABLISHED",
        State::Related => "RELATED",
        State::Invalid => "INVALID",
    });
    for name in names.chain(dnat.then_some("DNAT")) {
        let separator = if list.is_empty() { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(list, "{separator}{name}");
    }
    list
}

fn saved_target(target: &Target) -> String {
    match target {
        Target::Reject(with) => format!("REJECT --reject-with {}", reject_name(*with)),
        Target::Mark(MarkChange::Or(bits)) => format!("MARK --set-xmark {bits:#x}/{bits:#x}"),
        Target::Mark(MarkChange::Xor(bits)) => format!("MARK --set-xmark {bits:#x}/0x0"),
        Target::Jump(_) | Target::Accept | Target::Drop | Target::Return | Target::Dnat(_) | Target::Masquerade { .. } => {
            written_target(target)
        }
    }
}

fn written_target(target: &Target) -> String {
    match target {
        Target::Jump(chain) => chain.clone(),
        Target::Accept => "ACCEPT".to_owned(),
        Target::Drop => "DROP".to_owned(),
        Target::Return => "RETURN".to_owned(),
        // REJECT's default type: authors leave it out.
        Target::Reject(RejectWith::PortUnreachable) => "REJECT".to_owned(),
        Target::Dnat(to) => format!("DNAT --to-destination {to}"),
        Target::Masquerade { random_fully: true } => "MASQUERADE --random-fully".to_owned(),
        Target::Masquerade { random_fully: false } => "MASQUERADE".to_owned(),
        Target::Mark(MarkChange::Or(bits)) => format!("MARK --or-mark {bits:#x}"),
        Target::Mark(MarkChange::Xor(bits)) => format!("MARK --xor-mark {bits:#x}"),
    }
}

fn reject_name(with: RejectWith) -> &'static str {
    match with {
        RejectWith::PortUnreachable => "icmp-port-unreachable",
    }
}

fn lower(protocol: Protocol) -> String {
    protocol.to_string().to_ascii_lowercase()
}

/// As authors write it: an address without its length where they mean one host, a network where they except one.
fn short(net: IpNet, negated: bool) -> String {
    if !negated && net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}
