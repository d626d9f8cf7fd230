//! A fingerprint of a set of interest, kept up with every change of the set: nodes compare what they know of each other
//! without sending it, however large it is.

use crate::stable_hash;
use crate::topic::TopicFilter;

/// Of one node's set. Equal sets have equal digests, on whichever node and in whatever order they were put together; that
/// different ones have equal digests does not happen by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InterestDigest {
    /// Topic Filters in it; one with `$share/…/` counts as one of its own.
    pub filters: u64,
    /// Sum of the hashes of its members: what comes adds its own, what goes takes it away.
    pub sum: u64,
}

impl InterestDigest {
    /// So many wanted this filter before, and so many do now. Of ordinary Subscriptions nobody is told how many there are.
    pub fn change(&mut self, filter: &TopicFilter, before: u32, now: u32) {
        if before > 0 {
            self.filters = self.filters.wrapping_sub(1);
            self.sum = self.sum.wrapping_sub(member(filter, before));
        }
        if now > 0 {
            self.filters = self.filters.wrapping_add(1);
            self.sum = self.sum.wrapping_add(member(filter, now));
        }
    }

    /// Of two sets that have nothing in common, together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self {
            filters: self.filters.wrapping_add(other.filters),
            sum: self.sum.wrapping_add(other.sum),
        }
    }
}

fn member(filter: &TopicFilter, count: u32) -> u64 {
    let told = if filter.is_shared() { count } else { 1 };
    let text = stable_hash::hash(filter.as_str().as_bytes());
    stable_hash::mix(stable_hash::hash_on(text, &told.to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).unwrap()
    }

    #[test]
    fn what_has_gone_leaves_no_trace_and_the_order_none_either() {
        let (mut one, mut other) = (InterestDigest::default(), InterestDigest::default());
        for text in ["a", "b/+", "$share/g/a"] {
            one.change(&filter(text), 0, 1);
        }
        for text in ["$share/g/a", "c", "b/+", "a"] {
            other.change(&filter(text), 0, 1);
        }
        assert_ne!(one, other);
        other.change(&filter("c"), 1, 0);
        assert_eq!(one, other);
        assert_eq!(one.filters, 3);
    }

    #[test]
    fn how_many_there_are_counts_for_shared_subscriptions_only() {
        let of = |text: &str, count| {
            let mut digest = InterestDigest::default();
            digest.change(&filter(text), 0, count);
            digest
        };
        assert_eq!(of("a", 1), of("a", 7));
        assert_ne!(of("$share/g/a", 1), of("$share/g/a", 7));
        assert_ne!(of("$share/g/a", 1), of("a", 1));
    }
}
