//! A message finds its Sessions: on this node at once, on other nodes over the peer links.

use std::cell::RefCell;
use std::sync::Arc;

use emqx_proto::peer::v1::{DataItem, SharedTarget};
use smallvec::SmallVec;

use super::broker::Broker;
use super::burst::Burst;
use super::retain::Retained;
use super::session_cell::{Put, SessionHandle};
use super::shared::{target_of, usability};
use crate::cluster::forward_codec::{ForwardItem, Forwarded, Outgoing};
use crate::cluster::{Class, PeerLink, PeerLinks, Sent};
use crate::membership::NodeName;
use crate::message::{Delivery, Message};
use crate::packet::{QoS, ReasonCode};
use crate::routing::interest::RemoteMatches;
use crate::routing::receivers::Receivers;
use crate::routing::router::Matches;
use crate::routing::shared_subscription::{self, Choice};
use crate::session::Delivered;
use crate::storage::{Commit, Store, Stored};
use crate::time::Timestamp;

/// Items on peer links, and a commit of the store, that something waits for.
#[derive(Debug, Default)]
pub struct AckWait {
    links: SmallVec<[(Arc<PeerLink>, u64); 2]>,
    commit: Commit,
    /// A link refused an item, or the store a change: its queue is full.
    refused: bool,
}

impl From<Stored> for AckWait {
    fn from(stored: Stored) -> Self {
        Self {
            commit: stored.commit,
            refused: stored.is_missed,
            ..Self::default()
        }
    }
}

impl AckWait {
    /// Whether there is nothing to wait for.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.commit.is_none()
    }

    /// Whether no peer has to be waited for.
    pub fn is_local(&self) -> bool {
        self.links.is_empty()
    }

    /// Whether everything has been acknowledged, or its peer is gone, and is stored.
    pub fn is_done(&self, store: &Store) -> bool {
        let is_acked = |(link, seq): &(Arc<PeerLink>, u64)| link.is_safe(*seq);
        self.links.iter().all(is_acked)
            && (self.commit.is_none() || store.is_committed(self.commit))
    }

    /// Rings the Session's bell as items are acknowledged, and when the commit is stored.
    pub fn notify(&self, session: &SessionHandle, store: &Store) {
        for (link, seq) in &self.links {
            link.notify_safe(*seq, &session.as_ack_notify());
        }
        if !self.commit.is_none() {
            store.notify(self.commit, session.as_ack_notify());
        }
    }

    /// Waits for this and the other.
    pub fn join(&mut self, other: Self) {
        self.links.extend(other.links);
        self.commit = self.commit.max(other.commit);
        self.refused |= other.refused;
    }

    /// What is stored here of what it waits for.
    pub(super) const fn stored(&self) -> Stored {
        Stored {
            commit: self.commit,
            is_missed: self.refused,
        }
    }

    /// Waits for what was sent before.
    pub fn push_sent(&mut self, peer: &Arc<PeerLink>) {
        let seq = peer.last_sent();
        if peer.acked() < seq {
            self.links.push((Arc::clone(peer), seq));
        }
    }

    /// Sends an item that must arrive.
    pub fn push_reliable(&mut self, peer: &Arc<PeerLink>, item: DataItem) {
        match peer.send(item, Class::Reliable) {
            Some(seq) => self.links.push((Arc::clone(peer), seq)),
            None => self.refused = true,
        }
    }

    /// Sends a message that must arrive. Whether it was accepted in some way.
    pub fn push_reliable_forward(&mut self, peer: &Arc<PeerLink>, item: &ForwardItem<'_>) -> bool {
        match peer.send_forward(item) {
            Sent::UnderWay(seq) => self.links.push((Arc::clone(peer), seq)),
            Sent::Kept(stored) => self.join(stored.into()),
            // A node that is away for long must not stop the others.
            Sent::NotKept => return false,
            Sent::Refused => self.refused = true,
        }
        true
    }

    /// Completes when everything has been acknowledged or its peer is gone, and is stored.
    pub async fn wait(&self, store: &Store) {
        for (link, seq) in &self.links {
            link.wait_safe(*seq).await;
        }
        if !self.commit.is_none() {
            store.wait(self.commit).await;
        }
    }
}

