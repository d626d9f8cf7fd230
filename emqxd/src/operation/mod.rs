//! Evacuation and (later) rebalancing: the decisions, as pure state machines.
//!
//! Events and time go in, [`command::Command`]s come out; `cluster` carries them out and reports back. This file is
//! vocabulary only.

pub mod command;
pub mod evacuation;
pub mod options;
pub mod pacer;
pub mod preflight;
pub mod progress;
pub mod rate_meter;
pub mod targets;
pub mod unreturned;

use std::fmt;

/// Names an operation in the cluster: `op-` and eight hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OperationId(u32);

impl OperationId {
    /// From a random number.
    pub const fn from_seed(seed: u64) -> Self {
        Self((seed ^ (seed >> 32)) as u32)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "op-{:08x}", self.0)
    }
}

/// Grows with each visible change of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);

/// A step of an evacuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseName {
    /// The availability check answers 503; clients may still connect until the balancer has noticed.
    WaitingHealthCheck,
    /// New connections are refused; connected clients are cut at the rate asked for.
    EvictingConns,
    /// Clients come back elsewhere and pull their Sessions over.
    WaitingTakeover,
    /// Sessions without a client are moved at the rate asked for.
    EvictingSessions,
    /// Empty, and kept out of service until stopped.
    Prohibiting,
}

impl PhaseName {
    /// In order.
    pub const ALL: [Self; 5] = [
        Self::WaitingHealthCheck,
        Self::EvictingConns,
        Self::WaitingTakeover,
        Self::EvictingSessions,
        Self::Prohibiting,
    ];

    /// EMQX's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WaitingHealthCheck => "waiting_health_check",
            Self::EvictingConns => "evicting_conns",
            Self::WaitingTakeover => "waiting_takeover",
            Self::EvictingSessions => "evicting_sessions",
            Self::Prohibiting => "prohibiting",
        }
    }
}

/// How an operation ended, or rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The node is empty.
    Succeeded,
    /// Somebody stopped it before that.
    Stopped,
    /// It could not go on.
    Failed,
    /// It is over with something left.
    Partial,
}

impl Outcome {
    /// Lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Partial => "partial",
        }
    }
}
