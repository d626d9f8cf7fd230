//! The new owner's side of a session transfer: the state is put in place, collects what arrives, and goes live when
//! the old owner's side log has been merged.

use std::sync::Arc;

use emqx_proto::peer::v1::YieldRequest;

use super::broker::Broker;
use super::session_cell::{CellPhase, SessionHandle};
use crate::membership::NodeName;
use crate::message::{Delivery, MessageId};
use crate::metrics::DisconnectCause;
use crate::session::state::SessionState;
use crate::session::{Session, SessionExpiry, SwitchPoints};
use crate::storage::Stored;

/// A Session that is put in its place.
#[derive(Debug)]
pub struct Imported {
    /// In its place.
    pub session: SessionHandle,
    /// A copy from before this node lost the ownership, which is in no place any more and may have messages that the
    /// Session has not.
    pub stale: Option<SessionHandle>,
    /// Another node has taken over all that the copy has: it has nothing more to give.
    pub is_stale_given: bool,
    /// What the former owner is not to bring again.
    given: Vec<MessageId>,
}

/// What the former owner of a Session has given, and may bring again when it dies before it has let go: it comes back with
/// what it had stored.
#[derive(Debug)]
pub struct GivenBefore {
    session: SessionHandle,
    given: Vec<MessageId>,
}

impl GivenBefore {
    /// The former owner has let go, and will not have the Session again after a restart.
    pub fn forget(self) {
        self.session.lock().session.forget_given(&self.given);
    }
}

impl Broker {
    /// Puts the state in place: from now on messages for its Subscriptions wait in it. No client is served yet.
    pub fn import(&self, state: SessionState, epoch: u64) -> Imported {
        let mut session = Session::import(state, self.session_config(), self.clock.now());
        session.await_side_log();
        let session = SessionHandle::new(session, epoch, CellPhase::Importing);
        let stale = self.sessions.insert(session.clone());
        let is_stale_given = stale
            .as_ref()
            .is_some_and(|stale| self.is_handed_over(stale));
        self.index_all(&session);
        Imported {
            session,
            stale,
            is_stale_given,
            given: Vec::new(),
        }
    }

    /// Everything has arrived: the Session is served here. The old owner must keep it until it is stored.
    pub fn finish_import(
        &self,
        imported: &mut Imported,
        side_log: Vec<Delivery>,
        switches: &SwitchPoints,
    ) -> Stored {
        let Imported {
            session,
            stale,
            is_stale_given,
            given,
        } = imported;
        let stale = stale.as_ref().filter(|_| !*is_stale_given);
        let left = stale.map(undelivered).unwrap_or_default();
        let (timeout, stored) = {
            let mut state = session.lock();
            let now = self.clock.now();
            state.session.merge_side_log(side_log, switches, now);
            let dropped = state.session.absorb(left, now);
            self.metrics.dropped_queue_full.add(dropped);
            *given = state.session.remember_given();
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

    /// The Session is served here for good. Its former owner may have what it has given until it hears of that.
    pub fn settle_import(&self, imported: Imported) -> GivenBefore {
        if let Some(stale) = imported.stale {
            if imported.is_stale_given {
                self.forget_handed_over(&stale);
            }
            // Whatever has come to it meanwhile, the Session has got, too.
            self.drop_stale(&stale);
        }
        GivenBefore {
            session: imported.session,
            given: imported.given,
        }
    }

    /// The transfer failed: the old owner still has everything, so this copy goes without a trace. For a member of a Shared
    /// Subscription it may have got messages that nobody else has.
    pub fn abandon_import(self: &Arc<Self>, imported: Imported, owner: &NodeName) {
        let (epoch, left) = {
            let mut state = imported.session.lock();
            (state.epoch, state.session.take_own_shared())
        };
        self.drop_stale(&imported.session);
        self.redispatch(left);
        let Some(stale) = imported.stale else { return };
        {
            let _held = stale.lock();
            if stale.phase() == CellPhase::Gone {
                return;
            }
            self.sessions.insert(stale.clone());
        }
        if !imported.is_stale_given {
            // Nobody else knows that it is here. One that is being given up already goes on with that.
            let _ = self.yield_session(&YieldRequest {
                client_id: stale.client_id().to_string(),
                epoch,
                owner: owner.to_string(),
            });
        }
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

/// What a copy of a Session has that its client has not acknowledged.
pub(super) fn undelivered(copy: &SessionHandle) -> Vec<Delivery> {
    let state = copy.lock();
    match state.session.expiry() {
        SessionExpiry::WITH_CONNECTION => Vec::new(),
        SessionExpiry::After(_) | SessionExpiry::Never => state.session.undelivered(),
    }
}
