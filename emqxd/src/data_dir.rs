//! The node's directory: locked while it runs, and bound to its name.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::membership::NodeName;

/// Format of the directory that this version writes.
const FORMAT: u32 = 1;

const LOCK_FILE: &str = "emqxd.lock";
const NODE_FILE: &str = "node.json";

/// An incarnation is a millisecond and a random number below this.
const INCARNATIONS_PER_MS: u64 = 1_024;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made, read or written.
    #[error("cannot use the data directory {}: {what}: {error}", .dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: io::Error,
    },
    /// Another process uses it.
    #[error(
        "the data directory {} is in use by {}; stop that process, or give this node a directory of its own with \
         --data-dir",
        .dir.display(), holder(.pid)
    )]
    Locked {
        /// The directory.
        dir: PathBuf,
        /// Of the process, when it has told.
        pid: Option<u32>,
    },
    /// It belongs to another node.
    #[error(
        "the data directory {} belongs to node '{stored}' of cluster '{stored_cluster}', and this node is '{node}' of \
         cluster '{cluster}'; give the right --node-name and --cluster-name, or another --data-dir",
        .dir.display()
    )]
    OtherNode {
        /// The directory.
        dir: PathBuf,
        /// Whose it is.
        stored: String,
        /// That node's cluster.
        stored_cluster: String,
        /// Who asked.
        node: String,
        /// That node's cluster.
        cluster: String,
    },
    /// It was written by another version.
    #[error(
        "the data directory {} has format {found}, and this version of emqxd knows format {FORMAT} only; use the \
         version that wrote it",
        .dir.display()
    )]
    Format {
        /// The directory.
        dir: PathBuf,
        /// Its format.
        found: u32,
    },
    /// What is written in it makes no sense.
    #[error(
        "{} is damaged: {why}; put it back from a copy, or move the data directory away to begin a new one",
        .file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
}

fn holder(pid: &Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}

/// What `node.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NodeFile {
    format: u32,
    node_name: String,
    cluster_name: String,
    /// Of the latest start.
    incarnation: u64,
}

/// Read first: later formats need not have the other fields.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// The node's directory. It is locked until this is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    incarnation: u64,
    _lock: File,
}

impl DataDir {
    /// Makes the directory when it is not there (0700), locks it, and makes sure that it is this node's.
    ///
    /// # Errors
    /// When it cannot be used, and whom it belongs to. Nothing of it has changed then.
    pub fn open(path: &Path, node: &NodeName, cluster: &str) -> Result<Self, DataDirError> {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        Self::open_at(path, node, cluster, now, rand::random())
    }

