//! Chapters 1 and 2 of both specifications: strings, integers, flags and Packet Identifiers, byte for byte.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::raw::packet;
use emqx_tests::wire::kind::{PUBACK, PUBCOMP, PUBREC, PUBREL};
use emqx_tests::wire::{Connect, Heard, Wire, publish};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: Duration = Duration::from_secs(60);
const V4: Protocol = Protocol::V3_1_1;
const V5: Protocol = Protocol::V5;
const BOTH: [Protocol; 2] = [V4, V5];

/// What is no UTF-8, or must not be in it.
const ILL_FORMED: [&[u8]; 5] = [
    b"\xff",
    b"a\xc3(",
    b"\xc0\xaf",
    // U+D800 and U+DFFF.
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
];

/// A string field with any bytes.
fn field(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// Properties that are just these bytes.
fn section(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8], bytes].concat()
}

/// Nothing in 3.1.1, an empty section in 5.0.
fn no_properties(protocol: Protocol) -> &'static [u8] {
    if protocol == V5 { &[0] } else { &[] }
}

/// A CONNECT with these flags and this payload.
fn connect(protocol: Protocol, flags: u8, payload: &[u8]) -> Vec<u8> {
    let level = if protocol == V5 { 5 } else { 4 };
    let head = [
        b"\0\x04MQTT",
        &[level, flags, 0, 60][..],
        no_properties(protocol),
    ];
    packet(0x10, &[&head.concat(), payload].concat())
}

/// Every CONNECT that contains the text in a field of its own.
fn connects_with(protocol: Protocol, text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let none = no_properties(protocol);
    let will = |topic: &[u8]| [&field(b"c"), none, &field(topic), &field(b"x")].concat();
    let mut all = vec![
        ("Client Identifier", connect(protocol, 0x02, &field(text))),
        ("Will Topic", connect(protocol, 0x06, &will(text))),
        (
            "User Name",
            connect(protocol, 0x82, &[field(b"c"), field(text)].concat()),
        ),
    ];
    if protocol == V5 {
        let head = b"\0\x04MQTT\x05\x02\0\x3c";
        for (what, property) in [
            (
                "name of a User Property",
                [b"\x26", &field(text)[..], &field(b"v")].concat(),
            ),
            (
                "value of a User Property",
                [b"\x26", &field(b"n")[..], &field(text)].concat(),
            ),
            (
                "Authentication Method",
                [b"\x15", &field(text)[..]].concat(),
            ),
        ] {
            let body = [&head[..], &section(&property), &field(b"c")].concat();
            all.push((what, packet(0x10, &body)));
        }
    }
    all
}

/// Every later packet that contains the text in a field of its own.
fn packets_with(protocol: Protocol, text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let none = no_properties(protocol);
    let mut all = vec![
        ("Topic Name", packet(0x30, &[&field(text), none].concat())),
        (
            "Topic Filter of SUBSCRIBE",
            packet(0x82, &[&[0, 1], none, &field(text), &[0]].concat()),
        ),
        (
            "Topic Filter of UNSUBSCRIBE",
            packet(0xA2, &[&[0, 1], none, &field(text)].concat()),
        ),
    ];
    if protocol == V5 {
        for (what, property) in [
            ("Response Topic", [b"\x08", &field(text)[..]].concat()),
            ("Content Type", [b"\x03", &field(text)[..]].concat()),
            (
                "name of a User Property",
                [b"\x26", &field(text)[..], &field(b"v")].concat(),
            ),
            (
                "value of a User Property",
                [b"\x26", &field(b"n")[..], &field(text)].concat(),
            ),
        ] {
            let body = [field(b"t"), section(&property)].concat();
            all.push((what, packet(0x30, &body)));
        }
        let reason = section(&[b"\x1f", &field(text)[..]].concat());
        all.push((
            "Reason String of DISCONNECT",
            packet(0xE0, &[&[4], &reason[..]].concat()),
        ));
    }
    all
}

