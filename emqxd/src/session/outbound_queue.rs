//! Messages that wait to be sent to the client: bounded by count and bytes, in the order of delivery.

use super::SessionConfig;
use super::block_queue::BlockQueue;
use crate::message::Delivery;
use crate::packet::{ClientId, QoS};
use crate::topic::TopicFilter;

/// Two queues with common numbers: the oldest message is the one with the lower number in front, and the oldest
/// QoS 0 message, which makes room first, needs no search.
#[derive(Debug, Default)]
pub(super) struct OutboundQueue {
    at_most_once: Lane,
    acknowledged: Lane,
    next_number: u64,
    /// See [`BlockQueue::push_back`].
    phase: u8,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: BlockQueue<Waiting>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    delivery: Delivery,
}

/// What may wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) messages_max: usize,
    /// Payloads, Topic Names and properties.
    pub(super) bytes_max: usize,
}

impl From<&SessionConfig> for Limits {
    fn from(config: &SessionConfig) -> Self {
        Self {
            messages_max: config.queue_messages_max,
            bytes_max: config.queue_bytes_max,
        }
    }
}

impl Limits {
    pub(super) const fn doubled(self) -> Self {
        Self {
            messages_max: self.messages_max.saturating_mul(2),
            bytes_max: self.bytes_max.saturating_mul(2),
        }
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits; so many others were dropped to make room.
    Waits { dropped: usize },
    /// It was dropped itself.
    Refused,
}

impl OutboundQueue {
    /// Empty. Queues of different clients may get the same messages and should grow at different ones.
    pub(super) fn of(client_id: &ClientId) -> Self {
        let bytes = client_id.as_str().bytes();
        Self {
            phase: bytes.fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte)),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.at_most_once.waiting.len() + self.acknowledged.waiting.len()
    }

    /// The number that the next message gets; numbers ascend.
    pub(super) const fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Adds a message behind all others and makes room for it. A message that could not fit even so is refused
    /// and drops nothing; a QoS 0 message never displaces one of QoS 1 or 2.
    pub(super) fn push(&mut self, delivery: Delivery, limits: Limits) -> Pushed {
        let bytes = bytes_of(&delivery);
        let (messages_that_stay, bytes_that_stay) = match delivery.qos {
            QoS::AtMostOnce => (self.acknowledged.waiting.len(), self.acknowledged.bytes),
            QoS::AtLeastOnce | QoS::ExactlyOnce => (0, 0),
        };
        if messages_that_stay >= limits.messages_max
            || bytes_that_stay.saturating_add(bytes) > limits.bytes_max
        {
            return Pushed::Refused;
        }
        let mut dropped = 0;
        while self.len() >= limits.messages_max
            || self.bytes().saturating_add(bytes) > limits.bytes_max
        {
            if self.at_most_once.pop().is_none() && self.acknowledged.pop().is_none() {
                break;
            }
            dropped += 1;
        }
        self.append(delivery);
        Pushed::Waits { dropped }
    }

    /// Adds a message without regard to limits: it waited elsewhere under limits of its own.
    pub(super) fn append(&mut self, delivery: Delivery) {
        let lane = match delivery.qos {
            QoS::AtMostOnce => &mut self.at_most_once,
            QoS::AtLeastOnce | QoS::ExactlyOnce => &mut self.acknowledged,
        };
        lane.bytes += bytes_of(&delivery);
        let waiting = Waiting {
            number: self.next_number,
            delivery,
        };
        lane.waiting.push_back(waiting, self.phase);
        self.next_number += 1;
    }

    /// The oldest message with its number.
    pub(super) fn front(&self) -> Option<(u64, &Delivery)> {
        let lane = if self.is_at_most_once_first() {
            &self.at_most_once
        } else {
            &self.acknowledged
        };
        let waiting = lane.waiting.front()?;
        Some((waiting.number, &waiting.delivery))
    }

    /// Takes the oldest message.
    pub(super) fn pop(&mut self) -> Option<Delivery> {
        if self.is_at_most_once_first() {
            self.at_most_once.pop()
        } else {
            self.acknowledged.pop()
        }
    }

    /// Takes the QoS 1 and 2 messages of Shared Subscriptions that `is_taken` names, oldest first.
    pub(super) fn take_shared(
        &mut self,
        mut is_taken: impl FnMut(&TopicFilter) -> bool,
    ) -> Vec<Delivery> {
        let lane = &mut self.acknowledged;
        let mut is_taken =
            |waiting: &Waiting| waiting.delivery.shared.as_ref().is_some_and(&mut is_taken);
        if !lane.waiting.iter().any(&mut is_taken) {
            return Vec::new();
        }
        let mut taken = Vec::new();
        let mut all = std::mem::take(&mut lane.waiting);
        while let Some(waiting) = all.pop_front() {
            if is_taken(&waiting) {
                lane.bytes -= bytes_of(&waiting.delivery);
                taken.push(waiting.delivery);
            } else {
                lane.waiting.push_back(waiting, self.phase);
            }
        }
        taken
    }

