//! Encodes what a Session sends and writes it in few calls; holds no buffer while there is nothing to send.

use std::io;

use bytes::{Buf, BytesMut};

use super::transport::Transport;
use crate::packet::{Packet, ProtocolVersion, encode, encoded_len};
use crate::session::{OutgoingPublish, Transmit};

/// Encoded ahead of the socket, at most (one packet may exceed it).
const BUFFERED_BYTES_MAX: usize = 64 << 10;

/// A drained buffer up to this size is kept for the next packet.
const KEPT_BYTES_MAX: usize = 1 << 10;

/// The sending half of a connection.
#[derive(Debug)]
pub struct Writer {
    version: ProtocolVersion,
    /// The client's Maximum Packet Size [MQTT-3.1.2-24].
    maximum_packet_size: usize,
    buffer: BytesMut,
    sent: Sent,
    /// The transport holds bytes that the socket does not take.
    is_behind: bool,
    /// A packet that the client cannot do without was larger than it takes.
    is_stuck: bool,
}

/// Counted since the last `take_sent`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sent {
    /// PUBLISH packets.
    pub messages: u64,
    /// All packets.
    pub packets: u64,
    /// Bytes given to the socket.
    pub bytes: u64,
    /// PUBLISH packets left out because the client does not take packets of that size.
    pub too_large: u64,
}

impl Writer {
    /// For a client of this version.
    pub fn new(version: ProtocolVersion, maximum_packet_size: Option<u32>) -> Self {
        let maximum_packet_size = maximum_packet_size
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(usize::MAX);
        Self {
            version,
            maximum_packet_size,
            buffer: BytesMut::new(),
            sent: Sent::default(),
            is_behind: false,
            is_stuck: false,
        }
    }

    /// Version of the client.
    pub const fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// Whether the client takes a packet of that size, with its reasons or without.
    pub fn takes(&self, packet: &Packet) -> bool {
        encoded_len(packet, self.version) <= self.maximum_packet_size
            || encoded_len(&without_reason(packet), self.version) <= self.maximum_packet_size
    }

    /// Whether an answer had to be left out because the client takes no packet of that size: the connection cannot go
    /// on in order.
    pub const fn is_stuck(&self) -> bool {
        self.is_stuck
    }

    /// Whether encoded bytes wait for the socket.
    pub fn is_blocked(&self) -> bool {
        self.is_behind || !self.buffer.is_empty()
    }

    /// What was sent since the last call.
    pub fn take_sent(&mut self) -> Sent {
        std::mem::take(&mut self.sent)
    }

    /// Writes until done or the socket takes no more; also what the transport has to say for itself.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn flush(&mut self, transport: &mut Transport) -> io::Result<()> {
        while !self.buffer.is_empty() {
            match transport.try_write(&self.buffer) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.sent.bytes += count as u64;
                    self.buffer.advance(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.is_behind = !transport.flush()?;
        if self.buffer.capacity() > KEPT_BYTES_MAX {
            self.buffer = BytesMut::new();
        }
        Ok(())
    }
}

impl Transmit for Writer {
    fn has_room(&self) -> bool {
        self.buffer.len() < BUFFERED_BYTES_MAX
    }

    fn packet(&mut self, packet: &Packet) {
        // Reasons are courtesy; a client that cannot take them gets the bare packet [MQTT-3.4.2-2].
        if encoded_len(packet, self.version) <= self.maximum_packet_size {
            encode(packet, self.version, &mut self.buffer);
        } else {
            let bare = without_reason(packet);
            if encoded_len(&bare, self.version) > self.maximum_packet_size {
                // [MQTT-3.1.2-24]
                self.is_stuck = true;
                return;
            }
            encode(&bare, self.version, &mut self.buffer);
        }
        self.sent.packets += 1;
    }

    fn publish(&mut self, publish: &OutgoingPublish<'_>) -> bool {
        let message = publish.message;
        let parts = publish.parts();
        if self.maximum_packet_size < usize::MAX
            && parts.encoded_len(self.version) > self.maximum_packet_size
        {
            self.sent.too_large += 1;
            return false;
        }
        parts.encode_header(self.version, &mut self.buffer);
        self.buffer.extend_from_slice(&message.payload);
        self.sent.messages += 1;
        self.sent.packets += 1;
        true
    }
}

/// The packet with nothing in it that is there for information only.
fn without_reason(packet: &Packet) -> Packet {
    let mut packet = packet.clone();
    match &mut packet {
        Packet::ConnAck(connack) => {
            connack.properties.reason_string = None;
            connack.properties.user_properties.clear();
        }
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            ack.properties = None;
        }
        Packet::SubAck(suback) => suback.properties = None,
        Packet::UnsubAck(unsuback) => unsuback.properties = None,
        Packet::Disconnect(disconnect) => {
            if let Some(properties) = &mut disconnect.properties {
                properties.reason_string = None;
                properties.user_properties.clear();
            }
        }
        _ => {}
    }
    packet
}

#[cfg(test)]
mod tests;
