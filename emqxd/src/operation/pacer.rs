//! Hands tokens out at a rate: evenly, catching up when it was asked late, never in a burst.
//!
//! What a token stands for happens a little later, on a busy node even a good deal later. Bounded is what happens, not
//! what was asked for; tokens that are under way count against a wider bound, so that a slow node still gets the rate.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::time::Timestamp;

/// Length of the sliding window in which the number of tokens is bounded.
pub const WINDOW: Duration = Duration::from_millis(100);
/// Tokens are asked for at most this often; in between they gather.
pub const INTERVAL_MIN: Duration = Duration::from_millis(5);
/// A token that has not taken effect by then never will.
const PENDING_MAX: Duration = Duration::from_secs(1);
/// Missed tokens beyond this many seconds' worth are forgotten.
const BACKLOG_MAX_S: u64 = 2;

/// Tokens by the clock of its caller; the first one is due at once.
#[derive(Debug, Clone)]
pub struct Pacer {
    rate_per_sec: u64,
    /// The time at which token 0 was due.
    started_at: Timestamp,
    /// Number of the next token, counted from `started_at`.
    next: u64,
    /// Handed out, and not known to have taken effect.
    pending: VecDeque<(Timestamp, u64)>,
    /// What took effect within the last [`WINDOW`].
    recent: VecDeque<(Timestamp, u64)>,
    served_at: Option<Timestamp>,
}

impl Pacer {
    /// A pacer whose first token is due `now`.
    pub fn new(rate_per_sec: NonZeroU32, now: Timestamp) -> Self {
        Self {
            rate_per_sec: u64::from(rate_per_sec.get()),
            started_at: now,
            next: 0,
            pending: VecDeque::new(),
            recent: VecDeque::new(),
            served_at: None,
        }
    }

    /// Starts counting anew after a pause: what was missed meanwhile is forgotten, the bound still holds.
    pub fn resume(&mut self, now: Timestamp) {
        self.started_at = now;
        self.next = 0;
    }

    /// Hands out at most `wanted` of the tokens that are due; those not wanted stay due.
    pub fn take(&mut self, wanted: u64, now: Timestamp) -> u32 {
        forget(&mut self.pending, now, PENDING_MAX);
        forget(&mut self.recent, now, WINDOW);
        self.served_at = Some(now);
        let elapsed_ms = now.since(self.started_at).as_millis();
        let due = u128::from(self.rate_per_sec) * elapsed_ms / 1000 + 1;
        let due = u64::try_from(due).unwrap_or(u64::MAX);
        self.next = self
            .next
            .max(due.saturating_sub(self.rate_per_sec * BACKLOG_MAX_S));
        let happened = sum(&self.recent);
        let room = self.window_max().saturating_sub(happened);
        let room = room.min(
            self.effects_max()
                .saturating_sub(happened + sum(&self.pending)),
        );
        let count = due.saturating_sub(self.next).min(room).min(wanted);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count > 0 {
            self.next += u64::from(count);
            self.pending.push_back((now, u64::from(count)));
        }
        count
    }

    /// What so many tokens stand for has happened.
    pub fn took_effect(&mut self, count: u32, now: Timestamp) {
        self.settle(u64::from(count));
        match self.recent.back_mut() {
            Some((at, taken)) if *at == now => *taken += u64::from(count),
            _ => self.recent.push_back((now, u64::from(count))),
        }
    }

    /// Takes back tokens that could not be used; they are due again.
    pub fn give_back(&mut self, count: u32) {
        self.settle(u64::from(count));
        self.next = self.next.saturating_sub(u64::from(count));
    }

    /// Takes so many off the pending ones, oldest first.
    fn settle(&mut self, mut count: u64) {
        while let Some((_, oldest)) = self.pending.front_mut() {
            let settled = count.min(*oldest);
            *oldest -= settled;
            count -= settled;
            if *oldest > 0 {
                return;
            }
            self.pending.pop_front();
        }
    }

    /// When to ask for tokens next.
    pub fn poll(&self) -> Timestamp {
        let due_ms = (u128::from(self.next) * 1000).div_ceil(u128::from(self.rate_per_sec));
        let due_ms = u64::try_from(due_ms).unwrap_or(u64::MAX);
        let mut at = self.started_at + Duration::from_millis(due_ms);
        if let Some(served_at) = self.served_at {
            at = at.max(served_at + INTERVAL_MIN);
        }
        // When the window is full, room comes as soon as its oldest tokens leave it.
        let mut held = sum(&self.recent);
        for (taken_at, count) in &self.recent {
            if held < self.window_max() {
                break;
            }
            held -= count;
            at = at.max(*taken_at + WINDOW);
        }
        at
    }

    /// 1.15 times the share of a window, and one: enough to catch up, too little to be felt.
    const fn window_max(&self) -> u64 {
        (self.rate_per_sec * 115 + 1000) / 1000
    }

    /// 1.45 times the share of a window, and one: if all that is under way took effect at once, this is the most that
    /// would be seen in a window.
    const fn effects_max(&self) -> u64 {
        (self.rate_per_sec * 145 + 1000) / 1000
    }
}

fn sum(tokens: &VecDeque<(Timestamp, u64)>) -> u64 {
    tokens.iter().map(|(_, count)| count).sum()
}

