//! Which node owns which Client Identifier: every identifier has a registrar among the live nodes, found by hashing.
//!
//! A claim is granted only by a registrar that has heard from every live node, in the present view, what it owns:
//! otherwise a client that connects just after a node joined or left would find its Session missing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::{
    ClaimRequest, ClaimResponse, CommitRequest, Done, LookupRequest, LookupResponse,
    ReleaseRequest, YieldRequest,
};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::membership::Membership;
use super::{CallError, PeerLinks};
use crate::hashing::HashMap;
use crate::membership::NodeName;
use crate::membership::registrar::{ClaimOutcome, ClaimToken, Displaced, Grant, Registrar};
use crate::memory_reclaim::Table;
use crate::node::broker::Broker;
use crate::packet::ClientId;
use crate::time::Timestamp;
use crate::watch;

mod announcing;
mod claim_end;

use announcing::Announced;

/// A client waits this long for its CONNACK before it is told to try again.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(15);

/// One try: the view may change in between.
const TRY_TIMEOUT: Duration = Duration::from_secs(6);

/// A registrar waits this long for a view to be complete before it tells the claimant to ask again.
const VIEW_TIMEOUT: Duration = Duration::from_secs(5);

/// A registrar that sees other members than the claimant waits this long to see the same.
const BEHIND_TIMEOUT: Duration = Duration::from_millis(500);

const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// How often claims whose lease has ended are looked for.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// Peers that have not announced what they own are asked for it after one such interval, and again each time that so many
/// more have passed.
const ASK_EVERY: u32 = 5;

/// Code of the refusal of a claim that a newer one replaced.
const SUPERSEDED: &str = "superseded";

/// Code of the refusal of a commit whose claim is not outstanding any more.
const LAPSED: &str = "lapsed";

/// A granted claim; it must be committed or abandoned.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What was claimed.
    pub client_id: ClientId,
    /// The epoch granted: higher than any before.
    pub epoch: u64,
    /// Who owns the Session now.
    pub owner: Option<NodeName>,
    registrar: NodeName,
    token: ClaimToken,
}

/// Why no claim was granted; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Another connection of the same client came later.
    #[error("a newer connection of the same client was preferred")]
    Superseded,
    /// Neither an answer nor a settled view within the limit.
    #[error("the registrar did not answer in time")]
    Timeout,
}

/// The claim is not outstanding any more: its lease has ended, or the registrar is another one. Somebody else may own the
/// Session by now, so it must not be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it took so long that the claim to the Session has lapsed")]
pub struct Lapsed;

/// The refusal of a commit, with its code.
pub fn refused(lapsed: Lapsed) -> (String, String) {
    (LAPSED.to_owned(), lapsed.to_string())
}

/// Takes the answer to a claim; `None` when it cannot come any more.
type ClaimAnswer = oneshot::Sender<Option<ClaimResponse>>;

/// The registrar of this node, and the way to the others.
pub struct Registry {
    broker: Weak<Broker>,
    node_name: NodeName,
    membership: Arc<Membership>,
    links: Arc<PeerLinks>,
    registrar: Mutex<Registrar>,
    /// Who waits for a grant of this registrar, by claimant and token.
    waiting: Mutex<HashMap<(NodeName, ClaimToken), ClaimAnswer>>,
    /// Client Identifiers that this node has claimed from another owner, until that is settled, each with the epoch of the
    /// claim.
    moving: Mutex<HashMap<ClientId, u64>>,
    /// The highest epoch that this node has heard of.
    highest_epoch: AtomicU64,
    /// Each peer's latest round of announcements that has come whole, and the view that it was for.
    announced: Mutex<HashMap<NodeName, Announced>>,
    /// Hash of the view in which this node has said what it owns; 0 = not yet in the present one.
    own_view: AtomicU64,
    /// Hash of the view in which this registrar may grant; 0 = none yet.
    complete: watch::Sender<u64>,
    next_token: AtomicU64,
    /// Of this node's announcements. Begins at its incarnation, so that it grows over restarts too.
    next_round: AtomicU64,
}

