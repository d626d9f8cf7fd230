//! Client programs that are not ours. A test says so when one is not installed; with
//! `EMQX_TESTS_REQUIRE_FOREIGN=1`, as in continuous integration, that is a failure.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

use crate::programs;

/// A program gets that long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The Python to use: `EMQX_TESTS_PYTHON`, or `python3`.
pub fn python() -> String {
    env::var("EMQX_TESTS_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// A folder for what is fetched from others, below the target folder, so that it is kept and never committed.
pub fn folder(name: &str) -> PathBuf {
    programs::emqxd()
        .ancestors()
        .nth(2)
        .expect("TARGET/PROFILE/emqxd")
        .join("foreign")
        .join(name)
}

/// Whether a program runs with these arguments.
pub async fn is_there(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
    status.is_ok_and(|status| status.success())
}

/// Whether mosquitto_pub and mosquitto_sub are there.
pub async fn has_mosquitto() -> bool {
    // They know no --version; --help ends with 1 but runs.
    for program in ["mosquitto_pub", "mosquitto_sub"] {
        let runs = Command::new(program)
            .arg("--help")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await;
        if runs.is_err() {
            return false;
        }
    }
    true
}

/// Shows something that everybody should see. The test harness keeps back only what goes through its own macros.
pub fn show(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Says where everybody sees it that something was not tested.
pub fn skip(what: &str) {
    let is_required = env::var("EMQX_TESTS_REQUIRE_FOREIGN").is_ok_and(|value| value == "1");
    assert!(!is_required, "{what} is not installed");
    show(&format!("SKIPPED: {what} is not installed"));
}

/// A program with its arguments, ready to run, which ends with the test.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a program to its end, which must be a success, and returns its standard output.
pub async fn run(program: &str, args: &[&str]) -> String {
    finish(program, command(program, args).output()).await
}

/// Waits for the end of a program, which must be a success, and returns its standard output.
pub async fn finish(
    program: &str,
    output: impl Future<Output = std::io::Result<Output>>,
) -> String {
    let output = tokio::time::timeout(TIMEOUT, output)
        .await
        .unwrap_or_else(|_| panic!("{program} did not end within {TIMEOUT:?}"))
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}
