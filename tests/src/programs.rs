//! Finds the programs under test beside the test's own executable.

use std::env;
use std::path::PathBuf;

/// The `emqxd` program.
pub fn emqxd() -> PathBuf {
    find("emqxd")
}

/// The `emqxctl` program.
pub fn emqxctl() -> PathBuf {
    find("emqxctl")
}

/// A test runs from `TARGET/PROFILE/deps`; the programs are in `TARGET/PROFILE`.
fn find(name: &str) -> PathBuf {
    let own = env::current_exe().expect("the test's own path");
    let profile = own
        .ancestors()
        .find(|folder| folder.file_name().is_some_and(|name| name == "deps"))
        .and_then(|deps| deps.parent())
        .or_else(|| own.parent())
        .expect("the test runs from a target folder");
    let program = profile.join(name);
    assert!(
        program.is_file(),
        "{} is not there: build with `cargo build --workspace` first",
        program.display()
    );
    program
}
