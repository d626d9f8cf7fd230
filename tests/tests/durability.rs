//! What a node still has after its process was killed, its files were damaged, or it was away.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, http, programs, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(120);
const WAIT: Duration = Duration::from_secs(30);

/// Behind all others in the order in which Retained Messages are delivered.
const LAST: &str = "r/~";

/// Topic Names and payloads.
type Retained = BTreeMap<String, String>;

async fn client(node: &Node) -> Client {
    Client::clean(&unique("c"), Protocol::V5, &node.mqtt()).await
}

/// All Retained Messages below `r`, by a new subscriber.
async fn retained(node: &Node) -> Retained {
    client(node).await.publish_retained(LAST, 1, "last").await;
    let mut subscriber = client(node).await;
    subscriber.subscribe("r/#", 1).await;
    let mut found = Retained::new();
    loop {
        let message = subscriber.receive().await;
        let payload = String::from_utf8(message.payload.to_vec()).unwrap();
        if message.topic == LAST {
            return found;
        }
        assert!(found.insert(message.topic, payload).is_none());
    }
}

fn topic(number: usize) -> String {
    format!("r/{number:04}")
}

/// Retains `count` messages and removes every third again; each acknowledged. Returns what is left.
async fn retain(node: &Node, count: usize, qos: u8) -> Retained {
    let mut client = client(node).await;
    let mut left = Retained::new();
    for number in 0..count {
        client.publish_retained(&topic(number), qos, "old").await;
        let payload = format!("p{number}");
        client.publish_retained(&topic(number), qos, &payload).await;
        left.insert(topic(number), payload);
    }
    for number in (0..count).step_by(3) {
        client.publish_retained(&topic(number), qos, "").await;
        left.remove(&topic(number));
    }
    left
}

async fn status(node: &Node) -> serde_json::Value {
    let (_, text) = http::get(node.ready.http, "/status").await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The only segment of the log of a node's store.
fn log_segment(node: &Node) -> PathBuf {
    let dir = node.options.data_dir.join("store/log");
    let mut files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let segment = files.next().unwrap();
    assert!(files.next().is_none());
    segment
}

fn node_options(dir: &tempfile::TempDir, durability: &str) -> NodeOptions {
    let mut options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
    let flag = ("durability".to_owned(), durability.to_owned());
    options.flags.extend([flag]);
    options
}

#[tokio::test]
async fn what_was_acknowledged_survives_sigkill_and_what_was_removed_does_not_come_back() {
    within(LIMIT, async {
        for (durability, qos) in [("disk", 1), ("os", 2)] {
            let dir = tempfile::tempdir().unwrap();
            let options = node_options(&dir, durability);
            let mut node = Node::start(options.clone()).await.unwrap();
            let expected = retain(&node, 40, qos).await;
            for _ in 0..2 {
                node.kill().await.unwrap();
                node = Node::start(options.clone()).await.unwrap();
                assert_eq!(retained(&node).await, expected, "{durability}");
                assert_eq!(status(&node).await["store"], "ok");
            }
            assert_eq!(node.terminate().await.unwrap().code(), Some(0));
        }
    })
    .await;
}

#[tokio::test]
async fn qos_0_is_stored_by_a_stop_in_good_order() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = node_options(&dir, "disk");
        let node = Node::start(options.clone()).await.unwrap();
        let expected = retain(&node, 10, 0).await;
        // Behind the others on its connection and here, so those are in memory.
        assert_eq!(retained(&node).await, expected);
        node.terminate().await.unwrap();
        let node = Node::start(options).await.unwrap();
        assert_eq!(retained(&node).await, expected);
    })
    .await;
}

#[tokio::test]
async fn with_durability_none_nothing_is_kept_and_nothing_written() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = node_options(&dir, "none");
        let node = Node::start(options.clone()).await.unwrap();
        retain(&node, 5, 1).await;
        assert_eq!(status(&node).await["store"], "off");
        node.terminate().await.unwrap();
        assert!(!options.data_dir.join("store").exists());
        let node = Node::start(options).await.unwrap();
        assert_eq!(retained(&node).await, Retained::new());
    })
    .await;
}

