//! A command that runs in steps. Nothing here knows what the command is; the owner polls it, shows what it printed, and lets
//! virtual time pass when the job waits for time.

use super::process::Alarm;
use crate::clock::Instant;
use core::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Rounds of one poll in which bytes only moved between programs; more, and the owner gets its turn.
const MAX_ROUNDS: usize = 256;

pub struct Job {
    future: Pin<Box<dyn Future<Output = i32>>>,
    alarm: Alarm,
    moved: Arc<Moved>,
    waker: Waker,
}

/// Set when bytes moved or a stream closed, so that someone who waited may go on.
#[derive(Default)]
struct Moved(AtomicBool);

impl Wake for Moved {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Poll again whenever there is time to spare.
    Running,
    /// Nothing happens before this moment: advance the world to it, then poll.
    WaitingUntil(Instant),
    /// It reads from the terminal, or waits for something that only Ctrl-C ends.
    WaitingForInput,
    Finished(i32),
}

impl Job {
    pub(super) fn new(future: impl Future<Output = i32> + 'static, alarm: Alarm) -> Self {
        let moved = Arc::new(Moved::default());
        let waker = Waker::from(Arc::clone(&moved));
        Self { future: Box::pin(future), alarm, moved, waker }
    }

    /// Runs the job until it waits for something. Bounded: programs yield in their loops.
    pub fn poll(&mut self) -> Progress {
        for _ in 0..MAX_ROUNDS {
            self.moved.0.store(false, Ordering::Relaxed);
            self.alarm.take();
            if let Poll::Ready(status) = self.future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
                return Progress::Finished(status);
            }
            let waiting = self.alarm.take();
            if waiting.again {
                return Progress::Running;
            }
            if self.moved.0.load(Ordering::Relaxed) {
                continue;
            }
            return match waiting.until {
                Some(until) if !waiting.input => Progress::WaitingUntil(until),
                _ => Progress::WaitingForInput,
            };
        }
        Progress::Running
    }
}
