//! Who begins a group, who is taken in, who votes: the decisions, as functions of what a node sees. Pure.
//!
//! A node that joins nobody begins a group of its own at once. Nodes that join each other, and none of which is in a group
//! yet, must not begin two: the one with the lowest name asks all that it sees, and begins only when all of them, and
//! more than half of those that it was told to join, let it. Each node lets one begin at a time, and of two that do
//! not see each other only one can have more than half.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::identity::{Group, Identity, Standing};
use super::peers::Peer;

/// What a node without a group does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstStep {
    /// Begin a group of one.
    Found,
    /// Ask these whether it may begin a group; all must agree.
    AskConsent(Vec<String>),
    /// Somebody else has a group, or will begin one: wait to be taken in.
    AwaitMembers,
    /// Wait for more nodes to appear.
    AwaitNodes {
        /// Seen so far, itself included.
        seen: usize,
        /// Needed to begin a group.
        needed: usize,
    },
}

/// `seeds` is how many other nodes this one was told to join.
pub fn first_step(name: &str, seeds: usize, live: &[Peer]) -> FirstStep {
    if seeds == 0 {
        return FirstStep::Found;
    }
    let has_group = |peer: &Peer| {
        let told = peer.announcement.as_ref();
        told.is_some_and(|told| told.group().is_some())
    };
    if live.iter().any(has_group) {
        return FirstStep::AwaitMembers;
    }
    let seen = live.len() + 1;
    let needed = seeds.div_ceil(2) + 1;
    if seen < needed {
        return FirstStep::AwaitNodes { seen, needed };
    }
    if live.iter().any(|peer| peer.name.as_str() < name) {
        return FirstStep::AwaitMembers;
    }
    FirstStep::AskConsent(live.iter().map(|peer| peer.name.clone()).collect())
}

/// Who may begin a group, as far as one node has a say: one at a time, for a while.
#[derive(Debug, Default)]
pub struct Consent {
    given: Option<(String, Instant)>,
}

/// A consent lasts that long: whoever it was given to may have died, or its withdrawal got lost.
pub const CONSENT_LASTS: Duration = Duration::from_secs(10);
/// Whoever got all consents begins its group within this of asking, or not at all. Well below [`CONSENT_LASTS`].
pub const FOUND_WITHIN: Duration = Duration::from_secs(5);

impl Consent {
    /// Whether that node may begin a group; then no other may for a while.
    pub fn give(&mut self, name: &str, now: Instant) -> bool {
        let is_free = self.given.as_ref().is_none_or(|(given, at)| {
            given == name || now.saturating_duration_since(*at) > CONSENT_LASTS
        });
        if is_free {
            self.given = Some((name.to_owned(), now));
        }
        is_free
    }

    /// That node does not begin one.
    pub fn withdraw(&mut self, name: &str) {
        self.given.take_if(|(given, _)| given == name);
    }
}

/// A member as the leader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Name of the node.
    pub name: String,
    /// Whether it votes.
    pub is_voter: bool,
    /// Whether it has nearly all of the log.
    pub is_caught_up: bool,
}

/// A change of the membership, one at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// Take a node in. It follows first.
    Add {
        /// Of its part in the group.
        node_id: u64,
        /// Its name.
        name: String,
    },
    /// Let it vote.
    Promote(u64),
    /// Let it vote no more.
    Demote(u64),
    /// It is no member any more.
    Remove(u64),
}

/// What the leader changes next; `None` when all is as it should be.
///
/// `is_removed` tells parts in the group that were ended by an operator.
pub fn next_change(
    own_id: u64,
    group: &Group,
    members: &BTreeMap<u64, MemberView>,
    live: &[Peer],
    voters_max: usize,
    is_removed: impl Fn(u64) -> bool,
) -> Option<MemberChange> {
    let live_ids: BTreeMap<u64, &str> = live
        .iter()
        .filter_map(|peer| Some((peer.announcement.as_ref()?.node_id, peer.name.as_str())))
        .collect();
    let voters: BTreeSet<u64> = members
        .iter()
        .filter(|(_, member)| member.is_voter)
        .map(|(id, _)| *id)
        .collect();

    // Of one name only the newest counts: the part of a node that has lost its disk will never come back.
    let replaced = |id: u64, member: &MemberView| {
        live_ids.iter().any(|(live_id, name)| {
            *live_id != id && *name == member.name && members.contains_key(live_id)
        })
    };
    let gone = members
        .iter()
        .find(|(id, member)| is_removed(**id) || replaced(**id, member));
    if let Some((id, _)) = gone {
        let is_last = voters.len() == 1 && voters.contains(id);
        if !is_last {
            return Some(MemberChange::Remove(*id));
        }
    }

    for peer in live {
        let Some(told) = &peer.announcement else {
            continue;
        };
        let wants_in = match &told.standing {
            Standing::Joining => true,
            Standing::Member(of) => of.id == group.id,
            Standing::Left => false,
        };
        if wants_in && !members.contains_key(&told.node_id) && !is_removed(told.node_id) {
            return Some(MemberChange::Add {
                node_id: told.node_id,
                name: peer.name.clone(),
            });
        }
    }

    if voters.len() > voters_max {
        let dead = voters
            .iter()
            .find(|id| **id != own_id && !live_ids.contains_key(*id));
        let demoted = dead.or_else(|| voters.iter().rfind(|id| **id != own_id));
        return demoted.map(|id| MemberChange::Demote(*id));
    }
    if voters.len() < voters_max {
        let ready = members.iter().find(|(id, member)| {
            !member.is_voter
                && member.is_caught_up
                && live_ids.contains_key(*id)
                && !is_removed(**id)
        });
        return ready.map(|(id, _)| MemberChange::Promote(*id));
    }
    None
}

