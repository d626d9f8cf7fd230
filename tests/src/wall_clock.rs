//! The clock on the wall of one node, which a test can set while the node runs.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use emqxctl::demo::cluster::NodeOptions;

/// What moves the clock, in C.
const SOURCE: &str = include_str!("wall_clock/offset.c");

/// Of one node. It begins as that of the system.
pub struct WallClock {
    file: PathBuf,
}

impl WallClock {
    /// Has a node that is to be started look at a clock of its own. Needs a C compiler.
    ///
    /// # Errors
    /// With the reason when there is none, or it fails.
    pub fn hang_up(options: &mut NodeOptions) -> Result<Self, String> {
        let beside = |extension: &str| options.data_dir.with_extension(extension);
        let (file, source) = (beside("clock"), beside("clock.c"));
        let (library, script) = (beside("clock.so"), beside("sh"));
        let text = |path: &PathBuf| path.display().to_string();
        let failed = |error: std::io::Error| error.to_string();
        fs::write(&file, 0_i64.to_ne_bytes()).map_err(failed)?;
        fs::write(&source, SOURCE).map_err(failed)?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .output()
            .map_err(|error| format!("no C compiler: {error}"))?;
        if !compiled.status.success() {
            return Err(String::from_utf8_lossy(&compiled.stderr).into_owned());
        }
        let run = format!(
            "#!/bin/sh\nEMQX_TESTS_CLOCK='{}' LD_PRELOAD='{}' exec '{}' \"$@\"\n",
            text(&file),
            text(&library),
            text(&options.program)
        );
        fs::write(&script, run).map_err(failed)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        options.program = script;
        Ok(Self { file })
    }

    /// Sets it so many seconds before that of the system, or behind it when they are negative.
    pub fn set(&self, seconds: i64) {
        let file = File::options().write(true).open(&self.file);
        // In place, because the node looks at this very file.
        let written = file.and_then(|file| file.write_all_at(&seconds.to_ne_bytes(), 0));
        written.expect("the clock of a node");
    }
}
