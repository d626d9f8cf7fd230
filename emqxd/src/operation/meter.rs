//! Figures measured on the way: a rate over the last second, and how long clients took.

use std::time::Duration;

use crate::time::Timestamp;

const BUCKETS: usize = 10;
const BUCKET_MS: u64 = 100;

/// Events of the last second, in tenths.
#[derive(Debug, Clone, Default)]
pub struct RateMeter {
    counts: [u64; BUCKETS],
    /// The tenth (since the epoch) that was written last.
    newest: u64,
}

impl RateMeter {
    /// Notes `count` events.
    pub fn add(&mut self, count: u64, now: Timestamp) {
        let tenth = (now.as_millis() / BUCKET_MS).max(self.newest);
        for passed in (self.newest + 1..=tenth).rev().take(BUCKETS) {
            self.counts[slot(passed)] = 0;
        }
        self.newest = tenth;
        self.counts[slot(tenth)] += count;
    }

    /// Events per second over the last second.
    pub fn per_sec(&self, now: Timestamp) -> f64 {
        let tenth = now.as_millis() / BUCKET_MS;
        let oldest = (tenth + 1).saturating_sub(BUCKETS as u64);
        let first = (self.newest + 1).saturating_sub(BUCKETS as u64).max(oldest);
        let sum: u64 = (first..=self.newest)
            .map(|tenth| self.counts[slot(tenth)])
            .sum();
        sum as f64
    }
}

const fn slot(tenth: u64) -> usize {
    (tenth % BUCKETS as u64) as usize
}

/// Each power of two is cut into this many buckets: readings are at most 1/8 off.
const STEPS: u64 = 8;

/// Durations in buckets whose width grows with the duration; its size is fixed.
#[derive(Debug, Clone)]
pub struct DurationHistogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for DurationHistogram {
    fn default() -> Self {
        // Up to 2^36 ms, more than two years.
        Self {
            counts: vec![0; bucket_of(1 << 36) + 1],
            total: 0,
        }
    }
}

impl DurationHistogram {
    /// Notes one duration; what is too long for the scale counts as its longest.
    pub fn record(&mut self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let bucket = bucket_of(millis).min(self.counts.len() - 1);
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// The duration that `percent` of all are not above (1 to 100); `None` when nothing was noted.
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        let rank = (self.total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.counts.iter().enumerate().find_map(|(bucket, count)| {
            seen += count;
            (seen >= rank).then(|| Duration::from_millis(longest_of(bucket)))
        })
    }
}

const fn bucket_of(millis: u64) -> usize {
    if millis < STEPS {
        return millis as usize;
    }
    let power = millis.ilog2() as u64 - STEPS.ilog2() as u64;
    (power * STEPS + (millis >> power)) as usize
}

const fn longest_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let power = bucket / STEPS - 1;
    ((bucket - power * STEPS + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_that_of_the_last_second() {
        let at = Timestamp::from_millis;
        let mut meter = RateMeter::default();
        for millis in (0..3000).step_by(10) {
            meter.add(1, at(1_000_000 + millis));
        }
        assert_eq!(meter.per_sec(at(1_002_999)), 100.0);
        assert_eq!(meter.per_sec(at(1_003_499)), 50.0);
        assert_eq!(meter.per_sec(at(1_005_000)), 0.0);
    }

    #[test]
    fn percentiles_are_at_most_an_eighth_off() {
        let mut histogram = DurationHistogram::default();
        assert_eq!(histogram.percentile(50), None);
        for millis in 1..=1000 {
            histogram.record(Duration::from_millis(millis));
        }
        for (percent, exact) in [(50, 500), (99, 990), (1, 10)] {
            let read = histogram.percentile(percent).unwrap().as_millis() as u64;
            assert!(
                read >= exact && read <= exact + exact / 8 + 1,
                "{percent} %: {read}"
            );
        }
        histogram.record(Duration::MAX);
        assert!(histogram.percentile(100).unwrap() > Duration::from_secs(1 << 20));
    }

    #[test]
    fn buckets_meet() {
        for millis in 0..5000 {
            let bucket = bucket_of(millis);
            assert!(longest_of(bucket) >= millis, "{millis}");
            assert!(bucket == 0 || longest_of(bucket - 1) < millis, "{millis}");
        }
    }
}
