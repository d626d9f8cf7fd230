//! A client: connects here and there, publishes, subscribes, leaves in one way or another, and keeps what the specification
//! has a client keep for its Session [MQTT-4.1].

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::connection::{Connection, V5};
use super::oracle::{Event, TOPICS};
use super::virtual_stream::VirtualStream;
use super::world::{Phase, World};
use crate::packet::{
    Acknowledgement, Connect, ConnectProperties, Decoder, Disconnect, Packet, PacketId, Publish,
    PublishProperties, QoS, ReasonCode, Sender, Subscribe, SubscriptionOptions, Unsubscribe,
};

/// CONNACK is waited for that long.
const CONNACK_WITHIN: Duration = Duration::from_secs(40);

/// Publishes that are not acknowledged, at most.
const UNACKNOWLEDGED_MAX: usize = 20;

/// A publish that the Server has not confirmed.
struct Outgoing {
    packet_id: PacketId,
    number: usize,
    topic: usize,
    qos: QoS,
    /// Of a Retained Message.
    is_removal: bool,
    /// PUBREC came.
    is_released: bool,
}

/// What was asked and is not answered.
enum Asked {
    Subscribe(u32, Instant),
    Unsubscribe,
}

/// What kind of Subscriptions it makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taste {
    Single,
    Wildcard,
    Shared,
}

pub(super) struct Client {
    number: usize,
    random: StdRng,
    world: Arc<World>,
    taste: Taste,
    /// Highest QoS that it uses.
    qos_max: u8,
    /// Session Expiry Interval; `None` = never.
    expiry: Option<Duration>,
    connection: Option<Connection>,
    /// Connections that it has left without a word.
    left_open: Vec<Arc<VirtualStream>>,
    /// When it acts next.
    at: Instant,
    /// Whether there must be a Session on the Server.
    has_session: bool,
    /// When it was last sure of that.
    sure_at: Event,
    /// When it first asked for it since.
    attempted_at: Option<Event>,
    /// The node that let it in last, and whether it has asked another one since.
    home: Option<usize>,
    has_asked_elsewhere: bool,
    gone_since: Instant,
    outgoing: VecDeque<Outgoing>,
    /// QoS 2 messages of the Server that it has not released.
    taken: BTreeSet<PacketId>,
    asked: BTreeMap<PacketId, Asked>,
    last_packet_id: u16,
    /// Topics that it believes to have subscribed to.
    subscribed: BTreeSet<Option<usize>>,
    shared: BTreeSet<u32>,
}

fn qos(bits: u8) -> QoS {
    QoS::from_bits(bits).expect("0 to 2")
}

