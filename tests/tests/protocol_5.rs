//! What MQTT 5.0 asks of a Server beyond 3.1.1, statement by statement, packet by packet.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use emqx_tests::broker::Broker;
use emqx_tests::raw::packet;
use emqx_tests::wire::kind::{PUBACK, PUBCOMP, PUBREC, PUBREL};
use emqx_tests::wire::property::*;
use emqx_tests::wire::{Connect, Heard, Properties, Publish, Value, Will, Wire, publish, values};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(60);
const V5: Protocol = Protocol::V5;

const NO_LOCAL: u8 = 0x04;
const RETAIN_AS_PUBLISHED: u8 = 0x08;
const RETAIN_IF_NEW: u8 = 0x10;
const RETAIN_NEVER: u8 = 0x20;

const fn ack(kind: u8, packet_id: u16, code: u8) -> Heard {
    Heard::Ack {
        kind,
        packet_id,
        code,
    }
}

fn will<'a>(topic: &'a str, payload: &'a str, delay_s: u32) -> Will<'a> {
    Will {
        topic,
        payload,
        qos: 1,
        retain: false,
        properties: vec![(WILL_DELAY_INTERVAL, Value::Four(delay_s))],
    }
}

async fn client(broker: &Broker, name: &str) -> Wire {
    Wire::clean(broker.address(), V5, &unique(name)).await
}

async fn connected(broker: &Broker, connect: &Connect<'_>) -> Wire {
    Wire::accepted(broker.address(), V5, connect).await.0
}

async fn publish_once(broker: &Broker, message: &Publish<'_>) {
    let mut publisher = client(broker, "p").await;
    let message = Publish {
        qos: 1,
        packet_id: 1,
        ..message.clone()
    };
    publisher.publish(&message).await;
    let heard = publisher.hear().await;
    assert!(
        matches!(
            heard,
            Heard::Ack {
                kind: PUBACK,
                packet_id: 1,
                code: 0 | 0x10
            }
        ),
        "{heard:?}"
    );
}

/// DISCONNECT with a Reason Code and properties.
fn disconnect(code: u8, properties: &Properties) -> Vec<u8> {
    let mut body = vec![code];
    emqx_tests::wire::push_properties(&mut body, V5, properties);
    packet(0xE0, &body)
}

#[tokio::test]
async fn the_connack_names_the_client_and_the_limits() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let (mut first, _, properties) =
            Wire::accepted(broker.address(), V5, &Connect::clean("")).await;
        let assigned = values(&properties, ASSIGNED_CLIENT_IDENTIFIER);
        let [Value::Data(assigned)] = assigned[..] else {
            panic!("{properties:?}");
        };
        assert!(!assigned.is_empty());
        // The name can be used to come back, also without Clean Start.
        let id = String::from_utf8(assigned.clone()).unwrap();
        let (_, _, properties) = Wire::accepted(broker.address(), V5, &Connect::staying(&id)).await;
        assert!(values(&properties, ASSIGNED_CLIENT_IDENTIFIER).is_empty());
        assert_eq!(first.end().await, Some(0x8E));
        if broker.node().is_some() {
            assert_eq!(values(&properties, TOPIC_ALIAS_MAXIMUM), [&Value::Two(128)]);
            assert_eq!(values(&properties, RECEIVE_MAXIMUM), [&Value::Two(1_024)]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_connect_has_its_reason_code() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let with = |identifier, value| {
            Connect {
                properties: vec![(identifier, value)],
                ..Connect::clean("a")
            }
            .encode(V5)
        };
        for (what, bytes, allowed) in [
            (
                "level 6",
                packet(0x10, b"\0\x04MQTT\x06\x02\0\0\0\0\x01a"),
                &[0x84][..],
            ),
            (
                "Receive Maximum 0",
                with(RECEIVE_MAXIMUM, Value::Two(0)),
                &[0x81, 0x82],
            ),
            (
                "Maximum Packet Size 0",
                with(MAXIMUM_PACKET_SIZE, Value::Four(0)),
                &[0x81, 0x82],
            ),
            (
                "Authentication Method",
                with(AUTHENTICATION_METHOD, Value::text("SCRAM-SHA-1")),
                &[0x8C],
            ),
            (
                "reserved flag",
                packet(0x10, b"\0\x04MQTT\x05\x03\0\0\0\0\x01a"),
                &[0x81],
            ),
            (
                "control character in the Client Identifier",
                Connect::clean("a\u{1b}[2J").encode(V5),
                &[0x85],
            ),
            (
                "wildcard in the Will Topic",
                Connect {
                    will: Some(will("a/#", "", 0)),
                    ..Connect::clean("a")
                }
                .encode(V5),
                &[0x81, 0x82, 0x90],
            ),
        ] {
            let mut client = Wire::open(broker.address(), V5).await;
            client.send(&bytes).await;
            let heard = client.hear().await;
            let Heard::ConnAck {
                session_present: false,
                code,
                ..
            } = heard
            else {
                panic!("{what}: {heard:?}");
            };
            assert!(allowed.contains(&code), "{what}: {code:#x}");
            assert_eq!(client.hear().await, Heard::Closed, "{what}");
        }
    })
    .await;
}

