//! Address translation: a connection's first packet asks the nat table, all others do as connection tracking remembers.

use super::refuse::restore;
use super::{Passage, Walker};
use crate::dataplane::conntrack::{Connection, Direction, State, Tracked, Tuple};
use crate::dataplane::netfilter::{Chance, Evaluation, Netfilter, Subject, Verdict};
use crate::dataplane::node::NodeState;
use crate::dataplane::route::Route;
use crate::net::{Icmp, IpAddr, Packet, SocketAddr, Transport};
use crate::rng;
use crate::trace::{Action, Reason, Rewrite, Text};
use std::rc::Rc;

/// Ports that MASQUERADE gives away: it keeps clear of the well-known ones.
const FIRST_PORT: u64 = 1_024;

impl Walker<'_> {
    /// The packet enters a node's stack: connection tracking, then the nat table's `PREROUTING` or `OUTPUT` chain.
    pub(super) fn track(&mut self, node: &str, state: &Rc<NodeState>, chain: &str) -> Passage {
        let conntrack = self.dataplane.conntrack.entry(node.to_owned()).or_default();
        let Tracked { state: connection_state, known } = conntrack.lookup(&self.packet, self.now);
        let mut passage = Passage {
            node: node.to_owned(),
            state: Rc::clone(state),
            connection_state,
            known,
            first: Tuple::of(&self.packet),
            mark: 0,
        };
        match known {
            Some((connection, direction)) if self.packet.icmp_error_about().is_some() => {
                self.translate_error(&connection, direction);
            }
            Some((connection, direction)) => {
                let to = connection.translated(direction).destination;
                self.rewrite_destination(to, Reason::matched(remembered(direction, "destination", to)));
            }
            None if connection_state == State::New => self.rewrite_by_rules(&mut passage, chain),
            None => {}
        }
        passage
    }

    fn rewrite_by_rules(&mut self, passage: &mut Passage, chain: &str) {
        let state = Rc::clone(&passage.state);
        let evaluation = self.evaluate(passage, &state.host.netfilter, Table::Nat, chain);
        passage.mark = evaluation.mark;
        for list in &evaluation.noted {
            let recent = self.dataplane.recent.entry(passage.node.clone()).or_default();
            recent.note(list, self.packet.source, self.now);
        }
        if let Verdict::Dnat(to) = evaluation.verdict {
            let backend = self.names(to.ip());
            let service = match evaluation.about {
                Some(service) => Text::from("Service ").object(service),
                None => Text::from("A rule"),
            };
            let text = service.plain(" hands this connection to ").text(&backend).plain(format!(", port {}.", to.port()));
            self.rewrite_destination(to, Reason::matched(text).because(evaluation.because));
        }
    }

    /// The packet leaves the node's stack: the nat table's `POSTROUTING` chain, then the connection is entered.
    pub(super) fn translate_source(&mut self, passage: &mut Passage, route: Option<&Route>) {
        if self.packet.icmp_error_about().is_some() {
            return;
        }
        if passage.known.is_none() && passage.connection_state == State::New {
            self.masquerade(passage, route);
        }
        self.restore_source(passage);
        self.confirm(passage);
    }

    /// What connection tracking remembers of this connection's source.
    pub(super) fn restore_source(&mut self, passage: &Passage) {
        if let Some((connection, direction)) = passage.known
            && self.packet.icmp_error_about().is_none()
        {
            let to = connection.translated(direction).source;
            self.rewrite_source(to, Reason::matched(remembered(direction, "source", to)));
        }
    }

    fn masquerade(&mut self, passage: &mut Passage, route: Option<&Route>) {
        let state = Rc::clone(&passage.state);
        let evaluation = self.evaluate(passage, &state.host.netfilter, Table::Nat, "POSTROUTING");
        passage.mark = evaluation.mark;
        let Some(address) = route.and_then(|route| state.host.source_for(route)) else { return };
        if evaluation.verdict != Verdict::Masquerade {
            return;
        }
        let source = SocketAddr::new(address, self.free_port(&passage.node, address));
        let text =
            format!("The packet takes {}'s address {address} as its source, so that the answer returns here.", passage.node);
        self.rewrite_source(source, Reason::matched(text).because(evaluation.because));
    }

    /// `--random-fully`: a port by hash, the next one when a live connection has it.
    fn free_port(&self, node: &str, address: IpAddr) -> u16 {
        let Some(tuple) = Tuple::of(&self.packet) else { return 0 };
        let draw = rng::hash(self.cluster.seed, format!("{tuple:?}").as_bytes());
        let span = u64::from(u16::MAX) + 1 - FIRST_PORT;
        let candidate = |turn: u64| u16::try_from(FIRST_PORT + draw.wrapping_add(turn) % span).unwrap_or(u16::MAX);
        let is_free = |port: &u16| {
            let reply = Tuple { source: SocketAddr::new(address, *port), ..tuple }.reversed();
            self.dataplane.conntrack.get(node).is_none_or(|conntrack| conntrack.is_free(reply, self.now))
        };
        (0..span).map(candidate).find(is_free).unwrap_or_else(|| candidate(0))
    }

    /// Enters the connection, or notes that it lives.
    pub(super) fn confirm(&mut self, passage: &Passage) {
        let Some(now) = Tuple::of(&self.packet) else { return };
        let entry = match (passage.known, passage.first) {
            (Some((connection, direction)), _) => Some((connection, direction)),
            (None, Some(first)) if passage.connection_state == State::New => {
                let connection = Connection { original: first, reply: now.reversed(), replied: false, last_seen: self.now };
                Some((connection, Direction::Original))
            }
            (None, _) => None,
        };
        if let Some((connection, direction)) = entry {
            let conntrack = self.dataplane.conntrack.entry(passage.node.clone()).or_default();
            conntrack.confirm(connection, direction, self.now);
        }
    }

    /// An error about a translated packet is translated like an answer, quotation included.
    fn translate_error(&mut self, connection: &Connection, direction: Direction) {
        let seen = connection.translated(direction);
        let before = rewrite_of(&self.packet);
        if connection.is_dnat() {
            self.packet.source = seen.source.ip();
        }
        self.packet.destination = seen.destination.ip();
        if let Transport::Icmp(message) = &mut self.packet.transport
            && let Some(about) = Icmp::about_mut(message)
        {
            restore(about, seen.destination, seen.source);
        }
        self.translated(before, Reason::matched("Connection tracking rewrites the error for the connection it reports on."));
    }

    fn rewrite_destination(&mut self, to: SocketAddr, reason: Reason) {
        let before = rewrite_of(&self.packet);
        self.packet.destination = to.ip();
        if let Some((source, _)) = self.packet.ports() {
            self.packet.set_ports(source, to.port());
        }
        self.translated(before, reason);
    }

    fn rewrite_source(&mut self, to: SocketAddr, reason: Reason) {
        let before = rewrite_of(&self.packet);
        self.packet.source = to.ip();
        if let Some((_, destination)) = self.packet.ports() {
            self.packet.set_ports(to.port(), destination);
        }
        self.translated(before, reason);
    }

    /// Adds the step when the packet changed.
    fn translated(&mut self, before: Rewrite, reason: Reason) {
        let after = rewrite_of(&self.packet);
        if before != after {
            self.step(Action::Translated { before, after }, reason);
        }
    }

    pub(super) fn evaluate(&self, passage: &Passage, netfilter: &Netfilter, table: Table, chain: &str) -> Evaluation {
        let empty = Default::default();
        let subject = Subject {
            packet: &self.packet,
            state: passage.connection_state,
            dnat: passage.known.map_or_else(
                || passage.first.map(|first| first.destination.ip()) != Some(self.packet.destination),
                |(connection, _)| connection.is_dnat(),
            ),
            is_local: &|address| passage.state.host.is_local(address),
            recent: self.dataplane.recent.get(&passage.node).unwrap_or(&empty),
            now: self.now,
            chance: Chance::Drawn(self.cluster.seed),
        };
        let table = match table {
            Table::Nat => &netfilter.nat,
            Table::Filter => &netfilter.filter,
        };
        netfilter.evaluate(table, chain, passage.mark, &subject)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Nat,
    Filter,
}

fn remembered(direction: Direction, end: &str, to: SocketAddr) -> String {
    match direction {
        Direction::Original => format!("Connection tracking remembers this connection and rewrites its {end} to {to} again."),
        Direction::Reply => format!("Connection tracking knows this answer and puts {to} back as its {end}."),
    }
}

fn rewrite_of(packet: &Packet) -> Rewrite {
    let end =
        |socket: Option<SocketAddr>, address: IpAddr| socket.map_or_else(|| address.to_string(), |socket| socket.to_string());
    Rewrite {
        source: end(packet.source_socket(), packet.source),
        destination: end(packet.destination_socket(), packet.destination),
    }
}
