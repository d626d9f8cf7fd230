//! The codec as a whole: vectors, identity, faults, and bytes that are no MQTT at all.

use std::num::NonZeroU16;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

const LARGE: u32 = 1 << 20;

fn decoder(sender: Sender, version: ProtocolVersion) -> Decoder {
    let mut decoder = Decoder::new(sender, LARGE);
    decoder.set_version(version);
    decoder
}

fn decode_all(
    mut decoder: Decoder,
    bytes: &[u8],
    chunk: usize,
) -> (Vec<Packet>, Option<DecodeError>) {
    let mut packets = Vec::new();
    let mut held = BytesMut::new();
    for piece in bytes.chunks(chunk.max(1)) {
        held.extend_from_slice(piece);
        let mut buffer = held.split().freeze();
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(error) => return (packets, Some(error)),
            }
        }
        held = BytesMut::from(&buffer[..]);
    }
    (packets, None)
}

fn encoded(packet: &Packet, version: ProtocolVersion) -> Bytes {
    let mut out = BytesMut::new();
    encode(packet, version, &mut out);
    assert_eq!(out.len(), encoded_len(packet, version));
    out.freeze()
}

// ── vectors ────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn connect_of_each_version() {
    let v3_1 = b"\x10\x10\x00\x06MQIsdp\x03\x02\x00\x0a\x00\x02ab";
    let v3_1_1 = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02ab";
    let v5 = b"\x10\x14\x00\x04MQTT\x05\x02\x00\x0a\x05\x11\x00\x00\x00\x3c\x00\x02ab";
    for (bytes, version) in [
        (&v3_1[..], ProtocolVersion::V3_1),
        (&v3_1_1[..], ProtocolVersion::V3_1_1),
        (&v5[..], ProtocolVersion::V5),
    ] {
        let mut buffer = Bytes::copy_from_slice(bytes);
        let mut decoder = Decoder::new(Sender::Client, LARGE);
        let packet = decoder
            .decode(&mut buffer)
            .expect("valid")
            .expect("complete");
        assert_eq!(decoder.version(), Some(version));
        let Packet::Connect(connect) = &packet else {
            panic!("{packet:?}")
        };
        assert_eq!(
            (connect.version, connect.keep_alive_s, &*connect.client_id),
            (version, 10, "ab")
        );
        assert!(connect.clean_start && buffer.is_empty());
        assert_eq!(encoded(&packet, version), bytes);
    }
}

#[test]
fn redirection_looks_as_specified() {
    let disconnect = |server_reference: Option<&'static str>| {
        Packet::Disconnect(Disconnect {
            reason_code: ReasonCode::UseAnotherServer,
            properties: server_reference.map(|reference| {
                Box::new(DisconnectProperties {
                    server_reference: Some(reference.into()),
                    ..DisconnectProperties::default()
                })
            }),
        })
    };
    assert_eq!(
        &encoded(&disconnect(None), ProtocolVersion::V5)[..],
        b"\xe0\x01\x9c"
    );
    assert_eq!(
        &encoded(&disconnect(Some("b:1")), ProtocolVersion::V5)[..],
        b"\xe0\x08\x9c\x06\x1c\x00\x03b:1"
    );
    let refused = Packet::ConnAck(Box::new(ConnAck {
        session_present: false,
        reason_code: ReasonCode::UseAnotherServer,
        properties: ConnAckProperties::default(),
    }));
    assert_eq!(
        &encoded(&refused, ProtocolVersion::V5)[..],
        b"\x20\x03\x00\x9c\x00"
    );
    assert_eq!(
        &encoded(&refused, ProtocolVersion::V3_1_1)[..],
        b"\x20\x02\x00\x03"
    );
}

#[test]
fn a_suback_of_3_1_1_has_one_code_for_failure() {
    let decode = |code: u8| {
        let mut decoder = decoder(Sender::Server, ProtocolVersion::V3_1_1);
        decoder.decode(&mut Bytes::copy_from_slice(&[0x90, 3, 0, 1, code]))
    };
    for code in [0, 1, 2, 0x80] {
        assert!(decode(code).is_ok(), "{code:#x}");
    }
    for code in [4, 0x81, 0x8F, 0x97, 0xFF] {
        assert!(
            matches!(decode(code), Err(DecodeError::Malformed(_))),
            "{code:#x}"
        );
    }
}

