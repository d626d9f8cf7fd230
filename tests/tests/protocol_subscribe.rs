//! SUBSCRIBE and UNSUBSCRIBE, Topic Filters and Shared Subscriptions, in both versions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::raw::packet;
use emqx_tests::wire::kind::{PUBACK, PUBCOMP, PUBREC, PUBREL};
use emqx_tests::wire::{Connect, Heard, Publish, Published, Value, Wire, publish};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(60);
const V4: Protocol = Protocol::V3_1_1;
const V5: Protocol = Protocol::V5;
const BOTH: [Protocol; 2] = [V4, V5];

const REQUEST_PROBLEM_INFORMATION: u8 = 0x17;

fn field(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn no_properties(protocol: Protocol) -> &'static [u8] {
    if protocol == V5 { &[0] } else { &[] }
}

async fn client(broker: &Broker, protocol: Protocol, name: &str) -> Wire {
    Wire::clean(broker.address(), protocol, &unique(name)).await
}

async fn leave(mut client: Wire) {
    client.send(&[0xE0, 0]).await;
    client.end().await;
}

/// Publishes with QoS 1; the message has been routed when this returns.
async fn publish_once(broker: &Broker, protocol: Protocol, topic: &str, payload: &str) {
    let mut publisher = client(broker, protocol, "p").await;
    publisher
        .publish_through(&publish(topic, 1, 1, payload))
        .await;
}

async fn finish(client: &mut Wire, message: &Published) {
    let packet_id = message.packet_id;
    match message.qos {
        1 => client.acknowledge(PUBACK, packet_id).await,
        2 => {
            client.acknowledge(PUBREC, packet_id).await;
            released(client, packet_id).await;
            client.acknowledge(PUBCOMP, packet_id).await;
        }
        _ => {}
    }
}

async fn released(client: &mut Wire, packet_id: u16) {
    let pubrel = Heard::Ack {
        kind: PUBREL,
        packet_id,
        code: 0,
    };
    assert_eq!(client.hear().await, pubrel);
}

