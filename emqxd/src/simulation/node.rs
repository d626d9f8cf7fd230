//! A node of the simulated cluster: put together as `run` does it, without sockets and gossip.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use emqx_proto::peer::v1::{DataItem, control_request, control_response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::agreement::{Agreed, Part};
use super::disk::Disk;
use super::network::{Network, VirtualDialer, address};
use super::virtual_stream::{self, VirtualStream};
use crate::cluster::operation_executor::OperationExecutor;
use crate::cluster::peer_handler::BrokerHandler;
use crate::cluster::registry::Registry;
use crate::cluster::replication::Replication;
use crate::cluster::{Items, LocalNode, Membership, PeerHandler, PeerLinks, PeerServer, Refusal};
use crate::config::Config;
use crate::config::listener::{Bind, ListenerKind, ListenerSettings, TlsDefaults};
use crate::event_log::EventLog;
use crate::lifecycle::{Lifecycle, Phase};
use crate::membership::{NodeName, PeerInfo, View};
use crate::metrics::Metrics;
use crate::net::listener::{self, Listener, Live};
use crate::net::listeners::Listeners;
use crate::net::socket::Peer;
use crate::node::broker::{Broker, Cluster};
use crate::node::clock::Clock;
use crate::node::{handover_watch, held_back, retain, timers};
use crate::run::{self, stored_state::StoredState};
use crate::storage::{Mirror, Store, Stored};
use crate::time::Timestamp;
use crate::watch;

/// When every simulation begins, before the nodes' clocks differ.
const EPOCH: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A node that runs.
pub(super) struct Node {
    pub(super) number: usize,
    pub(super) broker: Arc<Broker>,
    handler: Arc<Reachable>,
    links: Arc<PeerLinks>,
    listener: Arc<Listener>,
    stop: watch::Sender<bool>,
    views: watch::Sender<Arc<View>>,
    /// The other ends of its clients' connections.
    clients: Vec<Weak<VirtualStream>>,
}

/// Where a node is started.
pub(super) struct Place<'a> {
    pub(super) number: usize,
    /// Greater than that of every earlier start of any node.
    pub(super) incarnation: u64,
    /// How far its clock is ahead of the epoch now.
    pub(super) clock: Duration,
    /// Nodes of the cluster.
    pub(super) nodes: usize,
    pub(super) config: &'a Config,
    pub(super) network: &'a Arc<Network>,
    pub(super) agreed: &'a Arc<Agreed>,
    /// What it finds stored, and stores to.
    pub(super) disk: Option<&'a Arc<Disk>>,
    /// So many bytes wait for that, at most.
    pub(super) disk_queue_bytes: Option<usize>,
}

pub(super) fn name(number: usize) -> NodeName {
    NodeName::new(&format!("n{number}")).expect("valid")
}

