//! Memory that was freed goes back to the system also while the node has little to do.
//!
//! The allocator keeps for each thread what was allocated there. What other threads free of it, the thread looks at when
//! it allocates the next time; on a node at rest that is never. So from time to time each worker is told to look, just
//! before it has nothing else to do.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

/// Which round it is; the allocator is one for the whole process, too.
static ROUND: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The round in which this thread has looked.
    static LOOKED: Cell<u64> = const { Cell::new(0) };
}

/// To be called by each worker thread when it is about to sleep.
pub fn before_sleep() {
    let round = ROUND.load(Ordering::Relaxed);
    if LOOKED.replace(round) != round {
        give_back();
    }
}

/// Gives back what this thread does not use.
fn give_back() {
    // SAFETY: it takes no pointer and may be called at any time by any thread, also by one that has allocated nothing.
    #[allow(
        unsafe_code,
        reason = "the allocator's own interface; no safe one exists"
    )]
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}

/// Has all workers look once in each interval, until `stop` turns true; never when there is no interval.
pub async fn run(interval: Option<Duration>, mut stop: watch::Receiver<bool>) {
    let Some(interval) = interval else {
        return;
    };
    let mut tick = tokio::time::interval_at(Instant::now() + interval, interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        ROUND.fetch_add(1, Ordering::Relaxed);
        wake_workers();
    }
}

/// A worker that sleeps looks when it is about to sleep again.
fn wake_workers() {
    let runtime = tokio::runtime::Handle::current();
    for _ in 0..2 * runtime.metrics().num_workers() {
        runtime.spawn(std::future::ready(()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_looks_once_in_a_round() {
        LOOKED.set(0);
        let round = ROUND.fetch_add(1, Ordering::Relaxed) + 1;
        before_sleep();
        assert!(LOOKED.get() >= round);
    }
}
