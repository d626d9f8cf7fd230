//! A whole broker core in memory: Sessions, the index of Subscriptions, Retained Messages and the answer to CONNECT,
//! with clients on connections that take any bytes, in virtual time. What it does between these is what `emqxd`'s
//! `net` and `node` do around them; there are no sockets, no tasks and no peers.
//!
//! It checks by itself what must hold whatever clients send; see [`World::check`] and [`wire::Wire`].

mod obedient;
pub mod wire;

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use emqx_proto::peer::v1 as proto;
use emqxd::cluster::convert;
use emqxd::message::{Delivery, Message, MessageId, SubscriptionIdentifiers};
use emqxd::packet::{
    ClientId, ConnAck, Connect, Decoder, Packet, PacketId, ProtocolVersion, QoS, ReasonCode,
    RetainHandling, Sender, SubscriptionOptions,
};
use emqxd::routing::interest::RemoteMatches;
use emqxd::routing::retained::{RetainedStamp, RetainedStore};
use emqxd::routing::router::{Matches, Router};
use emqxd::routing::shared_subscription::{Choice, ShareContext, ShareKey, for_each_group};
use emqxd::session::connect::{ConnectPolicy, decide};
use emqxd::session::{
    Action, Detach, Inbound, Session, SessionConfig, SessionExpiry, SessionState, Transmit,
};
use emqxd::time::Timestamp;
use emqxd::topic::{ShareStrategies, TopicFilter, Usability};
use prost::Message as _;

pub use obedient::Obedient;
use wire::Wire;

/// Retained Messages whose removal is remembered for this long.
const TOMBSTONE_AGE: Duration = Duration::from_secs(60);

/// Accepted from a client in one packet, bytes.
pub const PACKET_BYTES_MAX: u32 = 4_096;

/// One node without its shell.
pub struct World {
    now: Timestamp,
    config: Arc<SessionConfig>,
    policy: ConnectPolicy,
    router: Router<Place>,
    retained: RetainedStore,
    cells: Vec<Option<Cell>>,
    by_client: BTreeMap<ClientId, usize>,
    connections: Vec<Option<Connection>>,
    messages: u64,
    assigned: usize,
    matches: Matches<Place>,
    strategies: ShareStrategies,
    chosen: u64,
}

/// Where a Session is among all that ever were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(usize);

impl ShareKey for Place {
    fn share_key(&self) -> u64 {
        self.0 as u64
    }
}

/// A Session in its place.
struct Cell {
    session: Session,
    connection: Option<usize>,
    /// Messages of the client that were routed and not acknowledged to its Session.
    routed: Vec<PacketId>,
    /// QoS 2 messages of the client that were routed and not released since, with the time.
    unreleased: BTreeMap<PacketId, Timestamp>,
}

/// A Network Connection.
struct Connection {
    decoder: Decoder,
    held: BytesMut,
    /// Once its CONNECT is accepted.
    serves: Option<usize>,
    wire: Wire,
}

/// What became of bytes that a client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The connection goes on.
    Open,
    /// It was closed.
    Closed,
}

/// Limits so low that a short input meets them.
pub fn small_limits() -> SessionConfig {
    SessionConfig {
        inflight_max: 4,
        receive_maximum: NonZeroU16::new(4).unwrap_or(NonZeroU16::MIN),
        queue_messages_max: 12,
        queue_bytes_max: 1_024,
        topic_alias_maximum: 3,
        topic_alias_bytes_max: 64,
        subscriptions_max: 5,
        awaiting_pubrel_timeout: Duration::from_secs(30),
        expiry_interval_max: Some(Duration::from_secs(3_600)),
        ..SessionConfig::default()
    }
}

