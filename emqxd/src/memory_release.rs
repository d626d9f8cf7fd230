//! Memory that is not needed goes back to the system, also while the node has little to do: each
//! `node.global_gc_interval`, and when an operator asks for it.
//!
//! First what the node holds without need is dropped (`node::reclaim`). Then the allocator: it keeps for each thread what
//! was allocated there. What other threads free of it, the thread looks at when it allocates the next time; on a node at
//! rest that is never. So each worker is told to look, just before it has nothing else to do.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, MissedTickBehavior};

use crate::node::broker::Broker;
use crate::node::reclaim;
use crate::process_stats;
use crate::watch;

/// Workers that are busy all the time do not look; nor is there anything to be had from them.
const LOOK_TIMEOUT: Duration = Duration::from_millis(200);

/// Between two looks whether the workers have looked.
const LOOK_POLL: Duration = Duration::from_millis(2);

/// One run at a time. The allocator is one for the whole process, too.
static RUNNING: Mutex<()> = Mutex::const_new(());

/// Which round it is.
static ROUND: AtomicU64 = AtomicU64::new(0);

/// Threads that have looked since the last round began.
static LOOKED_COUNT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The round in which this thread has looked.
    static LOOKED: Cell<u64> = const { Cell::new(0) };
}

/// What a run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// What was dropped.
    pub run: reclaim::Run,
    /// From the beginning, without the time that it waited for another run.
    pub took: Duration,
    /// Resident memory of the process, bytes.
    pub resident_before: Option<u64>,
    /// The same afterwards.
    pub resident_after: Option<u64>,
}

/// To be called by each worker thread when it is about to sleep.
pub fn before_sleep() {
    let round = ROUND.load(Ordering::Acquire);
    if LOOKED.replace(round) != round {
        give_back();
        LOOKED_COUNT.fetch_add(1, Ordering::Release);
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

/// Runs once in each `node.global_gc_interval`, until `stop` turns true; never when there is none.
pub async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let Some(interval) = broker.config.global_gc_interval else {
        return;
    };
    let mut tick = tokio::time::interval_at(Instant::now() + interval, interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            _ = once(&broker) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Runs once, now. Waits when a run is under way.
pub async fn once(broker: &Broker) -> Report {
    let _running = RUNNING.lock().await;
    let began = Instant::now();
    let resident_before = process_stats::memory_resident_bytes();
    let run = broker.reclaim().await;
    release().await;
    Report {
        run,
        took: began.elapsed(),
        resident_before,
        resident_after: process_stats::memory_resident_bytes(),
    }
}

/// Has all workers look, and waits for them for a while.
async fn release() {
    LOOKED_COUNT.store(0, Ordering::Relaxed);
    ROUND.fetch_add(1, Ordering::Release);
    let runtime = tokio::runtime::Handle::current();
    let workers = runtime.metrics().num_workers();
    let deadline = Instant::now() + LOOK_TIMEOUT;
    while LOOKED_COUNT.load(Ordering::Acquire) < workers && Instant::now() < deadline {
        // A worker that sleeps looks when it is about to sleep again.
        for _ in 0..2 * workers {
            runtime.spawn(std::future::ready(()));
        }
        tokio::time::sleep(LOOK_POLL).await;
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

    #[test]
    fn all_workers_look() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(3)
            .enable_time()
            .on_thread_park(before_sleep)
            .build()
            .unwrap();
        // A test beside this one may begin a round, too: then more have looked.
        runtime.block_on(async { tokio::spawn(release()).await.unwrap() });
        assert!(LOOKED_COUNT.load(Ordering::Acquire) >= 2);
    }
}
