//! The types that raft is run with.

use std::io::Cursor;

use serde::{Deserialize, Serialize};

use super::command::{Command, Reply};

openraft::declare_raft_types!(
    /// Commands in, replies out; snapshots are JSON.
    pub GroupTypes:
        D = Command,
        R = Reply,
        NodeId = u64,
        Node = Member,
        Entry = openraft::Entry<GroupTypes>,
        SnapshotData = Cursor<Vec<u8>>,
);

/// A member of the group as the group knows it. Its address is found by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Name of the node.
    pub name: String,
}

pub(crate) type Raft = openraft::Raft<GroupTypes>;
pub(crate) type Entry = openraft::Entry<GroupTypes>;
pub(crate) type LogId = openraft::LogId<u64>;
pub(crate) type Vote = openraft::Vote<u64>;
pub(crate) type StorageError = openraft::StorageError<u64>;
pub(crate) type StoredMembership = openraft::StoredMembership<u64, Member>;
pub(crate) type SnapshotMeta = openraft::SnapshotMeta<u64, Member>;
pub(crate) type Snapshot = openraft::Snapshot<GroupTypes>;
