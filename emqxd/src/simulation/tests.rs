//! Runs seeds.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::fault::Fault;
use super::world;

/// Always run: the same each time, so that a run fails for what was changed and for nothing else.
const FIXED_SEEDS: u64 = 300;

/// The same, each for what it has shown.
const TELLING_SEEDS: [u64; 10] = [
    // A client went to another node before all receivers had its QoS 2 message; there it was acknowledged at once, and
    // overtaken by its next one.
    1_600,
    5_645,
    // A node that has no disk crashed when it had told one of two others of a Retained Message.
    8_746_428_676_548_810_132,
    // A copy that had been given up forgot that the Session, here again, was on its way to another node.
    1_001_075,
    // A node crashed while its Session was on its way to another one, and had got the messages of a third copy before it heard
    // that it had arrived there.
    7_001_139,
    // A node crashed before it heard that a Session had arrived elsewhere, and came back with it as it was stored.
    59_993,
    // Of the simulation itself: a Subscription that ended and began again counted as known to a node that had heard of
    // neither; what was kept came for a Subscription that had taken the place of another; and a copy of a Session had yet to
    // give its messages up when all nodes agreed again.
    9_317,
    1_947,
    5_016,
    // Of the simulation itself: a Session that may have expired has copies, too.
    7_000_485,
];

/// What is broken is to be found within so many seeds.
const CAUGHT_WITHIN: u64 = 1_000;

/// The first seed to run instead, and how many.
const FIRST: &str = "EMQXD_SIMULATION_FIRST";
const SEEDS: &str = "EMQXD_SIMULATION_SEEDS";
/// Seeds that nobody has run yet are begun for so many seconds, after the others.
const FRESH_S: &str = "EMQXD_SIMULATION_FRESH_S";
/// Set to print what happens.
const TRACE: &str = "EMQXD_SIMULATION_TRACE";

/// Enough to see what is wrong.
const FAILURES_TOLD: usize = 10;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text}")))
}

fn tell(text: &str) {
    #[allow(clippy::print_stdout, reason = "seen with --nocapture")]
    {
        println!("{text}");
    }
}

fn on_all_processors(work: impl Fn() + Copy + Send) {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
}

/// Takes seeds from `next` until there is none, on all processors.
fn run_all(next: impl Fn() -> Option<u64> + Sync) {
    let tells = std::env::var_os(TRACE).is_some();
    let (seeds, acked, got) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let failures = Mutex::new(Vec::new());
    let began = Instant::now();
    let work = || {
        while let Some(seed) = next() {
            let outcome = world::run(seed, None, tells);
            seeds.fetch_add(1, Ordering::Relaxed);
            acked.fetch_add(outcome.figures.0 as u64, Ordering::Relaxed);
            got.fetch_add(outcome.figures.1 as u64, Ordering::Relaxed);
            if !outcome.problems.is_empty() {
                let failure = format!(
                    "seed {seed} fails:\n  {}\n{FIRST}={seed} {SEEDS}=1 {TRACE}=1 cargo test --package emqxd --lib -- \
                     --exact simulation::tests::seeds_hold --nocapture",
                    outcome.problems.join("\n  ")
                );
                failures.lock().push(failure);
            }
        }
    };
    on_all_processors(work);
    tell(&format!(
        "{seeds:?} seeds, {acked:?} messages acknowledged, {got:?} deliveries, {:?}",
        began.elapsed()
    ));
    let failures = failures.into_inner();
    let told = failures.get(..FAILURES_TOLD).unwrap_or(&failures);
    assert!(
        failures.is_empty(),
        "{} seeds fail\n{}",
        failures.len(),
        told.join("\n")
    );
}

/// The seeds from the first one on.
fn seeds(first: u64, count: u64) -> impl Fn() -> Option<u64> + Sync {
    let next = AtomicU64::new(0);
    move || {
        let place = next.fetch_add(1, Ordering::Relaxed);
        (place < count).then(|| first.wrapping_add(place))
    }
}

#[test]
fn seeds_hold() {
    if let Some(count) = number(SEEDS) {
        return run_all(seeds(number(FIRST).unwrap_or(0), count));
    }
    run_all(seeds(0, FIXED_SEEDS));
    let next = AtomicUsize::new(0);
    run_all(|| {
        let place = next.fetch_add(1, Ordering::Relaxed);
        TELLING_SEEDS.get(place).copied()
    });
    if let Some(seconds) = number(FRESH_S) {
        let (began, fresh_for) = (Instant::now(), Duration::from_secs(seconds));
        run_all(|| (began.elapsed() < fresh_for).then(rand::random));
    }
}

#[test]
fn a_seed_gives_the_same_each_time() {
    for seed in 0..15 {
        let run = || world::run(seed, None, false);
        assert_eq!(run(), run(), "seed {seed}");
    }
}

fn is_caught(fault: Fault) {
    let next = seeds(number(FIRST).unwrap_or(0), CAUGHT_WITHIN);
    let caught = Mutex::new(None);
    let work = || {
        while caught.lock().is_none()
            && let Some(seed) = next()
        {
            let outcome = world::run(seed, Some(fault), false);
            if let Some(problem) = outcome.problems.into_iter().next() {
                caught.lock().get_or_insert((seed, problem));
            }
        }
    };
    on_all_processors(work);
    let caught = caught.into_inner();
    let (seed, problem) = caught.unwrap_or_else(|| panic!("{fault:?} is not caught"));
    tell(&format!("{fault:?} is caught by seed {seed}: {problem}"));
    let sound = world::run(seed, None, false).problems;
    assert!(sound.is_empty(), "seed {seed} fails without it: {sound:?}");
}

#[test]
fn a_skipped_barrier_is_caught() {
    is_caught(Fault::BarrierSkipped);
}

#[test]
fn an_ignored_epoch_is_caught() {
    is_caught(Fault::EpochIgnored);
}

#[test]
fn a_dropped_side_log_is_caught() {
    is_caught(Fault::SideLogDropped);
}

#[test]
fn a_message_for_an_absent_node_that_is_not_kept_is_caught() {
    is_caught(Fault::KeptNowhere);
}

#[test]
fn an_acknowledgement_before_the_disk_is_caught() {
    is_caught(Fault::AcknowledgedBeforeDisk);
}

#[test]
fn copies_that_are_not_served_are_caught() {
    is_caught(Fault::CopiesNotServed);
}
