//! The dialling side of peer links: what this node sends to each peer, and calls that it makes.
//!
//! Each link is two connections, one with the data stream and one with the control stream (gRPC), so that a bulk of messages
//! never delays a takeover. The other direction is dialled by the other node.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::BytesMut;
use emqx_proto::peer::v1::{
    ControlRequests, DataHello, DataItem, control_request, control_response,
};
use futures_util::{Stream, StreamExt as _};
use parking_lot::Mutex;
use prost::Message as _;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tracing::{debug, info, warn};

use crate::cluster::call_table::{self, BUSY, CallError, CallTable};
use crate::cluster::data_sender::DataSender;
use crate::cluster::data_wire;
use crate::cluster::dialer::Dialer;
use crate::cluster::forward_codec::ForwardItem;
use crate::cluster::handshake::{self, Welcome};
use crate::cluster::send_queue::{self, AckNotify, Acked, Class, Refused, SendQueue};
use crate::cluster::{CONTROL_MESSAGE_BYTES_MAX, LinkLimits, LocalNode, PeerHandler};
use crate::membership::NodeName;
use crate::storage::away_record;
use crate::watch;

const BACKOFF_MIN: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// A connection is there within this, or given up.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer than the answering side waits for this node to appear in its view.
pub(super) const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Figures of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkStats {
    /// Whether the data stream is open.
    pub is_connected: bool,
    /// Items accepted since the node started.
    pub sent: u64,
    /// Number of the last item acknowledged (or given up with its peer).
    pub acked: u64,
    /// Items waiting for acknowledgement.
    pub queued: usize,
    /// Their encoded bytes.
    pub queued_bytes: usize,
    /// Items refused because too many waited or they were too large.
    pub refused: u64,
}

/// The link to one peer, over all its incarnations. Item numbers grow for as long as this node runs.
pub struct PeerLink {
    name: NodeName,
    local: Arc<LocalNode>,
    handler: Arc<dyn PeerHandler>,
    limits: Arc<LinkLimits>,
    dialer: Arc<dyn Dialer>,
    queue: Mutex<SendQueue>,
    calls: Mutex<CallTable>,
    /// Latest known of the peer; changed under the lock of `queue`.
    incarnation: AtomicU64,
    target: watch::Sender<Option<Target>>,
    is_connected: AtomicBool,
    /// How often the peer was taken for dead, and what of that it knows.
    parked: AtomicU64,
    parked_known: AtomicU64,
    refused: AtomicU64,
    /// As `SendQueue::completed_seq`: asked for each message that a publisher waits for, hence without the lock.
    completed: AtomicU64,
    /// The commit with all messages that were under way when the peer went.
    kept_commit: AtomicU64,
    former: Mutex<Option<away::Former>>,
    /// As `former`, without the lock.
    has_former: AtomicBool,
    /// Sessions on their way here from the peer.
    transfers: Semaphore,
}

/// Sessions on their way from one peer at once; further ones wait for their turn. With thousands at once, each step of
/// each would take so long that all of them ran into their time limits.
const TRANSFERS_MAX: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Target {
    incarnation: u64,
    addr: SocketAddr,
}

impl std::fmt::Debug for PeerLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PeerLink({})", self.name())
    }
}

impl PeerLink {
    pub(crate) fn new(
        name: NodeName,
        local: Arc<LocalNode>,
        handler: Arc<dyn PeerHandler>,
        limits: Arc<LinkLimits>,
        dialer: Arc<dyn Dialer>,
    ) -> Self {
        Self {
            name,
            local,
            handler,
            limits,
            dialer,
            queue: Mutex::new(SendQueue::new()),
            calls: Mutex::default(),
            incarnation: AtomicU64::new(0),
            target: watch::channel(None).0,
            is_connected: AtomicBool::new(false),
            parked: AtomicU64::new(0),
            parked_known: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            kept_commit: AtomicU64::new(0),
            former: Mutex::default(),
            has_former: AtomicBool::new(false),
            transfers: Semaphore::new(TRANSFERS_MAX),
        }
    }

