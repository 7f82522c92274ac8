//! The exchange on the screen and the moment it is at. Time is a number; what is seen is a function of it.

use crate::browser;
use crate::settings::Settings;
use hoplab_core::trace::Exchange;
use hoplab_core::world::Snapshot;
use hoplab_diagram::{Frame, Motion, Options, Participants, Playback, Row, Scene, Stop, layout, rows};
use leptos::prelude::*;
use std::sync::Arc;

/// Below this width the picture shows only who takes part.
const LENS_BELOW: f64 = 560.0;

/// Layouts that are tried for a room, by its width.
const WIDTHS: [f64; 6] = [1.0, 0.85, 0.7, 1.15, 1.3, 1.5];

#[derive(Clone, Copy)]
pub struct UsePlayer {
    snapshot: RwSignal<Arc<Snapshot>>,
    pub exchange: RwSignal<Option<Arc<Exchange>>>,
    pub width: RwSignal<f64>,
    pub scene: Memo<Arc<Scene>>,
    pub playback: Memo<Option<Arc<Playback>>>,
    pub rows: Memo<Arc<Vec<Row>>>,
    /// Milliseconds since the start of the playback, at normal speed.
    pub time: RwSignal<f64>,
    pub playing: RwSignal<bool>,
    pub frame: Memo<Option<Arc<Frame>>>,
    /// The hop on display, as positions in the exchange: (leg, hop).
    pub at: Memo<Option<(usize, usize)>>,
    /// The element that was pointed at, by its id in the scene.
    pub selected: RwSignal<Option<String>>,
    pub settings: RwSignal<Settings>,
    /// The browser's time of the last frame while playing.
    last: StoredValue<Option<f64>>,
}

impl UsePlayer {
    pub(super) fn new(snapshot: RwSignal<Arc<Snapshot>>, settings: RwSignal<Settings>) -> Self {
        let exchange = RwSignal::new(None::<Arc<Exchange>>);
        let width = RwSignal::new(960.0);
        let scene = Memo::new(move |old: Option<&Arc<Scene>>| {
            let width = width.get();
            let participants = exchange.with(|exchange| exchange.as_deref().map(Participants::of).unwrap_or_default());
            let slots = old.map(|scene| scene.slots.clone()).unwrap_or_default();
            let lens = width < LENS_BELOW && exchange.with(Option::is_some);
            Arc::new(snapshot.with(|snapshot| layout(snapshot, &Options { width, slots, participants, lens })))
        });
        let playback = Memo::new(move |_| {
            let motion = if browser::prefers_reduced_motion() { Motion::Reduced } else { Motion::Full };
            exchange.with(|exchange| {
                exchange.as_ref().map(|exchange| Arc::new(Playback::with_motion(&scene.get(), exchange, motion)))
            })
        });
        let time = RwSignal::new(0.0);
        let frame =
            Memo::new(move |_| playback.with(|playback| playback.as_ref().map(|playback| Arc::new(playback.frame(time.get())))));
        let rows = Memo::new(move |_| Arc::new(exchange.with(|exchange| exchange.as_deref().map(rows).unwrap_or_default())));
        let at = Memo::new(move |_| frame.with(|frame| frame.as_ref().map(|frame| (frame.leg, frame.hop))));
        let (playing, selected) = (RwSignal::new(false), RwSignal::new(None));
        Self {
            snapshot,
            exchange,
            width,
            scene,
            playback,
            rows,
            time,
            playing,
            frame,
            at,
            selected,
            settings,
            last: StoredValue::new(None),
        }
    }

    /// Chooses the width to lay the picture out for, so that its text comes out as large as the room allows: a low room wants a
    /// wider layout, a high one a narrower. Asked only when the room changes, so that no Pod that comes or goes moves the others.
    pub fn fit(&self, room_width: f64, room_height: f64) {
        // Whole steps, so that a scroll bar that comes and goes does not lay the picture out twice.
        let room_width = (room_width / 8.0).floor() * 8.0;
        if room_width <= 0.0 {
            return;
        }
        let scale = |width: f64| {
            let size = self.snapshot.with_untracked(|snapshot| layout(snapshot, &Options { width, ..Options::default() })).size;
            (room_width / size.width).min(room_height / size.height)
        };
        let widths = WIDTHS.map(|factor| (room_width * factor / 8.0).floor() * 8.0);
        let best = widths.into_iter().map(|width| (width, scale(width))).reduce(|best, next| {
            // Five percent, or it is not worth another arrangement.
            if next.1 > best.1 * 1.05 { next } else { best }
        });
        let width = best.map_or(room_width, |(width, _)| if room_width < LENS_BELOW { room_width } else { width });
        if self.width.get_untracked() != width {
            self.width.set(width);
        }
    }

