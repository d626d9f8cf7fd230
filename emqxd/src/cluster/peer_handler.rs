//! What a peer's items and requests mean to this node's broker.

use std::sync::Arc;
use std::time::Duration;

use crate::hashing::HashMap;
use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::data_item::Item;
use emqx_proto::peer::v1::{
    AdminResponse, DataItem, Done, GroupResponse, InterestSnapshot, Retained, TransferState,
    Undelivered,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use prost::Message as _;
use tokio::time::timeout;

use super::call_table::BUSY;
use super::convert;
use super::former_interest::FormerInterest;
use super::forward_codec;
use super::registry;
use super::replication::{NotTaken, RESEND};
use super::{Items, PeerHandler};
use crate::admin::error::AdminError;
use crate::admin::local;
use crate::membership::NodeName;
use crate::node::broker::Broker;
use crate::node::handover::HandoverError;
use crate::node::two_owners::{AbsorbError, NOT_HERE, NOT_SETTLED};
use crate::packet::ClientId;
use crate::routing::interest::InterestChange;
use crate::routing::retained::RetainedStamp;
use crate::storage::{Store, Stored};
use crate::time::Timestamp;

/// The end of a transfer is stored within that, or its new owner tells it again: sooner than it gives up waiting, so that
/// not ever more of these wait for a disk that takes nothing.
const STORED_WITHIN: Duration = Duration::from_secs(4);

/// Serves peers on behalf of the broker.
pub struct BrokerHandler {
    broker: Arc<Broker>,
    /// Slices of interest snapshots that are not complete yet.
    snapshots: Mutex<HashMap<NodeName, Vec<InterestChange>>>,
    former: FormerInterest,
}

impl BrokerHandler {
    /// For this broker.
    pub fn new(broker: Arc<Broker>) -> Self {
        Self {
            broker,
            snapshots: Mutex::default(),
            former: FormerInterest::default(),
        }
    }

    fn apply(&self, from: &NodeName, item: &[u8], now: Timestamp) -> Stored {
        if item.is_empty() {
            return Stored::default();
        }
        match DataItem::decode(item) {
            Ok(DataItem { item: Some(item) }) => return self.apply_decoded(from, item, now),
            // Of a kind that this version does not know.
            Ok(DataItem { item: None }) => {}
            Err(error) => tracing::warn!(%from, %error, "an item of a peer was left out"),
        }
        Stored::default()
    }

    fn apply_decoded(&self, from: &NodeName, item: Item, now: Timestamp) -> Stored {
        match item {
            // Read by `forward_codec`.
            Item::Forward(_) => {}
            Item::Interest(delta) => {
                for change in convert::interest_changes(delta) {
                    self.former.changes(from, &change);
                    self.broker.remote_interest.apply(from, &change);
                }
            }
            Item::InterestSnapshot(snapshot) => self.snapshot_slice(from, &snapshot),
            Item::Retained(retained) => return self.retained(retained, now),
            Item::RetainedDigest(digest) => self.broker.take_retained_digest(from, digest),
            Item::Undelivered(undelivered) => return self.undelivered(undelivered, now),
        }
        Stored::default()
    }

    fn snapshot_slice(&self, from: &NodeName, snapshot: &InterestSnapshot) {
        let mut snapshots = self.snapshots.lock();
        let collected = snapshots.entry(from.clone()).or_default();
        if snapshot.first {
            collected.clear();
        }
        collected.extend(convert::snapshot_changes(snapshot));
        if snapshot.last {
            let mut whole = snapshots.remove(from).unwrap_or_default();
            drop(snapshots);
            self.former.add_to(from, &mut whole, &self.broker);
            self.broker.remote_interest.replace(from, whole);
        }
    }

    fn retained(&self, retained: Retained, now: Timestamp) -> Stored {
        let Some(message) = retained.message else {
            return Stored::default();
        };
        match convert::message_from(message, now) {
            Ok(message) => {
                let stamp = RetainedStamp {
                    stamp: retained.stamp,
                    node: retained.node.into(),
                };
                self.broker.retain_of_peer(message, &stamp)
            }
            Err(error) => {
                tracing::warn!(%error, "a retained message was left out");
                Stored::default()
            }
        }
    }

    fn undelivered(&self, undelivered: Undelivered, now: Timestamp) -> Stored {
        let session = ClientId::new(&undelivered.client_id)
            .and_then(|client_id| self.broker.sessions.get(&client_id));
        let delivery = undelivered
            .message
            .map(|queued| convert::delivery_from(queued, now));
        let Some(Ok(delivery)) = delivery else {
            return Stored::default();
        };
        let delivered = session.and_then(|session| session.deliver(delivery.clone(), now));
        match delivered {
            Some((_, stored)) => stored,
            // The member was to move here and has not, or has gone on.
            None => {
                self.broker.redispatch(vec![delivery]);
                Stored::default()
            }
        }
    }

    async fn answer(
        self: Arc<Self>,
        from: NodeName,
        request: Request,
    ) -> Result<Response, (String, String)> {
        let broker = &self.broker;
        match request {
            Request::Claim(request) => {
                let Some(client_id) = ClientId::new(&request.client_id) else {
                    let message = "the Client Identifier is empty".to_owned();
                    return Err(("invalid".to_owned(), message));
                };
                broker
                    .registry()
                    .serve_claim(&from, &client_id, &request)
                    .await
            }
            Request::Commit(request) => {
                if let Some(client_id) = ClientId::new(&request.client_id) {
                    let registry = broker.registry();
                    registry
                        .serve_commit(&from, &client_id, &request)
                        .map_err(registry::refused)?;
                }
                Ok(Response::Done(Done {}))
            }
            Request::Release(request) => Ok(broker.registry().serve_release(&from, &request)),
            Request::Announce(request) => Ok(broker.registry().serve_announce(&from, &request)),
            Request::AnnounceWanted(wanted) => {
                Ok(broker.registry().serve_announce_wanted(&from, wanted))
            }
            Request::Lookup(request) => Ok(broker.registry().serve_lookup(&request)),
            Request::TransferBegin(request) => broker
                .transfer_begin(&from, &request)
                .await
                .map(|state| {
                    Response::TransferState(TransferState {
                        found: state.is_some(),
                        state,
                    })
                })
                .map_err(handover),
            Request::TransferFinish(request) => broker
                .transfer_finish(&request)
                .map(Response::SideLog)
                .map_err(handover),
            Request::TransferCommit(request) => {
                broker.transfer_commit(&from, &request).map_err(handover)?;
                // The new owner counts on it that the Session does not come back with this node.
                let stored = broker.disk.wait(broker.disk.last_commit());
                match timeout(STORED_WITHIN, stored).await {
                    Ok(()) => Ok(Response::Done(Done {})),
                    Err(_) => Err((BUSY.to_owned(), "the disk does not take it".to_owned())),
                }
            }
            Request::TransferAbort(request) => broker
                .transfer_abort(&request)
                .map(|()| Response::Done(Done {}))
                .map_err(handover),
            Request::YieldSession(request) => broker
                .yield_session(&request)
                .map(|()| Response::Done(Done {}))
                .map_err(handover),
            Request::Absorb(request) => {
                if let Some(view) = request.view {
                    let settled = broker.settle_as_owner(&from, view).await;
                    settled.map_err(|error| (NOT_SETTLED.to_owned(), error.to_string()))?;
                }
                match broker.absorb(request) {
                    Ok(stored) if stored.is_missed => {
                        Err((BUSY.to_owned(), "too much waits for the disk".to_owned()))
                    }
                    Ok(stored) => {
                        broker.disk.wait(stored.commit).await;
                        Ok(Response::Done(Done {}))
                    }
                    Err(error @ AbsorbError::NotHere) => {
                        Err((NOT_HERE.to_owned(), error.to_string()))
                    }
                    Err(error @ AbsorbError::Busy) => Err((BUSY.to_owned(), error.to_string())),
                }
            }
            Request::Barrier(request) => broker
                .serve_barrier(&from, request)
                .await
                .map_err(|error| ("barrier".to_owned(), error.to_string())),
            Request::Migrate(request) => {
                if !broker.lifecycle.accepts_connections() {
                    return Err((
                        "not_available".to_owned(),
                        format!("{} is leaving itself", broker.node_name),
                    ));
                }
                Ok(broker.migrate_in(&from, request).await)
            }
            Request::Admin(request) => {
                let answer = match request.request {
                    Some(request) => local::serve(broker, &from, request).await,
                    None => Err(AdminError::new(
                        tonic::Code::Unimplemented,
                        "unsupported",
                        "this node does not know that request",
                        "the same version on all nodes",
                    )),
                };
                Ok(Response::Admin(match answer {
                    Ok(response) => AdminResponse {
                        response: Some(response),
                        ..AdminResponse::default()
                    },
                    Err(error) => error.into_response(),
                }))
            }
            Request::Group(request) => {
                let control = &broker.cluster().control();
                let answer = control.serve(from.as_str(), &request.body).await?;
                Ok(Response::Group(GroupResponse { body: answer }))
            }
            Request::Replicate(batch) => {
                let taken = {
                    let mut replicas = broker.replicas.lock();
                    // Under the lock: who is seen dead from now on has its copies taken later.
                    let view = broker.cluster().membership.view();
                    replicas.apply(&from, batch, &view)
                };
                match taken {
                    Ok(()) => Ok(Response::Done(Done {})),
                    Err(error @ NotTaken::Resend) => Err((RESEND.to_owned(), error.to_string())),
                    Err(error @ NotTaken::NotAMember) => {
                        Err(("not_a_member".to_owned(), error.to_string()))
                    }
                }
            }
            Request::Replay(request) => {
                let replay = broker.serve_replay(&from, request).await;
                Ok(Response::Replay(replay))
            }
            Request::Arrival(_) => Ok(Response::Done(Done {})),
        }
    }
}

fn handover(error: HandoverError) -> (String, String) {
    let code = match error {
        HandoverError::Connected => "connected",
        HandoverError::Busy | HandoverError::Unfinished => "busy",
        HandoverError::Stale { .. } => "stale",
        HandoverError::NotBegun => "not_begun",
    };
    (code.to_owned(), error.to_string())
}

/// Retained Messages in one round of a snapshot.
const RETAINED_PAGE: usize = 1_000;

/// Worth a line in the log: the peer's acknowledgements wait meanwhile.
const SLOW_BATCH: Duration = Duration::from_millis(100);

impl PeerHandler for BrokerHandler {
    fn on_data(&self, from: &NodeName, items: Items<'_>) -> Stored {
        let mut stored = Stored::default();
        let now = self.broker.clock.now();
        let count = items.len();
        let mut reader = forward_codec::Reader::new(items.bytes(), now);
        let mut items = items.iter().peekable();
        while let Some(item) = items.peek() {
            if !forward_codec::is_forward(item) {
                stored.join(self.apply(from, item, now));
                items.next();
                continue;
            }
            let forwarded =
                std::iter::from_fn(|| items.next_if(|item| forward_codec::is_forward(item)));
            stored.join(self.broker.deliver_forwarded(
                now,
                forwarded.filter_map(|item| {
                    reader
                        .read(item)
                        .inspect_err(|error| {
                            tracing::warn!(%from, %error, "a forwarded message was left out");
                        })
                        .ok()
                }),
            ));
        }
        let took = self.broker.clock.now().since(now);
        if took > SLOW_BATCH {
            tracing::debug!(%from, count, took_ms = took.as_millis(), "a slow batch of a peer");
        }
        stored
    }

    fn store(&self) -> &Store {
        &self.broker.disk
    }

    fn on_control(
        self: Arc<Self>,
        from: NodeName,
        request: Request,
    ) -> BoxFuture<'static, Result<Response, (String, String)>> {
        self.answer(from, request).boxed()
    }

    fn snapshot(&self, _to: &NodeName) -> Vec<DataItem> {
        let now = self.broker.clock.now();
        let mut items = convert::interest_snapshot(&self.broker.own_interest.snapshot());
        let mut after = None;
        loop {
            let page = self.broker.retained.page(after.take(), RETAINED_PAGE);
            let Some((last, ..)) = page.last() else {
                return items;
            };
            after = Some(last.topic.clone());
            let page = page.iter();
            items.extend(
                page.map(|(message, stamp, _)| convert::retained_item(message, stamp, now)),
            );
        }
    }

    fn has_copies(&self) -> bool {
        self.broker.config.session_replicas > 1
    }

    fn peer_gone(&self, peer: &NodeName, _incarnation: u64) {
        if self.has_copies() {
            self.former.note_gone(peer);
        }
        if self.broker.disk.is_on() {
            // Its Sessions are on its disk: messages for them are kept until it is back.
            self.broker.remote_interest.forget_shared(peer);
        } else {
            self.broker.remote_interest.forget(peer);
        }
        self.broker.take_back_from(peer);
        self.broker.compare_retained(peer);
    }
}
