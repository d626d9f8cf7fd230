//! PUBLISHes of the client under way: which acknowledgements are owed and which QoS 2 messages are not released.

use std::collections::VecDeque;
use std::num::NonZeroU16;
use std::time::Duration;

use super::Violation;
use super::receive_maximum::ReceiveMaximum;
use super::seldom::{Empty, Seldom};
use crate::packet::{Acknowledgement, Packet, PacketId, ProtocolVersion, ReasonCode};
use crate::time::Timestamp;

/// Acknowledgements owed at once, at most: as many as there are Packet Identifiers. A client that goes beyond
/// sends PUBLISHes without reading the answers and is disconnected.
const OWED_MAX: usize = u16::MAX as usize;

/// State of the receiver of QoS 1 and 2 [MQTT-4.3.2-4, MQTT-4.3.3-8 to 4.3.3-13].
#[derive(Debug, Default)]
pub(super) struct InboundPublishes {
    kept: Seldom<Kept>,
    quota: ReceiveMaximum,
}

#[derive(Debug, Default)]
struct Kept {
    /// PUBACKs and PUBRECs in the order of the PUBLISHes [MQTT-4.6.0-2, MQTT-4.6.0-3].
    owed: VecDeque<Owed>,
    /// QoS 2 messages received and not released, by Packet Identifier.
    unreleased: VecDeque<Unreleased>,
    /// QoS 1 messages of earlier Network Connections that the broker had not taken when the connection went:
    /// their ends must not be mistaken for the end of a later PUBLISH with the same Packet Identifier.
    abandoned: Vec<PacketId>,
    /// No unreleased message is older. Kept so that asking for the next timeout needs no search.
    oldest_since: Option<Timestamp>,
}

impl Empty for Kept {
    fn empty() -> &'static Self {
        static EMPTY: Kept = Kept {
            owed: VecDeque::new(),
            unreleased: VecDeque::new(),
            abandoned: Vec::new(),
            oldest_since: None,
        };
        &EMPTY
    }

    fn is_empty(&self) -> bool {
        self.owed.is_empty() && self.unreleased.is_empty() && self.abandoned.is_empty()
    }
}

#[derive(Debug)]
struct Owed {
    packet_id: PacketId,
    is_qos2: bool,
    /// Unknown until the broker has taken the message.
    code: Option<ReasonCode>,
}

#[derive(Debug)]
struct Unreleased {
    packet_id: PacketId,
    /// The broker has taken the message.
    routed: bool,
    /// Its PUBLISH came on this Network Connection and was counted against the Receive Maximum.
    counted: bool,
    since: Timestamp,
}

impl InboundPublishes {
    /// A QoS 1 PUBLISH.
    pub(super) fn receive_qos1(&mut self, packet_id: PacketId) -> Result<(), Violation> {
        self.take_quota()?;
        self.owe(packet_id, false, None)
    }

    /// A QoS 2 PUBLISH; whether it is new and to be routed. A repeated one only gets its PUBREC again
    /// [MQTT-4.3.3-10].
    pub(super) fn receive_qos2(
        &mut self,
        packet_id: PacketId,
        now: Timestamp,
    ) -> Result<bool, Violation> {
        match self.position(packet_id) {
            Ok(index) => {
                if !self.kept.unreleased[index].counted {
                    self.take_quota()?;
                    self.kept.unreleased[index].counted = true;
                }
                let routed = self.kept.unreleased[index].routed;
                self.owe(packet_id, true, routed.then_some(ReasonCode::Success))?;
                Ok(false)
            }
            Err(index) => {
                self.take_quota()?;
                self.owe(packet_id, true, None)?;
                self.kept.unreleased.insert(
                    index,
                    Unreleased {
                        packet_id,
                        routed: false,
                        counted: true,
                        since: now,
                    },
                );
                self.kept.oldest_since.get_or_insert(now);
                Ok(true)
            }
        }
    }

    fn take_quota(&mut self) -> Result<(), Violation> {
        if !self.quota.has_room() {
            return Err(Violation {
                code: ReasonCode::ReceiveMaximumExceeded,
                reason: "more QoS 1 and 2 PUBLISHes under way than the Receive Maximum allows",
            });
        }
        self.quota.take();
        Ok(())
    }