    /// Puts an exchange on the screen, at its first hop; it starts to move if the learner likes that. Where motion is not
    /// wanted, its end is shown at once, with every hop numbered.
    pub fn load(&self, exchange: Arc<Exchange>) {
        if browser::prefers_reduced_motion() {
            return self.show_end_of(exchange);
        }
        self.put(Some(exchange));
        self.time.set(0.0);
        self.playing.set(self.settings.with_untracked(|settings| settings.autoplay));
    }

    /// Puts an exchange on the screen as it ended.
    pub fn show_end_of(&self, exchange: Arc<Exchange>) {
        self.put(Some(exchange));
        self.time.set(self.duration());
        self.playing.set(false);
    }

    pub fn unload(&self) {
        self.put(None);
        self.playing.set(false);
    }

    fn put(&self, exchange: Option<Arc<Exchange>>) {
        self.selected.set(None);
        self.exchange.set(exchange);
        self.last.set_value(None);
    }

    pub fn toggle(&self) {
        if self.playing.get_untracked() { self.pause() } else { self.play() }
    }

    pub fn play(&self) {
        if self.exchange.with_untracked(Option::is_none) {
            return;
        }
        self.selected.set(None);
        if self.time.get_untracked() >= self.duration() {
            self.time.set(0.0);
        }
        self.last.set_value(None);
        self.playing.set(true);
    }

    pub fn pause(&self) {
        self.playing.set(false);
    }

    /// Moves to a moment and stays there.
    pub fn seek(&self, time: f64) {
        self.pause();
        self.selected.set(None);
        self.time.set(time.clamp(0.0, self.duration()));
    }

    pub fn forward(&self) {
        let next = self.with_playback(|playback, time| playback.next_stop(time).map(|stop| stop.time));
        self.seek(next.flatten().unwrap_or_else(|| self.duration()));
    }

    pub fn back(&self) {
        let previous = self.with_playback(|playback, time| playback.previous_stop(time).map(|stop| stop.time));
        self.seek(previous.flatten().unwrap_or_default());
    }

    /// To the next rewrite or end.
    pub fn next_event(&self) {
        let next = self.with_playback(|playback, time| playback.next_event(time).map(|stop| stop.time));
        self.seek(next.flatten().unwrap_or_else(|| self.duration()));
    }

    pub fn previous_event(&self) {
        let previous = self.with_playback(|playback, time| playback.previous_event(time).map(|stop| stop.time));
        self.seek(previous.flatten().unwrap_or_default());
    }

    /// Shows a row of the table in the picture.
    pub fn show(&self, leg: usize, hop: usize) {
        let stop = self.with_playback(|playback, _| playback.stop_of(leg, hop).map(|stop| stop.time));
        if let Some(time) = stop.flatten() {
            self.seek(time);
        }
    }

    /// The beginning of a leg.
    pub fn show_leg(&self, leg: usize) {
        self.show(leg, 0);
    }

    /// Points at an element of the picture. The hop that happened there comes on display; with several, the next one.
    pub fn select(&self, id: &str) {
        let scene = self.scene.get_untracked();
        let is_here = |place: &hoplab_core::trace::Place| {
            scene.at(place).and_then(|index| scene.elements.get(index)).is_some_and(|element| element.id == id)
        };
        let time = self.exchange.with_untracked(|exchange| {
            let exchange = exchange.as_ref()?;
            let happened_here = |stop: &&Stop| {
                let hop = exchange.legs.get(stop.leg).and_then(|leg| leg.trace.hops.get(stop.hop));
                hop.is_some_and(|hop| is_here(&hop.at))
            };
            self.with_playback(|playback, time| {
                let mut here = playback.stops().iter().filter(happened_here).map(|stop| stop.time);
                let first = here.clone().next();
                here.find(|stop| *stop > time).or(first)
            })
            .flatten()
        });
        if let Some(time) = time {
            self.seek(time);
        }
        self.selected.set(Some(id.to_owned()));
    }

    pub fn duration(&self) -> f64 {
        self.with_playback(|playback, _| playback.duration()).unwrap_or_default()
    }

    /// One frame further; false when nothing moves.
    pub(super) fn advance(&self, now: f64) -> bool {
        if !self.playing.get_untracked() {
            self.last.set_value(None);
            return false;
        }
        let passed = self.last.get_value().map_or(0.0, |last| now - last);
        self.last.set_value(Some(now));
        let speed = self.settings.with_untracked(|settings| settings.speed);
        let time = self.time.get_untracked() + passed * speed;
        let end = self.duration();
        self.time.set(time.min(end));
        if time >= end {
            self.playing.set(false);
        }
        true
    }

    fn with_playback<T>(&self, read: impl FnOnce(&Playback, f64) -> T) -> Option<T> {
        let time = self.time.get_untracked();
        self.playback.with_untracked(|playback| playback.as_ref().map(|playback| read(playback, time)))
    }
}
