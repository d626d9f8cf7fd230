//! Several clients that send anything, and two that follow the rules and must be served all the while.

use std::num::NonZeroU16;
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use bytes::{Bytes, BytesMut};
use emqxd::packet::{
    Acknowledgement, Auth, ClientId, Connect, ConnectProperties, Disconnect, DisconnectProperties,
    Packet, PacketId, ProtocolVersion, Publish, PublishProperties, QoS, ReasonCode, RetainHandling,
    Subscribe, SubscriptionOptions, Unsubscribe, Will, encode,
};
use emqxd::session::SessionConfig;

use crate::world::{Obedient, PACKET_BYTES_MAX, World, numbered, small_limits};

/// Connections of clients that send anything.
const HOSTILE: usize = 3;
const PUBLISHER: usize = HOSTILE;
const SUBSCRIBER: usize = HOSTILE + 1;

/// The topic of the clients that follow the rules. The others may subscribe and publish to it.
const HEALTHY_TOPIC: &str = "h/x";

/// Few, so that clients meet each other.
const TOPICS: [&str; 8] = ["a", "a/b", "a/b/c", "/", "h/x", "$SYS/a", "b+", ""];
const FILTERS: [&str; 12] = [
    "a",
    "a/b",
    "a/+",
    "#",
    "+/+",
    "h/#",
    "$share/g/a/#",
    "$share/g/h/x",
    "$share/g2/#",
    "a/#/b",
    "$queue/a",
    "$share//a",
];
const CLIENT_IDS: [&str; 4] = ["c1", "c2", "c3", ""];

/// Steps of one input, at most.
const STEPS_MAX: usize = 200;

/// A schedule of steps.
pub fn stateful(input: &[u8]) {
    let mut bytes = Unstructured::new(input);
    // An input that ends in the middle of a step is as good as one that ends before it.
    let _ = run(&mut bytes);
}

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let config = SessionConfig {
        queue_qos0_offline: input.arbitrary()?,
        ..small_limits()
    };
    let mut play = Play::new(config, input.arbitrary()?);
    for _ in 0..STEPS_MAX {
        if input.is_empty() {
            break;
        }
        play.step(input)?;
        play.healthy_clients_are_served();
        play.world.check();
    }
    Ok(())
}

struct Play {
    world: World,
    versions: [ProtocolVersion; HOSTILE],
    /// Packets that the hostile clients were sent and have not looked at.
    unread: [Vec<Packet>; HOSTILE],
    answers: [Obedient; HOSTILE],
    publisher: Obedient,
    subscriber: Obedient,
    published: u64,
    rounds: u64,
}

impl Play {
    fn new(config: SessionConfig, is_v5: bool) -> Self {
        let version = if is_v5 {
            ProtocolVersion::V5
        } else {
            ProtocolVersion::V3_1_1
        };
        let mut play = Self {
            world: World::new(config, HOSTILE + 2),
            versions: [ProtocolVersion::V5; HOSTILE],
            unread: Default::default(),
            answers: Default::default(),
            publisher: Obedient::default(),
            subscriber: Obedient::default(),
            published: 0,
            rounds: 0,
        };
        for (slot, client_id) in [(PUBLISHER, "publisher"), (SUBSCRIBER, "subscriber")] {
            play.world.open(slot);
            let connect = Connect {
                version,
                clean_start: true,
                keep_alive_s: 0,
                client_id: client_id.into(),
                will: None,
                username: None,
                password: None,
                properties: ConnectProperties::default(),
            };
            play.send(slot, &Packet::Connect(Box::new(connect)), version);
        }
        let options = SubscriptionOptions {
            qos: QoS::ExactlyOnce,
            ..SubscriptionOptions::default()
        };
        let subscribe = Packet::Subscribe(Subscribe {
            packet_id: id(1),
            subscription_identifier: None,
            user_properties: Vec::new(),
            filters: vec![(HEALTHY_TOPIC.into(), options)],
        });
        play.send(SUBSCRIBER, &subscribe, version);
        play.exchange();
        assert_eq!(play.subscriber.subscribed, 1, "a SUBSCRIBE is answered");
        play
    }

