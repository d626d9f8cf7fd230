//! Counts per second over the last second.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

const SPAN: Duration = Duration::from_secs(1);

/// Events of one millisecond are kept together, so this bounds the memory.
#[derive(Debug, Clone, Default)]
pub struct RateMeter {
    recent: VecDeque<(Timestamp, u64)>,
}

impl RateMeter {
    /// `count` happened now.
    pub fn add(&mut self, count: u64, now: Timestamp) {
        self.forget(now);
        match self.recent.back_mut() {
            Some((at, counted)) if *at == now => *counted += count,
            _ => self.recent.push_back((now, count)),
        }
    }

    /// In the last second.
    pub fn per_sec(&self, now: Timestamp) -> f64 {
        let counted: u64 = self
            .recent
            .iter()
            .filter(|(at, _)| *at + SPAN > now)
            .map(|(_, count)| count)
            .sum();
        counted as f64
    }

    fn forget(&mut self, now: Timestamp) {
        while self.recent.front().is_some_and(|(at, _)| *at + SPAN <= now) {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_is_older_than_a_second() {
        let mut meter = RateMeter::default();
        meter.add(5, Timestamp::from_millis(0));
        meter.add(7, Timestamp::from_millis(600));
        assert_eq!(meter.per_sec(Timestamp::from_millis(900)), 12.0);
        assert_eq!(meter.per_sec(Timestamp::from_millis(1_000)), 7.0);
    }
}
