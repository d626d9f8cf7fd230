//! Copies of Sessions of other nodes, in memory: as records, until their owner is gone and they are served here. Pure.

use std::collections::BTreeMap;

use emqx_proto::peer::v1::ReplicateRequest;

use crate::membership::{NodeName, View};

/// Records by key, as in the owner's store.
pub type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Why copies were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The owner has to send all of them.
    #[error("nothing is known of the Sessions that these changes are of")]
    Resend,
    /// It has not been seen yet, or was seen dead, or started anew.
    #[error("the sending node is not among those that this one sees")]
    NotAMember,
}

/// Bytes of the number of a Session: a key of no more is about all its records.
const ROW_BYTES: usize = 8;

/// Memory that a record takes besides its bytes, about.
const OVERHEAD_BYTES: usize = 80;

/// Of all owners, each in one of its starts.
#[derive(Debug, Default)]
pub struct Replicas {
    owners: BTreeMap<(NodeName, u64), OwnerCopies>,
}

#[derive(Debug, Default)]
struct OwnerCopies {
    /// Of the last batch.
    number: u64,
    records: Records,
    rows: usize,
    bytes: usize,
}

/// Whether the key is that of the head of a Session.
fn is_head(key: &[u8]) -> bool {
    key.len() == ROW_BYTES + 1 && key.last() == Some(&0)
}

impl OwnerCopies {
    fn remove(&mut self, key: &[u8]) {
        if let Some(value) = self.records.remove(key) {
            self.bytes -= key.len() + value.len() + OVERHEAD_BYTES;
            self.rows -= usize::from(is_head(key));
        }
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.remove(&key);
        self.bytes += key.len() + value.len() + OVERHEAD_BYTES;
        self.rows += usize::from(is_head(&key));
        self.records.insert(key, value);
    }

    fn remove_row(&mut self, row: &[u8]) {
        let of_row = self.records.range(row.to_vec()..);
        let of_row = of_row.take_while(|(key, _)| key.starts_with(row));
        for key in of_row.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.remove(&key);
        }
    }
}

impl Replicas {
    /// Takes a batch of changes of an owner.
    ///
    /// # Errors
    /// When the owner is not a member, or the changes are not of what is here.
    pub fn apply(
        &mut self,
        owner: &NodeName,
        batch: ReplicateRequest,
        view: &View,
    ) -> Result<(), NotTaken> {
        if !view.has(owner, batch.incarnation) {
            return Err(NotTaken::NotAMember);
        }
        let owner = (owner.clone(), batch.incarnation);
        let known = self.owners.get(&owner).map_or(0, |copies| copies.number);
        if batch.number <= known {
            // It came before, and its answer did not arrive, or was too late.
            return Ok(());
        }
        if batch.first {
            self.owners.remove(&owner);
        } else if batch.number != known + 1 {
            return Err(NotTaken::Resend);
        }
        let copies = self.owners.entry(owner).or_default();
        copies.number = batch.number;
        for change in batch.changes {
            match change.value {
                Some(value) => copies.put(change.key.to_vec(), value.to_vec()),
                None if change.key.len() == ROW_BYTES => copies.remove_row(&change.key),
                None => copies.remove(&change.key),
            }
        }
        Ok(())
    }

    /// What is here of starts of nodes that are not members: they have to send all of it again, should they be members once
    /// more.
    pub fn take_gone(&mut self, view: &View) -> Vec<(NodeName, u64, Records)> {
        self.owners
            .extract_if(.., |(name, incarnation), _| !view.has(name, *incarnation))
            .map(|((name, incarnation), copies)| (name, incarnation, copies.records))
            .collect()
    }

    /// What is here, owner by owner.
    #[cfg(test)]
    pub fn records(&self) -> impl Iterator<Item = &Records> {
        self.owners.values().map(|copies| &copies.records)
    }

