//! Where stored Sessions are copied to, so that they outlive the disk: as seen by whoever stores them.

use super::change::Change;
use super::commit_queue::Commit;

/// A node that has copies, in one of its starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Standby(u64);

impl Standby {
    /// By a number that no other has.
    pub const fn numbered(number: u64) -> Self {
        Self(number)
    }
}

/// Copies Sessions to other nodes.
pub trait Mirror: Send + Sync {
    /// Which node is to have the copy of the Session with that key (see
    /// [`ShareKey`](crate::routing::ShareKey)): the one that has it, while it can. One that is new has nothing of it
    /// yet. `None` when there is no other node.
    fn standby(&self, key: u64, present: Option<Standby>) -> Option<Standby>;

    /// Copies changes there, behind those of earlier calls. Never waits. `commit`, unless it is none, is
    /// [released](super::Store::release) when that node has them, or is gone.
    fn send(&self, to: Standby, changes: Vec<Change>, commit: Commit);

    /// Bytes that wait to be copied.
    fn waiting_bytes(&self) -> usize;
}
