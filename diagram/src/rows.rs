//! The ordered trace table: one row per hop, the same sentences as the picture's captions. The page shows it as the primary
//! content; the picture mirrors it. Input is the exchange alone: what is not in the trace is not said.

use hoplab_core::net::{Encapsulation, Packet};
use hoplab_core::trace::{Action, Cause, Exchange, Hop, Leg, Outcome, Rewrite, Step};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// From 1, over all legs.
    pub number: usize,
    /// Positions in [`Exchange::legs`] and in the leg's hops.
    pub leg: usize,
    pub hop: usize,
    /// What the packet is for: `DNS query A backend`.
    pub leg_label: String,
    pub reply: bool,
    pub place: String,
    /// `eth0 → veth1a2b`; empty when the packet used no device here.
    pub device: String,
    /// `rewritten`, `encapsulated`, `dropped` …
    pub happened: String,
    /// `10.244.1.5:41522 → 10.96.0.10:53 UDP`, as it left; with the tunnel's outer addresses when it is in one.
    pub packet: String,
    /// Only what changed: `dst 10.96.0.10:53`, `dst 10.244.1.3:53`.
    pub rewrites: Vec<(String, String)>,
    /// On the row that ends a leg.
    pub verdict: Option<Verdict>,
    pub caption: String,
}

/// How a leg or an exchange ended. Never told apart by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Delivered,
    /// Silence: the sender learns nothing.
    Dropped,
    /// Somebody said no: RST or ICMP error.
    Rejected,
    /// The simulator cannot say.
    Unknown,
}

impl Verdict {
    pub fn glyph(self) -> &'static str {
        match self {
            Verdict::Delivered => "●",
            Verdict::Dropped => "✕",
            Verdict::Rejected => "▲",
            Verdict::Unknown => "?",
        }
    }

    /// Also the class that carries colour and line style.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Delivered => "delivered",
            Verdict::Dropped => "dropped",
            Verdict::Rejected => "rejected",
            Verdict::Unknown => "unknown",
        }
    }

    /// The verdict that an action gives, if it gives one.
    pub fn of(action: &Action) -> Option<Self> {
        match action {
            Action::Accepted => Some(Verdict::Delivered),
            Action::Dropped { cause: Cause::Unmodelled } => Some(Verdict::Unknown),
            Action::Dropped { .. } => Some(Verdict::Dropped),
            Action::Rejected { .. } => Some(Verdict::Rejected),
            Action::Originated
            | Action::Received
            | Action::Routed
            | Action::Translated { .. }
            | Action::Filtered
            | Action::Encapsulated
            | Action::Decapsulated
            | Action::Sent => None,
        }
    }
}

/// The trace table of an exchange.
pub fn rows(exchange: &Exchange) -> Vec<Row> {
    let hops =
        exchange.legs.iter().enumerate().flat_map(|(leg, of)| of.trace.hops.iter().enumerate().map(move |at| (leg, of, at)));
    hops.enumerate().map(|(index, (leg, of, (hop, at)))| row(index + 1, leg, of, hop, at)).collect()
}

fn row(number: usize, leg: usize, of: &Leg, hop: usize, at: &Hop) -> Row {
    let mut devices: Vec<&str> = [at.arrived.as_deref(), at.left.as_deref()].into_iter().flatten().collect();
    devices.dedup();
    Row {
        number,
        leg,
        hop,
        leg_label: of.label.clone(),
        reply: of.direction == hoplab_core::trace::Direction::Reply,
        place: at.at.to_string(),
        device: devices.join(" → "),
        happened: what_happened(at).to_owned(),
        packet: at.steps.last().map(|step| packet(&step.packet)).unwrap_or_default(),
        rewrites: rewrites(at),
        verdict: verdict(at),
        caption: caption(at),
    }
}

