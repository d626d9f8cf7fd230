//! What `cargo run --release -p emqx-tests --bin cluster_speed` measures, with little work: every message is counted.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::peers::scenario::{Kind, Scenario};
use emqx_tests::within;
use serde_json::Value;
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(150);

async fn measure(words: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_cluster_speed"))
        .args(words)
        .args(["--rounds", "1", "--json"])
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_cross_the_cluster_once_and_in_order() {
    within(LIMIT, async {
        let document = measure(&["--what", "forwarding", "--scale", "0.02"]).await;
        let works = document["forwarding"].as_object().unwrap();
        let is_p2p = |one: &Scenario| one.kind == Kind::P2p;
        assert_eq!(
            works.len(),
            Scenario::all().into_iter().filter(is_p2p).count()
        );
        for (work, ways) in works {
            for way in ["local", "across"] {
                let outcome = &ways[way][0]["outcome"];
                let what = format!("{work} {way}: {outcome}");
                for name in [
                    "failed",
                    "closed",
                    "lost",
                    "duplicated",
                    "reordered",
                    "foreign",
                ] {
                    assert_eq!(outcome[name], 0, "{name} of {what}");
                }
                assert_eq!(outcome["clients"], outcome["connected"], "{what}");
                // What the warm-up has sent may come after it.
                assert!(
                    outcome["received"].as_u64() >= outcome["sent"].as_u64(),
                    "{what}"
                );
                assert!(outcome["sent"].as_u64().unwrap() >= 100, "{what}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_leave_a_node_with_their_messages() {
    within(LIMIT, async {
        for online in ["0", "120"] {
            let document = measure(&[
                "--what",
                "evacuation",
                "--sessions",
                "400",
                "--online",
                online,
                "--generators",
                "2",
                "--publish",
                "400",
                "--queue-for",
                "1",
            ])
            .await;
            let trial = &document["evacuation"][0];
            let what = format!("{online} online: {trial}");
            for name in ["left_behind", "lost", "duplicated_without_dup", "reordered"] {
                assert_eq!(trial[name], 0, "{name} of {what}");
            }
            assert_eq!(trial["session_present"], trial["returned"], "{what}");
            assert!(trial["returned"].as_u64() >= Some(400), "{what}");
            assert!(trial["acknowledged"].as_u64() > Some(0), "{what}");
            assert_eq!(trial["acknowledged"], trial["published"], "{what}");
            assert_eq!(trial["received"], trial["published"], "{what}");
            if online == "0" {
                assert!(trial["messages_carried"].as_u64() > Some(0), "{what}");
            }
        }
    })
    .await;
}
