//! `clients list | show | kick`

use super::World;
use crate::admin::fake::{FakeNode, sample_clients};
use crate::exit::ExitStatus;

#[tokio::test]
async fn list_shows_the_chosen_ones() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("clients list").await;
    insta::assert_snapshot!(ran.transcript());
    for (args, names) in [
        ("--node n3", "truck-4420\n"),
        ("--prefix truck-", "truck-4417\ntruck-4420\n"),
        ("--disconnected", "meter-eu-00912\n"),
        ("--connected --node n2", "truck-4417\n"),
    ] {
        let ran = World::of(&node)
            .run(&format!("clients list -o name {args}"))
            .await;
        assert_eq!(ran.stdout, names, "{args}");
    }
}

#[tokio::test]
async fn list_stops_at_the_limit_and_says_so() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("clients list --limit 2 -o wide").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("clients list --limit 2 -o json").await;
    assert_eq!(ran.json()["is_truncated"], true);
    assert_eq!(ran.json()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn all_follows_the_pages() {
    let node = FakeNode::start_with(|script| {
        let sample = sample_clients().remove(0);
        script.clients = (0..25_000)
            .map(|number| {
                let mut client = sample.clone();
                client.client_id = format!("c-{number:05}");
                client
            })
            .collect();
    });
    let ran = World::of(&node).run("clients list --all -o jsonl").await;
    assert_eq!(ran.stdout.lines().count(), 25_000);
    assert_eq!(node.script().requests.len(), 3);
    let last = ran.stdout.lines().next_back().unwrap();
    let last: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(
        (&last["kind"], &last["client_id"]),
        (&"client".into(), &"c-24999".into())
    );
}

#[tokio::test]
async fn nodes_that_do_not_answer_are_named() {
    let node = FakeNode::start_with(|script| script.nodes_unreachable.push("n4".to_owned()));
    let ran = World::of(&node).run("clients list -o name").await;
    assert!(ran.stderr.contains("n4 does not answer"), "{}", ran.stderr);
    let ran = World::of(&node).run("clients list -o name -q").await;
    assert_eq!(ran.stderr, "");
}

#[tokio::test]
async fn show_tells_everything() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("clients show truck-4417").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node)
        .run("clients show truck-4417 -o json")
        .await;
    insta::assert_snapshot!("client_as_json", ran.stdout);
}

#[tokio::test]
async fn client_identifiers_cannot_command_the_terminal() {
    let node = FakeNode::start_with(|script| {
        script.clients[0].client_id = "a\u{1b}[2Jb".to_owned();
    });
    for args in [
        "clients list",
        "clients list -o name",
        "clients list -o json",
    ] {
        let ran = World::of(&node).run(args).await;
        assert!(!ran.stdout.contains('\u{1b}'), "{args}");
    }
}

#[tokio::test]
async fn kick_of_some_that_exist_is_partial() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run("clients kick truck-4417 ghost meter-eu-00912 truck-4417")
        .await;
    insta::assert_snapshot!(ran.transcript());
    // The one that was named twice is asked for once.
    assert_eq!(node.script().requests.len(), 3);
}

#[tokio::test]
async fn kick_of_nobody_is_not_found() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("clients kick ghost -o json").await;
    assert_eq!(ran.status, ExitStatus::NotFound);
    assert_eq!(ran.json()["errors"][0]["code"], "unknown_client");
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "unknown_client");
}

#[tokio::test]
async fn discarding_sessions_is_confirmed() {
    let node = FakeNode::start();
    let ran = World::of(&node)
        .run("clients kick truck-4417 --discard-session")
        .await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node)
        .on_terminal()
        .typing("\n")
        .run("clients kick truck-4417 --discard-session")
        .await;
    assert_eq!(ran.status, ExitStatus::Refused);
    assert!(node.script().requests.is_empty());
    let ran = World::of(&node)
        .run("clients kick truck-4417 --discard-session --yes")
        .await;
    assert_eq!(
        ran.stdout,
        "truck-4417 disconnected from n2, session ended\n"
    );
    assert!(node.script().requests[0].contains("discard_session: true"));
}
