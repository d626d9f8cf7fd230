//! Which node wants which Topic Filters: what this node tells the others, and what it knows of them.
//!
//! Each node is the only writer of its own set, so no agreement is needed: a snapshot and the changes after it, in
//! order for each filter, lead to the same set.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crossbeam_utils::CachePadded;
use parking_lot::{Mutex, MutexGuard, RwLock};
use smallvec::SmallVec;

use super::filter_shards::FilterShards;
use super::interest_digest::InterestDigest;
use super::sticks::Sticks;
use crate::hashing::RandomState;
use crate::memory_reclaim::Table;
use crate::topic::{ShareName, TopicFilter, TopicName};

type FilterMap = HashMap<TopicFilter, u32, RandomState>;

/// Locks over which own filters are spread.
const OWN_SHARDS: usize = 16;

/// A change of one node's set. To apply one twice is the same as once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterestChange {
    /// The first ordinary Subscription to this filter.
    Add(TopicFilter),
    /// The last ordinary Subscription to this filter has ended.
    Remove(TopicFilter),
    /// A Shared Subscription has this many members now; zero when it has ended.
    Shared {
        /// With `$share/<Share Name>/`.
        filter: TopicFilter,
        /// Members on the node.
        members: u32,
    },
}

impl InterestChange {
    /// From the number of Subscriptions to a filter.
    fn new(filter: TopicFilter, count: u32) -> Self {
        if filter.is_shared() {
            Self::Shared {
                filter,
                members: count,
            }
        } else if count > 0 {
            Self::Add(filter)
        } else {
            Self::Remove(filter)
        }
    }

    /// What it is about.
    pub const fn filter(&self) -> &TopicFilter {
        self.parts().0
    }

    /// The filter, and how many want it as far as is told.
    const fn parts(&self) -> (&TopicFilter, u32) {
        match self {
            Self::Add(filter) => (filter, 1),
            Self::Remove(filter) => (filter, 0),
            Self::Shared { filter, members } => (filter, *members),
        }
    }
}

/// Counts the Subscriptions of this node by Topic Filter, to tell the other nodes when one begins or ends.
pub struct OwnInterest {
    shards: Box<[CachePadded<Mutex<OwnFilters>>]>,
    hasher: RandomState,
}

#[derive(Default)]
struct OwnFilters {
    counts: FilterMap,
    digest: InterestDigest,
}

