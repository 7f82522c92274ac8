//! The one animation loop: it runs the terminal a little, moves the packet, and asks for the next frame only while there is
//! something to do.

use super::{MAX_EXCHANGES, UseWorkbench, progress};
use crate::browser;
use hoplab_core::lab::Session;
use leptos::prelude::*;
use std::sync::Arc;

/// Of a frame's 16 ms, so much may go to running commands.
const BUDGET: f64 = 4.0;

/// How often the cluster's clock follows while nothing runs.
const TICK: std::time::Duration = std::time::Duration::from_millis(250);

impl UseWorkbench {
    /// Makes sure that the loop runs.
    pub fn wake(&self) {
        if !self.pump_is_awake.get_value() {
            self.pump_is_awake.set_value(true);
            next(*self);
        }
    }
}

fn next(workbench: UseWorkbench) {
    request_animation_frame(move || {
        // The lab may have been left since the frame was asked for.
        if workbench.pump_is_awake.try_get_value().is_none() {
            return;
        }
        let terminal_is_busy = run_terminal(workbench);
        let packet_moves = workbench.player.advance(browser::now());
        if terminal_is_busy || packet_moves {
            next(workbench);
        } else {
            workbench.pump_is_awake.set_value(false);
        }
    });
}

/// True while it wants to go on.
fn run_terminal(workbench: UseWorkbench) -> bool {
    let start = browser::now();
    let mut is_busy = workbench.session(Session::is_busy);
    if !is_busy {
        return false;
    }
    while is_busy && browser::now() - start < BUDGET {
        let event = workbench.with_session(|session| session.poll());
        workbench.screen.update_value(|screen| screen.append(event.output));
        if !event.exchanges.is_empty() {
            show_exchanges(workbench, event.exchanges.into_iter().map(Arc::new).collect());
        }
        is_busy = workbench.session(Session::is_busy);
    }
    workbench.printed.update(|count| *count += 1);
    workbench.refresh();
    workbench.last_moved.set_value(browser::now());
    if !is_busy {
        finish_command(workbench);
    }
    is_busy
}

fn finish_command(workbench: UseWorkbench) {
    progress::mark_running(&workbench.lab().slug, false);
    workbench.prompt.set(workbench.session(|session| session.terminal().prompt().to_owned()));
    workbench.recheck();
    workbench.running.set(false);
}

fn show_exchanges(workbench: UseWorkbench, new: Vec<Arc<hoplab_core::trace::Exchange>>) {
    let newest = new.last().cloned();
    workbench.refresh();
    workbench.exchanges.update(|exchanges| {
        exchanges.extend(new);
        let surplus = exchanges.len().saturating_sub(MAX_EXCHANGES);
        exchanges.drain(..surplus);
    });
    workbench.player.load(newest);
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
