//! An exchange in time: which packet is where, what happens to it, what is said about it. Everything is a pure function of the
//! time asked for, so playing, scrubbing, stepping back and printing a still are the same question. Holds copies of what it
//! needs and borrows nothing; must not know how anything is drawn, nor what time it is.

mod detail;
mod envelope;
mod frame;
mod mark;
mod timing;

pub use frame::{Crumb, Frame, PathPart, RewriteCard, RewriteLine, Token, VerdictMark};

use crate::geometry;
use crate::rows::{self, Verdict};
use crate::scene::Scene;
use detail::{Detail, details};
use hoplab_core::trace::{Action, Exchange, Hop, Leg};
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
