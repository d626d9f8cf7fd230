//! Retained Messages [MQTT-3.3.1.3]: the latest message of each Topic Name, the same on all nodes in the end.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use parking_lot::RwLock;

use super::retained_cursor::{self, Step};
use super::retained_digest::{RetainedDigest, TopicHash};
use crate::message::{Message, MessageId};
use crate::packet::{PublishProperties, QoS};
use crate::time::Timestamp;
use crate::topic::{TopicFilter, TopicName};

/// How long a removal is remembered unless said otherwise: longer than a node may reasonably be cut off and then
/// come back with the message that was removed.
pub const TOMBSTONE_AGE_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// Messages handed out, and Topic Names looked at, before the lock is let go for others.
const SLICE_MATCHES: usize = 256;
const SLICE_LOOKS: usize = 4_096;

/// Topic Names passed by one after the other before a leap is worth a search of its own.
const STEPS_BEFORE_SEARCH: usize = 4;

/// When and where a Retained Message was accepted. Of two for one Topic Name the later stays; equal times are
/// decided by the node's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetainedStamp {
    /// Hybrid time: milliseconds since the Unix epoch × 65,536 + a count within the millisecond.
    pub stamp: u64,
    /// Name of the node that accepted it.
    pub node: Arc<str>,
}

impl RetainedStamp {
    const fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.stamp >> 16)
    }
}

/// How much is kept. A message beyond it is delivered as any other and not retained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainedLimits {
    /// Retained Messages, at most; 0 = any number. Default 0, as EMQX.
    pub max_retained_messages: usize,
    /// Largest payload, bytes. Default 1 MiB, as EMQX.
    pub max_payload_size: usize,
}

impl Default for RetainedLimits {
    fn default() -> Self {
        Self {
            max_retained_messages: 0,
            max_payload_size: 1 << 20,
        }
    }
}

/// What `RetainedStore::put` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetainedOutcome {
    /// The first for this Topic Name.
    Stored,
    /// It took the place of an earlier one.
    Replaced,
    /// Its payload is empty: there is no Retained Message now [MQTT-3.3.1-6]. Also when there was none before.
    Removed,
    /// One with a later stamp, or this one, is there already. Nothing changed.
    Stale,
}

/// What `RetainedStore::sweep` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Entries that it looked at; fewer than the limit at the end of all.
    pub looked_at: usize,
    /// Messages that had expired; each is a remembered removal now.
    pub expired: usize,
    /// Removals that are not remembered any more.
    pub forgotten: usize,
}

/// A change that `RetainedStore::sweep` makes.
#[derive(Debug)]
pub enum Sweeping<'a> {
    /// A message has expired; its removal is in its place, with the same stamp.
    Expired(&'a Message, &'a RetainedStamp),
    /// A removal of that Topic Name is not remembered any more.
    Forgotten(&'a str),
}

/// The Retained Messages of this node, shared by all threads.
///
/// A sorted map by Topic Name. One lock, held for one insertion or one slice of a search; copies are made outside
/// of it.
pub struct RetainedStore {
    inner: RwLock<Inner>,
    tombstone_age: Duration,
}

#[derive(Default)]
struct Inner {
    /// By Topic Name. There can be millions, so that each byte counts.
    entries: BTreeMap<Box<str>, Entry>,
    /// Those whose message was removed or has expired, and when by the clock of this node. Their entries stay for a
    /// while, so that an older message that arrives late is known to be stale.
    tombstones: BTreeMap<TopicName, Timestamp>,
    /// Names of all nodes in stamps; there are few.
    nodes: Vec<Arc<str>>,
    messages: usize,
    bytes: usize,
    digest: RetainedDigest,
    /// The Topic Name that the last `sweep` ended with.
    swept: Option<Box<str>>,
}

/// A stamp, its node as a place in the list of them, and what it is the stamp of; without a message there is a tombstone.
struct Entry {
    stamp: u64,
    node: u32,
    message: Option<Arc<Message>>,
}

impl Entry {
    fn stamp(&self, nodes: &[Arc<str>]) -> RetainedStamp {
        let node = nodes.get(self.node as usize);
        RetainedStamp {
            stamp: self.stamp,
            node: node.map_or_else(|| Arc::from(""), Arc::clone),
        }
    }
}

