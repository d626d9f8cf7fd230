//! The answering side of peer links: what peers send here, and calls that they make.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use emqx_proto::peer::v1::peer_service_server::{PeerService, PeerServiceServer};
use emqx_proto::peer::v1::{ControlRequests, DataHello};
use futures_util::Stream;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};
use tracing::debug;

use crate::cluster::control_stream::ControlStream;
use crate::cluster::data_receiver;
use crate::cluster::data_wire::PREFACE;
#[cfg(test)]
use crate::cluster::dialer::DataConnection;
use crate::cluster::handshake::{self, Caller, Welcome};
use crate::cluster::{
    Acked, Items, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, LinkLimits, LocalNode, PeerHandler,
    RECEIVED_MESSAGE_BYTES_MAX,
};
use crate::hashing::HashMap;
use crate::membership::{NodeName, View};
use crate::storage::Stored;
use crate::watch;

/// For how long a peer that dials is waited for to appear in the view: its link may be quicker than gossip.
const MEMBER_WAIT: Duration = Duration::from_secs(2);
/// Whoever connects gets that long to begin.
const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(3);
/// Before the next connection is taken when one could not be.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const STREAM_WINDOW_BYTES: u32 = 8 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;
const HTTP2_FRAME_BYTES: u32 = 256 << 10;

/// Serves peers. One per node; cheap to clone.
#[derive(Clone)]
pub struct PeerServer {
    shared: Arc<Shared>,
    /// Ends with the last clone.
    _follower: Arc<AbortOnDrop>,
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) struct Shared {
    local: LocalNode,
    pub(crate) handler: Arc<dyn PeerHandler>,
    pub(crate) limits: LinkLimits,
    view: watch::Receiver<Arc<View>>,
    origins: Mutex<HashMap<NodeName, Arc<Origin>>>,
    closing: watch::Sender<bool>,
}

impl PeerServer {
    /// Follows the view from now on: a peer that leaves it is reported to the handler as gone.
    pub fn new(
        local: LocalNode,
        handler: Arc<dyn PeerHandler>,
        limits: LinkLimits,
        view: watch::Receiver<Arc<View>>,
    ) -> Self {
        let (closing, _) = watch::channel(false);
        let shared = Arc::new(Shared {
            local,
            handler,
            limits,
            view,
            origins: Mutex::new(HashMap::default()),
            closing,
        });
        let follower = tokio::spawn(follow(shared.clone()));
        Self {
            shared,
            _follower: Arc::new(AbortOnDrop(follower)),
        }
    }

