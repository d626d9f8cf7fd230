//! Why the group does not agree to something.

use serde::{Deserialize, Serialize};

use super::command::Rejection;

/// Why nothing was agreed. For people; nothing has changed unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ControlError {
    /// The node is in no group yet.
    #[error("{0}")]
    NoGroup(String),
    /// The node takes no part in the group any more.
    #[error("{node} takes no part in the control group: {reason}")]
    Left {
        /// Its name.
        node: String,
        /// Why.
        reason: String,
    },
    /// Too few voters are there.
    #[error(
        "the control group has lost its majority: of its {voters} voters {} not there; clients are served, but nothing \
         can be agreed on",
        missing_text(.missing)
    )]
    NoMajority {
        /// How many voters the group has.
        voters: usize,
        /// Names of those that are not there.
        missing: Vec<String>,
    },
    /// It took too long. It may still be agreed on later.
    #[error("the control group did not agree within {0} ms; whether it will is not known")]
    TimedOut(u64),
    /// The node's own part is broken.
    #[error("the control state of {node} cannot be used: {reason}")]
    Broken {
        /// Its name.
        node: String,
        /// Why.
        reason: String,
    },
    /// What has been agreed before does not allow it.
    #[error("{}", .0.cause)]
    Rejected(Rejection),
}

fn missing_text(missing: &[String]) -> String {
    match missing {
        [one] => format!("{one} is"),
        several => format!("{} are", several.join(", ")),
    }
}

impl ControlError {
    /// A stable word.
    pub fn code(&self) -> &str {
        match self {
            Self::NoGroup(_) => "no_control_group",
            Self::Left { .. } => "left_control_group",
            Self::NoMajority { .. } => "no_majority",
            Self::TimedOut(_) => "not_agreed_in_time",
            Self::Broken { .. } => "control_state_broken",
            Self::Rejected(rejection) => &rejection.code,
        }
    }

    /// What would be accepted, in a sentence.
    pub fn valid(&self) -> String {
        match self {
            Self::NoGroup(_) => "a node that has joined the others".to_owned(),
            Self::Left { .. } => {
                "another node, or `emqxctl cluster join` to take this one in again".to_owned()
            }
            Self::NoMajority { .. } => {
                "start the missing nodes; when they are lost for good, `emqxctl cluster recover`"
                    .to_owned()
            }
            Self::TimedOut(_) => {
                "look at `emqxctl cluster status`, and try again when there is a leader".to_owned()
            }
            Self::Broken { .. } => {
                "look at the log of that node; it may be started again once its disk is well"
                    .to_owned()
            }
            Self::Rejected(rejection) => rejection.valid.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_majority_names_who_is_missing() {
        let error = |missing: &[&str]| {
            let missing = missing.iter().map(ToString::to_string).collect();
            ControlError::NoMajority { voters: 3, missing }.to_string()
        };
        assert!(error(&["n2"]).contains("of its 3 voters n2 is not there"));
        assert!(error(&["n2", "n3"]).contains("of its 3 voters n2, n3 are not there"));
    }
}