#[tokio::test]
async fn violations_are_told_before_the_close() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let with = |identifier, value| {
            Publish {
                properties: vec![(identifier, value)],
                ..publish("t", 0, 0, "x")
            }
            .encode(V5)
        };
        let alias = |topic: &'static str, number| {
            Publish {
                properties: vec![(TOPIC_ALIAS, Value::Two(number))],
                ..publish(topic, 0, 0, "x")
            }
            .encode(V5)
        };
        let subscribe = |filter: &str, options: u8| {
            let length = (filter.len() as u16).to_be_bytes();
            packet(
                0x82,
                &[&[0, 1, 0], &length[..], filter.as_bytes(), &[options]].concat(),
            )
        };
        for (what, bytes, expected) in [
            ("Topic Alias 0", alias("t", 0), 0x94),
            ("Topic Alias above the maximum", alias("t", 65_535), 0x94),
            ("unknown Topic Alias", alias("", 1), 0x82),
            (
                "Subscription Identifier in PUBLISH",
                with(SUBSCRIPTION_IDENTIFIER, Value::Variable(1)),
                0x82,
            ),
            (
                "wildcard in the Response Topic",
                with(RESPONSE_TOPIC, Value::text("a/+")),
                0x82,
            ),
            (
                "Payload Format Indicator 2",
                with(PAYLOAD_FORMAT_INDICATOR, Value::Byte(2)),
                0x82,
            ),
            (
                "wildcard in the Topic Name",
                publish("a/#", 0, 0, "x").encode(V5),
                0x82,
            ),
            (
                "control character in the Topic Name",
                publish("a\u{7}", 0, 0, "x").encode(V5),
                0x81,
            ),
            (
                "Subscription Identifier 0",
                packet(0x82, b"\0\x01\x02\x0b\0\0\x01a\0"),
                0x82,
            ),
            ("No Local, shared", subscribe("$share/g/a", NO_LOCAL), 0x82),
            ("Retain Handling 3", subscribe("a", 0x30), 0x82),
            ("empty Topic Filter", subscribe("", 0), 0x82),
            ("Topic Filter a/#/b", subscribe("a/#/b", 0), 0x82),
            ("Share Name +", subscribe("$share/+/a", 0), 0x82),
            ("no Share Name", subscribe("$share//a", 0), 0x82),
            ("AUTH", packet(0xF0, &[0x18, 0]), 0x82),
            ("second CONNECT", Connect::clean("x").encode(V5), 0x82),
            ("packet type 0, unfinished", vec![0x0A, 0xC0], 0x81),
            (
                "larger than allowed",
                vec![0x30, 0xFF, 0xFF, 0xFF, 0x7F],
                0x95,
            ),
            (
                "Session Expiry Interval that CONNECT had not",
                disconnect(0, &vec![(SESSION_EXPIRY_INTERVAL, Value::Four(5))]),
                0x82,
            ),
        ] {
            let mut client = client(&broker, "c").await;
            client.send(&bytes).await;
            let said = client.end().await;
            if broker.node().is_some() {
                assert_eq!(said, Some(expected), "{what}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_its_expiry_says() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let id = unique("c");
        let lasting = |seconds| Connect {
            clean: false,
            properties: vec![(SESSION_EXPIRY_INTERVAL, Value::Four(seconds))],
            ..Connect::clean(&id)
        };
        let (first, present, _) = Wire::accepted(broker.address(), V5, &lasting(0)).await;
        assert!(!present);
        drop(first);
        let (mut client, present, _) = Wire::accepted(broker.address(), V5, &lasting(60)).await;
        assert!(!present, "0 ends it with the connection");
        client.send(&disconnect(0, &Vec::new())).await;
        assert_eq!(client.end().await, None);
        let (mut client, present, _) = Wire::accepted(broker.address(), V5, &lasting(60)).await;
        assert!(present);
        // DISCONNECT may change it.
        client
            .send(&disconnect(
                0,
                &vec![(SESSION_EXPIRY_INTERVAL, Value::Four(0))],
            ))
            .await;
        assert_eq!(client.end().await, None);
        let (client, present, _) = Wire::accepted(broker.address(), V5, &lasting(1)).await;
        assert!(!present);
        drop(client);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let (_, present, _) = Wire::accepted(broker.address(), V5, &lasting(1)).await;
        assert!(!present);
    })
    .await;
}

