//! Decides how one node is taken out of service: what to cut, what to move, when to go on.
//!
//! Pure: figures and events go in, commands come out, time is an argument. Only the executor in the cluster module
//! calls it; start reading at [`evacuation`]. [`shutdown`] chooses for a node that is told to stop.

use std::fmt;

pub mod command;
pub mod evacuation;
mod ledger;
pub mod marks;
mod meter;
pub mod options;
pub mod pacer;
pub mod preflight;
pub mod progress;
pub mod shutdown;
pub mod targets;
mod troubles;

#[cfg(test)]
mod model_tests;

/// Name of one operation, short enough to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OperationId(u32);

impl OperationId {
    /// From a random number; its lower 32 bits make the name.
    pub const fn from_seed(seed: u64) -> Self {
        Self(seed as u32)
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix("op-")
            .filter(|digits| digits.len() == 8)?;
        u32::from_str_radix(digits, 16).ok().map(Self)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "op-{:08x}", self.0)
    }
}

/// Counts the visible changes of an operation; a reader that has seen one need not read it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

/// Where an evacuation stands, in the order in which it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseName {
    /// The availability check answers "not ready"; clients may still connect.
    WaitingHealthCheck,
    /// New connections are refused, existing ones are cut at the asked rate.
    EvictingConns,
    /// Clients come back elsewhere and take their Sessions along.
    WaitingTakeover,
    /// Sessions whose client stays away are moved without it.
    EvictingSessions,
    /// Nothing is left; the node rests out of service until it is told to stop.
    Prohibiting,
}

impl PhaseName {
    /// All phases in order.
    pub const ALL: [Self; 5] = [
        Self::WaitingHealthCheck,
        Self::EvictingConns,
        Self::WaitingTakeover,
        Self::EvictingSessions,
        Self::Prohibiting,
    ];

    /// The name that operators see.
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

/// How an operation ended, or stands at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing is left on the node.
    Succeeded,
    /// It was stopped before it was through.
    Stopped,
    /// It could not be carried out.
    Failed,
    /// A part of it could not be carried out.
    Partial,
}

impl Outcome {
    /// The name that operators see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Partial => "partial",
        }
    }
}
