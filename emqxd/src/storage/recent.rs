//! The latest changes, each of another record: what is in the log and not among the sorted records yet. Pure.

use std::collections::hash_map::Entry;

use crate::hashing::HashMap;

use super::change::{Change, EachRecord, Table};

#[derive(Debug)]
struct Latest {
    /// `None` removes.
    value: Option<Vec<u8>>,
    /// There is no such record among the sorted ones.
    is_fresh: bool,
}

/// The latest changes.
#[derive(Debug, Default)]
pub(super) struct Recent([HashMap<Vec<u8>, Latest>; Table::ALL.len()]);

impl Recent {
    /// Adds later changes. A record that was put since, when there has never been one before, and is removed, leaves nothing.
    pub(super) fn absorb(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            let latest = Latest {
                value: change.value,
                is_fresh: change.is_fresh,
            };
            match self.0[change.table as usize].entry(change.key) {
                Entry::Vacant(entry) => {
                    entry.insert(latest);
                }
                Entry::Occupied(entry) if latest.value.is_none() && entry.get().is_fresh => {
                    entry.remove();
                }
                Entry::Occupied(mut entry) => entry.get_mut().value = latest.value,
            }
        }
    }

    /// All, table by table in the order of keys.
    pub(super) fn into_sorted(self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (table, latest) in Table::ALL.into_iter().zip(self.0) {
            let mut of_table: Vec<_> = latest.into_iter().collect();
            // Most are told apart by their beginning, which need not be fetched from somewhere else.
            let beginning = |key: &[u8]| {
                let mut bytes = [0; size_of::<u128>()];
                let len = key.len().min(bytes.len());
                bytes[..len].copy_from_slice(&key[..len]);
                u128::from_be_bytes(bytes)
            };
            let beginnings = of_table.iter().map(|(key, _)| beginning(key));
            let mut order: Vec<_> = beginnings.zip(0..).collect();
            order.sort_unstable_by(|(a, at_a), (b, at_b): &(u128, usize)| {
                let whole = || of_table[*at_a].0.cmp(&of_table[*at_b].0);
                a.cmp(b).then_with(whole)
            });
            changes.extend(order.into_iter().map(|(_, at)| {
                let (key, latest) = &mut of_table[at];
                Change {
                    table,
                    key: std::mem::take(key),
                    value: latest.value.take(),
                    is_fresh: latest.is_fresh,
                }
            }));
        }
        changes
    }

    /// To read these and the sorted records of a table as one.
    pub(super) fn merge(&self, table: Table) -> Merge<'_> {
        let latest = &self.0[table as usize];
        let mut sorted: Vec<_> = latest.iter().collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        Merge {
            table,
            latest,
            sorted,
        }
    }
}

/// Gives sorted records and recent changes in one order.
pub(super) struct Merge<'a> {
    table: Table,
    latest: &'a HashMap<Vec<u8>, Latest>,
    /// Those that were not given yet, the last first.
    sorted: Vec<(&'a Vec<u8>, &'a Latest)>,
}

impl Merge<'_> {
    /// The next of the sorted records.
    pub(super) fn sorted(&mut self, key: &[u8], value: &[u8], each: EachRecord<'_>) {
        while self.sorted.last().is_some_and(|(next, _)| ***next < *key) {
            self.recent(each);
        }
        if self.latest.is_empty() || !self.latest.contains_key(key) {
            each(self.table, key, value);
        }
    }

    /// There are no more sorted records.
    pub(super) fn end(mut self, each: EachRecord<'_>) {
        while !self.sorted.is_empty() {
            self.recent(each);
        }
    }

    fn recent(&mut self, each: EachRecord<'_>) {
        if let Some((key, latest)) = self.sorted.pop()
            && let Some(value) = &latest.value
        {
            each(self.table, key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn change(key: u8, value: Option<u8>, is_fresh: bool) -> Change {
        Change {
            table: Table::Sessions,
            key: vec![key],
            value: value.map(|value| vec![value]),
            is_fresh,
        }
    }

    #[test]
    fn what_was_never_there_leaves_nothing_when_it_is_removed() {
        let mut recent = Recent::default();
        recent.absorb([
            change(1, Some(1), true),
            change(2, Some(1), false),
            change(1, Some(2), false),
        ]);
        recent.absorb([change(1, None, false), change(2, None, false)]);
        assert_eq!(recent.into_sorted(), [change(2, None, false)]);
        let mut recent = Recent::default();
        recent.absorb([change(1, Some(1), true), change(1, None, false)]);
        assert_eq!(recent.into_sorted(), []);
    }

    proptest! {
        #[test]
        fn all_come_in_the_order_of_their_keys(
            keys in prop::collection::btree_set("[ab\0]{1,20}", 1..40),
        ) {
            let mut recent = Recent::default();
            recent.absorb(keys.iter().map(|key| Change {
                key: key.clone().into_bytes(),
                ..change(0, Some(1), false)
            }));
            let sorted = recent.into_sorted().into_iter();
            let sorted: Vec<_> = sorted.map(|change| String::from_utf8(change.key).unwrap()).collect();
            prop_assert_eq!(sorted, keys.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn sorted_and_recent_records_read_as_one(
            sorted in prop::collection::btree_map(0_u8..30, any::<u8>(), 0..20),
            changes in prop::collection::vec((0_u8..30, prop::option::of(any::<u8>())), 0..40),
        ) {
            let mut expected: BTreeMap<u8, u8> = sorted.clone();
            let mut recent = Recent::default();
            for (key, value) in changes {
                let is_fresh = !expected.contains_key(&key) && !sorted.contains_key(&key);
                match value {
                    Some(value) => expected.insert(key, value),
                    None => expected.remove(&key),
                };
                recent.absorb([change(key, value, value.is_some() && is_fresh)]);
            }
            let mut read = Vec::new();
            let mut each = |_: Table, key: &[u8], value: &[u8]| read.push((key[0], value[0]));
            let mut merge = recent.merge(Table::Sessions);
            for (key, value) in &sorted {
                merge.sorted(&[*key], &[*value], &mut each);
            }
            merge.end(&mut each);
            prop_assert_eq!(read, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
