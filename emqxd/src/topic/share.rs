//! Whose turn it is in a Shared Subscription: the choice as arithmetic over slots, without knowing who sits there.

/// How the member of a Shared Subscription that gets a message is chosen. The specification leaves it to the
/// Server [MQTT-4.8.2].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShareStrategy {
    /// One after the other over all members in the cluster, each as often as any other.
    #[default]
    RoundRobin,
    /// One after the other over the connected members on this node; other nodes only when there is none.
    PreferLocal,
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

impl ShareStrategy {
    /// The next slot, and moves `turn` past it. Slots are numbered with the `local` members first, then the
    /// `remote` ones. `turn` is what the last call left, any value at the start.
    ///
    /// Members on other nodes count as connected. With unchanging members each usable one is chosen equally
    /// often, to within one. `None` when nobody is usable.
    pub fn next(
        self,
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
        let slot = match self {
            // The remote slots are one stop on the way round: any of them will do.
            Self::RoundRobin => (start..local)
                .find(&mut connected)
                .map(Slot::Local)
                .or(first_remote)
                .or_else(|| (0..start.min(local)).find(connected).map(Slot::Local)),
            Self::PreferLocal => (start..local)
                .chain(0..start.min(local))
                .find(connected)
                .map(Slot::Local)
                .or(first_remote),
        };
        let slot = slot.or_else(|| offline.map(Slot::Local))?;
        *turn = match slot {
            Slot::Local(index) => index + 1,
            Slot::Remote(index) => local + index + 1,
        };
        Some(slot)
    }
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

    fn counts(
        strategy: ShareStrategy,
        members: &[Usability],
        remote: usize,
        picks: usize,
    ) -> (Vec<usize>, Vec<usize>, usize) {
        let mut counts = (vec![0; members.len()], vec![0; remote], 0);
        let mut turn = 0;
        for _ in 0..picks {
            match strategy.next(&mut turn, members.len(), remote, |index| members[index]) {
                Some(Slot::Local(index)) => counts.0[index] += 1,
                Some(Slot::Remote(index)) => counts.1[index] += 1,
                None => counts.2 += 1,
            }
        }
        counts
    }

    fn fair(counts: impl Iterator<Item = usize> + Clone) -> bool {
        let max = counts.clone().max().unwrap_or(0);
        counts.min().unwrap_or(0) + 1 >= max
    }

    proptest! {
        #[test]
        fn round_robin_is_fair_to_within_one(
            members in prop::collection::vec(usability(), 0..8),
            remote in 0..6_usize,
            picks in 0..100_usize,
        ) {
            let (local, remote, none) = counts(ShareStrategy::RoundRobin, &members, remote, picks);
            let best = if !remote.is_empty() || members.contains(&Usability::Connected) {
                Usability::Connected
            } else {
                Usability::Offline
            };
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
        fn prefer_local_leaves_the_node_only_when_nobody_is_connected(
            members in prop::collection::vec(usability(), 0..8),
            remote in 0..6_usize,
            picks in 0..100_usize,
        ) {
            let (local, remote, _) = counts(ShareStrategy::PreferLocal, &members, remote, picks);
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
    }
}
