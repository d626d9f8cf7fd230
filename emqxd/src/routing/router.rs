//! The Subscriptions of this node: a published message in, its receivers out.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::filter_shards::FilterShards;
use super::receivers::Receivers;
use super::shared_subscription::{SharedGroup, SharedMember};
use super::subscribers::{Grant, Subscribers};
use crate::message::{Delivery, Message, SubscriptionIdentifiers};
use crate::packet::{QoS, SubscriptionOptions};
use crate::topic::{ShareName, TopicFilter, TopicName};

/// All Subscriptions of this node, shared by all threads.
///
/// `S` stands for a subscriber: cheap to clone, ordered in any stable way. Matching takes read locks on at most
/// three of 129 pieces; a subscribe takes the write lock of one.
pub struct Router<S> {
    filters: FilterShards<Entry<S>>,
    subscription_count: AtomicUsize,
    filter_count: AtomicUsize,
}

/// The Subscriptions to one Topic Filter; shared ones stand beside the ordinary ones.
struct Entry<S> {
    ordinary: Subscribers<S>,
    /// Sorted by Topic Filter with `$share/…/`. Most filters have none, and those with some few.
    groups: Box<[Arc<SharedGroup<S>>]>,
}

/// Receivers of one message. To be kept and used again: matching then allocates nothing.
#[derive(Debug)]
pub struct Matches<S> {
    /// Each subscriber once.
    pub ordinary: Receivers<S>,
    /// Shared Subscriptions with members on this node, sorted by `filter`.
    pub shared: Vec<SharedMatch<S>>,
}

/// A subscriber with one or more matching ordinary Subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<S> {
    /// Who.
    pub subscriber: S,
    /// The highest that was granted [MQTT-3.3.4-2]; the message's own QoS may be lower.
    pub qos: QoS,
    /// Whether any of them asks to keep RETAIN as published [MQTT-3.3.1-13].
    pub retain_as_published: bool,
    /// Of all of them, one for each that has one [MQTT-3.3.4-3].
    pub identifiers: SubscriptionIdentifiers,
}

impl<S> Match<S> {
    /// Whether both get a message with the same QoS, RETAIN and Subscription Identifiers.
    pub fn is_granted_as(&self, other: &Self) -> bool {
        self.qos == other.qos
            && self.retain_as_published == other.retain_as_published
            && self.identifiers == other.identifiers
    }

    /// The message as this subscriber is to get it.
    pub fn delivery_of(&self, message: &Arc<Message>) -> Delivery {
        Delivery {
            message: Arc::clone(message),
            qos: message.qos.min(self.qos),
            retain: message.retain && self.retain_as_published,
            shared: None,
            subscription_identifiers: self.identifiers.clone(),
        }
    }
}

/// A Shared Subscription that matches.
#[derive(Debug)]
pub struct SharedMatch<S> {
    /// With `$share/<Share Name>/`.
    pub filter: TopicFilter,
    /// Its members on this node.
    pub group: Arc<SharedGroup<S>>,
}

impl<S> Matches<S> {
    /// Without receivers.
    pub const fn new() -> Self {
        Self {
            ordinary: Receivers::new(),
            shared: Vec::new(),
        }
    }

    /// Forgets the receivers, keeps the room.
    pub fn clear(&mut self) {
        self.ordinary.clear();
        self.shared.clear();
    }

    /// Whether nobody on this node is to get the message.
    pub fn is_empty(&self) -> bool {
        self.ordinary.is_empty() && self.shared.is_empty()
    }
}

impl<S> Default for Matches<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Ord> Entry<S> {
    fn new() -> Self {
        Self {
            ordinary: Subscribers::new(),
            groups: Box::default(),
        }
    }

    fn is_empty(&self) -> bool {
        self.ordinary.is_empty() && self.groups.is_empty()
    }

    fn find_group(&self, filter: &str) -> Result<usize, usize> {
        self.groups
            .binary_search_by(|group| group.filter().as_str().cmp(filter))
    }

    fn change_groups(&mut self, change: impl FnOnce(&mut Vec<Arc<SharedGroup<S>>>)) {
        let mut groups = std::mem::take(&mut self.groups).into_vec();
        change(&mut groups);
        self.groups = groups.into_boxed_slice();
    }

    /// Whether one was replaced, and whether the filter (as written) is new.
    fn subscribe(&mut self, filter: &TopicFilter, subscriber: S, grant: Grant) -> (bool, bool) {
        if !filter.is_shared() {
            let new = self.ordinary.is_empty();
            return (self.ordinary.insert(subscriber, grant), new);
        }
        let member = SharedMember {
            subscriber,
            options: grant.options,
            identifier: grant.identifier.map(NonZeroU32::get),
        };
        match self.find_group(filter.as_str()) {
            Ok(at) => (self.groups[at].insert(member), false),
            Err(at) => {
                let group = Arc::new(SharedGroup::new(filter.clone(), member));
                self.change_groups(|groups| groups.insert(at, group));
                (false, true)
            }
        }
    }

