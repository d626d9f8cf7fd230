//! `rebalance watch` and `rebalance start --wait | --watch`

use emqx_proto::admin::v1 as wire;
use tonic::Code;

use super::World;
use crate::admin::fake::{
    FakeNode, Script, Step, dead_endpoint, finished_operation, refusal, sample_operation, set_phase,
};
use crate::exit::ExitStatus;

const START: &str = "rebalance start --evacuation n1";

fn send(op: wire::Operation) -> Step {
    Step::Send(Box::new(op))
}

fn in_phase(name: &str, revision: u64) -> wire::Operation {
    let mut op = sample_operation();
    set_phase(&mut op, name);
    op.revision = revision;
    op
}

/// Through all phases to the end.
fn to_the_end(script: &mut Script) {
    script.operations = vec![in_phase("waiting_health_check", 1)];
    script.streams.push_back(vec![
        send(in_phase("evicting_conns", 2)),
        send(in_phase("waiting_takeover", 3)),
        send(in_phase("evicting_sessions", 4)),
        send(finished_operation()),
        Step::End,
    ]);
}

fn ending_as(outcome: wire::Outcome, reason: &str) -> FakeNode {
    FakeNode::start_with(|script| {
        let mut op = sample_operation();
        op.revision += 1;
        op.outcome = outcome.into();
        op.outcome_reason = reason.to_owned();
        op.ended_unix_ms = Some(op.started_unix_ms + 62_000);
        if outcome == wire::Outcome::Partial {
            set_phase(&mut op, "prohibiting");
            op.ended_unix_ms = None;
            op.trouble_total = 2;
            op.trouble = vec![wire::SessionTrouble {
                client_id: "meter-7".to_owned(),
                reason: "n3 refused it: its queue is larger than the limit".to_owned(),
                attempts: 3,
            }];
        }
        script.streams.push_back(vec![send(op), Step::End]);
    })
}

#[tokio::test]
async fn without_a_terminal_phases_are_lines() {
    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node).run(&format!("{START} --watch")).await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn wait_is_quiet() {
    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node)
        .run(&format!("{START} --wait -o json"))
        .await;
    assert_eq!((ran.status, ran.stderr.as_str()), (ExitStatus::Ok, ""));
    assert_eq!(ran.json()["outcome"], "succeeded");
    assert_eq!(ran.json()["phase"], "prohibiting");
}

#[tokio::test]
async fn jsonl_has_one_document_for_each_change() {
    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node)
        .run(&format!("{START} --watch -o jsonl"))
        .await;
    let revisions: Vec<u64> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|document| document["revision"].as_u64().unwrap())
        .collect();
    assert_eq!(revisions, [1, 2, 3, 4, 4_282]);
}