    fn send(&mut self, slot: usize, packet: &Packet, version: ProtocolVersion) {
        let mut bytes = BytesMut::new();
        encode(packet, version, &mut bytes);
        self.world.receive(slot, &bytes);
    }

    /// All that is to be said between the node and the clients that follow the rules.
    fn exchange(&mut self) {
        // Answers look the same in all versions.
        let version = ProtocolVersion::V3_1_1;
        for _ in 0..100 {
            let mut is_quiet = true;
            for slot in [PUBLISHER, SUBSCRIBER] {
                while self.world.answer_oldest(slot, ReasonCode::Success) {}
                for packet in self.world.transmit(slot, usize::MAX) {
                    is_quiet = false;
                    let client = if slot == PUBLISHER {
                        &mut self.publisher
                    } else {
                        &mut self.subscriber
                    };
                    if let Some(answer) = client.answer(&packet) {
                        self.send(slot, &answer, version);
                    }
                }
            }
            if is_quiet {
                return;
            }
        }
        panic!("it does not come to rest");
    }

    /// One message of each QoS in turn, and a PINGREQ.
    fn healthy_clients_are_served(&mut self) {
        // What the others have sent to the subscriber comes first.
        self.exchange();
        self.rounds += 1;
        let number = self.published;
        self.published += 1;
        let qos = QoS::from_bits((number % 3) as u8).expect("0 to 2");
        let packet_id = (qos > QoS::AtMostOnce).then(|| id((number % 1_000 + 1) as u16));
        let publish = Packet::Publish(Publish {
            dup: false,
            qos,
            retain: number.is_multiple_of(7),
            topic: HEALTHY_TOPIC.into(),
            packet_id,
            properties: None,
            payload: numbered(number),
        });
        self.publisher.under_way.extend(packet_id);
        let arrived_before = self.world.arrived(SUBSCRIBER).len();
        let is_v5 = self.world.version(PUBLISHER) == Some(ProtocolVersion::V5);
        let version = if is_v5 {
            ProtocolVersion::V5
        } else {
            ProtocolVersion::V3_1_1
        };
        self.send(PUBLISHER, &publish, version);
        self.send(PUBLISHER, &Packet::PingReq, version);
        self.exchange();
        assert!(self.publisher.under_way.is_empty(), "it is acknowledged");
        assert_eq!(self.publisher.pings_answered as u64, self.rounds);
        let publisher = ClientId::new("publisher");
        let arrived: Vec<&Bytes> = self.world.arrived(SUBSCRIBER)[arrived_before..]
            .iter()
            .filter(|(from, _)| *from == publisher)
            .map(|(_, payload)| payload)
            .collect();
        assert_eq!(arrived, [&numbered(number)], "exactly once, in order");
    }

    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let slot = input.int_in_range(0..=HOSTILE - 1)?;
        match input.int_in_range(0..=15)? {
            0 => self.connect(slot, input)?,
            1 => {
                let length = input.int_in_range(0..=64)?;
                let bytes = input.bytes(length)?;
                self.world.receive(slot, bytes);
            }
            2..=4 => self.hostile(slot, &Packet::Publish(publish(input)?), input)?,
            5..=6 => self.hostile(slot, &Packet::Subscribe(subscribe(input)?), input)?,
            7 => self.hostile(slot, &Packet::Unsubscribe(unsubscribe(input)?), input)?,
            8 => self.hostile(slot, &acknowledgement(input)?, input)?,
            9 => self.hostile(slot, &other(input)?, input)?,
            10 => self.answer_one(slot, input.arbitrary()?),
            11 => {
                let room = input.int_in_range(0..=600)?;
                let sent = self.world.transmit(slot, room);
                self.unread[slot].extend(sent);
            }
            12 => {
                let code = if input.ratio(1, 8)? {
                    ReasonCode::QuotaExceeded
                } else {
                    ReasonCode::Success
                };
                self.world.answer_oldest(slot, code);
            }
            13 => self.world.lose(slot),
            14 => {
                let seconds = *input.choose(&[0, 1, 10, 31, 61, 4_000])?;
                self.world.pass(Duration::from_secs(seconds));
            }
            _ => self.world.carry_over(slot),
        }
        if !self.world.is_open(slot) {
            self.unread[slot].clear();
        }
        Ok(())
    }

    fn connect(&mut self, slot: usize, input: &mut Unstructured<'_>) -> Result<()> {
        let connect = connect(input)?;
        let version = connect.version;
        if input.ratio(7, 8)? {
            self.world.open(slot);
            self.unread[slot].clear();
            self.versions[slot] = version;
        }
        self.hostile(slot, &Packet::Connect(Box::new(connect)), input)
    }

    /// Sends a packet, sometimes with a byte changed, a byte missing, or twice.
    fn hostile(
        &mut self,
        slot: usize,
        packet: &Packet,
        input: &mut Unstructured<'_>,
    ) -> Result<()> {
        let mut bytes = BytesMut::new();
        encode(packet, self.versions[slot], &mut bytes);
        assert!(bytes.len() <= PACKET_BYTES_MAX as usize * 4);
        match input.int_in_range(0..=15)? {
            0 => {
                let place = input.choose_index(bytes.len())?;
                bytes[place] ^= input.arbitrary::<u8>()?;
            }
            1 => bytes.truncate(bytes.len() - 1),
            2 => {
                self.world.receive(slot, &bytes);
            }
            _ => {}
        }
        self.world.receive(slot, &bytes);
        Ok(())
    }

    /// A hostile client may also do as it should for once.
    fn answer_one(&mut self, slot: usize, newest: bool) {
        let unread = &mut self.unread[slot];
        let packet = match unread.len() {
            0 => return,
            length if newest => unread.remove(length - 1),
            _ => unread.remove(0),
        };
        if let Some(answer) = self.answers[slot].answer(&packet) {
            self.send(slot, &answer, self.versions[slot]);
        }
    }
}

