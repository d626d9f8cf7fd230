//! Changes on their way to one standby: in batches, one under way at a time, repeated until the standby has it. Pure.

use std::collections::VecDeque;

use crate::storage::{Change, Commit};

/// Changes that go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Ascends: one that comes again is known by it.
    pub(super) number: u64,
    /// Nothing went before it.
    pub(super) is_first: bool,
    /// In the order in which they were made.
    pub(super) changes: Vec<Change>,
}

/// What waits for one standby.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: VecDeque<(Vec<Change>, Commit)>,
    /// Of all that waits and is under way.
    bytes: usize,
    last_number: u64,
    has_begun: bool,
    /// Bytes of the batch that is under way, and what waits for it.
    under_way: Option<(usize, Vec<Commit>)>,
}

fn bytes_of(changes: &[Change]) -> usize {
    changes.iter().map(Change::bytes).sum()
}

impl Outbox {
    /// Batches are numbered from there on.
    pub(super) const fn numbered_from(number: u64) -> Self {
        Self {
            waiting: VecDeque::new(),
            bytes: 0,
            last_number: number,
            has_begun: false,
            under_way: None,
        }
    }

    /// Adds changes; `commit` is returned when the standby has them.
    pub(super) fn push(&mut self, changes: Vec<Change>, commit: Commit) {
        self.bytes += bytes_of(&changes);
        self.waiting.push_back((changes, commit));
    }

    /// Of all that the standby has not.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The next batch, of no more than so many bytes unless one push alone has more. `None` when nothing waits, or one is
    /// under way.
    pub(super) fn take(&mut self, bytes_max: usize) -> Option<Batch> {
        if self.under_way.is_some() || self.waiting.is_empty() {
            return None;
        }
        let (mut bytes, mut commits, mut all) = (0, Vec::new(), Vec::new());
        while let Some((changes, commit)) = self.waiting.pop_front() {
            let more = bytes_of(&changes);
            if bytes > 0 && bytes + more > bytes_max {
                self.waiting.push_front((changes, commit));
                break;
            }
            bytes += more;
            commits.push(commit);
            all.extend(changes);
        }
        self.under_way = Some((bytes, commits));
        self.last_number += 1;
        Some(Batch {
            number: self.last_number,
            is_first: !std::mem::replace(&mut self.has_begun, true),
            changes: all,
        })
    }

    /// An empty batch, when nothing else is there: to hear whether the standby still has what went before.
    pub(super) fn ask(&mut self) -> Option<Batch> {
        if self.under_way.is_none() && self.waiting.is_empty() && self.has_begun {
            self.waiting.push_back((Vec::new(), Commit::NONE));
        }
        self.take(0)
    }

    /// The standby has the batch that was under way. Returns what waited for it.
    pub(super) fn done(&mut self) -> Vec<Commit> {
        let (bytes, commits) = self.under_way.take().unwrap_or_default();
        self.bytes -= bytes;
        commits
    }

    /// The standby is gone. Returns what waited for it.
    pub(super) fn give_up(self) -> Vec<Commit> {
        let under_way = self.under_way.map(|(_, commits)| commits);
        let waiting = self.waiting.into_iter().map(|(_, commit)| commit);
        under_way.into_iter().flatten().chain(waiting).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Table;

    fn change(key: u8) -> Change {
        Change {
            table: Table::Sessions,
            key: vec![key],
            value: Some(vec![0; 100]),
            is_fresh: false,
        }
    }

    #[test]
    fn batches_keep_the_order_and_one_is_under_way_at_a_time() {
        let mut outbox = Outbox::numbered_from(70);
        assert_eq!(outbox.take(1_000), None);
        for number in 1..=4 {
            outbox.push(vec![change(number)], Commit::numbered(number.into()));
        }
        let one = change(1).bytes();
        let first = outbox.take(3 * one).unwrap();
        assert_eq!((first.number, first.is_first), (71, true));
        assert_eq!(first.changes, [1, 2, 3].map(change));
        assert_eq!(outbox.take(1_000), None);
        assert_eq!(outbox.bytes(), 4 * one);
        assert_eq!(outbox.done(), [1, 2, 3].map(Commit::numbered));
        let second = outbox.take(0).unwrap();
        assert_eq!((second.number, second.is_first), (72, false));
        assert_eq!(second.changes, [change(4)]);
        assert_eq!(outbox.done(), [Commit::numbered(4)]);
        assert_eq!(outbox.bytes(), 0);
        let empty = outbox.ask().unwrap();
        assert_eq!((empty.number, empty.changes.len()), (73, 0));
        assert_eq!(outbox.ask(), None);
        assert_eq!(outbox.done(), [Commit::NONE]);
        assert_eq!(Outbox::numbered_from(0).ask(), None);
    }

    #[test]
    fn whoever_waits_for_a_standby_that_is_gone_is_returned() {
        let mut outbox = Outbox::numbered_from(0);
        outbox.push(vec![change(1)], Commit::numbered(1));
        outbox.take(0).unwrap();
        outbox.push(vec![change(2)], Commit::NONE);
        outbox.push(vec![change(3)], Commit::numbered(2));
        let expected = [Commit::numbered(1), Commit::NONE, Commit::numbered(2)];
        assert_eq!(outbox.give_up(), expected);
    }
}
