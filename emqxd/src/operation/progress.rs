//! What an operator sees of an evacuation.

use std::time::Duration;

use super::{OperationId, Outcome, PhaseName, Revision};
use crate::packet::ClientId;
use crate::time::Timestamp;

/// Where a phase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseState {
    /// Yet to come.
    Pending,
    /// Now.
    Active,
    /// Over.
    Done,
    /// Left out.
    Skipped,
}

impl PhaseState {
    /// Lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseProgress {
    /// Which.
    pub name: PhaseName,
    /// Where it stands.
    pub state: PhaseState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// How long it took, or has taken so far.
    pub duration: Option<Duration>,
}

/// From how many down to how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// At the start.
    pub initial: u64,
    /// Now.
    pub current: u64,
}

/// What one target has received.
#[derive(Debug, Clone, PartialEq)]
pub struct RecipientProgress {
    /// Node name.
    pub node: String,
    /// Advertised MQTT address.
    pub address: String,
    /// Whether it serves.
    pub available: bool,
    /// Evicted clients that came back there.
    pub arrived: u64,
    /// Sessions that it took over without their client.
    pub received_sessions: u64,
    /// Both together, over the last second.
    pub arrivals_per_sec: f64,
}

/// A Session that could not be moved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Whose.
    pub client_id: ClientId,
    /// As the target said.
    pub reason: String,
    /// Tries so far.
    pub attempts: u32,
}

/// A picture of an evacuation at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Which.
    pub id: OperationId,
    /// Grows with each change.
    pub revision: Revision,
    /// The node that is evacuated.
    pub node: String,
    /// The active phase, or the last one.
    pub phase: PhaseName,
    /// All five.
    pub phases: Vec<PhaseProgress>,
    /// Set once it rests or has ended.
    pub outcome: Option<Outcome>,
    /// Connected clients of the node.
    pub connections: Amount,
    /// Sessions of the node, connected or not.
    pub sessions: Amount,
    /// Cut in the last second.
    pub conn_rate_measured: f64,
    /// Moved without a client in the last second.
    pub sess_rate_measured: f64,
    /// Cut per second since cutting began.
    pub conn_rate_mean: Option<f64>,
    /// Moved per second since moving began.
    pub sess_rate_mean: Option<f64>,
    /// What holds it back; empty = nothing.
    pub limited_by: String,
    /// Left of the active phase.
    pub eta_phase: Option<Duration>,
    /// Left of all.
    pub eta: Option<Duration>,
    /// Connections cut.
    pub evicted_connections: u64,
    /// Sessions that followed their client.
    pub sessions_moved_with_client: u64,
    /// Sessions taken over without one.
    pub sessions_moved_without_client: u64,
    /// Sessions whose expiry came meanwhile.
    pub sessions_expired: u64,
    /// Sessions that ended when their client was cut (Session Expiry Interval 0).
    pub sessions_ended_with_connection: u64,
    /// Cut, with a Session, and not seen elsewhere yet.
    pub unreturned: u64,
    /// All targets, sorted by name.
    pub recipients: Vec<RecipientProgress>,
    /// The first 100 of those that could not be moved yet.
    pub trouble: Vec<Trouble>,
    /// How many there are in all.
    pub trouble_total: u64,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// From cut to return.
    pub reconnect_p50: Option<Duration>,
    /// From cut to return.
    pub reconnect_p99: Option<Duration>,
    /// Messages that went along with Sessions without a client.
    pub messages_carried: u64,
    /// Longest missing clients.
    pub slowest_unreturned: Vec<ClientId>,
}