#[tokio::test]
async fn a_delayed_will_waits_for_the_client_and_no_longer() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("will");
        let mut watcher = client(&broker, "s").await;
        watcher.subscribe(&topic, 0).await;
        let id = unique("w");
        let connect = |payload, delay_s, expiry_s| Connect {
            clean: false,
            properties: vec![(SESSION_EXPIRY_INTERVAL, Value::Four(expiry_s))],
            will: Some(will(&topic, payload, delay_s)),
            ..Connect::clean(&id)
        };

        // Back in time: no Will.
        drop(connected(&broker, &connect("back in time", 1, 60)).await);
        let (mut back, present, _) =
            Wire::accepted(broker.address(), V5, &connect("polite", 1, 60)).await;
        assert!(present);
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        watcher.silence().await;
        back.send(&disconnect(0, &Vec::new())).await;
        assert_eq!(back.end().await, None);

        // The delay passes.
        let begin = Instant::now();
        drop(connected(&broker, &connect("delayed", 1, 60)).await);
        assert_eq!(watcher.message().await.payload, "delayed");
        assert!(begin.elapsed() >= Duration::from_millis(900));

        // The Session ends first: with its connection, by its expiry, by Clean Start of a second connection.
        drop(connected(&broker, &connect("no session", 60, 0)).await);
        assert_eq!(watcher.message().await.payload, "no session");
        drop(connected(&broker, &connect("expired", 60, 1)).await);
        assert_eq!(watcher.message().await.payload, "expired");
        let displaced = connected(&broker, &connect("clean start", 60, 60)).await;
        drop(connected(&broker, &Connect::clean(&id)).await);
        assert_eq!(watcher.message().await.payload, "clean start");
        drop(displaced);

        // With Clean Start too, a connection within the delay deletes it [MQTT-3.1.2-8].
        drop(connected(&broker, &connect("back in time", 1, 60)).await);
        drop(connected(&broker, &Connect::clean(&id)).await);
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        watcher.silence().await;

        // DISCONNECT 0x04 asks for it.
        let mut client = connected(&broker, &connect("asked for", 0, 60)).await;
        client.send(&disconnect(4, &Vec::new())).await;
        assert_eq!(client.end().await, None);
        assert_eq!(watcher.message().await.payload, "asked for");
        watcher.silence().await;
    })
    .await;
}

#[tokio::test]
async fn a_takeover_publishes_a_will_without_delay_only() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("will");
        let mut watcher = client(&broker, "s").await;
        watcher.subscribe(&topic, 0).await;
        for (delay_s, clean, expected) in [
            (0, false, Some("will")),
            (5, false, None),
            (0, true, Some("will")),
            (5, true, Some("will")),
        ] {
            let id = unique("w");
            let first = Connect {
                will: Some(will(&topic, "will", delay_s)),
                ..Connect::staying(&id)
            };
            let mut older = connected(&broker, &first).await;
            let second = Connect {
                clean,
                ..Connect::staying(&id)
            };
            let (mut newer, present, _) = Wire::accepted(broker.address(), V5, &second).await;
            assert_eq!(present, !clean);
            assert_eq!(older.end().await, Some(0x8E));
            if let Some(payload) = expected {
                assert_eq!(watcher.message().await.payload, payload);
            }
            newer.silence().await;
            watcher.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_keep_alive_timeout_is_told() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let connect = Connect {
            keep_alive_s: 1,
            ..Connect::clean(&unique("c"))
        };
        let mut client = connected(&broker, &connect).await;
        assert_eq!(client.end().await, Some(0x8D));
    })
    .await;
}

