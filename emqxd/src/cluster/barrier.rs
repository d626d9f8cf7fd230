//! The interest barrier of a session transfer.
//!
//! When it has been passed, every message that any live node accepts from now on reaches the new owner, and every
//! message that was on its way to the old owner only has arrived there. So the old owner's side log is complete, and
//! together with what the new owner collected no message is missing and the order per publisher holds:
//!
//! 1. the new owner has entered the Subscriptions in its index and sent its interest to all peers;
//! 2. each peer applies that interest, lets every routing that began before finish (`quiesce`), and answers when
//!    the old owner has acknowledged all that the peer had sent to it by then.
//!
//! Each answer names the first message that the peer was sure to route to the new owner, so that the new owner can tell
//! which of the copies that both owners hold counts ([`SwitchPoints`]); earlier messages that are still on their way to
//! the new owner are waited for.
//!
//! One round serves all transfers from the same old owner that asked before it began.

use std::sync::Arc;
use std::time::Duration;

use crate::hashing::HashMap;
use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::{BarrierRequest, BarrierResponse, control_response::Response};
use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Acked, CallError, PeerLink};
use crate::membership::NodeName;
use crate::message::MessageId;
use crate::node::broker::Broker;
use crate::session::SwitchPoints;
#[cfg(test)]
use crate::simulation::fault::{self, Fault};

/// A peer that has not answered by then, and is not declared dead, fails the transfer; it is tried again.
const ROUND_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the barrier was not passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the interest barrier was not passed: {0}")]
pub struct BarrierError(String);

type Passed = Result<Arc<SwitchPoints>, BarrierError>;

type Waiter = oneshot::Sender<Passed>;

/// Rounds under way and who waits for the next, by old owner.
#[derive(Debug, Default)]
pub struct Barriers {
    waiting: Mutex<HashMap<NodeName, Vec<Waiter>>>,
}

impl Broker {
    /// Passes the barrier for a transfer from `old_owner`, whose Subscriptions are in the index already. Returns where
    /// each node has changed over from the old owner to this one.
    ///
    /// # Errors
    /// When a live peer does not answer in time.
    pub async fn pass_barrier(
        self: &Arc<Self>,
        old_owner: &NodeName,
    ) -> Result<Arc<SwitchPoints>, BarrierError> {
        #[cfg(test)]
        if fault::is_on(Fault::BarrierSkipped) {
            return Ok(Arc::default());
        }
        let (waiter, passed) = oneshot::channel();
        let first = {
            let mut waiting = self.barriers.waiting.lock();
            let running = waiting.contains_key(old_owner);
            waiting.entry(old_owner.clone()).or_default().push(waiter);
            !running
        };
        if first {
            tokio::spawn(Arc::clone(self).run_rounds(old_owner.clone()));
        }
        passed
            .await
            .unwrap_or_else(|_| Err(BarrierError("the node is stopping".to_owned())))
    }

    async fn run_rounds(self: Arc<Self>, old_owner: NodeName) {
        loop {
            let waiters = {
                let mut waiting = self.barriers.waiting.lock();
                match waiting.get_mut(&old_owner) {
                    Some(waiters) if !waiters.is_empty() => std::mem::take(waiters),
                    _ => {
                        waiting.remove(&old_owner);
                        return;
                    }
                }
            };
            let result = self.round(&old_owner).await.map(Arc::new);
            for waiter in waiters {
                let _ = waiter.send(result.clone());
            }
        }
    }

    async fn round(&self, old_owner: &NodeName) -> Result<SwitchPoints, BarrierError> {
        let peers = self.links().peers();
        let asked = peers.iter().map(|peer| self.ask(peer, old_owner));
        let own_switch = self.quiesce();
        let own = self.flush_towards(old_owner);
        let (answers, own) = tokio::join!(join_all(asked), own);
        own?;
        let mut switches = SwitchPoints::default();
        switches.insert(own_switch);
        for answer in answers {
            if let Some(switch) = answer? {
                switches.insert(switch);
            }
        }
        Ok(switches)
    }

    /// Where the peer has changed over; `None` when it is dead.
    async fn ask(
        &self,
        peer: &PeerLink,
        old_owner: &NodeName,
    ) -> Result<Option<MessageId>, BarrierError> {
        let request = Request::Barrier(BarrierRequest {
            applied_seq: peer.last_sent(),
            old_owner: old_owner.to_string(),
        });
        match peer.call(request, ROUND_TIMEOUT).await {
            Ok(Response::Barrier(answer)) => {
                timeout(
                    ROUND_TIMEOUT,
                    self.wait_applied(peer.name(), answer.sent_seq),
                )
                .await
                .map_err(|_| BarrierError(format!("{} is slow", peer.name())))?;
                Ok(Some(MessageId {
                    origin: answer.origin,
                    number: answer.first_number,
                }))
            }
            Ok(_) => Err(BarrierError(format!(
                "{} gave an unexpected answer",
                peer.name()
            ))),
            // A dead peer accepts no messages any more.
            Err(error) if !self.is_live(peer.name()) => {
                tracing::debug!(peer = %peer.name(), ?error, "left out of the barrier: it is dead");
                Ok(None)
            }
            Err(CallError::Refused { message, .. }) => {
                Err(BarrierError(format!("{} answered: {message}", peer.name())))
            }
            Err(_) => Err(BarrierError(format!("{} did not answer", peer.name()))),
        }
    }

    /// What a peer does for the new owner `from`.
    pub async fn serve_barrier(
        &self,
        from: &NodeName,
        request: BarrierRequest,
    ) -> Result<Response, BarrierError> {
        let old_owner =
            NodeName::new(&request.old_owner).map_err(|error| BarrierError(error.to_string()))?;
        self.wait_applied(from, request.applied_seq).await;
        let switch = self.quiesce();
        let sent_seq = self.links().get(from).map_or(0, |link| link.last_sent());
        self.flush_towards(&old_owner).await?;
        Ok(Response::Barrier(BarrierResponse {
            origin: switch.origin,
            first_number: switch.number,
            sent_seq,
        }))
    }

    /// Waits until all that this node had routed when it was last quiesced has reached `old_owner`.
    async fn flush_towards(&self, old_owner: &NodeName) -> Result<(), BarrierError> {
        if *old_owner == self.node_name {
            return Ok(());
        }
        let Some(link) = self.links().get(old_owner) else {
            return Err(BarrierError(format!("{old_owner} is not reachable")));
        };
        let last = link.last_sent();
        if link.is_settled(last) {
            return Ok(());
        }
        match link.wait_acked(last).await {
            Acked::Yes => Ok(()),
            Acked::PeerGone => Err(BarrierError(format!("{old_owner} is gone"))),
        }
    }
}
