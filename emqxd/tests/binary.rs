//! The program as a process: what only a process shows. (That this test exists also makes `cargo test` build the
//! program, which the end-to-end tests start.)
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Stdio};

fn emqxd(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_emqxd"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn the_version_is_data() {
    let (code, stdout, stderr) = emqxd(&["--version"]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, format!("emqxd {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(stderr, "");
}

#[test]
fn the_example_configuration_is_valid() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/emqxd.example.toml");
    let (code, stdout, stderr) = emqxd(&["--config", example, "--check-config"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
}

#[test]
fn a_wrong_value_in_a_file_is_named_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("emqxd.toml");
    std::fs::write(&file, "mqtt = \"somewhere\"\n").unwrap();
    let file = file.to_str().unwrap();
    let (code, stdout, stderr) = emqxd(&["--config", file, "--check-config"]);
    assert_ne!(code, Some(0));
    assert_eq!(stdout, "");
    for word in [file, "mqtt", "somewhere"] {
        assert!(stderr.contains(word), "{word} is missing: {stderr}");
    }
}
