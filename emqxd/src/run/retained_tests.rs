//! Retained Messages that have come to one of two nodes only.

use std::sync::Arc;
use std::time::Duration;

use super::transfer_tests::TestNode;
use crate::membership::NodeName;
use crate::message::{Message, MessageId};
use crate::packet::QoS;
use crate::routing::RetainedStamp;
use crate::time::Timestamp;
use crate::topic::TopicName;

/// Longer than any of this takes.
const WITHIN: Duration = Duration::from_secs(60);

fn message(topic: &str, payload_bytes: usize) -> Message {
    Message {
        id: MessageId {
            origin: 0,
            number: 0,
        },
        topic: TopicName::new(topic.to_owned()).unwrap(),
        payload: vec![b'x'; payload_bytes].into(),
        qos: QoS::AtMostOnce,
        retain: true,
        publisher: None,
        received_at: Timestamp::default(),
        expires_at: None,
        properties: None,
    }
}

/// Two nodes whose links are open, and hold 1 MiB of what may be given up.
async fn two_nodes() -> (TestNode, TestNode) {
    let limits = |name: &str| (name == "EMQXD_PEER_LINK_QUEUE_BYTES_MAX").then(|| "1MiB".into());
    let one = TestNode::start_with("one", None, limits).await;
    let other = TestNode::start_with("other", Some(&one), limits).await;
    for node in [&one, &other] {
        node.sees(2).await;
        until(|| {
            let peers = node.broker().links().peers();
            peers.len() == 1 && peers.iter().all(|peer| peer.stats().is_connected)
        })
        .await;
    }
    (one, other)
}

async fn until(holds: impl Fn() -> bool) {
    let holds = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(WITHIN, holds).await.unwrap();
}

fn hold_the_same(one: &TestNode, other: &TestNode) -> bool {
    one.broker().retained.digest() == other.broker().retained.digest()
}

#[tokio::test]
async fn what_a_node_that_has_gone_told_one_of_them_only_comes_to_the_other() {
    let (one, other) = two_nodes().await;
    let gone = NodeName::new("gone").unwrap();
    let hears = |node: &TestNode, topic, stamp| {
        let stamp = RetainedStamp {
            stamp,
            node: Arc::from(gone.as_str()),
        };
        node.broker().retain_of_peer(message(topic, 1), &stamp);
    };
    hears(&one, "a", 1);
    hears(&other, "b", 2);
    hears(&one, "c", 3);
    hears(&other, "c", 4);
    one.broker().compare_retained(&gone);
    until(|| hold_the_same(&one, &other)).await;
    assert_eq!(one.broker().retained.len(), 3);
    let stamps = one.broker().retained.page(None, 3).into_iter();
    let stamps: Vec<_> = stamps.map(|(_, stamp, _)| stamp.stamp).collect();
    assert_eq!(stamps, [1, 2, 4], "the later one stays");
}

#[tokio::test]
async fn what_a_full_link_did_not_take_comes_later() {
    let (one, other) = two_nodes().await;
    // Nothing leaves meanwhile: there is one thread.
    for number in 0..40 {
        let topic = format!("t/{number}");
        let _ = one.broker().publish(message(&topic, 512 << 10), None);
    }
    let peers = one.broker().links().peers();
    assert!(peers.iter().all(|peer| peer.stats().refused > 10));
    drop(peers);
    until(|| hold_the_same(&one, &other)).await;
    assert_eq!(other.broker().retained.len(), 40);
}
