//! What waits for one peer: numbered items until the peer acknowledges them.
//!
//! Everything here is done under one short lock and never waits. Wakers and notifications are handed out to be called
//! after the lock is released.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use emqx_proto::peer::v1::{DataFrame, DataItem, data_item};
use prost::Message as _;

use crate::cluster::{LinkLimits, MESSAGE_BYTES_MAX};

/// Whether an item may be given up when its peer is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Kept until acknowledged; refused only at the hard bound (ten times the ordinary one).
    Reliable,
    /// Refused at the ordinary bound, and given up when the peer is dead. For QoS 0.
    Droppable,
}

/// How waiting for an acknowledgement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acked {
    /// The peer has applied the item.
    Yes,
    /// The incarnation of the peer for which it was meant is gone; whether it applied it is not known.
    PeerGone,
}

/// Told once when an item is acknowledged or its peer gone. Called on the task that reads acknowledgements:
/// must be quick.
pub trait AckNotify: Send + Sync {
    /// It is.
    fn acked(&self);
}

/// Why an item was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Too many wait.
    Full,
    /// Larger than a message of the stream may be.
    TooLarge,
    /// The peer is not a live member.
    Gone,
}

struct Queued {
    item: DataItem,
    bytes: usize,
    class: Class,
}

/// Items from `first_seq` on, without gaps.
pub(crate) struct SendQueue {
    items: VecDeque<Queued>,
    first_seq: u64,
    /// Items before this index were sent on the present connection.
    cursor: usize,
    bytes: usize,
    /// Items after the first number and up to the second were meant for a peer that is gone.
    gone: Option<(u64, u64)>,
    /// Ascending by number.
    waiting: VecDeque<(u64, Arc<dyn AckNotify>)>,
    accepting: bool,
    connection: Connection,
}

/// The connection that presently takes items out.
#[derive(Default)]
struct Connection {
    /// Which; an earlier one takes nothing any more.
    number: u64,
    /// Whether it is known where to go on from.
    open: bool,
    /// Goes first, outside of the numbering.
    snapshot: VecDeque<DataItem>,
    /// A numbered frame must follow the snapshot even if nothing waits: it ends the snapshot.
    ends_snapshot: bool,
    waker: Option<Waker>,
}

/// What to do once the lock is released.
#[must_use]
#[derive(Default)]
pub(crate) struct After {
    wake: Option<Waker>,
    notify: Vec<Arc<dyn AckNotify>>,
}

impl After {
    pub(crate) fn run(self) {
        if let Some(waker) = self.wake {
            waker.wake();
        }
        for notify in self.notify {
            notify.acked();
        }
    }
}

/// What the pump gets.
pub(crate) enum Next {
    Frame(DataFrame),
    /// Nothing waits; the waker is called when something does.
    Wait,
    /// Another connection has taken over.
    Ended,
}

