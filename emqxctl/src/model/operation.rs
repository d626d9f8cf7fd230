//! An operation: an evacuation now, other kinds later.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::UtcTime;

/// What kind of operation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// Takes one node out of service.
    Evacuation,
    /// A kind that a newer daemon knows.
    Unknown,
}

impl OperationKind {
    /// One word for people, such as `evacuation`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Evacuation => "evacuation",
            Self::Unknown => "operation",
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that was to move has moved.
    Succeeded,
    /// Somebody stopped it.
    Stopped,
    /// It gave up.
    Failed,
    /// It finished with leftovers, listed in `errors`.
    Partial,
}

impl Outcome {
    /// The serde name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Partial => "partial",
        }
    }
}

/// A phase by its stable name. The names are EMQX's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum PhaseName {
    /// Availability says 503, clients may still connect.
    WaitingHealthCheck,
    /// Network Connections are refused and closed at the chosen rate.
    EvictingConns,
    /// Evicted clients get time to come back elsewhere.
    WaitingTakeover,
    /// Sessions without a client are moved.
    EvictingSessions,
    /// Empty and out of service until stopped.
    Prohibiting,
    /// A phase that a newer daemon knows.
    Other(String),
}

impl PhaseName {
    /// Stable name in JSON and on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::WaitingHealthCheck => "waiting_health_check",
            Self::EvictingConns => "evicting_conns",
            Self::WaitingTakeover => "waiting_takeover",
            Self::EvictingSessions => "evicting_sessions",
            Self::Prohibiting => "prohibiting",
            Self::Other(name) => name,
        }
    }

    /// Words for people, such as `evicting connections`.
    pub fn label(&self) -> String {
        match self {
            Self::WaitingHealthCheck => "health check wait".to_owned(),
            Self::EvictingConns => "evicting connections".to_owned(),
            Self::WaitingTakeover => "takeover wait".to_owned(),
            Self::EvictingSessions => "transferring sessions".to_owned(),
            Self::Prohibiting => "prohibiting".to_owned(),
            Self::Other(name) => name.replace('_', " "),
        }
    }
}

impl From<String> for PhaseName {
    fn from(name: String) -> Self {
        match name.as_str() {
            "waiting_health_check" => Self::WaitingHealthCheck,
            "evicting_conns" => Self::EvictingConns,
            "waiting_takeover" => Self::WaitingTakeover,
            "evicting_sessions" => Self::EvictingSessions,
            "prohibiting" => Self::Prohibiting,
            _ => Self::Other(name),
        }
    }
}

impl From<PhaseName> for String {
    fn from(name: PhaseName) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for PhaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a phase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Not begun.
    Pending,
    /// Going on.
    Active,
    /// Over.
    Done,
    /// Will not happen, such as a wait of 0.
    Skipped,
}

/// One phase of an operation, in the order of the list that it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Which.
    pub name: PhaseName,
    /// Where it stands.
    pub state: PhaseState,
    /// When it began.
    pub started_at: Option<UtcTime>,
    /// How long it took, or has taken so far.
    pub duration_ms: Option<u64>,
}

/// How many are left, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// At the start.
    pub initial: u64,
    /// Now.
    pub current: u64,
    /// Wanted at the end.
    pub goal: u64,
    /// From 0 to 1, rounded to four digits.
    pub done_ratio: f64,
}

impl Amount {
    /// Works out the ratio.
    pub fn new(initial: u64, current: u64, goal: u64) -> Self {
        let total = initial.saturating_sub(goal);
        let done = initial.saturating_sub(current).min(total);
        let done_ratio = if current <= goal {
            1.0
        } else if total == 0 {
            0.0
        } else {
            // Rounded down, so that 1 means all of it.
            (done as f64 / total as f64 * 10_000.0).floor() / 10_000.0
        };
        Self {
            initial,
            current,
            goal,
            done_ratio,
        }
    }

    /// How many are to go in all.
    pub const fn total(&self) -> u64 {
        self.initial.saturating_sub(self.goal)
    }

    /// How many have gone.
    pub fn done(&self) -> u64 {
        self.initial.saturating_sub(self.current).min(self.total())
    }

    /// How many are still to go.
    pub const fn left(&self) -> u64 {
        self.current.saturating_sub(self.goal)
    }
}

/// Pace asked for and pace measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Upper bound that was asked for.
    pub connections_per_sec_wanted: u32,
    /// Over the last second; 0 while the phase is not active.
    pub connections_per_sec_measured: f64,
    /// Mean over the whole phase, once it has begun.
    pub connections_per_sec_mean: Option<f64>,
    /// Upper bound that was asked for.
    pub sessions_per_sec_wanted: u32,
    /// Over the last second; 0 while the phase is not active.
    pub sessions_per_sec_measured: f64,
    /// Mean over the whole phase, once it has begun.
    pub sessions_per_sec_mean: Option<f64>,
    /// What holds the pace back; null when nothing does.
    pub limited_by: Option<String>,
}

/// A node that takes clients in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// Its name.
    pub node: String,
    /// Its advertised MQTT address.
    pub address: Option<String>,
    /// Whether it takes clients now.
    pub available: bool,
    /// Evicted clients that came back there.
    pub received: u64,
    /// Sessions moved there without their client.
    pub sessions_received: u64,
    /// Evicted clients arriving there each second.
    pub connects_per_sec: f64,
    /// Connects that it refused.
    pub refused: u64,
}

