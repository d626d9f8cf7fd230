//! Subscribers that never read cost a bounded amount of memory, and one that reads gets everything. How long it takes
//! is measured by `cargo run --release -p emqx-tests --bin firehose`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use emqx_tests::firehose::{self, Firehose};
use emqx_tests::resident::{self, mebibytes};
use emqx_tests::{programs, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::open_files;

const LIMIT: Duration = Duration::from_secs(120);
const STALLED: usize = 1_000;
const QUEUE_MESSAGES_MAX: usize = 500;
const QUEUE_BYTES_MAX: usize = 64 << 10;
/// What a connection that does not read may hold besides its queue: bytes that are encoded and wait for its socket, the
/// places of its messages in the queue, and its own state.
const CONNECTION_BYTES_MAX: usize = (64 << 10) + (16 << 10) + QUEUE_MESSAGES_MAX * 128 + (32 << 10);
/// What a node takes besides.
const NODE_BYTES_MAX: usize = 64 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_never_read_take_no_more_than_their_bounds() {
    within(LIMIT, async {
        open_files::allow(STALLED as u64 * 2 + 100).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("emqxd.toml");
        let text = format!(
            "[session]\nqueue_messages_max = {QUEUE_MESSAGES_MAX}\nqueue_bytes_max = {QUEUE_BYTES_MAX}\n"
        );
        std::fs::write(&config, text).unwrap();
        let mut options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        options.flags = BTreeMap::from([("config".to_owned(), config.display().to_string())]);
        let node = Node::start(options).await.unwrap();
        let (mqtt, pid) = (node.ready.mqtt, node.ready.pid);
        let outcome = tokio::task::spawn_blocking(move || {
            let peers = firehose::stalled(mqtt, "firehose", STALLED, QUEUE_MESSAGES_MAX).unwrap();
            let firehose = Firehose {
                rate: 100,
                payload: 300,
                time: Duration::from_secs(3),
            };
            let outcome = firehose::run(mqtt, pid, "firehose", firehose).unwrap();
            drop(peers);
            outcome
        })
        .await
        .unwrap();
        println!(
            "p99 {:?}, up to {:.0} MiB",
            outcome.p99,
            mebibytes(outcome.resident_max)
        );
        assert_eq!(outcome.received, outcome.sent);
        let bytes_max = STALLED * (QUEUE_BYTES_MAX + CONNECTION_BYTES_MAX) + NODE_BYTES_MAX;
        assert!(outcome.resident_max as usize <= bytes_max, "{outcome:?}");
        assert!(resident::bytes(pid).is_some(), "it runs");
        assert!(!node.log().contains("panicked"), "{}", node.log());
        assert!(node.terminate().await.unwrap().success());
    })
    .await;
}
