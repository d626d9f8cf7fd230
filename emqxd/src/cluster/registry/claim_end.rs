//! How a claim ends, on the side of its claimant: committed or given up, by whichever node is registrar by then.

use emqx_proto::peer::v1::CommitRequest;
use tokio::time::Instant;

use super::{Claim, LAPSED, Lapsed, RETRY_PAUSE, Registry};
use crate::membership::registrar::CLAIM_LEASE;

impl Registry {
    /// Makes this node the owner, which `has_moved` the Session here, or has found none.
    ///
    /// When nodes have come or gone since the claim, another node may be registrar now. Then the claim is made again, where
    /// it counts.
    ///
    /// # Errors
    /// When the claim is not outstanding any more.
    pub async fn commit(&self, claim: &Claim, has_moved: bool) -> Result<(), Lapsed> {
        let mut present = claim.clone();
        loop {
            let committed = self.commit_until_heard(&present, !has_moved).await;
            // First: a registrar that is new from here on is told of the Session.
            self.moving.lock().remove(&claim.client_id);
            if committed.is_err() || self.is_registrar(&present) {
                return committed;
            }
            self.note_moving(claim);
            let again = self.claim_again(claim).await;
            let Ok(again) = again else {
                self.moving.lock().remove(&claim.client_id);
                return Err(Lapsed);
            };
            present = again;
        }
    }

    /// The same claim, made to another registrar.
    async fn claim_again(&self, claim: &Claim) -> Result<Claim, Lapsed> {
        // Under the same token: a registrar that has granted it before grants it again.
        let again = self.claim_as(&claim.client_id, claim.token).await;
        let again = again.map_err(|_| Lapsed)?;
        // The former owner has told the registrar that it still has what this node has taken over from it.
        let is_ours = again
            .owner
            .as_ref()
            .is_none_or(|owner| *owner == self.node_name || Some(owner) == claim.owner.as_ref());
        if !is_ours {
            self.abandon(&again).await;
            return Err(Lapsed);
        }
        let broker = self.broker.upgrade();
        if let Some(session) = broker.and_then(|broker| broker.sessions.get(&claim.client_id)) {
            session.lock().epoch = again.epoch;
        }
        Ok(again)
    }

    fn is_registrar(&self, claim: &Claim) -> bool {
        let view = self.membership.view();
        *view.registrar_of(claim.client_id.as_str()) == claim.registrar
    }

    /// Asks again and again: a registrar that does not hear it drops the claim at the end of its lease, and lets others have
    /// the Session from its former owner. Until another node is registrar, or the lease is over in any case.
    async fn commit_until_heard(&self, claim: &Claim, took_nothing: bool) -> Result<(), Lapsed> {
        let deadline = Instant::now() + CLAIM_LEASE;
        while self.is_registrar(claim) {
            let request = CommitRequest {
                client_id: claim.client_id.to_string(),
                epoch: claim.epoch,
                abandon: false,
                token: 0,
                took_nothing,
            };
            let told = self.tell_end(&claim.registrar, &claim.client_id, request);
            match told.await {
                Ok(()) => return Ok(()),
                Err((code, _)) if code == LAPSED => return Err(Lapsed),
                Err(_) if Instant::now() >= deadline => return Err(Lapsed),
                Err((_, error)) => {
                    tracing::debug!(client_id = %claim.client_id, registrar = %claim.registrar, error,
                        "the registrar did not hear of a new owner");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
        Ok(())
    }

    /// Until a claim to a Session of another node is settled, that node is the owner.
    pub(super) fn note_moving(&self, claim: &Claim) {
        let is_elsewhere = claim
            .owner
            .as_ref()
            .is_some_and(|owner| *owner != self.node_name);
        if is_elsewhere {
            let mut moving = self.moving.lock();
            let epoch = moving.entry(claim.client_id.clone()).or_insert(u64::MAX);
            *epoch = (*epoch).min(claim.epoch);
        }
    }

    /// Gives a claim up: the present owner stays.
    pub async fn abandon(&self, claim: &Claim) {
        self.moving.lock().remove(&claim.client_id);
        let request = CommitRequest {
            client_id: claim.client_id.to_string(),
            epoch: claim.epoch,
            abandon: true,
            ..CommitRequest::default()
        };
        // One that does not hear it drops the claim at the end of its lease.
        let _ = self
            .tell_end(&claim.registrar, &claim.client_id, request)
            .await;
    }
}
