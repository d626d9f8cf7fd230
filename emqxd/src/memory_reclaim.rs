//! What is given back of the memory that a node holds and does not need, and in how small pieces.
//!
//! Live traffic uses the same locks, so whoever walks (`node::reclaim`) holds one for a slice at most: so many entries
//! looked at, or one table moved to a smaller place.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// Entries that are looked at before others get their turn: some 50 to 100 microseconds.
pub const SLICE_ENTRIES: usize = 1_024;

/// A table is moved to a smaller place only with so many entries or fewer: a millisecond or two. One with more is left as
/// it is; most tables are divided into 16 or 64, by a hash.
pub const MOVED_MAX: usize = 32_768;

/// A smaller table is not worth it.
const CAPACITY_MIN: usize = 64;

/// Room for so many times the entries is too much. Tables double when they grow, so one that has just grown has room for
/// twice as many; between that and this, entries may come and go without being moved each time.
const ROOM_MAX: usize = 4;

/// To which capacity a table with so many entries should be cut down; `None` = it stays as it is.
pub const fn capacity_to_keep(len: usize, capacity: usize) -> Option<usize> {
    let is_roomy = capacity >= CAPACITY_MIN && capacity / ROOM_MAX > len;
    if is_roomy && len <= MOVED_MAX {
        Some(len + len / 2)
    } else {
        None
    }
}

/// What grows with its entries and does not become smaller with them.
pub trait Table {
    /// Entries, and for how many there is room.
    fn room(&self) -> (usize, usize);

    /// Moves the entries to a place with room for so many.
    fn move_to(&mut self, capacity: usize);

    /// Gives room back when there is far too much. Whether it did.
    fn cut_down(&mut self) -> bool {
        let (len, capacity) = self.room();
        let kept = capacity_to_keep(len, capacity);
        if let Some(kept) = kept {
            self.move_to(kept);
        }
        kept.is_some()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Table for HashMap<K, V, S> {
    fn room(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn move_to(&mut self, capacity: usize) {
        self.shrink_to(capacity);
    }
}

impl<T: Eq + Hash, S: BuildHasher> Table for HashSet<T, S> {
    fn room(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn move_to(&mut self, capacity: usize) {
        self.shrink_to(capacity);
    }
}

impl<T> Table for Vec<T> {
    fn room(&self) -> (usize, usize) {
        (self.len(), self.capacity())
    }

    fn move_to(&mut self, capacity: usize) {
        self.shrink_to(capacity);
    }
}

/// Counts what is looked at, and says when a slice is over.
#[derive(Debug)]
pub struct Slice {
    left: usize,
}

impl Default for Slice {
    fn default() -> Self {
        Self {
            left: SLICE_ENTRIES,
        }
    }
}

impl Slice {
    /// Entries that may be looked at in it; at least one.
    pub fn left(&self) -> usize {
        self.left.max(1)
    }

    /// So many were looked at. Whether the slice is over; then the next one has begun.
    pub const fn spend(&mut self, entries: usize) -> bool {
        self.left = self.left.saturating_sub(entries);
        let is_over = self.left == 0;
        if is_over {
            self.left = SLICE_ENTRIES;
        }
        is_over
    }
}

/// What one run has given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reclaimed {
    /// Sessions that were ended, because their time had come.
    pub expired_sessions: u64,
    /// Messages that were dropped from the queues of Sessions.
    pub expired_messages: u64,
    /// Retained Messages that had expired.
    pub expired_retained: u64,
    /// Removals of Retained Messages that need not be remembered any more.
    pub forgotten_removals: u64,
    /// Timers of Sessions that had ended.
    pub stale_timers: u64,
    /// Sessions whose buffers were given back.
    pub shrunk_buffers: u64,
    /// Tables of the node that were cut down.
    pub shrunk_tables: u64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_table_that_was_cut_down_is_not_cut_down_again_soon(len in 0usize..100_000, capacity in 0usize..10_000_000) {
            if let Some(kept) = capacity_to_keep(len, capacity) {
                prop_assert!(len <= MOVED_MAX);
                prop_assert!(kept >= len && kept < capacity);
                // A hash table may take up to twice the room that it was asked for, and a few entries at least.
                prop_assert_eq!(capacity_to_keep(len.max(4), 2 * kept + 7), None);
            } else {
                prop_assert!(len > MOVED_MAX || capacity < 64 || capacity <= 4 * len + 3);
            }
        }

        #[test]
        fn no_slice_is_longer_than_it_may_be(looks in prop::collection::vec(0usize..5_000, 1..100)) {
            let mut slice = Slice::default();
            let mut in_this = 0;
            for entries in looks {
                let entries = entries.min(slice.left());
                in_this += entries;
                prop_assert!(in_this <= SLICE_ENTRIES);
                if slice.spend(entries) {
                    prop_assert_eq!(in_this, SLICE_ENTRIES);
                    in_this = 0;
                }
            }
        }

        #[test]
        fn a_table_keeps_its_entries(many in 0usize..5_000, few in 0usize..100) {
            let mut map: HashMap<usize, usize> = (0..many).map(|each| (each, each)).collect();
            let mut list: Vec<usize> = (0..many).collect();
            map.retain(|key, _| *key < few);
            list.truncate(few);
            let mut set: HashSet<usize> = map.keys().copied().collect();
            set.reserve(many);
            let was_roomy = list.capacity() >= 64 && list.capacity() / 4 > list.len();
            prop_assert_eq!(list.cut_down(), was_roomy);
            map.cut_down();
            set.cut_down();
            for table in [map.capacity(), set.capacity(), list.capacity()] {
                prop_assert!(table < 64 || table / 4 <= few.min(many).max(4), "{}", table);
            }
            let left = few.min(many);
            prop_assert_eq!((map.len(), set.len(), list.len()), (left, left, left));
            prop_assert!((0..left).all(|each| map[&each] == each && set.contains(&each) && list[each] == each));
        }
    }
}
