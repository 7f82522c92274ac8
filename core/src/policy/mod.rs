//! Policy: may this connection be? A verdict always carries its reason, written in the same pass.
//! Knows objects and addresses; knows nothing of devices, tables or how a plugin enforces.

use crate::net::{IpAddr, Protocol};
use crate::store::Store;
use crate::trace::Reason;

/// One end of a connection, as policy sees it: by address. Which Pod has the address is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: Protocol,
    /// The destination port after every rewrite: a Pod's port, not a Service's.
    pub port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Allowed,
    NotAdmitted,
    /// The specification leaves it to the implementation.
    ImplementationDefined,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub answer: Answer,
    pub reason: Reason,
}

/// May the Pod that has the source address send this? Allowed when no Pod has it.
pub fn egress(_store: &Store, _connection: &Connection) -> Verdict {
    Verdict { answer: Answer::Allowed, reason: Reason::matched("no policy selects the sender") }
}

/// May the Pod that has the destination address receive this? Allowed when no Pod has it.
pub fn ingress(_store: &Store, _connection: &Connection) -> Verdict {
    Verdict { answer: Answer::Allowed, reason: Reason::matched("no policy selects the receiver") }
}