#[tokio::test]
async fn properties_of_a_message_are_passed_on_unaltered() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("properties");
        let mut sent: Properties = vec![
            (PAYLOAD_FORMAT_INDICATOR, Value::Byte(1)),
            (CONTENT_TYPE, Value::text("text/plain")),
            (RESPONSE_TOPIC, Value::text("answer/here")),
            (CORRELATION_DATA, Value::Data(vec![0, 1, 0xFF])),
            (USER_PROPERTY, Value::pair("b", "1")),
            (USER_PROPERTY, Value::pair("a", "2")),
            (USER_PROPERTY, Value::pair("b", "3")),
        ];
        if broker.node().is_some() {
            // Another broker may refuse control characters everywhere.
            sent.push((USER_PROPERTY, Value::pair("note", "two\nlines")));
        }
        let mut present = client(&broker, "s").await;
        present.subscribe(&topic, 1).await;
        let message = Publish {
            retain: true,
            properties: sent.clone(),
            ..publish(&topic, 1, 1, "x")
        };
        publish_once(&broker, &message).await;
        let mut late = client(&broker, "s").await;
        late.subscribe(&topic, 1).await;
        for receiver in [&mut present, &mut late] {
            let message = receiver.message().await;
            for (identifier, _) in &sent {
                assert_eq!(
                    message.values(*identifier),
                    values(&sent, *identifier),
                    "{identifier:#x}"
                );
            }
            assert_eq!(message.properties.len(), sent.len());
        }
        // A Will has the same.
        let connect = Connect {
            will: Some(Will {
                properties: sent.clone(),
                ..will(&topic, "will", 0)
            }),
            ..Connect::clean(&unique("w"))
        };
        drop(connected(&broker, &connect).await);
        let message = present.message().await;
        assert_eq!(message.payload, "will");
        assert_eq!(message.values(USER_PROPERTY), values(&sent, USER_PROPERTY));
        assert_eq!(message.properties.len(), sent.len());
    })
    .await;
}

#[tokio::test]
async fn a_message_expires_while_it_waits() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let (id, topic) = (unique("c"), unique("expiry"));
        let connect = Connect::staying(&id);
        let mut away = connected(&broker, &connect).await;
        away.subscribe(&topic, 1).await;
        away.send(&disconnect(0, &Vec::new())).await;
        assert_eq!(away.end().await, None);
        for (payload, seconds) in [("short", 1), ("long", 100)] {
            let message = Publish {
                retain: true,
                properties: vec![(MESSAGE_EXPIRY_INTERVAL, Value::Four(seconds))],
                ..publish(&topic, 1, 1, payload)
            };
            publish_once(&broker, &message).await;
        }
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        let mut late = client(&broker, "s").await;
        late.subscribe(&topic, 1).await;
        for receiver in [&mut connected(&broker, &connect).await, &mut late] {
            let message = receiver.message().await;
            assert_eq!(message.payload, "long");
            let [Value::Four(left)] = message.values(MESSAGE_EXPIRY_INTERVAL)[..] else {
                panic!("{message:?}");
            };
            assert!((90..=98).contains(left), "{left}");
            receiver.acknowledge(PUBACK, message.packet_id).await;
            receiver.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn subscription_options_do_what_they_say() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("options");
        let retained = Publish {
            retain: true,
            ..publish(&topic, 1, 1, "retained")
        };
        publish_once(&broker, &retained).await;

        let mut client = client(&broker, "c").await;
        assert_eq!(client.subscribe(&topic, RETAIN_NEVER).await, [0]);
        client.silence().await;
        assert_eq!(client.subscribe(&topic, RETAIN_IF_NEW).await, [0]);
        client.silence().await;
        assert_eq!(client.subscribe(&topic, 0).await, [0]);
        assert!(client.message().await.retain);
        assert_eq!(client.unsubscribe(&[&topic]).await, [0]);
        assert_eq!(client.subscribe(&topic, RETAIN_IF_NEW).await, [0]);
        assert!(client.message().await.retain);

        publish_once(&broker, &retained).await;
        assert!(!client.message().await.retain);
        let options = RETAIN_AS_PUBLISHED | RETAIN_NEVER;
        assert_eq!(client.subscribe(&topic, options).await, [0]);
        publish_once(&broker, &retained).await;
        assert!(client.message().await.retain);
        publish_once(&broker, &publish(&topic, 1, 1, "plain")).await;
        assert!(!client.message().await.retain);

        assert_eq!(client.subscribe(&topic, NO_LOCAL | RETAIN_NEVER).await, [0]);
        client.publish(&publish(&topic, 0, 0, "own")).await;
        client.silence().await;
        publish_once(&broker, &publish(&topic, 1, 1, "other")).await;
        assert_eq!(client.message().await.payload, "other");
    })
    .await;
}