/// A Session that could not be moved. It stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Client Identifier.
    pub client_id: String,
    /// Why, in a sentence.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// One operation at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Identifier such as `op-7f3a`.
    pub id: String,
    /// Grows with every change.
    pub revision: u64,
    /// What kind.
    pub operation_kind: OperationKind,
    /// The node that it concerns.
    pub target: String,
    /// The active phase; the last one when ended.
    pub phase: PhaseName,
    /// All phases in their order.
    pub phases: Vec<Phase>,
    /// How it ended; null while it goes on.
    pub outcome: Option<Outcome>,
    /// Why it ended so.
    pub outcome_reason: Option<String>,
    /// Network Connections on the target.
    pub connections: Option<Amount>,
    /// Sessions on the target, connected or not.
    pub sessions: Option<Amount>,
    /// Pace.
    pub rate: Rate,
    /// Estimate for the active phase.
    pub eta_phase_ms: Option<u64>,
    /// Estimate for the whole operation.
    pub eta_ms: Option<u64>,
    /// Network Connections closed so far.
    pub evicted_connections: u64,
    /// Sessions that followed their client.
    pub sessions_moved_with_client: u64,
    /// Sessions moved without their client.
    pub sessions_moved_without_client: u64,
    /// Sessions whose expiry came meanwhile.
    pub sessions_expired: u64,
    /// Sessions with Session Expiry Interval 0.
    pub sessions_ended_with_connection: u64,
    /// Evicted, Session kept, not yet seen elsewhere.
    pub unreturned: u64,
    /// Up to five Client Identifiers of these, the longest first.
    pub slowest_unreturned: Vec<String>,
    /// Nodes that take clients in.
    pub recipients: Vec<Recipient>,
    /// Sessions that could not be moved (the first hundred).
    pub errors: Vec<Trouble>,
    /// How many of these there are in all.
    pub errors_total: u64,
    /// Server Reference that clients are given: `auto`, `none` or a fixed one.
    pub redirect_to: Option<String>,
    /// Recipients that were asked for; empty = all other serving nodes.
    pub migrate_to: Vec<String>,
    /// The wait that was asked for.
    pub wait_health_check_ms: u64,
    /// The wait that was asked for.
    pub wait_takeover_ms: u64,
    /// Who started it.
    pub started_by: Option<String>,
    /// Why, in the words of whoever started it.
    pub reason: Option<String>,
    /// When it started.
    pub started_at: UtcTime,
    /// When it ended.
    pub ended_at: Option<UtcTime>,
    /// Half of the evicted clients were back within this time.
    pub reconnect_p50_ms: Option<u32>,
    /// 99 of a hundred evicted clients were back within this time.
    pub reconnect_p99_ms: Option<u32>,
    /// Messages that moved with their Sessions.
    pub messages_carried: u64,
}

impl Operation {
    /// It has ended: stopped, failed, or in a kind without a resting phase done.
    pub const fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Nothing moves any more: it has ended, or the target rests out of service (`prohibiting`).
    pub fn is_settled(&self) -> bool {
        self.has_ended() || self.outcome.is_some() || self.phase == PhaseName::Prohibiting
    }

    /// The target is kept out of service by it although nothing moves any more.
    pub fn is_resting(&self) -> bool {
        self.is_settled() && !self.has_ended() && self.phase == PhaseName::Prohibiting
    }

    /// The outcome; for a settled one of which the daemon has not said it, the one that its figures tell.
    pub fn verdict(&self) -> Option<Outcome> {
        if self.outcome.is_some() || !self.is_settled() {
            return self.outcome;
        }
        let leftovers = self.errors_total > 0 || self.sessions.is_some_and(|s| s.left() > 0);
        Some(if leftovers {
            Outcome::Partial
        } else {
            Outcome::Succeeded
        })
    }

    /// How much is done, from 0 to 1: connections and sessions taken together, unknown when neither is.
    pub fn done_ratio(&self) -> Option<f64> {
        if self.is_settled() && self.verdict() == Some(Outcome::Succeeded) {
            return Some(1.0);
        }
        match (self.connections, self.sessions) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one.done_ratio),
            (Some(connections), Some(sessions)) => {
                let total = connections.total() + sessions.total();
                if total == 0 {
                    Some(0.0)
                } else {
                    Some((connections.done() + sessions.done()) as f64 / total as f64)
                }
            }
        }
    }

    /// The phase with that name.
    pub fn phase_named(&self, name: &PhaseName) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == *name)
    }
}

/// Operations, newest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OperationList {
    /// The operations.
    pub items: Vec<Operation>,
    /// Nodes whose operations are missing here because they did not answer.
    pub nodes_unreachable: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_is_one_only_when_all_is_done() {
        assert_eq!(Amount::new(9_003, 3_511, 0).done_ratio, 0.61);
        assert_eq!(Amount::new(100_000, 1, 0).done_ratio, 0.9999);
        assert_eq!(Amount::new(5, 0, 0).done_ratio, 1.0);
        assert_eq!(Amount::new(0, 0, 0).done_ratio, 1.0);
        // More came than there were.
        let grown = Amount::new(5, 8, 0);
        assert_eq!((grown.done_ratio, grown.done(), grown.left()), (0.0, 0, 8));
    }

    #[test]
    fn phase_names_of_newer_daemons_survive() {
        let name: PhaseName = serde_json::from_str("\"polishing_floor\"").unwrap();
        assert_eq!(name.label(), "polishing floor");
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"polishing_floor\"");
    }
}
