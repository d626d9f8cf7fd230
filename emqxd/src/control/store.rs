//! The group's part of the data directory: identity, vote, log and snapshot in one embedded store.
//!
//! What is written is on disk when a method returns, except where it says otherwise. All methods block.

use std::fs;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::path::{Path, PathBuf};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::types::{Entry, LogId, SnapshotMeta, Vote};
use crate::data_dir::write_json;

/// Format of the directory that this version writes.
const FORMAT: u32 = 1;

const FORMAT_FILE: &str = "format.json";
const STORE_FOLDER: &str = "store";

/// State, log and snapshot are small, and read only at start and by members that lag behind.
const CACHE_BYTES: u64 = 1 << 20;
/// What of the log is held in memory before it becomes a table on disk.
const MEMTABLE_BYTES: u64 = 4 << 20;

const IDENTITY: &[u8] = b"identity";
const VOTE: &[u8] = b"vote";
const COMMITTED: &[u8] = b"committed";
const PURGED: &[u8] = b"purged";
const SNAPSHOT: &[u8] = b"snapshot";
/// Followed by the index, big-endian. No other key begins like that.
const LOG: &[u8] = b"log:";

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It was written by a newer version.
    #[error(
        "the control state in {} has format {found}, and this version of emqxd knows formats up to {FORMAT}; use the \
         version that wrote it",
        .dir.display()
    )]
    Newer {
        /// The directory.
        dir: PathBuf,
        /// Its format.
        found: u32,
    },
    /// What is written in it makes no sense.
    #[error(
        "the control state in {} is damaged: {why}; put it back from a copy, or move it away so that this node joins \
         its cluster as a new one",
        .dir.display()
    )]
    Damaged {
        /// The directory.
        dir: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It cannot be read or written.
    #[error("the control state in {} cannot be used: {why}", .dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// Why it failed.
        why: String,
    },
}

/// The embedded store.
#[derive(Clone)]
pub struct Store {
    database: Database,
    keyspace: Keyspace,
    dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Format {
    format: u32,
}

/// A snapshot as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredSnapshot {
    pub(crate) meta: SnapshotMeta,
    /// JSON of the state.
    pub(crate) state: String,
}

