//! The nodes that agree, in a line and in a table.

use super::cluster_table::Look;
use super::human::{UNKNOWN, maybe_count, plural, safe};
use super::style::Role;
use super::table::{Cell, Table};
use crate::model::{ControlGroup, MemberRole};

/// Who leads and whether something can be agreed on.
pub fn line(group: &ControlGroup, look: Look) -> String {
    let voters = group.voters();
    let learners = group.members.len() - voters;
    let mut parts = vec![
        "control group".to_owned(),
        format!(
            "leader {}",
            safe(group.leader.as_deref().unwrap_or(UNKNOWN))
        ),
        plural(voters as u64, "voter", "voters"),
    ];
    if learners > 0 {
        parts.push(plural(learners as u64, "learner", "learners"));
    }
    parts.push(if group.has_majority {
        look.style.paint(Role::Good, "majority")
    } else {
        look.style.warn("NO MAJORITY")
    });
    if look.wide {
        parts.push(format!("term {}", group.term));
        parts.push(format!("log {}/{}", group.applied, group.last_log));
        parts.push(format!(
            "{} (generation {})",
            safe(group.group.as_deref().unwrap_or(UNKNOWN)),
            group.generation
        ));
    }
    format!("{}\n", parts.join("   "))
}

/// One row a member.
pub fn members(group: &ControlGroup, look: Look) -> String {
    let mut table = Table::new(&["MEMBER", "ROLE", ">APPLIED", ">LAG", "STANDING"]);
    for member in &group.members {
        let role = match member.role {
            MemberRole::Leader => Role::Good,
            MemberRole::Voter | MemberRole::Learner => Role::Plain,
        };
        table.row(vec![
            Cell::from(&member.node),
            Cell::new(member.role.label(), role),
            Cell::from(maybe_count(member.applied)),
            Cell::from(maybe_count(member.lag)),
            Cell::from(member.standing.as_deref().unwrap_or(UNKNOWN)),
        ]);
    }
    table.render(look.with_header, look.style)
}
