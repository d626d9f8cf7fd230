//! The Session: its state, its life from the first Network Connection to its end, and what the broker gives it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::delivery_run::{DeliveryRun, is_at_most_once};
use super::inbound_publishes::InboundPublishes;
use super::inflight::Inflight;
use super::journal::SessionChange;
use super::outbound_queue::{Limits, OutboundQueue, Pushed};
use super::owed_retained::OwedRetained;
use super::packet_id::PacketIds;
use super::refused::RefusedSet;
use super::seldom::{Empty, Seldom};
use super::subscription::Subscriptions;
use super::topic_alias::{ClientAliases, ServerAliases};
use super::transmit::Reply;
use super::will::{self, ArmedWill};
use super::{Action, Attach, Delivered, Detach, SessionConfig, SessionExpiry, SessionStats};
use crate::message::{Delivery, MessageId};
use crate::packet::{ClientId, PacketId, ProtocolVersion, ReasonCode, SubscriptionOptions};
use crate::time::Timestamp;
use crate::topic::TopicFilter;

/// One Session [MQTT-4.1]. What only a Network Connection needs is boxed apart, so that the many Sessions that
/// wait for their clients stay small.
#[derive(Debug)]
pub struct Session {
    pub(super) client_id: ClientId,
    pub(super) config: Arc<SessionConfig>,
    pub(super) created_at: Timestamp,
    pub(super) version: ProtocolVersion,
    pub(super) clean_start: bool,
    pub(super) has_ended: bool,
    /// Messages delivered here wait until those of the former owner are merged.
    pub(super) awaits_side_log: bool,
    pub(super) expiry: SessionExpiry,
    pub(super) username: Option<Box<UserName>>,
    pub(super) presence: Presence,
    pub(super) subscriptions: Subscriptions,
    pub(super) queue: OutboundQueue,
    pub(super) inflight: Inflight,
    pub(super) packet_ids: PacketIds,
    pub(super) inbound: InboundPublishes,
    pub(super) will: Option<Box<ArmedWill>>,
    pub(super) moving: Seldom<Moving>,
    pub(super) dropped: u64,
    pub(super) unexpected_acknowledgements: u32,
}

/// Behind one pointer, as many clients give none.
#[derive(Debug)]
pub(super) struct UserName(pub(super) Box<str>);

impl UserName {
    pub(super) fn boxed(text: &str) -> Box<Self> {
        Box::new(Self(Box::from(text)))
    }
}

/// What only a Session has that moves or has moved between nodes, or whose client is to get many Retained Messages: few
/// do, so they share a pointer.
#[derive(Debug, Default)]
pub(super) struct Moving {
    /// What was accepted since the hand-over began; bounded as the queue is.
    pub(super) side_log: Option<OutboundQueue>,
    /// Queue number of the first message that was delivered here and not brought along by an import or merge.
    pub(super) first_own: u64,
    /// Retained Messages that Subscriptions are yet to get.
    pub(super) owed_retained: OwedRetained,
    /// Messages that it had when it began to be served from a copy, or when it came from a node that may have died before it
    /// let go: its former owner may bring them again.
    pub(super) copied: BTreeSet<MessageId>,
}

impl Empty for Moving {
    fn empty() -> &'static Self {
        static EMPTY: Moving = Moving {
            side_log: None,
            first_own: 0,
            owed_retained: OwedRetained::new(),
            copied: BTreeSet::new(),
        };
        &EMPTY
    }

    fn is_empty(&self) -> bool {
        self.side_log.is_none()
            && self.first_own == 0
            && self.owed_retained.is_empty()
            && self.copied.is_empty()
    }
}

/// Whether the client is there.
#[derive(Debug)]
pub(super) enum Presence {
    Connected(Box<Link>),
    /// `None` before the first Network Connection.
    Disconnected(Option<Box<Away>>),
}

/// What there is to know of a client that was there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Away {
    pub(super) since: Timestamp,
    /// When the Session ends.
    pub(super) expires_at: Option<Timestamp>,
}

impl Presence {
    pub(super) fn away(since: Timestamp, expires_at: Option<Timestamp>) -> Self {
        Self::Disconnected(Some(Box::new(Away { since, expires_at })))
    }
}

