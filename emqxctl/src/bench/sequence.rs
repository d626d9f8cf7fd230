//! Finds what was lost, doubled or overtaken on the way from one publisher to one subscriber. Pure.

use std::collections::BTreeMap;

/// What a received number was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Its first copy, after everything before it or with a gap.
    First,
    /// Its first copy, although a later number had come already.
    Reordered,
    /// Another copy.
    Duplicate,
}

/// The numbers that have come. Exact; it needs memory for gaps alone.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// One more than the highest number that has come.
    next: u64,
    /// Gaps below `next`: first number and the one behind the last.
    gaps: BTreeMap<u64, u64>,
}

impl Sequence {
    /// Begins with this number: lower ones were sent before anybody listened.
    pub const fn starting_at(first: u64) -> Self {
        Self {
            next: first,
            gaps: BTreeMap::new(),
        }
    }

    /// A number has come.
    pub fn receive(&mut self, number: u64) -> Receipt {
        if number >= self.next {
            if number > self.next {
                self.gaps.insert(self.next, number);
            }
            self.next = number.saturating_add(1);
            return Receipt::First;
        }
        let Some((&first, &end)) = self.gaps.range(..=number).next_back() else {
            return Receipt::Duplicate;
        };
        if number >= end {
            return Receipt::Duplicate;
        }
        self.gaps.remove(&first);
        if first < number {
            self.gaps.insert(first, number);
        }
        if number + 1 < end {
            self.gaps.insert(number + 1, end);
        }
        Receipt::Reordered
    }

    /// Numbers that are missing below the highest that has come.
    pub fn missing(&self) -> u64 {
        self.gaps.iter().map(|(first, end)| end - first).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_is_told_apart() {
        let mut sequence = Sequence::starting_at(0);
        assert_eq!(sequence.receive(0), Receipt::First);
        assert_eq!(sequence.receive(3), Receipt::First);
        assert_eq!(sequence.missing(), 2);
        assert_eq!(sequence.receive(1), Receipt::Reordered);
        assert_eq!(sequence.receive(1), Receipt::Duplicate);
        assert_eq!(sequence.receive(3), Receipt::Duplicate);
        assert_eq!(sequence.receive(4), Receipt::First);
        assert_eq!(sequence.missing(), 1);
    }

    #[test]
    fn what_was_before_the_beginning_is_not_missing() {
        let mut sequence = Sequence::starting_at(100);
        assert_eq!(sequence.receive(100), Receipt::First);
        assert_eq!(sequence.missing(), 0);
        assert_eq!(sequence.receive(u64::MAX), Receipt::First);
    }

    proptest! {
        /// Against a set of all that has come.
        #[test]
        fn it_agrees_with_a_recount(numbers in proptest::collection::vec(0..60_u64, 0..200)) {
            let mut sequence = Sequence::starting_at(0);
            let mut come = BTreeSet::new();
            for number in numbers {
                let highest = come.last().copied();
                let wanted = if !come.insert(number) {
                    Receipt::Duplicate
                } else if highest.is_some_and(|highest| number < highest) {
                    Receipt::Reordered
                } else {
                    Receipt::First
                };
                prop_assert_eq!(sequence.receive(number), wanted);
                let below = come.last().map_or(0, |highest| highest + 1);
                prop_assert_eq!(sequence.missing(), below - come.len() as u64);
            }
        }
    }
}
