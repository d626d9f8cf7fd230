//! Sessions of a node that is gone, of which this node has copies: from then on they are served here.
//!
//! A copy has all that its owner acknowledged. What peers had sent to the owner, and it had not acknowledged, they have
//! still: they are asked for it once they know that these Subscriptions are here now, so nothing is missing in between. Until
//! then no client is served, and what arrives here waits behind what the peers have.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::{ReplayRequest, ReplayResponse};
use futures_util::future::join_all;

use super::broker::Broker;
use super::session_cell::{CellPhase, SessionHandle};
use crate::cluster::replication::Records;
use crate::cluster::{PeerLink, forward_codec};
use crate::event_log::Severity;
use crate::hashing::{HashMap, HashSet};
use crate::membership::{NodeName, epoch_of_copy};
use crate::message::{Delivery, MessageId};
use crate::routing::router::Matches;
use crate::session::{Session, SwitchPoints};
#[cfg(test)]
use crate::simulation::fault::{self, Fault};
use crate::storage::session_record::{self, Row};

/// In one answer of a peer, unless one message alone has more.
const REPLAY_BYTES: usize = 4 << 20;

const REPLAY_TIMEOUT: Duration = Duration::from_secs(5);

/// A peer that is live and does not answer is asked so often.
const REPLAY_TRIES: usize = 3;

/// Sessions that are stored before others have their turn.
const SLICE: usize = 256;

/// The store is given so long to make room before each slice.
const ROOM_TIMEOUT: Duration = Duration::from_secs(1);

/// A Session that is on its way between nodes here is looked at again after this, and so often: what it comes from or
/// goes to may be the node that is gone.
const MOVING_PAUSE: Duration = Duration::from_millis(50);
const MOVING_TRIES: usize = 120;

/// A copy that is in its place, and serves nobody yet; or the Session itself, when it is here already.
struct Promoted {
    session: SessionHandle,
    is_placed: bool,
    /// Messages that it has.
    has: HashSet<MessageId>,
    /// What peers had for its owner.
    replayed: Vec<Delivery>,
}

impl Broker {
    /// Serves the Sessions of nodes that are gone, as far as this node has copies of them.
    pub(crate) async fn promote_copies(self: &Arc<Self>) {
        let gone = {
            let mut replicas = self.replicas.lock();
            let view = self.cluster().membership.view();
            replicas.take_gone(&view)
        };
        #[cfg(test)]
        if fault::is_on(Fault::CopiesNotServed) {
            return;
        }
        for (node, incarnation, records) in gone {
            self.promote_copies_of(&node, incarnation, records).await;
        }
    }

    async fn promote_copies_of(
        self: &Arc<Self>,
        gone: &NodeName,
        incarnation: u64,
        records: Records,
    ) {
        let begun = self.clock.now();
        let mut promoted = self.place_copies(records).await;
        let replays = self.replays(gone, incarnation).await;
        self.match_replays(&mut promoted, &replays);
        let count = promoted.len();
        let replayed: usize = promoted.iter().map(|each| each.replayed.len()).sum();
        for (at, each) in promoted.into_iter().enumerate() {
            if at % SLICE == 0 {
                self.disk.room(ROOM_TIMEOUT).await;
            }
            self.serve_copy(each);
        }
        self.metrics.sessions_promoted.add(count as u64);
        let message =
            format!("{gone} is gone: {count} of its Sessions are served here from their copies");
        let took = self.clock.now().since(begun);
        tracing::warn!(replayed, ?took, "{message}");
        self.events
            .add(Severity::Warn, "SESSIONS_PROMOTED", &message, None);
    }

    async fn place_copies(&self, records: Records) -> Vec<Promoted> {
        let mut rows = Vec::new();
        let mut reader = session_record::Reader::new(|row| rows.push(row));
        for (key, value) in &records {
            reader.read(key, value);
        }
        reader.end();
        drop(records);
        let mut promoted = Vec::new();
        for _ in 0..MOVING_TRIES {
            rows = rows
                .into_iter()
                .filter_map(|row| match self.place_copy(row) {
                    Ok(placed) => {
                        promoted.push(placed);
                        None
                    }
                    Err(moving) => Some(*moving),
                })
                .collect();
            if rows.is_empty() {
                return promoted;
            }
            tokio::time::sleep(MOVING_PAUSE).await;
        }
        tracing::error!(
            count = rows.len(),
            "copies were not used: their Sessions do not end to be on their way here"
        );
        promoted
    }

    /// Hands it back while its Session is on its way between nodes.
    fn place_copy(&self, row: Row) -> Result<Promoted, Box<Row>> {
        let now = self.clock.now();
        let present = self.sessions.get(&row.session.head.client_id);
        let copy = |row: Row| Session::restore(row.session, self.session_config(), now);
        if let Some(present) = present {
            if present.phase() != CellPhase::Live {
                return Err(Box::new(row));
            }
            let undelivered = copy(row).undelivered();
            let has = undelivered.iter().map(|each| each.message.id).collect();
            // It was on its way here, or away from here, when its owner went.
            present.absorb(undelivered, now);
            return Ok(Promoted {
                session: present,
                is_placed: false,
                has,
                replayed: Vec::new(),
            });
        }
        let epoch = epoch_of_copy(row.epoch, &self.node_name);
        let mut session = copy(row);
        let undelivered = session.undelivered();
        session.await_side_log();
        let session = SessionHandle::new(session, epoch, CellPhase::Importing);
        if let Some(other) = self.sessions.insert(session.clone()) {
            self.drop_stale(&other);
        }
        self.index_all(&session);
        Ok(Promoted {
            session,
            is_placed: true,
            has: undelivered.iter().map(|each| each.message.id).collect(),
            replayed: Vec::new(),
        })
    }

