//! The one place that reads clocks for the pure modules.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::time::Timestamp;

/// Wall-clock time at start plus monotonic time since: never steps back when the wall clock is set.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    /// Starts the clock.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let millis = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        Self::start_at(Timestamp::from_millis(millis))
    }

    /// Starts the clock at another time than it is.
    pub(crate) fn start_at(started_at: Timestamp) -> Self {
        Self {
            started: Instant::now(),
            started_at,
        }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }

    /// When the clock was started.
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// The moment at which `at` is reached; already passed ones give the present.
    pub fn instant_of(&self, at: Timestamp) -> Instant {
        self.started + at.since(self.started_at)
    }
}
