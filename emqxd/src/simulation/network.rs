//! The network between the nodes. What is sent on one stream arrives in its order; streams overtake each other. Two nodes
//! that are cut off from each other get nothing; what was under way arrives when the cut has healed, unless the connection
//! was given up meanwhile, as sockets have it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyhow::{anyhow, bail};
use bytes::{Buf as _, Bytes, BytesMut};
use emqx_proto::peer::v1::{ControlRequests, ControlResponses, DataHello};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::cluster::PeerServer;
use crate::cluster::dialer::{Answers, DataConnection, Dialer};
use crate::cluster::peer_link::CallStream;
use crate::watch;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
/// A control stream on which nothing comes through for so long is closed, as HTTP/2 does it.
const CONTROL_SILENCE_MAX: Duration = Duration::from_secs(6);

/// All of it.
pub(super) struct Network {
    inner: Mutex<Inner>,
    /// Rung when a cut has healed.
    healed: Notify,
}

struct Inner {
    random: StdRng,
    servers: BTreeMap<usize, PeerServer>,
    /// Pairs, the lower number first, and since when.
    cuts: BTreeMap<(usize, usize), Instant>,
    /// Pairs whose messages take long, and how many microseconds.
    slow: BTreeMap<(usize, usize), Range<u64>>,
    connections: Vec<Link>,
}

/// A connection that is open, and what breaks it.
struct Link {
    between: (usize, usize),
    is_control: bool,
    broken: watch::Sender<bool>,
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

/// Where a node can be dialled.
pub(super) fn address(node: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 10_000 + node as u16))
}

impl Network {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                random: StdRng::seed_from_u64(seed),
                servers: BTreeMap::new(),
                cuts: BTreeMap::new(),
                slow: BTreeMap::new(),
                connections: Vec::new(),
            }),
            healed: Notify::new(),
        })
    }

    /// A node answers from now on.
    pub(super) fn open(&self, node: usize, server: PeerServer) {
        self.inner.lock().servers.insert(node, server);
    }

    /// A node is gone, with all its connections.
    pub(super) fn close(&self, node: usize) {
        let mut inner = self.inner.lock();
        inner.servers.remove(&node);
        inner.break_where(|link| link.between.0 == node || link.between.1 == node);
    }

    /// Lets nothing through between two nodes.
    pub(super) fn cut(self: &Arc<Self>, a: usize, b: usize) {
        let at = Instant::now();
        if self.inner.lock().cuts.insert(pair(a, b), at).is_some() {
            return;
        }
        let network = Arc::clone(self);
        tokio::spawn(async move {
            sleep(CONTROL_SILENCE_MAX).await;
            let mut inner = network.inner.lock();
            if inner.cuts.get(&pair(a, b)) == Some(&at) {
                inner.break_where(|link| link.is_control && link.between == pair(a, b));
            }
        });
    }

    pub(super) fn heal(&self, a: usize, b: usize) {
        self.inner.lock().cuts.remove(&pair(a, b));
        self.healed.notify_waiters();
    }

    pub(super) fn heal_all(&self) {
        let mut inner = self.inner.lock();
        inner.cuts.clear();
        inner.slow.clear();
        drop(inner);
        self.healed.notify_waiters();
    }

    /// Lets messages take so many microseconds.
    pub(super) fn set_slow(&self, a: usize, b: usize, micros: Option<Range<u64>>) {
        let mut inner = self.inner.lock();
        match micros {
            Some(micros) => inner.slow.insert(pair(a, b), micros),
            None => inner.slow.remove(&pair(a, b)),
        };
    }

    /// Closes all connections between two nodes; they may open new ones at once.
    pub(super) fn reset(&self, a: usize, b: usize) {
        self.inner
            .lock()
            .break_where(|link| link.between == pair(a, b));
    }

    pub(super) fn is_cut(&self, a: usize, b: usize) -> bool {
        self.inner.lock().cuts.contains_key(&pair(a, b))
    }

    fn delay(&self, a: usize, b: usize) -> Duration {
        let mut inner = self.inner.lock();
        let micros = if let Some(slow) = inner.slow.get(&pair(a, b)).cloned() {
            inner.random.random_range(slow)
        } else {
            match inner.random.random_range(0..20) {
                0 => inner.random.random_range(5_000..60_000),
                _ => inner.random.random_range(100..3_000),
            }
        };
        Duration::from_micros(micros)
    }

    async fn passable(&self, a: usize, b: usize) {
        loop {
            let healed = self.healed.notified();
            if !self.is_cut(a, b) {
                return;
            }
            healed.await;
        }
    }

    /// A new connection, and the server that answers.
    async fn connect(
        &self,
        from: usize,
        to: SocketAddr,
        is_control: bool,
    ) -> anyhow::Result<(usize, PeerServer, watch::Receiver<bool>)> {
        let to = usize::from(to.port() - 10_000);
        if timeout(CONNECT_TIMEOUT, self.passable(from, to))
            .await
            .is_err()
        {
            bail!("cannot connect in time");
        }
        sleep(self.delay(from, to)).await;
        let mut inner = self.inner.lock();
        let Some(server) = inner.servers.get(&to).cloned() else {
            bail!("nobody answers");
        };
        let (broken, is_broken) = watch::channel(false);
        inner.connections.push(Link {
            between: pair(from, to),
            is_control,
            broken,
        });
        Ok((to, server, is_broken))
    }

    /// One direction of a connection.
    #[expect(
        clippy::disallowed_methods,
        reason = "the links bound what they have under way"
    )]
    fn wire<T: Send + 'static>(
        self: &Arc<Self>,
        from: usize,
        to: usize,
        mut is_broken: watch::Receiver<bool>,
    ) -> (Sending<T>, Receiving<T>) {
        let (sending, mut sent) = mpsc::unbounded_channel::<(Instant, T)>();
        let (arriving, receiving) = mpsc::unbounded_channel();
        let network = Arc::clone(self);
        let carried = async move {
            while let Some((at, item)) = sent.recv().await {
                sleep_until(at).await;
                network.passable(from, to).await;
                if arriving.send(item).is_err() {
                    return;
                }
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                biased;
                _ = is_broken.wait_for(|is| *is) => {}
                () = carried => {}
            }
        });
        let sending = Sending {
            network: Arc::clone(self),
            between: (from, to),
            queue: sending,
        };
        (sending, receiving)
    }
}

