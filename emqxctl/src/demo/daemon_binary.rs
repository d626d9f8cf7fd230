//! Finds the daemon's program, and builds it when that is what one command from a fresh clone needs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use tokio::process::Command;

/// File name of the program.
const NAME: &str = if cfg!(windows) { "emqxd.exe" } else { "emqxd" };

/// The program to start: `given`, or the one beside this program. Under `cargo run` that one is built
/// first, in this program's own profile. `note` is told when that happens.
pub async fn find(
    given: Option<&Path>,
    note: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<PathBuf> {
    if let Some(path) = given {
        ensure!(
            path.is_file(),
            "--emqxd {}: there is no such file; pass the path of the emqxd program",
            path.display()
        );
        // A name without a slash would be looked up in PATH.
        return Ok(std::path::absolute(path)?);
    }
    let own = env::current_exe().context("cannot tell where this program is")?;
    let beside = own.with_file_name(NAME);
    if let (Some(cargo), Some(manifest_dir)) =
        (env::var_os("CARGO"), env::var_os("CARGO_MANIFEST_DIR"))
        && let Some(workspace) = find_workspace(Path::new(&manifest_dir))
    {
        note("building emqxd");
        build(&cargo, &workspace, &own).await?;
    }
    ensure!(
        beside.is_file(),
        "there is no emqxd beside {}; pass its path with --emqxd",
        own.display()
    );
    Ok(beside)
}

/// The nearest folder upward whose workspace has the daemon.
fn find_workspace(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .find(|folder| {
            folder.join("Cargo.toml").is_file() && folder.join("emqxd/Cargo.toml").is_file()
        })
        .map(Path::to_owned)
}

async fn build(cargo: &OsString, workspace: &Path, own: &Path) -> anyhow::Result<()> {
    let profile_dir = own.parent().context("this program is in no folder")?;
    let target_dir = profile_dir
        .parent()
        .context("this program is in no target folder")?;
    let profile_name = profile_dir.file_name().unwrap_or_default();
    let status = Command::new(cargo)
        .current_dir(workspace)
        .args([
            "build",
            "--package",
            "emqxd",
            "--bin",
            "emqxd",
            "--target-dir",
        ])
        .arg(target_dir)
        .args(profile_args(&profile_name.to_string_lossy()))
        .kill_on_drop(true)
        .status()
        .await
        .with_context(|| format!("cannot run {}", Path::new(cargo).display()))?;
    if !status.success() {
        bail!("emqxd could not be built ({status})");
    }
    Ok(())
}

/// Cargo's arguments for the profile whose output is in a folder of that name.
fn profile_args(folder: &str) -> Vec<String> {
    match folder {
        "debug" => Vec::new(),
        "release" => vec!["--release".to_owned()],
        other => vec!["--profile".to_owned(), other.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_that_of_the_folder() {
        assert!(profile_args("debug").is_empty());
        assert_eq!(profile_args("release"), ["--release"]);
        assert_eq!(profile_args("bench-like"), ["--profile", "bench-like"]);
    }

    #[test]
    fn the_workspace_is_found_from_a_member() {
        let member = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = find_workspace(member).unwrap();
        assert_eq!(member.parent().unwrap(), workspace);
        assert_eq!(find_workspace(Path::new("/nowhere/at/all")), None);
    }

    #[tokio::test]
    async fn a_given_path_must_exist() {
        let error = find(Some(Path::new("/nowhere/emqxd")), &mut |_| {})
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("/nowhere/emqxd") && error.contains("--emqxd"),
            "{error}"
        );
    }
}
