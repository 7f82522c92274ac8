//! The one animation loop: it runs the terminal a little, moves the packet, and asks for the next frame only while there is
//! something to do.

use super::{MAX_EXCHANGES, UseWorkbench, progress};
use crate::browser;
use hoplab_core::lab::Session;
use leptos::prelude::*;
use std::sync::Arc;

/// Of a frame's 16 ms, so much may go to running commands; the rest is for drawing and for the learner.
const BUDGET: f64 = 8.0;

/// How often the cluster's clock follows while nothing runs.
const TICK: std::time::Duration = std::time::Duration::from_millis(250);

/// A command that waits is waited for, this many times faster than on a real cluster: a time-out of 5 seconds takes a quarter of
/// one, and an endless ping prints 20 lines a second.
const HASTE: f64 = 20.0;

/// Milliseconds; nobody watches a single wait for longer.
const MAX_WAIT: f64 = 1_500.0;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    is_awake: bool,
    /// The command that runs waits until then, in the browser's milliseconds.
    waits_until: f64,
}

impl UseWorkbench {
    /// Makes sure that the loop runs.
    pub fn wake(&self) {
        if !self.pump.with_value(|pump| pump.is_awake) {
            self.pump.update_value(|pump| pump.is_awake = true);
            next(*self);
        }
    }
}

fn next(workbench: UseWorkbench) {
    request_animation_frame(move || {
        // The lab may have been left since the frame was asked for.
        if workbench.pump.try_get_value().is_none() {
            return;
        }
        let start = browser::now();
        let terminal_is_busy = run_terminal(workbench, start);
        let packet_moves = workbench.player.advance(start);
        if terminal_is_busy || packet_moves {
            next(workbench);
        } else {
            workbench.pump.update_value(|pump| pump.is_awake = false);
        }
    });
}

/// True while it wants to go on.
fn run_terminal(workbench: UseWorkbench, start: f64) -> bool {
    if !workbench.session(Session::is_busy) {
        return false;
    }
    if start < workbench.pump.with_value(|pump| pump.waits_until) {
        return true;
    }
    let mut is_busy = true;
    let mut waits = 0.0;
    while is_busy && waits == 0.0 && browser::now() - start < BUDGET {
        waits = poll(workbench);
        is_busy = workbench.session(Session::is_busy);
    }
    if waits > 0.0 {
        workbench.pump.update_value(|pump| pump.waits_until = start + (waits / HASTE).min(MAX_WAIT));
    }
    workbench.printed.update(|count| *count += 1);
    workbench.refresh();
    workbench.last_moved.set_value(start);
    if !is_busy {
        finish_command(workbench);
    }
    workbench.session(Session::is_busy)
}

/// Runs the terminal a little; how long the command waited for, in milliseconds of the cluster's time.
fn poll(workbench: UseWorkbench) -> f64 {
    let now = || workbench.session(|session| session.world().borrow().now());
    let before = now();
    let event = workbench.with_session(Session::poll);
    workbench.screen.update_value(|screen| screen.append(event.output));
    if !event.exchanges.is_empty() {
        show_exchanges(workbench, event.exchanges.into_iter().map(Arc::new).collect());
    }
    now().since(before).as_secs_f64() * 1_000.0
}

/// The terminal waits for the learner: at its prompt, or inside a program that reads. What was typed ahead comes next.
fn finish_command(workbench: UseWorkbench) {
    progress::mark_running(&workbench.lab().slug, false);
    workbench.prompt.set(workbench.session(|session| session.terminal().prompt().to_owned()));
    workbench.recheck();
    workbench.running.set(false);
    let next = workbench.queue.try_update(|queue| (!queue.is_empty()).then(|| queue.remove(0))).flatten();
    if let Some(text) = next {
        workbench.submit(&text);
    }
}

fn show_exchanges(workbench: UseWorkbench, new: Vec<Arc<hoplab_core::trace::Exchange>>) {
    let newest = new.last().cloned();
    workbench.refresh();
    workbench.exchanges.update(|exchanges| {
        exchanges.extend(new);
        let surplus = exchanges.len().saturating_sub(MAX_EXCHANGES);
        exchanges.drain(..surplus);
    });
    if let Some(newest) = newest {
        workbench.player.load(newest);
    }
}

/// Lets the cluster live on while the learner watches.
pub(super) fn follow_time(workbench: UseWorkbench) {
    let tick = set_interval_with_handle(
        move || {
            if !workbench.running.get_untracked() {
                workbench.let_time_pass(false);
            }
        },
        TICK,
    );
    if let Ok(tick) = tick {
        on_cleanup(move || tick.clear());
    }
}