impl Registry {
    /// The registrar of this node. It grants nothing before the first `run` round.
    pub fn new(broker: &Arc<Broker>, membership: Arc<Membership>, links: Arc<PeerLinks>) -> Self {
        Self {
            broker: Arc::downgrade(broker),
            node_name: broker.node_name.clone(),
            membership,
            links,
            registrar: Mutex::new(Registrar::of(&broker.node_name, broker.incarnation)),
            waiting: Mutex::default(),
            moving: Mutex::default(),
            highest_epoch: AtomicU64::new(0),
            announced: Mutex::default(),
            own_view: AtomicU64::new(0),
            complete: watch::Sender::new(0),
            next_token: AtomicU64::new(1),
            next_round: AtomicU64::new(broker.incarnation),
        }
    }

    fn note_epoch(&self, epoch: u64) {
        self.highest_epoch.fetch_max(epoch, Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        self.broker
            .upgrade()
            .map_or_else(Timestamp::default, |broker| broker.clock.now())
    }

    /// Claims a Client Identifier from its registrar, wherever that is.
    ///
    /// # Errors
    /// When no registrar grants it in time, or a newer connection of the client came.
    pub async fn claim(&self, client_id: &ClientId) -> Result<Claim, ClaimError> {
        let token = self.next_token.fetch_add(1, Ordering::Relaxed);
        self.claim_as(client_id, token).await
    }

    async fn claim_as(&self, client_id: &ClientId, token: ClaimToken) -> Result<Claim, ClaimError> {
        let deadline = Instant::now() + CLAIM_TIMEOUT;
        loop {
            let view = self.membership.view();
            let registrar = view.registrar_of(client_id.as_str()).clone();
            let request = ClaimRequest {
                client_id: client_id.to_string(),
                view: view.hash,
                token,
                known_epoch: self.highest_epoch.load(Ordering::Relaxed),
            };
            let answer = if registrar == self.node_name {
                self.serve_claim(&self.node_name, client_id, &request).await
            } else {
                Box::pin(self.call(&registrar, Request::Claim(request))).await
            };
            match answer {
                Ok(Response::Claim(granted)) => {
                    self.note_epoch(granted.epoch);
                    let owner = NodeName::new(&granted.owner).ok();
                    let claim = Claim {
                        client_id: client_id.clone(),
                        epoch: granted.epoch,
                        owner,
                        registrar,
                        token,
                    };
                    self.note_moving(&claim);
                    return Ok(claim);
                }
                Err((code, _)) if code == SUPERSEDED => return Err(ClaimError::Superseded),
                _ if Instant::now() >= deadline => {
                    self.withdraw(&registrar, client_id, token).await;
                    return Err(ClaimError::Timeout);
                }
                _ => tokio::time::sleep(RETRY_PAUSE).await,
            }
        }
    }

    /// A claim whose answer did not come may have been granted all the same: the next one need not wait for its lease.
    async fn withdraw(&self, registrar: &NodeName, client_id: &ClientId, token: ClaimToken) {
        let request = CommitRequest {
            client_id: client_id.to_string(),
            abandon: true,
            token,
            ..CommitRequest::default()
        };
        // One that cannot be reached drops the claim at the end of its lease.
        let _ = self.tell_end(registrar, client_id, request).await;
    }

    async fn tell_end(
        &self,
        registrar: &NodeName,
        client_id: &ClientId,
        request: CommitRequest,
    ) -> Result<(), (String, String)> {
        if *registrar == self.node_name {
            return self
                .serve_commit(&self.node_name, client_id, &request)
                .map_err(refused);
        }
        Box::pin(self.call(registrar, Request::Commit(request))).await?;
        Ok(())
    }

    /// Which node owns a Session, as its registrar knows; `None` when that does not answer, or its view is not settled.
    pub async fn owner_of(&self, client_id: &ClientId) -> Option<Option<NodeName>> {
        let view = self.membership.view();
        if *self.complete.borrow() != view.hash {
            return None;
        }
        let registrar = view.registrar_of(client_id.as_str()).clone();
        let request = LookupRequest {
            client_id: client_id.to_string(),
        };
        let answer = if registrar == self.node_name {
            self.serve_lookup(&request)
        } else {
            self.call(&registrar, Request::Lookup(request)).await.ok()?
        };
        match answer {
            Response::Lookup(found) => Some(NodeName::new(&found.owner).ok()),
            _ => None,
        }
    }

    /// Waits until all live nodes have said what they own, each after it has taken over what is its to take over of those
    /// who are gone.
    pub async fn settled(&self) {
        let mut complete = self.complete.subscribe();
        let is_settled = |complete: &u64| *complete == self.membership.view().hash;
        // It lasts as long as this.
        let _ = complete.wait_for(is_settled).await;
    }

    /// Tells the registrar, in the background, that a Session has ended.
    pub fn release(self: &Arc<Self>, client_id: &ClientId, epoch: u64) {
        let view = self.membership.view();
        let registrar = view.registrar_of(client_id.as_str()).clone();
        let request = ReleaseRequest {
            client_id: client_id.to_string(),
            epoch,
        };
        if registrar == self.node_name {
            self.serve_release(&self.node_name, &request);
            return;
        }
        let registry = Arc::clone(self);
        tokio::spawn(async move {
            // A registrar that misses it names this node as owner once more, which then has nothing to hand over.
            let _ = registry.call(&registrar, Request::Release(request)).await;
        });
    }

    async fn call(&self, node: &NodeName, request: Request) -> Result<Response, (String, String)> {
        let Some(link) = self.links.get(node) else {
            return Err(("unreachable".to_owned(), format!("{node} is not reachable")));
        };
        link.call(request, TRY_TIMEOUT)
            .await
            .map_err(|error| match error {
                CallError::Refused { code, message } => (code, message),
                other => ("unreachable".to_owned(), other.to_string()),
            })
    }

    /// Waits until this registrar may grant in that view. False when it does not come to that.
    async fn settles_in(&self, view: u64, deadline: Instant) -> bool {
        let mut views = self.membership.watch();
        // The claimant may be ahead, and may as well be behind: then it is not to wait for a view that is over.
        let same = views.wait_for(|seen| seen.hash == view);
        let behind = deadline.min(Instant::now() + BEHIND_TIMEOUT);
        if timeout_at(behind, same).await.is_err() {
            return false;
        }
        let mut complete = self.complete.subscribe();
        let settled = complete.wait_for(|complete| *complete == view);
        tokio::select! {
            biased;
            settled = timeout_at(deadline, settled) => settled.is_ok(),
            _ = views.wait_for(|seen| seen.hash != view) => false,
        }
    }

    /// Serves a claim as registrar, to a node that sees the same view. Answered when it is granted. The
    /// registrar keeps this very Client Identifier: on the node of its Session the two share one text.
    ///
    /// # Errors
    /// With a code: the claimant sees another view, waited too long, or was superseded.
    pub async fn serve_claim(
        &self,
        from: &NodeName,
        client_id: &ClientId,
        request: &ClaimRequest,
    ) -> Result<Response, (String, String)> {
        let (view, token) = (request.view, request.token);
        let other_view = || {
            (
                "view".to_owned(),
                format!("{} does not see the same members yet", self.node_name),
            )
        };
        let deadline = Instant::now() + VIEW_TIMEOUT;
        if !self.settles_in(view, deadline).await {
            return Err(other_view());
        }
        let key = (from.clone(), token);
        let (granted, wait) = oneshot::channel();
        let claim = {
            let mut registrar = self.registrar.lock();
            // What those own who are gone by now is about to be forgotten, and is not known to others yet.
            if *self.complete.borrow() != view {
                return Err(other_view());
            }
            let claim = registrar.claim(client_id, from, token, request.known_epoch, self.now());
            if claim.outcome == ClaimOutcome::Waiting {
                self.waiting.lock().insert(key.clone(), granted);
            }
            claim
        };
        if let Some(superseded) = claim.superseded {
            self.wake(&superseded.claimant, superseded.token, None);
        }
        let response = match claim.outcome {
            ClaimOutcome::Granted { epoch, owner } => Some(claim_response(epoch, owner)),
            ClaimOutcome::Waiting => match timeout_at(deadline, wait).await {
                Ok(Ok(granted)) => granted,
                // Handed back.
                Ok(Err(_)) => return Err(other_view()),
                Err(_) => {
                    self.waiting.lock().remove(&key);
                    let next = self
                        .registrar
                        .lock()
                        .withdraw(client_id, from, token, self.now());
                    self.grant(next);
                    return Err(("busy".to_owned(), "another claim is under way".to_owned()));
                }
            },
        };
        response.map(Response::Claim).ok_or_else(|| {
            (
                SUPERSEDED.to_owned(),
                "a newer connection of the same client came".to_owned(),
            )
        })
    }

    /// Serves the end of a claim as registrar: the claimant is the owner now, or has given the claim up.
    ///
    /// # Errors
    /// When it cannot become the owner any more.
    pub fn serve_commit(
        &self,
        from: &NodeName,
        client_id: &ClientId,
        request: &CommitRequest,
    ) -> Result<(), Lapsed> {
        let now = self.now();
        if request.abandon {
            let next = {
                let mut registrar = self.registrar.lock();
                match request.epoch {
                    0 => registrar.withdraw(client_id, from, request.token, now),
                    epoch => registrar.abandon(client_id, epoch, from, now),
                }
            };
            self.grant(next);
            return Ok(());
        }
        let (former, commit) = {
            let mut registrar = self.registrar.lock();
            let former = registrar.lookup(client_id);
            (
                former,
                registrar.commit(client_id, request.epoch, from, now),
            )
        };
        self.grant(commit.next);
        let left_there = former.filter(|(former, _)| {
            commit.accepted && request.took_nothing && former != from && commit.displaced.is_none()
        });
        self.displace(commit.displaced);
        self.displace(left_there.map(|(loser, loser_epoch)| Displaced {
            client_id: client_id.clone(),
            loser,
            loser_epoch,
            winner: from.clone(),
            winner_epoch: request.epoch,
        }));
        if commit.accepted { Ok(()) } else { Err(Lapsed) }
    }

    /// Serves the end of a Session as registrar.
    pub fn serve_release(&self, from: &NodeName, request: &ReleaseRequest) -> Response {
        if let Some(client_id) = ClientId::new(&request.client_id) {
            self.registrar
                .lock()
                .release(&client_id, request.epoch, from);
        }
        Response::Done(Done {})
    }

    /// Serves a question as registrar.
    pub fn serve_lookup(&self, request: &LookupRequest) -> Response {
        let found = ClientId::new(&request.client_id)
            .and_then(|client_id| self.registrar.lock().lookup(&client_id));
        let (owner, epoch) = found.map_or_else(
            || (String::new(), 0),
            |(owner, epoch)| (owner.to_string(), epoch),
        );
        Response::Lookup(LookupResponse { owner, epoch })
    }

    /// Gives room back that a table has too much of; whether it did. `None` when there is no table of this number.
    pub fn cut_down(&self, table: usize) -> Option<bool> {
        match table.checked_sub(1) {
            None => Some(self.waiting.lock().cut_down()),
            Some(table) => self.registrar.lock().cut_down(table),
        }
    }

    fn grant(&self, grants: impl IntoIterator<Item = Grant>) {
        for grant in grants {
            let response = claim_response(grant.epoch, grant.owner);
            self.wake(&grant.claimant, grant.token, Some(response));
        }
    }

    fn wake(&self, claimant: &NodeName, token: ClaimToken, response: Option<ClaimResponse>) {
        if let Some(waiter) = self.waiting.lock().remove(&(claimant.clone(), token)) {
            let _ = waiter.send(response);
        }
    }

    /// Two nodes owned one Session, each for itself, until they saw each other: the newer one stays, and the other one's
    /// messages go there.
    fn displace(&self, displaced: impl IntoIterator<Item = Displaced>) {
        let displaced: Vec<_> = displaced.into_iter().collect();
        if let Some(first) = displaced.first() {
            tracing::warn!(count = displaced.len(), client_id = %first.client_id, loser = %first.loser,
                winner = %first.winner, "Sessions were on two nodes");
        }
        for displaced in displaced {
            let Some(broker) = self.broker.upgrade() else {
                return;
            };
            let request = YieldRequest {
                client_id: displaced.client_id.to_string(),
                epoch: displaced.winner_epoch,
                owner: displaced.winner.to_string(),
            };
            // Not from here: the caller may hold locks of the Session.
            tokio::spawn(async move {
                if displaced.loser == broker.node_name {
                    // One that is newer than the registrar knows stays.
                    let _ = broker.yield_session(&request);
                } else {
                    let request = Request::YieldSession(request);
                    let _ = broker.call_until_heard(&displaced.loser, request).await;
                }
            });
        }
    }

    /// Follows the view until `stop` turns true: announces what this node owns, and drops what dead nodes did.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut views = self.membership.watch();
        let mut before = Vec::new();
        let mut expiry = tokio::time::interval(EXPIRY_INTERVAL);
        let mut incomplete_for = 0;
        loop {
            let view = views.borrow_and_update().clone();
            let members: Vec<_> = view
                .nodes
                .values()
                .map(|info| (info.name.clone(), info.incarnation))
                .collect();
            if members != before {
                // Nothing is granted in a view that is over, to a node that still sees it: what those who have gone owned
                // is forgotten, and may be about to be served by another one.
                self.own_view.store(0, Ordering::Release);
                self.complete.send_replace(0);
                for (gone, _) in before.iter().filter(|member| !members.contains(member)) {
                    // What it has announced is forgotten, so it counts as not announced.
                    self.announced.lock().remove(gone);
                    let handed_back = self.registrar.lock().node_gone(gone);
                    let mut waiting = self.waiting.lock();
                    for waiter in handed_back {
                        waiting.remove(&(waiter.claimant, waiter.token));
                    }
                }
                if let Some(broker) = self.broker.upgrade() {
                    broker.promote_copies().await;
                }
                self.announce(&view);
                self.own_view.store(view.hash, Ordering::Release);
                self.check_complete();
                before = members;
                incomplete_for = 0;
            }
            tokio::select! {
                biased;
                changed = views.changed() => if changed.is_err() { return },
                _ = expiry.tick() => {
                    self.expire_claims(self.now());
                    if *self.complete.borrow() != view.hash {
                        incomplete_for += 1;
                        if incomplete_for % ASK_EVERY == 1 {
                            self.ask_for_announcements(&view);
                        }
                    }
                }
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Ends the claims whose lease is over by `now`, as registrar.
    pub(crate) fn expire_claims(&self, now: Timestamp) {
        let grants = self.registrar.lock().expire(now);
        self.grant(grants);
    }
}

fn claim_response(epoch: u64, owner: Option<(NodeName, u64)>) -> ClaimResponse {
    let (owner, owner_epoch) = owner.map_or_else(
        || (String::new(), 0),
        |(owner, epoch)| (owner.to_string(), epoch),
    );
    ClaimResponse {
        epoch,
        owner,
        owner_epoch,
    }
}
