//! Policy: may this connection be? A verdict always carries its reason, written in the same pass.
//! Knows objects and addresses; knows nothing of devices, tables, or how a network plugin enforces.
//!
//! NetworkPolicy only admits: a Pod that some policy selects is isolated in that policy's directions, and a connection must then
//! be admitted by one rule of any of them, at both ends (kubernetes.io, "Network Policies", *The two sorts of pod isolation*).

mod compiled;
mod explain;
mod reach;
mod rule;

pub use compiled::PolicySet;
pub use reach::{Reach, reach};

use crate::net::{IpAddr, Protocol};
use crate::trace::Reason;

/// A connection as policy sees it: by address. Which Pod has an address is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: Protocol,
    /// The destination port after every rewrite: a Pod's port, not a Service's.
    pub port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl Verdict {
    pub fn is_allowed(&self) -> bool {
        self.answer == Answer::Allowed
    }
}