/// The Server must close; in 5.0 it may say why before.
async fn assert_refused(client: &mut Wire, protocol: Protocol, what: &str) {
    let mut heard = client.hear().await;
    if let Heard::ConnAck { code, .. } = heard {
        assert_eq!(protocol, V5, "{what}: no CONNACK in 3.1.1");
        assert!(code >= 0x80, "{what}: {code:#x}");
        heard = client.hear().await;
    }
    assert_eq!(heard, Heard::Closed, "{what}");
}

async fn assert_texts_close(broker: &Broker, texts: &[&[u8]]) {
    for protocol in BOTH {
        for text in texts {
            for (what, bytes) in connects_with(protocol, text) {
                let mut client = Wire::open(broker.address(), protocol).await;
                client.send(&bytes).await;
                assert_refused(&mut client, protocol, what).await;
            }
            for (what, bytes) in packets_with(protocol, text) {
                let mut client = Wire::clean(broker.address(), protocol, &unique("c")).await;
                client.send(&bytes).await;
                let said = client.end().await;
                if broker.node().is_some() {
                    let expected = (protocol == V5).then_some(0x81);
                    assert_eq!(said, expected, "{what} {text:02x?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn ill_formed_utf_8_in_any_string_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        assert_texts_close(&broker, &ILL_FORMED).await;
    })
    .await;
}

#[tokio::test]
async fn u_0000_in_any_string_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        assert_texts_close(&broker, &[b"\0", b"a\0b"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_byte_order_mark_is_a_character_like_any_other() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let plain = unique("bom");
            let marked = format!("\u{feff}{plain}");
            let inside = format!("{plain}/\u{feff}x");
            let mut client = Wire::clean(broker.address(), protocol, &unique("c")).await;
            client.subscribe(&marked, 0).await;
            client.subscribe(&inside, 0).await;
            for topic in [
                plain.as_str(),
                &marked,
                &format!("{plain}/x"),
                inside.as_str(),
            ] {
                client.publish(&publish(topic, 0, 0, "\u{feff}p")).await;
            }
            for expected in [marked, inside] {
                let message = client.message().await;
                assert_eq!(message.topic, expected);
                assert_eq!(message.payload, "\u{feff}p");
            }
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_length_takes_no_more_bytes_than_it_needs() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        if broker.node().is_some() {
            // Another broker may take what is longer than needed.
            for (what, bytes) in [
                ("Remaining Length", b"\xc0\x80\x00".to_vec()),
                ("Property Length", packet(0x30, b"\0\x01t\x80\x00")),
                (
                    "Subscription Identifier",
                    packet(0x82, b"\0\x01\x03\x0b\x81\x00\0\x01t\0"),
                ),
            ] {
                let mut client = Wire::clean(broker.address(), V5, &unique("c")).await;
                client.send(&bytes).await;
                assert_eq!(client.end().await, Some(0x81), "{what}");
            }
        }
        // What the Server writes, at the lengths where one more byte is needed.
        let mut socket = TcpStream::connect(broker.address()).await.unwrap();
        let mut exchange = async |sent: &[u8], length: usize| {
            socket.write_all(sent).await.unwrap();
            let mut heard = vec![0; length];
            socket.read_exact(&mut heard).await.unwrap();
            heard
        };
        let connect = Connect::clean(&unique("c")).encode(V4);
        assert_eq!(exchange(&connect, 4).await, [0x20, 2, 0, 0]);
        let topic = unique("vbi");
        let filter = field(topic.as_bytes());
        let subscribe = packet(0x82, &[&[0, 1], &filter[..], &[0]].concat());
        assert_eq!(exchange(&subscribe, 5).await, [0x90, 3, 0, 1, 0]);
        for length in [127, 128, 16_383, 16_384] {
            let payload = vec![b'x'; length - filter.len()];
            let sent = packet(0x30, &[&filter[..], &payload].concat());
            assert!(exchange(&sent, sent.len()).await == sent, "{length}");
        }
    })
    .await;
}

/// First bytes of all packets that a client sends, and one whole packet of each kind.
fn one_of_each(protocol: Protocol) -> Vec<Vec<u8>> {
    let none = no_properties(protocol);
    let mut all = vec![
        packet(0x40, &[0, 1]),
        packet(0x50, &[0, 1]),
        packet(0x62, &[0, 1]),
        packet(0x70, &[0, 1]),
        packet(0x82, &[&[0, 1], none, &field(b"t"), &[0]].concat()),
        packet(0xA2, &[&[0, 1], none, &field(b"t")].concat()),
        packet(0xC0, &[]),
        packet(0xE0, &[]),
    ];
    if protocol == V5 {
        all.push(packet(0xF0, &[]));
    }
    all
}

#[tokio::test]
async fn reserved_flags_of_the_fixed_header_close_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            for good in one_of_each(protocol) {
                for flags in (0..16).filter(|flags| *flags != good[0] & 0x0F) {
                    let mut bad = good.clone();
                    bad[0] = good[0] & 0xF0 | flags;
                    let mut client = Wire::clean(broker.address(), protocol, &unique("c")).await;
                    client.send(&bad).await;
                    let said = client.end().await;
                    if broker.node().is_some() {
                        let expected = (protocol == V5).then_some(0x81);
                        assert_eq!(said, expected, "{:#04x}", bad[0]);
                    }
                }
            }
            for flags in 1..16 {
                let mut bytes = Connect::clean(&unique("c")).encode(protocol);
                bytes[0] |= flags;
                let mut client = Wire::open(broker.address(), protocol).await;
                client.send(&bytes).await;
                assert_refused(&mut client, protocol, "flags of CONNECT").await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_server_sets_flags_and_property_lengths_as_listed() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let none = no_properties(protocol);
            let topic = unique("bytes");
            let mut client = Wire::open(broker.address(), protocol).await;
            client
                .send(&Connect::clean(&unique("c")).encode(protocol))
                .await;
            assert_eq!(client.frame().await.unwrap().0, 0x20);

            let filter = field(topic.as_bytes());
            client
                .send(&packet(0x82, &[&[1, 2], none, &filter, &[2]].concat()))
                .await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!(kind, 0x90);
            assert_eq!(body, [&[1, 2], none, &[2]].concat());

            // A QoS 0 message has no Packet Identifier.
            client.publish(&publish(&topic, 0, 0, "zero")).await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!(kind, 0x30);
            assert_eq!(body, [&filter, none, b"zero"].concat());

            client.publish(&publish(&topic, 1, 7, "one")).await;
            let mut kinds = Vec::new();
            for _ in 0..2 {
                let (kind, body) = client.frame().await.unwrap();
                kinds.push(kind);
                if kind == 0x32 {
                    let (head, rest) = body.split_at(filter.len());
                    assert_eq!(head, filter);
                    assert_eq!(rest[2..], [none, b"one"].concat());
                    client.send(&[0x40, 2, rest[0], rest[1]]).await;
                } else {
                    assert_eq!(body, [0, 7][..]);
                }
            }
            kinds.sort_unstable();
            assert_eq!(kinds, [0x32, 0x40]);

            client.publish(&publish(&topic, 2, 8, "two")).await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!((kind, &body[..]), (0x50, &[0, 8][..]));
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!(kind, 0x34);
            let id = [body[filter.len()], body[filter.len() + 1]];
            client.send(&[0x50, 2, id[0], id[1]]).await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!((kind, &body[..]), (0x62, &id[..]));
            client.acknowledge(PUBREL, 8).await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!((kind, &body[..]), (0x70, &[0, 8][..]));
            client.send(&[0x70, 2, id[0], id[1]]).await;

            client
                .send(&packet(0xA2, &[&[3, 4], none, &filter].concat()))
                .await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!(kind, 0xB0);
            let expected: &[u8] = if protocol == V5 {
                &[3, 4, 0, 0]
            } else {
                &[3, 4]
            };
            assert_eq!(body, expected);
            client.send(&[0xC0, 0]).await;
            let (kind, body) = client.frame().await.unwrap();
            assert_eq!((kind, body.len()), (0xD0, 0));
        }
    })
    .await;
}