#[test]
fn a_connack_that_refuses_has_no_session_present() {
    for (version, bytes) in [
        (ProtocolVersion::V3_1_1, &b"\x20\x02\x01\x02"[..]),
        (ProtocolVersion::V5, &b"\x20\x03\x01\x88\x00"[..]),
    ] {
        let mut decoder = decoder(Sender::Server, version);
        let decoded = decoder.decode(&mut Bytes::from_static(bytes));
        assert!(
            matches!(decoded, Err(DecodeError::Protocol(_))),
            "{decoded:?}"
        );
    }
    let mut v3_1 = decoder(Sender::Server, ProtocolVersion::V3_1);
    let decoded = v3_1.decode(&mut Bytes::from_static(b"\x20\x02\x01\x00"));
    assert!(
        matches!(decoded, Err(DecodeError::Malformed(_))),
        "3.1 has none at all: {decoded:?}"
    );
}

#[test]
fn short_forms() {
    let id = PacketId::new(7).expect("not zero");
    let ack = |code| Packet::PubAck(Acknowledgement::new(id, code));
    assert_eq!(
        &encoded(&ack(ReasonCode::Success), ProtocolVersion::V5)[..],
        b"\x40\x02\x00\x07"
    );
    assert_eq!(
        &encoded(&ack(ReasonCode::NoMatchingSubscribers), ProtocolVersion::V5)[..],
        b"\x40\x03\x00\x07\x10"
    );
    assert_eq!(
        &encoded(
            &ack(ReasonCode::NoMatchingSubscribers),
            ProtocolVersion::V3_1_1
        )[..],
        b"\x40\x02\x00\x07"
    );
    let normal = Packet::Disconnect(Disconnect {
        reason_code: ReasonCode::Success,
        properties: None,
    });
    assert_eq!(&encoded(&normal, ProtocolVersion::V5)[..], b"\xe0\x00");
}

