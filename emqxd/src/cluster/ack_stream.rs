//! Applies the frames of a data stream and acknowledges them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use emqx_proto::peer::v1::{DataAck, DataFrame};
use futures_util::Stream;
use futures_util::future::BoxFuture;
use tonic::{Status, Streaming};

use crate::cluster::peer_server::{Origin, Shared};

/// Frames applied before an acknowledgement leaves although more are ready.
const FRAMES_PER_ACK: usize = 16;

/// The answer to a data stream. Frames are read and applied while it is polled: no task and no queue lie between the
/// peer's bytes and the handler, and a handler that is slow slows the peer down through HTTP/2 flow control.
pub(crate) struct AckStream {
    frames: Streaming<DataFrame>,
    shared: Arc<Shared>,
    origin: Arc<Origin>,
    stream: u64,
    applied: u64,
    acknowledged: u64,
    over: Option<BoxFuture<'static, ()>>,
}

impl AckStream {
    pub(crate) fn new(
        frames: Streaming<DataFrame>,
        shared: Arc<Shared>,
        origin: Arc<Origin>,
        stream: u64,
        over: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self {
            frames,
            shared,
            origin,
            stream,
            applied: 0,
            acknowledged: 0,
            over: Some(Box::pin(over)),
        }
    }

    fn end(&mut self, status: Option<Status>) -> Poll<Option<Result<DataAck, Status>>> {
        self.over = None;
        Poll::Ready(status.map(Err))
    }

    fn acknowledge(&mut self) -> Option<Poll<Option<Result<DataAck, Status>>>> {
        if self.applied <= self.acknowledged {
            return None;
        }
        self.acknowledged = self.applied;
        Some(Poll::Ready(Some(Ok(DataAck { seq: self.applied }))))
    }
}

impl Stream for AckStream {
    type Item = Result<DataAck, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(over) = &mut this.over else {
            return Poll::Ready(None);
        };
        if over.as_mut().poll(cx).is_ready() {
            return this.end(Some(Status::unavailable("the link is closed")));
        }
        for _ in 0..FRAMES_PER_ACK {
            match Pin::new(&mut this.frames).poll_next(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let handler = &*this.shared.handler;
                    match this.origin.apply(this.stream, frame, handler) {
                        Ok(applied) => this.applied = applied,
                        Err(status) => return this.end(Some(status)),
                    }
                }
                Poll::Ready(Some(Err(_)) | None) => return this.end(None),
                Poll::Pending => return this.acknowledge().unwrap_or(Poll::Pending),
            }
        }
        this.acknowledge().unwrap_or_else(|| {
            // Only repeats came; more frames are ready.
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }
}
