//! Reads all records of a table that can be read.
//!
//! Sorted records lie in blocks, each with a checksum. Reading in order ends at a damaged one, and nobody knows which keys
//! it holds. So it is read from both ends, and what is left between is halved until the gaps are small.

use std::ops::Bound;

use fjall::Keyspace;

/// A gap in which nothing can be read is halved so often, and its halves again: all of it may be one damaged block.
const HALVINGS: u32 = 6;

/// Calls `each` with every record that can be read, nearly in the order of keys. Whether these are all. Where
/// several blocks are damaged, some between two of them may be missed too.
pub(super) fn read(table: &Keyspace, each: &mut dyn FnMut(&[u8], &[u8])) -> bool {
    let mut gaps = vec![(Bound::Unbounded, Bound::Unbounded, 0)];
    let mut is_whole = true;
    while let Some((from, to, halved)) = gaps.pop() {
        let Err(after) = forward(table, from.clone(), to.clone(), each) else {
            continue;
        };
        is_whole = false;
        let before = backward(table, after.clone(), to.clone(), each);
        let has_read = after != from || before != to;
        let halved = if has_read { 0 } else { halved + 1 };
        if halved < HALVINGS
            && let Some(middle) = middle(&after, &before)
        {
            let halves = [
                (Bound::Included(middle.clone()), before, halved),
                (after, Bound::Excluded(middle), halved),
            ];
            gaps.extend(halves);
        }
    }
    is_whole
}

type Key = Bound<Vec<u8>>;

/// Reads on to the end of the range; the error is behind which key it could not go on.
fn forward(
    table: &Keyspace,
    from: Key,
    to: Key,
    each: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<(), Key> {
    let mut last = from.clone();
    for record in table.range((from, to)) {
        match record.into_inner() {
            Ok((key, value)) => {
                each(&key, &value);
                last = Bound::Excluded(key.to_vec());
            }
            Err(_) => return Err(last),
        }
    }
    Ok(())
}

/// Reads from the end of the range as far as it can. Returns the key before which it could not go on.
fn backward(table: &Keyspace, from: Key, to: Key, each: &mut dyn FnMut(&[u8], &[u8])) -> Key {
    let mut first = to.clone();
    for record in table.range((from, to)).rev() {
        let Ok((key, value)) = record.into_inner() else {
            break;
        };
        each(&key, &value);
        first = Bound::Excluded(key.to_vec());
    }
    first
}

/// A key between two others; `None` when there is none.
fn middle(after: &Key, before: &Key) -> Option<Vec<u8>> {
    const DIGITS: usize = 8;
    let bytes = |key: &Key| match key {
        Bound::Included(key) | Bound::Excluded(key) => Some(key.clone()),
        Bound::Unbounded => None,
    };
    let low = bytes(after).unwrap_or_default();
    let high = bytes(before);
    let common = high.as_ref().map_or(0, |high| {
        std::iter::zip(&low, high)
            .take_while(|(a, b)| a == b)
            .count()
    });
    // What differs first decides: as two numbers of a few digits.
    let number = |key: &[u8], filler: u8| {
        let digits = (common..common + DIGITS).map(|at| key.get(at).copied().unwrap_or(filler));
        digits.fold(0_u64, |number, digit| number << 8 | u64::from(digit))
    };
    let high = high.map_or(u64::MAX, |high| number(&high, 0));
    let low_number = number(&low, 0);
    let half = low_number + high.checked_sub(low_number)? / 2;
    let mut middle = low[..common].to_vec();
    middle.extend(half.to_be_bytes());
    (half > low_number).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excluded(key: &str) -> Key {
        Bound::Excluded(key.as_bytes().to_vec())
    }

    #[test]
    fn a_middle_lies_between() {
        for (low, high) in [
            ("a", "b"),
            ("a/1", "a/2"),
            ("a", "a/b/c"),
            ("aaaa1", "aaaa9z"),
        ] {
            let middle = middle(&excluded(low), &excluded(high)).unwrap();
            assert!(
                low.as_bytes() < &*middle && &*middle < high.as_bytes(),
                "{low} {middle:?} {high}"
            );
        }
        assert!(middle(&Bound::Unbounded, &Bound::Unbounded).is_some());
        assert!(middle(&excluded("x"), &Bound::Unbounded).is_some());
        assert_eq!(middle(&excluded("a"), &excluded("a")), None);
    }
}
