//! Keeps count of every message: what was published, acknowledged, received, and so what was lost. Pure.
//!
//! Each topic has one publisher, which numbers its messages from 0, and one receiver.

use std::collections::BTreeSet;

/// Numbers of messages. Dense, so one bit each.
#[derive(Debug, Clone, Default)]
struct SequenceSet {
    words: Vec<u64>,
}

impl SequenceSet {
    fn contains(&self, sequence: u64) -> bool {
        self.words
            .get((sequence / 64) as usize)
            .is_some_and(|word| word & (1 << (sequence % 64)) != 0)
    }

    /// Tells whether it is new.
    fn insert(&mut self, sequence: u64) -> bool {
        let index = (sequence / 64) as usize;
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        let bit = 1 << (sequence % 64);
        let is_new = self.words[index] & bit == 0;
        self.words[index] |= bit;
        is_new
    }
}

/// One topic: from one publisher to one receiver.
#[derive(Debug, Clone, Default)]
struct TopicLedger {
    /// Numbers below this one were given out.
    published: u64,
    acknowledged: SequenceSet,
    received: SequenceSet,
    /// Of the numbers received.
    highest: Option<u64>,
}

/// What a received message was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The first copy of it, after everything that was received before.
    First,
    /// The first copy of it, although a later message had been received already.
    FirstOutOfOrder,
    /// Another copy, marked as such. QoS 1 allows it after a reconnect.
    DuplicateWithDup,
    /// Another copy, not marked.
    DuplicateWithoutDup,
    /// A number that was never published.
    Unknown,
}

/// Figures of all topics together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Summary {
    /// Handed to the client library.
    pub published: u64,
    /// For which the Server took responsibility.
    pub acknowledged: u64,
    /// Different messages received.
    pub received: u64,
    /// Acknowledged, but not received.
    pub lost: u64,
    /// Further copies with DUP.
    pub duplicated_with_dup: u64,
    /// Further copies without DUP.
    pub duplicated_without_dup: u64,
    /// First copies that came after a later message of their topic.
    pub out_of_order: u64,
    /// Received although never published.
    pub unknown: u64,
}

/// All topics.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    topics: Vec<TopicLedger>,
    summary: Summary,
}

impl Ledger {
    /// For so many topics, named by their index.
    pub fn new(topics: usize) -> Self {
        Self {
            topics: vec![TopicLedger::default(); topics],
            summary: Summary::default(),
        }
    }

    /// Gives out the next number of a topic; the message is about to be sent.
    pub fn publish(&mut self, topic: usize) -> u64 {
        let topic = &mut self.topics[topic];
        let sequence = topic.published;
        topic.published += 1;
        self.summary.published += 1;
        sequence
    }

    /// The Server has acknowledged a message.
    pub fn acknowledge(&mut self, topic: usize, sequence: u64) {
        let topic = &mut self.topics[topic];
        if sequence < topic.published && topic.acknowledged.insert(sequence) {
            self.summary.acknowledged += 1;
            if !topic.received.contains(sequence) {
                self.summary.lost += 1;
            }
        }
    }

    /// The receiver has got a message.
    pub fn receive(&mut self, topic: usize, sequence: u64, dup: bool) -> Receipt {
        let Some(topic) = self.topics.get_mut(topic) else {
            self.summary.unknown += 1;
            return Receipt::Unknown;
        };
        if sequence >= topic.published {
            self.summary.unknown += 1;
            return Receipt::Unknown;
        }
        if !topic.received.insert(sequence) {
            return if dup {
                self.summary.duplicated_with_dup += 1;
                Receipt::DuplicateWithDup
            } else {
                self.summary.duplicated_without_dup += 1;
                Receipt::DuplicateWithoutDup
            };
        }
        self.summary.received += 1;
        if topic.acknowledged.contains(sequence) {
            self.summary.lost -= 1;
        }
        match topic.highest {
            Some(highest) if sequence < highest => {
                self.summary.out_of_order += 1;
                Receipt::FirstOutOfOrder
            }
            _ => {
                topic.highest = Some(sequence);
                Receipt::First
            }
        }
    }

    /// Figures so far. While messages are on their way, they count as lost.
    pub const fn summary(&self) -> Summary {
        self.summary
    }

    /// Whether everything that was acknowledged has been received.
    pub const fn is_complete(&self) -> bool {
        self.summary.lost == 0
    }

