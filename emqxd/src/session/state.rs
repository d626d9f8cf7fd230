//! Session State as data [MQTT-4.1.0]: what is transferred between nodes, stored, and compared in tests.

use std::time::Duration;

use super::{SessionExpiry, Will};
use crate::message::{Delivery, MessageId};
use crate::packet::{ClientId, PacketId, ProtocolVersion, SubscriptionOptions};
use crate::time::Timestamp;
use crate::topic::TopicFilter;

/// Everything that another node needs to carry a Session on. Remaining times, not instants, so that clocks need
/// not agree.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionState {
    /// Client Identifier.
    pub client_id: ClientId,
    /// Version of the latest Network Connection.
    pub version: ProtocolVersion,
    /// Of the latest CONNECT.
    pub clean_start: bool,
    /// As granted.
    pub expiry: SessionExpiry,
    /// What is left of it; `None` while connected, or when it never expires.
    pub expires_in: Option<Duration>,
    /// Subscriptions with options and identifier.
    pub subscriptions: Vec<(TopicFilter, SubscriptionOptions, Option<u32>)>,
    /// Subscriptions that are yet to get Retained Messages, and from which Topic Name on.
    pub owed_retained: Vec<(TopicFilter, String)>,
    /// Waiting messages, oldest first.
    pub queue: Vec<Delivery>,
    /// Sent and not completely acknowledged, in the order of sending.
    pub inflight: Vec<(PacketId, InflightState)>,
    /// QoS 2 messages received and not released, with how long ago.
    pub awaiting_pubrel: Vec<(PacketId, Duration)>,
    /// The next Packet Identifier to try.
    pub next_packet_id: PacketId,
    /// Will Message of the present Network Connection, or a pending delayed one.
    pub will: Option<WillState>,
    /// When the Session began.
    pub created_at: Timestamp,
    /// When its last Network Connection ended; `None` while connected.
    pub disconnected_at: Option<Timestamp>,
    /// User Name of the latest CONNECT.
    pub username: Option<String>,
    /// Messages dropped so far.
    pub dropped: u64,
    /// Messages that a former owner may bring again.
    pub copied: Vec<MessageId>,
}

/// A message under way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InflightState {
    /// PUBLISH sent; PUBACK or PUBREC awaited.
    Published(Delivery),
    /// PUBREC received, PUBREL sent; PUBCOMP awaited.
    Released,
}

/// A Will Message on the move.
#[derive(Debug, Clone, PartialEq)]
pub struct WillState {
    /// The Will.
    pub will: Will,
    /// When pending (its client is gone): what is left of its delay.
    pub fires_in: Option<Duration>,
}
