//! What the tests of this module share: short ways to make values, and a sink that remembers.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::delivery_run::DeliveryRun;
use super::{
    Action, Attach, Detach, OutgoingPublish, Session, SessionConfig, SessionExpiry, Transmit,
    Violation, Will,
};
use crate::message::{Delivery, Message, MessageId, SubscriptionIdentifiers};
use crate::packet::{
    Acknowledgement, ClientId, Disconnect, DisconnectProperties, Packet, PacketId, ProtocolVersion,
    Publish, QoS, ReasonCode, SubAck, Subscribe, SubscriptionOptions,
};
use crate::time::Timestamp;
use crate::topic::TopicName;

pub(crate) const V3: ProtocolVersion = ProtocolVersion::V3_1_1;
pub(crate) const V5: ProtocolVersion = ProtocolVersion::V5;

pub(crate) const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn id(number: u16) -> PacketId {
    PacketId::new(number).expect("not zero")
}

pub(crate) fn qos(bits: u8) -> QoS {
    QoS::from_bits(bits).expect("0 to 2")
}

/// Published to `t`; the number is its id and its payload.
pub(crate) fn message(number: u64, qos_bits: u8) -> Message {
    Message {
        id: MessageId { origin: 1, number },
        topic: TopicName::new("t").expect("valid"),
        payload: Bytes::from(number.to_string()),
        qos: qos(qos_bits),
        retain: false,
        publisher: None,
        received_at: at(0),
        expires_at: None,
        properties: None,
    }
}

pub(crate) fn delivery_of(message: Message) -> Delivery {
    Delivery {
        qos: message.qos,
        retain: message.retain,
        message: Arc::new(message),
        shared: None,
        subscription_identifiers: SubscriptionIdentifiers::new(),
    }
}

pub(crate) fn delivery(number: u64, qos_bits: u8) -> Delivery {
    delivery_of(message(number, qos_bits))
}

pub(crate) fn delivery_of_size(number: u64, qos_bits: u8, payload_bytes: usize) -> Delivery {
    delivery_of(Message {
        payload: Bytes::from(vec![0; payload_bytes]),
        ..message(number, qos_bits)
    })
}

pub(crate) fn numbers(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries
        .iter()
        .map(|each| each.message.id.number)
        .collect()
}

pub(crate) fn will(delay_s: u64) -> Will {
    Will {
        message: Message {
            topic: TopicName::new("will").expect("valid"),
            ..message(0, 1)
        },
        delay: seconds(delay_s),
        expiry_interval: None,
    }
}

pub(crate) fn attach(version: ProtocolVersion) -> Attach {
    Attach {
        version,
        clean_start: false,
        expiry: SessionExpiry::After(seconds(100)),
        receive_maximum: NonZeroU16::MAX,
        maximum_packet_size: None,
        topic_alias_maximum: 0,
        problem_information: true,
        will: None,
        username: None,
    }
}

pub(crate) fn session_with(config: SessionConfig) -> Session {
    Session::new(
        ClientId::new("c").expect("not empty"),
        Arc::new(config),
        at(0),
    )
}

pub(crate) fn connected(version: ProtocolVersion) -> Session {
    connected_with(SessionConfig::default(), attach(version))
}

pub(crate) fn connected_with(config: SessionConfig, attach: Attach) -> Session {
    let mut session = session_with(config);
    session.attach(attach, at(0));
    session
}

/// What came out, in the short form that tests compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    Packet(Packet),
    Publish {
        number: u64,
        packet_id: u16,
        dup: bool,
    },
}

pub(crate) fn publish_sent(number: u64, packet_id: u16) -> Sent {
    Sent::Publish {
        number,
        packet_id,
        dup: false,
    }
}

pub(crate) fn publish_again(number: u64, packet_id: u16) -> Sent {
    Sent::Publish {
        number,
        packet_id,
        dup: true,
    }
}

/// All about a PUBLISH that came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishFacts {
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) alias: Option<u16>,
    pub(super) topic_known: bool,
    pub(super) expires_in_s: Option<u32>,
    pub(super) subscription_identifiers: Vec<u32>,
}

/// A sink with room for so many packets.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(super) room: usize,
    /// Takes up to three packets of a run at a time.
    pub(super) takes_runs: bool,
    pub(super) payload_max: usize,
    pub(super) sent: Vec<Sent>,
    pub(super) facts: Vec<PublishFacts>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            room: usize::MAX,
            takes_runs: false,
            payload_max: usize::MAX,
            sent: Vec::new(),
            facts: Vec::new(),
        }
    }
}

impl Transmit for Recorder {
    fn has_room(&self) -> bool {
        self.room > 0
    }

    fn packet(&mut self, packet: &Packet) {
        assert!(self.room > 0, "asked for room before each packet");
        self.room -= 1;
        self.sent.push(Sent::Packet(packet.clone()));
    }