impl World {
    /// Without Sessions, with room for so many connections at once.
    pub fn new(config: SessionConfig, connections: usize) -> Self {
        let config = Arc::new(config);
        Self {
            now: Timestamp::from_millis(1_000_000),
            policy: ConnectPolicy {
                session: Arc::clone(&config),
                maximum_packet_size: PACKET_BYTES_MAX,
                keep_alive_max_s: None,
                allow_anonymous: true,
            },
            config,
            router: Router::new(),
            retained: RetainedStore::new(TOMBSTONE_AGE),
            cells: Vec::new(),
            by_client: BTreeMap::new(),
            connections: (0..connections).map(|_| None).collect(),
            messages: 0,
            assigned: 0,
            matches: Matches::new(),
            strategies: ShareStrategies::default(),
            chosen: 0,
        }
    }

    /// Whether there is a connection.
    pub fn is_open(&self, slot: usize) -> bool {
        self.connections[slot].is_some()
    }

    /// Whether its CONNECT was accepted.
    pub fn is_served(&self, slot: usize) -> bool {
        self.connections[slot]
            .as_ref()
            .is_some_and(|connection| connection.serves.is_some())
    }

    /// A connection begins; one that is there is lost.
    pub fn open(&mut self, slot: usize) {
        self.lose(slot);
        self.connections[slot] = Some(Connection {
            decoder: Decoder::new(Sender::Client, PACKET_BYTES_MAX),
            held: BytesMut::new(),
            serves: None,
            wire: Wire::default(),
        });
    }

    /// The connection is lost.
    pub fn lose(&mut self, slot: usize) {
        self.close(slot, Detach::Abnormal);
    }

    fn close(&mut self, slot: usize, how: Detach) {
        let Some(connection) = self.connections[slot].take() else {
            return;
        };
        if let Some(index) = connection.serves {
            self.detach(index, how);
        }
    }

    fn detach(&mut self, index: usize, how: Detach) {
        let Some(cell) = &mut self.cells[index] else {
            return;
        };
        cell.connection = None;
        let mut actions = Vec::new();
        cell.session.detach(how, self.now, &mut actions);
        self.carry_out(index, actions);
    }

    /// Bytes of the client arrive.
    pub fn receive(&mut self, slot: usize, bytes: &[u8]) -> Received {
        let Some(connection) = &mut self.connections[slot] else {
            return Received::Closed;
        };
        connection.held.extend_from_slice(bytes);
        let mut buffer = connection.held.split().freeze();
        loop {
            let Some(connection) = &mut self.connections[slot] else {
                return Received::Closed;
            };
            match connection.decoder.decode(&mut buffer) {
                Ok(Some(packet)) => self.handle(slot, packet),
                Ok(None) => {
                    connection.held = BytesMut::from(&buffer[..]);
                    return Received::Open;
                }
                Err(_) => {
                    self.lose(slot);
                    return Received::Closed;
                }
            }
        }
    }

    fn handle(&mut self, slot: usize, packet: Packet) {
        let Some(connection) = &self.connections[slot] else {
            return;
        };
        match (connection.serves, packet) {
            (None, Packet::Connect(connect)) => self.connect(slot, &connect),
            (None, other) => panic!("the decoder let {other:?} come first"),
            (Some(index), packet) => self.give(slot, index, packet),
        }
    }

    fn connect(&mut self, slot: usize, connect: &Connect) {
        let assigned = self.assigned;
        let fresh = || {
            let text = format!("auto-{assigned}");
            ClientId::new(&text).expect("not empty")
        };
        let Ok(accepted) = decide(connect, &self.policy, fresh) else {
            self.lose(slot);
            return;
        };
        self.assigned += 1;
        let mut wire = Wire::new(connect.version, accepted.attach.maximum_packet_size);
        wire.receive_maximum = accepted.attach.receive_maximum.get().into();
        let index = self.session_for(&accepted.client_id, accepted.clean_start);
        let session_present = index.is_some();
        let index = index.unwrap_or_else(|| self.begin(&accepted.client_id));
        let connack = Packet::ConnAck(Box::new(ConnAck {
            session_present,
            reason_code: ReasonCode::Success,
            properties: accepted.connack,
        }));
        if let Some(cell) = &mut self.cells[index] {
            cell.session.attach(accepted.attach, self.now);
            cell.connection = Some(slot);
        }
        wire.packet(&connack);
        if let Some(connection) = &mut self.connections[slot] {
            connection.serves = Some(index);
            connection.wire = wire;
        }
    }

