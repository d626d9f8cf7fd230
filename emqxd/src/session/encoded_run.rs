//! The PUBLISH packets of a run, encoded once for all clients that get them byte for byte alike.

use bytes::BytesMut;

use super::OutgoingPublish;
use crate::message::Delivery;
use crate::packet::ProtocolVersion;

/// Packets one after the other, as a client gets them that has no Topic Aliases.
#[derive(Debug)]
pub struct EncodedRun {
    bytes: Box<[u8]>,
    /// Of each packet in `bytes`.
    ends: Box<[usize]>,
    longest: usize,
}

impl EncodedRun {
    /// Of messages of QoS 0 that do not expire: no packet says anything that is of one client or of one moment.
    pub(super) fn new(deliveries: &[Delivery], version: ProtocolVersion) -> Self {
        let mut bytes = BytesMut::new();
        let mut ends = Vec::with_capacity(deliveries.len());
        let mut longest = 0;
        for delivery in deliveries {
            let begin = bytes.len();
            let parts = OutgoingPublish::of(delivery).parts();
            parts.encode_header(version, &mut bytes);
            bytes.extend_from_slice(&delivery.message.payload);
            ends.push(bytes.len());
            longest = longest.max(bytes.len() - begin);
        }
        Self {
            bytes: (&*bytes).into(),
            ends: ends.into(),
            longest,
        }
    }

    /// Bytes of the longest packet.
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Packets from number `from` on, as many as have no more than `bytes_max` bytes together, but at least one unless
    /// there is none. With how many they are.
    pub fn packets(&self, from: usize, bytes_max: usize) -> (&[u8], usize) {
        let end_of = |count: usize| {
            let last = count.checked_sub(1);
            last.map_or(0, |last| {
                self.ends.get(last).map_or(self.bytes.len(), |end| *end)
            })
        };
        let from = from.min(self.ends.len());
        let begin = end_of(from);
        let within = self
            .ends
            .partition_point(|end| *end <= begin.saturating_add(bytes_max));
        let to = within.max(from + 1).min(self.ends.len());
        (&self.bytes[begin..end_of(to)], to - from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::delivery_of_size;
    use super::*;

    #[test]
    fn as_many_packets_as_there_is_room_for() {
        let deliveries: Vec<_> = [10, 500, 20, 0]
            .into_iter()
            .zip(0..)
            .map(|(size, number)| delivery_of_size(number, 0, size))
            .collect();
        let run = EncodedRun::new(&deliveries, ProtocolVersion::V3_1_1);
        let (all, count) = run.packets(0, usize::MAX);
        assert_eq!(count, 4);
        let one = |number: usize| run.packets(number, 0);
        let lengths: Vec<_> = (0..4).map(|number| one(number).0.len()).collect();
        assert_eq!(lengths.iter().sum::<usize>(), all.len());
        assert_eq!(run.longest(), lengths[1]);
        assert_eq!(one(0).1, 1);
        let (first, count) = run.packets(0, lengths[0] + lengths[1] + 1);
        assert_eq!((first.len(), count), (lengths[0] + lengths[1], 2));
        let (rest, count) = run.packets(2, 1_000);
        assert_eq!((rest.len(), count), (lengths[2] + lengths[3], 2));
        assert_eq!([first, rest].concat(), all);
        assert_eq!(run.packets(4, 1_000), (&[][..], 0));
    }
}