impl Inner {
    fn node(&mut self, name: &Arc<str>) -> u32 {
        let known = self.nodes.iter().position(|known| known == name);
        let place = known.unwrap_or_else(|| {
            self.nodes.push(Arc::clone(name));
            self.nodes.len() - 1
        });
        // Clusters have fewer nodes.
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    fn count_in(&mut self, message: &Message) {
        self.messages += 1;
        self.bytes += message.bytes();
    }

    fn count_out(&mut self, message: &Message) {
        self.messages -= 1;
        self.bytes -= message.bytes();
    }

    /// Collects matches from `from` on, within `room`. Where to go on, unless this was all.
    fn collect(
        &self,
        filter: &TopicFilter,
        from: &str,
        now: Timestamp,
        room: (usize, usize),
        out: &mut Vec<Arc<Message>>,
    ) -> Option<String> {
        let (messages_max, bytes_max) = room;
        let from_on = |text: &str| {
            self.entries
                .range::<str, _>((Bound::Included(text), Bound::Unbounded))
                .peekable()
        };
        let mut target = String::new();
        let mut range = from_on(from);
        let mut looks = 0;
        let mut bytes = 0;
        while let Some((topic, entry)) = range.next() {
            if looks == SLICE_LOOKS || out.len() == messages_max {
                return Some(String::from(&**topic));
            }
            looks += 1;
            match retained_cursor::look(filter, topic, &mut target) {
                Step::Match => {
                    let message = entry.message.as_ref().filter(|one| !one.is_expired(now));
                    if let Some(message) = message {
                        bytes += message.bytes();
                        if bytes > bytes_max && !out.is_empty() {
                            return Some(String::from(&**topic));
                        }
                        out.push(Arc::clone(message));
                    }
                }
                Step::Next => {}
                Step::Leap => {
                    let mut steps = 0;
                    while range.next_if(|(topic, _)| ***topic < *target).is_some() {
                        steps += 1;
                        if steps == STEPS_BEFORE_SEARCH {
                            range = from_on(&target);
                            break;
                        }
                    }
                }
                Step::End => return None,
            }
        }
        None
    }
}

impl RetainedStore {
    /// Without messages. A removal is remembered for `tombstone_age`.
    pub fn new(tombstone_age: Duration) -> Self {
        Self {
            inner: RwLock::default(),
            tombstone_age,
        }
    }

    /// Takes a message over if it is the latest for its Topic Name by `stamp`; an empty payload removes. Any order
    /// of calls leads to the same store.
    ///
    /// Topic Name, payload and properties are copied: what came in is usually a slice of a network buffer, which
    /// would otherwise stay in memory as long as the Retained Message.
    pub fn put(&self, message: Arc<Message>, stamp: RetainedStamp) -> RetainedOutcome {
        self.put_and(message, stamp, || {})
    }

    /// As [`put`](Self::put), and calls `changed` when that has changed the store, before anybody else can change it: calls
    /// are in the order of changes. It must be quick, and must not use the store.
    pub fn put_and(
        &self,
        message: Arc<Message>,
        stamp: RetainedStamp,
        changed: impl FnOnce(),
    ) -> RetainedOutcome {
        let topic = Box::from(message.topic.as_str());
        let topic_hash = TopicHash::of(&topic);
        let copy = (!message.payload.is_empty()).then(|| Arc::new(unshared(&message)));
        let mut guard = self.inner.write();
        let inner = &mut *guard;
        let entry = Entry {
            stamp: stamp.stamp,
            node: inner.node(&stamp.node),
            message: copy.clone(),
        };
        let old = match inner.entries.entry(topic) {
            Place::Vacant(vacant) => {
                vacant.insert(entry);
                None
            }
            Place::Occupied(mut occupied) => {
                let present = occupied.get().stamp(&inner.nodes);
                if present >= stamp {
                    return RetainedOutcome::Stale;
                }
                inner.digest.take_away(topic_hash, &present);
                let old = occupied.insert(entry).message;
                if old.is_none() {
                    inner.tombstones.remove(message.topic.as_str());
                }
                old
            }
        };
        inner.digest.add(topic_hash, &stamp);
        if let Some(old) = &old {
            inner.count_out(old);
        }
        if let Some(copy) = &copy {
            inner.count_in(copy);
        } else {
            let at = message.received_at.max(stamp.time());
            inner.tombstones.insert(message.topic.to_unshared(), at);
        }
        changed();
        // What was replaced is freed without the lock.
        drop(guard);
        match (copy, old) {
            (None, _) => RetainedOutcome::Removed,
            (Some(_), Some(_)) => RetainedOutcome::Replaced,
            (Some(_), None) => RetainedOutcome::Stored,
        }
    }

