//! The store on disk: a log of commits, and the sorted records that they become.
//!
//! A commit is appended to the log and synced; what it changes is [remembered](Recent) until a segment of the log is full, and
//! is then [folded](Folding) into the [sorted records](Tables). Most messages are gone by then, and never become a record.
//!
//! The database of the sorted records refuses to serve anything when one byte of it is damaged, so damage is looked for
//! before and while it is read, and the rest is saved ([`journal`], [`intact`]).

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::backend::{Backend, CommitError};
use super::change::{Change, EachRecord, Table};
use super::damage::{Damage, DamagedPart};
use super::durability::Durability;
use super::folding::Folding;
use super::log::{self, Log, sync_dir};
use super::log_format;
use super::recent::Recent;
use super::tables::{Tables, guarded, is_full};
use super::{intact, journal};
use crate::data_dir::write_json;

/// Format of the store that this version writes.
const FORMAT: u32 = 2;
/// Without a log. This version goes on with it.
const FORMAT_BEFORE: u32 = 1;

const FORMAT_FILE: &str = "format.json";
const DATABASE: &str = "db";
/// A copy of what is intact, until it takes the place of the other.
const COPY: &str = "db.copy";
const LOG: &str = "log";

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

/// The store, open or not.
pub(super) struct Database {
    dir: PathBuf,
    durability: Durability,
    open: Option<Open>,
    /// The next commit may be in the log already: it failed, and what was in the log then has been folded in.
    is_repeated: bool,
}

struct Open {
    // Ends before the others go.
    folding: Option<Folding>,
    log: Log,
    recent: Recent,
    tables: Arc<Tables>,
}

impl Open {
    fn append(
        &mut self,
        changes: &[Change],
        is_synced: bool,
        dir: &Path,
    ) -> Result<(), CommitError> {
        if self.folding.as_ref().is_some_and(Folding::is_over) {
            self.end_folding()?;
        }
        if self.log.is_full() {
            self.turn_over(dir)?;
        }
        self.log
            .append(changes, is_synced)
            .map_err(|failed| commit_error(&failed))
    }

    fn end_folding(&mut self) -> Result<(), CommitError> {
        self.folding
            .take()
            .map_or(Ok(()), |mut folding| folding.end())
    }

    /// Begins another segment, and folds what is in the present one.
    fn turn_over(&mut self, dir: &Path) -> Result<(), CommitError> {
        self.end_folding()?;
        let segments = self
            .log
            .turn_over()
            .map_err(|failed| commit_error(&failed))?;
        let (tables, recent) = (Arc::clone(&self.tables), std::mem::take(&mut self.recent));
        let folding = Folding::begin(tables, recent, dir.join(LOG), segments)?;
        self.folding = Some(folding);
        Ok(())
    }
}

