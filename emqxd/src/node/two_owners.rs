//! A Session that is on two nodes, which served it while they did not see each other: the one with the lower epoch gives it
//! up, and the owner gets its messages.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::{AbsorbRequest, YieldRequest};

use super::broker::Broker;
use super::handover::{HandoverError, may_be_taken};
use super::import::undelivered;
use super::session_cell::{CellPhase, SessionHandle};
use crate::cluster::barrier::BarrierError;
use crate::cluster::{CallError, convert};
use crate::membership::NodeName;
use crate::message::Delivery;
use crate::packet::ClientId;
use crate::session::Detach;
use crate::storage::Stored;

/// Between tries.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Code of the refusal of messages for a Session that has ended, or is somewhere else again.
pub const NOT_HERE: &str = "not_here";

/// Code of the refusal of messages for a Session of which the owner has not settled yet that all come to it.
pub const NOT_SETTLED: &str = "not_settled";

/// How often it is asked who owns a Session that is not where it was said to be, before it counts as ended.
const OWNER_TRIES: usize = 50;

/// What became of messages for an owner.
enum Brought {
    Yes,
    /// The Session has ended, so nobody waits for them.
    Ended,
    /// This node owns the Session.
    Here,
}

/// Why a node did not take messages.
enum NotBrought {
    NotThere,
    OwnerDied,
}

/// Why it is not certain yet that all messages of a Session come to its owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSettled {
    /// The nodes that see each other are not the same for both.
    #[error("the owner does not see the same nodes yet")]
    View,
    /// A node holds it up.
    #[error(transparent)]
    Barrier(#[from] BarrierError),
}

/// Who owns a Session by now.
enum OwnerNow {
    Other(NodeName),
    ThisNode,
    /// It has ended.
    Nobody,
}

/// Why a Session does not take the messages of its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AbsorbError {
    /// It has ended, or is somewhere else again.
    #[error("the Session is not here")]
    NotHere,
    /// It moves: to be asked again.
    #[error("the Session is on its way")]
    Busy,
}

impl Broker {
    /// Gives this node's copy of a Session up: its client is disconnected with 0x8E, its Will is not published, and its
    /// messages go to the owner. Until that has them they stay here.
    ///
    /// # Errors
    /// When the copy here is the newer one, or on its way here.
    pub fn yield_session(self: &Arc<Self>, request: &YieldRequest) -> Result<(), HandoverError> {
        let found = ClientId::new(&request.client_id).and_then(|id| self.sessions.get(&id));
        let (Some(session), Ok(owner)) = (found, NodeName::new(&request.owner)) else {
            return Ok(());
        };
        {
            let mut state = session.lock();
            if !may_be_taken(&session, &state, request.epoch)? {
                return Ok(());
            }
            let was_moving = self.forget_handed_over(&session);
            if session.phase() == CellPhase::HandedOver && !was_moving {
                // It is being given up already.
                return Ok(());
            }
            state.session.clear_will();
            // Without a Will nothing is left to be done.
            self.displace(&session, &mut state, Detach::TakenOver, &mut Vec::new());
            session.set_phase(&mut state, CellPhase::HandedOver);
        }
        self.metrics.sessions_merged.inc();
        tokio::spawn(Arc::clone(self).bring_to(owner, session));
        Ok(())
    }

    async fn bring_to(self: Arc<Self>, mut owner: NodeName, session: SessionHandle) {
        // First those that peers could not send here before, and that nothing more comes here only: nodes see each other
        // again one after the other, and each may have something for this copy.
        match self.bring_on(&mut owner, &session, &[], true).await {
            Brought::Here => return self.take_back(&session),
            Brought::Yes | Brought::Ended => {}
        }
        self.settle_held_back();
        session.lock().session.mark();
        let mut messages = undelivered(&session);
        loop {
            if !messages.is_empty() {
                match self.bring_on(&mut owner, &session, &messages, false).await {
                    Brought::Here => return self.take_back(&session),
                    Brought::Yes | Brought::Ended => {}
                }
            }
            let mut state = session.lock();
            messages = state.session.take_since_mark();
            if messages.is_empty() {
                session.set_phase(&mut state, CellPhase::Gone);
                break;
            }
        }
        self.drop_stale(&session);
    }