    /// Takes all, oldest first, each with its number. Numbers go on from where they are.
    pub(super) fn drain(&mut self) -> Vec<(u64, Delivery)> {
        let mut drained = Vec::with_capacity(self.len());
        while let Some((number, _)) = self.front() {
            let Some(delivery) = self.pop() else { break };
            drained.push((number, delivery));
        }
        drained
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        let mut at_most_once = self.at_most_once.waiting.iter().peekable();
        let mut acknowledged = self.acknowledged.waiting.iter().peekable();
        std::iter::from_fn(move || {
            let first = match (at_most_once.peek(), acknowledged.peek()) {
                (Some(left), Some(right)) if left.number < right.number => at_most_once.next(),
                (Some(_), None) => at_most_once.next(),
                _ => acknowledged.next(),
            };
            first.map(|waiting| &waiting.delivery)
        })
    }

    /// Gives unused memory back.
    pub(super) fn shrink(&mut self) {
        self.at_most_once.waiting.shrink();
        self.acknowledged.waiting.shrink();
    }

    const fn bytes(&self) -> usize {
        self.at_most_once.bytes + self.acknowledged.bytes
    }

    fn is_at_most_once_first(&self) -> bool {
        let acknowledged = self.acknowledged.waiting.front();
        let at_most_once = self.at_most_once.waiting.front();
        match (at_most_once, acknowledged) {
            (Some(left), Some(right)) => left.number < right.number,
            (left, _) => left.is_some(),
        }
    }
}

impl Lane {
    fn pop(&mut self) -> Option<Delivery> {
        let delivery = self.waiting.pop_front()?.delivery;
        self.bytes -= bytes_of(&delivery);
        Some(delivery)
    }
}

fn bytes_of(delivery: &Delivery) -> usize {
    delivery.message.bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{delivery, delivery_of_size};
    use super::*;

    const LIMITS: Limits = Limits {
        messages_max: 3,
        bytes_max: 1_000,
    };

    fn numbers(queue: &OutboundQueue) -> Vec<u64> {
        queue.iter().map(|each| each.message.id.number).collect()
    }

    #[test]
    fn the_oldest_qos_0_message_makes_room_first() {
        let mut queue = OutboundQueue::default();
        for (number, qos) in [(1, 1), (2, 0), (3, 0)] {
            queue.push(delivery(number, qos), LIMITS);
        }
        assert_eq!(
            queue.push(delivery(4, 2), LIMITS),
            Pushed::Waits { dropped: 1 }
        );
        assert_eq!(numbers(&queue), [1, 3, 4]);
        assert_eq!(
            queue.push(delivery(5, 0), LIMITS),
            Pushed::Waits { dropped: 1 }
        );
        assert_eq!(numbers(&queue), [1, 4, 5]);
        queue.push(delivery(6, 1), LIMITS);
        assert_eq!(numbers(&queue), [1, 4, 6]);
        assert_eq!(queue.push(delivery(7, 0), LIMITS), Pushed::Refused);
        assert_eq!(
            queue.push(delivery(8, 1), LIMITS),
            Pushed::Waits { dropped: 1 }
        );
        assert_eq!(numbers(&queue), [4, 6, 8]);
    }

    #[test]
    fn a_message_larger_than_the_queue_displaces_nothing() {
        let mut queue = OutboundQueue::default();
        queue.push(delivery(1, 1), LIMITS);
        assert_eq!(
            queue.push(delivery_of_size(2, 1, 1_000), LIMITS),
            Pushed::Refused
        );
        assert_eq!(numbers(&queue), [1]);
    }

    #[test]
    fn a_drained_queue_holds_no_memory() {
        let mut queue = OutboundQueue::default();
        for number in 0..1_000 {
            queue.append(delivery(number, 1));
        }
        queue.drain();
        assert_eq!(queue.acknowledged.waiting.capacity(), 0);
    }

    proptest! {
        /// Against a plain list that follows the written rule.
        #[test]
        fn keeps_its_bounds_and_its_order(
            operations in proptest::collection::vec((0u8..4, 0usize..400), 1..200),
            messages_max in 0usize..12,
            bytes_max in 0usize..1_500,
        ) {
            let limits = Limits { messages_max, bytes_max };
            let mut queue = OutboundQueue::default();
            let mut list: Vec<Delivery> = Vec::new();
            for (number, (operation, size)) in (0..).zip(operations) {
                if operation == 3 {
                    let expected = (!list.is_empty()).then(|| list.remove(0));
                    prop_assert_eq!(queue.pop(), expected);
                    continue;
                }
                let new = delivery_of_size(number, operation, size);
                let stays = |each: &&Delivery| new.qos == QoS::AtMostOnce && each.qos > QoS::AtMostOnce;
                let fits = list.iter().filter(stays).count() < messages_max
                    && list.iter().filter(stays).map(bytes_of).sum::<usize>() + bytes_of(&new) <= bytes_max;
                let mut dropped = 0;
                while fits
                    && (list.len() >= messages_max
                        || list.iter().map(bytes_of).sum::<usize>() + bytes_of(&new) > bytes_max)
                {
                    let oldest = list.iter().position(|each| each.qos == QoS::AtMostOnce).unwrap_or(0);
                    list.remove(oldest);
                    dropped += 1;
                }
                let expected = if fits {
                    list.push(new.clone());
                    Pushed::Waits { dropped }
                } else {
                    Pushed::Refused
                };
                prop_assert_eq!(queue.push(new, limits), expected);
                prop_assert!(queue.len() <= messages_max);
                prop_assert!(queue.bytes() <= bytes_max);
                prop_assert_eq!(queue.bytes(), list.iter().map(bytes_of).sum::<usize>());
                prop_assert_eq!(queue.iter().cloned().collect::<Vec<_>>(), list.clone());
            }
        }
    }
}
