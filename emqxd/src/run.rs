//! The life of a node: open everything, serve, and close in the order that loses nothing.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cluster::control_peers::ControlPeers;
use crate::cluster::membership::{Fact, Membership, MembershipConfig};
use crate::cluster::operation_executor::OperationExecutor;
use crate::cluster::peer_handler::BrokerHandler;
use crate::cluster::peer_server::PeerServer;
use crate::cluster::registry::Registry;
use crate::cluster::replication::Replication;
use crate::cluster::{GossipSocket, LocalNode, PeerHandler, PeerLinks};
use crate::config::Config;
use crate::config::listener::Bind;
use crate::control::ControlGroup;
use crate::control::store::Store as ControlStore;
use crate::data_dir::DataDir;
use crate::event_log::{EventLog, Severity};
use crate::health::{self, HealthView};
use crate::lifecycle::{Lifecycle, Phase};
use crate::membership::NodeName;
use crate::memory_release;
use crate::metrics::{Gauges, ListenerFigures, Metrics, PeerFigures};
use crate::net::bind;
use crate::net::listeners::Listeners;
use crate::node::broker::{Broker, Cluster};
use crate::node::clock::Clock;
use crate::node::session_cell::Close;
use crate::node::{handover_watch, held_back, memory, retain, timers};
use crate::packet::ReasonCode;
use crate::process_stats::{self, ProcessSampler};
use crate::ready_file::{Ready, ReadyFile};
use crate::storage::{Mirror, Store};
use crate::watch;

use stored_state::StoredState;

pub(crate) mod stored_state;

/// In the data directory.
const CONTROL_FOLDER: &str = "control";

/// Figures for rates and for peers are taken this often.
const SAMPLE_INTERVAL: Duration = Duration::from_secs(1);

/// What survives the process, in the data directory.
const STORE_DIR: &str = "store";

/// After a restart a node waits so long for the nodes that it was in a cluster with.
const MEMBERS_WITHIN: Duration = Duration::from_secs(5);
const MEMBER_POLL: Duration = Duration::from_millis(10);

/// Retained Messages looked at in one go for expired ones.
const SWEEP_LIMIT: usize = 10_000;

/// Clients get this long to take their last packets when the node stops.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Between two looks at how many clients are left.
const CLOSE_POLL: Duration = Duration::from_millis(20);

/// The sockets of a node, bound before anything is served.
struct Sockets {
    listeners: Listeners,
    admin: TcpListener,
    http: TcpListener,
    peers: TcpListener,
    gossip: GossipSocket,
}

impl Sockets {
    async fn bind(config: &Arc<Config>, data_dir: &DataDir) -> anyhow::Result<Self> {
        let bind = |what: &'static str, address| {
            bind::tcp(address).with_context(|| format!("cannot listen on {what}"))
        };
        let listeners = Listeners::open(Arc::clone(config), data_dir.path().to_owned())?;
        let admin = bind("admin", config.admin)?;
        let http = bind("http", config.http)?;
        let (peers, gossip) = GossipSocket::bind_with_listener(config.cluster).await?;
        Ok(Self {
            listeners,
            admin,
            http,
            peers,
            gossip,
        })
    }
}

/// Serves until SIGTERM or SIGINT; a second one ends it at once.
///
/// # Errors
/// When the node cannot start, or a server fails.
pub async fn run(mut config: Config) -> anyhow::Result<()> {
    let mut terminate = Terminate::new()?;
    let data_dir = DataDir::open(&config.data_dir, &config.node_name, &config.cluster_name)?;
    ReadyFile::remove_stale(data_dir.path()).context("cannot remove an old ready.json")?;
    let control = ControlStore::open(&data_dir.path().join(CONTROL_FOLDER))?;
    let open_files_max = process_stats::raise_open_files_max();
    config.limits.max_connections = config.limits.connections_max(open_files_max);
    let config = Arc::new(config);
    let mut hang_up = signal(SignalKind::hangup())?;
    let sockets = Sockets::bind(&config, &data_dir).await?;
    let (stop, stopped) = watch::channel(false);
    let node = Node::start(config, &data_dir, control, sockets, &stopped).await?;
    let mut moved = node.broker.listeners().moved();
    let told = node.ready();
    let ready = ReadyFile::write(data_dir.path(), &told).context("cannot write ready.json")?;
    tracing::info!(node = %node.broker.node_name, mqtt = told.mqtt, mqtts = told.mqtts, ws = told.ws, wss = told.wss,
        admin = told.admin, http = told.http, cluster = told.cluster, "serving");
    loop {
        tokio::select! {
            () = terminate.wait() => break,
            _ = hang_up.recv() => reload_certificates(&node.broker).await,
            _ = moved.changed() => {
                node.tell_address();
                if let Err(error) = ready.rewrite(&node.ready()) {
                    tracing::warn!(%error, "cannot write ready.json");
                }
            }
        }
    }
    tracing::info!("stopping");
    drop(ready);
    tokio::select! {
        () = node.stop(&stop) => {}
        () = terminate.wait() => tracing::warn!("told to stop a second time: ending at once"),
    }
    node.broker.disk.close().await;
    Ok(())
}

