//! Walks over what the node holds and gives back what is not needed, a slice at a time (see `memory_reclaim`).

use std::time::Duration;

use tokio::time::Instant;

use super::broker::Broker;
use super::session_cell::{CellPhase, SessionHandle};
use crate::memory_reclaim::{Reclaimed, SLICE_ENTRIES, Slice, Table};
use crate::session::QueuePlace;

/// Between two slices the node does what it is there for. A slice takes a tenth of it or less.
const PAUSE: Duration = Duration::from_millis(1);

/// How a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    /// What was given back.
    pub reclaimed: Reclaimed,
    /// Slices.
    pub slices: u64,
    /// The longest one; what a client had to wait for at most.
    pub longest_slice: Duration,
}

/// Measures slices and pauses between them.
struct Walk {
    run: Run,
    slice: Slice,
    began: Instant,
}

impl Walk {
    fn new() -> Self {
        Self {
            run: Run::default(),
            slice: Slice::default(),
            began: Instant::now(),
        }
    }

    /// So many entries were looked at. Waits when that was a slice.
    async fn looked_at(&mut self, entries: usize) {
        if self.slice.spend(entries) {
            self.pause().await;
        }
    }

    fn slice_is_over(&mut self) {
        self.run.slices += 1;
        self.run.longest_slice = self.run.longest_slice.max(self.began.elapsed());
    }

    async fn pause(&mut self) {
        self.slice_is_over();
        tokio::time::sleep(PAUSE).await;
        self.began = Instant::now();
    }

    /// One table after the other, until there is no further one.
    async fn tables(&mut self, mut cut_down: impl FnMut(usize) -> Option<bool>) {
        let mut number = 0;
        while let Some(is_smaller) = cut_down(number) {
            number += 1;
            if is_smaller {
                self.run.reclaimed.shrunk_tables += 1;
                self.pause().await;
            }
        }
    }
}

impl Broker {
    /// Drops what has expired and is only noticed when somebody asks for it, and gives room back that is not used.
    /// Dropping the future ends it after the present slice.
    pub async fn reclaim(&self) -> Run {
        let mut walk = Walk::new();
        self.reclaim_sessions(&mut walk).await;
        self.reclaim_timers(&mut walk).await;
        self.reclaim_retained(&mut walk).await;
        walk.tables(|number| self.sessions.cut_down(number)).await;
        walk.tables(|number| self.own_interest.cut_down(number))
            .await;
        walk.tables(|number| self.remote_interest.cut_down(number))
            .await;
        walk.tables(|number| self.registry().cut_down(number)).await;
        walk.tables(|number| (number == 0).then(|| self.handed_over.lock().cut_down()))
            .await;
        walk.pause().await;
        walk.run
    }

    async fn reclaim_sessions(&self, walk: &mut Walk) {
        let mut sessions = Vec::with_capacity(SLICE_ENTRIES);
        for shard in 0.. {
            let mut passed = 0;
            loop {
                let wanted = walk.slice.left();
                let Some(found) = self.sessions.some(shard, passed, wanted, &mut sessions) else {
                    return;
                };
                passed += found;
                for session in sessions.drain(..) {
                    self.reclaim_session(&session, walk).await;
                }
                if found < wanted {
                    break;
                }
            }
        }
    }

    async fn reclaim_session(&self, session: &SessionHandle, walk: &mut Walk) {
        let mut from = QueuePlace::default();
        let mut shrunk = false;
        let mut is_due = false;
        loop {
            let now = self.clock.now();
            let done = {
                let mut state = session.lock();
                if session.phase() != CellPhase::Live {
                    break;
                }
                is_due = state.connection == 0
                    && state.session.poll_timeout().is_some_and(|at| at <= now);
                state.session.reclaim(from, walk.slice.left(), now)
            };
            walk.run.reclaimed.expired_messages += done.messages as u64;
            shrunk |= done.shrunk;
            walk.looked_at(done.looked_at.max(1)).await;
            match done.next {
                Some(next) => from = next,
                None => break,
            }
        }
        walk.run.reclaimed.shrunk_buffers += u64::from(shrunk);
        if is_due {
            // Its timer is late.
            self.wake(session);
            let has_ended = session.phase() == CellPhase::Gone;
            walk.run.reclaimed.expired_sessions += u64::from(has_ended);
        }
    }

    /// While they are out, timers do not come up: so without pauses, and only when many of them are of no use.
    async fn reclaim_timers(&self, walk: &mut Walk) {
        let Some(mut taken_out) = self.timers.take_all(self.sessions.len()) else {
            return;
        };
        while let Some(stale) = taken_out.put_back(SLICE_ENTRIES) {
            walk.run.reclaimed.stale_timers += stale as u64;
            walk.slice_is_over();
            tokio::task::yield_now().await;
            walk.began = Instant::now();
        }
    }

    async fn reclaim_retained(&self, walk: &mut Walk) {
        // Once round, wherever the last call stopped.
        let mut to_look_at = self.retained.entries();
        while to_look_at > 0 {
            let limit = walk.slice.left().min(to_look_at);
            let swept = self.sweep_retained(limit);
            walk.run.reclaimed.expired_retained += swept.expired as u64;
            walk.run.reclaimed.forgotten_removals += swept.forgotten as u64;
            // None when the last call stopped just at the end: then it begins anew.
            let looked_at = swept.looked_at.max(1);
            to_look_at = to_look_at.saturating_sub(looked_at);
            walk.looked_at(looked_at).await;
        }
    }
}
