//! Sessions and Will Messages: what stays, what is sent again, what ends, in both versions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::wire::kind::{PUBACK, PUBCOMP, PUBREC, PUBREL};
use emqx_tests::wire::property::*;
use emqx_tests::wire::{Connect, Heard, Publish, Value, Will, Wire, publish};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(60);
const V4: Protocol = Protocol::V3_1_1;
const V5: Protocol = Protocol::V5;
const BOTH: [Protocol; 2] = [V4, V5];

const fn ack(kind: u8, packet_id: u16) -> Heard {
    Heard::Ack {
        kind,
        packet_id,
        code: 0,
    }
}

async fn client(broker: &Broker, protocol: Protocol, name: &str) -> Wire {
    Wire::clean(broker.address(), protocol, &unique(name)).await
}

async fn connected(broker: &Broker, protocol: Protocol, connect: &Connect<'_>) -> (Wire, bool) {
    let (client, present, _) = Wire::accepted(broker.address(), protocol, connect).await;
    (client, present)
}

async fn leave(mut client: Wire) {
    client.send(&[0xE0, 0]).await;
    client.end().await;
}

/// Publishes with QoS 1 or 2; the message has been routed when this returns.
async fn publish_once(broker: &Broker, protocol: Protocol, topic: &str, qos: u8, payload: &str) {
    let mut publisher = client(broker, protocol, "p").await;
    publisher
        .publish_through(&publish(topic, qos, 1, payload))
        .await;
}

/// A Session in the middle of everything: a Subscription, messages that wait, one that is not acknowledged, and a
/// message of its own that is not released. Its client is away.
async fn busy_session(broker: &Broker, protocol: Protocol, id: &str, topic: &str) {
    let (mut client, present) = connected(broker, protocol, &Connect::staying(id)).await;
    assert!(!present);
    client.subscribe(topic, 2).await;
    publish_once(broker, protocol, topic, 1, "unacknowledged").await;
    assert_eq!(client.message().await.payload, "unacknowledged");
    client
        .publish(&publish(&format!("{topic}/own"), 2, 7, "own"))
        .await;
    let heard = client.hear().await;
    assert!(matches!(
        heard,
        Heard::Ack {
            kind: PUBREC,
            packet_id: 7,
            ..
        }
    ));
    leave(client).await;
    publish_once(broker, protocol, topic, 1, "one").await;
    publish_once(broker, protocol, topic, 2, "two").await;
}

#[tokio::test]
async fn a_session_is_resumed_with_all_that_belongs_to_it() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let (id, topic) = (unique("c"), unique("resumed"));
            let mut watcher = client(&broker, protocol, "s").await;
            watcher.subscribe(&format!("{topic}/own"), 0).await;
            busy_session(&broker, protocol, &id, &topic).await;

            let (mut client, present) = connected(&broker, protocol, &Connect::staying(&id)).await;
            assert!(present);
            for (payload, qos, dup) in [
                ("unacknowledged", 1, true),
                ("one", 1, false),
                ("two", 2, false),
            ] {
                let message = client.message().await;
                assert_eq!(message.payload, payload);
                assert_eq!((message.qos, message.dup), (qos, dup));
                if qos == 1 {
                    client.acknowledge(PUBACK, message.packet_id).await;
                } else {
                    client.acknowledge(PUBREC, message.packet_id).await;
                    assert_eq!(client.hear().await, ack(PUBREL, message.packet_id));
                    client.acknowledge(PUBCOMP, message.packet_id).await;
                }
            }
            // Its own message is known still: repeated, it goes to nobody a second time.
            let again = Publish {
                dup: true,
                ..publish("unused", 2, 7, "own")
            };
            let again = Publish {
                topic: &format!("{topic}/own"),
                ..again
            };
            client.publish(&again).await;
            let heard = client.hear().await;
            assert!(matches!(
                heard,
                Heard::Ack {
                    kind: PUBREC,
                    packet_id: 7,
                    ..
                }
            ));
            client.acknowledge(PUBREL, 7).await;
            assert_eq!(client.hear().await, ack(PUBCOMP, 7));
            assert_eq!(watcher.message().await.payload, "own");
            watcher.silence().await;
            // And the Subscription is there.
            publish_once(&broker, protocol, &topic, 1, "later").await;
            assert_eq!(client.message().await.payload, "later");
        }
    })
    .await;
}

