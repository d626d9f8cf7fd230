//! `emqxctl sessions`: what sessions hold, wherever they are, without changing them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::cli::{Outcome, emqxctl};
use emqx_tests::client::Client;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::link::Protocol;
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(90);
const WAIT: Duration = Duration::from_secs(20);

async fn sessions(cluster: &TestCluster, line: &str) -> Outcome {
    let server = cluster.nodes[0].ready.admin.to_string();
    let mut args = vec!["-s", &server, "sessions"];
    args.extend(line.split_whitespace());
    emqxctl(&args).await
}

async fn lines(cluster: &TestCluster, line: &str) -> Vec<Value> {
    let outcome = sessions(cluster, line).await;
    assert_eq!(outcome.code, 0, "{line}: {outcome:#?}");
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn names(cluster: &TestCluster, line: &str) -> Vec<String> {
    let outcome = sessions(cluster, &format!("list -o name {line}")).await;
    assert_eq!(outcome.code, 0, "{line}: {outcome:#?}");
    outcome.stdout.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn sessions_are_listed_shown_and_exported_as_they_are() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let prefix = unique("s");
        let id = |name: &str| format!("{prefix}-{name}");
        let topic = |name: &str| format!("{prefix}/{name}");
        let filter = format!("{prefix}/+");
        let mut truck = Client::persistent(&id("truck"), Protocol::V5, &cluster.mqtt(0)).await;
        truck.subscribe(&filter, 2).await;
        truck
            .subscribe(&format!("$share/fleet/{prefix}/shared/#"), 1)
            .await;
        let mut meter = Client::persistent(&id("meter"), Protocol::V3_1_1, &cluster.mqtt(1)).await;
        meter.subscribe(&filter, 1).await;
        let mut publisher = Client::clean(&id("pub"), Protocol::V5, &cluster.mqtt(0)).await;
        truck.disconnect().await;
        for number in 0..3 {
            publisher
                .publish(&topic("cmd"), 1, &format!("command {number}"))
                .await;
        }
        eventually("three messages wait", WAIT, || async {
            let shown = lines(&cluster, &format!("show -o jsonl {}", id("truck"))).await;
            (shown[0]["queued"] == 3).then_some(())
        })
        .await;

        assert_eq!(
            names(&cluster, &format!("--prefix {prefix}")).await,
            [id("meter"), id("pub"), id("truck")]
        );
        let by_glob = names(&cluster, &format!("--glob {prefix}-?????")).await;
        assert_eq!(by_glob, [id("meter"), id("truck")]);
        let on_n1 = names(
            &cluster,
            &format!("--prefix {prefix} --node n1 --disconnected"),
        )
        .await;
        assert_eq!(on_n1, [id("truck")]);
        assert_eq!(names(&cluster, &format!("--glob {prefix}")).await, [""; 0]);

        let shown = lines(&cluster, &format!("show -o jsonl {}", id("truck")))
            .await
            .remove(0);
        assert_eq!(shown["node"], "n1");
        assert_eq!(
            (&shown["connected"], &shown["protocol"]),
            (&false.into(), &"5.0".into())
        );
        assert!(shown["disconnected_at"].is_string() && shown["session_expires_in_ms"].is_u64());
        assert_eq!(shown.get("queued_messages"), None);
        let mut subscriptions: Vec<(&str, u64)> = shown["subscriptions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["topic_filter"].as_str().unwrap(),
                    it["qos"].as_u64().unwrap(),
                )
            })
            .collect();
        subscriptions.sort_unstable();
        let shared = format!("$share/fleet/{prefix}/shared/#");
        assert_eq!(subscriptions, [(shared.as_str(), 1), (filter.as_str(), 2)]);
        let table = sessions(&cluster, &format!("show {}", id("truck")))
            .await
            .stdout;
        assert!(
            table.contains(&shared) && table.contains("Disconnected since"),
            "{table}"
        );
        sessions(&cluster, &format!("show {prefix}-ghost"))
            .await
            .expect(3, &["no client", "ghost"]);

        // "command 0" and so on in base64, twice the same: an export changes nothing.
        for _ in 0..2 {
            let exported = lines(&cluster, &format!("export {}", id("truck")))
                .await
                .remove(0);
            let queued = exported["queued_messages"].as_array().unwrap();
            let payloads: Vec<&str> = queued
                .iter()
                .map(|it| it["payload"].as_str().unwrap())
                .collect();
            assert_eq!(payloads, ["Y29tbWFuZCAw", "Y29tbWFuZCAx", "Y29tbWFuZCAy"]);
            assert!(
                queued
                    .iter()
                    .all(|it| it["topic"] == topic("cmd") && it["qos"] == 1)
            );
            assert_eq!(queued[0]["publisher"], id("pub"));
        }
        let mut truck = Client::persistent(&id("truck"), Protocol::V5, &cluster.mqtt(1)).await;
        assert!(truck.session_present);
        for number in 0..3 {
            assert_eq!(truck.receive_text().await, format!("command {number}"));
        }
        let moved = lines(&cluster, &format!("show -o jsonl {}", id("truck")))
            .await
            .remove(0);
        assert_eq!(
            (&moved["node"], &moved["connected"]),
            (&"n2".into(), &true.into())
        );
        assert!(moved["epoch"].as_u64() > shown["epoch"].as_u64(), "{moved}");
    })
    .await;
}

#[tokio::test]
async fn an_export_of_more_than_a_page_is_whole_and_in_order() {
    const SESSIONS: usize = 12;
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let prefix = unique("s");
        let topic = format!("{prefix}/all");
        let mut ids = Vec::new();
        let mut publisher = Client::clean(&unique("pub"), Protocol::V5, &cluster.mqtt(0)).await;
        for number in 0..SESSIONS {
            let id = format!("{prefix}-{number:02}");
            let address = cluster.mqtt(usize::from(number % 4 == 3));
            let mut client = Client::persistent(&id, Protocol::V5, &address).await;
            client.subscribe(&topic, 1).await;
            client.is_reached_by(&mut publisher, &topic).await;
            client.disconnect().await;
            ids.push(id);
        }
        // Nine of them on one node: more than the four megabytes of a page.
        let payload = "x".repeat(600 << 10);
        publisher.publish(&topic, 1, &payload).await;
        let all = format!("--prefix {prefix}");
        eventually("it waits in all", WAIT, || async {
            let listed = lines(&cluster, &format!("list -o jsonl {all}")).await;
            listed
                .iter()
                .all(|it| it["queued"].as_u64() >= Some(1))
                .then_some(())
        })
        .await;
        let exported = lines(&cluster, &format!("export {all}")).await;
        let seen: Vec<&str> = exported
            .iter()
            .map(|it| it["client_id"].as_str().unwrap())
            .collect();
        assert_eq!(seen, ids);
        for session in &exported {
            let last = session["queued_messages"]
                .as_array()
                .unwrap()
                .last()
                .unwrap();
            assert_eq!(
                last["payload"].as_str().unwrap().len(),
                payload.len() * 4 / 3
            );
        }
    })
    .await;
}
