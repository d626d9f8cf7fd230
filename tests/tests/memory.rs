//! A node that holds too much memory stops reading those who publish, serves everybody else, and recovers.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Connect, Heard, Value, Wire, kind, property, publish};
use emqx_tests::within;
use emqxctl::demo::link::Protocol::{V3_1_1, V5};
use tokio::io::AsyncWriteExt;

const LIMIT: Duration = Duration::from_secs(120);
const PRESSURE: &str = "emqxd_memory_pressure";
const HELD: &str = "emqxd_publishers_held";

/// Publishes as fast as it can with QoS 0, and reads nothing.
async fn firehose(address: String, topic: &'static str) {
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let connect = Connect::clean("firehose").encode(V3_1_1);
    socket.write_all(&connect).await.unwrap();
    let payload = "x".repeat(16 << 10);
    let message = publish(topic, 0, 0, &payload).encode(V3_1_1);
    while socket.write_all(&message).await.is_ok() {}
}

/// A PUBACK with this Packet Identifier.
async fn acknowledged(wire: &mut Wire, expected: u16) {
    let heard = wire.hear().await;
    assert!(
        matches!(heard, Heard::Ack { kind: kind::PUBACK, packet_id, .. } if packet_id == expected),
        "{heard:?}"
    );
}

#[tokio::test]
async fn publishers_wait_while_memory_is_short_and_go_on_afterwards() {
    within(LIMIT, async {
        let toml = "[limits]\nmemory_high_watermark = \"96MiB\"\n\
                    [session]\nqueue_bytes_max = \"128MiB\"\nqueue_messages_max = 1000000\n";
        let cluster = TestCluster::with_config(1, toml).await;
        let address = cluster.mqtt(0);
        let offline = Connect::staying("offline");
        let (mut wire, ..) = Wire::accepted(&address, V5, &offline).await;
        assert_eq!(wire.subscribe("hose", 0).await, [0]);
        drop(wire);

        // One that takes and acknowledges one message at a time, and publishes too.
        let mut both = Connect::clean("both");
        both.properties
            .push((property::RECEIVE_MAXIMUM, Value::Two(1)));
        let (mut both, ..) = Wire::accepted(&address, V5, &both).await;
        assert_eq!(both.subscribe("task", 1).await, [1]);
        let mut small = Wire::clean(&address, V5, "small").await;
        for number in 1..=2 {
            small
                .publish_through(&publish("task", 1, number, "task"))
                .await;
        }
        let first = both.message().await;
        let mut reader = Wire::clean(&address, V3_1_1, "reader").await;
        assert_eq!(reader.subscribe("other", 1).await, [1]);

        let hose = tokio::spawn(firehose(address.clone(), "hose"));
        cluster
            .metric_becomes(0, PRESSURE, |level| level >= 1.0)
            .await;
        cluster.metric_becomes(0, HELD, |held| held >= 1.0).await;
        assert!(!hose.is_finished());

        // Who does not publish does not notice.
        reader.silence().await;
        // Who publishes waits, at the latest with the second message...
        both.publish(&publish("elsewhere", 0, 0, "x")).await;
        both.publish(&publish("elsewhere", 0, 0, "x")).await;
        small.publish(&publish("elsewhere", 1, 3, "x")).await;
        cluster.metric_becomes(0, HELD, |held| held >= 3.0).await;
        small.publish(&publish("elsewhere", 1, 4, "x")).await;
        // ... but what was sent to it can be acknowledged, so that its queue drains.
        both.acknowledge(kind::PUBACK, first.packet_id).await;
        assert_eq!(both.message().await.payload, "task");

        // The client comes, although CONNECTs may be refused by now, and has its Session discarded.
        let discard = Connect {
            clean: true,
            ..offline
        };
        let (wire, present, _) = Wire::accepted(&address, V5, &discard).await;
        assert!(!present);
        cluster
            .metric_becomes(0, PRESSURE, |level| level == 0.0)
            .await;
        acknowledged(&mut small, 3).await;
        acknowledged(&mut small, 4).await;
        small
            .publish_through(&publish("elsewhere", 1, 5, "x"))
            .await;
        drop(wire);
        let log = cluster.nodes[0].log();
        assert!(log.contains("publishers are not read"), "{log}");
        assert!(log.contains("publishers are read again"), "{log}");
        hose.abort();
    })
    .await;
}

#[tokio::test]
async fn connects_are_refused_while_memory_is_much_too_short() {
    within(LIMIT, async {
        // Less than a node needs by itself.
        let toml = "[limits]\nmemory_high_watermark = \"1MiB\"\n";
        let cluster = TestCluster::with_config(1, toml).await;
        cluster
            .metric_becomes(0, PRESSURE, |level| level == 2.0)
            .await;
        for (protocol, expected) in [(V5, 0x89), (V3_1_1, 3)] {
            let mut wire = Wire::open(&cluster.mqtt(0), protocol).await;
            wire.send(&Connect::clean("late").encode(protocol)).await;
            let heard = wire.hear().await;
            assert!(
                matches!(heard, Heard::ConnAck { code, .. } if code == expected),
                "{heard:?}"
            );
            assert_eq!(wire.hear().await, Heard::Closed);
        }
        let refused = "emqxd_connects_refused_total{reason=\"memory\"}";
        assert_eq!(cluster.metric(0, refused).await, 2.0);
    })
    .await;
}
