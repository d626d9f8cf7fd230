//! One Session as a state machine [MQTT-4.1]: packets, deliveries and time go in, actions and packets come out.
//!
//! Pure: no socket, no clock, no task. `node` owns the Sessions and carries out what they ask for.
//!
//! [`connect::decide`] answers a CONNECT; [`Session`] does the rest: `session` is its life (attach, deliver,
//! detach, time), `client_packet` what the client sends, `transmit` what is sent to it, `handover` how it moves
//! to another node, `merge` how two copies become one, `journal` and `stored` what is stored of it and comes back,
//! `reclaim` what it does not need. The other files hold one part of the Session State each.

mod block_queue;
mod capabilities;
mod client_packet;
pub mod connect;
pub mod delivery_run;
mod encoded_run;
mod expiry;
mod handover;
mod inbound_publishes;
mod inflight;
mod journal;
pub mod keep_alive;
mod merge;
mod outbound_queue;
mod owed_retained;
mod packet_id;
mod receive_maximum;
pub mod reclaim;
mod refused;
mod seldom;
#[allow(
    clippy::module_inception,
    reason = "the file of the one type that the module is about"
)]
mod session;
mod shared_delivery;
pub mod state;
mod stored;
mod subscription;
mod switch_points;
mod topic_alias;
mod transmit;
mod will;

#[cfg(test)]
mod awaiting_pubrel_tests;
#[cfg(test)]
mod client_packet_tests;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod handover_race_tests;
#[cfg(test)]
mod handover_tests;
#[cfg(test)]
mod pair_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod transmit_tests;

use std::num::NonZeroU16;
use std::time::Duration;

use bytestring::ByteString;

use self::delivery_run::DeliveryRun;
use crate::message::{Delivery, Message, SubscriptionIdentifiers};
use crate::packet::{
    Packet, PacketId, ProtocolVersion, PublishParts, QoS, ReasonCode, SubscriptionOptions,
};
use crate::topic::TopicFilter;

pub use capabilities::Capabilities;
pub use journal::SessionChange;
pub use outbound_queue::QueuePlace;
pub use owed_retained::RetainedSlice;
pub use refused::Refused;
pub use session::Session;
pub use state::SessionState;
pub use stored::{StoredHead, StoredSession};
pub use switch_points::SwitchPoints;

/// Limits of every Session of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionConfig {
    /// QoS 1/2 messages sent and not yet acknowledged, at most (further bounded by the client's Receive
    /// Maximum). Default 32.
    pub inflight_max: u16,
    /// Receive Maximum that the Server announces: QoS 1/2 PUBLISHes of the client under way at once. Default 1,024.
    pub receive_maximum: NonZeroU16,
    /// Messages waiting to be sent, at most. Default 10,000. When full, the oldest QoS 0 message makes room (the
    /// new one itself when it is the only one of QoS 0), else the oldest message; each one dropped is counted.
    pub queue_messages_max: usize,
    /// Sum of the bytes of their payloads, topics and properties, at most. Default 64 MiB.
    pub queue_bytes_max: usize,
    /// Whether QoS 0 messages wait for a client that is not connected. Default true, as EMQX.
    pub queue_qos0_offline: bool,
    /// Topic Aliases that a client may use towards the Server. Default 128.
    pub topic_alias_maximum: u16,
    /// Sum of the bytes of the topics that they stand for, at most; beyond it the client is disconnected with 0x97.
    /// Kept for each Network Connection, so this bounds what a client can make the Server hold. Default 64 KiB.
    pub topic_alias_bytes_max: usize,
    /// Subscriptions of one Session, at most. Default 10,000.
    pub subscriptions_max: usize,
    /// A received QoS 2 message whose PUBREL does not come is forgotten after this, counted from when the broker
    /// has taken it, also while the client is away and wherever the Session moves: a client that comes back later
    /// and sends it again publishes it again. Default 300 s, as EMQX.
    pub awaiting_pubrel_timeout: Duration,
    /// Longest Session Expiry Interval granted; `None` = as asked. Default `None`.
    pub expiry_interval_max: Option<Duration>,
    /// Highest QoS that clients may publish with and are granted [MQTT-3.2.2-9]. Default 2.
    pub maximum_qos: QoS,
    /// What else is offered.
    pub capabilities: Capabilities,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            inflight_max: 32,
            receive_maximum: NonZeroU16::new(1_024).unwrap_or(NonZeroU16::MAX),
            queue_messages_max: 10_000,
            queue_bytes_max: 64 << 20,
            queue_qos0_offline: true,
            topic_alias_maximum: 128,
            topic_alias_bytes_max: 64 << 10,
            subscriptions_max: 10_000,
            awaiting_pubrel_timeout: Duration::from_secs(300),
            expiry_interval_max: None,
            maximum_qos: QoS::ExactlyOnce,
            capabilities: Capabilities::default(),
        }
    }
}

