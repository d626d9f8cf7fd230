//! Packet Identifiers that the Server gives to its own PUBLISHes [MQTT-2.2.1-3].

use crate::packet::PacketId;

/// 1 to 65,535.
const PACKET_IDS: u32 = u16::MAX as u32;

/// Gives out identifiers in ascending order, wraps from 65,535 to 1 and skips those in use.
#[derive(Debug)]
pub(super) struct PacketIds {
    next: PacketId,
    /// How many identifiers from `next` on are known to be free. Those in use are searched only when this run
    /// is used up, so a wide inflight window does not cost a search for each message.
    free_run: u32,
}

impl PacketIds {
    /// The first to try.
    pub(super) const fn starting_at(next: PacketId) -> Self {
        Self { next, free_run: 0 }
    }

    /// The next one to try.
    pub(super) const fn next(&self) -> PacketId {
        self.next
    }

    /// A free identifier; `None` when all 65,535 are in use. `in_use` lists those in use in any order; it is
    /// only run through when the known run of free ones is used up.
    pub(super) fn allocate(&mut self, in_use: impl Iterator<Item = PacketId>) -> Option<PacketId> {
        if self.free_run == 0 {
            self.find_free_run(in_use);
            if self.free_run == 0 {
                return None;
            }
        }
        let allocated = self.next;
        self.next = successor(allocated);
        self.free_run -= 1;
        Some(allocated)
    }

    /// Leaves the next identifier out.
    pub(super) fn skip(&mut self) {
        self.next = successor(self.next);
        self.free_run = self.free_run.saturating_sub(1);
    }

    /// Moves `next` past those in use and counts the free ones from there.
    fn find_free_run(&mut self, in_use: impl Iterator<Item = PacketId>) {
        let mut used: Vec<u32> = in_use.map(|used| steps(self.next, used)).collect();
        used.sort_unstable();
        used.dedup();
        let skipped = (0..)
            .zip(&used)
            .take_while(|(step, used)| step == *used)
            .count();
        for _ in 0..skipped {
            self.next = successor(self.next);
        }
        let first_used = used.get(skipped).copied().unwrap_or(PACKET_IDS);
        self.free_run = first_used - u32::try_from(skipped).unwrap_or(PACKET_IDS);
    }
}

impl Default for PacketIds {
    fn default() -> Self {
        Self::starting_at(PacketId::MIN)
    }
}

fn successor(packet_id: PacketId) -> PacketId {
    packet_id.checked_add(1).unwrap_or(PacketId::MIN)
}

/// How far `to` lies ahead of `from` on the ring.
fn steps(from: PacketId, to: PacketId) -> u32 {
    (u32::from(to.get()) + PACKET_IDS - u32::from(from.get())) % PACKET_IDS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn id(number: u16) -> PacketId {
        PacketId::new(number).expect("not zero")
    }

    #[test]
    fn wraps_from_65535_to_1() {
        let mut ids = PacketIds::starting_at(id(65_535));
        assert_eq!(ids.allocate(std::iter::empty()), Some(id(65_535)));
        assert_eq!(ids.allocate(std::iter::empty()), Some(id(1)));
    }

    #[test]
    fn skips_those_in_use() {
        let mut ids = PacketIds::starting_at(id(65_534));
        let used = [id(1), id(65_535), id(2)];
        let in_use = used.iter().copied();
        assert_eq!(ids.allocate(in_use.clone()), Some(id(65_534)));
        assert_eq!(ids.allocate(in_use.clone()), Some(id(3)));
        assert_eq!(ids.allocate(in_use.clone()), Some(id(4)));
    }

    #[test]
    fn leaves_one_out_when_told_to() {
        let mut ids = PacketIds::default();
        ids.skip();
        assert_eq!(ids.allocate(std::iter::empty()), Some(id(2)));
        ids.skip();
        assert_eq!(ids.allocate(std::iter::empty()), Some(id(4)));
        let mut ids = PacketIds::starting_at(id(65_535));
        ids.skip();
        let used = [id(1), id(2)];
        assert_eq!(ids.allocate(used.iter().copied()), Some(id(3)));
    }

    #[test]
    fn none_is_left_when_all_are_in_use() {
        let mut ids = PacketIds::starting_at(id(7));
        assert_eq!(ids.allocate((1..=u16::MAX).map(id)), None);
        assert_eq!(ids.allocate((1..u16::MAX).map(id)), Some(id(65_535)));
    }

    proptest! {
        /// The smallest free identifier from the last one on is given out, whatever is freed in between.
        #[test]
        fn equals_the_naive_search(
            start in 1u16..,
            operations in proptest::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..200),
            occupied in proptest::collection::btree_set(0u16..40, 0..40),
        ) {
            let mut used: BTreeSet<u16> =
                occupied.iter().map(|offset| start.checked_add(*offset).unwrap_or(offset + 1)).collect();
            let mut ids = PacketIds::starting_at(id(start));
            let mut next = start;
            for (allocate, which) in operations {
                if allocate {
                    while used.contains(&next) {
                        next = next.checked_add(1).unwrap_or(1);
                    }
                    let got = ids.allocate(used.iter().map(|number| id(*number))).map(PacketId::get);
                    prop_assert_eq!(got, Some(next));
                    used.insert(next);
                    next = next.checked_add(1).unwrap_or(1);
                } else if !used.is_empty() {
                    let freed = *which.get(&used.iter().copied().collect::<Vec<_>>());
                    used.remove(&freed);
                }
            }
        }
    }
}
