//! QoS 2 messages that their client never releases are forgotten by time, with a client and without, here and where
//! the Session has moved.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Connect, Heard, Wire, kind, publish};
use emqx_tests::within;
use emqxctl::demo::link::Protocol::{V3_1_1, V5};

const LIMIT: Duration = Duration::from_secs(90);
const EXPIRED: &str = "emqxd_unreleased_expired_total";
const CONFIG: &str = "[session]\nawaiting_pubrel_timeout = \"2s\"\n";

fn answer(kind: u8, packet_id: u16, code: u8) -> Heard {
    Heard::Ack {
        kind,
        packet_id,
        code,
    }
}

/// Publishes with QoS 2 and does not release.
async fn begin(wire: &mut Wire, topic: &str) {
    wire.publish(&publish(topic, 2, 7, "once")).await;
    assert_eq!(wire.hear().await, answer(kind::PUBREC, 7, 0x10));
}

#[tokio::test]
async fn an_offline_client_loses_what_it_did_not_release_in_time() {
    within(LIMIT, async {
        let cluster = TestCluster::with_config(1, CONFIG).await;
        let address = cluster.mqtt(0);
        let (mut early, ..) = Wire::accepted(&address, V5, &Connect::staying("early")).await;
        begin(&mut early, "early").await;
        drop(early);
        // Back in time, it is still known.
        let (mut early, present, _) =
            Wire::accepted(&address, V5, &Connect::staying("early")).await;
        assert!(present);
        early.acknowledge(kind::PUBREL, 7).await;
        assert_eq!(early.hear().await, answer(kind::PUBCOMP, 7, 0));

        let (mut late, ..) = Wire::accepted(&address, V5, &Connect::staying("late")).await;
        begin(&mut late, "late").await;
        drop(late);
        cluster
            .metric_becomes(0, EXPIRED, |count| count == 1.0)
            .await;
        let (mut late, present, _) = Wire::accepted(&address, V5, &Connect::staying("late")).await;
        assert!(present);
        late.acknowledge(kind::PUBREL, 7).await;
        // No error: it may be a client that repeats itself after it was cut off.
        assert_eq!(late.hear().await, answer(kind::PUBCOMP, 7, 0));
        let (mut older, ..) = Wire::accepted(&address, V3_1_1, &Connect::staying("older")).await;
        older.acknowledge(kind::PUBREL, 7).await;
        assert_eq!(older.hear().await, answer(kind::PUBCOMP, 7, 0));
    })
    .await;
}

#[tokio::test]
async fn a_session_that_has_moved_loses_it_where_it_is() {
    within(LIMIT, async {
        let cluster = TestCluster::with_config(2, CONFIG).await;
        let connect = Connect::staying("mover");
        let (mut wire, ..) = Wire::accepted(&cluster.mqtt(0), V5, &connect).await;
        begin(&mut wire, "moved").await;
        drop(wire);
        let (wire, present, _) = Wire::accepted(&cluster.mqtt(1), V5, &connect).await;
        assert!(present);
        drop(wire);
        cluster
            .metric_becomes(1, EXPIRED, |count| count == 1.0)
            .await;
        assert_eq!(cluster.metric(0, EXPIRED).await, 0.0);
        let (mut wire, ..) = Wire::accepted(&cluster.mqtt(0), V5, &connect).await;
        wire.acknowledge(kind::PUBREL, 7).await;
        assert_eq!(wire.hear().await, answer(kind::PUBCOMP, 7, 0));
    })
    .await;
}
