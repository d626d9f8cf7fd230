//! An accepted socket: TCP or Unix.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, Read, Write};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, Interest, ReadBuf, Ready};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::coop::unconstrained;

#[cfg(test)]
use crate::simulation::virtual_stream::VirtualStream;

/// Where a client connects from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A host, as the socket or the PROXY header says.
    Host(SocketAddr),
    /// This host, over a Unix socket; such sockets have no address.
    Local,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(address) => address.fmt(f),
            Self::Local => f.write_str("unix"),
        }
    }
}

/// A non-blocking byte stream: reads and writes fail with `WouldBlock` until [`ready`](Self::ready) says otherwise.
#[derive(Debug)]
pub struct Socket {
    stream: Stream,
    /// Read too far by whoever looked for a header; handed out first. Boxed: nearly always there is none.
    unread: Option<Box<Bytes>>,
    /// Reads ask the system at once, also when the runtime has not heard of anything to read.
    is_direct: bool,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    /// Of a simulated client.
    #[cfg(test)]
    Virtual(VirtualStream),
}

#[cfg(test)]
impl From<VirtualStream> for Socket {
    fn from(stream: VirtualStream) -> Self {
        Self::new(Stream::Virtual(stream))
    }
}

impl From<TcpStream> for Socket {
    fn from(stream: TcpStream) -> Self {
        Self::new(Stream::Tcp(stream))
    }
}

impl From<UnixStream> for Socket {
    fn from(stream: UnixStream) -> Self {
        Self::new(Stream::Unix(stream))
    }
}

impl Socket {
    const fn new(stream: Stream) -> Self {
        Self {
            stream,
            unread: None,
            is_direct: false,
        }
    }

    /// Gives back what was read and belongs to whoever reads next.
    pub fn give_back(&mut self, bytes: Bytes) {
        self.unread = (!bytes.is_empty()).then(|| Box::new(bytes));
    }

    /// Whether a read brings something although the socket may not be readable.
    pub const fn has_more(&self) -> bool {
        self.unread.is_some()
    }

    /// While true, reads look at the socket itself, whatever the runtime knows of it.
    pub const fn read_directly(&mut self, directly: bool) {
        self.is_direct = directly;
    }

    /// Waits until the socket can be read or written.
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.stream {
            Stream::Tcp(stream) => stream.ready(interest).await,
            Stream::Unix(stream) => stream.ready(interest).await,
            #[cfg(test)]
            Stream::Virtual(stream) => stream.ready(interest).await,
        }
    }

    /// Waits until the socket can be read; the latest task that asked is woken.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.stream {
            Stream::Tcp(stream) => stream.poll_read_ready(context),
            Stream::Unix(stream) => stream.poll_read_ready(context),
            #[cfg(test)]
            Stream::Virtual(stream) => stream.poll_readable(context),
        }
    }

    /// Waits until the socket can be written; the latest task that asked is woken.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.stream {
            Stream::Tcp(stream) => stream.poll_write_ready(context),
            Stream::Unix(stream) => stream.poll_write_ready(context),
            #[cfg(test)]
            Stream::Virtual(stream) => stream.poll_writable(context),
        }
    }

    /// Says that nothing more will be sent.
    ///
    /// # Errors
    /// When the other side is gone already.
    pub fn shutdown(&self) -> io::Result<()> {
        let how = std::net::Shutdown::Write;
        match &self.stream {
            Stream::Tcp(stream) => SockRef::from(stream).shutdown(how),
            Stream::Unix(stream) => SockRef::from(stream).shutdown(how),
            #[cfg(test)]
            Stream::Virtual(stream) => {
                stream.shut();
                Ok(())
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(unread) = &mut self.unread {
            let count = unread.len().min(buffer.len());
            unread.copy_to_slice(&mut buffer[..count]);
            if unread.is_empty() {
                self.unread = None;
            }
            return Ok(count);
        }
        match (&mut self.stream, self.is_direct) {
            (Stream::Tcp(stream), false) => read_if_ready(stream, buffer),
            (Stream::Unix(stream), false) => read_if_ready(stream, buffer),
            (Stream::Tcp(stream), true) => (&*SockRef::from(&*stream)).read(buffer),
            (Stream::Unix(stream), true) => (&*SockRef::from(&*stream)).read(buffer),
            #[cfg(test)]
            (Stream::Virtual(stream), _) => stream.try_read(buffer),
        }
    }
}

/// Reads what the runtime knows to be there. A read that does not fill the buffer has emptied the socket, so that the
/// next one is not tried before the runtime has heard of more: this is what `poll_read` has ahead of `try_read`.
fn read_if_ready(stream: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> io::Result<usize> {
    let mut buffer = ReadBuf::new(buffer);
    let read = poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut buffer));
    // Whoever waits counts against the budget of its task, not this; and whoever waits afterwards says so by
    // `poll_readable`, which takes the place of the waker that wakes nobody.
    let mut context = Context::from_waker(Waker::noop());
    match pin!(unconstrained(read)).poll(&mut context) {
        Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
        Poll::Ready(Err(error)) => Err(error),
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.stream {
            Stream::Tcp(stream) => stream.try_write(bytes),
            Stream::Unix(stream) => stream.try_write(bytes),
            #[cfg(test)]
            Stream::Virtual(stream) => stream.try_write(bytes),
        }
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.stream {
            Stream::Tcp(stream) => stream.try_write_vectored(bytes),
            Stream::Unix(stream) => stream.try_write_vectored(bytes),
            #[cfg(test)]
            Stream::Virtual(stream) => stream.try_write(bytes.first().map_or(&[], |bytes| bytes)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
