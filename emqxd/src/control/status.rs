//! What an operator sees of the group, as one member knows it.

use std::collections::BTreeSet;

use super::error::ControlError;
use super::formation::Verdict;
use super::group::ControlGroup;
use super::identity::Group;

/// The group as one member knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupStatus {
    /// This node's own part.
    pub node_id: u64,
    /// `member`, `joining`, `left` or `broken`.
    pub standing: &'static str,
    /// What is wrong, for people; empty when nothing is.
    pub problem: String,
    /// The group.
    pub group: Option<Group>,
    /// Name of the leader; empty when none is known.
    pub leader: String,
    /// Grows with each election.
    pub term: u64,
    /// Number of the last entry in this node's log.
    pub last_log: u64,
    /// Number of the last entry that this node has applied.
    pub applied: u64,
    /// The members by name.
    pub members: Vec<MemberStatus>,
    /// Whether enough voters are there and one of them leads.
    pub has_majority: bool,
    /// Voters that are missing when too few are there.
    pub missing: Vec<String>,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberStatus {
    /// Its name.
    pub name: String,
    /// Its part.
    pub node_id: u64,
    /// Whether it votes.
    pub is_voter: bool,
}

impl ControlGroup {
    /// The group as this node knows it.
    pub fn status(&self) -> GroupStatus {
        let part = self.part();
        let mut status = GroupStatus {
            node_id: part.identity.node_id,
            standing: if part.identity.group.is_some() {
                "member"
            } else {
                "joining"
            },
            group: part.identity.group,
            ..GroupStatus::default()
        };
        if let Some(reason) = part.identity.left {
            status.standing = "left";
            status.problem = reason;
            return status;
        }
        let Some(raft) = part.raft else {
            status.standing = "broken";
            "it has stopped".clone_into(&mut status.problem);
            return status;
        };
        let metrics = raft.metrics().borrow().clone();
        let membership = metrics.membership_config.membership();
        let voters: BTreeSet<u64> = membership.voter_ids().collect();
        status.members = membership
            .nodes()
            .map(|(id, node)| MemberStatus {
                name: node.name.clone(),
                node_id: *id,
                is_voter: voters.contains(id),
            })
            .collect();
        status.members.sort_by(|a, b| a.name.cmp(&b.name));
        status.term = metrics.current_term;
        status.last_log = metrics.last_log_index.unwrap_or(0);
        status.applied = metrics.last_applied.map_or(0, |applied| applied.index);
        let leader = metrics
            .current_leader
            .and_then(|id| membership.get_node(&id));
        status.leader = leader.map(|node| node.name.clone()).unwrap_or_default();
        match self.lost_majority() {
            Some(ControlError::NoMajority { missing, .. }) => {
                status.missing = missing;
                // Whoever led can lead nobody any more.
                status.leader.clear();
            }
            _ => status.has_majority = !status.leader.is_empty(),
        }
        if let Err(fatal) = &metrics.running_state {
            status.standing = "broken";
            status.problem = fatal.to_string();
        } else if let Verdict::TwoGroups(nodes) = &*self.verdict.lock() {
            status.problem = format!(
                "there are two control groups: {} in another one than this node",
                match nodes.as_slice() {
                    [one] => format!("{one} is"),
                    several => format!("{} are", several.join(", ")),
                }
            );
        }
        status
    }
}
