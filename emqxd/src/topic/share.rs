//! How a Shared Subscription chooses among its members: the strategies, and the choice as arithmetic over slots,
//! without knowing who sits there.

use std::collections::BTreeMap;

use crate::stable_hash;

/// How the member of a Shared Subscription that gets a message is chosen. The specification leaves it to the
/// Server [MQTT-4.8.2]. Named as EMQX names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShareStrategy {
    /// One after the other over all members in the cluster, each as often as any other.
    #[default]
    RoundRobin,
    /// Any member in the cluster, each as likely as any other.
    Random,
    /// All messages of one publishing client go to one member, until that one leaves or its client is away. Each node
    /// sticks by itself: a publisher that connects to another node may get another member.
    Sticky,
    /// One after the other over the connected members on the node that accepts the message; other nodes only when there
    /// is none.
    Local,
    /// By the Client Identifier of the publisher: the same member wherever the client publishes, as long as the members
    /// stay the same.
    HashClientId,
    /// By the Topic Name, in the same way.
    HashTopic,
}

impl ShareStrategy {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RoundRobin,
        Self::Random,
        Self::Sticky,
        Self::Local,
        Self::HashClientId,
        Self::HashTopic,
    ];

    /// As it is configured.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RoundRobin => "round_robin",
            Self::Random => "random",
            Self::Sticky => "sticky",
            Self::Local => "local",
            Self::HashClientId => "hash_clientid",
            Self::HashTopic => "hash_topic",
        }
    }
}

/// Which strategy each Shared Subscription has. To be the same on all nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShareStrategies {
    /// Of those not named below.
    pub default: ShareStrategy,
    /// By Share Name.
    pub groups: BTreeMap<String, ShareStrategy>,
}

impl ShareStrategies {
    /// Of the Shared Subscriptions with this Share Name.
    pub fn of(&self, share_name: &str) -> ShareStrategy {
        if self.groups.is_empty() {
            return self.default;
        }
        self.groups.get(share_name).copied().unwrap_or(self.default)
    }
}

/// What can be done with a member now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usability {
    /// Its client is connected and takes messages.
    Connected,
    /// Its Session lives and keeps messages for later: only when nobody is connected.
    Offline,
    /// It must not be given messages.
    Unusable,
}

/// A place in a Shared Subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Index among the members on this node.
    Local(usize),
    /// Index among all members on other nodes.
    Remote(usize),
}

/// The next slot in turn, and moves `turn` past it. Slots are numbered with the `local` members first, then the
/// `remote` ones. `turn` is what the last call left, any value at the start. With `local_first`, the remote ones come
/// only when nobody is connected here.
///
/// Members on other nodes count as connected. With unchanging members each usable one is chosen equally often, to
/// within one. `None` when nobody is usable.
pub fn next_in_turn(
    local_first: bool,
    turn: &mut usize,
    local: usize,
    remote: usize,
    mut usability: impl FnMut(usize) -> Usability,
) -> Option<Slot> {
    let total = local + remote;
    if *turn >= total {
        *turn = 0;
    }
    let start = *turn;
    let mut offline = None;
    let mut connected = |index: &usize| match usability(*index) {
        Usability::Connected => true,
        Usability::Offline => {
            offline.get_or_insert(*index);
            false
        }
        Usability::Unusable => false,
    };
    let first_remote = (remote > 0).then(|| Slot::Remote(start.saturating_sub(local)));
    let slot = if local_first {
        (start..local)
            .chain(0..start.min(local))
            .find(connected)
            .map(Slot::Local)
            .or(first_remote)
    } else {
        // The remote slots are one stop on the way round: any of them will do.
        (start..local)
            .find(&mut connected)
            .map(Slot::Local)
            .or(first_remote)
            .or_else(|| (0..start.min(local)).find(connected).map(Slot::Local))
    };
    let slot = slot.or_else(|| offline.map(Slot::Local))?;
    *turn = match slot {
        Slot::Local(index) => index + 1,
        Slot::Remote(index) => local + index + 1,
    };
    Some(slot)
}

/// Any usable slot, each as likely as any other when `random` is evenly spread; slots and `None` as in
/// [`next_in_turn`].
pub fn any_slot(
    random: u64,
    local: usize,
    remote: usize,
    mut usability: impl FnMut(usize) -> Usability,
) -> Option<Slot> {
    let mut nth = |wanted: Usability, others: usize| {
        let fitting = (0..local)
            .filter(|index| usability(*index) == wanted)
            .count();
        let total = fitting + others;
        if total == 0 {
            return None;
        }
        // Below `total`, which is a usize.
        let chosen = (random % total as u64) as usize;
        if chosen >= fitting {
            return Some(Slot::Remote(chosen - fitting));
        }
        (0..local)
            .filter(|index| usability(*index) == wanted)
            .nth(chosen)
            .map(Slot::Local)
    };
    nth(Usability::Connected, remote).or_else(|| nth(Usability::Offline, 0))
}

/// The candidate with the highest score for the key; each is given with its hash.
pub fn by_hash<T>(key: u64, candidates: impl Iterator<Item = (T, u64)>) -> Option<T> {
    candidates
        .max_by_key(|(_, hash)| stable_hash::score(key, *hash))
        .map(|(candidate, _)| candidate)
}