/// How long a Session outlives its Network Connection [MQTT-3.1.2-11.2].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionExpiry {
    /// Ends after this; zero = with the Network Connection. In 3.x Clean Session 1 is `After(0)`.
    After(Duration),
    /// 0xFFFF_FFFF, and Clean Session 0 in 3.x.
    Never,
}

/// What a Network Connection brings along; already decided by whoever answered the CONNECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attach {
    /// Version of this Network Connection.
    pub version: ProtocolVersion,
    /// As in CONNECT.
    pub clean_start: bool,
    /// As granted.
    pub expiry: SessionExpiry,
    /// The client's Receive Maximum.
    pub receive_maximum: NonZeroU16,
    /// The client's Maximum Packet Size, bytes.
    pub maximum_packet_size: Option<u32>,
    /// The client's Topic Alias Maximum.
    pub topic_alias_maximum: u16,
    /// Request Problem Information: whether reasons may be told outside CONNACK, PUBLISH, DISCONNECT.
    pub problem_information: bool,
    /// Will Message of this Network Connection, checked.
    pub will: Option<Will>,
    /// User Name.
    pub username: Option<ByteString>,
}

/// A Will Message with a checked Topic Name. Its id and receive time are set when it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Will {
    /// As an Application Message; `expires_at` is unset.
    pub message: Message,
    /// Will Delay Interval.
    pub delay: Duration,
    /// Message Expiry Interval, counted from publication.
    pub expiry_interval: Option<Duration>,
}

/// A message that a client published and that the broker is to route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// `id` is unset (zeroes): the broker numbers it.
    pub message: Message,
    /// Present for QoS 1 and 2: `Session::publish_done` must be called with it, once, in any order;
    /// acknowledgements leave in the order of the PUBLISHes [MQTT-4.6.0-2, MQTT-4.6.0-3].
    pub packet_id: Option<PacketId>,
}

/// What a Session asks its owner to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Route a message of this client.
    Route(Inbound),
    /// A Subscription was made or replaced; the SUBACK is already queued behind. Retained Messages that it
    /// must be sent are delivered by the owner, `existed` decides with Retain Handling.
    Subscribed {
        /// With `$share` when shared.
        filter: TopicFilter,
        /// As granted.
        options: SubscriptionOptions,
        /// Subscription Identifier.
        identifier: Option<u32>,
        /// Whether it replaced one.
        existed: bool,
    },
    /// A Subscription ended.
    Unsubscribed {
        /// As it was made.
        filter: TopicFilter,
    },
    /// Something was refused; the answer, if there is one, is already queued behind.
    Refused {
        /// What.
        what: Refused,
        /// The first of its kind on this Network Connection: worth a line in the log.
        is_first: bool,
    },
    /// So many QoS 2 messages of the client were forgotten because their PUBREL did not come in time.
    UnreleasedExpired {
        /// At least 1.
        count: usize,
    },
    /// Publish the Will Message now.
    PublishWill(Box<Message>),
    /// The client ended the Network Connection in order (DISCONNECT received): close it.
    CloseNormally,
    /// The Session has ended: forget it. Its Subscriptions are still in the index and are the owner's to remove
    /// (`Session::subscriptions`).
    Ended,
}

