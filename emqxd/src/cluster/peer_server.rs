//! The answering side of peer links: what peers send here, and calls that they make.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use emqx_proto::peer::v1::peer_service_server::{PeerService, PeerServiceServer};
use emqx_proto::peer::v1::{ControlRequests, DataFrame, DataItem};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};
use tracing::debug;

use crate::cluster::ack_stream::AckStream;
use crate::cluster::control_stream::ControlStream;
use crate::cluster::handshake::{self, Caller, Welcome};
use crate::cluster::{
    Acked, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, LinkLimits, LocalNode, PeerHandler,
    RECEIVED_MESSAGE_BYTES_MAX,
};
use crate::membership::{NodeName, View};

/// For how long a peer that dials is waited for to appear in the view: its link may be quicker than gossip.
const MEMBER_WAIT: Duration = Duration::from_secs(2);
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
            origins: Mutex::new(HashMap::new()),
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
        Server::builder()
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_frame_size(HTTP2_FRAME_BYTES)
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .add_service(service)
            .serve_with_incoming_shutdown(
                TcpIncoming::from(listener).with_nodelay(Some(true)),
                async move {
                    shutdown.await;
                    // Streams do not end by themselves, and the server waits for them.
                    let _ = closing.send_replace(true);
                },
            )
            .await
            .context("the listener for peers broke")
    }

    /// Number of the last item of that peer's present incarnation that was applied; 0 when none was.
    pub fn applied(&self, from: &NodeName) -> u64 {
        let origins = self.shared.origins.lock();
        origins
            .get(from)
            .map_or(0, |origin| origin.progress.borrow().applied)
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
                changed = progress.changed() => changed,
                changed = view.changed() => changed,
            };
            if changed.is_err() {
                return Acked::PeerGone;
            }
        }
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
    fn origin(&self, name: &NodeName) -> Arc<Origin> {
        let mut origins = self.origins.lock();
        let origin = origins
            .entry(name.clone())
            .or_insert_with(|| Arc::new(Origin::new(name.clone())));
        origin.clone()
    }

    /// Checks who dials; waits a little for it to become a member.
    async fn admit(&self, metadata: &tonic::metadata::MetadataMap) -> Result<Caller, Status> {
        let caller = handshake::check(metadata, &self.local)?;
        let mut view = self.view.clone();
        let member = view.wait_for(|view| view.has(&caller.name, caller.incarnation));
        if !matches!(tokio::time::timeout(MEMBER_WAIT, member).await, Ok(Ok(_))) {
            return Err(not_a_member(&self.local.name, &caller));
        }
        Ok(caller)
    }

    /// Completes when streams of that peer must end: the node shuts down, or the peer is no member any more.
    fn over(&self, caller: &Caller) -> impl Future<Output = ()> + Send + use<> {
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
    fn open(&self, shared: &Shared, caller: &Caller) -> Result<(u64, Welcome), Status> {
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
        state.stream += 1;
        let welcome = Welcome {
            incarnation: shared.local.incarnation,
            applied: state.applied,
            wants_snapshot: !state.synced,
        };
        Ok((state.stream, welcome))
    }

    /// Hands the items of a frame to the handler, those not seen before. Returns the number of the last one applied.
    pub(crate) fn apply(
        &self,
        stream: u64,
        frame: DataFrame,
        handler: &dyn PeerHandler,
    ) -> Result<u64, Status> {
        let mut state = self.state.lock();
        if state.stream != stream {
            return Err(Status::aborted("a later stream has taken over"));
        }
        let mut items = frame.items;
        if frame.first_seq != 0 {
            state.synced = true;
            let last = frame.first_seq.saturating_add(items.len() as u64) - 1;
            let repeated = state
                .applied
                .saturating_add(1)
                .saturating_sub(frame.first_seq);
            let repeated = usize::try_from(repeated).unwrap_or(usize::MAX);
            items.drain(..repeated.min(items.len()));
            state.applied = state.applied.max(last);
        }
        items.retain(|item: &DataItem| item.item.is_some());
        if !items.is_empty() {
            handler.on_data(&self.name, items);
        }
        self.progress.send_if_modified(|progress| {
            let moved = progress.applied != state.applied;
            progress.applied = state.applied;
            moved
        });
        Ok(state.applied)
    }
}

struct Service(Arc<Shared>);

#[tonic::async_trait]
impl PeerService for Service {
    type DataStream = AckStream;
    type ControlStream = ControlStream;

    async fn data(
        &self,
        request: Request<Streaming<DataFrame>>,
    ) -> Result<Response<Self::DataStream>, Status> {
        let caller = self.0.admit(request.metadata()).await?;
        let origin = self.0.origin(&caller.name);
        let (stream, welcome) = origin.open(&self.0, &caller)?;
        debug!(peer = %caller.name, ?welcome, "data stream opened by the peer");
        let over = self.0.over(&caller);
        let acks = AckStream::new(request.into_inner(), self.0.clone(), origin, stream, over);
        let mut response = Response::new(acks);
        welcome.write(response.metadata_mut());
        Ok(response)
    }

    async fn control(
        &self,
        request: Request<Streaming<ControlRequests>>,
    ) -> Result<Response<Self::ControlStream>, Status> {
        let caller = self.0.admit(request.metadata()).await?;
        debug!(peer = %caller.name, "control stream opened by the peer");
        let over = self.0.over(&caller);
        let requests = request.into_inner();
        let responses = ControlStream::new(requests, &self.0, caller.name, over);
        Ok(Response::new(responses))
    }
}
