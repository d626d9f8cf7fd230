//! What is sent to the client: answers first, then what must be sent again, then what waits.

use std::collections::VecDeque;

use super::inflight::Inflight;
use super::journal::{Journal, SessionChange};
use super::outbound_queue::OutboundQueue;
use super::seldom::Empty;
use super::session::{Presence, Session};
use super::topic_alias::ServerAliases;
use super::{OutgoingPublish, Transmit, expiry};
use crate::message::Delivery;
use crate::packet::{Acknowledgement, Packet, PacketId, QoS};
use crate::time::Timestamp;

/// An answer to the client. Small, because many can wait.
#[derive(Debug)]
pub(super) enum Reply {
    PubRel(PacketId),
    PubComp(PacketId),
    PingResp,
    /// SUBACK or UNSUBACK.
    Packet(Box<Packet>),
}

impl Empty for VecDeque<Reply> {
    fn empty() -> &'static Self {
        static EMPTY: VecDeque<Reply> = VecDeque::new();
        &EMPTY
    }

    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

impl Session {
    /// Puts as much as there is room for into the sink: acknowledgements first, then retransmissions, then
    /// queued messages within the client's Receive Maximum and `inflight_max`. Returns whether something
    /// remains that could be sent now.
    ///
    /// Queued messages leave strictly in order: one of QoS 1 or 2 that must wait holds those behind it, also of
    /// QoS 0 [MQTT-4.6.0-6]. Expired ones are dropped; one larger than the client's Maximum Packet Size is
    /// treated as if it had been sent [MQTT-3.1.2-25]. Both count as dropped.
    pub fn poll_transmit(&mut self, now: Timestamp, sink: &mut dyn Transmit) -> bool {
        if self.send_answers(sink) && self.send_again(now, sink) {
            self.send_queued(now, sink);
        }
        self.has_output()
    }

    /// Whether [`Self::poll_transmit`] has something to send now.
    pub fn has_output(&self) -> bool {
        let Presence::Connected(link) = &self.presence else {
            return false;
        };
        if link.is_closing {
            return false;
        }
        !link.replies.is_empty()
            || self.inbound.has_owed()
            || self.inflight.next_resend(0).is_some()
            || self.next_may_leave()
    }

    /// Whether the sink has room for more.
    fn send_answers(&mut self, sink: &mut dyn Transmit) -> bool {
        let Presence::Connected(link) = &mut self.presence else {
            return false;
        };
        if link.is_closing {
            return false;
        }
        while let Some(acknowledgement) = self.inbound.next_owed() {
            if !sink.has_room() {
                return false;
            }
            if matches!(acknowledgement, Packet::PubRec(_)) {
                Journal::wait_for_store(&mut self.queue.journal);
            }
            sink.packet(&acknowledgement);
            self.inbound.owed_sent();
        }
        while !link.replies.is_empty() {
            if !sink.has_room() {
                return false;
            }
            let reply = link.replies.pop_front();
            if !matches!(reply, Some(Reply::PingResp)) {
                Journal::wait_for_store(&mut self.queue.journal);
            }
            match reply {
                None => {}
                Some(Reply::PubRel(packet_id)) => {
                    sink.packet(&Packet::PubRel(Acknowledgement::success(packet_id)));
                }
                Some(Reply::PubComp(packet_id)) => {
                    sink.packet(&Packet::PubComp(Acknowledgement::success(packet_id)));
                }
                Some(Reply::PingResp) => sink.packet(&Packet::PingResp),
                Some(Reply::Packet(packet)) => sink.packet(&packet),
            }
        }
        if self.inflight.len() == 0 {
            // A client that seldom has an answer coming keeps no room for them.
            link.replies.shrink();
        }
        true
    }

    /// Retransmission, in the original order and with the original Packet Identifiers, of what has expired too:
    /// the client may have it already. Whether the sink has room for more and all was sent again.
    fn send_again(&mut self, now: Timestamp, sink: &mut dyn Transmit) -> bool {
        let Presence::Connected(link) = &mut self.presence else {
            return false;
        };
        let mut from = 0;
        while let Some((index, packet_id, delivery)) = self.inflight.next_resend(from) {
            if !sink.has_room() {
                return false;
            }
            if delivery.is_none_or(|delivery| delivery.qos == QoS::ExactlyOnce) {
                Journal::wait_for_store(&mut self.queue.journal);
            }
            let is_sent = match delivery {
                Some(delivery) => {
                    let what = (Some(packet_id), true);
                    send_publish(delivery, what, &mut link.server_aliases, now, sink)
                }
                None => {
                    sink.packet(&Packet::PubRel(Acknowledgement::success(packet_id)));
                    true
                }
            };
            if is_sent {
                self.inflight.resent(index);
                from = index + 1;
            } else {
                let gone = self.inflight.remove(index);
                self.dropped += 1;
                from = index;
                if let (Some(number), Some(journal)) = (gone, &mut self.queue.journal) {
                    journal.note(SessionChange::Done {
                        number,
                        was_sent: true,
                    });
                }
            }
        }
        !self.inflight.is_resending()
    }

