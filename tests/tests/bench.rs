//! `emqxctl bench` against a real node: every figure that does not depend on time is exact.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::process::Stdio;
use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{cli, programs, unique, within};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(60);

/// Runs `emqxctl bench …` with these words and returns its exit code and its document.
async fn bench(words: &[&str]) -> (i32, Value) {
    let mut args = vec!["bench"];
    args.extend(words);
    args.extend(["-o", "json", "--quiet"]);
    let outcome = cli::emqxctl(&args).await;
    let document = serde_json::from_str(&outcome.stdout)
        .unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    (outcome.code, document)
}

fn number(document: &Value, name: &str) -> u64 {
    document[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name} in {document}"))
}

/// Nothing is missing, doubled or overtaken.
fn assert_clean(document: &Value) {
    for name in [
        "failed",
        "closed",
        "refused",
        "lost",
        "duplicated",
        "reordered",
        "foreign",
    ] {
        assert_eq!(number(document, name), 0, "{name} in {document}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_loads_account_for_every_message() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        // Shape, QoS, version, the pace, and how many get each message.
        for (shape, qos, version, pace, copies) in [
            ("p2p", "0", "4", ["-F", "4"], 1),
            ("p2p", "1", "5", ["--rate", "2000"], 1),
            ("p2p", "2", "3", ["-F", "2"], 1),
            ("fan-out", "1", "5", ["-F", "3"], 6),
            ("fan-out", "2", "4", ["-I", "1"], 6),
            ("fan-in", "2", "5", ["-F", "5"], 1),
            ("fan-in", "0", "4", ["--rate", "2000"], 1),
        ] {
            let prefix = unique("mix");
            let (code, document) = bench(&[
                "mix",
                "--target",
                broker.address(),
                "--shape",
                shape,
                "-c",
                "6",
                "-q",
                qos,
                "-V",
                version,
                "-L",
                "300",
                "-s",
                "40",
                "-R",
                "0",
                "-t",
                &prefix,
                pace[0],
                pace[1],
            ])
            .await;
            let what = format!("{shape} QoS {qos} version {version}: {document}");
            assert_eq!(code, 0, "{what}");
            assert_clean(&document);
            assert_eq!(number(&document, "sent"), 300, "{what}");
            assert_eq!(number(&document, "received"), 300 * copies, "{what}");
            assert_eq!(document["latency"]["count"], 300 * copies, "{what}");
            assert_eq!(document["is_open_loop"], pace[0] != "-F", "{what}");
            if qos == "0" {
                assert!(document["acknowledged"].is_null(), "{what}");
            } else {
                assert_eq!(number(&document, "acknowledged"), 300, "{what}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_of_its_own_judges_a_publisher() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let prefix = unique("apart");
        let topic = format!("{prefix}/%i");
        let target = broker.address();
        let subscribed = [
            "sub", "--target", target, "-c", "3", "-t", &topic, "-q", "1", "-L", "200",
        ];
        let published = [
            "pub",
            "--target",
            target,
            "-c",
            "3",
            "-t",
            &topic,
            "-q",
            "1",
            "--rate",
            "500",
            "--duration",
            "60s",
        ];
        let (code, document) = tokio::select! {
            subscriber = bench(&subscribed) => subscriber,
            publisher = bench(&published) => panic!("the publisher ended first: {publisher:?}"),
        };
        assert_eq!(code, 0, "{document}");
        assert!(number(&document, "received") >= 200, "{document}");
        for name in ["lost", "duplicated", "reordered"] {
            assert_eq!(number(&document, name), 0, "{name} in {document}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_come_from_many_addresses() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let (code, document) = bench(&[
            "conn",
            "--target",
            broker.address(),
            "-c",
            "300",
            "-R",
            "0",
            "--duration",
            "0s",
            "--ifaddr",
            "127.0.0.0/8",
        ])
        .await;
        assert_eq!(code, 0, "{document}");
        assert_eq!(number(&document, "connected"), 300);
        assert_eq!(document["connect"]["count"], 300);
        assert_clean(&document);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_there_is_unreachable() {
    within(LIMIT, async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let target = free.local_addr().unwrap().to_string();
        drop(free);
        let outcome = cli::emqxctl(&["bench", "conn", "--target", &target, "-c", "2"]).await;
        assert_eq!(outcome.code, 5, "{outcome:?}");
        assert!(outcome.stderr.contains(&target), "{outcome:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_shows_what_was_measured() {
    within(LIMIT, async {
        let broker = Broker::start().await;
        let mut child = Command::new(programs::emqxctl())
            .args([
                "bench",
                "mix",
                "--target",
                broker.address(),
                "-c",
                "2",
                "-q",
                "1",
            ])
            .args(["--rate", "500", "--duration", "50s", "-o", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
        while let Some(line) = talk.next_line().await.unwrap() {
            if line.contains(" sent ") {
                break;
            }
        }
        let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(130));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["is_interrupted"], true, "{document}");
        assert!(number(&document, "sent") > 0, "{document}");
        assert_eq!(number(&document, "received"), number(&document, "sent"));
        assert_clean(&document);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_evacuation_is_started_followed_and_judged() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let targets = cluster.addresses().join(",");
        let server = cluster.nodes[0].ready.admin.to_string();
        let prefix = unique("evac");
        let (code, document) = bench(&[
            "evac",
            "--target",
            &targets,
            "--server",
            &server,
            "-c",
            "60",
            "--offline",
            "20",
            "--rate",
            "200",
            "-R",
            "0",
            "--prefix",
            &prefix,
            "--evacuate",
            cluster.nodes[0].name(),
            "--conn-evict-rate",
            "100",
            "--sess-evict-rate",
            "100",
        ])
        .await;
        assert_eq!(code, 0, "{document}");
        assert_eq!(number(&document, "begun"), 60);
        assert_eq!(number(&document, "connected"), 60);
        assert_eq!(number(&document, "cut"), 40);
        assert_eq!(number(&document, "referred"), 40);
        assert_eq!(number(&document, "returned"), 60);
        assert_eq!(number(&document, "session_present"), 60);
        assert_eq!(document["reconnect"]["count"], 40);
        for name in ["dropped", "lost", "duplicated_without_dup", "reordered"] {
            assert_eq!(number(&document, name), 0, "{name} in {document}");
        }
        assert_eq!(
            number(&document, "acknowledged"),
            number(&document, "published")
        );
        assert_eq!(document["operation"]["phase"], "prohibiting", "{document}");
    })
    .await;
}
