//! The ends of a way: a namespace sends what its programs wrote, and takes what is addressed to it.

use super::{Next, Walker};
use crate::dataplane::topology::{Cable, Vertex};
use crate::dataplane::{End, Netns};
use crate::net::{Icmp, Link, TcpFlags, Transport};
use crate::trace::{Action, Cause, Reason, Text};

impl Walker<'_> {
    /// A Pod's stack: no rules, a routing table, one way out.
    pub(super) fn pod_output(&mut self, from: &Netns) -> Next {
        let node = self.dataplane.node_of(self.cluster, self.store, from);
        let Some(state) = node.and_then(|node| self.node_state(&node)) else {
            let text = self.says(from).plain(" has no network.");
            return self.dropped(Cause::LinkDown, Reason::matched(text));
        };
        let Some(stack) = state.stack(from) else {
            let text = self.says(from).plain(" has no network.");
            return self.dropped(Cause::LinkDown, Reason::matched(text));
        };
        let destination = self.packet.destination;
        if stack.is_local(destination) {
            self.step(Action::Routed, Reason::matched(format!("{destination} is the Pod's own address: it stays on lo.")));
            return self.deliver(from);
        }
        let Some(route) = stack.routes.lookup(destination) else {
            return self.no_route(from);
        };
        let next_hop = route.next_hop(destination);
        let Some(device) = route.device().and_then(|name| stack.device(name)) else { return self.no_route(from) };
        let line = Reason::matched(route.line());
        let Some(neighbour) = stack.neighbours.lookup(&device.name, next_hop) else {
            return self.no_neighbour_of(from, &device.name, next_hop);
        };
        self.packet.link = Some(Link { source: device.mac, destination: neighbour.mac });
        let text = if next_hop == destination {
            format!("{destination} is on the Pod's own network: out of {}.", device.name)
        } else {
            format!("The route to {destination} leads through {next_hop}, out of {}.", device.name)
        };
        self.step(Action::Routed, Reason::matched(text).because(vec![line]));
        self.leave(&device.name);
        match state.topology.peer(from, &device.name, Cable::Veth) {
            Some(Vertex::Device { netns, device }) => Next::Arrive { netns: netns.clone(), device: device.clone() },
            _ => self.dropped(Cause::LinkDown, Reason::matched("The Pod's eth0 is not plugged in.")),
        }
    }

    /// The packet has reached the namespace that owns its destination.
    pub(super) fn deliver(&mut self, at: &Netns) -> Next {
        if self.is_taken(at) {
            let reason = self.acceptance(at);
            self.step(Action::Accepted, reason);
            return Next::end(End::Delivered { at: at.clone(), packet: self.packet.clone() });
        }
        if let Netns::External(name) = at {
            let text = format!("{name} is outside the simulation: what it would answer is not known.");
            return self.dropped(Cause::Unmodelled, Reason::matched(text));
        }
        self.no_listener(at)
    }

    fn is_awaited(&self, at: &Netns) -> bool {
        let Some((_, port)) = self.packet.ports() else { return true };
        self.dataplane.sockets.contains(&(at.clone(), self.packet.protocol(), port))
    }

    /// A socket takes the packet. TCP segments after the first belong to a connection; the stack answers ICMP itself.
    fn is_taken(&mut self, at: &Netns) -> bool {
        let opens = match self.packet.transport {
            Transport::Tcp { flags, .. } => flags == TcpFlags::Syn,
            Transport::Udp { .. } | Transport::Sctp { .. } => true,
            // Stacks answer echo by themselves; what a machine outside does is not known.
            Transport::Icmp(Icmp::EchoRequest { .. }) => matches!(at, Netns::External(_)),
            Transport::Icmp(_) => false,
        };
        !opens || self.is_awaited(at) || self.listens(at)
    }

    fn listens(&mut self, at: &Netns) -> bool {
        let Some((_, port)) = self.packet.ports() else { return false };
        let protocol = self.packet.protocol();
        self.dataplane.listener(self.cluster, self.store, at, protocol, port).is_some()
    }

    fn acceptance(&self, at: &Netns) -> Reason {
        let text = match &self.packet.transport {
            Transport::Tcp { flags: TcpFlags::Rst | TcpFlags::RstAck, .. } => {
                Text::from("The connection attempt ends: the other side refused it with RST.")
            }
            Transport::Tcp { destination, .. } | Transport::Udp { destination, .. } | Transport::Sctp { destination, .. } => {
                self.says(at).plain(format!(" takes the packet on {} port {destination}.", self.packet.protocol()))
            }
            Transport::Icmp(Icmp::EchoRequest { .. }) => self.says(at).plain(" receives the echo request."),
            Transport::Icmp(Icmp::EchoReply { .. }) => self.says(at).plain(" receives the echo reply."),
            Transport::Icmp(_) => self.says(at).plain(" learns from the ICMP error that its packet failed."),
        };
        Reason::matched(text)
    }
}