    fn owe(
        &mut self,
        packet_id: PacketId,
        is_qos2: bool,
        code: Option<ReasonCode>,
    ) -> Result<(), Violation> {
        if self.kept.owed.len() >= OWED_MAX {
            return Err(Violation {
                code: ReasonCode::ReceiveMaximumExceeded,
                reason: "more than 65,535 PUBLISHes wait for their acknowledgement",
            });
        }
        self.kept.owed.push_back(Owed {
            packet_id,
            is_qos2,
            code,
        });
        Ok(())
    }

    /// The broker has taken or refused the message. Whether it is one of QoS 2 that is taken now.
    pub(super) fn routed(&mut self, packet_id: PacketId, code: ReasonCode, now: Timestamp) -> bool {
        if let Some(index) = self
            .kept
            .abandoned
            .iter()
            .position(|each| *each == packet_id)
        {
            self.kept.abandoned.swap_remove(index);
            return false;
        }
        let waits = |each: &&mut Owed| each.packet_id == packet_id && each.code.is_none();
        match self.kept.owed.iter_mut().find(waits) {
            Some(owed) if !owed.is_qos2 => {
                owed.code = Some(code);
                false
            }
            _ => self.routed_qos2(packet_id, code, now),
        }
    }

    fn routed_qos2(&mut self, packet_id: PacketId, code: ReasonCode, now: Timestamp) -> bool {
        let mut is_taken = false;
        if let Ok(index) = self.position(packet_id)
            && !self.kept.unreleased[index].routed
        {
            if code.is_error() {
                // A refused message is not under way: its identifier is free [MQTT-4.3.3-9].
                self.forget(index);
            } else {
                self.kept.unreleased[index].routed = true;
                self.kept.unreleased[index].since = now;
                is_taken = true;
            }
        }
        let same = |each: &&mut Owed| each.packet_id == packet_id && each.is_qos2;
        for owed in self.kept.owed.iter_mut().filter(same) {
            owed.code.get_or_insert(code);
        }
        is_taken
    }

    /// PUBREL: the Packet Identifier is free again. Whether it was in use.
    pub(super) fn release(&mut self, packet_id: PacketId) -> bool {
        match self.position(packet_id) {
            Ok(index) => {
                self.forget(index);
                true
            }
            Err(_) => {
                self.quota.give_back();
                false
            }
        }
    }

    fn forget(&mut self, index: usize) {
        self.kept.unreleased.remove(index);
        self.quota.give_back();
        if self.kept.unreleased.is_empty() {
            self.kept.oldest_since = None;
        }
    }

    /// The acknowledgement to send next.
    pub(super) fn next_owed(&self) -> Option<Packet> {
        let owed = self.kept.owed.front()?;
        let acknowledgement = Acknowledgement::new(owed.packet_id, owed.code?);
        Some(if owed.is_qos2 {
            Packet::PubRec(acknowledgement)
        } else {
            Packet::PubAck(acknowledgement)
        })
    }

    /// Whether [`Self::next_owed`] has one.
    pub(super) fn has_owed(&self) -> bool {
        self.kept
            .owed
            .front()
            .is_some_and(|owed| owed.code.is_some())
    }

    /// It was sent.
    pub(super) fn owed_sent(&mut self) {
        if let Some(owed) = self.kept.owed.pop_front()
            && !owed.is_qos2
        {
            self.quota.give_back();
        }
    }

    /// A Network Connection begins: the client sends again what it has no acknowledgement for. How long its
    /// messages wait for their PUBREL goes on being counted.
    pub(super) fn restart(&mut self, version: ProtocolVersion, receive_maximum: NonZeroU16) {
        self.stop();
        self.quota = ReceiveMaximum::of_server(version, receive_maximum);
        if !self.kept.unreleased.is_empty() {
            for unreleased in &mut self.kept.unreleased {
                unreleased.counted = false;
            }
        }
    }