/// What lives as long as a Network Connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connected_at: Timestamp,
    pub(super) client_aliases: ClientAliases,
    pub(super) server_aliases: ServerAliases,
    /// Packets that answer the client, other than PUBACK and PUBREC.
    pub(super) replies: Seldom<VecDeque<Reply>>,
    /// Whether the client wants reasons as text outside CONNACK, PUBLISH and DISCONNECT [MQTT-3.1.2-29].
    pub(super) tells_reasons: bool,
    /// What was refused already: the log names each once for a Network Connection.
    pub(super) refused: RefusedSet,
    /// The client sent DISCONNECT: nothing more is taken or sent.
    pub(super) is_closing: bool,
    /// ... with another Reason Code than 0x00, which leaves the Will due [MQTT-3.14.4-3].
    pub(super) leaves_will: bool,
}

impl Session {
    /// A Session that no Network Connection has used yet; [`Self::attach`] follows.
    pub fn new(client_id: ClientId, config: Arc<SessionConfig>, now: Timestamp) -> Self {
        Self {
            queue: OutboundQueue::of(&client_id),
            client_id,
            config,
            created_at: now,
            version: ProtocolVersion::V5,
            clean_start: false,
            has_ended: false,
            awaits_side_log: false,
            expiry: SessionExpiry::WITH_CONNECTION,
            username: None,
            presence: Presence::Disconnected(None),
            subscriptions: Subscriptions::default(),
            inflight: Inflight::default(),
            packet_ids: PacketIds::default(),
            inbound: InboundPublishes::default(),
            will: None,
            moving: Seldom::default(),
            dropped: 0,
            unexpected_acknowledgements: 0,
        }
    }

    /// A Network Connection begins, for a new Session or one that is resumed. What is under way to the client
    /// is sent again before anything new [MQTT-4.4.0-1], Topic Aliases start afresh, and a pending delayed Will
    /// is dropped [MQTT-3.1.3-9]. If another Network Connection is still there, [`Self::detach`] it first.
    pub fn attach(&mut self, attach: Attach, now: Timestamp) {
        self.note_head();
        self.inflight.restart(attach.receive_maximum);
        self.inbound
            .restart(attach.version, self.config.receive_maximum);
        self.version = attach.version;
        self.clean_start = attach.clean_start;
        self.expiry = attach.expiry;
        // A copy: the Session outlives the buffer that the CONNECT was read into.
        self.username = attach.username.map(|username| UserName::boxed(&username));
        self.will = attach.will.map(|will| {
            Box::new(ArmedWill {
                will,
                fires_at: None,
            })
        });
        self.presence = Presence::Connected(Box::new(Link {
            connected_at: now,
            client_aliases: ClientAliases::new(
                self.config.topic_alias_maximum,
                self.config.topic_alias_bytes_max,
            ),
            server_aliases: ServerAliases::new(attach.topic_alias_maximum),
            replies: Seldom::default(),
            tells_reasons: attach.problem_information,
            refused: RefusedSet::default(),
            is_closing: false,
            leaves_will: false,
        }));
    }

    /// The Network Connection is gone. A Session with `SessionExpiry::After(0)` ends: its Will is published
    /// where due, then comes [`Action::Ended`]. Without a Network Connection nothing happens.
    pub fn detach(&mut self, how: Detach, now: Timestamp, actions: &mut Vec<Action>) {
        let Presence::Connected(link) = &self.presence else {
            return;
        };
        if how == Detach::Normal && !link.leaves_will {
            self.will = None;
        }
        self.note_head();
        self.presence = Presence::away(now, self.expiry.deadline(now));
        self.inflight.stop();
        self.inbound.stop();
        self.queue.shrink();
        if self.expiry == SessionExpiry::WITH_CONNECTION {
            self.finish(now, actions);
            return;
        }
        let delay = self.will.as_ref().map(|armed| armed.will.delay);
        match delay {
            None => {}
            Some(Duration::ZERO) => self.publish_will(now, actions),
            Some(_) if how == Detach::TakenOver => self.will = None,
            Some(delay) => {
                if let Some(armed) = &mut self.will {
                    armed.fires_at = Some(now + delay);
                }
            }
        }
    }

    /// Ends the Session whatever its expiry: Clean Start, an operator, a purge. A Will that has not been
    /// published or deleted is published: the Session ends before any delay can pass [MQTT-3.1.2-8]. For an end
    /// without a Will call [`Self::clear_will`] first.
    pub fn end(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        if self.is_connected() {
            self.presence = Presence::away(now, None);
            self.inflight.stop();
            self.inbound.stop();
        }
        self.finish(now, actions);
    }

    fn finish(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        self.publish_will(now, actions);
        if !std::mem::replace(&mut self.has_ended, true) {
            actions.push(Action::Ended);
        }
    }

