//! How long the kubelet waits before it tries again what failed.

use crate::clock::{Duration, Instant};

/// Back-off of image pulls and of restarts: kubelet's `MaxImageBackOff`, `MaxContainerBackOff` and their first step.
const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// client-go's `flowcontrol.Backoff`: doubles at each failure, forgotten when nothing failed for twice its longest step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BackOff {
    pub(super) delay: Duration,
    since: Instant,
}

impl BackOff {
    pub(super) fn next(earlier: Option<Self>, now: Instant) -> Self {
        let delay = earlier.filter(|back_off| !back_off.expired(now)).map(|back_off| (back_off.delay * 2).min(LONGEST_BACK_OFF));
        Self { delay: delay.unwrap_or(FIRST_BACK_OFF), since: now }
    }

    pub(super) fn expired(self, now: Instant) -> bool {
        now.since(self.since) > LONGEST_BACK_OFF * 2
    }

    /// When what failed at the last step may be tried again.
    pub(super) fn end(self) -> Instant {
        self.since + self.delay
    }
}
