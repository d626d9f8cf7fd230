//! The new owner's side of a session transfer: the state is put in place, collects what arrives, and goes live when
//! the old owner's side log has been merged.

use super::broker::Broker;
use super::session_cell::{CellPhase, SessionHandle};
use crate::message::Delivery;
use crate::metrics::DisconnectCause;
use crate::session::state::SessionState;
use crate::session::{Session, SessionExpiry, SwitchPoints};
use crate::storage::Stored;

impl Broker {
    /// Puts the state in place: from now on messages for its Subscriptions wait in it. No client is served yet.
    pub fn import(&self, state: SessionState, epoch: u64) -> SessionHandle {
        let mut session = Session::import(state, self.session_config(), self.clock.now());
        session.await_side_log();
        let subscriptions: Vec<_> = session
            .subscriptions()
            .map(|(filter, options, identifier)| (filter.clone(), options, identifier))
            .collect();
        let session = SessionHandle::new(session, epoch, CellPhase::Importing);
        if let Some(stale) = self.sessions.insert(session.clone()) {
            // Left over from before this node lost the ownership.
            self.drop_stale(&stale);
        }
        for (filter, options, identifier) in subscriptions {
            self.index(&session, &filter, options, identifier);
        }
        session
    }

    /// Everything has arrived: the Session is served here. The old owner must keep it until it is stored.
    pub fn finish_import(
        &self,
        session: &SessionHandle,
        side_log: Vec<Delivery>,
        switches: &SwitchPoints,
    ) -> Stored {
        let (timeout, stored) = {
            let mut state = session.lock();
            let now = self.clock.now();
            state.session.merge_side_log(side_log, switches, now);
            session.set_phase(&mut state, CellPhase::Live);
            if state.session.expiry() != SessionExpiry::WITH_CONNECTION {
                state.begin_to_keep(&self.disk);
            }
            (state.session.poll_timeout(), state.keep())
        };
        if let Some(at) = timeout {
            self.timers.schedule(at, session);
        }
        stored
    }

    /// The transfer failed: the old owner still has everything, so this copy goes without a trace.
    pub fn abandon_import(&self, session: &SessionHandle) {
        self.drop_stale(session);
    }

    /// Removes a copy that is not the Session any more: no Will, no expiry.
    pub fn drop_stale(&self, session: &SessionHandle) {
        let subscriptions: Vec<_> = {
            let mut state = session.lock();
            session.set_phase(&mut state, CellPhase::Gone);
            if state.connection != 0 {
                state.connection = 0;
                session.set_connected(false);
                self.sessions.disconnected(session);
                self.note_disconnected(DisconnectCause::TakenOver);
                session.ring_displaced();
            }
            state
                .session
                .subscriptions()
                .map(|(filter, _, _)| filter.clone())
                .collect()
        };
        self.sessions.remove(session);
        for filter in subscriptions {
            self.unindex(session, &filter);
        }
    }
}
