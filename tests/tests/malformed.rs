//! Bytes that no well-behaved client sends: the right reason, or a close, and everybody else is served on.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::client::Client;
use emqx_tests::raw::{Connect, PINGREQ, Packet, RawClient, packet, publish, subscribe};
use emqx_tests::{http, unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(120);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

const MALFORMED: &[u8] = &[0x81];
const PROTOCOL_ERROR: &[u8] = &[0x82];
const EITHER: &[u8] = &[0x81, 0x82];

/// What the Server says before it closes: Reason Codes of a CONNACK or DISCONNECT, none when it says
/// nothing. Fails when it does not close; another broker may be more lenient.
async fn last_words(broker: &Broker, client: &mut RawClient, what: &str) -> Vec<u8> {
    let mut codes = Vec::new();
    loop {
        let answer = tokio::time::timeout(ANSWER_WITHIN, client.receive()).await;
        let Ok(answer) = answer else {
            assert!(broker.node().is_none(), "{what}: the connection stays open");
            return codes;
        };
        match answer {
            Ok(Some(Packet::ConnAck { code, .. } | Packet::Disconnect { code, .. })) => {
                codes.push(code);
            }
            Ok(Some(_)) => {}
            Ok(None) => return codes,
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

/// The Server may close without a word; when it says something, it is one of these.
#[track_caller]
fn assert_said(broker: &Broker, what: &str, said: &[u8], allowed: &[u8]) {
    // Another broker may have its own opinion on the code.
    if broker.node().is_some() {
        assert!(
            said.iter().all(|code| allowed.contains(code)),
            "{what}: {said:02x?}"
        );
    } else {
        assert!(said.iter().all(|code| *code != 0), "{what}: {said:02x?}");
    }
}

async fn serves_on(broker: &Broker) {
    let topic = unique("after");
    let mut client = Client::clean(&unique("c"), Protocol::V5, broker.address()).await;
    client.subscribe(&topic, 1).await;
    client.publish(&topic, 1, "fine").await;
    assert_eq!(client.receive_text().await, "fine");
    if let Some(node) = broker.node() {
        assert!(!node.log().contains("panicked"), "{}", node.log());
        let (code, _) = http::get(node.ready.http, "/status").await.unwrap();
        assert_eq!(code, 200);
    }
}

#[tokio::test]
async fn a_wrong_first_packet_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let connect = |body: &[u8]| packet(0x10, body);
        let v5 = |rest: &[u8]| connect(&[&[0, 4, b'M', b'Q', b'T', b'T', 5], rest].concat());
        let v4 = |rest: &[u8]| connect(&[&[0, 4, b'M', b'Q', b'T', b'T', 4], rest].concat());
        let cases: Vec<(&str, Vec<u8>, &[u8])> = vec![
            ("not MQTT", b"GET / HTTP/1.1\r\n\r\n".to_vec(), EITHER),
            ("PINGREQ before CONNECT", PINGREQ.to_vec(), PROTOCOL_ERROR),
            (
                "PUBLISH before CONNECT",
                publish(Protocol::V3_1_1, 1, "t", b""),
                PROTOCOL_ERROR,
            ),
            ("packet type 0", vec![0, 0], EITHER),
            ("flags of CONNECT", vec![0x11, 0], EITHER),
            (
                "endless Remaining Length",
                vec![0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1],
                MALFORMED,
            ),
            (
                "unknown Protocol Name",
                connect(b"\0\x04MQTX\x04\x02\0\0\0\x01a"),
                &[0x84],
            ),
            (
                "unknown Protocol Level",
                connect(b"\0\x04MQTT\x09\x02\0\0\0\x01a"),
                &[0x84, 1],
            ),
            (
                "reserved CONNECT flag, 3.1.1",
                v4(&[3, 0, 0, 0, 1, b'a']),
                EITHER,
            ),
            (
                "reserved CONNECT flag, 5.0",
                v5(&[3, 0, 0, 0, 0, 1, b'a']),
                EITHER,
            ),
            (
                "Will QoS 3",
                v5(&[0b0001_1110, 0, 0, 0, 0, 1, b'a', 0, 0, 1, b't', 0, 0]),
                EITHER,
            ),
            (
                "Client Identifier beyond the end",
                v5(&[2, 0, 0, 0, 0, 99, b'a']),
                MALFORMED,
            ),
            (
                "Client Identifier not UTF-8",
                v5(&[2, 0, 0, 0, 0, 2, 0xC3, 0x28]),
                MALFORMED,
            ),
            (
                "U+0000 in Client Identifier",
                v5(&[2, 0, 0, 0, 0, 1, 0]),
                &[0x81, 0x85],
            ),
            (
                "unknown property",
                v5(&[2, 0, 0, 2, 0x7F, 0, 0, 1, b'a']),
                EITHER,
            ),
            (
                "property twice",
                v5(&[2, 0, 0, 6, 0x21, 0, 9, 0x21, 0, 9, 0, 1, b'a']),
                EITHER,
            ),
            (
                "Receive Maximum 0",
                v5(&[2, 0, 0, 3, 0x21, 0, 0, 0, 1, b'a']),
                EITHER,
            ),
            (
                "bytes after the payload",
                v4(&[2, 0, 0, 0, 1, b'a', 0, 0]),
                EITHER,
            ),
        ];
        for (what, bytes, allowed) in cases {
            let protocol = if bytes.get(8) == Some(&5) {
                Protocol::V5
            } else {
                Protocol::V3_1_1
            };
            let mut client = RawClient::open(broker.address(), protocol).await.unwrap();
            client.send(&bytes).await.unwrap();
            let said = last_words(&broker, &mut client, what).await;
            assert_said(&broker, what, &said, allowed);
        }
        serves_on(&broker).await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_later_packet_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let publish_v5 = |kind: u8, body: &[u8]| packet(kind, body);
        let cases: Vec<(&str, Vec<u8>, &[u8])> = vec![
            (
                "second CONNECT",
                Connect::persistent("x", Protocol::V5).encode(),
                PROTOCOL_ERROR,
            ),
            ("CONNACK from a client", vec![0x20, 3, 0, 0, 0], EITHER),
            ("packet type 0", vec![0, 0], EITHER),
            ("QoS 3", publish_v5(0x36, &[0, 1, b't', 0, 1, 0]), MALFORMED),
            ("DUP with QoS 0", publish_v5(0x38, &[0, 1, b't', 0]), EITHER),
            (
                "Packet Identifier 0",
                publish_v5(0x32, &[0, 1, b't', 0, 0, 0]),
                EITHER,
            ),
            (
                "wildcard in a Topic Name",
                publish_v5(0x30, &[0, 3, b'a', b'/', b'#', 0]),
                &[0x81, 0x82, 0x90],
            ),
            (
                "U+0000 in a Topic Name",
                publish_v5(0x30, &[0, 1, 0, 0]),
                &[0x81, 0x82, 0x90],
            ),
            (
                "Topic Name not UTF-8",
                publish_v5(0x30, &[0, 2, 0xFF, 0xFE, 0]),
                &[0x81, 0x90],
            ),
            (
                "empty Topic Name without alias",
                publish_v5(0x30, &[0, 0, 0]),
                EITHER,
            ),
            (
                "Topic Alias 0",
                publish_v5(0x30, &[0, 1, b't', 3, 0x23, 0, 0]),
                &[0x82, 0x94],
            ),
            (
                "Subscription Identifier from a client",
                publish_v5(0x30, &[0, 1, b't', 2, 0x0B, 1]),
                EITHER,
            ),
            (
                "properties beyond the end",
                publish_v5(0x30, &[0, 1, b't', 50]),
                MALFORMED,
            ),
            (
                "flags of SUBSCRIBE",
                packet(0x80, &[0, 1, 0, 0, 1, b't', 0]),
                EITHER,
            ),
            (
                "SUBSCRIBE without a filter",
                packet(0x82, &[0, 1, 0]),
                EITHER,
            ),
            (
                "reserved Subscription Options",
                packet(0x82, &[0, 1, 0, 0, 1, b't', 0xC0]),
                EITHER,
            ),
            (
                "UNSUBSCRIBE without a filter",
                packet(0xA2, &[0, 1, 0]),
                EITHER,
            ),
            ("flags of PUBREL", packet(0x60, &[0, 1]), EITHER),
            ("PINGREQ with a body", packet(0xC0, &[0]), EITHER),
            ("AUTH without a method", packet(0xF0, &[0x18, 0]), EITHER),
        ];
        for (what, bytes, allowed) in cases {
            let mut client = RawClient::open(broker.address(), Protocol::V5)
                .await
                .unwrap();
            let id = unique("bad");
            let connect = Connect {
                clean_start: true,
                session_expiry_interval_s: 0,
                ..Connect::persistent(&id, Protocol::V5)
            };
            let accepted = client.connect(&connect).await.unwrap();
            assert!(
                matches!(accepted, Some(Packet::ConnAck { code: 0, .. })),
                "{accepted:?}"
            );
            client.send(&bytes).await.unwrap();
            let said = last_words(&broker, &mut client, what).await;
            assert_said(&broker, what, &said, allowed);
        }
        serves_on(&broker).await;
    })
    .await;
}

#[tokio::test]
async fn any_cut_of_a_packet_is_survived() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in [Protocol::V3_1_1, Protocol::V5] {
            let conversation = |id: &str| {
                [
                    Connect::persistent(id, protocol).encode(),
                    subscribe(protocol, 1, "cut/+", 1),
                    publish(protocol, 2, "cut/t", b"payload"),
                ]
                .concat()
            };
            let whole = conversation(&unique("cut"));
            for length in 0..whole.len() {
                let mut client = RawClient::open(broker.address(), protocol).await.unwrap();
                client.send(&whole[..length]).await.unwrap();
                drop(client);
            }
            // And byte by byte it is a conversation like any other; of another client, as the last of the others may
            // be heard only after this one and take its Session over.
            let whole = conversation(&unique("whole"));
            let mut client = RawClient::open(broker.address(), protocol).await.unwrap();
            for byte in &whole {
                client.send(&[*byte]).await.unwrap();
            }
            let mut kinds = Vec::new();
            while kinds.len() < 4 {
                let answer = tokio::time::timeout(ANSWER_WITHIN, client.receive()).await;
                kinds.push(
                    match answer.unwrap().unwrap().expect("an open connection") {
                        Packet::ConnAck { code: 0, .. } => "connack",
                        Packet::SubAck { codes } if codes == [1] => "suback",
                        Packet::PubAck { packet_id: 2 } => "puback",
                        // Earlier attempts that were whole enough were published too.
                        Packet::Publish { .. } if kinds.contains(&"publish") => continue,
                        Packet::Publish { .. } => "publish",
                        other => panic!("{other:?}"),
                    },
                );
            }
            kinds[1..].sort_unstable();
            assert_eq!(kinds, ["connack", "puback", "publish", "suback"]);
        }
        serves_on(&broker).await;
    })
    .await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_not_waited_for() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        if broker.node().is_none() {
            // How long another broker waits is its own affair.
            return;
        }
        let mut silent = RawClient::open(broker.address(), Protocol::V5)
            .await
            .unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(60), silent.receive()).await;
        assert_eq!(answer.expect("it is closed within a minute").unwrap(), None);
        serves_on(&broker).await;
    })
    .await;
}
