//! Messages for a peer that is away: stored here until it is back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tracing::warn;

use super::PeerLink;
use crate::cluster::forward_codec::ForwardItem;
use crate::cluster::send_queue::{AckNotify, Acked, Class, Refused, SendQueue};
#[cfg(test)]
use crate::simulation::fault::{self, Fault};
use crate::storage::{Commit, Store, Stored, away_record};

/// What became of a message for a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It waits for its acknowledgement, by this number.
    UnderWay(u64),
    /// The peer is away: it is stored here until the peer is back.
    Kept(Stored),
    /// The peer is away, and too much is kept for it already.
    NotKept,
    /// Too much waits for the peer, or the message is too large.
    Refused,
}

/// What a start of the peer that is gone had not acknowledged is known for so long after the next one: whoever serves its
/// Sessions now asks for it within a few seconds.
pub const FORMER_KEPT: Duration = Duration::from_secs(30);

/// Of messages that came after the next start, so much is kept with those.
const FORMER_BYTES_MAX: usize = 64 << 20;

/// Messages that a start of the peer that is gone had not acknowledged, and those that were sent to the next one before it
/// was known here who serves its Sessions.
pub(super) struct Former {
    incarnation: u64,
    last: u64,
    messages: Vec<Bytes>,
    /// Of those that came later.
    bytes: usize,
    since: Instant,
}

/// Some of the messages that a start of a peer had not acknowledged.
#[derive(Debug, Default)]
pub struct Unacknowledged {
    /// Encoded items.
    pub messages: Vec<Bytes>,
    /// The last item that was looked at.
    pub last: u64,
    /// The last item that there is to look at.
    pub upto: u64,
}

impl PeerLink {
    /// Messages that this start of the peer, which is gone, has not acknowledged: those behind an item and up to another
    /// one (0 = all that there are now), of so many bytes or one alone.
    pub fn unacknowledged(
        &self,
        incarnation: u64,
        after: u64,
        upto: u64,
        bytes_max: usize,
    ) -> Unacknowledged {
        let mut queue = self.queue.lock();
        if self.incarnation.load(Ordering::Relaxed) == incarnation {
            let upto = if upto == 0 { queue.last_seq() } else { upto };
            let (messages, last) = queue.messages(after, upto, bytes_max);
            return Unacknowledged {
                messages,
                last,
                upto,
            };
        }
        drop(queue);
        match self.former.lock().as_ref() {
            // They are given at once.
            Some(former) if former.incarnation == incarnation && after < former.last => {
                Unacknowledged {
                    messages: former.messages.clone(),
                    last: former.last,
                    upto: former.last,
                }
            }
            _ => Unacknowledged::default(),
        }
    }

    /// The next start of the peer gets what this one has not acknowledged, and may have nobody to give it to.
    pub(super) fn remember_former(&self, incarnation: u64, queue: &mut SendQueue) {
        let last = queue.last_seq();
        let (messages, _) = queue.messages(0, last, usize::MAX);
        *self.former.lock() = Some(Former {
            incarnation,
            last,
            messages,
            bytes: 0,
            since: Instant::now(),
        });
        self.has_former.store(true, Ordering::Release);
    }

    #[cold]
    #[inline(never)]
    fn add_to_former(&self, item: &ForwardItem<'_>, len: usize) {
        let mut former = self.former.lock();
        if let Some(former) = former.as_mut()
            && former.bytes + len <= FORMER_BYTES_MAX
        {
            let mut bytes = Vec::with_capacity(len);
            item.write(&mut bytes);
            former.last += 1;
            former.bytes += len;
            former.messages.push(bytes.into());
        }
    }

    /// Forgets it, if it was long ago.
    pub(crate) fn forget_former(&self) {
        let is_over = |former: &mut Former| former.since.elapsed() > FORMER_KEPT;
        let mut former = self.former.lock();
        former.take_if(is_over);
        self.has_former.store(former.is_some(), Ordering::Release);
    }

