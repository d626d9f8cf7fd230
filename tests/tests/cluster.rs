//! Several nodes as one Server.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_proto::admin::v1::NodeState;
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::link::{Message, Protocol};

const LIMIT: Duration = Duration::from_secs(90);
const WAIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn messages_cross_nodes_with_every_qos_and_in_order() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        for (home, away, protocol) in [(0, 1, Protocol::V3_1_1), (2, 0, Protocol::V5)] {
            let topic = unique("cross");
            let mut subscriber = Client::clean(&unique("s"), protocol, &cluster.mqtt(home)).await;
            subscriber.subscribe(&topic, 2).await;
            let mut publisher = Client::clean(&unique("p"), protocol, &cluster.mqtt(away)).await;
            subscriber.is_reached_by(&mut publisher, &topic).await;
            for qos in 0..=2 {
                for number in 0..50 {
                    publisher.publish(&topic, qos, &number.to_string()).await;
                }
                for number in 0..50 {
                    let message = subscriber.receive().await;
                    assert_eq!(message.payload, number.to_string());
                    assert_eq!(message.qos, qos);
                    assert!(!message.dup && !message.retain);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_node_delivers_to_its_own_subscribers_once() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let topic = unique("fan-out");
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(0)).await;
        let mut subscribers = Vec::new();
        for node in 0..3 {
            let address = cluster.mqtt(node);
            let mut subscriber = Client::clean(&unique("s"), Protocol::V5, &address).await;
            subscriber.subscribe(&topic, 1).await;
            subscriber.is_reached_by(&mut publisher, &topic).await;
            subscribers.push(subscriber);
        }
        for number in 0..100 {
            publisher.publish(&topic, 1, &number.to_string()).await;
        }
        for subscriber in &mut subscribers {
            for number in 0..100 {
                assert_eq!(subscriber.receive_text().await, number.to_string());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_shared_subscription_spans_nodes() {
    const MESSAGES: usize = 300;
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let topic = unique("shared");
        let end = format!("{topic}/end");
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(0)).await;
        let mut members = Vec::new();
        for node in 0..3 {
            let address = cluster.mqtt(node);
            let mut member = Client::clean(&unique("m"), Protocol::V5, &address).await;
            member.subscribe(&format!("$share/g/{topic}"), 1).await;
            member.subscribe(&end, 1).await;
            // Both are announced together, in order.
            member.is_reached_by(&mut publisher, &end).await;
            members.push(member);
        }
        for number in 0..MESSAGES {
            publisher.publish(&topic, 1, &number.to_string()).await;
        }
        publisher.publish(&end, 1, "end").await;
        let mut received: Vec<usize> = Vec::new();
        for member in &mut members {
            let mut share = 0;
            loop {
                let message = member.receive().await;
                if message.topic == end {
                    break;
                }
                received.push(String::from_utf8_lossy(&message.payload).parse().unwrap());
                share += 1;
            }
            let fair = MESSAGES / 3;
            assert!(
                (fair / 2..=fair * 2).contains(&share),
                "an unfair share: {share} of {MESSAGES}"
            );
        }
        received.sort_unstable();
        assert_eq!(received, (0..MESSAGES).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn retained_messages_are_on_all_nodes_also_on_one_that_joins_later() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(2).await;
        let topic = unique("retained");
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(0)).await;
        publisher.publish_retained(&topic, 1, "kept").await;
        cluster.add().await.expect("a third node");
        cluster.formed().await;
        for node in 0..3 {
            let address = cluster.mqtt(node);
            eventually(&format!("the message is on node {node}"), WAIT, || async {
                let mut reader = Client::clean(&unique("r"), Protocol::V5, &address).await;
                reader.subscribe(&topic, 1).await;
                let message = reader.receive_within(Duration::from_millis(300)).await?;
                assert_eq!(message.payload, "kept");
                assert!(message.retain);
                Some(())
            })
            .await;
        }
        publisher.publish_retained(&topic, 1, "").await;
        let address = cluster.mqtt(2);
        eventually("the message is removed everywhere", WAIT, || async {
            let mut reader = Client::clean(&unique("r"), Protocol::V5, &address).await;
            reader.subscribe(&topic, 1).await;
            let message = reader.receive_within(Duration::from_millis(300)).await;
            message.is_none().then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_client_that_connects_elsewhere_brings_its_session_along() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let admin = cluster.admin(2).await;
        for protocol in [Protocol::V3_1_1, Protocol::V5] {
            let (id, topic) = (unique("c"), unique("takeover"));
            let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(2)).await;
            let mut client = Client::persistent(&id, protocol, &cluster.mqtt(0)).await;
            client.subscribe(&topic, 1).await;
            client.is_reached_by(&mut publisher, &topic).await;

            // While it is connected: the older connection ends.
            let mut moved = Client::persistent(&id, protocol, &cluster.mqtt(1)).await;
            assert!(moved.session_present);
            client.closed().await;
            publisher.publish(&topic, 1, "live").await;
            assert_eq!(moved.receive_text().await, "live");

            // And with what was queued while it was away.
            moved.disconnect().await;
            for number in 0..50 {
                publisher.publish(&topic, 1, &number.to_string()).await;
            }
            let mut back = Client::persistent(&id, protocol, &cluster.mqtt(0)).await;
            assert!(back.session_present);
            for number in 0..50 {
                assert_eq!(back.receive_text().await, number.to_string());
            }
            let seen = admin.client(&id).await.expect("the client is known");
            assert_eq!((seen.node.as_str(), seen.connected), ("n1", true));
            back.disconnect().await;
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_lost_while_a_client_hops_between_nodes() {
    const MESSAGES: u32 = 400;
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let (id, topic) = (unique("hopper"), unique("hop"));
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(2)).await;
        let mut client = Client::persistent(&id, Protocol::V5, &cluster.mqtt(0)).await;
        client.subscribe(&topic, 1).await;
        client.is_reached_by(&mut publisher, &topic).await;
        let publishing = async {
            for number in 0..MESSAGES {
                publisher.publish(&topic, 1, &number.to_string()).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let hopping = async {
            let mut seen = Vec::new();
            let mut node = 0;
            while seen.last() != Some(&(MESSAGES - 1)) {
                take(&mut seen, &client.receive().await);
                if seen.len() % 20 == 0 {
                    node = (node + 1) % 3;
                    let newer = Client::persistent(&id, Protocol::V5, &cluster.mqtt(node)).await;
                    assert!(newer.session_present);
                    let older = std::mem::replace(&mut client, newer);
                    for message in older.rest_and_closed().await.0 {
                        take(&mut seen, &message);
                    }
                }
            }
            seen
        };
        let ((), seen) = tokio::join!(publishing, hopping);
        assert_eq!(seen, (0..MESSAGES).collect::<Vec<_>>());
    })
    .await;
}

/// After a hop, what was not acknowledged comes again, and says so.
fn take(seen: &mut Vec<u32>, message: &Message) {
    let number = String::from_utf8_lossy(&message.payload).parse().unwrap();
    if seen.contains(&number) {
        assert!(message.dup, "{number} came twice without DUP");
    } else {
        seen.push(number);
    }
}

#[tokio::test]
async fn the_cluster_notices_a_node_that_dies() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(3).await;
        let admin = cluster.admin(0).await;
        let dead = cluster.nodes.remove(2);
        dead.kill().await.expect("it ends");
        admin
            .node_becomes("n3", NodeState::Unreachable, Duration::from_secs(30))
            .await;
        let topic = unique("after");
        let mut subscriber = Client::clean(&unique("s"), Protocol::V5, &cluster.mqtt(0)).await;
        subscriber.subscribe(&topic, 1).await;
        let mut publisher = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(1)).await;
        subscriber.is_reached_by(&mut publisher, &topic).await;
    })
    .await;
}
