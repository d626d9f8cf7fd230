//! What the screen knows and shows.

use std::time::Duration;

use super::history::History;
use crate::model::{ClusterStatus, Operation, UtcTime};

/// The screens, in the order of their number keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Screen {
    /// The whole cluster.
    #[default]
    Overview,
    /// One operation.
    Operation,
    /// What has happened.
    Events,
}

impl Screen {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Overview, Self::Operation, Self::Events];

    /// What its tab says.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Operation => "Operation",
            Self::Events => "Events",
        }
    }
}

/// The stream of states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Nothing has come yet.
    #[default]
    Connecting,
    /// States come.
    Live,
    /// Broken; another way is looked for.
    Lost(String),
    /// Given up; `r` tries again.
    Failed(String),
}

/// What is asked before something is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Evacuate this node?
    Evacuate(String),
    /// Stop this operation on that node?
    Stop {
        /// Id of the operation.
        id: String,
        /// Its node.
        node: String,
    },
}

/// A question on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// What is asked.
    pub question: Question,
    /// Enter would do it; it begins on "cancel".
    pub on_confirm: bool,
}

/// A sentence at the bottom for some seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Something went wrong.
    pub is_error: bool,
    /// Gone from then on.
    pub until: Duration,
}

/// A picture of the cluster with its past.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picture {
    /// None until the first state has come.
    pub status: Option<ClusterStatus>,
    /// Samples of earlier states.
    pub history: History,
    /// When the state came, since the start of the program.
    pub received_at: Duration,
}

/// Everything.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The latest.
    pub live: Picture,
    /// What is shown instead while frozen.
    pub frozen: Option<Box<Picture>>,
    /// The stream.
    pub link: Link,
    /// Time since the start of the program.
    pub now: Duration,
    /// The wall clock.
    pub clock: UtcTime,
    /// Time between two states, as asked for.
    pub interval: Duration,
    /// What is on.
    pub screen: Screen,
    /// The node that keys act on, by name.
    pub node: Option<String>,
    /// The operation that its screen shows; none for the newest.
    pub operation: Option<String>,
    /// The first event that is shown.
    pub event_offset: usize,
    /// The help page is open.
    pub help: bool,
    /// A question is open.
    pub dialog: Option<Dialog>,
    /// A sentence is shown.
    pub toast: Option<Toast>,
    /// Nothing can be changed.
    pub readonly: bool,
    /// The picture on the terminal is not this state.
    pub is_dirty: bool,
}

impl State {
    /// At the start.
    pub fn new(screen: Screen, interval: Duration, readonly: bool, clock: UtcTime) -> Self {
        Self {
            live: Picture::default(),
            frozen: None,
            link: Link::default(),
            now: Duration::ZERO,
            clock,
            interval,
            screen,
            node: None,
            operation: None,
            event_offset: 0,
            help: false,
            dialog: None,
            toast: None,
            readonly,
            is_dirty: true,
        }
    }

    /// What is shown.
    pub fn picture(&self) -> &Picture {
        self.frozen.as_deref().unwrap_or(&self.live)
    }

    /// The shown state of the cluster.
    pub fn status(&self) -> Option<&ClusterStatus> {
        self.picture().status.as_ref()
    }

    /// How old the latest state is.
    pub fn age(&self) -> Duration {
        self.now.saturating_sub(self.live.received_at)
    }

    /// States have not come for longer than they should take.
    pub fn is_stale(&self) -> bool {
        self.link != Link::Live || self.age() > self.interval * 3 + Duration::from_secs(1)
    }

    /// The row that keys act on.
    pub fn node_index(&self) -> usize {
        let nodes = self.status().map_or(&[][..], |status| &status.nodes);
        self.node
            .as_ref()
            .and_then(|name| nodes.iter().position(|node| node.name == *name))
            .unwrap_or(0)
    }

    /// The operation that its screen shows.
    pub fn shown_operation(&self) -> Option<&Operation> {
        let operations = &self.status()?.operations;
        match &self.operation {
            Some(id) => operations.iter().find(|op| op.id == *id),
            None => None,
        }
        .or_else(|| operations.first())
    }
}
