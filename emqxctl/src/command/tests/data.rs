//! `data export | import`

use super::World;
use crate::admin::fake::{FakeNode, refusal};
use crate::exit::ExitStatus;
use tonic::Code;

#[tokio::test]
async fn an_export_can_be_imported() {
    let node = FakeNode::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.jsonl");
    let file = file.to_str().unwrap();
    let ran = World::of(&node).run(&format!("data export {file}")).await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert_eq!(ran.stderr, "1 setting and 2 retained messages exported\n");
    let on_stdout = World::of(&node)
        .run("data export --retained lamp/# -")
        .await;
    assert_eq!(on_stdout.stdout, std::fs::read_to_string(file).unwrap());
    assert!(node.script().requests[2].contains("topic_filter: \"lamp/#\""));

    let ran = World::of(&node)
        .run(&format!("data import --dry-run {file}"))
        .await;
    insta::assert_snapshot!("a_dry_run", ran.transcript());
    let ran = World::of(&node).run(&format!("data import {file}")).await;
    insta::assert_snapshot!("an_import", ran.transcript());
    let ran = World::of(&node)
        .run(&format!("data import {file} -o json"))
        .await;
    assert_eq!(ran.json()["kind"], "import_report");
    assert_eq!(ran.json()["retained_new"], 2);
}

#[tokio::test]
async fn a_file_that_is_there_is_not_overwritten_and_half_a_file_is_not_left() {
    let node = FakeNode::start_with(|script| {
        let no = refusal(Code::Internal, "cannot do that", "failed", "");
        script.refuse.insert("export_data", no);
    });
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.jsonl");
    let line = format!("data export {}", file.display());
    let ran = World::of(&node).run(&line).await;
    assert_eq!(ran.status, ExitStatus::Failed);
    assert!(!file.exists());
    std::fs::write(&file, "mine").unwrap();
    let ran = World::of(&node).run(&line).await;
    assert_eq!(ran.status, ExitStatus::Failed);
    assert!(
        ran.stderr.contains("a file that is not there yet"),
        "{}",
        ran.stderr
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[tokio::test]
async fn a_damaged_file_is_refused_before_anything_is_sent() {
    let node = FakeNode::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.jsonl");
    let copy = World::of(&node).run("data export -").await.stdout;
    std::fs::write(&file, copy.replace("lamp/2", "lamp/3")).unwrap();
    node.script().requests.clear();
    let ran = World::of(&node)
        .run(&format!("data import {}", file.display()))
        .await;
    assert_eq!(ran.status, ExitStatus::Failed);
    assert!(
        ran.stderr
            .contains("line 5: numbers and checksum are not those")
            && ran.stderr.contains("nothing was changed"),
        "{}",
        ran.stderr
    );
    assert!(node.script().requests.is_empty());
}

#[tokio::test]
async fn what_a_node_does_not_take_is_said() {
    let node = FakeNode::start_with(|script| {
        let why = "n3: the retained message of 'lamp/1' has 2 bytes of payload";
        let no = refusal(Code::FailedPrecondition, why, "not_importable", "");
        script.refuse.insert("import_data", no);
    });
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.jsonl");
    let file = file.display();
    World::of(&node).run(&format!("data export {file}")).await;
    let ran = World::of(&node).run(&format!("data import {file}")).await;
    assert_eq!(ran.status, ExitStatus::Refused);
    assert!(
        ran.stderr.contains("n3: the retained message of 'lamp/1'"),
        "{}",
        ran.stderr
    );
}