    /// The Session that goes on, if there is one.
    fn session_for(&mut self, client_id: &ClientId, clean_start: bool) -> Option<usize> {
        let index = *self.by_client.get(client_id)?;
        let cell = self.cells[index].as_ref()?;
        let ends = cell.session.expiry() == SessionExpiry::WITH_CONNECTION;
        if let Some(slot) = cell.connection {
            self.connections[slot] = None;
            self.detach(index, Detach::TakenOver);
        }
        if clean_start && let Some(cell) = &mut self.cells[index] {
            let mut actions = Vec::new();
            cell.session.end(self.now, &mut actions);
            self.carry_out(index, actions);
        }
        let remains = self.cells[index].is_some();
        assert!(!remains || !(ends || clean_start), "the Session has ended");
        remains.then_some(index)
    }

    fn begin(&mut self, client_id: &ClientId) -> usize {
        let index = self.cells.len();
        self.cells.push(Some(Cell {
            session: Session::new(client_id.clone(), Arc::clone(&self.config), self.now),
            connection: None,
            routed: Vec::new(),
            unreleased: BTreeMap::new(),
        }));
        self.by_client.insert(client_id.clone(), index);
        index
    }

    fn give(&mut self, slot: usize, index: usize, packet: Packet) {
        let now = self.now;
        let Some(cell) = &mut self.cells[index] else {
            return;
        };
        let Some(connection) = &mut self.connections[slot] else {
            return;
        };
        connection.wire.acknowledged(&packet);
        let released = match &packet {
            Packet::PubRel(pubrel) => Some(pubrel.packet_id),
            _ => None,
        };
        let mut actions = Vec::new();
        let outcome = cell.session.handle_packet(packet, now, &mut actions);
        if let Some(packet_id) = released
            && outcome.is_ok()
        {
            cell.unreleased.remove(&packet_id);
        }
        let closing = actions.contains(&Action::CloseNormally);
        self.carry_out(index, actions);
        if outcome.is_err() {
            self.lose(slot);
        } else if closing {
            self.close(slot, Detach::Normal);
        }
    }

