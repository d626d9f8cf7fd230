//! The data directory: one process, one node, one cluster.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// Version of what is stored; a newer one is refused.
const FORMAT: u32 = 1;

/// Whose directory it is.
#[derive(Debug, Serialize, Deserialize)]
struct Identity {
    format: u32,
    node_name: String,
    cluster_name: String,
    incarnation: u64,
}

/// A data directory that this process holds.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    incarnation: u64,
    /// Unlocked when the process ends, however it ends.
    _lock: File,
}

impl DataDir {
    /// Creates it where needed and takes it.
    ///
    /// # Errors
    /// When another process holds it, it cannot be written, or it belongs to another node or cluster.
    pub fn open(path: &Path, node_name: &str, cluster_name: &str) -> anyhow::Result<Self> {
        let shown = path.display();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("data directory '{shown}' cannot be created"))?;
        let lock = lock(path)?;
        let incarnation = identify(path, node_name, cluster_name)?;
        Ok(Self { path: path.to_owned(), incarnation, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Unix milliseconds at this start, and greater than at every earlier one.
    pub const fn incarnation(&self) -> u64 {
        self.incarnation
    }
}

fn lock(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path.join("lock"))
        .with_context(|| format!("data directory '{shown}' cannot be written"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            bail!(
                "data directory '{shown}' is in use by another process (pid {}): \
                 stop that process, or give this node a --data-dir of its own",
                pid.trim()
            );
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("data directory '{shown}' cannot be locked"));
        }
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

fn identify(path: &Path, node_name: &str, cluster_name: &str) -> anyhow::Result<u64> {
    let shown = path.display();
    let file = path.join("node.json");
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut incarnation = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
    if file.exists() {
        let text = fs::read_to_string(&file)
            .with_context(|| format!("'{}' cannot be read", file.display()))?;
        let known: Identity = serde_json::from_str(&text)
            .with_context(|| format!("'{}' is damaged", file.display()))?;
        if known.format > FORMAT {
            bail!("data directory '{shown}' was written by a newer emqxd (format {})", known.format);
        }
        if known.node_name != node_name || known.cluster_name != cluster_name {
            bail!(
                "data directory '{shown}' belongs to node '{}' of cluster '{}', not to '{node_name}' of \
                 '{cluster_name}': use another --data-dir or that --node-name",
                known.node_name,
                known.cluster_name
            );
        }
        incarnation = incarnation.max(known.incarnation + 1);
    }
    let identity = Identity {
        format: FORMAT,
        node_name: node_name.to_owned(),
        cluster_name: cluster_name.to_owned(),
        incarnation,
    };
    let temporary = path.join("node.json.new");
    fs::write(&temporary, serde_json::to_vec_pretty(&identity)?)
        .and_then(|()| fs::rename(&temporary, &file))
        .with_context(|| format!("data directory '{shown}' cannot be written"))?;
    Ok(incarnation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_one_node_one_cluster() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("n1");
        let first = DataDir::open(&path, "n1", "c").expect("opens");
        let held = DataDir::open(&path, "n1", "c").expect_err("held").to_string();
        assert!(held.contains("in use by another process"), "{held}");
        let incarnation = first.incarnation();
        drop(first);
        let other = DataDir::open(&path, "n2", "c").expect_err("another node's").to_string();
        assert!(other.contains("belongs to node 'n1'"), "{other}");
        let again = DataDir::open(&path, "n1", "c").expect("opens again");
        assert!(again.incarnation() > incarnation);
    }
}
