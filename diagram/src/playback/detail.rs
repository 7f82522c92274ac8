//! Where in the scene each hop of a leg happens, and what is to be shown there: everything about a stop but its time.

use super::envelope::Envelope;
use super::mark::{self, Mark};
use crate::geometry::{self, Point};
use crate::rows;
use crate::scene::{ElementKind, Scene};
use hoplab_core::trace::{Direction, Hop, Leg, Place};

/// What the picture shows at a stop.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Detail {
    pub at: Point,
    /// Where its number stands.
    pub crumb: Point,
    /// From the stop before to this one; empty at a leg's first.
    pub way: Vec<Point>,
    /// The element that the hop is at.
    pub element: Option<String>,
    pub leg_label: String,
    pub reply: bool,
    /// Where the leg's packet comes from and what it is for.
    pub from: Option<String>,
    pub to: Option<String>,
    /// The Pod that the packet is for since a rewrite, on arrival and when leaving.
    pub picked_before: Option<String>,
    pub picked: Option<String>,
    /// The packet when it arrives and when it leaves.
    pub arriving: Envelope,
    pub leaving: Envelope,
    pub rewrites: Vec<(String, String)>,
    pub mark: Option<Mark>,
}

/// What the picture shows at every hop of a leg.
pub(super) fn details(scene: &Scene, leg: &Leg) -> Vec<Detail> {
    let elements: Vec<Option<usize>> = leg.trace.hops.iter().map(|hop| element(scene, hop)).collect();
    let from = elements.first().copied().flatten();
    let first = leg.trace.hops.first().and_then(|hop| hop.steps.first());
    let to = first.and_then(|step| scene.owner(step.packet.destination));
    let id = |index: Option<usize>| index.and_then(|index| scene.elements.get(index)).map(|element| element.id.clone());
    let ways = ways(scene, leg, &elements);
    let mut before: Option<Envelope> = None;
    let mut picked: Option<String> = None;
    let mut details = Vec::new();
    for ((hop, way), at_element) in leg.trace.hops.iter().zip(ways).zip(&elements) {
        let leaving = hop.steps.last().map(|step| Envelope::of(&step.packet)).unwrap_or_default();
        let arriving = before.replace(leaving.clone()).unwrap_or_else(|| leaving.clone());
        let picked_before = picked.clone();
        let destination = hop.steps.last().and_then(|step| scene.owner(step.packet.destination));
        picked = id(destination.filter(|owner| Some(*owner) != to && is_pod(scene, *owner)));
        let at = way.last().copied().unwrap_or_else(|| scene.anchor(&hop.at));
        details.push(Detail {
            at,
            crumb: crumb(scene, *at_element, at, &details),
            way: if details.is_empty() { Vec::new() } else { way },
            element: id(*at_element),
            leg_label: leg.label.clone(),
            reply: leg.direction == Direction::Reply,
            from: id(from),
            to: id(to),
            picked_before,
            picked: picked.clone(),
            arriving,
            leaving,
            rewrites: rows::rewrites(hop),
            mark: mark::mark(scene, hop, corner(scene, *at_element, at)),
        });
    }
    details
}

fn is_pod(scene: &Scene, index: usize) -> bool {
    scene.elements.get(index).is_some_and(|element| element.kind == ElementKind::Pod)
}

/// The upper right corner of where a hop is: a mark there hides neither the name nor the packet.
fn corner(scene: &Scene, element: Option<usize>, at: Point) -> Point {
    let frame = element.and_then(|index| scene.elements.get(index)).map(|element| element.frame);
    frame.map_or(at, |frame| Point::new(frame.right() - 2.0, frame.y + 2.0))
}

/// Numbers stand beside names, not on them, and a second visit's number beside the first one's.
fn crumb(scene: &Scene, element: Option<usize>, at: Point, before: &[Detail]) -> Point {
    const STEP: f64 = 20.0;
    let mut point = match element.and_then(|index| scene.elements.get(index)) {
        Some(of) if of.kind == ElementKind::Pod => Point::new(of.frame.x - 4.0, of.frame.centre().y),
        Some(of) if of.kind == ElementKind::Veth => Point::new(at.x - 18.0, at.y + 4.0),
        _ => at,
    };
    while before.iter().any(|detail| detail.crumb == point) {
        point.x += STEP;
    }
    point
}

/// Where a hop is drawn: what is rewritten is rewritten at the node's service rules, the rest of the stack is its routes.
fn element(scene: &Scene, hop: &Hop) -> Option<usize> {
    if let Some(veth) = mark::before_gate(scene, hop) {
        return Some(veth);
    }
    let index = scene.at(&hop.at)?;
    let Place::Node { node } = &hop.at else { return Some(index) };
    if !hop.steps.iter().any(|step| rows::translation(step).is_some()) {
        return Some(index);
    }
    let rules = |element: &crate::Element| element.kind == ElementKind::Rules && element.id == format!("rules/{node}");
    scene.elements.iter().position(rules).or(Some(index))
}

/// The way to every hop from the one before. The network between the nodes has no middle of its own: a packet there is drawn
/// between the hops around it, on the cable if the way runs along it, else half-way.
fn ways(scene: &Scene, leg: &Leg, elements: &[Option<usize>]) -> Vec<Vec<Point>> {
    let hops = &leg.trace.hops;
    let route = |from: usize, to: usize| match (elements.get(from).copied().flatten(), elements.get(to).copied().flatten()) {
        (Some(from), Some(to)) => scene.route_between(from, to),
        _ => hops.get(from).zip(hops.get(to)).map(|(from, to)| scene.route(&from.at, &to.at)).unwrap_or_default(),
    };
    let is_between =
        |index: usize| index > 0 && index + 1 < hops.len() && hops.get(index).is_some_and(|hop| hop.at == Place::Underlay);
    let across = |index: usize| {
        let whole = route(index - 1, index + 1);
        let middle = middle_at(&whole, scene.anchor(&Place::Underlay).y).unwrap_or(geometry::length(&whole) / 2.0);
        (geometry::prefix(&whole, middle), geometry::suffix(&whole, middle))
    };
    (0..hops.len())
        .map(|index| match index.checked_sub(1) {
            None => route(0, 0),
            Some(_) if is_between(index) => across(index).0,
            Some(before) if is_between(before) => across(before).1,
            Some(before) => route(before, index),
        })
        .collect()
}

/// How far along a way the middle of its piece at the height `y` is.
fn middle_at(way: &[Point], y: f64) -> Option<f64> {
    let mut passed = 0.0;
    for (a, b) in geometry::segments(way) {
        let length = geometry::length(&[a, b]);
        if a.y == y && b.y == y {
            return Some(passed + length / 2.0);
        }
        passed += length;
    }
    None
}
