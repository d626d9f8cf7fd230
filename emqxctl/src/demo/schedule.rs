//! Which topic gets the next message, and when. Pure.

use std::time::Duration;

/// A schedule that was held up makes good for so much time at most; then it goes on at its rate.
const CATCH_UP: Duration = Duration::from_millis(200);

/// Messages to topics in turn, at a rate.
#[derive(Debug, Clone)]
pub struct Schedule {
    rate_per_sec: f64,
    credit: f64,
    cursor: usize,
    /// How many more messages each topic may get.
    left: Vec<u64>,
}

impl Schedule {
    /// Topic `n` gets at most `limits[n]` messages.
    pub fn new(rate_per_sec: u32, limits: Vec<u64>) -> Self {
        Self {
            rate_per_sec: f64::from(rate_per_sec),
            credit: 0.0,
            cursor: 0,
            left: limits,
        }
    }

    /// Time has passed.
    pub fn advance(&mut self, elapsed: Duration) {
        // Room for a whole message and a part, or a slow schedule would lose the part.
        let most = (self.rate_per_sec * CATCH_UP.as_secs_f64()).max(2.0);
        self.credit = (self.credit + self.rate_per_sec * elapsed.as_secs_f64()).min(most);
    }

    /// The topic of a message that is due; call again until there is none.
    pub fn next_due(&mut self) -> Option<usize> {
        if self.credit < 1.0 {
            return None;
        }
        let count = self.left.len();
        let topic = (0..count)
            .map(|step| (self.cursor + step) % count)
            .find(|&topic| self.left[topic] > 0)?;
        self.left[topic] -= 1;
        self.cursor = (topic + 1) % count;
        self.credit -= 1.0;
        Some(topic)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(schedule: &mut Schedule) -> Vec<usize> {
        std::iter::from_fn(|| schedule.next_due()).collect()
    }

    #[test]
    fn topics_take_turns_until_their_limit() {
        let mut schedule = Schedule::new(100, vec![9, 1, 9]);
        schedule.advance(Duration::from_millis(65));
        assert_eq!(take(&mut schedule), [0, 1, 2, 0, 2, 0]);
        for _ in 0..5 {
            schedule.advance(Duration::from_secs(1));
            let _ = take(&mut schedule);
        }
        assert_eq!(schedule.left, [0, 0, 0]);
    }

    #[test]
    fn nothing_is_due_without_topics() {
        let mut schedule = Schedule::new(100, Vec::new());
        schedule.advance(Duration::from_secs(1));
        assert_eq!(schedule.next_due(), None);
    }

    proptest! {
        /// In small steps, the number of messages follows the rate.
        #[test]
        fn the_rate_is_kept(rate in 1..5_000_u32, steps in proptest::collection::vec(1..50_u64, 1..300)) {
            let mut schedule = Schedule::new(rate, vec![u64::MAX; 7]);
            let mut taken = 0;
            for &step in &steps {
                schedule.advance(Duration::from_millis(step));
                taken += take(&mut schedule).len();
            }
            let seconds = steps.iter().sum::<u64>() as f64 / 1000.0;
            let wanted = f64::from(rate) * seconds;
            prop_assert!((taken as f64 - wanted).abs() <= 1.001, "{taken} of {wanted}");
        }
    }
}