/// SIGTERM or SIGINT.
struct Terminate {
    term: Signal,
    int: Signal,
}

impl Terminate {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

/// A node that serves.
struct Node {
    broker: Arc<Broker>,
    /// Without the listeners, which may change.
    ready: Ready,
}

impl Node {
    async fn start(
        config: Arc<Config>,
        data_dir: &DataDir,
        control: ControlStore,
        sockets: Sockets,
        stopped: &watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        let listeners = Arc::new(sockets.listeners);
        let admin = sockets.admin.local_addr()?;
        let http = sockets.http.local_addr()?;
        let cluster = sockets.peers.local_addr()?;
        let ready = Ready {
            node_name: config.node_name.to_string(),
            pid: std::process::id(),
            admin: Some(admin.to_string()),
            http: Some(http.to_string()),
            cluster: Some(cluster.to_string()),
            ..Ready::default()
        };
        let lifecycle = Arc::new(Lifecycle::default());
        lifecycle.set(Phase::Joining);
        let local = LocalNode {
            cluster_name: config.cluster_name.clone(),
            name: config.node_name.clone(),
            incarnation: data_dir.incarnation(),
        };
        let membership = Membership::start(MembershipConfig {
            cluster_name: config.cluster_name.clone(),
            node_name: config.node_name.clone(),
            incarnation: data_dir.incarnation(),
            socket: sockets.gossip,
            advertise: config.advertised_cluster(cluster),
            seeds: config.join.clone(),
            facts: vec![
                (Fact::Version, env!("CARGO_PKG_VERSION").to_owned()),
                (Fact::Mqtt, mqtt_address(&config, &listeners)),
                (Fact::Admin, config.advertised(admin)),
                (Fact::Http, config.advertised(http)),
                (Fact::Duty, Phase::Joining.as_str().to_owned()),
            ],
        })
        .await?;
        let membership = Arc::new(membership);
        let events = Arc::new(EventLog::new(config.node_name.as_str()));
        let limits = config.peer_link.clone();
        let metrics = Arc::new(Metrics::default());
        let (disk, stored) = open_store(&config, data_dir, &metrics, &events).await?;
        let broker = Broker::new(
            config,
            local.name.clone(),
            local.incarnation,
            metrics,
            events,
            Arc::clone(&lifecycle),
        );
        let broker = Arc::new(broker.with_disk(disk));
        broker.load_retained(stored.retained);
        let handler: Arc<dyn PeerHandler> = Arc::new(BrokerHandler::new(Arc::clone(&broker)));
        let links = PeerLinks::new(local.clone(), Arc::clone(&handler), limits.clone());
        let server = PeerServer::new(local, handler, limits, membership.watch());
        let registry = Arc::new(Registry::new(
            &broker,
            Arc::clone(&membership),
            Arc::clone(&links),
        ));
        let seeds = seeds_elsewhere(&broker.config, cluster);
        let peers = ControlPeers::new(Arc::clone(&membership), Arc::clone(&links));
        let control =
            ControlGroup::start(control, broker.node_name.as_str(), seeds, Arc::new(peers)).await?;
        let operations = Arc::new(OperationExecutor::new(control.clone()));
        operations.serve_for(&broker);
        let is_copied = broker.config.session_replicas > 1 && broker.disk.is_on();
        let replication = is_copied.then(|| Replication::new(&broker));
        broker.join_cluster(Cluster {
            membership: Arc::clone(&membership),
            links: Arc::clone(&links),
            server: server.clone(),
            registry: Arc::clone(&registry),
            replication: replication.clone(),
            control: Some(Arc::clone(&control)),
            operations: Arc::clone(&operations),
            listeners: Arc::clone(&listeners),
        });
        broker.restore_sessions(stored.sessions);
        let wait_stopped = |mut stopped: watch::Receiver<bool>| async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        tokio::spawn({
            let stopped = wait_stopped(stopped.clone());
            async move { server.serve(sockets.peers, stopped).await }
        });
        for (node, kept) in stored.away {
            links.restore(&node, kept);
        }
        links.follow(membership.watch());
        if let Some(replication) = replication {
            broker
                .disk
                .set_mirror(Arc::clone(&replication) as Arc<dyn Mirror>);
            tokio::spawn(replication.run(membership.watch(), stopped.clone()));
        }
        tokio::spawn(registry.run(stopped.clone()));
        hear_from_members(&broker, seeds).await;
        tokio::spawn(timers::run(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(held_back::run(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(handover_watch::run(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(memory::run(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(memory_release::run(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(retain::run(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(control.run(stopped.clone()));
        tokio::spawn(tell_peers(Arc::clone(&broker), stopped.clone()));
        tokio::spawn(sample(Arc::clone(&broker), stopped.clone()));
        let view = Arc::new(Pages(Arc::clone(&broker)));
        tokio::spawn(health::serve(
            sockets.http,
            view,
            wait_stopped(stopped.clone()),
        ));
        tokio::spawn({
            let broker = Arc::clone(&broker);
            let stopped = wait_stopped(stopped.clone());
            async move { crate::admin::serve(sockets.admin, broker, stopped).await }
        });
        lifecycle.set(Phase::Serving);
        // An evacuation that was under way goes on before a client can come.
        operations.reconcile();
        // Not before: what it puts out of service must not be put into service above.
        tokio::spawn(Arc::clone(&operations).run(stopped.clone()));
        listeners.serve(&broker);
        broker
            .events
            .add(Severity::Info, "NODE_STARTED", "the node serves", None);
        Ok(Self { broker, ready })
    }

    /// What scripts are told.
    fn ready(&self) -> Ready {
        let address = |name| {
            let address = self.broker.listeners().address(name)?;
            Some(address.to_string())
        };
        Ready {
            mqtt: address("mqtt"),
            mqtts: address("mqtts"),
            ws: address("ws"),
            wss: address("wss"),
            ..self.ready.clone()
        }
    }

    /// Tells the peers where clients find this node.
    fn tell_address(&self) {
        let broker = &self.broker;
        let address = mqtt_address(&broker.config, broker.listeners());
        broker.cluster().membership.set_fact(Fact::Mqtt, address);
    }

    /// Evacuated if it is to be; then clients first, then the peers, then the rest.
    async fn stop(&self, stop: &watch::Sender<bool>) {
        let broker = &self.broker;
        if let Some(budget) = broker.config.shutdown_evacuate {
            broker.operations().evacuate_before_end(budget).await;
        }
        broker.lifecycle.set(Phase::Stopping);
        broker.listeners().stop().await;
        for session in broker.sessions.all() {
            let close = Close {
                code: ReasonCode::ServerShuttingDown,
                server_reference: None,
            };
            broker.ask_to_close(&session, close);
        }
        let all_gone = async {
            while broker.connections() > 0 {
                tokio::time::sleep(CLOSE_POLL).await;
            }
        };
        if tokio::time::timeout(CLOSE_TIMEOUT, all_gone).await.is_err() {
            tracing::warn!(
                clients = broker.connections(),
                "clients that did not take their last packets"
            );
        }
        broker.operations().close().await;
        broker.cluster().control().stop().await;
        broker.cluster().membership.leave().await;
        broker.links().shutdown();
        stop.send_replace(true);
    }
}

/// Waits until the interest of all nodes that this one was in a cluster with, or finds when it joins them, is known: what
/// clients publish is not to miss Sessions of theirs. One that does not come is not waited for long.
async fn hear_from_members(broker: &Arc<Broker>, seeds: usize) {
    let members = broker.cluster().control().status().members;
    let members = members
        .into_iter()
        .filter_map(|member| NodeName::new(&member.name).ok());
    let mut views = broker.cluster().membership.watch();
    if seeds > 0 {
        // Who hears from one hears of all. There may be nobody yet.
        let finds = views.wait_for(|view| view.peers().next().is_some());
        let _ = tokio::time::timeout(MEMBERS_WITHIN, finds).await;
    }
    let view = views.borrow().clone();
    let there = view.peers().map(|peer| peer.name.clone());
    let all: BTreeSet<NodeName> = members.chain(there).collect();
    hear_from(broker, all.into_iter().collect()).await;
    if broker.config.session_replicas > 1 {
        hear_of_copies(broker).await;
    }
}

/// Sessions that an earlier start of this node had may just begin to be served elsewhere, from copies: waits, for no longer than
/// `MEMBERS_WITHIN`, until their Subscriptions are known.
pub(crate) async fn hear_of_copies(broker: &Arc<Broker>) {
    let heard = async {
        broker.registry().settled().await;
        while let Err(error) = broker.pass_barrier(&broker.node_name).await {
            tracing::debug!(%error, "it is not known yet what the other nodes want");
            tokio::time::sleep(MEMBER_POLL).await;
        }
    };
    if tokio::time::timeout(MEMBERS_WITHIN, heard).await.is_err() {
        tracing::warn!("serves without being sure of what the other nodes want at the moment");
    }
}

/// Waits, for no longer than `MEMBERS_WITHIN`, until these nodes have told what they want.
pub(crate) async fn hear_from(broker: &Broker, mut missing: Vec<NodeName>) {
    missing.retain(|name| *name != broker.node_name);
    let heard = async {
        while !missing.is_empty() {
            missing.retain(|name| !broker.cluster().server.is_synced(name));
            tokio::time::sleep(MEMBER_POLL).await;
        }
    };
    if tokio::time::timeout(MEMBERS_WITHIN, heard).await.is_err() {
        let names: Vec<_> = missing.iter().map(NodeName::as_str).collect();
        tracing::warn!(
            missing = names.join(", "),
            "serves without having heard from all nodes of the cluster: what is published here meanwhile does not reach \
             Sessions that only they know"
        );
    }
}

/// How many other nodes this one is told to join: a configuration may be the same on all nodes.
fn seeds_elsewhere(config: &Config, cluster: SocketAddr) -> usize {
    let own = [
        cluster.to_string(),
        config.advertised_cluster(cluster).to_string(),
    ];
    let others: BTreeSet<&String> = config
        .join
        .iter()
        .filter(|seed| !own.contains(seed))
        .collect();
    others.len()
}

/// Opens what survives the process, and reads all of it.
async fn open_store(
    config: &Config,
    data_dir: &DataDir,
    metrics: &Arc<Metrics>,
    events: &Arc<EventLog>,
) -> anyhow::Result<(Store, StoredState)> {
    let (dir, durability) = (data_dir.path().join(STORE_DIR), config.durability);
    let (metrics, events) = (Arc::clone(metrics), Arc::clone(events));
    let session_config = Arc::new(config.session.clone());
    tokio::task::spawn_blocking(move || {
        let now = Clock::start().now();
        let opened = StoredState::read(&session_config, now, |each| {
            Store::open(&dir, durability, metrics, events, each)
        });
        Ok(opened?)
    })
    .await?
}

/// Where clients of other nodes are sent to; empty when there is no such place.
fn mqtt_address(config: &Config, listeners: &Listeners) -> String {
    match listeners.address("mqtt") {
        Some(Bind::Tcp(bound)) => config.advertised_mqtt(bound),
        _ => config.advertise_mqtt.clone().unwrap_or_default(),
    }
}

async fn reload_certificates(broker: &Broker) {
    // Success is told by the listeners.
    if let Err(error) = broker.listeners().reload_certificates(None).await {
        let message = format!("the certificates were not read again, nothing is changed: {error}");
        tracing::error!("{message}");
        broker
            .events
            .add(Severity::Error, "CERTIFICATES_NOT_RELOADED", &message, None);
    }
}

/// Tells the peers what this node does as soon as it changes.
async fn tell_peers(broker: Arc<Broker>, mut stopped: watch::Receiver<bool>) {
    let mut phases = broker.lifecycle.watch();
    loop {
        let phase = *phases.borrow_and_update();
        broker
            .cluster()
            .membership
            .set_fact(Fact::Duty, phase.as_str());
        tokio::select! {
            changed = phases.changed() => if changed.is_err() { return },
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Takes figures once a second.
async fn sample(broker: Arc<Broker>, mut stopped: watch::Receiver<bool>) {
    let mut process = ProcessSampler::default();
    let mut tick = tokio::time::interval(SAMPLE_INTERVAL);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let now = broker.clock.now();
        broker.metrics.sample(now, process.sample(now));
        broker.client_log.settle(now);
        let membership = &broker.cluster().membership;
        membership.set_fact(Fact::Connections, broker.connections());
        membership.set_fact(Fact::Sessions, broker.sessions.len());
        broker.sweep_retained(SWEEP_LIMIT);
    }
}

/// How the store is, for people.
fn store_word(broker: &Broker) -> &'static str {
    match (broker.disk.is_on(), broker.disk.is_failing()) {
        (false, _) => "off",
        (true, false) => "ok",
        (true, true) => "failing",
    }
}

/// What the HTTP pages show.
struct Pages(Arc<Broker>);

impl HealthView for Pages {
    fn available(&self) -> bool {
        self.0.lifecycle.is_available()
    }

    fn status(&self) -> serde_json::Value {
        let broker = &self.0;
        let view = broker.cluster().membership.view();
        let sessions = broker.sessions.len();
        json!({
            "node_name": broker.node_name.as_str(),
            "cluster_name": broker.config.cluster_name,
            "version": env!("CARGO_PKG_VERSION"),
            "state": broker.lifecycle.phase().as_str(),
            "uptime_ms": broker.clock.now().since(broker.clock.started_at()).as_millis(),
            "connections": broker.connections(),
            "sessions": sessions,
            "subscriptions": broker.router.subscription_count(),
            "retained_messages": broker.retained.len(),
            "store": store_word(broker),
            "members": view.nodes.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        })
    }

    fn metrics_text(&self) -> String {
        let broker = &self.0;
        let (replicas, replica_bytes) = broker.replicas.lock().size();
        let mirror = broker.disk.mirror();
        let connections = broker.connections() as u64;
        let sessions = broker.sessions.len() as u64;
        broker.metrics.render(&Gauges {
            phase: broker.lifecycle.phase(),
            connections,
            sessions,
            sessions_disconnected: sessions.saturating_sub(connections),
            subscriptions: broker.router.subscription_count() as u64,
            retained_messages: broker.retained.len() as u64,
            cluster_nodes: broker.cluster().membership.view().nodes.len() as u64,
            memory_pressure: broker.memory.pressure(),
            publishers_held: broker.memory.held() as u64,
            store_failing: broker.disk.is_on().then(|| broker.disk.is_failing()),
            store_waiting_bytes: broker.disk.waiting_bytes() as u64,
            replicas: replicas as u64,
            replica_bytes: replica_bytes as u64,
            replica_waiting_bytes: mirror.map_or(0, |mirror| mirror.waiting_bytes()) as u64,
            uptime: broker.clock.now().since(broker.clock.started_at()),
            listeners: broker
                .listeners()
                .list()
                .into_iter()
                .map(|listener| ListenerFigures {
                    name: listener.name.to_string(),
                    kind: listener.kind.as_str(),
                    connections: listener.figures.connections,
                    accepted: listener.figures.accepted,
                    refused: listener.figures.refused,
                    handshake_failures: listener.figures.handshake_failures,
                })
                .collect(),
            peers: peer_figures(broker),
        })
    }
}

/// Of the links to all other nodes that this one has heard of.
fn peer_figures(broker: &Broker) -> Vec<PeerFigures> {
    let known = broker.cluster().membership.known();
    let links = known
        .iter()
        .filter_map(|known| broker.links().known(&known.info.name));
    links
        .map(|link| {
            let stats = link.stats();
            PeerFigures {
                name: link.name().to_string(),
                is_connected: stats.is_connected,
                waiting: stats.queued as u64,
                waiting_bytes: stats.queued_bytes as u64,
            }
        })
        .collect()
}

#[cfg(test)]
mod import_tests;
#[cfg(test)]
mod retained_tests;
#[cfg(test)]
mod transfer_tests;
