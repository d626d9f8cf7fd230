//! What a client has sent together is carried out: first what can be done at once, then what takes time.

use std::time::Duration;
use std::vec;

use tokio::time::timeout;

use super::super::ending::End;
use super::Connection;
use crate::node::publish::{AckWait, BURST_MAX};
use crate::packet::{DecodeError, Packet, PacketId, ProtocolVersion, QoS, ReasonCode};
use crate::session::{Action, Inbound, Violation};
use crate::time::Timestamp;

/// After messages for this many Sessions, others of the worker have their turn: one read can bring thousands of
/// messages, each for thousands of Sessions.
const RECEIVERS_BEFORE_YIELD: usize = 1_000;

/// While much waits for the disk, whoever publishes more that may be stored waits up to this long before each burst.
const STORE_ROOM_TIMEOUT: Duration = Duration::from_secs(1);

/// A new Subscription is acknowledged when the peers know it, or after this.
const INTEREST_TIMEOUT: Duration = Duration::from_secs(1);

/// What packets that were read together ask for.
pub(super) struct Round {
    actions: vec::IntoIter<Action>,
    now: Timestamp,
    /// Of messages since others had their turn.
    receivers: usize,
    /// The next message may be stored, and much waits for the disk.
    wants_room: bool,
    /// Messages that nothing has to be waited for.
    done: Vec<(PacketId, ReasonCode)>,
    /// Peers that do not know of new Subscriptions yet.
    interest: AckWait,
    violation: Option<Violation>,
    closing: bool,
    /// Behind the packets.
    fault: Option<DecodeError>,
}

impl Connection {
    /// Gives packets to the Session and carries out what it asks for. Returns what is not done at once, to be
    /// [completed](Self::complete).
    pub(super) fn handle(
        &mut self,
        mut packets: Vec<Packet>,
        fault: Option<DecodeError>,
    ) -> Result<Option<Box<Round>>, End> {
        let now = self.broker.clock.now();
        let mut actions = Vec::new();
        let mut violation = None;
        if !packets.is_empty() {
            self.broker
                .metrics
                .packets_received
                .add(packets.len() as u64);
            let mut state = self.session.lock();
            if state.connection != self.number {
                return Err(End::Displaced);
            }
            for packet in packets.drain(..) {
                if let Err(broken) = state.session.handle_packet(packet, now, &mut actions) {
                    violation = Some(broken);
                    break;
                }
            }
        }
        let mut round = Round {
            actions: actions.into_iter(),
            now,
            receivers: 0,
            wants_room: false,
            done: Vec::new(),
            interest: AckWait::default(),
            violation,
            closing: false,
            fault,
        };
        if self.carry_out(&mut round) && round.interest.is_empty() {
            return self.end_of(&round).map_or(Ok(None), Err);
        }
        Ok(Some(Box::new(round)))
    }

