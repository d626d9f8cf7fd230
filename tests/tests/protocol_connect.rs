//! CONNECT and CONNACK, DISCONNECT, PING and AUTH, in both versions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use emqx_tests::broker::Broker;
use emqx_tests::raw::packet;
use emqx_tests::wire::kind::PUBACK;
use emqx_tests::wire::property::*;
use emqx_tests::wire::{Connect, Heard, Publish, Value, Will, Wire, publish, values};
use emqx_tests::{programs, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(60);
const V4: Protocol = Protocol::V3_1_1;
const V5: Protocol = Protocol::V5;
const BOTH: [Protocol; 2] = [V4, V5];

const MAXIMUM_QOS: u8 = 0x24;
const SERVER_KEEP_ALIVE: u8 = 0x13;
const REQUEST_RESPONSE_INFORMATION: u8 = 0x19;
const RESPONSE_INFORMATION: u8 = 0x1A;
const AUTHENTICATION_DATA: u8 = 0x16;

fn field(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn no_properties(protocol: Protocol) -> &'static [u8] {
    if protocol == V5 { &[0] } else { &[] }
}

/// A CONNECT of this level with these flags and this payload.
fn connect(protocol: Protocol, level: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let head = [
        b"\0\x04MQTT",
        &[level, flags, 0, 60][..],
        no_properties(protocol),
    ];
    packet(0x10, &[&head.concat(), payload].concat())
}

const fn level(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::V5 => 5,
        Protocol::V3_1_1 => 4,
    }
}

fn subscribe(protocol: Protocol, filter: &str) -> Vec<u8> {
    let body = [
        &[0, 1],
        no_properties(protocol),
        &field(filter.as_bytes()),
        &[0],
    ];
    packet(0x82, &body.concat())
}

/// A node of our own with settings beyond the defaults.
async fn node_with(config: &str) -> (tempfile::TempDir, Node) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("emqxd.toml");
    fs::write(&file, config).unwrap();
    let mut options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
    options.flags = BTreeMap::from([("config".to_owned(), file.display().to_string())]);
    let node = Node::start(options).await.unwrap();
    (dir, node)
}