// ── faults ─────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn faults_have_their_reason_code() {
    use ProtocolVersion::{V3_1_1, V5};
    use ReasonCode::{MalformedPacket, PacketTooLarge, ProtocolError, TopicAliasInvalid};
    let cases: &[(&str, ProtocolVersion, &[u8], ReasonCode)] = &[
        (
            "QoS 3",
            V5,
            b"\x36\x06\x00\x01a\x00\x01\x00",
            MalformedPacket,
        ),
        (
            "PUBLISH without Property Length",
            V5,
            b"\x30\x03\x00\x01a",
            MalformedPacket,
        ),
        (
            "DUP with QoS 0",
            V5,
            b"\x38\x04\x00\x01a\x00",
            MalformedPacket,
        ),
        (
            "packet id 0",
            V5,
            b"\x32\x06\x00\x01a\x00\x00\x00",
            MalformedPacket,
        ),
        (
            "wildcard topic",
            V5,
            b"\x30\x04\x00\x01#\x00",
            ProtocolError,
        ),
        ("empty topic", V5, b"\x30\x03\x00\x00\x00", ProtocolError),
        ("empty topic", V3_1_1, b"\x30\x02\x00\x00", ProtocolError),
        (
            "topic not UTF-8",
            V5,
            b"\x30\x04\x00\x01\xff\x00",
            MalformedPacket,
        ),
        (
            "surrogate in topic",
            V5,
            b"\x30\x06\x00\x03\xed\xa0\x80\x00",
            MalformedPacket,
        ),
        (
            "null in topic",
            V5,
            b"\x30\x04\x00\x01\x00\x00",
            MalformedPacket,
        ),
        (
            "control character in topic",
            V5,
            b"\x30\x06\x00\x03a\x1b[\x00",
            MalformedPacket,
        ),
        (
            "C1 control character in topic",
            V3_1_1,
            b"\x30\x05\x00\x03a\xc2\x9b",
            MalformedPacket,
        ),
        (
            "control character in filter",
            V3_1_1,
            b"\x82\x06\x00\x01\x00\x01\x7f\x00",
            MalformedPacket,
        ),
        (
            "alias 0",
            V5,
            b"\x30\x07\x00\x01a\x03\x23\x00\x00",
            TopicAliasInvalid,
        ),
        (
            "alias twice",
            V5,
            b"\x30\x0a\x00\x01a\x06\x23\x00\x01\x23\x00\x01",
            ProtocolError,
        ),
        (
            "client's Subscription Identifier",
            V5,
            b"\x30\x06\x00\x01a\x02\x0b\x01",
            ProtocolError,
        ),
        (
            "format indicator 2",
            V5,
            b"\x30\x06\x00\x01a\x02\x01\x02",
            ProtocolError,
        ),
        (
            "misplaced property",
            V5,
            b"\x30\x09\x00\x01a\x05\x11\x00\x00\x00\x01",
            ProtocolError,
        ),
        (
            "unknown property",
            V5,
            b"\x30\x06\x00\x01a\x02\x7e\x01",
            MalformedPacket,
        ),
        (
            "wildcard in Response Topic",
            V5,
            b"\x30\x08\x00\x01a\x04\x08\x00\x01+",
            ProtocolError,
        ),
        (
            "properties longer than the packet",
            V5,
            b"\x30\x04\x00\x01a\x09",
            MalformedPacket,
        ),
        ("PUBACK flags", V3_1_1, b"\x41\x02\x00\x01", MalformedPacket),
        ("PUBREL flags", V3_1_1, b"\x60\x02\x00\x01", MalformedPacket),
        (
            "PUBACK reason",
            V5,
            b"\x40\x03\x00\x01\x01",
            MalformedPacket,
        ),
        (
            "SUBSCRIBE flags",
            V3_1_1,
            b"\x80\x06\x00\x01\x00\x01a\x00",
            MalformedPacket,
        ),
        (
            "SUBSCRIBE without filter",
            V3_1_1,
            b"\x82\x02\x00\x01",
            ProtocolError,
        ),
        (
            "SUBSCRIBE QoS 3",
            V3_1_1,
            b"\x82\x06\x00\x01\x00\x01a\x03",
            MalformedPacket,
        ),
        (
            "reserved option",
            V5,
            b"\x82\x07\x00\x01\x00\x00\x01a\x40",
            MalformedPacket,
        ),
        (
            "Retain Handling 3",
            V5,
            b"\x82\x07\x00\x01\x00\x00\x01a\x30",
            ProtocolError,
        ),
        (
            "No Local, shared",
            V5,
            b"\x82\x10\x00\x01\x00\x00\x0a$share/g/a\x04",
            ProtocolError,
        ),
        (
            "Subscription Identifier 0",
            V5,
            b"\x82\x09\x00\x01\x02\x0b\x00\x00\x01a\x00",
            ProtocolError,
        ),
        (
            "UNSUBSCRIBE without filter",
            V3_1_1,
            b"\xa2\x02\x00\x01",
            ProtocolError,
        ),
        (
            "second CONNECT",
            V3_1_1,
            b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02ab",
            ProtocolError,
        ),
        (
            "CONNACK from a client",
            V5,
            b"\x20\x03\x00\x00\x00",
            ProtocolError,
        ),
        ("AUTH in 3.1.1", V3_1_1, b"\xf0\x00", ProtocolError),
        ("packet type 0", V5, b"\x00\x00", MalformedPacket),
        (
            "packet type 0, unfinished",
            V5,
            b"\x0a\xc0",
            MalformedPacket,
        ),
        ("CONNACK, unfinished", V5, b"\x20", ProtocolError),
        ("PINGREQ with a body", V5, b"\xc0\x01\x00", MalformedPacket),
        (
            "long Remaining Length",
            V5,
            b"\x30\xff\xff\xff\xff\x01",
            MalformedPacket,
        ),
        ("too large", V5, b"\x30\xff\xff\xff\x7f", PacketTooLarge),
        (
            "DISCONNECT with Server Reference",
            V5,
            b"\xe0\x07\x00\x05\x1c\x00\x02ab",
            ProtocolError,
        ),
        (
            "DISCONNECT 0x9C from a client",
            V5,
            b"\xe0\x01\x9c",
            ProtocolError,
        ),
        (
            "DISCONNECT with a body",
            V3_1_1,
            b"\xe0\x01\x00",
            MalformedPacket,
        ),
        (
            "trailing bytes",
            V5,
            b"\x40\x05\x00\x01\x00\x00\x00",
            MalformedPacket,
        ),
    ];
    for (what, version, bytes, code) in cases {
        let (packets, error) = decode_all(decoder(Sender::Client, *version), bytes, usize::MAX);
        assert_eq!(
            error.map(|error| error.reason_code()),
            Some(*code),
            "{what}: {packets:?}"
        );
    }
}

