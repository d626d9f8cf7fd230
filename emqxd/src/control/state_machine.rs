//! Runs the state machine for raft, and keeps its snapshots.
//!
//! The state is in memory: after a start it is built anew from the last snapshot and the log behind it.

use std::io::Cursor;
use std::sync::Arc;

use openraft::storage::RaftStateMachine;
use openraft::{
    AnyError, EntryPayload, ErrorSubject, ErrorVerb, OptionalSend, RaftSnapshotBuilder,
    StorageIOError,
};

use super::command::Reply;
use super::log_store::run;
use super::state::ControlState;
use super::store::{Store, StoreError, StoredSnapshot};
use super::types::{
    Entry, GroupTypes, LogId, Snapshot, SnapshotMeta, StorageError, StoredMembership,
};
use crate::watch;

/// The state and up to where it was applied.
#[derive(Debug, Clone, Default)]
pub(crate) struct Applied {
    pub(crate) state: ControlState,
    pub(crate) last: Option<LogId>,
    pub(crate) membership: StoredMembership,
}

impl Applied {
    /// # Errors
    /// When the command cannot be read. Nothing has changed then.
    pub(crate) fn apply(&mut self, entry: Entry) -> Result<Reply, AnyError> {
        let reply = match entry.payload {
            EntryPayload::Blank => Reply::Done,
            EntryPayload::Normal(command) => {
                let change = command.read().map_err(|error| AnyError::new(&error))?;
                self.state.apply(change)
            }
            EntryPayload::Membership(membership) => {
                self.membership = StoredMembership::new(Some(entry.log_id), membership);
                Reply::Done
            }
        };
        self.last = Some(entry.log_id);
        Ok(reply)
    }

    pub(crate) fn snapshot(&self) -> Result<StoredSnapshot, serde_json::Error> {
        let last = self
            .last
            .map_or_else(|| "0".to_owned(), |last| last.to_string());
        Ok(StoredSnapshot {
            meta: SnapshotMeta {
                last_log_id: self.last,
                last_membership: self.membership.clone(),
                snapshot_id: last,
            },
            state: serde_json::to_string(&self.state)?,
        })
    }

    fn from_snapshot(snapshot: &StoredSnapshot) -> Result<Self, serde_json::Error> {
        Ok(Self {
            state: serde_json::from_str(&snapshot.state)?,
            last: snapshot.meta.last_log_id,
            membership: snapshot.meta.last_membership.clone(),
        })
    }

    /// What the store's snapshot and the entries behind it make, up to and including `upto`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn rebuild(store: &Store, upto: Option<LogId>) -> Result<Self, StoreError> {
        let damaged = |why: String| store.damaged(why);
        let mut applied = match store.snapshot()? {
            Some(snapshot) => {
                Self::from_snapshot(&snapshot).map_err(|error| damaged(error.to_string()))?
            }
            None => Self::default(),
        };
        let Some(upto) = upto else {
            return Ok(applied);
        };
        let next = applied.last.map_or(0, |last| last.index + 1);
        for entry in store.entries(next..=upto.index)? {
            applied
                .apply(entry)
                .map_err(|error| damaged(error.to_string()))?;
        }
        Ok(applied)
    }
}

/// The state machine of this node.
pub struct StateMachine {
    store: Store,
    applied: Applied,
    states: watch::Sender<Arc<ControlState>>,
}

impl StateMachine {
    /// From the last snapshot. Tells each new state to `states`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn load(
        store: Store,
        states: watch::Sender<Arc<ControlState>>,
    ) -> Result<Self, StoreError> {
        let applied = Applied::rebuild(&store, None)?;
        let machine = Self {
            store,
            applied,
            states,
        };
        machine.publish();
        Ok(machine)
    }

    fn publish(&self) {
        self.states
            .send_replace(Arc::new(self.applied.state.clone()));
    }
}

impl RaftStateMachine<GroupTypes> for StateMachine {
    type SnapshotBuilder = SnapshotBuilder;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        Ok((self.applied.last, self.applied.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Reply>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut replies = Vec::new();
        let mut failed = None;
        for entry in entries {
            let log_id = entry.log_id;
            match self.applied.apply(entry) {
                Ok(reply) => replies.push(reply),
                Err(error) => {
                    failed = Some(StorageIOError::apply(log_id, error));
                    break;
                }
            }
        }
        self.publish();
        match failed {
            None => Ok(replies),
            Some(error) => Err(error.into()),
        }
    }

    async fn get_snapshot_builder(&mut self) -> Self::SnapshotBuilder {
        SnapshotBuilder {
            store: self.store.clone(),
            applied: self.applied.clone(),
        }
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        Ok(Box::default())
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        let unreadable = |error| {
            let error = AnyError::new(&error);
            StorageIOError::read_snapshot(Some(meta.signature()), error)
        };
        let state = String::from_utf8(snapshot.into_inner()).map_err(|error| {
            StorageIOError::read_snapshot(Some(meta.signature()), AnyError::new(&error))
        })?;
        let stored = StoredSnapshot {
            meta: meta.clone(),
            state,
        };
        self.applied = Applied::from_snapshot(&stored).map_err(unreadable)?;
        let subject = ErrorSubject::Snapshot(Some(meta.signature()));
        run(&self.store, subject, ErrorVerb::Write, move |store| {
            store.set_snapshot(&stored)
        })
        .await?;
        self.publish();
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, StorageError> {
        let subject = ErrorSubject::Snapshot(None);
        let stored = run(&self.store, subject, ErrorVerb::Read, Store::snapshot).await?;
        Ok(stored.map(Into::into))
    }
}

impl From<StoredSnapshot> for Snapshot {
    fn from(stored: StoredSnapshot) -> Self {
        Self {
            meta: stored.meta,
            snapshot: Box::new(Cursor::new(stored.state.into_bytes())),
        }
    }
}

/// Makes a snapshot of the state at one moment.
pub struct SnapshotBuilder {
    store: Store,
    applied: Applied,
}

impl RaftSnapshotBuilder<GroupTypes> for SnapshotBuilder {
    async fn build_snapshot(&mut self) -> Result<Snapshot, StorageError> {
        let stored = self
            .applied
            .snapshot()
            .map_err(|error| StorageIOError::write_snapshot(None, AnyError::new(&error)))?;
        let subject = ErrorSubject::Snapshot(Some(stored.meta.signature()));
        let kept = stored.clone();
        run(&self.store, subject, ErrorVerb::Write, move |store| {
            store.set_snapshot(&kept)
        })
        .await?;
        Ok(stored.into())
    }
}
