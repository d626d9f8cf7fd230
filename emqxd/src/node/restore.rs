//! Stored Sessions: brought back at a start, and stored again when the store had no room for a change.

use super::broker::Broker;
use super::session_cell::{CellPhase, SessionHandle};
use crate::session::Session;
use crate::storage::session_record;

/// Sessions looked at before others have their turn.
const SLICE: usize = 256;

/// A Session that was stored.
#[derive(Debug)]
pub struct Restored {
    /// Its number in the store.
    pub row: u64,
    /// Of its ownership.
    pub epoch: u64,
    /// Whether it had a client when its node ended.
    pub was_connected: bool,
    /// Without a client.
    pub session: Session,
}

/// All Sessions that were stored.
#[derive(Debug, Default)]
pub struct RestoredSessions {
    /// In no particular order.
    pub sessions: Vec<Restored>,
    /// Records that belong to none of them.
    pub left_over: session_record::LeftOver,
}

impl Broker {
    /// Puts stored Sessions in their place, before anything is served. Whoever else owns one by now is found when the
    /// node tells its peers what it has.
    pub(crate) fn restore_sessions(&self, restored: RestoredSessions) {
        for Restored {
            row,
            epoch,
            was_connected,
            session,
        } in restored.sessions
        {
            let timeout = session.poll_timeout();
            let session = SessionHandle::new(session, epoch, CellPhase::Live);
            session.lock().is_kept_as(&self.disk, row, was_connected);
            self.index_all(&session);
            if let Some(at) = timeout {
                self.timers.schedule(at, &session);
            }
            if let Some(other) = self.sessions.insert(session) {
                // Two of one Client Identifier are never stored at the same time; if it were so, one must go.
                self.drop_stale(&other);
            }
        }
        let left_over = restored.left_over.keys.into_iter();
        // What is not removed now is left over at the next start.
        let _ = self.disk.append_all(left_over.map(session_record::forget));
    }

    /// Stores the Sessions of which a change was not taken.
    pub(super) async fn store_sessions_again(&self) {
        for (at, session) in self.sessions.all().into_iter().enumerate() {
            if at % SLICE == 0 {
                tokio::task::yield_now().await;
            }
            if session.is_kept() {
                self.disk.room(std::time::Duration::MAX).await;
                session.lock().keep();
            }
        }
    }
}
