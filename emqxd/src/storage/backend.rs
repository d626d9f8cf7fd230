//! What the committer writes to, so that tests can have it fail.

use super::change::Change;
use super::damage::Damage;

/// A commit was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(super) struct CommitError {
    /// As the system or the database says.
    pub(super) what: String,
    /// There is no room on the disk.
    pub(super) is_full: bool,
}

/// Keeps records.
pub(super) trait Backend: Send + 'static {
    /// Writes these changes, all or none, so that they survive what `durability` says, and takes them.
    ///
    /// # Errors
    /// When they are not stored; they are left. Nothing more is written before [`reopen`](Self::reopen).
    fn commit(&mut self, changes: &mut Vec<Change>) -> Result<(), CommitError>;

    /// After an error: makes sure of what is stored, and that more can be. Returns what is damaged of it.
    ///
    /// # Errors
    /// When the cause of the error is still there.
    fn reopen(&mut self) -> Result<Vec<Damage>, CommitError>;
}
