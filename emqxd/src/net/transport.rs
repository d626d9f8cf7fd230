//! What carries a Network Connection's bytes: a socket, TLS over it, WebSocket over either.

use std::io::{self, Read, Write};
use std::pin::pin;
use std::task::{Context, Poll};

use tokio::io::{Interest, Ready};
use tokio::task::coop::consume_budget;

use super::socket::Socket;
use super::tls::TlsStream;
use super::websocket::WebSocket;

/// A socket, encrypted or not.
#[derive(Debug)]
pub enum Channel {
    /// As it is.
    Plain(Socket),
    /// Under TLS.
    Tls(Box<TlsStream>),
}

impl Channel {
    /// The socket below.
    pub const fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.socket(),
        }
    }

    /// The socket below.
    pub const fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.socket_mut(),
        }
    }

    const fn has_more(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.has_more(),
            Self::Tls(stream) => stream.has_more(),
        }
    }

    /// Waits until the socket can be read or written; a read that needs no socket counts too.
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        if interest.is_readable() && self.has_more() {
            // So that a client that sends without end leaves room for others of this worker.
            consume_budget().await;
            return Ok(Ready::READABLE);
        }
        self.socket().ready(interest).await
    }

    fn close(&mut self) {
        match self {
            Self::Plain(_) => {}
            Self::Tls(stream) => stream.close(),
        }
    }
}

impl Read for Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// What a connection reads MQTT from and writes it to.
#[derive(Debug)]
pub enum Transport {
    /// The bytes of the socket or of TLS are those of MQTT.
    Direct(Channel),
    /// They are in binary frames.
    WebSocket(Box<WebSocket<Channel>>),
}

impl Transport {
    fn channel(&self) -> &Channel {
        match self {
            Self::Direct(channel) => channel,
            Self::WebSocket(socket) => socket.inner(),
        }
    }

    /// The socket below.
    pub fn socket(&self) -> &Socket {
        self.channel().socket()
    }

    /// The socket below.
    pub fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Self::Direct(channel) => channel.socket_mut(),
            Self::WebSocket(socket) => socket.inner_mut().socket_mut(),
        }
    }

    /// Waits until a read or a write can bring something on; a read that needs no socket counts too.
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        if let Self::WebSocket(socket) = self
            && interest.is_readable()
            && socket.has_more()
        {
            return Ok(Ready::READABLE);
        }
        self.channel().ready(interest).await
    }

    /// Waits until a read can bring something on, without a state of its own: the latest task that asked is woken.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let has_more = match self {
            Self::Direct(channel) => channel.has_more(),
            Self::WebSocket(socket) => socket.has_more() || socket.inner().has_more(),
        };
        if has_more {
            // So that a client that sends without end leaves room for others of this worker.
            return pin!(consume_budget()).poll(context).map(Ok);
        }
        self.socket().poll_readable(context)
    }

    /// The same for a write.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_writable(context)
    }

    /// Reads what has arrived.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing; `InvalidData` when the client breaks the rules of TLS or WebSocket; others
    /// when the socket fails.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Direct(channel) => channel.read(buffer),
            Self::WebSocket(socket) => socket.read(buffer),
        }
    }

    /// The same, also when the runtime has not heard yet that the socket is readable.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket_mut().read_directly(true);
        let read = self.try_read(buffer);
        self.socket_mut().read_directly(false);
        read
    }

    /// Takes some of the bytes for sending.
    ///
    /// # Errors
    /// `WouldBlock` when none can be taken now; others when the socket fails.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Direct(channel) => channel.write(bytes),
            Self::WebSocket(socket) => socket.write(bytes),
        }
    }

    /// Sends what was taken. Returns whether all of it has left.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn flush(&mut self) -> io::Result<bool> {
        let flushed = match self {
            Self::Direct(channel) => channel.flush(),
            Self::WebSocket(socket) => socket.flush(),
        };
        match flushed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends the layers above the socket in good order (Close frame, `close_notify`); to be flushed. What was written
    /// before must have been taken whole.
    pub fn close(&mut self) {
        match self {
            Self::Direct(channel) => channel.close(),
            Self::WebSocket(socket) => {
                socket.close();
                // The Close frame has to be under the TLS record that ends the stream.
                let _ = socket.flush();
                socket.inner_mut().close();
            }
        }
    }
}
