//! Keeps what strangers cause from flooding the log.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Lines in each interval.
const LINES_MAX: u32 = 10;

const INTERVAL: Duration = Duration::from_secs(10);

/// Lets a few lines pass in each interval, and counts the others.
#[derive(Debug, Default)]
pub struct LogLimit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    began: Option<Instant>,
    lines: u32,
    held_back: u64,
}

impl LogLimit {
    /// Whether a line may be written now: with how many were held back since the last one.
    pub fn allow(&self) -> Option<u64> {
        self.allow_at(Instant::now())
    }

    fn allow_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock();
        if state
            .began
            .is_none_or(|began| now.duration_since(began) >= INTERVAL)
        {
            state.began = Some(now);
            state.lines = 0;
        }
        if state.lines == LINES_MAX {
            state.held_back += 1;
            return None;
        }
        state.lines += 1;
        Some(std::mem::take(&mut state.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_a_few_lines_and_a_count() {
        let limit = LogLimit::default();
        let start = Instant::now();
        let passed = (0..1_000).filter(|_| limit.allow_at(start).is_some());
        assert_eq!(passed.count(), 10);
        assert_eq!(limit.allow_at(start + INTERVAL), Some(990));
        assert_eq!(limit.allow_at(start + INTERVAL), Some(0));
    }
}