#[tokio::test]
async fn a_terminal_is_watched_live_unless_told_otherwise() {
    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node).on_terminal().run(START).await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert!(ran.stderr.contains("Evacuating n1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("✔ prohibiting"), "{}", ran.stderr);
    assert!(
        ran.stdout.starts_with("n1 is evacuated in "),
        "{}",
        ran.stdout
    );

    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node)
        .on_terminal()
        .run(&format!("{START} --detach"))
        .await;
    assert!(!ran.stderr.contains("Evacuating"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_dumb_terminal_gets_lines() {
    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node)
        .on_terminal()
        .with("TERM", "dumb")
        .run(START)
        .await;
    assert!(
        ran.stderr.contains("phase=waiting_takeover"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[tokio::test]
async fn watch_without_a_name_takes_the_only_one() {
    let node = FakeNode::start_with(to_the_end);
    let ran = World::of(&node).run("rebalance watch -o name").await;
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (ExitStatus::Ok, "op-7f3a\n")
    );

    let none = FakeNode::start_with(|script| script.operations.clear());
    let ran = World::of(&none).run("rebalance watch").await;
    assert_eq!(ran.status, ExitStatus::NotFound);
    insta::assert_snapshot!("watch_of_nothing", ran.transcript());

    let several = FakeNode::start_with(|script| {
        let mut other = sample_operation();
        other.id = "op-8c01".to_owned();
        other.node = "n3".to_owned();
        script.operations.push(other);
    });
    let ran = World::of(&several).run("rebalance watch").await;
    insta::assert_snapshot!("watch_of_several", ran.transcript());
    let ran = World::of(&several).run("rebalance watch op-9").await;
    assert_eq!(ran.status, ExitStatus::NotFound);
}

#[tokio::test]
async fn watching_what_rests_ends_at_once() {
    let node = FakeNode::start_with(|script| script.operations = vec![finished_operation()]);
    let ran = World::of(&node).run("rebalance watch op-7f3a").await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert!(ran.stdout.contains("emqxctl rebalance stop op-7f3a"));
}

#[tokio::test]
async fn stopped_by_somebody() {
    let node = ending_as(wire::Outcome::Stopped, "stopped by deploy");
    let ran = World::of(&node).run(&format!("{START} --wait")).await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn failed() {
    let node = ending_as(wire::Outcome::Failed, "n1 went away");
    let ran = World::of(&node).run(&format!("{START} --wait")).await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn partial() {
    let node = ending_as(wire::Outcome::Partial, "");
    let ran = World::of(&node).run(&format!("{START} --wait")).await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn leftovers_count_even_when_the_node_does_not_say_so() {
    let node = FakeNode::start_with(|script| {
        let mut op = finished_operation();
        op.outcome = wire::Outcome::Unspecified.into();
        op.trouble_total = 1;
        script.operations = vec![op];
    });
    let ran = World::of(&node).run("rebalance watch").await;
    assert_eq!(ran.status, ExitStatus::Partial);
}

#[tokio::test]
async fn the_waiting_ends_but_not_the_operation() {
    let node = FakeNode::start_with(|script| script.streams.push_back(vec![Step::Hang]));
    let ran = World::of(&node)
        .run(&format!("{START} --wait --timeout 2s"))
        .await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn ctrl_c_detaches() {
    let node = FakeNode::start_with(|script| script.streams.push_back(vec![Step::Hang]));
    let world = World::of(&node);
    // A permit that is there before the wait ends it at once.
    world.interrupt.notify_one();
    let ran = world.run(&format!("{START} --watch")).await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn a_broken_stream_goes_on_by_revision() {
    let node = FakeNode::start_with(|script| {
        script.operations = vec![in_phase("evicting_conns", 5)];
        script
            .streams
            .push_back(vec![send(in_phase("waiting_takeover", 7)), Step::Break]);
        script
            .streams
            .push_back(vec![send(finished_operation()), Step::End]);
    });
    let ran = World::of(&node).run("rebalance watch").await;
    insta::assert_snapshot!(ran.transcript());
    let requests = node.script().requests.clone();
    assert!(requests[1].contains("after_revision: 5"), "{requests:?}");
    assert!(requests[2].contains("after_revision: 7"), "{requests:?}");
}

#[tokio::test]
async fn another_node_takes_over_when_one_dies() {
    let dying = FakeNode::start_with(|script| {
        script
            .streams
            .push_back(vec![send(in_phase("waiting_takeover", 5_000)), Step::Die]);
    });
    let other = FakeNode::start_with(|script| {
        let mut end = finished_operation();
        end.revision = 5_001;
        script.streams.push_back(vec![send(end), Step::End]);
    });
    let ran = World::at(vec![dying.endpoint(), other.endpoint()])
        .run("rebalance watch op-7f3a")
        .await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
    assert!(ran.stderr.contains("Lost [endpoint 1]"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("Watching op-7f3a again at [endpoint 2]"),
        "{}",
        ran.stderr
    );
    let requests = other.script().requests.clone();
    assert!(requests[0].contains("after_revision: 5000"), "{requests:?}");
}

#[tokio::test]
async fn when_nobody_is_left_the_watch_gives_up() {
    let dying = FakeNode::start_with(|script| {
        script
            .streams
            .push_back(vec![send(in_phase("waiting_takeover", 5_000)), Step::Die]);
    });
    let ran = World::at(vec![dying.endpoint(), dead_endpoint()])
        .run("rebalance watch op-7f3a --timeout 3s -o json")
        .await;
    assert_eq!(ran.status, ExitStatus::Unreachable, "{}", ran.stderr);
    // The last state that was seen.
    assert_eq!(ran.json()["revision"], 5_000);
}

#[tokio::test]
async fn a_node_that_ends_each_stream_at_once_is_not_hammered() {
    let node = FakeNode::start_with(|script| {
        script.streams.extend(vec![vec![Step::End]; 1_000]);
    });
    let ran = World::of(&node)
        .run("rebalance watch op-7f3a --timeout 1s")
        .await;
    // Which of both depends on whether the node was being asked when the time was over.
    let ended = [ExitStatus::Timeout, ExitStatus::Unreachable];
    assert!(ended.contains(&ran.status), "{}", ran.stderr);
    let number = node.script().requests.len();
    assert!(number < 12, "{number} requests within a second");
}

#[tokio::test]
async fn an_operation_that_is_forgotten_ends_the_watch() {
    let node = FakeNode::start_with(|script| {
        script.refuse.insert(
            "watch",
            refusal(
                Code::NotFound,
                "there is no operation op-7f3a",
                "unknown_operation",
                "",
            ),
        );
    });
    let ran = World::of(&node).run("rebalance watch op-7f3a").await;
    assert_eq!(ran.status, ExitStatus::NotFound, "{}", ran.stderr);
}
