//! QoS 1 and 2 messages sent to the client and not completely acknowledged [MQTT-4.3.2, MQTT-4.3.3].

use std::collections::VecDeque;
use std::num::NonZeroU16;

use super::receive_maximum::ReceiveMaximum;
use super::seldom::{Empty, Seldom};
use super::state::InflightState;
use crate::message::Delivery;
use crate::packet::{PacketId, QoS};

/// In the order of sending, which is also the order of retransmission [MQTT-4.6.0-1].
#[derive(Debug, Default)]
pub(super) struct Inflight {
    entries: Seldom<VecDeque<Entry>>,
    /// Entries that wait for retransmission.
    resends: usize,
    quota: ReceiveMaximum,
}

#[derive(Debug)]
struct Entry {
    packet_id: PacketId,
    /// That the message had in the queue.
    number: u64,
    state: InflightState,
    /// Sent on an earlier Network Connection and not yet on this one.
    resend: bool,
    /// Counts against the client's Receive Maximum: its PUBLISH was sent on this Network Connection.
    counted: bool,
}

impl Empty for VecDeque<Entry> {
    fn empty() -> &'static Self {
        static EMPTY: VecDeque<Entry> = VecDeque::new();
        &EMPTY
    }

    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

/// What a PUBREC led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PubRecOutcome {
    /// PUBREL is to be sent, also when it was sent before. With the number of the message.
    Release(u64),
    /// The client refused the message of that number; its Packet Identifier is free.
    Refused(u64),
    /// No message has this Packet Identifier.
    Unknown,
    /// The message with this Packet Identifier has QoS 1.
    WrongKind,
}

/// What a PUBACK or PUBCOMP led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AckOutcome {
    /// The message of that number is completely acknowledged.
    Done(u64),
    /// No message has this Packet Identifier.
    Unknown,
    /// The message with this Packet Identifier is to be acknowledged in another way.
    WrongKind,
}

