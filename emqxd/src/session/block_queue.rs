//! A queue that grows a block at a time: no entry pays for moving all others to a larger place.
//!
//! When one message goes to thousands of clients that do not read, their queues grow in step. If each moved as a whole
//! at the same message, that message and all behind it would wait until every queue of the node has been copied.

use std::collections::VecDeque;

use crate::time::Timestamp;

/// Entries of a block.
pub(super) const BLOCK: usize = 64;

/// A drained queue keeps room for this many entries, so that steady traffic does not allocate and an idle Session stays
/// small.
const CAPACITY_KEPT: usize = 16;

/// First in, first out. Nothing but a pointer while it was never used.
#[derive(Debug)]
pub(super) struct BlockQueue<T>(Option<Box<Blocks<T>>>);

#[derive(Debug)]
struct Blocks<T> {
    /// Oldest first; none is empty.
    blocks: VecDeque<VecDeque<T>>,
    /// An emptied block, so that a queue that stays long allocates nothing.
    spare: Option<VecDeque<T>>,
    len: usize,
    /// No entry has to be looked at before; `None` = none at all.
    due: Option<Timestamp>,
}

impl<T> Default for BlockQueue<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self {
            blocks: VecDeque::new(),
            spare: None,
            len: 0,
            due: None,
        }
    }
}

impl<T> BlockQueue<T> {
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |inner| inner.len)
    }

    /// `phase`: always the same for one queue, and different for queues that get the same entries, so that they do not
    /// all begin a new block with the same one.
    pub(super) fn push_back(&mut self, entry: T, phase: u8) {
        self.0.get_or_insert_default().push_back(entry, phase);
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.0.as_ref()?.blocks.front()?.front()
    }

    pub(super) fn front_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()?.blocks.front_mut()?.front_mut()
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let inner = self.0.as_mut()?;
        let first = inner.blocks.front_mut()?;
        let entry = first.pop_front()?;
        inner.len -= 1;
        if first.is_empty() {
            inner.spare = inner.blocks.pop_front();
            if inner.len == 0 && inner.spare_capacity() > CAPACITY_KEPT {
                self.0 = None;
            }
        }
        Some(entry)
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0
            .iter()
            .flat_map(|inner| inner.blocks.iter().flatten())
    }

    /// An entry is to be looked at when that time has come.
    pub(super) fn note_due(&mut self, at: Timestamp) {
        if let Some(inner) = &mut self.0 {
            inner.due = Some(inner.due.map_or(at, |due| due.min(at)));
        }
    }

    /// Forgets what was noted; whether the time of any entry may have come.
    pub(super) fn take_due(&mut self, now: Timestamp) -> bool {
        let Some(inner) = &mut self.0 else {
            return false;
        };
        inner.due.take_if(|due| *due <= now).is_some()
    }

    /// Takes entries out of up to `blocks` blocks, beginning with the one at `from`. Returns how many entries it looked
    /// at and where to go on, unless it came to the end.
    pub(super) fn retain_in(
        &mut self,
        from: usize,
        blocks: usize,
        mut keep: impl FnMut(&T) -> bool,
    ) -> (usize, Option<usize>) {
        let Some(inner) = &mut self.0 else {
            return (0, None);
        };
        let to = from.saturating_add(blocks).min(inner.blocks.len());
        let mut looked_at = 0;
        let mut next = from;
        for _ in from..to {
            let block = &mut inner.blocks[next];
            let before = block.len();
            looked_at += before;
            block.retain(&mut keep);
            inner.len -= before - block.len();
            if block.is_empty() {
                inner.blocks.remove(next);
                continue;
            }
            if block.len() <= block.capacity() / 2 && block.len() < before {
                block.shrink_to_fit();
            }
            next += 1;
        }
        (looked_at, (next < inner.blocks.len()).then_some(next))
    }

    /// Whether there is memory that no entry needs.
    pub(super) fn is_shrinkable(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|inner| inner.len == 0 || inner.spare.is_some())
    }

    /// Gives unused memory back.
    pub(super) fn shrink(&mut self) {
        let Some(inner) = &mut self.0 else {
            return;
        };
        if inner.len == 0 {
            self.0 = None;
            return;
        }
        inner.spare = None;
        inner.blocks.shrink_to_fit();
        if let Some(last) = inner.blocks.back_mut() {
            last.shrink_to_fit();
        }
    }

    /// Entries that there is room for without further memory.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.0.as_ref().map_or(0, |inner| {
            let blocks = inner.blocks.iter().chain(&inner.spare);
            blocks.map(VecDeque::capacity).sum()
        })
    }
}