    /// Sessions, and bytes in memory, about.
    pub fn size(&self) -> (usize, usize) {
        let all = self.owners.values();
        all.fold((0, 0), |(rows, bytes), copies| {
            (rows + copies.rows, bytes + copies.bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use emqx_proto::peer::v1::ReplicaChange;

    use super::*;
    use crate::membership::PeerInfo;

    fn key(row: u64, rest: &[u8]) -> Vec<u8> {
        let mut key = row.to_be_bytes().to_vec();
        key.extend(rest);
        key
    }

    fn put(row: u64, rest: &[u8]) -> ReplicaChange {
        ReplicaChange {
            key: key(row, rest).into(),
            value: Some(vec![1].into()),
        }
    }

    fn removal(row: u64, rest: &[u8]) -> ReplicaChange {
        ReplicaChange {
            key: key(row, rest).into(),
            value: None,
        }
    }

    fn batch(number: u64, first: bool, changes: Vec<ReplicaChange>) -> ReplicateRequest {
        ReplicateRequest {
            incarnation: 5,
            number,
            first,
            changes,
        }
    }

    /// What a node sees that sees that start of n1, or only itself.
    fn view(incarnation: Option<u64>) -> View {
        let n1 = incarnation.map(|start| PeerInfo::bare("n1", start));
        View::new(PeerInfo::bare("n2", 1), n1)
    }

    #[test]
    fn batches_are_taken_once_and_in_order_and_the_first_begins_anew() {
        let (n1, mut replicas) = (NodeName::new("n1").unwrap(), Replicas::default());
        let sees = view(Some(5));
        let mut apply = |batch: &ReplicateRequest| {
            let taken = replicas.apply(&n1, batch.clone(), &sees);
            (taken, replicas.size().0)
        };
        let second = batch(2, false, vec![removal(1, &[4, 9]), put(3, &[0])]);
        assert_eq!(apply(&second), (Err(NotTaken::Resend), 0));
        let first = batch(1, true, vec![put(1, &[0]), put(1, &[4, 9]), put(2, &[0])]);
        assert_eq!(apply(&first), (Ok(()), 2));
        assert_eq!(apply(&second), (Ok(()), 3));
        // Both come again.
        assert_eq!(apply(&first), (Ok(()), 3));
        assert_eq!(apply(&second), (Ok(()), 3));
        let third = batch(3, false, vec![removal(2, &[])]);
        assert_eq!(apply(&third), (Ok(()), 2));
        let fifth = batch(5, false, vec![put(9, &[0])]);
        assert_eq!(apply(&fifth), (Err(NotTaken::Resend), 2));
        let anew = batch(9, true, vec![put(7, &[0])]);
        assert_eq!(apply(&anew), (Ok(()), 1));
        assert_eq!(apply(&third), (Ok(()), 1));
    }

    #[test]
    fn what_is_here_of_a_start_that_is_gone_is_taken_once_and_whole() {
        let (n1, mut replicas) = (NodeName::new("n1").unwrap(), Replicas::default());
        let first = batch(1, true, vec![put(1, &[0]), put(1, &[4, 9]), put(3, &[0])]);
        let early = replicas.apply(&n1, first.clone(), &view(None));
        assert_eq!(early, Err(NotTaken::NotAMember));
        replicas.apply(&n1, first.clone(), &view(Some(5))).unwrap();
        assert_eq!(replicas.take_gone(&view(Some(5))), []);

        // The next start sends before anybody has looked.
        let mut next = batch(1, true, vec![put(8, &[0])]);
        next.incarnation = 6;
        replicas.apply(&n1, next, &view(Some(6))).unwrap();
        let taken = replicas.take_gone(&view(Some(6)));
        let keys = |records: &Records| records.keys().cloned().collect::<Vec<_>>();
        let taken: Vec<_> = taken
            .iter()
            .map(|(name, start, records)| (name.as_str(), *start, keys(records)))
            .collect();
        let of_first = vec![key(1, &[0]), key(1, &[4, 9]), key(3, &[0])];
        assert_eq!(taken, [("n1", 5, of_first)]);
        assert_eq!(replicas.size().0, 1);

        let late = batch(2, false, vec![put(3, &[4, 1])]);
        let refused = replicas.apply(&n1, late.clone(), &view(None));
        assert_eq!(refused, Err(NotTaken::NotAMember));
        // Seen again.
        let refused = replicas.apply(&n1, late, &view(Some(5)));
        assert_eq!(refused, Err(NotTaken::Resend));
        replicas.apply(&n1, first, &view(Some(5))).unwrap();
        assert_eq!(replicas.take_gone(&view(None)).len(), 2);
    }
}
