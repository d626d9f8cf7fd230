//! The Subscriptions of one Session, in the order in which they were made.

use std::collections::HashMap;

use crate::packet::SubscriptionOptions;
use crate::topic::TopicFilter;

/// Above this many, Topic Filters are found by hash; below, comparing them one by one costs less memory and no
/// more time.
const LINEAR_MAX: usize = 32;

/// A replaced Subscription keeps its place.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// Ascending by number.
    made: Vec<Subscription>,
    /// Numbers by Topic Filter; present once there are more than [`LINEAR_MAX`].
    index: Option<Box<Index>>,
}

/// Boxed: few Sessions have that many Subscriptions, and the others should not carry an empty table.
#[derive(Debug)]
struct Index {
    numbers: HashMap<TopicFilter, u64, ahash::RandomState>,
}

#[derive(Debug)]
struct Subscription {
    number: u64,
    filter: TopicFilter,
    options: SubscriptionOptions,
    identifier: Option<u32>,
}

impl Subscriptions {
    pub(super) const fn len(&self) -> usize {
        self.made.len()
    }

    pub(super) fn contains(&self, filter: &TopicFilter) -> bool {
        self.position(filter).is_some()
    }

    /// As [`Self::get`], with the number by which its place goes.
    pub(super) fn numbered(
        &self,
        filter: &TopicFilter,
    ) -> Option<(u64, SubscriptionOptions, Option<u32>)> {
        let found = &self.made[self.position(filter)?];
        Some((found.number, found.options, found.identifier))
    }

    /// Options and Subscription Identifier.
    pub(super) fn get(&self, filter: &TopicFilter) -> Option<(SubscriptionOptions, Option<u32>)> {
        let found = &self.made[self.position(filter)?];
        Some((found.options, found.identifier))
    }

    /// Makes or replaces a Subscription [MQTT-3.8.4-3]; whether it existed.
    pub(super) fn insert(
        &mut self,
        filter: TopicFilter,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> bool {
        if let Some(position) = self.position(&filter) {
            let existing = &mut self.made[position];
            existing.options = options;
            existing.identifier = identifier;
            return true;
        }
        let number = self.made.last().map_or(0, |last| last.number + 1);
        if let Some(index) = &mut self.index {
            index.numbers.insert(filter.clone(), number);
        }
        if self.made.is_empty() {
            // Not the usual start with room for four: most Sessions have one.
            self.made.reserve_exact(1);
        }
        self.made.push(Subscription {
            number,
            filter,
            options,
            identifier,
        });
        if self.index.is_none() && self.made.len() > LINEAR_MAX {
            let entry = |each: &Subscription| (each.filter.clone(), each.number);
            self.index = Some(Box::new(Index {
                numbers: self.made.iter().map(entry).collect(),
            }));
        }
        false
    }

    /// Whether there was one.
    pub(super) fn remove(&mut self, filter: &TopicFilter) -> bool {
        let Some(position) = self.position(filter) else {
            return false;
        };
        self.made.remove(position);
        if let Some(index) = &mut self.index {
            index.numbers.remove(filter);
        }
        if self.made.len() <= LINEAR_MAX / 2 {
            self.index = None;
        }
        true
    }

    pub(super) fn iter(
        &self,
    ) -> impl Iterator<Item = (&TopicFilter, SubscriptionOptions, Option<u32>)> {
        self.made
            .iter()
            .map(|each| (&each.filter, each.options, each.identifier))
    }

    fn position(&self, filter: &TopicFilter) -> Option<usize> {
        match &self.index {
            Some(index) => {
                let number = index.numbers.get(filter)?;
                self.made
                    .binary_search_by_key(number, |each| each.number)
                    .ok()
            }
            None => self.made.iter().position(|each| each.filter == *filter),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filter(number: u8) -> TopicFilter {
        TopicFilter::new(&format!("a/{number}")).expect("valid")
    }

    proptest! {
        /// Against a plain list, across the border where the index appears.
        #[test]
        fn equals_a_list(operations in proptest::collection::vec((0u8..4, 0u8..60, any::<u32>()), 1..300)) {
            let mut subscriptions = Subscriptions::default();
            let mut list: Vec<(TopicFilter, u32)> = Vec::new();
            for (operation, number, identifier) in operations {
                let filter = filter(number);
                let position = list.iter().position(|(each, _)| *each == filter);
                prop_assert_eq!(subscriptions.contains(&filter), position.is_some());
                if operation == 0 {
                    prop_assert_eq!(subscriptions.remove(&filter), position.is_some());
                    if let Some(position) = position {
                        list.remove(position);
                    }
                } else {
                    let existed = subscriptions.insert(filter.clone(), SubscriptionOptions::default(), Some(identifier));
                    prop_assert_eq!(existed, position.is_some());
                    match position {
                        Some(position) => list[position].1 = identifier,
                        None => list.push((filter.clone(), identifier)),
                    }
                }
                let found = subscriptions.get(&filter).and_then(|(_, identifier)| identifier);
                let listed = list.iter().find(|(each, _)| *each == filter);
                prop_assert_eq!(found, listed.map(|(_, identifier)| *identifier));
                let got: Vec<_> = subscriptions
                    .iter()
                    .map(|(filter, _, identifier)| (filter.clone(), identifier.expect("given")))
                    .collect();
                prop_assert_eq!(got, list.clone());
            }
        }
    }
}