#[test]
fn faults_of_connect() {
    use ReasonCode::{MalformedPacket, ProtocolError, UnsupportedProtocolVersion};
    let cases: &[(&str, &[u8], ReasonCode)] = &[
        (
            "level 6",
            b"\x10\x0e\x00\x04MQTT\x06\x02\x00\x0a\x00\x02ab",
            UnsupportedProtocolVersion,
        ),
        (
            "name",
            b"\x10\x0e\x00\x04MQTX\x04\x02\x00\x0a\x00\x02ab",
            MalformedPacket,
        ),
        (
            "reserved flag",
            b"\x10\x0e\x00\x04MQTT\x04\x03\x00\x0a\x00\x02ab",
            MalformedPacket,
        ),
        (
            "Will QoS 3",
            b"\x10\x14\x00\x04MQTT\x04\x1e\x00\x0a\x00\x02ab\x00\x01w\x00\x01p",
            MalformedPacket,
        ),
        (
            "Will QoS without Will",
            b"\x10\x0e\x00\x04MQTT\x04\x0a\x00\x0a\x00\x02ab",
            MalformedPacket,
        ),
        (
            "Password alone",
            b"\x10\x11\x00\x04MQTT\x04\x42\x00\x0a\x00\x02ab\x00\x01p",
            MalformedPacket,
        ),
        (
            "ends early",
            b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x02",
            MalformedPacket,
        ),
        (
            "trailing",
            b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x0a\x00\x02abc",
            MalformedPacket,
        ),
        (
            "fixed header",
            b"\x11\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02ab",
            MalformedPacket,
        ),
        ("PUBLISH first", b"\x30\x03\x00\x01a", ProtocolError),
        (
            "Receive Maximum 0",
            b"\x10\x12\x00\x04MQTT\x05\x02\x00\x0a\x03\x21\x00\x00\x00\x02ab",
            ProtocolError,
        ),
        (
            "Authentication Data alone",
            b"\x10\x13\x00\x04MQTT\x05\x02\x00\x0a\x04\x16\x00\x01x\x00\x02ab",
            ProtocolError,
        ),
    ];
    for (what, bytes, code) in cases {
        let (packets, error) = decode_all(Decoder::new(Sender::Client, LARGE), bytes, usize::MAX);
        assert_eq!(
            error.map(|error| error.reason_code()),
            Some(*code),
            "{what}: {packets:?}"
        );
    }
}

// ── identity ───────────────────────────────────────────────────────────────────────────────────────────

fn text() -> impl Strategy<Value = ByteString> {
    "[a-z0-9/é]{0,12}".prop_map(ByteString::from)
}

fn topic() -> impl Strategy<Value = ByteString> {
    "[a-z0-9/$]{1,12}".prop_map(ByteString::from)
}

fn data() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..300).prop_map(Bytes::from)
}

fn user() -> impl Strategy<Value = Vec<UserProperty>> {
    vec((text(), text()), 0..3)
}

fn qos() -> impl Strategy<Value = QoS> {
    prop_oneof![
        Just(QoS::AtMostOnce),
        Just(QoS::AtLeastOnce),
        Just(QoS::ExactlyOnce)
    ]
}

fn packet_id() -> impl Strategy<Value = PacketId> {
    (1..=u16::MAX).prop_map(|id| PacketId::new(id).expect("not zero"))
}

fn publish_properties() -> impl Strategy<Value = PublishProperties> {
    (
        option::of(any::<bool>()),
        option::of(any::<u32>()),
        option::of(topic()),
        option::of(data()),
        user(),
        option::of(text()),
    )
        .prop_map(
            |(format, expiry, response_topic, correlation_data, user_properties, content)| {
                PublishProperties {
                    payload_format_indicator: format,
                    message_expiry_interval_s: expiry,
                    topic_alias: None,
                    response_topic,
                    correlation_data,
                    user_properties,
                    subscription_identifiers: Vec::new(),
                    content_type: content,
                }
            },
        )
}

