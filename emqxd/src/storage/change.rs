//! What is stored: records by key, in tables.

/// A kind of records. Each has its keys for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// Retained Messages and remembered removals, by Topic Name.
    Retained,
    /// Sessions: see [`session_record`](super::session_record).
    Sessions,
    /// Messages that are kept for nodes that are away: see [`away_record`](super::away_record).
    Away,
}

impl Table {
    /// All.
    pub const ALL: [Self; 3] = [Self::Retained, Self::Sessions, Self::Away];

    /// Its name on disk.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retained => "retained",
            Self::Sessions => "sessions",
            Self::Away => "away",
        }
    }
}

/// Called with each record of the store: its table, key and value.
pub type EachRecord<'a> = &'a mut dyn FnMut(Table, &[u8], &[u8]);

/// A record is put in the place of an earlier one, or is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub table: Table,
    /// 1 to 65,535 bytes.
    pub key: Vec<u8>,
    /// `None` removes.
    pub value: Option<Vec<u8>>,
    /// There has never been a record with this key: when it is removed before it is written, nothing needs to be.
    pub is_fresh: bool,
}

/// What a change takes in memory besides its bytes, about.
const OVERHEAD_BYTES: usize = 96;

impl Change {
    /// Memory that it takes while it waits, about.
    pub fn bytes(&self) -> usize {
        OVERHEAD_BYTES + self.key.len() + self.value.as_ref().map_or(0, Vec::len)
    }
}
