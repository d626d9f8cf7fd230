//! The shapes that output can have.

use clap::ValueEnum;

/// Shape of what goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For people, with more columns.
    Wide,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
    /// Only the names, one a line.
    Name,
}

impl Format {
    /// Whether a program reads it, errors included.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }

    /// Whether a person reads it.
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }
}
