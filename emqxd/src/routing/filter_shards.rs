//! A `FilterTrie` in pieces, so that a subscribe stalls few publishers and those only for a moment.

use crossbeam_utils::CachePadded;
use parking_lot::RwLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::hashing::RandomState;
use crate::topic::{FilterTrie, TopicName};

/// Enough that a few dozen threads seldom meet, few enough that an empty broker stays small.
const SHARDS: usize = 64;

/// Topic Filters by how many literal levels they begin with, and within that by those levels.
///
/// A Topic Name has to look at three shards at most. Two levels, not one, decide: all devices of a fleet share
/// the first level in most deployments.
pub(super) struct FilterShards<V> {
    /// Filters that begin with a wildcard.
    wild: Shard<V>,
    /// Filters with one literal level before the end or the first wildcard.
    one_level: Box<[Shard<V>]>,
    /// Filters that begin with two literal levels.
    two_levels: Box<[Shard<V>]>,
    hasher: RandomState,
}

struct Shard<V>(CachePadded<Inner<V>>);

struct Inner<V> {
    trie: RwLock<FilterTrie<V>>,
    /// Number of filters, to pass an empty shard by without touching its lock.
    len: AtomicUsize,
}

impl<V> Shard<V> {
    fn new() -> Self {
        Self(CachePadded::new(Inner {
            trie: RwLock::new(FilterTrie::new()),
            len: AtomicUsize::new(0),
        }))
    }

    fn for_each_match(&self, topic: &TopicName, f: impl FnMut(&V)) {
        // A subscribe that has returned is seen: its store happened before whatever told of it.
        if self.0.len.load(Ordering::Acquire) > 0 {
            self.0.trie.read().for_each_match(topic, f);
        }
    }
}

fn first_levels(text: &str) -> (&str, Option<&str>) {
    match text.split_once('/') {
        None => (text, None),
        Some((first, rest)) => {
            let second = rest.split_once('/').map_or(rest, |(second, _)| second);
            (first, Some(second))
        }
    }
}

fn is_wildcard(level: &str) -> bool {
    matches!(level, "+" | "#")
}

impl<V> FilterShards<V> {
    pub(super) fn new() -> Self {
        let shards = || (0..SHARDS).map(|_| Shard::new()).collect();
        Self {
            wild: Shard::new(),
            one_level: shards(),
            two_levels: shards(),
            hasher: RandomState::new(),
        }
    }

    fn index(&self, levels: &str) -> usize {
        // The remainder is below SHARDS, so nothing is cut off.
        (self.hasher.hash_one(levels) % SHARDS as u64) as usize
    }

    fn shard_of(&self, filter: &str) -> &Shard<V> {
        match first_levels(filter) {
            (first, _) if is_wildcard(first) => &self.wild,
            (first, Some(second)) if !is_wildcard(second) => {
                &self.two_levels[self.index(&filter[..first.len() + 1 + second.len()])]
            }
            (first, _) => &self.one_level[self.index(first)],
        }
    }

    /// Reads the value of exactly this filter (without `$share/…/`).
    pub(super) fn read<R>(&self, filter: &str, f: impl FnOnce(Option<&V>) -> R) -> R {
        f(self.shard_of(filter).0.trie.read().get(filter))
    }

    /// Changes the piece that holds this filter (without `$share/…/`). Matching in that piece waits meanwhile.
    pub(super) fn write<R>(&self, filter: &str, f: impl FnOnce(&mut FilterTrie<V>) -> R) -> R {
        let shard = &self.shard_of(filter).0;
        let mut trie = shard.trie.write();
        let result = f(&mut trie);
        shard.len.store(trie.len(), Ordering::Release);
        result
    }

    /// Calls `f` with the value of each matching filter, under read locks: `f` must not come back here.
    pub(super) fn for_each_match(&self, topic: &TopicName, mut f: impl FnMut(&V)) {
        let text = topic.as_str();
        if !topic.starts_with_dollar() {
            self.wild.for_each_match(topic, &mut f);
        }
        let (first, second) = first_levels(text);
        self.one_level[self.index(first)].for_each_match(topic, &mut f);
        if let Some(second) = second {
            let levels = &text[..first.len() + 1 + second.len()];
            self.two_levels[self.index(levels)].for_each_match(topic, &mut f);
        }
    }
}
