//! How a Session moves to this node: its client has connected here (takeover), or its node sends it away
//! (migration). See the design of session transfer in ARCHITECTURE.md.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::{
    MigrateRequest, MigrateResponse, MigrateResult, SessionState as WireState, SideLog,
    TransferAbort, TransferBegin, TransferCommit, TransferFinish, TransferState,
};
use futures_util::StreamExt;
use futures_util::stream;

use super::barrier::BarrierError;
use super::call_table::BUSY;
use super::convert::{self, InvalidFromPeer};
use super::registry::{Claim, ClaimError, Lapsed};
use super::{CallError, PeerLink};
use crate::membership::NodeName;
use crate::node::broker::Broker;
use crate::node::import::{GivenBefore, Imported};
use crate::packet::ClientId;
use crate::storage::Stored;

/// For each step; the old owner keeps everything when one fails.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// Sessions of one migration request under way at once.
const MIGRATIONS_MAX: usize = 128;

/// Between tries to tell a node what it must hear.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// How often the registrar is asked whose a Session is after a claim to it has lapsed.
const OWNER_TRIES: usize = 50;

/// Why a Session did not move. It is still where it was.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The old owner is live, and there is no link to it.
    #[error("no link to its node")]
    NoLink,
    /// The old owner has died since the claim was granted: who has its Sessions now is to be asked again.
    #[error("its node is gone")]
    OwnerGone,
    /// The old owner did not answer, or refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A live peer held the barrier up.
    #[error(transparent)]
    Barrier(#[from] BarrierError),
    /// The state makes no sense here.
    #[error(transparent)]
    Invalid(#[from] InvalidFromPeer),
    /// The registrar does not answer.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// It took too long.
    #[error(transparent)]
    Lapsed(#[from] Lapsed),
    /// It was not stored here.
    #[error("the disk does not take it")]
    NotStored,
    /// By now the Session is somewhere else.
    #[error("the Session is now on {0}")]
    Elsewhere(String),
}

/// A Session that has moved here and is live; `settle` makes it final.
#[derive(Debug)]
pub struct Moved {
    /// In its place.
    pub imported: Imported,
    /// Messages that came with it.
    pub messages: u64,
    old_owner: NodeName,
}

impl Broker {
    /// Takes the Session of a claimed Client Identifier over from its present owner. `None` when there is none to
    /// go on with (also after `clean_start`, which ends it there). The claim is still to be committed.
    ///
    /// # Errors
    /// When it cannot be had now; the old owner serves it on.
    pub async fn take_over(
        self: &Arc<Self>,
        claim: &Claim,
        owner: &NodeName,
        clean_start: bool,
    ) -> Result<Option<Moved>, TakeoverError> {
        self.pull(claim, owner, clean_start, false).await
    }

    /// Makes the move final: the registrar switches the ownership, and only then the old owner lets go.
    ///
    /// # Errors
    /// When the claim has lapsed: the old owner, or whoever claimed it since, has the Session, and what is here is not to
    /// be served. A Session that moved here is gone again.
    pub async fn settle(
        self: &Arc<Self>,
        claim: &Claim,
        moved: Option<Moved>,
    ) -> Result<(), Lapsed> {
        let committed = self.registry().commit(claim, moved.is_some()).await;
        if let Some(moved) = moved {
            if committed.is_ok() {
                let given = self.settle_import(moved.imported);
                self.tell_committed(moved.old_owner, self.commit_message(claim), given);
            } else {
                self.abandon_import(moved.imported, &moved.old_owner);
                tokio::spawn(Arc::clone(self).end_lapsed(claim.clone(), moved.old_owner));
            }
        }
        committed
    }

    /// Tells the old owner how a transfer ended of which the claim is not outstanding any more. It may have been committed, and
    /// only the answer was lost: then the Session may have gone on from here to another node, and is not to be served where it
    /// was before.
    async fn end_lapsed(self: Arc<Self>, claim: Claim, old_owner: NodeName) {
        let mut owner = None;
        for _ in 0..OWNER_TRIES {
            owner = self.registry().owner_of(&claim.client_id).await;
            if owner.is_some() || !self.is_live(&old_owner) {
                break;
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        let message = match owner.flatten() {
            Some(owner) if owner != old_owner => self.commit_message(&claim),
            _ => self.abort_message(&claim),
        };
        self.tell_owner(old_owner, message);
    }

    /// Takes over Sessions without a client that `from` sends away.
    pub async fn migrate_in(
        self: &Arc<Self>,
        from: &NodeName,
        request: MigrateRequest,
    ) -> Response {
        let results = stream::iter(request.client_ids)
            .map(|client_id| async move {
                match self.migrate_one(from, &client_id).await {
                    Ok(messages) => MigrateResult {
                        client_id,
                        error: String::new(),
                        messages,
                    },
                    Err(error) => MigrateResult {
                        client_id,
                        error: error.to_string(),
                        messages: 0,
                    },
                }
            })
            .buffer_unordered(MIGRATIONS_MAX)
            .collect()
            .await;
        Response::Migrate(MigrateResponse { results })
    }

    async fn migrate_one(
        self: &Arc<Self>,
        from: &NodeName,
        client_id: &str,
    ) -> Result<u64, TakeoverError> {
        let client_id = ClientId::new(client_id).ok_or(InvalidFromPeer("Client Identifier"))?;
        let claim = self.registry().claim(&client_id).await?;
        if claim.owner.as_ref() != Some(from) {
            let owner = claim
                .owner
                .as_ref()
                .map_or_else(|| "no node".to_owned(), ToString::to_string);
            self.registry().abandon(&claim).await;
            return Err(TakeoverError::Elsewhere(owner));
        }
        match self.pull(&claim, from, false, true).await {
            Ok(moved) => {
                let messages = moved.as_ref().map_or(0, |moved| moved.messages);
                self.settle(&claim, moved).await?;
                self.metrics.sessions_moved_in.inc();
                Ok(messages)
            }
            Err(error) => {
                self.registry().abandon(&claim).await;
                Err(error)
            }
        }
    }

    async fn pull(
        self: &Arc<Self>,
        claim: &Claim,
        owner: &NodeName,
        discard: bool,
        migration: bool,
    ) -> Result<Option<Moved>, TakeoverError> {
        let Some(link) = self.links().get(owner) else {
            return Err(if self.is_live(owner) {
                TakeoverError::NoLink
            } else {
                TakeoverError::OwnerGone
            });
        };
        let _turn = link.begin_transfer(STEP_TIMEOUT).await?;
        let begin = TransferBegin {
            client_id: claim.client_id.to_string(),
            epoch: claim.epoch,
            discard,
            migration,
        };
        let Response::TransferState(TransferState {
            found: true,
            state: Some(state),
        }) = link
            .call(Request::TransferBegin(begin), STEP_TIMEOUT)
            .await?
        else {
            return Ok(None);
        };
        match self.carry(claim, owner, &link, state).await {
            Ok((imported, messages)) => Ok(Some(Moved {
                imported,
                messages,
                old_owner: owner.clone(),
            })),
            Err(error) => {
                self.tell_owner(owner.clone(), self.abort_message(claim));
                Err(error)
            }
        }
    }

    async fn carry(
        self: &Arc<Self>,
        claim: &Claim,
        owner: &NodeName,
        link: &PeerLink,
        state: WireState,
    ) -> Result<(Imported, u64), TakeoverError> {
        let state = convert::session_from(state, self.clock.now())?;
        let mut messages = (state.queue.len() + state.inflight.len()) as u64;
        let mut imported = self.import(state, claim.epoch);
        let side_log = async {
            let switches = self.pass_barrier(owner).await?;
            let finish = TransferFinish {
                client_id: claim.client_id.to_string(),
                epoch: claim.epoch,
            };
            match link
                .call(Request::TransferFinish(finish), STEP_TIMEOUT)
                .await?
            {
                Response::SideLog(SideLog { messages }) => {
                    let now = self.clock.now();
                    let side_log = messages
                        .into_iter()
                        .map(|queued| convert::delivery_from(queued, now))
                        .collect::<Result<Vec<_>, _>>()?;
                    Ok((side_log, switches))
                }
                _ => Err(InvalidFromPeer("answer to TransferFinish").into()),
            }
        };
        let finished = match side_log.await {
            Ok((side_log, switches)) => {
                messages += side_log.len() as u64;
                self.stored(self.finish_import(&mut imported, side_log, &switches))
                    .await
            }
            Err(error) => Err(error),
        };
        match finished {
            Ok(()) => Ok((imported, messages)),
            Err(error) => {
                self.abandon_import(imported, owner);
                Err(error)
            }
        }
    }

    async fn stored(&self, stored: Stored) -> Result<(), TakeoverError> {
        let committed = tokio::time::timeout(STEP_TIMEOUT, self.disk.wait(stored.commit)).await;
        if stored.is_missed || committed.is_err() {
            return Err(TakeoverError::NotStored);
        }
        Ok(())
    }

    fn commit_message(&self, claim: &Claim) -> Request {
        Request::TransferCommit(TransferCommit {
            client_id: claim.client_id.to_string(),
            epoch: claim.epoch,
        })
    }

    fn abort_message(&self, claim: &Claim) -> Request {
        Request::TransferAbort(TransferAbort {
            client_id: claim.client_id.to_string(),
            epoch: claim.epoch,
        })
    }

    /// Tells the old owner how the transfer ended.
    fn tell_owner(self: &Arc<Self>, owner: NodeName, message: Request) {
        let broker = Arc::clone(self);
        tokio::spawn(async move {
            // One that has died has nothing to end.
            let _ = broker.call_until_heard(&owner, message).await;
        });
    }

    /// Tells the old owner that it is to let go. One that has died may come back with what it has given.
    fn tell_committed(self: &Arc<Self>, owner: NodeName, message: Request, given: GivenBefore) {
        let broker = Arc::clone(self);
        tokio::spawn(async move {
            if broker.call_until_heard(&owner, message).await.is_ok() {
                given.forget();
            }
        });
    }

    /// Asks a node again and again until it has answered or is dead.
    ///
    /// # Errors
    /// When it refuses and would go on to, or is dead.
    pub(crate) async fn call_until_heard(
        &self,
        node: &NodeName,
        request: Request,
    ) -> Result<Response, CallError> {
        loop {
            let answer = match self.links().get(node) {
                Some(link) => link.call(request.clone(), STEP_TIMEOUT).await,
                None => Err(CallError::Unreachable),
            };
            match answer {
                Ok(_) => return answer,
                Err(CallError::Refused { ref code, .. }) if code != BUSY => return answer,
                Err(_) if !self.is_live(node) => return Err(CallError::Unreachable),
                Err(_) => tokio::time::sleep(RETRY_PAUSE).await,
            }
        }
    }
}
