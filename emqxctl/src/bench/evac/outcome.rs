//! What an evacuation did to the sessions.

use serde::Serialize;

use crate::bench::latency::LatencySummary;
use crate::bench::outcome::Failure;

/// What an evacuation did to the sessions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvacOutcome {
    /// Sessions that were to be there.
    pub sessions: u64,
    /// Sessions that were there before anything happened.
    pub begun: u64,
    /// Clients that are connected at the end.
    pub connected: u64,
    /// Connections that were cut with a DISCONNECT.
    pub cut: u64,
    /// Of those, with a Server Reference.
    pub referred: u64,
    /// Connections that ended without a DISCONNECT.
    pub dropped: u64,
    /// CONNECTs that failed or were refused on the way back.
    pub refused: u64,
    /// CONNECTs that were accepted on the way back, also of clients that were away.
    pub returned: u64,
    /// Of those, with Session Present.
    pub session_present: u64,
    /// From the first cut to the last return of a client that was cut.
    pub seconds: Option<f64>,
    /// From a cut to the CONNACK elsewhere.
    pub reconnect: Option<LatencySummary>,
    /// Messages published.
    pub published: u64,
    /// Of those, acknowledged with success.
    pub acknowledged: u64,
    /// Different messages that arrived.
    pub received: u64,
    /// Messages that were acknowledged and did not arrive.
    pub lost: u64,
    /// Further copies with DUP, which QoS 1 allows.
    pub duplicated_with_dup: u64,
    /// Further copies without DUP.
    pub duplicated_without_dup: u64,
    /// First copies that came after a later message.
    pub reordered: u64,
    /// From due to received, of messages to clients that were not away.
    pub latency: Option<LatencySummary>,
    /// Why connections failed.
    pub failures: Vec<Failure>,
    /// Somebody ended it early.
    pub is_interrupted: bool,
}

impl EvacOutcome {
    /// Whether every session and every acknowledged message is still there.
    pub const fn is_clean(&self) -> bool {
        self.begun == self.sessions
            && self.connected == self.sessions
            && self.session_present == self.returned
            && self.lost == 0
            && self.reordered == 0
            && self.duplicated_without_dup == 0
    }
}
