//! Every exit code that these commands can end with.

use tonic::{Code, Status};

use super::World;
use crate::admin::fake::{FakeNode, dead_endpoint, refusal};
use crate::exit::ExitStatus;

/// The answer `code` to `rebalance start` ends the program so.
async fn refused(code: Code) -> ExitStatus {
    let node = FakeNode::start_with(|script| {
        script
            .refuse
            .insert("start", refusal(code, "no", "some_code", ""));
    });
    let ran = World::of(&node)
        .run("rebalance start --evacuation n1")
        .await;
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr
            .starts_with("error: cannot start the evacuation of n1: no\n")
    );
    ran.status
}

#[tokio::test]
async fn each_kind_of_no_has_its_own_code() {
    for (code, status) in [
        (Code::Internal, ExitStatus::Failed),
        (Code::InvalidArgument, ExitStatus::Usage),
        (Code::NotFound, ExitStatus::NotFound),
        (Code::Unauthenticated, ExitStatus::Denied),
        (Code::PermissionDenied, ExitStatus::Denied),
        (Code::Unavailable, ExitStatus::Unreachable),
        (Code::FailedPrecondition, ExitStatus::Refused),
        (Code::AlreadyExists, ExitStatus::Refused),
        (Code::DeadlineExceeded, ExitStatus::Timeout),
    ] {
        assert_eq!(refused(code).await, status, "{code:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    for args in [
        "cluster status",
        "rebalance start --evacuation n1",
        "rebalance watch",
        "clients list",
        "listeners list",
        "listeners show devices",
        "listeners remove devices --node n1 --yes",
        "listeners enable devices --node n1",
    ] {
        let ran = World::at(vec![dead_endpoint(), dead_endpoint()])
            .run(args)
            .await;
        assert_eq!(ran.status, ExitStatus::Unreachable, "{args}");
    }
    let ran = World::at(vec![dead_endpoint(), dead_endpoint()])
        .run("cluster status")
        .await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn a_node_that_is_too_old_is_a_failure() {
    let node = FakeNode::start_with(|script| {
        script.refuse.insert("status", Status::unimplemented(""));
    });
    let ran = World::of(&node).run("cluster status").await;
    assert_eq!(ran.status, ExitStatus::Failed);
    assert!(ran.stderr.contains("older version"), "{}", ran.stderr);
}

#[tokio::test]
async fn bad_command_lines_are_usage() {
    for args in [
        "",
        "statsu",
        "cluster status --frobnicate",
        "cluster status -o xml",
        "cluster status --timeout soon",
        "--server http://n1 cluster status",
        "rebalance start",
        "rebalance start --evacuation n1 --wait --detach",
        "rebalance stop op-1 --node n1",
        "clients list --connected --disconnected",
        "clients list --limit 0",
        "clients kick",
        "listeners",
        "listeners add",
        "listeners add lan --type tcp",
        "listeners add lan --bind 127.0.0.1:1883",
        "listeners set devices --proxy-protocol --no-proxy-protocol",
        "listeners remove",
    ] {
        let ran = World::at(vec![]).run(args).await;
        assert_eq!(ran.status, ExitStatus::Usage, "{args}: {}", ran.stdout);
        assert_eq!(ran.stdout, "", "{args}");
    }
    let ran = World::at(vec![]).run("statsu").await;
    assert!(ran.stderr.contains("'status'"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_bad_variable_is_usage() {
    let ran = World::at(vec![])
        .with("EMQXCTL_SERVER", "n1:port")
        .run("cluster status")
        .await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn the_table_is_printed() {
    let ran = World::at(vec![]).run("exit-codes").await;
    assert_eq!(ran.stdout, crate::exit::describe());
    let help = World::at(vec![]).run("help exit-codes").await;
    assert!(help.stdout.contains("130  detached"), "{}", help.stdout);
    assert_eq!(help.status, ExitStatus::Ok);
}

#[tokio::test]
async fn version_needs_no_cluster() {
    let ran = World::at(vec![]).run("version -o json").await;
    assert_eq!(ran.json()["version"], env!("CARGO_PKG_VERSION"));
    let ran = World::at(vec![]).run("--version").await;
    assert_eq!(
        ran.stdout,
        format!("emqxctl {}\n", env!("CARGO_PKG_VERSION"))
    );
}