    /// Does what takes time.
    pub(super) async fn complete(&mut self, mut round: Box<Round>) -> Result<(), End> {
        while !self.carry_out(&mut round) {
            if round.wants_room {
                self.broker.disk.room(STORE_ROOM_TIMEOUT).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
        if !round.interest.is_empty() {
            // A client that has its SUBACK may rely on any node to know the Subscription.
            let _ = timeout(INTEREST_TIMEOUT, round.interest.wait(&self.broker.disk)).await;
        }
        self.end_of(&round).map_or(Ok(()), Err)
    }

    /// Carries actions out until none is left (true) or others have to have their turn (false).
    fn carry_out(&mut self, round: &mut Round) -> bool {
        let is_route = |next: Option<&Action>| matches!(next, Some(Action::Route(_)));
        loop {
            if round.receivers >= RECEIVERS_BEFORE_YIELD
                && is_route(round.actions.as_slice().first())
            {
                round.receivers = 0;
                return false;
            }
            let is_stored = |next: Option<&Action>| {
                matches!(next,
                Some(Action::Route(inbound)) if inbound.message.retain || inbound.packet_id.is_some())
            };
            // It waits once for each burst, however long the disk takes.
            let has_waited = std::mem::take(&mut round.wants_room);
            if !has_waited
                && is_stored(round.actions.as_slice().first())
                && self.broker.disk.is_crowded()
            {
                round.wants_room = true;
                return false;
            }
            let Some(action) = round.actions.next() else {
                break;
            };
            match action {
                Action::Route(inbound) => self.route(inbound, round),
                Action::Subscribed {
                    filter,
                    options,
                    identifier,
                    existed,
                } => {
                    round.interest.join(self.broker.subscribe(
                        &self.session,
                        &filter,
                        options,
                        identifier,
                        existed,
                    ));
                }
                Action::CloseNormally => round.closing = true,
                other => self.broker.carry_out(&self.session, other),
            }
        }
        if !round.done.is_empty() {
            let mut state = self.session.lock();
            for (packet_id, code) in round.done.drain(..) {
                state.session.publish_done(packet_id, code, round.now);
            }
        }
        true
    }

    /// Routes a message, together with those behind it that have the same Topic Name.
    fn route(&mut self, first: Inbound, round: &mut Round) {
        let topic = first.message.topic.clone();
        let mut next = Some(first);
        let mut room = BURST_MAX;
        let Round {
            actions,
            done,
            violation,
            ..
        } = round;
        // Before 5.0 a client cannot be told that its message is refused.
        let ends_when_refused = self.writer.version() != ProtocolVersion::V5;
        let burst = std::iter::from_fn(|| {
            let inbound = next.take()?;
            room -= 1;
            let is_one_more = room > 0
                && matches!(actions.as_slice().first(),
                    Some(Action::Route(more)) if more.message.topic == topic);
            if is_one_more && let Some(Action::Route(more)) = actions.next() {
                next = Some(more);
            }
            let to_answer = (inbound.packet_id, inbound.message.qos);
            Some((inbound.message, to_answer))
        });
        let (session, pending) = (&self.session, &mut self.pending);
        let disk = &self.broker.disk;
        let receivers = self
            .broker
            .publish_all(burst, Some(session), |(packet_id, qos), routed| {
                let Some(packet_id) = packet_id else {
                    return;
                };
                if routed.is_refused && ends_when_refused {
                    // [MQTT-3.3.5-2] of 3.1.1
                    violation.get_or_insert(Violation {
                        code: routed.code,
                        reason: "a message cannot be taken now: too much waits for the disk or for another node",
                    });
                }
                let is_behind_none = pending.as_ref().is_none_or(|pending| pending.is_empty());
                // That a QoS 2 message was taken is stored behind the message, and PUBREC waits for that.
                let is_stored_with_session =
                    qos == QoS::ExactlyOnce && session.is_kept() && routed.wait.is_local();
                if (routed.wait.is_empty() || is_stored_with_session) && is_behind_none {
                    done.push((packet_id, routed.code));
                } else {
                    routed.wait.notify(session, disk);
                    let pending = pending.get_or_insert_default();
                    pending.push_back((packet_id, routed.code, routed.wait));
                }
            });
        round.receivers += receivers;
    }

    pub(super) fn has_pending(&self) -> bool {
        self.pending
            .as_ref()
            .is_some_and(|pending| !pending.is_empty())
    }

    /// Why the connection ends after a round, if it does.
    fn end_of(&self, round: &Round) -> Option<End> {
        let metrics = &self.broker.metrics;
        if let Some(violation) = &round.violation {
            metrics.protocol_errors.inc();
            return Some(End::Fault(violation.code, violation.reason.to_owned()));
        }
        if round.closing {
            return Some(End::ByClient);
        }
        let fault = round.fault.as_ref()?;
        metrics.malformed_packets.inc();
        Some(End::Fault(fault.reason_code(), fault.to_string()))
    }
}
