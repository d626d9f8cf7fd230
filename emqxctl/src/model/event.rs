//! Something an operator would ask "when did ...?" about.

use serde::{Deserialize, Serialize};

use super::time::UtcTime;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warn,
    /// Needs somebody.
    Error,
}

impl Severity {
    /// `INFO`, `WARN` or `ERROR`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// One entry of the event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: UtcTime,
    /// The node that it happened on.
    pub node: String,
    /// How much it matters.
    pub severity: Severity,
    /// Stable upper-case word, such as `OPERATION_STARTED` or `PHASE`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// A sentence for people.
    pub message: String,
    /// The operation concerned, if any.
    pub operation_id: Option<String>,
}
