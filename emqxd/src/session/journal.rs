//! What has changed of a Session since whoever stores it looked last, change by change.
//!
//! QoS 0 messages are never in it: nobody relies on them.

use std::ops::Range;

use super::session::Session;
use crate::message::Delivery;
use crate::packet::PacketId;
use crate::time::Timestamp;
use crate::topic::TopicFilter;

/// A part of a Session that has changed. Messages go by their number in the queue, which no other message of the Session
/// ever has.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionChange {
    /// What no other one names: see [`StoredHead`](super::stored::StoredHead).
    Head,
    /// A Subscription was made or replaced.
    Subscribed(TopicFilter),
    /// A Subscription has ended.
    Unsubscribed(TopicFilter),
    /// A message waits for the client.
    Queued {
        /// Of the message.
        number: u64,
        /// The message.
        delivery: Delivery,
    },
    /// It was sent, or is about to be, and is not acknowledged.
    Sent {
        /// Of the message.
        number: u64,
        /// Its Packet Identifier.
        packet_id: PacketId,
    },
    /// PUBREC has come for it: the message itself is not needed any more.
    Released {
        /// Of the message.
        number: u64,
        /// Its Packet Identifier.
        packet_id: PacketId,
    },
    /// It is done with: acknowledged, expired or dropped.
    Done {
        /// Of the message.
        number: u64,
        /// Whether it had a Packet Identifier.
        was_sent: bool,
    },
    /// A QoS 2 message of the client was taken; its PUBREL is awaited.
    Taken {
        /// Of the client's PUBLISH.
        packet_id: PacketId,
        /// When it was taken.
        since: Timestamp,
    },
    /// Nothing is known of that Packet Identifier any more.
    Forgotten {
        /// Of the client's PUBLISH.
        packet_id: PacketId,
    },
}

/// Changes in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Journal {
    changes: Vec<SessionChange>,
    has_new_head: bool,
    /// Something was sent that the client may not see before what led to it is stored.
    waits_for_store: bool,
}

impl Journal {
    /// Out of the way of the many Sessions that are not stored.
    #[cold]
    #[inline(never)]
    pub(super) fn note(&mut self, change: SessionChange) {
        self.changes.push(change);
    }

    pub(super) const fn note_head(&mut self) {
        self.has_new_head = true;
    }

    /// What is sent now must not leave before all changes are stored, when changes are noted.
    pub(super) fn wait_for_store(journal: &mut Option<Box<Self>>) {
        if let Some(journal) = journal {
            journal.waits_for_store = true;
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn done(&mut self, numbers: Range<u64>) {
        self.changes
            .extend(numbers.map(|number| SessionChange::Done {
                number,
                was_sent: false,
            }));
    }
}

impl Session {
    /// From now on changes are noted, until [`Self::stop_journal`]. What the Session is now, [`Self::parts`] tells.
    pub fn start_journal(&mut self) {
        self.queue.journal = Some(Box::default());
    }

    /// No changes are noted any more.
    pub fn stop_journal(&mut self) {
        self.queue.journal = None;
    }

    /// Changes since the last call, in their order; none while they are not noted.
    pub fn take_changes(&mut self) -> Vec<SessionChange> {
        let Some(journal) = &mut self.queue.journal else {
            return Vec::new();
        };
        let mut changes = std::mem::take(&mut journal.changes);
        if std::mem::take(&mut journal.has_new_head) {
            changes.push(SessionChange::Head);
        }
        changes
    }

    /// Adds a change, when changes are noted.
    pub(super) fn note(&mut self, change: impl FnOnce() -> SessionChange) {
        if let Some(journal) = &mut self.queue.journal {
            journal.note(change());
        }
    }

    pub(super) fn note_head(&mut self) {
        if let Some(journal) = &mut self.queue.journal {
            journal.note_head();
        }
    }

    /// Whether something was sent since the last call that must not leave before all changes are stored: packets of QoS 2,
    /// of which each is sent once only while both sides know how far they are, SUBACK and UNSUBACK.
    pub fn take_waits_for_store(&mut self) -> bool {
        let journal = self.queue.journal.as_mut();
        journal.is_some_and(|journal| std::mem::take(&mut journal.waits_for_store))
    }

    /// All that is stored of the Session, as if it were new.
    pub fn parts(&self) -> Vec<SessionChange> {
        let mut parts = vec![SessionChange::Head];
        let subscriptions = self.subscriptions.iter();
        parts.extend(subscriptions.map(|(filter, ..)| SessionChange::Subscribed(filter.clone())));
        for (number, packet_id, delivery) in self.inflight.iter() {
            match delivery {
                Some(delivery) => parts.extend([
                    SessionChange::Queued {
                        number,
                        delivery: delivery.clone(),
                    },
                    SessionChange::Sent { number, packet_id },
                ]),
                None => parts.push(SessionChange::Released { number, packet_id }),
            }
        }
        let queued = self.queue.acknowledged();
        parts.extend(queued.map(|(number, delivery)| SessionChange::Queued {
            number,
            delivery: delivery.clone(),
        }));
        let taken = self.inbound.taken();
        parts.extend(taken.map(|(packet_id, since)| SessionChange::Taken { packet_id, since }));
        parts
    }
}
