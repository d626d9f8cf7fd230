//! Messages that wait to be sent to the client: bounded by count and bytes, in the order of delivery.

use std::ops::Range;
use std::sync::Arc;

use super::SessionConfig;
use super::block_queue::{BLOCK, BlockQueue};
use super::delivery_run::{DeliveryRun, is_at_most_once};
use super::journal::{Journal, SessionChange};
use crate::message::Delivery;
use crate::packet::ClientId;
use crate::time::Timestamp;
use crate::topic::TopicFilter;

/// Two queues with common numbers: the oldest message is the one with the lower number in front, and the oldest
/// QoS 0 message, which makes room first, needs no search.
#[derive(Debug, Default)]
pub(super) struct OutboundQueue {
    at_most_once: Lane,
    acknowledged: Lane,
    next_number: u64,
    /// Where what changes of the Session is noted; here, because messages come and go in many ways.
    pub(super) journal: Option<Box<Journal>>,
}

/// Where in a queue a search goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueuePlace {
    is_acknowledged: bool,
    /// Part of this lane has been searched.
    has_begun: bool,
    block: usize,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: BlockQueue<Waiting>,
    bytes: usize,
    /// Messages; an entry may hold several.
    len: u32,
    /// See [`BlockQueue::push_back`].
    phase: u8,
}

