//! MQTT on one node, with a real client library of both versions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::client::Client;
use emqx_tests::raw::{Connect, Packet, RawClient, subscribe};
use emqx_tests::{unique, within};
use emqxctl::demo::link::{LinkOptions, Protocol, Will};

const LIMIT: Duration = Duration::from_secs(60);
const BOTH: [Protocol; 2] = [Protocol::V3_1_1, Protocol::V5];
const PAIRS: [(Protocol, Protocol); 4] = [
    (Protocol::V3_1_1, Protocol::V3_1_1),
    (Protocol::V3_1_1, Protocol::V5),
    (Protocol::V5, Protocol::V3_1_1),
    (Protocol::V5, Protocol::V5),
];

#[tokio::test]
async fn every_qos_arrives_in_order_between_all_versions() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (from, to) in PAIRS {
            let topic = unique("order");
            let mut subscriber = Client::clean(&unique("s"), to, broker.address()).await;
            subscriber.subscribe(&topic, 2).await;
            let mut publisher = Client::clean(&unique("p"), from, broker.address()).await;
            for qos in 0..=2 {
                for number in 0..20 {
                    publisher.publish(&topic, qos, &number.to_string()).await;
                }
                for number in 0..20 {
                    let message = subscriber.receive().await;
                    assert_eq!(message.payload, number.to_string(), "{from:?} to {to:?}");
                    assert_eq!(message.qos, qos);
                    assert_eq!(message.topic, topic);
                    assert!(!message.dup && !message.retain);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_subscription_limits_the_qos() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (from, to) in PAIRS {
            let mut publisher = Client::clean(&unique("p"), from, broker.address()).await;
            for granted in 0..=2 {
                let topic = unique("limit");
                let mut subscriber = Client::clean(&unique("s"), to, broker.address()).await;
                subscriber.subscribe(&topic, granted).await;
                for qos in 0..=2 {
                    publisher.publish(&topic, qos, "x").await;
                    assert_eq!(subscriber.receive().await.qos, qos.min(granted));
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn retained_messages_are_kept_replaced_and_removed() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (from, to) in PAIRS {
            let topic = unique("retained");
            let mut publisher = Client::clean(&unique("p"), from, broker.address()).await;
            let mut present = Client::clean(&unique("s"), to, broker.address()).await;
            present.subscribe(&topic, 1).await;
            publisher.publish_retained(&topic, 1, "first").await;
            publisher.publish_retained(&topic, 1, "second").await;
            // Who is subscribed already gets it as any other message.
            for text in ["first", "second"] {
                let message = present.receive().await;
                assert_eq!(message.payload, text);
                assert!(!message.retain);
            }
            let mut late = Client::clean(&unique("s"), to, broker.address()).await;
            late.subscribe(&topic, 1).await;
            let message = late.receive().await;
            assert_eq!(message.payload, "second");
            assert!(message.retain);

            publisher.publish_retained(&topic, 1, "").await;
            let mut too_late = Client::clean(&unique("s"), to, broker.address()).await;
            too_late.subscribe(&topic, 1).await;
            publisher.publish(&topic, 1, "after").await;
            let message = too_late.receive().await;
            assert_eq!(message.payload, "after");
            assert!(!message.retain);
        }
    })
    .await;
}

#[tokio::test]
async fn a_will_is_published_only_when_the_client_vanishes() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (from, to) in PAIRS {
            let topic = unique("will");
            let mut watcher = Client::clean(&unique("s"), to, broker.address()).await;
            watcher.subscribe(&topic, 1).await;
            let with_will = |text: &str| LinkOptions {
                will: Some(Will {
                    topic: topic.clone(),
                    payload: text.as_bytes().to_vec(),
                    qos: 1,
                    retain: false,
                    delay_interval_s: 0,
                }),
                ..LinkOptions::clean(&unique("w"), from, broker.address())
            };
            Client::connect(&with_will("polite"))
                .await
                .disconnect()
                .await;
            Client::connect(&with_will("gone")).await.vanish();
            // The polite one went first, so its Will would have come first.
            assert_eq!(watcher.receive_text().await, "gone", "{from:?} to {to:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_keeps_its_subscription_and_its_messages() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for protocol in BOTH {
            let (id, topic) = (unique("c"), unique("session"));
            let mut client = Client::persistent(&id, protocol, broker.address()).await;
            assert!(!client.session_present);
            client.subscribe(&topic, 2).await;
            client.disconnect().await;

            let mut publisher = Client::clean(&unique("p"), Protocol::V5, broker.address()).await;
            for number in 0..30 {
                publisher
                    .publish(&topic, 1 + number % 2, &number.to_string())
                    .await;
            }
            let mut client = Client::persistent(&id, protocol, broker.address()).await;
            assert!(client.session_present);
            for number in 0..30 {
                assert_eq!(client.receive_text().await, number.to_string());
            }
            client.disconnect().await;

            // Clean Start ends it.
            let client = Client::clean(&id, protocol, broker.address()).await;
            assert!(!client.session_present);
            client.disconnect().await;
            let client = Client::persistent(&id, protocol, broker.address()).await;
            assert!(!client.session_present);
        }
    })
    .await;
}

#[tokio::test]
async fn the_newer_connection_takes_the_session_over() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        for (older, newer) in PAIRS {
            let (id, topic) = (unique("c"), unique("takeover"));
            let connect = Connect::persistent(&id, older);
            let (mut first, _) = RawClient::accepted(broker.address(), &connect)
                .await
                .unwrap();
            first.send(&subscribe(older, 1, &topic, 1)).await.unwrap();
            let granted = first.receive().await.unwrap();
            assert_eq!(granted, Some(Packet::SubAck { codes: vec![1] }));
            let mut second = Client::persistent(&id, newer, broker.address()).await;
            assert!(second.session_present);
            let said = first.last_words().await.unwrap().map(|(code, _)| code);
            // 3.1.1 has no such packet, and another broker may leave it out.
            if older == Protocol::V5 && broker.node().is_some() {
                assert_eq!(said, Some(0x8E));
            }
            let mut publisher = Client::clean(&unique("p"), Protocol::V5, broker.address()).await;
            publisher.publish(&topic, 1, "here").await;
            assert_eq!(second.receive_text().await, "here");
        }
    })
    .await;
}