impl Node {
    /// Starts one that sees only itself. Its clients are served when it has heard from the others.
    pub(super) fn start(place: &Place<'_>) -> Self {
        let number = place.number;
        let name = name(number);
        let config = Arc::new(Config {
            node_name: name.clone(),
            ..place.config.clone()
        });
        let local = LocalNode {
            cluster_name: config.cluster_name.clone(),
            name: name.clone(),
            incarnation: place.incarnation,
        };
        let lifecycle = Arc::new(Lifecycle::default());
        lifecycle.set(Phase::Joining);
        let limits = config.peer_link.clone();
        let metrics = Arc::new(Metrics::default());
        let events = Arc::new(EventLog::new(name.as_str()));
        let clock = Clock::start_at(EPOCH + place.clock);
        let (store, stored) =
            StoredState::read(&Arc::new(config.session.clone()), clock.now(), |each| {
                let Some(disk) = place.disk else {
                    return Ok::<_, Infallible>(Store::none());
                };
                disk.read(each);
                let (metrics, events) = (Arc::clone(&metrics), Arc::clone(&events));
                Ok(Store::by_hand(metrics, events, place.disk_queue_bytes))
            })
            .unwrap_or_else(|never| match never {});
        let mut broker = Broker::new(
            Arc::clone(&config),
            name,
            place.incarnation,
            metrics,
            events,
            Arc::clone(&lifecycle),
        )
        .with_disk(store.clone());
        broker.clock = clock;
        let broker = Arc::new(broker);
        broker.load_retained(stored.retained);
        let (views, view) = watch::channel(Arc::new(View::new(info(&broker, number), [])));
        let membership = Arc::new(Membership::fed(view.clone()));
        let handler = Arc::new(Reachable {
            handler: Mutex::new(Some(Arc::new(BrokerHandler::new(Arc::clone(&broker))))),
            store: store.clone(),
        });
        let handles: Arc<dyn PeerHandler> = Arc::clone(&handler) as Arc<dyn PeerHandler>;
        let dialer = Arc::new(VirtualDialer {
            network: Arc::clone(place.network),
            node: number,
        });
        let links = PeerLinks::over(dialer, local.clone(), Arc::clone(&handles), limits.clone());
        let server = PeerServer::new(local, handles, limits, view.clone());
        let registry = Arc::new(Registry::new(
            &broker,
            Arc::clone(&membership),
            Arc::clone(&links),
        ));
        let control = Arc::new(Part {
            agreed: Arc::clone(place.agreed),
            membership: Arc::clone(&membership),
            nodes: place.nodes,
        });
        let operations = Arc::new(OperationExecutor::new(control));
        operations.serve_for(&broker);
        let listeners =
            Listeners::open(config, PathBuf::from("/nonexistent")).expect("there are none");
        let is_copied = broker.config.session_replicas > 1 && broker.disk.is_on();
        let replication = is_copied.then(|| Replication::new(&broker));
        broker.join_cluster(Cluster {
            membership,
            links: Arc::clone(&links),
            server: server.clone(),
            registry: Arc::clone(&registry),
            replication: replication.clone(),
            control: None,
            operations,
            listeners: Arc::new(listeners),
        });
        broker.restore_sessions(stored.sessions);
        let (stop, stopped) = watch::channel(false);
        if let Some(disk) = place.disk {
            tokio::spawn(Arc::clone(disk).serve(store, stopped.clone()));
        }
        for (node, kept) in stored.away {
            links.restore(&node, kept);
        }
        place.network.open(number, server);
        links.follow(view.clone());
        if let Some(replication) = replication {
            let mirror = Arc::clone(&replication) as Arc<dyn Mirror>;
            broker.disk.set_mirror(mirror);
            tokio::spawn(replication.run(view, stopped.clone()));
        }
        tokio::spawn(registry.run(stopped.clone()));
        let others = (0..place.nodes).filter(|other| *other != number);
        let others = others.map(self::name).collect();
        if place.disk_queue_bytes.is_some() {
            tokio::spawn(retain::run(Arc::clone(&broker), stopped.clone()));
        }
        tokio::spawn(begin(Arc::clone(&broker), others, stopped));
        let settings = ListenerSettings::new(
            Bind::Tcp((Ipv4Addr::LOCALHOST, 0).into()),
            &TlsDefaults::default(),
        );
        let live = Live {
            settings,
            tls: None,
        };
        Self {
            number,
            broker,
            handler,
            links,
            listener: Arc::new(Listener::new("virtual", ListenerKind::Tcp, live)),
            stop,
            views,
            clients: Vec::new(),
        }
    }

    /// What it tells of itself.
    pub(super) fn info(&self) -> PeerInfo {
        info(&self.broker, self.number)
    }

    pub(super) fn view(&self) -> Arc<View> {
        Arc::clone(&self.views.borrow())
    }

