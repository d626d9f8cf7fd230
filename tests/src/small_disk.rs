//! A disk of its own for the data of one node, so small that a test can fill it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Written at once.
const BLOCK: [u8; 4_096] = [0; 4_096];

/// In memory, at a folder. What is in it is gone when this is dropped.
pub struct SmallDisk {
    dir: PathBuf,
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Also while it is in use: it ends with its last user.
        let _ = Command::new("umount").arg("--lazy").arg(&self.dir).status();
    }
}

impl SmallDisk {
    /// Puts a disk of so many MiB there. Only root may.
    ///
    /// # Errors
    /// With the reason, when it is not allowed.
    pub fn mount(dir: &Path, mebibytes: u32) -> Result<Self, String> {
        fs::create_dir_all(dir).map_err(|error| error.to_string())?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(dir)
            .output()
            .map_err(|error| error.to_string())?;
        if mounted.status.success() {
            Ok(Self {
                dir: dir.to_owned(),
            })
        } else {
            Err(String::from_utf8_lossy(&mounted.stderr).into_owned())
        }
    }

    fn filler(&self) -> PathBuf {
        self.dir.join("filler")
    }

    /// Fills it to the last block.
    pub fn fill(&self) {
        let mut file = File::create(self.filler()).expect("a file on the disk");
        loop {
            match file.write_all(&BLOCK) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Gives the room back.
    pub fn free(&self) {
        fs::remove_file(self.filler()).expect("the filler");
    }
}
