//! PUBLISH and its acknowledgements, Retained Messages, order and Topic Aliases, in both versions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::raw::packet;
use emqx_tests::wire::kind::{PUBACK, PUBCOMP, PUBREC, PUBREL};
use emqx_tests::wire::property::*;
use emqx_tests::wire::{Connect, Heard, Publish, Published, Value, Wire, publish, values};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(60);
const V4: Protocol = Protocol::V3_1_1;
const V5: Protocol = Protocol::V5;
const BOTH: [Protocol; 2] = [V4, V5];

async fn client(broker: &Broker, protocol: Protocol, name: &str) -> Wire {
    Wire::clean(broker.address(), protocol, &unique(name)).await
}

/// The next packet must be this answer; whether it has no success to tell of does not matter.
async fn answered(client: &mut Wire, kind: u8, packet_id: u16) {
    let heard = client.hear().await;
    assert!(
        matches!(heard, Heard::Ack { kind: k, packet_id: id, code: 0 | 0x10 }
            if k == kind && id == packet_id),
        "{heard:?} is not {kind} of {packet_id}"
    );
}

/// Goes through the rest of the exchange of a message that has come.
async fn finish(client: &mut Wire, message: &Published) {
    match message.qos {
        1 => client.acknowledge(PUBACK, message.packet_id).await,
        2 => {
            client.acknowledge(PUBREC, message.packet_id).await;
            answered(client, PUBREL, message.packet_id).await;
            client.acknowledge(PUBCOMP, message.packet_id).await;
        }
        _ => {}
    }
}

