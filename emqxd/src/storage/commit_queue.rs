//! Changes gather until the disk is free, and then are committed together: which number each gets, what is full, and who
//! waits for what.
//!
//! Everything here is done under one short lock and never waits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::hashing::HashSet;

use super::change::{Change, Table};
use crate::cluster::AckNotify;

/// A commit that a change belongs to. Commits are numbered in the order in which they are made, from 1 at each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Commit(pub(super) u64);

impl Commit {
    /// Nothing to wait for.
    pub const NONE: Self = Self(0);

    /// By its number; 0 = nothing to wait for.
    pub const fn numbered(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Whether there is nothing to wait for.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// What became of changes that were handed to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// The commit that the last of them are in.
    pub commit: Commit,
    /// Some were not taken: whoever relies on them must not be told that they are stored.
    pub is_missed: bool,
}

impl Stored {
    /// Both.
    pub fn join(&mut self, other: Self) {
        self.commit = self.commit.max(other.commit);
        self.is_missed |= other.is_missed;
    }
}

impl From<Result<Commit, QueueFull>> for Stored {
    fn from(appended: Result<Commit, QueueFull>) -> Self {
        Self {
            commit: appended.unwrap_or_default(),
            is_missed: appended.is_err(),
        }
    }
}

/// So much waits for the disk that nothing more is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much waits for the disk")]
pub struct QueueFull;

/// Changes that are written together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) commit: Commit,
    pub(super) changes: Vec<Change>,
}

impl Batch {
    /// Leaves out changes that a later one of the same batch makes undone, also the removal of what was never written.
    pub(super) fn keep_latest(&mut self) {
        let fresh = self.changes.iter().filter(|change| change.is_fresh);
        let fresh: HashSet<(Table, &[u8])> =
            fresh.map(|change| (change.table, &*change.key)).collect();
        let mut seen: HashSet<(Table, &[u8])> = HashSet::default();
        let latest = self.changes.iter().rev();
        let mut kept: Vec<bool> = latest
            .map(|change| {
                let record = (change.table, &*change.key);
                let is_undone = change.value.is_none() && fresh.contains(&record);
                seen.insert(record) && !is_undone
            })
            .collect();
        self.changes.retain(|_| kept.pop().unwrap_or(true));
    }
}

/// What waits for the disk. At most one batch is out at a time.
pub(super) struct CommitQueue {
    gathered: Vec<Change>,
    /// Of what has gathered and what is out.
    bytes: usize,
    bytes_max: usize,
    /// Of the batch that is out.
    bytes_out: usize,
    /// The number that what gathers will get.
    next: u64,
    committed: u64,
    /// Commits that count as stored only when somebody else has them, too, and how many of their changes are still awaited.
    held: BTreeMap<u64, usize>,
    /// Ascending by number.
    waiting: VecDeque<(Commit, Arc<dyn AckNotify>)>,
    /// The next batch waits until so many wait.
    wanted: usize,
}

