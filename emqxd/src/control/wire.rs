//! What members of a group ask each other, in JSON: raft's own requests, and those that lie around them.

use bytes::Bytes;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use serde::{Deserialize, Serialize};

use super::command::{Change, Reply};
use super::error::ControlError;
use super::identity::{Group, GroupId};
use super::store::StoredSnapshot;
use super::types::{GroupTypes, LogId, Vote};

/// A request with who asks whom, as members of which group.
#[derive(Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) group: Option<Group>,
    pub(crate) from: u64,
    /// A node with that name may be somebody else by now. 0: whoever it is.
    pub(crate) to: u64,
    pub(crate) ask: Ask,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Ask {
    Append(AppendEntriesRequest<GroupTypes>),
    Vote(VoteRequest<u64>),
    Snapshot {
        vote: Vote,
        snapshot: StoredSnapshot,
    },
    /// Of a member to the leader.
    Propose(Box<Change>),
    /// May the asking node begin a group?
    Consent,
    /// It has not.
    Withdraw,
    /// The receiver is no member any more.
    Removed,
    /// How far does the log go?
    Position,
    /// Go on alone, as a new group.
    Recover,
    /// The asking node goes on as that group, in the place of that former one: join it.
    Rejoin {
        former: GroupId,
    },
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    Append(AppendEntriesResponse<u64>),
    Vote(VoteResponse<u64>),
    Snapshot(SnapshotResponse<u64>),
    Reply(Reply),
    /// The one that was asked does not lead.
    NotLeader,
    Failed(ControlError),
    Consent(bool),
    Position(Option<LogId>),
    Recovered(Group),
    Done,
}

pub(crate) fn encode(value: &impl Serialize) -> Result<Bytes, String> {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .map_err(|error| error.to_string())
}

pub(crate) fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}
