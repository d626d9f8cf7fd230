//! Memory that a Session holds and does not need: expired messages in its queue, and room for messages that have gone.

use super::Session;
use super::outbound_queue::QueuePlace;
use super::session::Presence;
use crate::packet::QoS;
use crate::time::Timestamp;

/// What one call of [`Session::reclaim`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reclaimed {
    /// Expired messages that were dropped [MQTT-3.3.2-5].
    pub messages: usize,
    /// Whether room was given back.
    pub shrunk: bool,
    /// Entries of the queue that were looked at.
    pub looked_at: usize,
    /// Where the next call goes on; `None` when the Session is done.
    pub next: Option<QueuePlace>,
}

impl Session {
    /// Drops expired messages from a part of the queue, some `entries` entries from `from` on, so that whoever waits for
    /// the Session does not wait for a long queue. At its end gives back what an idle Session does not need.
    ///
    /// A Session on its way between nodes is left alone: which of its messages both nodes hold is being settled.
    pub fn reclaim(&mut self, from: QueuePlace, entries: usize, now: Timestamp) -> Reclaimed {
        let mut reclaimed = Reclaimed::default();
        if self.awaits_side_log || self.moving.side_log.is_some() || self.has_ended {
            return reclaimed;
        }
        if self.queue.len() > 0 {
            let (packet_ids, messages) = (&mut self.packet_ids, &mut reclaimed.messages);
            let (looked_at, next) = self.queue.drop_expired(from, entries, now, |delivery| {
                *messages += 1;
                if delivery.qos > QoS::AtMostOnce {
                    // As when it expires in front of the queue: the gap tells the client.
                    packet_ids.skip();
                }
            });
            self.dropped += reclaimed.messages as u64;
            reclaimed.looked_at = looked_at;
            reclaimed.next = next;
        }
        if reclaimed.next.is_none() && self.queue.is_shrinkable() {
            self.queue.shrink();
            reclaimed.shrunk = true;
        }
        if let Presence::Connected(link) = &mut self.presence {
            link.replies.shrink();
        }
        reclaimed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::*;
    use super::*;
    use crate::message::{Delivery, Message};
    use crate::session::{Detach, SessionExpiry};

    fn expiring(number: u64, qos_bits: u8, at_ms: Option<u64>) -> Delivery {
        delivery_of(Message {
            expires_at: at_ms.map(at),
            ..message(number, qos_bits)
        })
    }

    fn away() -> Session {
        let mut attach = attach(V5);
        attach.expiry = SessionExpiry::Never;
        let mut session = connected_with(crate::session::SessionConfig::default(), attach);
        detach(&mut session, Detach::Normal, at(0));
        session
    }

    /// All of it, in calls of so many entries.
    fn reclaim_all(session: &mut Session, entries: usize, now: Timestamp) -> usize {
        let mut messages = 0;
        let mut from = Some(QueuePlace::default());
        while let Some(place) = from {
            let reclaimed = session.reclaim(place, entries, now);
            // A block at least.
            assert!(reclaimed.looked_at <= entries.next_multiple_of(64));
            messages += reclaimed.messages;
            from = reclaimed.next;
        }
        messages
    }

    proptest! {
        /// What is left, and the Packet Identifiers that it gets, is as if nothing had been dropped before its turn.
        #[test]
        fn what_has_expired_goes_and_nothing_else(
            messages in prop::collection::vec((0u8..3, prop::option::of(1u64..20)), 0..300),
            entries in 1usize..200,
        ) {
            let deliveries: Vec<Delivery> = (0..)
                .zip(&messages)
                .map(|(number, (qos_bits, expires))| expiring(number, *qos_bits, *expires))
                .collect();
            let mut session = away();
            for delivery in &deliveries {
                session.deliver(delivery.clone(), at(0));
            }
            let now = at(10);
            let left: Vec<u64> = deliveries
                .iter()
                .filter(|delivery| !delivery.message.is_expired(now))
                .map(|delivery| delivery.message.id.number)
                .collect();
            let dropped = reclaim_all(&mut session, entries, now);
            prop_assert_eq!(dropped, deliveries.len() - left.len());
            prop_assert_eq!(session.stats().dropped, dropped as u64);
            prop_assert_eq!(session.stats().queued, left.len());
            prop_assert_eq!(reclaim_all(&mut session, entries, now), 0);
            let queued: Vec<u64> = session.queue.drain().iter().map(|(_, each)| each.message.id.number).collect();
            prop_assert_eq!(queued, left);
        }
    }

    #[test]
    fn the_gap_in_packet_identifiers_stays() {
        let mut session = away();
        for (number, expires) in [(1, Some(5)), (2, None), (3, Some(5))] {
            session.deliver(expiring(number, 1, expires), at(0));
        }
        assert_eq!(reclaim_all(&mut session, 64, at(10)), 2);
        session.attach(attach(V5), at(10));
        assert_eq!(transmit(&mut session, at(10)), [publish_sent(2, 3)]);
    }

    #[test]
    fn a_queue_is_walked_over_only_when_something_may_have_expired() {
        let mut session = away();
        for number in 0..100 {
            session.deliver(delivery(number, 1), at(0));
        }
        let looked_at = |session: &mut Session, now| {
            let from = QueuePlace::default();
            session.reclaim(from, 1_000, at(now)).looked_at
        };
        assert_eq!(looked_at(&mut session, 1_000_000), 0);
        session.deliver(expiring(100, 1, Some(5)), at(0));
        session.deliver(expiring(101, 1, Some(50)), at(0));
        assert_eq!(looked_at(&mut session, 4), 0);
        assert_eq!(looked_at(&mut session, 5), 102);
        assert_eq!(looked_at(&mut session, 49), 0);
        assert_eq!(looked_at(&mut session, 50), 101);
        assert_eq!(looked_at(&mut session, 1_000_000), 0);
    }

    #[test]
    fn an_idle_client_keeps_no_room() {
        let mut session = connected(V5);
        session.deliver(delivery(1, 0), at(0));
        transmit(&mut session, at(0));
        let reclaimed = session.reclaim(QueuePlace::default(), 64, at(0));
        assert!(reclaimed.shrunk);
        let again = session.reclaim(QueuePlace::default(), 64, at(0));
        assert_eq!(again, Reclaimed::default());
    }

    #[test]
    fn a_session_on_its_way_is_left_alone() {
        let mut session = away();
        session.deliver(expiring(1, 1, Some(5)), at(0));
        session.mark();
        assert_eq!(reclaim_all(&mut session, 64, at(10)), 0);
    }
}