impl Client {
    pub(super) fn new(number: usize, seed: u64, world: Arc<World>) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let options = world.options;
        let taste = match random.random_range(0..4) {
            0 | 1 => Taste::Single,
            2 => Taste::Wildcard,
            _ if options.shares => Taste::Shared,
            _ => Taste::Single,
        };
        let expiry = (options.expires && random.random_bool(0.3))
            .then(|| Duration::from_secs(random.random_range(2..15)));
        Self {
            number,
            taste,
            qos_max: options.qos_max,
            expiry,
            connection: None,
            left_open: Vec::new(),
            at: Instant::now() + Duration::from_millis(random.random_range(0..500)),
            has_session: false,
            sure_at: 0,
            attempted_at: None,
            home: None,
            has_asked_elsewhere: false,
            gone_since: Instant::now(),
            outgoing: VecDeque::new(),
            taken: BTreeSet::new(),
            asked: BTreeMap::new(),
            last_packet_id: 0,
            subscribed: BTreeSet::new(),
            shared: BTreeSet::new(),
            random,
            world,
        }
    }

    fn note(&self, text: impl FnOnce() -> String) {
        self.world.note(|| format!("c{} {}", self.number, text()));
    }

    fn pause(&mut self, range: std::ops::Range<u64>) {
        let millis = self.random.random_range(range);
        self.at = Instant::now() + Duration::from_millis(millis);
    }

    pub(super) async fn run(mut self) {
        loop {
            let at = self.at;
            let Some(connection) = &mut self.connection else {
                sleep_until(at).await;
                self.connect().await;
                continue;
            };
            tokio::select! {
                biased;
                goes_on = connection.progress() => {
                    if goes_on {
                        self.take_packets();
                    } else {
                        self.note(|| "lost its connection".to_owned());
                        self.gone(false);
                    }
                }
                () = sleep_until(at) => self.act(),
            }
            self.tell_waits();
        }
    }

    fn tell_waits(&self) {
        let what = match &self.connection {
            None => Some("a connection".to_owned()),
            Some(connection) if connection.is_paused => Some("itself".to_owned()),
            Some(_) => {
                let first = self.outgoing.front();
                first.map(|first| format!("an answer to message {}", first.number))
            }
        };
        self.world.set_waits(self.number, what);
    }

    /// The connection is over, as far as the client is concerned.
    fn gone(&mut self, is_left_open: bool) {
        if let Some(connection) = self.connection.take() {
            self.gone_since = Instant::now();
            if is_left_open {
                self.left_open.push(connection.stream);
            }
        }
        self.asked.clear();
        if self.world.options.more.absences
            && self.world.phase() == Phase::Mayhem
            && self.random.random_bool(0.3)
        {
            self.pause(3_000..9_000);
        } else {
            self.pause(1..600);
        }
    }

    async fn connect(&mut self) {
        let is_clean = self.world.phase() == Phase::Mayhem && self.random.random_bool(0.03);
        let capacity = *[400, 4_000, 60_000]
            .get(self.random.random_range(0..3))
            .expect("three");
        let Some((node, stream)) = self.world.connect(&mut self.random, capacity) else {
            self.pause(100..1_000);
            return;
        };
        if is_clean {
            self.world.oracle.lock().void(self.number);
            self.world.forget_served(self.number);
            self.has_session = false;
        }
        self.note(|| {
            format!(
                "connects to n{node}{}",
                if is_clean { ", clean" } else { "" }
            )
        });
        let number = self.world.oracle.lock().event();
        self.attempted_at.get_or_insert(number);
        self.has_asked_elsewhere |= self.home != Some(node);
        let mut connection = Connection {
            number,
            node,
            stream,
            decoder: Decoder::new(Sender::Server, 1 << 20),
            received: BytesMut::new(),
            unsent: BytesMut::new(),
            is_paused: false,
        };
        connection.decoder.set_version(V5);
        connection.send(&Packet::Connect(Box::new(Connect {
            version: V5,
            clean_start: is_clean,
            keep_alive_s: 0,
            client_id: format!("c{}", self.number).into(),
            will: None,
            username: None,
            password: None,
            properties: ConnectProperties {
                session_expiry_interval_s: Some(
                    self.expiry
                        .map_or(u32::MAX, |expiry| expiry.as_secs() as u32),
                ),
                receive_maximum: std::num::NonZeroU16::new(self.random.random_range(1..30)),
                ..ConnectProperties::default()
            },
        })));
        let answer = timeout(CONNACK_WITHIN, async {
            loop {
                if let Some(packet) = connection.next_packet() {
                    return Some(packet);
                }
                if !connection.progress().await {
                    return None;
                }
            }
        });
        match answer.await {
            Ok(Some(Packet::ConnAck(connack))) if connack.reason_code == ReasonCode::Success => {
                self.note(|| {
                    format!(
                        "is connected to n{node}, session {}",
                        connack.session_present
                    )
                });
                self.connection = Some(connection);
                self.world.note_served(self.number, node);
                self.begin(connack.session_present);
                self.home = Some(node);
                self.has_asked_elsewhere = false;
                self.take_packets();
                self.pause(1..300);
            }
            answer => {
                self.note(|| format!("is not let in by n{node}: {answer:?}"));
                self.pause(50..1_500);
            }
        }
    }

    /// The Server has let the client in.
    fn begin(&mut self, session_present: bool) {
        let mut oracle = self.world.oracle.lock();
        let expires = self.expiry.is_some_and(|expiry| {
            // The Server may have ended the connection a little before the client has seen it.
            self.gone_since.elapsed() + Duration::from_millis(1_500) >= expiry
        });
        let divided = oracle.divided_since(self.sure_at);
        let has_copy = self.world.copies_serve(self.number);
        let was_lost = self.world.take_lost(self.number);
        let attempted_at = self.attempted_at.take();
        let may_expire = self.expiry.is_some() && divided.is_some();
        if self.has_session && !session_present && self.expiry.is_none() && has_copy {
            oracle.problem(format!("the Session of c{} had a copy", self.number));
        }
        if was_lost || may_expire || (expires && !session_present) {
            oracle.void(self.number);
            if divided.is_some() {
                oracle.split(self.number);
            }
        } else if let Some(divided) = divided {
            // What was acknowledged until it asked waits for it, unless its Session has left its node while a third one was
            // away, which may keep messages for that node.
            let options = &self.world.options;
            let stayed = session_present && !self.has_asked_elsewhere && !options.evacuates;
            // Or by an evacuation, before it asked.
            let was_sent_away = self.home.is_some_and(|home| self.world.was_evacuated(home));
            let until = attempted_at.filter(|at| {
                let was_there = stayed || (oracle.is_united_since(*at) && !was_sent_away);
                options.keeps() && (was_there || options.nodes == 2)
            });
            match until {
                Some(until) if stayed || oracle.is_united_since(until) => {
                    oracle.begin_session(self.number, until);
                }
                until => oracle.split_session(self.number, until.unwrap_or(divided)),
            }
        } else if self.has_session && !session_present {
            let problem = format!(
                "the Session of c{} has ended before its expiry",
                self.number
            );
            oracle.problem(problem);
            oracle.void(self.number);
        }
        if was_lost || divided.is_some() || !session_present {
            self.subscribed.clear();
        }
        self.sure_at = oracle.event();
        drop(oracle);
        self.has_session = true;
        if !session_present {
            self.outgoing.clear();
            self.taken.clear();
            return;
        }
        for each in self.outgoing.iter().filter(|each| !each.is_released) {
            self.note_sent(each.number, true);
        }
        let again: Vec<_> = self
            .outgoing
            .iter()
            .map(|each| {
                if each.is_released {
                    Packet::PubRel(Acknowledgement::success(each.packet_id))
                } else {
                    publish(each, true)
                }
            })
            .collect();
        for packet in again {
            self.send(&packet);
        }
    }

    /// A message goes out.
    fn note_sent(&self, number: usize, is_again: bool) {
        if let Some(connection) = &self.connection {
            let is_known = !self.world.ignorant.lock().contains(&connection.node);
            let mut oracle = self.world.oracle.lock();
            let sent_on = (connection.node, connection.number);
            oracle.goes_out(number, sent_on, is_again, is_known);
        }
    }

    fn send(&mut self, packet: &Packet) {
        if let Some(connection) = &mut self.connection {
            connection.send(packet);
        }
    }

    fn take_packets(&mut self) {
        while let Some(packet) = self.connection.as_mut().and_then(Connection::next_packet) {
            self.world.touch();
            self.take(packet);
        }
    }

    fn take(&mut self, packet: Packet) {
        match packet {
            Packet::Publish(publish) => self.take_publish(&publish),
            Packet::PubAck(ack) => {
                self.finish(ack.packet_id, !ack.reason_code.is_error());
            }
            Packet::PubRec(ack) => {
                if ack.reason_code.is_error() {
                    self.finish(ack.packet_id, false);
                    return;
                }
                let mut known = self.outgoing.iter_mut();
                if let Some(each) = known.find(|each| each.packet_id == ack.packet_id) {
                    each.is_released = true;
                    self.world.oracle.lock().acked(each.number);
                }
                self.send(&Packet::PubRel(Acknowledgement::success(ack.packet_id)));
            }
            Packet::PubComp(ack) => self.finish(ack.packet_id, false),
            Packet::PubRel(ack) => {
                self.taken.remove(&ack.packet_id);
                self.send(&Packet::PubComp(Acknowledgement::success(ack.packet_id)));
            }
            Packet::SubAck(suback) => {
                if let Some(Asked::Subscribe(identifier, at)) = self.asked.remove(&suback.packet_id)
                {
                    self.note(|| format!("has Subscription {identifier}"));
                    // After a second SUBACK comes although a node may not know of it, and one that is away does not.
                    let is_known = at.elapsed() < Duration::from_secs(1)
                        && !self.world.oracle.lock().is_divided();
                    let node = self.connection.as_ref().map(|connection| connection.node);
                    match node {
                        Some(node) if !is_known => self.world.announced(identifier, node),
                        _ => self.world.oracle.lock().subscribed(identifier),
                    }
                }
            }
            Packet::UnsubAck(unsuback) => {
                self.asked.remove(&unsuback.packet_id);
            }
            Packet::Disconnect(disconnect) => {
                self.note(|| format!("is sent away: {:?}", disconnect.reason_code));
                self.gone(false);
            }
            other => self
                .world
                .oracle
                .lock()
                .problem(format!("c{} got {other:?}", self.number)),
        }
    }

    fn finish(&mut self, packet_id: PacketId, is_acked: bool) {
        let at = self
            .outgoing
            .iter()
            .position(|each| each.packet_id == packet_id);
        if let Some(each) = at.and_then(|at| self.outgoing.remove(at)) {
            self.note(|| format!("message {} is done", each.number));
            if is_acked {
                self.world.oracle.lock().acked(each.number);
            }
        }
    }

    fn take_publish(&mut self, publish: &Publish) {
        if let (QoS::ExactlyOnce, Some(packet_id)) = (publish.qos, publish.packet_id)
            && !self.taken.insert(packet_id)
        {
            // Sent again: it has it already [MQTT-4.3.3-11].
            self.send(&Packet::PubRec(Acknowledgement::success(packet_id)));
            return;
        }
        let number = std::str::from_utf8(&publish.payload).ok();
        let Some(number) = number.and_then(|text| text.parse::<usize>().ok()) else {
            let problem = format!("c{} got {publish:?}", self.number);
            self.world.oracle.lock().problem(problem);
            return;
        };
        self.note(|| format!("gets message {number} (QoS {})", publish.qos as u8));
        let none = Vec::new();
        let properties = publish.properties.as_ref();
        let identifiers = properties.map_or(&none, |it| &it.subscription_identifiers);
        let is_shared = identifiers.iter().any(|each| self.shared.contains(each));
        self.world
            .oracle
            .lock()
            .received(self.number, number, publish.qos, identifiers, is_shared);
        if let Some(packet_id) = publish.packet_id {
            let ack = Acknowledgement::success(packet_id);
            self.send(&match publish.qos {
                QoS::ExactlyOnce => Packet::PubRec(ack),
                _ => Packet::PubAck(ack),
            });
        }
    }

    fn packet_id(&mut self) -> PacketId {
        loop {
            self.last_packet_id = self.last_packet_id.wrapping_add(1);
            if let Some(id) = PacketId::new(self.last_packet_id)
                && !self.asked.contains_key(&id)
                && !self.outgoing.iter().any(|each| each.packet_id == id)
            {
                return id;
            }
        }
    }

    /// Does something.
    fn act(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.is_paused = false;
        }
        if self.world.phase() != Phase::Mayhem {
            self.left_open.clear();
            self.pause(500..1_000);
            return;
        }
        match self.random.random_range(0..100) {
            0..55 => {
                for _ in 0..self.random.random_range(1..5) {
                    self.publish();
                }
            }
            55..73 => self.subscribe(),
            73..77 => self.unsubscribe(),
            77..82 => {
                if let Some(connection) = &mut self.connection {
                    connection.is_paused = true;
                }
            }
            82..88 => {
                self.note(|| "leaves".to_owned());
                self.send(&Packet::Disconnect(Disconnect {
                    reason_code: ReasonCode::Success,
                    properties: None,
                }));
                self.gone(false);
            }
            88..95 => {
                self.note(|| "breaks off".to_owned());
                self.gone(false);
            }
            _ => {
                self.note(|| "is gone without a word".to_owned());
                self.gone(true);
            }
        }
        if self.left_open.len() > 2 {
            self.left_open.remove(0);
        }
        if self.connection.is_some() {
            self.pause(1..500);
        } else if self.at < Instant::now() + Duration::from_secs(1) && self.random.random_bool(0.5)
        {
            // At once, while its Session is still on its way.
            self.pause(0..20);
        }
    }

    fn publish(&mut self) {
        if self.outgoing.len() >= UNACKNOWLEDGED_MAX {
            return;
        }
        let retains = self.world.options.more.retains && self.random.random_bool(0.2);
        let is_removal = retains && self.random.random_bool(0.2);
        let topic = match self.random.random_range(0..TOPICS) {
            topic if retains => TOPICS + topic,
            topic => topic,
        };
        let qos = qos(self.random.random_range(0..=self.qos_max));
        let number = self.world.oracle.lock().publish(self.number, topic, qos);
        self.note_sent(number, false);
        if is_removal {
            self.world.oracle.lock().removes(number);
        }
        let packet_id = self.packet_id();
        self.note(|| format!("publishes message {number} to {topic} (QoS {})", qos as u8));
        let outgoing = Outgoing {
            packet_id,
            number,
            topic,
            qos,
            is_removal,
            is_released: false,
        };
        self.send(&publish(&outgoing, false));
        if qos != QoS::AtMostOnce {
            self.outgoing.push_back(outgoing);
        }
    }

    fn topic(&mut self) -> Option<usize> {
        (self.taste == Taste::Single).then(|| self.random.random_range(0..TOPICS))
    }

    fn filter(&self, topic: Option<usize>) -> String {
        match (self.taste, topic) {
            (Taste::Shared, _) => "$share/g/t/+".to_owned(),
            (_, None) => "t/+".to_owned(),
            (_, Some(topic)) => format!("t/{topic}"),
        }
    }

    fn subscribe(&mut self) {
        let topic = self.topic();
        let is_shared = self.taste == Taste::Shared;
        if self.subscribed.contains(&topic) && self.random.random_bool(0.8) {
            return;
        }
        let qos = qos(self.random.random_range(1..=self.qos_max.max(1)));
        let filter = self.filter(topic);
        let identifier = self
            .world
            .oracle
            .lock()
            .subscribe(self.number, topic, is_shared, qos);
        if is_shared {
            self.shared.insert(identifier);
        }
        self.note(|| format!("subscribes to {filter} as {identifier} (QoS {})", qos as u8));
        let packet_id = self.packet_id();
        self.asked
            .insert(packet_id, Asked::Subscribe(identifier, Instant::now()));
        self.subscribed.insert(topic);
        self.send(&Packet::Subscribe(Subscribe {
            packet_id,
            subscription_identifier: Some(identifier),
            user_properties: Vec::new(),
            filters: vec![(
                filter.into(),
                SubscriptionOptions {
                    qos,
                    ..SubscriptionOptions::default()
                },
            )],
        }));
    }

    fn unsubscribe(&mut self) {
        let topic = self.topic();
        if !self.subscribed.remove(&topic) {
            return;
        }
        let filter = self.filter(topic);
        self.note(|| format!("unsubscribes from {filter}"));
        let is_shared = self.taste == Taste::Shared;
        self.world
            .oracle
            .lock()
            .unsubscribe(self.number, topic, is_shared);
        let packet_id = self.packet_id();
        self.asked.insert(packet_id, Asked::Unsubscribe);
        self.send(&Packet::Unsubscribe(Unsubscribe {
            packet_id,
            user_properties: Vec::new(),
            filters: vec![filter.into()],
        }));
    }
}

fn publish(outgoing: &Outgoing, dup: bool) -> Packet {
    Packet::Publish(Publish {
        dup,
        qos: outgoing.qos,
        retain: outgoing.topic >= TOPICS,
        topic: topic_name(outgoing.topic).into(),
        packet_id: (outgoing.qos != QoS::AtMostOnce).then_some(outgoing.packet_id),
        properties: Some(Box::new(PublishProperties::default())),
        payload: if outgoing.is_removal {
            Bytes::new()
        } else {
            Bytes::from(outgoing.number.to_string())
        },
    })
}

/// Messages to some topics are retained, and nobody subscribes to those.
pub(super) fn topic_name(topic: usize) -> String {
    match topic.checked_sub(TOPICS) {
        Some(retained) => format!("r/{retained}"),
        None => format!("t/{topic}"),
    }
}

/// Starts a client and lets it run until the runtime ends.
pub(super) fn start(number: usize, seed: u64, world: &Arc<World>) {
    let client = Client::new(number, seed, Arc::clone(world));
    tokio::spawn(async move {
        sleep(Duration::ZERO).await;
        client.run().await;
    });
}
