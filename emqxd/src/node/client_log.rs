//! What clients do wrong, in the log: each once, and all of them together only so often.

use parking_lot::Mutex;

use crate::time::Timestamp;

/// Lines a second, at most: a crowd of broken clients must not fill a disk.
const LINES_PER_SECOND: u32 = 10;

const SECOND_MS: u64 = 1_000;

/// How many lines may still be written in the present second.
#[derive(Debug, Default)]
struct Budget {
    second: u64,
    written: u32,
    /// Left out since the last line.
    suppressed: u64,
}

impl Budget {
    /// Whether a line may be written; then also how many were left out before it.
    fn take(&mut self, now: Timestamp) -> Option<u64> {
        self.turn(now);
        if self.written >= LINES_PER_SECOND {
            self.suppressed += 1;
            return None;
        }
        self.written += 1;
        Some(std::mem::take(&mut self.suppressed))
    }

    /// How many were left out, once the second in which that began is over.
    fn settle(&mut self, now: Timestamp) -> u64 {
        if self.turn(now) {
            std::mem::take(&mut self.suppressed)
        } else {
            0
        }
    }

    /// Whether a new second has begun.
    const fn turn(&mut self, now: Timestamp) -> bool {
        let second = now.as_millis() / SECOND_MS;
        let is_new = second != self.second;
        if is_new {
            self.second = second;
            self.written = 0;
        }
        is_new
    }
}

/// The log of what clients do wrong.
#[derive(Debug, Default)]
pub struct ClientLog {
    budget: Mutex<Budget>,
}

impl ClientLog {
    /// Writes why a client was refused something or disconnected: at level info, or at debug when there were too many
    /// of these in this second. To be called once for a Network Connection and reason, never for each packet.
    pub fn note(&self, now: Timestamp, peer: &str, client_id: &str, code: &str, reason: &str) {
        let admitted = self.budget.lock().take(now);
        match admitted {
            Some(0) => tracing::info!(peer, client_id, code, reason, "client fault"),
            Some(suppressed) => {
                tracing::info!(peer, client_id, code, reason, suppressed, "client fault");
            }
            None => tracing::debug!(peer, client_id, code, reason, "client fault"),
        }
    }

    /// Tells how many were left out, when nothing has been written since; about once a second.
    pub fn settle(&self, now: Timestamp) {
        let suppressed = self.budget.lock().settle(now);
        if suppressed > 0 {
            tracing::info!(suppressed, "client faults that were left out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_second_has_so_many_lines_and_the_next_one_tells_the_rest() {
        let mut budget = Budget::default();
        for _ in 0..LINES_PER_SECOND {
            assert_eq!(budget.take(at(5_000)), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(budget.take(at(5_999)), None);
        }
        assert_eq!(budget.settle(at(5_999)), 0, "the second is not over");
        assert_eq!(budget.take(at(6_000)), Some(7));
        assert_eq!(budget.take(at(6_001)), Some(0));
    }

    #[test]
    fn the_rest_is_told_also_when_nothing_follows() {
        let mut budget = Budget::default();
        for _ in 0..=LINES_PER_SECOND {
            budget.take(at(5_000));
        }
        assert_eq!(budget.settle(at(6_000)), 1);
        assert_eq!(budget.settle(at(7_000)), 0);
    }
}