    fn publish_will(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        if let Some(armed) = self.will.take() {
            self.note_head();
            actions.push(Action::PublishWill(will::publish(armed.will, now)));
        }
    }

    /// A new Network Connection for the Client Identifier is opened: a Will whose Will Delay Interval has begun is
    /// deleted, also when this Session is about to be discarded [MQTT-3.1.2-8].
    pub fn clear_delayed_will(&mut self) {
        if self
            .will
            .as_ref()
            .is_some_and(|armed| armed.fires_at.is_some())
        {
            self.clear_will();
        }
    }

    /// Deletes the Will Message, pending or not.
    pub fn clear_will(&mut self) {
        self.note_head();
        self.will = None;
    }

    /// Time has passed: Session Expiry (a pending Will is published before [`Action::Ended`] [MQTT-3.1.2-8]),
    /// Will Delay, QoS 2 messages that the client never released.
    pub fn handle_timeout(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        if self.has_ended {
            return;
        }
        let timeout = self.config.awaiting_pubrel_timeout;
        let journal = &mut self.queue.journal;
        let forgotten = self.inbound.forget_unreleased(now, timeout, |packet_id| {
            if let Some(journal) = journal {
                journal.note(SessionChange::Forgotten { packet_id });
            }
        });
        if forgotten > 0 {
            actions.push(Action::UnreleasedExpired { count: forgotten });
        }
        if let Presence::Disconnected(away) = &self.presence {
            let expires_at = away.as_ref().and_then(|away| away.expires_at);
            let fires_at = self.will.as_ref().and_then(|armed| armed.fires_at);
            if fires_at.is_some_and(|at| at <= now) {
                self.publish_will(now, actions);
            }
            if expires_at.is_some_and(|at| at <= now) {
                self.finish(now, actions);
            }
        }
    }

