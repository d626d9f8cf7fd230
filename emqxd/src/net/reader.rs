//! Takes packets off a socket without holding a buffer while the socket is silent.

use std::cell::RefCell;
use std::io::{self, Read as _};

use bytes::{Bytes, BytesMut};
use tokio::net::TcpStream;

use crate::packet::{DecodeError, Decoder, Packet, PropertyLimits, ProtocolVersion, Sender};

/// Read at once, at most: large enough that a busy socket needs few calls, small enough that one connection cannot
/// hold a worker for long.
const READ_BYTES_MAX: usize = 64 << 10;

thread_local! {
    /// Shared by all connections of a worker thread: an idle connection owns no read buffer.
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES_MAX]);
}

/// The receiving half of a connection.
#[derive(Debug)]
pub struct Reader {
    decoder: Decoder,
    /// The beginning of a packet whose end has not arrived.
    tail: BytesMut,
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
            tail: BytesMut::new(),
        }
    }

    /// Known once a CONNECT was read.
    pub const fn version(&self) -> Option<ProtocolVersion> {
        self.decoder.version()
    }

    /// Reads once and appends the packets that are complete.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn read(&mut self, stream: &TcpStream, packets: &mut Vec<Packet>) -> io::Result<Read> {
        READ_BUFFER.with_borrow_mut(|buffer| match stream.try_read(buffer) {
            Ok(0) => Ok(Read::Closed),
            Ok(count) => Ok(self.take(&buffer[..count], packets)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
            Err(error) => Err(error),
        })
    }

    /// Reads once what the socket holds now, also when the runtime has not heard of it yet.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn read_now(&mut self, stream: &TcpStream, packets: &mut Vec<Packet>) -> io::Result<Read> {
        let socket = socket2::SockRef::from(stream);
        READ_BUFFER.with_borrow_mut(|buffer| match (&*socket).read(buffer) {
            Ok(0) => Ok(Read::Closed),
            Ok(count) => Ok(self.take(&buffer[..count], packets)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
            Err(error) => Err(error),
        })
    }

    fn take(&mut self, received: &[u8], packets: &mut Vec<Packet>) -> Read {
        let mut bytes = if self.tail.is_empty() {
            Bytes::copy_from_slice(received)
        } else {
            self.tail.extend_from_slice(received);
            match self.decoder.frame_len(&self.tail) {
                // A large packet arrives in many reads: look at it again only when it can be whole.
                Ok(Some(length)) if length > self.tail.len() => return Read::Bytes(received.len()),
                Ok(_) => std::mem::take(&mut self.tail).freeze(),
                Err(fault) => return Read::Fault(fault),
            }
        };
        loop {
            match self.decoder.decode(&mut bytes) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(fault) => return Read::Fault(fault),
            }
        }
        if !bytes.is_empty() {
            self.tail = BytesMut::from(&bytes[..]);
        }
        Read::Bytes(received.len())
    }
}
