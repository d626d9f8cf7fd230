//! `emqxctl node gc`: nodes give back memory that they do not need, and say what they have dropped for it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::cell::Cell;
use std::time::Duration;

use emqx_proto::admin::v1::NodeState;
use emqx_tests::cli::{Outcome, emqxctl};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Connect, Value, Wire, property, publish};
use emqx_tests::{eventually, resident, within};
use emqxctl::demo::link::Protocol::V5;

const LIMIT: Duration = Duration::from_secs(120);
const BY_HAND: &str = "[node]\nglobal_gc_interval = \"disabled\"\n";

/// Messages for a client that is away, and what they take.
const MESSAGES: u16 = 1_200;
const PAYLOAD: usize = 16 << 10;

async fn gc(cluster: &TestCluster, args: &[&str]) -> Outcome {
    let server = cluster.nodes[0].ready.admin.to_string();
    let mut line = vec!["-s", &server, "node", "gc"];
    line.extend(args);
    emqxctl(&line).await
}

#[tokio::test]
async fn expired_messages_of_clients_that_are_away_go_and_the_memory_with_them() {
    within(LIMIT, async {
        let cluster = TestCluster::with_config(1, BY_HAND).await;
        let address = cluster.mqtt(0);
        let away = Connect::staying("away");
        let (mut wire, ..) = Wire::accepted(&address, V5, &away).await;
        assert_eq!(wire.subscribe("hose", 1).await, [1]);
        drop(wire);
        let mut publisher = Wire::clean(&address, V5, "publisher").await;
        let payload = "x".repeat(PAYLOAD);
        for number in 1..=MESSAGES {
            let mut message = publish("hose", 1, number, &payload);
            // One stays.
            let expires_s = if number == 7 { 3_600 } else { 1 };
            message
                .properties
                .push((property::MESSAGE_EXPIRY_INTERVAL, Value::Four(expires_s)));
            publisher.publish_through(&message).await;
        }
        let pid = cluster.nodes[0].ready.pid;
        let full = resident::bytes(pid).unwrap();

        let dropped = Cell::new(0);
        let last = eventually("all have expired", LIMIT, || async {
            let outcome = gc(&cluster, &["n1", "-o", "json"]).await;
            assert_eq!(outcome.code, 0, "{outcome:#?}");
            let mut json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
            assert_eq!(json["kind"], "gc_result");
            let report = json["items"][0].take();
            dropped.set(dropped.get() + report["expired_messages"].as_u64().unwrap());
            (dropped.get() == u64::from(MESSAGES) - 1).then_some(report)
        })
        .await;
        assert_eq!(last["node"], "n1", "{last}");
        let left = resident::bytes(pid).unwrap();
        let payloads = u64::from(MESSAGES) * PAYLOAD as u64;
        assert!(
            left + payloads / 2 < full,
            "{full} bytes before, {left} after: {last}"
        );

        let (mut wire, present, _) = Wire::accepted(&address, V5, &away).await;
        assert!(present);
        let message = wire.message().await;
        // Those before it have left gaps.
        assert_eq!(
            (message.payload.len(), message.packet_id),
            (PAYLOAD, MESSAGES)
        );
        wire.silence().await;
    })
    .await;
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_an_error_and_the_others_run() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(2).await;
        let outcome = gc(&cluster, &["--all", "-o", "name"]).await;
        assert_eq!((outcome.code, &*outcome.stdout), (0, "n1\nn2\n"));
        cluster.nodes.remove(1).kill().await.unwrap();
        let admin = cluster.admin(0).await;
        admin
            .node_becomes("n2", NodeState::Unreachable, LIMIT)
            .await;
        let outcome = gc(&cluster, &["--all"]).await;
        outcome.expect(9, &["n2", "does not answer"]);
        assert!(outcome.stdout.contains("\nn1 "), "{outcome:#?}");
        gc(&cluster, &["n2"]).await.expect(5, &["n2"]);
        gc(&cluster, &["ghost"]).await.expect(3, &["ghost", "n1"]);
    })
    .await;
}