fn id(number: u16) -> PacketId {
    PacketId::new(number).expect("not zero")
}

fn packet_id(input: &mut Unstructured<'_>) -> Result<PacketId> {
    Ok(id(input.int_in_range(1..=6)?))
}

fn qos(input: &mut Unstructured<'_>) -> Result<QoS> {
    Ok(QoS::from_bits(input.int_in_range(0..=2)?).expect("0 to 2"))
}

fn payload(input: &mut Unstructured<'_>) -> Result<Bytes> {
    let length = *input.choose(&[0, 1, 10, 100, 600, 2_000, 5_000])?;
    Ok(Bytes::from(vec![b'x'; length]))
}

/// One of few values, or none.
fn maybe<T: Copy>(input: &mut Unstructured<'_>, values: &[T]) -> Result<Option<T>> {
    Ok(if input.arbitrary()? {
        Some(*input.choose(values)?)
    } else {
        None
    })
}

fn connect(input: &mut Unstructured<'_>) -> Result<Connect> {
    let version = *input.choose(&[
        ProtocolVersion::V5,
        ProtocolVersion::V3_1_1,
        ProtocolVersion::V3_1,
    ])?;
    let properties = if version == ProtocolVersion::V5 {
        ConnectProperties {
            session_expiry_interval_s: maybe(input, &[0, 10, 60, 5_000, u32::MAX])?,
            receive_maximum: maybe(input, &[1, 2, 100])?.and_then(NonZeroU16::new),
            maximum_packet_size: maybe(input, &[0, 10, 40, 400])?,
            topic_alias_maximum: maybe(input, &[0, 1, 3])?,
            ..ConnectProperties::default()
        }
    } else {
        ConnectProperties::default()
    };
    let will = if input.arbitrary()? {
        Some(Will {
            topic: (*input.choose(&TOPICS)?).into(),
            payload: payload(input)?,
            qos: qos(input)?,
            retain: input.arbitrary()?,
            delay_interval_s: maybe(input, &[0, 5, 100])?
                .filter(|_| version == ProtocolVersion::V5),
            properties: PublishProperties::default(),
        })
    } else {
        None
    };
    Ok(Connect {
        version,
        clean_start: input.arbitrary()?,
        keep_alive_s: 0,
        client_id: (*input.choose(&CLIENT_IDS)?).into(),
        will,
        username: None,
        password: None,
        properties,
    })
}

