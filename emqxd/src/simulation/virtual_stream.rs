//! A client's Network Connection in memory, with the interface of a non-blocking socket.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, BytesMut};
use parking_lot::Mutex;
use tokio::io::{Interest, Ready};

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    bytes: BytesMut,
    capacity: usize,
    /// No more will come, or nobody reads any more.
    is_shut: bool,
    is_broken: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()] {
            waker.into_iter().for_each(Waker::wake);
        }
    }
}

/// One end.
#[derive(Debug)]
pub(crate) struct VirtualStream {
    incoming: Arc<Mutex<Pipe>>,
    outgoing: Arc<Mutex<Pipe>>,
}

/// The two ends of a connection; either takes so many bytes that the other one has not read.
pub(crate) fn pair(capacity: usize) -> (VirtualStream, VirtualStream) {
    let pipe = || {
        Arc::new(Mutex::new(Pipe {
            capacity,
            ..Pipe::default()
        }))
    };
    let (there, back) = (pipe(), pipe());
    let end = |incoming: &Arc<Mutex<Pipe>>, outgoing: &Arc<Mutex<Pipe>>| VirtualStream {
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
    };
    (end(&back, &there), end(&there, &back))
}

impl VirtualStream {
    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        poll_fn(|context| {
            let mut ready = Ready::EMPTY;
            if interest.is_readable() && self.poll_readable(context).is_ready() {
                ready |= Ready::READABLE;
            }
            if interest.is_writable() && self.poll_writable(context).is_ready() {
                ready |= Ready::WRITABLE;
            }
            if ready.is_empty() {
                Poll::Pending
            } else {
                Poll::Ready(Ok(ready))
            }
        })
        .await
    }

    pub(crate) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut pipe = self.incoming.lock();
        if !pipe.bytes.is_empty() || pipe.is_shut || pipe.is_broken {
            return Poll::Ready(Ok(()));
        }
        pipe.reader = Some(context.waker().clone());
        Poll::Pending
    }

    pub(crate) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut pipe = self.outgoing.lock();
        if pipe.bytes.len() < pipe.capacity || pipe.is_broken {
            return Poll::Ready(Ok(()));
        }
        pipe.writer = Some(context.waker().clone());
        Poll::Pending
    }

    /// # Errors
    /// `WouldBlock` when there is nothing; `ConnectionReset` when the connection is broken.
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut pipe = self.incoming.lock();
        if pipe.is_broken {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if pipe.bytes.is_empty() {
            return if pipe.is_shut {
                Ok(0)
            } else {
                Err(io::ErrorKind::WouldBlock.into())
            };
        }
        let count = pipe.bytes.len().min(buffer.len());
        pipe.bytes.copy_to_slice(&mut buffer[..count]);
        pipe.wake();
        Ok(count)
    }

    /// # Errors
    /// `WouldBlock` when the other side must read first; `BrokenPipe` when it is gone.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.outgoing.lock();
        if pipe.is_broken || pipe.is_shut {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = bytes.len().min(pipe.capacity - pipe.bytes.len());
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        pipe.bytes.extend_from_slice(&bytes[..count]);
        pipe.wake();
        Ok(count)
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.outgoing.lock().is_broken
    }

    /// Nothing more will be sent.
    pub(crate) fn shut(&self) {
        let mut pipe = self.outgoing.lock();
        pipe.is_shut = true;
        pipe.wake();
    }

    /// The connection is gone, with what is under way in it.
    pub(crate) fn break_off(&self) {
        for pipe in [&self.incoming, &self.outgoing] {
            let mut pipe = pipe.lock();
            pipe.is_broken = true;
            pipe.bytes.clear();
            pipe.wake();
        }
    }

    /// Waits for bytes and puts them behind `buffer`. False at the end.
    pub(crate) async fn read_into(&self, buffer: &mut BytesMut) -> bool {
        loop {
            let mut chunk = [0; 4_096];
            match self.try_read(&mut chunk) {
                Ok(0) => return false,
                Ok(count) => {
                    buffer.extend_from_slice(&chunk[..count]);
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let _ = self.ready(Interest::READABLE).await;
                }
                Err(_) => return false,
            }
        }
    }
}

impl Drop for VirtualStream {
    fn drop(&mut self) {
        self.shut();
        let mut pipe = self.incoming.lock();
        pipe.is_broken = true;
        pipe.wake();
    }
}