#[tokio::test]
async fn dup_is_not_handed_on() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("dup");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 2).await;
            let mut publisher = client(&broker, protocol, "p").await;
            publisher.publish(&publish(&topic, 0, 0, "zero")).await;
            let message = subscriber.message().await;
            assert_eq!((message.qos, message.dup), (0, false));
            for (qos, dup) in [(1, false), (1, true), (2, false), (2, true)] {
                let sent = Publish {
                    dup,
                    ..publish(&topic, qos, 3, "m")
                };
                publisher.publish_through(&sent).await;
                let message = subscriber.message().await;
                assert_eq!((message.qos, message.dup), (qos, false));
                assert_ne!(message.packet_id, 0);
                finish(&mut subscriber, &message).await;
            }
            if broker.node().is_none() {
                continue;
            }
            // DUP with QoS 0 is for nobody; another broker may be more lenient.
            let wrong = Publish {
                dup: true,
                ..publish(&topic, 0, 0, "m")
            };
            publisher.publish(&wrong).await;
            publisher.end().await;
            subscriber.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn qos_3_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            for flags in [0x06, 0x07, 0x0E, 0x0F] {
                let mut publisher = client(&broker, protocol, "p").await;
                let mut bytes = publish("t", 2, 1, "x").encode(protocol);
                bytes[0] = 0x30 | flags;
                publisher.send(&bytes).await;
                let said = publisher.end().await;
                if broker.node().is_some() {
                    assert_eq!(said, (protocol == V5).then_some(0x81));
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_wildcard_in_a_topic_name_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            for topic in ["#", "+", "a/#", "a/+/b", "a+", "b#c", ""] {
                let mut publisher = client(&broker, protocol, "p").await;
                publisher.publish(&publish(topic, 0, 0, "x")).await;
                let said = publisher.end().await;
                assert!(
                    matches!(said, None | Some(0x81 | 0x82 | 0x90)),
                    "{topic:?}: {said:02x?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_qos_has_its_answer() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("answers");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 0).await;
            let mut publisher = client(&broker, protocol, "p").await;
            publisher.publish(&publish(&topic, 0, 0, "zero")).await;
            publisher.silence().await;
            publisher.publish(&publish(&topic, 1, 1, "one")).await;
            answered(&mut publisher, PUBACK, 1).await;
            publisher.silence().await;
            publisher.publish(&publish(&topic, 2, 2, "two")).await;
            answered(&mut publisher, PUBREC, 2).await;
            publisher.silence().await;
            publisher.acknowledge(PUBREL, 2).await;
            answered(&mut publisher, PUBCOMP, 2).await;
            publisher.silence().await;
            // What was answered was taken over.
            for payload in ["zero", "one", "two"] {
                assert_eq!(subscriber.message().await.payload, payload);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_acknowledged_identifier_belongs_to_the_next_message() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("next");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 0).await;
            let mut publisher = client(&broker, protocol, "p").await;
            for (dup, payload) in [(false, "1"), (true, "2"), (true, "3"), (false, "4")] {
                let sent = Publish {
                    dup,
                    ..publish(&topic, 1, 5, payload)
                };
                publisher.publish(&sent).await;
                answered(&mut publisher, PUBACK, 5).await;
                assert_eq!(subscriber.message().await.payload, payload);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_repeated_qos_2_publish_is_passed_on_once() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("once");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 2).await;
            let connect = Connect::staying(&unique("p"));
            let (mut publisher, _, _) = Wire::accepted(broker.address(), protocol, &connect).await;
            for round in ["first", "second"] {
                let again = |dup| Publish {
                    dup,
                    ..publish(&topic, 2, 5, round)
                };
                for dup in [false, true, true] {
                    publisher.publish(&again(dup)).await;
                    answered(&mut publisher, PUBREC, 5).await;
                }
                drop(publisher);
                let (resumed, present, _) =
                    Wire::accepted(broker.address(), protocol, &connect).await;
                assert!(present);
                publisher = resumed;
                publisher.publish(&again(true)).await;
                answered(&mut publisher, PUBREC, 5).await;
                publisher.acknowledge(PUBREL, 5).await;
                answered(&mut publisher, PUBCOMP, 5).await;
                // With the PUBCOMP the identifier is free: the next round is another message.
                let message = subscriber.message().await;
                assert_eq!(message.payload, round);
                finish(&mut subscriber, &message).await;
                subscriber.silence().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_retained_message_is_kept_replaced_and_removed() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("retained");
            let mut present = client(&broker, protocol, "s").await;
            present.subscribe(&topic, 2).await;
            let mut publisher = client(&broker, protocol, "p").await;
            for (qos, retain, payload, kept) in [
                // RETAIN 0 keeps nothing.
                (1, false, "plain", None),
                (1, true, "first", Some((1, "first"))),
                (1, false, "plain", Some((1, "first"))),
                (1, false, "", Some((1, "first"))),
                (2, true, "second", Some((2, "second"))),
                (0, true, "third", Some((0, "third"))),
                (1, true, "", None),
                // Also where there is nothing to be removed.
                (0, true, "", None),
                (2, true, "fourth", Some((2, "fourth"))),
                (0, true, "", None),
            ] {
                let sent = Publish {
                    retain,
                    ..publish(&topic, qos, 1, payload)
                };
                if qos == 0 {
                    publisher.publish(&sent).await;
                } else {
                    publisher.publish_through(&sent).await;
                }
                // The Subscription was there before: RETAIN is 0.
                let message = present.message().await;
                assert_eq!(message.payload, payload);
                assert_eq!((message.qos, message.retain), (qos, false));
                finish(&mut present, &message).await;

                let mut late = client(&broker, protocol, "s").await;
                late.subscribe(&topic, 2).await;
                if let Some((qos, payload)) = kept {
                    let message = late.message().await;
                    assert_eq!(message.payload, payload);
                    assert_eq!((message.qos, message.retain), (qos, true));
                }
                late.silence().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_retained_message_outlives_its_publisher() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("outlives");
            let id = unique("p");
            let mut publisher = Wire::clean(broker.address(), protocol, &id).await;
            let sent = Publish {
                retain: true,
                ..publish(&topic, 1, 1, "kept")
            };
            publisher.publish(&sent).await;
            answered(&mut publisher, PUBACK, 1).await;
            publisher.send(&[0xE0, 0]).await;
            publisher.end().await;
            let (_, was_there, _) =
                Wire::accepted(broker.address(), protocol, &Connect::staying(&id)).await;
            assert!(!was_there, "its Session has ended");
            let mut late = client(&broker, protocol, "s").await;
            late.subscribe(&topic, 0).await;
            assert_eq!(late.message().await.payload, "kept");
        }
    })
    .await;
}

#[tokio::test]
async fn messages_come_in_their_order() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("order");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 2).await;
            let mut publisher = client(&broker, protocol, "p").await;
            // More than may be under way at once, in one piece, of each QoS.
            for qos in 0..=2_u8 {
                let mut bytes = Vec::new();
                for number in 1..=100 {
                    bytes
                        .extend(publish(&topic, qos, number, &number.to_string()).encode(protocol));
                }
                publisher.send(&bytes).await;
                for number in 1..=100 {
                    match qos {
                        1 => answered(&mut publisher, PUBACK, number).await,
                        2 => answered(&mut publisher, PUBREC, number).await,
                        _ => {}
                    }
                }
                if qos == 2 {
                    for number in 1..=100 {
                        publisher.acknowledge(PUBREL, number).await;
                        answered(&mut publisher, PUBCOMP, number).await;
                    }
                }
                let mut next = 1;
                while next <= 100 {
                    match subscriber.hear().await {
                        Heard::Publish(message) => {
                            assert_eq!(message.payload, next.to_string());
                            assert_eq!(message.qos, qos);
                            next += 1;
                            let kind = if qos == 1 { PUBACK } else { PUBREC };
                            if qos > 0 {
                                subscriber.acknowledge(kind, message.packet_id).await;
                            }
                        }
                        Heard::Ack {
                            kind: PUBREL,
                            packet_id,
                            ..
                        } => subscriber.acknowledge(PUBCOMP, packet_id).await,
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn acknowledgements_come_in_the_order_of_their_messages() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("order");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 2).await;
            let mut publisher = client(&broker, protocol, "p").await;
            // The numbers go down, so that they are not the order by chance.
            let ids: Vec<u16> = (1..=10).rev().collect();
            for (qos, kind) in [(1, PUBACK), (2, PUBREC)] {
                let mut bytes = Vec::new();
                for id in &ids {
                    bytes.extend(publish(&topic, qos, *id, "m").encode(protocol));
                }
                publisher.send(&bytes).await;
                for id in &ids {
                    answered(&mut publisher, kind, *id).await;
                }
            }
            for id in &ids {
                publisher.acknowledge(PUBREL, *id).await;
                answered(&mut publisher, PUBCOMP, *id).await;
            }
            for _ in &ids {
                let message = subscriber.message().await;
                subscriber.acknowledge(PUBACK, message.packet_id).await;
            }
            let mut received = Vec::new();
            for _ in &ids {
                received.push(subscriber.message().await.packet_id);
            }
            for id in received.iter().rev() {
                subscriber.acknowledge(PUBREC, *id).await;
            }
            for id in received.iter().rev() {
                answered(&mut subscriber, PUBREL, *id).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_window_holds_back_nothing_but_publishes() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("window");
        let connect = Connect {
            properties: vec![(RECEIVE_MAXIMUM, Value::Two(1))],
            ..Connect::clean(&unique("s"))
        };
        let (mut subscriber, _, _) = Wire::accepted(broker.address(), V5, &connect).await;
        subscriber.subscribe(&topic, 1).await;
        let mut publisher = client(&broker, V5, "p").await;
        for number in 1..=3 {
            publisher
                .publish_through(&publish(&topic, 1, number, &number.to_string()))
                .await;
        }
        for number in 1..=3 {
            let message = subscriber.message().await;
            assert_eq!(message.payload, number.to_string());
            // Until it is acknowledged, all else goes on and no PUBLISH comes.
            let other = unique("other");
            assert_eq!(subscriber.subscribe(&other, 0).await, [0]);
            assert_eq!(subscriber.unsubscribe(&[&other]).await, [0]);
            subscriber.publish(&publish(&other, 1, 7, "m")).await;
            answered(&mut subscriber, PUBACK, 7).await;
            subscriber.publish(&publish(&other, 2, 8, "m")).await;
            answered(&mut subscriber, PUBREC, 8).await;
            subscriber.acknowledge(PUBREL, 8).await;
            answered(&mut subscriber, PUBCOMP, 8).await;
            subscriber.silence().await;
            subscriber.acknowledge(PUBACK, message.packet_id).await;
        }
        subscriber.silence().await;
    })
    .await;
}

#[tokio::test]
async fn reason_codes_of_another_packet_are_malformed() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (first, codes) in [
            (0x40, &[0x01, 0x02, 0x04, 0x18, 0x81, 0x92, 0xFF][..]),
            (0x50, &[0x01, 0x11, 0x8E, 0x92, 0x9B]),
            (0x62, &[0x01, 0x10, 0x80, 0x91]),
            (0x70, &[0x10, 0x87, 0x97]),
            (0xE0, &[0x01, 0x10, 0x18, 0x84, 0x8B, 0x8E, 0x9C]),
        ] {
            for code in codes {
                if broker.node().is_none() {
                    // Another broker may be more lenient.
                    continue;
                }
                let mut wrong = client(&broker, V5, "c").await;
                let id: &[u8] = if first == 0xE0 { &[] } else { &[0, 1] };
                wrong.send(&packet(first, &[id, &[*code]].concat())).await;
                let said = wrong.end().await;
                assert!(
                    matches!(said, Some(0x81 | 0x82)),
                    "{code:#x} in {first:#x}: {said:02x?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn topic_aliases_end_with_their_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("alias");
        let aliased = |topic| Publish {
            properties: vec![(TOPIC_ALIAS, Value::Two(1))],
            ..publish(topic, 0, 0, "m")
        };
        let watching = Connect {
            properties: vec![
                (SESSION_EXPIRY_INTERVAL, Value::Four(600)),
                (TOPIC_ALIAS_MAXIMUM, Value::Two(5)),
            ],
            ..Connect::staying(&unique("s"))
        };
        let publishing = Connect::staying(&unique("p"));
        for round in 0..2 {
            let (mut subscriber, present, _) =
                Wire::accepted(broker.address(), V5, &watching).await;
            assert_eq!(present, round > 0);
            if round == 0 {
                subscriber.subscribe(&topic, 0).await;
            }
            let (mut publisher, _, _) = Wire::accepted(broker.address(), V5, &publishing).await;
            publisher.publish(&aliased(&topic)).await;
            publisher.publish(&aliased("")).await;
            // The first one names its topic, whatever an earlier connection knew.
            assert_eq!(subscriber.message().await.topic, topic);
            subscriber.message().await;
            drop(publisher);

            let (mut publisher, _, _) = Wire::accepted(broker.address(), V5, &publishing).await;
            publisher.publish(&aliased("")).await;
            let said = publisher.end().await;
            assert!(matches!(said, None | Some(0x82 | 0x94)), "{said:02x?}");
            subscriber.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn every_topic_alias_up_to_the_maximum_is_taken() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let root = unique("alias");
        let mut subscriber = client(&broker, V5, "s").await;
        subscriber.subscribe(&format!("{root}/#"), 0).await;
        let connect = Connect::clean(&unique("p"));
        let (mut publisher, _, properties) = Wire::accepted(broker.address(), V5, &connect).await;
        let [Value::Two(maximum)] = values(&properties, TOPIC_ALIAS_MAXIMUM)[..] else {
            panic!("{properties:?}");
        };
        for is_known in [false, true] {
            for alias in 1..=*maximum {
                let topic = format!("{root}/{alias}");
                let sent = Publish {
                    properties: vec![(TOPIC_ALIAS, Value::Two(alias))],
                    ..publish(if is_known { "" } else { &topic }, 0, 0, "m")
                };
                publisher.publish(&sent).await;
                assert_eq!(subscriber.message().await.topic, topic);
            }
        }
    })
    .await;
}