    /// Serves until `shutdown` completes, then closes every link.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let service = PeerServiceServer::new(Service(self.shared.clone()))
            .max_decoding_message_size(RECEIVED_MESSAGE_BYTES_MAX)
            .max_encoding_message_size(RECEIVED_MESSAGE_BYTES_MAX);
        let closing = self.shared.closing.clone();
        let _ = closing.send_replace(false);
        let (calls, mut callers) = mpsc::channel(1);
        let callers = futures_util::stream::poll_fn(move |cx| callers.poll_recv(cx));
        let serving = Server::builder()
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_frame_size(HTTP2_FRAME_BYTES)
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .add_service(service)
            .serve_with_incoming_shutdown(callers, async move {
                shutdown.await;
                // Streams do not end by themselves, and the server waits for them.
                let _ = closing.send_replace(true);
            });
        tokio::select! {
            served = serving => served.context("the listener for peers broke"),
            () = accept(&self.shared, &listener, &calls) => Ok(()),
        }
    }

    /// Serves a data stream that a simulation brings.
    #[cfg(test)]
    pub(crate) async fn serve_data(&self, connection: DataConnection) {
        data_receiver::serve(Arc::clone(&self.shared), connection).await;
    }

    /// Opens a control stream that a simulation brings.
    #[cfg(test)]
    pub(crate) async fn serve_control(
        &self,
        hello: &DataHello,
        requests: impl Stream<Item = Result<ControlRequests, Status>> + Send + Unpin + 'static,
    ) -> Result<ControlStream, Status> {
        self.shared.control(hello, requests).await
    }

    /// Number of the last item of that peer's present incarnation that was applied; 0 when none was.
    pub fn applied(&self, from: &NodeName) -> u64 {
        let origins = self.shared.origins.lock();
        origins
            .get(from)
            .map_or(0, |origin| origin.progress.borrow().applied)
    }

    /// Whether the peer is a live member whose interest is known here in full.
    pub fn is_synced(&self, from: &NodeName) -> bool {
        let origin = self.shared.origins.lock().get(from).cloned();
        origin.is_some_and(|origin| {
            let state = origin.state.lock();
            state.is_member && state.synced
        })
    }

    /// Waits until that item of the peer's present incarnation is applied, or the incarnation is gone.
    pub async fn wait_applied(&self, from: &NodeName, seq: u64) -> Acked {
        let mut view = self.shared.view.clone();
        let Some(incarnation) = incarnation_of(&view, from) else {
            return Acked::PeerGone;
        };
        let mut progress = self.shared.origin(from).progress.subscribe();
        loop {
            let now = *progress.borrow_and_update();
            if now.incarnation == incarnation && now.applied >= seq {
                return Acked::Yes;
            }
            let is_member = view.borrow_and_update().has(from, incarnation);
            if now.incarnation > incarnation || !is_member {
                return Acked::PeerGone;
            }
            let changed = tokio::select! {
                biased;
                changed = progress.changed() => changed,
                changed = view.changed() => changed,
            };
            if changed.is_err() {
                return Acked::PeerGone;
            }
        }
    }
}

/// Takes connections and sorts them: data streams are served here, the others are for the gRPC server.
async fn accept(
    shared: &Arc<Shared>,
    listener: &TcpListener,
    calls: &mpsc::Sender<io::Result<TcpStream>>,
) {
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(error) => {
                // No open files are left, or the connection is gone already.
                debug!(%error, "a peer could not connect");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (shared, calls) = (shared.clone(), calls.clone());
        tokio::spawn(async move {
            let mut first = [0];
            let looked = tokio::time::timeout(FIRST_BYTE_WITHIN, socket.peek(&mut first)).await;
            if !matches!(looked, Ok(Ok(1))) || socket.set_nodelay(true).is_err() {
                return;
            }
            if first[0] == PREFACE[0] {
                data_receiver::serve(shared, Box::new(socket)).await;
            } else {
                // The server may have ended.
                let _ = calls.send(Ok(socket)).await;
            }
        });
    }
}

fn incarnation_of(view: &watch::Receiver<Arc<View>>, name: &NodeName) -> Option<u64> {
    let view = view.borrow();
    view.nodes.get(name).map(|peer| peer.incarnation)
}

/// Reports peers that leave the view.
async fn follow(shared: Arc<Shared>) {
    let mut view = shared.view.clone();
    loop {
        let now = view.borrow_and_update().clone();
        let origins: Vec<Arc<Origin>> = shared.origins.lock().values().cloned().collect();
        for origin in origins {
            origin.leave_unless_member(&now, &*shared.handler);
        }
        if view.changed().await.is_err() {
            return;
        }
    }
}

impl Shared {
    pub(super) fn origin(&self, name: &NodeName) -> Arc<Origin> {
        let mut origins = self.origins.lock();
        let origin = origins
            .entry(name.clone())
            .or_insert_with(|| Arc::new(Origin::new(name.clone())));
        origin.clone()
    }

    /// Checks who dials; waits a little for it to become a member.
    pub(super) async fn admit(&self, hello: &DataHello) -> Result<Caller, Status> {
        let caller = handshake::check(hello, &self.local)?;
        let mut view = self.view.clone();
        let member = view.wait_for(|view| view.has(&caller.name, caller.incarnation));
        if !matches!(tokio::time::timeout(MEMBER_WAIT, member).await, Ok(Ok(_))) {
            return Err(not_a_member(&self.local.name, &caller));
        }
        Ok(caller)
    }

