//! The items of a frame as they cross a peer link: each behind its length, encoded once and not decoded before somebody
//! wants to know what it is.

use bytes::{BufMut, Bytes};
use emqx_proto::peer::v1::DataItem;
use prost::Message as _;
use prost::encoding::{decode_varint, encode_varint, encoded_len_varint};

use super::convert::InvalidFromPeer;

/// Items in their order. That they can be told apart has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Items<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> Items<'a> {
    /// So many items in these bytes.
    ///
    /// # Errors
    /// When their lengths do not add up.
    pub fn new(count: u32, bytes: &'a [u8]) -> Result<Self, InvalidFromPeer> {
        let mut rest = bytes;
        for _ in 0..count {
            (_, rest) = split(rest)?;
        }
        if !rest.is_empty() {
            return Err(InvalidFromPeer("frame: it is longer than its items"));
        }
        Ok(Self {
            bytes,
            count: count as usize,
        })
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Their bytes, with those that tell them apart.
    pub const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Without the first ones.
    pub(super) fn skip(self, count: usize) -> Self {
        let count = count.min(self.count);
        let mut iter = self.iter();
        for _ in 0..count {
            iter.next();
        }
        Self {
            bytes: iter.rest,
            count: self.count - count,
        }
    }

    /// The encoded items; one that was left out after it had been numbered is empty.
    pub fn iter(&self) -> Iter<'a> {
        iter(self.bytes)
    }

    /// The same, decoded. What this version does not know is left out.
    pub fn decode(&self) -> impl Iterator<Item = DataItem> + 'a {
        self.iter()
            .filter_map(|item| DataItem::decode(item).ok())
            .filter(|item| item.item.is_some())
    }
}

/// Goes through encoded items.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (item, rest) = split(self.rest).ok()?;
        self.rest = rest;
        Some(item)
    }
}

/// The items in the bytes of a frame.
pub(super) fn iter(bytes: &[u8]) -> Iter<'_> {
    Iter { rest: bytes }
}

/// Whether an encoded item is about interest: a change, or a slice of a snapshot.
pub(super) fn is_interest(item: &[u8]) -> bool {
    // Numbers of the two fields of `DataItem`, each behind its length.
    matches!(item.first(), Some(0x12 | 0x1A))
}

/// The first item, and what is behind it.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), InvalidFromPeer> {
    let mut rest = bytes;
    let len = decode_varint(&mut rest).map_err(|_| InvalidFromPeer("frame"))?;
    usize::try_from(len)
        .ok()
        .and_then(|len| rest.split_at_checked(len))
        .ok_or(InvalidFromPeer("frame: an item is cut off"))
}

/// Bytes of an item with its length before it.
pub(super) fn framed_len(item_len: usize) -> usize {
    encoded_len_varint(item_len as u64) + item_len
}

/// Writes what stands before an item.
pub(super) fn write_len(item_len: usize, out: &mut impl BufMut) {
    encode_varint(item_len as u64, out);
}

/// Writes an item with its length before it.
pub(super) fn write(item: &[u8], out: &mut impl BufMut) {
    write_len(item.len(), out);
    out.put_slice(item);
}

/// These items, encoded, and how many they are.
pub(super) fn encode(items: impl IntoIterator<Item = DataItem>) -> (u32, Bytes) {
    let mut bytes = Vec::new();
    let mut count = 0;
    for item in items {
        write(&item.encode_to_vec(), &mut bytes);
        count += 1;
    }
    (count, bytes.into())
}

#[cfg(test)]
mod tests {
    use emqx_proto::peer::v1::{Forward, InterestDelta, data_item::Item};

    use super::*;

    fn three() -> [DataItem; 3] {
        let items = [
            Some(Item::Forward(Forward {
                hops: 300,
                ..Forward::default()
            })),
            None,
            Some(Item::Interest(InterestDelta {
                add: vec!["x".repeat(200)],
                ..InterestDelta::default()
            })),
        ];
        items.map(|item| DataItem { item })
    }

    #[test]
    fn items_come_out_as_they_went_in() {
        let (count, bytes) = encode(three());
        let items = Items::new(count, &bytes).unwrap();
        assert_eq!((items.len(), items.iter().count()), (3, 3));
        assert!(items.iter().nth(1).unwrap().is_empty());
        let [first, _, last] = three();
        assert_eq!(items.decode().collect::<Vec<_>>(), [first, last.clone()]);
        assert_eq!(items.skip(2).decode().collect::<Vec<_>>(), [last]);
        assert!(items.skip(9).is_empty() && items.skip(9).bytes() == 0);
    }

    #[test]
    fn lengths_that_do_not_add_up_are_refused() {
        let (_, good) = encode(three());
        for count in [0, 2, 4, u32::MAX] {
            assert!(Items::new(count, &good).is_err(), "{count}");
        }
        for len in 0..good.len() {
            assert!(Items::new(3, &good[..len]).is_err(), "{len}");
        }
        assert!(Items::new(1, &[0xFF; 12]).is_err());
        assert!(Items::new(0, &[]).unwrap().is_empty());
    }
}
