//! Encodes what a Session sends and writes it in few calls; holds no buffer while there is nothing to send.

use std::cell::RefCell;
use std::io;

use bytes::{Buf, BytesMut};

use super::transport::Transport;
use crate::packet::{Packet, ProtocolVersion, encode, encoded_len};
use crate::session::delivery_run::DeliveryRun;
use crate::session::{OutgoingPublish, Transmit};

/// Encoded ahead of the socket, at most (one packet may exceed it).
const BUFFERED_BYTES_MAX: usize = 64 << 10;

/// A drained buffer up to this size is kept for the next writer of its worker thread.
const SPARE_BYTES_MAX: usize = 2 * BUFFERED_BYTES_MAX;

/// What the socket did not take is copied, when it is this much smaller than the buffer that it is in: a client that
/// takes nothing is not to keep the large buffer of a worker.
const SLACK_MAX: usize = 4;

thread_local! {
    /// A buffer that is empty, for the writer that has something to send next: an idle connection owns none.
    static SPARE: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// The sending half of a connection.
#[derive(Debug)]
pub struct Writer {
    version: ProtocolVersion,
    /// The client's Maximum Packet Size [MQTT-3.1.2-24].
    maximum_packet_size: u32,
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
    /// Bytes given to the socket.
    pub bytes: usize,
    /// PUBLISH packets.
    pub messages: u32,
    /// All packets.
    pub packets: u32,
    /// PUBLISH packets left out because the client does not take packets of that size.
    pub too_large: u32,
}

impl Writer {
    /// For a client of this version.
    pub fn new(version: ProtocolVersion, maximum_packet_size: Option<u32>) -> Self {
        // No packet is larger: its Remaining Length has 28 bits.
        let maximum_packet_size = maximum_packet_size.unwrap_or(u32::MAX);
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
        self.fits(encoded_len(packet, self.version))
            || self.fits(encoded_len(&without_reason(packet), self.version))
    }

    fn fits(&self, bytes: usize) -> bool {
        u32::try_from(bytes).is_ok_and(|bytes| bytes <= self.maximum_packet_size)
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
                    self.sent.bytes += count;
                    if count == self.buffer.len() {
                        self.buffer.clear();
                    } else {
                        self.buffer.advance(count);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.keep_the_rest();
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        self.is_behind = !transport.flush()?;
        if self.buffer.capacity() > 0 {
            give_back(std::mem::take(&mut self.buffer));
        }
        Ok(())
    }

    /// The buffer, of which the worker has a spare one for a connection that has none.
    fn buffer(&mut self) -> &mut BytesMut {
        if self.buffer.capacity() == 0 {
            self.buffer = SPARE.take();
        }
        &mut self.buffer
    }

    /// The socket takes no more.
    fn keep_the_rest(&mut self) {
        if self.buffer.len() < self.buffer.capacity() / SLACK_MAX {
            let rest = BytesMut::from(&self.buffer[..]);
            give_back(std::mem::replace(&mut self.buffer, rest));
        }
    }
}

fn give_back(mut buffer: BytesMut) {
    if buffer.capacity() <= SPARE_BYTES_MAX {
        buffer.clear();
        SPARE.set(buffer);
    }
}

impl Transmit for Writer {
    fn has_room(&self) -> bool {
        self.buffer.len() < BUFFERED_BYTES_MAX
    }

    fn packet(&mut self, packet: &Packet) {
        // Reasons are courtesy; a client that cannot take them gets the bare packet [MQTT-3.4.2-2].
        if self.fits(encoded_len(packet, self.version)) {
            encode(packet, self.version, self.buffer());
        } else {
            let bare = without_reason(packet);
            if !self.fits(encoded_len(&bare, self.version)) {
                // [MQTT-3.1.2-24]
                self.is_stuck = true;
                return;
            }
            encode(&bare, self.version, self.buffer());
        }
        self.sent.packets += 1;
    }

    fn publish(&mut self, publish: &OutgoingPublish<'_>) -> bool {
        let message = publish.message;
        let parts = publish.parts();
        if self.maximum_packet_size < u32::MAX && !self.fits(parts.encoded_len(self.version)) {
            self.sent.too_large += 1;
            return false;
        }
        let version = self.version;
        let buffer = self.buffer();
        parts.encode_header(version, buffer);
        buffer.extend_from_slice(&message.payload);
        self.sent.messages += 1;
        self.sent.packets += 1;
        true
    }

    fn publish_run(&mut self, run: &DeliveryRun, from: usize) -> usize {
        let Some(encoded) = run.encoded(self.version) else {
            return 0;
        };
        if !self.fits(encoded.longest()) {
            return 0;
        }
        let room = BUFFERED_BYTES_MAX.saturating_sub(self.buffer.len());
        let (bytes, count) = encoded.packets(from, room);
        self.buffer().extend_from_slice(bytes);
        // A run has some dozens at most.
        self.sent.messages += count as u32;
        self.sent.packets += count as u32;
        count
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
