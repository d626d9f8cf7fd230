//! Between the broker's values and what crosses a peer link. Times become remaining times on the way out and
//! instants of this node's clock on the way in.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use emqx_proto::peer::v1::{self as proto, data_item::Item};

use crate::message::{Delivery, Message, MessageId};
use crate::packet::{
    ClientId, PacketId, ProtocolVersion, PublishProperties, QoS, SubscriptionOptions,
    decode_pass_on_properties, encode_pass_on_properties, variable_byte_integer,
};
use crate::routing::RetainedStamp;
use crate::routing::interest::InterestChange;
use crate::session::state::{InflightState, SessionState, WillState};
use crate::session::{SessionExpiry, Will};
use crate::time::Timestamp;
use crate::topic::{TopicFilter, TopicName};

/// What a peer sent is not what this version understands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the peer sent an invalid {0}")]
pub struct InvalidFromPeer(pub &'static str);

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Frames of a peer hold many messages, and one that waits must not keep the whole frame. What is as large as a frame
/// keeps little else.
const COPIED_BYTES_MAX: usize = 64 << 10;

fn unshared(bytes: Bytes) -> Bytes {
    if bytes.len() > COPIED_BYTES_MAX {
        bytes
    } else {
        Bytes::copy_from_slice(&bytes)
    }
}

fn byte_string(bytes: Bytes, what: &'static str) -> Result<ByteString, InvalidFromPeer> {
    ByteString::try_from(bytes).map_err(|_| InvalidFromPeer(what))
}

/// Names end up in logs and on terminals: what clients may not put into them, peers may not either [MQTT-1.5.4].
fn is_name(text: &str) -> bool {
    !text.contains(char::is_control)
}

pub(super) fn topic_name(text: ByteString) -> Result<TopicName, InvalidFromPeer> {
    if !is_name(&text) {
        return Err(InvalidFromPeer("Topic Name"));
    }
    TopicName::new(text).map_err(|_| InvalidFromPeer("Topic Name"))
}

pub(super) fn properties(bytes: Bytes) -> Result<Box<PublishProperties>, InvalidFromPeer> {
    decode_pass_on_properties(bytes)
        .map(Box::new)
        .map_err(|_| InvalidFromPeer("message properties"))
}

fn topic_filter(text: &str) -> Result<TopicFilter, InvalidFromPeer> {
    let filter = TopicFilter::new(text).ok().filter(|_| is_name(text));
    filter.ok_or(InvalidFromPeer("Topic Filter"))
}

pub(super) fn qos(bits: u32) -> Result<QoS, InvalidFromPeer> {
    u8::try_from(bits)
        .ok()
        .and_then(QoS::from_bits)
        .ok_or(InvalidFromPeer("QoS"))
}

fn packet_id(number: u32) -> Result<PacketId, InvalidFromPeer> {
    u16::try_from(number)
        .ok()
        .and_then(PacketId::new)
        .ok_or(InvalidFromPeer("Packet Identifier"))
}

/// One that a client could have sent: others cannot be told to it [MQTT-3.3.2.3.8].
fn subscription_identifier(number: u32) -> Result<u32, InvalidFromPeer> {
    if (1..=variable_byte_integer::VALUE_MAX).contains(&number) {
        Ok(number)
    } else {
        Err(InvalidFromPeer("Subscription Identifier"))
    }
}

/// An Application Message for a peer.
pub fn message_to(message: &Message, now: Timestamp) -> proto::Message {
    proto::Message {
        origin: message.id.origin,
        number: message.id.number,
        topic: message.topic.as_byte_string().as_bytes().clone(),
        payload: message.payload.clone(),
        qos: message.qos as u32,
        retain: message.retain,
        publisher: message.publisher_text(),
        expires_in_ms: message.expires_at.map(|at| millis(at.since(now))),
        properties: message
            .properties
            .as_deref()
            .map(encode_pass_on_properties)
            .unwrap_or_default(),
    }
}

/// A Retained Message, or a removal, for a peer.
pub fn retained_item(message: &Message, stamp: &RetainedStamp, now: Timestamp) -> proto::DataItem {
    proto::DataItem {
        item: Some(Item::Retained(proto::Retained {
            message: Some(message_to(message, now)),
            stamp: stamp.stamp,
            node: stamp.node.to_string(),
        })),
    }
}

/// An Application Message from a peer.
///
/// # Errors
/// When a field is out of its range.
pub fn message_from(message: proto::Message, now: Timestamp) -> Result<Message, InvalidFromPeer> {
    let topic = topic_name(byte_string(unshared(message.topic), "Topic Name")?)?;
    let properties = if message.properties.is_empty() {
        None
    } else {
        Some(properties(unshared(message.properties))?)
    };
    Ok(Message {
        id: MessageId {
            origin: message.origin,
            number: message.number,
        },
        topic,
        payload: unshared(message.payload),
        qos: qos(message.qos)?,
        retain: message.retain,
        publisher: ClientId::new(&message.publisher),
        received_at: now,
        expires_at: message
            .expires_in_ms
            .map(|ms| now + Duration::from_millis(ms)),
        properties,
    })
}

/// A message that waits for one Session.
pub fn delivery_to(delivery: &Delivery, now: Timestamp) -> proto::QueuedMessage {
    proto::QueuedMessage {
        message: Some(message_to(&delivery.message, now)),
        qos: delivery.qos as u32,
        retain: delivery.retain,
        subscription_identifiers: delivery.subscription_identifiers.to_vec(),
        shared_filter: delivery
            .shared
            .as_ref()
            .map(|filter| filter.as_str().to_owned())
            .unwrap_or_default(),
    }
}

/// A message that waits for one Session.
///
/// # Errors
/// When a field is missing or out of its range.
pub fn delivery_from(
    queued: proto::QueuedMessage,
    now: Timestamp,
) -> Result<Delivery, InvalidFromPeer> {
    let message = queued.message.ok_or(InvalidFromPeer("queued message"))?;
    let shared = match &*queued.shared_filter {
        "" => None,
        text => Some(topic_filter(text)?),
    };
    Ok(Delivery {
        message: Arc::new(message_from(message, now)?),
        qos: qos(queued.qos)?,
        retain: queued.retain,
        shared,
        subscription_identifiers: queued
            .subscription_identifiers
            .into_iter()
            .map(subscription_identifier)
            .collect::<Result<_, _>>()?,
    })
}

/// Changes of interest as one item of the data stream.
pub fn interest_item(changes: Vec<InterestChange>) -> proto::DataItem {
    let mut delta = proto::InterestDelta::default();
    for change in changes {
        match change {
            InterestChange::Add(filter) => delta.add.push(filter.as_str().to_owned()),
            InterestChange::Remove(filter) => delta.remove.push(filter.as_str().to_owned()),
            InterestChange::Shared { filter, members } => delta.shared.push(proto::SharedCount {
                filter: filter.as_str().to_owned(),
                members,
            }),
        }
    }
    proto::DataItem {
        item: Some(Item::Interest(delta)),
    }
}

/// The changes in a delta; filters that this version does not accept are left out.
pub fn interest_changes(delta: proto::InterestDelta) -> Vec<InterestChange> {
    let add = delta
        .add
        .iter()
        .filter_map(|text| TopicFilter::new(text).ok())
        .map(InterestChange::Add);
    let remove = delta
        .remove
        .iter()
        .filter_map(|text| TopicFilter::new(text).ok())
        .map(InterestChange::Remove);
    let shared = shared_changes(&delta.shared);
    add.chain(remove).chain(shared).collect()
}

/// The whole interest of a node in slices of at most this many filters.
const SNAPSHOT_SLICE: usize = 10_000;

/// The whole interest of this node as items of the data stream; always at least one.
pub fn interest_snapshot(changes: &[InterestChange]) -> Vec<proto::DataItem> {
    let mut slices: Vec<proto::InterestSnapshot> = changes
        .chunks(SNAPSHOT_SLICE)
        .map(|slice| {
            let mut snapshot = proto::InterestSnapshot::default();
            for change in slice {
                match change {
                    InterestChange::Add(filter) => {
                        snapshot.filters.push(filter.as_str().to_owned());
                    }
                    InterestChange::Shared { filter, members } => {
                        snapshot.shared.push(proto::SharedCount {
                            filter: filter.as_str().to_owned(),
                            members: *members,
                        });
                    }
                    InterestChange::Remove(_) => {}
                }
            }
            snapshot
        })
        .collect();
    if slices.is_empty() {
        slices.push(proto::InterestSnapshot::default());
    }
    if let Some(first) = slices.first_mut() {
        first.first = true;
    }
    if let Some(last) = slices.last_mut() {
        last.last = true;
    }
    slices
        .into_iter()
        .map(|slice| proto::DataItem {
            item: Some(Item::InterestSnapshot(slice)),
        })
        .collect()
}

/// What a slice of a snapshot adds.
pub fn snapshot_changes(snapshot: &proto::InterestSnapshot) -> Vec<InterestChange> {
    snapshot
        .filters
        .iter()
        .filter_map(|text| TopicFilter::new(text).ok())
        .map(InterestChange::Add)
        .chain(shared_changes(&snapshot.shared))
        .collect()
}

fn shared_changes(shared: &[proto::SharedCount]) -> impl Iterator<Item = InterestChange> + '_ {
    shared.iter().filter_map(|count| {
        let filter = TopicFilter::new(&count.filter).ok()?;
        Some(InterestChange::Shared {
            filter,
            members: count.members,
        })
    })
}

