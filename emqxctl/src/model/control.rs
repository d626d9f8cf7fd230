//! The nodes that agree on operations and settings.

use serde::{Deserialize, Serialize};

use super::cluster::Finding;
use super::event::Severity;

/// The control group as one node knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlGroup {
    /// Its name; none when the node is in none yet.
    pub group: Option<String>,
    /// Grows by one with each recovery.
    pub generation: u64,
    /// Of the node that tells: `member`, `joining`, `left` or `broken`.
    pub standing: String,
    /// What is wrong with its part.
    pub problem: Option<String>,
    /// The node that decides at present.
    pub leader: Option<String>,
    /// Grows with each election.
    pub term: u64,
    /// Number of the last entry in the log of the node that tells.
    pub last_log: u64,
    /// Number of the last entry that it has applied.
    pub applied: u64,
    /// Whether something can be agreed on.
    pub has_majority: bool,
    /// The voters that are missing, when too few are there.
    pub missing_voters: Vec<String>,
    /// By name.
    pub members: Vec<ControlMember>,
}

/// One member of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlMember {
    /// Its name.
    pub node: String,
    /// What it may do.
    pub role: MemberRole,
    /// Number of the last entry that it has applied. None when it does not answer.
    pub applied: Option<u64>,
    /// Entries that it lacks.
    pub lag: Option<u64>,
    /// As it tells it itself.
    pub standing: Option<String>,
    /// What is wrong with its part.
    pub problem: Option<String>,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// It decides at present.
    Leader,
    /// It has a vote.
    Voter,
    /// It follows without a vote.
    Learner,
}

impl MemberRole {
    /// The serde name, which is also the word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Voter => "voter",
            Self::Learner => "learner",
        }
    }
}

impl ControlGroup {
    /// How many have a vote.
    pub fn voters(&self) -> usize {
        let has_vote = |member: &&ControlMember| member.role != MemberRole::Learner;
        self.members.iter().filter(has_vote).count()
    }

    /// What to look at. `answered_by` is the node that tells.
    pub(super) fn findings(&self, answered_by: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |severity, code: &str, subject: &str, message: String| {
            findings.push(Finding {
                severity,
                code: code.to_owned(),
                subject: subject.to_owned(),
                message,
            });
        };
        if !self.missing_voters.is_empty() {
            let missing = self.missing_voters.join(", ");
            let message = format!(
                "operations can neither be started nor stopped: of {} voters too few are there, {missing} missing",
                self.voters()
            );
            add(Severity::Error, "NO_MAJORITY", &missing, message);
        } else if self.standing == "member" && self.leader.is_none() {
            let message = "operations can neither be started nor stopped until a leader is elected";
            add(Severity::Warn, "NO_LEADER", answered_by, message.to_owned());
        }
        if self.standing == "joining" {
            let message = format!("{answered_by} waits to be taken into the control group");
            add(Severity::Warn, "CONTROL_JOINING", answered_by, message);
        }
        if let Some(problem) = &self.problem {
            let message = format!("{answered_by}: {problem}");
            add(Severity::Error, "CONTROL_PROBLEM", answered_by, message);
        }
        for member in &self.members {
            if let Some(problem) = &member.problem
                && member.node != answered_by
            {
                let message = format!("{}: {problem}", member.node);
                add(Severity::Error, "CONTROL_PROBLEM", &member.node, message);
            }
        }
        findings
    }
}