#[tokio::test]
async fn flags_and_payload_of_connect_must_agree() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let none = no_properties(protocol);
            let (id, topic, text) = (field(b"c"), field(b"t"), field(b"x"));
            let will = [none, &topic, &text].concat();
            for (what, flags, payload) in [
                ("no Client Identifier", 0x02, vec![]),
                ("Will Flag alone", 0x06, id.clone()),
                (
                    "Will Flag without Will Payload",
                    0x06,
                    [&id, none, &topic].concat(),
                ),
                ("Will without Will Flag", 0x02, [&id[..], &will].concat()),
                ("Will QoS 1 without Will Flag", 0x0A, id.clone()),
                ("Will QoS 2 without Will Flag", 0x12, id.clone()),
                ("Will QoS 3", 0x1E, [&id[..], &will].concat()),
                ("Will Retain without Will Flag", 0x22, id.clone()),
                ("User Name Flag alone", 0x82, id.clone()),
                (
                    "User Name without its flag",
                    0x02,
                    [&id[..], &text].concat(),
                ),
                ("Password Flag alone", 0xC2, [&id[..], &text].concat()),
                (
                    "Password without its flag",
                    0x82,
                    [&id[..], &text, &text].concat(),
                ),
                (
                    "not even the Will Properties",
                    0x06,
                    [&id[..], &topic, &text].concat(),
                ),
            ] {
                if protocol == V4 && what == "not even the Will Properties" {
                    continue;
                }
                let mut client = Wire::open(broker.address(), protocol).await;
                client
                    .send(&connect(protocol, level(protocol), flags, &payload))
                    .await;
                let heard = client.hear().await;
                if protocol == V5 && heard != Heard::Closed {
                    assert!(
                        matches!(
                            heard,
                            Heard::ConnAck {
                                code: 0x81 | 0x82,
                                ..
                            }
                        ),
                        "{what}: {heard:?}"
                    );
                    assert_eq!(client.hear().await, Heard::Closed, "{what}");
                } else {
                    assert_eq!(heard, Heard::Closed, "{what}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_silent_client_is_cut_off_as_if_it_had_vanished() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        if broker.node().is_none() {
            // How long another broker takes to notice is its own affair.
            return;
        }
        for protocol in BOTH {
            let topic = unique("silent");
            let mut watcher = Wire::clean(broker.address(), protocol, &unique("s")).await;
            watcher.subscribe(&topic, 0).await;
            let connect = Connect {
                keep_alive_s: 1,
                will: Some(Will {
                    topic: &topic,
                    payload: "gone",
                    qos: 0,
                    retain: false,
                    properties: Vec::new(),
                }),
                ..Connect::clean(&unique("c"))
            };
            let begin = Instant::now();
            let (mut client, _, properties) =
                Wire::accepted(broker.address(), protocol, &connect).await;
            assert!(values(&properties, SERVER_KEEP_ALIVE).is_empty());
            let said = client.end().await;
            assert_eq!(said, (protocol == V5).then_some(0x8D));
            assert!(begin.elapsed() >= Duration::from_millis(1_400));
            assert_eq!(watcher.message().await.payload, "gone");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connack_holds_only_what_was_asked_for() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let id = unique("c");
            // Without a Session first, then with one.
            for flags in [0, 1] {
                let mut client = Wire::open(broker.address(), protocol).await;
                client.send(&Connect::staying(&id).encode(protocol)).await;
                let (kind, body) = client.frame().await.unwrap();
                assert_eq!((kind, body[0], body[1]), (0x20, flags, 0));
                assert!(protocol == V5 || body.len() == 2);
                client.send(&[0xE0, 0]).await;
                assert!(client.frame().await.is_none());
            }
        }
        for properties in [vec![], vec![(REQUEST_RESPONSE_INFORMATION, Value::Byte(0))]] {
            let connect = Connect {
                properties,
                ..Connect::clean(&unique("c"))
            };
            let (_, _, properties) = Wire::accepted(broker.address(), V5, &connect).await;
            for absent in [
                RESPONSE_INFORMATION,
                AUTHENTICATION_METHOD,
                AUTHENTICATION_DATA,
                ASSIGNED_CLIENT_IDENTIFIER,
            ] {
                assert!(values(&properties, absent).is_empty(), "{absent:#x}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_payload_of_connect_is_read_in_its_order() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let (id, topic) = (unique("c"), unique("order"));
            let mut watcher = Wire::clean(broker.address(), protocol, &unique("s")).await;
            watcher.subscribe(&topic, 0).await;
            let payload = [
                &field(id.as_bytes())[..],
                no_properties(protocol),
                &field(topic.as_bytes()),
                &field(b"last words"),
                &field(b"user"),
                &field(b"secret"),
            ];
            let mut client = Wire::open(broker.address(), protocol).await;
            client
                .send(&connect(protocol, level(protocol), 0xC6, &payload.concat()))
                .await;
            let heard = client.hear().await;
            assert!(matches!(heard, Heard::ConnAck { code: 0, .. }), "{heard:?}");
            // The Client Identifier is known by a second connection, the Will by its publication.
            let _newer = Wire::clean(broker.address(), protocol, &id).await;
            client.end().await;
            assert_eq!(watcher.message().await.payload, "last words");
        }
    })
    .await;
}

#[tokio::test]
async fn plain_client_identifiers_are_accepted() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let alphabet: String = ('0'..='9').chain('a'..='z').chain('A'..='Z').collect();
        for protocol in BOTH {
            for length in 1..=23 {
                // Each of the characters comes first once, and at other places.
                let begin = length * 5 % alphabet.len();
                let id: String = alphabet.chars().cycle().skip(begin).take(length).collect();
                Wire::clean(broker.address(), protocol, &id)
                    .await
                    .silence()
                    .await;
            }
            for character in alphabet.chars() {
                Wire::clean(broker.address(), protocol, &character.to_string()).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_without_a_name_gets_one_of_its_own() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let mut clients = Vec::new();
        for _ in 0..5 {
            clients.push(Wire::clean(broker.address(), V4, "").await);
        }
        let mut assigned = BTreeSet::new();
        for clean in [true, false, true, false, false] {
            let connect = Connect {
                clean,
                ..Connect::staying("")
            };
            let (client, present, properties) =
                Wire::accepted(broker.address(), V5, &connect).await;
            assert!(!present);
            clients.push(client);
            let [Value::Data(id)] = values(&properties, ASSIGNED_CLIENT_IDENTIFIER)[..] else {
                panic!("{properties:?}");
            };
            assigned.insert(String::from_utf8(id.clone()).unwrap());
        }
        assert_eq!(assigned.len(), 5, "{assigned:?}");
        assert!(!assigned.contains(""));
        // All are served side by side.
        for client in &mut clients {
            client.silence().await;
        }
        // The Session is that of the name.
        for id in &assigned {
            let (_, present, properties) =
                Wire::accepted(broker.address(), V5, &Connect::staying(id)).await;
            assert!(present);
            assert!(values(&properties, ASSIGNED_CLIENT_IDENTIFIER).is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn connack_comes_first_and_once() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let (id, topic) = (unique("c"), unique("first"));
            let connect = Connect::staying(&id);
            let (mut client, _, _) = Wire::accepted(broker.address(), protocol, &connect).await;
            client.subscribe(&topic, 1).await;
            client.send(&[0xE0, 0]).await;
            client.end().await;
            let mut publisher = Wire::clean(broker.address(), protocol, &unique("p")).await;
            publisher
                .publish_through(&publish(&topic, 1, 1, "waits"))
                .await;

            // Much is there to be sent, and much is asked for, before the CONNACK.
            let mut client = Wire::open(broker.address(), protocol).await;
            let mut bytes = connect.encode(protocol);
            bytes.extend([0xC0, 0]);
            bytes.extend(subscribe(protocol, &unique("other")));
            bytes.extend(publish(&unique("other"), 1, 9, "x").encode(protocol));
            client.send(&bytes).await;
            let heard = client.hear().await;
            assert!(
                matches!(
                    heard,
                    Heard::ConnAck {
                        session_present: true,
                        code: 0,
                        ..
                    }
                ),
                "{heard:?}"
            );
            for _ in 0..4 {
                let heard = client.hear().await;
                assert!(
                    matches!(
                        heard,
                        Heard::Publish(_)
                            | Heard::PingResp
                            | Heard::Codes { kind: 9, .. }
                            | Heard::Ack { kind: PUBACK, .. }
                    ),
                    "{heard:?}"
                );
            }
            client.send(&connect.encode(protocol)).await;
            let said = client.end().await;
            if broker.node().is_some() {
                assert_eq!(said, (protocol == V5).then_some(0x82));
            }
        }
    })
    .await;
}

/// CONNECTs that are refused by a CONNACK, and its code.
///
/// Another broker may take a Client Identifier with a control character.
fn refused_connects(
    broker: &Broker,
    protocol: Protocol,
    id: &str,
) -> Vec<(&'static str, Vec<u8>, u8)> {
    let odd = Connect::clean(&format!("{id}\u{7}")).encode(protocol);
    let unknown = |level| connect(protocol, level, 0x02, &field(id.as_bytes()));
    let mut cases = if protocol == V5 {
        let method = Connect {
            properties: vec![(AUTHENTICATION_METHOD, Value::text("SCRAM-SHA-1"))],
            ..Connect::staying(id)
        };
        vec![
            ("level", unknown(6), 0x84),
            ("Client Identifier", odd, 0x85),
            ("Authentication Method", method.encode(V5), 0x8C),
        ]
    } else {
        let nameless = Connect {
            clean: false,
            ..Connect::clean("")
        };
        vec![
            ("level", unknown(2), 1),
            ("Client Identifier", odd, 2),
            ("empty Client Identifier", nameless.encode(V4), 2),
        ]
    };
    if broker.node().is_none() {
        cases.remove(1);
    }
    cases
}

#[tokio::test]
async fn a_refusal_says_session_present_0_and_closes() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            // Also where the client has a Session.
            let id = unique("c");
            let (client, _, _) =
                Wire::accepted(broker.address(), protocol, &Connect::staying(&id)).await;
            drop(client);
            for (what, bytes, code) in refused_connects(&broker, protocol, &id) {
                let mut client = Wire::open(broker.address(), protocol).await;
                client.send(&bytes).await;
                let (kind, body) = client.frame().await.expect(what);
                assert_eq!((kind, body[0], body[1]), (0x20, 0, code), "{what}");
                assert!(client.frame().await.is_none(), "{what}");
            }
            let (_, present, _) =
                Wire::accepted(broker.address(), protocol, &Connect::staying(&id)).await;
            assert!(present, "the Session is as it was");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_behind_a_refused_connect_counts() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("behind");
            let mut watcher = Wire::clean(broker.address(), protocol, &unique("s")).await;
            watcher.subscribe(&topic, 0).await;
            for (what, mut bytes, _) in refused_connects(&broker, protocol, &unique("c")) {
                let retained = Publish {
                    retain: true,
                    ..publish(&topic, 1, 1, "smuggled")
                };
                bytes.extend(retained.encode(protocol));
                bytes.extend(subscribe(protocol, &topic));
                let mut client = Wire::open(broker.address(), protocol).await;
                client.send(&bytes).await;
                assert_eq!(client.frame().await.expect(what).0, 0x20);
                assert!(client.frame().await.is_none(), "{what}");
            }
            watcher.silence().await;
            watcher.subscribe(&topic, 0).await;
            watcher.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_client_hears_no_disconnect() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let mut cases: Vec<_> = refused_connects(&broker, V5, &unique("c"))
            .into_iter()
            .map(|(what, bytes, _)| (what, bytes))
            .collect();
        cases.extend([
            ("not MQTT", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            ("PINGREQ", vec![0xC0, 0]),
            ("PUBLISH", publish("t", 0, 0, "x").encode(V5)),
            ("DISCONNECT", vec![0xE0, 0]),
            ("AUTH", vec![0xF0, 2, 0x18, 0]),
            ("reserved flag", connect(V5, 5, 0x03, &field(b"c"))),
            ("Will QoS 3", connect(V5, 5, 0x1E, &field(b"c"))),
            ("larger than allowed", vec![0x10, 0xFF, 0xFF, 0xFF, 0x7F]),
            ("endless length", vec![0x10, 0xFF, 0xFF, 0xFF, 0xFF]),
        ]);
        for (what, bytes) in cases {
            let mut client = Wire::open(broker.address(), V5).await;
            client.send(&bytes).await;
            while let Some((kind, body)) = client.frame().await {
                assert_eq!(kind, 0x20, "{what}");
                let least = if broker.node().is_some() { 0x80 } else { 1 };
                assert!(body[1] >= least, "{what}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_may_not_come_in_is_refused() {
    within(LIMIT, async {
        let (_dir, node) = node_with("allow_anonymous = false\n").await;
        for (protocol, code) in [(V4, 5), (V5, 0x87)] {
            let mut stranger = Wire::open(&node.mqtt(), protocol).await;
            stranger
                .send(&Connect::clean(&unique("c")).encode(protocol))
                .await;
            let (kind, body) = stranger.frame().await.unwrap();
            assert_eq!((kind, body[0], body[1]), (0x20, 0, code));
            assert!(stranger.frame().await.is_none());

            let mut known = Wire::open(&node.mqtt(), protocol).await;
            let payload = [field(b"known"), field(b"user")].concat();
            known
                .send(&connect(protocol, level(protocol), 0x82, &payload))
                .await;
            let heard = known.hear().await;
            assert!(matches!(heard, Heard::ConnAck { code: 0, .. }), "{heard:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_lower_maximum_qos_is_told_and_kept() {
    within(LIMIT, async {
        for maximum in [0, 1] {
            let (_dir, node) = node_with(&format!("[session]\nmaximum_qos = {maximum}\n")).await;
            let address = node.mqtt();
            let connect = Connect::clean(&unique("c"));
            let (mut client, _, properties) = Wire::accepted(&address, V5, &connect).await;
            assert_eq!(values(&properties, MAXIMUM_QOS), [&Value::Byte(maximum)]);
            for asked in 0..=2 {
                assert_eq!(client.subscribe("t", asked).await, [asked.min(maximum)]);
            }
            client.publish(&publish("t", maximum, 1, "within")).await;
            let message = loop {
                if let Heard::Publish(message) = client.hear().await {
                    break message;
                }
            };
            assert_eq!((message.payload.as_str(), message.qos), ("within", maximum));
            client.publish(&publish("t", maximum + 1, 1, "x")).await;
            while let heard = client.hear().await
                && heard != Heard::Closed
            {
                assert!(
                    matches!(heard, Heard::Ack { kind: PUBACK, .. })
                        || heard == Heard::Disconnect { code: 0x9B },
                    "{heard:?}"
                );
            }
            for protocol in BOTH {
                let connect = Connect {
                    will: Some(Will {
                        topic: "t",
                        payload: "will",
                        qos: maximum + 1,
                        retain: false,
                        properties: Vec::new(),
                    }),
                    ..Connect::clean(&unique("c"))
                };
                let mut client = Wire::open(&address, protocol).await;
                client.send(&connect.encode(protocol)).await;
                let (kind, body) = client.frame().await.unwrap();
                let code = if protocol == V5 { 0x9B } else { 3 };
                assert_eq!((kind, body[0], body[1]), (0x20, 0, code));
                assert!(client.frame().await.is_none());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_will_that_cannot_be_retained_is_refused() {
    within(LIMIT, async {
        let (_dir, node) = node_with("[capabilities]\nretain_available = false\n").await;
        for (protocol, code) in [(V4, 3), (V5, 0x9A)] {
            for retain in [false, true] {
                let connect = Connect {
                    will: Some(Will {
                        topic: "t",
                        payload: "will",
                        qos: 0,
                        retain,
                        properties: Vec::new(),
                    }),
                    ..Connect::clean(&unique("c"))
                };
                let mut client = Wire::open(&node.mqtt(), protocol).await;
                client.send(&connect.encode(protocol)).await;
                let (kind, body) = client.frame().await.unwrap();
                let expected = if retain { code } else { 0 };
                assert_eq!((kind, body[0], body[1]), (0x20, 0, expected));
                if retain {
                    assert!(client.frame().await.is_none());
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_pingreq_has_its_pingresp() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let mut client = Wire::clean(broker.address(), protocol, &unique("c")).await;
            client.send(&[0xC0, 0, 0xC0, 0, 0xC0, 0]).await;
            for _ in 0..3 {
                assert_eq!(client.hear().await, Heard::PingResp);
            }
            // No fourth one: the SUBACK is next.
            assert_eq!(client.subscribe(&unique("t"), 0).await, [0]);
        }
    })
    .await;
}

#[tokio::test]
async fn disconnect_is_the_last_packet_and_fits() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (maximum, violation) in [
            (None, Connect::clean("again").encode(V5)),
            (Some(20), Connect::clean("again").encode(V5)),
            (Some(20), publish("#", 0, 0, "x").encode(V5)),
            (Some(20), packet(0xF0, &[0x18, 0])),
        ] {
            let mut connect = Connect::clean(&unique("c"));
            if let Some(maximum) = maximum {
                let property = (MAXIMUM_PACKET_SIZE, Value::Four(maximum));
                connect.properties.push(property);
            }
            let mut client = Wire::open(broker.address(), V5).await;
            client.send(&connect.encode(V5)).await;
            let mut bytes = subscribe(V5, "t");
            for _ in 0..200 {
                bytes.extend(publish("t", 0, 0, "flood").encode(V5));
            }
            bytes.extend(violation);
            bytes.extend(publish("t", 0, 0, "late").encode(V5));
            bytes.extend([0xC0, 0]);
            client.send(&bytes).await;
            let mut last = None;
            while let Some((kind, body)) = client.frame().await {
                assert!(
                    !matches!(last, Some((0xE0, _))),
                    "{kind:#x} behind DISCONNECT"
                );
                // All these bodies are short: the fixed header takes two bytes.
                assert!(maximum.is_none_or(|maximum| body.len() + 2 <= maximum as usize));
                last = Some((kind, body));
            }
            let (kind, body) = last.unwrap();
            if broker.node().is_none() && kind != 0xE0 {
                // Another broker may close without a word.
                continue;
            }
            assert_eq!(kind, 0xE0);
            assert!(body[0] >= 0x80);
            // Either no properties, or none but a Reason String.
            assert!(body.len() == 1 || body[1] == 0 || body[2] == REASON_STRING);
        }
    })
    .await;
}

#[tokio::test]
async fn auth_without_a_method_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (body, expected) in [
            (&[][..], 0x82),
            (&[0x00, 0], 0x82),
            (&[0x18, 0], 0x82),
            (&[0x19, 0], 0x82),
            // A new authentication by a method that was not the one of CONNECT.
            (b"\x19\x08\x15\x00\x05PLAIN", 0x82),
            // No Reason Codes of AUTH.
            (&[0x55, 0], 0x81),
            (&[0x01, 0], 0x81),
            (&[0x87, 0], 0x81),
        ] {
            let mut client = Wire::clean(broker.address(), V5, &unique("c")).await;
            client.send(&packet(0xF0, body)).await;
            let said = client.end().await;
            if broker.node().is_some() {
                assert_eq!(said, Some(expected), "{body:02x?}");
            }
        }
    })
    .await;
}