impl OwnInterest {
    /// Without Subscriptions.
    pub fn new() -> Self {
        Self {
            shards: (0..OWN_SHARDS).map(|_| CachePadded::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    fn shard(&self, filter: &TopicFilter) -> MutexGuard<'_, OwnFilters> {
        // The remainder is below OWN_SHARDS, so nothing is cut off.
        self.shards[(self.hasher.hash_one(filter) % OWN_SHARDS as u64) as usize].lock()
    }

    /// Counts one more Subscription. For a replaced one it must not be called.
    ///
    /// Two threads that change the same filter may hand on what they got in the wrong order; where changes go
    /// into a stream, use `add_then`.
    pub fn add(&self, filter: &TopicFilter) -> Option<InterestChange> {
        let mut change = None;
        self.add_then(filter, |made| change = Some(made));
        change
    }

    /// Counts one less. See `add`.
    pub fn remove(&self, filter: &TopicFilter) -> Option<InterestChange> {
        let mut change = None;
        self.remove_then(filter, |made| change = Some(made));
        change
    }

    /// Counts one more Subscription and hands a change to `publish` before any other change of this filter can
    /// be made: changes of one filter reach the stream in their order. `publish` must not call back.
    pub fn add_then(&self, filter: &TopicFilter, publish: impl FnOnce(InterestChange)) {
        let mut shard = self.shard(filter);
        let OwnFilters { counts, digest } = &mut *shard;
        let count = match counts.get_mut(filter) {
            Some(count) => {
                *count = count.saturating_add(1);
                *count
            }
            None => {
                counts.insert(filter.clone(), 1);
                1
            }
        };
        if count == 1 || filter.is_shared() {
            digest.change(filter, count - 1, count);
        }
        if count == 1 || filter.is_shared() {
            publish(InterestChange::new(filter.clone(), count));
        }
    }

    /// Counts one less and hands a change to `publish`, in order as `add_then` does. A filter that is not counted
    /// is left alone.
    pub fn remove_then(&self, filter: &TopicFilter, publish: impl FnOnce(InterestChange)) {
        let mut shard = self.shard(filter);
        let OwnFilters { counts, digest } = &mut *shard;
        let Some(count) = counts.get_mut(filter) else {
            return;
        };
        *count -= 1;
        let count = *count;
        if count == 0 {
            counts.remove(filter);
        }
        if count == 0 || filter.is_shared() {
            digest.change(filter, count + 1, count);
        }
        if count == 0 || filter.is_shared() {
            publish(InterestChange::new(filter.clone(), count));
        }
    }

    /// Gives room back that a table has too much of; whether it did. `None` when there is no table of this number.
    pub fn cut_down(&self, table: usize) -> Option<bool> {
        Some(self.shards.get(table)?.lock().counts.cut_down())
    }

    /// To compare with what other nodes know of this one. Takes no longer for a large set.
    pub fn digest(&self) -> InterestDigest {
        let shards = self.shards.iter().map(|shard| shard.lock().digest);
        shards.fold(InterestDigest::default(), InterestDigest::with)
    }

    /// The whole set. Changes made meanwhile may be in it or not: a stream must number itself before it takes the
    /// snapshot, and send all later changes after it.
    pub fn snapshot(&self) -> Vec<InterestChange> {
        let mut changes = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            changes.extend(
                shard
                    .counts
                    .iter()
                    .map(|(filter, count)| InterestChange::new(filter.clone(), *count)),
            );
        }
        changes
    }
}

impl Default for OwnInterest {
    fn default() -> Self {
        Self::new()
    }
}

/// What the other nodes want. `N` stands for a node: cheap to clone, ordered in any stable way.
pub struct RemoteInterest<N> {
    filters: FilterShards<Entry<N>>,
    /// What each node wants, to find what a snapshot leaves out.
    nodes: RwLock<BTreeMap<N, Arc<Mutex<NodeFilters>>>>,
}

#[derive(Default)]
struct NodeFilters {
    counts: FilterMap,
    digest: InterestDigest,
    /// Taken out of `RemoteInterest::nodes`: who still holds it must look there again.
    forgotten: bool,
}

/// Who wants one Topic Filter.
struct Entry<N> {
    nodes: SmallVec<[N; 2]>,
    /// Sorted by Topic Filter with `$share/…/`.
    groups: Vec<Arc<RemoteGroup<N>>>,
}

/// The members of a Shared Subscription on other nodes.
#[derive(Debug)]
pub struct RemoteGroup<N> {
    filter: TopicFilter,
    members: Mutex<RemoteMembers<N>>,
}

#[derive(Debug)]
pub(super) struct RemoteMembers<N> {
    /// Sorted by node; no count is zero.
    pub(super) nodes: Vec<(N, u32)>,
    /// Used when there is no member on this node.
    pub(super) turn: usize,
    /// The same.
    pub(super) sticks: Sticks,
}

/// Other nodes that want one message. To be kept and used again.
#[derive(Debug)]
pub struct RemoteMatches<N> {
    /// Nodes with ordinary Subscriptions, each once.
    pub nodes: Vec<N>,
    /// Shared Subscriptions with members on other nodes, sorted by `filter`.
    pub shared: Vec<RemoteSharedMatch<N>>,
}

/// A Shared Subscription that matches and has members on other nodes.
#[derive(Debug)]
pub struct RemoteSharedMatch<N> {
    /// With `$share/<Share Name>/`.
    pub filter: TopicFilter,
    /// Where its members are.
    pub group: Arc<RemoteGroup<N>>,
}

impl<N> RemoteMatches<N> {
    /// Without nodes.
    pub const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            shared: Vec::new(),
        }
    }

    /// Forgets the nodes, keeps the room.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.shared.clear();
    }

    /// Whether no other node wants the message.
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.shared.is_empty()
    }
}

impl<N> Default for RemoteMatches<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N> RemoteGroup<N> {
    /// With `$share/<Share Name>/`.
    pub const fn filter(&self) -> &TopicFilter {
        &self.filter
    }

