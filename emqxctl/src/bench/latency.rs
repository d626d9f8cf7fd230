//! Times in a histogram of high dynamic range, and the figures that people read from it.

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest time that is told apart, in nanoseconds: an hour. Longer ones count as that.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// Three digits of every time are right.
const DIGITS: u8 = 3;

/// Times, in nanoseconds.
#[derive(Debug, Clone)]
pub struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Self {
        // Bounds are right: 1 <= 1_000, twice that <= an hour, at most five digits.
        let histogram = Histogram::new_with_bounds(1_000, LONGEST_NS, DIGITS);
        Self(histogram.expect("bounds that hold"))
    }
}

impl Latency {
    /// From one moment to another, both in nanoseconds. Clocks of two machines may make it negative; that counts
    /// as nothing.
    pub fn record(&mut self, from: u64, to: u64) {
        self.0.saturating_record(to.saturating_sub(from));
    }

    /// Takes in the times of another one.
    pub fn add(&mut self, other: &Self) {
        // Both have the same bounds, so nothing can be out of range.
        let _ = self.0.add(&other.0);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// Figures; `None` when there was nothing.
    pub fn summary(&self) -> Option<LatencySummary> {
        let micros = |ns: u64| ns as f64 / 1e3;
        let at = |quantile: f64| micros(self.0.value_at_quantile(quantile));
        (!self.0.is_empty()).then(|| LatencySummary {
            count: self.0.len(),
            mean_us: self.0.mean() / 1e3,
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: micros(self.0.max()),
        })
    }
}

/// Times in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LatencySummary {
    /// How many.
    pub count: u64,
    /// Mean.
    pub mean_us: f64,
    /// Median.
    pub p50_us: f64,
    /// 90th percentile.
    pub p90_us: f64,
    /// 99th percentile.
    pub p99_us: f64,
    /// 99.9th percentile.
    pub p999_us: f64,
    /// Longest.
    pub max_us: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_times() {
        let mut latency = Latency::default();
        assert_eq!(latency.summary(), None);
        for ms in 1..=1_000 {
            latency.record(5, 5 + ms * 1_000_000);
        }
        let summary = latency.summary().unwrap();
        assert_eq!(summary.count, 1_000);
        for (figure, ms) in [
            (summary.mean_us, 500.5),
            (summary.p50_us, 500.0),
            (summary.p90_us, 900.0),
            (summary.p99_us, 990.0),
            (summary.p999_us, 999.0),
            (summary.max_us, 1_000.0),
        ] {
            assert!((figure / 1e3 / ms - 1.0).abs() < 0.002, "{figure} for {ms}");
        }
    }

    #[test]
    fn extremes_count_and_do_not_fail() {
        let mut latency = Latency::default();
        latency.record(10, 0);
        latency.record(0, u64::MAX);
        let summary = latency.summary().unwrap();
        assert_eq!(summary.count, 2);
        assert!(summary.max_us >= 3.5e9 && summary.max_us < 3.7e9);
        let mut other = Latency::default();
        other.add(&latency);
        assert_eq!(other.summary().map(|sum| sum.count), Some(2));
        other.clear();
        assert_eq!(other.summary(), None);
    }
}
