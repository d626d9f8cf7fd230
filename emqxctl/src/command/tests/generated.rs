//! Generated files are those that are checked in. `UPDATE=1` writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::World;
use crate::command::generate::{completions, man_pages};
use crate::exit::ExitStatus;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn assert_fresh(name: &str, files: &BTreeMap<String, Vec<u8>>) {
    let folder = folder(name);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (file, content) in files {
            fs::write(folder.join(file), content).unwrap();
        }
    }
    let mut there: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let wanted: Vec<String> = files.keys().cloned().collect();
    let advice = "run the tests of emqxctl with UPDATE=1";
    assert_eq!(there, wanted, "{name}/ is out of date: {advice}");
    for (file, content) in files {
        let found = fs::read(folder.join(file)).unwrap();
        assert!(found == *content, "{name}/{file} is out of date: {advice}");
    }
}

#[test]
fn completions_are_fresh() {
    assert_fresh("completions", &completions());
}

#[test]
fn manual_pages_are_fresh() {
    assert_fresh("man", &man_pages().unwrap());
}

#[tokio::test]
async fn generate_writes_into_a_new_folder() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("deep/man");
    let line = ["emqxctl", "generate", "man", target.to_str().unwrap()];
    let ran = World::at(vec![]).run_line(&line).await;
    assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
    let page = fs::read(target.join("emqxctl-rebalance-start.1")).unwrap();
    assert_eq!(
        Some(&page),
        man_pages().unwrap().get("emqxctl-rebalance-start.1")
    );
}

#[tokio::test]
async fn generate_says_where_it_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let line = ["emqxctl", "generate", "completions", file.to_str().unwrap()];
    let ran = World::at(vec![]).run_line(&line).await;
    assert_eq!(ran.status, ExitStatus::Failed);
    assert!(
        ran.stderr.contains(file.to_str().unwrap()),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn completion_prints_the_same_script() {
    let ran = World::at(vec![]).run("completion bash").await;
    let files = completions();
    assert_eq!(ran.stdout.as_bytes(), files["emqxctl.bash"]);
}