impl SendQueue {
    pub(crate) fn new() -> Self {
        Self {
            items: VecDeque::new(),
            first_seq: 1,
            cursor: 0,
            bytes: 0,
            gone: None,
            waiting: VecDeque::new(),
            accepting: false,
            connection: Connection::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Number of the last item that was accepted; 0 before the first.
    pub(crate) fn last_seq(&self) -> u64 {
        self.first_seq + self.items.len() as u64 - 1
    }

    /// Every item up to this number is acknowledged or was meant for a peer that is gone.
    pub(crate) fn completed_seq(&self) -> u64 {
        let gone = self.gone.map_or(0, |(_, upto)| upto);
        gone.max(self.first_seq - 1)
    }

    /// How an item ended whose number is at most [`Self::completed_seq`].
    pub(crate) fn outcome(&self, seq: u64) -> Acked {
        match self.gone {
            Some((after, upto)) if seq > after && seq <= upto => Acked::PeerGone,
            _ => Acked::Yes,
        }
    }

    /// `bytes` is the encoded length of the item: computed by the caller, before it takes the lock.
    pub(crate) fn push(
        &mut self,
        item: DataItem,
        bytes: usize,
        class: Class,
        limits: &LinkLimits,
    ) -> Result<(u64, Option<Waker>), Refused> {
        if !self.accepting {
            return Err(Refused::Gone);
        }
        // A frame wraps the item in a tag and a length, and has a number.
        if bytes + 32 > MESSAGE_BYTES_MAX {
            return Err(Refused::TooLarge);
        }
        let factor = match class {
            Class::Droppable => 1,
            Class::Reliable => 10,
        };
        if self.items.len() >= limits.queue_items_max.saturating_mul(factor)
            || self.bytes + bytes > limits.queue_bytes_max.saturating_mul(factor)
        {
            return Err(Refused::Full);
        }
        self.bytes += bytes;
        self.items.push_back(Queued { item, bytes, class });
        let waker = if self.connection.open {
            self.connection.waker.take()
        } else {
            None
        };
        Ok((self.last_seq(), waker))
    }

    /// Registers `notify` for the item with that number. `Some` hands it back: it is due now.
    pub(crate) fn notify_acked(
        &mut self,
        seq: u64,
        notify: Arc<dyn AckNotify>,
    ) -> Option<Arc<dyn AckNotify>> {
        if seq <= self.completed_seq() || !self.accepting {
            return Some(notify);
        }
        let at = self.waiting.partition_point(|(other, _)| *other <= seq);
        self.waiting.insert(at, (seq, notify));
        None
    }

    /// The peer has applied everything up to that number.
    pub(crate) fn ack(&mut self, seq: u64) -> After {
        let upto = seq.min(self.last_seq());
        while self.first_seq <= upto {
            if let Some(done) = self.items.pop_front() {
                self.bytes -= done.bytes;
            }
            self.first_seq += 1;
            self.cursor = self.cursor.saturating_sub(1);
        }
        After {
            wake: None,
            notify: self.due(),
        }
    }

    fn due(&mut self) -> Vec<Arc<dyn AckNotify>> {
        let completed = self.completed_seq();
        let due = self.waiting.partition_point(|(seq, _)| *seq <= completed);
        self.waiting
            .drain(..due)
            .map(|(_, notify)| notify)
            .collect()
    }

    /// The peer is a live member: items are accepted.
    pub(crate) fn open_to_items(&mut self) {
        self.accepting = true;
    }

    /// The peer is dead or left. Reliable items stay, should the same incarnation come back; nobody waits for them any
    /// more, and no new ones are accepted.
    pub(crate) fn park(&mut self) -> After {
        self.accepting = false;
        let wake = self.close_connection();
        for queued in &mut self.items {
            if queued.class == Class::Droppable {
                self.bytes -= queued.bytes;
                queued.bytes = 0;
                queued.item.item = None;
            }
        }
        self.gone = Some((self.first_seq - 1, self.last_seq()));
        After {
            wake,
            notify: self.waiting.drain(..).map(|(_, notify)| notify).collect(),
        }
    }

    /// The peer was started anew (or is given up): what was meant for the former incarnation is handed back.
    pub(crate) fn restart(&mut self) -> (Vec<DataItem>, After) {
        let wake = self.close_connection();
        let last = self.last_seq();
        if !self.items.is_empty() {
            self.gone = Some((self.first_seq - 1, last));
        }
        self.first_seq = last + 1;
        self.cursor = 0;
        self.bytes = 0;
        let items = self
            .items
            .drain(..)
            .map(|queued| queued.item)
            .filter(|item| item.item.is_some())
            .collect();
        let notify = self.due();
        (items, After { wake, notify })
    }

    fn close_connection(&mut self) -> Option<Waker> {
        let number = self.connection.number + 1;
        let former = std::mem::take(&mut self.connection);
        self.connection.number = number;
        former.waker
    }

    /// A connection is being opened; earlier ones take nothing any more. Returns its number.
    pub(crate) fn connect(&mut self) -> (u64, After) {
        let wake = self.close_connection();
        self.cursor = 0;
        let after = After {
            wake,
            notify: Vec::new(),
        };
        (self.connection.number, after)
    }

    /// Lets the connection take items, from the oldest unacknowledged one.
    ///
    /// With a snapshot, that goes first, and interest items up to number `snapshot_covers` (the last one when the
    /// snapshot was begun) are left out: they are in the snapshot, and repeated after it an old change would undo a
    /// newer one for a moment.
    pub(crate) fn begin(
        &mut self,
        number: u64,
        snapshot: Option<(Vec<DataItem>, u64)>,
    ) -> Option<After> {
        if self.connection.number != number {
            return None;
        }
        if let Some((items, covers)) = snapshot {
            let covered = (covers + 1).saturating_sub(self.first_seq) as usize;
            for queued in self.items.iter_mut().take(covered) {
                if is_interest(&queued.item) {
                    self.bytes -= queued.bytes;
                    queued.bytes = 0;
                    queued.item.item = None;
                }
            }
            self.connection.snapshot = items.into();
            self.connection.ends_snapshot = true;
        }
        self.connection.open = true;
        Some(After {
            wake: self.connection.waker.take(),
            notify: Vec::new(),
        })
    }

    /// Ends the connection if it is still the present one.
    pub(crate) fn disconnect(&mut self, number: u64) -> After {
        let wake = if self.connection.number == number {
            self.close_connection()
        } else {
            None
        };
        After {
            wake,
            notify: Vec::new(),
        }
    }

    /// The next frame for a connection.
    pub(crate) fn next_frame(&mut self, number: u64, limits: &LinkLimits, waker: &Waker) -> Next {
        if self.connection.number != number {
            return Next::Ended;
        }
        if !self.connection.open {
            self.connection.waker = Some(waker.clone());
            return Next::Wait;
        }
        if !self.connection.snapshot.is_empty() {
            return Next::Frame(self.snapshot_frame(limits));
        }
        let first_seq = self.first_seq + self.cursor as u64;
        let mut frame = DataFrame {
            first_seq,
            items: Vec::new(),
        };
        let mut bytes = 0;
        for queued in self.items.range(self.cursor..) {
            let full = frame.items.len() >= limits.frame_items_max
                || bytes + queued.bytes > limits.frame_bytes_max;
            if full && !frame.items.is_empty() {
                break;
            }
            bytes += queued.bytes;
            frame.items.push(queued.item.clone());
        }
        if frame.items.is_empty() && !self.connection.ends_snapshot {
            self.connection.waker = Some(waker.clone());
            return Next::Wait;
        }
        self.connection.ends_snapshot = false;
        self.cursor += frame.items.len();
        Next::Frame(frame)
    }

    fn snapshot_frame(&mut self, limits: &LinkLimits) -> DataFrame {
        let mut items = Vec::new();
        let mut bytes = 0;
        while let Some(item) = self.connection.snapshot.front() {
            let size = item.encoded_len();
            let full =
                items.len() >= limits.frame_items_max || bytes + size > limits.frame_bytes_max;
            if full && !items.is_empty() {
                break;
            }
            bytes += size;
            items.extend(self.connection.snapshot.pop_front());
        }
        DataFrame {
            first_seq: 0,
            items,
        }
    }
}

fn is_interest(item: &DataItem) -> bool {
    matches!(
        item.item,
        Some(data_item::Item::Interest(_) | data_item::Item::InterestSnapshot(_))
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use emqx_proto::peer::v1::{Forward, InterestDelta, InterestSnapshot};
    use futures_util::task::noop_waker;

    use super::*;

    fn forward() -> DataItem {
        DataItem {
            item: Some(data_item::Item::Forward(Forward {
                ordinary: true,
                ..Forward::default()
            })),
        }
    }

    fn interest(filter: &str) -> DataItem {
        DataItem {
            item: Some(data_item::Item::Interest(InterestDelta {
                add: vec![filter.into()],
                ..InterestDelta::default()
            })),
        }
    }

    fn snapshot(filter: &str) -> DataItem {
        DataItem {
            item: Some(data_item::Item::InterestSnapshot(InterestSnapshot {
                filters: vec![filter.into()],
                ..InterestSnapshot::default()
            })),
        }
    }

    fn limits() -> LinkLimits {
        LinkLimits {
            queue_items_max: 4,
            frame_items_max: 2,
            ..LinkLimits::default()
        }
    }

    fn queue() -> SendQueue {
        let mut queue = SendQueue::new();
        queue.open_to_items();
        queue
    }

    fn try_push(queue: &mut SendQueue, item: DataItem, class: Class) -> Result<u64, Refused> {
        let bytes = item.encoded_len();
        let pushed = queue.push(item, bytes, class, &limits());
        pushed.map(|(seq, _)| seq)
    }

    fn push(queue: &mut SendQueue, item: DataItem) -> u64 {
        try_push(queue, item, Class::Reliable).unwrap()
    }

    fn frames(queue: &mut SendQueue, number: u64) -> Vec<(u64, usize)> {
        let mut got = Vec::new();
        while let Next::Frame(frame) = queue.next_frame(number, &limits(), &noop_waker()) {
            got.push((frame.first_seq, frame.items.len()));
        }
        got
    }

    fn connect(queue: &mut SendQueue) -> u64 {
        let (number, after) = queue.connect();
        after.run();
        queue.begin(number, None).unwrap().run();
        number
    }

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl AckNotify for Count {
        fn acked(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Count {
        fn get(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn items_are_numbered_framed_and_sent_again_until_acknowledged() {
        let mut queue = queue();
        for seq in 1..=5 {
            assert_eq!(push(&mut queue, forward()), seq);
        }
        let number = connect(&mut queue);
        assert_eq!(frames(&mut queue, number), [(1, 2), (3, 2), (5, 1)]);
        queue.ack(2).run();
        assert_eq!((queue.completed_seq(), queue.len()), (2, 3));
        let second = connect(&mut queue);
        assert!(matches!(
            queue.next_frame(number, &limits(), &noop_waker()),
            Next::Ended
        ));
        assert_eq!(frames(&mut queue, second), [(3, 2), (5, 1)]);
        queue.ack(99).run();
        assert_eq!(
            (queue.completed_seq(), queue.len(), queue.bytes()),
            (5, 0, 0)
        );
        assert_eq!(push(&mut queue, forward()), 6);
        assert_eq!(frames(&mut queue, second), [(6, 1)]);
    }

    #[test]
    fn droppable_items_are_refused_first() {
        let mut queue = queue();
        for _ in 0..4 {
            assert!(try_push(&mut queue, forward(), Class::Droppable).is_ok());
        }
        let refused = |queue: &mut SendQueue, class| try_push(queue, forward(), class).err();
        assert_eq!(refused(&mut queue, Class::Droppable), Some(Refused::Full));
        for _ in 4..40 {
            push(&mut queue, forward());
        }
        assert_eq!(refused(&mut queue, Class::Reliable), Some(Refused::Full));
        queue.ack(1).run();
        assert_eq!(refused(&mut queue, Class::Reliable), None);
    }

    #[test]
    fn a_snapshot_goes_first_and_replaces_older_interest_only() {
        let mut queue = queue();
        push(&mut queue, interest("a"));
        push(&mut queue, forward());
        let (number, after) = queue.connect();
        after.run();
        let covers = queue.last_seq();
        push(&mut queue, interest("b"));
        queue
            .begin(number, Some((vec![snapshot("a")], covers)))
            .unwrap()
            .run();
        let mut sent = Vec::new();
        while let Next::Frame(frame) = queue.next_frame(number, &limits(), &noop_waker()) {
            sent.push(frame);
        }
        assert_eq!(
            (sent[0].first_seq, &sent[0].items),
            (0, &vec![snapshot("a")])
        );
        let rest: Vec<_> = sent[1..].iter().flat_map(|f| f.items.clone()).collect();
        assert_eq!(rest, [DataItem { item: None }, forward(), interest("b")]);
        assert_eq!(sent[1].first_seq, 1);
    }

    #[test]
    fn an_empty_numbered_frame_ends_a_snapshot() {
        let mut queue = queue();
        let (number, after) = queue.connect();
        after.run();
        assert_eq!(frames(&mut queue, number), []);
        queue.begin(number, Some((vec![], 0))).unwrap().run();
        assert_eq!(frames(&mut queue, number), [(1, 0)]);
        assert_eq!(frames(&mut queue, number), []);
    }

    #[test]
    fn waiting_is_over_with_the_acknowledgement_or_the_peer() {
        let mut queue = queue();
        let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
        push(&mut queue, forward());
        push(&mut queue, forward());
        // Registered out of order.
        assert!(queue.notify_acked(2, second.clone()).is_none());
        assert!(queue.notify_acked(1, first.clone()).is_none());
        queue.ack(1).run();
        assert_eq!((first.get(), second.get()), (1, 0));
        queue.park().run();
        assert_eq!((first.get(), second.get()), (1, 1));
        assert_eq!(
            (queue.outcome(1), queue.outcome(2)),
            (Acked::Yes, Acked::PeerGone)
        );
        assert!(queue.notify_acked(2, second).is_some());
        assert_eq!(
            try_push(&mut queue, forward(), Class::Reliable).err(),
            Some(Refused::Gone)
        );
    }

    #[test]
    fn a_parked_queue_keeps_what_is_reliable_for_the_same_incarnation() {
        let mut queue = queue();
        push(&mut queue, forward());
        let _ = try_push(&mut queue, forward(), Class::Droppable);
        queue.park().run();
        queue.open_to_items();
        assert_eq!(push(&mut queue, forward()), 3);
        assert_eq!(queue.completed_seq(), 2);
        let number = connect(&mut queue);
        let Next::Frame(frame) = queue.next_frame(number, &limits(), &noop_waker()) else {
            panic!("nothing to send");
        };
        assert_eq!(frame.items, [forward(), DataItem { item: None }]);
    }

    #[test]
    fn a_restarted_peer_gets_only_what_comes_after() {
        let mut queue = queue();
        let waiting = Arc::new(Count::default());
        push(&mut queue, forward());
        let _ = queue.notify_acked(1, waiting.clone());
        let (items, after) = queue.restart();
        after.run();
        assert_eq!((items, waiting.get()), (vec![forward()], 1));
        assert_eq!(queue.outcome(1), Acked::PeerGone);
        assert_eq!(push(&mut queue, interest("x")), 2);
        let number = connect(&mut queue);
        assert_eq!(frames(&mut queue, number), [(2, 1)]);
        queue.ack(2).run();
        assert_eq!(queue.outcome(2), Acked::Yes);
    }
}