    /// Calls `f` with each node and its number of members.
    pub fn for_each(&self, mut f: impl FnMut(&N, u32)) {
        self.members
            .lock()
            .nodes
            .iter()
            .for_each(|(node, count)| f(node, *count));
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, RemoteMembers<N>> {
        self.members.lock()
    }
}

impl<N: Clone + Ord> Entry<N> {
    const fn new() -> Self {
        Self {
            nodes: SmallVec::new_const(),
            groups: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.groups.is_empty()
    }

    fn set(&mut self, filter: &TopicFilter, node: &N, count: u32) {
        if filter.is_shared() {
            self.set_shared(filter, node, count);
            return;
        }
        match (self.nodes.binary_search(node), count) {
            (Ok(at), 0) => drop(self.nodes.remove(at)),
            (Err(at), 1..) => self.nodes.insert(at, node.clone()),
            _ => {}
        }
    }

    fn set_shared(&mut self, filter: &TopicFilter, node: &N, count: u32) {
        let at = match self
            .groups
            .binary_search_by(|group| group.filter.cmp(filter))
        {
            Ok(at) => at,
            Err(_) if count == 0 => return,
            Err(at) => {
                let group = RemoteGroup {
                    filter: filter.clone(),
                    members: Mutex::new(RemoteMembers {
                        nodes: Vec::new(),
                        turn: 0,
                        sticks: Sticks::default(),
                    }),
                };
                self.groups.insert(at, Arc::new(group));
                at
            }
        };
        let mut members = self.groups[at].members.lock();
        match (
            members.nodes.binary_search_by(|(other, _)| other.cmp(node)),
            count,
        ) {
            (Ok(at), 0) => drop(members.nodes.remove(at)),
            (Ok(at), _) => members.nodes[at].1 = count,
            (Err(_), 0) => {}
            (Err(at), _) => members.nodes.insert(at, (node.clone(), count)),
        }
        let ended = members.nodes.is_empty();
        drop(members);
        if ended {
            self.groups.remove(at);
        }
    }
}

impl<N: Clone + Ord> RemoteInterest<N> {
    /// Gives room back that a table has too much of; whether it did. `None` when there is no table of this number.
    pub fn cut_down(&self, table: usize) -> Option<bool> {
        let node = self.nodes.read().values().nth(table).map(Arc::clone)?;
        let is_smaller = node.lock().counts.cut_down();
        Some(is_smaller)
    }

    /// Knows no other node.
    pub fn new() -> Self {
        Self {
            filters: FilterShards::new(),
            nodes: RwLock::new(BTreeMap::new()),
        }
    }

    fn set(&self, node: &N, filter: &TopicFilter, count: u32) {
        self.filters.write(filter.filter(), |trie| {
            if count > 0 {
                trie.get_or_insert_with(filter.filter(), Entry::new)
                    .set(filter, node, count);
            } else if let Some(entry) = trie.get_mut(filter.filter()) {
                entry.set(filter, node, 0);
                if entry.is_empty() {
                    trie.remove(filter.filter());
                }
            }
        });
    }

    /// Calls `f` with what is known of one node. Changes of one node wait for each other, not for other nodes'.
    fn with_node<R>(&self, node: &N, f: impl FnOnce(&mut NodeFilters) -> R) -> R {
        loop {
            let known = self.nodes.read().get(node).cloned();
            let known = known
                .unwrap_or_else(|| Arc::clone(self.nodes.write().entry(node.clone()).or_default()));
            let mut known = known.lock();
            if !known.forgotten {
                return f(&mut known);
            }
        }
    }

    /// Takes over one change of a node's set.
    pub fn apply(&self, node: &N, change: &InterestChange) {
        let (filter, count) = change.parts();
        self.with_node(node, |known| {
            let before = if count > 0 {
                known.counts.insert(filter.clone(), count)
            } else {
                known.counts.remove(filter)
            };
            let before = before.unwrap_or(0);
            if before != count {
                known.digest.change(filter, before, count);
                self.set(node, filter, count);
            }
        });
    }

    /// The ordinary Topic Filters that a node wants.
    pub fn ordinary_of(&self, node: &N) -> Vec<TopicFilter> {
        self.with_node(node, |known| {
            let filters = known.counts.keys();
            filters
                .filter(|filter| !filter.is_shared())
                .cloned()
                .collect()
        })
    }

