//! `cluster status`

use super::{Ran, World};
use crate::admin::fake::{FakeNode, dead_endpoint};
use crate::exit::ExitStatus;

async fn status(args: &str, world: impl FnOnce(World) -> World) -> Ran {
    let node = FakeNode::start();
    let ran = world(World::of(&node)).run(args).await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
    ran
}

#[tokio::test]
async fn in_a_pipe_there_are_no_bars() {
    let ran = status("cluster status", |world| world).await;
    insta::assert_snapshot!(ran.transcript());
    assert!(!ran.stdout.contains('█'));
    let alias = status("status", |world| world).await;
    assert_eq!(alias.stdout, ran.stdout);
}

#[tokio::test]
async fn a_wide_terminal_gets_bars() {
    let ran = status("cluster status", World::on_terminal).await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn a_narrow_terminal_gets_none() {
    let ran = status("cluster status --no-header", |world| {
        let mut world = world.on_terminal().with("LANG", "C");
        world.size = (80, 24);
        world
    })
    .await;
    assert!(!ran.stdout.contains('█') && !ran.stdout.contains('#'));
    assert!(!ran.stdout.contains("CONNECTIONS"));
}

#[tokio::test]
async fn wide_has_more_columns() {
    let ran = status("cluster status -o wide", |world| world).await;
    insta::assert_snapshot!(ran.stdout);
}

#[tokio::test]
async fn colour_comes_when_it_is_asked_for() {
    let ran = status("cluster status --color always", |world| world).await;
    assert!(ran.stdout.contains("\u{1b}["));
    let ran = status("cluster status --no-color", World::on_terminal).await;
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[tokio::test]
async fn json_is_the_twin_of_the_table() {
    let ran = status("cluster status -o json", |world| world).await;
    insta::assert_snapshot!(ran.stdout);
    let json = ran.json();
    // Unknown is null, not 0.
    assert!(json["nodes"][3]["connections"].is_null());
    let line = status("cluster status -o jsonl", |world| world).await;
    assert_eq!(line.stdout.lines().count(), 1);
    assert_eq!(line.json(), json);
}

#[tokio::test]
async fn names_are_one_a_line() {
    let ran = status("cluster status -o name", |world| world).await;
    assert_eq!(ran.stdout, "n1\nn2\nn3\nn4\n");
}

#[tokio::test]
async fn the_next_endpoint_answers_when_one_does_not() {
    let node = FakeNode::start();
    let ran = World::at(vec![dead_endpoint(), node.endpoint()])
        .run("cluster status -o name")
        .await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
}

#[tokio::test]
async fn a_node_that_hangs_is_passed_over_in_time() {
    let hanging = FakeNode::start_with(|script| script.silent.push("status"));
    let node = FakeNode::start();
    let ran = World::at(vec![hanging.endpoint(), node.endpoint()])
        .run("cluster status -o name --timeout 2s")
        .await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
    assert_eq!(hanging.script().requests.len(), 1);
}

#[tokio::test]
async fn the_flag_beats_the_variable() {
    let node = FakeNode::start();
    let args = format!("cluster status -o name --server {}", node.endpoint());
    let ran = World::at(vec![])
        .with("EMQXCTL_SERVER", "nowhere.invalid:1")
        .run(&args)
        .await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
}
