//! A Session as stored records, each of a part that changes by itself.
//!
//! Keys are the number of the Session, a byte for the kind of part, and which one: so the records of a Session lie
//! together, its head first. A Session that is stored anew gets another number; numbers are never used twice while the node
//! runs, and records of a Session without a head are left over.

use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;

use super::change::{Change, Table};
use super::message_record::MessageRecord;
use crate::message::Delivery;
use crate::packet::{ClientId, PacketId, ProtocolVersion, QoS, SubscriptionOptions};
use crate::session::{Session, SessionChange, SessionExpiry, StoredHead, StoredSession, Will};
use crate::stable_hash;
use crate::time::Timestamp;
use crate::topic::TopicFilter;

const HEAD: u8 = 0;
const SUBSCRIPTION: u8 = 1;
const TAKEN: u8 = 2;
const SENT: u8 = 3;
const MESSAGE: u8 = 4;

/// Topic Filters that are longer are in the key by their hash: keys have a bound.
const FILTER_IN_KEY_MAX: usize = 32_768;

/// No text begins with it.
const HASHED: u8 = 0xFF;

#[derive(Clone, PartialEq, prost::Message)]
struct HeadRecord {
    #[prost(string, tag = "1")]
    client_id: String,
    #[prost(uint64, tag = "2")]
    epoch: u64,
    #[prost(uint32, tag = "3")]
    protocol_level: u32,
    #[prost(bool, tag = "4")]
    clean_start: bool,
    /// `None` = never.
    #[prost(uint64, optional, tag = "5")]
    expiry_ms: Option<u64>,
    #[prost(uint64, optional, tag = "6")]
    expires_at_ms: Option<u64>,
    #[prost(uint64, optional, tag = "7")]
    disconnected_at_ms: Option<u64>,
    #[prost(uint64, tag = "8")]
    created_at_ms: u64,
    #[prost(message, repeated, tag = "9")]
    owed_retained: Vec<OwedRecord>,
    #[prost(uint32, tag = "10")]
    next_packet_id: u32,
    #[prost(message, optional, tag = "11")]
    will: Option<WillRecord>,
    #[prost(string, optional, tag = "12")]
    username: Option<String>,
    #[prost(uint64, tag = "13")]
    dropped: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct OwedRecord {
    #[prost(string, tag = "1")]
    filter: String,
    #[prost(string, tag = "2")]
    from: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WillRecord {
    #[prost(message, optional, tag = "1")]
    message: Option<MessageRecord>,
    #[prost(uint64, tag = "2")]
    delay_ms: u64,
    #[prost(uint64, optional, tag = "3")]
    expiry_interval_ms: Option<u64>,
    #[prost(uint64, optional, tag = "4")]
    fires_at_ms: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SubscriptionRecord {
    #[prost(string, tag = "1")]
    filter: String,
    #[prost(uint64, tag = "2")]
    place: u64,
    #[prost(uint32, tag = "3")]
    options: u32,
    #[prost(uint32, optional, tag = "4")]
    identifier: Option<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct DeliveryRecord {
    #[prost(message, optional, tag = "1")]
    message: Option<MessageRecord>,
    #[prost(uint32, tag = "2")]
    qos: u32,
    #[prost(bool, tag = "3")]
    retain: bool,
    #[prost(string, tag = "4")]
    shared: String,
    #[prost(uint32, repeated, tag = "5")]
    subscription_identifiers: Vec<u32>,
}

/// Changes of a Session that is stored under the number `row`, as changes of records.
pub fn changes(
    row: u64,
    epoch: u64,
    session: &Session,
    of: impl IntoIterator<Item = SessionChange>,
) -> Vec<Change> {
    let of = of.into_iter();
    let mut changes = Vec::with_capacity(of.size_hint().0);
    for change in of {
        match change {
            SessionChange::Head => changes.push(put(
                key(row, HEAD, &[]),
                head(&session.head(), epoch).encode_to_vec(),
            )),
            SessionChange::Subscribed(filter) => {
                // It may have ended again: then that is a later change.
                if let Some((place, options, identifier)) = session.subscription(&filter) {
                    let record = SubscriptionRecord {
                        filter: filter.as_str().to_owned(),
                        place,
                        options: options.to_byte().into(),
                        identifier,
                    };
                    changes.push(put(subscription_key(row, &filter), record.encode_to_vec()));
                }
            }
            SessionChange::Queued { number, delivery } => changes.push(Change {
                is_fresh: true,
                ..put(message_key(row, number), delivery_record(&delivery))
            }),
            SessionChange::Sent { number, packet_id } => changes.push(Change {
                is_fresh: true,
                ..put(sent_key(row, number), sent(packet_id, false))
            }),
            SessionChange::Released { number, packet_id } => {
                changes.push(put(sent_key(row, number), sent(packet_id, true)));
                changes.push(removal(message_key(row, number)));
            }
            SessionChange::Taken { packet_id, since } => changes.push(put(
                taken_key(row, packet_id),
                since.as_millis().to_be_bytes().to_vec(),
            )),
            gone @ (SessionChange::Unsubscribed(_)
            | SessionChange::Done { .. }
            | SessionChange::Forgotten { .. }) => remove(row, &gone, &mut changes),
        }
    }
    changes
}

/// That nothing is stored any more of a Session of which these parts were.
pub fn removals(row: u64, parts: impl IntoIterator<Item = SessionChange>) -> Vec<Change> {
    let mut changes = Vec::new();
    for part in parts {
        remove(row, &part, &mut changes);
    }
    changes
}

fn remove(row: u64, part: &SessionChange, changes: &mut Vec<Change>) {
    match part {
        SessionChange::Head => changes.push(forget_head(row)),
        SessionChange::Subscribed(filter) | SessionChange::Unsubscribed(filter) => {
            changes.push(removal(subscription_key(row, filter)));
        }
        SessionChange::Queued { number, .. } => changes.push(removal(message_key(row, *number))),
        SessionChange::Sent { number, .. } | SessionChange::Released { number, .. } => {
            changes.push(removal(sent_key(row, *number)));
        }
        SessionChange::Done { number, was_sent } => {
            changes.push(removal(message_key(row, *number)));
            if *was_sent {
                changes.push(removal(sent_key(row, *number)));
            }
        }
        SessionChange::Taken { packet_id, .. } | SessionChange::Forgotten { packet_id } => {
            changes.push(removal(taken_key(row, *packet_id)));
        }
    }
}

/// That the Session is not stored any more under that number; what else there is of it is left over.
pub fn forget_head(row: u64) -> Change {
    removal(key(row, HEAD, &[]))
}

/// For a copy of the Session: that there is nothing of it any more. The store itself does not know such a change.
pub fn forget_row(row: u64) -> Change {
    removal(row.to_be_bytes().to_vec())
}

/// To remove a record that is left over.
pub fn forget(key: Vec<u8>) -> Change {
    removal(key)
}

fn key(row: u64, kind: u8, which: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(9 + which.len());
    key.extend(row.to_be_bytes());
    key.push(kind);
    key.extend(which);
    key
}

fn message_key(row: u64, number: u64) -> Vec<u8> {
    key(row, MESSAGE, &number.to_be_bytes())
}

fn sent_key(row: u64, number: u64) -> Vec<u8> {
    key(row, SENT, &number.to_be_bytes())
}

fn taken_key(row: u64, packet_id: PacketId) -> Vec<u8> {
    key(row, TAKEN, &packet_id.get().to_be_bytes())
}

fn subscription_key(row: u64, filter: &TopicFilter) -> Vec<u8> {
    let filter = filter.as_str().as_bytes();
    if filter.len() <= FILTER_IN_KEY_MAX {
        return key(row, SUBSCRIPTION, filter);
    }
    let mut which = vec![HASHED];
    which.extend(stable_hash::hash(filter).to_be_bytes());
    key(row, SUBSCRIPTION, &which)
}

const fn put(key: Vec<u8>, value: Vec<u8>) -> Change {
    Change {
        table: Table::Sessions,
        key,
        value: Some(value),
        is_fresh: false,
    }
}

const fn removal(key: Vec<u8>) -> Change {
    Change {
        table: Table::Sessions,
        key,
        value: None,
        is_fresh: false,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn head(head: &StoredHead, epoch: u64) -> HeadRecord {
    HeadRecord {
        client_id: head.client_id.to_string(),
        epoch,
        protocol_level: head.version.level().into(),
        clean_start: head.clean_start,
        expiry_ms: match head.expiry {
            SessionExpiry::After(interval) => Some(millis(interval)),
            SessionExpiry::Never => None,
        },
        expires_at_ms: head.expires_at.map(Timestamp::as_millis),
        disconnected_at_ms: head.disconnected_at.map(Timestamp::as_millis),
        created_at_ms: head.created_at.as_millis(),
        owed_retained: head
            .owed_retained
            .iter()
            .map(|(filter, from)| OwedRecord {
                filter: filter.as_str().to_owned(),
                from: from.clone(),
            })
            .collect(),
        next_packet_id: head.next_packet_id.get().into(),
        will: head.will.as_ref().map(|(will, fires_at)| WillRecord {
            message: Some(MessageRecord::whole(&will.message)),
            delay_ms: millis(will.delay),
            expiry_interval_ms: will.expiry_interval.map(millis),
            fires_at_ms: fires_at.map(Timestamp::as_millis),
        }),
        username: head.username.clone(),
        dropped: head.dropped,
    }
}

fn read_head(value: &[u8]) -> Option<(StoredHead, u64)> {
    let record = HeadRecord::decode(value).ok()?;
    let will = match record.will {
        None => None,
        Some(will) => Some((
            Will {
                message: will.message?.read()?,
                delay: Duration::from_millis(will.delay_ms),
                expiry_interval: will.expiry_interval_ms.map(Duration::from_millis),
            },
            will.fires_at_ms.map(Timestamp::from_millis),
        )),
    };
    let owed_retained = record.owed_retained.into_iter();
    let head = StoredHead {
        client_id: ClientId::new(&record.client_id)?,
        version: u8::try_from(record.protocol_level)
            .ok()
            .and_then(ProtocolVersion::from_level)?,
        clean_start: record.clean_start,
        expiry: record.expiry_ms.map_or(SessionExpiry::Never, |ms| {
            SessionExpiry::After(Duration::from_millis(ms))
        }),
        expires_at: record.expires_at_ms.map(Timestamp::from_millis),
        disconnected_at: record.disconnected_at_ms.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(record.created_at_ms),
        owed_retained: owed_retained
            .map(|owed| Some((TopicFilter::new(&owed.filter).ok()?, owed.from)))
            .collect::<Option<_>>()?,
        next_packet_id: u16::try_from(record.next_packet_id)
            .ok()
            .and_then(PacketId::new)?,
        will,
        username: record.username,
        dropped: record.dropped,
    };
    Some((head, record.epoch))
}

fn sent(packet_id: PacketId, is_released: bool) -> Vec<u8> {
    let [high, low] = packet_id.get().to_be_bytes();
    vec![high, low, u8::from(is_released)]
}

fn read_sent(value: &[u8]) -> Option<(PacketId, bool)> {
    let [high, low, is_released] = *value else {
        return None;
    };
    let packet_id = PacketId::new(u16::from_be_bytes([high, low]))?;
    Some((packet_id, is_released == 1))
}

fn delivery_record(delivery: &Delivery) -> Vec<u8> {
    let record = DeliveryRecord {
        message: Some(MessageRecord::whole(&delivery.message)),
        qos: delivery.qos as u32,
        retain: delivery.retain,
        shared: delivery
            .shared
            .as_ref()
            .map(|filter| filter.as_str().to_owned())
            .unwrap_or_default(),
        subscription_identifiers: delivery.subscription_identifiers.to_vec(),
    };
    record.encode_to_vec()
}

fn read_delivery(value: &[u8]) -> Option<Delivery> {
    // Topic Name and payload stay slices of this one copy.
    let record = DeliveryRecord::decode(Bytes::copy_from_slice(value)).ok()?;
    Some(Delivery {
        message: record.message?.read()?.into(),
        qos: u8::try_from(record.qos).ok().and_then(QoS::from_bits)?,
        retain: record.retain,
        shared: if record.shared.is_empty() {
            None
        } else {
            Some(TopicFilter::new(&record.shared).ok()?)
        },
        subscription_identifiers: record.subscription_identifiers.into(),
    })
}

type Subscription = (u64, TopicFilter, SubscriptionOptions, Option<u32>);

fn read_subscription(value: &[u8]) -> Option<Subscription> {
    let record = SubscriptionRecord::decode(value).ok()?;
    let options = u8::try_from(record.options).ok()?;
    Some((
        record.place,
        TopicFilter::new(&record.filter).ok()?,
        SubscriptionOptions::from_byte(options).ok()?,
        record.identifier,
    ))
}

/// A Session that was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number.
    pub row: u64,
    /// Of the ownership.
    pub epoch: u64,
    /// All of it.
    pub session: StoredSession,
}

/// Puts the records of Sessions together, in the order of their keys.
pub struct Reader<F> {
    each: F,
    begun: Option<Begun>,
    left: LeftOver,
}

/// What is not part of a Session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOver {
    /// The highest number of a Session.
    pub last_row: u64,
    /// Records that were not understood.
    pub not_understood: usize,
    /// Keys of records of which the Session is not stored any more.
    pub keys: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Begun {
    row: u64,
    head: Option<(StoredHead, u64)>,
    is_damaged: bool,
    keys: Vec<Vec<u8>>,
    subscriptions: Vec<Subscription>,
    taken: Vec<(PacketId, Timestamp)>,
    sent: Vec<(u64, PacketId, bool)>,
    messages: Vec<(u64, Delivery)>,
}

impl<F: FnMut(Row)> Reader<F> {
    /// Calls `each` with each Session.
    pub fn new(each: F) -> Self {
        Self {
            each,
            begun: None,
            left: LeftOver::default(),
        }
    }

    /// The next record.
    pub fn read(&mut self, key: &[u8], value: &[u8]) {
        let Some((row, [kind, which @ ..])) = key.split_first_chunk() else {
            self.left.not_understood += 1;
            return;
        };
        let row = u64::from_be_bytes(*row);
        if self.begun.as_ref().is_none_or(|begun| begun.row != row) {
            self.end_row();
        }
        let begun = self.begun.get_or_insert_with(|| Begun {
            row,
            ..Begun::default()
        });
        if begun.read(*kind, which, value).is_none() {
            self.left.not_understood += 1;
        }
        if begun.head.is_none() && !begun.is_damaged {
            begun.keys.push(key.to_vec());
        }
    }

    fn end_row(&mut self) {
        let Some(begun) = self.begun.take() else {
            return;
        };
        self.left.last_row = self.left.last_row.max(begun.row);
        let Some((head, epoch)) = begun.head else {
            self.left.keys.extend(begun.keys);
            return;
        };
        (self.each)(Row {
            row: begun.row,
            epoch,
            session: StoredSession {
                head,
                subscriptions: begun.subscriptions,
                messages: begun.messages,
                sent: begun.sent,
                taken: begun.taken,
            },
        });
    }

    /// There are no more records.
    pub fn end(mut self) -> LeftOver {
        self.end_row();
        self.left
    }
}

impl Begun {
    /// `None` when it is not understood.
    fn read(&mut self, kind: u8, which: &[u8], value: &[u8]) -> Option<()> {
        match kind {
            HEAD => {
                self.head = read_head(value);
                // What else there is of it is kept, to be looked into by people.
                self.is_damaged = self.head.is_none();
                self.head.as_ref()?;
            }
            SUBSCRIPTION => self.subscriptions.push(read_subscription(value)?),
            TAKEN => {
                let packet_id = PacketId::new(u16::from_be_bytes(which.try_into().ok()?))?;
                let since = u64::from_be_bytes(value.try_into().ok()?);
                self.taken.push((packet_id, Timestamp::from_millis(since)));
            }
            SENT => {
                let number = u64::from_be_bytes(which.try_into().ok()?);
                let (packet_id, is_released) = read_sent(value)?;
                self.sent.push((number, packet_id, is_released));
            }
            MESSAGE => {
                let number = u64::from_be_bytes(which.try_into().ok()?);
                self.messages.push((number, read_delivery(value)?));
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
#[path = "session_record_tests.rs"]
mod tests;
