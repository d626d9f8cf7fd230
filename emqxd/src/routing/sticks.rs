//! Whom the messages of each publishing client go to, for the strategy `sticky`.

use std::collections::HashMap;

use ahash::RandomState;

/// Publishers remembered for one Shared Subscription; when there are more, all are forgotten and stick anew.
const STICKS_MAX: usize = 4_096;

/// By the hash of the publisher, the hash of the member or node that its messages go to.
#[derive(Debug, Default)]
pub(super) struct Sticks(HashMap<u64, u64, RandomState>);

impl Sticks {
    pub(super) fn get(&self, publisher: u64) -> Option<u64> {
        self.0.get(&publisher).copied()
    }

    pub(super) fn set(&mut self, publisher: u64, chosen: u64) {
        if self.0.len() >= STICKS_MAX && !self.0.contains_key(&publisher) {
            self.0.clear();
        }
        self.0.insert(publisher, chosen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_choice_counts_and_the_number_is_bounded() {
        let mut sticks = Sticks::default();
        for publisher in 0..2 * STICKS_MAX as u64 {
            sticks.set(publisher, 7);
            sticks.set(publisher, 8);
            assert_eq!(sticks.get(publisher), Some(8));
            assert!(sticks.0.len() <= STICKS_MAX);
        }
    }
}
