//! Takes packets off a transport without holding a buffer while it is silent.

use std::cell::RefCell;
use std::io;

use bytes::{Bytes, BytesMut};

use super::transport::Transport;
use crate::packet::{DecodeError, Decoder, Packet, PropertyLimits, ProtocolVersion, Sender};

/// Packets that arrive together share a buffer of up to this many bytes. A message that waits keeps the whole buffer, so
/// this is what a message of a few bytes may cost.
const SHARED_BYTES_MAX: usize = 4 << 10;

/// PUBLISH, in the upper half of the first byte.
const PUBLISH: u8 = 3;

/// Read at once, at most: large enough that a busy socket needs few calls, small enough that one connection cannot
/// hold a worker for long.
pub const READ_BYTES_MAX: usize = 64 << 10;

thread_local! {
    /// Shared by all connections of a worker thread: an idle connection owns no read buffer.
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES_MAX]);
}

/// The receiving half of a connection.
#[derive(Debug)]
pub struct Reader {
    decoder: Decoder,
    /// The beginning of a packet whose end has not arrived, if there is one.
    tail: Option<Box<BytesMut>>,
}

/// What a read brought.
#[derive(Debug)]
pub enum Read {
    /// This many bytes; whole packets in them were appended.
    Bytes(usize),
    /// Nothing to read now.
    Nothing,
    /// The client closed its side.
    Closed,
    /// The bytes are no MQTT. Packets before the fault were appended.
    Fault(DecodeError),
}

impl Reader {
    /// For packets of a client, none larger than `maximum_packet_size` bytes.
    pub fn new(maximum_packet_size: u32, property_limits: PropertyLimits) -> Self {
        Self {
            decoder: Decoder::new(Sender::Client, maximum_packet_size)
                .with_property_limits(property_limits),
            tail: None,
        }
    }

    /// Known once a CONNECT was read.
    pub const fn version(&self) -> Option<ProtocolVersion> {
        self.decoder.version()
    }

    /// Whether the beginning of a PUBLISH has come and its end has not.
    pub fn is_in_publish(&self) -> bool {
        let first = self.tail.as_ref().and_then(|tail| tail.first());
        first.is_some_and(|first| first >> 4 == PUBLISH)
    }

