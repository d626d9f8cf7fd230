//! What waits for one peer: numbered items until the peer acknowledges them. They are encoded when they are queued, and go
//! out as they lie there, also a second time.
//!
//! Everything here is done under one short lock and never waits. Wakers and notifications are handed out to be called
//! after the lock is released.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use bytes::{Bytes, BytesMut};
use emqx_proto::peer::v1::DataItem;
use prost::Message as _;

use crate::cluster::{LinkLimits, MESSAGE_BYTES_MAX};
use crate::cluster::{forward_codec, items};

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

/// Where an item is kept for a peer that is away: its number in the queue, and in the store.
pub(crate) type Kept = (u64, u64);

/// Items that were encoded one behind the other, and go out together.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Number of its first item; 0 for items of a snapshot.
    pub(crate) first_seq: u64,
    /// Its items.
    pub(crate) count: u32,
    /// Each behind its length.
    pub(crate) items: Bytes,
}

impl Frame {
    /// Number of its last item.
    fn last_seq(&self) -> u64 {
        self.first_seq + u64::from(self.count) - 1
    }

    /// Its items with their numbers.
    fn items(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (self.first_seq..).zip(items::iter(&self.items))
    }
}

/// Items are encoded into memory that is had in pieces of this size, so that a frame never has to be copied.
const CHUNK_BYTES: usize = 128 << 10;

/// Items by number, without gaps. Those up to `acked` are done with.
pub(crate) struct SendQueue {
    /// Oldest first; none is empty. The first may hold some that are done with.
    frames: VecDeque<Frame>,
    /// Frames before this index were sent on the present connection.
    cursor: usize,
    /// Encoded items that are in no frame yet: the last `tail_count` ones.
    tail: BytesMut,
    tail_count: u32,
    last_seq: u64,
    acked: u64,
    /// Of all frames and the tail.
    bytes: usize,
    /// Numbers of the items that may be given up: first and last of each row of them, ascending.
    droppable: VecDeque<(u64, u64)>,
    /// Items after the first number and up to the second were meant for a peer that is gone.
    gone: Option<(u64, u64)>,
    /// Items that are stored here until the peer has them, ascending.
    kept: VecDeque<Kept>,
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
    pub(crate) notify: Vec<Arc<dyn AckNotify>>,
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
    Frame(Frame),
    /// Nothing waits; the waker is called when something does.
    Wait,
    /// Another connection has taken over.
    Ended,
}

impl SendQueue {
    pub(crate) fn new() -> Self {
        Self {
            frames: VecDeque::new(),
            cursor: 0,
            tail: BytesMut::new(),
            tail_count: 0,
            last_seq: 0,
            acked: 0,
            bytes: 0,
            droppable: VecDeque::new(),
            gone: None,
            kept: VecDeque::new(),
            waiting: VecDeque::new(),
            accepting: false,
            connection: Connection::default(),
        }
    }

    /// Takes an item for a peer that is away. It is stored under `number` until the peer has it.
    pub(crate) fn keep(
        &mut self,
        number: u64,
        len: usize,
        limits: &LinkLimits,
        write: impl FnOnce(&mut BytesMut),
    ) -> Result<(), Refused> {
        let accepting = std::mem::replace(&mut self.accepting, true);
        let pushed = self.push(len, Class::Reliable, limits, write);
        self.accepting = accepting;
        // A peer that is away has no connection that would have to be woken.
        let (seq, _) = pushed?;
        self.kept.push_back((seq, number));
        Ok(())
    }

    /// Numbers in the store of those that the peer has by now.
    pub(crate) fn take_done(&mut self) -> Vec<u64> {
        let done = self.kept.partition_point(|(seq, _)| *seq <= self.acked);
        self.kept.drain(..done).map(|(_, number)| number).collect()
    }

    /// Whether the peer is a live member.
    pub(crate) const fn is_accepting(&self) -> bool {
        self.accepting
    }

