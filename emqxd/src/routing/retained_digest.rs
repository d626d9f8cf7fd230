//! A fingerprint of all Retained Messages, kept up with every change of them: nodes find out which ones they do not have in
//! common without sending them, however many there are.

use super::retained::RetainedStamp;
use crate::stable_hash;

/// Parts that Topic Names are divided into; each has a fingerprint of its own. Changing it needs a new peer protocol version.
const PARTS: usize = 1_024;

/// The hash of a Topic Name, the same on all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicHash(u64);

impl TopicHash {
    /// Of that Topic Name.
    pub fn of(topic: &str) -> Self {
        Self(stable_hash::hash(topic.as_bytes()))
    }

    fn part(self) -> usize {
        // Less than the number of parts.
        (stable_hash::mix(self.0) % PARTS as u64) as usize
    }
}

/// Of what one node holds: Topic Names with their stamps, also of removals that are remembered. Whether a message has expired
/// makes no difference. Equal sets have equal digests, in whatever order they were put together; that different ones have
/// equal digests does not happen by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainedDigest {
    /// Of each part the sum of the hashes of its entries: what comes adds its own, what goes takes it away.
    sums: Box<[u64]>,
}

impl Default for RetainedDigest {
    fn default() -> Self {
        Self {
            sums: vec![0; PARTS].into(),
        }
    }
}

impl RetainedDigest {
    /// An entry has come.
    pub fn add(&mut self, topic: TopicHash, stamp: &RetainedStamp) {
        if let Some(sum) = self.sums.get_mut(topic.part()) {
            *sum = sum.wrapping_add(entry(topic, stamp));
        }
    }

    /// One that had come has gone.
    pub fn take_away(&mut self, topic: TopicHash, stamp: &RetainedStamp) {
        if let Some(sum) = self.sums.get_mut(topic.part()) {
            *sum = sum.wrapping_sub(entry(topic, stamp));
        }
    }

    /// Whether it is of nothing.
    pub fn is_of_nothing(&self) -> bool {
        self.sums.iter().all(|sum| *sum == 0)
    }

    /// As it is sent to peers.
    pub fn to_wire(&self) -> Vec<u64> {
        self.sums.to_vec()
    }

    /// As a peer has sent it. `None`: it has another number of parts, so it says nothing.
    pub fn from_wire(sums: Vec<u64>) -> Option<Self> {
        (sums.len() == PARTS).then(|| Self { sums: sums.into() })
    }

    /// In which parts two nodes differ; `None`: in none.
    pub fn differing(&self, other: &Self) -> Option<DifferingParts> {
        let pairs = self.sums.iter().zip(&other.sums);
        let differs: Box<[bool]> = pairs.map(|(one, other)| one != other).collect();
        differs.contains(&true).then_some(DifferingParts(differs))
    }
}

/// Parts in which two nodes do not hold the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingParts(Box<[bool]>);

impl DifferingParts {
    /// Whether that Topic Name belongs to one of them.
    pub fn have(&self, topic: &str) -> bool {
        let differs = self.0.get(TopicHash::of(topic).part());
        differs.is_some_and(|differs| *differs)
    }
}

fn entry(topic: TopicHash, stamp: &RetainedStamp) -> u64 {
    let hash = stable_hash::hash_on(topic.0, &stamp.stamp.to_le_bytes());
    stable_hash::mix(stable_hash::hash_on(hash, stamp.node.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn stamp(stamp: u64, node: &str) -> RetainedStamp {
        RetainedStamp {
            stamp,
            node: Arc::from(node),
        }
    }

    fn of(entries: &[(&str, u64, &str)]) -> RetainedDigest {
        let mut digest = RetainedDigest::default();
        for (topic, time, node) in entries {
            digest.add(TopicHash::of(topic), &stamp(*time, node));
        }
        digest
    }

    #[test]
    fn what_has_gone_leaves_no_trace_and_the_order_none_either() {
        let one = of(&[("a", 1, "n1"), ("b/c", 2, "n1"), ("d", 2, "n2")]);
        let mut other = of(&[
            ("d", 2, "n2"),
            ("e", 9, "n1"),
            ("b/c", 2, "n1"),
            ("a", 1, "n1"),
        ]);
        assert!(one.differing(&other).is_some());
        other.take_away(TopicHash::of("e"), &stamp(9, "n1"));
        assert_eq!(one, other);
        assert_eq!(one.differing(&other), None);
        assert!(of(&[]).is_of_nothing() && !one.is_of_nothing());
    }

    #[test]
    fn two_nodes_differ_where_one_has_more_or_a_later_one() {
        let topics: Vec<String> = (0..500).map(|number| format!("t/{number}")).collect();
        let all: Vec<_> = topics
            .iter()
            .map(|topic| (topic.as_str(), 7, "n1"))
            .collect();
        let one = of(&all);
        for other in [&all[1..], &[&[("t/0", 8, "n1")], &all[1..]].concat()] {
            let differing = one.differing(&of(other)).unwrap();
            assert!(differing.have("t/0"));
            let others = topics[1..].iter().filter(|topic| differing.have(topic));
            assert!(
                others.count() < 10,
                "only what happens to lie in the same part"
            );
        }
        assert!(one.differing(&of(&[("t/0", 7, "n2")])).unwrap().have("t/0"));
    }

    #[test]
    fn one_of_another_number_of_parts_says_nothing() {
        let digest = of(&[("a", 1, "n1")]);
        assert_eq!(RetainedDigest::from_wire(digest.to_wire()), Some(digest));
        assert_eq!(RetainedDigest::from_wire(vec![1, 2, 3]), None);
    }
}
