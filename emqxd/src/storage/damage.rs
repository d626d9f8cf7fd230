//! What was found damaged on disk, for people.

use std::fmt;
use std::path::PathBuf;

/// A part of the store that cannot be read any more. The rest is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What is damaged.
    pub what: DamagedPart,
    /// Where it was put as it was found; `None` when it could not be.
    pub kept_as: Option<PathBuf>,
}

/// Which part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DamagedPart {
    /// Bytes of a journal, with whole commits behind them.
    Journal {
        /// The file.
        file: PathBuf,
        /// So many.
        bytes: usize,
    },
    /// Bytes at the end of the journal that are no whole commit: one that was being written when the process or the power
    /// went, which nobody was told to be stored, or damage in the last one. Which of both cannot be told.
    End {
        /// The file.
        file: PathBuf,
        /// So many.
        bytes: usize,
    },
    /// Blocks of the sorted records of a table.
    Table {
        /// Its name.
        name: &'static str,
        /// Records that could be read.
        read: usize,
    },
    /// A record that is whole, and yet not understood.
    Record {
        /// Its table.
        table: &'static str,
        /// How many of them.
        count: usize,
    },
}

impl Damage {
    /// Whether something that was stored is lost for sure.
    pub const fn is_certain(&self) -> bool {
        !matches!(self.what, DamagedPart::End { .. })
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            DamagedPart::Journal { file, bytes } => write!(
                f,
                "{} is damaged: {bytes} bytes were left out; what was stored before and behind them is there",
                file.display()
            ),
            DamagedPart::End { file, bytes } => write!(
                f,
                "the last {bytes} bytes of {} are no whole commit and were left out: it was not finished, and so not \
                 acknowledged, or it is damaged, which cannot be told apart",
                file.display()
            ),
            DamagedPart::Table { name, read } => write!(
                f,
                "the stored records '{name}' are damaged: {read} could be read, and are there; how many could not be is \
                 not known"
            ),
            DamagedPart::Record { table, count } => write!(
                f,
                "{count} of the stored records '{table}' are not understood, and were left out"
            ),
        }?;
        match &self.kept_as {
            Some(path) => write!(f, "; as it was found it is kept in {}", path.display()),
            None => Ok(()),
        }
    }
}