#[tokio::test]
async fn identifiers_of_unfinished_messages_are_distinct_and_not_zero() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("ids");
            let mut subscriber = Wire::clean(broker.address(), protocol, &unique("s")).await;
            subscriber.subscribe(&topic, 2).await;
            let mut publisher = Wire::clean(broker.address(), protocol, &unique("p")).await;
            let mut ids = Vec::new();
            for number in 1..=10 {
                let qos = 1 + (number % 2) as u8;
                publisher
                    .publish_through(&publish(&topic, qos, number, "m"))
                    .await;
                ids.push(subscriber.message().await.packet_id);
            }
            ids.sort_unstable();
            let count = ids.len();
            ids.dedup();
            assert_eq!(ids.len(), count);
            assert_ne!(ids[0], 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_packet_identifier_of_0_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let none = no_properties(protocol);
            for bytes in [
                packet(0x32, &[&field(b"t")[..], &[0, 0], none].concat()),
                packet(0x34, &[&field(b"t")[..], &[0, 0], none].concat()),
                packet(0x82, &[&[0, 0], none, &field(b"t"), &[0]].concat()),
                packet(0xA2, &[&[0, 0], none, &field(b"t")].concat()),
            ] {
                let mut client = Wire::clean(broker.address(), protocol, &unique("c")).await;
                client.send(&bytes).await;
                let said = client.end().await;
                assert!(matches!(said, None | Some(0x81 | 0x82)), "{said:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_the_identifier_of_what_it_answers() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let none = no_properties(protocol);
            let topic = unique("answers");
            let mut subscriber = Wire::clean(broker.address(), protocol, &unique("s")).await;
            subscriber.subscribe(&topic, 2).await;
            let mut client = Wire::clean(broker.address(), protocol, &unique("c")).await;
            for packet_id in [1, 255, 256, 0xABCD, 65_535] {
                let ack = |kind| Heard::Ack {
                    kind,
                    packet_id,
                    code: 0,
                };
                client.publish(&publish(&topic, 1, packet_id, "m")).await;
                assert_eq!(client.hear().await, ack(PUBACK));
                client.publish(&publish(&topic, 2, packet_id, "m")).await;
                assert_eq!(client.hear().await, ack(PUBREC));
                client.acknowledge(PUBREL, packet_id).await;
                assert_eq!(client.hear().await, ack(PUBCOMP));
                let id = packet_id.to_be_bytes();
                for (bytes, expected) in [
                    (
                        packet(0x82, &[&id, none, &field(b"other"), &[0]].concat()),
                        9,
                    ),
                    (packet(0xA2, &[&id, none, &field(b"other")].concat()), 11),
                ] {
                    client.send(&bytes).await;
                    let heard = client.hear().await;
                    assert!(
                        matches!(heard, Heard::Codes { kind, packet_id: id, .. }
                            if kind == expected && id == packet_id),
                        "{heard:?}"
                    );
                }
                // And what the Server releases is what it has sent.
                let first = subscriber.message().await;
                subscriber.acknowledge(PUBACK, first.packet_id).await;
                let second = subscriber.message().await;
                subscriber.acknowledge(PUBREC, second.packet_id).await;
                assert_eq!(
                    subscriber.hear().await,
                    Heard::Ack {
                        kind: PUBREL,
                        packet_id: second.packet_id,
                        code: 0
                    }
                );
                subscriber.acknowledge(PUBCOMP, second.packet_id).await;
            }
        }
    })
    .await;
}
