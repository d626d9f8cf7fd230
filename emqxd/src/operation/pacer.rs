//! Spreads a rate over time: no bursts, and what was missed is caught up gently.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::time::Timestamp;

/// Releases are at least this far apart.
const STEP: Duration = Duration::from_millis(5);

/// The window in which the rate is never exceeded by more than the slack.
const WINDOW: Duration = Duration::from_millis(100);

/// In any window at most this many percent of its share (and one token) are released: enough to catch up after a late
/// call, too little to be a burst.
const WINDOW_PERCENT_MAX: u64 = 115;

/// Tokens missed for longer than this are not caught up.
const DEBT_MAX: Duration = Duration::from_secs(1);

/// Hands out tokens at a rate. The first is due at once.
#[derive(Debug, Clone)]
pub struct Pacer {
    rate_per_sec: NonZeroU32,
    /// Thousandths of tokens due and not handed out.
    credit_millis: u64,
    updated_at: Timestamp,
    /// What was handed out in the last window.
    recent: VecDeque<(Timestamp, u32)>,
}

impl Pacer {
    /// Starts now.
    pub fn new(rate_per_sec: NonZeroU32, now: Timestamp) -> Self {
        Self {
            rate_per_sec,
            credit_millis: 1_000,
            updated_at: now,
            recent: VecDeque::new(),
        }
    }

    /// From now on at another rate.
    pub fn set_rate(&mut self, rate_per_sec: NonZeroU32, now: Timestamp) {
        self.update(now);
        self.rate_per_sec = rate_per_sec;
    }

    /// The rate asked for.
    pub const fn rate_per_sec(&self) -> NonZeroU32 {
        self.rate_per_sec
    }

    /// Takes the tokens that are due, `max` at most.
    pub fn take(&mut self, now: Timestamp, max: u32) -> u32 {
        self.update(now);
        if self
            .recent
            .back()
            .is_some_and(|(last, _)| *last + STEP > now)
        {
            return 0;
        }
        let due = self.credit_millis / 1_000;
        let released: u64 = self.recent.iter().map(|(_, count)| u64::from(*count)).sum();
        let room = self.window_max().saturating_sub(released);
        let taken = u32::try_from(due.min(room)).unwrap_or(u32::MAX).min(max);
        if taken > 0 {
            self.credit_millis -= u64::from(taken) * 1_000;
            self.recent.push_back((now, taken));
        }
        taken
    }

    /// Tokens that could not be used are due again.
    pub fn give_back(&mut self, count: u32) {
        let mut left = count;
        for (_, released) in self.recent.iter_mut().rev() {
            let returned = left.min(*released);
            *released -= returned;
            left -= returned;
        }
        self.credit_millis += u64::from(count) * 1_000;
    }

    /// When the next token can be had.
    pub fn next_due(&self) -> Timestamp {
        let rate = u64::from(self.rate_per_sec.get());
        let missing = 1_000_u64.saturating_sub(self.credit_millis);
        let by_credit = self.updated_at + Duration::from_millis(missing.div_ceil(rate));
        let released: u64 = self.recent.iter().map(|(_, count)| u64::from(*count)).sum();
        let by_window = match self.recent.front() {
            Some((oldest, _)) if released >= self.window_max() => *oldest + WINDOW,
            _ => by_credit,
        };
        let by_step = self
            .recent
            .back()
            .map_or(by_credit, |(last, _)| *last + STEP);
        by_credit.max(by_window).max(by_step)
    }

    fn window_max(&self) -> u64 {
        let share_percent = u64::from(self.rate_per_sec.get()) * WINDOW_PERCENT_MAX;
        share_percent * u64::try_from(WINDOW.as_millis()).unwrap_or(100) / 100_000 + 1
    }

    fn update(&mut self, now: Timestamp) {
        let rate = u64::from(self.rate_per_sec.get());
        let passed = u64::try_from(now.since(self.updated_at).as_millis()).unwrap_or(u64::MAX);
        let debt_max = (rate * u64::try_from(DEBT_MAX.as_millis()).unwrap_or(1_000)).max(1_000);
        self.credit_millis = self
            .credit_millis
            .saturating_add(passed.saturating_mul(rate))
            .min(debt_max);
        self.updated_at = self.updated_at.max(now);
        while self
            .recent
            .front()
            .is_some_and(|(at, _)| *at + WINDOW <= now)
        {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(per_sec: u32) -> NonZeroU32 {
        NonZeroU32::new(per_sec).expect("not zero")
    }

    #[test]
    fn fifty_a_second_are_one_each_twenty_milliseconds() {
        let mut now = Timestamp::from_millis(1_000);
        let mut pacer = Pacer::new(rate(50), now);
        for _ in 0..100 {
            assert_eq!(pacer.take(now, u32::MAX), 1);
            let next = pacer.next_due();
            assert_eq!(next.since(now), Duration::from_millis(20));
            now = next;
        }
    }

    #[test]
    fn what_is_given_back_is_due_again() {
        let now = Timestamp::from_millis(0);
        let mut pacer = Pacer::new(rate(500), now);
        let later = now + Duration::from_millis(100);
        let taken = pacer.take(later, u32::MAX);
        pacer.give_back(taken);
        assert_eq!(pacer.take(later + STEP, taken), taken);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_its_share(
            per_sec in 1..20_000_u32,
            gaps in prop::collection::vec(0..250_u64, 50..400),
        ) {
            let mut now = Timestamp::from_millis(5_000);
            let mut pacer = Pacer::new(rate(per_sec), now);
            let mut released: Vec<(u64, u64)> = Vec::new();
            for gap in gaps {
                now = now + Duration::from_millis(gap);
                released.push((now.as_millis(), u64::from(pacer.take(now, u32::MAX))));
            }
            let bound = u64::from(per_sec) * 115 / 1_000 + 1;
            for (start, _) in &released {
                let window = released.iter().filter(|(at, _)| at >= start && *at < start + 100);
                prop_assert!(window.map(|(_, count)| count).sum::<u64>() <= bound);
            }
        }

        #[test]
        fn the_mean_is_the_rate(per_sec in 20..20_000_u32, gaps in prop::collection::vec(1..100_u64, 2_000)) {
            let start = Timestamp::from_millis(5_000);
            let mut now = start;
            let mut pacer = Pacer::new(rate(per_sec), now);
            let mut released = 0_u64;
            for gap in gaps {
                now = now + Duration::from_millis(gap);
                released += u64::from(pacer.take(now, u32::MAX));
            }
            let expected = f64::from(per_sec) * now.since(start).as_secs_f64();
            let slack = expected / 100.0 + f64::from(per_sec) * 0.1 + 2.0;
            prop_assert!((released as f64 - expected).abs() <= slack, "{released} of {expected}");
        }
    }
}
