//! `cluster leave`, `remove`, `join` and `recover`

use tonic::Code;

use super::World;
use crate::admin::fake::{FakeNode, dead_endpoint, refusal};
use crate::admin::fake_control::sample_lost_control;
use crate::exit::ExitStatus;

#[tokio::test]
async fn each_is_asked_for_as_typed_and_told() {
    let node = FakeNode::start();
    for (args, request, told) in [
        (
            "cluster leave",
            "remove_member RemoveMemberRequest { node: \"\", force: false }",
            "n2 has left the control group\n",
        ),
        (
            "cluster remove n3 --force",
            "remove_member RemoveMemberRequest { node: \"n3\", force: true }",
            "n3 is removed from the control group\n",
        ),
        (
            "cluster join",
            "join JoinRequest { node: \"n2\" }",
            "n2 joins the control group of the others\n",
        ),
        (
            "cluster join n3",
            "join JoinRequest { node: \"n3\" }",
            "n3 joins the control group of the others\n",
        ),
    ] {
        let ran = World::of(&node).run(&format!("{args} --yes")).await;
        assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
        assert_eq!(ran.stdout, told);
        assert_eq!(node.script().requests.last().unwrap(), request);
    }
    let ran = World::of(&node)
        .run("cluster remove n3 --yes -o name")
        .await;
    assert_eq!(ran.stdout, "n3\n");
}

#[tokio::test]
async fn nothing_is_changed_without_a_yes() {
    let node = FakeNode::start_with(|script| script.status.control = Some(sample_lost_control()));
    for (name, args) in [
        ("leave_unasked", "cluster leave"),
        ("remove_unasked", "cluster remove n3"),
        ("join_unasked", "cluster join n3"),
        ("recover_unasked", "cluster recover"),
    ] {
        let ran = World::of(&node).run(args).await;
        insta::assert_snapshot!(name, ran.transcript());
        let ran = World::of(&node).on_terminal().typing("n\n").run(args).await;
        assert_eq!(ran.status, ExitStatus::Refused);
        assert!(ran.stderr.contains("[y/N]"), "{}", ran.stderr);
    }
    let requests = node.script().requests.clone();
    assert!(
        requests.iter().all(|request| request.starts_with("status")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_recovery_says_who_is_given_up() {
    let node = FakeNode::start_with(|script| script.status.control = Some(sample_lost_control()));
    let ran = World::of(&node).run("cluster recover --yes").await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node).run("cluster recover --yes -o json").await;
    insta::assert_snapshot!("group_as_json", ran.stdout);
    let ran = World::of(&node).run("cluster status").await;
    insta::assert_snapshot!("status_without_majority", ran.transcript());
}

#[tokio::test]
async fn a_refusal_is_explained() {
    let node = FakeNode::start_with(|script| {
        let text = "n3 still serves 12 sessions";
        let refused = refusal(Code::FailedPrecondition, text, "still_serves", "");
        script.refuse.insert("remove_member", refused);
    });
    let ran = World::of(&node).run("cluster remove n3 --yes").await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn which_node_is_meant_must_be_clear() {
    let node = FakeNode::start();
    for args in [
        "cluster leave --yes",
        "cluster join --yes",
        "cluster recover --yes",
    ] {
        let ran = World::at(vec![node.endpoint(), dead_endpoint()])
            .run(args)
            .await;
        assert_eq!(ran.status, ExitStatus::Usage, "{}", ran.stdout);
    }
    assert!(node.script().requests.is_empty());
}
