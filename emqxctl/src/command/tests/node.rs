//! `node gc`

use super::World;
use crate::admin::fake::{FakeNode, dead_endpoint};
use crate::exit::ExitStatus;

#[tokio::test]
async fn gc_shows_before_and_after() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("node gc").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("node gc n2 n1 n2 -o wide").await;
    insta::assert_snapshot!("gc_wide", ran.transcript());
    let ran = World::of(&node).run("node gc n2 -o json").await;
    insta::assert_snapshot!("gc_as_json", ran.stdout);
    let ran = World::of(&node).run("node gc n2 n1 -o jsonl").await;
    assert_eq!(ran.stdout.lines().count(), 2);
    let ran = World::of(&node).run("node gc n2 n1 -o name").await;
    assert_eq!(ran.stdout, "n2\nn1\n");
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_an_error_and_the_others_run() {
    let node = FakeNode::start_with(|script| {
        script.status.nodes[1].set_state(emqx_proto::admin::v1::NodeState::Unreachable);
    });
    let ran = World::of(&node).run("node gc --all").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("node gc --all -o json").await;
    assert_eq!(ran.status, ExitStatus::Partial);
    assert_eq!(ran.json()["errors"][0]["code"], "node_unreachable");
    let unreachable = ran.json()["errors"][0]["node"].as_str().unwrap().to_owned();
    let line = format!("node gc {unreachable}");
    let ran = World::of(&node).run(&line).await;
    assert_eq!(ran.status, ExitStatus::Unreachable);
    assert_eq!(ran.stdout, "");
}

#[tokio::test]
async fn gc_of_an_unknown_node_is_not_found() {
    let node = FakeNode::start();
    let ran = World::of(&node).run("node gc ghost").await;
    assert_eq!(ran.status, ExitStatus::NotFound);
    assert!(ran.stderr.contains("cluster status"), "{}", ran.stderr);
}

#[tokio::test]
async fn which_node_is_meant_must_be_clear() {
    let node = FakeNode::start();
    let ran = World::at(vec![node.endpoint(), dead_endpoint()])
        .run("node gc")
        .await;
    insta::assert_snapshot!(ran.transcript());
    assert!(node.script().requests.is_empty());
    let ran = World::of(&node).run("node gc n1 --all").await;
    assert_eq!(ran.status, ExitStatus::Usage);
}