    fn publish(&mut self, publish: &OutgoingPublish<'_>) -> bool {
        assert!(self.room > 0, "asked for room before each packet");
        if publish.message.payload.len() > self.payload_max {
            return false;
        }
        self.room -= 1;
        self.sent.push(Sent::Publish {
            number: publish.message.id.number,
            packet_id: publish.packet_id.map_or(0, PacketId::get),
            dup: publish.dup,
        });
        self.facts.push(PublishFacts {
            qos: publish.qos,
            retain: publish.retain,
            alias: publish.topic_alias.map(NonZeroU16::get),
            topic_known: publish.topic_known,
            expires_in_s: publish.expires_in_s,
            subscription_identifiers: publish.subscription_identifiers.to_vec(),
        });
        true
    }

    fn publish_run(&mut self, run: &DeliveryRun, from: usize) -> usize {
        assert!(self.room > 0, "asked for room before each packet");
        if !self.takes_runs || run.encoded(ProtocolVersion::V5).is_none() {
            return 0;
        }
        let rest = run.deliveries().iter().skip(from);
        let taken: Vec<_> = rest.take(self.room.min(3)).collect();
        self.room -= taken.len();
        self.sent.extend(taken.iter().map(|delivery| Sent::Publish {
            number: delivery.message.id.number,
            packet_id: 0,
            dup: false,
        }));
        taken.len()
    }
}

/// All that the Session sends now.
pub(crate) fn transmit(session: &mut Session, now: Timestamp) -> Vec<Sent> {
    let mut recorder = Recorder::default();
    let remains = session.poll_transmit(now, &mut recorder);
    assert!(!remains, "a sink with room leaves nothing behind");
    recorder.sent
}

pub(crate) fn handle(session: &mut Session, packet: Packet) -> Result<Vec<Action>, Violation> {
    handle_at(session, packet, at(0))
}

pub(crate) fn handle_at(
    session: &mut Session,
    packet: Packet,
    now: Timestamp,
) -> Result<Vec<Action>, Violation> {
    let mut actions = Vec::new();
    session.handle_packet(packet, now, &mut actions)?;
    Ok(actions)
}

/// The code of the Violation that the packet is.
pub(crate) fn violation(session: &mut Session, packet: Packet) -> ReasonCode {
    handle(session, packet).expect_err("a violation").code
}

/// Published to `t`.
pub(crate) fn publish(qos_bits: u8, packet_id: u16) -> Publish {
    Publish {
        dup: false,
        qos: qos(qos_bits),
        retain: false,
        topic: "t".into(),
        packet_id: PacketId::new(packet_id),
        properties: None,
        payload: Bytes::from_static(b"x"),
    }
}

pub(crate) fn subscribe(packet_id: u16, filters: &[(&'static str, u8)]) -> Packet {
    let entry = |(filter, qos_bits): &(&'static str, u8)| {
        let options = SubscriptionOptions {
            qos: qos(*qos_bits),
            ..SubscriptionOptions::default()
        };
        ((*filter).into(), options)
    };
    Packet::Subscribe(Subscribe {
        packet_id: id(packet_id),
        subscription_identifier: None,
        user_properties: Vec::new(),
        filters: filters.iter().map(entry).collect(),
    })
}

pub(crate) fn ack(packet_id: u16) -> Acknowledgement {
    Acknowledgement::success(id(packet_id))
}

pub(crate) fn ack_with(packet_id: u16, code: ReasonCode) -> Acknowledgement {
    Acknowledgement::new(id(packet_id), code)
}

pub(crate) fn suback(packet_id: u16, reason_codes: &[ReasonCode]) -> Sent {
    Sent::Packet(Packet::SubAck(SubAck {
        packet_id: id(packet_id),
        reason_codes: reason_codes.to_vec(),
        properties: None,
    }))
}

pub(crate) fn disconnect(
    reason_code: ReasonCode,
    session_expiry_interval_s: Option<u32>,
) -> Packet {
    Packet::Disconnect(Disconnect {
        reason_code,
        properties: session_expiry_interval_s.map(|_| {
            Box::new(DisconnectProperties {
                session_expiry_interval_s,
                ..DisconnectProperties::default()
            })
        }),
    })
}

pub(crate) fn detach(session: &mut Session, how: Detach, now: Timestamp) -> Vec<Action> {
    let mut actions = Vec::new();
    session.detach(how, now, &mut actions);
    actions
}

pub(crate) fn timeout(session: &mut Session, now: Timestamp) -> Vec<Action> {
    let mut actions = Vec::new();
    session.handle_timeout(now, &mut actions);
    actions
}

pub(crate) fn is_will(action: &Action) -> bool {
    matches!(action, Action::PublishWill(_))
}