#[derive(Debug)]
enum Waiting {
    One {
        number: u64,
        delivery: Delivery,
    },
    /// The rest of a run that other Sessions have too.
    Run {
        /// Of its first message.
        number: u64,
        run: Arc<DeliveryRun>,
        /// So many of its messages have left the queue; never all.
        left: usize,
    },
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
        let phase = bytes.fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte));
        let lane = || Lane {
            phase,
            ..Lane::default()
        };
        Self {
            at_most_once: lane(),
            acknowledged: lane(),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.at_most_once.len as usize + self.acknowledged.len as usize
    }

    /// The number that the next message gets; numbers ascend.
    pub(super) const fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Adds a message behind all others and makes room for it. A message that could not fit even so is refused
    /// and drops nothing; a QoS 0 message never displaces one of QoS 1 or 2.
    pub(super) fn push(&mut self, delivery: Delivery, limits: Limits) -> Pushed {
        let bytes = bytes_of(&delivery);
        if !self.can_hold(is_at_most_once(&delivery), 1, bytes, limits) {
            return Pushed::Refused;
        }
        let dropped = self.make_room(1, bytes, limits);
        self.append(delivery);
        Pushed::Waits { dropped }
    }

    /// Adds the messages of a run one after the other, as [`Self::push`] does. Returns how many were dropped to make
    /// room; `None`, with nothing changed, when not all of the run could wait at once: then they are to be pushed one by
    /// one.
    pub(super) fn push_run(&mut self, run: &Arc<DeliveryRun>, limits: Limits) -> Option<usize> {
        let (count, bytes) = (run.deliveries().len(), run.bytes());
        if !self.can_hold(run.is_at_most_once(), count, bytes, limits) {
            return None;
        }
        let dropped = self.make_room(count, bytes, limits);
        let waiting = Waiting::Run {
            number: self.next_number,
            run: Arc::clone(run),
            left: 0,
        };
        self.add(run.is_at_most_once(), waiting, count, bytes);
        Some(dropped)
    }

    /// Whether messages of one QoS could wait together once all that may make room for them has gone.
    const fn can_hold(
        &self,
        at_most_once: bool,
        messages: usize,
        bytes: usize,
        limits: Limits,
    ) -> bool {
        let (messages_that_stay, bytes_that_stay) = if at_most_once {
            (self.acknowledged.len as usize, self.acknowledged.bytes)
        } else {
            (0, 0)
        };
        messages_that_stay.saturating_add(messages) <= limits.messages_max
            && bytes_that_stay.saturating_add(bytes) <= limits.bytes_max
    }

    /// Drops the oldest messages, those of QoS 0 first. Returns how many.
    fn make_room(&mut self, messages: usize, bytes: usize, limits: Limits) -> usize {
        let mut dropped = 0;
        loop {
            let wanted = self.len().saturating_add(messages);
            let count = if wanted > limits.messages_max {
                wanted - limits.messages_max
            } else if self.bytes().saturating_add(bytes) > limits.bytes_max {
                1
            } else {
                return dropped;
            };
            let mut gone = self.at_most_once.drop_front(count);
            if gone.is_empty() {
                gone = self.acknowledged.drop_front(count);
                if let Some(journal) = &mut self.journal {
                    journal.done(gone.clone());
                }
            }
            if gone.is_empty() {
                return dropped;
            }
            dropped += (gone.end - gone.start) as usize;
        }
    }

    /// Adds a message without regard to limits: it waited elsewhere under limits of its own.
    pub(super) fn append(&mut self, delivery: Delivery) {
        let (at_most_once, bytes) = (is_at_most_once(&delivery), bytes_of(&delivery));
        let waiting = Waiting::One {
            number: self.next_number,
            delivery,
        };
        self.add(at_most_once, waiting, 1, bytes);
    }

    /// As [`Self::append`], with the number that the message had when it was stored.
    pub(super) fn append_as(&mut self, number: u64, delivery: Delivery) {
        self.number_from(number);
        self.append(delivery);
    }

    /// The next message gets this number or a higher one.
    pub(super) const fn number_from(&mut self, number: u64) {
        if self.next_number < number {
            self.next_number = number;
        }
    }

    /// Puts an entry of so many messages and bytes behind all others.
    fn add(&mut self, at_most_once: bool, waiting: Waiting, messages: usize, bytes: usize) {
        let lane = if at_most_once {
            &mut self.at_most_once
        } else {
            if let Some(journal) = &mut self.journal {
                waiting.note_in(journal);
            }
            &mut self.acknowledged
        };
        // Each takes more than a byte: memory ends before the numbers do.
        lane.len += messages as u32;
        lane.bytes += bytes;
        lane.put(waiting);
        self.next_number += messages as u64;
    }

    /// The oldest message with its number.
    pub(super) fn front(&self) -> Option<(u64, &Delivery)> {
        let lane = if self.is_at_most_once_first() {
            &self.at_most_once
        } else {
            &self.acknowledged
        };
        lane.waiting.front()?.first()
    }

    /// The run that the oldest message is of, if that is of QoS 0, and where in it the message is.
    pub(super) fn front_run(&self) -> Option<(&DeliveryRun, usize)> {
        if !self.is_at_most_once_first() {
            return None;
        }
        match self.at_most_once.waiting.front()? {
            Waiting::One { .. } => None,
            Waiting::Run { run, left, .. } => Some((run, *left)),
        }
    }

    /// Takes so many messages of [`Self::front_run`] away.
    pub(super) fn skip_in_front_run(&mut self, count: usize) {
        self.at_most_once.drop_front(count);
    }

    /// Takes the oldest message, with its number. What becomes of it, whoever takes it notes.
    pub(super) fn pop(&mut self) -> Option<(u64, Delivery)> {
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
            |delivery: &Delivery| delivery.shared.as_ref().is_some_and(&mut is_taken);
        let has_one = lane
            .waiting
            .iter()
            .any(|waiting| matches!(waiting, Waiting::One { delivery, .. } if is_taken(delivery)));
        if !has_one {
            return Vec::new();
        }
        let mut taken = Vec::new();
        let mut all = std::mem::take(&mut lane.waiting);
        while let Some(waiting) = all.pop_front() {
            match waiting {
                Waiting::One { number, delivery } if is_taken(&delivery) => {
                    lane.len -= 1;
                    lane.bytes -= bytes_of(&delivery);
                    taken.push(delivery);
                    if let Some(journal) = &mut self.journal {
                        journal.done(number..number + 1);
                    }
                }
                _ => lane.put(waiting),
            }
        }
        taken
    }

    /// Takes all, oldest first, each with its number. Numbers go on from where they are.
    pub(super) fn drain(&mut self) -> Vec<(u64, Delivery)> {
        let mut drained = Vec::with_capacity(self.len());
        while let Some((number, delivery)) = self.pop() {
            if let Some(journal) = &mut self.journal
                && !is_at_most_once(&delivery)
            {
                journal.done(number..number + 1);
            }
            drained.push((number, delivery));
        }
        drained
    }

    /// Those of QoS 1 and 2 with their numbers, oldest first.
    pub(super) fn acknowledged(&self) -> impl Iterator<Item = (u64, &Delivery)> {
        self.acknowledged.iter()
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        let mut at_most_once = self.at_most_once.iter().peekable();
        let mut acknowledged = self.acknowledged.iter().peekable();
        std::iter::from_fn(move || {
            let first = match (at_most_once.peek(), acknowledged.peek()) {
                (Some((left, _)), Some((right, _))) if left < right => at_most_once.next(),
                (Some(_), None) => at_most_once.next(),
                _ => acknowledged.next(),
            };
            first.map(|(_, delivery)| delivery)
        })
    }

    /// Drops messages that have expired, of a part of the queue that begins at `from`: some `entries` entries, at least
    /// one block. Hands each to `dropped`. Returns how many entries it looked at and where to go on, unless it came to
    /// the end. Begun again at the front, it passes over what cannot have expired yet.
    ///
    /// What is put in or taken out before it goes on may shift that place: a message that is missed so goes when its turn
    /// to be sent has come.
    pub(super) fn drop_expired(
        &mut self,
        mut from: QueuePlace,
        entries: usize,
        now: Timestamp,
        mut dropped: impl FnMut(&Delivery),
    ) -> (usize, Option<QueuePlace>) {
        // Most queues hold nothing whose time has come, and are not walked over.
        if from == QueuePlace::default() && !self.at_most_once.waiting.take_due(now) {
            from.is_acknowledged = true;
        }
        let begins_last = from.is_acknowledged && !from.has_begun;
        if begins_last && !self.acknowledged.waiting.take_due(now) {
            return (0, None);
        }
        let lane = if from.is_acknowledged {
            &mut self.acknowledged
        } else {
            &mut self.at_most_once
        };
        let (len, bytes) = (&mut lane.len, &mut lane.bytes);
        let mut journal = self.journal.as_mut().filter(|_| from.is_acknowledged);
        let mut due: Option<Timestamp> = None;
        let blocks = entries.div_ceil(BLOCK);
        let (looked_at, next) = lane.waiting.retain_in(from.block, blocks, |waiting| {
            // A run never holds a message that may expire.
            let Waiting::One { number, delivery } = waiting else {
                return true;
            };
            let is_expired = delivery.message.is_expired(now);
            if is_expired {
                if let Some(journal) = &mut journal {
                    journal.done(*number..*number + 1);
                }
                *len -= 1;
                *bytes -= bytes_of(delivery);
                dropped(delivery);
            } else if let Some(at) = delivery.message.expires_at {
                due = Some(due.map_or(at, |due| due.min(at)));
            }
            !is_expired
        });
        if let Some(due) = due {
            lane.waiting.note_due(due);
        }
        let next = match next {
            Some(block) => Some(QueuePlace {
                has_begun: true,
                block,
                ..from
            }),
            None if from.is_acknowledged => None,
            None => Some(QueuePlace {
                is_acknowledged: true,
                ..QueuePlace::default()
            }),
        };
        (looked_at, next)
    }

    /// Whether there is memory that no message needs.
    pub(super) fn is_shrinkable(&self) -> bool {
        self.at_most_once.waiting.is_shrinkable() || self.acknowledged.waiting.is_shrinkable()
    }

    /// Gives unused memory back.
    pub(super) fn shrink(&mut self) {
        self.at_most_once.waiting.shrink();
        self.acknowledged.waiting.shrink();
    }

    const fn bytes(&self) -> usize {
        self.at_most_once.bytes + self.acknowledged.bytes
    }

    #[inline]
    fn is_at_most_once_first(&self) -> bool {
        let acknowledged = self.acknowledged.waiting.front();
        let at_most_once = self.at_most_once.waiting.front();
        match (at_most_once, acknowledged) {
            (Some(left), Some(right)) => left.number() < right.number(),
            (left, _) => left.is_some(),
        }
    }
}