#[tokio::test]
async fn subscription_identifiers_tell_which_subscriptions_matched() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let root = unique("identifiers");
        let mut client = client(&broker, "c").await;
        for (filter, identifier) in [("a/+", 1), ("+/b", 268_435_455), ("c", 3)] {
            let properties = vec![(SUBSCRIPTION_IDENTIFIER, Value::Variable(identifier))];
            let filter = format!("{root}/{filter}");
            assert_eq!(
                client.subscribe_with(&properties, &[(&filter, 1)]).await,
                [1]
            );
        }
        client.subscribe(&format!("{root}/#"), 0).await;
        let topic = format!("{root}/a/b");
        publish_once(&broker, &publish(&topic, 1, 1, "m")).await;
        // One copy with all, or a copy for each Subscription [MQTT-3.3.4-3 to 3.3.4-5].
        let mut identifiers = Vec::new();
        let mut copies = 0;
        while identifiers.len() < 2 {
            let message = client.message().await;
            copies += 1;
            for value in message.values(SUBSCRIPTION_IDENTIFIER) {
                let Value::Variable(identifier) = value else {
                    panic!("{value:?}");
                };
                identifiers.push(*identifier);
            }
        }
        identifiers.sort_unstable();
        assert_eq!(identifiers, [1, 268_435_455]);
        if broker.node().is_some() {
            assert_eq!(copies, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn subscribe_and_unsubscribe_have_a_code_for_each_filter() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let root = unique("codes");
        let names = ["a", "b", "c"].map(|name| format!("{root}/{name}"));
        let mut client = client(&broker, "c").await;
        let filters: Vec<_> = names.iter().map(String::as_str).zip(0..).collect();
        assert_eq!(
            client.subscribe_with(&Vec::new(), &filters).await,
            [0, 1, 2]
        );
        assert_eq!(
            client
                .unsubscribe(&[&names[1], "never/made", &names[2]])
                .await,
            [0, 0x11, 0]
        );
        if broker.node().is_some() {
            // EMQX's older way of sharing is well-formed, and not offered.
            assert_eq!(client.subscribe("$queue/a", 0).await, [0x8F]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_shared_subscription_gets_no_retained_message() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("shared");
        let retained = Publish {
            retain: true,
            ..publish(&topic, 1, 1, "retained")
        };
        publish_once(&broker, &retained).await;
        let mut client = client(&broker, "c").await;
        assert_eq!(client.subscribe(&format!("$share/g/{topic}"), 1).await, [1]);
        client.silence().await;
        publish_once(&broker, &publish(&topic, 1, 1, "live")).await;
        assert_eq!(client.message().await.payload, "live");
    })
    .await;
}

#[tokio::test]
async fn topic_aliases_work_in_both_directions() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topics = [unique("alias"), unique("alias")];
        let connect = Connect {
            properties: vec![(TOPIC_ALIAS_MAXIMUM, Value::Two(1))],
            ..Connect::clean(&unique("s"))
        };
        let mut subscriber = connected(&broker, &connect).await;
        let mut plain = client(&broker, "s").await;
        for topic in &topics {
            subscriber.subscribe(topic, 0).await;
            plain.subscribe(topic, 0).await;
        }
        let mut publisher = client(&broker, "p").await;
        let aliased = |topic, payload| Publish {
            properties: vec![(TOPIC_ALIAS, Value::Two(1))],
            ..publish(topic, 0, 0, payload)
        };
        for (topic, payload) in [
            (topics[0].as_str(), "1"),
            ("", "2"),
            (topics[1].as_str(), "3"),
            ("", "4"),
        ] {
            publisher.publish(&aliased(topic, payload)).await;
        }
        let mut known = None;
        for number in 1..=4 {
            let topic = &topics[usize::from(number > 2)];
            let message = plain.message().await;
            assert_eq!(
                (message.payload, &message.topic),
                (number.to_string(), topic)
            );
            assert!(message.properties.is_empty(), "it allows no aliases");

            let message = subscriber.message().await;
            let name = match message.values(TOPIC_ALIAS)[..] {
                [] => message.topic.clone(),
                [Value::Two(1)] if message.topic.is_empty() => known.clone().unwrap(),
                [Value::Two(1)] => {
                    known = Some(message.topic.clone());
                    message.topic.clone()
                }
                ref other => panic!("{other:?}"),
            };
            assert_eq!((message.payload, &name), (number.to_string(), topic));
        }
    })
    .await;
}

