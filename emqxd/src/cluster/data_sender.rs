//! The dialling side of a data stream: frames go out, acknowledgements come in.

use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::KEEPALIVE_INTERVAL;
use super::data_wire::{ACK_BYTES, HEADER_BYTES, Header, SILENCE_MAX};
use super::dialer::DataConnection;
use super::peer_link::PeerLink;
use super::send_queue::Next;

/// Room for acknowledgements that come at once.
const READ_BYTES: usize = 1 << 10;

/// Sends what waits on a link over one connection. One task does both directions and holds nothing but the frame that is
/// under way, so a message crosses no further queue between its publisher and the socket.
pub(super) struct DataSender<'a> {
    link: &'a PeerLink,
    /// Of the connection.
    number: u64,
    socket: DataConnection,
    acks: BytesMut,
    header: [u8; HEADER_BYTES],
    /// Bytes of the header that have gone; all of them when nothing is under way.
    header_gone: usize,
    items: Bytes,
    clock: Interval,
    /// When the peer was heard last.
    heard_at: Instant,
    asks: bool,
}

impl<'a> DataSender<'a> {
    pub(super) fn new(link: &'a PeerLink, number: u64, socket: DataConnection) -> Self {
        let mut clock = interval(KEEPALIVE_INTERVAL);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            link,
            number,
            socket,
            acks: BytesMut::with_capacity(READ_BYTES),
            header: [0; HEADER_BYTES],
            header_gone: HEADER_BYTES,
            items: Bytes::new(),
            clock,
            heard_at: Instant::now(),
            asks: false,
        }
    }

    /// Goes on until the connection ends, and says why.
    pub(super) async fn run(mut self) -> anyhow::Error {
        match std::future::poll_fn(|cx| self.poll(cx)).await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<anyhow::Result<std::convert::Infallible>> {
        while let Poll::Ready(read) = self.poll_acks(cx) {
            read?;
        }
        while self.clock.poll_tick(cx).is_ready() {
            if self.heard_at.elapsed() > SILENCE_MAX {
                return Poll::Ready(Err(anyhow::anyhow!("the peer gives no sign of life")));
            }
            self.asks = true;
        }
        loop {
            ready!(self.poll_write(cx))?;
            let header = if std::mem::take(&mut self.asks) {
                Header::QUESTION
            } else {
                match self.link.next_frame(self.number, cx.waker()) {
                    Next::Frame(frame) => {
                        self.items = frame.items;
                        Header {
                            items_bytes: self.items.len(),
                            count: frame.count,
                            first_seq: frame.first_seq,
                        }
                    }
                    Next::Wait => return Poll::Pending,
                    Next::Ended => {
                        return Poll::Ready(Err(anyhow::anyhow!("the link was closed")));
                    }
                }
            };
            self.header = header.encode();
            self.header_gone = 0;
        }
    }

    /// Reads once.
    fn poll_acks(&mut self, cx: &mut Context<'_>) -> Poll<anyhow::Result<()>> {
        self.acks.reserve(READ_BYTES);
        let read = ready!(pin!(self.socket.read_buf(&mut self.acks)).poll(cx))?;
        if read == 0 {
            return Poll::Ready(Err(anyhow::anyhow!("the peer closed the data stream")));
        }
        self.heard_at = Instant::now();
        let mut last = None;
        while self.acks.len() >= ACK_BYTES {
            last = Some(self.acks.get_u64_le());
        }
        if let Some(seq) = last {
            self.link.take_ack(seq);
        }
        Poll::Ready(Ok(()))
    }

    /// Ready when nothing is under way any more.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<anyhow::Result<()>> {
        while self.header_gone < HEADER_BYTES || !self.items.is_empty() {
            let slices = [
                IoSlice::new(&self.header[self.header_gone..]),
                IoSlice::new(&self.items),
            ];
            let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, &slices))?;
            if written == 0 {
                return Poll::Ready(Err(anyhow::anyhow!("the connection takes nothing")));
            }
            let of_header = written.min(HEADER_BYTES - self.header_gone);
            self.header_gone += of_header;
            self.items.advance(written - of_header);
        }
        Poll::Ready(Ok(()))
    }
}
