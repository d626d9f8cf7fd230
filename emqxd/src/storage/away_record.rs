//! A message that is kept here for a node that is away, as a stored record: the item as it goes over the link, under the name
//! of the node and a number that ascends.

use super::change::{Change, Table};
use crate::membership::NodeName;

/// Between the name and the number; not part of any name.
const END_OF_NAME: u8 = 0;

/// To keep an encoded item.
pub fn put(node: &NodeName, number: u64, item: Vec<u8>) -> Change {
    Change {
        table: Table::Away,
        key: key(node, number),
        value: Some(item),
        is_fresh: true,
    }
}

/// The node has it.
pub fn done(node: &NodeName, number: u64) -> Change {
    Change {
        table: Table::Away,
        key: key(node, number),
        value: None,
        is_fresh: false,
    }
}

/// Node and number. `None` when that is no such key.
pub fn read_key(key: &[u8]) -> Option<(NodeName, u64)> {
    let (name, number) = key.split_last_chunk()?;
    let name = name.strip_suffix(&[END_OF_NAME])?;
    let name = NodeName::new(std::str::from_utf8(name).ok()?).ok()?;
    Some((name, u64::from_be_bytes(*number)))
}

fn key(node: &NodeName, number: u64) -> Vec<u8> {
    let mut key = node.as_str().as_bytes().to_vec();
    key.push(END_OF_NAME);
    key.extend(number.to_be_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_numbers_and_can_be_read() {
        let node = NodeName::new("n1").unwrap();
        let keys = [1, 255, 256, u64::MAX].map(|number| put(&node, number, Vec::new()).key);
        assert!(keys.is_sorted());
        assert_eq!(read_key(&keys[2]), Some((node.clone(), 256)));
        assert_eq!(done(&node, 1).key, keys[0]);
        for wrong in [&b""[..], b"n1", b"\0\0\0\0\0\0\0\0\0\x01", b"n100000000"] {
            assert_eq!(read_key(wrong), None, "{wrong:?}");
        }
    }
}