    /// Fills the empty store with all that was in one before: as many [`put`](Self::put)s, at a fraction of the time.
    pub fn load(&self, all: Vec<(Arc<Message>, RetainedStamp)>) {
        let mut guard = self.inner.write();
        let inner = &mut *guard;
        let entries = all.into_iter().map(|(message, stamp)| {
            let topic = Box::from(message.topic.as_str());
            inner.digest.add(TopicHash::of(&topic), &stamp);
            let entry = Entry {
                stamp: stamp.stamp,
                node: inner.node(&stamp.node),
                message: if message.payload.is_empty() {
                    let at = message.received_at.max(stamp.time());
                    inner.tombstones.insert(message.topic.to_unshared(), at);
                    None
                } else {
                    inner.count_in(&message);
                    Some(message)
                },
            };
            (topic, entry)
        });
        // Sorted and laid out at once; one by one it would be searched for each.
        let entries: BTreeMap<_, _> = entries.collect::<Vec<_>>().into_iter().collect();
        inner.entries = entries;
    }

    /// Whether a message that clients want to be retained is within the limits. One that removes always is, and so is
    /// one that takes the place of another, by its number.
    pub fn has_room(&self, message: &Message, limits: &RetainedLimits) -> bool {
        if message.payload.is_empty() {
            return true;
        }
        if message.payload.len() > limits.max_payload_size {
            return false;
        }
        if limits.max_retained_messages == 0 {
            return true;
        }
        let inner = self.inner.read();
        let replaces = || {
            let entry = inner.entries.get(message.topic.as_str());
            entry.is_some_and(|entry| entry.message.is_some())
        };
        inner.messages < limits.max_retained_messages || replaces()
    }

    /// Where the Topic Names begin that a Topic Filter may match: none that sorts before it does.
    pub fn start(filter: &TopicFilter) -> &str {
        retained_cursor::start(filter)
    }

    /// Calls `f`, without a lock, with the next Retained Messages from a Topic Name on that match and have not expired, in
    /// the order of Topic Names: some hundred, and no more than `room` for messages and bytes (one that is larger comes
    /// alone). Where to go on, unless that was all.
    ///
    /// Between slices others may change the store. A message that is there all the while is handed out exactly once. A
    /// Shared Subscription gets none [MQTT-4.8.2].
    pub fn slice(
        &self,
        filter: &TopicFilter,
        from: &str,
        now: Timestamp,
        room: (usize, usize),
        mut f: impl FnMut(&Arc<Message>),
    ) -> Option<String> {
        if filter.is_shared() {
            return None;
        }
        let (messages_max, bytes_max) = room;
        let room = (messages_max.clamp(1, SLICE_MATCHES), bytes_max);
        let mut slice = Vec::new();
        let inner = self.inner.read();
        let rest = inner.collect(filter, from, now, room, &mut slice);
        drop(inner);
        slice.iter().for_each(&mut f);
        rest
    }

    /// Calls `f` with all that match, slice by slice.
    pub fn for_each_match(
        &self,
        filter: &TopicFilter,
        now: Timestamp,
        mut f: impl FnMut(&Arc<Message>),
    ) {
        let mut from = Some(Self::start(filter).to_owned());
        while let Some(start) = from {
            from = self.slice(filter, &start, now, (usize::MAX, usize::MAX), &mut f);
        }
    }

    /// Retained Messages, with those that have expired and are not swept yet.
    pub fn len(&self) -> usize {
        self.inner.read().messages
    }

    /// Whether there is no Retained Message.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Entries that a `sweep` may have to look at: Retained Messages and remembered removals.
    pub fn entries(&self) -> usize {
        self.inner.read().entries.len()
    }

    /// Bytes of their Topic Names, payloads and properties.
    pub fn bytes(&self) -> usize {
        self.inner.read().bytes
    }

    /// Of all that there is now.
    pub fn digest(&self) -> RetainedDigest {
        self.inner.read().digest.clone()
    }

    /// The next `limit` entries after a Topic Name, in order: message, stamp, and whether it stands for a removal
    /// (its payload is then empty and its `id` zero). `put` at another node takes each as it is. Fewer than `limit`
    /// when the end is reached.
    pub fn page(
        &self,
        after: Option<TopicName>,
        limit: usize,
    ) -> Vec<(Arc<Message>, RetainedStamp, bool)> {
        let mut page = Vec::new();
        self.page_and(after, limit, |message, stamp, is_removal| {
            page.push((Arc::clone(message), stamp, is_removal));
        });
        page
    }

