//! The old owner's side of a session transfer: hand the state out, collect what still arrives, let go at the end.
//!
//! Until the new owner has confirmed, everything is kept: if it fails, the Session is served here as before.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1 as proto;

use super::broker::Broker;
use super::session_cell::{CellPhase, CellState, SessionHandle};
use crate::cluster::convert;
use crate::membership::NodeName;
use crate::packet::ClientId;
use crate::session::{Action, Detach, SessionExpiry};
#[cfg(test)]
use crate::simulation::fault::{self, Fault};
use crate::time::Timestamp;

/// Why a transfer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    /// Not every receiver has the QoS 2 messages of its client.
    #[error("messages of its client are still on their way to other nodes, or to the disk")]
    Unfinished,
    /// A migration found a client connected.
    #[error("the Session has a client")]
    Connected,
    /// Its state is itself on the way here.
    #[error("the Session is on its way here")]
    Busy,
    /// The asking node's claim is older than what is known here.
    #[error("the claim has epoch {asked}, the Session here has {present}")]
    Stale {
        /// Of the request.
        asked: u64,
        /// Of the Session.
        present: u64,
    },
    /// No transfer with that epoch is under way.
    #[error("no transfer of this Session with that epoch is under way")]
    NotBegun,
}

/// What became of the wish to freeze a Session.
enum Frozen {
    Exported(Box<proto::SessionState>),
    NotHere,
    /// It does not outlive its Network Connection.
    Ends,
    NotYet,
}

/// Publishes of a client that was cut get this long to be acknowledged by all peers.
const UNFINISHED_TIMEOUT: Duration = Duration::from_secs(3);

const UNFINISHED_POLL: Duration = Duration::from_millis(2);

/// Whether a node that holds the Session with that epoch, or claims it, may take it from here; false when it is not here
/// any more. The state shows that the lock is held.
///
/// # Errors
/// When it is on its way here, or newer here.
pub(super) fn may_be_taken(
    session: &SessionHandle,
    state: &CellState,
    epoch: u64,
) -> Result<bool, HandoverError> {
    match session.phase() {
        CellPhase::Gone => Ok(false),
        CellPhase::Importing => Err(HandoverError::Busy),
        CellPhase::Live | CellPhase::HandedOver if epoch < state.epoch && !is_epoch_ignored() => {
            Err(HandoverError::Stale {
                asked: epoch,
                present: state.epoch,
            })
        }
        CellPhase::Live | CellPhase::HandedOver => Ok(true),
    }
}

/// Only a simulation breaks it this way.
#[cfg(test)]
fn is_epoch_ignored() -> bool {
    fault::is_on(Fault::EpochIgnored)
}

#[cfg(not(test))]
const fn is_epoch_ignored() -> bool {
    false
}

/// A Session that another node is taking over.
#[derive(Debug, Clone)]
pub(super) struct HandedOver {
    to: NodeName,
    epoch: u64,
    session: SessionHandle,
    with_client: bool,
    since: Timestamp,
    /// It has fetched the side log: what comes now would be missing from it. Changes only under the Session's lock.
    has_side_log: bool,
}

impl Broker {
    /// Freezes the Session and gives its state to `to`. `None` when there is none to go on with.
    ///
    /// # Errors
    /// When it cannot be handed over now.
    pub async fn transfer_begin(
        &self,
        to: &NodeName,
        request: &proto::TransferBegin,
    ) -> Result<Option<proto::SessionState>, HandoverError> {
        let found = ClientId::new(&request.client_id).and_then(|id| self.sessions.get(&id));
        let Some(session) = found else {
            return Ok(None);
        };
        if request.discard {
            self.note_arrival(session.client_id(), to);
            session.lock().session.clear_delayed_will();
            self.discard(&session);
            return Ok(None);
        }
        if !request.migration {
            self.hear_out(&session).await;
        }
        let mut actions = Vec::new();
        let deadline = self.clock.now() + UNFINISHED_TIMEOUT;
        let exported = loop {
            match self.freeze(&session, request, deadline, &mut actions)? {
                Frozen::Exported(exported) => break Some(*exported),
                Frozen::NotHere => break None,
                Frozen::Ends => {
                    self.note_arrival(session.client_id(), to);
                    self.discard(&session);
                    break None;
                }
                // Peers have not acknowledged all that the client published: only then it is known what it may be
                // asked to send again.
                Frozen::NotYet => tokio::time::sleep(UNFINISHED_POLL).await,
            }
        };
        let Some(exported) = exported else {
            return Ok(None);
        };
        self.handed_over.lock().insert(
            session.client_id().clone(),
            HandedOver {
                to: to.clone(),
                epoch: request.epoch,
                session: session.clone(),
                with_client: !request.migration,
                since: self.clock.now(),
                has_side_log: false,
            },
        );
        for action in actions {
            self.carry_out(&session, action);
        }
        Ok(Some(exported))
    }