fn options_from(byte: u32) -> Result<SubscriptionOptions, InvalidFromPeer> {
    let byte = u8::try_from(byte).ok();
    byte.and_then(|byte| SubscriptionOptions::from_byte(byte).ok())
        .ok_or(InvalidFromPeer("subscription options"))
}

/// Session State for its new owner.
pub fn session_to(state: &SessionState, now: Timestamp) -> proto::SessionState {
    proto::SessionState {
        client_id: state.client_id.to_string(),
        protocol_level: state.version.level().into(),
        clean_start: state.clean_start,
        expiry_interval_ms: match state.expiry {
            SessionExpiry::After(duration) => Some(millis(duration)),
            SessionExpiry::Never => None,
        },
        expires_in_ms: state.expires_in.map(millis),
        subscriptions: state
            .subscriptions
            .iter()
            .map(|(filter, options, identifier)| proto::SubscriptionState {
                topic_filter: filter.as_str().to_owned(),
                options: options.to_byte().into(),
                subscription_identifier: *identifier,
            })
            .collect(),
        owed_retained: state
            .owed_retained
            .iter()
            .map(|(filter, from)| proto::OwedRetained {
                topic_filter: filter.as_str().to_owned(),
                from: from.clone(),
            })
            .collect(),
        queue: state
            .queue
            .iter()
            .map(|delivery| delivery_to(delivery, now))
            .collect(),
        inflight: state
            .inflight
            .iter()
            .map(|(packet_id, inflight)| proto::InflightState {
                packet_id: u32::from(packet_id.get()),
                message: match inflight {
                    InflightState::Published(delivery) => Some(delivery_to(delivery, now)),
                    InflightState::Released => None,
                },
                pubrel: *inflight == InflightState::Released,
            })
            .collect(),
        awaiting_pubrel: state
            .awaiting_pubrel
            .iter()
            .map(|(packet_id, age)| proto::AwaitingRel {
                packet_id: u32::from(packet_id.get()),
                age_ms: millis(*age),
            })
            .collect(),
        next_packet_id: u32::from(state.next_packet_id.get()),
        will: state.will.as_ref().map(|will| proto::WillState {
            message: Some(proto::Message {
                expires_in_ms: will.will.expiry_interval.map(millis),
                ..message_to(&will.will.message, now)
            }),
            delay_ms: millis(will.will.delay),
            fires_in_ms: will.fires_in.map(millis),
        }),
        created_unix_ms: state.created_at.as_millis(),
        username: state.username.clone().unwrap_or_default(),
        disconnected_unix_ms: state.disconnected_at.map(Timestamp::as_millis),
        dropped: state.dropped,
        copied: state
            .copied
            .iter()
            .map(|id| proto::MessageName {
                origin: id.origin,
                number: id.number,
            })
            .collect(),
    }
}

