//! CONNECT: the client's Session is found, here or on another node, or begun [MQTT-3.1.2.4].

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1::YieldRequest;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::broker::Broker;
use super::kept::CellGuard;
use super::session_cell::{Access, CellPhase, CellState, SessionHandle};
use crate::cluster::registry::{Claim, Lapsed};
use crate::cluster::takeover::{Moved, TakeoverError};
use crate::metrics::DisconnectCause;
use crate::packet::{ClientId, ReasonCode};
use crate::session::{Action, Attach, Detach, Session, SessionExpiry};

/// A connection that is to be displaced gets this long to take in what its client has sent.
const HEAR_OUT_TIMEOUT: Duration = Duration::from_millis(100);

/// A Client Identifier is claimed so often while the node that its registrar names is gone.
const CLAIMS_MAX: usize = 3;

/// A Session with its client.
#[derive(Debug)]
pub struct Opened {
    /// In its place, live.
    pub session: SessionHandle,
    /// Number of the new connection.
    pub connection: u64,
    /// For CONNACK.
    pub session_present: bool,
}

/// The Session cannot be had now; everything is as before, and the client may try again.
#[derive(Debug)]
pub struct OpenError {
    /// For CONNACK.
    pub code: ReasonCode,
    /// For the log.
    pub reason: String,
}

impl Broker {
    /// Opens the Session of a client that has connected, and makes this connection the one that serves it.
    ///
    /// # Errors
    /// When the Session cannot be had now: its registrar or its owner does not answer.
    pub async fn open(
        self: &Arc<Self>,
        client_id: ClientId,
        attach: Attach,
        keep_alive_s: u16,
        access: Arc<Access>,
    ) -> Result<Opened, OpenError> {
        let (claim, moved) = self.have(&client_id, attach.clean_start).await?;
        // The node may have begun to refuse clients meanwhile; then the Session stays here without its client, as
        // every other one that the evacuation will move.
        if !self.lifecycle.accepts_connections() {
            if moved.is_some() {
                // Here or not: the client is told the same.
                let _ = self.settle(&claim, moved).await;
            } else {
                self.registry().abandon(&claim).await;
            }
            return Err(OpenError {
                code: ReasonCode::UseAnotherServer,
                reason: "the node has begun to refuse clients".to_owned(),
            });
        }
        if moved.is_some() {
            self.metrics.sessions_taken_over.inc();
        }
        let session = moved.as_ref().map(|moved| moved.imported.session.clone());
        if let Some(present) = self.sessions.get(&client_id) {
            self.hear_out(&present).await;
        }
        let opened = self.serve_here(&client_id, attach, keep_alive_s, access, &claim, session);
        let has_moved = moved.is_some();
        let mut settled = self.settle(&claim, moved).await;
        if settled.is_err() && !has_moved {
            settled = self.claim_again(&opened.session).await;
        }
        if let Err(lapsed) = settled {
            self.give_up(&opened);
            return Err(OpenError {
                code: ReasonCode::ServerBusy,
                reason: lapsed.to_string(),
            });
        }
        Ok(opened)
    }

    /// Claims a Session, and has it here if there is one.
    async fn have(
        self: &Arc<Self>,
        client_id: &ClientId,
        clean_start: bool,
    ) -> Result<(Claim, Option<Moved>), OpenError> {
        let mut claims = 0;
        loop {
            let claim = self
                .registry()
                .claim(client_id)
                .await
                .map_err(|error| OpenError {
                    code: ReasonCode::ServerBusy,
                    reason: error.to_string(),
                })?;
            claims += 1;
            let remote = claim.owner.clone().filter(|owner| *owner != self.node_name);
            let Some(owner) = remote else {
                return Ok((claim, None));
            };
            match Box::pin(self.take_over(&claim, &owner, clean_start)).await {
                Ok(moved) => return Ok((claim, moved)),
                // It took its Sessions with it.
                Err(TakeoverError::OwnerGone) if claims == CLAIMS_MAX => return Ok((claim, None)),
                // Others may serve them from copies: it is known who does when the next claim is granted.
                Err(TakeoverError::OwnerGone) => self.registry().abandon(&claim).await,
                Err(error) => {
                    self.registry().abandon(&claim).await;
                    return Err(OpenError {
                        code: ReasonCode::ServerUnavailable,
                        reason: format!("the Session is on {owner}: {error}"),
                    });
                }
            }
        }
    }