    fn carry_out(&mut self, index: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Route(inbound) => self.route_inbound(index, inbound),
                Action::Subscribed {
                    filter,
                    options,
                    identifier,
                    existed,
                } => self.subscribe(index, &filter, options, identifier, existed),
                Action::Unsubscribed { filter } => {
                    assert!(self.router.unsubscribe(&filter, &Place(index)), "{filter}");
                }
                Action::PublishWill(message) => self.publish(None, *message),
                Action::CloseNormally
                | Action::Refused { .. }
                | Action::UnreleasedExpired { .. } => {}
                Action::Ended => self.end(index),
            }
        }
    }

    fn end(&mut self, index: usize) {
        let Some(cell) = self.cells[index].take() else {
            panic!("a Session that ends twice");
        };
        for (filter, _, _) in cell.session.subscriptions() {
            assert!(self.router.unsubscribe(filter, &Place(index)), "{filter}");
        }
        self.by_client.remove(cell.session.client_id());
        if let Some(slot) = cell.connection {
            self.connections[slot] = None;
        }
    }

    fn route_inbound(&mut self, index: usize, inbound: Inbound) {
        let Inbound { message, packet_id } = inbound;
        if let (Some(packet_id), Some(cell)) = (packet_id, &mut self.cells[index]) {
            cell.routed.push(packet_id);
            if message.qos == QoS::ExactlyOnce {
                let before = cell.unreleased.insert(packet_id, self.now);
                // [MQTT-4.3.3-10]
                let is_repeated = before.is_some_and(|before| {
                    self.now.since(before) < self.config.awaiting_pubrel_timeout
                });
                assert!(!is_repeated, "QoS 2 message {packet_id} is routed twice");
            }
        }
        self.publish(Some(index), message);
    }

    fn publish(&mut self, publisher: Option<usize>, mut message: Message) {
        self.messages += 1;
        message.id = MessageId {
            origin: 1,
            number: self.messages,
        };
        message.received_at = self.now;
        let message = Arc::new(message);
        if message.retain {
            let stamp = RetainedStamp {
                stamp: (self.now.as_millis() << 16) + self.messages,
                node: "n".into(),
            };
            self.retained.put(Arc::clone(&message), stamp);
        }
        let mut matches = std::mem::take(&mut self.matches);
        let publisher = publisher.map(Place);
        self.router
            .matches(&message.topic, publisher.as_ref(), &mut matches);
        let mut deliveries = Vec::new();
        for found in matches.ordinary.iter() {
            deliveries.push((found.subscriber, found.delivery_of(&message)));
        }
        let usable = |place: &Place| match &self.cells[place.0] {
            Some(cell) if cell.connection.is_some() => Usability::Connected,
            Some(_) => Usability::Offline,
            None => Usability::Unusable,
        };
        let mut context = ShareContext {
            strategies: &self.strategies,
            node: 1,
            publisher: message.publisher.as_ref().map_or("", ClientId::as_str),
            topic: message.topic.as_str(),
            random: &mut || {
                self.chosen += 1;
                self.chosen
            },
        };
        let without = for_each_group(
            &mut context,
            &matches,
            &RemoteMatches::<Place>::new(),
            usable,
            |filter, choice| {
                let Choice::Local(member) = choice else {
                    panic!("there is no other node");
                };
                deliveries.push((
                    member.subscriber,
                    Delivery {
                        message: Arc::clone(&message),
                        qos: message.qos.min(member.options.qos),
                        retain: message.retain && member.options.retain_as_published,
                        shared: Some(filter.clone()),
                        subscription_identifiers: member.identifier.into_iter().collect(),
                    },
                ));
            },
        );
        assert_eq!(without, 0, "a Shared Subscription without a Session");
        self.matches = matches;
        for (index, delivery) in deliveries {
            self.deliver(index.0, delivery);
        }
    }

    fn deliver(&mut self, index: usize, delivery: Delivery) {
        let cell = self.cells[index].as_mut();
        let cell = cell.expect("a Subscription ends with its Session");
        cell.session.deliver(delivery, self.now);
    }

    fn subscribe(
        &mut self,
        index: usize,
        filter: &TopicFilter,
        options: SubscriptionOptions,
        identifier: Option<u32>,
        existed: bool,
    ) {
        let replaced = self
            .router
            .subscribe(filter, Place(index), options, identifier);
        assert_eq!(
            replaced, existed,
            "the index and the Session differ: {filter}"
        );
        let wanted = match options.retain_handling {
            RetainHandling::SendAtSubscribe => true,
            RetainHandling::SendIfNew => !existed,
            RetainHandling::DoNotSend => false,
        };
        if !wanted || filter.is_shared() {
            return;
        }
        let mut found = Vec::new();
        self.retained
            .for_each_match(filter, self.now, |message| found.push(Arc::clone(message)));
        for message in found {
            let qos = message.qos.min(options.qos);
            self.deliver(
                index,
                Delivery {
                    message,
                    qos,
                    retain: true,
                    shared: None,
                    subscription_identifiers: identifier
                        .into_iter()
                        .collect::<SubscriptionIdentifiers>(),
                },
            );
        }
    }

    /// The broker answers for the oldest message of the client that it was given to route.
    pub fn answer_oldest(&mut self, slot: usize, code: ReasonCode) -> bool {
        let Some(index) = self.served_by(slot) else {
            return false;
        };
        let Some(cell) = &mut self.cells[index] else {
            return false;
        };
        if cell.routed.is_empty() {
            return false;
        }
        let packet_id = cell.routed.remove(0);
        cell.session.publish_done(packet_id, code, self.now);
        if code.is_error() {
            cell.unreleased.remove(&packet_id);
        }
        true
    }

    /// The Session sends up to so many bytes; returns the packets as its client reads them.
    pub fn transmit(&mut self, slot: usize, room: usize) -> Vec<Packet> {
        let Some(index) = self.served_by(slot) else {
            return Vec::new();
        };
        let (Some(cell), Some(connection)) = (&mut self.cells[index], &mut self.connections[slot])
        else {
            return Vec::new();
        };
        connection.wire.room = room;
        let remains = cell.session.poll_transmit(self.now, &mut connection.wire);
        assert!(
            !remains || !connection.wire.has_room(),
            "it stops only for want of room"
        );
        connection.wire.take()
    }

    /// Time passes.
    pub fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        for index in 0..self.cells.len() {
            let Some(cell) = &mut self.cells[index] else {
                continue;
            };
            let mut actions = Vec::new();
            cell.session.handle_timeout(self.now, &mut actions);
            self.carry_out(index, actions);
        }
        self.retained.sweep(self.now, 100);
    }

    /// The Session of a connection moves to another node and is then found here again: its client is cut.
    pub fn carry_over(&mut self, slot: usize) {
        let Some(index) = self.served_by(slot) else {
            return;
        };
        while self.answer_oldest(slot, ReasonCode::Success) {}
        self.lose(slot);
        let Some(cell) = &mut self.cells[index] else {
            return;
        };
        let state = there_and_back(cell.session.export(self.now), self.now);
        assert_eq!(
            there_and_back(state.clone(), self.now),
            state,
            "it changes on its way"
        );
        cell.session = Session::import(state, Arc::clone(&self.config), self.now);
    }

    /// Messages that have come over a connection, by publisher and payload.
    pub fn arrived(&self, slot: usize) -> &[(Option<ClientId>, Bytes)] {
        match &self.connections[slot] {
            Some(connection) => &connection.wire.arrived,
            None => &[],
        }
    }

    /// What the client of a connection speaks; `None` when it is not served.
    pub fn version(&self, slot: usize) -> Option<ProtocolVersion> {
        self.connections[slot].as_ref()?.decoder.version()
    }

    fn served_by(&self, slot: usize) -> Option<usize> {
        self.connections[slot].as_ref()?.serves
    }

    /// What must hold at any time.
    pub fn check(&self) {
        let mut subscriptions = 0;
        for cell in self.cells.iter().flatten() {
            let stats = cell.session.stats();
            subscriptions += stats.subscriptions;
            assert!(stats.subscriptions <= self.config.subscriptions_max);
            assert!(stats.inflight <= self.config.inflight_max.into());
            assert!(stats.queued <= self.config.queue_messages_max);
            let queue = cell.session.export(self.now).queue;
            let bytes: usize = queue.iter().map(|delivery| delivery.message.bytes()).sum();
            assert!(bytes <= self.config.queue_bytes_max, "{bytes} bytes wait");
            assert_eq!(cell.session.is_connected(), cell.connection.is_some());
        }
        assert_eq!(self.router.subscription_count(), subscriptions);
    }
}

/// A Session State as the peer that it is sent to sees it.
fn there_and_back(state: SessionState, now: Timestamp) -> SessionState {
    let bytes = convert::session_to(&state, now).encode_to_vec();
    let wire = proto::SessionState::decode(&bytes[..]).expect("just encoded");
    convert::session_from(wire, now).expect("what it sends it would accept")
}

/// A number as a payload.
pub fn numbered(number: u64) -> Bytes {
    Bytes::from(number.to_string())
}