/// Session State from its former owner.
///
/// # Errors
/// When a field is missing or out of its range; nothing is taken over then.
pub fn session_from(
    state: proto::SessionState,
    now: Timestamp,
) -> Result<SessionState, InvalidFromPeer> {
    let subscriptions = state
        .subscriptions
        .into_iter()
        .map(|subscription| {
            Ok((
                topic_filter(&subscription.topic_filter)?,
                options_from(subscription.options)?,
                subscription
                    .subscription_identifier
                    .map(subscription_identifier)
                    .transpose()?,
            ))
        })
        .collect::<Result<_, _>>()?;
    let owed_retained = state
        .owed_retained
        .into_iter()
        .map(|owed| Ok((topic_filter(&owed.topic_filter)?, owed.from)))
        .collect::<Result<_, _>>()?;
    let inflight = inflight_from(state.inflight, now)?;
    let queue = state
        .queue
        .into_iter()
        .map(|queued| delivery_from(queued, now))
        .collect::<Result<_, _>>()?;
    let awaiting_pubrel = state
        .awaiting_pubrel
        .into_iter()
        .map(|awaiting| {
            Ok((
                packet_id(awaiting.packet_id)?,
                Duration::from_millis(awaiting.age_ms),
            ))
        })
        .collect::<Result<_, _>>()?;
    Ok(SessionState {
        client_id: ClientId::new(&state.client_id)
            .filter(|client_id| is_name(client_id.as_str()))
            .ok_or(InvalidFromPeer("Client Identifier"))?,
        version: u8::try_from(state.protocol_level)
            .ok()
            .and_then(ProtocolVersion::from_level)
            .ok_or(InvalidFromPeer("protocol level"))?,
        clean_start: state.clean_start,
        expiry: state.expiry_interval_ms.map_or(SessionExpiry::Never, |ms| {
            SessionExpiry::After(Duration::from_millis(ms))
        }),
        expires_in: state.expires_in_ms.map(Duration::from_millis),
        subscriptions,
        owed_retained,
        queue,
        inflight,
        awaiting_pubrel,
        next_packet_id: packet_id(state.next_packet_id)?,
        will: state.will.map(|will| will_from(will, now)).transpose()?,
        created_at: Timestamp::from_millis(state.created_unix_ms),
        disconnected_at: state.disconnected_unix_ms.map(Timestamp::from_millis),
        username: (!state.username.is_empty()).then_some(state.username),
        dropped: state.dropped,
        copied: state
            .copied
            .into_iter()
            .map(|name| MessageId {
                origin: name.origin,
                number: name.number,
            })
            .collect(),
    })
}