impl Store {
    /// Opens the store in `dir`, makes one when there is none.
    ///
    /// # Errors
    /// When it is of a newer format, damaged, or cannot be read and written. Nothing of it has changed then.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let io = |error: io::Error| StoreError::Io {
            dir: dir.to_owned(),
            why: error.to_string(),
        };
        let file = dir.join(FORMAT_FILE);
        match fs::read(&file) {
            Ok(bytes) => check_format(dir, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(dir).map_err(io)?;
                write_json(&file, &Format { format: FORMAT }).map_err(io)?;
            }
            Err(error) => return Err(io(error)),
        }
        let failed = |error| opening_failed(dir, &error);
        let database = Database::builder(dir.join(STORE_FOLDER))
            .cache_size(CACHE_BYTES)
            .worker_threads(1)
            .max_journaling_size(64 << 20)
            .open()
            .map_err(failed)?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
        let keyspace = database.keyspace("control", options).map_err(failed)?;
        Ok(Self {
            database,
            keyspace,
            dir: dir.to_owned(),
        })
    }

    /// Who this node is; `None` before it was somebody.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.get(IDENTITY)
    }

    pub(crate) fn set_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.put(&mut writes, IDENTITY, identity)?;
        self.commit(writes)
    }

    pub(crate) fn vote(&self) -> Result<Option<Vote>, StoreError> {
        self.get(VOTE)
    }

    pub(crate) fn set_vote(&self, vote: &Vote) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.put(&mut writes, VOTE, vote)?;
        self.commit(writes)
    }

    pub(crate) fn committed(&self) -> Result<Option<LogId>, StoreError> {
        Ok(self.get::<Option<LogId>>(COMMITTED)?.flatten())
    }

    /// Left to the system to write: a lower number than the true one only means that a leader has to tell it again.
    pub(crate) fn set_committed(&self, committed: Option<LogId>) -> Result<(), StoreError> {
        let bytes = self.encode(&committed)?;
        self.keyspace
            .insert(COMMITTED, bytes)
            .map_err(|error| self.failed(&error))
    }

    pub(crate) fn purged(&self) -> Result<Option<LogId>, StoreError> {
        self.get(PURGED)
    }

    pub(crate) fn snapshot(&self) -> Result<Option<StoredSnapshot>, StoreError> {
        self.get(SNAPSHOT)
    }

    pub(crate) fn set_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.put(&mut writes, SNAPSHOT, snapshot)?;
        self.commit(writes)
    }

    /// Entries with an index in `range`, in order.
    pub(crate) fn entries(&self, range: impl RangeBounds<u64>) -> Result<Vec<Entry>, StoreError> {
        let lower = match range.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let upper = match range.end_bound() {
            Bound::Included(last) => Bound::Included(log_key(*last)),
            Bound::Excluded(end) if *end <= lower => return Ok(Vec::new()),
            Bound::Excluded(end) => Bound::Excluded(log_key(*end)),
            Bound::Unbounded => Bound::Included(log_key(u64::MAX)),
        };
        self.keyspace
            .range((Bound::Included(log_key(lower)), upper))
            .map(|item| {
                let value = item.value().map_err(|error| self.failed(&error))?;
                self.decode(&value)
            })
            .collect()
    }

    pub(crate) fn last_log_id(&self) -> Result<Option<LogId>, StoreError> {
        let last = self.keyspace.prefix(LOG).next_back();
        let Some(item) = last else {
            return self.purged();
        };
        let value = item.value().map_err(|error| self.failed(&error))?;
        let entry: Entry = self.decode(&value)?;
        Ok(Some(entry.log_id))
    }

    pub(crate) fn append(&self, entries: &[Entry]) -> Result<(), StoreError> {
        let mut writes = self.writes();
        for entry in entries {
            self.put(&mut writes, &log_key(entry.log_id.index), entry)?;
        }
        self.commit(writes)
    }

    /// Removes the entries from `index` on.
    pub(crate) fn truncate(&self, index: u64) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.remove(&mut writes, log_key(index)..=log_key(u64::MAX))?;
        self.commit(writes)
    }

    /// Removes the entries up to and including that one.
    pub(crate) fn purge(&self, upto: &LogId) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.put(&mut writes, PURGED, upto)?;
        self.remove(&mut writes, log_key(0)..=log_key(upto.index))?;
        self.commit(writes)
    }

    /// Forgets everything, and becomes that somebody; at once or not at all.
    pub(crate) fn start_afresh(&self, identity: &Identity) -> Result<(), StoreError> {
        let mut writes = self.writes();
        for key in [VOTE, COMMITTED, PURGED, SNAPSHOT] {
            writes.remove(&self.keyspace, key);
        }
        self.remove(&mut writes, log_key(0)..=log_key(u64::MAX))?;
        self.put(&mut writes, IDENTITY, identity)?;
        self.commit(writes)
    }

    /// Puts a snapshot in the place of the whole log, and becomes that somebody; at once or not at all.
    pub(crate) fn restart_from(
        &self,
        identity: &Identity,
        vote: &Vote,
        snapshot: &StoredSnapshot,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes();
        self.remove(&mut writes, log_key(0)..=log_key(u64::MAX))?;
        self.put(&mut writes, IDENTITY, identity)?;
        self.put(&mut writes, VOTE, vote)?;
        self.put(&mut writes, SNAPSHOT, snapshot)?;
        self.put(&mut writes, COMMITTED, &snapshot.meta.last_log_id)?;
        match &snapshot.meta.last_log_id {
            Some(last) => self.put(&mut writes, PURGED, last)?,
            None => writes.remove(&self.keyspace, PURGED),
        }
        self.commit(writes)
    }

    fn writes(&self) -> OwnedWriteBatch {
        self.database.batch().durability(Some(PersistMode::SyncAll))
    }

    fn commit(&self, writes: OwnedWriteBatch) -> Result<(), StoreError> {
        writes.commit().map_err(|error| self.failed(&error))
    }

    fn put(
        &self,
        writes: &mut OwnedWriteBatch,
        key: &[u8],
        value: &impl Serialize,
    ) -> Result<(), StoreError> {
        writes.insert(&self.keyspace, key, self.encode(value)?);
        Ok(())
    }

    fn remove(
        &self,
        writes: &mut OwnedWriteBatch,
        range: impl RangeBounds<Vec<u8>>,
    ) -> Result<(), StoreError> {
        for item in self.keyspace.range(range) {
            let key = item.key().map_err(|error| self.failed(&error))?;
            writes.remove(&self.keyspace, key);
        }
        Ok(())
    }

    fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        match self.keyspace.get(key) {
            Ok(Some(bytes)) => self.decode(&bytes).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn encode(&self, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(value).map_err(|error| StoreError::Io {
            dir: self.dir.clone(),
            why: error.to_string(),
        })
    }

    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T, StoreError> {
        serde_json::from_slice(bytes).map_err(|error| self.damaged(error.to_string()))
    }

    /// What is written in it makes no sense.
    pub(crate) fn damaged(&self, why: String) -> StoreError {
        StoreError::Damaged {
            dir: self.dir.clone(),
            why,
        }
    }

    fn failed(&self, error: &fjall::Error) -> StoreError {
        StoreError::Io {
            dir: self.dir.clone(),
            why: describe(error),
        }
    }
}

