//! Messages of one publisher to one Topic Name that came together: each receiver is visited once for all of them.
//!
//! A visit costs more than a message: a lock, memory that another processor had, a bell. What many receivers get alike
//! is held, and encoded, once for all of them ([`DeliveryRun`]).

use std::sync::Arc;

use smallvec::SmallVec;

use super::session_cell::{Put, SessionHandle};
use crate::message::Message;
use crate::routing::router::Match;
use crate::session::delivery_run::DeliveryRun;
use crate::time::Timestamp;

/// For so many receivers it is worth to hold what they get alike once.
const ALIKE_MIN: usize = 8;

/// So many ways to get the messages are told apart; who has yet another one gets messages of its own.
const WAYS_MAX: usize = 4;

/// Messages on their way to their receivers.
pub(super) struct Burst<'a> {
    messages: &'a [Arc<Message>],
    is_for_many: bool,
    ways: SmallVec<[Way<'a>; WAYS_MAX]>,
}

/// What those receivers get whose Subscriptions were granted alike.
struct Way<'a> {
    granted: &'a Match<SessionHandle>,
    runs: Vec<Arc<DeliveryRun>>,
}

impl<'a> Burst<'a> {
    /// For so many receivers.
    pub(super) fn new(messages: &'a [Arc<Message>], receivers: usize) -> Self {
        Self {
            messages,
            is_for_many: receivers >= ALIKE_MIN,
            ways: SmallVec::new(),
        }
    }

    /// Puts the messages into a Session. Nothing happens when the Session is
    /// not here any more: it has moved, and its new node is among those that the messages are forwarded to, or it has
    /// ended.
    pub(super) fn give(&mut self, found: &'a Match<SessionHandle>, now: Timestamp) -> Put {
        if self.is_for_many
            && let Some(runs) = self.runs_for(found)
        {
            return found.subscriber.deliver_runs(runs, now);
        }
        let deliveries = self
            .messages
            .iter()
            .map(|message| found.delivery_of(message));
        found.subscriber.deliver_each(deliveries, now)
    }

    fn runs_for(&mut self, found: &'a Match<SessionHandle>) -> Option<&[Arc<DeliveryRun>]> {
        let is_alike = |way: &Way<'_>| way.granted.is_granted_as(found);
        let at = match self.ways.iter().position(is_alike) {
            Some(at) => at,
            None if self.ways.len() == WAYS_MAX => return None,
            None => {
                let deliveries = self
                    .messages
                    .iter()
                    .map(|message| found.delivery_of(message));
                self.ways.push(Way {
                    granted: found,
                    runs: DeliveryRun::divide(deliveries),
                });
                self.ways.len() - 1
            }
        };
        self.ways.get(at).map(|way| way.runs.as_slice())
    }
}
