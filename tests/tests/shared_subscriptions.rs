//! Shared Subscriptions: who gets a message by each strategy, and what becomes of it when a member leaves.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Connect, Heard, Value, Wire, kind, property, publish};
use emqx_tests::within;
use emqxctl::demo::link::Protocol::V5;

const LIMIT: Duration = Duration::from_secs(90);
const FILTER: &str = "$share/g/work";
const QOS_0: u8 = 0;

/// A member that takes two QoS 1 and 2 messages at a time and acknowledges nothing.
async fn slow_member(address: &str, connect: Connect<'_>) -> Wire {
    let mut connect = connect;
    connect
        .properties
        .push((property::RECEIVE_MAXIMUM, Value::Two(2)));
    let (mut wire, ..) = Wire::accepted(address, V5, &connect).await;
    assert_eq!(wire.subscribe(FILTER, 2).await, [2]);
    wire
}

async fn publish_numbers(address: &str, qos: u8, count: u16) {
    let mut publisher = Wire::clean(address, V5, "publisher").await;
    for number in 1..=count {
        let text = number.to_string();
        let message = publish("work", qos, number, &text);
        publisher.publish_through(&message).await;
    }
}

/// Takes so many messages and goes through the whole exchange of each.
async fn take(wire: &mut Wire, count: usize) -> Vec<u16> {
    let mut numbers = Vec::new();
    let mut unreleased = 0;
    while numbers.len() < count || unreleased > 0 {
        match wire.hear().await {
            Heard::Publish(published) => {
                let text = &published.payload;
                assert!(!published.dup, "{text} is a first delivery to this member");
                numbers.push(text.parse().unwrap());
                let answer = if published.qos == 2 {
                    unreleased += 1;
                    kind::PUBREC
                } else {
                    kind::PUBACK
                };
                wire.acknowledge(answer, published.packet_id).await;
            }
            Heard::Ack {
                kind: kind::PUBREL,
                packet_id,
                ..
            } => {
                unreleased -= 1;
                wire.acknowledge(kind::PUBCOMP, packet_id).await;
            }
            other => panic!("{other:?}"),
        }
    }
    numbers
}

/// Takes two messages, by their Packet Identifiers.
async fn begin_two(wire: &mut Wire) -> [(u16, String); 2] {
    let mut next = async || {
        let published = wire.message().await;
        (published.packet_id, published.payload)
    };
    [next().await, next().await]
}

/// The other member is on the other node, so that messages that wait for the first have to go there.
async fn other_member(cluster: &TestCluster) -> Wire {
    let mut other = Wire::clean(&cluster.mqtt(1), V5, "other").await;
    assert_eq!(other.subscribe(FILTER, 2).await, [2]);
    other
}

#[tokio::test]
async fn what_waits_for_a_member_that_unsubscribes_goes_to_another() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        for qos in [1, 2] {
            let mut slow = slow_member(&cluster.mqtt(0), Connect::clean("slow")).await;
            publish_numbers(&cluster.mqtt(0), qos, 6).await;
            let begun = begin_two(&mut slow).await;
            let mut other = other_member(&cluster).await;
            assert_eq!(slow.unsubscribe(&[FILTER]).await, [0]);
            assert_eq!(take(&mut other, 4).await, [3, 4, 5, 6]);
            // What was begun is completed with the first [MQTT-3.10.4-3].
            for (packet_id, _) in begun {
                if qos == 1 {
                    slow.acknowledge(kind::PUBACK, packet_id).await;
                } else {
                    slow.acknowledge(kind::PUBREC, packet_id).await;
                    slow.hear().await;
                    slow.acknowledge(kind::PUBCOMP, packet_id).await;
                }
            }
            slow.silence().await;
            other.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ends_leaves_its_messages_except_qos_2_that_was_begun() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        for (qos, left) in [(1, vec![1, 2, 3, 4, 5, 6]), (2, vec![3, 4, 5, 6])] {
            let mut slow = slow_member(&cluster.mqtt(0), Connect::clean("slow")).await;
            publish_numbers(&cluster.mqtt(0), qos, 6).await;
            begin_two(&mut slow).await;
            let mut other = other_member(&cluster).await;
            // The Session ends with the connection.
            drop(slow);
            assert_eq!(take(&mut other, left.len()).await, left);
            // [MQTT-4.8.2-5]
            other.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_member_that_comes_back_completes_what_was_begun() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let staying = Connect::staying("slow");
        let mut slow = slow_member(&cluster.mqtt(0), staying.clone()).await;
        publish_numbers(&cluster.mqtt(0), 2, 2).await;
        begin_two(&mut slow).await;
        let mut other = other_member(&cluster).await;
        drop(slow);
        // [MQTT-4.8.2-4]
        let (mut slow, present, _) = Wire::accepted(&cluster.mqtt(0), V5, &staying).await;
        assert!(present);
        for number in ["1", "2"] {
            let published = slow.message().await;
            assert!(published.dup && published.payload == number);
        }
        other.silence().await;
    })
    .await;
}