/// Each Packet Identifier is under way once, and only for messages that have one.
fn inflight_from(
    inflight: Vec<proto::InflightState>,
    now: Timestamp,
) -> Result<Vec<(PacketId, InflightState)>, InvalidFromPeer> {
    let mut taken = HashSet::with_capacity(inflight.len());
    let entry = |inflight: proto::InflightState| {
        let packet_id = packet_id(inflight.packet_id)?;
        if !taken.insert(packet_id) {
            return Err(InvalidFromPeer("Packet Identifier: it is under way twice"));
        }
        let Some(message) = inflight.message else {
            return Ok((packet_id, InflightState::Released));
        };
        let delivery = delivery_from(message, now)?;
        if delivery.qos == QoS::AtMostOnce {
            return Err(InvalidFromPeer("QoS of a message under way"));
        }
        Ok((packet_id, InflightState::Published(delivery)))
    };
    inflight.into_iter().map(entry).collect()
}

fn will_from(state: proto::WillState, now: Timestamp) -> Result<WillState, InvalidFromPeer> {
    let message = state.message.ok_or(InvalidFromPeer("Will Message"))?;
    let expiry_interval = message.expires_in_ms.map(Duration::from_millis);
    let mut message = message_from(message, now)?;
    message.expires_at = None;
    Ok(WillState {
        will: Will {
            message,
            delay: Duration::from_millis(state.delay_ms),
            expiry_interval,
        },
        fires_in: state.fires_in_ms.map(Duration::from_millis),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_under_way_is_refused() {
        let now = Timestamp::from_millis(0);
        let with = |inflight: &[(u32, Option<u32>)]| {
            let entry = |(packet_id, qos): &(u32, Option<u32>)| proto::InflightState {
                packet_id: *packet_id,
                message: qos.map(|qos| proto::QueuedMessage {
                    message: Some(proto::Message {
                        topic: Bytes::from_static(b"t"),
                        ..proto::Message::default()
                    }),
                    qos,
                    ..proto::QueuedMessage::default()
                }),
                pubrel: qos.is_none(),
            };
            inflight_from(inflight.iter().map(entry).collect(), now).is_ok()
        };
        assert!(with(&[(1, Some(1)), (2, Some(2)), (3, None)]));
        assert!(!with(&[(1, Some(0))]), "QoS 0 has no Packet Identifier");
        assert!(!with(&[(1, Some(1)), (1, None)]), "an identifier twice");
        assert!(!with(&[(0, Some(1))]), "no identifier");
    }

    #[test]
    fn a_name_with_a_control_character_is_refused() {
        let now = Timestamp::from_millis(0);
        let message = |topic: &'static str| proto::Message {
            topic: Bytes::from_static(topic.as_bytes()),
            ..proto::Message::default()
        };
        assert!(message_from(message("a/b"), now).is_ok());
        assert!(message_from(message("a\n"), now).is_err());
        assert!(topic_filter("a/+").is_ok());
        assert!(topic_filter("a\u{1b}/+").is_err());
    }

    /// What a peer says would be sent to a client, which could not read it.
    #[test]
    fn a_subscription_identifier_that_no_client_could_send_is_refused() {
        let now = Timestamp::from_millis(0);
        let with = |number: u32| {
            let queued = proto::QueuedMessage {
                message: Some(proto::Message {
                    topic: Bytes::from_static(b"t"),
                    ..proto::Message::default()
                }),
                subscription_identifiers: vec![number],
                ..proto::QueuedMessage::default()
            };
            let state = proto::SessionState {
                client_id: "c".to_owned(),
                protocol_level: 5,
                next_packet_id: 1,
                subscriptions: vec![proto::SubscriptionState {
                    topic_filter: "t".to_owned(),
                    options: 0,
                    subscription_identifier: Some(number),
                }],
                ..proto::SessionState::default()
            };
            [
                delivery_from(queued, now).is_ok(),
                session_from(state, now).is_ok(),
            ]
        };
        for number in [1, 268_435_455] {
            assert_eq!(with(number), [true, true], "{number}");
        }
        for number in [0, 268_435_456, u32::MAX] {
            assert_eq!(with(number), [false, false], "{number}");
        }
    }
}
