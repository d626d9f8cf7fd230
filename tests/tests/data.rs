//! `emqxctl data`: copies of settings and retained messages, brought in by all nodes or by none.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::time::Duration;

use emqx_tests::cli::{Outcome, emqxctl};
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::link::Protocol;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(90);
const WAIT: Duration = Duration::from_secs(20);

async fn data(node: &Node, args: &[&str]) -> Outcome {
    let server = node.ready.admin.to_string();
    let args: Vec<&str> = ["-s", server.as_str(), "-o", "json", "data"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    emqxctl(&args).await
}

async fn imported(node: &Node, args: &[&str]) -> Value {
    let outcome = data(node, args).await;
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// The topics and payloads that a new subscriber to everything gets.
async fn retained(node: &Node, count: usize) -> Vec<(String, String)> {
    let mut client = Client::clean(&unique("s"), Protocol::V5, &node.mqtt()).await;
    client.subscribe("#", 1).await;
    let mut seen = Vec::new();
    for _ in 0..count {
        let message = client.receive().await;
        let payload = String::from_utf8(message.payload.to_vec()).unwrap();
        seen.push((message.topic, payload));
    }
    seen.sort();
    client.disconnect().await;
    seen
}

async fn counts(cluster: &TestCluster) -> Vec<u64> {
    let nodes = cluster.admin(0).await.status().await.nodes;
    nodes
        .iter()
        .filter_map(|node| node.retained_messages)
        .collect()
}

async fn filled(cluster: &TestCluster) {
    let mut client = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(0)).await;
    for number in 0..5 {
        let topic = format!("lamp/{number}");
        client
            .publish_retained(&topic, 1, &format!("state {number}"))
            .await;
    }
    client.disconnect().await;
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

#[tokio::test]
async fn a_copy_brings_back_what_was_changed_and_can_be_repeated() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        filled(&cluster).await;
        let before = retained(&cluster.nodes[0], 5).await;
        let file = cluster.dir().join("copy.jsonl");
        let exported = data(&cluster.nodes[0], &["export", path(&file)]).await;
        assert_eq!(exported.code, 0, "{exported:#?}");

        let mut client = Client::clean(&unique("p"), Protocol::V5, &cluster.mqtt(1)).await;
        client.publish_retained("lamp/0", 1, "other").await;
        client.publish_retained("lamp/1", 1, "").await;
        eventually("both nodes have four", WAIT, || async {
            (counts(&cluster).await == [4, 4]).then_some(())
        })
        .await;
        let dry = imported(&cluster.nodes[1], &["import", "--dry-run", path(&file)]).await;
        assert_eq!(
            (&dry["dry_run"], &dry["retained_replaced"]),
            (&true.into(), &1.into())
        );
        assert_eq!(counts(&cluster).await, [4, 4]);

        let report = imported(&cluster.nodes[1], &["import", path(&file)]).await;
        assert_eq!(report["nodes"], serde_json::json!(["n1", "n2"]));
        for (field, count) in [
            ("retained_new", 1),
            ("retained_replaced", 1),
            ("retained_unchanged", 3),
            ("retained_expired", 0),
        ] {
            assert_eq!(report[field], count, "{report}");
        }
        eventually("both nodes have five", WAIT, || async {
            (counts(&cluster).await == [5, 5]).then_some(())
        })
        .await;
        assert_eq!(retained(&cluster.nodes[0], 5).await, before);
        assert_eq!(retained(&cluster.nodes[1], 5).await, before);
        let again = imported(&cluster.nodes[0], &["import", path(&file)]).await;
        assert_eq!(again["retained_unchanged"], 5);
    })
    .await;
}

#[tokio::test]
async fn one_node_that_cannot_take_it_is_enough_to_change_nothing() {
    within(LIMIT, async {
        let from = TestCluster::start(1).await;
        filled(&from).await;
        let file = from.dir().join("copy.jsonl");
        data(&from.nodes[0], &["export", path(&file)]).await;
        let mut cluster = TestCluster::start(1).await;
        let mut options = cluster.next_options();
        let small = cluster.dir().join("small.toml");
        std::fs::write(&small, "[retainer]\nmax_retained_messages = 4\n").unwrap();
        options
            .flags
            .insert("config".to_owned(), path(&small).to_owned());
        cluster.nodes.push(Node::start(options).await.unwrap());
        cluster.formed().await;

        let refused = data(&cluster.nodes[0], &["import", path(&file)]).await;
        refused.expect(6, &["n2", "5 more retained messages", "room for 4"]);
        assert_eq!(counts(&cluster).await, [0, 0]);

        // Nor without a node that cannot be asked.
        cluster.nodes.pop().unwrap().kill().await.unwrap();
        eventually("n2 is missed", WAIT, || async {
            let refused = data(&cluster.nodes[0], &["import", path(&file)]).await;
            refused.stderr.contains("n2").then_some(())
        })
        .await;
        assert_eq!(counts(&cluster).await, [0]);
    })
    .await;
}