impl Lane {
    fn put(&mut self, waiting: Waiting) {
        let due = match &waiting {
            Waiting::One { delivery, .. } => delivery.message.expires_at,
            Waiting::Run { .. } => None,
        };
        self.waiting.push_back(waiting, self.phase);
        if let Some(due) = due {
            self.waiting.note_due(due);
        }
    }

    fn pop(&mut self) -> Option<(u64, Delivery)> {
        if let run @ Waiting::Run { .. } = self.waiting.front()? {
            let (number, delivery) = run.first()?;
            let delivery = delivery.clone();
            self.drop_front(1);
            return Some((number, delivery));
        }
        let Waiting::One { number, delivery } = self.waiting.pop_front()? else {
            return None;
        };
        self.len -= 1;
        self.bytes -= bytes_of(&delivery);
        Some((number, delivery))
    }

    /// Drops messages of the oldest entry, at most so many. Returns their numbers: none when the lane is empty.
    fn drop_front(&mut self, count: usize) -> Range<u64> {
        let Some(first) = self.waiting.front().map(Waiting::number) else {
            return 0..0;
        };
        let (dropped, bytes, is_last) = match self.waiting.front_mut() {
            None => return 0..0,
            Some(Waiting::One { delivery, .. }) => (1, bytes_of(delivery), true),
            Some(Waiting::Run { run, left, .. }) => {
                let from = *left;
                let to = from.saturating_add(count).min(run.deliveries().len());
                *left = to;
                let bytes = run.bytes_up_to(to) - run.bytes_up_to(from);
                (to - from, bytes, to == run.deliveries().len())
            }
        };
        self.len -= dropped as u32;
        self.bytes -= bytes;
        if is_last {
            self.waiting.pop_front();
        }
        first..first + dropped as u64
    }

