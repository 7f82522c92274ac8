//! A command that runs in steps. Nothing here knows what the command is; the owner polls it, shows what it printed, and lets
//! virtual time pass when the job waits for time.

use super::process::Alarm;
use crate::clock::Instant;
use core::pin::Pin;
use std::task::{Context, Poll, Waker};

pub struct Job {
    future: Pin<Box<dyn Future<Output = i32>>>,
    alarm: Alarm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Poll again whenever there is time to spare.
    Running,
    /// Nothing happens before this moment: advance the world to it, then poll.
    WaitingUntil(Instant),
    /// It reads from the terminal.
    WaitingForInput,
    Finished(i32),
}

impl Job {
    pub(super) fn new(future: impl Future<Output = i32> + 'static, alarm: Alarm) -> Self {
        Self { future: Box::pin(future), alarm }
    }

    /// Runs the job until it waits for something. Bounded: programs yield in their loops.
    pub fn poll(&mut self) -> Progress {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(status) = self.future.as_mut().poll(&mut context) {
            return Progress::Finished(status);
        }
        match self.alarm.take() {
            (true, _) => Progress::Running,
            (false, Some(until)) => Progress::WaitingUntil(until),
            (false, None) => Progress::WaitingForInput,
        }
    }
}