    /// Opens the control stream of whoever dials.
    async fn control(
        &self,
        hello: &DataHello,
        requests: impl Stream<Item = Result<ControlRequests, Status>> + Send + Unpin + 'static,
    ) -> Result<ControlStream, Status> {
        let caller = self.admit(hello).await?;
        debug!(peer = %caller.name, "control stream opened by the peer");
        let over = self.over(&caller);
        Ok(ControlStream::new(requests, self, caller.name, over))
    }

    /// Completes when streams of that peer must end: the node shuts down, or the peer is no member any more.
    pub(super) fn over(&self, caller: &Caller) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.closing.subscribe();
        let mut view = self.view.clone();
        let caller = caller.clone();
        async move {
            loop {
                let is_member = view
                    .borrow_and_update()
                    .has(&caller.name, caller.incarnation);
                if *closing.borrow_and_update() || !is_member {
                    return;
                }
                let changed = tokio::select! {
                    biased;
                    changed = closing.changed() => changed,
                    changed = view.changed() => changed,
                };
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

fn not_a_member(local: &NodeName, caller: &Caller) -> Status {
    Status::unavailable(format!(
        "node '{}' (incarnation {}) is not a live member for node '{local}'",
        caller.name, caller.incarnation
    ))
}

/// A peer that sends items here.
pub(crate) struct Origin {
    name: NodeName,
    state: Mutex<OriginState>,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    incarnation: u64,
    applied: u64,
}

#[derive(Default)]
struct OriginState {
    incarnation: u64,
    /// Remembered also while the peer is not a member: when it was only cut off, what it repeats must be known.
    applied: u64,
    /// Whether its interest is known here in full.
    synced: bool,
    is_member: bool,
    /// The stream whose frames count; those of earlier ones are refused.
    stream: u64,
}

impl Origin {
    fn new(name: NodeName) -> Self {
        Self {
            name,
            state: Mutex::new(OriginState::default()),
            progress: watch::channel(Progress::default()).0,
        }
    }

    fn leave_unless_member(&self, view: &View, handler: &dyn PeerHandler) {
        let mut state = self.state.lock();
        if state.is_member && !view.has(&self.name, state.incarnation) {
            state.is_member = false;
            state.synced = false;
            state.stream += 1;
            handler.peer_gone(&self.name, state.incarnation);
        }
    }

    /// A stream opens. Returns its number.
    pub(super) fn open(
        &self,
        shared: &Shared,
        caller: &Caller,
        is_afresh: bool,
    ) -> Result<(u64, Welcome), Status> {
        let mut state = self.state.lock();
        // Looked at again under the lock: a view that is published later finds the stream open and ends it.
        if !shared.view.borrow().has(&caller.name, caller.incarnation) {
            return Err(not_a_member(&shared.local.name, caller));
        }
        if state.incarnation != caller.incarnation {
            if state.is_member {
                shared.handler.peer_gone(&self.name, state.incarnation);
            }
            *state = OriginState {
                incarnation: caller.incarnation,
                stream: state.stream,
                ..OriginState::default()
            };
            self.progress.send_replace(Progress {
                incarnation: caller.incarnation,
                applied: 0,
            });
        }
        state.is_member = true;
        state.synced &= !is_afresh;
        state.stream += 1;
        let welcome = Welcome {
            incarnation: shared.local.incarnation,
            applied: state.applied,
            wants_snapshot: !state.synced,
        };
        Ok((state.stream, welcome))
    }

    /// Number of the last item applied.
    ///
    /// # Errors
    /// When a later stream has taken over.
    pub(crate) fn applied(&self, stream: u64) -> Result<u64, Status> {
        let state = self.state.lock();
        if state.stream != stream {
            return Err(taken_over());
        }
        Ok(state.applied)
    }

    /// Hands the items of a frame to the handler, those not seen before. Returns the number of the last one applied, and what
    /// is to be stored before the peer is told.
    pub(crate) fn apply(
        &self,
        stream: u64,
        first_seq: u64,
        mut items: Items<'_>,
        handler: &dyn PeerHandler,
    ) -> Result<(u64, Stored), Status> {
        let mut state = self.state.lock();
        if state.stream != stream {
            return Err(taken_over());
        }
        if first_seq != 0 {
            state.synced = true;
            let last = first_seq.saturating_add(items.len() as u64) - 1;
            let repeated = state.applied.saturating_add(1).saturating_sub(first_seq);
            items = items.skip(usize::try_from(repeated).unwrap_or(usize::MAX));
            state.applied = state.applied.max(last);
        }
        let stored = if items.is_empty() {
            Stored::default()
        } else {
            handler.on_data(&self.name, items)
        };
        self.progress.send_if_modified(|progress| {
            let moved = progress.applied != state.applied;
            progress.applied = state.applied;
            moved
        });
        Ok((state.applied, stored))
    }
}

fn taken_over() -> Status {
    Status::aborted("a later stream has taken over")
}

struct Service(Arc<Shared>);

#[tonic::async_trait]
impl PeerService for Service {
    type ControlStream = ControlStream;

    async fn control(
        &self,
        request: Request<Streaming<ControlRequests>>,
    ) -> Result<Response<Self::ControlStream>, Status> {
        let hello = handshake::introduced(request.metadata())?;
        let responses = self.0.control(&hello, request.into_inner()).await?;
        Ok(Response::new(responses))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use emqx_proto::peer::v1::{
        DataItem, Forward, Message, control_request, control_response, data_item,
    };
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::cluster::{Refusal, items};
    use crate::membership::PeerInfo;
    use crate::storage::Store;

    /// Notes the numbers of the messages, and who is gone.
    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl PeerHandler for Notes {
        fn on_data(&self, _from: &NodeName, items: Items<'_>) -> Stored {
            for item in items.decode() {
                let Some(data_item::Item::Forward(forward)) = item.item else {
                    panic!("unexpected {item:?}");
                };
                let number = forward.message.unwrap().number;
                self.0.lock().push(number.to_string());
            }
            Stored::default()
        }

        fn store(&self) -> &Store {
            const { &Store::none() }
        }

        fn has_copies(&self) -> bool {
            false
        }

        fn on_control(
            self: Arc<Self>,
            _from: NodeName,
            _request: control_request::Request,
        ) -> BoxFuture<'static, Result<control_response::Response, Refusal>> {
            unreachable!("no control stream is opened")
        }

        fn snapshot(&self, _to: &NodeName) -> Vec<DataItem> {
            Vec::new()
        }

        fn peer_gone(&self, peer: &NodeName, incarnation: u64) {
            self.0.lock().push(format!("gone {peer} {incarnation}"));
        }
    }

    fn frame(first_seq: u64, numbers: &[u64]) -> (u64, u32, Bytes) {
        let items = numbers.iter().map(|number| DataItem {
            item: (*number != 0).then(|| {
                data_item::Item::Forward(Forward {
                    message: Some(Message {
                        number: *number,
                        ..Message::default()
                    }),
                    ..Forward::default()
                })
            }),
        });
        let (count, bytes) = items::encode(items);
        (first_seq, count, bytes)
    }

    struct World {
        notes: Arc<Notes>,
        shared: Shared,
        origin: Arc<Origin>,
        view: watch::Sender<Arc<View>>,
    }

    impl World {
        fn new() -> Self {
            let notes = Arc::new(Notes::default());
            let view = View::new(PeerInfo::bare("b", 9), [PeerInfo::bare("a", 1)]);
            let (sender, view) = watch::channel(Arc::new(view));
            let shared = Shared {
                local: LocalNode {
                    cluster_name: "test".into(),
                    name: NodeName::new("b").unwrap(),
                    incarnation: 9,
                },
                handler: notes.clone(),
                limits: LinkLimits::default(),
                view,
                origins: Mutex::default(),
                closing: watch::channel(false).0,
            };
            let origin = shared.origin(&NodeName::new("a").unwrap());
            Self {
                notes,
                shared,
                origin,
                view: sender,
            }
        }

        fn sees(&self, others: impl IntoIterator<Item = PeerInfo>) {
            let view = View::new(PeerInfo::bare("b", 9), others);
            self.origin.leave_unless_member(&view, &*self.notes);
            self.view.send_replace(Arc::new(view));
        }

        fn open(&self, incarnation: u64) -> Result<(u64, Welcome), Status> {
            let caller = Caller {
                name: NodeName::new("a").unwrap(),
                incarnation,
            };
            self.origin.open(&self.shared, &caller, false)
        }

        fn apply(&self, stream: u64, frame: (u64, u32, Bytes)) -> Option<u64> {
            let (first_seq, count, bytes) = frame;
            let items = Items::new(count, &bytes).unwrap();
            let applied = self.origin.apply(stream, first_seq, items, &*self.notes);
            applied.ok().map(|(applied, _)| applied)
        }

        fn welcome(applied: u64, wants_snapshot: bool) -> Welcome {
            Welcome {
                incarnation: 9,
                applied,
                wants_snapshot,
            }
        }
    }

    #[test]
    fn repeats_are_dropped_and_left_out_items_count() {
        let world = World::new();
        let (stream, welcome) = world.open(1).unwrap();
        assert_eq!(welcome, World::welcome(0, true));
        assert_eq!(world.apply(stream, frame(1, &[11, 12, 13])), Some(3));
        assert_eq!(world.apply(stream, frame(1, &[11, 12])), Some(3));
        assert_eq!(world.apply(stream, frame(2, &[12, 13, 14, 0, 16])), Some(6));
        assert_eq!(world.apply(stream, frame(9, &[19])), Some(9));
        assert_eq!(*world.notes.0.lock(), ["11", "12", "13", "14", "16", "19"]);
        // Whatever a peer sends, it does no harm.
        assert_eq!(
            world.apply(stream, frame(u64::MAX, &[1, 2])),
            Some(u64::MAX - 1)
        );
        assert_eq!(world.apply(stream, frame(1, &[1])), Some(u64::MAX - 1));
    }

    #[test]
    fn a_snapshot_counts_once_a_numbered_frame_has_ended_it() {
        let world = World::new();
        let (stream, _) = world.open(1).unwrap();
        assert_eq!(world.apply(stream, frame(0, &[5])), Some(0));
        let (stream, welcome) = world.open(1).unwrap();
        assert_eq!(welcome, World::welcome(0, true));
        assert_eq!(world.apply(stream, frame(0, &[5])), Some(0));
        assert_eq!(world.apply(stream, frame(4, &[])), Some(3));
        let (_, welcome) = world.open(1).unwrap();
        assert_eq!(welcome, World::welcome(3, false));
    }

    #[test]
    fn a_later_stream_fences_earlier_ones() {
        let world = World::new();
        let (first, _) = world.open(1).unwrap();
        let (second, _) = world.open(1).unwrap();
        assert_eq!(world.apply(first, frame(1, &[1])), None);
        assert_eq!(world.apply(second, frame(1, &[1])), Some(1));
        assert_eq!(*world.notes.0.lock(), ["1"]);
    }

    #[test]
    fn a_peer_cut_off_is_remembered_by_number_but_not_by_interest() {
        let world = World::new();
        let (stream, _) = world.open(1).unwrap();
        assert_eq!(world.apply(stream, frame(1, &[1, 2])), Some(2));
        world.sees([]);
        assert_eq!(world.apply(stream, frame(3, &[3])), None);
        assert!(world.open(1).is_err());
        world.sees([PeerInfo::bare("a", 1)]);
        let (_, welcome) = world.open(1).unwrap();
        assert_eq!(welcome, World::welcome(2, true));
        assert_eq!(*world.notes.0.lock(), ["1", "2", "gone a 1"]);
        // Restarted: begins anew, and is reported once.
        world.sees([PeerInfo::bare("a", 2)]);
        let (_, welcome) = world.open(2).unwrap();
        assert_eq!(welcome, World::welcome(0, true));
        assert!(world.open(1).is_err());
        assert_eq!(*world.notes.0.lock(), ["1", "2", "gone a 1", "gone a 1"]);
    }
}
