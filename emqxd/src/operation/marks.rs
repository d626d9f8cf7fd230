//! What is kept of an evacuation beyond its process, so that it goes on after a restart of its node.

use super::evacuation::Counts;
use super::{OperationId, PhaseName, Revision};
use crate::time::Timestamp;

/// Where an evacuation stood. Which clients it had cut and not yet seen elsewhere is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Its name.
    pub id: OperationId,
    /// Number of visible changes.
    pub revision: Revision,
    /// When it began.
    pub started_at: Timestamp,
    /// The active phase.
    pub phase: PhaseName,
    /// Beginning and end of each phase, in order.
    pub phases: [(Option<Timestamp>, Option<Timestamp>); 5],
    /// What there was at the start.
    pub initial: Counts,
    /// Connections cut.
    pub evicted: u64,
    /// Sessions that left because their client came back elsewhere.
    pub moved_with_client: u64,
    /// Sessions that were moved while their client was away.
    pub moved_without_client: u64,
    /// Sessions that expired meanwhile.
    pub expired: u64,
    /// Sessions that ended with their connection.
    pub ended_with_connection: u64,
    /// Messages that went along with Sessions moved without their client.
    pub messages_carried: u64,
    /// What each node had taken over.
    pub recipients: Vec<RecipientMark>,
}

/// What one node had taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientMark {
    /// Its name.
    pub node: String,
    /// Its advertised MQTT address.
    pub address: String,
    /// Evicted clients that came back there.
    pub arrived: u64,
    /// Sessions moved there without their client.
    pub received_sessions: u64,
    /// Attempts to move a Session there that failed.
    pub refused: u64,
}