    /// Which messages are missing, by topic and number; at most `limit`.
    pub fn missing(&self, limit: usize) -> BTreeSet<(usize, u64)> {
        self.topics
            .iter()
            .enumerate()
            .flat_map(|(index, topic)| {
                (0..topic.published)
                    .filter(|&sequence| {
                        topic.acknowledged.contains(sequence) && !topic.received.contains(sequence)
                    })
                    .map(move |sequence| (index, sequence))
            })
            .take(limit)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_is_lost_only_when_it_was_acknowledged() {
        let mut ledger = Ledger::new(1);
        assert_eq!(ledger.publish(0), 0);
        assert_eq!(ledger.publish(0), 1);
        assert!(ledger.is_complete());
        ledger.acknowledge(0, 1);
        assert!(!ledger.is_complete());
        assert_eq!(ledger.missing(9), BTreeSet::from([(0, 1)]));
        assert_eq!(ledger.receive(0, 1, true), Receipt::First);
        assert!(ledger.is_complete());
        assert_eq!(ledger.summary().acknowledged, 1);
    }

    #[test]
    fn a_message_may_arrive_before_its_acknowledgement() {
        let mut ledger = Ledger::new(1);
        let sequence = ledger.publish(0);
        ledger.receive(0, sequence, false);
        ledger.acknowledge(0, sequence);
        ledger.acknowledge(0, sequence);
        assert!(ledger.is_complete());
        assert_eq!(ledger.summary().acknowledged, 1);
    }

    #[test]
    fn a_marked_copy_may_step_back_a_first_copy_may_not() {
        let mut ledger = Ledger::new(1);
        for _ in 0..4 {
            ledger.publish(0);
        }
        assert_eq!(ledger.receive(0, 0, false), Receipt::First);
        assert_eq!(ledger.receive(0, 2, false), Receipt::First);
        assert_eq!(ledger.receive(0, 0, true), Receipt::DuplicateWithDup);
        assert_eq!(ledger.receive(0, 2, false), Receipt::DuplicateWithoutDup);
        assert_eq!(ledger.receive(0, 1, true), Receipt::FirstOutOfOrder);
        assert_eq!(ledger.receive(0, 3, false), Receipt::First);
        assert_eq!(ledger.summary().out_of_order, 1);
    }

    #[test]
    fn what_was_never_published_is_told_apart() {
        let mut ledger = Ledger::new(1);
        assert_eq!(ledger.receive(0, 0, false), Receipt::Unknown);
        assert_eq!(ledger.receive(7, 0, false), Receipt::Unknown);
        ledger.acknowledge(0, u64::MAX);
        assert_eq!(ledger.summary().unknown, 2);
        assert_eq!(ledger.summary().acknowledged, 0);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Publish(usize),
        Acknowledge(usize, u64),
        Receive(usize, u64, bool),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..3_usize).prop_map(Step::Publish),
            (0..3_usize, 0..80_u64).prop_map(|(topic, seq)| Step::Acknowledge(topic, seq)),
            (0..4_usize, 0..80_u64, any::<bool>())
                .prop_map(|(topic, seq, dup)| Step::Receive(topic, seq, dup)),
        ]
    }

    proptest! {
        /// Against lists of everything that happened, counted at the end.
        #[test]
        fn figures_equal_a_recount(steps in proptest::collection::vec(step(), 0..400)) {
            let mut ledger = Ledger::new(3);
            let mut published = [0_u64; 3];
            let mut acknowledged = BTreeSet::new();
            let mut received: Vec<(usize, u64, bool)> = Vec::new();
            let mut unknown = 0;
            for step in steps {
                match step {
                    Step::Publish(topic) => {
                        prop_assert_eq!(ledger.publish(topic), published[topic]);
                        published[topic] += 1;
                    }
                    Step::Acknowledge(topic, sequence) => {
                        ledger.acknowledge(topic, sequence);
                        if sequence < published[topic] {
                            acknowledged.insert((topic, sequence));
                        }
                    }
                    Step::Receive(topic, sequence, dup) => {
                        ledger.receive(topic, sequence, dup);
                        if published.get(topic).is_some_and(|count| sequence < *count) {
                            received.push((topic, sequence, dup));
                        } else {
                            unknown += 1;
                        }
                    }
                }
            }
            let distinct: BTreeSet<_> = received.iter().map(|(t, s, _)| (*t, *s)).collect();
            let copies = |marked: bool| {
                received
                    .iter()
                    .enumerate()
                    .filter(|(at, (t, s, dup))| {
                        *dup == marked && received[..*at].iter().any(|(t2, s2, _)| t2 == t && s2 == s)
                    })
                    .count() as u64
            };
            let out_of_order = received
                .iter()
                .enumerate()
                .filter(|(at, (t, s, _))| {
                    let before = &received[..*at];
                    !before.iter().any(|(t2, s2, _)| t2 == t && s2 == s)
                        && before.iter().any(|(t2, s2, _)| t2 == t && s2 > s)
                })
                .count() as u64;
            let missing: BTreeSet<_> = acknowledged.difference(&distinct).copied().collect();
            let summary = ledger.summary();
            prop_assert_eq!(summary.published, published.iter().sum::<u64>());
            prop_assert_eq!(summary.acknowledged, acknowledged.len() as u64);
            prop_assert_eq!(summary.received, distinct.len() as u64);
            prop_assert_eq!(summary.lost, missing.len() as u64);
            prop_assert_eq!(summary.duplicated_with_dup, copies(true));
            prop_assert_eq!(summary.duplicated_without_dup, copies(false));
            prop_assert_eq!(summary.out_of_order, out_of_order);
            prop_assert_eq!(summary.unknown, unknown);
            prop_assert_eq!(ledger.is_complete(), missing.is_empty());
            prop_assert_eq!(ledger.missing(usize::MAX), missing);
        }
    }
}