    /// Items that are not acknowledged.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.last_seq - self.acked).unwrap_or(usize::MAX)
    }

    /// Their encoded bytes, and those of acknowledged ones in a frame with one that is not.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Number of the last item that was accepted; 0 before the first.
    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Every item up to this number is acknowledged or was meant for a peer that is gone.
    pub(crate) fn completed_seq(&self) -> u64 {
        let gone = self.gone.map_or(0, |(_, upto)| upto);
        gone.max(self.acked)
    }

    /// How an item ended whose number is at most [`Self::completed_seq`].
    pub(crate) fn outcome(&self, seq: u64) -> Acked {
        match self.gone {
            Some((after, upto)) if seq > after && seq <= upto => Acked::PeerGone,
            _ => Acked::Yes,
        }
    }

    /// `len` is the encoded length of the item, and `write` writes so many bytes.
    pub(crate) fn push(
        &mut self,
        len: usize,
        class: Class,
        limits: &LinkLimits,
        write: impl FnOnce(&mut BytesMut),
    ) -> Result<(u64, Option<Waker>), Refused> {
        if !self.accepting {
            return Err(Refused::Gone);
        }
        let bytes = items::framed_len(len);
        // A frame wraps the items in a tag and a length, and has two numbers.
        if bytes + 32 > MESSAGE_BYTES_MAX {
            return Err(Refused::TooLarge);
        }
        let factor = match class {
            Class::Droppable => 1,
            Class::Reliable => 10,
        };
        if self.len() >= limits.queue_items_max.saturating_mul(factor)
            || self.bytes + bytes > limits.queue_bytes_max.saturating_mul(factor)
        {
            return Err(Refused::Full);
        }
        let is_full = self.tail_count as usize >= limits.frame_items_max
            || self.tail.len() + bytes > limits.frame_bytes_max
            || self.tail.capacity() - self.tail.len() < bytes;
        if is_full {
            self.close_frame();
            if self.tail.capacity() < bytes {
                self.tail = BytesMut::with_capacity(CHUNK_BYTES.max(bytes));
            }
        }
        items::write_len(len, &mut self.tail);
        write(&mut self.tail);
        self.tail_count += 1;
        self.last_seq += 1;
        self.bytes += bytes;
        if class == Class::Droppable {
            match self.droppable.back_mut() {
                Some((_, last)) if *last + 1 == self.last_seq => *last = self.last_seq,
                _ => self.droppable.push_back((self.last_seq, self.last_seq)),
            }
        }
        let waker = if self.connection.open && !self.gathers(limits) {
            self.connection.waker.take()
        } else {
            None
        };
        Ok((self.last_seq, waker))
    }

    /// Whether what is in no frame yet waits for more. A link that is busy is asked for few large frames instead of many
    /// small ones: the next one goes when the peer has acknowledged all that it was sent, or when it is large enough.
    fn gathers(&self, limits: &LinkLimits) -> bool {
        let is_under_way = self.cursor > 0 && self.cursor == self.frames.len();
        is_under_way && self.tail.len() < limits.frame_bytes_min && !self.connection.ends_snapshot
    }

    /// Makes a frame of what is in none yet.
    fn close_frame(&mut self) {
        if self.tail_count > 0 {
            self.frames.push_back(Frame {
                first_seq: self.last_seq + 1 - u64::from(self.tail_count),
                count: std::mem::take(&mut self.tail_count),
                items: self.tail.split().freeze(),
            });
        }
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
        self.acked = self.acked.max(seq.min(self.last_seq));
        while let Some(frame) = self.frames.front()
            && frame.last_seq() <= self.acked
        {
            self.bytes -= frame.items.len();
            self.frames.pop_front();
            self.cursor = self.cursor.saturating_sub(1);
        }
        let done = self
            .droppable
            .partition_point(|(_, last)| *last <= self.acked);
        self.droppable.drain(..done);
        After {
            wake: None,
            notify: self.due(),
        }
    }

    /// Leaves items out, by number and encoded form. Their numbers stay.
    fn leave_out(&mut self, is_left_out: impl Fn(u64, &[u8]) -> bool) {
        self.close_frame();
        for frame in &mut self.frames {
            if !frame.items().any(|(seq, item)| is_left_out(seq, item)) {
                continue;
            }
            let mut kept = Vec::with_capacity(frame.items.len());
            for (seq, item) in frame.items() {
                let item = if is_left_out(seq, item) { &[] } else { item };
                items::write(item, &mut kept);
            }
            self.bytes -= frame.items.len() - kept.len();
            frame.items = kept.into();
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

    /// The peer is a live member: items are accepted. The same incarnation that was gone gets what is parked, so whoever asks
    /// for it now waits for that.
    pub(crate) fn open_to_items(&mut self) {
        self.accepting = true;
        if self.kept.is_empty() {
            self.gone.take_if(|(_, upto)| self.acked < *upto);
        }
    }

    /// The peer is dead or left. Reliable items stay, should the same incarnation come back; nobody waits for them any
    /// more, and no new ones are accepted.
    pub(crate) fn park(&mut self) -> After {
        self.accepting = false;
        let wake = self.close_connection();
        let droppable = std::mem::take(&mut self.droppable);
        self.leave_out(|seq, _| {
            let row = droppable.partition_point(|(_, last)| *last < seq);
            droppable.get(row).is_some_and(|(first, _)| *first <= seq)
        });
        self.gone = Some((self.acked, self.last_seq));
        After {
            wake,
            notify: self.waiting.drain(..).map(|(_, notify)| notify).collect(),
        }
    }

    /// Messages that are not acknowledged and not kept yet, to be stored until the peer is back. `number` gives each its
    /// number in the store. Follows [`Self::park`], which has left out those that may be given up.
    pub(crate) fn keep_messages(&mut self, mut number: impl FnMut() -> u64) -> Vec<(u64, Vec<u8>)> {
        // The numbers in the store ascend as those here, so whatever was kept before lies before what is not kept yet.
        let after = self.kept.back().map_or(0, |(seq, _)| *seq).max(self.acked);
        let mut items = Vec::new();
        for (seq, item) in self.frames.iter().flat_map(Frame::items) {
            if seq > after && forward_codec::is_forward(item) {
                let number = number();
                self.kept.push_back((seq, number));
                items.push((number, item.to_vec()));
            }
        }
        items
    }

    /// Messages behind that item and up to the other that the peer has not acknowledged, of so many bytes or one alone;
    /// and the last item that was looked at.
    pub(crate) fn messages(
        &mut self,
        after: u64,
        upto: u64,
        bytes_max: usize,
    ) -> (Vec<Bytes>, u64) {
        self.close_frame();
        let after = after.max(self.acked);
        let mut bytes = 0;
        let mut messages = Vec::new();
        for frame in &self.frames {
            for (seq, item) in frame.items() {
                if seq <= after || seq > upto || !forward_codec::is_forward(item) {
                    continue;
                }
                if bytes >= bytes_max {
                    return (messages, seq - 1);
                }
                bytes += item.len();
                messages.push(frame.items.slice_ref(item));
            }
        }
        (messages, upto)
    }

    /// The peer was started anew, and gets the messages that its former incarnation has not acknowledged; what else was
    /// meant for that is left out. Whoever waits waits on.
    pub(crate) fn restart_with_messages(&mut self) -> After {
        let wake = self.close_connection();
        let acked = self.acked;
        self.leave_out(|seq, item| seq <= acked || !forward_codec::is_forward(item));
        self.cursor = 0;
        self.droppable.clear();
        let has_messages = self
            .frames
            .iter()
            .flat_map(Frame::items)
            .any(|(_, item)| !item.is_empty());
        if !has_messages {
            self.frames.clear();
            self.bytes = 0;
            self.acked = self.last_seq;
        }
        After {
            wake,
            notify: self.due(),
        }
    }

    /// The peer was started anew (or is given up): what was meant for the former incarnation is handed back.
    pub(crate) fn restart(&mut self) -> (Vec<DataItem>, After) {
        let wake = self.close_connection();
        self.close_frame();
        if self.acked < self.last_seq {
            self.gone = Some((self.acked, self.last_seq));
        }
        let frames = std::mem::take(&mut self.frames);
        let items = frames
            .iter()
            .flat_map(Frame::items)
            .filter(|(seq, item)| *seq > self.acked && !item.is_empty())
            .filter_map(|(_, item)| DataItem::decode(item).ok())
            .collect();
        self.acked = self.last_seq;
        self.cursor = 0;
        self.bytes = 0;
        self.droppable.clear();
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
            self.leave_out(|seq, item| seq <= covers && items::is_interest(item));
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
        if self.cursor == self.frames.len() && !self.gathers(limits) {
            self.close_frame();
        }
        if let Some(frame) = self.frames.get(self.cursor) {
            self.connection.ends_snapshot = false;
            self.cursor += 1;
            return Next::Frame(frame.clone());
        }
        if self.connection.ends_snapshot {
            self.connection.ends_snapshot = false;
            return Next::Frame(Frame {
                first_seq: self.last_seq + 1,
                count: 0,
                items: Bytes::new(),
            });
        }
        self.connection.waker = Some(waker.clone());
        Next::Wait
    }

    fn snapshot_frame(&mut self, limits: &LinkLimits) -> Frame {
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
        let (count, items) = items::encode(items);
        Frame {
            first_seq: 0,
            count,
            items,
        }
    }
}
#[cfg(test)]
mod tests;
