//! Where and how a packet's way ended: at the gate of the Pod whose isolation decided, else where the packet is.

use crate::geometry::Point;
use crate::rows::{self, Verdict};
use crate::scene::{Element, ElementKind, Scene};
use hoplab_core::api::PolicyType;
use hoplab_core::net::Packet;
use hoplab_core::trace::{Action, Cause, Hop, Place};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    pub at: Point,
    pub verdict: Verdict,
    pub text: String,
}

/// The verdict of a hop, at the gate of the Pod whose isolation decided, else at the `corner` of where the packet is.
pub(super) fn mark(scene: &Scene, hop: &Hop, corner: Point) -> Option<Mark> {
    let verdict = rows::verdict(hop)?;
    let end = hop.steps.iter().find(|step| step.action.is_final())?;
    let cause = cause(&end.action);
    let text = match cause {
        Some(Cause::Unmodelled) => "unknown: not modelled".to_owned(),
        Some(cause) => format!("{}: {}", verdict.word(), rows::cause(cause)),
        None => verdict.word().to_owned(),
    };
    let gate = cause.and_then(|cause| gate(scene, hop, cause, &end.packet));
    Some(Mark { at: gate.unwrap_or(corner), verdict, text })
}

/// The Pod whose isolation decided: the sender on the way out, the receiver on the way in. It is on the hop's own node; an
/// address that has since gone to a Pod elsewhere is not it.
fn isolated(scene: &Scene, hop: &Hop, cause: Cause, packet: &Packet) -> Option<(usize, PolicyType)> {
    let (address, direction) = match cause {
        Cause::EgressPolicy => (packet.source, PolicyType::Egress),
        Cause::IngressPolicy => (packet.destination, PolicyType::Ingress),
        Cause::NoListener
        | Cause::NoEndpoints
        | Cause::NoRoute
        | Cause::NoNeighbour
        | Cause::TtlExceeded
        | Cause::PacketTooBig
        | Cause::Firewall
        | Cause::LinkDown
        | Cause::Unmodelled => return None,
    };
    let is_it = |element: &Element| {
        let here = element.place.as_ref().and_then(node_of) == node_of(&hop.at);
        element.kind == ElementKind::Pod && element.address == Some(address) && here
    };
    Some((scene.elements.iter().position(is_it)?, direction))
}

fn node_of(place: &Place) -> Option<&str> {
    match place {
        Place::Pod { node, .. } | Place::Device { node, .. } | Place::Node { node } => Some(node),
        Place::Underlay | Place::External { .. } => None,
    }
}

fn gate(scene: &Scene, hop: &Hop, cause: Cause, packet: &Packet) -> Option<Point> {
    let (pod, direction) = isolated(scene, hop, cause, packet)?;
    let pod = scene.elements.get(pod)?;
    let gates = scene.elements.iter().filter(|element| element.kind == ElementKind::Gate { direction });
    gates.map(|gate| gate.frame).find(|frame| frame.overlaps(&pod.frame)).map(|frame| frame.centre())
}

/// Where a packet stands that a policy stopped: before the Pod's gate, on its veth, whichever table of the node decided.
pub(super) fn before_gate(scene: &Scene, hop: &Hop) -> Option<usize> {
    let end = hop.steps.iter().find(|step| step.action.is_final())?;
    let (pod, _) = isolated(scene, hop, cause(&end.action)?, &end.packet)?;
    let to_veth = |link: &&crate::Link| link.from == pod && kind_of(scene, link.to) == Some(ElementKind::Veth);
    scene.links.iter().find(to_veth).map(|link| link.to)
}

fn kind_of(scene: &Scene, index: usize) -> Option<ElementKind> {
    scene.elements.get(index).map(|element| element.kind)
}

fn cause(action: &Action) -> Option<Cause> {
    match action {
        Action::Dropped { cause } | Action::Rejected { cause } => Some(*cause),
        Action::Originated
        | Action::Received
        | Action::Routed
        | Action::Translated { .. }
        | Action::Filtered
        | Action::Encapsulated
        | Action::Decapsulated
        | Action::Sent
        | Action::Accepted => None,
    }
}
