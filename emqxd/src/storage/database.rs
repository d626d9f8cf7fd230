//! The database on disk: fjall, with what it does not do by itself around it.
//!
//! It refuses to serve anything when one byte of it is damaged, so damage is looked for before and while it is read, and
//! the rest is saved ([`journal`], [`intact`]). After an error of writing it takes nothing more until it is opened again.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fjall::{KeyspaceCreateOptions, PersistMode};
use serde::{Deserialize, Serialize};

use super::backend::{Backend, CommitError};
use super::change::{Change, EachRecord, Table};
use super::damage::{Damage, DamagedPart};
use super::durability::Durability;
use super::{intact, journal};
use crate::data_dir::write_json;

/// Format of the store that this version writes.
const FORMAT: u32 = 1;

const FORMAT_FILE: &str = "format.json";
const DATABASE: &str = "db";
/// A copy of what is intact, until it takes the place of the other.
const COPY: &str = "db.copy";

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

/// When so much waits to be sorted in, commits wait: the database would take it, and grow.
const UNSORTED_BYTES_MAX: u64 = 64 << 20;
const UNSORTED_TABLES_MAX: usize = 16;
const SEALED_MAX: usize = 3;
const BEHIND_POLL: Duration = Duration::from_millis(5);

/// There must be room for this before a full disk is tried again.
const PROBE_BYTES: usize = 1 << 20;

/// Why the store cannot be opened. Nothing of it has changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system says so.
    #[error("cannot use the store {}: {error}", .dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It was written by another version.
    #[error(
        "the store {} has format {found}, and this version of emqxd knows format {FORMAT} only; use the version that \
         wrote it",
        .dir.display()
    )]
    Format {
        /// The directory.
        dir: PathBuf,
        /// Its format.
        found: u32,
    },
    /// It is damaged where nothing can be left out.
    #[error(
        "the store {} is damaged and cannot be opened: {why}; put it back from a copy, or move it away to begin with an \
         empty one (Retained Messages then come from the other nodes of the cluster)",
        .dir.display()
    )]
    Damaged {
        /// The directory.
        dir: PathBuf,
        /// What is wrong.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Format {
    format: u32,
}

/// The database, open or not.
pub(super) struct Database {
    dir: PathBuf,
    durability: Durability,
    open: Option<Open>,
    /// What it failed with last, when it did.
    failed: Option<CommitError>,
}

struct Open {
    database: fjall::Database,
    tables: [fjall::Keyspace; Table::ALL.len()],
}

impl Open {
    fn new(path: &Path) -> fjall::Result<Self> {
        let database = fjall::Database::builder(path)
            .worker_threads(WORKERS)
            .cache_size(CACHE_BYTES)
            .max_cached_files(Some(OPEN_FILES))
            .max_journaling_size(JOURNALS_BYTES)
            .manual_journal_persist(true)
            .open()?;
        let open = |table: Table| {
            database.keyspace(table.name(), || {
                KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES)
            })
        };
        let [retained, sessions, away] = Table::ALL.map(open);
        Ok(Self {
            tables: [retained?, sessions?, away?],
            database,
        })
    }

    fn table(&self, table: Table) -> &fjall::Keyspace {
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
            std::thread::sleep(BEHIND_POLL);
        }
        Ok(())
    }

    fn commit(&self, changes: &[Change], mode: PersistMode) -> fjall::Result<()> {
        self.wait_until_sorted()?;
        let mut batch = self.database.batch().durability(Some(mode));
        for change in changes {
            let table = self.table(change.table);
            match &change.value {
                Some(value) => batch.insert(table, &*change.key, &**value),
                None => batch.remove(table, &*change.key),
            }
        }
        batch.commit()
    }
}

/// The database may panic at what it does not expect on disk.
fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
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

fn is_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

impl Database {
    /// Opens the store in a directory, which is made when it is not there, and gives all its records to `each`. Returns
    /// what is damaged of it.
    ///
    /// # Errors
    /// When it cannot be served at all.
    pub(super) fn open(
        dir: &Path,
        durability: Durability,
        each: EachRecord<'_>,
    ) -> Result<(Self, Vec<Damage>), OpenError> {
        let mut database = Self {
            dir: dir.to_owned(),
            durability,
            open: None,
            failed: None,
        };
        database.check_format()?;
        let damage = database.load(each)?;
        Ok((database, damage))
    }