#[tokio::test]
async fn wildcards_match_as_specified() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let root = unique("wild");
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, broker.address()).await;
        for (filter, matching) in [
            ("+/b/#", &["a/b", "a/b/c"][..]),
            ("a/#", &["a", "a/b", "a/b/c", "a/"]),
            ("a/+", &["a/b", "a/"]),
            ("+/+/c", &["a/b/c"]),
        ] {
            let mut subscriber = Client::clean(&unique("s"), Protocol::V5, broker.address()).await;
            subscriber.subscribe(&format!("{root}/{filter}"), 1).await;
            for topic in ["a", "a/b", "a/b/c", "a/", "b", "end"] {
                publisher
                    .publish(&format!("{root}/{topic}"), 1, topic)
                    .await;
            }
            subscriber.unsubscribe(&format!("{root}/{filter}")).await;
            subscriber.subscribe(&format!("{root}/end"), 1).await;
            publisher.publish(&format!("{root}/end"), 1, "over").await;
            let mut received = Vec::new();
            loop {
                match subscriber.receive_text().await {
                    text if text == "over" => break,
                    text => received.push(text),
                }
            }
            assert_eq!(received, matching, "{filter}");
        }
        // Wildcards at the front do not match $-topics [MQTT-4.7.2-1].
        let mut subscriber = Client::clean(&unique("s"), Protocol::V5, broker.address()).await;
        subscriber.subscribe(&format!("+/{root}"), 1).await;
        publisher.publish(&format!("$x/{root}"), 1, "hidden").await;
        publisher.publish(&format!("x/{root}"), 1, "seen").await;
        assert_eq!(subscriber.receive_text().await, "seen");
    })
    .await;
}

#[tokio::test]
async fn a_shared_subscription_gives_each_message_to_one_member() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let topic = unique("shared");
        let mut members = Vec::new();
        for protocol in BOTH {
            let mut member = Client::clean(&unique("m"), protocol, broker.address()).await;
            member.subscribe(&format!("$share/g/{topic}"), 1).await;
            member.subscribe(&format!("{topic}/end"), 1).await;
            members.push(member);
        }
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, broker.address()).await;
        for number in 0..100 {
            publisher.publish(&topic, 1, &number.to_string()).await;
        }
        publisher.publish(&format!("{topic}/end"), 1, "end").await;
        let mut received = Vec::new();
        for member in &mut members {
            let mut share = 0;
            loop {
                match member.receive_text().await {
                    text if text == "end" => break,
                    text => {
                        received.push(text.parse::<u32>().unwrap());
                        share += 1;
                    }
                }
            }
            assert!(
                (20..=80).contains(&share),
                "an unfair share: {share} of 100"
            );
        }
        received.sort_unstable();
        assert_eq!(received, (0..100).collect::<Vec<_>>());
    })
    .await;
}
