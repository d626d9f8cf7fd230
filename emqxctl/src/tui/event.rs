//! What happens to the screen, and what it asks for.

use std::time::Duration;

use crossterm::event::KeyEvent;

use crate::admin::WatchEvent;
use crate::model::{ClusterStatus, UtcTime};

/// Something has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The terminal has another size.
    Resized,
    /// Time has passed: since the start, and by the wall clock.
    Tick(Duration, UtcTime),
    /// The stream of states has something to tell.
    Cluster(Box<WatchEvent<ClusterStatus>>),
    /// The stream has ended for good, with the reason.
    Failed(String),
    /// What became of an [`Effect`] that changes the cluster: a sentence.
    Answered(Result<String, String>),
}

/// What the loop has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave. Operations go on.
    Quit,
    /// Open the stream anew.
    Reconnect,
    /// Evacuate a node.
    Evacuate {
        /// Its name.
        node: String,
    },
    /// Stop an operation.
    Stop {
        /// Its id.
        id: String,
    },
}
