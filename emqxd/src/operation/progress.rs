//! What an operator sees of an operation.

use std::time::Duration;

use super::{OperationId, Outcome, PhaseName, Revision};
use crate::packet::ClientId;
use crate::time::Timestamp;

/// An operation at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Its name.
    pub id: OperationId,
    /// Grows with each visible change.
    pub revision: Revision,
    /// The node that is evacuated.
    pub node: String,
    /// The active phase; the last one when ended.
    pub phase: PhaseName,
    /// All five phases in order.
    pub phases: Vec<PhaseProgress>,
    /// `None` while it goes on; set at rest and at the end.
    pub outcome: Option<Outcome>,
    /// For people; may be empty.
    pub outcome_reason: String,
    /// Connected clients.
    pub connections: Amount,
    /// Sessions, connected or not.
    pub sessions: Amount,
    /// Connections cut in the last second.
    pub conn_rate_measured: f64,
    /// Sessions moved without their client in the last second.
    pub sess_rate_measured: f64,
    /// Connections cut per second over the whole phase; `None` before it.
    pub conn_rate_mean: Option<f64>,
    /// Sessions moved per second over the whole phase; `None` before it.
    pub sess_rate_mean: Option<f64>,
    /// What holds it back; empty when nothing does.
    pub limited_by: String,
    /// Time left in this phase, as far as it can be foreseen.
    pub eta_phase: Option<Duration>,
    /// Time left until the node is empty, as far as it can be foreseen.
    pub eta: Option<Duration>,
    /// Connections cut.
    pub evicted_connections: u64,
    /// Sessions that left because their client came back elsewhere.
    pub sessions_moved_with_client: u64,
    /// Sessions that were moved while their client was away.
    pub sessions_moved_without_client: u64,
    /// Sessions that expired meanwhile.
    pub sessions_expired: u64,
    /// Sessions that ended with their connection (Session Expiry Interval 0).
    pub sessions_ended_with_connection: u64,
    /// Clients evicted with a Session that have not been seen elsewhere and whose Session is still here.
    pub unreturned: u64,
    /// The nodes that take clients and Sessions over.
    pub recipients: Vec<RecipientProgress>,
    /// Sessions that could not be moved yet (first 100).
    pub trouble: Vec<Trouble>,
    /// How many there are.
    pub trouble_total: u64,
    /// Start of the operation.
    pub started_at: Timestamp,
    /// Its end.
    pub ended_at: Option<Timestamp>,
    /// From cut to return: half of the clients took at most this long.
    pub reconnect_p50: Option<Duration>,
    /// From cut to return: 99 of 100 clients took at most this long.
    pub reconnect_p99: Option<Duration>,
    /// Messages that went along with Sessions moved without their client.
    pub messages_carried: u64,
    /// Up to five clients that have been away longest.
    pub slowest_unreturned: Vec<ClientId>,
}

/// One phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseProgress {
    /// Which one.
    pub name: PhaseName,
    /// Whether it is over.
    pub state: PhaseState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// How long it took, or has taken so far.
    pub duration: Option<Duration>,
}

/// Where a phase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhaseState {
    /// Not begun.
    Pending,
    /// Going on.
    Active,
    /// Over.
    Done,
    /// Left out.
    Skipped,
}

impl PhaseState {
    /// The name that operators see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}

/// A number on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// At the start.
    pub initial: u64,
    /// Now.
    pub current: u64,
    /// Where it is to get.
    pub goal: u64,
}

/// What one node has taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct RecipientProgress {
    /// Its name.
    pub node: String,
    /// Its advertised MQTT address.
    pub address: String,
    /// Whether it takes more.
    pub available: bool,
    /// Evicted clients that came back there.
    pub arrived: u64,
    /// Sessions moved there without their client.
    pub received_sessions: u64,
    /// Arrivals in the last second.
    pub arrivals_per_sec: f64,
    /// Attempts to move a Session there that failed.
    pub refused: u64,
}

/// A Session that could not be moved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Whose it is.
    pub client_id: ClientId,
    /// Why the last attempt failed.
    pub reason: String,
    /// How many attempts have failed.
    pub attempts: u32,
}
