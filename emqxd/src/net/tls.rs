//! TLS over a socket, driven by readiness: no task and no buffer of its own beside that of the library.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};
use tokio::io::Interest;

use super::socket::Socket;

/// Encrypted ahead of a socket that takes nothing, bytes of plain text: one record.
const WRITE_AHEAD_BYTES_MAX: usize = 16 << 10;

/// The server's side of a TLS connection.
#[derive(Debug)]
pub struct TlsStream {
    connection: ServerConnection,
    socket: Socket,
    /// The last read was not stopped by an empty socket: there may be more in here, or in the socket.
    has_more: bool,
}

impl TlsStream {
    /// Before the handshake.
    ///
    /// # Errors
    /// When the configuration cannot be used; with the socket.
    pub fn new(socket: Socket, config: Arc<ServerConfig>) -> Result<Self, (Socket, io::Error)> {
        let mut connection = match ServerConnection::new(config) {
            Ok(connection) => connection,
            Err(error) => return Err((socket, invalid(error))),
        };
        connection.set_buffer_limit(Some(WRITE_AHEAD_BYTES_MAX));
        Ok(Self {
            connection,
            socket,
            has_more: false,
        })
    }

    /// Goes through the handshake; however long the client takes.
    ///
    /// # Errors
    /// When the client does not speak TLS, or nothing that both accept; it has been told so. When the socket fails.
    pub async fn handshake(&mut self) -> io::Result<()> {
        while self.connection.is_handshaking() {
            let interest = match self.push() {
                Ok(()) => Interest::READABLE,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    Interest::READABLE | Interest::WRITABLE
                }
                Err(error) => return Err(error),
            };
            if !self.socket.has_more() {
                self.socket.ready(interest).await?;
            }
            match self.connection.read_tls(&mut self.socket) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => self.process()?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        // The client's first data may have come with the end of its handshake.
        self.has_more = true;
        self.try_push()
    }

    /// The socket below.
    pub const fn socket(&self) -> &Socket {
        &self.socket
    }

    /// The socket below.
    pub const fn socket_mut(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// Whether a read may bring something although the socket is not readable.
    pub const fn has_more(&self) -> bool {
        self.has_more
    }

    /// Says that nothing more will be sent; to be flushed.
    pub fn close(&mut self) {
        self.connection.send_close_notify();
    }

    /// Decrypts what was received. An error is told to the client as an alert.
    fn process(&mut self) -> io::Result<()> {
        match self.connection.process_new_packets() {
            Ok(_) => Ok(()),
            Err(error) => {
                // The alert is the last that can be said; a socket that does not take it changes nothing.
                let _ = self.push();
                Err(invalid(error))
            }
        }
    }

    /// Writes encrypted bytes until there are none.
    fn push(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            if self.connection.write_tls(&mut self.socket)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Writes encrypted bytes as far as the socket takes them.
    fn try_push(&mut self) -> io::Result<()> {
        match self.push() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            pushed => pushed,
        }
    }
}

impl Read for TlsStream {
    /// Fills the buffer as far as what has arrived reaches. 0 at the end of the stream, in good order or not: MQTT
    /// itself shows whether something is missing.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        let ended = loop {
            match self.connection.reader().read(&mut buffer[filled..]) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    filled += count;
                    if filled == buffer.len() {
                        break Ok(());
                    }
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break Ok(()),
                Err(error) => break Err(error),
            }
            match self.connection.read_tls(&mut self.socket) {
                Ok(_) => {
                    if let Err(error) = self.process() {
                        break Err(error);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        self.has_more = !matches!(&ended, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        match ended {
            // An error comes again when it is asked for.
            Err(error) if filled == 0 => Err(error),
            _ => Ok(filled),
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.try_push()?;
        let count = self.connection.writer().write(bytes)?;
        self.try_push()?;
        if count == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(count)
    }

    /// Fails with `WouldBlock` while encrypted bytes wait for the socket.
    fn flush(&mut self) -> io::Result<()> {
        self.push()
    }
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
