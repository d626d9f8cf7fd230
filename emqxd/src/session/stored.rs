//! A Session as it is stored, and brought back after a restart of its node.

use std::sync::Arc;
use std::time::Duration;

use super::inbound_publishes::InboundPublishes;
use super::inflight::Inflight;
use super::packet_id::PacketIds;
use super::session::{Presence, Session, UserName};
use super::will::ArmedWill;
use super::{SessionConfig, SessionExpiry, Will};
use crate::message::Delivery;
use crate::packet::{ClientId, PacketId, ProtocolVersion, SubscriptionOptions};
use crate::time::Timestamp;
use crate::topic::TopicFilter;

/// A Will whose client was connected when its node ended is published no earlier than this after the restart: its client
/// may be on its way back, and another node may have the Session [MQTT-3.1.2.5 allows to defer it].
const WILL_GRACE: Duration = Duration::from_secs(10);

/// What there is of a Session besides Subscriptions and messages. Instants, not remaining times: they go on while the node
/// is down.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredHead {
    /// Client Identifier.
    pub client_id: ClientId,
    /// Version of the latest Network Connection.
    pub version: ProtocolVersion,
    /// Of the latest CONNECT.
    pub clean_start: bool,
    /// As granted.
    pub expiry: SessionExpiry,
    /// When it ends; `None` while connected, or when it never does.
    pub expires_at: Option<Timestamp>,
    /// When its last Network Connection ended; `None` while connected.
    pub disconnected_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// Subscriptions that are yet to get Retained Messages, and from which Topic Name on.
    pub owed_retained: Vec<(TopicFilter, String)>,
    /// The next Packet Identifier to try.
    pub next_packet_id: PacketId,
    /// Will Message, and when it is due; `None` while its client is connected.
    pub will: Option<(Will, Option<Timestamp>)>,
    /// User Name of the latest CONNECT.
    pub username: Option<String>,
    /// Messages dropped so far.
    pub dropped: u64,
}

/// All that was stored of a Session.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSession {
    /// What is not below.
    pub head: StoredHead,
    /// In any order, each with its place.
    pub subscriptions: Vec<(u64, TopicFilter, SubscriptionOptions, Option<u32>)>,
    /// Messages that are not done with, ascending by number.
    pub messages: Vec<(u64, Delivery)>,
    /// Those that were sent, ascending by number; `true` = PUBREC has come.
    pub sent: Vec<(u64, PacketId, bool)>,
    /// QoS 2 messages of the client that await their PUBREL, and since when.
    pub taken: Vec<(PacketId, Timestamp)>,
}

impl Session {
    /// What is stored besides Subscriptions and messages.
    pub fn head(&self) -> StoredHead {
        let away = match &self.presence {
            Presence::Connected(_) => None,
            Presence::Disconnected(away) => away.as_deref().copied(),
        };
        StoredHead {
            client_id: self.client_id.clone(),
            version: self.version,
            clean_start: self.clean_start,
            expiry: self.expiry,
            expires_at: away.and_then(|away| away.expires_at),
            disconnected_at: away.map(|away| away.since),
            created_at: self.created_at,
            owed_retained: self
                .moving
                .owed_retained
                .iter()
                .map(|(filter, from)| (filter.clone(), from.clone()))
                .collect(),
            next_packet_id: self.packet_ids.next(),
            will: self
                .will
                .as_ref()
                .map(|armed| (armed.will.clone(), armed.fires_at)),
            username: self.username().map(str::to_owned),
            dropped: self.dropped,
        }
    }

    /// Place, options and Subscription Identifier of a Subscription.
    pub fn subscription(
        &self,
        filter: &TopicFilter,
    ) -> Option<(u64, SubscriptionOptions, Option<u32>)> {
        self.subscriptions.numbered(filter)
    }

    /// A Session as it was stored, without a Network Connection. One that had a client when its node ended counts as
    /// disconnected from now on, so it does not end before its expiry. Changes are not noted yet.
    pub fn restore(stored: StoredSession, config: Arc<SessionConfig>, now: Timestamp) -> Self {
        let head = stored.head;
        let mut session = Self::new(head.client_id, config, head.created_at);
        session.version = head.version;
        session.clean_start = head.clean_start;
        session.expiry = head.expiry;
        session.username = head.username.map(|username| UserName::boxed(&username));
        session.presence = match head.disconnected_at {
            Some(since) => Presence::away(since, head.expires_at),
            None => Presence::away(now, head.expiry.deadline(now)),
        };
        let mut subscriptions = stored.subscriptions;
        subscriptions.sort_unstable_by_key(|(place, ..)| *place);
        for (_, filter, options, identifier) in subscriptions {
            session.subscriptions.insert(filter, options, identifier);
        }
        for (filter, from) in head.owed_retained {
            session.owe_retained(filter, from);
        }
        let mut messages = stored.messages.into_iter().peekable();
        let mut inflight = Vec::with_capacity(stored.sent.len());
        let mut queued = Vec::new();
        for (number, packet_id, is_released) in stored.sent {
            while let Some(earlier) = messages.next_if(|(each, _)| *each < number) {
                queued.push(earlier);
            }
            let message = messages.next_if(|(each, _)| *each == number);
            match message {
                _ if is_released => inflight.push((number, packet_id, None)),
                Some((_, delivery)) => inflight.push((number, packet_id, Some(delivery))),
                // Of a message that is damaged, nothing can be sent.
                None => {}
            }
        }
        for (number, delivery) in queued.into_iter().chain(messages) {
            session.queue.append_as(number, delivery);
        }
        let last_sent = inflight.last().map_or(0, |(number, ..)| number + 1);
        session.queue.number_from(last_sent);
        session.inflight = Inflight::restore(inflight);
        session.inbound = InboundPublishes::restore(stored.taken);
        session.packet_ids = PacketIds::starting_at(head.next_packet_id);
        session.will = head.will.map(|(will, fires_at)| {
            let fires_at = fires_at.unwrap_or_else(|| now + will.delay.max(WILL_GRACE));
            Box::new(ArmedWill {
                will,
                fires_at: Some(fires_at),
            })
        });
        session.dropped = head.dropped;
        session
    }
}
