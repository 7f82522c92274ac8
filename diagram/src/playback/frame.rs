//! The picture of one moment: tokens, the hop that matters, the way so far, a rewrite, a verdict.

use super::{Detail, Motion, Playback, Stop, StopKind, timing};
use crate::geometry::{self, Point};
use crate::rows::Verdict;
use serde::Serialize;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Frame {
    pub time: f64,
    /// Position in [`Playback::stops`] of the hop the packet is at, or was at last.
    pub stop: usize,
    pub leg: usize,
    pub hop: usize,
    pub leg_label: String,
    /// The current hop's sentence.
    pub caption: String,
    /// Element ids: the hop that matters now, where the packet comes from, what it is for.
    pub highlight: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    /// The Pod that service rules chose in the place of `to`.
    pub picked: Option<String>,
    pub tokens: Vec<Token>,
    /// The leg's way so far.
    pub path: Vec<PathPart>,
    pub crumbs: Vec<Crumb>,
    pub rewrite: Option<RewriteCard>,
    pub verdict: Option<VerdictMark>,
}

/// A packet as an envelope.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Token {
    pub at: Point,
    /// At most four characters: `DNS`, `SYN`, `GET`, `200`.
    pub label: String,
    /// Replies are hollow.
    pub reply: bool,
    /// The outer envelope's label while the packet is in a tunnel, at most six characters.
    pub outer: Option<String>,
    /// Set once its way has ended.
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathPart {
    pub points: Vec<Point>,
    /// Absent while the packet is on its way: a picture must not tell the end before it is reached.
    pub verdict: Option<Verdict>,
    pub reply: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crumb {
    pub number: usize,
    pub at: Point,
    pub kind: StopKind,
    pub current: bool,
}

/// What a rewrite changed, shown at the element that did it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RewriteCard {
    /// Where the rewriting element is; the card stands below it.
    pub at: Point,
    pub lines: Vec<RewriteLine>,
    /// 0: only the old value, highlighted; 1: old value struck, new value in place.
    pub progress: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RewriteLine {
    pub old: String,
    pub new: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictMark {
    pub at: Point,
    /// Where the packet stands, which may be beside the mark.
    pub packet: Point,
    pub verdict: Verdict,
    /// `dropped: egress policy`
    pub text: String,
    /// For a rejection: the first piece of the way back to the sender.
    pub way_back: Vec<Point>,
    /// 0 to 1.
    pub progress: f64,
}

impl Playback {
    /// The picture at `time`, clamped to the playback's length.
    pub fn frame(&self, time: f64) -> Frame {
        let time = if time.is_finite() { time.clamp(0.0, self.duration) } else { self.duration };
        let reached = self.stops.iter().rposition(|stop| stop.arrival <= time).unwrap_or(0);
        let (Some(stop), Some(detail)) = (self.stops.get(reached), self.details.get(reached)) else {
            return Frame { time, ..Frame::default() };
        };
        let ended = match stop.kind {
            StopKind::End(verdict) => Some(verdict),
            StopKind::Pass | StopKind::Rewrite | StopKind::Encapsulation => None,
        };
        let travelled = self.travelled(reached, time);
        let token = Token {
            at: travelled.as_ref().and_then(|way| way.last().copied()).unwrap_or(detail.at),
            label: if time < stop.time { detail.arriving.label.clone() } else { detail.leaving.label.clone() },
            reply: detail.reply,
            outer: if time < stop.time { detail.arriving.outer.clone() } else { detail.leaving.outer.clone() },
            verdict: ended,
        };
        Frame {
            time,
            stop: reached,
            leg: stop.leg,
            hop: stop.hop,
            leg_label: detail.leg_label.clone(),
            caption: stop.caption.clone(),
            highlight: detail.element.clone(),
            from: detail.from.clone(),
            to: detail.to.clone(),
            picked: if time < stop.time { detail.picked_before.clone() } else { detail.picked.clone() },
            tokens: vec![token],
            path: self.path(reached, travelled, ended),
            crumbs: self.crumbs(reached),
            rewrite: rewrite(stop, detail, time),
            verdict: self.verdict(reached, time),
        }
    }

    /// The finished picture of a leg: every hop numbered, no packet on top of them.
    pub fn still(&self, leg: usize) -> Frame {
        let Some(last) = self.stops.iter().rposition(|stop| stop.leg == leg) else { return Frame::default() };
        let mut frame = self.frame(self.stops.get(last).map_or(0.0, |stop| stop.departure));
        frame.crumbs = self.all_crumbs(last);
        frame.tokens.clear();
        frame
    }

    /// How far the packet has come toward the next stop of its leg; `None` while it stays.
    fn travelled(&self, reached: usize, time: f64) -> Option<Vec<Point>> {
        let (stop, next) = (self.stops.get(reached)?, self.stops.get(reached + 1)?);
        let way = &self.details.get(reached + 1)?.way;
        if next.leg != stop.leg || time <= stop.departure || next.arrival <= stop.departure {
            return None;
        }
        let share = (time - stop.departure) / (next.arrival - stop.departure);
        Some(geometry::prefix(way, geometry::length(way) * share))
    }

    fn verdict(&self, reached: usize, time: f64) -> Option<VerdictMark> {
        let (stop, detail) = (self.stops.get(reached)?, self.details.get(reached)?);
        let mark = detail.mark.as_ref()?;
        let appearing = stop.time - stop.arrival;
        Some(VerdictMark {
            at: mark.at,
            packet: detail.at,
            verdict: mark.verdict,
            text: mark.text.clone(),
            way_back: if mark.verdict == Verdict::Rejected { self.way_back(reached) } else { Vec::new() },
            progress: if appearing <= 0.0 { 1.0 } else { ((time - stop.arrival) / appearing).clamp(0.0, 1.0) },
        })
    }

    /// The first piece of the way back: enough to see that, and whither, a refusal goes.
    fn way_back(&self, reached: usize) -> Vec<Point> {
        const SHOWN: f64 = 120.0;
        let mut way = geometry::join(self.leg_details(reached).map(|(_, detail)| detail.way.clone()));
        way.reverse();
        geometry::prefix(&way, SHOWN)
    }

    fn leg_details(&self, reached: usize) -> impl Iterator<Item = (&Stop, &Detail)> {
        let leg = self.stops.get(reached).map(|stop| stop.leg);
        let up_to = self.stops.iter().zip(&self.details).take(reached + 1);
        up_to.filter(move |(stop, _)| Some(stop.leg) == leg)
    }

    fn path(&self, reached: usize, travelled: Option<Vec<Point>>, verdict: Option<Verdict>) -> Vec<PathPart> {
        let ways = self.leg_details(reached).map(|(_, detail)| (detail.way.clone(), detail.reply)).collect::<Vec<_>>();
        let reply = ways.last().is_some_and(|(_, reply)| *reply);
        let ways = ways.into_iter().map(|(way, _)| way).chain(travelled);
        ways.filter(|way| way.len() > 1).map(|points| PathPart { points, verdict, reply }).collect()
    }

    fn crumbs(&self, reached: usize) -> Vec<Crumb> {
        match self.motion {
            Motion::Full => Vec::new(),
            Motion::Reduced => self.all_crumbs(reached),
        }
    }

    fn all_crumbs(&self, reached: usize) -> Vec<Crumb> {
        let current = self.stops.get(reached).map(|stop| stop.number);
        self.leg_details(reached)
            .map(|(stop, detail)| Crumb {
                number: stop.number,
                at: detail.crumb,
                kind: stop.kind,
                current: Some(stop.number) == current,
            })
            .collect()
    }
}

/// Shown from arrival until the packet leaves; a pure share of the time between the highlight and the settled value.
fn rewrite(stop: &Stop, detail: &Detail, time: f64) -> Option<RewriteCard> {
    if detail.rewrites.is_empty() || time > stop.departure {
        return None;
    }
    let morph = (stop.time - stop.arrival) * timing::MORPH / (timing::HIGHLIGHT + timing::MORPH);
    let progress = if morph <= 0.0 { 1.0 } else { (1.0 - (stop.time - time) / morph).clamp(0.0, 1.0) };
    let lines = detail.rewrites.iter().map(|(old, new)| RewriteLine { old: old.clone(), new: new.clone() }).collect();
    Some(RewriteCard { at: detail.at, lines, progress })
}