    /// What this node and its peers have for that start of a node, oldest first for each of them.
    async fn replays(&self, gone: &NodeName, incarnation: u64) -> Vec<Bytes> {
        self.quiesce();
        let own = self.links().known(gone);
        let own = own.map(|link| link.unacknowledged(incarnation, 0, 0, usize::MAX).messages);
        let peers = self.links().peers();
        let others = peers.iter().filter(|peer| peer.name() != gone);
        let asked = others.map(|peer| self.ask_for_replay(peer, gone, incarnation));
        let of_peers = join_all(asked).await.into_iter().flatten();
        own.into_iter().flatten().chain(of_peers).collect()
    }

    async fn ask_for_replay(
        &self,
        peer: &PeerLink,
        gone: &NodeName,
        incarnation: u64,
    ) -> Vec<Bytes> {
        let mut request = ReplayRequest {
            node: gone.to_string(),
            incarnation,
            applied_seq: peer.last_sent(),
            after: 0,
            upto: 0,
        };
        let (mut messages, mut tries) = (Vec::new(), 0);
        loop {
            match peer
                .call(Request::Replay(request.clone()), REPLAY_TIMEOUT)
                .await
            {
                Ok(Response::Replay(answer)) => {
                    messages.extend(answer.items);
                    if answer.last >= answer.upto {
                        return messages;
                    }
                    (request.after, request.upto) = (answer.last, answer.upto);
                    tries = 0;
                }
                other => {
                    tries += 1;
                    if !self.is_live(peer.name()) {
                        return messages;
                    }
                    if tries == REPLAY_TRIES {
                        let message = format!(
                            "{} does not say what it had for {gone}: Sessions that are served here now may lack messages \
                             until {gone} is back",
                            peer.name()
                        );
                        tracing::error!(?other, "{message}");
                        self.events
                            .add(Severity::Error, "REPLAY_MISSING", &message, None);
                        return messages;
                    }
                }
            }
        }
    }

    /// Answers such a question.
    pub(crate) async fn serve_replay(
        &self,
        from: &NodeName,
        request: ReplayRequest,
    ) -> ReplayResponse {
        if request.upto == 0 {
            self.wait_applied(from, request.applied_seq).await;
            self.quiesce();
        }
        let link = NodeName::new(&request.node);
        let link = link.ok().and_then(|node| self.links().known(&node));
        let found = link.map(|link| {
            link.unacknowledged(
                request.incarnation,
                request.after,
                request.upto,
                REPLAY_BYTES,
            )
        });
        let found = found.unwrap_or_default();
        ReplayResponse {
            items: found.messages,
            last: found.last,
            upto: found.upto,
        }
    }

    /// Finds the Sessions among these that each message is for.
    fn match_replays(&self, promoted: &mut [Promoted], replays: &[Bytes]) {
        let places: HashMap<u64, usize> = promoted
            .iter()
            .enumerate()
            .map(|(place, each)| (each.session.number(), place))
            .collect();
        let now = self.clock.now();
        let bytes = replays.iter().map(Bytes::len).sum();
        let mut reader = forward_codec::Reader::new(bytes, now);
        let mut found = Matches::default();
        for item in replays {
            let forwarded = match reader.read(item) {
                Ok(forwarded) if forwarded.ordinary => forwarded,
                // Shared Subscriptions have other members, or wait for the node.
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "a message for a node that is gone was left out");
                    continue;
                }
            };
            self.router
                .matches(&forwarded.message.topic, None, &mut found);
            for receiver in found.ordinary.iter() {
                let place = places.get(&receiver.subscriber.number());
                let Some(each) = place.and_then(|place| promoted.get_mut(*place)) else {
                    continue;
                };
                if each.has.insert(forwarded.message.id) {
                    each.replayed.push(receiver.delivery_of(&forwarded.message));
                }
            }
            found.clear();
        }
    }

    fn serve_copy(&self, promoted: Promoted) {
        let Promoted {
            session,
            is_placed,
            has,
            replayed,
        } = promoted;
        let now = self.clock.now();
        let timeout = {
            let mut state = session.lock();
            if !is_placed || session.phase() != CellPhase::Importing {
                drop(state);
                if session.absorb(replayed.clone(), now).is_none() {
                    // It is on its way: it takes them along.
                    session.deliver_each(replayed.into_iter(), now);
                }
                return;
            }
            let switches = SwitchPoints::default();
            state.session.merge_side_log(replayed, &switches, now);
            state.session.remember_copied(has);
            session.set_phase(&mut state, CellPhase::Live);
            state.begin_to_keep(&self.disk);
            state.session.poll_timeout()
        };
        if let Some(at) = timeout {
            self.timers.schedule(at, &session);
        }
    }
}