#[tokio::test]
async fn a_cut_log_gives_a_beginning_of_what_was_stored() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = node_options(&dir, "os");
        let node = Node::start(options.clone()).await.unwrap();
        let mut publisher = client(&node).await;
        for number in 0..30 {
            publisher.publish_retained(&topic(number), 1, "p").await;
        }
        let segment = log_segment(&node);
        node.kill().await.unwrap();
        let bytes = fs::read(&segment).unwrap();
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        // In the middle of the last commit.
        let file = fs::File::options().write(true).open(&segment).unwrap();
        file.set_len(end as u64 - 20).unwrap();
        let node = Node::start(options).await.unwrap();
        let expected = (0..29)
            .map(|number| (topic(number), "p".to_owned()))
            .collect();
        assert_eq!(retained(&node).await, expected);
        assert!(
            node.log().contains("are no whole commit and were left out"),
            "{}",
            node.log()
        );
    })
    .await;
}

#[tokio::test]
async fn damage_is_told_and_the_rest_is_served() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = node_options(&dir, "os");
        let node = Node::start(options.clone()).await.unwrap();
        let mut publisher = client(&node).await;
        for number in 0..30 {
            publisher
                .publish_retained(&topic(number), 1, "payload")
                .await;
        }
        let segment = log_segment(&node);
        node.kill().await.unwrap();
        let mut bytes = fs::read(&segment).unwrap();
        let hit = topic(17);
        let at = bytes
            .windows(hit.len())
            .position(|window| window == hit.as_bytes())
            .unwrap();
        bytes[at] ^= 1;
        fs::write(&segment, &bytes).unwrap();
        let node = Node::start(options.clone()).await.unwrap();
        let others = (0..30).filter(|number| *number != 17);
        let expected: Retained = others
            .map(|number| (topic(number), "payload".to_owned()))
            .collect();
        assert_eq!(retained(&node).await, expected);
        let (_, metrics) = http::get(node.ready.http, "/metrics").await.unwrap();
        assert!(metrics.contains("emqxd_store_damaged_total 1"), "{metrics}");
        assert!(node.log().contains("bytes were left out"), "{}", node.log());
        let kept = fs::read_dir(options.data_dir.join("store")).unwrap();
        let is_damaged = |name: String| name.starts_with("damaged-");
        let kept = kept
            .filter(|file| is_damaged(file.as_ref().unwrap().file_name().into_string().unwrap()));
        assert_eq!(kept.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_store_of_a_later_version_is_refused() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = node_options(&dir, "disk");
        Node::start(options.clone())
            .await
            .unwrap()
            .terminate()
            .await
            .unwrap();
        let file = options.data_dir.join("store/format.json");
        fs::write(&file, "{\"format\": 3}").unwrap();
        let (ended, log) = Node::start_to_fail(&options, WAIT).await.unwrap();
        assert_eq!(ended.code(), Some(1));
        assert!(log.contains("has format 3"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn what_changed_while_a_node_was_down_holds_everywhere() {
    within(LIMIT, async {
        let mut cluster = TestCluster::start(2).await;
        let before = retain(&cluster.nodes[0], 10, 1).await;
        eventually("both have them", WAIT, || async {
            (retained(&cluster.nodes[1]).await == before).then_some(())
        })
        .await;
        let down = cluster.nodes.remove(1);
        let options = down.options.clone();
        down.kill().await.unwrap();
        let mut publisher = client(&cluster.nodes[0]).await;
        let mut expected = before;
        // Removed, replaced, and new while it is down.
        publisher.publish_retained(&topic(1), 1, "").await;
        expected.remove(&topic(1));
        for number in [2, 50] {
            publisher.publish_retained(&topic(number), 1, "newer").await;
            expected.insert(topic(number), "newer".to_owned());
        }
        // Also the node that knows of it is started anew, and alone.
        let up = cluster.nodes.remove(0);
        let mut first = up.options.clone();
        up.kill().await.unwrap();
        first.join.clear();
        let first = Node::start(first).await.unwrap();
        let mut second = options;
        second.join = vec![first.ready.cluster];
        let second = Node::start(second).await.unwrap();
        cluster.nodes.extend([first, second]);
        cluster.formed().await;
        eventually("both have the same", WAIT, || async {
            let all = [
                retained(&cluster.nodes[0]).await,
                retained(&cluster.nodes[1]).await,
            ];
            (all == [expected.clone(), expected.clone()]).then_some(())
        })
        .await;
    })
    .await;
}
