//! What the node does for clients right now, as a type that everybody can watch.

use emqx_proto::admin::v1::NodeState;
use tokio::sync::watch;

/// A phase in the life of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is served yet.
    Starting,
    /// It looks for the other nodes.
    Joining,
    /// Clients are served.
    Serving,
    /// The availability check answers 503, and clients may still connect: the balancer has not noticed yet.
    Leaving,
    /// New connections are refused, clients and Sessions move away.
    Evacuating,
    /// Empty, and kept out of service until the operation is stopped.
    Prohibiting,
    /// The process is about to end. Nothing leads out of it.
    Stopping,
}

impl Phase {
    /// The word that peers, scripts and people see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Joining => "joining",
            Self::Serving => "serving",
            Self::Leaving => "leaving",
            Self::Evacuating => "evacuating",
            Self::Prohibiting => "prohibiting",
            Self::Stopping => "stopping",
        }
    }

    /// For operators; a node that does not serve yet is reported as stopping clients too.
    pub const fn to_proto(self) -> NodeState {
        match self {
            Self::Serving => NodeState::Serving,
            Self::Leaving => NodeState::Leaving,
            Self::Evacuating => NodeState::Evacuating,
            Self::Prohibiting => NodeState::Prohibiting,
            Self::Starting | Self::Joining | Self::Stopping => NodeState::Stopping,
        }
    }
}

/// The present phase, for everybody to watch.
#[derive(Debug)]
pub struct Lifecycle {
    phase: watch::Sender<Phase>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self { phase: watch::Sender::new(Phase::Starting) }
    }
}

impl Lifecycle {
    /// The present phase.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Moves on. Ignored once the node is stopping.
    pub fn set(&self, phase: Phase) {
        self.phase.send_if_modified(|present| {
            let moves = *present != Phase::Stopping && *present != phase;
            if moves {
                *present = phase;
            }
            moves
        });
    }

    /// What the availability check answers.
    pub fn is_available(&self) -> bool {
        self.phase() == Phase::Serving
    }

    /// Whether a CONNECT is taken.
    pub fn accepts_connections(&self) -> bool {
        matches!(self.phase(), Phase::Serving | Phase::Leaving)
    }

    /// Follows the phase.
    pub fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_is_final() {
        let lifecycle = Lifecycle::default();
        lifecycle.set(Phase::Serving);
        assert!(lifecycle.is_available() && lifecycle.accepts_connections());
        lifecycle.set(Phase::Leaving);
        assert!(!lifecycle.is_available() && lifecycle.accepts_connections());
        lifecycle.set(Phase::Stopping);
        lifecycle.set(Phase::Serving);
        assert_eq!(lifecycle.phase(), Phase::Stopping);
    }
}