impl<T> Blocks<T> {
    fn push_back(&mut self, entry: T, phase: u8) {
        self.len += 1;
        let room = if self.blocks.len() > 1 {
            BLOCK
        } else {
            usize::from(phase) % BLOCK + 1
        };
        if let Some(last) = self.blocks.back_mut()
            && last.len() < room
        {
            if last.len() == last.capacity() && last.len() >= CAPACITY_KEPT {
                // Never beyond a block: doubling would leave a half-empty one in the middle.
                last.reserve_exact(BLOCK - last.len());
            }
            last.push_back(entry);
            return;
        }
        let mut block = match self.spare.take() {
            Some(block) => block,
            // The first grows with its entries: most queues stay short.
            None if self.blocks.is_empty() => VecDeque::new(),
            None => VecDeque::with_capacity(BLOCK),
        };
        block.push_back(entry);
        self.blocks.push_back(block);
    }

    fn spare_capacity(&self) -> usize {
        self.spare.as_ref().map_or(0, VecDeque::capacity)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_queue_that_stays_long_allocates_nothing() {
        let mut queue = BlockQueue::default();
        for number in 0..1_000 {
            queue.push_back(number, 9);
        }
        queue.pop_front();
        let most = queue.capacity() + BLOCK;
        for number in 1_000..10_000 {
            queue.push_back(number, 9);
            assert_eq!(queue.pop_front(), Some(number - 999));
            assert!(queue.capacity() <= most);
        }
    }

    #[test]
    fn a_drained_queue_holds_little() {
        let mut queue = BlockQueue::default();
        for number in 0..1_000 {
            queue.push_back(number, 9);
        }
        while queue.pop_front().is_some() {}
        assert_eq!(queue.capacity(), 0);
        queue.push_back(1, 9);
        queue.pop_front();
        assert!(
            (1..=CAPACITY_KEPT).contains(&queue.capacity()),
            "steady traffic"
        );
        queue.shrink();
        assert_eq!(queue.capacity(), 0);
    }

    proptest! {
        #[test]
        fn is_a_queue(
            operations in proptest::collection::vec(0u8..8, 0..2_000),
            push in 1u8..8,
            phase: u8,
        ) {
            let mut queue = BlockQueue::default();
            let mut plain = VecDeque::new();
            for (number, operation) in operations.into_iter().enumerate() {
                if operation < push {
                    queue.push_back(number, phase);
                    plain.push_back(number);
                } else {
                    prop_assert_eq!(queue.pop_front(), plain.pop_front());
                }
                if number % 100 == 0 {
                    queue.shrink();
                    prop_assert!(!queue.is_shrinkable());
                }
                if number % 300 == 299 {
                    let keeps = |each: &usize| !each.is_multiple_of(3);
                    let mut from = Some(0);
                    let mut looked_at = 0;
                    while let Some(block) = from {
                        let (looked, next) = queue.retain_in(block, 2, keeps);
                        prop_assert!(looked <= 2 * BLOCK);
                        looked_at += looked;
                        from = next;
                    }
                    prop_assert_eq!(looked_at, plain.len());
                    plain.retain(keeps);
                }
                prop_assert_eq!(queue.len(), plain.len());
                prop_assert_eq!(queue.front(), plain.front());
            }
            prop_assert!(queue.iter().eq(plain.iter()));
            // Of the first, the last and the spare block; others may be half empty where entries were taken out.
            prop_assert!(queue.capacity() <= 2 * plain.len() + 3 * BLOCK);
        }
    }
}