    /// As [`page`](Self::page), by a call for each entry, before anybody can change the store. It must be quick.
    pub fn page_and(
        &self,
        after: Option<TopicName>,
        limit: usize,
        mut each: impl FnMut(&Arc<Message>, RetainedStamp, bool),
    ) {
        let after = after.as_ref().map(TopicName::as_str);
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let inner = self.inner.read();
        let entries = inner
            .entries
            .range::<str, _>((from, Bound::Unbounded))
            .take(limit);
        for (topic, entry) in entries {
            let stamp = entry.stamp(&inner.nodes);
            if let Some(message) = &entry.message {
                each(message, stamp, false);
            } else if let Some((topic, at)) = inner.tombstones.get_key_value(&**topic) {
                // There is a tombstone wherever there is no message.
                each(&Arc::new(removal(topic, *at)), stamp, true);
            }
        }
    }

    /// Looks at the next `limit` entries, goes round in many calls: an expired message becomes a tombstone, a
    /// tombstone that is old enough goes.
    pub fn sweep(&self, now: Timestamp, limit: usize) -> Swept {
        self.sweep_and(now, limit, |_| {})
    }

    /// As [`sweep`](Self::sweep), and calls `changed` for each change, as [`put_and`](Self::put_and) does.
    pub fn sweep_and(
        &self,
        now: Timestamp,
        limit: usize,
        mut changed: impl FnMut(Sweeping<'_>),
    ) -> Swept {
        let mut guard = self.inner.write();
        let inner = &mut *guard;
        let from = inner.swept.take();
        let from = from.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut looked_at = 0;
        let (mut expired, mut old) = (Vec::new(), Vec::new());
        let mut last = None;
        for (topic, entry) in inner
            .entries
            .range_mut::<str, _>((from, Bound::Unbounded))
            .take(limit)
        {
            looked_at += 1;
            last = Some(topic);
            match &entry.message {
                Some(message) if message.is_expired(now) => expired.extend(entry.message.take()),
                Some(_) => {}
                None => {
                    let at = inner.tombstones.get(&**topic);
                    if at.is_none_or(|at| now.since(*at) >= self.tombstone_age) {
                        old.push(topic.clone());
                    }
                }
            }
        }
        // At the end begin anew.
        inner.swept = last.filter(|_| looked_at == limit).cloned();
        for message in &expired {
            inner.count_out(message);
            let topic = message.topic.to_unshared();
            if let Some(entry) = inner.entries.get(topic.as_str()) {
                let stamp = entry.stamp(&inner.nodes);
                changed(Sweeping::Expired(&removal(&topic, now), &stamp));
            }
            inner.tombstones.insert(topic, now);
        }
        for topic in &old {
            if let Some(entry) = inner.entries.remove(topic) {
                let stamp = entry.stamp(&inner.nodes);
                inner.digest.take_away(TopicHash::of(topic), &stamp);
            }
            inner.tombstones.remove(&**topic);
            changed(Sweeping::Forgotten(topic));
        }
        // Payloads are freed without the lock.
        drop(guard);
        Swept {
            looked_at,
            expired: expired.len(),
            forgotten: old.len(),
        }
    }
}

impl Default for RetainedStore {
    fn default() -> Self {
        Self::new(TOMBSTONE_AGE_DEFAULT)
    }
}

/// A copy that holds on to no buffer.
fn unshared(message: &Message) -> Message {
    let text = |text: &ByteString| ByteString::from(&**text);
    let bytes = |bytes: &Bytes| Bytes::copy_from_slice(bytes);
    let properties = message.properties.as_deref().map(|properties| {
        Box::new(PublishProperties {
            response_topic: properties.response_topic.as_ref().map(text),
            correlation_data: properties.correlation_data.as_ref().map(bytes),
            user_properties: properties
                .user_properties
                .iter()
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
            content_type: properties.content_type.as_ref().map(text),
            payload_format_indicator: properties.payload_format_indicator,
            message_expiry_interval_s: properties.message_expiry_interval_s,
            topic_alias: properties.topic_alias,
            subscription_identifiers: properties.subscription_identifiers.clone(),
        })
    });
    Message {
        id: message.id,
        topic: message.topic.to_unshared(),
        payload: bytes(&message.payload),
        qos: message.qos,
        retain: message.retain,
        publisher: message.publisher.clone(),
        received_at: message.received_at,
        expires_at: message.expires_at,
        properties,
    }
}

fn removal(topic: &TopicName, removed_at: Timestamp) -> Message {
    Message {
        id: MessageId {
            origin: 0,
            number: 0,
        },
        topic: topic.clone(),
        payload: Bytes::new(),
        qos: QoS::AtMostOnce,
        retain: true,
        publisher: None,
        received_at: removed_at,
        expires_at: None,
        properties: None,
    }
}

#[cfg(test)]
mod tests;