impl CommitQueue {
    /// Takes up to so many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            gathered: Vec::new(),
            bytes: 0,
            bytes_max,
            bytes_out: 0,
            next: 1,
            committed: 0,
            held: BTreeMap::new(),
            waiting: VecDeque::new(),
            wanted: 0,
        }
    }

    /// Whether nothing has gathered.
    pub(super) const fn is_empty(&self) -> bool {
        self.gathered.is_empty()
    }

    /// How many wait for commits.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// From now on a batch is [complete](Self::is_complete) when so many wait.
    pub(super) const fn want(&mut self, wanted: usize) {
        self.wanted = wanted;
    }

    /// Whether as many wait as were wanted.
    pub(super) fn is_complete(&self) -> bool {
        self.waiting.len() >= self.wanted
    }

    /// Bytes of all that is not committed.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The last commit that has a change.
    pub(super) const fn last(&self) -> Commit {
        if self.gathered.is_empty() {
            Commit(self.next - 1)
        } else {
            Commit(self.next)
        }
    }

    /// Takes changes that are to be committed together. All or none: one that is larger than the bound is taken when
    /// nothing else waits.
    pub(super) fn append(&mut self, changes: Vec<Change>) -> Result<Commit, QueueFull> {
        let bytes: usize = changes.iter().map(Change::bytes).sum();
        if self.bytes > 0 && self.bytes + bytes > self.bytes_max {
            return Err(QueueFull);
        }
        self.bytes += bytes;
        self.gathered.extend(changes);
        Ok(Commit(self.next))
    }

    /// As [`append`](Self::append), and the commit does not count as stored before it is [released](Self::release).
    pub(super) fn append_held(&mut self, changes: Vec<Change>) -> Result<Commit, QueueFull> {
        let commit = self.append(changes)?;
        *self.held.entry(commit.0).or_default() += 1;
        Ok(commit)
    }

    /// Nothing more has to be waited for because of one [`append_held`](Self::append_held). Returns whom to tell.
    #[must_use]
    pub(super) fn release(&mut self, commit: Commit) -> Vec<Arc<dyn AckNotify>> {
        if let Some(count) = self.held.get_mut(&commit.0) {
            *count -= 1;
            if *count == 0 {
                self.held.remove(&commit.0);
            }
        }
        self.due()
    }

    /// The last commit that counts as stored.
    pub(super) fn stored(&self) -> Commit {
        let before_held = self.held.first_key_value().map(|(first, _)| first - 1);
        Commit(before_held.map_or(self.committed, |before| before.min(self.committed)))
    }

    /// All that has gathered; `None` when nothing has.
    pub(super) fn take(&mut self) -> Option<Batch> {
        if self.gathered.is_empty() {
            return None;
        }
        let commit = Commit(self.next);
        self.next += 1;
        self.bytes_out = self.bytes;
        Some(Batch {
            commit,
            changes: std::mem::take(&mut self.gathered),
        })
    }

    /// The batch that is out is stored. Returns whom to tell.
    #[must_use]
    pub(super) fn committed(&mut self, commit: Commit) -> Vec<Arc<dyn AckNotify>> {
        self.committed = commit.0;
        self.bytes -= std::mem::take(&mut self.bytes_out);
        self.due()
    }

    fn due(&mut self) -> Vec<Arc<dyn AckNotify>> {
        let stored = self.stored();
        let due = self.waiting.partition_point(|(each, _)| *each <= stored);
        self.waiting
            .drain(..due)
            .map(|(_, notify)| notify)
            .collect()
    }

    /// Registers `notify` for a commit. `Some` hands it back: it is due now. One that is registered for the same commit
    /// already, as the last, is told once.
    pub(super) fn notify(
        &mut self,
        commit: Commit,
        notify: Arc<dyn AckNotify>,
    ) -> Option<Arc<dyn AckNotify>> {
        if commit <= self.stored() {
            return Some(notify);
        }
        let at = self.waiting.partition_point(|(other, _)| *other <= commit);
        let before = at.checked_sub(1).and_then(|last| self.waiting.get(last));
        let is_known =
            before.is_some_and(|(other, known)| *other == commit && Arc::ptr_eq(known, &notify));
        if !is_known {
            self.waiting.insert(at, (commit, notify));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::super::change::Table;
    use super::*;

    #[derive(Default)]
    struct Told(AtomicUsize);

    impl AckNotify for Told {
        fn acked(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn change(key: u8, len: usize) -> Change {
        Change {
            table: Table::Retained,
            key: vec![key],
            value: Some(vec![0; len]),
            is_fresh: false,
        }
    }

    fn append(queue: &mut CommitQueue, changes: Vec<Change>) -> Result<Commit, QueueFull> {
        queue.append(changes)
    }

    #[test]
    fn what_gathers_while_a_batch_is_out_is_the_next_commit() {
        let mut queue = CommitQueue::new(10_000);
        assert!(queue.take().is_none());
        assert_eq!(append(&mut queue, vec![change(1, 0)]), Ok(Commit(1)));
        assert_eq!(
            append(&mut queue, vec![change(2, 0), change(3, 0)]),
            Ok(Commit(1))
        );
        let batch = queue.take().unwrap();
        assert_eq!((batch.commit, batch.changes.len()), (Commit(1), 3));
        assert_eq!(append(&mut queue, vec![change(4, 0)]), Ok(Commit(2)));
        assert!(queue.committed(Commit(1)).is_empty());
        assert_eq!(queue.bytes(), change(4, 0).bytes());
        assert_eq!(queue.take().unwrap().commit, Commit(2));
        assert!(queue.committed(Commit(2)).is_empty());
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn a_full_queue_takes_nothing_and_says_so() {
        let mut queue = CommitQueue::new(1_000);
        // Larger than the bound, and alone.
        append(&mut queue, vec![change(1, 2_000)]).unwrap();
        assert_eq!(append(&mut queue, vec![change(2, 0)]), Err(QueueFull));
        let batch = queue.take().unwrap();
        assert_eq!(append(&mut queue, vec![change(2, 0)]), Err(QueueFull));
        assert!(queue.committed(batch.commit).is_empty());
        append(&mut queue, vec![change(2, 400)]).unwrap();
        assert_eq!(
            append(&mut queue, vec![change(3, 0), change(4, 400)]),
            Err(QueueFull)
        );
        assert_eq!(queue.take().unwrap().changes.len(), 1);
    }

    #[test]
    fn whoever_waits_is_told_once_when_its_commit_is_stored() {
        let mut queue = CommitQueue::new(10_000);
        let told = [(); 2].map(|()| Arc::new(Told::default()));
        let first = append(&mut queue, vec![change(1, 0)]).unwrap();
        assert!(queue.notify(first, told[0].clone()).is_none());
        assert!(queue.notify(first, told[0].clone()).is_none());
        let out = queue.take().unwrap();
        let second = append(&mut queue, vec![change(2, 0)]).unwrap();
        assert!(queue.notify(second, told[1].clone()).is_none());
        assert!(queue.notify(first, told[1].clone()).is_none());
        let tell = |notify: Vec<Arc<dyn AckNotify>>| {
            notify.iter().for_each(|each| each.acked());
            told.each_ref().map(|told| told.0.load(Ordering::Relaxed))
        };
        assert_eq!(tell(queue.committed(out.commit)), [1, 1]);
        assert!(queue.notify(first, told[0].clone()).is_some());
        let out = queue.take().unwrap();
        assert_eq!(tell(queue.committed(out.commit)), [1, 2]);
    }

    #[test]
    fn a_held_commit_and_later_ones_are_not_stored_before_it_is_released() {
        let mut queue = CommitQueue::new(10_000);
        let told = [(); 3].map(|()| Arc::new(Told::default()));
        let numbers =
            |told: &[Arc<Told>; 3]| told.each_ref().map(|each| each.0.load(Ordering::Relaxed));
        let tell = |notify: Vec<Arc<dyn AckNotify>>| notify.iter().for_each(|each| each.acked());
        let mut commits = Vec::new();
        for (at, held) in [0, 2, 0].into_iter().enumerate() {
            let mut commit = queue.append(vec![change(1, 0)]).unwrap();
            for _ in 0..held {
                commit = queue.append_held(vec![change(2, 0)]).unwrap();
            }
            assert!(queue.notify(commit, told[at].clone()).is_none());
            commits.push(commit);
            let batch = queue.take().unwrap();
            tell(queue.committed(batch.commit));
        }
        assert_eq!((numbers(&told), queue.stored()), ([1, 0, 0], commits[0]));
        tell(queue.release(commits[1]));
        assert_eq!(numbers(&told), [1, 0, 0]);
        tell(queue.release(commits[1]));
        assert_eq!((numbers(&told), queue.stored()), ([1, 1, 1], commits[2]));

        // Released before the disk has it.
        let commit = queue.append_held(vec![change(3, 0)]).unwrap();
        tell(queue.release(commit));
        assert_eq!(queue.stored(), commits[2]);
        let batch = queue.take().unwrap();
        tell(queue.committed(batch.commit));
        assert_eq!(queue.stored(), commit);
    }

    #[test]
    fn of_several_changes_of_one_record_the_last_is_written() {
        let mut batch = Batch {
            commit: Commit(1),
            changes: [(1, 0), (2, 1), (1, 2), (3, 3), (1, 4), (3, 5)]
                .map(|(key, len)| change(key, len))
                .to_vec(),
        };
        batch.keep_latest();
        assert_eq!(
            batch.changes,
            [(2, 1), (1, 4), (3, 5)].map(|(key, len)| change(key, len))
        );
    }

    #[test]
    fn what_was_never_written_is_not_removed() {
        let put = |key, is_fresh| Change {
            is_fresh,
            ..change(key, 1)
        };
        let removal = |key| Change {
            value: None,
            ..change(key, 1)
        };
        let mut batch = Batch {
            commit: Commit(1),
            changes: vec![
                put(1, true),
                put(2, false),
                removal(1),
                put(3, true),
                removal(2),
            ],
        };
        batch.keep_latest();
        assert_eq!(batch.changes, [put(3, true), removal(2)]);
    }

    proptest! {
        #[test]
        fn every_change_is_in_the_commit_that_it_was_told(
            steps in prop::collection::vec((0_u8..3, 1_usize..4), 1..200),
        ) {
            let mut queue = CommitQueue::new(2_000);
            let mut told = Vec::new();
            let mut out: Option<Batch> = None;
            let mut stored = Vec::new();
            for (what, count) in steps.into_iter().chain([(1, 1), (2, 1), (1, 1), (2, 1)]) {
                match what {
                    0 => {
                        let changes: Vec<_> = (0..count)
                            .map(|at| change((told.len() + at) as u8, 10))
                            .collect();
                        if let Ok(commit) = append(&mut queue, changes.clone()) {
                            told.extend(changes.into_iter().map(|change| (commit, change)));
                        }
                    }
                    1 if out.is_none() => out = queue.take(),
                    _ => {
                        if let Some(Batch { commit, changes }) = out.take() {
                            let _ = queue.committed(commit);
                            stored.extend(changes.into_iter().map(|change| (commit, change)));
                        }
                    }
                }
                prop_assert!(queue.bytes() <= 2_000);
            }
            prop_assert_eq!(stored, told);
            prop_assert_eq!(queue.bytes(), 0);
        }
    }
}