    fn freeze(
        &self,
        session: &SessionHandle,
        request: &proto::TransferBegin,
        deadline: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<Frozen, HandoverError> {
        let now = self.clock.now();
        let mut state = session.lock();
        if !may_be_taken(session, &state, request.epoch)? {
            return Ok(Frozen::NotHere);
        }
        if request.migration && state.connection != 0 {
            return Err(HandoverError::Connected);
        }
        if state.session.expiry() == SessionExpiry::WITH_CONNECTION {
            return Ok(Frozen::Ends);
        }
        self.displace(session, &mut state, Detach::TakenOver, actions);
        if state.session.unfinished_publishes() > 0 && now < deadline {
            return Ok(Frozen::NotYet);
        }
        // Those of QoS 1 the client sends again. Those of QoS 2 must not be routed again, and the new owner could not tell
        // when to acknowledge them: the client would go on, and later messages would overtake them.
        if state.session.has_unfinished_qos2() {
            return Err(HandoverError::Unfinished);
        }
        state.session.mark();
        session.set_phase(&mut state, CellPhase::HandedOver);
        Ok(Frozen::Exported(Box::new(convert::session_to(
            &state.session.export(now),
            now,
        ))))
    }

    /// What arrived since the transfer began. May be asked again.
    ///
    /// # Errors
    /// When no such transfer is under way.
    pub fn transfer_finish(
        &self,
        request: &proto::TransferFinish,
    ) -> Result<proto::SideLog, HandoverError> {
        let handed = self.handed(&request.client_id, request.epoch)?;
        // Peers count what is held back as arrived.
        self.settle_held_back();
        let now = self.clock.now();
        let mut state = handed.session.lock();
        #[cfg_attr(not(test), expect(unused_mut, reason = "a test drops it"))]
        let mut side_log = state.session.take_since_mark();
        #[cfg(test)]
        if fault::is_on(Fault::SideLogDropped) {
            side_log.clear();
        }
        if let Some(handed) = self.handed_over.lock().get_mut(handed.session.client_id()) {
            handed.has_side_log = true;
        }
        Ok(proto::SideLog {
            messages: side_log
                .iter()
                .map(|delivery| convert::delivery_to(delivery, now))
                .collect(),
        })
    }

    /// The new owner, that node, serves the Session: forget it here.
    ///
    /// # Errors
    /// When no such transfer is under way, and there is a copy of the Session that may have something to give.
    pub fn transfer_commit(
        self: &Arc<Self>,
        to: &NodeName,
        request: &proto::TransferCommit,
    ) -> Result<(), HandoverError> {
        let handed = match self.handed(&request.client_id, request.epoch) {
            Ok(handed) => handed,
            Err(not_begun) => {
                let is_gone = self.forget_older(to, request);
                return is_gone.then_some(()).ok_or(not_begun);
            }
        };
        self.forget_handed_over(&handed.session);
        let subscriptions: Vec<_> = {
            let mut state = handed.session.lock();
            handed.session.set_phase(&mut state, CellPhase::Gone);
            state
                .session
                .subscriptions()
                .map(|(filter, _, _)| filter.clone())
                .collect()
        };
        self.sessions.remove(&handed.session);
        self.metrics.sessions_moved_out.inc();
        for filter in subscriptions {
            self.unindex(&handed.session, &filter);
        }
        if handed.with_client {
            self.note_arrival(handed.session.client_id(), &handed.to);
        }
        Ok(())
    }

    /// This node has begun the transfer, and was started anew since: it has the Session again, as it was stored. The new
    /// owner has all of it, but for what a third copy has given to this one since: that goes there, too. Whether nothing of it is
    /// here any more.
    fn forget_older(self: &Arc<Self>, to: &NodeName, request: &proto::TransferCommit) -> bool {
        let found = ClientId::new(&request.client_id).and_then(|id| self.sessions.get(&id));
        let Some(session) = found else {
            return true;
        };
        {
            let state = session.lock();
            let is_left_over = session.phase() == CellPhase::Live
                && state.connection == 0
                && (state.epoch < request.epoch || is_epoch_ignored());
            if !is_left_over {
                return false;
            }
        }
        let has_more = session.has_absorbed();
        if has_more {
            let to_it = proto::YieldRequest {
                client_id: request.client_id.clone(),
                epoch: request.epoch,
                owner: to.to_string(),
            };
            if self.yield_session(&to_it).is_err() {
                return false;
            }
        } else {
            self.drop_stale(&session);
        }
        self.metrics.sessions_moved_out.inc();
        !has_more
    }

    /// The new owner gave up: the Session is served here again.
    ///
    /// # Errors
    /// When no such transfer is under way.
    pub fn transfer_abort(&self, request: &proto::TransferAbort) -> Result<(), HandoverError> {
        let handed = self.handed(&request.client_id, request.epoch)?;
        self.take_back(&handed.session);
        Ok(())
    }

    /// A peer is dead: what it was taking over is served here again.
    pub fn take_back_from(&self, peer: &NodeName) {
        let taken_back: Vec<SessionHandle> = {
            let mut handed_over = self.handed_over.lock();
            let theirs: Vec<_> = handed_over
                .iter()
                .filter(|(_, handed)| handed.to == *peer)
                .map(|(client_id, _)| client_id.clone())
                .collect();
            theirs
                .iter()
                .filter_map(|id| handed_over.remove(id))
                .map(|handed| handed.session)
                .collect()
        };
        for session in taken_back {
            self.take_back(&session);
        }
    }

    /// Client Identifiers and epochs of the transfers that began before `before`, so many at most.
    pub(super) fn handed_over_before(&self, before: Timestamp, max: usize) -> Vec<(ClientId, u64)> {
        let handed_over = self.handed_over.lock();
        handed_over
            .iter()
            .filter(|(_, handed)| handed.since <= before)
            .map(|(client_id, handed)| (client_id.clone(), handed.epoch))
            .take(max)
            .collect()
    }

    pub(super) fn take_back(&self, session: &SessionHandle) {
        let mut state = session.lock();
        self.take_back_held(session, &mut state);
        let timeout = state.session.poll_timeout();
        drop(state);
        if let Some(at) = timeout {
            self.timers.schedule(at, session);
        }
    }

    /// The Session is served here again: whoever was taking it over will not have it. The state shows that the lock is held.
    pub(super) fn take_back_held(&self, session: &SessionHandle, state: &mut CellState) {
        self.forget_handed_over(session);
        if session.phase() == CellPhase::HandedOver {
            session.set_phase(state, CellPhase::Live);
            state.session.unmark();
        }
    }

    /// Nobody is taking this copy of a Session over any more. Returns whether somebody was. Another copy with the same Client
    /// Identifier, older or newer, may be on its way at the same time.
    pub(super) fn forget_handed_over(&self, session: &SessionHandle) -> bool {
        let mut handed_over = self.handed_over.lock();
        let known = handed_over.get(session.client_id());
        let is_known = known.is_some_and(|handed| handed.session == *session);
        if is_known {
            handed_over.remove(session.client_id());
        }
        is_known
    }

    /// Whether somebody is taking this copy of a Session over.
    pub(super) fn is_handed_over(&self, session: &SessionHandle) -> bool {
        let handed_over = self.handed_over.lock();
        let known = handed_over.get(session.client_id());
        known.is_some_and(|handed| handed.session == *session)
    }

    /// The node that has fetched the side log of a Session. The state shows that its lock is held.
    pub(super) fn side_log_closed_for(
        &self,
        session: &SessionHandle,
        _held: &CellState,
    ) -> Option<NodeName> {
        if session.phase() != CellPhase::HandedOver {
            return None;
        }
        let handed_over = self.handed_over.lock();
        let handed = handed_over.get(session.client_id())?;
        handed.has_side_log.then(|| handed.to.clone())
    }

    fn handed(&self, client_id: &str, epoch: u64) -> Result<HandedOver, HandoverError> {
        self.handed_over
            .lock()
            .get(client_id)
            .filter(|handed| handed.epoch == epoch || is_epoch_ignored())
            .cloned()
            .ok_or(HandoverError::NotBegun)
    }

    /// Carries out what a Session asks for outside a connection.
    pub fn carry_out(&self, session: &SessionHandle, action: Action) {
        match action {
            Action::PublishWill(message) => {
                self.publish(*message, None);
            }
            Action::Route(inbound) => {
                self.publish(inbound.message, Some(session));
            }
            Action::Unsubscribed { filter } => self.unsubscribe(session, &filter),
            Action::Subscribed {
                filter,
                options,
                identifier,
                existed,
            } => {
                self.subscribe(session, &filter, options, identifier, existed);
            }
            Action::Ended => {
                self.metrics.sessions_expired.inc();
                self.end(session);
            }
            Action::Refused { what, is_first } => self.refused(session, what, is_first),
            Action::UnreleasedExpired { count } => {
                self.metrics.unreleased_expired.add(count as u64);
                tracing::debug!(client_id = %session.client_id(), count,
                    "QoS 2 messages were forgotten: no PUBREL came in time");
            }
            Action::CloseNormally => {}
        }
    }
}
