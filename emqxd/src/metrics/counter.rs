//! Counters that many threads may add to without slowing each other down.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;

/// Parts of a counter, each on memory of its own. More threads than this share parts, which stays correct.
const STRIPES: usize = 8;

thread_local! {
    /// The part that this thread adds to: threads are numbered as they first count.
    static STRIPE: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES
    };
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter {
    stripes: [CachePadded<AtomicU64>; STRIPES],
}

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds a number.
    pub fn add(&self, count: u64) {
        let stripe = STRIPE.with(|stripe| *stripe);
        self.stripes[stripe].fetch_add(count, Ordering::Relaxed);
    }

    /// The sum. What other threads add meanwhile may be in it or not; it never goes back.
    pub fn get(&self) -> u64 {
        self.stripes
            .iter()
            .map(|stripe| stripe.load(Ordering::Relaxed))
            .sum()
    }
}

/// The values of one label of a metric.
pub trait Label: Copy + Eq + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// Stable lower-case word.
    fn as_str(self) -> &'static str;
}

/// One counter for each value of a label.
#[derive(Debug)]
pub struct CounterBy<L> {
    counters: Box<[Counter]>,
    label: PhantomData<L>,
}

impl<L: Label> Default for CounterBy<L> {
    fn default() -> Self {
        Self {
            counters: L::ALL.iter().map(|_| Counter::default()).collect(),
            label: PhantomData,
        }
    }
}

impl<L: Label> CounterBy<L> {
    /// Adds one for that value.
    pub fn inc_by(&self, value: L) {
        // A handful of values: found faster than hashed.
        if let Some(index) = L::ALL.iter().position(|known| *known == value) {
            self.counters[index].inc();
        }
    }

    /// Of one value.
    pub fn get(&self, value: L) -> u64 {
        self.by_value()
            .find(|(known, _)| *known == value)
            .map_or(0, |(_, count)| count)
    }

    /// Of all values together.
    pub fn total(&self) -> u64 {
        self.counters.iter().map(Counter::get).sum()
    }

    /// Each value with its count.
    pub fn by_value(&self) -> impl Iterator<Item = (L, u64)> {
        L::ALL
            .iter()
            .copied()
            .zip(self.counters.iter().map(Counter::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{DisconnectCause, RefusalReason};

    #[test]
    fn nothing_is_lost_between_threads() {
        let counter = Counter::default();
        std::thread::scope(|scope| {
            for _ in 0..STRIPES + 2 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        counter.inc();
                    }
                });
            }
        });
        assert_eq!(counter.get(), 10_000 * (STRIPES as u64 + 2));
    }

    #[test]
    fn each_value_is_counted_by_itself() {
        let counters = CounterBy::<RefusalReason>::default();
        for reason in RefusalReason::ALL {
            assert_eq!(counters.get(*reason), 0);
            counters.inc_by(*reason);
            assert_eq!(counters.get(*reason), 1);
        }
        counters.inc_by(RefusalReason::Full);
        assert_eq!(counters.get(RefusalReason::Full), 2);
        assert_eq!(counters.total(), RefusalReason::ALL.len() as u64 + 1);
    }

    #[test]
    fn words_are_unique() {
        fn check<L: Label>() {
            let mut words: Vec<&str> = L::ALL.iter().map(|value| value.as_str()).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), L::ALL.len());
        }
        check::<RefusalReason>();
        check::<DisconnectCause>();
    }
}