    fn send_queued(&mut self, now: Timestamp, sink: &mut dyn Transmit) {
        loop {
            if self.drop_expired(now) {
                continue;
            }
            if !self.next_may_leave() || !sink.has_room() {
                return;
            }
            if self.send_run(sink) {
                continue;
            }
            let Presence::Connected(link) = &mut self.presence else {
                return;
            };
            let Some((number, delivery)) = self.queue.pop() else {
                return;
            };
            let aliases = &mut link.server_aliases;
            let is_sent = if delivery.qos == QoS::AtMostOnce {
                send_publish(&delivery, (None, false), aliases, now, sink)
            } else {
                let Some(packet_id) = self.packet_ids.allocate(self.inflight.packet_ids()) else {
                    // The inflight window is narrower than the range of identifiers: one is always free.
                    return;
                };
                let is_sent = send_publish(&delivery, (Some(packet_id), false), aliases, now, sink);
                if is_sent {
                    if delivery.qos == QoS::ExactlyOnce {
                        Journal::wait_for_store(&mut self.queue.journal);
                    }
                    self.inflight.sent(packet_id, number, delivery);
                    self.note(|| SessionChange::Sent { number, packet_id });
                } else {
                    self.note(|| SessionChange::Done {
                        number,
                        was_sent: false,
                    });
                }
                is_sent
            };
            if !is_sent {
                self.dropped += 1;
            }
        }
    }

    /// Sends the oldest messages when they are encoded already, or will be for other clients. Whether any was sent.
    fn send_run(&mut self, sink: &mut dyn Transmit) -> bool {
        let Presence::Connected(link) = &self.presence else {
            return false;
        };
        if !link.server_aliases.are_off() || self.awaits_side_log {
            return false;
        }
        let sent = match self.queue.front_run() {
            Some((run, from)) => sink.publish_run(run, from),
            None => 0,
        };
        if sent > 0 {
            self.queue.skip_in_front_run(sent);
        }
        sent > 0
    }

    /// Drops the oldest queued message if it has expired [MQTT-3.3.2-5]. The Packet Identifier that it would have had
    /// is left out, as with mosquitto: a gap says that something expired.
    fn drop_expired(&mut self, now: Timestamp) -> bool {
        let expired = next_of(&self.queue, self.awaits_side_log, self.moving.first_own)
            .filter(|delivery| delivery.message.is_expired(now));
        if expired.is_none() {
            return false;
        }
        self.dropped += 1;
        if let Some((number, delivery)) = self.queue.pop()
            && delivery.qos > QoS::AtMostOnce
        {
            self.packet_ids.skip();
            self.note(|| SessionChange::Done {
                number,
                was_sent: false,
            });
        }
        true
    }

    // Asked for each message; by itself the compiler makes calls of it when much else is in the callers.
    #[inline(always)]
    fn next_may_leave(&self) -> bool {
        let has_room = |inflight: &Inflight| inflight.has_room(self.config.inflight_max);
        !self.inflight.is_resending()
            && next_of(&self.queue, self.awaits_side_log, self.moving.first_own)
                .is_some_and(|delivery| delivery.qos == QoS::AtMostOnce || has_room(&self.inflight))
    }
}

/// The oldest queued message, unless it must wait for those of the former owner.
#[inline(always)]
fn next_of(queue: &OutboundQueue, awaits_side_log: bool, first_own: u64) -> Option<&Delivery> {
    let (number, delivery) = queue.front()?;
    (!awaits_side_log || number < first_own).then_some(delivery)
}

/// `false` when it is too large for the client.
fn send_publish(
    delivery: &Delivery,
    (packet_id, dup): (Option<PacketId>, bool),
    aliases: &mut ServerAliases,
    now: Timestamp,
    sink: &mut dyn Transmit,
) -> bool {
    let message = &*delivery.message;
    let alias = aliases.choose(&message.topic);
    let is_sent = sink.publish(&OutgoingPublish {
        packet_id,
        dup,
        topic_alias: alias.map(|alias| alias.number),
        topic_known: alias.is_some_and(|alias| alias.is_known),
        expires_in_s: expiry::remaining_s(message, now),
        ..OutgoingPublish::of(delivery)
    });
    if is_sent && alias.is_some_and(|alias| !alias.is_known) {
        aliases.assign(&message.topic);
    }
    is_sent
}