fn log_key(index: u64) -> Vec<u8> {
    [LOG, &index.to_be_bytes()].concat()
}

fn check_format(dir: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let Format { format } = serde_json::from_slice(bytes).map_err(|error| StoreError::Damaged {
        dir: dir.to_owned(),
        why: format!("{FORMAT_FILE}: {error}"),
    })?;
    if format > FORMAT {
        return Err(StoreError::Newer {
            dir: dir.to_owned(),
            found: format,
        });
    }
    Ok(())
}

fn opening_failed(dir: &Path, error: &fjall::Error) -> StoreError {
    let dir = dir.to_owned();
    let why = describe(error);
    match error {
        fjall::Error::Io(_) | fjall::Error::Locked => StoreError::Io { dir, why },
        _ => StoreError::Damaged { dir, why },
    }
}

fn describe(error: &fjall::Error) -> String {
    match error {
        fjall::Error::Io(error) => error.to_string(),
        fjall::Error::Poisoned => {
            "an earlier write failed, so nothing more is written until emqxd starts again"
                .to_owned()
        }
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use openraft::{CommittedLeaderId, EntryPayload};

    use super::*;

    fn entry(index: u64) -> Entry {
        Entry {
            log_id: LogId::new(CommittedLeaderId::new(1, 1), index),
            payload: EntryPayload::Blank,
        }
    }

    fn indexes(store: &Store) -> Vec<u64> {
        let entries = store.entries(..).unwrap();
        entries.iter().map(|entry| entry.log_id.index).collect()
    }

    #[test]
    fn what_was_written_is_there_after_a_start() {
        let dir = tempfile::tempdir().unwrap();
        let identity = Identity::new(5);
        {
            let store = Store::open(dir.path()).unwrap();
            assert_eq!(store.identity().unwrap(), None);
            store.set_identity(&identity).unwrap();
            store.set_vote(&Vote::new(3, 5)).unwrap();
            store.append(&[entry(1), entry(2), entry(300)]).unwrap();
            store.set_committed(Some(entry(2).log_id)).unwrap();
        }
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.identity().unwrap(), Some(identity));
        assert_eq!(store.vote().unwrap(), Some(Vote::new(3, 5)));
        assert_eq!(indexes(&store), [1, 2, 300]);
        assert_eq!(store.last_log_id().unwrap(), Some(entry(300).log_id));
        store.truncate(300).unwrap();
        store.purge(&entry(1).log_id).unwrap();
        assert_eq!(indexes(&store), [2]);
        store.start_afresh(&Identity::new(6)).unwrap();
        assert_eq!(store.vote().unwrap(), None);
        assert_eq!(store.committed().unwrap(), None);
        assert_eq!(store.last_log_id().unwrap(), None);
    }

    #[test]
    fn a_newer_format_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FORMAT_FILE);
        for (text, part) in [
            ("{\"format\": 2, \"more\": 1}", "has format 2"),
            ("{", "is damaged"),
        ] {
            fs::write(&file, text).unwrap();
            let error = Store::open(dir.path()).err().unwrap().to_string();
            assert!(error.contains(part), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert!(!dir.path().join(STORE_FOLDER).exists());
        }
    }
}
