//! What the evacuation core asks the shell to do.

use super::{Outcome, PhaseName};

/// To be carried out in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What the availability check answers.
    Availability {
        /// 200 or 503.
        ready: bool,
    },
    /// Whether a CONNECT is taken.
    AcceptConnections(bool),
    /// Cut this many connected clients now, chosen at random. Each one is reported by `Evicted`, and when fewer are
    /// found that by `EvictionsShort`.
    EvictConnections {
        /// At most.
        count: u32,
    },
    /// Have this many Sessions without a client taken over by a target. Answered by `SessionsMoved`.
    MoveSessions {
        /// The target.
        to: String,
        /// At most.
        count: u32,
    },
    /// For logs and events.
    PhaseChanged(PhaseName),
    /// Forget the operation.
    Ended(Outcome),
}