    /// Gives the messages to the owner, wherever that is by now.
    async fn bring_on(
        &self,
        owner: &mut NodeName,
        session: &SessionHandle,
        messages: &[Delivery],
        is_first: bool,
    ) -> Brought {
        loop {
            match self.bring(owner, session, messages, is_first).await {
                Ok(()) => return Brought::Yes,
                Err(NotBrought::NotThere) => {
                    match self.owner_now(owner, session.client_id()).await {
                        OwnerNow::Other(now) => *owner = now,
                        OwnerNow::Nobody => return Brought::Ended,
                        OwnerNow::ThisNode => return Brought::Here,
                    }
                }
                // Before it had them: what is here is what is left.
                Err(NotBrought::OwnerDied) => return Brought::Here,
            }
        }
    }

    /// Who owns a Session that is not where it was said to be: it may have gone on to a third node.
    async fn owner_now(&self, said: &NodeName, client_id: &ClientId) -> OwnerNow {
        for _ in 0..OWNER_TRIES {
            tokio::time::sleep(RETRY_PAUSE).await;
            match self.registry().owner_of(client_id).await {
                Some(Some(owner)) if owner == self.node_name => return OwnerNow::ThisNode,
                Some(Some(owner)) if owner != *said => return OwnerNow::Other(owner),
                Some(None) => return OwnerNow::Nobody,
                // Its registrar has not heard yet of the end, or of the move, or does not answer.
                Some(Some(_)) | None => {}
            }
        }
        OwnerNow::Nobody
    }

    /// Gives the owner the messages; the first time, once it [has settled](Self::settle_as_owner).
    async fn bring(
        &self,
        owner: &NodeName,
        session: &SessionHandle,
        messages: &[Delivery],
        is_first: bool,
    ) -> Result<(), NotBrought> {
        loop {
            let now = self.clock.now();
            let messages = messages.iter();
            let request = AbsorbRequest {
                client_id: session.client_id().to_string(),
                messages: messages
                    .map(|delivery| convert::delivery_to(delivery, now))
                    .collect(),
                // The present one, each time: it may change before both see the same.
                view: is_first.then(|| self.cluster().membership.view().hash),
            };
            match self.call_until_heard(owner, Request::Absorb(request)).await {
                Ok(_) => return Ok(()),
                Err(CallError::Refused { code, .. }) if code == NOT_HERE => {
                    return Err(NotBrought::NotThere);
                }
                Err(CallError::Refused { code, .. }) if code == NOT_SETTLED => {
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                Err(_) => return Err(NotBrought::OwnerDied),
            }
        }
    }

    /// Makes sure, as the owner of a Session of which `from` has a copy, that all nodes send its messages here, and that
    /// those they have sent to the copy have arrived there. Both must see the same nodes: one that only one of them sees
    /// would be left out.
    ///
    /// # Errors
    /// When they do not, or a node holds the barrier up: to be asked again.
    pub(crate) async fn settle_as_owner(
        self: &Arc<Self>,
        from: &NodeName,
        view: u64,
    ) -> Result<(), NotSettled> {
        if self.cluster().membership.view().hash != view {
            return Err(NotSettled::View);
        }
        self.pass_barrier(from).await?;
        Ok(())
    }

    /// Puts the messages of another node's copy into the Session. That node must keep them until they are stored here.
    ///
    /// # Errors
    /// When it is not here, or on its way between nodes.
    pub(crate) fn absorb(&self, request: AbsorbRequest) -> Result<Stored, AbsorbError> {
        let now = self.clock.now();
        let session = ClientId::new(&request.client_id)
            .and_then(|id| self.sessions.get(&id))
            .ok_or(AbsorbError::NotHere)?;
        let messages = request.messages.into_iter();
        // Messages that make no sense here would make none there either.
        let messages = messages.filter_map(|queued| convert::delivery_from(queued, now).ok());
        let put = session.absorb(messages.collect(), now);
        let put = put.ok_or(AbsorbError::Busy)?;
        self.metrics.dropped_queue_full.add(put.dropped as u64);
        Ok(put.stored)
    }
}