#[tokio::test]
async fn a_clean_start_discards_the_session() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let (id, topic) = (unique("c"), unique("clean"));
            let mut watcher = client(&broker, protocol, "s").await;
            watcher.subscribe(&format!("{topic}/own"), 0).await;
            busy_session(&broker, protocol, &id, &topic).await;

            let (mut client, present) = connected(&broker, protocol, &Connect::clean(&id)).await;
            assert!(!present);
            client.silence().await;
            publish_once(&broker, protocol, &topic, 1, "nobody's").await;
            client.silence().await;
            // The identifier of the unreleased message means another one now.
            client
                .publish_through(&publish(&format!("{topic}/own"), 2, 7, "new"))
                .await;
            let mut message = watcher.message().await;
            if message.payload == "own" {
                // A Server may pass a QoS 2 message on before it is released; emqxd does.
                message = watcher.message().await;
            }
            assert_eq!(message.payload, "new");
            client.subscribe(&topic, 1).await;
            leave(client).await;

            // This Session has ended with its connection, too.
            publish_once(&broker, protocol, &topic, 1, "nobody's").await;
            let (mut client, present) = connected(&broker, protocol, &Connect::staying(&id)).await;
            assert!(!present);
            publish_once(&broker, protocol, &topic, 1, "nobody's").await;
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn session_present_is_told_for_what_it_is() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let id = unique("c");
            for (connect, expected) in [
                (Connect::clean(&id), false),
                (Connect::staying(&id), false),
                (Connect::staying(&id), true),
                (Connect::staying(&id), true),
                (Connect::clean(&id), false),
                (Connect::staying(&id), false),
            ] {
                // Left in good order, and cut off by the next one.
                let (client, present) = connected(&broker, protocol, &connect).await;
                assert_eq!(present, expected);
                leave(client).await;
            }
            let (_first, present) = connected(&broker, protocol, &Connect::staying(&id)).await;
            assert!(present);
            let (_second, present) = connected(&broker, protocol, &Connect::staying(&id)).await;
            assert!(present);
            let (_third, present) = connected(&broker, protocol, &Connect::clean(&id)).await;
            assert!(!present);
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_belongs_to_its_client_identifier() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let root = unique("own");
            // Nearly the same is not the same.
            let ids = ["a", "A", "a ", "aa"].map(|end| format!("{root}{end}"));
            for id in &ids {
                let (mut client, present) =
                    connected(&broker, protocol, &Connect::staying(id)).await;
                assert!(!present, "{id}");
                client.subscribe(&format!("{root}/{}", id.len()), 1).await;
                client.subscribe(&format!("{root}/{id}"), 1).await;
                leave(client).await;
            }
            for id in &ids {
                publish_once(&broker, protocol, &format!("{root}/{id}"), 1, id).await;
            }
            for id in &ids {
                let (mut client, present) =
                    connected(&broker, protocol, &Connect::staying(id)).await;
                assert!(present, "{id}");
                assert_eq!(client.message().await.payload, *id);
                client.silence().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_unfinished_is_sent_again_and_only_then() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("again");
            let connect = Connect::staying(&unique("c"));
            let (mut client, _) = connected(&broker, protocol, &connect).await;
            client.subscribe(&topic, 2).await;
            let mut ids = Vec::new();
            for (qos, payload) in [(1, "one"), (2, "two"), (2, "three")] {
                publish_once(&broker, protocol, &topic, qos, payload).await;
                let message = client.message().await;
                assert_eq!((message.payload.as_str(), message.dup), (payload, false));
                ids.push(message.packet_id);
            }
            client.acknowledge(PUBREC, ids[2]).await;
            assert_eq!(client.hear().await, ack(PUBREL, ids[2]));
            // Nothing comes again while the connection is there, whatever goes on.
            publish_once(&broker, protocol, &topic, 1, "four").await;
            let message = client.message().await;
            assert_eq!(message.payload, "four");
            client.acknowledge(PUBACK, message.packet_id).await;
            client.silence().await;

            // With the next one it does, as often as there is one.
            for _ in 0..2 {
                drop(client);
                let (resumed, present) = connected(&broker, protocol, &connect).await;
                assert!(present);
                client = resumed;
                for (index, payload) in [(0, "one"), (1, "two")] {
                    let message = client.message().await;
                    assert_eq!(message.payload, payload);
                    assert_eq!((message.packet_id, message.dup), (ids[index], true));
                }
                // The third is released: its PUBLISH is over.
                assert_eq!(client.hear().await, ack(PUBREL, ids[2]));
                client.silence().await;
            }
            client.acknowledge(PUBACK, ids[0]).await;
            client.acknowledge(PUBREC, ids[1]).await;
            assert_eq!(client.hear().await, ack(PUBREL, ids[1]));
            client.acknowledge(PUBCOMP, ids[1]).await;
            client.acknowledge(PUBCOMP, ids[2]).await;
            leave(client).await;
            let (mut client, _) = connected(&broker, protocol, &connect).await;
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_that_the_client_refuses_is_over() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("refused");
        let connect = Connect::staying(&unique("c"));
        let (mut client, _) = connected(&broker, V5, &connect).await;
        client.subscribe(&topic, 2).await;
        for (qos, kind) in [(1, PUBACK), (2, PUBREC)] {
            for code in [0x80, 0x83, 0x87, 0x90, 0x97, 0x99] {
                publish_once(&broker, V5, &topic, qos, "m").await;
                let message = client.message().await;
                let [high, low] = message.packet_id.to_be_bytes();
                client.send(&[kind << 4, 3, high, low, code]).await;
                // No PUBREL either.
                client.silence().await;
            }
        }
        leave(client).await;
        let (mut client, present) = connected(&broker, V5, &connect).await;
        assert!(present);
        client.silence().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_under_way_does_not_expire() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("expiry");
        let connect = Connect::staying(&unique("c"));
        let (mut client, _) = connected(&broker, V5, &connect).await;
        client.subscribe(&topic, 2).await;
        let mut publisher = self::client(&broker, V5, "p").await;
        let expiring = |topic, number| Publish {
            properties: vec![(MESSAGE_EXPIRY_INTERVAL, Value::Four(1))],
            ..publish(topic, 2, number, "m")
        };
        publisher.publish_through(&expiring(&topic, 2)).await;
        let other = unique("expiry");
        let unreleased = expiring(&other, 3);
        publisher.publish(&unreleased).await;
        let heard = publisher.hear().await;
        assert!(matches!(
            heard,
            Heard::Ack {
                kind: PUBREC,
                packet_id: 3,
                ..
            }
        ));
        let message = client.message().await;
        leave(client).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;

        // Towards the subscriber, and towards the publisher.
        let (mut client, _) = connected(&broker, V5, &connect).await;
        let again = client.message().await;
        assert_eq!(again.payload, "m");
        assert_eq!((again.packet_id, again.dup), (message.packet_id, true));
        client.acknowledge(PUBREC, again.packet_id).await;
        assert_eq!(client.hear().await, ack(PUBREL, again.packet_id));
        client.acknowledge(PUBCOMP, again.packet_id).await;
        let again = Publish {
            dup: true,
            ..unreleased
        };
        publisher.publish(&again).await;
        let heard = publisher.hear().await;
        assert!(matches!(
            heard,
            Heard::Ack {
                kind: PUBREC,
                packet_id: 3,
                ..
            }
        ));
        publisher.acknowledge(PUBREL, 3).await;
        assert_eq!(publisher.hear().await, ack(PUBCOMP, 3));
        client.silence().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_does_not_expire_while_its_client_is_there() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("stays");
        let (id, other_id) = (unique("c"), unique("c"));
        let brief = Connect {
            properties: vec![(SESSION_EXPIRY_INTERVAL, Value::Four(1))],
            ..Connect::staying(&id)
        };
        let (mut with_expiry, _) = connected(&broker, V5, &brief).await;
        let (mut clean, _) = connected(&broker, V4, &Connect::clean(&other_id)).await;
        for client in [&mut with_expiry, &mut clean] {
            client.subscribe(&topic, 1).await;
        }
        // Longer than the Session would have after the end of its connection.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        publish_once(&broker, V4, &topic, 1, "m").await;
        let mut messages = Vec::new();
        for client in [&mut with_expiry, &mut clean] {
            let message = client.message().await;
            assert_eq!(message.payload, "m");
            messages.push(message);
        }
        // Its time begins with the end of the connection: it is there for the next one.
        let (mut resumed, present) = connected(&broker, V5, &brief).await;
        assert!(present);
        let again = resumed.message().await;
        assert_eq!((again.packet_id, again.dup), (messages[0].packet_id, true));
    })
    .await;
}