    fn io<T>(&self, result: io::Result<T>) -> Result<T, OpenError> {
        result.map_err(|error| OpenError::Io {
            dir: self.dir.clone(),
            error,
        })
    }

    fn damaged(&self, why: impl Into<String>) -> OpenError {
        OpenError::Damaged {
            dir: self.dir.clone(),
            why: why.into(),
        }
    }

    fn check_format(&self) -> Result<(), OpenError> {
        self.io(DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir))?;
        let file = self.dir.join(FORMAT_FILE);
        match fs::read(&file) {
            Ok(bytes) => {
                let Format { format } = serde_json::from_slice(&bytes)
                    .map_err(|error| self.damaged(format!("{}: {error}", file.display())))?;
                if format == FORMAT {
                    return Ok(());
                }
                Err(OpenError::Format {
                    dir: self.dir.clone(),
                    found: format,
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.io(write_json(&file, &Format { format: FORMAT }))
            }
            Err(error) => self.io(Err(error)),
        }
    }

    /// Opens the database and reads all of it.
    fn load(&mut self, each: EachRecord<'_>) -> Result<Vec<Damage>, OpenError> {
        let path = self.dir.join(DATABASE);
        self.io(self.settle_copy(&path))?;
        let mut damage = self.io(self.repair_journals(&path))?;
        let open = guarded(|| Open::new(&path).map_err(|error| text_of(&error)))
            .map_err(|why| self.damaged(why))?;
        let mut damaged_tables = Vec::new();
        for table in Table::ALL {
            let mut read = 0;
            let is_whole = intact::read(open.table(table), &mut |key, value| {
                read += 1;
                each(table, key, value);
            });
            if !is_whole {
                damaged_tables.push((table, read));
            }
        }
        self.open = Some(open);
        if !damaged_tables.is_empty() {
            let kept_as = self.save_intact(&path)?;
            damage.extend(damaged_tables.into_iter().map(|(table, read)| Damage {
                what: DamagedPart::Table {
                    name: table.name(),
                    read,
                },
                kept_as: Some(kept_as.clone()),
            }));
        }
        Ok(damage)
    }

    /// A copy of what is intact was not complete, or had not taken its place yet.
    fn settle_copy(&self, path: &Path) -> io::Result<()> {
        let copy = self.dir.join(COPY);
        if !copy.try_exists()? {
            return Ok(());
        }
        if path.try_exists()? {
            fs::remove_dir_all(copy)
        } else {
            fs::rename(copy, path)
        }
    }

    /// Leaves out what is damaged in journals.
    fn repair_journals(&self, path: &Path) -> io::Result<Vec<Damage>> {
        let mut damage = Vec::new();
        let Some(journals) = journals(path)? else {
            return Ok(damage);
        };
        let last = journals.len().saturating_sub(1);
        for (at, file) in journals.iter().enumerate() {
            let bytes = fs::read(file)?;
            let mut checked = journal::check(&bytes);
            let unfinished = checked.unfinished.clone();
            if !unfinished.is_empty() && at == last {
                // The database would refuse one that has its full length.
                let journal = File::options().write(true).open(file)?;
                journal.set_len(u64::try_from(unfinished.start).unwrap_or(u64::MAX))?;
                journal.sync_all()?;
                damage.push(Damage {
                    what: DamagedPart::End {
                        file: file.clone(),
                        bytes: unfinished.len(),
                    },
                    kept_as: None,
                });
            } else if !unfinished.is_empty() {
                // The database begins another journal only when all of this one is on disk.
                checked.damaged.push(unfinished);
            }
            if checked.damaged.is_empty() {
                continue;
            }
            let kept_as = self.fresh_place(file)?;
            let mut whole = File::create(file.with_extension("copy"))?;
            for range in checked.whole {
                whole.write_all(&bytes[range])?;
            }
            whole.sync_all()?;
            fs::hard_link(file, &kept_as)?;
            fs::rename(file.with_extension("copy"), file)?;
            sync_dir(path)?;
            damage.push(Damage {
                what: DamagedPart::Journal {
                    file: file.clone(),
                    bytes: checked.damaged.iter().map(ExactSizeIterator::len).sum(),
                },
                kept_as: Some(kept_as),
            });
        }
        Ok(damage)
    }

    /// A name for something damaged, in the store's directory.
    fn fresh_place(&self, of: &Path) -> io::Result<PathBuf> {
        let name = of.file_name().unwrap_or_default().to_string_lossy();
        let mut ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        loop {
            let place = self.dir.join(format!("damaged-{ms}-{name}"));
            if !place.try_exists()? {
                return Ok(place);
            }
            ms += 1;
        }
    }

    /// Makes a new database of the records that can be read, in place of the open one. Returns where that is kept.
    fn save_intact(&mut self, path: &Path) -> Result<PathBuf, OpenError> {
        let copy = self.dir.join(COPY);
        let save = || {
            let from = self.open.as_ref().ok_or("it is not open")?;
            let to = Open::new(&copy).map_err(|error| text_of(&error))?;
            let mut failed = None;
            for table in Table::ALL {
                let mut changes = Vec::new();
                let mut write = |changes: &mut Vec<Change>| {
                    if let Err(error) = to.commit(changes, PersistMode::Buffer) {
                        failed.get_or_insert_with(|| text_of(&error));
                    }
                    changes.clear();
                };
                intact::read(from.table(table), &mut |key, value| {
                    changes.push(Change {
                        table,
                        key: key.to_vec(),
                        value: Some(value.to_vec()),
                        is_fresh: false,
                    });
                    if changes.len() == 1_000 {
                        write(&mut changes);
                    }
                });
                write(&mut changes);
            }
            to.database
                .persist(PersistMode::SyncAll)
                .map_err(|error| text_of(&error))?;
            failed.map_or(Ok(()), Err)
        };
        guarded(save).map_err(|why| {
            self.damaged(format!("what can be read of it cannot be copied: {why}"))
        })?;
        self.open = None;
        let replace = || {
            let kept_as = self.fresh_place(path)?;
            fs::rename(path, &kept_as)?;
            fs::rename(&copy, path)?;
            sync_dir(&self.dir)?;
            Ok(kept_as)
        };
        let kept_as = self.io(replace())?;
        let open = guarded(|| Open::new(path).map_err(|error| text_of(&error)))
            .map_err(|why| self.damaged(why))?;
        self.open = Some(open);
        Ok(kept_as)
    }

    fn probe(&self) -> io::Result<()> {
        let file = self.dir.join("probe");
        let written = File::create(&file).and_then(|mut probe| {
            probe
                .write_all(&vec![1; PROBE_BYTES])
                .and_then(|()| probe.sync_all())
        });
        let removed = fs::remove_file(&file);
        written.and(removed)
    }
}

/// Journal files of a database, the oldest first; `None` when there is no database yet.
fn journals(path: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut journals = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(number) = stem.and_then(|stem| stem.parse::<u64>().ok())
            && path.extension().is_some_and(|extension| extension == "jnl")
        {
            journals.push((number, path));
        }
    }
    journals.sort();
    Ok(Some(journals.into_iter().map(|(_, path)| path).collect()))
}

fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

impl Backend for Database {
    fn commit(&mut self, changes: &[Change]) -> Result<(), CommitError> {
        let mode = match self.durability {
            Durability::Disk => PersistMode::SyncData,
            Durability::None | Durability::Os => PersistMode::Buffer,
        };
        let closed = || CommitError {
            what: "the store is not open".to_owned(),
            is_full: false,
        };
        let open = self.open.as_ref().ok_or_else(closed)?;
        let committed = catch_unwind(AssertUnwindSafe(|| open.commit(changes, mode)));
        let failed = match committed {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => commit_error(&error),
            Err(_) => CommitError {
                what: "the database has ended abnormally at it".to_owned(),
                is_full: false,
            },
        };
        self.failed = Some(failed.clone());
        Err(failed)
    }

    fn reopen(&mut self) -> Result<Vec<Damage>, CommitError> {
        let error = |error: &io::Error| CommitError {
            what: error.to_string(),
            is_full: is_full(error.kind()),
        };
        self.open = None;
        self.probe().map_err(|failed| error(&failed))?;
        self.load(&mut |_, _, _| {})
            .map_err(|failed| match &failed {
                OpenError::Io { error: failed, .. } => error(failed),
                OpenError::Format { .. } | OpenError::Damaged { .. } => CommitError {
                    what: failed.to_string(),
                    is_full: false,
                },
            })
    }
}

#[cfg(test)]
#[path = "database_tests.rs"]
mod tests;