    /// Waits, no longer than that, until a further Session may come from the peer: it may until the permit is dropped.
    ///
    /// # Errors
    /// When so many are under way that its turn does not come.
    pub async fn begin_transfer(
        &self,
        at_most: Duration,
    ) -> Result<SemaphorePermit<'_>, CallError> {
        match tokio::time::timeout(at_most, self.transfers.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(CallError::Refused {
                code: BUSY.into(),
                message: "too many Sessions are on their way from it".into(),
            }),
        }
    }

    /// The peer.
    pub fn name(&self) -> &NodeName {
        &self.name
    }

    /// Queues an item and returns its number. Never waits. `None`, and counted, when too many items wait (see
    /// [`Class`] and [`LinkLimits`]), the item is larger than [`crate::cluster::MESSAGE_BYTES_MAX`], or the peer is
    /// not live.
    ///
    /// An incarnation of the peer gets every accepted item once and in order, across breaks of the connection, until
    /// it is dead; then see [`PeerHandler::undelivered`].
    ///
    /// # Interest
    /// A peer that knows nothing of this node first gets [`PeerHandler::snapshot`]. Nothing is missing in between
    /// when each change of interest is *first* made visible to `snapshot` and *then* sent: the number of the last
    /// item is noted before the snapshot is taken, so interest items up to it are in the snapshot and are left
    /// out, and every later one follows the snapshot, even when it is in the snapshot as well. For that to be
    /// harmless, changes of one Topic Filter must be sent in the order in which they were made.
    pub fn send(&self, item: DataItem, class: Class) -> Option<u64> {
        self.push(item.encoded_len(), class, |out| {
            // It grows as needed, and the length was asked for above.
            let _ = item.encode(out);
        })
    }

    /// The same for a message of QoS 0: it is encoded where it waits.
    pub fn send_droppable(&self, item: &ForwardItem<'_>) -> Option<u64> {
        self.push(item.encoded_len(), Class::Droppable, |out| item.write(out))
    }

    fn push(&self, len: usize, class: Class, write: impl FnOnce(&mut BytesMut)) -> Option<u64> {
        let pushed = self.queue.lock().push(len, class, &self.limits, write);
        match pushed {
            Ok((seq, waker)) => {
                if let Some(waker) = waker {
                    waker.wake();
                }
                Some(seq)
            }
            Err(Refused::Gone) => None,
            Err(Refused::Full | Refused::TooLarge) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }

    /// Changes what is acknowledged or gone.
    fn complete<R>(&self, change: impl FnOnce(&mut SendQueue) -> R) -> R {
        let mut queue = self.queue.lock();
        let result = change(&mut queue);
        self.completed
            .store(queue.completed_seq(), Ordering::Release);
        let done = queue.take_done();
        drop(queue);
        if !done.is_empty() {
            let done = done.into_iter();
            // What is not removed now goes to the peer again after the next start.
            let _ = self
                .handler
                .store()
                .append_all(done.map(|number| away_record::done(&self.name, number)));
        }
        result
    }

    /// Every item up to this number is acknowledged, or was meant for an incarnation of the peer that is gone.
    pub fn acked(&self) -> u64 {
        self.completed.load(Ordering::Acquire)
    }

    /// Number of the last item accepted; 0 before the first.
    pub fn last_sent(&self) -> u64 {
        self.queue.lock().last_seq()
    }

    /// Calls `notify` once when that item is acknowledged or the peer gone. When that is so already it is called
    /// before this returns, and `true` is returned.
    pub fn notify_acked(&self, seq: u64, notify: Arc<dyn AckNotify>) -> bool {
        let due = self.queue.lock().notify_acked(seq, notify);
        match due {
            Some(notify) => {
                notify.acked();
                true
            }
            None => false,
        }
    }

    /// Whether nothing up to that item is on its way to the peer as it is now: what was meant for an earlier incarnation of
    /// it never will be.
    pub fn is_settled(&self, seq: u64) -> bool {
        let queue = self.queue.lock();
        queue.is_accepting() && queue.completed_seq() >= seq
    }

    /// How an item ended; `None` while it is under way.
    pub fn outcome(&self, seq: u64) -> Option<Acked> {
        (seq <= self.acked()).then(|| self.queue.lock().outcome(seq))
    }

    /// Waits until that item is acknowledged or the peer gone.
    pub async fn wait_acked(&self, seq: u64) -> Acked {
        let (sender, receiver) = oneshot::channel();
        let notify = Arc::new(OnceNotify(Mutex::new(Some(sender))));
        if !self.notify_acked(seq, notify) {
            // Neither is it dropped without a call: that would mean that the link itself is gone.
            let _ = receiver.await;
        }
        self.outcome(seq).unwrap_or(Acked::PeerGone)
    }

    /// Asks the peer for something and waits for the answer. Dropping the future withdraws the request if it was
    /// not sent yet, and ignores the answer otherwise.
    ///
    /// # Errors
    /// See [`CallError`]. A request is never repeated by the link.
    pub async fn call(
        &self,
        request: control_request::Request,
        timeout: Duration,
    ) -> Result<control_response::Response, CallError> {
        if request.encoded_len() > CONTROL_MESSAGE_BYTES_MAX {
            return Err(CallError::Refused {
                code: "too_large".into(),
                message: "the request is larger than a message may be".into(),
            });
        }
        let begun = self.calls.lock().begin(request, &self.limits);
        let (id, answer, waker) = begun?;
        if let Some(waker) = waker {
            waker.wake();
        }
        let call = Call { link: self, id };
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(CallError::Unreachable),
            Err(_) if call.forget() => Err(CallError::Timeout),
            Err(_) => Err(CallError::Unreachable),
        }
    }

    /// Figures at present.
    pub fn stats(&self) -> LinkStats {
        let queue = self.queue.lock();
        LinkStats {
            is_connected: self.is_connected.load(Ordering::Relaxed),
            sent: queue.last_seq(),
            acked: queue.completed_seq(),
            queued: queue.len(),
            queued_bytes: queue.bytes(),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// The view shows that incarnation of the peer at that address.
    pub(crate) fn set_member(&self, incarnation: u64, addr: SocketAddr) {
        self.saw_incarnation(incarnation);
        self.complete(SendQueue::open_to_items);
        self.calls.lock().open_to_calls();
        let target = Target { incarnation, addr };
        self.target.send_if_modified(|known| {
            let changed = *known != Some(target);
            *known = Some(target);
            changed
        });
    }

    /// Ends what was meant for an earlier incarnation. Returns whether there was one.
    fn saw_incarnation(&self, incarnation: u64) -> bool {
        let restarted = self.complete(|queue| {
            let known = self.incarnation.load(Ordering::Relaxed);
            if incarnation <= known {
                return None;
            }
            self.incarnation.store(incarnation, Ordering::Relaxed);
            (known != 0).then(|| {
                if self.handler.has_copies() {
                    self.remember_former(known, queue);
                }
                if self.handler.store().is_on() {
                    (Vec::new(), queue.restart_with_messages())
                } else {
                    queue.restart()
                }
            })
        });
        let Some((items, after)) = restarted else {
            return false;
        };
        after.run();
        self.hand_back(items);
        true
    }

    /// The peer is not live any more.
    pub(crate) fn park(&self) {
        self.target.send_replace(None);
        self.parked.fetch_add(1, Ordering::AcqRel);
        let store = self.handler.store();
        if store.is_on() {
            self.park_and_keep(store);
        } else {
            let after = self.complete(SendQueue::park);
            after.run();
        }
        let waker = self.calls.lock().close();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The peer stays away.
    pub(crate) fn give_up(&self) {
        let (items, after) = self.complete(SendQueue::restart);
        after.run();
        self.hand_back(items);
    }

    fn hand_back(&self, items: Vec<DataItem>) {
        if !items.is_empty() {
            self.handler.undelivered(&self.name, items);
        }
    }

    /// Keeps one stream of the link open while the peer is live.
    pub(crate) async fn keep_up(self: Arc<Self>, kind: Kind) {
        let mut targets = self.target.subscribe();
        let mut backoff = BACKOFF_MIN;
        let mut last_problem = String::new();
        loop {
            let target = *targets.borrow_and_update();
            let Some(target) = target else {
                backoff = BACKOFF_MIN;
                if targets.changed().await.is_err() {
                    return;
                }
                continue;
            };
            let run = async {
                match kind {
                    Kind::Data => self.run_data(target, &mut backoff).await,
                    Kind::Control => self.run_control(target, &mut backoff).await,
                }
            };
            let ended = tokio::select! {
                biased;
                ended = run => ended,
                // Another incarnation or address, or the peer is gone.
                _ = targets.changed() => {
                    backoff = BACKOFF_MIN;
                    continue;
                }
            };
            if let Err(error) = ended {
                let problem = format!("{error:#}");
                if backoff == BACKOFF_MIN {
                    // It may only be stopping: then membership says so soon.
                    info!(peer = %self.name, ?kind, problem, "link to peer has ended");
                } else if problem == last_problem {
                    debug!(peer = %self.name, ?kind, problem, "link to peer is down");
                } else {
                    warn!(peer = %self.name, ?kind, problem, "link to peer is down");
                    last_problem = problem;
                }
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(backoff) => {}
                _ = targets.changed() => {}
            }
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    }

    async fn run_data(
        self: &Arc<Self>,
        target: Target,
        backoff: &mut Duration,
    ) -> anyhow::Result<()> {
        let mut socket = self.dialer.data(target.addr).await?;
        let (number, after) = self.queue.lock().connect();
        after.run();
        let connection = DataConnection { link: self, number };
        let parked = self.parked.load(Ordering::Acquire);
        let hello = DataHello {
            afresh: self.parked_known.load(Ordering::Acquire) != parked,
            ..handshake::hello(&self.local, &self.name)
        };
        let greeting = async {
            socket.write_all(data_wire::PREFACE).await?;
            data_wire::greet(&mut socket, &hello).await?;
            data_wire::greeted(&mut socket).await
        };
        let welcome = match tokio::time::timeout(OPEN_TIMEOUT, greeting).await {
            Ok(welcome) => welcome.context("the peer did not greet back")?,
            Err(_) => bail!("the peer did not open the stream in time"),
        };
        let welcome = Welcome::from_wire(welcome).map_err(anyhow::Error::msg)?;
        if welcome.incarnation < target.incarnation {
            bail!("an earlier incarnation of the peer answered");
        }
        if self.saw_incarnation(welcome.incarnation) {
            bail!("the peer was restarted");
        }
        self.parked_known.store(parked, Ordering::Release);
        let after = self.complete(|queue| queue.ack(welcome.applied));
        after.run();
        let snapshot = welcome.wants_snapshot.then(|| {
            let covers = self.queue.lock().last_seq();
            (self.handler.snapshot(&self.name), covers)
        });
        let after = self.queue.lock().begin(number, snapshot);
        let Some(after) = after else {
            bail!("the link was closed while it opened");
        };
        after.run();
        self.is_connected.store(true, Ordering::Relaxed);
        *backoff = BACKOFF_MIN;
        info!(peer = %self.name, ?welcome, "link to peer is up");
        let ended = DataSender::new(self, number, socket).run().await;
        drop(connection);
        Err(ended)
    }

    /// The next frame for a connection of the data stream.
    pub(super) fn next_frame(&self, number: u64, waker: &Waker) -> send_queue::Next {
        self.queue.lock().next_frame(number, &self.limits, waker)
    }

    /// The peer has applied everything up to that number.
    pub(super) fn take_ack(&self, seq: u64) {
        let after = self.complete(|queue| queue.ack(seq));
        after.run();
    }

    async fn run_control(
        self: &Arc<Self>,
        target: Target,
        backoff: &mut Duration,
    ) -> anyhow::Result<()> {
        let number = self.calls.lock().connect();
        let connection = ControlConnection { link: self, number };
        let requests = CallStream {
            link: self.clone(),
            number,
        };
        let hello = handshake::hello(&self.local, &self.name);
        let dialer = &self.dialer;
        let mut answers = dialer.control(target.addr, hello, requests).await?;
        let waker = self.calls.lock().connected(number);
        if let Some(waker) = waker {
            waker.wake();
        }
        *backoff = BACKOFF_MIN;
        while let Some(batch) = answers.next().await {
            let batch = batch?;
            let mut calls = self.calls.lock();
            for response in batch.responses {
                calls.answered(response);
            }
        }
        drop(connection);
        bail!("the peer closed the control stream")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Data,
    Control,
}

/// Takes requests out of the table as fast as the connection sends them.
pub(crate) struct CallStream {
    link: Arc<PeerLink>,
    number: u64,
}

impl Stream for CallStream {
    type Item = ControlRequests;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ControlRequests>> {
        let link = &self.link;
        let next = link
            .calls
            .lock()
            .next_frame(self.number, &link.limits, cx.waker());
        match next {
            call_table::Next::Frame(frame) => Poll::Ready(Some(frame)),
            call_table::Next::Wait => Poll::Pending,
            call_table::Next::Ended => Poll::Ready(None),
        }
    }
}

/// The connection of the data stream, also when the task is cancelled.
struct DataConnection<'a> {
    link: &'a PeerLink,
    number: u64,
}

impl Drop for DataConnection<'_> {
    fn drop(&mut self) {
        self.link.is_connected.store(false, Ordering::Relaxed);
        let after = self.link.queue.lock().disconnect(self.number);
        after.run();
    }
}

/// The connection of the control stream, also when the task is cancelled.
struct ControlConnection<'a> {
    link: &'a PeerLink,
    number: u64,
}

impl Drop for ControlConnection<'_> {
    fn drop(&mut self) {
        let waker = self.link.calls.lock().disconnect(self.number);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A call whose caller still waits.
struct Call<'a> {
    link: &'a PeerLink,
    id: u64,
}

impl Call<'_> {
    fn forget(&self) -> bool {
        self.link.calls.lock().forget(self.id)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.forget();
    }
}

struct OnceNotify(Mutex<Option<oneshot::Sender<()>>>);

impl AckNotify for OnceNotify {
    fn acked(&self) {
        if let Some(sender) = self.0.lock().take() {
            // Nobody waits any more when the waiting future was dropped.
            let _ = sender.send(());
        }
    }
}

pub use away::{FORMER_KEPT, Sent};

mod away;
#[cfg(test)]
mod tests;