    /// Takes over a node's whole set. What is in both the old and the new set matches all the while.
    pub fn replace(&self, node: &N, snapshot: Vec<InterestChange>) {
        self.with_node(node, |known| {
            let mut new = FilterMap::default();
            for change in &snapshot {
                let (filter, count) = change.parts();
                if count > 0 {
                    new.insert(filter.clone(), count);
                } else {
                    new.remove(filter);
                }
            }
            let mut digest = InterestDigest::default();
            for (filter, count) in &new {
                digest.change(filter, 0, *count);
                if known.counts.remove(filter) != Some(*count) {
                    self.set(node, filter, *count);
                }
            }
            for filter in known.counts.keys() {
                self.set(node, filter, 0);
            }
            known.counts = new;
            known.digest = digest;
        });
    }

    /// Forgets the Shared Subscriptions of a node that is away: other members are to be chosen. Ordinary ones stay.
    pub fn forget_shared(&self, node: &N) {
        self.with_node(node, |known| {
            let NodeFilters { counts, digest, .. } = known;
            counts.retain(|filter, count| {
                if filter.is_shared() {
                    digest.change(filter, *count, 0);
                    self.set(node, filter, 0);
                }
                !filter.is_shared()
            });
        });
    }

    /// Forgets a node and all that it wants.
    pub fn forget(&self, node: &N) {
        let Some(known) = self.nodes.read().get(node).cloned() else {
            return;
        };
        let mut known = known.lock();
        if known.forgotten {
            return;
        }
        for filter in std::mem::take(&mut known.counts).keys() {
            self.set(node, filter, 0);
        }
        known.digest = InterestDigest::default();
        known.forgotten = true;
        self.nodes.write().remove(node);
    }

    /// Finds the nodes that want a message; clears and fills `out`.
    pub fn matches(&self, topic: &TopicName, out: &mut RemoteMatches<N>) {
        out.clear();
        let RemoteMatches { nodes, shared } = out;
        let mut filters_matched = 0;
        self.filters.for_each_match(topic, |entry| {
            filters_matched += usize::from(!entry.nodes.is_empty());
            nodes.extend(entry.nodes.iter().cloned());
            shared.extend(entry.groups.iter().map(|group| RemoteSharedMatch {
                filter: group.filter.clone(),
                group: Arc::clone(group),
            }));
        });
        if filters_matched > 1 {
            nodes.sort_unstable();
            nodes.dedup();
        }
        if shared.len() > 1 {
            shared.sort_unstable_by(|a, b| a.filter.cmp(&b.filter));
        }
    }

    /// The members of a Shared Subscription on other nodes. `filter` is without `$share/…/`. `None` when there are
    /// none.
    pub fn shared_group(
        &self,
        share_name: &ShareName,
        filter: &str,
    ) -> Option<Arc<RemoteGroup<N>>> {
        self.filters.read(filter, |entry| {
            entry?
                .groups
                .iter()
                .find(|group| group.filter.share_name() == Some(share_name))
                .cloned()
        })
    }

    /// What is known of each node, by node: to compare with what that node says of itself.
    pub fn digests(&self) -> Vec<(N, InterestDigest)> {
        let nodes = self.nodes.read();
        let known: Vec<_> = nodes
            .iter()
            .map(|(node, known)| (node.clone(), Arc::clone(known)))
            .collect();
        // Not one lock within the other: who forgets a node takes them the other way round.
        drop(nodes);
        let known = known.into_iter();
        known
            .map(|(node, known)| (node, known.lock().digest))
            .collect()
    }

    /// What a node wants, as far as is known.
    #[cfg(test)]
    pub(crate) fn known_of(&self, node: &N) -> Vec<InterestChange> {
        let known = self.nodes.read().get(node).cloned();
        known.map_or_else(Vec::new, |known| {
            let known = known.lock();
            let known = known.counts.iter();
            known
                .map(|(filter, count)| InterestChange::new(filter.clone(), *count))
                .collect()
        })
    }

    /// Topic Filters that a node wants, as written; 0 for an unknown node.
    pub fn filters_of(&self, node: &N) -> usize {
        let known = self.nodes.read().get(node).cloned();
        known.map_or(0, |known| known.lock().counts.len())
    }
}

impl<N: Clone + Ord> Default for RemoteInterest<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
