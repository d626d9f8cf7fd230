//! What a node has given back of its memory.

use serde::{Deserialize, Serialize};

/// One run on one node. Counts are of this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcReport {
    /// Which node.
    pub node: String,
    /// How long it took, pauses for live traffic included.
    pub duration_us: u64,
    /// Resident memory of the process before.
    pub memory_resident_before_bytes: Option<u64>,
    /// And after.
    pub memory_resident_after_bytes: Option<u64>,
    /// The difference; negative when live traffic took more meanwhile.
    pub memory_given_back_bytes: Option<i64>,
    /// Sessions that were ended, because their time had come.
    pub expired_sessions: u64,
    /// Expired messages that were dropped from the queues of Sessions.
    pub expired_messages: u64,
    /// Expired Retained Messages.
    pub expired_retained_messages: u64,
    /// Removals of Retained Messages that need not be remembered any more.
    pub forgotten_removals: u64,
    /// Timers of Sessions that had ended.
    pub stale_timers: u64,
    /// Sessions whose buffers were given back.
    pub shrunk_buffers: u64,
    /// Tables of the node that had far more room than entries.
    pub shrunk_tables: u64,
    /// Pieces that the work was done in.
    pub slices: u64,
    /// The longest of them: what live traffic had to wait for at most.
    pub longest_slice_us: u64,
}

impl GcReport {
    /// Fills the difference in.
    pub fn with_difference(mut self) -> Self {
        let before = self.memory_resident_before_bytes;
        let after = self.memory_resident_after_bytes;
        self.memory_given_back_bytes = before
            .zip(after)
            .map(|(before, after)| before.cast_signed().saturating_sub(after.cast_signed()));
        self
    }
}