    /// Lets it see these others.
    pub(super) fn sees(&self, others: Vec<PeerInfo>) {
        let view = View::new(self.info(), others);
        self.views.send_if_modified(|present| {
            let changed = **present != view;
            if changed {
                *present = Arc::new(view);
            }
            changed
        });
    }

    /// A client connects. `None`: nobody listens yet.
    pub(super) fn connect(&mut self, capacity: usize) -> Option<Arc<VirtualStream>> {
        if self.broker.lifecycle.phase() == Phase::Joining {
            return None;
        }
        let (theirs, ours) = virtual_stream::pair(capacity);
        listener::begin(ours.into(), Peer::Local, &self.listener, &self.broker);
        let theirs = Arc::new(theirs);
        self.clients.retain(|client| client.strong_count() > 0);
        self.clients.push(Arc::downgrade(&theirs));
        Some(theirs)
    }

    /// The process is gone, and what it had in memory.
    pub(super) fn crash(self, network: &Network) {
        for client in self.clients.iter().filter_map(Weak::upgrade) {
            client.break_off();
        }
        // Before anything else: whatever is left of it reaches nobody.
        let handler = self.handler.handler.lock().take();
        network.close(self.number);
        self.sees(Vec::new());
        self.links.shutdown();
        self.stop.send_replace(true);
        drop(handler);
    }
}

/// Waits for the others, and serves from then on.
async fn begin(broker: Arc<Broker>, others: Vec<NodeName>, stopped: watch::Receiver<bool>) {
    let mut stop = stopped.clone();
    tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => return,
        () = run::hear_from(&broker, others) => {}
    }
    if broker.config.session_replicas > 1 {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = run::hear_of_copies(&broker) => {}
        }
    }
    tokio::spawn(timers::run(Arc::clone(&broker), stopped.clone()));
    tokio::spawn(held_back::run(Arc::clone(&broker), stopped.clone()));
    tokio::spawn(handover_watch::run(Arc::clone(&broker), stopped.clone()));
    broker.lifecycle.set(Phase::Serving);
    let operations = broker.operations();
    operations.reconcile();
    tokio::spawn(Arc::clone(operations).run(stopped));
}

fn info(broker: &Broker, number: usize) -> PeerInfo {
    PeerInfo {
        name: broker.node_name.clone(),
        incarnation: broker.incarnation,
        version: String::new(),
        cluster: address(number),
        mqtt: format!("n{number}"),
        admin: String::new(),
        http: String::new(),
        duty: broker.lifecycle.phase().as_str().to_owned(),
        connections: broker.connections() as u64,
        sessions: broker.sessions.len() as u64,
        started_unix_ms: 0,
        control: String::new(),
    }
}

/// The broker's side of peer links, until the node crashes.
struct Reachable {
    handler: Mutex<Option<Arc<BrokerHandler>>>,
    store: Store,
}

impl Reachable {
    fn handler(&self) -> Option<Arc<BrokerHandler>> {
        self.handler.lock().clone()
    }
}

impl PeerHandler for Reachable {
    fn on_data(&self, from: &NodeName, items: Items<'_>) -> Stored {
        self.handler()
            .map_or_else(Stored::default, |handler| handler.on_data(from, items))
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn has_copies(&self) -> bool {
        self.handler().is_some_and(|handler| handler.has_copies())
    }

    fn on_control(
        self: Arc<Self>,
        from: NodeName,
        request: control_request::Request,
    ) -> BoxFuture<'static, Result<control_response::Response, Refusal>> {
        match self.handler() {
            Some(handler) => handler.on_control(from, request),
            None => std::future::pending().boxed(),
        }
    }

    fn snapshot(&self, to: &NodeName) -> Vec<DataItem> {
        self.handler()
            .map_or_else(Vec::new, |handler| handler.snapshot(to))
    }

    fn peer_gone(&self, peer: &NodeName, incarnation: u64) {
        if let Some(handler) = self.handler() {
            handler.peer_gone(peer, incarnation);
        }
    }
}