fn publish(version: ProtocolVersion, sender: Sender) -> impl Strategy<Value = Packet> {
    let identifiers = if sender == Sender::Server { 0..3 } else { 0..1 };
    (
        (any::<bool>(), qos(), any::<bool>(), topic(), packet_id()),
        publish_properties(),
        option::of(packet_id()),
        vec(1..=variable_byte_integer::VALUE_MAX, identifiers),
        data(),
    )
        .prop_map(
            move |((dup, qos, retain, topic, id), mut properties, alias, identifiers, payload)| {
                properties.topic_alias = alias;
                properties.subscription_identifiers = identifiers;
                let some =
                    version == ProtocolVersion::V5 && properties != PublishProperties::default();
                Packet::Publish(Publish {
                    dup: dup && qos != QoS::AtMostOnce,
                    qos,
                    retain,
                    topic,
                    packet_id: (qos != QoS::AtMostOnce).then_some(id),
                    properties: some.then(|| Box::new(properties)),
                    payload,
                })
            },
        )
}

fn reason() -> impl Strategy<Value = Option<Box<ReasonProperties>>> {
    (option::of(text()), user()).prop_map(|(reason_string, user_properties)| {
        let reason = ReasonProperties {
            reason_string,
            user_properties,
        };
        (reason != ReasonProperties::default()).then(|| Box::new(reason))
    })
}

fn acknowledgement(version: ProtocolVersion) -> impl Strategy<Value = Packet> {
    (packet_id(), 0..4, any::<bool>(), reason()).prop_map(
        move |(packet_id, kind, failed, properties)| {
            let v5 = version == ProtocolVersion::V5;
            let code = match (failed && v5, kind) {
                (false, _) => ReasonCode::Success,
                (true, 0 | 1) => ReasonCode::QuotaExceeded,
                (true, _) => ReasonCode::PacketIdentifierNotFound,
            };
            let properties = properties.filter(|_| v5);
            let ack = Acknowledgement {
                packet_id,
                reason_code: code,
                properties,
            };
            match kind {
                0 => Packet::PubAck(ack),
                1 => Packet::PubRec(ack),
                2 => Packet::PubRel(ack),
                _ => Packet::PubComp(ack),
            }
        },
    )
}

fn client_packet(version: ProtocolVersion) -> impl Strategy<Value = Packet> {
    let v5 = version == ProtocolVersion::V5;
    let subscribe = (
        packet_id(),
        option::of(1..1000_u32),
        user(),
        vec((topic(), qos(), 0..3_u8), 1..4),
    )
        .prop_map(move |(packet_id, identifier, user_properties, filters)| {
            Packet::Subscribe(Subscribe {
                packet_id,
                subscription_identifier: identifier.filter(|_| v5),
                user_properties: if v5 { user_properties } else { Vec::new() },
                filters: filters
                    .into_iter()
                    .map(|(filter, qos, handling)| {
                        let options = SubscriptionOptions {
                            qos,
                            no_local: v5 && handling == 1,
                            retain_as_published: v5 && handling == 2,
                            retain_handling: match handling {
                                1 if v5 => RetainHandling::SendIfNew,
                                2 if v5 => RetainHandling::DoNotSend,
                                _ => RetainHandling::SendAtSubscribe,
                            },
                        };
                        (filter, options)
                    })
                    .collect(),
            })
        });
    let unsubscribe = (packet_id(), user(), vec(topic(), 1..4)).prop_map(
        move |(packet_id, user_properties, filters)| {
            let user_properties = if v5 { user_properties } else { Vec::new() };
            Packet::Unsubscribe(Unsubscribe {
                packet_id,
                user_properties,
                filters,
            })
        },
    );
    let disconnect = (
        any::<bool>(),
        option::of(any::<u32>()),
        option::of(text()),
        user(),
    )
        .prop_map(move |(will, expiry, reason_string, user_properties)| {
            let properties = DisconnectProperties {
                session_expiry_interval_s: expiry,
                reason_string,
                user_properties,
                server_reference: None,
            };
            let some = v5 && properties != DisconnectProperties::default();
            let with_will = will && v5;
            Packet::Disconnect(Disconnect {
                reason_code: if with_will {
                    ReasonCode::DisconnectWithWill
                } else {
                    ReasonCode::Success
                },
                properties: some.then(|| Box::new(properties)),
            })
        });
    prop_oneof![
        publish(version, Sender::Client),
        acknowledgement(version),
        subscribe,
        unsubscribe,
        disconnect,
        Just(Packet::PingReq),
    ]
}