    /// When [`Self::handle_timeout`] has something to do next. Changes only with calls of this Session.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        if self.has_ended {
            return None;
        }
        let unreleased = self
            .inbound
            .next_timeout(self.config.awaiting_pubrel_timeout);
        let (expires_at, fires_at) = match &self.presence {
            Presence::Connected(_) => (None, None),
            Presence::Disconnected(away) => {
                let expires_at = away.as_ref().and_then(|away| away.expires_at);
                let fires_at = self.will.as_ref().and_then(|armed| armed.fires_at);
                (expires_at, fires_at)
            }
        };
        [unreleased, expires_at, fires_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// The broker has taken the message of [`Action::Route`] with this Packet Identifier, or refused it (a code
    /// of 0x80 or above). PUBACKs and PUBRECs leave in the order of the PUBLISHes.
    ///
    /// To be called exactly once for each such action that has a Packet Identifier, also when its Network
    /// Connection has ended or been replaced since: a client that comes back uses the identifier again, and its
    /// new PUBLISH is acknowledged by its own call only.
    pub fn publish_done(&mut self, packet_id: PacketId, code: ReasonCode, now: Timestamp) {
        if self.inbound.routed(packet_id, code, now) {
            self.note(|| SessionChange::Taken {
                packet_id,
                since: now,
            });
        }
    }

    /// Messages of the client that were given to the broker by [`Action::Route`] and wait for
    /// [`Self::publish_done`]. An export is complete when it is zero; QoS 2 messages among them are exported as
    /// taken.
    pub fn unfinished_publishes(&self) -> usize {
        self.inbound.unfinished()
    }

    /// Whether QoS 2 messages are among [those](Self::unfinished_publishes): whoever imported the Session would acknowledge
    /// them although not every receiver has them.
    pub fn has_unfinished_qos2(&self) -> bool {
        self.inbound.has_unfinished_qos2()
    }

    /// A message for this client. It waits in the queue until [`Self::poll_transmit`] takes it.
    pub fn deliver(&mut self, delivery: Delivery, now: Timestamp) -> Delivered {
        let is_unwanted = is_at_most_once(&delivery) && !self.takes_at_most_once();
        if is_unwanted || delivery.message.is_expired(now) {
            self.dropped += 1;
            return Delivered::Dropped;
        }
        let mut limits = Limits::from(&*self.config);
        if self.awaits_side_log {
            // What turns out to be a copy must not push anything out meanwhile; the merge restores the limits.
            limits = limits.doubled();
        }
        let logged = self.moving.side_log.is_some().then(|| delivery.clone());
        let delivered = match self.queue.push(delivery, limits) {
            Pushed::Waits { dropped: 0 } => Delivered::Queued,
            Pushed::Waits { dropped } => {
                self.dropped += dropped as u64;
                Delivered::QueuedDroppingOther
            }
            Pushed::Refused => {
                self.dropped += 1;
                return Delivered::Dropped;
            }
        };
        if let Some(delivery) = logged
            && let Some(side_log) = &mut self.moving.side_log
        {
            side_log.push(delivery, limits);
        }
        delivered
    }

    /// Whether QoS 0 messages wait for the client.
    fn takes_at_most_once(&self) -> bool {
        self.is_connected() || self.config.queue_qos0_offline
    }

    /// The messages of a run for this client, one after the other as by [`Self::deliver`]. Returns whether any waits
    /// now, and how many messages were dropped.
    pub fn deliver_run(&mut self, run: &Arc<DeliveryRun>, now: Timestamp) -> (bool, usize) {
        let is_plain = !run.may_expire()
            && self.moving.side_log.is_none()
            && !self.awaits_side_log
            && (!run.is_at_most_once() || self.takes_at_most_once());
        if is_plain && let Some(dropped) = self.queue.push_run(run, Limits::from(&*self.config)) {
            self.dropped += dropped as u64;
            return (true, dropped);
        }
        let mut waits = false;
        let dropped_before = self.dropped;
        for delivery in run.deliveries() {
            waits |= self.deliver(delivery.clone(), now) != Delivered::Dropped;
        }
        let dropped = self.dropped - dropped_before;
        (waits, usize::try_from(dropped).unwrap_or(usize::MAX))
    }

    /// Client Identifier.
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Whether there is a Network Connection.
    pub const fn is_connected(&self) -> bool {
        matches!(self.presence, Presence::Connected(_))
    }

    /// When the Session began, on whichever node.
    pub const fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When the present Network Connection began.
    pub fn connected_at(&self) -> Option<Timestamp> {
        match &self.presence {
            Presence::Connected(link) => Some(link.connected_at),
            Presence::Disconnected(_) => None,
        }
    }

    /// When the last Network Connection ended; `None` while there is one and before the first.
    pub fn disconnected_at(&self) -> Option<Timestamp> {
        self.away().map(|away| away.since)
    }

    fn away(&self) -> Option<&Away> {
        match &self.presence {
            Presence::Connected(_) => None,
            Presence::Disconnected(away) => away.as_deref(),
        }
    }

    /// Session Expiry Interval as granted, or as the DISCONNECT changed it.
    pub const fn expiry(&self) -> SessionExpiry {
        self.expiry
    }

    /// How long until the Session ends; `None` while connected and when it never ends.
    pub fn expires_in(&self, now: Timestamp) -> Option<Duration> {
        self.away()?.expires_at.map(|at| at.since(now))
    }

    /// Version of the latest Network Connection.
    pub const fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// Of the latest CONNECT: Clean Start, in 3.x Clean Session.
    pub const fn clean_start(&self) -> bool {
        self.clean_start
    }

    /// User Name of the latest CONNECT.
    pub fn username(&self) -> Option<&str> {
        self.username.as_ref().map(|username| &*username.0)
    }

    /// Whether a Will Message is set or pending.
    pub const fn has_will(&self) -> bool {
        self.will.is_some()
    }

    /// Acknowledgements of the client that belong to no message under way. They are ignored; many of them say
    /// that the client has lost its own state.
    pub const fn unexpected_acknowledgements(&self) -> u32 {
        self.unexpected_acknowledgements
    }

    /// Whether the client has messages to acknowledge.
    pub fn has_unacknowledged(&self) -> bool {
        self.inflight.len() > 0
    }

    /// Whether messages wait to be sent.
    pub fn has_queued(&self) -> bool {
        self.queue.len() > 0
    }

    /// Figures.
    pub fn stats(&self) -> SessionStats {
        SessionStats {
            subscriptions: self.subscriptions.len(),
            inflight: self.inflight.len(),
            queued: self.queue.len(),
            dropped: self.dropped,
            awaiting_pubrel: self.inbound.unreleased_len(),
        }
    }

    /// Topic Filter, options and Subscription Identifier of each Subscription, in the order in which they were
    /// made; a replaced one keeps its place.
    pub fn subscriptions(
        &self,
    ) -> impl Iterator<Item = (&TopicFilter, SubscriptionOptions, Option<u32>)> {
        self.subscriptions.iter()
    }
}
