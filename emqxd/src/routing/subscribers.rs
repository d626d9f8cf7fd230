//! The ordinary Subscriptions to one Topic Filter.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use smallvec::SmallVec;

use crate::packet::SubscriptionOptions;

/// Up to this many are kept as a sorted list: inserting moves a few hundred bytes at most.
const LIST_MAX: usize = 32;

/// Fewer than this many go back to a list.
const TREE_MIN: usize = 16;

/// What a Subscription was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) options: SubscriptionOptions,
    /// Zero is no Subscription Identifier [MQTT-3.8.2.1.2].
    pub(super) identifier: Option<NonZeroU32>,
}

/// Subscribers in their order. Most filters have one, which then needs no allocation; a popular one may have
/// hundreds of thousands, and one more must not move them all.
pub(super) enum Subscribers<S> {
    List(SmallVec<[(S, Grant); 1]>),
    Tree(BTreeMap<S, Grant>),
}

impl<S: Clone + Ord> Subscribers<S> {
    pub(super) const fn new() -> Self {
        Self::List(SmallVec::new_const())
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::List(list) => list.is_empty(),
            Self::Tree(tree) => tree.is_empty(),
        }
    }

    /// Whether one was replaced.
    pub(super) fn insert(&mut self, subscriber: S, grant: Grant) -> bool {
        match self {
            Self::List(list) => match list.binary_search_by(|(other, _)| other.cmp(&subscriber)) {
                Ok(at) => {
                    list[at].1 = grant;
                    true
                }
                Err(at) => {
                    if list.len() < LIST_MAX {
                        list.insert(at, (subscriber, grant));
                    } else {
                        let mut tree: BTreeMap<S, Grant> = list.drain(..).collect();
                        tree.insert(subscriber, grant);
                        *self = Self::Tree(tree);
                    }
                    false
                }
            },
            Self::Tree(tree) => tree.insert(subscriber, grant).is_some(),
        }
    }

    /// Whether there was one.
    pub(super) fn remove(&mut self, subscriber: &S) -> bool {
        match self {
            Self::List(list) => {
                let Ok(at) = list.binary_search_by(|(other, _)| other.cmp(subscriber)) else {
                    return false;
                };
                list.remove(at);
                list.shrink_to_fit();
                true
            }
            Self::Tree(tree) => {
                let existed = tree.remove(subscriber).is_some();
                if tree.len() < TREE_MIN {
                    *self = Self::List(std::mem::take(tree).into_iter().collect());
                }
                existed
            }
        }
    }

    pub(super) fn for_each(&self, mut f: impl FnMut(&S, &Grant)) {
        match self {
            Self::List(list) => list
                .iter()
                .for_each(|(subscriber, grant)| f(subscriber, grant)),
            Self::Tree(tree) => tree
                .iter()
                .for_each(|(subscriber, grant)| f(subscriber, grant)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_its_form_with_size_and_keeps_everyone() {
        let grant = Grant {
            options: SubscriptionOptions::default(),
            identifier: None,
        };
        let mut subscribers = Subscribers::new();
        for number in (0..100).rev() {
            assert!(!subscribers.insert(number, grant));
        }
        assert!(matches!(subscribers, Subscribers::Tree(_)));
        assert!(subscribers.insert(5, grant));
        for number in 3..100 {
            assert!(subscribers.remove(&number));
            assert!(!subscribers.remove(&number));
        }
        assert!(matches!(subscribers, Subscribers::List(_)));
        let mut rest = Vec::new();
        subscribers.for_each(|number, _| rest.push(*number));
        assert_eq!(rest, [0, 1, 2]);
    }
}
