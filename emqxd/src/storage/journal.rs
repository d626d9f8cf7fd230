//! Damage in the journal of the database, found before the database reads it.
//!
//! The journal holds the latest commits, one batch behind the other, each with a checksum over its records. The database
//! itself either refuses a journal with a damaged byte as a whole, or (when the byte is one of a length or a mark) takes it
//! for the end and drops all commits behind it without a word. Here both become the same: damaged bytes are left out, what
//! lies before and behind them is kept, and somebody is told.

use std::hash::Hasher as _;
use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

/// What every batch ends with.
const MAGIC: &[u8] = b"FJL\x03";

/// The marks of what a batch is made of.
mod tag {
    pub(super) const START: u8 = 1;
    pub(super) const ITEM: u8 = 2;
    pub(super) const END: u8 = 3;
    pub(super) const CLEAR: u8 = 4;
}

/// What a journal file is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Checked {
    /// Whole batches, where they lie.
    pub(super) whole: Vec<Range<usize>>,
    /// Bytes with at least one whole batch behind them, and without one among them.
    pub(super) damaged: Vec<Range<usize>>,
    /// Bytes at the end that are no whole batch: one that was being written when the power went, or damage in the last
    /// one. Which of both cannot be told. Without the zeros that the database puts there in advance.
    pub(super) unfinished: Range<usize>,
}

/// Looks through the content of a journal file.
pub(super) fn check(bytes: &[u8]) -> Checked {
    let bytes = &bytes[..content_len(bytes)];
    let mut checked = Checked::default();
    let mut at = 0;
    let mut bad_since = None;
    while at < bytes.len() {
        match batch_end(&bytes[at..]) {
            Some(len) => {
                checked
                    .damaged
                    .extend(bad_since.take().map(|since| since..at));
                checked.whole.push(at..at + len);
                at += len;
            }
            None => {
                bad_since.get_or_insert(at);
                at = next_start(bytes, at);
            }
        }
    }
    let end = bytes.len();
    checked.unfinished = bad_since.unwrap_or(end)..end;
    checked
}

/// Up to where there is something else than zeros.
fn content_len(bytes: &[u8]) -> usize {
    const ZEROS: [u8; 4_096] = [0; 4_096];
    let mut len = bytes.len();
    while len >= ZEROS.len() && bytes[len - ZEROS.len()..len] == ZEROS {
        len -= ZEROS.len();
    }
    // A whole batch ends with MAGIC, so no zero belongs to one.
    bytes[..len]
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1)
}

/// Where after `at` the next batch may begin.
fn next_start(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at + 1..];
    let start = rest.iter().position(|byte| *byte == tag::START);
    start.map_or(bytes.len(), |found| at + 1 + found)
}

/// Length of the whole batch that these bytes begin with.
fn batch_end(bytes: &[u8]) -> Option<usize> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(1)? != [tag::START] {
        return None;
    }
    let count = u32::from_le_bytes(reader.array()?);
    reader.take(8)?;
    let mut checksum = Xxh3::new();
    for _ in 0..count {
        let from = reader.at;
        match reader.take(1)? {
            [tag::ITEM] => {
                // Kind of value, compression, table.
                reader.take(1 + 1 + 8)?;
                let key_len = u16::from_le_bytes(reader.array()?);
                reader.take(4)?;
                let value_len = u32::from_le_bytes(reader.array()?);
                reader.take(usize::from(key_len))?;
                reader.take(usize::try_from(value_len).ok()?)?;
            }
            [tag::CLEAR] => {
                reader.take(8)?;
            }
            _ => return None,
        }
        checksum.update(&bytes[from..reader.at]);
    }
    if reader.take(1)? != [tag::END] {
        return None;
    }
    let expected = u64::from_le_bytes(reader.array()?);
    (reader.take(MAGIC.len())? == MAGIC && checksum.finish() == expected).then_some(reader.at)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A batch as the database writes it, with values as long as these.
    pub(crate) fn batch(number: u8, values: &[usize]) -> Vec<u8> {
        let mut items = Vec::new();
        for (at, len) in values.iter().enumerate() {
            items.extend([tag::ITEM, 0, 0]);
            items.extend(1_u64.to_le_bytes());
            items.extend(2_u16.to_le_bytes());
            items.extend((*len as u32).to_le_bytes());
            items.extend((*len as u32).to_le_bytes());
            items.extend([number, at as u8]);
            items.extend(vec![number; *len]);
        }
        let mut checksum = Xxh3::new();
        checksum.update(&items);
        let mut batch = vec![tag::START];
        batch.extend((values.len() as u32).to_le_bytes());
        batch.extend(u64::from(number).to_le_bytes());
        batch.extend(items);
        batch.push(tag::END);
        batch.extend(checksum.finish().to_le_bytes());
        batch.extend(MAGIC);
        batch
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn journal() -> impl Strategy<Value = (Vec<u8>, Vec<Range<usize>>)> {
        let batches = prop::collection::vec(prop::collection::vec(0_usize..40, 1..4), 1..8);
        batches.prop_map(|batches| {
            let mut bytes = Vec::new();
            let mut whole = Vec::new();
            for (number, values) in (1..).zip(&batches) {
                let from = bytes.len();
                bytes.extend(testing::batch(number, values));
                whole.push(from..bytes.len());
            }
            (bytes, whole)
        })
    }

    proptest! {
        #[test]
        fn a_whole_journal_is_whole_whatever_zeros_follow(
            (mut bytes, whole) in journal(),
            zeros in 0_usize..10_000,
        ) {
            let len = bytes.len();
            bytes.resize(len + zeros, 0);
            prop_assert_eq!(check(&bytes), Checked { whole, damaged: vec![], unfinished: len..len });
        }

        #[test]
        fn a_cut_leaves_the_batches_before_it((bytes, whole) in journal(), cut in 0_usize..500) {
            let cut = cut.min(bytes.len());
            let checked = check(&bytes[..cut]);
            let before: Vec<_> = whole.into_iter().filter(|batch| batch.end <= cut).collect();
            let from = before.last().map_or(0, |batch| batch.end);
            prop_assert!(checked.unfinished.is_empty() || checked.unfinished.start == from);
            prop_assert_eq!((checked.whole, checked.damaged), (before, vec![]));
        }

        #[test]
        fn a_changed_bit_costs_its_batch_alone(
            (mut bytes, whole) in journal(),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let at = at.index(bytes.len());
            let hit = whole.iter().find(|batch| batch.contains(&at)).unwrap().clone();
            // Its sequence number is not covered by the checksum.
            prop_assume!(!(hit.start + 5..hit.start + 13).contains(&at));
            bytes[at] ^= 1 << bit;
            let checked = check(&bytes);
            let others: Vec<_> = whole.iter().filter(|batch| **batch != hit).cloned().collect();
            prop_assert_eq!(&checked.whole, &others);
            if hit.end == bytes.len() {
                prop_assert_eq!(checked.unfinished, hit);
            } else {
                prop_assert_eq!(checked.damaged, vec![hit]);
            }
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let checked = check(&bytes);
            prop_assert!(checked.unfinished.end <= bytes.len());
        }
    }
}
