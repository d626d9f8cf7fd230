//! The mosquitto project's tests of its broker as an outside judge: those that need nothing but a server run against
//! `emqxd`, and where it is installed against mosquitto itself. What is run, what is not, and what emqxd answers
//! otherwise for good reasons is in `tests/mosquitto/list.toml`; how replies are compared in
//! `tests/mosquitto/packets.py`.
//!
//! Nothing of the suite is part of this project: the source package is fetched from the Debian archive once and kept
//! below the target folder.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use emqx_tests::{foreign, programs};

/// fetch.py ends with this when the suite cannot be had.
const CANNOT_BE_HAD: i32 = 75;
/// Most of the tests wait; four for each of two cores keep these busy.
const JOBS: &str = "8";

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("mosquitto")
        .join(name)
}

fn python(arguments: impl FnOnce(&mut Command)) -> std::io::Result<Output> {
    let mut command = Command::new(foreign::python());
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    arguments(&mut command);
    command.output()
}

/// The folder of the tests; fetched when it is not there.
fn suite() -> Result<String, String> {
    let folder = foreign::folder("mosquitto-suite");
    let fetched = python(|command| {
        command.arg(script("fetch.py")).arg(folder);
    })
    .map_err(|error| format!("{}: {error}", foreign::python()))?;
    let said = String::from_utf8_lossy(&fetched.stdout).trim().to_owned();
    match fetched.status.code() {
        Some(0) => Ok(said),
        Some(CANNOT_BE_HAD) => Err(said),
        _ => panic!("fetch.py ended with {}: {said}", fetched.status),
    }
}

#[test]
fn the_rules_of_comparison_let_nothing_else_pass() {
    let checked = python(|command| {
        command.arg("-B").arg(script("packets_test.py"));
    })
    .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn the_tests_of_mosquitto_pass_but_for_known_deviations() {
    let suite = match suite() {
        Ok(suite) => suite,
        Err(reason) => {
            return foreign::skip(&format!("the source package of mosquitto ({reason})"));
        }
    };
    let mosquitto = Path::new("/usr/sbin/mosquitto");
    let judged = python(|command| {
        command
            .arg(script("run.py"))
            .args(["--suite", &suite, "--jobs", JOBS])
            .arg("--emqxd")
            .arg(programs::emqxd());
        if mosquitto.exists() {
            command.arg("--mosquitto").arg(mosquitto);
        }
    })
    .unwrap();
    foreign::show(&String::from_utf8_lossy(&judged.stdout));
    assert!(
        judged.status.success(),
        "the lines that begin with PROBLEM say what is not as list.toml has it"
    );
}