    /// The Network Connection is gone, and with it the acknowledgements owed on it.
    pub(super) fn stop(&mut self) {
        self.kept.shrink();
        if self.kept.is_empty() {
            return;
        }
        let kept = &mut *self.kept;
        for owed in std::mem::take(&mut kept.owed) {
            if owed.code.is_none() && !owed.is_qos2 {
                kept.abandoned.push(owed.packet_id);
            }
        }
        let excess = kept.abandoned.len().saturating_sub(OWED_MAX);
        kept.abandoned.drain(..excess);
        kept.oldest_since = kept.unreleased.iter().map(|each| each.since).min();
    }

    /// When to call [`Self::forget_unreleased`].
    pub(super) fn next_timeout(&self, timeout: Duration) -> Option<Timestamp> {
        self.kept.oldest_since.map(|since| since + timeout)
    }

    /// Forgets messages whose PUBREL did not come in time, and tells how many. One that the broker has not even
    /// taken yet gets another period.
    pub(super) fn forget_unreleased(
        &mut self,
        now: Timestamp,
        timeout: Duration,
        mut forgotten: impl FnMut(PacketId),
    ) -> usize {
        if self.next_timeout(timeout).is_none_or(|at| at > now) {
            return 0;
        }
        let before = self.kept.unreleased.len();
        let mut index = 0;
        while let Some(unreleased) = self.kept.unreleased.get_mut(index) {
            let is_due = unreleased.since + timeout <= now;
            if is_due && unreleased.routed {
                forgotten(unreleased.packet_id);
                self.forget(index);
                continue;
            }
            if is_due {
                unreleased.since = now;
            }
            index += 1;
        }
        self.kept.oldest_since = self.kept.unreleased.iter().map(|each| each.since).min();
        before - self.kept.unreleased.len()
    }

    pub(super) fn unreleased_len(&self) -> usize {
        self.kept.unreleased.len()
    }

    /// Messages that the broker was given and has not answered for.
    pub(super) fn unfinished(&self) -> usize {
        let qos1 = |each: &&Owed| each.code.is_none() && !each.is_qos2;
        self.kept.owed.iter().filter(qos1).count()
            + self
                .kept
                .unreleased
                .iter()
                .filter(|each| !each.routed)
                .count()
            + self.kept.abandoned.len()
    }

    /// Whether QoS 2 messages are among them.
    pub(super) fn has_unfinished_qos2(&self) -> bool {
        self.kept.unreleased.iter().any(|each| !each.routed)
    }

    fn position(&self, packet_id: PacketId) -> Result<usize, usize> {
        self.kept
            .unreleased
            .binary_search_by_key(&packet_id, |each| each.packet_id)
    }

    pub(super) fn export(&self, now: Timestamp) -> Vec<(PacketId, Duration)> {
        self.kept
            .unreleased
            .iter()
            .map(|each| (each.packet_id, now.since(each.since)))
            .collect()
    }

    /// Those that the broker has taken, and when.
    pub(super) fn taken(&self) -> impl Iterator<Item = (PacketId, Timestamp)> {
        let taken = self.kept.unreleased.iter().filter(|each| each.routed);
        taken.map(|each| (each.packet_id, each.since))
    }

    /// Without a Network Connection. What the exporting node was given to route, it has routed.
    pub(super) fn import(unreleased: Vec<(PacketId, Duration)>, now: Timestamp) -> Self {
        let since = |(packet_id, ago)| (packet_id, now - ago);
        Self::restore(unreleased.into_iter().map(since).collect())
    }

    /// As stored, with when each was taken; without a Network Connection.
    pub(super) fn restore(mut unreleased: Vec<(PacketId, Timestamp)>) -> Self {
        unreleased.sort_by_key(|(packet_id, _)| *packet_id);
        unreleased.dedup_by_key(|(packet_id, _)| *packet_id);
        let entry = |(packet_id, since)| Unreleased {
            packet_id,
            routed: true,
            counted: false,
            since,
        };
        let unreleased: VecDeque<_> = unreleased.into_iter().map(entry).collect();
        let mut kept = Seldom::from(Kept {
            oldest_since: unreleased.iter().map(|each| each.since).min(),
            unreleased,
            ..Kept::default()
        });
        kept.shrink();
        Self {
            kept,
            quota: ReceiveMaximum::default(),
        }
    }
}
