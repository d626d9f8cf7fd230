//! Deliveries that follow each other and that many Sessions get alike, held once for all of them.

use std::sync::{Arc, OnceLock};

use super::encoded_run::EncodedRun;
use crate::message::Delivery;
use crate::packet::{ProtocolVersion, QoS};

/// Deliveries of a run, at most.
const LENGTH_MAX: usize = 64;

/// Bytes of the messages of a run, at most (a single one may have more): a Session that holds on to the last message
/// of a run holds all of them.
const BYTES_MAX: usize = 256 << 10;

/// Deliveries in their order, none of them of a Shared Subscription, all of QoS 0 or all of higher ones. A queue holds it
/// as one entry.
#[derive(Debug)]
pub struct DeliveryRun {
    deliveries: Box<[Delivery]>,
    /// Bytes of the messages up to each one, itself included.
    bytes_up_to: Box<[usize]>,
    may_expire: bool,
    /// For clients of 3.1 and 3.1.1, and for those of 5.0; from the first that gets it on.
    encoded: [OnceLock<EncodedRun>; 2],
}

impl DeliveryRun {
    /// Divides deliveries into as few runs as their QoS and the bounds allow.
    pub fn divide(deliveries: impl IntoIterator<Item = Delivery>) -> Vec<Arc<Self>> {
        let mut runs = Vec::new();
        let mut open = Vec::new();
        let mut bytes = 0;
        for delivery in deliveries {
            let size = delivery.message.bytes();
            let fits = open.last().is_none_or(|last: &Delivery| {
                is_at_most_once(last) == is_at_most_once(&delivery)
                    && open.len() < LENGTH_MAX
                    && bytes + size <= BYTES_MAX
            });
            if !fits {
                runs.push(Arc::new(Self::new(std::mem::take(&mut open))));
                bytes = 0;
            }
            bytes += size;
            open.push(delivery);
        }
        if !open.is_empty() {
            runs.push(Arc::new(Self::new(open)));
        }
        runs
    }

    fn new(deliveries: Vec<Delivery>) -> Self {
        let bytes_up_to = deliveries.iter().scan(0, |sum, delivery| {
            *sum += delivery.message.bytes();
            Some(*sum)
        });
        Self {
            bytes_up_to: bytes_up_to.collect(),
            may_expire: deliveries
                .iter()
                .any(|delivery| delivery.message.expires_at.is_some()),
            deliveries: deliveries.into_boxed_slice(),
            encoded: [const { OnceLock::new() }; 2],
        }
    }

    /// Oldest first; at least one.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// Of all its messages.
    pub(super) fn bytes(&self) -> usize {
        self.bytes_up_to(self.deliveries.len())
    }

    /// Of so many of its messages, from the oldest on.
    pub(super) fn bytes_up_to(&self, count: usize) -> usize {
        let last = count.checked_sub(1);
        last.and_then(|last| self.bytes_up_to.get(last))
            .copied()
            .unwrap_or(0)
    }

    /// Its packets, encoded once for all clients of a version without Topic Aliases. `None` when they differ from client
    /// to client, or from moment to moment: with Packet Identifiers, or a Message Expiry Interval.
    pub fn encoded(&self, version: ProtocolVersion) -> Option<&EncodedRun> {
        if !self.is_at_most_once() || self.may_expire {
            return None;
        }
        let at = usize::from(version == ProtocolVersion::V5);
        let encode = || EncodedRun::new(&self.deliveries, version);
        Some(self.encoded.get(at)?.get_or_init(encode))
    }

    /// Whether a message of it has a Message Expiry Interval.
    pub(super) const fn may_expire(&self) -> bool {
        self.may_expire
    }

    pub(super) fn is_at_most_once(&self) -> bool {
        self.deliveries.first().is_some_and(is_at_most_once)
    }
}

/// Whether it is of QoS 0, which a queue drops first.
pub(super) fn is_at_most_once(delivery: &Delivery) -> bool {
    delivery.qos == QoS::AtMostOnce
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{delivery, delivery_of_size};
    use super::*;

    #[test]
    fn a_run_ends_where_the_lane_changes_and_at_its_bounds() {
        let mut all: Vec<_> = [0, 0, 1, 2, 0]
            .into_iter()
            .zip(0..)
            .map(|(qos, number)| delivery(number, qos))
            .collect();
        all.extend((10..90).map(|number| delivery(number, 0)));
        all.extend((90..93).map(|number| delivery_of_size(number, 0, BYTES_MAX / 2)));
        let runs = DeliveryRun::divide(all.clone());
        let lengths: Vec<_> = runs.iter().map(|run| run.deliveries().len()).collect();
        assert_eq!(lengths, [2, 2, 64, 18, 1, 1]);
        let together: Vec<_> = runs
            .iter()
            .flat_map(|run| run.deliveries().iter().cloned())
            .collect();
        assert_eq!(together, all);
        for run in runs {
            let bytes: usize = run
                .deliveries()
                .iter()
                .map(|each| each.message.bytes())
                .sum();
            assert_eq!(run.bytes(), bytes);
        }
    }
}