    /// The Session was here or is new, and the claim to it has lapsed: mostly because a node has come or gone and the
    /// registrar is another one now, which knows whether anybody else owns it.
    async fn claim_again(self: &Arc<Self>, session: &SessionHandle) -> Result<(), Lapsed> {
        let claim = self.registry().claim(session.client_id()).await;
        let claim = claim.map_err(|_| Lapsed)?;
        let other = claim.owner.clone().filter(|owner| *owner != self.node_name);
        if let Some(owner) = other {
            self.registry().abandon(&claim).await;
            // Nobody else knows that there is a copy here. One that is new has nothing to give.
            let _ = self.yield_session(&YieldRequest {
                client_id: claim.client_id.to_string(),
                epoch: claim.epoch,
                owner: owner.to_string(),
            });
            return Err(Lapsed);
        }
        session.lock().epoch = claim.epoch;
        self.registry().commit(&claim, false).await
    }

    /// Undoes [`Self::serve_here`]: nothing was sent to the client yet, and its Will is not due.
    fn give_up(self: &Arc<Self>, opened: &Opened) {
        if !opened.session_present {
            self.drop_stale(&opened.session);
            return;
        }
        opened.session.lock().session.clear_will();
        self.close(
            &opened.session,
            opened.connection,
            Detach::Abnormal,
            DisconnectCause::TakenOver,
        );
    }

    fn serve_here(
        self: &Arc<Self>,
        client_id: &ClientId,
        attach: Attach,
        keep_alive_s: u16,
        access: Arc<Access>,
        claim: &Claim,
        moved: Option<SessionHandle>,
    ) -> Opened {
        let connection = self.next_connection();
        let session = moved.or_else(|| self.sessions.get(client_id));
        if let Some(session) = session {
            let mut state = session.lock();
            if session.phase() == CellPhase::HandedOver {
                // Whoever was taking it over has not become its owner: the registrar lets this client have it.
                self.take_back_held(&session, &mut state);
            }
            if session.phase() == CellPhase::Live && self.may_resume(&session, &mut state, &attach)
            {
                state.epoch = claim.epoch;
                self.attach(
                    &session,
                    &mut state,
                    attach,
                    keep_alive_s,
                    access,
                    connection,
                );
                self.metrics.sessions_resumed.inc();
                return Opened {
                    session: session.clone(),
                    connection,
                    session_present: true,
                };
            }
        }
        if let Some(session) = self.sessions.get(client_id) {
            session.lock().session.clear_delayed_will();
            self.discard(&session);
        }
        let now = self.clock.now();
        let session = SessionHandle::new(
            Session::new(client_id.clone(), self.session_config(), now),
            claim.epoch,
            CellPhase::Live,
        );
        self.attach(
            &session,
            &mut session.lock(),
            attach,
            keep_alive_s,
            access,
            connection,
        );
        self.sessions.insert(session.clone());
        self.metrics.sessions_created.inc();
        Opened {
            session,
            connection,
            session_present: false,
        }
    }

    /// Whether the Session goes on with the new Network Connection. A present one is displaced; a Session that
    /// ends with its Network Connection ends here [MQTT-3.1.2-6, MQTT-4.1.0-2].
    fn may_resume(
        self: &Arc<Self>,
        session: &SessionHandle,
        state: &mut CellState,
        attach: &Attach,
    ) -> bool {
        if attach.clean_start {
            return false;
        }
        let ends_with_connection = state.session.expiry() == SessionExpiry::WITH_CONNECTION;
        if state.connection == 0 {
            return !ends_with_connection;
        }
        if ends_with_connection {
            return false;
        }
        let mut actions = Vec::new();
        self.displace(session, state, Detach::TakenOver, &mut actions);
        for action in actions {
            if let Action::PublishWill(message) = action {
                // Routed from a task of its own: this Session's lock is held, and it may be among the receivers.
                self.publish_later(*message);
            }
        }
        true
    }

