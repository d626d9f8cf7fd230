//! How a Session moves to another node without losing, repeating or reordering a message.
//!
//! The owner exports and from that moment keeps a side log of what is still delivered to it. The new owner
//! imports, receives deliveries of its own, and merges the side log before them. `mark` and `export` belong
//! together: a message delivered between the two would be in both.

use std::collections::HashMap;
use std::sync::Arc;

use super::SessionConfig;
use super::inbound_publishes::InboundPublishes;
use super::inflight::Inflight;
use super::outbound_queue::{Limits, OutboundQueue, Pushed};
use super::packet_id::PacketIds;
use super::session::{Presence, Session, UserName};
use super::state::SessionState;
use super::switch_points::{Bringer, SwitchPoints};
use super::will::ArmedWill;

use crate::message::{Delivery, MessageId};
use crate::time::Timestamp;

/// How often there is each message.
struct Copies(HashMap<MessageId, usize, ahash::RandomState>);

impl Copies {
    fn of<'a>(deliveries: impl Iterator<Item = &'a Delivery>) -> Self {
        let mut copies = HashMap::default();
        for delivery in deliveries {
            *copies.entry(delivery.message.id).or_default() += 1;
        }
        Self(copies)
    }

    /// Takes one away; false when there is none.
    fn take(&mut self, delivery: &Delivery) -> bool {
        match self.0.get_mut(&delivery.message.id) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

impl Session {
    /// Session State as data; the Session itself does not change.
    pub fn export(&self, now: Timestamp) -> SessionState {
        SessionState {
            client_id: self.client_id.clone(),
            version: self.version,
            clean_start: self.clean_start,
            expiry: self.expiry,
            expires_in: self.expires_in(now),
            subscriptions: self
                .subscriptions
                .iter()
                .map(|(filter, options, identifier)| (filter.clone(), options, identifier))
                .collect(),
            owed_retained: self
                .moving
                .owed_retained
                .iter()
                .map(|(filter, from)| (filter.clone(), from.clone()))
                .collect(),
            queue: self.queue.iter().cloned().collect(),
            inflight: self.inflight.export(),
            awaiting_pubrel: self.inbound.export(now),
            next_packet_id: self.packet_ids.next(),
            will: self.will.as_ref().map(|armed| armed.export(now)),
            created_at: self.created_at,
            disconnected_at: self.disconnected_at(),
            username: self.username().map(str::to_owned),
            dropped: self.dropped,
            copied: self.moving.copied.iter().copied().collect(),
        }
    }

    /// A Session without a Network Connection. Session Expiry and Will Delay go on with what was left of them;
    /// if the Session was exported while connected, both begin now. The queue is taken over whole even where
    /// the limits here are lower; it shrinks to them with the next delivery.
    pub fn import(state: SessionState, config: Arc<SessionConfig>, now: Timestamp) -> Self {
        let mut session = Self::new(state.client_id, config, state.created_at);
        session.version = state.version;
        session.clean_start = state.clean_start;
        session.expiry = state.expiry;
        session.username = state.username.map(|username| UserName::boxed(&username));
        session.presence = Presence::away(
            state.disconnected_at.unwrap_or(now),
            match state.expires_in {
                Some(remaining) => Some(now + remaining),
                None => state.expiry.deadline(now),
            },
        );
        for (filter, options, identifier) in state.subscriptions {
            session.subscriptions.insert(filter, options, identifier);
        }
        for (filter, from) in state.owed_retained {
            session.owe_retained(filter, from);
        }
        // Those below are of what is under way.
        session.queue.number_from(state.inflight.len() as u64);
        for delivery in state.queue {
            session.queue.append(delivery);
        }
        session.keep_first_own();
        session.inflight = Inflight::import(state.inflight);
        session.inbound = InboundPublishes::import(state.awaiting_pubrel, now);
        session.packet_ids = PacketIds::starting_at(state.next_packet_id);
        session.will = state
            .will
            .map(|will| Box::new(ArmedWill::import(will, now)));
        session.dropped = state.dropped;
        session.remember_copied(state.copied);
        session
    }

    /// The hand-over begins: from here on [`Self::deliver`] also writes a side log. It is bounded as the queue
    /// is and drops by the same rule, as the queue of the new owner would. A log that exists is emptied.
    pub fn mark(&mut self) {
        self.moving.side_log = Some(OutboundQueue::default());
    }

    /// The side log since [`Self::mark`] or since the last call, oldest first: what [`Self::deliver`] accepted,
    /// whatever became of it in the queue. It goes on being written.
    pub fn take_since_mark(&mut self) -> Vec<Delivery> {
        if self.moving.side_log.is_none() {
            return Vec::new();
        }
        let drained = self.moving.side_log.as_mut().map(OutboundQueue::drain);
        let drained = drained.unwrap_or_default();
        drained.into_iter().map(|(_, delivery)| delivery).collect()
    }

    /// Takes the messages of Shared Subscriptions that have come since the import, out of a Session that is given up:
    /// its former owner does not have them.
    pub fn take_own_shared(&mut self) -> Vec<Delivery> {
        let first_own = self.moving.first_own;
        let own = self.queue.drain().into_iter();
        let own = own.filter(|(number, each)| *number >= first_own && each.shared.is_some());
        own.map(|(_, delivery)| delivery).collect()
    }

    /// Every message in the queue was brought along.
    fn keep_first_own(&mut self) {
        let number = self.queue.next_number();
        if number != self.moving.first_own {
            self.moving.first_own = number;
        }
    }

    /// The hand-over was given up: no side log any more.
    pub fn unmark(&mut self) {
        if self.moving.side_log.is_some() {
            self.moving.side_log = None;
            self.moving.shrink();
        }
    }

    /// Keeps back what is delivered here until [`Self::merge_side_log`]: for an import whose client is attached
    /// before the side log has come. What was imported is sent at once. The merge must follow, with an empty
    /// side log if the former owner is dead.
    pub fn await_side_log(&mut self) {
        self.keep_first_own();
        self.awaits_side_log = true;
    }

    /// The side log of the former owner: it comes before what was delivered here since the import. A message
    /// that is in both, because both owners were known to its sender for a while, is kept once (or for each Subscription
    /// that it matched), where the side log has it: a client that publishes may have gone meanwhile from a node that has
    /// changed over to this owner early to one that did so late. `switches` tells what only one of them is to bring, and so
    /// is left out where only the other has it. The limits of the queue hold.
    ///
    /// Without [`Self::await_side_log`], merge before [`Self::attach`]: what has left the queue is not compared.
    pub fn merge_side_log(
        &mut self,
        mut side_log: Vec<Delivery>,
        switches: &SwitchPoints,
        now: Timestamp,
    ) {
        self.awaits_side_log = false;
        let first_own = self.moving.first_own;
        let (own, imported): (Vec<_>, Vec<_>) = self
            .queue
            .drain()
            .into_iter()
            .partition(|(number, _)| *number >= first_own);
        let mut brought = Copies::of(own.iter().map(|(_, delivery)| delivery).filter(|delivery| {
            delivery.shared.is_none() && switches.bringer(delivery) == Bringer::NewOwner
        }));
        side_log.retain(|delivery| {
            delivery.shared.is_some()
                || switches.bringer(delivery) != Bringer::NewOwner
                || brought.take(delivery)
        });
        let of_all = side_log.iter().filter(|delivery| delivery.shared.is_none());
        let mut logged = Copies::of(of_all);
        let is_only_here = |(_, delivery): &(u64, Delivery)| {
            delivery.shared.is_some()
                || (switches.bringer(delivery) != Bringer::OldOwner && !logged.take(delivery))
        };
        let own: Vec<_> = own.into_iter().filter(is_only_here).collect();
        for (_, delivery) in imported {
            self.queue.append(delivery);
        }
        let limits = Limits::from(&*self.config);
        let own = own.into_iter().map(|(_, delivery)| delivery);
        for delivery in side_log.into_iter().chain(own) {
            if delivery.message.is_expired(now) {
                self.dropped += 1;
                continue;
            }
            match self.queue.push(delivery, limits) {
                Pushed::Waits { dropped } => self.dropped += dropped as u64,
                Pushed::Refused => self.dropped += 1,
            }
        }
        self.keep_first_own();
    }
}
