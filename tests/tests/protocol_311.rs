//! What MQTT 3.1.1 asks of a Server, statement by statement, packet by packet.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use emqx_tests::broker::Broker;
use emqx_tests::raw::packet;
use emqx_tests::wire::kind::{PUBACK, PUBCOMP, PUBREC, PUBREL};
use emqx_tests::wire::{Connect, Heard, Publish, Will, Wire, publish};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(60);
const V4: Protocol = Protocol::V3_1_1;

const DISCONNECT: [u8; 2] = [0xE0, 0];

const fn ack(kind: u8, packet_id: u16) -> Heard {
    Heard::Ack {
        kind,
        packet_id,
        code: 0,
    }
}

/// Publishes with QoS 0 on a connection of its own; the message has been routed when this returns.
async fn publish_once(broker: &Broker, topic: &str, payload: &str) {
    let mut publisher = Wire::clean(broker.address(), V4, &unique("p")).await;
    publisher.publish(&publish(topic, 1, 1, payload)).await;
    assert_eq!(publisher.hear().await, ack(PUBACK, 1));
}

#[tokio::test]
async fn an_invalid_connect_is_closed_without_a_connack() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let connect = |rest: &[u8]| packet(0x10, &[b"\0\x04MQTT\x04", rest].concat());
        for (what, bytes) in [
            ("reserved flag", connect(b"\x03\0\0\0\x01a")),
            ("Will QoS 3", connect(b"\x1e\0\0\0\x01a\0\x01t\0\0")),
            ("Will QoS without Will", connect(b"\x0a\0\0\0\x01a")),
            ("Will Retain without Will", connect(b"\x22\0\0\0\x01a")),
            (
                "Password without User Name",
                connect(b"\x42\0\0\0\x01a\0\x01p"),
            ),
            ("bytes behind the end", connect(b"\x02\0\0\0\x01ab")),
            ("ends early", connect(b"\x02\0\0\0\x05ab")),
            ("not UTF-8", connect(b"\x02\0\0\0\x02\xc3\x28")),
            ("surrogate", connect(b"\x02\0\0\0\x03\xed\xa0\x80")),
            ("U+0000", connect(b"\x02\0\0\0\x01\0")),
            ("Will Topic is empty", connect(b"\x06\0\0\0\x01a\0\0\0\0")),
            (
                "wildcard in the Will Topic",
                connect(b"\x06\0\0\0\x01a\0\x01#\0\0"),
            ),
            ("flags of the fixed header", {
                let mut bytes = connect(b"\x02\0\0\0\x01a");
                bytes[0] = 0x11;
                bytes
            }),
        ] {
            let mut client = Wire::open(broker.address(), V4).await;
            client.send(&bytes).await;
            assert_eq!(client.hear().await, Heard::Closed, "{what}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_connect_has_its_return_code() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (what, bytes, expected) in [
            ("level 9", packet(0x10, b"\0\x04MQTT\x02\x02\0\0\0\x01a"), 1),
            (
                "empty Client Identifier without Clean Session",
                Connect {
                    clean: false,
                    ..Connect::clean("")
                }
                .encode(V4),
                2,
            ),
        ] {
            let mut client = Wire::open(broker.address(), V4).await;
            client.send(&bytes).await;
            let Heard::ConnAck {
                session_present: false,
                code,
                ..
            } = client.hear().await
            else {
                panic!("{what}: no CONNACK");
            };
            assert_eq!(code, expected, "{what}");
            assert_eq!(client.hear().await, Heard::Closed, "{what}");
        }
        // Two clients without a name are two clients.
        let mut first = Wire::clean(broker.address(), V4, "").await;
        let mut second = Wire::clean(broker.address(), V4, "").await;
        first.silence().await;
        second.silence().await;
    })
    .await;
}

#[tokio::test]
async fn session_present_tells_whether_there_was_a_session() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let id = unique("c");
        for (connect, expected) in [
            (Connect::clean(&id), false),
            (Connect::staying(&id), false),
            (Connect::staying(&id), true),
            (Connect::clean(&id), false),
            (Connect::staying(&id), false),
        ] {
            let (mut client, present, _) = Wire::accepted(broker.address(), V4, &connect).await;
            assert_eq!(present, expected);
            client.send(&DISCONNECT).await;
            assert_eq!(client.hear().await, Heard::Closed);
        }
    })
    .await;
}

