//! The sorted records on disk: fjall, with what it does not do by itself around it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;
use std::{io, thread};

use fjall::config::FilterPolicy;
use fjall::{KeyspaceCreateOptions, PersistMode};

use super::backend::CommitError;
use super::change::{Change, Table};

/// Records in memory before they are sorted into a file.
const MEMTABLE_BYTES: u64 = 8 << 20;
/// Of all journals; the database takes no less. They are read again at each start.
const JOURNALS_BYTES: u64 = 64 << 20;
/// Blocks of sorted records that are held in memory.
const CACHE_BYTES: u64 = 8 << 20;
/// More than one would let a journal be written while it is not known how far another one is.
const WORKERS: usize = 1;
/// Files kept open.
const OPEN_FILES: usize = 100;

/// When so much waits to be sorted in, whoever has more waits: the database would take it, and grow.
const UNSORTED_BYTES_MAX: u64 = 64 << 20;
const UNSORTED_TABLES_MAX: usize = 16;
const SEALED_MAX: usize = 3;
const BEHIND_POLL: Duration = Duration::from_millis(5);

/// Records that are written before it is asked whether to go on.
const ASK_EVERY: usize = 1_000;

/// The open database.
pub(super) struct Tables {
    database: fjall::Database,
    tables: [fjall::Keyspace; Table::ALL.len()],
}

impl Tables {
    /// Opens it, or makes it.
    ///
    /// # Errors
    /// In words, when it cannot be served.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        guarded(|| Self::open_unguarded(path).map_err(|error| text_of(&error)))
    }

    fn open_unguarded(path: &Path) -> fjall::Result<Self> {
        let database = fjall::Database::builder(path)
            .worker_threads(WORKERS)
            .cache_size(CACHE_BYTES)
            .max_cached_files(Some(OPEN_FILES))
            .max_journaling_size(JOURNALS_BYTES)
            .manual_journal_persist(true)
            .open()?;
        // Records are read all together at a start, and never one by one: filters would be of no use.
        let open = |table: Table| {
            database.keyspace(table.name(), || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(MEMTABLE_BYTES)
                    .filter_policy(FilterPolicy::disabled())
            })
        };
        let [retained, sessions, away] = Table::ALL.map(open);
        Ok(Self {
            tables: [retained?, sessions?, away?],
            database,
        })
    }

    pub(super) fn table(&self, table: Table) -> &fjall::Keyspace {
        &self.tables[table as usize]
    }

    /// Waits until the database has sorted in most of what it has got. It would wait too, but for ever when the thread
    /// that does it has failed.
    fn wait_until_sorted(&self) -> fjall::Result<()> {
        let is_behind = |table: &fjall::Keyspace| {
            table.sealed_memtable_count() >= SEALED_MAX
                || table.l0_table_count() >= UNSORTED_TABLES_MAX
        };
        while self.tables.iter().any(is_behind)
            || self.database.write_buffer_size() > UNSORTED_BYTES_MAX
        {
            // Fails when that thread has.
            self.database.persist(PersistMode::Buffer)?;
            thread::sleep(BEHIND_POLL);
        }
        Ok(())
    }

    /// Takes changes, all or none. They are on disk after [`persist`](Self::persist).
    ///
    /// # Errors
    /// When they are not taken. The database then takes nothing more until it is opened again.
    pub(super) fn commit(&self, changes: &[Change]) -> Result<(), CommitError> {
        self.act(|| {
            self.wait_until_sorted()?;
            let mut batch = self.database.batch().durability(Some(PersistMode::Buffer));
            for change in changes {
                let table = self.table(change.table);
                match &change.value {
                    Some(value) => batch.insert(table, &*change.key, &**value),
                    None => batch.remove(table, &*change.key),
                }
            }
            batch.commit()
        })
    }

    /// Has all that was taken on disk.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub(super) fn persist(&self) -> Result<(), CommitError> {
        self.act(|| self.database.persist(PersistMode::SyncAll))
    }

    /// Writes changes of one table, in the order of their keys, into a file of their own and has it on disk. Asks
    /// `is_given_up` now and then, and then leaves nothing.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub(super) fn add_sorted(
        &self,
        table: Table,
        changes: &[Change],
        is_given_up: impl Fn() -> bool,
    ) -> Result<(), CommitError> {
        self.act(|| {
            self.wait_until_sorted()?;
            let mut ingestion = self.table(table).start_ingestion()?;
            for (at, change) in changes.iter().enumerate() {
                if at % ASK_EVERY == 0 && is_given_up() {
                    return Ok(());
                }
                match &change.value {
                    Some(value) => ingestion.write(&*change.key, &**value)?,
                    None => ingestion.write_tombstone(&*change.key)?,
                }
            }
            ingestion.finish()
        })
    }

    fn act(&self, act: impl FnOnce() -> fjall::Result<()>) -> Result<(), CommitError> {
        match catch_unwind(AssertUnwindSafe(act)) {
            Ok(result) => result.map_err(|error| commit_error(&error)),
            Err(_) => Err(CommitError {
                what: "the database has ended abnormally at it".to_owned(),
                is_full: false,
            }),
        }
    }
}

/// The database may panic at what it does not expect on disk.
pub(super) fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|_| Err("the database has ended abnormally at it".to_owned()))
}

fn text_of(error: &fjall::Error) -> String {
    match error {
        fjall::Error::Io(error) => error.to_string(),
        fjall::Error::Poisoned => "an earlier write in the background has failed".to_owned(),
        other => format!("{other:?}"),
    }
}

fn commit_error(error: &fjall::Error) -> CommitError {
    let kind = match error {
        fjall::Error::Io(error) => Some(error.kind()),
        _ => None,
    };
    CommitError {
        what: text_of(error),
        is_full: kind.is_some_and(is_full),
    }
}

/// Whether an error is for want of room.
pub(super) fn is_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
