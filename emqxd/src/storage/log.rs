//! The log of commits on disk: segments, of which the last is appended to and synced for each commit.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::change::Change;
use super::log_format::{self, END, Scanned};

/// A segment is full from so many bytes on.
const SEGMENT_BYTES: u64 = 32 << 20;

/// Segments that are more than so long are not used again.
const SPARE_BYTES_MAX: u64 = 2 * SEGMENT_BYTES;

/// A segment that is used for the first time becomes longer by so much at a time.
static GROWTH: [u8; 256 << 10] = [0; 256 << 10];

/// A larger buffer is not kept.
const BUFFER_BYTES_MAX: usize = 4 << 20;

const SEGMENT: &str = "log";
const SPARE: &str = "spare";

/// Segments that were found, with what is in them.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) scanned: Scanned,
}

/// The segments of a directory.
pub(super) struct Log {
    dir: PathBuf,
    file: File,
    /// The file.
    current: PathBuf,
    /// Where the next batch belongs.
    at: u64,
    /// Length of the file.
    len: u64,
    /// Number of the next batch.
    next: u64,
    /// Written, and not to be appended to any more.
    full: Vec<PathBuf>,
    buffer: Vec<u8>,
}

fn segment_path(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:020}.{SEGMENT}"))
}

/// Number of the first batch of a segment.
fn first_of(path: &Path) -> Option<u64> {
    let is_segment = path.extension().is_some_and(|kind| kind == SEGMENT);
    let stem = path.file_stem()?.to_str()?;
    stem.parse().ok().filter(|_| is_segment)
}

pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Reads the segments of a directory, the oldest first.
///
/// # Errors
/// When the system does not let it.
pub(super) fn read(dir: &Path) -> io::Result<Vec<Found>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        paths.extend(first_of(&path).map(|first| (first, path)));
    }
    paths.sort();
    let read = |(first, path): (u64, PathBuf)| {
        let bytes = fs::read(&path)?;
        let scanned = log_format::scan(&bytes, first);
        Ok(Found {
            path,
            bytes,
            scanned,
        })
    };
    paths.into_iter().map(read).collect()
}

impl Log {
    /// Goes on behind what was read of that directory, or begins.
    ///
    /// # Errors
    /// When the system does not let it.
    pub(super) fn resume(dir: &Path, found: &[Found]) -> io::Result<Self> {
        let numbers = found.iter().filter_map(|segment| {
            let last = segment.scanned.batches.last();
            let first = first_of(&segment.path)?;
            Some(last.map_or(first, |last| last.number + 1))
        });
        let next = numbers.max().unwrap_or(1);
        let Some((last, full)) = found.split_last() else {
            return Self::begin(dir, next);
        };
        let file = File::options().read(true).write(true).open(&last.path)?;
        let at = last.scanned.end as u64;
        if last.scanned.unfinished > 0 {
            // Told once, and never taken for more than it is.
            file.set_len(at)?;
            file.sync_all()?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            len: file.metadata()?.len(),
            file,
            current: last.path.clone(),
            at,
            next,
            full: full.iter().map(|segment| segment.path.clone()).collect(),
            buffer: Vec::new(),
        })
    }

    fn begin(dir: &Path, next: u64) -> io::Result<Self> {
        let current = segment_path(dir, next);
        let spare = dir.join(SPARE);
        match File::options().write(true).open(&spare) {
            Ok(file) => {
                // What is in it is not to be taken for something that was not finished.
                file.write_all_at(&END, 0)?;
                file.sync_data()?;
                fs::rename(&spare, &current)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(false);
        let file = file.open(&current)?;
        sync_dir(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            len: file.metadata()?.len(),
            file,
            current,
            at: 0,
            next,
            full: Vec::new(),
            buffer: Vec::new(),
        })
    }

    /// Appends a batch, and syncs it when it is to be on disk.
    ///
    /// # Errors
    /// When it may not be there. Nothing more is to be appended before the log is read again.
    pub(super) fn append(&mut self, changes: &[Change], is_synced: bool) -> io::Result<()> {
        self.buffer.clear();
        let len = log_format::encode(self.next, changes, &mut self.buffer);
        let end = self.at + self.buffer.len() as u64;
        while self.len < end {
            self.file.write_all_at(&GROWTH, self.len)?;
            self.len += GROWTH.len() as u64;
        }
        self.file.write_all_at(&self.buffer, self.at)?;
        if is_synced {
            self.file.sync_data()?;
        }
        self.at += len as u64;
        self.next += 1;
        if self.buffer.capacity() > BUFFER_BYTES_MAX {
            self.buffer = Vec::new();
        }
        Ok(())
    }

    /// Whether the segment has become long enough.
    pub(super) const fn is_full(&self) -> bool {
        self.at >= SEGMENT_BYTES
    }

    /// Begins another segment, unless nothing is in this one. Returns those that are not appended to any more, to be [given back](discard) when nothing
    /// of them is needed.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub(super) fn turn_over(&mut self) -> io::Result<Vec<PathBuf>> {
        let mut full = std::mem::take(&mut self.full);
        if self.at == 0 {
            return Ok(full);
        }
        full.push(self.current.clone());
        *self = Self::begin(&self.dir, self.next)?;
        Ok(full)
    }
}

/// Gives segments back of which nothing is needed any more, the oldest first. One of them is kept, to be written over.
///
/// # Errors
/// When the system does not let it.
pub(super) fn discard(dir: &Path, segments: &[PathBuf]) -> io::Result<()> {
    let spare = dir.join(SPARE);
    for segment in segments {
        if fs::metadata(segment)?.len() > SPARE_BYTES_MAX {
            fs::remove_file(segment)?;
        } else {
            fs::rename(segment, &spare)?;
        }
    }
    sync_dir(dir)
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
