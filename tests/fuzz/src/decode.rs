//! Any bytes, in any pieces, as packets of a client or of a server.

use bytes::{Bytes, BytesMut};
use emqxd::packet::{DecodeError, Decoder, Packet, ProtocolVersion, Sender, encode, encoded_len};

use crate::memory;

/// Accepted in one packet, bytes: small, so that inputs of a fuzzer's size meet the limit.
const PACKET_BYTES_MAX: u32 = 2_048;

/// The first byte says how the rest is to be read.
const WHO: u8 = 0b0000_0001;
const WITHOUT_CONNECT: u8 = 0b0000_0010;
const OLDEST: u8 = 0b0000_0100;

/// Memory for one packet of an input, at most: the smallest things that a packet is made of (a User Property, a Topic
/// Filter) take two to five bytes on the wire and 64 in memory, and a list that grows holds its older half beside it.
const fn memory_max(input_len: usize) -> usize {
    16_384 + 64 * input_len
}

/// MQTT 3.1 and 3.1.1.
pub fn decode_3(input: &[u8]) {
    let Some((&how, bytes)) = input.split_first() else {
        return;
    };
    let version = if how & OLDEST == 0 {
        ProtocolVersion::V3_1_1
    } else {
        ProtocolVersion::V3_1
    };
    decode(how, version, bytes);
}

/// MQTT 5.0.
pub fn decode_5(input: &[u8]) {
    let Some((&how, bytes)) = input.split_first() else {
        return;
    };
    decode(how, ProtocolVersion::V5, bytes);
}

fn decode(how: u8, version: ProtocolVersion, bytes: &[u8]) {
    let sender = if how & WHO == 0 {
        Sender::Client
    } else {
        Sender::Server
    };
    let mut decoder = Decoder::new(sender, PACKET_BYTES_MAX);
    if sender == Sender::Server || how & WITHOUT_CONNECT != 0 {
        decoder.set_version(version);
    }
    memory::within(memory_max(bytes.len()), || {
        let mut decoder = decoder;
        let mut buffer = Bytes::copy_from_slice(bytes);
        while let Ok(Some(packet)) = decoder.decode(&mut buffer) {
            drop(packet);
        }
    });
    let whole = decode_all(decoder, std::iter::once(bytes));
    // The upper bits say how long the pieces are.
    let piece = usize::from(how >> 3) + 1;
    let pieces = decode_all(decoder, bytes.chunks(piece));
    assert_eq!(
        whole, pieces,
        "it depends on the pieces in which bytes arrive"
    );
    let mut known = decoder.version();
    for packet in &whole.0 {
        if let Packet::Connect(connect) = packet {
            known = Some(connect.version);
        }
        if let Some(version) = known {
            is_identity(packet, sender, version);
        }
    }
}

/// The packets, and what ended it.
fn decode_all<'a>(
    mut decoder: Decoder,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Packet>, Option<DecodeError>) {
    let mut packets = Vec::new();
    let mut held = BytesMut::new();
    for piece in pieces {
        held.extend_from_slice(piece);
        match decoder.frame_len(&held) {
            Ok(Some(length)) if length > held.len() => continue,
            Ok(_) => {}
            Err(fault) => return (packets, Some(fault)),
        }
        let mut buffer = held.split().freeze();
        loop {
            let before = buffer.len();
            match decoder.decode(&mut buffer) {
                Ok(Some(packet)) => {
                    assert!(buffer.len() < before, "a packet that takes no bytes");
                    packets.push(packet);
                }
                Ok(None) => break,
                Err(fault) => return (packets, Some(fault)),
            }
        }
        held = BytesMut::from(&buffer[..]);
    }
    (packets, None)
}

/// What was read can be written, and is then read as the same.
fn is_identity(packet: &Packet, sender: Sender, version: ProtocolVersion) {
    let mut written = BytesMut::new();
    encode(packet, version, &mut written);
    assert_eq!(
        written.len(),
        encoded_len(packet, version),
        "the length of {packet:?}"
    );
    let mut decoder = Decoder::new(sender, u32::MAX);
    if !matches!(packet, Packet::Connect(_)) {
        decoder.set_version(version);
    }
    let mut buffer: Bytes = written.freeze();
    let again = decoder.decode(&mut buffer);
    assert_eq!(again.as_ref(), Ok(&Some(packet.clone())));
    assert!(buffer.is_empty(), "bytes behind {packet:?}");
}
