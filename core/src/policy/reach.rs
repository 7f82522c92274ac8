//! All pairs: which Pod may open a connection to which, on one port. Both ends must admit.

use super::{Answer, Connection, PolicySet, Verdict};
use crate::net::{IpAddr, Protocol};

/// One cell of the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    pub egress: Verdict,
    pub ingress: Verdict,
}

impl Reach {
    pub fn answer(&self) -> Answer {
        match (self.egress.answer, self.ingress.answer) {
            (Answer::NotAdmitted, _) | (_, Answer::NotAdmitted) => Answer::NotAdmitted,
            (Answer::Allowed, Answer::Allowed) => Answer::Allowed,
            (Answer::ImplementationDefined, _) | (_, Answer::ImplementationDefined) => Answer::ImplementationDefined,
        }
    }
}

/// Asks both ends.
pub fn reach(policies: &PolicySet, source: IpAddr, destination: IpAddr, protocol: Protocol, port: u16) -> Reach {
    let connection = Connection { source, destination, protocol, port };
    Reach { egress: policies.egress(&connection), ingress: policies.ingress(&connection) }
}
