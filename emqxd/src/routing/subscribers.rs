//! The ordinary Subscriptions to one Topic Filter.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::RwLock;
use smallvec::SmallVec;

use super::router::Match;
use crate::packet::SubscriptionOptions;

/// Up to this many are kept as a sorted list: inserting moves a few hundred bytes at most. Tests need not many to see
/// the other form.
const LIST_MAX: usize = if cfg!(test) { 4 } else { 32 };

/// Fewer than this many go back to a list.
const TREE_MIN: usize = LIST_MAX / 2;

/// A crowd that was looked at so often since it changed is laid out for further looks. So laying out costs no more than
/// looking, however often Subscriptions come and go between messages.
const LOOKS_MIN: u32 = 2;

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
    Tree(Box<Crowd<S>>),
}

/// Many subscribers to one Topic Filter.
pub(super) struct Crowd<S> {
    tree: BTreeMap<S, Grant>,
    /// With No Local, receivers depend on the publisher.
    no_local: usize,
    looks: AtomicU32,
    /// All of them as receivers of a message, shared by all routings until a Subscription changes.
    laid_out: RwLock<Option<Arc<Vec<Match<S>>>>>,
}

impl Grant {
    /// As a receiver of a message.
    pub(super) fn receiver<S>(&self, subscriber: S) -> Match<S> {
        Match {
            subscriber,
            qos: self.options.qos,
            retain_as_published: self.options.retain_as_published,
            identifiers: self.identifier.into_iter().map(NonZeroU32::get).collect(),
        }
    }
}

impl<S: Clone + Ord> Crowd<S> {
    fn new(tree: BTreeMap<S, Grant>) -> Self {
        Self {
            no_local: tree.values().filter(|grant| grant.options.no_local).count(),
            tree,
            looks: AtomicU32::new(0),
            laid_out: RwLock::default(),
        }
    }

    fn insert(&mut self, subscriber: S, grant: Grant) -> bool {
        let replaced = self.tree.insert(subscriber, grant);
        self.changed(replaced, Some(grant));
        replaced.is_some()
    }

    fn remove(&mut self, subscriber: &S) -> bool {
        let removed = self.tree.remove(subscriber);
        self.changed(removed, None);
        removed.is_some()
    }

    fn changed(&mut self, before: Option<Grant>, after: Option<Grant>) {
        let no_local =
            |grant: Option<Grant>| usize::from(grant.is_some_and(|it| it.options.no_local));
        self.no_local = self.no_local + no_local(after) - no_local(before);
        *self.laid_out.get_mut() = None;
        *self.looks.get_mut() = 0;
    }

    fn laid_out(&self) -> Option<Arc<Vec<Match<S>>>> {
        if self.no_local > 0 {
            return None;
        }
        if let Some(laid_out) = &*self.laid_out.read() {
            return Some(Arc::clone(laid_out));
        }
        if self.looks.fetch_add(1, Ordering::Relaxed) < LOOKS_MIN {
            return None;
        }
        let receivers = self
            .tree
            .iter()
            .map(|(subscriber, grant)| grant.receiver(subscriber.clone()));
        let laid_out = Arc::new(receivers.collect());
        *self.laid_out.write() = Some(Arc::clone(&laid_out));
        Some(laid_out)
    }
}

impl<S: Clone + Ord> Subscribers<S> {
    pub(super) const fn new() -> Self {
        Self::List(SmallVec::new_const())
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::List(list) => list.is_empty(),
            Self::Tree(crowd) => crowd.tree.is_empty(),
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
                        *self = Self::Tree(Box::new(Crowd::new(tree)));
                    }
                    false
                }
            },
            Self::Tree(crowd) => crowd.insert(subscriber, grant),
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
            Self::Tree(crowd) => {
                let existed = crowd.remove(subscriber);
                if crowd.tree.len() < TREE_MIN {
                    *self = Self::List(std::mem::take(&mut crowd.tree).into_iter().collect());
                }
                existed
            }
        }
    }

    /// All of them as receivers of a message, whoever publishes it; when they are many and were looked at before.
    pub(super) fn laid_out(&self) -> Option<Arc<Vec<Match<S>>>> {
        match self {
            Self::List(_) => None,
            Self::Tree(crowd) => crowd.laid_out(),
        }
    }

    pub(super) fn for_each(&self, mut f: impl FnMut(&S, &Grant)) {
        match self {
            Self::List(list) => list
                .iter()
                .for_each(|(subscriber, grant)| f(subscriber, grant)),
            Self::Tree(crowd) => crowd
                .tree
                .iter()
                .for_each(|(subscriber, grant)| f(subscriber, grant)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(no_local: bool) -> Grant {
        Grant {
            options: SubscriptionOptions {
                no_local,
                ..SubscriptionOptions::default()
            },
            identifier: NonZeroU32::new(7),
        }
    }

    #[test]
    fn a_crowd_is_laid_out_until_it_changes() {
        let mut subscribers = Subscribers::new();
        for number in 0..10 {
            subscribers.insert(number, grant(false));
        }
        for _ in 0..LOOKS_MIN {
            assert_eq!(subscribers.laid_out(), None);
        }
        let numbers = |subscribers: &Subscribers<i32>| {
            let laid_out = subscribers.laid_out().unwrap();
            laid_out
                .iter()
                .map(|each| each.subscriber)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(&subscribers), (0..10).collect::<Vec<_>>());
        assert_eq!(subscribers.laid_out().unwrap()[3], grant(false).receiver(3));
        assert!(subscribers.remove(&4));
        assert_eq!(subscribers.laid_out(), None);
        subscribers.insert(11, grant(true));
        for _ in 0..10 {
            assert_eq!(subscribers.laid_out(), None);
        }
        subscribers.insert(11, grant(false));
        for _ in 0..LOOKS_MIN {
            assert_eq!(subscribers.laid_out(), None);
        }
        assert_eq!(numbers(&subscribers), [0, 1, 2, 3, 5, 6, 7, 8, 9, 11]);
    }

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
        for number in 1..100 {
            assert!(subscribers.remove(&number));
            assert!(!subscribers.remove(&number));
        }
        assert!(matches!(subscribers, Subscribers::List(_)));
        assert_eq!(subscribers.laid_out(), None);
        let mut rest = Vec::new();
        subscribers.for_each(|number, _| rest.push(*number));
        assert_eq!(rest, [0]);
    }
}