/// Two members on each of two nodes, each with what it gets: `n1a`, `n1b`, `n2a`, `n2b`.
async fn members(cluster: &TestCluster) -> Vec<(String, Wire)> {
    let mut members = Vec::new();
    for name in ["n1a", "n1b", "n2a", "n2b"] {
        let address = cluster.mqtt(usize::from(name.starts_with("n2")));
        let mut wire = Wire::clean(&address, V5, name).await;
        for group in ["hashed", "sticky", "local"] {
            let filter = format!("$share/{group}/{group}/#");
            assert_eq!(wire.subscribe(&filter, QOS_0).await, [0]);
        }
        assert_eq!(wire.subscribe("end", QOS_0).await, [0]);
        members.push((name.to_owned(), wire));
    }
    members
}

/// Publishes three messages as this client to a topic, then lets every member tell what it got of them.
async fn who_gets(
    members: &mut [(String, Wire)],
    address: &str,
    publisher: &str,
    topic: &str,
) -> Vec<String> {
    let mut wire = Wire::clean(address, V5, publisher).await;
    for number in 1..=3 {
        wire.publish_through(&publish(topic, 1, number, "x")).await;
    }
    wire.publish_through(&publish("end", 1, 9, "end")).await;
    let mut receivers = Vec::new();
    for (name, member) in members {
        loop {
            let published = member.message().await;
            if published.topic == "end" {
                break;
            }
            receivers.push(name.clone());
        }
    }
    receivers
}

#[tokio::test]
async fn each_group_may_choose_in_its_own_way() {
    within(LIMIT, async {
        let toml = "[shared_subscription]\ngroup_strategy = [\"hashed=hash_clientid\", \
                    \"sticky=sticky\", \"local=local\"]\n";
        let cluster = TestCluster::with_config(2, toml).await;
        let mut members = members(&cluster).await;
        let [n1, n2] = [cluster.mqtt(0), cluster.mqtt(1)];
        for publisher in ["p1", "p2", "p3", "p4"] {
            let here = who_gets(&mut members, &n1, publisher, "hashed/a").await;
            let there = who_gets(&mut members, &n2, publisher, "hashed/b").await;
            assert_eq!(here.len(), 3);
            assert!(here.iter().all(|name| *name == here[0]), "{here:?}");
            assert_eq!(here, there, "wherever {publisher} publishes");

            let first = who_gets(&mut members, &n1, publisher, "sticky/a").await;
            let second = who_gets(&mut members, &n1, publisher, "sticky/b").await;
            assert!(first.iter().all(|name| *name == first[0]), "{first:?}");
            assert_eq!(first, second);

            for (address, node) in [(&n1, "n1"), (&n2, "n2")] {
                let local = who_gets(&mut members, address, publisher, "local/a").await;
                assert_eq!(local.len(), 3);
                assert!(local.iter().all(|name| name.starts_with(node)), "{local:?}");
            }
        }
    })
    .await;
}
