//! The broker of one node: what all its parts share.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use bytestring::ByteString;
use crossbeam_utils::sync::ShardedLock;
use parking_lot::Mutex;

use super::client_log::ClientLog;
use super::clock::Clock;
use super::handover::HandedOver;
use super::held_back::HeldBack;
use super::memory::MemoryGuard;
use super::session_cell::{Close, SessionHandle};
use super::session_registry::SessionRegistry;
use super::timers::Timers;
use crate::chance;
use crate::cluster::PeerLinks;
use crate::cluster::barrier::Barriers;
use crate::cluster::membership::Membership;
use crate::cluster::operation_executor::OperationExecutor;
use crate::cluster::peer_server::PeerServer;
use crate::cluster::registry::Registry;
use crate::cluster::replication::{Replicas, Replication};
use crate::config::Config;
use crate::control::ControlGroup;
use crate::event_log::EventLog;
use crate::hashing::HashMap;
use crate::lifecycle::Lifecycle;
use crate::membership::NodeName;
use crate::memory_pressure::Pressure;
use crate::message::{Message, MessageId};
use crate::metrics::{DisconnectCause, Metrics};
use crate::net::listeners::Listeners;
use crate::packet::{ClientId, ReasonCode};
use crate::process_stats;
use crate::routing::interest::{OwnInterest, RemoteInterest};
use crate::routing::retained::RetainedStore;
use crate::routing::router::Router;
use crate::session::connect::ConnectPolicy;
use crate::session::{Action, Detach, Refused, SessionConfig};
use crate::storage::Store;

/// The broker of one node.
pub struct Broker {
    /// This node.
    pub node_name: NodeName,
    /// This start of it; no other start of any node has the same.
    pub incarnation: u64,
    /// As checked at start.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// For operators.
    pub events: Arc<EventLog>,
    /// Whether clients that publish have to wait.
    pub memory: Arc<MemoryGuard>,
    /// What clients do wrong.
    pub client_log: ClientLog,
    /// What the node does for clients right now.
    pub lifecycle: Arc<Lifecycle>,
    /// What survives the process.
    pub disk: Store,
    /// Who subscribed to what, on this node.
    pub router: Router<SessionHandle>,
    /// What the peers are told about that.
    pub own_interest: OwnInterest,
    /// What the peers have told.
    pub remote_interest: RemoteInterest<NodeName>,
    /// Retained Messages, the same on all nodes.
    pub retained: RetainedStore,
    /// Sessions of this node.
    pub sessions: SessionRegistry,
    /// Those of them that have something to do later.
    pub timers: Timers,
    /// Deliveries to Sessions whose clients take nothing now.
    pub held_back: HeldBack,
    /// Peers whose link was too full for a Retained Message.
    pub(super) retained_untold: Mutex<BTreeSet<NodeName>>,
    /// Copies of Sessions of other nodes.
    pub replicas: Mutex<Replicas>,
    pub(super) handed_over: Mutex<HashMap<ClientId, HandedOver>>,
    pub(crate) barriers: Barriers,
    /// Held for reading while a message is routed; taken for writing by a barrier, so that every routing that
    /// began before it is over.
    pub(super) routing_gate: ShardedLock<()>,
    session_config: Arc<SessionConfig>,
    policy: ConnectPolicy,
    next_message: AtomicU64,
    next_connection: AtomicU64,
    connections: AtomicUsize,
    retained_stamp: AtomicU64,
    cluster: OnceLock<Cluster>,
}

/// The parts that need the broker to exist first.
pub struct Cluster {
    /// Who is alive.
    pub membership: Arc<Membership>,
    /// The links to the peers.
    pub links: Arc<PeerLinks>,
    /// What peers send here, and how far it has been applied.
    pub server: PeerServer,
    /// Who owns which Client Identifier.
    pub registry: Arc<Registry>,
    /// Copies of this node's Sessions on other nodes, when there are to be some.
    pub replication: Option<Arc<Replication>>,
    /// What all nodes agree on; only in a simulation there is none.
    pub control: Option<Arc<ControlGroup>>,
    /// Evacuation of this node.
    pub operations: Arc<OperationExecutor>,
    /// Where clients connect.
    pub listeners: Arc<Listeners>,
}

impl Cluster {
    /// What all nodes agree on.
    ///
    /// # Panics
    /// In a simulation, whose nodes agree in another way and are asked by nobody else.
    pub fn control(&self) -> &Arc<ControlGroup> {
        // `run` starts the group before it joins the cluster.
        #[allow(clippy::expect_used)]
        self.control
            .as_ref()
            .expect("the group is started before anything is served")
    }
}

