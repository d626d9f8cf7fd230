//! An Application Message as the broker holds it: decoded once, shared by every Session that gets it.

use std::sync::Arc;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::packet::{ClientId, PublishProperties, QoS};
use crate::time::Timestamp;
use crate::topic::{TopicFilter, TopicName};

/// Names a message in the whole cluster, for ever: the incarnation of the node that accepted it from its
/// publisher, and that incarnation's count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// Incarnation of the accepting node.
    pub origin: u64,
    /// Counted from 1 by that incarnation.
    pub number: u64,
}

/// An Application Message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Unique in the cluster.
    pub id: MessageId,
    /// What it was published to (Topic Alias resolved).
    pub topic: TopicName,
    /// Payload.
    pub payload: Bytes,
    /// As published; a Subscription may lower it [MQTT-3.8.4-8].
    pub qos: QoS,
    /// RETAIN as published.
    pub retain: bool,
    /// For No Local [MQTT-3.8.3-3]; `None` for the broker's own.
    pub publisher: Option<ClientId>,
    /// When it was accepted here.
    pub received_at: Timestamp,
    /// End of the Message Expiry Interval [MQTT-3.3.2-5].
    pub expires_at: Option<Timestamp>,
    /// Properties passed on unaltered: Payload Format Indicator, Response Topic, Correlation Data, User
    /// Properties, Content Type. Alias, expiry and Subscription Identifiers are never in here.
    pub properties: Option<Box<PublishProperties>>,
}

impl Message {
    /// Bytes that clients have put into it: payload, Topic Name and properties.
    pub fn bytes(&self) -> usize {
        let properties = self.properties.as_deref();
        self.payload.len()
            + self.topic.as_str().len()
            + properties.map_or(0, PublishProperties::bytes)
    }

    /// Client Identifier of its publisher as text; empty for the broker's own.
    pub fn publisher_text(&self) -> String {
        let publisher = self.publisher.as_ref();
        publisher.map(ToString::to_string).unwrap_or_default()
    }

    /// Whether the Message Expiry Interval has passed.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// Subscription Identifiers of the Subscriptions that matched; nearly always none or one.
pub type SubscriptionIdentifiers = SmallVec<[u32; 1]>;

/// A message on its way to one Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Shared with all other receivers.
    pub message: Arc<Message>,
    /// The lower of the published QoS and the highest granted one among the matching Subscriptions.
    pub qos: QoS,
    /// RETAIN to send [MQTT-3.3.1-12, MQTT-3.3.1-13].
    pub retain: bool,
    /// The Shared Subscription among whose members the Session was chosen: no other copy is on its way, not even by the
    /// other owner of a Session that moves [MQTT-4.8.2]. `None` for an ordinary Subscription.
    pub shared: Option<TopicFilter>,
    /// In no particular order [MQTT-3.3.4-4].
    pub subscription_identifiers: SubscriptionIdentifiers,
}