    /// Queues a message that must arrive, as [`Self::send`] does. When the peer is away it is stored here, and sent when the peer is back.
    pub fn send_forward(&self, item: &ForwardItem<'_>) -> Sent {
        let len = item.encoded_len();
        let mut queue = self.queue.lock();
        if self.has_former.load(Ordering::Acquire) {
            self.add_to_former(item, len);
        }
        match queue.push(len, Class::Reliable, &self.limits, |out| item.write(out)) {
            Ok((seq, waker)) => {
                drop(queue);
                if let Some(waker) = waker {
                    waker.wake();
                }
                Sent::UnderWay(seq)
            }
            Err(Refused::Gone) if self.handler.store().is_on() => self.keep(&mut queue, item, len),
            Err(refused) => {
                if refused != Refused::Gone {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                Sent::Refused
            }
        }
    }

    /// Under the lock of the queue, so that the disk has the order of the queue, and no message is noted as arrived before it
    /// is noted as kept.
    fn keep(&self, queue: &mut SendQueue, item: &ForwardItem<'_>, len: usize) -> Sent {
        #[cfg(test)]
        if fault::is_on(Fault::KeptNowhere) {
            return Sent::Kept(Stored::default());
        }
        let store = self.handler.store();
        let number = store.fresh_number();
        if queue
            .keep(number, len, &self.limits, |out| item.write(out))
            .is_err()
        {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Sent::NotKept;
        }
        let mut bytes = Vec::with_capacity(len);
        item.write(&mut bytes);
        let put = away_record::put(&self.name, number, bytes);
        Sent::Kept(store.append(put).into())
    }

    /// Messages that were kept for the peer by an earlier start of this node, in their order: numbers in the store, and
    /// encoded items. To be called before the link is used.
    pub(crate) fn restore(&self, kept: Vec<(u64, Vec<u8>)>) {
        let mut queue = self.queue.lock();
        for (number, item) in kept {
            // What there is no room for any more stays stored for a later start.
            let _ = queue.keep(number, item.len(), &self.limits, |out| {
                out.extend_from_slice(&item);
            });
        }
    }

    /// Whether the peer has that message, or it is stored here until the peer is back, or nothing is stored and the peer
    /// is gone.
    pub fn is_safe(&self, seq: u64) -> bool {
        match self.outcome(seq) {
            None => false,
            Some(Acked::Yes) => true,
            Some(Acked::PeerGone) => self.handler.store().is_committed(self.kept_commit()),
        }
    }

    /// Has `notify` told when that message [is safe](Self::is_safe), at the latest.
    pub fn notify_safe(&self, seq: u64, notify: &Arc<dyn AckNotify>) {
        let is_due = self.notify_acked(seq, Arc::clone(notify));
        if is_due && self.outcome(seq) == Some(Acked::PeerGone) {
            let store = self.handler.store();
            store.notify(self.kept_commit(), Arc::clone(notify));
        }
    }

    /// Waits until that message [is safe](Self::is_safe).
    pub async fn wait_safe(&self, seq: u64) {
        while !self.is_safe(seq) {
            // Told when it is acknowledged, and after the peer has gone when it is stored.
            self.wait_acked(seq).await;
            if self.outcome(seq) == Some(Acked::PeerGone) {
                self.handler.store().wait(self.kept_commit()).await;
            }
        }
    }

    fn kept_commit(&self) -> Commit {
        Commit::numbered(self.kept_commit.load(Ordering::Acquire))
    }

    /// Stores the messages that the peer has not acknowledged. Whoever waits for them is told when they are stored.
    pub(super) fn park_and_keep(&self, store: &Store) {
        let mut after = self.complete(|queue| {
            let after = queue.park();
            let items = queue.keep_messages(|| store.fresh_number());
            let count = items.len();
            let items = items.into_iter();
            let puts = items.map(|(number, item)| away_record::put(&self.name, number, item));
            // Before anybody can see that the peer is gone; what an earlier time kept may not be stored yet.
            match store.append_all(puts) {
                Ok(commit) => {
                    self.kept_commit.fetch_max(commit.number(), Ordering::AcqRel);
                }
                Err(_) => {
                    warn!(peer = %self.name, count, "messages for a node that has gone cannot be stored: they are kept in memory");
                }
            }
            after
        });
        for notify in std::mem::take(&mut after.notify) {
            store.notify(self.kept_commit(), notify);
        }
        after.run();
    }
}

#[cfg(test)]
#[path = "away_tests.rs"]
mod tests;
