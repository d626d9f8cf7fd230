//! A Session with everything in it.

use serde::{Deserialize, Serialize};

use super::Client;

/// One Session: what is known of its client, and its Session State.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Client, counts and Subscriptions.
    #[serde(flatten)]
    pub client: Client,
    /// Of two copies on two nodes, the one with the higher epoch counts.
    pub epoch: u64,
    /// Topics, payloads and properties of the messages that wait.
    pub queued_bytes: u64,
    /// The same of those that were sent and not acknowledged.
    pub inflight_bytes: u64,
    /// The Packet Identifier that is tried first.
    pub next_packet_id: u16,
    /// Will Message, if there is one.
    pub will_message: Option<SessionWill>,
    /// QoS 2 messages received and not released.
    pub awaiting_pubrel_packets: Vec<AwaitingPubrel>,
    /// Topic Filters whose retained messages are still being sent.
    pub awaiting_retained: Vec<String>,
    /// Sent and not completely acknowledged, in the order of sending; only in an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflight_messages: Option<Vec<SessionMessage>>,
    /// Waiting, oldest first; only in an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_messages: Option<Vec<SessionMessage>>,
}

/// One page of exported Sessions, sorted by Client Identifier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionPage {
    /// The Sessions.
    pub items: Vec<Session>,
    /// Where the next page begins; none on the last one.
    pub next_page_token: Option<String>,
    /// Nodes whose Sessions are missing here because they did not answer.
    pub nodes_unreachable: Vec<String>,
}

/// A Will Message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionWill {
    /// What is published.
    pub message: SessionMessage,
    /// Will Delay Interval.
    pub delay_ms: u64,
    /// Message Expiry Interval, if there is one.
    pub expiry_interval_ms: Option<u64>,
    /// What is left of the delay, only when the client is gone.
    pub fires_in_ms: Option<u64>,
}

/// A QoS 2 message received and not released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitingPubrel {
    /// Packet Identifier of its PUBLISH.
    pub packet_id: u16,
    /// How long ago it came.
    pub age_ms: u64,
}

/// A message in a Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionMessage {
    /// Packet Identifier, only of those that were sent.
    pub packet_id: Option<u16>,
    /// PUBREC has come: only the Packet Identifier is left of it.
    pub released: bool,
    /// Names the message in the whole cluster.
    pub id: Option<String>,
    /// Topic Name.
    pub topic: String,
    /// In base64.
    pub payload: String,
    /// To send with.
    pub qos: u32,
    /// To send with.
    pub retain: bool,
    /// Client Identifier of its publisher; none when the node itself is.
    pub publisher: Option<String>,
    /// What is left of its Message Expiry Interval, if it has one.
    pub expires_in_ms: Option<u64>,
    /// The Shared Subscription by which it came, if it did.
    pub shared_subscription: Option<String>,
    /// Subscription Identifiers.
    pub subscription_identifiers: Vec<u32>,
    /// Payload Format Indicator.
    pub payload_format_indicator: Option<bool>,
    /// Content Type.
    pub content_type: Option<String>,
    /// Response Topic.
    pub response_topic: Option<String>,
    /// Correlation Data in base64.
    pub correlation_data: Option<String>,
    /// User Properties, each with name and value.
    pub user_properties: Vec<(String, String)>,
}