fn publish(input: &mut Unstructured<'_>) -> Result<Publish> {
    let qos = qos(input)?;
    let properties = if input.arbitrary()? {
        Some(Box::new(PublishProperties {
            message_expiry_interval_s: maybe(input, &[0, 1, 40])?,
            topic_alias: maybe(input, &[1, 2, 3, 4])?.and_then(NonZeroU16::new),
            response_topic: maybe(input, &TOPICS)?.map(Into::into),
            ..PublishProperties::default()
        }))
    } else {
        None
    };
    Ok(Publish {
        dup: input.arbitrary::<bool>()? && qos > QoS::AtMostOnce,
        qos,
        retain: input.arbitrary()?,
        topic: (*input.choose(&TOPICS)?).into(),
        packet_id: if qos > QoS::AtMostOnce {
            Some(packet_id(input)?)
        } else {
            None
        },
        properties,
        payload: payload(input)?,
    })
}

fn subscribe(input: &mut Unstructured<'_>) -> Result<Subscribe> {
    let count = input.int_in_range(1..=4)?;
    let filters = (0..count).map(|_| {
        let options = SubscriptionOptions {
            qos: qos(input)?,
            no_local: input.arbitrary()?,
            retain_as_published: input.arbitrary()?,
            retain_handling: *input.choose(&[
                RetainHandling::SendAtSubscribe,
                RetainHandling::SendIfNew,
                RetainHandling::DoNotSend,
            ])?,
        };
        Ok(((*input.choose(&FILTERS)?).into(), options))
    });
    let filters = filters.collect::<Result<_>>()?;
    Ok(Subscribe {
        packet_id: packet_id(input)?,
        subscription_identifier: maybe(input, &[1, 127, 128, 268_435_455])?,
        user_properties: Vec::new(),
        filters,
    })
}

fn unsubscribe(input: &mut Unstructured<'_>) -> Result<Unsubscribe> {
    let count = input.int_in_range(1..=3)?;
    let filters = (0..count).map(|_| Ok((*input.choose(&FILTERS)?).into()));
    let filters = filters.collect::<Result<_>>()?;
    Ok(Unsubscribe {
        packet_id: packet_id(input)?,
        user_properties: Vec::new(),
        filters,
    })
}

fn acknowledgement(input: &mut Unstructured<'_>) -> Result<Packet> {
    let code = *input.choose(&[
        ReasonCode::Success,
        ReasonCode::NoMatchingSubscribers,
        ReasonCode::UnspecifiedError,
        ReasonCode::PacketIdentifierNotFound,
    ])?;
    let ack = Acknowledgement::new(packet_id(input)?, code);
    Ok(match input.int_in_range(0..=3)? {
        0 => Packet::PubAck(ack),
        1 => Packet::PubRec(ack),
        2 => Packet::PubRel(ack),
        _ => Packet::PubComp(ack),
    })
}

fn other(input: &mut Unstructured<'_>) -> Result<Packet> {
    Ok(match input.int_in_range(0..=3)? {
        0 => Packet::PingReq,
        1 => Packet::PingResp,
        2 => Packet::Auth(Auth {
            reason_code: ReasonCode::Success,
            authentication_method: Some("m".into()),
            authentication_data: None,
            reason_string: None,
            user_properties: Vec::new(),
        }),
        _ => {
            let session_expiry_interval_s = maybe(input, &[0, 10, u32::MAX])?;
            Packet::Disconnect(Disconnect {
                reason_code: *input
                    .choose(&[ReasonCode::Success, ReasonCode::DisconnectWithWill])?,
                properties: session_expiry_interval_s.map(|_| {
                    Box::new(DisconnectProperties {
                        session_expiry_interval_s,
                        ..DisconnectProperties::default()
                    })
                }),
            })
        }
    })
}