/// Why a Network Connection must be closed; also what a 5.0 client is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} ({})", .code.name())]
pub struct Violation {
    /// For DISCONNECT.
    pub code: ReasonCode,
    /// For the log and the Reason String.
    pub reason: &'static str,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It waits to be sent; `poll_transmit` has work.
    Queued,
    /// It waits, and another message was dropped to make room.
    QueuedDroppingOther,
    /// It was dropped: no room, or QoS 0 without a client.
    Dropped,
}

/// How a Network Connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detach {
    /// The client sent DISCONNECT 0x00: the Will is deleted [MQTT-3.14.4-3].
    Normal,
    /// Anything else, also an eviction: the Will is due (after its delay).
    Abnormal,
    /// The same Client Identifier connected again and takes the Session over: the Will is due at once when its
    /// delay is zero, and dropped when it has a delay [MQTT-3.1.3-9].
    TakenOver,
}

/// A PUBLISH to be encoded straight from the shared message.
#[derive(Debug)]
pub struct OutgoingPublish<'a> {
    /// The message.
    pub message: &'a Message,
    /// Present for QoS 1 and 2.
    pub packet_id: Option<PacketId>,
    /// As granted.
    pub qos: QoS,
    /// RETAIN
    pub retain: bool,
    /// A retransmission after reconnect [MQTT-3.3.1-1].
    pub dup: bool,
    /// Subscription Identifiers (5.0).
    pub subscription_identifiers: &'a SubscriptionIdentifiers,
    /// Topic Alias to send (5.0).
    pub topic_alias: Option<NonZeroU16>,
    /// Leave the Topic Name empty: the alias is known to the client.
    pub topic_known: bool,
    /// Remaining Message Expiry Interval, seconds [MQTT-3.3.2-6].
    pub expires_in_s: Option<u32>,
}

impl<'a> OutgoingPublish<'a> {
    /// As every client gets the delivery: without what is of one client or of one moment.
    pub fn of(delivery: &'a Delivery) -> Self {
        Self {
            message: &delivery.message,
            packet_id: None,
            qos: delivery.qos,
            retain: delivery.retain,
            dup: false,
            subscription_identifiers: &delivery.subscription_identifiers,
            topic_alias: None,
            topic_known: false,
            expires_in_s: None,
        }
    }

    /// What goes into the packet before the payload.
    pub fn parts(&self) -> PublishParts<'a> {
        PublishParts {
            dup: self.dup,
            qos: self.qos,
            retain: self.retain,
            topic: if self.topic_known {
                ""
            } else {
                self.message.topic.as_str()
            },
            packet_id: self.packet_id,
            topic_alias: self.topic_alias,
            expires_in_s: self.expires_in_s,
            subscription_identifiers: self.subscription_identifiers,
            properties: self.message.properties.as_deref(),
            payload_len: self.message.payload.len(),
        }
    }
}

/// Where a Session puts what it sends; encodes for the version of the connection.
pub trait Transmit {
    /// Whether more should be put in now.
    fn has_room(&self) -> bool;
    /// Takes a packet that is no PUBLISH.
    fn packet(&mut self, packet: &Packet);
    /// Takes a PUBLISH. `false` when it is larger than the client's Maximum Packet Size and was left out
    /// [MQTT-3.1.2-25].
    fn publish(&mut self, publish: &OutgoingPublish<'_>) -> bool;
    /// Takes packets that are [encoded](DeliveryRun::encoded) once for many clients, from the run's message number
    /// `from` on. Returns how many; 0 when they are to be put in one by one.
    fn publish_run(&mut self, _run: &DeliveryRun, _from: usize) -> usize {
        0
    }
}

/// Figures of one Session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionStats {
    /// Subscriptions
    pub subscriptions: usize,
    /// Sent and not acknowledged.
    pub inflight: usize,
    /// Waiting.
    pub queued: usize,
    /// Dropped since the Session began.
    pub dropped: u64,
    /// QoS 2 messages received and not released.
    pub awaiting_pubrel: usize,
}
