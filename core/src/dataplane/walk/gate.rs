//! NetworkPolicy where the cluster's plugin enforces it: first the sender's gate, then the receiver's, each at its own Pod's veth,
//! both after Services are resolved and only for packets that open a connection.

use super::{Next, Passage, Walker};
use crate::api::ObjectRef;
use crate::dataplane::conntrack::State;
use crate::dataplane::device::DeviceKind;
use crate::dataplane::node::NodeState;
use crate::dataplane::profiles::{Enforcement, enforcement};
use crate::policy::{Answer, Connection, Verdict};
use crate::trace::{Action, Cause, Hop, Place, Reason, Text};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Egress,
    Ingress,
}

impl Walker<'_> {
    /// Both gates of this node. `Err` is the end of the way.
    pub(super) fn gates(&mut self, passage: &Passage) -> Result<(), Next> {
        self.egress_gate(passage)?;
        self.ingress_gate(passage)
    }

    pub(super) fn egress_gate(&mut self, passage: &Passage) -> Result<(), Next> {
        let Some(pod) = self.gated_pod(passage, Gate::Egress) else { return Ok(()) };
        let verdict = self.policies.egress(&self.connection());
        if verdict.answer == Answer::NotAdmitted {
            return Err(self.refuse_at_gate(passage, &pod, Gate::Egress, verdict));
        }
        let text = Text::from("No policy stops this on its way out of ").object(pod).plain(".");
        self.step(Action::Filtered, Reason::matched(text).because(vec![verdict.reason]));
        Ok(())
    }

    fn ingress_gate(&mut self, passage: &Passage) -> Result<(), Next> {
        let Some(pod) = self.gated_pod(passage, Gate::Ingress) else { return Ok(()) };
        let verdict = self.policies.ingress(&self.connection());
        if verdict.answer == Answer::NotAdmitted {
            return Err(self.refuse_at_gate(passage, &pod, Gate::Ingress, verdict));
        }
        let text = Text::from("No policy stops this on its way in to ").object(pod).plain(".");
        self.admitted = Some(Reason::matched(text).because(vec![verdict.reason]));
        Ok(())
    }

    /// The Pod on this node whose gate the packet passes. Replies pass by connection tracking; a Pod always reaches itself.
    fn gated_pod(&self, passage: &Passage, gate: Gate) -> Option<ObjectRef> {
        let enforced = enforcement(self.cluster.cni) != Enforcement::None;
        let opens = passage.connection_state == State::New && passage.known.is_none_or(|(connection, _)| !connection.replied);
        if !enforced || !opens || self.packet.source == self.packet.destination {
            return None;
        }
        let address = match gate {
            Gate::Egress => self.packet.source,
            Gate::Ingress => self.packet.destination,
        };
        self.pod_at(address).filter(|pod| passage.state.pods.contains_key(pod))
    }

    fn connection(&self) -> Connection {
        Connection {
            source: self.packet.source,
            destination: self.packet.destination,
            protocol: self.packet.protocol(),
            port: self.packet.ports().map(|(_, port)| port).unwrap_or_default(),
        }
    }

    /// The picture stops at the Pod's veth: there the plugin hangs its rules.
    fn refuse_at_gate(&mut self, passage: &Passage, pod: &ObjectRef, gate: Gate, verdict: Verdict) -> Next {
        let cause = match gate {
            Gate::Egress => Cause::EgressPolicy,
            Gate::Ingress => Cause::IngressPolicy,
        };
        if let Some(veth) = veth_of(&passage.state, pod) {
            match gate {
                Gate::Egress => self.return_to_gate(&passage.node, &veth),
                Gate::Ingress => {
                    self.leave(&veth);
                    self.enter_device(&passage.node, &veth);
                }
            }
        }
        match enforcement(self.cluster.cni) {
            Enforcement::Reject => {
                let by = passage.state.host.netns.clone();
                let error = self.port_unreachable(passage);
                self.rejected(cause, verdict.reason, &by, error)
            }
            Enforcement::Drop | Enforcement::None => self.dropped(cause, verdict.reason),
        }
    }

    /// The sender's gate belongs to its veth, which the packet has just come through: what the node did since then is told
    /// there, so that the way ends where the rules hang.
    fn return_to_gate(&mut self, node: &str, veth: &str) {
        let gate = Place::Device { node: node.to_owned(), device: veth.to_owned() };
        let Some(at) = self.hops.iter().position(|hop| hop.at == gate) else { return };
        let later: Vec<Hop> = self.hops.drain(at + 1..).collect();
        let translations =
            later.into_iter().flat_map(|hop| hop.steps).filter(|step| matches!(step.action, Action::Translated { .. }));
        if let Some(hop) = self.hops.last_mut() {
            hop.left = None;
            hop.steps.extend(translations);
        }
    }
}

fn veth_of(state: &NodeState, pod: &ObjectRef) -> Option<String> {
    let is_its = |kind: &DeviceKind| matches!(kind, DeviceKind::Veth { pod: owner } if owner == pod);
    state.host.devices.iter().find(|device| is_its(&device.kind)).map(|device| device.name.clone())
}
