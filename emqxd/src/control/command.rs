//! What the control group can be asked to agree on, as it stands in the log.

use serde::{Deserialize, Serialize};

use super::operation_record::OperationRecord;

/// Format of the commands that this version writes. A node that meets a newer one takes no part any more: left out on
/// one node only, a command would part the states of the nodes.
pub const COMMAND_FORMAT: u32 = 1;

/// A change that all nodes apply in the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// An operation begins. Refused when one is under way on its node, or when all of `targets` are out of service.
    StartOperation {
        /// At its beginning.
        operation: OperationRecord,
        /// The nodes that could take clients and Sessions over, as its node sees them.
        targets: Vec<String>,
    },
    /// Where an operation stands now, or how it ended. Nothing happens when it is unknown or has ended.
    MarkOperation {
        /// In place of what was recorded.
        operation: OperationRecord,
    },
    /// An operator wants an operation to end. Its node ends it, at the latest when it is back.
    StopOperation {
        /// Which one.
        id: String,
    },
    /// A node is no member any more; operations of it end.
    RemoveNode {
        /// Of its part in the group.
        node_id: u64,
        /// Its name.
        name: String,
        /// When, by the clock of the node that was asked. Unix milliseconds.
        time_unix_ms: u64,
    },
    /// A cluster-wide setting; none removes it.
    SetSetting {
        /// Its name.
        key: String,
        /// Its value.
        value: Option<String>,
    },
}

/// A change with the format that it is written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// See [`COMMAND_FORMAT`].
    pub format: u32,
    /// The change. Kept as it came, because a later format may have others.
    pub change: serde_json::Value,
}

/// A command that this version cannot apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It was written by a newer version.
    #[error(
        "a command of format {0} was agreed on, and this version of emqxd knows format {COMMAND_FORMAT} only; \
         run the version of the other nodes"
    )]
    Newer(u32),
    /// It makes no sense.
    #[error("a command cannot be read: {0}")]
    Unreadable(String),
}

impl Command {
    /// In the present format.
    pub fn new(change: &Change) -> Self {
        Self {
            format: COMMAND_FORMAT,
            // Texts and numbers in named fields are always JSON.
            change: serde_json::to_value(change).unwrap_or_default(),
        }
    }

    /// The change in it.
    ///
    /// # Errors
    /// When it is of a newer format, or makes no sense.
    pub fn read(&self) -> Result<Change, CommandError> {
        if self.format > COMMAND_FORMAT {
            return Err(CommandError::Newer(self.format));
        }
        Change::deserialize(&self.change)
            .map_err(|error| CommandError::Unreadable(error.to_string()))
    }
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was applied.
    Done,
    /// The state does not allow it; nothing has changed.
    Refused(Rejection),
}

/// Why the state does not allow a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// A stable word.
    pub code: String,
    /// What is in the way, in a sentence.
    pub cause: String,
    /// What would be accepted, in a sentence.
    pub valid: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let change = Change::StopOperation { id: "op-1".into() };
        let command = Command::new(&change);
        assert_eq!(
            serde_json::to_string(&command).unwrap(),
            r#"{"format":1,"change":{"stop_operation":{"id":"op-1"}}}"#
        );
        assert_eq!(command.read(), Ok(change));
    }

    #[test]
    fn a_newer_format_and_nonsense_are_told_apart() {
        let newer = Command {
            format: 2,
            change: serde_json::json!({"dance": {}}),
        };
        let text = newer.read().unwrap_err().to_string();
        assert!(
            text.contains("format 2") && text.contains("format 1 only"),
            "{text}"
        );
        let nonsense = Command { format: 1, ..newer };
        assert!(matches!(nonsense.read(), Err(CommandError::Unreadable(_))));
    }
}