/// Names of the voters that are missing when too few of them are there for a majority.
pub fn missing_voters(
    configurations: &[BTreeSet<u64>],
    names: impl Fn(u64) -> String,
    is_there: impl Fn(u64) -> bool,
) -> Option<Vec<String>> {
    let lacking = configurations.iter().find(|voters| {
        let there = voters.iter().filter(|id| is_there(**id)).count();
        there * 2 <= voters.len()
    })?;
    let missing = lacking.iter().filter(|id| !is_there(**id));
    let mut missing: Vec<String> = missing.map(|id| names(*id)).collect();
    missing.sort_unstable();
    Some(missing)
}

/// What a member makes of the groups that others tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Fine,
    /// Another group has taken the place of this node's.
    Superseded(Group),
    /// There are two groups, and neither replaces the other: names of nodes in the other one.
    TwoGroups(Vec<String>),
}

/// Compares this node's group with those of all live nodes.
pub fn judge(own: &Identity, live: &[Peer]) -> Verdict {
    let Some(group) = &own.group else {
        return Verdict::Fine;
    };
    let others = || {
        live.iter().filter_map(|peer| {
            let other = peer.announcement.as_ref()?.group()?;
            (other.id != group.id).then_some((peer.name.clone(), other))
        })
    };
    if let Some((_, newer)) = others().find(|(_, other)| other.replaces(group.id)) {
        return Verdict::Superseded(newer.clone());
    }
    let strangers: Vec<String> = others()
        .filter(|(_, other)| !group.replaces(other.id))
        .map(|(name, _)| name)
        .collect();
    if strangers.is_empty() {
        Verdict::Fine
    } else {
        Verdict::TwoGroups(strangers)
    }
}

#[cfg(test)]
mod tests {
    use super::super::identity::{Announcement, GroupId};
    use super::*;

    fn peer(name: &str, node_id: u64, group: Option<u64>) -> Peer {
        let standing = match group {
            None => Standing::Joining,
            Some(id) => Standing::Member(Group::new(GroupId(id))),
        };
        Peer {
            name: name.to_owned(),
            announcement: Some(Announcement { node_id, standing }),
        }
    }

    #[test]
    fn a_node_that_joins_nobody_begins_at_once() {
        assert_eq!(first_step("n1", 0, &[]), FirstStep::Found);
    }

    #[test]
    fn of_nodes_that_join_each_other_the_first_by_name_asks_when_enough_are_there() {
        let waits = |seen, needed| FirstStep::AwaitNodes { seen, needed };
        assert_eq!(first_step("n1", 1, &[]), waits(1, 2));
        assert_eq!(first_step("n1", 2, &[]), waits(1, 2));
        assert_eq!(first_step("n1", 4, &[peer("n2", 2, None)]), waits(2, 3));
        let others = [peer("n2", 2, None), peer("n3", 3, None)];
        let asked = vec!["n2".to_owned(), "n3".to_owned()];
        assert_eq!(first_step("n1", 2, &others), FirstStep::AskConsent(asked));
        assert_eq!(first_step("n4", 2, &others), FirstStep::AwaitMembers);
    }

    #[test]
    fn two_halves_never_both_have_enough() {
        for seeds in 1..8usize {
            let nodes = seeds + 1;
            let enough = (1..=nodes)
                .find(|seen| {
                    let live: Vec<Peer> = (1..*seen)
                        .map(|n| peer(&format!("n{n}"), n as u64, None))
                        .collect();
                    !matches!(first_step("n0", seeds, &live), FirstStep::AwaitNodes { .. })
                })
                .unwrap();
            assert!(enough * 2 > nodes, "{enough} of {nodes}");
        }
    }

    #[test]
    fn a_group_that_is_there_is_awaited() {
        let live = [peer("n2", 2, Some(9))];
        assert_eq!(first_step("n1", 1, &live), FirstStep::AwaitMembers);
    }