fn commit_error(failed: &io::Error) -> CommitError {
    CommitError {
        what: failed.to_string(),
        is_full: is_full(failed.kind()),
    }
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
            is_repeated: false,
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
                match format {
                    FORMAT => Ok(()),
                    FORMAT_BEFORE => self.io(write_json(&file, &Format { format: FORMAT })),
                    found => Err(OpenError::Format {
                        dir: self.dir.clone(),
                        found,
                    }),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.io(write_json(&file, &Format { format: FORMAT }))
            }
            Err(error) => self.io(Err(error)),
        }
    }

    /// Opens the store and reads all of it.
    fn load(&mut self, each: EachRecord<'_>) -> Result<Vec<Damage>, OpenError> {
        let path = self.dir.join(DATABASE);
        self.io(self.settle_copy(&path))?;
        let mut damage = self.io(self.repair_journals(&path))?;
        let mut tables = Tables::open(&path).map_err(|why| self.damaged(why))?;
        let (log, recent, damage_of_log) = self.load_log()?;
        let mut damaged_tables = Vec::new();
        for table in Table::ALL {
            let (mut read, mut merge) = (0, recent.merge(table));
            let is_whole = intact::read(tables.table(table), &mut |key, value| {
                read += 1;
                merge.sorted(key, value, each);
            });
            merge.end(each);
            if !is_whole {
                damaged_tables.push((table, read));
            }
        }
        if !damaged_tables.is_empty() {
            let kept_as;
            (tables, kept_as) = self.save_intact(tables, &path)?;
            damage.extend(damaged_tables.into_iter().map(|(table, read)| Damage {
                what: DamagedPart::Table {
                    name: table.name(),
                    read,
                },
                kept_as: Some(kept_as.clone()),
            }));
        }
        self.open = Some(Open {
            folding: None,
            log,
            recent,
            tables: Arc::new(tables),
        });
        if damage_of_log.iter().any(Damage::is_certain) {
            // It is told once: the damaged segments go.
            self.fold_all()
                .map_err(|error| self.damaged(error.to_string()))?;
        }
        damage.extend(damage_of_log);
        Ok(damage)
    }

    /// Reads the log.
    fn load_log(&self) -> Result<(Log, Recent, Vec<Damage>), OpenError> {
        let dir = self.dir.join(LOG);
        self.io(DirBuilder::new().recursive(true).mode(0o700).create(&dir))?;
        let mut found = self.io(log::read(&dir))?;
        let (mut recent, mut damage) = (Recent::default(), Vec::new());
        for segment in &mut found {
            let scanned = &segment.scanned;
            for batch in &scanned.batches {
                let changes = log_format::decode(&segment.bytes[batch.payload.clone()]);
                let changes = changes.ok_or_else(|| {
                    self.damaged(format!(
                        "{}: a commit is not understood",
                        segment.path.display()
                    ))
                })?;
                // What was being folded in when the process ended is among the sorted records in part.
                recent.absorb(changes.into_iter().map(|change| Change {
                    is_fresh: false,
                    ..change
                }));
            }
            if !scanned.damaged.is_empty() {
                let kept_as = self.io(self.fresh_place(&segment.path))?;
                self.io(fs::copy(&segment.path, &kept_as))?;
                damage.push(Damage {
                    what: DamagedPart::Journal {
                        file: segment.path.clone(),
                        bytes: scanned.damaged.iter().map(ExactSizeIterator::len).sum(),
                    },
                    kept_as: Some(kept_as),
                });
            }
            if scanned.unfinished > 0 {
                damage.push(Damage {
                    what: DamagedPart::End {
                        file: segment.path.clone(),
                        bytes: scanned.unfinished,
                    },
                    kept_as: None,
                });
            }
            segment.bytes = Vec::new();
        }
        let log = self.io(Log::resume(&dir, &found))?;
        Ok((log, recent, damage))
    }

    /// Makes sorted records of all that is in the log.
    fn fold_all(&mut self) -> Result<(), CommitError> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.turn_over(&self.dir)?;
        open.end_folding()
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

    /// Makes a new database of the records that can be read, in place of that one. Returns where that is kept.
    fn save_intact(&self, from: Tables, path: &Path) -> Result<(Tables, PathBuf), OpenError> {
        let copy = self.dir.join(COPY);
        let save = || {
            let to = Tables::open(&copy)?;
            let mut failed = None;
            for table in Table::ALL {
                let mut changes = Vec::new();
                let mut write = |changes: &mut Vec<Change>| {
                    if let Err(error) = to.commit(changes) {
                        failed.get_or_insert(error.what);
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
            to.persist().map_err(|error| error.what)?;
            failed.map_or(Ok(()), Err)
        };
        guarded(save).map_err(|why| {
            self.damaged(format!("what can be read of it cannot be copied: {why}"))
        })?;
        drop(from);
        let replace = || {
            let kept_as = self.fresh_place(path)?;
            fs::rename(path, &kept_as)?;
            fs::rename(&copy, path)?;
            sync_dir(&self.dir)?;
            Ok(kept_as)
        };
        let kept_as = self.io(replace())?;
        let tables = Tables::open(path).map_err(|why| self.damaged(why))?;
        Ok((tables, kept_as))
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

impl Backend for Database {
    fn commit(&mut self, changes: &mut Vec<Change>) -> Result<(), CommitError> {
        let closed = || CommitError {
            what: "the store is not open".to_owned(),
            is_full: false,
        };
        let is_synced = self.durability == Durability::Disk;
        let open = self.open.as_mut().ok_or_else(closed)?;
        open.append(changes, is_synced, &self.dir)?;
        let is_repeated = std::mem::take(&mut self.is_repeated);
        open.recent.absorb(changes.drain(..).map(|change| Change {
            is_fresh: change.is_fresh && !is_repeated,
            ..change
        }));
        Ok(())
    }

    fn reopen(&mut self) -> Result<Vec<Damage>, CommitError> {
        self.open = None;
        self.is_repeated = true;
        self.probe().map_err(|failed| commit_error(&failed))?;
        let damage = self
            .load(&mut |_, _, _| {})
            .map_err(|failed| match &failed {
                OpenError::Io { error, .. } => commit_error(error),
                OpenError::Format { .. } | OpenError::Damaged { .. } => CommitError {
                    what: failed.to_string(),
                    is_full: false,
                },
            })?;
        // What the system says to be in a file may not be on disk after an error: it is written anew.
        self.fold_all()?;
        Ok(damage)
    }
}

#[cfg(test)]
#[path = "database_tests.rs"]
mod tests;