#[tokio::test]
async fn a_will_is_published_unless_disconnect_was_sent() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("will");
        let mut watcher = Wire::clean(broker.address(), V4, &unique("s")).await;
        watcher.subscribe(&topic, 2).await;
        let id = unique("w");
        for (payload, last) in [
            ("polite", &DISCONNECT[..]),
            ("violation", &[0x00, 0x00]),
            ("second CONNECT", &Connect::clean(&id).encode(V4)),
            ("vanished", &[]),
        ] {
            let connect = Connect {
                will: Some(Will {
                    topic: &topic,
                    payload,
                    qos: 2,
                    retain: false,
                    properties: Vec::new(),
                }),
                ..Connect::clean(&id)
            };
            let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
            if !last.is_empty() {
                client.send(last).await;
                assert_eq!(client.hear().await, Heard::Closed, "{payload}");
            }
            drop(client);
            if payload == "polite" {
                continue;
            }
            let message = watcher.message().await;
            assert_eq!((message.payload.as_str(), message.qos), (payload, 2));
            watcher.acknowledge(PUBREC, message.packet_id).await;
            assert_eq!(watcher.hear().await, ack(PUBREL, message.packet_id));
            watcher.acknowledge(PUBCOMP, message.packet_id).await;
        }
    })
    .await;
}

/// DISCONNECT and the next CONNECT are read by different tasks: the first counts all the same.
#[tokio::test]
async fn a_client_that_comes_back_at_once_has_still_disconnected() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("will");
        let id = unique("w");
        let mut watcher = Wire::clean(broker.address(), V4, &unique("s")).await;
        watcher.subscribe(&topic, 0).await;
        for clean in [false, true] {
            let connect = Connect {
                clean,
                will: Some(Will {
                    topic: &topic,
                    payload: "will",
                    qos: 0,
                    retain: false,
                    properties: Vec::new(),
                }),
                ..Connect::clean(&id)
            };
            for _ in 0..50 {
                let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
                client.publish(&publish(&topic, 0, 0, "alive")).await;
                client.send(&DISCONNECT).await;
            }
            for _ in 0..50 {
                assert_eq!(watcher.message().await.payload, "alive");
            }
        }
        watcher.silence().await;
    })
    .await;
}

#[tokio::test]
async fn a_silent_client_is_cut_after_one_and_a_half_keep_alives() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let connect = Connect {
            keep_alive_s: 1,
            ..Connect::clean(&unique("c"))
        };
        let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
        let begin = Instant::now();
        assert_eq!(client.hear().await, Heard::Closed);
        let silent = begin.elapsed();
        assert!(
            (Duration::from_millis(1_400)..Duration::from_millis(3_000)).contains(&silent),
            "{silent:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_not_acknowledged_is_sent_again_in_order_with_dup() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let (id, topic) = (unique("c"), unique("again"));
        let connect = Connect::staying(&id);
        let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
        client.subscribe(&topic, 2).await;
        for (number, qos) in [(1, 2), (2, 1), (3, 2), (4, 1)] {
            client
                .publish(&publish(&topic, qos, number, &number.to_string()))
                .await;
            if qos == 2 {
                assert_eq!(client.hear().await, ack(PUBREC, number));
                client.acknowledge(PUBREL, number).await;
            }
            let expected = ack(if qos == 2 { PUBCOMP } else { PUBACK }, number);
            let (mut acknowledged, mut received) = (false, false);
            while !(acknowledged && received) {
                match client.hear().await {
                    Heard::Publish(message) => {
                        assert_eq!(message.payload, number.to_string());
                        received = true;
                    }
                    other => {
                        assert_eq!(other, expected);
                        acknowledged = true;
                    }
                }
            }
        }
        drop(client);

        let (mut client, present, _) = Wire::accepted(broker.address(), V4, &connect).await;
        assert!(present);
        let mut ids = Vec::new();
        for number in 1..=4 {
            let message = client.message().await;
            assert_eq!(message.payload, number.to_string());
            assert!(message.dup);
            ids.push(message.packet_id);
        }
        // The first goes on to its second half, the second is done.
        client.acknowledge(PUBREC, ids[0]).await;
        assert_eq!(client.hear().await, ack(PUBREL, ids[0]));
        client.acknowledge(PUBACK, ids[1]).await;
        client.silence().await;
        drop(client);

        let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
        assert_eq!(client.hear().await, ack(PUBREL, ids[0]));
        for index in [2, 3] {
            let message = client.message().await;
            assert_eq!(message.packet_id, ids[index]);
            assert!(message.dup);
        }
        client.acknowledge(PUBCOMP, ids[0]).await;
        client.silence().await;
    })
    .await;
}

