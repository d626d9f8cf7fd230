//! A client and its Session.

use serde::{Deserialize, Serialize};

use super::time::UtcTime;

/// One Session, connected or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Client Identifier.
    pub client_id: String,
    /// The node that owns the Session.
    pub node: String,
    /// Whether a Network Connection is there.
    pub connected: bool,
    /// `3.1`, `3.1.1` or `5.0`; none when the node did not say.
    pub protocol: Option<String>,
    /// Peer `host:port`, only while connected.
    pub address: Option<String>,
    /// User Name, if one was given.
    pub username: Option<String>,
    /// Clean Start of the last CONNECT.
    pub clean_start: bool,
    /// Keep Alive in seconds, 0 = off.
    pub keep_alive_s: u32,
    /// Session Expiry Interval in seconds; none means that it never expires.
    pub session_expiry_interval_s: Option<u64>,
    /// What is left of it, only while not connected.
    pub session_expires_in_ms: Option<u64>,
    /// When the Session began.
    pub created_at: UtcTime,
    /// When the present Network Connection began.
    pub connected_at: Option<UtcTime>,
    /// When the last Network Connection ended.
    pub disconnected_at: Option<UtcTime>,
    /// Number of Subscriptions.
    pub subscriptions_count: u64,
    /// Messages sent and not yet acknowledged.
    pub inflight: u64,
    /// Messages waiting.
    pub queued: u64,
    /// Messages dropped because the queue was full.
    pub dropped: u64,
    /// Received QoS 2 messages not yet released.
    pub awaiting_pubrel: u64,
    /// A Will Message is held, also a delayed one.
    pub will: bool,
    /// Only filled by a question about this one client.
    pub subscriptions: Vec<Subscription>,
}

/// One Subscription of a Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Topic Filter, with `$share/…` when it is shared.
    pub topic_filter: String,
    /// Maximum QoS, 0 to 2.
    pub qos: u32,
    /// No Local option.
    pub no_local: bool,
    /// Retain As Published option.
    pub retain_as_published: bool,
    /// Retain Handling option, 0 to 2.
    pub retain_handling: u32,
    /// Subscription Identifier, if one was given.
    pub subscription_identifier: Option<u32>,
}

/// One page of clients, sorted by Client Identifier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientPage {
    /// The clients.
    pub items: Vec<Client>,
    /// Where the next page begins; none on the last one.
    pub next_page_token: Option<String>,
    /// Nodes whose clients are missing here because they did not answer.
    pub nodes_unreachable: Vec<String>,
}
