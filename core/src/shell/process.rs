//! A running program's view of its machine: arguments, environment, streams, time.

use super::{Input, Machine, Output};
use crate::clock::{Duration, Instant};
use crate::world::World;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// The one world of a terminal. Borrow it for a moment and never across an `await`.
pub type SharedWorld = Rc<RefCell<World>>;

/// To run another program, clone it, change what differs, and hand it to [`super::run`].
#[derive(Clone, Debug)]
pub struct Process {
    pub world: SharedWorld,
    pub machine: Machine,
    /// The program's name and its arguments.
    pub argv: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub directory: String,
    pub stdin: Input,
    pub stdout: Output,
    pub stderr: Output,
    pub(super) alarm: Alarm,
    /// Set when it printed into a pipe that nobody reads: SIGPIPE ends it.
    pub(super) broken_pipe: Rc<Cell<bool>>,
    /// How many shells, functions and compound commands it runs in; bounds recursion.
    pub(super) level: usize,
}

/// What everyone in a job waits for, told to the job's owner.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarm {
    state: Rc<AlarmState>,
}

#[derive(Debug, Default)]
struct AlarmState {
    /// The earliest moment that anyone waits for.
    earliest: Cell<Option<Instant>>,
    /// Something asked to be polled again soon.
    again: Cell<bool>,
    /// Something reads from the terminal.
    input: Cell<bool>,
    /// Ctrl-C was pressed and nobody has taken it yet.
    interrupted: Cell<bool>,
}

/// What a job waits for after a poll.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting {
    pub again: bool,
    pub input: bool,
    pub until: Option<Instant>,
}

impl Alarm {
    /// Reads and clears; every waiting program says so again in the next poll.
    pub(super) fn take(&self) -> Waiting {
        Waiting { again: self.state.again.take(), input: self.state.input.take(), until: self.state.earliest.take() }
    }

    /// How many processes the job has, about: each holds its alarm.
    pub(super) fn processes(&self) -> usize {
        Rc::strong_count(&self.state)
    }

    pub(super) fn expect_input(&self) {
        self.state.input.set(true);
    }

    pub(super) fn interrupt(&self, pressed: bool) {
        self.state.interrupted.set(pressed);
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.state.interrupted.get()
    }
}

impl Process {
    /// Prints to standard output. A program whose reader has gone stops here for good and is ended by its runner (SIGPIPE).
    pub async fn print(&self, text: impl AsRef<[u8]>) {
        self.write(&self.stdout, text.as_ref()).await;
    }

    /// Prints to standard error.
    pub async fn print_error(&self, text: impl AsRef<[u8]>) {
        self.write(&self.stderr, text.as_ref()).await;
    }

    async fn write(&self, output: &Output, bytes: &[u8]) {
        if output.write(bytes).await.is_err() {
            self.broken_pipe.set(true);
            core::future::pending::<()>().await;
        }
    }

    /// Lets virtual time pass.
    pub async fn sleep(&self, duration: Duration) {
        let until = self.now() + duration;
        poll_fn(|_| {
            if self.now() >= until {
                return Poll::Ready(());
            }
            let earliest = &self.alarm.state.earliest;
            earliest.set(Some(earliest.get().map_or(until, |earlier| earlier.min(until))));
            Poll::Pending
        })
        .await;
    }

    /// Gives the page a chance to draw and the learner one to press Ctrl-C. Every loop without a bound calls it.
    pub async fn yield_now(&self) {
        let mut yielded = false;
        poll_fn(|_| {
            if yielded {
                return Poll::Ready(());
            }
            yielded = true;
            self.alarm.state.again.set(true);
            Poll::Pending
        })
        .await;
    }

    pub fn now(&self) -> Instant {
        self.world.borrow().now()
    }

    /// The program's arguments without its name.
    pub fn arguments(&self) -> &[String] {
        self.argv.get(1..).unwrap_or_default()
    }

    /// The program's name without its directories, as it begins its messages.
    pub fn name(&self) -> &str {
        self.argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or(name))
    }
}