    fn member(name: &str, is_voter: bool) -> MemberView {
        MemberView {
            name: name.to_owned(),
            is_voter,
            is_caught_up: true,
        }
    }

    fn change(
        members: &[(u64, MemberView)],
        live: &[Peer],
        removed: &[u64],
    ) -> Option<MemberChange> {
        let members = members.iter().cloned().collect();
        let group = Group::new(GroupId(9));
        next_change(1, &group, &members, live, 3, |id| removed.contains(&id))
    }

    #[test]
    fn a_new_node_follows_first_and_votes_while_there_is_room() {
        let one = (1, member("n1", true));
        let n2 = [peer("n2", 2, None)];
        let added = MemberChange::Add {
            node_id: 2,
            name: "n2".to_owned(),
        };
        assert_eq!(
            change(std::slice::from_ref(&one), &n2, &[]),
            Some(added.clone())
        );
        assert_eq!(
            change(std::slice::from_ref(&one), &[peer("n2", 2, Some(9))], &[]),
            Some(added)
        );
        assert_eq!(
            change(std::slice::from_ref(&one), &[peer("n2", 2, Some(8))], &[]),
            None
        );
        assert_eq!(change(std::slice::from_ref(&one), &n2, &[2]), None);
        let following = [one.clone(), (2, member("n2", false))];
        assert_eq!(change(&following, &n2, &[]), Some(MemberChange::Promote(2)));
        assert_eq!(change(&following, &[], &[]), None);
        let full = [
            one,
            (2, member("n2", true)),
            (3, member("n3", true)),
            (4, member("n4", false)),
        ];
        assert_eq!(change(&full, &[peer("n4", 4, Some(9))], &[]), None);
    }

    #[test]
    fn whoever_was_removed_or_replaced_goes_but_never_the_last_voter() {
        let one = (1, member("n1", true));
        let two = (2, member("n2", true));
        let both = [one.clone(), two.clone()];
        assert_eq!(change(&both, &[], &[2]), Some(MemberChange::Remove(2)));
        assert_eq!(change(std::slice::from_ref(&one), &[], &[1]), None);
        let anew = [peer("n2", 7, None)];
        let added = MemberChange::Add {
            node_id: 7,
            name: "n2".to_owned(),
        };
        assert_eq!(change(&both, &anew, &[]), Some(added));
        let with_new = [one, two, (7, member("n2", false))];
        assert_eq!(change(&with_new, &anew, &[]), Some(MemberChange::Remove(2)));
    }

    #[test]
    fn surplus_voters_follow_dead_ones_first() {
        let members: Vec<_> = (1..=4)
            .map(|id| (id, member(&format!("n{id}"), true)))
            .collect();
        let live = [peer("n3", 3, Some(9)), peer("n4", 4, Some(9))];
        assert_eq!(change(&members, &live, &[]), Some(MemberChange::Demote(2)));
    }

    #[test]
    fn a_majority_is_counted_in_each_configuration() {
        let configuration = |ids: &[u64]| ids.iter().copied().collect::<BTreeSet<u64>>();
        let name = |id: u64| format!("n{id}");
        let missing = |configurations: &[BTreeSet<u64>], there: &[u64]| {
            missing_voters(configurations, name, |id| there.contains(&id))
        };
        let three = configuration(&[1, 2, 3]);
        assert_eq!(missing(std::slice::from_ref(&three), &[1, 3]), None);
        let lost = Some(vec!["n2".to_owned(), "n3".to_owned()]);
        assert_eq!(missing(std::slice::from_ref(&three), &[1]), lost);
        let joint = [three, configuration(&[1, 4])];
        assert_eq!(missing(&joint, &[1, 2]), Some(vec!["n4".to_owned()]));
    }

    #[test]
    fn a_replaced_group_gives_way_and_two_groups_are_told() {
        let mut own = Identity::new(1);
        assert_eq!(judge(&own, &[peer("n2", 2, Some(3))]), Verdict::Fine);
        own.group = Some(Group::new(GroupId(3)));
        assert_eq!(
            judge(&own, &[peer("n2", 2, Some(3)), peer("n3", 3, None)]),
            Verdict::Fine
        );
        let strangers = vec!["n2".to_owned()];
        assert_eq!(
            judge(&own, &[peer("n2", 2, Some(4))]),
            Verdict::TwoGroups(strangers)
        );
        let newer = Group::new(GroupId(3)).recovered(GroupId(5));
        let told = Peer {
            name: "n2".to_owned(),
            announcement: Some(Announcement {
                node_id: 2,
                standing: Standing::Member(newer.clone()),
            }),
        };
        assert_eq!(judge(&own, &[told]), Verdict::Superseded(newer.clone()));
        own.group = Some(newer);
        assert_eq!(judge(&own, &[peer("n2", 2, Some(3))]), Verdict::Fine);
    }
}