    /// Whether there was one, and whether it was the last of its filter (as written).
    fn unsubscribe(&mut self, filter: &TopicFilter, subscriber: &S) -> (bool, bool) {
        if !filter.is_shared() {
            let existed = self.ordinary.remove(subscriber);
            return (existed, existed && self.ordinary.is_empty());
        }
        let Ok(at) = self.find_group(filter.as_str()) else {
            return (false, false);
        };
        let existed = self.groups[at].remove(subscriber);
        let last = existed && self.groups[at].is_empty();
        if last {
            self.change_groups(|groups| drop(groups.remove(at)));
        }
        (existed, last)
    }
}

impl<S: Clone + Ord> Router<S> {
    /// Without Subscriptions.
    pub fn new() -> Self {
        Self {
            filters: FilterShards::new(),
            subscription_count: AtomicUsize::new(0),
            filter_count: AtomicUsize::new(0),
        }
    }

    /// Makes a Subscription, or replaces that of the same subscriber to the same Topic Filter [MQTT-3.8.4-3].
    /// Whether one was replaced.
    pub fn subscribe(
        &self,
        filter: &TopicFilter,
        subscriber: S,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> bool {
        let grant = Grant {
            options,
            identifier: identifier.and_then(NonZeroU32::new),
        };
        let (replaced, new_filter) = self.filters.write(filter.filter(), |trie| {
            trie.get_or_insert_with(filter.filter(), Entry::new)
                .subscribe(filter, subscriber, grant)
        });
        if !replaced {
            self.subscription_count.fetch_add(1, Ordering::Relaxed);
        }
        if new_filter {
            self.filter_count.fetch_add(1, Ordering::Relaxed);
        }
        replaced
    }

    /// Ends a Subscription. Whether there was one.
    pub fn unsubscribe(&self, filter: &TopicFilter, subscriber: &S) -> bool {
        let (existed, last) = self.filters.write(filter.filter(), |trie| {
            let Some(entry) = trie.get_mut(filter.filter()) else {
                return (false, false);
            };
            let outcome = entry.unsubscribe(filter, subscriber);
            if entry.is_empty() {
                trie.remove(filter.filter());
            }
            outcome
        });
        if existed {
            self.subscription_count.fetch_sub(1, Ordering::Relaxed);
        }
        if last {
            self.filter_count.fetch_sub(1, Ordering::Relaxed);
        }
        existed
    }

    /// Finds the receivers of a message; clears and fills `matches`.
    ///
    /// Ordinary Subscriptions of one subscriber become one entry. Those with No Local leave `publisher` out
    /// [MQTT-3.8.3-3]. Of a Shared Subscription one member is chosen later, over the whole cluster, by
    /// `shared_subscription::for_each_group`.
    pub fn matches(&self, topic: &TopicName, publisher: Option<&S>, matches: &mut Matches<S>) {
        matches.clear();
        let Matches { ordinary, shared } = matches;
        let mut filters_matched = 0;
        self.filters.for_each_match(topic, |entry| {
            if !entry.ordinary.is_empty() {
                filters_matched += 1;
                ordinary.add(&entry.ordinary, publisher);
            }
            shared.extend(entry.groups.iter().map(|group| SharedMatch {
                filter: group.filter().clone(),
                group: Arc::clone(group),
            }));
        });
        // A single filter has each subscriber once.
        if filters_matched > 1 {
            ordinary.merge();
        }
        if shared.len() > 1 {
            shared.sort_unstable_by(|a, b| a.filter.cmp(&b.filter));
        }
    }

    /// Subscriptions, with each member of a Shared Subscription.
    pub fn subscription_count(&self) -> usize {
        self.subscription_count.load(Ordering::Relaxed)
    }

    /// Topic Filters with at least one Subscription, as written: `a` and `$share/g/a` are two.
    pub fn filter_count(&self) -> usize {
        self.filter_count.load(Ordering::Relaxed)
    }

    /// A Shared Subscription's members on this node, to choose among them for a message that another node sends
    /// to it. `filter` is without `$share/…/`. `None` when there is no member.
    pub fn shared_group(
        &self,
        share_name: &ShareName,
        filter: &str,
    ) -> Option<Arc<SharedGroup<S>>> {
        self.filters.read(filter, |entry| {
            entry?
                .groups
                .iter()
                .find(|group| group.filter().share_name() == Some(share_name))
                .cloned()
        })
    }

    /// Calls `f` with each member of a Shared Subscription on this node: subscriber, options, Subscription
    /// Identifier. `filter` is without `$share/…/`. `f` must not change that Shared Subscription.
    pub fn shared_members(
        &self,
        share_name: &ShareName,
        filter: &str,
        mut f: impl FnMut(&S, SubscriptionOptions, Option<u32>),
    ) {
        if let Some(group) = self.shared_group(share_name, filter) {
            group.for_each(|member| f(&member.subscriber, member.options, member.identifier));
        }
    }
}

impl<S: Clone + Ord> Default for Router<S> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
