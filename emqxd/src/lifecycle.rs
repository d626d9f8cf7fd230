//! What the node does for clients right now: one value that every part may read and wait for.

use emqx_proto::admin::v1 as admin;

use crate::watch;

/// What the node does for clients right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The configuration is read, the data directory opened, listeners are bound. Nobody is served.
    Starting,
    /// The node looks for its peers and takes over what they know. Nobody is served.
    Joining,
    /// Everybody is served.
    Serving,
    /// The availability check answers 503 so that balancers turn away; clients that come all the same are served.
    Leaving,
    /// An evacuation runs: clients are sent elsewhere and new ones refused.
    Evacuating,
    /// Evacuated, and kept out of service until the operation is stopped. New clients are refused.
    Prohibiting,
    /// The process ends. New clients are refused. Final.
    Stopping,
}

impl Phase {
    /// All, in the order of a node's life.
    pub const ALL: [Self; 7] = [
        Self::Starting,
        Self::Joining,
        Self::Serving,
        Self::Leaving,
        Self::Evacuating,
        Self::Prohibiting,
        Self::Stopping,
    ];

    /// Stable lower-case word: what peers are told and metrics are labelled with.
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

    /// For operators. They see a node that does not serve yet as one whose state is unknown.
    pub const fn to_proto(self) -> admin::NodeState {
        match self {
            Self::Starting | Self::Joining => admin::NodeState::Unspecified,
            Self::Serving => admin::NodeState::Serving,
            Self::Leaving => admin::NodeState::Leaving,
            Self::Evacuating => admin::NodeState::Evacuating,
            Self::Prohibiting => admin::NodeState::Prohibiting,
            Self::Stopping => admin::NodeState::Stopping,
        }
    }

    /// Whether balancers are to send clients here.
    pub const fn is_available(self) -> bool {
        matches!(self, Self::Serving)
    }

    /// Whether a CONNECT is accepted.
    pub const fn accepts_connections(self) -> bool {
        matches!(self, Self::Serving | Self::Leaving)
    }
}

/// The phase of the node.
#[derive(Debug)]
pub struct Lifecycle {
    phase: watch::Sender<Phase>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Lifecycle {
    /// At [`Phase::Starting`].
    pub fn new() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Starting),
        }
    }

    /// Goes over to a phase. Does nothing when it is the present one, and once the node is stopping: an operation
    /// that ends late must not put it back into service. Returns whether something changed.
    pub fn set(&self, phase: Phase) -> bool {
        self.phase.send_if_modified(|present| {
            let changes = *present != phase && *present != Phase::Stopping;
            if changes {
                *present = phase;
            }
            changes
        })
    }

    /// The present phase.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// See [`Phase::is_available`].
    pub fn is_available(&self) -> bool {
        self.phase().is_available()
    }

    /// See [`Phase::accepts_connections`].
    pub fn accepts_connections(&self) -> bool {
        self.phase().accepts_connections()
    }

    /// To wait for changes; only the latest phase is kept.
    pub fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_serving_node_is_available_and_a_leaving_one_still_accepts() {
        let table = Phase::ALL.map(|phase| {
            (
                phase.as_str(),
                phase.is_available(),
                phase.accepts_connections(),
            )
        });
        assert_eq!(
            table,
            [
                ("starting", false, false),
                ("joining", false, false),
                ("serving", true, true),
                ("leaving", false, true),
                ("evacuating", false, false),
                ("prohibiting", false, false),
                ("stopping", false, false),
            ]
        );
    }

    #[tokio::test]
    async fn whoever_waits_sees_the_change() {
        let lifecycle = Lifecycle::new();
        let mut phases = lifecycle.watch();
        assert!(lifecycle.set(Phase::Serving));
        assert!(!lifecycle.set(Phase::Serving));
        phases.changed().await.unwrap();
        assert_eq!(*phases.borrow(), Phase::Serving);
        assert!(lifecycle.is_available() && lifecycle.accepts_connections());
    }

    #[test]
    fn a_stopping_node_does_not_come_back() {
        let lifecycle = Lifecycle::new();
        lifecycle.set(Phase::Stopping);
        assert!(!lifecycle.set(Phase::Serving));
        assert_eq!(lifecycle.phase(), Phase::Stopping);
        assert_eq!(lifecycle.phase().to_proto(), admin::NodeState::Stopping);
    }
}
