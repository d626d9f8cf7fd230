//! The log of commits as bytes: what a batch looks like, and which bytes of a segment are whole batches.
//!
//! A segment is a file of a length that is reached once and then written over from its beginning: a sync then has no length
//! and no blocks of a file to note, only content. What lies behind the last batch is therefore of an earlier use, and is known
//! by its numbers, which are lower. Behind each batch there are zeros, which the next one takes the place of: so a batch that
//! was being written is told from one of an earlier use.

use std::hash::Hasher as _;
use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

use super::change::{Change, Table};

/// What every batch begins with.
const MARK: [u8; 4] = *b"EMQ\x01";

/// Mark, number, length, checksum.
const HEADER_BYTES: usize = 4 + 8 + 4 + 8;

/// Behind the last batch.
pub const END: [u8; 8] = [0; 8];

/// Bits of the first byte of a change; the others are the table.
const IS_PUT: u8 = 0x80;
const IS_FRESH: u8 = 0x40;

fn checksum(number: u64, payload: &[u8]) -> u64 {
    let mut checksum = Xxh3::new();
    checksum.update(&number.to_le_bytes());
    checksum.update(payload);
    checksum.finish()
}

/// Appends a batch, and what marks the end behind it. Returns the length of the batch alone.
pub fn encode(number: u64, changes: &[Change], into: &mut Vec<u8>) -> usize {
    let from = into.len();
    into.extend([0; HEADER_BYTES]);
    for change in changes {
        let value = change.value.as_deref();
        let flags = if value.is_some() { IS_PUT } else { 0 };
        let flags = flags | if change.is_fresh { IS_FRESH } else { 0 };
        into.push(change.table as u8 | flags);
        // A key has no more than 65,535 bytes.
        into.extend((change.key.len() as u16).to_le_bytes());
        if let Some(value) = value {
            into.extend((value.len() as u32).to_le_bytes());
        }
        into.extend(&change.key);
        into.extend(value.unwrap_or_default());
    }
    let (header, payload) = into[from..].split_at_mut(HEADER_BYTES);
    let checksum = checksum(number, payload);
    header[..4].copy_from_slice(&MARK);
    header[4..12].copy_from_slice(&number.to_le_bytes());
    header[12..16].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    header[16..].copy_from_slice(&checksum.to_le_bytes());
    let len = into.len() - from;
    into.extend(END);
    len
}

/// The changes of a batch; `None` when they are not understood.
pub fn decode(payload: &[u8]) -> Option<Vec<Change>> {
    let mut reader = Reader(payload);
    let mut changes = Vec::new();
    while !reader.0.is_empty() {
        let [flags] = reader.array()?;
        let number = usize::from(flags & !(IS_PUT | IS_FRESH));
        let key_len = usize::from(u16::from_le_bytes(reader.array()?));
        let value_len = if flags & IS_PUT == 0 {
            None
        } else {
            Some(usize::try_from(u32::from_le_bytes(reader.array()?)).ok()?)
        };
        let key = reader.take(key_len)?.to_vec();
        let value = match value_len {
            Some(len) => Some(reader.take(len)?.to_vec()),
            None => None,
        };
        changes.push(Change {
            table: *Table::ALL.get(number)?,
            key,
            value,
            is_fresh: flags & IS_FRESH != 0,
        });
    }
    Some(changes)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

/// A whole batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Its number.
    pub number: u64,
    /// Where its changes are.
    pub payload: Range<usize>,
}

/// What a segment is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scanned {
    /// In their order.
    pub batches: Vec<Whole>,
    /// Bytes that are no batch of it, with at least one behind them.
    pub damaged: Vec<Range<usize>>,
    /// Where the next batch belongs.
    pub end: usize,
    /// So many bytes behind that, about, when something was written there that is no whole batch: one that was being
    /// written when the power went, or damage in the last one. Which of both cannot be told.
    pub unfinished: usize,
}

/// Looks through a segment whose batches have numbers from `first` on.
pub fn scan(bytes: &[u8], first: u64) -> Scanned {
    let mut scanned = Scanned::default();
    let (mut at, mut least) = (0, first);
    while let Some(found) = next_mark(bytes, at) {
        match whole_at(bytes, found, least) {
            Some(batch) => {
                if found > scanned.end {
                    scanned.damaged.push(scanned.end..found);
                }
                least = batch.number + 1;
                at = batch.payload.end;
                scanned.end = at;
                scanned.batches.push(batch);
            }
            None => at = found + 1,
        }
    }
    let rest = &bytes[scanned.end..];
    if !rest.starts_with(&END[..END.len().min(rest.len())]) {
        let last = rest.iter().rposition(|byte| *byte != 0);
        scanned.unfinished = last.map_or(0, |last| last + 1);
    }
    scanned
}

fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        at += rest.iter().position(|byte| *byte == MARK[0])?;
        if bytes[at..].starts_with(&MARK) {
            return Some(at);
        }
        at += 1;
    }
}

