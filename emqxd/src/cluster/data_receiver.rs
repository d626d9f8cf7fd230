//! The answering side of a data stream: frames are applied where they were read, and acknowledged.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use emqx_proto::peer::v1::{DataHello, DataWelcome};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};
use tonic::Status;
use tracing::debug;

use super::KEEPALIVE_INTERVAL;
use super::data_wire::{self, ACK_BYTES, HEADER_BYTES, Header, PREFACE, SIGN_OF_LIFE, SILENCE_MAX};
use super::items::Items;
use super::peer_server::{Origin, Shared};

/// A node that dials gets that long to say who it is.
const HELLO_WITHIN: Duration = Duration::from_secs(3);

/// Room for what is read at once; used again and again.
const READ_BYTES: usize = 128 << 10;

/// A buffer that a large frame has made larger than this is given back.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// Applies what the peer sends: no task and no queue lie between its bytes and the handler, and a handler that is slow
/// slows the peer down, because nothing is read meanwhile.
struct DataReceiver {
    socket: TcpStream,
    shared: Arc<Shared>,
    origin: Arc<Origin>,
    stream: u64,
    bytes: BytesMut,
    /// Number of the last item applied, when the peer has not been told of it.
    to_acknowledge: Option<u64>,
    /// An acknowledgement of which a part has gone, and how much.
    ack: [u8; ACK_BYTES],
    ack_gone: usize,
    over: BoxFuture<'static, ()>,
    clock: Interval,
    heard_at: Instant,
}

/// Serves a connection that begins like a data stream, until it ends or the peer is no member any more.
pub(super) async fn serve(shared: Arc<Shared>, mut socket: TcpStream) {
    match open(&shared, &mut socket).await {
        Ok(Ok((origin, stream, over))) => {
            let mut clock = interval(KEEPALIVE_INTERVAL);
            clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut receiver = DataReceiver {
                socket,
                shared,
                origin,
                stream,
                bytes: BytesMut::with_capacity(READ_BYTES),
                to_acknowledge: None,
                ack: [0; ACK_BYTES],
                ack_gone: ACK_BYTES,
                over,
                clock,
                heard_at: Instant::now(),
            };
            let ended = std::future::poll_fn(|cx| receiver.poll(cx)).await;
            debug!(?ended, "data stream of a peer has ended");
        }
        Ok(Err(refusal)) => {
            let welcome = DataWelcome {
                refusal: refusal.message().to_owned(),
                ..DataWelcome::default()
            };
            // It may not wait for an answer.
            let _ = data_wire::greet(&mut socket, &welcome).await;
        }
        Err(error) => debug!(%error, "a data stream did not open"),
    }
}

type Opened = (Arc<Origin>, u64, BoxFuture<'static, ()>);

async fn open(shared: &Arc<Shared>, socket: &mut TcpStream) -> io::Result<Result<Opened, Status>> {
    let hello: DataHello = timeout(HELLO_WITHIN, async {
        let mut preface = [0; PREFACE.len()];
        socket.read_exact(&mut preface).await?;
        if preface != *PREFACE {
            return Err(io::Error::other("this is no peer"));
        }
        data_wire::greeted(socket).await
    })
    .await??;
    let caller = match shared.admit(&hello).await {
        Ok(caller) => caller,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let origin = shared.origin(&caller.name);
    let (stream, welcome) = match origin.open(shared, &caller) {
        Ok(opened) => opened,
        Err(refusal) => return Ok(Err(refusal)),
    };
    debug!(peer = %caller.name, ?welcome, "data stream opened by the peer");
    data_wire::greet(socket, &welcome.to_wire()).await?;
    Ok(Ok((origin, stream, Box::pin(shared.over(&caller)))))
}

impl DataReceiver {
    /// Ready when it has ended: by itself, or with an error.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Status>> {
        if self.over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        while self.clock.poll_tick(cx).is_ready() {
            // The peer asks for a sign of life in each interval.
            if self.heard_at.elapsed() > SILENCE_MAX {
                return Poll::Ready(Err(Status::unavailable("the peer gives no sign of life")));
            }
        }
        loop {
            self.apply_whole_frames()?;
            // While the peer takes no acknowledgements, it still is read: the latest one counts.
            if let Poll::Ready(written) = self.poll_acknowledge(cx) {
                written?;
            }
            if ready!(self.poll_read(cx))? == 0 {
                return Poll::Ready(Ok(()));
            }
            self.heard_at = Instant::now();
        }
    }

    fn apply_whole_frames(&mut self) -> Result<(), Status> {
        while let Some(header) = Header::decode(&self.bytes)?
            && let Some(items) = self.bytes[HEADER_BYTES..].get(..header.items_bytes)
        {
            let items = Items::new(header.count, items)
                .map_err(|error| Status::invalid_argument(error.to_string()))?;
            let handler = &*self.shared.handler;
            let applied = match header.first_seq {
                SIGN_OF_LIFE if items.is_empty() => self.origin.applied(self.stream)?,
                first_seq => self.origin.apply(self.stream, first_seq, items, handler)?,
            };
            self.to_acknowledge = Some(applied);
            self.bytes.advance(HEADER_BYTES + header.items_bytes);
        }
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_BYTES_MAX {
            self.bytes = BytesMut::with_capacity(READ_BYTES);
        }
        Ok(())
    }

    fn poll_acknowledge(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.ack_gone == ACK_BYTES {
                let Some(seq) = self.to_acknowledge.take() else {
                    return Poll::Ready(Ok(()));
                };
                self.ack = seq.to_le_bytes();
                self.ack_gone = 0;
            }
            let rest = &self.ack[self.ack_gone..];
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.ack_gone += written;
        }
    }

    /// Reads once, into room for the rest of the frame that has begun.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let begun = Header::decode(&self.bytes)?.map_or(0, |header| {
            (HEADER_BYTES + header.items_bytes).saturating_sub(self.bytes.len())
        });
        if self.bytes.capacity() - self.bytes.len() < begun.max(READ_BYTES / 4) {
            self.bytes
                .reserve(begun.max(READ_BYTES - self.bytes.len().min(READ_BYTES / 2)));
        }
        pin!(self.socket.read_buf(&mut self.bytes)).poll(cx)
    }
}
