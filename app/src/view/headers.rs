//! A packet's headers as lines of a table, the innermost first, as it came to a hop and as it left.

use hoplab_core::net::{Encapsulation, Packet, Transport};

/// A header's name and what it says.
pub type Header = (&'static str, String);

pub fn headers(packet: &Packet) -> Vec<Header> {
    let mut lines =
        vec![transport(&packet.transport), ip("IP", packet.source.to_string(), packet.destination.to_string(), packet.ttl)];
    match &packet.outer {
        None => {}
        Some(Encapsulation::IpIp { source, destination, ttl }) => {
            lines.push(ip("outer IP", source.to_string(), destination.to_string(), *ttl))
        }
        Some(Encapsulation::Vxlan { vni, source, destination, source_port, destination_port, ttl, .. }) => {
            lines.push(("VXLAN", format!("network {vni}")));
            lines.push(("outer UDP", format!("{source_port} → {destination_port}")));
            lines.push(ip("outer IP", source.to_string(), destination.to_string(), *ttl));
        }
    }
    if let Some(link) = &packet.link {
        lines.push(("Ethernet", format!("{} → {}", link.source, link.destination)));
    }
    lines
}

fn ip(name: &'static str, source: String, destination: String, ttl: u8) -> Header {
    (name, format!("{source} → {destination}, ttl {ttl}"))
}

fn transport(transport: &Transport) -> Header {
    match transport {
        Transport::Tcp { source, destination, flags } => ("TCP", format!("{source} → {destination} {flags:?}")),
        Transport::Udp { source, destination } => ("UDP", format!("{source} → {destination}")),
        Transport::Sctp { source, destination } => ("SCTP", format!("{source} → {destination}")),
        Transport::Icmp(message) => ("ICMP", icmp_name(message).to_owned()),
    }
}

fn icmp_name(message: &hoplab_core::net::Icmp) -> &'static str {
    use hoplab_core::net::Icmp;
    match message {
        Icmp::EchoRequest { .. } => "echo request",
        Icmp::EchoReply { .. } => "echo reply",
        Icmp::PortUnreachable { .. } => "port unreachable",
        Icmp::HostUnreachable { .. } => "host unreachable",
        Icmp::NetUnreachable { .. } => "network unreachable",
        Icmp::AdminProhibited { .. } => "administratively prohibited",
        Icmp::FragmentationNeeded { .. } => "fragmentation needed",
        Icmp::TimeExceeded { .. } => "time exceeded",
    }
}

/// Header by header, innermost first: as it came, as it left. What is missing on one side is empty there.
pub fn beside(before: &[Header], after: &[Header]) -> Vec<(&'static str, String, String)> {
    let find = |headers: &[Header], name: &str| {
        headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut names: Vec<&'static str> = Vec::new();
    for (name, _) in after.iter().chain(before) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| (name, find(before, name), find(after, name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_header_that_was_put_on_is_empty_before() {
        let before = [("TCP", "1 → 2".to_owned())];
        let after = [("TCP", "1 → 2".to_owned()), ("outer IP", "a → b".to_owned())];
        let both = beside(&before, &after);
        assert_eq!(both, [("TCP", "1 → 2".into(), "1 → 2".into()), ("outer IP", String::new(), "a → b".into())]);
    }
}