    /// Reads once, up to so many bytes but no more than [`READ_BYTES_MAX`], and appends the packets that are complete.
    ///
    /// # Errors
    /// When the socket fails, or the client breaks the rules of the transport.
    pub fn read(
        &mut self,
        transport: &mut Transport,
        bytes_max: usize,
        packets: &mut Vec<Packet>,
    ) -> io::Result<Read> {
        READ_BUFFER.with_borrow_mut(|buffer| {
            match transport.try_read(&mut buffer[..bytes_max.min(READ_BYTES_MAX)]) {
                Ok(0) => Ok(Read::Closed),
                Ok(count) => Ok(self.take(&buffer[..count], packets)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
                Err(error) => Err(error),
            }
        })
    }

    /// Reads once what has arrived by now, also when the runtime has not heard of it yet.
    ///
    /// # Errors
    /// When the socket fails, or the client breaks the rules of the transport.
    pub fn read_now(
        &mut self,
        transport: &mut Transport,
        packets: &mut Vec<Packet>,
    ) -> io::Result<Read> {
        READ_BUFFER.with_borrow_mut(|buffer| match transport.try_read_now(buffer) {
            Ok(0) => Ok(Read::Closed),
            Ok(count) => Ok(self.take(&buffer[..count], packets)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
            Err(error) => Err(error),
        })
    }

    fn take(&mut self, received: &[u8], packets: &mut Vec<Packet>) -> Read {
        match self.split(received, packets) {
            Ok(()) => Read::Bytes(received.len()),
            Err(fault) => Read::Fault(fault),
        }
    }

    fn split(&mut self, mut rest: &[u8], packets: &mut Vec<Packet>) -> Result<(), DecodeError> {
        while let Some(tail) = &mut self.tail {
            // The packet that has begun gets what it lacks and no more, so that it has a buffer to itself.
            let lacks = match self.decoder.frame_len(tail)? {
                Some(length) => length - tail.len(),
                None => 1,
            };
            let (own, others) = rest.split_at(lacks.min(rest.len()));
            tail.extend_from_slice(own);
            rest = others;
            if own.len() < lacks {
                return Ok(());
            }
            if self.decoder.frame_len(tail)? == Some(tail.len()) {
                let mut whole = std::mem::take(&mut **tail).freeze();
                self.tail = None;
                packets.extend(self.decoder.decode(&mut whole)?);
            }
        }
        while !rest.is_empty() {
            let (bytes, fault) = self.next_buffer(rest);
            let (together, others) = rest.split_at(bytes);
            let mut together = Bytes::copy_from_slice(together);
            while let Some(packet) = self.decoder.decode(&mut together)? {
                packets.push(packet);
            }
            rest = others;
            if let Some(fault) = fault {
                return Err(fault);
            }
            if bytes == 0 {
                self.tail = Some(Box::new(BytesMut::from(rest)));
                break;
            }
        }
        Ok(())
    }

    /// Bytes of the whole packets at the front that are to share a buffer, and the fault behind them. 0 when the first
    /// packet is not complete.
    fn next_buffer(&self, received: &[u8]) -> (usize, Option<DecodeError>) {
        let mut bytes = 0;
        loop {
            match self.decoder.frame_len(&received[bytes..]) {
                Ok(Some(length)) if length <= received.len() - bytes => {
                    if bytes > 0 && bytes + length > SHARED_BYTES_MAX {
                        return (bytes, None);
                    }
                    bytes += length;
                    // What may come behind a CONNECT is known once that was read.
                    if self.decoder.version().is_none() {
                        return (bytes, None);
                    }
                }
                Ok(_) => return (bytes, None),
                Err(fault) => return (bytes, Some(fault)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// CONNECT of 3.1.1 with the Client Identifier `c`.
    const CONNECT: [u8; 15] = *b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01c";

    fn publish(payload: usize) -> Vec<u8> {
        let length = 3 + payload;
        let mut bytes = vec![0x30];
        match u8::try_from(length) {
            Ok(short) if short < 0x80 => bytes.push(short),
            _ => bytes.extend([length as u8 | 0x80, (length >> 7) as u8]),
        }
        bytes.extend(b"\0\x01t");
        bytes.extend(vec![b'x'; payload]);
        bytes
    }

    fn reader() -> Reader {
        Reader::new(1 << 20, PropertyLimits::default())
    }

    fn payloads(packets: &[Packet]) -> Vec<usize> {
        let payload = |packet: &Packet| match packet {
            Packet::Publish(publish) => Some(publish.payload.len()),
            _ => None,
        };
        packets.iter().filter_map(payload).collect()
    }

    #[test]
    fn a_fault_leaves_the_packets_before_it() {
        let mut reader = reader();
        let mut packets = Vec::new();
        let bytes = [&CONNECT[..], &publish(5), &publish(6), &[0x00, 0x00]].concat();
        assert!(matches!(reader.take(&bytes, &mut packets), Read::Fault(_)));
        assert_eq!(payloads(&packets), [5, 6]);
    }

    #[test]
    fn it_knows_that_a_publish_has_begun() {
        let mut reader = reader();
        let mut packets = Vec::new();
        reader.take(&CONNECT, &mut packets);
        assert!(!reader.is_in_publish());
        reader.take(&publish(100)[..50], &mut packets);
        assert!(reader.is_in_publish());
        reader.take(&publish(100)[50..], &mut packets);
        assert!(!reader.is_in_publish());
    }

    proptest! {
        /// However the bytes are cut, the same packets come out; and no message keeps much more than itself.
        #[test]
        fn packets_come_out_whole_and_keep_little(
            sizes in prop::collection::vec(prop_oneof![0_usize..60, 3_000_usize..9_000], 0..20),
            cuts in prop::collection::vec(1_usize..5_000, 1..40),
        ) {
            let mut bytes = CONNECT.to_vec();
            for size in &sizes {
                bytes.extend(publish(*size));
            }
            let mut reader = reader();
            let mut packets = Vec::new();
            let mut rest = &bytes[..];
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                prop_assert!(matches!(reader.take(now, &mut packets), Read::Bytes(_)));
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(payloads(&packets), sizes);
            prop_assert!(reader.tail.is_none());
        }
    }
}