fn with_will<'a>(connect: Connect<'a>, topic: &'a str, payload: &'a str) -> Connect<'a> {
    Connect {
        will: Some(Will {
            topic,
            payload,
            qos: 0,
            retain: false,
            properties: Vec::new(),
        }),
        ..connect
    }
}

#[tokio::test]
async fn a_will_is_published_as_its_flags_say() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            for (qos, retain) in [
                (0, false),
                (1, false),
                (2, false),
                (0, true),
                (1, true),
                (2, true),
            ] {
                let topic = unique("will");
                let mut watcher = client(&broker, protocol, "s").await;
                watcher.subscribe(&topic, 2).await;
                let connect = Connect {
                    will: Some(Will {
                        topic: &topic,
                        payload: "gone",
                        qos,
                        retain,
                        properties: Vec::new(),
                    }),
                    ..Connect::clean(&unique("w"))
                };
                let (client, _) = connected(&broker, protocol, &connect).await;
                watcher.silence().await;
                drop(client);
                let message = watcher.message().await;
                assert_eq!(message.payload, "gone");
                assert_eq!((message.qos, message.retain), (qos, false));
                let mut late = self::client(&broker, protocol, "s").await;
                late.subscribe(&topic, 2).await;
                if retain {
                    let message = late.message().await;
                    assert_eq!(message.payload, "gone");
                    assert_eq!((message.qos, message.retain), (qos, true));
                }
                late.silence().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_will_is_published_once() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("will");
            let mut watcher = client(&broker, protocol, "s").await;
            watcher.subscribe(&topic, 0).await;
            let id = unique("w");
            let staying = || Connect::staying(&id);
            // Cut off by a violation, which the Server has dealt with when it closes.
            let cut_off = async |connect: &Connect<'_>| {
                let (mut client, _) = connected(&broker, protocol, connect).await;
                client.send(&[0x00, 0x00]).await;
                client.end().await;
            };
            cut_off(&with_will(staying(), &topic, "first")).await;
            assert_eq!(watcher.message().await.payload, "first");
            // The same Session without a Will: the first one is forgotten.
            cut_off(&staying()).await;
            watcher.silence().await;
            // DISCONNECT has the Server forget it, too.
            let (client, _) =
                connected(&broker, protocol, &with_will(staying(), &topic, "second")).await;
            leave(client).await;
            cut_off(&staying()).await;
            watcher.silence().await;
            // And who never had one has none.
            cut_off(&Connect::clean(&unique("w"))).await;
            watcher.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_disconnect_with_reserved_flags_is_none() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("will");
            let mut watcher = client(&broker, protocol, "s").await;
            watcher.subscribe(&topic, 0).await;
            for flags in [1, 2, 4, 8, 15] {
                let payload = flags.to_string();
                let id = unique("w");
                let connect = with_will(Connect::clean(&id), &topic, &payload);
                let (mut client, _) = connected(&broker, protocol, &connect).await;
                client.send(&[0xE0 | flags, 0]).await;
                client.end().await;
                assert_eq!(watcher.message().await.payload, payload);
            }
        }
    })
    .await;
}