    /// Oldest first, with their numbers.
    fn iter(&self) -> impl Iterator<Item = (u64, &Delivery)> {
        self.waiting.iter().flat_map(Waiting::iter)
    }
}

impl Waiting {
    /// Of its first message.
    fn number(&self) -> u64 {
        match self {
            Self::One { number, .. } => *number,
            Self::Run { number, left, .. } => number + *left as u64,
        }
    }

    fn first(&self) -> Option<(u64, &Delivery)> {
        self.iter().next()
    }

    #[cold]
    #[inline(never)]
    fn note_in(&self, journal: &mut Journal) {
        for (number, delivery) in self.iter() {
            journal.note(SessionChange::Queued {
                number,
                delivery: delivery.clone(),
            });
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u64, &Delivery)> {
        let deliveries = match self {
            Self::One { delivery, .. } => std::slice::from_ref(delivery),
            Self::Run { run, left, .. } => run.deliveries().get(*left..).unwrap_or(&[]),
        };
        (self.number()..).zip(deliveries)
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
    use crate::packet::QoS;

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
            operations in proptest::collection::vec((0u8..8, 0usize..400), 1..200),
            messages_max in 0usize..12,
            bytes_max in 0usize..1_500,
        ) {
            let limits = Limits { messages_max, bytes_max };
            let mut queue = OutboundQueue::default();
            let mut list: Vec<Delivery> = Vec::new();
            for (number, (operation, size)) in (0..).zip(operations) {
                if operation == 3 {
                    let expected = (!list.is_empty()).then(|| list.remove(0));
                    prop_assert_eq!(queue.pop().map(|(_, delivery)| delivery), expected);
                    continue;
                }
                if operation > 3 {
                    // A run is as its messages one by one.
                    let qos = |at: u64| if operation == 4 { 0 } else { 1 + (at % 2) as u8 };
                    let sizes = size as u64 % 5 + 1;
                    let deliveries = (0..sizes)
                        .map(|at| delivery_of_size(number * 100 + at, qos(at), (size + at as usize * 37) % 200));
                    for run in DeliveryRun::divide(deliveries) {
                        let mut alike = OutboundQueue::default();
                        for each in &list {
                            alike.append(each.clone());
                        }
                        let mut dropped = 0;
                        let mut all_wait = true;
                        for each in run.deliveries() {
                            match alike.push(each.clone(), limits) {
                                Pushed::Waits { dropped: more } => dropped += more,
                                Pushed::Refused => all_wait = false,
                            }
                        }
                        let before = queue.next_number();
                        match queue.push_run(&run, limits) {
                            Some(made_room) => {
                                prop_assert!(all_wait);
                                prop_assert_eq!(made_room, dropped);
                                prop_assert_eq!(queue.next_number(), before + run.deliveries().len() as u64);
                            }
                            None => for each in run.deliveries() {
                                queue.push(each.clone(), limits);
                            },
                        }
                        list = alike.iter().cloned().collect();
                        prop_assert_eq!(queue.iter().cloned().collect::<Vec<_>>(), list.clone());
                    }
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
