//! Devices and wires: veth pairs, bridges, tunnels, cards, the network between the nodes.

use super::{INTERNET_MICROS, Next, TUNNEL_MICROS, UNDERLAY_MICROS, Walker};
use crate::dataplane::device::{Device, DeviceKind};
use crate::dataplane::neighbour::FdbTarget;
use crate::dataplane::node::NodeState;
use crate::dataplane::route::Route;
use crate::dataplane::topology::{Cable, Vertex};
use crate::dataplane::{Netns, external_address};
use crate::net::{Encapsulation, IpAddr, Link, Mac};
use crate::rng;
use crate::trace::{Action, Cause, Place, Reason, Text};

impl Walker<'_> {
    /// A frame comes in at one of a node's devices.
    pub(super) fn arrive_at_node(&mut self, node: &str, device: &str) -> Next {
        let Some(state) = self.node_state(node) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("There is no node {node}.")));
        };
        let Some(arrived) = state.host.device(device) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("{node} has no device {device}.")));
        };
        self.enter_device(node, device);
        match &arrived.kind {
            DeviceKind::Veth { pod } => {
                let text =
                    Text::from("The frame leaves ").object(pod.clone()).plain(format!(" and comes out of {device} on {node}."));
                self.step(Action::Received, Reason::matched(text));
                match &arrived.master {
                    Some(bridge) => self.arrive_at_bridge(node, &state, device, bridge),
                    None => self.receive(node, device),
                }
            }
            DeviceKind::Nic => {
                self.step(Action::Received, Reason::matched(format!("{node} receives the frame on {device}.")));
                self.arrive_at_card(node, &state, device)
            }
            DeviceKind::Loopback
            | DeviceKind::PodEnd
            | DeviceKind::Bridge
            | DeviceKind::Vxlan { .. }
            | DeviceKind::IpIp { .. } => self.receive(node, device),
        }
    }

    /// A bridge passes the frame on by its destination, or up when that is the bridge itself.
    fn arrive_at_bridge(&mut self, node: &str, state: &NodeState, port: &str, bridge: &str) -> Next {
        self.leave(bridge);
        self.enter_device(node, bridge);
        if let Some(hop) = self.hops.last_mut() {
            hop.arrived = Some(port.to_owned());
        }
        let destination = self.packet.link.map(|link| link.destination).unwrap_or_default();
        if state.host.device(bridge).is_some_and(|device| device.mac == destination) {
            let text = format!("The frame is addressed to {bridge} itself, so {node}'s IP stack takes it.");
            self.step(Action::Received, Reason::matched(text));
            return self.receive(node, bridge);
        }
        self.bridge(node, bridge, destination)
    }

    /// Outer headers addressed to this node end here.
    fn arrive_at_card(&mut self, node: &str, state: &NodeState, card: &str) -> Next {
        let tunnel = self.packet.outer.as_ref().and_then(|outer| state.host.devices.iter().find(|device| ends(device, outer)));
        let Some(tunnel) = tunnel else { return self.receive(node, card) };
        self.leave(&tunnel.name);
        self.enter_device(node, &tunnel.name);
        self.micros += TUNNEL_MICROS;
        let text = match self.packet.outer.take() {
            Some(Encapsulation::Vxlan { inner, vni, .. }) => {
                self.packet.link = Some(inner);
                format!("{} takes off the outer headers of VXLAN network {vni} and finds the frame inside.", tunnel.name)
            }
            Some(Encapsulation::IpIp { .. }) | None => {
                self.packet.link = None;
                format!("{} takes off the outer IP header and finds the packet inside.", tunnel.name)
            }
        };
        self.step(Action::Decapsulated, Reason::matched(text));
        self.receive(node, &tunnel.name)
    }

    /// Sends the packet out of a device of the node, towards the next hop. `bridged` is the frame's sender when it only changes
    /// its bridge port: then the sender's address stays.
    pub(super) fn transmit(
        &mut self,
        node: &str,
        state: &NodeState,
        device: &Device,
        next_hop: IpAddr,
        bridged: Option<Mac>,
    ) -> Next {
        self.leave(&device.name);
        let neighbour = state.host.neighbours.lookup(&device.name, next_hop);
        match &device.kind {
            DeviceKind::IpIp { local } => self.encapsulate(
                node,
                state,
                device,
                Encapsulation::IpIp {
                    source: *local,
                    destination: next_hop,
                    // `ttl inherit`, tunl0's default.
                    ttl: self.packet.ttl,
                },
            ),
            DeviceKind::Vxlan { vni, local, port } => {
                let vtep = neighbour.and_then(|neighbour| match state.host.fdb.lookup(&device.name, neighbour.mac) {
                    Some(FdbTarget::Vtep(peer)) => Some((neighbour.mac, *peer)),
                    Some(FdbTarget::Port(_)) | None => None,
                });
                let Some((mac, peer)) = vtep else { return self.no_neighbour(state, device, next_hop) };
                let inner = Link { source: device.mac, destination: mac };
                let outer = Encapsulation::Vxlan {
                    vni: *vni,
                    source: *local,
                    destination: peer,
                    source_port: self.vxlan_source_port(),
                    destination_port: *port,
                    ttl: crate::net::Packet::DEFAULT_TTL,
                    inner,
                };
                self.packet.link = Some(inner);
                self.encapsulate(node, state, device, outer)
            }
            DeviceKind::Nic => match neighbour {
                Some(neighbour) => {
                    self.packet.link = Some(Link { source: device.mac, destination: neighbour.mac });
                    self.send_on_wire(node, device, next_hop)
                }
                None => self.no_neighbour(state, device, next_hop),
            },
            DeviceKind::Bridge => match neighbour {
                Some(neighbour) => {
                    let source = bridged.unwrap_or(device.mac);
                    self.packet.link = Some(Link { source, destination: neighbour.mac });
                    self.enter_device(node, &device.name);
                    self.leave_bridge(node, state, device, neighbour.mac)
                }
                None => self.no_neighbour(state, device, next_hop),
            },
            DeviceKind::Veth { .. } => match neighbour {
                Some(neighbour) => {
                    self.packet.link = Some(Link { source: device.mac, destination: neighbour.mac });
                    self.leave_veth(node, state, &device.name)
                }
                None => self.no_neighbour(state, device, next_hop),
            },
            DeviceKind::Loopback | DeviceKind::PodEnd => {
                unreachable!("no route of a node leads out of lo or of a Pod's end")
            }
        }
    }

    fn encapsulate(&mut self, node: &str, state: &NodeState, tunnel: &Device, outer: Encapsulation) -> Next {
        let (peer, text) = match &outer {
            Encapsulation::Vxlan { destination, destination_port, .. } => (
                *destination,
                format!("{} wraps the frame in UDP to {destination}:{destination_port}, adding 50 bytes.", tunnel.name),
            ),
            Encapsulation::IpIp { destination, .. } => {
                self.packet.link = None;
                (*destination, format!("{} wraps the packet in an IP header to {destination}, adding 20 bytes.", tunnel.name))
            }
        };
        self.enter_device(node, &tunnel.name);
        self.micros += TUNNEL_MICROS;
        self.packet.outer = Some(outer);
        let line = |route: &Route| Reason::matched(route.line());
        let route = state.host.routes.lookup(peer);
        self.step(Action::Encapsulated, Reason::matched(text).because(route.map(line).into_iter().collect()));
        let card = route.and_then(|route| Some((state.host.device(route.device()?)?, route.next_hop(peer))));
        match card {
            Some((card, next_hop)) if card.kind == DeviceKind::Nic => {
                self.leave(&card.name);
                self.send_on_wire(node, card, next_hop)
            }
            _ => self.dropped(Cause::NoRoute, Reason::matched(format!("{node} has no route to tunnel peer {peer}."))),
        }
    }

    /// The outer source port is a hash of the inner flow, so that networks spread flows over links (RFC 7348, section 4.1).
    fn vxlan_source_port(&self) -> u16 {
        let ports = self.packet.ports().unwrap_or_default();
        let flow = format!("{} {} {ports:?}", self.packet.source, self.packet.destination);
        // Linux's default range for local ports.
        32_768 + u16::try_from(rng::hash(0, flow.as_bytes()) % 28_232).unwrap_or_default()
    }

    fn send_on_wire(&mut self, node: &str, card: &Device, next_hop: IpAddr) -> Next {
        self.enter_device(node, &card.name);
        let text = format!("{} sends the frame to {next_hop} on the network between the nodes.", card.name);
        self.step(Action::Sent, Reason::matched(text));
        self.leave(&card.name);
        Next::Wire { next_hop }
    }

    /// Already at the bridge: out of the port that the forwarding database names.
    pub(super) fn leave_bridge(&mut self, node: &str, state: &NodeState, bridge: &Device, destination: Mac) -> Next {
        match state.host.fdb.lookup(&bridge.name, destination) {
            Some(FdbTarget::Port(port)) => {
                let text = format!("{} knows {destination} behind port {port}.", bridge.name);
                self.step(Action::Sent, Reason::matched(text));
                self.leave(port);
                self.leave_veth(node, state, port)
            }
            Some(FdbTarget::Vtep(_)) | None => {
                let text = format!("No port of {} leads to {destination}.", bridge.name);
                self.dropped(Cause::NoNeighbour, Reason::matched(text))
            }
        }
    }

    /// Out of a veth's host end, into the Pod.
    pub(super) fn leave_veth(&mut self, node: &str, state: &NodeState, veth: &str) -> Next {
        self.enter_device(node, veth);
        if let Some(reason) = self.admitted.take() {
            self.step(Action::Filtered, reason);
        }
        let Some(Vertex::Device { netns, device }) = state.topology.peer(&state.host.netns, veth, Cable::Veth) else {
            return self.dropped(Cause::LinkDown, Reason::matched(format!("Nothing is plugged into {veth}.")));
        };
        let text = Text::from(format!("{veth} hands the frame to ")).plain(self.says(netns).to_string()).plain(".");
        self.step(Action::Sent, Reason::matched(text));
        self.leave(veth);
        Next::Arrive { netns: netns.clone(), device: device.clone() }
    }

    /// The network between the nodes: a switch, and a router to the world outside.
    pub(super) fn cross_underlay(&mut self, next_hop: IpAddr) -> Next {
        let from_outside = self.hops.last().is_some_and(|hop| matches!(hop.at, Place::External { .. }));
        self.enter(Place::Underlay, None, UNDERLAY_MICROS);
        if from_outside {
            // Through the network's router, like everything that leaves for the outside.
            self.packet.ttl = self.packet.ttl.saturating_sub(1);
            self.micros += INTERNET_MICROS;
        }
        if let Some(node) = self.directory.node_at(next_hop).map(str::to_owned) {
            self.step(Action::Sent, Reason::matched(format!("The network between the nodes carries it to {node}.")));
            return Next::Arrive { netns: Netns::Node(node), device: "eth0".to_owned() };
        }
        let destination = self.packet.destination;
        if self.cluster.pod_cidr.contains(&destination) || self.cluster.service_cidr.contains(&destination) {
            let text = format!("The network's router has no route to {destination}: cluster addresses exist only on nodes.");
            return self.dropped(Cause::NoRoute, Reason::matched(text));
        }
        self.packet.ttl = self.packet.ttl.saturating_sub(1);
        self.micros += INTERNET_MICROS;
        let name = if destination == external_address("") { "laptop".to_owned() } else { destination.to_string() };
        self.step(Action::Routed, Reason::matched(format!("The network's router passes it on to the outside, to {name}.")));
        Next::Arrive { netns: Netns::External(name), device: "eth0".to_owned() }
    }
}

/// The tunnel device that takes this encapsulation.
fn ends(device: &Device, outer: &Encapsulation) -> bool {
    match (&device.kind, outer) {
        (DeviceKind::Vxlan { vni, local, port }, Encapsulation::Vxlan { vni: seen, destination, destination_port, .. }) => {
            vni == seen && local == destination && port == destination_port
        }
        (DeviceKind::IpIp { local }, Encapsulation::IpIp { destination, .. }) => local == destination,
        _ => false,
    }
}