/// So many receivers that can wait are held back until there is more for them; fewer are not worth it.
const HELD_BACK_MIN: usize = 64;

/// Messages to one Topic Name that are routed together, at most.
pub const BURST_MAX: usize = 64;

/// What became of a publish.
#[derive(Debug)]
pub struct Routed {
    /// For PUBACK or PUBREC, once `wait` is done.
    pub code: ReasonCode,
    /// Peers that must have the message first, and what must be stored.
    pub wait: AckWait,
    /// It was not taken at all, and must not be acknowledged as if it were.
    pub is_refused: bool,
}

impl Routed {
    const fn not_taken(code: ReasonCode, is_refused: bool) -> Self {
        Self {
            code,
            wait: AckWait {
                links: SmallVec::new_const(),
                commit: Commit::NONE,
                refused: false,
            },
            is_refused,
        }
    }

    /// It could not be routed.
    const UNROUTED: Self = Self::not_taken(ReasonCode::UnspecifiedError, false);

    /// It cannot be stored.
    const REFUSED: Self = Self::not_taken(ReasonCode::QuotaExceeded, true);
}

/// Buffers that every routing of a worker thread uses again.
#[derive(Default)]
struct Scratch {
    local: Matches<SessionHandle>,
    remote: RemoteMatches<NodeName>,
    /// Which of the receivers take nothing now.
    waiting: Vec<u32>,
    messages: Vec<Arc<Message>>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Broker {
    /// Numbers a message of a client (or of the broker), keeps it when it is to be retained, and routes it.
    pub fn publish(&self, message: Message, publisher: Option<&SessionHandle>) -> Routed {
        let mut routed = Routed::UNROUTED;
        self.publish_all(std::iter::once((message, ())), publisher, |(), it| {
            routed = it;
        });
        routed
    }

    /// As [`Self::publish`], with messages to one Topic Name, oldest first; no more than [`BURST_MAX`].
    /// Tells what became of each, by its tag. Returns how many Sessions of this node were looked at.
    pub fn publish_all<T>(
        &self,
        messages: impl Iterator<Item = (Message, T)>,
        publisher: Option<&SessionHandle>,
        mut tell: impl FnMut(T, Routed),
    ) -> usize {
        // Messages are numbered inside the gate, so that a barrier knows which ones it has waited for.
        let Ok(_routing) = self.routing_gate.read() else {
            messages.for_each(|(_, tag)| tell(tag, Routed::UNROUTED));
            return 0;
        };
        let now = self.clock.now();
        let mut tags = SmallVec::<[T; 16]>::new();
        // Places of messages that are to be stored.
        let mut commits = SmallVec::<[(usize, Commit); 4]>::new();
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.messages.clear();
            for (mut message, tag) in messages {
                message.id = self.next_message_id();
                message.received_at = now;
                self.metrics
                    .note_received(message.qos, message.payload.len());
                if message.qos > QoS::AtMostOnce && self.disk.is_full() {
                    tell(tag, Routed::REFUSED);
                    continue;
                }
                let message = Arc::new(message);
                // Before the receivers are looked up: who subscribes meanwhile gets it this way or that.
                // [MQTT-3.3.1-5]
                if message.retain {
                    match self.retain(&message, now) {
                        Retained::Stored(commit) => commits.push((tags.len(), commit)),
                        Retained::InMemory => {}
                        Retained::Refused => {
                            tell(tag, Routed::REFUSED);
                            continue;
                        }
                    }
                }
                scratch.messages.push(message);
                tags.push(tag);
            }
            let mut tags = tags.into_iter().enumerate();
            let mut commits = commits.into_iter().peekable();
            let receivers = self.route(scratch, publisher, now, |mut routed| {
                if let Some((place, tag)) = tags.next() {
                    if let Some((_, commit)) = commits.next_if(|(stored, _)| *stored == place) {
                        routed.wait.commit = routed.wait.commit.max(commit);
                    }
                    tell(tag, routed);
                }
            });
            scratch.messages.clear();
            receivers
        })
    }

    /// Routes the messages of `scratch`, all to one Topic Name. Tells what became of each. Returns how many Sessions of
    /// this node were looked at.
    fn route(
        &self,
        scratch: &mut Scratch,
        publisher: Option<&SessionHandle>,
        now: Timestamp,
        mut tell: impl FnMut(Routed),
    ) -> usize {
        let Scratch {
            local,
            remote,
            waiting,
            messages,
        } = scratch;
        let Some(first) = messages.first() else {
            return 0;
        };
        self.router.matches(&first.topic, publisher, local);
        self.remote_interest.matches(&first.topic, remote);
        let receivers = local.ordinary.len() + local.shared.len();
        let stored = self.deliver_all(&local.ordinary, waiting, messages, now);
        for message in &*messages {
            let mut received = !local.ordinary.is_empty();
            let mut shared: SmallVec<[(NodeName, SharedTarget); 2]> = SmallVec::new();
            let mut passed_on = AckWait::default();
            self.with_share_context(message, |context| {
                shared_subscription::for_each_group(
                    context,
                    local,
                    remote,
                    usability,
                    |group, choice| match choice {
                        Choice::Local(member) => {
                            received = true;
                            passed_on.join(
                                match self.deliver_shared(group, &member, message, now) {
                                    Some(stored) => stored.into(),
                                    None => self.pass_on(group, message, 0, now),
                                },
                            );
                        }
                        Choice::Remote(node) => shared.push((node, target_of(group))),
                    },
                );
            });
            let mut wait = self.forward(message, remote, shared, now);
            wait.join(passed_on);
            if message.qos > QoS::AtMostOnce {
                wait.join(stored.into());
            }
            let code = if wait.refused {
                ReasonCode::QuotaExceeded
            } else if received || !wait.is_empty() {
                ReasonCode::Success
            } else {
                ReasonCode::NoMatchingSubscribers
            };
            tell(Routed {
                code,
                is_refused: wait.refused,
                wait,
            });
        }
        // It may be the last to hold Sessions that have ended.
        local.clear();
        receivers
    }

    /// Sends the message to every node with a subscriber; one copy a node.
    fn forward(
        &self,
        message: &Arc<Message>,
        remote: &RemoteMatches<NodeName>,
        mut shared: SmallVec<[(NodeName, SharedTarget); 2]>,
        now: Timestamp,
    ) -> AckWait {
        let mut wait = AckWait::default();
        if remote.nodes.is_empty() && shared.is_empty() {
            return wait;
        }
        let outgoing = Outgoing::new(message, now);
        let peers = self.links().peers();
        let mut send = |node: &NodeName, shared: &[SharedTarget], ordinary: bool| {
            let live = PeerLinks::find(&peers, node);
            let away = match live {
                None if self.disk.is_on() => self.links().known(node),
                _ => None,
            };
            let Some(peer) = live.or(away.as_ref()) else {
                return;
            };
            self.metrics.messages_forwarded.inc();
            let item = ForwardItem {
                message: &outgoing,
                shared,
                ordinary,
                hops: 0,
            };
            if message.qos == QoS::AtMostOnce {
                if peer.send_droppable(&item).is_none() {
                    self.metrics.dropped_link_full.inc();
                }
            } else if !wait.push_reliable_forward(peer, &item) {
                self.metrics.dropped_link_full.inc();
            }
        };
        for node in &remote.nodes {
            let mut targets = Vec::new();
            shared.retain(|(chosen, target)| {
                let here = chosen == node;
                if here {
                    targets.push(std::mem::take(target));
                }
                !here
            });
            send(node, &targets, true);
        }
        while let Some((node, target)) = shared.pop() {
            let mut targets = vec![target];
            shared.retain(|(chosen, target)| {
                let same = *chosen == node;
                if same {
                    targets.push(std::mem::take(target));
                }
                !same
            });
            send(&node, &targets, false);
        }
        wait
    }

    /// Delivers messages that a peer accepted to the subscribers of this node, in their order. The peer must not be told
    /// that they have arrived before they are stored.
    pub fn deliver_forwarded(
        &self,
        now: Timestamp,
        forwarded: impl IntoIterator<Item = Forwarded>,
    ) -> Stored {
        let mut count = 0;
        let mut stored = Stored::default();
        SCRATCH.with_borrow_mut(|scratch| {
            let Ok(_routing) = self.routing_gate.read() else {
                return;
            };
            scratch.messages.clear();
            for each in forwarded {
                count += 1;
                let message = &each.message;
                let run = &scratch.messages;
                let continues = run.first().is_none_or(|first| first.topic == message.topic);
                if !continues || run.len() == BURST_MAX {
                    stored.join(self.deliver_forwarded_run(scratch, now));
                }
                if each.ordinary {
                    scratch.messages.push(Arc::clone(message));
                }
                if !each.shared.is_empty() {
                    stored.join(self.deliver_forwarded_run(scratch, now));
                }
                for target in &each.shared {
                    stored.join(self.deliver_to_group(target, message, each.hops, now));
                }
            }
            stored.join(self.deliver_forwarded_run(scratch, now));
        });
        self.metrics.messages_from_peers.add(count);
        stored
    }

    /// Delivers the messages of `scratch`, all to one Topic Name, to its ordinary subscribers.
    fn deliver_forwarded_run(&self, scratch: &mut Scratch, now: Timestamp) -> Stored {
        let Scratch {
            local,
            waiting,
            messages,
            ..
        } = scratch;
        let Some(first) = messages.first() else {
            return Stored::default();
        };
        self.router.matches(&first.topic, None, local);
        let stored = self.deliver_all(&local.ordinary, waiting, messages, now);
        // It may be the last to hold Sessions that have ended.
        local.clear();
        messages.clear();
        stored
    }

    /// Those whose clients take messages now get them now: they do not wait for the queues of those that do not read.
    fn deliver_all(
        &self,
        receivers: &Receivers<SessionHandle>,
        waiting: &mut Vec<u32>,
        messages: &[Arc<Message>],
        now: Timestamp,
    ) -> Stored {
        waiting.clear();
        let mut all = Put::default();
        let mut add = |put: Put| {
            all.dropped += put.dropped;
            all.stored.join(put.stored);
        };
        // Publishers wait until these are stored, so they are not held back.
        let is_stored = self.disk.is_on() && messages.iter().any(|each| each.qos > QoS::AtMostOnce);
        let mut burst = Burst::new(messages, receivers.len());
        for (at, each) in (0..).zip(receivers.iter()) {
            if is_stored && each.subscriber.is_kept() {
                if each.subscriber.has_held_back() {
                    self.settle_held_back();
                }
                add(burst.give(each, now));
            } else if each.subscriber.can_wait() || each.subscriber.has_held_back() {
                waiting.push(at);
            } else {
                add(burst.give(each, now));
            }
        }
        if waiting.len() < HELD_BACK_MIN {
            waiting.retain(|at| {
                let Some(each) = receivers.get(*at as usize) else {
                    return false;
                };
                let behind_others = each.subscriber.has_held_back();
                if !behind_others {
                    add(burst.give(each, now));
                }
                behind_others
            });
        }
        if all.dropped > 0 {
            self.metrics.dropped_queue_full.add(all.dropped as u64);
        }
        if waiting.is_empty() {
            return all.stored;
        }
        share_woken_task();
        for message in messages {
            if !self.held_back.add(message, receivers, waiting) {
                self.settle_held_back();
            }
        }
        all.stored
    }

    /// Puts a message into a Session. `None` when the Session is not here any more.
    pub(super) fn give(
        &self,
        session: &SessionHandle,
        delivery: Delivery,
        now: Timestamp,
    ) -> Option<Stored> {
        let (delivered, stored) = session.deliver(delivery, now)?;
        if delivered != Delivered::Queued {
            self.metrics.dropped_queue_full.inc();
        }
        Some(stored)
    }
}

/// Lets another worker run the connection that was woken last. The runtime keeps the last woken task for this worker,
/// which is about to be busy, until a further one is woken.
pub(super) fn share_woken_task() {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(std::future::ready(()));
    }
}
