//! Totals to per-second figures.

use std::collections::VecDeque;
use std::time::Duration;

use super::Totals;
use crate::time::Timestamp;

/// Figures are means over the samples of this long: steady enough to read, quick enough to watch.
const WINDOW: Duration = Duration::from_secs(5);

/// Samples kept, at most; a caller in a hurry shortens the window.
const SAMPLES_MAX: usize = 64;

/// Per-second figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Application Messages accepted from clients.
    pub messages_in_per_sec: f64,
    /// PUBLISH packets sent to clients.
    pub messages_out_per_sec: f64,
    /// CONNECTs answered with success.
    pub connects_per_sec: f64,
    /// Network Connections that ended.
    pub disconnects_per_sec: f64,
}

/// Keeps the samples of the window.
#[derive(Debug, Default)]
pub struct RateSampler {
    samples: VecDeque<(Timestamp, Totals)>,
}

impl RateSampler {
    /// Takes a sample.
    pub fn sample(&mut self, now: Timestamp, totals: Totals) {
        self.samples.push_back((now, totals));
        // The second oldest alone spans the window: the oldest is not needed. Two are always kept.
        while self.samples.len() > 2
            && (now.since(self.samples[1].0) >= WINDOW || self.samples.len() > SAMPLES_MAX)
        {
            self.samples.pop_front();
        }
    }

    /// Means between the oldest and the newest sample; `None` while there are not two with time between them.
    pub fn rates(&self) -> Option<Rates> {
        let (from, earlier) = self.samples.front()?;
        let (to, later) = self.samples.back()?;
        let seconds = to.since(*from).as_secs_f64();
        let per_sec = |pick: fn(&Totals) -> u64| {
            // Fewer than 2^53 in a few seconds: exact enough.
            pick(later).saturating_sub(pick(earlier)) as f64 / seconds
        };
        (seconds > 0.0).then(|| Rates {
            messages_in_per_sec: per_sec(|totals| totals.messages_in),
            messages_out_per_sec: per_sec(|totals| totals.messages_out),
            connects_per_sec: per_sec(|totals| totals.connects_accepted),
            disconnects_per_sec: per_sec(|totals| totals.disconnects),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(messages_in: u64) -> Totals {
        Totals {
            messages_in,
            disconnects: messages_in / 10,
            ..Totals::default()
        }
    }

    #[test]
    fn two_samples_are_needed() {
        let mut sampler = RateSampler::default();
        assert_eq!(sampler.rates(), None);
        sampler.sample(Timestamp::from_millis(1_000), totals(0));
        assert_eq!(sampler.rates(), None);
        sampler.sample(Timestamp::from_millis(1_000), totals(5));
        assert_eq!(sampler.rates(), None);
        sampler.sample(Timestamp::from_millis(3_000), totals(1_000));
        let rates = sampler.rates().unwrap();
        assert_eq!(
            (rates.messages_in_per_sec, rates.disconnects_per_sec),
            (500.0, 50.0)
        );
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let mut sampler = RateSampler::default();
        for second in 0..100_u64 {
            // 10/s for 50 s, then 1,000/s.
            let sum = if second < 50 {
                second * 10
            } else {
                500 + (second - 50) * 1_000
            };
            sampler.sample(Timestamp::from_millis(second * 1_000), totals(sum));
        }
        assert_eq!(sampler.rates().unwrap().messages_in_per_sec, 1_000.0);
        assert_eq!(sampler.samples.len(), 6);
    }

    #[test]
    fn memory_is_bounded_however_often_it_is_called() {
        let mut sampler = RateSampler::default();
        for millis in 0..10_000 {
            sampler.sample(Timestamp::from_millis(millis), totals(millis));
        }
        assert!(sampler.samples.len() <= SAMPLES_MAX);
        assert_eq!(sampler.rates().unwrap().messages_in_per_sec, 1_000.0);
    }
}
