//! Tells publishers of an open loop when their messages are due. The timer of the async runtime counts whole
//! milliseconds, which would be most of a latency on one machine, so a thread that sleeps keeps the time.

use std::io;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::tally::Shared;

/// Messages that are due within this time are sent together.
const GRAIN: Duration = Duration::from_micros(100);

/// So that a tick never comes before its message, however fractions are rounded.
const ROUNDING: Duration = Duration::from_micros(5);

/// A thread that sees nobody wait any more looks that often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Makes messages due at a pace until it is dropped. The first is due now.
pub(super) async fn pace(shared: Rc<Shared>, per_sec: f64) -> io::Result<()> {
    let publishers = u64::from(shared.load.publishers);
    let tick = Arc::new(Notify::new());
    let ticking = Arc::downgrade(&tick);
    // Before the thread begins to count, or a tick would be a little too early for its message.
    shared.began_at.set(shared.clock.now());
    thread::Builder::new()
        .name("pacer".to_owned())
        .spawn(move || keep_time(&ticking, per_sec))?;
    let mut next: u64 = 0;
    loop {
        let elapsed = shared.clock.now() - shared.began_at.get();
        let due = (elapsed as f64 / 1e9 * per_sec) as u64 + 1;
        while next < due {
            let publisher = &shared.publishers[(next % publishers) as usize];
            publisher.due.set(next / publishers + 1);
            publisher.signal.wake();
            next += 1;
        }
        tick.notified().await;
    }
}

/// Ticks whenever a message is due, at most once a [`GRAIN`], until nobody listens.
fn keep_time(tick: &Weak<Notify>, per_sec: f64) {
    let began = Instant::now();
    while let Some(listener) = tick.upgrade() {
        listener.notify_one();
        drop(listener);
        let elapsed = began.elapsed();
        let next = (elapsed.as_secs_f64() * per_sec).floor() + 1.0;
        let wait = (next / per_sec - elapsed.as_secs_f64()).clamp(0.0, LOOK_EVERY.as_secs_f64());
        thread::sleep((Duration::from_secs_f64(wait) + ROUNDING).max(GRAIN));
    }
}
