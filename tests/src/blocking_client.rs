//! A small MQTT client on a blocking socket: for measurements, where nothing but the node is to be between a message and
//! its arrival.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use emqxctl::demo::link::Protocol;
use socket2::{Domain, Socket, Type};

use crate::raw::{Connect, PINGREQ, subscribe_all};

/// An answer may take this long.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// An answer has no more bytes than one digit of a Remaining Length can say.
const ANSWER_BYTES_MAX: u8 = 127;

/// First bytes of answers.
pub mod kind {
    /// CONNACK
    pub const CONNACK: u8 = 0x20;
    /// PUBACK
    pub const PUBACK: u8 = 0x40;
    /// SUBACK
    pub const SUBACK: u8 = 0x90;
    /// PINGRESP
    pub const PINGRESP: u8 = 0xD0;
}

/// A client that is connected. The connection ends with it.
#[derive(Debug)]
pub struct BlockingClient {
    socket: TcpStream,
    protocol: Protocol,
}

impl BlockingClient {
    /// Connects and is accepted.
    ///
    /// # Errors
    /// When the node cannot be reached, does not answer or refuses.
    pub fn connect(address: SocketAddr, connect: &Connect<'_>) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        Self::over(socket, address, connect)
    }

    /// As [`connect`](Self::connect), over a socket that is not connected yet and has options of its own.
    ///
    /// # Errors
    /// The same.
    pub fn over(socket: Socket, address: SocketAddr, connect: &Connect<'_>) -> io::Result<Self> {
        socket.connect(&address.into())?;
        socket.set_tcp_nodelay(true)?;
        socket.set_read_timeout(Some(ANSWER_WITHIN))?;
        socket.set_write_timeout(Some(ANSWER_WITHIN))?;
        let mut client = Self {
            socket: socket.into(),
            protocol: connect.protocol,
        };
        client.send(&connect.encode())?;
        let answer = client.expect(kind::CONNACK)?;
        match answer.get(1) {
            Some(0) => Ok(client),
            _ => Err(unexpected(kind::CONNACK, &answer)),
        }
    }

    /// Subscribes to Topic Filters with one packet, and waits for the answer. At most some hundred.
    ///
    /// # Errors
    /// When the node does not answer, or refuses the last of them.
    pub fn subscribe(&mut self, filters: &[impl AsRef<str>], qos: u8) -> io::Result<()> {
        self.send(&subscribe_all(self.protocol, 1, filters, qos))?;
        self.expect_granted()
    }

    /// Waits for the answer to a SUBSCRIBE.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn expect_granted(&mut self) -> io::Result<()> {
        let answer = self.expect(kind::SUBACK)?;
        match answer.last() {
            Some(code) if *code < 0x80 => Ok(()),
            _ => Err(unexpected(kind::SUBACK, &answer)),
        }
    }

    /// Waits until the node has taken in all that was sent.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn settle(&mut self) -> io::Result<()> {
        self.send(&PINGREQ)?;
        self.expect(kind::PINGRESP).map(drop)
    }

    /// Sends any bytes.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes)
    }

    /// Reads an answer of this kind that is no longer than 127 bytes, and returns what follows its fixed header.
    ///
    /// # Errors
    /// When another packet comes, or none.
    pub fn expect(&mut self, kind: u8) -> io::Result<Vec<u8>> {
        let mut header = [0; 2];
        self.socket.read_exact(&mut header)?;
        if header[0] != kind || header[1] > ANSWER_BYTES_MAX {
            return Err(unexpected(kind, &header));
        }
        let mut body = vec![0; header[1].into()];
        self.socket.read_exact(&mut body)?;
        Ok(body)
    }

    /// The socket, to be read and written in other ways.
    pub const fn socket_mut(&mut self) -> &mut TcpStream {
        &mut self.socket
    }
}

fn unexpected(kind: u8, bytes: &[u8]) -> io::Error {
    io::Error::other(format!(
        "0x{kind:02x} with success was expected, and {bytes:02x?} came"
    ))
}
