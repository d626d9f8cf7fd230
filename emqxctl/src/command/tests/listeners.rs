//! `listeners list | show`

use super::World;
use crate::admin::fake::{FakeNode, dead_endpoint};
use crate::exit::ExitStatus;

#[tokio::test]
async fn list_shows_all_and_what_is_wrong() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("listeners list").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("listeners list -o wide").await;
    insta::assert_snapshot!("list_wide", ran.transcript());
    let alias = World::of(&node).run("listener list --node n2").await;
    insta::assert_snapshot!("list_of_one_node", alias.transcript());
}

#[tokio::test]
async fn list_for_programs() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("listeners list -o json").await;
    insta::assert_snapshot!("list_as_json", ran.stdout);
    let json = ran.json();
    assert_eq!(json["kind"], "listener_list");
    let ran = World::of(&node).run("listeners list -o jsonl").await;
    let lines: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|line| line["kind"] == "listener"));
    assert_eq!(lines[1]["certificates"], json["items"][1]["certificates"]);
    let ran = World::of(&node).run("listeners list -o name").await;
    assert_eq!(ran.stdout, "default\ndevices\nlocal\ndevices\n");
}

#[tokio::test]
async fn an_empty_list_is_a_title() {
    let node = FakeNode::start_with(|script| script.listeners.clear());
    let ran = World::of(&node).run("listeners list").await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    let ran = World::of(&node).run("listeners list -o json").await;
    assert_eq!(ran.json()["items"], serde_json::json!([]));
}

#[tokio::test]
async fn nodes_that_do_not_answer_are_named() {
    let node = FakeNode::start_with(|script| script.nodes_unreachable.push("n4".to_owned()));
    let ran = World::of(&node).run("listeners list -o name").await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert!(ran.stderr.contains("n4 does not answer"), "{}", ran.stderr);
    let ran = World::of(&node).run("listeners list --node n4").await;
    assert_eq!(ran.status, ExitStatus::Unreachable);
    // Perhaps n4 has one of that name, so nobody can say that there is none.
    let ran = World::of(&node).run("listeners show ghost").await;
    insta::assert_snapshot!("show_when_a_node_is_missing", ran.transcript());
    let ran = World::of(&node).run("listeners show devices -o name").await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert!(ran.stderr.contains("n4 does not answer"), "{}", ran.stderr);
}

#[tokio::test]
async fn the_next_endpoint_answers_when_one_does_not() {
    let node = FakeNode::start();
    let ran = World::at(vec![dead_endpoint(), node.endpoint()])
        .run("listeners list -o name --node n1")
        .await;
    assert_eq!(ran.stdout, "default\ndevices\n");
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
}

#[tokio::test]
async fn show_tells_everything() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("listeners show devices").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("listeners show local").await;
    insta::assert_snapshot!("show_of_a_disabled_one", ran.transcript());
    let ran = World::of(&node)
        .run("listeners show devices --node n3 -o json")
        .await;
    assert_eq!(ran.json()["kind"], "listener_list");
    assert_eq!(ran.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(ran.json()["items"][0]["state"], "failed");
    let ran = World::of(&node)
        .run("listeners show devices -o jsonl")
        .await;
    assert_eq!(ran.stdout.lines().count(), 2);
}

#[tokio::test]
async fn show_of_an_unknown_one_lists_those_that_are_there() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("listeners show ghost").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node)
        .run("listeners show local --node n1 -o json")
        .await;
    assert_eq!(ran.status, ExitStatus::NotFound);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "unknown_listener");
}

#[tokio::test]
async fn names_and_problems_cannot_command_the_terminal() {
    let node = FakeNode::start_with(|script| {
        script.listeners[3].name = "a\u{1b}[2Jb".to_owned();
        script.listeners[3].problem = Some("c\u{1b}[2Jd".to_owned());
    });
    for format in ["table", "wide", "name", "json", "jsonl"] {
        let ran = World::of(&node)
            .run(&format!("listeners list -o {format}"))
            .await;
        assert!(!ran.stdout.contains('\u{1b}'), "{format}");
        assert!(ran.stdout.contains("[2Jb"), "{format}");
    }
}
