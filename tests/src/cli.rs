//! Runs `emqxctl` as an operator would.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::programs;

/// A command gets that long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code; -1 after a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Fails the test unless the exit code is `code` and each of the words stands on standard error.
    #[track_caller]
    pub fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing: {self:#?}");
        }
    }
}

/// Runs `emqxctl` with these arguments, at no terminal.
pub async fn emqxctl(args: &[&str]) -> Outcome {
    let output = Command::new(programs::emqxctl())
        .args(args)
        .env_remove("EMQXCTL_SERVER")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(TIMEOUT, output)
        .await
        .unwrap_or_else(|_| panic!("emqxctl {args:?} did not end within {TIMEOUT:?}"))
        .expect("emqxctl runs");
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
