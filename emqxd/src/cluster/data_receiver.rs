//! The answering side of a data stream: frames are applied where they were read, and acknowledged.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use emqx_proto::peer::v1::{DataHello, DataWelcome};
use futures_util::future::BoxFuture;
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};
use tonic::Status;
use tracing::debug;

use super::AckNotify;
use super::KEEPALIVE_INTERVAL;
use super::data_wire::{self, ACK_BYTES, HEADER_BYTES, Header, PREFACE, SIGN_OF_LIFE, SILENCE_MAX};
use super::dialer::DataConnection;
use super::items::Items;
use super::peer_server::{Origin, Shared};
use crate::storage::{Commit, Stored};

/// A node that dials gets that long to say who it is.
const HELLO_WITHIN: Duration = Duration::from_secs(3);

/// What was applied is stored within that, or the peer dials again.
const STORED_WITHIN: Duration = Duration::from_secs(3);

/// Room for what is read at once; used again and again.
const READ_BYTES: usize = 512 << 10;

/// A buffer that a large frame has made larger than this is given back.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// Applies what the peer sends: no task and no queue lie between its bytes and the handler, and a handler that is slow
/// slows the peer down, because nothing is read meanwhile.
struct DataReceiver {
    socket: DataConnection,
    shared: Arc<Shared>,
    origin: Arc<Origin>,
    stream: u64,
    bytes: BytesMut,
    /// Number of the last item that is applied and stored, when the peer has not been told of it.
    to_acknowledge: Option<u64>,
    /// Commits to come, and up to which item they store what was applied; oldest first.
    to_be_stored: VecDeque<(Commit, u64)>,
    /// Number of the last item that is applied and stored.
    stored: u64,
    /// Rung by the store.
    bell: Arc<Bell>,
    /// For that commit.
    rings_for: Commit,
    /// Nothing is read while too much waits for the disk.
    room: Option<BoxFuture<'static, ()>>,
    /// An acknowledgement of which a part has gone, and how much.
    ack: [u8; ACK_BYTES],
    ack_gone: usize,
    over: BoxFuture<'static, ()>,
    clock: Interval,
    heard_at: Instant,
}

/// Wakes the receiver when something is stored.
#[derive(Default)]
struct Bell(AtomicWaker);

impl AckNotify for Bell {
    fn acked(&self) {
        self.0.wake();
    }
}

/// Serves a connection that begins like a data stream, until it ends or the peer is no member any more.
pub(super) async fn serve(shared: Arc<Shared>, mut socket: DataConnection) {
    match open(&shared, &mut socket).await {
        Ok(Ok((origin, stream, applied, over))) => {
            let mut clock = interval(KEEPALIVE_INTERVAL);
            clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut receiver = DataReceiver {
                socket,
                shared,
                origin,
                stream,
                bytes: BytesMut::with_capacity(READ_BYTES),
                to_acknowledge: None,
                to_be_stored: VecDeque::new(),
                stored: applied,
                bell: Arc::default(),
                rings_for: Commit::NONE,
                room: None,
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

type Opened = (Arc<Origin>, u64, u64, BoxFuture<'static, ()>);

async fn open(
    shared: &Arc<Shared>,
    socket: &mut DataConnection,
) -> io::Result<Result<Opened, Status>> {
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
    let (stream, welcome) = match origin.open(shared, &caller, hello.afresh) {
        Ok(opened) => opened,
        Err(refusal) => return Ok(Err(refusal)),
    };
    debug!(peer = %caller.name, ?welcome, "data stream opened by the peer");
    // What an earlier stream has applied, the peer takes for acknowledged.
    let store = shared.handler.store();
    timeout(STORED_WITHIN, store.wait(store.last_commit())).await?;
    data_wire::greet(socket, &welcome.to_wire()).await?;
    let over = Box::pin(shared.over(&caller));
    Ok(Ok((origin, stream, welcome.applied, over)))
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
            if self.room.is_some() {
                // It is not read, but it is not forgotten.
                self.heard_at = Instant::now();
                self.to_acknowledge = Some(self.stored);
            }
        }
        loop {
            if !self.poll_room(cx).is_pending() {
                self.apply_whole_frames()?;
            }
            self.look_what_is_stored(cx);
            // While the peer takes no acknowledgements, it still is read: the latest one counts.
            if let Poll::Ready(written) = self.poll_acknowledge(cx) {
                written?;
            }
            if self.room.is_some() {
                return Poll::Pending;
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
            let (applied, stored) = match header.first_seq {
                SIGN_OF_LIFE if items.is_empty() => {
                    (self.origin.applied(self.stream)?, Stored::default())
                }
                first_seq => self.origin.apply(self.stream, first_seq, items, handler)?,
            };
            self.note_applied(applied, stored);
            self.bytes.advance(HEADER_BYTES + header.items_bytes);
        }
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_BYTES_MAX {
            self.bytes = BytesMut::with_capacity(READ_BYTES);
        }
        Ok(())
    }

    /// An item that is stored later is acknowledged later, and so are those behind it.
    fn note_applied(&mut self, applied: u64, stored: Stored) {
        if stored.commit.is_none() && self.to_be_stored.is_empty() {
            self.stored = applied;
        } else {
            let before = self.to_be_stored.back().map_or(Commit::NONE, |last| last.0);
            let commit = stored.commit.max(before);
            match self.to_be_stored.back_mut() {
                Some(last) if last.0 == commit => last.1 = applied,
                _ => self.to_be_stored.push_back((commit, applied)),
            }
        }
        // Also as a sign of life.
        self.to_acknowledge = Some(self.stored);
    }

    fn look_what_is_stored(&mut self, cx: &Context<'_>) {
        let store = self.shared.handler.store();
        let is_stored = |(commit, _): &mut (Commit, u64)| store.is_committed(*commit);
        self.bell.0.register(cx.waker());
        while let Some((_, applied)) = self.to_be_stored.pop_front_if(is_stored) {
            self.stored = applied;
            self.to_acknowledge = Some(applied);
        }
        if let Some((commit, _)) = self.to_be_stored.front()
            && self.rings_for != *commit
        {
            self.rings_for = *commit;
            store.notify(*commit, Arc::clone(&self.bell) as Arc<dyn AckNotify>);
        }
    }

    /// Ready when the store can take what a frame may bring.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.room.is_none() {
            let store = self.shared.handler.store();
            if !store.is_crowded() {
                return Poll::Ready(());
            }
            let store = store.clone();
            self.room = Some(Box::pin(async move { store.room(Duration::MAX).await }));
        }
        if let Some(room) = &mut self.room {
            ready!(room.as_mut().poll(cx));
            self.room = None;
            // It took time in which the peer was not heard.
            self.heard_at = Instant::now();
        }
        Poll::Ready(())
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