#[tokio::test]
async fn a_repeated_qos_2_publish_is_delivered_once() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let (id, topic) = (unique("p"), unique("once"));
        let mut subscriber = Wire::clean(broker.address(), V4, &unique("s")).await;
        subscriber.subscribe(&topic, 0).await;
        let connect = Connect::staying(&id);
        let again = |dup| Publish {
            dup,
            ..publish(&topic, 2, 5, "x")
        };
        let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
        client.publish(&again(false)).await;
        assert_eq!(client.hear().await, ack(PUBREC, 5));
        client.publish(&again(true)).await;
        assert_eq!(client.hear().await, ack(PUBREC, 5));
        drop(client);
        let (mut client, _, _) = Wire::accepted(broker.address(), V4, &connect).await;
        client.publish(&again(true)).await;
        assert_eq!(client.hear().await, ack(PUBREC, 5));
        client.acknowledge(PUBREL, 5).await;
        assert_eq!(client.hear().await, ack(PUBCOMP, 5));
        // Repeated once more, as the PUBCOMP could have been lost.
        client.acknowledge(PUBREL, 5).await;
        assert_eq!(client.hear().await, ack(PUBCOMP, 5));
        assert_eq!(subscriber.message().await.payload, "x");
        subscriber.silence().await;
        // Now the identifier is free for another message.
        client.publish_through(&publish(&topic, 2, 5, "y")).await;
        assert_eq!(subscriber.message().await.payload, "y");
    })
    .await;
}

#[tokio::test]
async fn retained_messages_come_with_every_subscribe() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("retained");
        let mut client = Wire::clean(broker.address(), V4, &unique("c")).await;
        client
            .publish(&Publish {
                retain: true,
                ..publish(&topic, 0, 0, "kept")
            })
            .await;
        for _ in 0..2 {
            // [MQTT-3.8.4-3]
            assert_eq!(client.subscribe(&topic, 1).await, [1]);
            let message = client.message().await;
            assert_eq!((message.payload.as_str(), message.retain), ("kept", true));
        }
        client
            .publish(&Publish {
                retain: true,
                ..publish(&topic, 0, 0, "")
            })
            .await;
        let message = client.message().await;
        assert_eq!((message.payload.as_str(), message.retain), ("", false));
        assert_eq!(client.subscribe(&topic, 1).await, [1]);
        client.silence().await;
    })
    .await;
}

#[tokio::test]
async fn overlapping_subscriptions_give_the_highest_qos() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let root = unique("overlap");
        let mut client = Wire::clean(broker.address(), V4, &unique("c")).await;
        for (filter, qos) in [("+/a", 0), ("#", 2), ("x/+", 1)] {
            client.subscribe(&format!("{root}/{filter}"), qos).await;
        }
        let mut publisher = Wire::clean(broker.address(), V4, &unique("p")).await;
        publisher
            .publish_through(&publish(&format!("{root}/x/a"), 2, 1, "m"))
            .await;
        // One copy, or one for each Subscription: the highest is among them [MQTT-3.3.5-1].
        while client.message().await.qos < 2 {}
    })
    .await;
}

#[tokio::test]
async fn ill_formed_filters_close_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for filter in [
            "",
            "a#",
            "a/#/b",
            "a+",
            "+a/b",
            "$share/g",
            "$share//a",
            "$share/+/a",
        ] {
            for (first_byte, options) in [(0x82, &[0_u8][..]), (0xA2, &[])] {
                let mut client = Wire::clean(broker.address(), V4, &unique("c")).await;
                let length = (filter.len() as u16).to_be_bytes();
                let body = [&[0, 1], &length[..], filter.as_bytes(), options].concat();
                client.send(&packet(first_byte, &body)).await;
                assert_eq!(client.hear().await, Heard::Closed, "{filter:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_acknowledgement_of_the_wrong_kind_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (qos, wrong) in [(1, PUBREC), (1, PUBCOMP), (2, PUBACK), (2, PUBCOMP)] {
            let topic = unique("wrong");
            let mut client = Wire::clean(broker.address(), V4, &unique("c")).await;
            client.subscribe(&topic, qos).await;
            let mut publisher = Wire::clean(broker.address(), V4, &unique("p")).await;
            publisher
                .publish_through(&publish(&topic, qos, 1, "m"))
                .await;
            let message = client.message().await;
            client.acknowledge(wrong, message.packet_id).await;
            assert_eq!(client.hear().await, Heard::Closed, "QoS {qos}, {wrong}");
        }
        // One for a message that is not there may just be late.
        let mut client = Wire::clean(broker.address(), V4, &unique("c")).await;
        client.acknowledge(PUBACK, 77).await;
        client.acknowledge(PUBCOMP, 77).await;
        client.silence().await;
    })
    .await;
}

#[tokio::test]
async fn unsubscribing_ends_deliveries_and_is_always_answered() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("un");
        let mut client = Wire::clean(broker.address(), V4, &unique("c")).await;
        client.subscribe(&topic, 1).await;
        assert!(
            client
                .unsubscribe(&[&topic, "never/subscribed"])
                .await
                .is_empty()
        );
        publish_once(&broker, &topic, "late").await;
        client.silence().await;
    })
    .await;
}
