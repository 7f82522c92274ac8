//! An exchange in time: which packet is where, what happens to it, what is said about it. Everything is a pure function of the
//! time asked for, so playing, scrubbing, stepping back and printing a still are the same question. Holds copies of what it
//! needs and borrows nothing; must not know how anything is drawn, nor what time it is.

mod frame;
mod timing;

pub use frame::{Crumb, Frame, PathPart, RewriteCard, RewriteLine, Token, VerdictMark};

use crate::geometry::{self, Point};
use crate::rows::{self, Verdict};
use crate::scene::{ElementKind, Scene};
use frame::{Envelope, Mark};
use hoplab_core::trace::{Action, Direction, Exchange, Hop, Leg, Place};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    motion: Motion,
    stops: Vec<Stop>,
    /// One to one with `stops`: what the picture shows there.
    details: Vec<Detail>,
    duration: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    #[default]
    Full,
    /// Packets jump from hop to hop and leave numbered crumbs.
    Reduced,
}

/// A packet's stay at one hop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stop {
    /// Milliseconds from the start: the packet arrives, …
    pub arrival: f64,
    /// … all that happens here is on display (seek to this in step mode), …
    pub time: f64,
    /// … and the packet leaves.
    pub departure: f64,
    /// Positions in the exchange.
    pub leg: usize,
    pub hop: usize,
    /// From 1 within the leg; the number that the picture shows.
    pub number: usize,
    pub kind: StopKind,
    /// The caption, and the text for the live region: the table's row says the same.
    pub caption: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StopKind {
    Pass,
    Rewrite,
    /// A tunnel's outer envelope was put on or taken off.
    Encapsulation,
    /// The leg ends here.
    End(Verdict),
}

/// What the picture shows at a stop.
#[derive(Clone, Debug, PartialEq)]
struct Detail {
    at: Point,
    /// Where its number stands.
    crumb: Point,
    /// From the stop before to this one; empty at a leg's first.
    way: Vec<Point>,
    /// The element that the hop is at.
    element: Option<String>,
    leg_label: String,
    reply: bool,
    /// Where the leg's packet comes from and what it is for.
    from: Option<String>,
    to: Option<String>,
    /// The Pod that the packet is for since a rewrite, on arrival and when leaving.
    picked_before: Option<String>,
    picked: Option<String>,
    /// The packet when it arrives and when it leaves.
    arriving: Envelope,
    leaving: Envelope,
    rewrites: Vec<(String, String)>,
    mark: Option<Mark>,
}

impl Playback {
    pub fn new(scene: &Scene, exchange: &Exchange) -> Self {
        Self::with_motion(scene, exchange, Motion::Full)
    }

    pub fn with_motion(scene: &Scene, exchange: &Exchange, motion: Motion) -> Self {
        let mut playback = Self { motion, stops: Vec::new(), details: Vec::new(), duration: 0.0 };
        for (index, leg) in exchange.legs.iter().enumerate().filter(|(_, leg)| !leg.trace.hops.is_empty()) {
            playback.add_leg(scene, index, leg);
        }
        playback
    }

    /// Milliseconds at normal speed.
    pub fn duration(&self) -> f64 {
        self.duration
    }

    pub fn motion(&self) -> Motion {
        self.motion
    }

    /// In order of time.
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    pub fn next_stop(&self, time: f64) -> Option<&Stop> {
        self.stops.iter().find(|stop| stop.time > time)
    }

    pub fn previous_stop(&self, time: f64) -> Option<&Stop> {
        self.stops.iter().rev().find(|stop| stop.time < time)
    }

    /// The next stop at which a packet is rewritten or its way ends.
    pub fn next_event(&self, time: f64) -> Option<&Stop> {
        self.stops.iter().find(|stop| stop.time > time && stop.is_event())
    }

    pub fn previous_event(&self, time: f64) -> Option<&Stop> {
        self.stops.iter().rev().find(|stop| stop.time < time && stop.is_event())
    }

    /// Where a hop of the table is on display.
    pub fn stop_of(&self, leg: usize, hop: usize) -> Option<&Stop> {
        self.stops.iter().find(|stop| stop.leg == leg && stop.hop == hop)
    }

    fn add_leg(&mut self, scene: &Scene, index: usize, leg: &Leg) {
        let details = details(scene, leg);
        let kinds: Vec<StopKind> = leg.trace.hops.iter().map(kind).collect();
        let pause = if self.stops.is_empty() { 0.0 } else { timing::PAUSE };
        let start = self.duration + pause;
        let travel = |detail: &Detail| match self.motion {
            Motion::Full if !detail.way.is_empty() => timing::travel(geometry::length(&detail.way)),
            Motion::Full | Motion::Reduced => 0.0,
        };
        let dwell = |kind: StopKind| match self.motion {
            Motion::Full => timing::dwell(kind),
            Motion::Reduced => timing::STILL,
        };
        let total: f64 = details.iter().map(travel).sum::<f64>() + kinds.iter().copied().map(dwell).sum::<f64>();
        let scale = match self.motion {
            Motion::Full if total > timing::LONGEST_LEG => timing::LONGEST_LEG / total,
            Motion::Full | Motion::Reduced => 1.0,
        };
        let mut clock = start;
        let mut stops = Vec::new();
        for (hop, ((of, detail), kind)) in leg.trace.hops.iter().zip(&details).zip(kinds).enumerate() {
            let arrival = clock + travel(detail) * scale;
            let departure = arrival + dwell(kind) * scale;
            let time = arrival + timing::settled(kind) * scale;
            clock = departure;
            stops.push(Stop { arrival, time, departure, leg: index, hop, number: hop + 1, kind, caption: rows::caption(of) });
        }
        self.duration = clock;
        self.stops.extend(stops);
        self.details.extend(details);
    }
}

impl Stop {
    fn is_event(&self) -> bool {
        match self.kind {
            StopKind::Rewrite | StopKind::End(_) => true,
            StopKind::Pass | StopKind::Encapsulation => false,
        }
    }
}

fn kind(hop: &Hop) -> StopKind {
    if let Some(verdict) = rows::verdict(hop) {
        return StopKind::End(verdict);
    }
    let has = |wanted: fn(&Action) -> bool| hop.steps.iter().any(|step| wanted(&step.action));
    if has(|action| matches!(action, Action::Translated { .. })) {
        StopKind::Rewrite
    } else if has(|action| matches!(action, Action::Encapsulated | Action::Decapsulated)) {
        StopKind::Encapsulation
    } else {
        StopKind::Pass
    }
}

fn details(scene: &Scene, leg: &Leg) -> Vec<Detail> {
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
            mark: frame::mark(scene, hop, corner(scene, *at_element, at)),
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
    if let Some(veth) = frame::before_gate(scene, hop) {
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
