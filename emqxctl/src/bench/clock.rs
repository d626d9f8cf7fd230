//! One clock for all marks of a machine: wall time when the process began, and steady from there.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970 that never step back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    began: Instant,
    began_at: u64,
}

impl Clock {
    pub(super) fn new() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            began: Instant::now(),
            began_at: nanos(since_1970),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.began_at + nanos(self.began.elapsed())
    }
}

/// Enough for five centuries.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