/// How a hop ended the packet's way, if it did.
pub fn verdict(hop: &Hop) -> Option<Verdict> {
    hop.steps.iter().find_map(|step| Verdict::of(&step.action))
}

/// The hop's own sentence; a plain one where the trace has none.
pub fn caption(hop: &Hop) -> String {
    let own = hop.caption();
    if !own.is_empty() {
        return own;
    }
    format!("The packet is {} at {}.", what_happened(hop), hop.at)
}

/// A hop in a word: its main action; a sender's hop is about sending, whatever route it chose.
fn what_happened(hop: &Hop) -> &'static str {
    let originated = hop.steps.iter().any(|step| step.action == Action::Originated);
    match hop.main_step().map(|step| &step.action) {
        None => "passed on",
        Some(Action::Originated | Action::Routed | Action::Filtered) if originated => "sent",
        Some(action) => happened(action),
    }
}

fn happened(action: &Action) -> &'static str {
    match action {
        Action::Originated => "sent",
        Action::Received => "received",
        Action::Routed => "routed",
        Action::Translated { .. } => "rewritten",
        Action::Filtered => "let through",
        Action::Encapsulated => "encapsulated",
        Action::Decapsulated => "decapsulated",
        Action::Sent => "passed on",
        Action::Accepted => "delivered",
        Action::Dropped { .. } => "dropped",
        Action::Rejected { .. } => "rejected",
    }
}

fn packet(packet: &Packet) -> String {
    match &packet.outer {
        None => packet.to_string(),
        Some(Encapsulation::Vxlan { vni, source, destination, .. }) => {
            format!("VXLAN {vni} {source} → {destination} [{packet}]")
        }
        Some(Encapsulation::IpIp { source, destination, .. }) => format!("IPIP {source} → {destination} [{packet}]"),
    }
}

/// What a hop's translations changed, end by end, from the first `before` to the last `after`.
pub fn rewrites(hop: &Hop) -> Vec<(String, String)> {
    let translations: Vec<(&Rewrite, &Rewrite)> = hop.steps.iter().filter_map(translation).collect();
    let (Some((before, _)), Some((_, after))) = (translations.first(), translations.last()) else { return Vec::new() };
    let ends = [("src", &before.source, &after.source), ("dst", &before.destination, &after.destination)];
    ends.into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(end, old, new)| (format!("{end} {old}"), format!("{end} {new}")))
        .collect()
}

pub fn translation(step: &Step) -> Option<(&Rewrite, &Rewrite)> {
    match &step.action {
        Action::Translated { before, after } => Some((before, after)),
        _ => None,
    }
}

/// A cause in two or three words, for the mark in the picture.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::EgressPolicy => "egress policy",
        Cause::IngressPolicy => "ingress policy",
        Cause::NoListener => "nothing listens",
        Cause::NoEndpoints => "no endpoints",
        Cause::NoRoute => "no route",
        Cause::NoNeighbour => "no neighbour",
        Cause::TtlExceeded => "TTL exceeded",
        Cause::PacketTooBig => "packet too big",
        Cause::Firewall => "firewall rule",
        Cause::LinkDown => "link down",
        Cause::Unmodelled => "not modelled",
    }
}

/// How the exchange ended for the one who started it, as a verdict and in words.
pub fn outcome(outcome: &Outcome) -> (Verdict, String) {
    match outcome {
        Outcome::Answered { summary } => (Verdict::Delivered, format!("Answered: {summary}")),
        Outcome::NoSuchName { name } => (Verdict::Rejected, format!("No such name: {name}")),
        Outcome::Refused => (Verdict::Rejected, "Refused: an error came back".to_owned()),
        Outcome::TimedOut => (Verdict::Dropped, "Timed out: nothing came back".to_owned()),
        Outcome::NoRoute => (Verdict::Rejected, "Not sent: the sender has no route".to_owned()),
        Outcome::Unknown { why } => (Verdict::Unknown, format!("Unknown: {why}")),
    }
}
