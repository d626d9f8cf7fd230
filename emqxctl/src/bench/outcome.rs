//! What came of a load, as figures.

use serde::Serialize;

use super::latency::LatencySummary;

/// What came of a load. Messages do not count those of the warm-up, except `lost`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Messages were sent at a pace, and latency counts from when each was due.
    pub is_open_loop: bool,
    /// Clients that were to connect.
    pub clients: u64,
    /// Clients that were connected, and subscribed where they were to.
    pub connected: u64,
    /// Clients that could not connect or subscribe.
    pub failed: u64,
    /// Connections that ended by themselves.
    pub closed: u64,
    /// From the first connection to the last.
    pub connect_seconds: f64,
    /// From when a connection was to be opened to its CONNACK.
    pub connect: Option<LatencySummary>,
    /// How long it was measured.
    pub seconds: f64,
    /// Messages published.
    pub sent: u64,
    /// Of those, acknowledged with success; unknown at QoS 0.
    pub acknowledged: Option<u64>,
    /// Of those, refused.
    pub refused: u64,
    /// Messages received by all subscribers together, also further copies.
    pub received: u64,
    /// Messages that did not arrive at a subscriber that was to get them.
    pub lost: u64,
    /// Further copies.
    pub duplicated: u64,
    /// Messages that came after a later one of their publisher.
    pub reordered: u64,
    /// Messages of somebody else, or retained.
    pub foreign: u64,
    /// From sent, or due in an open loop, to received.
    pub latency: Option<LatencySummary>,
    /// From sent, or due in an open loop, to PUBACK or PUBCOMP.
    pub acknowledgement: Option<LatencySummary>,
    /// Why connections failed or ended, most frequent first.
    pub failures: Vec<Failure>,
    /// Somebody ended it early.
    pub is_interrupted: bool,
    /// It ended because nothing came back any more.
    pub is_silent: bool,
}

/// A cause and how often it was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// For people.
    pub cause: String,
    /// Connections.
    pub count: u64,
}

impl Outcome {
    /// Whether everything went as MQTT promises it at this QoS.
    pub const fn is_clean(&self, qos: u8) -> bool {
        let is_whole = self.failed == 0 && self.closed == 0 && self.refused == 0 && !self.is_silent;
        let is_kept = self.duplicated == 0 && self.reordered == 0 && (qos == 0 || self.lost == 0);
        is_whole && is_kept
    }

    /// Messages published a second.
    pub fn sent_per_sec(&self) -> f64 {
        per_sec(self.sent, self.seconds)
    }

    /// Messages received a second.
    pub fn received_per_sec(&self) -> f64 {
        per_sec(self.received, self.seconds)
    }
}

fn per_sec(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}
