//! How evenly something happened. Pure.

use std::time::{Duration, Instant};

/// Figures of a series of moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutRate {
    /// Moments a second, from the first to the last.
    pub mean_per_sec: f64,
    /// The most moments in any window of 100 ms, wherever it begins.
    pub busiest_100_ms: usize,
}

/// Figures of these moments, in any order. `None` for fewer than two.
pub fn cut_rate(mut moments: Vec<Instant>) -> Option<CutRate> {
    const WINDOW: Duration = Duration::from_millis(100);
    moments.sort_unstable();
    let (first, last) = (*moments.first()?, *moments.last()?);
    let span = last.duration_since(first).as_secs_f64();
    if span == 0.0 {
        return None;
    }
    let mut begin = 0;
    let mut busiest = 0;
    for (end, at) in moments.iter().enumerate() {
        while at.duration_since(moments[begin]) >= WINDOW {
            begin += 1;
        }
        busiest = busiest.max(end - begin + 1);
    }
    Some(CutRate {
        mean_per_sec: (moments.len() - 1) as f64 / span,
        busiest_100_ms: busiest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(at_ms: impl IntoIterator<Item = u64>) -> Vec<Instant> {
        let start = Instant::now();
        at_ms
            .into_iter()
            .map(|ms| start + Duration::from_millis(ms))
            .collect()
    }

    #[test]
    fn an_even_series_is_even() {
        let rate = cut_rate(moments((0..500).map(|n| n * 2))).unwrap();
        assert!((rate.mean_per_sec - 500.0).abs() < 0.1, "{rate:?}");
        assert_eq!(rate.busiest_100_ms, 50);
    }

    #[test]
    fn a_burst_shows_wherever_it_is() {
        let burst = moments([0, 500, 950, 960, 1_040, 1_049, 1_050, 2_000]);
        assert_eq!(cut_rate(burst).unwrap().busiest_100_ms, 4);
    }

    #[test]
    fn one_moment_has_no_rate() {
        assert_eq!(cut_rate(moments([5])), None);
        assert_eq!(cut_rate(moments([5, 5])), None);
    }
}
