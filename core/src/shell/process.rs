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
}

/// The earliest moment that anyone in a job waits for; the job's owner lets time pass up to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarm {
    earliest: Rc<Cell<Option<Instant>>>,
    /// Set when something asked to be polled again at once.
    again: Rc<Cell<bool>>,
}

impl Alarm {
    pub(super) fn take(&self) -> (bool, Option<Instant>) {
        (self.again.take(), self.earliest.take())
    }
}

impl Process {
    /// Prints to standard output. A program whose reader has gone stops here for good and is ended by its runner (SIGPIPE).
    pub async fn print(&self, text: impl AsRef<[u8]>) {
        if self.stdout.write(text.as_ref()).await.is_err() {
            core::future::pending::<()>().await;
        }
    }

    /// Prints to standard error.
    pub async fn print_error(&self, text: impl AsRef<[u8]>) {
        if self.stderr.write(text.as_ref()).await.is_err() {
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
            let earliest = self.alarm.earliest.get().map_or(until, |earlier| earlier.min(until));
            self.alarm.earliest.set(Some(earliest));
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
            self.alarm.again.set(true);
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
}
