//! Retained Messages: kept in memory and stored, of clients and of peers, and brought back at a start.

use std::sync::Arc;
use std::time::Duration;

use super::broker::Broker;
use crate::cluster::{Class, convert};
use crate::message::Message;
use crate::packet::QoS;
use crate::routing::retained::{RetainedStamp, Sweeping, Swept};
use crate::storage::{Commit, QueueFull, Stored, retained_record};
use crate::time::Timestamp;
use crate::watch;

/// How often it is looked whether something was not stored, or told, that should have been.
const MISSED_INTERVAL: Duration = Duration::from_secs(1);

/// Entries stored again before others have their turn.
const AGAIN_SLICE: usize = 256;

/// What became of a message that is to be retained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retained {
    /// It is in memory, and stored with that commit.
    Stored(Commit),
    /// It is in memory, and nothing has to be waited for; or it is beyond a limit and not retained.
    InMemory,
    /// The disk does not take it, so it must not be acknowledged.
    Refused,
}

impl Broker {
    /// Retains a message of a client, when the limits allow it. An empty payload removes [MQTT-3.3.1-6].
    pub(super) fn retain(&self, message: &Arc<Message>, now: Timestamp) -> Retained {
        if !self.retained.has_room(message, &self.config.retainer) {
            self.metrics.retained_refused.inc();
            return Retained::InMemory;
        }
        // Nobody relies on a QoS 0 message: it is stored later.
        let must_be_stored = message.qos > QoS::AtMostOnce;
        if must_be_stored && self.disk.is_failing() {
            return Retained::Refused;
        }
        let stamp = RetainedStamp {
            stamp: self.next_retained_stamp(),
            node: Arc::from(self.node_name.as_str()),
        };
        let retained = match self.put_retained(message, &stamp) {
            _ if !self.disk.is_on() => Retained::InMemory,
            Ok(commit) if must_be_stored => Retained::Stored(commit),
            Ok(_) => Retained::InMemory,
            Err(_) if must_be_stored => Retained::Refused,
            Err(_) => Retained::InMemory,
        };
        // Also of one that is not acknowledged: it is in memory, and stored when there is room.
        self.tell_retained(message, &stamp, now);
        retained
    }

    /// Puts it into memory and hands it to the store, in one order.
    fn put_retained(
        &self,
        message: &Arc<Message>,
        stamp: &RetainedStamp,
    ) -> Result<Commit, QueueFull> {
        if !self.disk.is_on() {
            self.retained.put(Arc::clone(message), stamp.clone());
            return Ok(Commit::NONE);
        }
        let change = retained_record::put(message, stamp);
        let mut appended = Ok(Commit::NONE);
        self.retained
            .put_and(Arc::clone(message), stamp.clone(), || {
                appended = self.disk.append(change);
            });
        appended
    }

    pub(super) fn tell_retained(&self, message: &Message, stamp: &RetainedStamp, now: Timestamp) {
        let peers = self.links().peers();
        if peers.is_empty() {
            return;
        }
        let item = convert::retained_item(message, stamp, now);
        for peer in peers.iter() {
            if peer.send(item.clone(), Class::Reliable).is_none() {
                tracing::warn!(peer = %peer.name(), topic = %message.topic,
                    "the link is full: the peer gets a Retained Message later");
                self.retained_untold.lock().insert(peer.name().clone());
            }
        }
    }

    /// Retains a message that a peer has accepted. When the store takes no more it is stored later.
    pub(crate) fn retain_of_peer(&self, message: Message, stamp: &RetainedStamp) -> Stored {
        self.see_retained_stamp(stamp.stamp);
        self.put_retained(&Arc::new(message), stamp).into()
    }

    /// Looks at the next `limit` entries: what has expired is removed, in memory and on disk.
    pub fn sweep_retained(&self, limit: usize) -> Swept {
        let now = self.clock.now();
        if !self.disk.is_on() {
            return self.retained.sweep(now, limit);
        }
        self.retained.sweep_and(now, limit, |swept| {
            // In the order of changes, as above. What is missed is stored later, or swept again after a start.
            let _ = self.disk.append(match swept {
                Sweeping::Expired(removal, stamp) => retained_record::put(removal, stamp),
                Sweeping::Forgotten(topic) => retained_record::forget(topic),
            });
        })
    }

    /// Takes over what the store has brought back, before anything is served.
    pub(crate) fn load_retained(&self, stored: Vec<(Arc<Message>, RetainedStamp)>) {
        if let Some(last) = stored.iter().map(|(_, stamp)| stamp.stamp).max() {
            // Also when the clock was set back: what is retained from now on is later.
            self.see_retained_stamp(last);
        }
        self.retained.load(stored);
    }

    /// Stores all Retained Messages again.
    async fn store_retained_again(&self) {
        let mut after = None;
        loop {
            self.disk.room(Duration::MAX).await;
            let mut last = None;
            let mut is_full = false;
            let mut changes = 0;
            self.retained
                .page_and(after.take(), AGAIN_SLICE, |message, stamp, _| {
                    changes += 1;
                    last = Some(message.topic.clone());
                    is_full |= self
                        .disk
                        .append(retained_record::put(message, &stamp))
                        .is_err();
                });
            if is_full || changes < AGAIN_SLICE {
                return;
            }
            after = last;
            tokio::task::yield_now().await;
        }
    }
}

/// Stores again what the store had no room for, and tells peers again what their links had no room for.
pub async fn run(broker: Arc<Broker>, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(MISSED_INTERVAL);
    loop {
        tokio::select! {
            biased;
            _ = tick.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        broker.compare_retained_untold();
        if !broker.disk.is_failing() && !broker.disk.is_crowded() && broker.disk.take_missed() {
            tokio::select! {
                biased;
                () = async {
                    broker.store_retained_again().await;
                    broker.store_sessions_again().await;
                } => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
        }
    }
}
