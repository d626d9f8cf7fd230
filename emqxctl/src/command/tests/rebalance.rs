//! `rebalance start | status | node-status | stop`, without waiting

use emqx_proto::admin::v1 as wire;
use tonic::Code;

use super::World;
use crate::admin::fake::{FakeNode, NOW_MS, finished_operation, refusal};
use crate::exit::ExitStatus;

#[tokio::test]
async fn start_sends_what_was_typed() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run_line(&[
            "emqxctl",
            "rebalance",
            "start",
            "--evacuation",
            "n1",
            "--wait-health-check",
            "0",
            "--wait-takeover",
            "5m",
            "--conn-evict-rate",
            "200",
            "--migrate-to",
            "n2 n3",
            "--redirect-to",
            "a:1 b:2",
            "--reason",
            "kernel 6.9",
        ])
        .await;
    insta::assert_snapshot!(ran.transcript());
    assert_eq!(
        node.script().started,
        Some(wire::StartEvacuationRequest {
            node: "n1".to_owned(),
            wait_health_check_ms: Some(0),
            wait_takeover_ms: Some(300_000),
            conn_evict_rate: Some(200),
            sess_evict_rate: None,
            redirect_to: Some("a:1 b:2".to_owned()),
            migrate_to: vec!["n2".to_owned(), "n3".to_owned()],
            reason: "kernel 6.9".to_owned(),
            started_by: "oncall".to_owned(),
        })
    );
}

#[tokio::test]
async fn start_prints_the_name_alone_for_scripts() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run("rebalance start --evacuation n1 -o name")
        .await;
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("op-7f3a\n", "")
    );
}

#[tokio::test]
async fn bare_evacuation_without_a_terminal_lists_the_nodes() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("rebalance start --evacuation").await;
    insta::assert_snapshot!(ran.transcript());
    assert!(node.script().started.is_none());
    let ran = World::of(&node)
        .on_terminal()
        .run("rebalance start --evacuation --no-input")
        .await;
    assert_eq!(ran.status, ExitStatus::Usage);
}

#[tokio::test]
async fn bare_evacuation_asks_on_a_terminal() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .on_terminal()
        .typing("n\n")
        .run("rebalance start --evacuation --detach")
        .await;
    insta::assert_snapshot!(ran.transcript());
    assert!(node.script().started.is_none());

    let ran = World::of(&node)
        .on_terminal()
        .typing("y\n")
        .run("rebalance start --evacuation --detach")
        .await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
    let started = node.script().started.take();
    assert_eq!(started.map(|started| started.node), Some("n2".to_owned()));
}

#[tokio::test]
async fn bare_evacuation_with_yes_says_which_node() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run("rebalance start --evacuation --yes")
        .await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
    assert!(ran.stderr.contains("Evacuating n2"), "{}", ran.stderr);
}

#[tokio::test]
async fn values_out_of_range_are_named_before_anything_is_sent() {
    let node = FakeNode::start();
    for (flag, value) in [
        ("--conn-evict-rate", "0"),
        ("--conn-evict-rate", "-5"),
        ("--sess-evict-rate", "fast"),
        ("--wait-takeover", "-1"),
        ("--wait-health-check", "soon"),
        ("--migrate-to", ","),
        ("--redirect-to", ""),
    ] {
        let ran = World::of(&node)
            .run_line(&[
                "emqxctl",
                "rebalance",
                "start",
                "--evacuation",
                "n1",
                flag,
                value,
            ])
            .await;
        assert_eq!(ran.status, ExitStatus::Usage, "{flag} {value}");
        insta::assert_snapshot!(format!("{flag} {value}"), ran.stderr);
    }
    assert!(node.script().requests.is_empty());
}

#[tokio::test]
async fn usage_errors_are_json_for_programs() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run("rebalance start --evacuation n1 --conn-evict-rate 0 -o json")
        .await;
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "usage");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("--conn-evict-rate"), "{message}");
    assert!(message.contains("1 to 1,000,000"), "{message}");
}

#[tokio::test]
async fn a_refusal_has_cause_and_hint() {
    let node = FakeNode::start_with(|script| {
        script.refuse.insert(
            "start",
            refusal(
                Code::FailedPrecondition,
                "another operation is running",
                "already_started",
                "op-6b10 (started by deploy) involves n1",
            ),
        );
    });
    let ran = World::of(&node)
        .run("rebalance start --evacuation n1")
        .await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node)
        .run("rebalance start --evacuation n1 -o json")
        .await;
    insta::assert_snapshot!("a_refusal_as_json", ran.transcript());
}

#[tokio::test]
async fn a_change_is_not_sent_twice() {
    let hanging = FakeNode::start_with(|script| script.silent.push("start"));
    let other = FakeNode::start();
    let ran = World::at(vec![hanging.endpoint(), other.endpoint()])
        .run("rebalance start --evacuation n1 --timeout 2s")
        .await;
    insta::assert_snapshot!(ran.transcript());
    assert!(other.script().requests.is_empty());
}

#[tokio::test]
async fn status_shows_emqx_labels_and_lists_what_ended() {
    let node = FakeNode::start_with(|script| {
        let mut ended = finished_operation();
        ended.id = "op-6b10".to_owned();
        ended.node = "n3".to_owned();
        ended.started_unix_ms = NOW_MS - 7_200_000;
        ended.ended_unix_ms = Some(NOW_MS - 3_600_000);
        ended.outcome = wire::Outcome::Stopped.into();
        script.operations.push(ended);
        script.nodes_unreachable.push("n4".to_owned());
    });
    let ran = World::of(&node).run("rebalance status").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("rebalance status op-6b").await;
    assert!(
        ran.stdout.contains("Node 'n3': evacuation"),
        "{}",
        ran.stdout
    );
    let ran = World::of(&node).run("rebalance status -o name").await;
    assert_eq!(ran.stdout, "op-7f3a\nop-6b10\n");
    let ran = World::of(&node).run("rebalance status -o json").await;
    assert_eq!(ran.json()["kind"], "operation_list");
    assert_eq!(ran.json()["nodes_unreachable"][0], "n4");
}

#[tokio::test]
async fn status_says_when_nothing_runs() {
    let node = FakeNode::start_with(|script| script.operations.clear());
    let ran = World::of(&node).run("rebalance status").await;
    assert_eq!(ran.stdout, "No operation runs.\n");
    assert_eq!(ran.status, ExitStatus::Ok);
}

#[tokio::test]
async fn operation_as_json() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run("rebalance status op-7f3a -o json")
        .await;
    insta::assert_snapshot!(ran.stdout);
}

#[tokio::test]
async fn node_status_speaks_as_emqx_does() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("rebalance node-status n1").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("rebalance node-status").await;
    assert_eq!(ran.stdout, "Rebalance disabled\n");
    let ran = World::of(&node)
        .run("rebalance node-status n2 -o json")
        .await;
    assert_eq!(ran.json()["kind"], "node_status");
    assert_eq!(ran.json()["node"]["name"], "n2");
    assert!(ran.json()["operation"].is_null());
    let ran = World::of(&node).run("rebalance node-status n9").await;
    insta::assert_snapshot!("unknown_node", ran.transcript());
}

#[tokio::test]
async fn stop_says_what_stays() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("rebalance stop --node n1").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("rebalance stop op-7f3a -o json").await;
    assert_eq!(ran.json()["id"], "op-7f3a");
}

#[tokio::test]
async fn stop_with_none_running_is_refused() {
    let node = FakeNode::start_with(|script| script.operations.clear());
    let ran = World::of(&node).run("rebalance stop").await;
    insta::assert_snapshot!(ran.transcript());
}