impl Broker {
    /// A broker that serves nobody yet, and keeps nothing.
    pub fn new(
        config: Arc<Config>,
        node_name: NodeName,
        incarnation: u64,
        metrics: Arc<Metrics>,
        events: Arc<EventLog>,
        lifecycle: Arc<Lifecycle>,
    ) -> Self {
        let session_config = Arc::new(config.session.clone());
        let policy = ConnectPolicy {
            session: Arc::clone(&session_config),
            maximum_packet_size: config.limits.maximum_packet_size,
            keep_alive_max_s: config.limits.keep_alive_max.map(NonZeroU16::get),
            allow_anonymous: config.allow_anonymous,
        };
        let memory_marks = config
            .limits
            .memory_high_watermark
            .marks(process_stats::memory_total_bytes());
        Self {
            node_name,
            incarnation,
            clock: Clock::start(),
            metrics,
            events,
            memory: Arc::new(MemoryGuard::new(memory_marks)),
            client_log: ClientLog::default(),
            lifecycle,
            disk: Store::none(),
            router: Router::new(),
            own_interest: OwnInterest::default(),
            remote_interest: RemoteInterest::default(),
            retained: RetainedStore::default(),
            sessions: SessionRegistry::default(),
            timers: Timers::default(),
            held_back: HeldBack::default(),
            retained_untold: Mutex::default(),
            replicas: Mutex::default(),
            handed_over: Mutex::default(),
            barriers: Barriers::default(),
            routing_gate: ShardedLock::new(()),
            session_config,
            policy,
            next_message: AtomicU64::new(1),
            next_connection: AtomicU64::new(1),
            connections: AtomicUsize::new(0),
            retained_stamp: AtomicU64::new(0),
            cluster: OnceLock::new(),
            config,
        }
    }

    /// The same, and what it keeps survives the process.
    #[must_use]
    pub fn with_disk(self, disk: Store) -> Self {
        Self { disk, ..self }
    }

    /// Completes the broker; once.
    pub fn join_cluster(&self, cluster: Cluster) {
        let _ = self.cluster.set(cluster);
    }

    /// The parts that came with the cluster.
    ///
    /// # Panics
    /// Before `join_cluster`: listeners open only after it.
    pub fn cluster(&self) -> &Cluster {
        // `run` joins the cluster before it opens any listener or peer server.
        #[allow(clippy::expect_used)]
        self.cluster
            .get()
            .expect("the cluster is joined before anything is served")
    }

    /// Links to the peers.
    pub fn links(&self) -> &PeerLinks {
        &self.cluster().links
    }