/// The score for the key of the best of so many members of a node with that hash: as if each of them were a candidate
/// of its own, so that a node gets keys by how many members it has, without anybody knowing who they are.
pub fn node_score(key: u64, node: u64, members: usize) -> Option<u64> {
    (0..members as u64)
        .map(|member| stable_hash::score(key, stable_hash::mix(node.wrapping_add(member))))
        .max()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usability() -> impl Strategy<Value = Usability> {
        prop::sample::select(vec![
            Usability::Connected,
            Usability::Offline,
            Usability::Unusable,
        ])
    }

    type Counts = (Vec<usize>, Vec<usize>, usize);

    fn counts(
        members: &[Usability],
        remote: usize,
        picks: usize,
        mut choose: impl FnMut() -> Option<Slot>,
    ) -> Counts {
        let mut counts = (vec![0; members.len()], vec![0; remote], 0);
        for _ in 0..picks {
            match choose() {
                Some(Slot::Local(index)) => counts.0[index] += 1,
                Some(Slot::Remote(index)) => counts.1[index] += 1,
                None => counts.2 += 1,
            }
        }
        counts
    }

    fn in_turn(local_first: bool, members: &[Usability], remote: usize, picks: usize) -> Counts {
        let mut turn = 0;
        counts(members, remote, picks, || {
            next_in_turn(local_first, &mut turn, members.len(), remote, |index| {
                members[index]
            })
        })
    }

    fn fair(counts: impl Iterator<Item = usize> + Clone) -> bool {
        let max = counts.clone().max().unwrap_or(0);
        counts.min().unwrap_or(0) + 1 >= max
    }

    /// The members that may be chosen, given whom there is.
    fn best(members: &[Usability], remote: usize) -> Usability {
        if remote > 0 || members.contains(&Usability::Connected) {
            Usability::Connected
        } else {
            Usability::Offline
        }
    }

    #[test]
    fn a_group_may_have_a_strategy_of_its_own() {
        let strategies = ShareStrategies {
            default: ShareStrategy::Local,
            groups: [("g".to_owned(), ShareStrategy::Sticky)].into(),
        };
        assert_eq!(strategies.of("g"), ShareStrategy::Sticky);
        assert_eq!(strategies.of("h"), ShareStrategy::Local);
    }

    #[test]
    fn nodes_get_keys_by_their_members() {
        let nodes = [(1_u64, 1_usize), (2, 2), (3, 5)];
        let mut counts = [0_u32; 3];
        for number in 0..8_000_u64 {
            let key = stable_hash::hash(&number.to_le_bytes());
            let scores = nodes.map(|(node, members)| {
                node_score(key, stable_hash::hash(&node.to_le_bytes()), members)
            });
            let best = (0..3).max_by_key(|index| scores[*index]).unwrap();
            counts[best] += 1;
        }
        for (count, (_, members)) in counts.into_iter().zip(nodes) {
            let expected = 1_000 * members as u32;
            assert!(
                count.abs_diff(expected) < 200,
                "{members} members: {count} of 8,000"
            );
        }
        assert_eq!(node_score(1, 2, 0), None);
    }

    proptest! {
        #[test]
        fn round_robin_is_fair_to_within_one(
            members in prop::collection::vec(usability(), 0..8),
            remote in 0..6_usize,
            picks in 0..100_usize,
        ) {
            let (local, remote, none) = in_turn(false, &members, remote, picks);
            let best = best(&members, remote.len());
            let chosen = local
                .iter()
                .zip(&members)
                .filter(|(_, usability)| **usability == best)
                .map(|(count, _)| *count)
                .chain(remote.iter().copied());
            prop_assert!(fair(chosen.clone()));
            prop_assert_eq!(chosen.clone().sum::<usize>() + none, picks);
            if chosen.count() > 0 {
                prop_assert_eq!(none, 0);
            }
        }

        #[test]
        fn local_leaves_the_node_only_when_nobody_is_connected(
            members in prop::collection::vec(usability(), 0..8),
            remote in 0..6_usize,
            picks in 0..100_usize,
        ) {
            let (local, remote, _) = in_turn(true, &members, remote, picks);
            if members.contains(&Usability::Connected) {
                prop_assert_eq!(remote.iter().sum::<usize>(), 0);
                prop_assert_eq!(local.iter().sum::<usize>(), picks);
                let connected = local
                    .iter()
                    .zip(&members)
                    .filter(|(_, usability)| **usability == Usability::Connected)
                    .map(|(count, _)| *count);
                prop_assert!(fair(connected));
            } else if !remote.is_empty() {
                prop_assert_eq!(remote.iter().sum::<usize>(), picks);
                prop_assert!(fair(remote.iter().copied()));
            }
        }

        #[test]
        fn random_meets_everybody_who_is_usable_and_nobody_else(
            members in prop::collection::vec(usability(), 0..8),
            remote in 0..6_usize,
        ) {
            let best = best(&members, remote);
            let fitting = members.iter().filter(|member| **member == best).count() + remote;
            let mut random = 0;
            let (local, remote, none) = counts(&members, remote, fitting.max(1), || {
                random += 1;
                any_slot(random, members.len(), remote, |index| members[index])
            });
            // As many different numbers in a row as there are members: each is met once.
            for (count, member) in local.iter().zip(&members) {
                prop_assert_eq!(*count, usize::from(*member == best));
            }
            prop_assert!(remote.iter().all(|count| *count == 1));
            prop_assert_eq!(none, usize::from(fitting == 0));
        }

        #[test]
        fn only_the_keys_of_who_leaves_go_elsewhere(
            members in prop::collection::btree_set(any::<u64>(), 2..10),
            keys in prop::collection::vec(any::<u64>(), 1..50),
            leaver in any::<prop::sample::Index>(),
        ) {
            let members: Vec<u64> = members.into_iter().collect();
            let leaver = members[leaver.index(members.len())];
            let all = |key| by_hash(key, members.iter().map(|member| (*member, *member)));
            let rest = |key| {
                let stay = members.iter().filter(|member| **member != leaver);
                by_hash(key, stay.map(|member| (*member, *member)))
            };
            for key in keys {
                if all(key) != Some(leaver) {
                    prop_assert_eq!(all(key), rest(key));
                }
            }
        }
    }
}
