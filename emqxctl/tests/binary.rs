//! The program as a process: what only a process shows.

use std::io::pipe;
use std::net::TcpListener;
use std::process::{Command, Stdio};

fn emqxctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emqxctl"));
    command.stdin(Stdio::null()).env_remove("EMQXCTL_SERVER");
    command
}

#[test]
fn the_exit_code_leaves_the_process() {
    let output = emqxctl().arg("version").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"emqxctl "));
    let output = emqxctl().arg("frobnicate").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().to_string();
    drop(listener);
    let output = emqxctl()
        .args(["cluster", "status"])
        .env("EMQXCTL_SERVER", closed)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for args in [vec!["completion", "bash"], vec!["--help"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = emqxctl()
            .args(&args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        // Only Linux has it.
        return;
    };
    let output = emqxctl()
        .args(["completion", "bash"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.starts_with("error: cannot write the output"), "{text}");
}