    fn open_at(
        path: &Path,
        node: &NodeName,
        cluster: &str,
        now_unix_ms: u64,
        random: u64,
    ) -> Result<Self, DataDirError> {
        let failed = |what| {
            move |error| DataDirError::Io {
                dir: path.to_owned(),
                what,
                error,
            }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed("it cannot be made"))?;
        let lock = lock(path)?;
        let file = path.join(NODE_FILE);
        let stored = read(path, &file)?;
        if let Some(stored) = &stored
            && (stored.node_name != node.as_str() || stored.cluster_name != cluster)
        {
            return Err(DataDirError::OtherNode {
                dir: path.to_owned(),
                stored: stored.node_name.clone(),
                stored_cluster: stored.cluster_name.clone(),
                node: node.to_string(),
                cluster: cluster.to_owned(),
            });
        }
        let last = stored.map_or(0, |stored| stored.incarnation);
        let incarnation =
            (now_unix_ms * INCARNATIONS_PER_MS + random % INCARNATIONS_PER_MS).max(last + 1);
        let stored = NodeFile {
            format: FORMAT,
            node_name: node.to_string(),
            cluster_name: cluster.to_owned(),
            incarnation,
        };
        write_json(&file, &stored).map_err(failed("node.json cannot be written"))?;
        Ok(Self {
            path: path.to_owned(),
            incarnation,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names this start of the node: greater than that of every earlier start with this directory, also when the
    /// wall clock was set back. It is the time in milliseconds since the Unix epoch times 1,024 plus a random
    /// number below that, so that nodes started within one millisecond have different ones too; below 2^53, so
    /// that it is exact in every JSON reader.
    pub const fn incarnation(&self) -> u64 {
        self.incarnation
    }
}

/// Takes the lock and leaves the own process id in it, for whoever comes next.
fn lock(dir: &Path) -> Result<File, DataDirError> {
    let failed = |what| {
        move |error| DataDirError::Io {
            dir: dir.to_owned(),
            what,
            error,
        }
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(dir.join(LOCK_FILE))
        .map_err(failed("emqxd.lock cannot be opened for writing"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let pid = file
                .read_to_string(&mut text)
                .ok()
                .and_then(|_| text.trim().parse().ok());
            return Err(DataDirError::Locked {
                dir: dir.to_owned(),
                pid,
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed("it cannot be locked")(error)),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(failed("emqxd.lock cannot be written"))?;
    Ok(file)
}

fn read(dir: &Path, file: &Path) -> Result<Option<NodeFile>, DataDirError> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(DataDirError::Io {
                dir: dir.to_owned(),
                what: "node.json cannot be read",
                error,
            });
        }
    };
    let damaged = |error: serde_json::Error| DataDirError::Damaged {
        file: file.to_owned(),
        why: error.to_string(),
    };
    let Format { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if format != FORMAT {
        return Err(DataDirError::Format {
            dir: dir.to_owned(),
            found: format,
        });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// Writes a file so that a reader, and a start after a crash, find either the old content or the new.
///
/// # Errors
/// When it cannot be written; the old content is still there.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    let temporary = path.with_extension("json.tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        // The rename itself lives in the directory.
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn name(text: &str) -> NodeName {
        NodeName::new(text).unwrap()
    }

    #[test]
    fn a_new_directory_is_private_and_knows_its_node() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let dir = DataDir::open(&path, &name("n1"), "emqxd").unwrap();
        assert_eq!(dir.path(), path);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let stored: serde_json::Value =
            serde_json::from_slice(&fs::read(path.join(NODE_FILE)).unwrap()).unwrap();
        assert_eq!(stored["node_name"], "n1");
        assert_eq!(stored["cluster_name"], "emqxd");
        assert_eq!(stored["format"], 1);
        assert_eq!(stored["incarnation"], dir.incarnation());
        assert!(dir.incarnation() < 1 << 53);
    }

    #[test]
    fn one_process_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let held = DataDir::open(parent.path(), &name("n1"), "emqxd").unwrap();
        let error = DataDir::open(parent.path(), &name("n1"), "emqxd")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        assert!(
            error.contains(&parent.path().display().to_string()),
            "{error}"
        );
        drop(held);
        DataDir::open(parent.path(), &name("n1"), "emqxd").unwrap();
    }

    #[test]
    fn another_node_or_cluster_is_refused_and_changes_nothing() {
        let parent = tempfile::tempdir().unwrap();
        drop(DataDir::open(parent.path(), &name("n1"), "emqxd").unwrap());
        let before = fs::read(parent.path().join(NODE_FILE)).unwrap();
        for (node, cluster) in [("n2", "emqxd"), ("n1", "other")] {
            let error = DataDir::open(parent.path(), &name(node), cluster).unwrap_err();
            assert!(matches!(error, DataDirError::OtherNode { .. }), "{error}");
            let text = error.to_string();
            assert!(
                text.contains("'n1'") && text.contains(&format!("'{cluster}'")),
                "{text}"
            );
        }
        assert_eq!(fs::read(parent.path().join(NODE_FILE)).unwrap(), before);
    }

    #[test]
    fn each_start_has_a_greater_incarnation_even_when_the_clock_goes_back() {
        let parent = tempfile::tempdir().unwrap();
        let open = |now, random| {
            DataDir::open_at(parent.path(), &name("n1"), "emqxd", now, random)
                .unwrap()
                .incarnation()
        };
        let first = open(5_000, 7);
        assert_eq!(first, 5_000 * 1_024 + 7);
        assert_eq!(open(5_000, 3), first + 1);
        assert_eq!(open(10, 3), first + 2);
        assert_eq!(open(5_001, 1_024), 5_001 * 1_024);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join(NODE_FILE);
        for (text, part) in [
            ("{\"format\": 2, \"nodes\": []}", "format 2"),
            ("{\"format\": 1}", "is damaged"),
            ("", "is damaged"),
        ] {
            fs::write(&file, text).unwrap();
            let error = DataDir::open(parent.path(), &name("n1"), "emqxd")
                .unwrap_err()
                .to_string();
            assert!(error.contains(part), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[test]
    fn a_path_that_is_no_directory_is_told() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("file");
        fs::write(&path, "").unwrap();
        let error = DataDir::open(&path, &name("n1"), "emqxd")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&path.display().to_string()) && error.contains("cannot be made"),
            "{error}"
        );
    }
}
