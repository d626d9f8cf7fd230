//! Wakes Sessions when a Will is due, an unreleased QoS 2 message or their own expiry has come, and the connections of
//! those with a client when Keep Alive may have run out.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::broker::Broker;
use super::session_cell::{SessionHandle, WeakSession};
use crate::time::Timestamp;
use crate::watch;

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
pub(super) struct Entry {
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

    /// Takes all entries out, if more than a few are of Sessions that are gone; there are so many `sessions`. They do not
    /// come up until they are put back.
    pub(super) fn take_all(&self, sessions: usize) -> Option<TakenOut<'_>> {
        let mut inner = self.inner.lock();
        // One that wakes earlier than it thought has two for a while.
        if inner.heap.len() < sessions + sessions / 4 + SWEEP_MIN {
            return None;
        }
        Some(TakenOut {
            timers: self,
            left: std::mem::take(&mut inner.heap).into_vec(),
            kept: 0,
        })
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

/// Entries that were taken out. Those that were not put back when this is dropped go back then.
pub(super) struct TakenOut<'a> {
    timers: &'a Timers,
    left: Vec<Reverse<Entry>>,
    kept: usize,
}

impl TakenOut<'_> {
    /// Looks at up to `limit` entries and puts those back whose Sessions are there. How many were not; `None` when there
    /// is no entry left.
    pub(super) fn put_back(&mut self, limit: usize) -> Option<usize> {
        if self.left.is_empty() {
            return None;
        }
        let mut some = self.left.split_off(self.left.len().saturating_sub(limit));
        let all = some.len();
        some.retain(|Reverse(entry)| entry.session.is_alive());
        let alive = some.len();
        self.kept += alive;
        self.timers.inner.lock().heap.extend(some);
        Some(all - alive)
    }
}

impl Drop for TakenOut<'_> {
    fn drop(&mut self) {
        let mut inner = self.timers.inner.lock();
        inner.kept = self.kept + self.left.len();
        inner.heap.extend(self.left.drain(..));
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
            biased;
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
    fn timers_of_sessions_that_are_gone_are_taken_out_and_the_others_put_back() {
        let timers = Timers::default();
        let stays = session("stays");
        timers.schedule(at(500), &stays);
        assert!(timers.take_all(1).is_none(), "nothing to gain");
        for number in 1..SWEEP_MIN {
            timers.schedule(at(1_000), &session(&number.to_string()));
        }
        let mut taken_out = timers.take_all(0).expect("many are of no use");
        timers.schedule(at(400), &stays);
        assert_eq!(taken_out.put_back(10), Some(10));
        assert_eq!(entries(&timers), 1);
        drop(taken_out);
        assert_eq!(entries(&timers), SWEEP_MIN - 9, "nothing is lost");
        assert!(timers.take_all(0).is_none(), "not worth it");
        for number in 0..10 {
            timers.schedule(at(1_000), &session(&number.to_string()));
        }
        let mut taken_out = timers.take_all(0).expect("many are of no use");
        let mut gone = 0;
        while let Some(some) = taken_out.put_back(100) {
            gone += some;
        }
        drop(taken_out);
        assert_eq!((gone, entries(&timers)), (SWEEP_MIN - 1, 2));
        assert_eq!(timers.due(at(2_000)), [stays.clone(), stays]);
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