#[tokio::test]
async fn each_filter_has_its_code_in_order() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let root = unique("codes");
            let name = |name: &str| format!("{root}/{name}");
            let mut client = client(&broker, protocol, "c").await;
            let (a, b, c) = (name("a"), name("b/+"), name("c/#"));
            let mut filters = vec![(a.as_str(), 2), (b.as_str(), 0), (c.as_str(), 1)];
            let mut expected = vec![2, 0, 1];
            if broker.node().is_some() {
                // Correctly formed, and not offered.
                filters.insert(1, ("$queue/a", 1));
                expected.insert(1, if protocol == V5 { 0x8F } else { 0x80 });
            }
            let codes = client.subscribe_with(&Vec::new(), &filters).await;
            assert_eq!(codes, expected);
            // The same again has the same codes.
            let codes = client.subscribe_with(&Vec::new(), &filters).await;
            assert_eq!(codes, expected);
            let codes = client.unsubscribe(&[&c, &name("d"), &a, &c]).await;
            let expected: &[u8] = if protocol == V5 {
                &[0, 0x11, 0, 0x11]
            } else {
                &[]
            };
            assert_eq!(codes, expected);
            let codes = client.unsubscribe(&[&name("never")]).await;
            assert_eq!(codes.len(), usize::from(protocol == V5));
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_filter_closes_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let none = no_properties(protocol);
            for (what, bytes) in [
                ("SUBSCRIBE", packet(0x82, &[&[0, 1], none].concat())),
                ("UNSUBSCRIBE", packet(0xA2, &[&[0, 1], none].concat())),
                (
                    "SUBSCRIBE without options",
                    packet(0x82, &[&[0, 1], none, &field(b"a")].concat()),
                ),
            ] {
                let mut client = client(&broker, protocol, "c").await;
                client.send(&bytes).await;
                let said = client.end().await;
                if broker.node().is_some() {
                    assert_eq!(said.is_some(), protocol == V5, "{what}");
                }
                assert!(matches!(said, None | Some(0x81 | 0x82)), "{what}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn reserved_options_close_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let reserved: &[u8] = if protocol == V5 {
                &[0x40, 0x80, 0xC1, 0x03]
            } else {
                &[0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFD, 0x03]
            };
            for options in reserved {
                let topic = unique("options");
                let body = [
                    &[0, 1],
                    no_properties(protocol),
                    &field(topic.as_bytes()),
                    &[*options],
                ];
                let mut client = client(&broker, protocol, "c").await;
                client.send(&packet(0x82, &body.concat())).await;
                let said = client.end().await;
                if broker.node().is_some() {
                    assert_eq!(said, (protocol == V5).then_some(0x81), "{options:#x}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn ill_formed_filters_close_the_connection() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let none = no_properties(protocol);
            for filter in [
                "",
                "##",
                "a#",
                "#/a",
                "a/#/b",
                "a/b#",
                "a+",
                "+a/b",
                "a/+b/c",
                "a/++",
                "$share/g",
                "$share/g/",
                "$share//a",
                "$share/+/a",
                "$share/#/a",
                "$share/g+/a",
                "$share/g#/a",
                "$share/g/a#",
            ] {
                let filter_field = field(filter.as_bytes());
                for bytes in [
                    packet(0x82, &[&[0, 1], none, &filter_field, &[0]].concat()),
                    packet(0xA2, &[&[0, 1], none, &filter_field].concat()),
                ] {
                    let mut client = client(&broker, protocol, "c").await;
                    client.send(&bytes).await;
                    let said = client.end().await;
                    assert!(
                        matches!(said, None | Some(0x81 | 0x82 | 0x8F)),
                        "{filter:?}: {said:02x?}"
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn matching_follows_the_rules() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topics = [
            "a",
            "a/",
            "/a",
            "a/b",
            "a/b/c",
            "a//b",
            "A/b",
            "a/\u{e9}",
            "a/e\u{301}",
            "a/b ",
            "$a/b",
            "a/$b",
        ];
        for protocol in BOTH {
            let mut publisher = client(&broker, protocol, "p").await;
            for (filter, matching) in [
                ("a/b", &["a/b"][..]),
                ("a", &["a"]),
                ("a/", &["a/"]),
                ("/a", &["/a"]),
                ("a//b", &["a//b"]),
                ("a/\u{e9}", &["a/\u{e9}"]),
                ("a/e\u{301}", &["a/e\u{301}"]),
                ("+", &["a"]),
                ("/+", &["/a"]),
                (
                    "a/+",
                    &["a/", "a/b", "a/\u{e9}", "a/e\u{301}", "a/b ", "a/$b"],
                ),
                ("+/b", &["a/b", "A/b"]),
                ("+/+/c", &["a/b/c"]),
                ("a/+/b", &["a//b"]),
                ("+/a", &["/a"]),
                (
                    "a/#",
                    &[
                        "a",
                        "a/",
                        "a/b",
                        "a/b/c",
                        "a//b",
                        "a/\u{e9}",
                        "a/e\u{301}",
                        "a/b ",
                        "a/$b",
                    ],
                ),
                ("a/b/#", &["a/b", "a/b/c"]),
                (
                    "#",
                    &[
                        "a",
                        "a/",
                        "/a",
                        "a/b",
                        "a/b/c",
                        "a//b",
                        "A/b",
                        "a/\u{e9}",
                        "a/e\u{301}",
                        "a/b ",
                        "a/$b",
                    ],
                ),
                ("$a/#", &["$a/b"]),
                ("$a/+", &["$a/b"]),
            ] {
                if broker.node().is_none() && filter.len() == 1 {
                    // Other tests use the same broker.
                    continue;
                }
                let mut subscriber = client(&broker, protocol, "s").await;
                subscriber.subscribe(filter, 0).await;
                for topic in topics {
                    publisher.publish(&publish(topic, 0, 0, topic)).await;
                }
                publisher.silence().await;
                for expected in matching {
                    let message = subscriber.message().await;
                    assert_eq!(message.topic, *expected, "{filter}");
                    assert_eq!(message.payload, *expected, "{filter}");
                }
                subscriber.silence().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_longest_topic_is_served() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let prefix = unique("long");
            let longest = format!("{prefix}{}", "x".repeat(65_535 - prefix.len()));
            let mut client = client(&broker, protocol, "c").await;
            assert_eq!(client.subscribe(&longest, 0).await, [0]);
            client.publish(&publish(&longest, 0, 0, "far")).await;
            let message = client.message().await;
            assert!(message.topic == longest);
            assert_eq!(message.payload, "far");
            client.unsubscribe(&[&longest]).await;
            client.publish(&publish(&longest, 0, 0, "far")).await;
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn overlapping_subscriptions_give_the_highest_qos() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let root = unique("overlap");
            let topic = format!("{root}/x/a");
            let mut subscriber = client(&broker, protocol, "s").await;
            for (filter, qos) in [("+/a", 0), ("#", 2), ("x/+", 1)] {
                subscriber.subscribe(&format!("{root}/{filter}"), qos).await;
            }
            let mut publisher = client(&broker, protocol, "p").await;
            for qos in 0..=2 {
                let sent = publish(&topic, qos, 1, "m");
                if qos == 0 {
                    publisher.publish(&sent).await;
                } else {
                    publisher.publish_through(&sent).await;
                }
                // Another broker may send a copy for each Subscription: the highest is among them.
                let mut message = subscriber.message().await;
                while broker.node().is_none() && message.qos < qos {
                    finish(&mut subscriber, &message).await;
                    message = subscriber.message().await;
                }
                assert_eq!(message.qos, qos);
                finish(&mut subscriber, &message).await;
            }
            if broker.node().is_some() {
                subscriber.silence().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn subscribing_again_replaces_the_subscription() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("replace");
            let mut subscriber = client(&broker, protocol, "s").await;
            let mut publisher = client(&broker, protocol, "p").await;
            for qos in [2, 0, 1, 2] {
                assert_eq!(subscriber.subscribe(&topic, qos).await, [qos]);
                publisher.publish_through(&publish(&topic, 2, 1, "m")).await;
                let message = subscriber.message().await;
                assert_eq!(message.qos, qos);
                finish(&mut subscriber, &message).await;
                subscriber.silence().await;
            }
            // There is only the one Subscription to be ended.
            subscriber.unsubscribe(&[&topic]).await;
            publisher.publish_through(&publish(&topic, 2, 1, "m")).await;
            subscriber.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn subscribing_again_loses_no_message() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("again");
            let mut subscriber = client(&broker, protocol, "s").await;
            subscriber.subscribe(&topic, 0).await;
            let mut publisher = client(&broker, protocol, "p").await;
            let mut bytes = Vec::new();
            for number in 0..500 {
                bytes.extend(publish(&topic, 0, 0, &number.to_string()).encode(protocol));
            }
            // Both at once: the messages come while the Subscription is replaced over and over.
            let body = [
                &[0, 1],
                no_properties(protocol),
                &field(topic.as_bytes()),
                &[0],
            ];
            let again = packet(0x82, &body.concat()).repeat(100);
            tokio::join!(publisher.send(&bytes), subscriber.send(&again));
            let (mut next, mut replaced) = (0, 0);
            while next < 500 || replaced < 100 {
                match subscriber.hear().await {
                    Heard::Publish(message) => {
                        assert_eq!(message.payload, next.to_string());
                        next += 1;
                    }
                    Heard::Codes { codes, .. } => {
                        assert_eq!(codes, [0]);
                        replaced += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn several_filters_are_as_several_requests() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let root = unique("several");
            let [a, b, c] = ["a", "b", "c"].map(|name| format!("{root}/{name}"));
            let mut publisher = client(&broker, protocol, "p").await;
            for topic in [&a, &b] {
                let retained = Publish {
                    retain: true,
                    ..publish(topic, 1, 1, "kept")
                };
                publisher.publish_through(&retained).await;
            }
            let mut subscriber = client(&broker, protocol, "s").await;
            // The later one of two with the same filter replaces the earlier one.
            let filters = [(a.as_str(), 0), (&b, 1), (&c, 2), (&a, 1)];
            let codes = subscriber.subscribe_with(&Vec::new(), &filters).await;
            assert_eq!(codes, [0, 1, 2, 1]);
            let mut retained = Vec::new();
            for _ in 0..3 {
                let message = subscriber.message().await;
                assert!(message.retain);
                retained.push(message.topic.clone());
                finish(&mut subscriber, &message).await;
            }
            retained.sort_unstable();
            assert_eq!(retained, [&*a, &a, &b]);
            for (topic, qos) in [(&a, 1), (&b, 1), (&c, 2)] {
                publisher.publish_through(&publish(topic, 2, 1, "m")).await;
                let message = subscriber.message().await;
                assert_eq!((&message.topic, message.qos), (topic, qos));
                finish(&mut subscriber, &message).await;
            }
            subscriber.unsubscribe(&[&a, &c]).await;
            for topic in [&a, &b, &c] {
                publisher.publish_through(&publish(topic, 1, 1, "m")).await;
            }
            let message = subscriber.message().await;
            assert_eq!(message.topic, b);
            finish(&mut subscriber, &message).await;
            subscriber.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn unsubscribe_compares_character_by_character() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let root = unique("un");
            let topic = format!("{root}/a");
            let mut client = client(&broker, protocol, "c").await;
            client.subscribe(&format!("{root}/+"), 0).await;
            let others = ["#", "a", "+/", "+/#", "A"].map(|end| format!("{root}/{end}"));
            let others: Vec<_> = others.iter().map(String::as_str).collect();
            let codes = client.unsubscribe(&others).await;
            assert!(codes.iter().all(|code| *code == 0x11), "{codes:02x?}");
            publish_once(&broker, protocol, &topic, "still").await;
            assert_eq!(client.message().await.payload, "still");
            client.unsubscribe(&[&format!("{root}/+")]).await;
            publish_once(&broker, protocol, &topic, "late").await;
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_has_begun_ends_also_without_the_subscription() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let topic = unique("begun");
            let connect = Connect::staying(&unique("c"));
            let (mut client, _, _) = Wire::accepted(broker.address(), protocol, &connect).await;
            client.subscribe(&topic, 2).await;
            let mut publisher = self::client(&broker, protocol, "p").await;
            for (qos, number) in [(2, 1), (2, 2), (1, 3)] {
                publisher
                    .publish_through(&publish(&topic, qos, number, &number.to_string()))
                    .await;
            }
            let mut messages = Vec::new();
            for _ in 0..3 {
                messages.push(client.message().await);
            }
            client.unsubscribe(&[&topic]).await;
            // On the same connection.
            finish(&mut client, &messages[0]).await;
            // And on the next one.
            leave(client).await;
            let (mut client, present, _) =
                Wire::accepted(broker.address(), protocol, &connect).await;
            assert!(present);
            for message in &messages[1..] {
                let again = client.message().await;
                assert_eq!(again.packet_id, message.packet_id);
                assert_eq!(again.payload, message.payload);
                assert!(again.dup);
            }
            finish(&mut client, &messages[1]).await;
            finish(&mut client, &messages[2]).await;
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn reasons_are_told_to_those_only_who_want_them() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("reasons");
        let connect = Connect {
            properties: vec![(REQUEST_PROBLEM_INFORMATION, Value::Byte(0))],
            ..Connect::clean(&unique("c"))
        };
        let (mut client, _, _) = Wire::accepted(broker.address(), V5, &connect).await;
        let filter = |text: &str| field(text.as_bytes());
        // Each packet here has something that could be explained; the answer holds its codes and no property.
        for (sent, kind, answer) in [
            (
                packet(0x82, &[&[0, 1, 0], &filter("$queue/a")[..], &[0]].concat()),
                0x90,
                &[0, 1, 0, 0x8F][..],
            ),
            (
                packet(0xA2, &[&[0, 2, 0], &filter(&topic)[..]].concat()),
                0xB0,
                &[0, 2, 0, 0x11],
            ),
            (
                publish(&topic, 1, 3, "nobody").encode(V5),
                0x40,
                &[0, 3, 0x10],
            ),
            (
                publish(&topic, 2, 4, "nobody").encode(V5),
                0x50,
                &[0, 4, 0x10],
            ),
            (packet(0x62, &[0, 99]), 0x70, &[0, 99]),
            (packet(0x50, &[0, 98]), 0x62, &[0, 98]),
        ] {
            client.send(&sent).await;
            let (heard, body) = client.frame().await.unwrap();
            assert_eq!(heard, kind);
            let has_no_property = match kind {
                0x90 | 0xB0 => body[2] == 0,
                _ => body.len() <= 3 || body[3] == 0,
            };
            assert!(has_no_property, "{kind:#x}: {body:02x?}");
            if broker.node().is_some() {
                assert_eq!(body, answer, "{kind:#x}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_member_of_a_group_has_its_own_qos() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("group");
        let shared = format!("$share/g/{topic}");
        let mut members = Vec::new();
        for granted in 0..=2 {
            let mut member = client(&broker, V5, "m").await;
            assert_eq!(member.subscribe(&shared, granted).await, [granted]);
            members.push((member, granted));
        }
        let mut publisher = client(&broker, V5, "p").await;
        for number in 1..=30 {
            let qos = 1 + (number % 2) as u8;
            publisher
                .publish_through(&publish(&topic, qos, number, &qos.to_string()))
                .await;
        }
        let mut received = 0;
        for (member, granted) in &mut members {
            // All that it got has come before the answer to this.
            member.send(&[0xC0, 0]).await;
            loop {
                match member.hear().await {
                    Heard::Publish(message) => {
                        let published: u8 = message.payload.parse().unwrap();
                        assert_eq!(message.qos, published.min(*granted));
                        received += 1;
                    }
                    Heard::PingResp => break,
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(received, 30);
    })
    .await;
}

/// Two members of a group, and a QoS 2 message that the first one has got; its Session stays behind its connection.
struct Begun {
    connect: Connect<'static>,
    chosen: Wire,
    other: Wire,
    message: Published,
}

async fn begun(broker: &Broker, qos: u8) -> Begun {
    let topic = unique("group");
    let shared = format!("$share/g/{topic}");
    let connect = Connect::staying(&unique("m"));
    let (mut chosen, _, _) = Wire::accepted(broker.address(), V5, &connect).await;
    chosen.subscribe(&shared, 2).await;
    // The other one comes when the choice is made.
    let mut publisher = client(broker, V5, "p").await;
    publisher
        .publish_through(&publish(&topic, qos, 1, "chosen"))
        .await;
    let message = chosen.message().await;
    assert_eq!(message.qos, qos);
    let mut other = client(broker, V5, "m").await;
    other.subscribe(&shared, 2).await;
    Begun {
        connect,
        chosen,
        other,
        message,
    }
}

#[tokio::test]
async fn what_a_member_has_begun_is_its_own() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for is_released in [false, true] {
            let Begun {
                connect,
                mut chosen,
                mut other,
                message,
            } = begun(&broker, 2).await;
            if is_released {
                chosen.acknowledge(PUBREC, message.packet_id).await;
                released(&mut chosen, message.packet_id).await;
            }
            leave(chosen).await;
            other.silence().await;
            let (mut chosen, present, _) = Wire::accepted(broker.address(), V5, &connect).await;
            assert!(present);
            if is_released {
                released(&mut chosen, message.packet_id).await;
                chosen.acknowledge(PUBCOMP, message.packet_id).await;
            } else {
                let again = chosen.message().await;
                assert_eq!(again.packet_id, message.packet_id);
                assert_eq!(again.payload, "chosen");
                finish(&mut chosen, &again).await;
            }
            chosen.silence().await;
            other.silence().await;
        }

        // The Session ends instead: nobody gets it.
        let Begun {
            connect,
            chosen,
            mut other,
            ..
        } = begun(&broker, 2).await;
        leave(chosen).await;
        let clean = Connect {
            clean: true,
            ..connect
        };
        let (mut chosen, present, _) = Wire::accepted(broker.address(), V5, &clean).await;
        assert!(!present);
        chosen.silence().await;
        other.silence().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_member_refuses_goes_to_nobody() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (qos, kind) in [(1, PUBACK), (2, PUBREC)] {
            let Begun {
                connect,
                mut chosen,
                mut other,
                message,
            } = begun(&broker, qos).await;
            let [high, low] = message.packet_id.to_be_bytes();
            chosen.send(&[kind << 4, 3, high, low, 0x97]).await;
            chosen.silence().await;
            other.silence().await;
            leave(chosen).await;
            other.silence().await;
            let (mut chosen, _, _) = Wire::accepted(broker.address(), V5, &connect).await;
            chosen.silence().await;
            other.silence().await;
        }
    })
    .await;
}