fn server_packet(version: ProtocolVersion) -> impl Strategy<Value = Packet> {
    let v5 = version == ProtocolVersion::V5;
    let codes = vec(
        prop_oneof![
            Just(ReasonCode::Success),
            Just(ReasonCode::GrantedQoS2),
            Just(ReasonCode::UnspecifiedError)
        ],
        1..4,
    );
    let suback =
        (packet_id(), codes, reason()).prop_map(move |(packet_id, reason_codes, properties)| {
            Packet::SubAck(SubAck {
                packet_id,
                reason_codes,
                properties: properties.filter(|_| v5),
            })
        });
    let connack = (
        any::<bool>(),
        option::of(any::<u32>()),
        option::of(packet_id()),
        option::of(text()),
        user(),
    )
        .prop_map(
            move |(session_present, expiry, receive_maximum, reference, user_properties)| {
                let properties = ConnAckProperties {
                    session_expiry_interval_s: expiry,
                    receive_maximum,
                    maximum_qos: Some(QoS::AtLeastOnce),
                    retain_available: Some(true),
                    server_reference: reference,
                    user_properties,
                    server_keep_alive_s: Some(9),
                    ..ConnAckProperties::default()
                };
                Packet::ConnAck(Box::new(ConnAck {
                    session_present: session_present && version != ProtocolVersion::V3_1,
                    reason_code: ReasonCode::Success,
                    properties: if v5 {
                        properties
                    } else {
                        ConnAckProperties::default()
                    },
                }))
            },
        );
    prop_oneof![
        publish(version, Sender::Server),
        acknowledgement(version),
        suback,
        connack,
        Just(Packet::PingResp),
    ]
}

fn versioned<T: fmt::Debug, S: Strategy<Value = T>>(
    packet: impl Fn(ProtocolVersion) -> S,
) -> impl Strategy<Value = (ProtocolVersion, Vec<T>)> {
    prop_oneof![
        vec(packet(ProtocolVersion::V3_1), 1..6)
            .prop_map(|packets| (ProtocolVersion::V3_1, packets)),
        vec(packet(ProtocolVersion::V3_1_1), 1..6)
            .prop_map(|packets| (ProtocolVersion::V3_1_1, packets)),
        vec(packet(ProtocolVersion::V5), 1..6).prop_map(|packets| (ProtocolVersion::V5, packets)),
    ]
}

fn concatenated(packets: &[Packet], version: ProtocolVersion) -> Vec<u8> {
    packets
        .iter()
        .flat_map(|packet| encoded(packet, version))
        .collect()
}

fn connect() -> impl Strategy<Value = Packet> {
    let will = (
        topic(),
        data(),
        qos(),
        any::<bool>(),
        option::of(any::<u32>()),
        publish_properties(),
    );
    (
        any::<bool>(),
        any::<u16>(),
        text(),
        option::of(will),
        option::of((text(), option::of(data()))),
        0..3_usize,
        (
            option::of(any::<u32>()),
            option::of(packet_id()),
            option::of(1..u32::MAX),
            user(),
        ),
    )
        .prop_map(
            |(clean_start, keep_alive_s, client_id, will, login, version, properties)| {
                let version = [
                    ProtocolVersion::V3_1,
                    ProtocolVersion::V3_1_1,
                    ProtocolVersion::V5,
                ][version];
                let v5 = version == ProtocolVersion::V5;
                let (expiry, receive_maximum, maximum_packet_size, user_properties) = properties;
                let (username, password) =
                    login.map_or((None, None), |(name, password)| (Some(name), password));
                Packet::Connect(Box::new(Connect {
                    version,
                    clean_start,
                    keep_alive_s,
                    client_id,
                    will: will.map(|(topic, payload, qos, retain, delay, properties)| Will {
                        topic,
                        payload,
                        qos,
                        retain,
                        delay_interval_s: delay.filter(|_| v5),
                        properties: if v5 {
                            properties
                        } else {
                            PublishProperties::default()
                        },
                    }),
                    username,
                    password,
                    properties: if v5 {
                        ConnectProperties {
                            session_expiry_interval_s: expiry,
                            receive_maximum,
                            maximum_packet_size,
                            user_properties,
                            ..ConnectProperties::default()
                        }
                    } else {
                        ConnectProperties::default()
                    },
                }))
            },
        )
}

