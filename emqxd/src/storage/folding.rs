//! Recent changes become sorted records, in a thread of their own; then the segments of the log that have them are free.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::backend::CommitError;
use super::log;
use super::recent::Recent;
use super::tables::{Tables, is_full};

/// Under way, or over.
pub(super) struct Folding {
    thread: Option<JoinHandle<Result<(), CommitError>>>,
    is_given_up: Arc<AtomicBool>,
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        // The log has it all.
        let _ = self.end();
    }
}

fn error(what: impl ToString) -> CommitError {
    CommitError {
        what: what.to_string(),
        is_full: false,
    }
}

impl Folding {
    /// Begins with changes, and the segments of that directory that have them.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(super) fn begin(
        tables: Arc<Tables>,
        recent: Recent,
        dir: PathBuf,
        segments: Vec<PathBuf>,
    ) -> Result<Self, CommitError> {
        let is_given_up = Arc::new(AtomicBool::new(false));
        let thread = std::thread::Builder::new().name("store:fold".to_owned());
        let thread = thread.spawn({
            let is_given_up = Arc::clone(&is_given_up);
            move || fold(&tables, recent, &dir, &segments, &is_given_up)
        });
        Ok(Self {
            thread: Some(thread.map_err(error)?),
            is_given_up,
        })
    }

    /// Whether [`end`](Self::end) need not wait.
    pub(super) fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until it is over.
    ///
    /// # Errors
    /// When the disk did not take it. All of it is still in the log.
    pub(super) fn end(&mut self) -> Result<(), CommitError> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let ended = thread.join();
        ended.unwrap_or_else(|_| {
            Err(error(
                "the thread that sorts records in has ended abnormally",
            ))
        })
    }
}

fn fold(
    tables: &Tables,
    recent: Recent,
    dir: &Path,
    segments: &[PathBuf],
    is_given_up: &AtomicBool,
) -> Result<(), CommitError> {
    let is_given_up = || is_given_up.load(Ordering::Relaxed);
    let changes = recent.into_sorted();
    for of_table in changes.chunk_by(|a, b| a.table == b.table) {
        tables.add_sorted(of_table[0].table, of_table, is_given_up)?;
    }
    if is_given_up() {
        return Ok(());
    }
    log::discard(dir, segments).map_err(|failed| CommitError {
        what: failed.to_string(),
        is_full: is_full(failed.kind()),
    })
}
