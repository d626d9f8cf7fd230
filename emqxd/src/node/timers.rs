//! Wakes Sessions when a Will is due, an unreleased QoS 2 message or their own expiry has come, and the connections of
//! those with a client when Keep Alive may have run out.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::broker::Broker;
use super::session_cell::{SessionHandle, WeakSession};
use crate::time::Timestamp;

/// How late a Will, an expiry or the end of a silent connection may be.
const TICK: Duration = Duration::from_millis(50);

/// Sessions woken in one go, so that a mass expiry does not hold a worker.
const BATCH_MAX: usize = 256;

/// Fewer entries than this are not worth a search for those of Sessions that are gone.
const SWEEP_MIN: usize = 1_024;

/// Sessions by the time of their next timer.
#[derive(Debug, Default)]
pub struct Timers {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// An entry may be out of date: it is checked against its Session when it comes up.
    heap: BinaryHeap<Reverse<Entry>>,
    /// Entries that the last search has left.
    kept: usize,
}

/// Does not keep its Session alive: one that has ended must not hold its queue until its timer would have come.
#[derive(Debug)]
struct Entry {
    at: Timestamp,
    session: WeakSession,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl Timers {
    /// Wakes the Session at `at`, or before when it is to be woken before anyway: it is asked again then. So a client
    /// that connects and leaves again and again has one entry, not one for each time.
    pub fn schedule(&self, at: Timestamp, session: &SessionHandle) {
        if !session.wakes_before(at) {
            let entry = Entry {
                at,
                session: session.downgrade(),
            };
            self.inner.lock().push(entry);
        }
    }

    fn due(&self, now: Timestamp) -> Vec<SessionHandle> {
        let mut inner = self.inner.lock();
        let mut due = Vec::new();
        while due.len() < BATCH_MAX
            && let Some(Reverse(entry)) = inner.heap.peek()
            && entry.at <= now
            && let Some(Reverse(entry)) = inner.heap.pop()
        {
            if let Some(session) = entry.session.upgrade() {
                session.woken();
                due.push(session);
            }
        }
        due
    }
}

impl Inner {
    fn push(&mut self, entry: Entry) {
        if self.heap.len() >= SWEEP_MIN.max(2 * self.kept) {
            self.heap.retain(|Reverse(entry)| entry.session.is_alive());
            self.kept = self.heap.len();
        }
        self.heap.push(Reverse(entry));
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
        loop {
            let due = broker.timers.due(broker.clock.now());
            for session in &due {
                broker.wake(session);
            }
            if due.len() < BATCH_MAX {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::session_cell::CellPhase;
    use super::*;
    use crate::packet::ClientId;
    use crate::session::Session;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn session(client_id: &str) -> SessionHandle {
        let client_id = ClientId::new(client_id).unwrap();
        let session = Session::new(client_id, Arc::default(), at(0));
        SessionHandle::new(session, 1, CellPhase::Live)
    }

    fn entries(timers: &Timers) -> usize {
        timers.inner.lock().heap.len()
    }

    #[test]
    fn a_session_has_one_entry_unless_it_is_to_wake_earlier() {
        let timers = Timers::default();
        let session = session("c");
        for millis in [500, 500, 900] {
            timers.schedule(at(millis), &session);
        }
        assert_eq!(entries(&timers), 1);
        timers.schedule(at(100), &session);
        assert_eq!(entries(&timers), 2);
        assert_eq!(timers.due(at(99)), []);
        assert_eq!(timers.due(at(100)), std::slice::from_ref(&session));
        timers.schedule(at(900), &session);
        assert_eq!(timers.due(at(900)), [session.clone(), session]);
    }

    #[test]
    fn sessions_that_are_gone_leave_the_heap_and_are_not_kept_by_it() {
        let timers = Timers::default();
        let stays = session("stays");
        timers.schedule(at(1_000_000), &stays);
        for number in 0..10 * SWEEP_MIN {
            timers.schedule(at(1_000_000), &session(&number.to_string()));
        }
        assert!(entries(&timers) <= SWEEP_MIN + 1, "{}", entries(&timers));
        assert_eq!(timers.due(at(1_000_000)), [stays]);
    }
}
