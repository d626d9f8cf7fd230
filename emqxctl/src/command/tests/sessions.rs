//! `sessions list | show | export`

use super::World;
use crate::admin::fake::FakeNode;
use crate::exit::ExitStatus;

#[tokio::test]
async fn list_shows_what_waits_and_for_how_long() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("sessions list").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node)
        .run("sessions list -o wide --limit 1")
        .await;
    insta::assert_snapshot!("list_wide_and_cut", ran.transcript());
    for (args, names) in [
        ("--glob *20", "truck-4420\n"),
        ("--prefix truck- --node n2", "truck-4417\n"),
        ("--disconnected", "meter-eu-00912\n"),
    ] {
        let ran = World::of(&node)
            .run(&format!("sessions list -o name {args}"))
            .await;
        assert_eq!(ran.stdout, names, "{args}");
    }
    let ran = World::of(&node).run("sessions list -o json").await;
    assert_eq!(ran.json()["kind"], "session_list");
    assert_eq!(ran.json()["items"][0]["queued"], 1_000);
}

#[tokio::test]
async fn show_tells_all_but_the_messages() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("sessions show truck-4417").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("sessions show meter-eu-00912").await;
    insta::assert_snapshot!("show_with_a_will", ran.transcript());
    let ran = World::of(&node)
        .run("sessions show truck-4417 -o json")
        .await;
    insta::assert_snapshot!("session_as_json", ran.stdout);
}

#[tokio::test]
async fn a_client_that_nobody_knows_is_not_found() {
    let node = FakeNode::start();
    for command in ["show", "export"] {
        let ran = World::of(&node)
            .run(&format!("sessions {command} ghost"))
            .await;
        assert_eq!(ran.status, ExitStatus::NotFound);
        assert!(
            ran.stderr.contains("there is no client ghost"),
            "{}",
            ran.stderr
        );
    }
    let ran = World::of(&node)
        .run("sessions export ghost truck-4417")
        .await;
    assert_eq!(ran.status, ExitStatus::Partial);
    assert_eq!(ran.stdout.lines().count(), 1);
}

#[tokio::test]
async fn export_prints_a_line_for_each_session_page_by_page() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("sessions export truck-4417").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("sessions export -o table").await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert_eq!(ran.stderr, "3 sessions exported\n");
    let names: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|session| session["client_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["meter-eu-00912", "truck-4417", "truck-4420"]);
    let ran = World::of(&node)
        .run("sessions export --prefix truck-")
        .await;
    assert_eq!(ran.stdout.lines().count(), 2);
}

#[tokio::test]
async fn an_export_without_a_node_is_partial() {
    let node = FakeNode::start_with(|script| script.nodes_unreachable.push("n4".to_owned()));
    let ran = World::of(&node).run("sessions export").await;
    assert_eq!(ran.status, ExitStatus::Partial);
    assert!(
        ran.stderr
            .contains("n4 does not answer; its sessions are missing"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout.lines().count(), 3);
}
