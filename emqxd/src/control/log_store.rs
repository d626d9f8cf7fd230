//! Log and vote of the group as raft wants them. Disk work happens on threads that may block.

use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{
    AnyError, ErrorSubject, ErrorVerb, LogState, OptionalSend, RaftLogReader, StorageIOError,
};

use super::store::{Store, StoreError};
use super::types::{Entry, GroupTypes, LogId, StorageError, Vote};

/// Cheap to clone.
#[derive(Clone)]
pub struct LogStore(Store);

impl LogStore {
    /// In that store.
    pub const fn new(store: Store) -> Self {
        Self(store)
    }

    async fn run<T: Send + 'static>(
        &self,
        subject: ErrorSubject<u64>,
        verb: ErrorVerb,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StorageError> {
        run(&self.0, subject, verb, work).await
    }
}

/// Does something with the store on a thread that may block.
pub(super) async fn run<T: Send + 'static>(
    store: &Store,
    subject: ErrorSubject<u64>,
    verb: ErrorVerb,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StorageError> {
    let store = store.clone();
    let done = tokio::task::spawn_blocking(move || work(&store)).await;
    let failed = match done {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => AnyError::new(&error),
        Err(error) => AnyError::new(&error),
    };
    Err(StorageIOError::new(subject, verb, failed).into())
}

impl RaftLogReader<GroupTypes> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        let range = (range.start_bound().cloned(), range.end_bound().cloned());
        self.run(ErrorSubject::Logs, ErrorVerb::Read, move |store| {
            store.entries(range)
        })
        .await
    }
}

impl RaftLogStorage<GroupTypes> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<GroupTypes>, StorageError> {
        self.run(ErrorSubject::Logs, ErrorVerb::Read, |store| {
            Ok(LogState {
                last_purged_log_id: store.purged()?,
                last_log_id: store.last_log_id()?,
            })
        })
        .await
    }

    async fn get_log_reader(&mut self) -> Self::LogReader {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let vote = *vote;
        self.run(ErrorSubject::Vote, ErrorVerb::Write, move |store| {
            store.set_vote(&vote)
        })
        .await
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        self.run(ErrorSubject::Vote, ErrorVerb::Read, Store::vote)
            .await
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), StorageError> {
        self.run(ErrorSubject::Store, ErrorVerb::Write, move |store| {
            store.set_committed(committed)
        })
        .await
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, StorageError> {
        self.run(ErrorSubject::Store, ErrorVerb::Read, Store::committed)
            .await
    }

    async fn append<I>(
        &mut self,
        entries: I,
        callback: LogFlushed<GroupTypes>,
    ) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        let appended = self
            .run(ErrorSubject::Logs, ErrorVerb::Write, move |store| {
                store.append(&entries)
            })
            .await;
        callback.log_io_completed(match &appended {
            Ok(()) => Ok(()),
            Err(error) => Err(io::Error::other(error.to_string())),
        });
        appended
    }

    async fn truncate(&mut self, log_id: LogId) -> Result<(), StorageError> {
        self.run(ErrorSubject::Log(log_id), ErrorVerb::Delete, move |store| {
            store.truncate(log_id.index)
        })
        .await
    }

    async fn purge(&mut self, log_id: LogId) -> Result<(), StorageError> {
        self.run(ErrorSubject::Log(log_id), ErrorVerb::Delete, move |store| {
            store.purge(&log_id)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use openraft::testing::{StoreBuilder, Suite};
    use tempfile::TempDir;

    use super::super::state_machine::StateMachine;
    use super::*;

    struct InTemporaryFolder;

    impl StoreBuilder<GroupTypes, LogStore, StateMachine, TempDir> for InTemporaryFolder {
        async fn build(&self) -> Result<(TempDir, LogStore, StateMachine), StorageError> {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(dir.path()).unwrap();
            let (states, _) = crate::watch::channel(std::sync::Arc::default());
            let machine = StateMachine::load(store.clone(), states).unwrap();
            Ok((dir, LogStore::new(store), machine))
        }
    }

    #[test]
    fn the_storage_suite_of_raft_passes() {
        Suite::test_all(InTemporaryFolder).unwrap();
    }
}