/// Drops what is as old as `age`.
fn forget(tokens: &mut VecDeque<(Timestamp, u64)>, now: Timestamp, age: Duration) {
    while tokens.front().is_some_and(|(at, _)| now.since(*at) >= age) {
        tokens.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    fn pacer(rate: u32) -> Pacer {
        Pacer::new(NonZeroU32::new(rate).unwrap(), at(0))
    }

    fn bound_holds(rate: u32, percent: u64, taken: &[(u64, u32)]) -> bool {
        let mut first = 0;
        let mut sum = 0_u64;
        taken.iter().all(|&(time, count)| {
            sum += u64::from(count);
            while time - taken[first].0 >= 100 {
                sum -= u64::from(taken[first].1);
                first += 1;
            }
            sum * 1000 <= percent * u64::from(rate) + 1000
        })
    }

    #[test]
    fn the_first_token_is_due_at_once_and_the_others_evenly() {
        let mut pacer = pacer(50);
        for turn in 0..20 {
            assert_eq!(pacer.poll(), at(turn * 20));
            let now = pacer.poll();
            assert_eq!(pacer.take(100, now), 1);
            pacer.took_effect(1, now);
        }
    }

    #[test]
    fn fast_rates_are_served_every_few_milliseconds() {
        let mut pacer = pacer(20_000);
        assert_eq!(pacer.take(u64::MAX, at(0)), 1);
        assert_eq!(pacer.poll(), at(5));
        assert_eq!(pacer.take(u64::MAX, at(5)), 100);
        assert_eq!(pacer.poll(), at(10));
    }

    #[test]
    fn returned_tokens_are_due_again() {
        let mut pacer = pacer(1000);
        assert_eq!(pacer.take(u64::MAX, at(10)), 11);
        pacer.give_back(4);
        assert_eq!(pacer.take(u64::MAX, at(10)), 4);
        assert_eq!(pacer.take(u64::MAX, at(10)), 0);
    }

    #[test]
    fn a_pause_is_not_caught_up_after_resume() {
        let mut pacer = pacer(1000);
        assert_eq!(pacer.take(1, at(0)), 1);
        pacer.resume(at(5000));
        assert_eq!(pacer.take(u64::MAX, at(5000)), 1);
        assert_eq!(pacer.take(u64::MAX, at(5005)), 5);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_its_bound(
            rate in 1_u32..=20_000,
            gaps in prop::collection::vec(0_u64..=300, 1..400),
            returned in 0_u32..3,
        ) {
            let mut pacer = pacer(rate);
            let mut now = 0;
            let mut taken = Vec::new();
            for gap in gaps {
                now += gap;
                let count = pacer.take(u64::MAX, at(now));
                let back = returned.min(count);
                pacer.give_back(back);
                pacer.took_effect(count - back, at(now));
                taken.push((now, count - back));
            }
            prop_assert!(bound_holds(rate, 115, &taken));
        }

        /// Whatever the node needs to carry out what it was asked for.
        #[test]
        fn no_window_holds_more_effects_than_its_bound(
            rate in 1_u32..=20_000,
            delays in prop::collection::vec(0_u64..=250, 1..300),
        ) {
            let mut pacer = pacer(rate);
            let mut under_way: Vec<(u64, u32)> = Vec::new();
            let mut effects = Vec::new();
            let mut delays = delays.into_iter();
            for now in 0_u64.. {
                under_way.retain(|&(due, count)| {
                    if due == now {
                        pacer.took_effect(count, at(now));
                        effects.push((now, count));
                    }
                    due != now
                });
                if pacer.poll() <= at(now) {
                    let count = pacer.take(u64::MAX, at(now));
                    let Some(delay) = delays.next() else { break };
                    if count > 0 {
                        under_way.push((now + 1 + delay, count));
                    }
                }
            }
            prop_assert!(bound_holds(rate, 145, &effects));
        }

        /// Served when it asks to be, up to 10 ms late each time, and now and then stalled for up to 200 ms.
        #[test]
        fn the_mean_is_the_rate_although_it_is_served_late(
            rate in 1_u32..=20_000,
            lateness in prop::collection::vec((0_u64..=10, 0_u64..=200), 400),
        ) {
            let mut pacer = pacer(rate);
            let mut taken = Vec::new();
            let mut now = 0;
            let mut turn = 0;
            let mut stall_at = 2_000;
            let span = 40_000.max(400_000 / u64::from(rate));
            while now < span {
                let (late, stall) = lateness[turn % lateness.len()];
                turn += 1;
                now = pacer.poll().since(at(0)).as_millis() as u64 + late;
                if now >= stall_at {
                    now += stall;
                    stall_at = now + 2_000;
                }
                let count = pacer.take(u64::MAX, at(now));
                pacer.took_effect(count, at(now));
                taken.push((now, count));
            }
            let total: u64 = taken.iter().map(|(_, count)| u64::from(*count)).sum();
            let wanted = f64::from(rate) * now as f64 / 1000.0;
            prop_assert!(bound_holds(rate, 115, &taken));
            prop_assert!((total as f64 - wanted).abs() <= wanted * 0.01 + 2.0, "{total} of {wanted}");
        }
    }
}
