//! Wakes Sessions without a client when a Will is due or their expiry has come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::broker::Broker;
use super::session_cell::SessionHandle;
use crate::time::Timestamp;

/// How late a Will or an expiry may be.
const TICK: Duration = Duration::from_millis(50);

/// Sessions woken in one go, so that a mass expiry does not hold a worker.
const BATCH_MAX: usize = 256;

/// Sessions without a client, by the time of their next timer.
#[derive(Debug, Default)]
pub struct Timers {
    /// An entry may be out of date: it is checked against its Session when it comes up.
    heap: Mutex<BinaryHeap<Reverse<(Timestamp, SessionHandle)>>>,
}

impl Timers {
    /// Wakes the Session at `at`.
    pub fn schedule(&self, at: Timestamp, session: &SessionHandle) {
        self.heap.lock().push(Reverse((at, session.clone())));
    }

    fn due(&self, now: Timestamp) -> Vec<SessionHandle> {
        let mut heap = self.heap.lock();
        let mut due = Vec::new();
        while due.len() < BATCH_MAX
            && let Some(Reverse((at, _))) = heap.peek()
            && *at <= now
            && let Some(Reverse((_, session))) = heap.pop()
        {
            due.push(session);
        }
        due
    }
}

/// Runs the timers until `stop` turns true.
pub async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let due = broker.timers.due(broker.clock.now());
        for session in due {
            broker.wake(&session);
        }
    }
}