impl Inner {
    fn break_where(&mut self, which: impl Fn(&Link) -> bool) {
        self.connections.retain(|link| {
            let breaks = which(link);
            if breaks {
                link.broken.send_replace(true);
            }
            !breaks
        });
    }
}

struct Sending<T> {
    network: Arc<Network>,
    between: (usize, usize),
    queue: mpsc::UnboundedSender<(Instant, T)>,
}

type Receiving<T> = mpsc::UnboundedReceiver<T>;

impl<T> Sending<T> {
    /// False when the connection is gone.
    fn send(&self, item: T) -> bool {
        let (from, to) = self.between;
        let at = Instant::now() + self.network.delay(from, to);
        self.queue.send((at, item)).is_ok()
    }
}

/// How a node reaches the others.
pub(super) struct VirtualDialer {
    pub(super) network: Arc<Network>,
    pub(super) node: usize,
}

/// What comes back on a control stream.
enum Answer {
    Opened,
    Refused(String),
    Batch(ControlResponses),
}

impl Dialer for VirtualDialer {
    fn data(&self, to: SocketAddr) -> BoxFuture<'_, anyhow::Result<DataConnection>> {
        async move {
            let network = &self.network;
            let (to, server, broken) = network.connect(self.node, to, false).await?;
            let (out, answered) = network.wire(self.node, to, broken.clone());
            let (back, incoming) = network.wire(to, self.node, broken);
            let served = VirtualSocket::new(back, answered);
            tokio::spawn(async move { server.serve_data(Box::new(served)).await });
            Ok(Box::new(VirtualSocket::new(out, incoming)) as DataConnection)
        }
        .boxed()
    }

    fn control(
        &self,
        to: SocketAddr,
        hello: DataHello,
        mut requests: CallStream,
    ) -> BoxFuture<'_, anyhow::Result<Answers>> {
        async move {
            let network = &self.network;
            let (to, server, broken) = network.connect(self.node, to, true).await?;
            let (out, mut asked) = network.wire::<ControlRequests>(self.node, to, broken.clone());
            let (back, mut answers) = network.wire(to, self.node, broken);
            tokio::spawn(async move {
                while let Some(batch) = requests.next().await {
                    if !out.send(batch) {
                        return;
                    }
                }
            });
            tokio::spawn(async move {
                let asked =
                    futures_util::stream::poll_fn(move |context| asked.poll_recv(context)).map(Ok);
                let mut served = match server.serve_control(&hello, asked).await {
                    Ok(served) => served,
                    Err(refusal) => {
                        back.send(Answer::Refused(refusal.message().to_owned()));
                        return;
                    }
                };
                back.send(Answer::Opened);
                while let Some(Ok(batch)) = served.next().await {
                    if !back.send(Answer::Batch(batch)) {
                        return;
                    }
                }
            });
            match timeout(OPEN_TIMEOUT, answers.recv()).await {
                Ok(Some(Answer::Opened)) => {}
                Ok(Some(Answer::Refused(why))) => bail!(why),
                _ => bail!("the peer did not open the stream"),
            }
            let answers = futures_util::stream::poll_fn(move |context| answers.poll_recv(context));
            Ok(answers
                .map(|answer| match answer {
                    Answer::Batch(batch) => Ok(batch),
                    Answer::Opened | Answer::Refused(_) => Err(anyhow!("opened twice")),
                })
                .boxed())
        }
        .boxed()
    }
}

/// One end of a data stream.
struct VirtualSocket {
    out: Sending<Bytes>,
    incoming: Receiving<Bytes>,
    rest: Bytes,
}

impl VirtualSocket {
    const fn new(out: Sending<Bytes>, incoming: Receiving<Bytes>) -> Self {
        Self {
            out,
            incoming,
            rest: Bytes::new(),
        }
    }
}

impl AsyncRead for VirtualSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.incoming.poll_recv(context)) {
                Some(bytes) => self.rest = bytes,
                None => return Poll::Ready(Ok(())),
            }
        }
        let count = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..count]);
        self.rest.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for VirtualSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut bytes = BytesMut::new();
        slices
            .iter()
            .for_each(|slice| bytes.extend_from_slice(slice));
        let count = bytes.len();
        Poll::Ready(if self.out.send(bytes.freeze()) {
            Ok(count)
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