fn whole_at(bytes: &[u8], at: usize, least: u64) -> Option<Whole> {
    let mut reader = Reader(bytes.get(at + MARK.len()..)?);
    let number = u64::from_le_bytes(reader.array()?);
    let len = usize::try_from(u32::from_le_bytes(reader.array()?)).ok()?;
    let expected = u64::from_le_bytes(reader.array()?);
    if number < least {
        return None;
    }
    let payload = reader.take(len)?;
    let from = at + HEADER_BYTES;
    (checksum(number, payload) == expected).then_some(Whole {
        number,
        payload: from..from + len,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change() -> impl Strategy<Value = Change> {
        (
            prop::sample::select(Table::ALL.to_vec()),
            prop::collection::vec(any::<u8>(), 1..20),
            prop::option::of(prop::collection::vec(any::<u8>(), 0..60)),
            any::<bool>(),
        )
            .prop_map(|(table, key, value, is_fresh)| Change {
                table,
                key,
                value,
                is_fresh,
            })
    }

    fn batches() -> impl Strategy<Value = Vec<Vec<Change>>> {
        prop::collection::vec(prop::collection::vec(change(), 0..4), 1..8)
    }

    /// A segment with these batches, over bytes of an earlier use of it, and where each of them ends.
    fn segment(
        batches: &[Vec<Change>],
        first: u64,
        earlier: &[Vec<Change>],
    ) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        for (number, changes) in (1..).zip(earlier) {
            encode(number, changes, &mut bytes);
            bytes.truncate(bytes.len() - END.len());
        }
        bytes.extend([0; 100]);
        let (mut at, mut ends) = (0, Vec::new());
        for (number, changes) in (first..).zip(batches) {
            let mut batch = Vec::new();
            let len = encode(number, changes, &mut batch);
            let until = (at + batch.len()).max(bytes.len());
            bytes.resize(until, 0);
            bytes[at..at + batch.len()].copy_from_slice(&batch);
            at += len;
            ends.push(at);
        }
        (bytes, ends)
    }

    fn changes_of(bytes: &[u8], scanned: &Scanned) -> Vec<Vec<Change>> {
        let payloads = scanned
            .batches
            .iter()
            .map(|batch| &bytes[batch.payload.clone()]);
        payloads.map(|payload| decode(payload).unwrap()).collect()
    }

    const FIRST: u64 = 1_000;

    proptest! {
        #[test]
        fn what_was_written_is_read_and_nothing_of_an_earlier_use(
            batches in batches(),
            earlier in batches(),
        ) {
            let (bytes, ends) = segment(&batches, FIRST, &earlier);
            let scanned = scan(&bytes, FIRST);
            prop_assert_eq!(changes_of(&bytes, &scanned), batches);
            prop_assert_eq!(Some(&scanned.end), ends.last());
            prop_assert_eq!((scanned.damaged, scanned.unfinished), (vec![], 0));
        }

        #[test]
        fn a_batch_that_was_not_finished_leaves_those_before_it(
            batches in batches(),
            earlier in batches(),
            written in any::<prop::sample::Index>(),
        ) {
            let (mut bytes, ends) = segment(&batches[..batches.len() - 1], FIRST, &earlier);
            let end = ends.last().copied().unwrap_or(0);
            let mut last = Vec::new();
            let len = encode(FIRST + ends.len() as u64, batches.last().unwrap(), &mut last);
            let written = written.index(len);
            bytes.resize(bytes.len().max(end + len), 0);
            bytes[end..end + written].copy_from_slice(&last[..written]);
            // The rest of it is not that of the batch by chance.
            bytes[end + written] = !last[written];
            let scanned = scan(&bytes, FIRST);
            prop_assert_eq!(changes_of(&bytes, &scanned), &batches[..batches.len() - 1]);
            prop_assert_eq!((scanned.end, scanned.damaged), (end, vec![]));
            if written > 0 {
                prop_assert!(scanned.unfinished > 0);
            }
        }

        #[test]
        fn a_changed_bit_costs_its_batch_alone(
            batches in batches(),
            earlier in batches(),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let (mut bytes, ends) = segment(&batches, FIRST, &earlier);
            let at = at.index(*ends.last().unwrap());
            let hit = ends.partition_point(|end| *end <= at);
            bytes[at] ^= 1 << bit;
            let scanned = scan(&bytes, FIRST);
            let mut others = batches.clone();
            others.remove(hit);
            prop_assert_eq!(changes_of(&bytes, &scanned), others);
            let start = if hit == 0 { 0 } else { ends[hit - 1] };
            if hit + 1 == ends.len() {
                prop_assert!(scanned.unfinished > 0);
                prop_assert_eq!((scanned.end, scanned.damaged), (start, vec![]));
            } else {
                prop_assert_eq!(scanned.damaged, vec![start..ends[hit]]);
            }
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let scanned = scan(&bytes, 0);
            prop_assert!(scanned.end + scanned.unfinished <= bytes.len());
            let _ = decode(&bytes);
        }
    }
}