    /// Lets the present Network Connection take in what has already arrived on it. A client that disconnects and
    /// connects again at once has sent DISCONNECT before CONNECT; the two are read by different tasks, and the Will
    /// must not be published because the second was faster [MQTT-3.14.4-3].
    pub(super) async fn hear_out(&self, session: &SessionHandle) {
        let heard = {
            let mut state = session.lock();
            if state.connection == 0 {
                return;
            }
            let (done, heard) = oneshot::channel();
            state.asked.get_or_insert_default().hear_out = Some(done);
            heard
        };
        session.ring();
        // Ends by the other side being dropped. One that takes longer is displaced in the middle of it.
        let _ = timeout(HEAR_OUT_TIMEOUT, heard).await;
    }

    /// Ends the present Network Connection in favour of another [MQTT-3.1.4-3].
    pub(super) fn displace(
        &self,
        session: &SessionHandle,
        state: &mut CellState,
        how: Detach,
        actions: &mut Vec<Action>,
    ) {
        if state.connection == 0 {
            return;
        }
        state.connection = 0;
        state.asked = None;
        state.access = None;
        state.session.detach(how, self.clock.now(), actions);
        session.set_connected(false);
        self.sessions.disconnected(session);
        self.note_disconnected(DisconnectCause::TakenOver);
        session.ring_displaced();
    }

    fn attach(
        &self,
        session: &SessionHandle,
        state: &mut CellGuard<'_>,
        attach: Attach,
        keep_alive_s: u16,
        access: Arc<Access>,
        connection: u64,
    ) {
        state.session.attach(attach, self.clock.now());
        if state.session.expiry() == SessionExpiry::WITH_CONNECTION {
            state.cease_to_keep();
        } else {
            state.begin_to_keep(&self.disk);
        }
        state.connection = connection;
        session.set_blocked(state, false);
        state.asked = None;
        state.access = Some(access);
        session.set_keep_alive_s(keep_alive_s);
        session.set_connected(true);
        self.sessions.connected(session);
        self.note_connected();
    }

    /// Ends a Session as `discard` does, and tells its registrar.
    pub fn end_session(&self, session: &SessionHandle) {
        let epoch = session.lock().epoch;
        self.discard(session);
        self.registry().release(session.client_id(), epoch);
    }

    /// Ends a Session for good: its client, if any, is displaced, its Will published where due.
    pub fn discard(&self, session: &SessionHandle) {
        let mut actions = Vec::new();
        let subscriptions: Vec<_>;
        let left;
        {
            let mut state = session.lock();
            let phase = session.phase();
            if phase == CellPhase::Gone {
                return;
            }
            self.displace(session, &mut state, Detach::Abnormal, &mut actions);
            // A delayed Will of a Session that ends is due now [MQTT-3.1.2-8].
            state.session.end(self.clock.now(), &mut actions);
            session.set_phase(&mut state, CellPhase::Gone);
            self.metrics.sessions_discarded.inc();
            subscriptions = state
                .session
                .subscriptions()
                .map(|(filter, _, _)| filter.clone())
                .collect();
            // While a Session is handed over, another node may have its messages too.
            left = if phase == CellPhase::Live {
                state.session.take_all_shared()
            } else {
                Vec::new()
            };
        }
        self.sessions.remove(session);
        for filter in subscriptions {
            self.unindex(session, &filter);
        }
        self.redispatch(left);
        for action in actions {
            if let Action::PublishWill(message) = action {
                self.publish(*message, None);
            }
        }
    }
}
