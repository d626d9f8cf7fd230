//! What the evacuation asks its node to do.

use super::{Outcome, PhaseName};

/// One order; to be carried out in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What the availability check answers from now on.
    Availability {
        /// Whether the node presents itself as ready.
        ready: bool,
    },
    /// Whether new connections are accepted from now on.
    AcceptConnections(bool),
    /// Cut this many connections; a shortfall is answered with `EvictionsShort`.
    EvictConnections {
        /// At least 1.
        count: u32,
    },
    /// Ask a node to take Sessions over that have no client here; always answered with `SessionsMoved`.
    MoveSessions {
        /// Name of the node that takes them.
        to: String,
        /// At least 1.
        count: u32,
    },
    /// The phase that has just begun.
    PhaseChanged(PhaseName),
    /// The operation is over; nothing follows.
    Ended(Outcome),
}