proptest! {
    #[test]
    fn what_a_client_sends_is_decoded_as_it_was((version, packets) in versioned(client_packet), chunk in 1..40_usize) {
        let bytes = concatenated(&packets, version);
        let (decoded, error) = decode_all(decoder(Sender::Client, version), &bytes, chunk);
        prop_assert_eq!(error, None);
        prop_assert_eq!(decoded, packets);
    }

    #[test]
    fn what_a_server_sends_is_decoded_as_it_was((version, packets) in versioned(server_packet), chunk in 1..40_usize) {
        let bytes = concatenated(&packets, version);
        let (decoded, error) = decode_all(decoder(Sender::Server, version), &bytes, chunk);
        prop_assert_eq!(error, None);
        prop_assert_eq!(decoded, packets);
    }

    #[test]
    fn connect_is_decoded_as_it_was(packet in connect(), chunk in 1..40_usize) {
        let Packet::Connect(connect) = &packet else { unreachable!() };
        let bytes = encoded(&packet, connect.version);
        let (decoded, error) = decode_all(Decoder::new(Sender::Client, LARGE), &bytes, chunk);
        prop_assert_eq!(error, None);
        prop_assert_eq!(decoded, vec![packet]);
    }

    #[test]
    fn header_and_payload_are_the_packet(packet in publish(ProtocolVersion::V5, Sender::Server)) {
        let Packet::Publish(publish) = &packet else { unreachable!() };
        let parts = publish::parts(publish);
        let mut out = BytesMut::new();
        parts.encode_header(ProtocolVersion::V5, &mut out);
        out.extend_from_slice(&publish.payload);
        prop_assert_eq!(out.len(), parts.encoded_len(ProtocolVersion::V5));
        prop_assert_eq!(out.freeze(), encoded(&packet, ProtocolVersion::V5));
    }

    #[test]
    fn pass_on_properties_survive(mut properties in publish_properties()) {
        properties.message_expiry_interval_s = None;
        let wire = encode_pass_on_properties(&properties);
        prop_assert_eq!(decode_pass_on_properties(wire), Ok(properties));
    }

    #[test]
    fn any_bytes_in_any_pieces_are_survived(
        bytes in vec(any::<u8>(), 0..200),
        chunk in 1..40_usize,
        version in option::of(0..3_usize),
        server in any::<bool>(),
    ) {
        let sender = if server { Sender::Server } else { Sender::Client };
        let mut decoder = Decoder::new(sender, LARGE);
        if let Some(version) = version {
            decoder.set_version([ProtocolVersion::V3_1, ProtocolVersion::V3_1_1, ProtocolVersion::V5][version]);
        }
        let whole = decode_all(decoder, &bytes, usize::MAX);
        prop_assert_eq!(decode_all(decoder, &bytes, chunk), whole);
    }

    #[test]
    fn damaged_packets_are_survived(
        (version, packets) in versioned(client_packet),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = concatenated(&packets, version);
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let whole = decode_all(decoder(Sender::Client, version), &bytes, usize::MAX);
        prop_assert_eq!(decode_all(decoder(Sender::Client, version), &bytes, 3), whole);
    }
}

#[test]
fn a_decoder_is_small() {
    assert!(size_of::<Decoder>() <= 16);
    assert_eq!(NonZeroU16::MIN.get(), 1);
}

#[test]
fn properties_are_limited_by_count_and_bytes() {
    let limits = PropertyLimits {
        max_user_properties: 3,
        max_properties_size: 40,
    };
    let publish = |user_properties: Vec<UserProperty>| {
        let mut bytes = BytesMut::new();
        let packet = Packet::Publish(Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: "t".into(),
            packet_id: None,
            properties: Some(Box::new(PublishProperties {
                user_properties,
                ..PublishProperties::default()
            })),
            payload: Bytes::new(),
        });
        encode(&packet, ProtocolVersion::V5, &mut bytes);
        let mut decoder = Decoder::new(Sender::Client, 1_000).with_property_limits(limits);
        decoder.set_version(ProtocolVersion::V5);
        decoder.decode(&mut bytes.freeze())
    };
    let pairs = |count: usize, value: &'static str| vec![("n".into(), value.into()); count];
    assert!(publish(pairs(3, "v")).is_ok());
    for too_much in [pairs(4, "v"), pairs(2, "twenty bytes of value")] {
        let fault = publish(too_much).expect_err("too much");
        assert!(
            matches!(fault, DecodeError::TooManyProperties(_)),
            "{fault}"
        );
        assert_eq!(fault.reason_code(), ReasonCode::QuotaExceeded);
    }
}