#[tokio::test]
async fn the_receive_maximum_binds_both_sides() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("window");
        let connect = Connect {
            properties: vec![(RECEIVE_MAXIMUM, Value::Two(2))],
            ..Connect::clean(&unique("s"))
        };
        let mut subscriber = connected(&broker, &connect).await;
        subscriber.subscribe(&topic, 2).await;
        let mut publisher = client(&broker, "p").await;
        for number in 1..=3 {
            publisher
                .publish_through(&publish(&topic, 2, number, "m"))
                .await;
        }
        let first = subscriber.message().await.packet_id;
        let second = subscriber.message().await.packet_id;
        subscriber.silence().await;
        subscriber.acknowledge(PUBREC, first).await;
        assert_eq!(subscriber.hear().await, ack(PUBREL, first, 0));
        subscriber.silence().await;
        subscriber.acknowledge(PUBCOMP, first).await;
        let third = subscriber.message().await.packet_id;
        assert_ne!(third, second);

        // The Server allows 1,024; none of them is released here.
        if broker.node().is_some() {
            for number in 1..=1_024 {
                publisher.publish(&publish(&topic, 2, number, "m")).await;
                assert_eq!(publisher.hear().await, ack(PUBREC, number, 0));
            }
            publisher.publish(&publish(&topic, 2, 1_025, "m")).await;
            assert_eq!(publisher.end().await, Some(0x93));
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_larger_than_the_client_takes_is_sent() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("size");
        let connect = Connect {
            properties: vec![(MAXIMUM_PACKET_SIZE, Value::Four(100))],
            ..Connect::clean(&unique("s"))
        };
        let mut subscriber = connected(&broker, &connect).await;
        subscriber.subscribe(&topic, 1).await;
        let mut publisher = client(&broker, "p").await;
        // Fixed header, Topic Name, Packet Identifier, property length, payload.
        let room = 100 - 2 - 2 - topic.len() - 2 - 1;
        for (number, length) in [(1, room + 1), (2, room)] {
            publisher
                .publish(&publish(&topic, 1, number, &"x".repeat(length)))
                .await;
            assert_eq!(publisher.hear().await, ack(PUBACK, number, 0));
        }
        assert_eq!(subscriber.message().await.payload.len(), room);
        subscriber.silence().await;

        // Where even the CONNACK has no room, there is no answer at all.
        let tiny = Connect {
            properties: vec![(MAXIMUM_PACKET_SIZE, Value::Four(2))],
            ..Connect::clean(&unique("c"))
        };
        let mut client = Wire::open(broker.address(), V5).await;
        client.send(&tiny.encode(V5)).await;
        assert_eq!(client.hear().await, Heard::Closed);
    })
    .await;
}

#[tokio::test]
async fn acknowledgements_say_what_happened() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("codes");
        let mut publisher = client(&broker, "p").await;
        if broker.node().is_some() {
            publisher.publish(&publish(&topic, 1, 1, "nobody")).await;
            assert_eq!(publisher.hear().await, ack(PUBACK, 1, 0x10));
            publisher.publish(&publish(&topic, 2, 2, "nobody")).await;
            assert_eq!(publisher.hear().await, ack(PUBREC, 2, 0x10));
            publisher.acknowledge(PUBREL, 2).await;
            assert_eq!(publisher.hear().await, ack(PUBCOMP, 2, 0));
        }
        // What is not known may be known to a client that repeats itself: the exchange is brought to its end.
        publisher.acknowledge(PUBREL, 9).await;
        assert_eq!(publisher.hear().await, ack(PUBCOMP, 9, 0));
        publisher.acknowledge(PUBREC, 9).await;
        assert_eq!(publisher.hear().await, ack(PUBREL, 9, 0));

        // A message that the client refuses is over.
        let id = unique("s");
        let connect = Connect::staying(&id);
        let mut subscriber = connected(&broker, &connect).await;
        subscriber.subscribe(&topic, 2).await;
        publisher
            .publish_through(&publish(&topic, 2, 3, "refused"))
            .await;
        let message = subscriber.message().await;
        let [high, low] = message.packet_id.to_be_bytes();
        subscriber.send(&[0x50, 3, high, low, 0x99]).await;
        subscriber.silence().await;
        drop(subscriber);
        connected(&broker, &connect).await.silence().await;
    })
    .await;
}
