//! Two copies of one Session, which two nodes served while they did not see each other, become one again.

use std::collections::HashSet;

use super::Session;
use super::state::InflightState;
use crate::message::{Delivery, MessageId};
use crate::time::Timestamp;

impl Session {
    /// The messages that the client has not acknowledged, then those that wait; oldest first.
    pub fn undelivered(&self) -> Vec<Delivery> {
        let sent = self.inflight.export().into_iter();
        let sent = sent.filter_map(|(_, state)| match state {
            InflightState::Published(delivery) => Some(delivery),
            InflightState::Released => None,
        });
        sent.chain(self.queue.iter().cloned()).collect()
    }

    /// The Session begins to be served from a copy that had these messages: [`Self::absorb`] leaves them out from now on,
    /// whatever becomes of them.
    pub fn remember_copied(&mut self, messages: impl IntoIterator<Item = MessageId>) {
        let mut messages = messages.into_iter().peekable();
        if messages.peek().is_some() {
            self.moving.copied.extend(messages);
        }
    }

    /// The Session has all that its former owner had: [`Self::absorb`] leaves out what waits now, whatever becomes of it, should
    /// that node come back with it. Returns what is to be [forgotten](Self::forget_given) when it cannot any more.
    pub fn remember_given(&mut self) -> Vec<MessageId> {
        let waiting = self.undelivered().into_iter();
        let given = waiting.map(|delivery| delivery.message.id);
        let given: Vec<_> = given.collect();
        if given.is_empty() {
            return given;
        }
        let copied = &mut self.moving.copied;
        given.into_iter().filter(|id| copied.insert(*id)).collect()
    }

    /// The former owner has let go of the Session.
    pub fn forget_given(&mut self, given: &[MessageId]) {
        if given.is_empty() {
            return;
        }
        for id in given {
            self.moving.copied.remove(id);
        }
        self.moving.shrink();
    }

    /// Puts the messages of another copy of this Session behind those that wait, without those that are here already.
    /// Returns how many were dropped for want of room, or because they have expired.
    pub fn absorb(&mut self, others: Vec<Delivery>, now: Timestamp) -> u64 {
        let known: HashSet<MessageId> = self
            .undelivered()
            .iter()
            .map(|delivery| delivery.message.id)
            .collect();
        let dropped_before = self.dropped;
        for delivery in others {
            let id = delivery.message.id;
            if !known.contains(&id) && !self.moving.copied.contains(&id) {
                self.deliver(delivery, now);
            }
        }
        self.dropped - dropped_before
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Recorder, at, connected, delivery};
    use std::sync::Arc;

    use super::*;
    use crate::packet::ProtocolVersion;

    fn numbers(session: &Session) -> Vec<u64> {
        let waiting = session.undelivered();
        waiting.iter().map(|each| each.message.id.number).collect()
    }

    #[test]
    fn each_message_of_both_copies_is_there_once() {
        let mut stays = connected(ProtocolVersion::V5);
        let mut goes = connected(ProtocolVersion::V5);
        for number in [1, 2, 3] {
            stays.deliver(delivery(number, 1), at(0));
        }
        for number in [9, 2, 8] {
            goes.deliver(delivery(number, 1), at(0));
        }
        // Under way to the client counts as well as waiting.
        stays.poll_transmit(at(0), &mut Recorder::default());
        goes.poll_transmit(at(0), &mut Recorder::default());
        goes.deliver(delivery(7, 2), at(0));
        assert_eq!(stays.absorb(goes.undelivered(), at(0)), 0);
        assert_eq!(numbers(&stays), [1, 2, 3, 9, 8, 7]);
    }

    #[test]
    fn what_a_former_owner_has_given_it_does_not_bring_again_until_it_has_let_go() {
        let mut former = connected(ProtocolVersion::V5);
        for number in [1, 2] {
            former.deliver(delivery(number, 1), at(0));
        }
        let mut session = Session::import(former.export(at(0)), Arc::default(), at(0));
        session.remember_copied([delivery(1, 1).message.id]);
        let given = session.remember_given();
        assert_eq!(given, [delivery(2, 1).message.id]);
        session.queue.drain();
        former.deliver(delivery(3, 1), at(0));
        session.absorb(former.undelivered(), at(0));
        assert_eq!(numbers(&session), [3]);
        session.forget_given(&given);
        session.queue.drain();
        // What an earlier owner may bring is not forgotten.
        session.absorb(former.undelivered(), at(0));
        assert_eq!(numbers(&session), [2, 3]);
    }

    #[test]
    fn what_a_copy_had_is_not_brought_again_wherever_the_session_has_moved() {
        let mut owner = connected(ProtocolVersion::V5);
        for number in [1, 2] {
            owner.deliver(delivery(number, 1), at(0));
        }
        let ids = owner.undelivered().into_iter().map(|each| each.message.id);
        let mut copy = connected(ProtocolVersion::V5);
        copy.remember_copied(ids);
        let mut moved = Session::import(copy.export(at(0)), Arc::default(), at(0));
        owner.deliver(delivery(3, 1), at(0));
        moved.absorb(owner.undelivered(), at(0));
        assert_eq!(numbers(&moved), [3]);
    }
}