    /// Who owns which Client Identifier.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.cluster().registry
    }

    /// The operation that concerns this node.
    pub fn operations(&self) -> &Arc<OperationExecutor> {
        &self.cluster().operations
    }

    /// Where clients connect.
    pub fn listeners(&self) -> &Listeners {
        &self.cluster().listeners
    }

    /// Whether a node is among the live ones.
    pub fn is_live(&self, node: &NodeName) -> bool {
        self.cluster().membership.view().nodes.contains_key(node)
    }

    /// Waits until an item of a peer's data stream has been applied.
    pub(crate) async fn wait_applied(&self, from: &NodeName, seq: u64) {
        self.cluster().server.wait_applied(from, seq).await;
    }

    /// Limits of every Session.
    pub fn session_config(&self) -> Arc<SessionConfig> {
        Arc::clone(&self.session_config)
    }

    /// How CONNECT is decided.
    pub const fn connect_policy(&self) -> &ConnectPolicy {
        &self.policy
    }

    /// A Client Identifier for a client that sent none [MQTT-3.1.3-6].
    pub fn fresh_client_id(&self) -> ClientId {
        let text = format!("auto-{}-{:016x}", self.node_name, chance::random());
        // The text above is not empty.
        ClientId::new(&text).unwrap_or_else(|| self.fresh_client_id())
    }

    /// Whether no further connection is taken.
    pub fn is_full(&self) -> bool {
        let max = self.config.limits.max_connections;
        max > 0 && self.connections() >= max
    }

    /// Whether memory is so short that this client cannot be let in. One that has messages waiting here can: its coming
    /// is what makes room.
    pub fn is_out_of_memory_for(&self, client_id: &str) -> bool {
        if self.memory.pressure() < Pressure::RefuseConnects {
            return false;
        }
        let session = ClientId::new(client_id).and_then(|client_id| self.sessions.get(&client_id));
        session.is_none_or(|session| session.lock().session.stats().queued == 0)
    }

    /// Clients that are connected.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn next_connection(&self) -> u64 {
        self.next_connection.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn next_message_id(&self) -> MessageId {
        MessageId {
            origin: self.incarnation,
            number: self.next_message.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// A stamp later than every one seen: milliseconds in the upper 48 bits, a count in the lower 16.
    pub(super) fn next_retained_stamp(&self) -> u64 {
        let now = self.clock.now().as_millis() << 16;
        let next = |last: u64| Some(now.max(last + 1));
        match self
            .retained_stamp
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
        {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }

    /// Keeps own stamps behind a peer's.
    pub(crate) fn see_retained_stamp(&self, stamp: u64) {
        self.retained_stamp.fetch_max(stamp, Ordering::Relaxed);
    }

    pub(super) fn note_connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_disconnected(&self, cause: DisconnectCause) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
        self.metrics.disconnects.inc_by(cause);
    }

    /// Waits for every routing that is under way on this node, up to the queues of the Sessions. Returns the name of the next message: every earlier
    /// one has been routed, every later one will be by what is in the indexes now.
    pub(crate) fn quiesce(&self) -> MessageId {
        let _gate = self.routing_gate.write();
        self.settle_held_back();
        MessageId {
            origin: self.incarnation,
            number: self.next_message.load(Ordering::Relaxed),
        }
    }

    /// What a refused client is told: where to go when that is known.
    pub fn redirection(&self) -> (ReasonCode, Option<ByteString>) {
        match self.cluster.get() {
            Some(cluster) => cluster.operations.redirection(),
            None => (ReasonCode::ServerUnavailable, None),
        }
    }

    /// An evicted client's Session was found by its client on another node.
    pub(super) fn note_arrival(&self, client_id: &ClientId, at: &NodeName) {
        if let Some(cluster) = self.cluster.get() {
            cluster.operations.arrived(client_id, at);
        }
    }

    /// A connection has ended. Nothing happens when another one serves the Session by now.
    pub fn close(
        &self,
        session: &SessionHandle,
        connection: u64,
        how: Detach,
        cause: DisconnectCause,
    ) {
        let mut actions = Vec::new();
        let timeout;
        {
            let mut state = session.lock();
            if state.connection != connection {
                return;
            }
            state.connection = 0;
            state.asked = None;
            state.access = None;
            state.session.detach(how, self.clock.now(), &mut actions);
            timeout = state.session.poll_timeout();
            session.set_connected(false);
            self.sessions.disconnected(session);
            self.note_disconnected(cause);
        }
        if let Some(at) = timeout {
            self.timers.schedule(at, session);
        }
        let keeps_session = !actions.contains(&Action::Ended);
        for action in actions {
            self.carry_out(session, action);
        }
        if cause == DisconnectCause::Evicted {
            self.metrics.connections_evicted.inc();
            self.operations()
                .evicted(session.client_id(), keeps_session);
        }
    }

    /// Asks the connection of a Session to end. False when there is none.
    pub fn ask_to_close(&self, session: &SessionHandle, close: Close) -> bool {
        let mut state = session.lock();
        if state.connection == 0 {
            return false;
        }
        state.asked.get_or_insert_default().close = Some(close);
        drop(state);
        session.ring();
        true
    }

    /// A timer of a Session has come up. When a client is served, its connection looks what is due.
    pub fn wake(&self, session: &SessionHandle) {
        use super::session_cell::CellPhase;
        let mut actions = Vec::new();
        let timeout;
        {
            let mut state = session.lock();
            if session.phase() != CellPhase::Live {
                return;
            }
            if state.connection != 0 {
                drop(state);
                session.ring();
                return;
            }
            state.session.handle_timeout(self.clock.now(), &mut actions);
            timeout = state.session.poll_timeout();
        }
        let ended = actions.contains(&Action::Ended);
        if ended {
            self.operations().expired();
        }
        for action in actions {
            self.carry_out(session, action);
        }
        if let Some(at) = timeout
            && !ended
        {
            self.timers.schedule(at, session);
        }
    }

    /// A client was refused something and stays connected.
    pub(super) fn refused(&self, session: &SessionHandle, what: Refused, is_first: bool) {
        self.metrics.requests_refused.inc_by(what);
        if is_first {
            let access = session.lock().access.clone();
            let address = access.as_ref().map_or("", |access| &*access.address);
            let client_id = session.client_id().as_str();
            let now = self.clock.now();
            self.client_log
                .note(now, address, client_id, "", what.reason());
        }
    }

    /// Forgets a Session that has ended.
    pub(super) fn end(&self, session: &SessionHandle) {
        self.drop_stale(session);
        let left = session.lock().session.take_all_shared();
        self.redispatch(left);
        let epoch = session.lock().epoch;
        if let Some(cluster) = self.cluster.get() {
            cluster.registry.release(session.client_id(), epoch);
        }
    }

    /// Routes a message from a task of its own.
    pub(super) fn publish_later(self: &Arc<Self>, message: Message) {
        let broker = Arc::clone(self);
        tokio::spawn(async move {
            broker.publish(message, None);
        });
    }
}
