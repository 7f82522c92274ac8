//! A node's IP stack: hooks in the kernel's order. Received: nat PREROUTING, routing, then filter INPUT or FORWARD and nat
//! POSTROUTING. Sent by itself: nat OUTPUT, routing, filter OUTPUT, nat POSTROUTING.

use super::nat::Table;
use super::{DEVICE_MICROS, Next, Passage, STACK_MICROS, Walker};
use crate::dataplane::conntrack::State;
use crate::dataplane::device::{Device, DeviceKind};
use crate::dataplane::netfilter::Verdict;
use crate::dataplane::node::NodeState;
use crate::dataplane::route::{Route, RouteKind};
use crate::net::Mac;
use crate::trace::{Action, Cause, Place, Reason, Text};
use std::rc::Rc;

impl Walker<'_> {
    /// The packet comes up from a device.
    pub(super) fn receive(&mut self, node: &str, device: &str) -> Next {
        let Some(state) = self.node_state(node) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("There is no node {node}.")));
        };
        self.leave(device);
        self.enter(Place::Node { node: node.to_owned() }, Some(device), STACK_MICROS);
        let source_mac = self.packet.link.take().map(|link| link.source);
        let passage = self.track(node, &state, "PREROUTING");
        if state.host.is_local(self.packet.destination) {
            return self.input(passage);
        }
        self.forward(passage, device, source_mac)
    }

    fn input(&mut self, passage: Passage) -> Next {
        let text = format!("{} is {}'s own address.", self.packet.destination, passage.node);
        self.step(Action::Routed, Reason::matched(text));
        if let Err(end) = self.egress_gate(&passage) {
            return end;
        }
        if let Err(end) = self.filter(&passage, "INPUT") {
            return end;
        }
        // The nat table's INPUT hook: an answer gets its source back before a socket sees it.
        self.restore_source(&passage);
        self.confirm(&passage);
        self.deliver(&passage.state.host.netns)
    }

    fn forward(&mut self, mut passage: Passage, arrived: &str, source_mac: Option<Mac>) -> Next {
        let state = Rc::clone(&passage.state);
        let (route, device) = match self.route(&state) {
            Ok(found) => found,
            Err(RouteKind::Blackhole) => return self.blackhole(&passage),
            Err(RouteKind::Link { .. } | RouteKind::Via { .. }) => return self.net_unreachable(&passage),
        };
        let next_hop = route.next_hop(self.packet.destination);
        // br_netfilter: a frame whose new destination is behind the bridge it came from is bridged, not routed, after all.
        let bridged = device.name == arrived && device.kind == DeviceKind::Bridge;
        if !bridged {
            if self.packet.ttl <= 1 {
                return self.time_exceeded(&passage);
            }
            self.packet.ttl -= 1;
        }
        self.routed(&passage.node, route, device);
        let gated = self.gates(&passage).and_then(|()| self.filter(&passage, "FORWARD"));
        if let Err(end) = gated {
            return end;
        }
        self.translate_source(&mut passage, Some(route));
        self.transmit(&passage.node, &state, device, next_hop, source_mac.filter(|_| bridged))
    }

    /// A frame that a bridge passes from port to port; br_netfilter shows it to iptables all the same.
    pub(super) fn bridge(&mut self, node: &str, bridge: &str, destination: Mac) -> Next {
        let Some(state) = self.node_state(node) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("There is no node {node}.")));
        };
        let Some(device) = state.host.device(bridge) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("{node} has no device {bridge}.")));
        };
        self.micros += DEVICE_MICROS;
        let mut passage = self.track(node, &state, "PREROUTING");
        let gated = self.gates(&passage).and_then(|()| self.filter(&passage, "FORWARD"));
        if let Err(end) = gated {
            return end;
        }
        self.translate_source(&mut passage, None);
        self.leave_bridge(node, &state, device, destination)
    }

    /// The node's own programs, and those of Pods on its network, send.
    pub(super) fn node_output(&mut self, node: &str) -> Next {
        let Some(state) = self.node_state(node) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("There is no node {node}.")));
        };
        let mut passage = self.track(node, &state, "OUTPUT");
        if passage.connection_state == State::Invalid {
            // An error that this node sends about a packet it has not let through: the kernel ties it to that packet.
            passage.connection_state = State::Related;
        }
        if state.host.is_local(self.packet.destination) {
            return self.loopback(passage);
        }
        let (route, device) = match self.route(&state) {
            Ok(found) => found,
            Err(_) => return self.no_route(&state.host.netns),
        };
        let next_hop = route.next_hop(self.packet.destination);
        self.routed(node, route, device);
        if let Err(end) = self.filter(&passage, "OUTPUT") {
            return end;
        }
        self.translate_source(&mut passage, Some(route));
        self.transmit(node, &state, device, next_hop, None)
    }

    /// From the node to itself, over lo: out of one side of the filter table and in at the other.
    fn loopback(&mut self, passage: Passage) -> Next {
        let text = format!("{} is {}'s own address.", self.packet.destination, passage.node);
        self.step(Action::Routed, Reason::matched(text));
        let filtered = self.filter(&passage, "OUTPUT").and_then(|()| self.filter(&passage, "INPUT"));
        if let Err(end) = filtered {
            return end;
        }
        self.confirm(&passage);
        self.deliver(&passage.state.host.netns)
    }

    /// `Err` says why there is none: a blackhole, or (as any other kind) no route at all.
    fn route<'s>(&self, state: &'s NodeState) -> Result<(&'s Route, &'s Device), RouteKind> {
        let none = RouteKind::Link { device: String::new() };
        let route = state.host.routes.lookup(self.packet.destination).ok_or(none.clone())?;
        if route.kind == RouteKind::Blackhole {
            return Err(RouteKind::Blackhole);
        }
        let device = route.device().and_then(|name| state.host.device(name)).ok_or(none)?;
        Ok((route, device))
    }

    fn routed(&mut self, node: &str, route: &Route, device: &Device) {
        let destination = self.packet.destination;
        let text = format!("{node} routes {destination} out of {}.", device.name);
        self.step(Action::Routed, Reason::matched(text).because(vec![Reason::matched(route.line())]));
    }

    fn blackhole(&mut self, passage: &Passage) -> Next {
        let text =
            format!("No Pod has {}, and {} drops what is left of its address block.", self.packet.destination, passage.node);
        let route = passage.state.host.routes.lookup(self.packet.destination);
        let because = route.map(|route| Reason::matched(route.line())).into_iter().collect();
        self.dropped(Cause::NoRoute, Reason::matched(text).because(because))
    }

    /// A built-in chain of the filter table. `Err` is the end of the way.
    fn filter(&mut self, passage: &Passage, chain: &str) -> Result<(), Next> {
        let evaluation = self.evaluate(passage, &passage.state.host.netfilter, Table::Filter, chain);
        let service = |what: &str| match &evaluation.about {
            Some(service) => Text::from("Service ").object(service.clone()).plain(what),
            None => Text::from(format!("A rule of {chain}{what}")),
        };
        match evaluation.verdict {
            Verdict::Reject(_) => {
                let cause = if evaluation.about.is_some() { Cause::NoEndpoints } else { Cause::Firewall };
                let reason = Reason::matched(service(" has no ready endpoints, so the node refuses the packet at once."));
                let by = passage.state.host.netns.clone();
                let error = self.port_unreachable(passage);
                Err(self.rejected(cause, reason.because(evaluation.because), &by, error))
            }
            Verdict::Drop => {
                let cause = if evaluation.about.is_some() { Cause::NoEndpoints } else { Cause::Firewall };
                let reason = Reason::matched(service(" does not let this packet pass on this node."));
                Err(self.dropped(cause, reason.because(evaluation.because)))
            }
            Verdict::Accept | Verdict::Dnat(_) | Verdict::Masquerade => {
                let at_bridge = self.hops.last().is_some_and(|hop| matches!(hop.at, Place::Device { .. }));
                let text = match (at_bridge, evaluation.decided) {
                    (true, _) => "The bridge shows the frame to iptables, too, which lets it pass.".to_owned(),
                    (false, true) => format!("A rule of the {chain} chain lets it pass."),
                    (false, false) => format!("No rule of the {chain} chain stops it."),
                };
                self.step(Action::Filtered, Reason::matched(text).because(evaluation.because));
                Ok(())
            }
        }
    }
}
