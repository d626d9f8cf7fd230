//! Which group a node belongs to, and as whom. Pure.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Groups that a group has replaced and still names, so that their members know that they are superseded.
const FORMER_MAX: usize = 8;

/// Names one control group for good. A recovered group is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupId(pub u64);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for GroupId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// A group and those that it has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub id: GroupId,
    /// Grows by one with each recovery.
    pub generation: u64,
    /// Groups that it has replaced, latest first.
    pub former: Vec<GroupId>,
}

impl Group {
    /// A first one.
    pub const fn new(id: GroupId) -> Self {
        Self {
            id,
            generation: 1,
            former: Vec::new(),
        }
    }

    /// The group that goes on where this one cannot any more.
    pub fn recovered(&self, id: GroupId) -> Self {
        let mut former = vec![self.id];
        former.extend(self.former.iter().take(FORMER_MAX - 1));
        Self {
            id,
            generation: self.generation + 1,
            former,
        }
    }

    /// Whether it has replaced that group.
    pub fn replaces(&self, id: GroupId) -> bool {
        self.former.contains(&id)
    }
}

/// What a node keeps of its part in a group. Lost with its data directory: then it is somebody new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Random, never 0; a node that has lost its log has another one, so that it cannot vote twice.
    pub node_id: u64,
    /// The group, once there is one.
    pub group: Option<Group>,
    /// Whether the group begins with this node: it is initialised by it, also when the first attempt was cut short.
    pub is_founder: bool,
    /// Whether it never begins a group, whatever the configuration says: it was told to join, or was a member before.
    pub must_join: bool,
    /// Why it takes no part any more. It begins as somebody new when it starts again, or is told to join.
    pub left: Option<String>,
}

impl Identity {
    /// Somebody new.
    pub fn new(random: u64) -> Self {
        Self {
            node_id: random.max(1),
            group: None,
            is_founder: false,
            must_join: false,
            left: None,
        }
    }
}

/// What a node tells all others of its part, in one text: `node;group;generation;former,former`, or `node;left`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// See [`Identity::node_id`].
    pub node_id: u64,
    /// Where it stands.
    pub standing: Standing,
}

/// Where a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It waits to be taken into a group.
    Joining,
    /// It belongs to a group.
    Member(Group),
    /// It takes no part until it is told to, or starts again.
    Left,
}

impl From<&Identity> for Announcement {
    fn from(identity: &Identity) -> Self {
        Self {
            node_id: identity.node_id,
            standing: match &identity.group {
                _ if identity.left.is_some() => Standing::Left,
                None => Standing::Joining,
                Some(group) => Standing::Member(group.clone()),
            },
        }
    }
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x};", self.node_id)?;
        match &self.standing {
            Standing::Joining => Ok(()),
            Standing::Left => f.write_str("left"),
            Standing::Member(group) => {
                let former: Vec<String> = group.former.iter().map(ToString::to_string).collect();
                write!(f, "{};{};{}", group.id, group.generation, former.join(","))
            }
        }
    }
}

impl Announcement {
    /// Reads what a node tells; `None` when it tells nothing that makes sense.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let node_id = u64::from_str_radix(parts.next()?, 16).ok()?;
        let standing = match parts.next()? {
            "" => Standing::Joining,
            "left" => Standing::Left,
            id => {
                let generation = parts.next()?.parse().ok()?;
                let former = parts.next()?.split(',').filter(|id| !id.is_empty());
                Standing::Member(Group {
                    id: id.parse().ok()?,
                    generation,
                    former: former
                        .map(GroupId::from_str)
                        .collect::<Result<_, _>>()
                        .ok()?,
                })
            }
        };
        Some(Self { node_id, standing })
    }

    /// The group that it tells of.
    pub const fn group(&self) -> Option<&Group> {
        match &self.standing {
            Standing::Member(group) => Some(group),
            Standing::Joining | Standing::Left => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_understood() {
        let mut identity = Identity::new(0);
        assert_eq!(identity.node_id, 1);
        let mut group = Group::new(GroupId(7));
        let mut told = vec![Announcement::from(&identity)];
        for id in [7, 8, 9] {
            identity.group = Some(group.clone());
            told.push(Announcement::from(&identity));
            group = group.recovered(GroupId(id + 1));
        }
        identity.left = Some("removed".to_owned());
        told.push(Announcement::from(&identity));
        for announcement in told {
            let text = announcement.to_string();
            assert_eq!(Announcement::parse(&text), Some(announcement), "{text}");
        }
        for wrong in ["", "x", "1", "1;zz", "1;7;x;", "1;7;1", "1;7;1;zz"] {
            assert_eq!(Announcement::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_recovered_group_names_those_that_it_replaces() {
        let mut group = Group::new(GroupId(1));
        for id in 2..=20 {
            group = group.recovered(GroupId(id));
        }
        assert_eq!(group.generation, 20);
        assert_eq!(group.former.len(), FORMER_MAX);
        assert!(group.replaces(GroupId(19)) && group.replaces(GroupId(12)));
        assert!(!group.replaces(GroupId(20)) && !group.replaces(GroupId(11)));
    }
}