impl Inflight {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Identifiers in use.
    pub(super) fn packet_ids(&self) -> impl Iterator<Item = PacketId> + '_ {
        self.entries.iter().map(|entry| entry.packet_id)
    }

    /// Whether a new message may be sent now.
    pub(super) fn has_room(&self, inflight_max: u16) -> bool {
        self.resends == 0 && self.entries.len() < usize::from(inflight_max) && self.quota.has_room()
    }

    /// A message was sent for the first time.
    pub(super) fn sent(&mut self, packet_id: PacketId, number: u64, delivery: Delivery) {
        self.quota.take();
        self.entries.push_back(Entry {
            packet_id,
            number,
            state: InflightState::Published(delivery),
            resend: false,
            counted: true,
        });
    }

    /// A Network Connection begins: everything is to be sent again [MQTT-4.4.0-1].
    pub(super) fn restart(&mut self, receive_maximum: NonZeroU16) {
        self.quota = ReceiveMaximum::new(receive_maximum);
        self.resends = self.entries.len();
        if self.resends > 0 {
            for entry in self.entries.iter_mut() {
                entry.resend = true;
                entry.counted = false;
            }
        }
    }

    /// The Network Connection is gone.
    pub(super) fn stop(&mut self) {
        self.resends = 0;
        self.entries.shrink();
    }

    /// Whether retransmission goes before everything else.
    pub(super) const fn is_resending(&self) -> bool {
        self.resends > 0
    }

    /// The first entry at `from` or behind it that is to be sent again and may be sent now.
    pub(super) fn next_resend(&self, from: usize) -> Option<(usize, PacketId, Option<&Delivery>)> {
        if self.resends == 0 {
            return None;
        }
        let entries = self.entries.iter().enumerate().skip(from);
        let (index, entry) = entries.into_iter().find(|(_, entry)| entry.resend)?;
        match &entry.state {
            InflightState::Published(delivery) => {
                self.quota
                    .has_room()
                    .then_some((index, entry.packet_id, Some(delivery)))
            }
            InflightState::Released => Some((index, entry.packet_id, None)),
        }
    }

    /// The entry was sent again.
    pub(super) fn resent(&mut self, index: usize) {
        let Some(entry) = self.entries.get_mut(index) else {
            return;
        };
        if std::mem::take(&mut entry.resend) {
            self.resends -= 1;
            if matches!(entry.state, InflightState::Published(_)) {
                entry.counted = true;
                self.quota.take();
            }
        }
    }

    /// Takes an entry out: completed, or impossible to send. Returns the number of its message.
    pub(super) fn remove(&mut self, index: usize) -> Option<u64> {
        let entry = self.entries.remove(index)?;
        if entry.resend {
            self.resends -= 1;
        }
        if entry.counted {
            self.quota.give_back();
        }
        Some(entry.number)
    }

    fn complete(&mut self, index: usize) -> AckOutcome {
        self.remove(index)
            .map_or(AckOutcome::Unknown, AckOutcome::Done)
    }

    /// PUBACK: it ends a QoS 1 message.
    pub(super) fn puback(&mut self, packet_id: PacketId) -> AckOutcome {
        match self.find(packet_id) {
            Some((index, Some(QoS::AtLeastOnce))) => self.complete(index),
            Some(_) => AckOutcome::WrongKind,
            None => AckOutcome::Unknown,
        }
    }

    /// PUBREC, with whether its Reason Code is an error.
    pub(super) fn pubrec(&mut self, packet_id: PacketId, refused: bool) -> PubRecOutcome {
        match self.find(packet_id) {
            Some((index, Some(QoS::ExactlyOnce))) if refused => {
                let number = self.remove(index);
                number.map_or(PubRecOutcome::Unknown, PubRecOutcome::Refused)
            }
            Some((index, Some(QoS::ExactlyOnce) | None)) => {
                let entry = &mut self.entries[index];
                entry.state = InflightState::Released;
                if std::mem::take(&mut entry.resend) {
                    self.resends -= 1;
                }
                PubRecOutcome::Release(entry.number)
            }
            Some(_) => PubRecOutcome::WrongKind,
            None => PubRecOutcome::Unknown,
        }
    }

    /// PUBCOMP: it ends a QoS 2 message whose PUBREC has come.
    pub(super) fn pubcomp(&mut self, packet_id: PacketId) -> AckOutcome {
        match self.find(packet_id) {
            Some((index, None)) => self.complete(index),
            Some(_) => AckOutcome::WrongKind,
            None => AckOutcome::Unknown,
        }
    }

    /// Where the identifier is, and the QoS while its PUBLISH is not acknowledged. Clients acknowledge in
    /// order, so the search nearly always ends at the first entry.
    fn find(&self, packet_id: PacketId) -> Option<(usize, Option<QoS>)> {
        let found = |(index, entry): (usize, &Entry)| {
            let qos = match &entry.state {
                InflightState::Published(delivery) => Some(delivery.qos),
                InflightState::Released => None,
            };
            (index, qos)
        };
        self.entries
            .iter()
            .enumerate()
            .find(|(_, entry)| entry.packet_id == packet_id)
            .map(found)
    }

    /// The QoS 1 messages of Shared Subscriptions, in the order of sending. For a Session that has ended: they stay in
    /// here.
    pub(super) fn shared_at_least_once(&self) -> impl Iterator<Item = &Delivery> {
        self.entries.iter().filter_map(|entry| match &entry.state {
            InflightState::Published(delivery)
                if delivery.qos == QoS::AtLeastOnce && delivery.shared.is_some() =>
            {
                Some(delivery)
            }
            _ => None,
        })
    }

    pub(super) fn export(&self) -> Vec<(PacketId, InflightState)> {
        self.entries
            .iter()
            .map(|entry| (entry.packet_id, entry.state.clone()))
            .collect()
    }

    /// Number and Packet Identifier of each; the message while its PUBLISH is not acknowledged.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, PacketId, Option<&Delivery>)> {
        self.entries.iter().map(|entry| {
            let delivery = match &entry.state {
                InflightState::Published(delivery) => Some(delivery),
                InflightState::Released => None,
            };
            (entry.number, entry.packet_id, delivery)
        })
    }

    /// Without a Network Connection; numbered from 0 on.
    pub(super) fn import(inflight: Vec<(PacketId, InflightState)>) -> Self {
        let numbered = (0..).zip(inflight);
        Self::of(numbered.map(|(number, (packet_id, state))| (number, packet_id, state)))
    }

    /// As stored, without a Network Connection.
    pub(super) fn restore(inflight: Vec<(u64, PacketId, Option<Delivery>)>) -> Self {
        let state = |delivery: Option<Delivery>| {
            delivery.map_or(InflightState::Released, InflightState::Published)
        };
        let entries = inflight.into_iter();
        Self::of(entries.map(|(number, packet_id, delivery)| (number, packet_id, state(delivery))))
    }

    fn of(entries: impl Iterator<Item = (u64, PacketId, InflightState)>) -> Self {
        let entry = |(number, packet_id, state)| Entry {
            packet_id,
            number,
            state,
            resend: false,
            counted: false,
        };
        let mut entries = Seldom::from(entries.map(entry).collect::<VecDeque<_>>());
        entries.shrink();
        Self {
            entries,
            resends: 0,
            quota: ReceiveMaximum::default(),
        }
    }
}
