//! Who is alive: chitchat's gossip, turned into a [`View`].
//!
//! A node is in the view while its heartbeat advances, until it says that it leaves, and until a newer incarnation of
//! the same name shows up at the same address. Of two incarnations the newer counts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use chitchat::{
    Chitchat, ChitchatConfig, ChitchatHandle, ChitchatId, FailureDetectorConfig, NodeState,
    ProtocolVersion, spawn_chitchat,
};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::cluster::GossipSocket;
use crate::membership::{NodeName, PeerInfo, View};
use crate::watch;

const GOSSIP_INTERVAL: Duration = Duration::from_millis(200);
/// How often the view is computed anew. Twice as often as gossip, so that it adds little to its delay.
const VIEW_INTERVAL: Duration = Duration::from_millis(100);
/// For how long a seed is waited for before the node starts without.
const FIRST_CONTACT_MAX: Duration = Duration::from_millis(1_500);
/// Between two looks at the heartbeat of a node with our name. Longer than a heartbeat needs to come around.
const HEARTBEAT_LOOK: Duration = Duration::from_millis(700);
/// A dead node is remembered (and shown to operators) for this long.
const DEAD_NODE_GRACE: Duration = Duration::from_secs(3_600);
/// Not a valid node name, so that it can never be a member.
const JOINING: &str = "~joining";
const LEAVE_ROUNDS: usize = 4;

/// A node is dead after `phi_threshold` times the smoothed mean interval between its heartbeats. That mean is
/// `(sum of the last 5 + 5 × initial_interval) / 10`: heartbeats come every 40 to 200 ms depending on cluster size,
/// so it is 0.27 to 0.35 s and a node is dead after 3.2 to 4.2 s. The large share of `initial_interval` keeps small
/// clusters with quick heartbeats from being hasty.
fn failure_detector() -> FailureDetectorConfig {
    FailureDetectorConfig {
        phi_threshold: 12.0,
        sampling_window_size: 5,
        max_interval: Duration::from_secs(1),
        initial_interval: Duration::from_millis(500),
        dead_node_grace_period: DEAD_NODE_GRACE,
    }
}

/// Something that a node tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// See [`PeerInfo::version`].
    Version,
    /// See [`PeerInfo::mqtt`].
    Mqtt,
    /// See [`PeerInfo::admin`].
    Admin,
    /// See [`PeerInfo::http`].
    Http,
    /// See [`PeerInfo::duty`].
    Duty,
    /// See [`PeerInfo::connections`].
    Connections,
    /// See [`PeerInfo::sessions`].
    Sessions,
    /// See [`PeerInfo::control`].
    Control,
}

impl Fact {
    fn key(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Mqtt => "mqtt",
            Self::Admin => "admin",
            Self::Http => "http",
            Self::Duty => "duty",
            Self::Connections => "connections",
            Self::Sessions => "sessions",
            Self::Control => "control",
        }
    }
}

const STARTED: &str = "started_unix_ms";
const LEAVING: &str = "leaving";

/// What [`Membership::start`] needs.
pub struct MembershipConfig {
    /// Nodes of other clusters are not listened to. Same characters as a node name.
    pub cluster_name: String,
    /// Own name.
    pub node_name: NodeName,
    /// Greater than that of every earlier start of this node.
    pub incarnation: u64,
    /// For gossip.
    pub socket: GossipSocket,
    /// Where peers reach this node: UDP for gossip, TCP for peer links.
    pub advertise: SocketAddr,
    /// `HOST:PORT` of other nodes. Those that do not answer are tried for ever.
    pub seeds: Vec<String>,
    /// What the node tells of itself from the beginning.
    pub facts: Vec<(Fact, String)>,
}

/// A node that this one has heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPeer {
    /// What it said about itself.
    pub info: PeerInfo,
    /// Whether it is in the view.
    pub is_live: bool,
    /// When its heartbeat last advanced (or when it was first heard of), by this node's clock. 0 for this node itself.
    pub last_seen_unix_ms: u64,
}

/// This node's part in gossip. Dropping it is like a crash: peers find out in a few seconds.
pub struct Membership {
    views: watch::Receiver<Arc<View>>,
    shared: Arc<Shared>,
    handle: Mutex<Option<ChitchatHandle>>,
    watcher: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    facts: Mutex<HashMap<Fact, String>>,
    facts_changed: Notify,
    known: ArcSwap<Vec<KnownPeer>>,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl Membership {
    /// Makes sure that the name is free and joins the cluster.
    ///
    /// Takes up to 1.5 s when no seed answers: it then starts alone and joins as soon as one does.
    ///
    /// # Errors
    /// When a live node has the same name at another address, when a seed belongs to another cluster, or when the
    /// cluster name is not valid.
    pub async fn start(config: MembershipConfig) -> anyhow::Result<Self> {
        NodeName::new(&config.cluster_name).map_err(|_| {
            anyhow::anyhow!(
                "cluster name '{}' is not valid: the rules for node names apply",
                config.cluster_name
            )
        })?;
        make_sure_name_is_free(&config).await?;

        let id = ChitchatId::new(
            config.node_name.as_str(),
            config.incarnation,
            config.advertise,
        );
        let facts = initial_facts(&config);
        let gossip = chitchat_config(&config, id.clone());
        let handle = spawn_chitchat(gossip, facts, &config.socket)
            .await
            .context("gossip did not start")?;
        let chitchat = handle.chitchat();
        let mut observer = Observer::new(config.node_name, id);
        let first = observer.observe(&*chitchat.lock().await);
        let (publisher, views) = watch::channel(Arc::new(first.view));
        let shared = Arc::new(Shared::default());
        shared.known.store(Arc::new(first.known));
        let watcher = tokio::spawn(watch_cluster(chitchat, observer, shared.clone(), publisher));
        Ok(Self {
            views,
            shared,
            handle: Mutex::new(Some(handle)),
            watcher,
        })
    }

    /// The live nodes at present.
    pub fn view(&self) -> Arc<View> {
        self.views.borrow().clone()
    }

    /// Follows the view. Also changes when a node only tells something new of itself; compare `View::hash` for the
    /// member set alone.
    pub fn watch(&self) -> watch::Receiver<Arc<View>> {
        self.views.clone()
    }

    /// Tells the cluster something new of this node, at the next round of gossip. Does not wait.
    pub fn set_fact(&self, fact: Fact, value: impl ToString) {
        self.shared.facts.lock().insert(fact, value.to_string());
        self.shared.facts_changed.notify_one();
    }

    /// Every node heard of within the last hour, also dead ones, this one included; by name.
    pub fn known(&self) -> Arc<Vec<KnownPeer>> {
        self.shared.known.load_full()
    }

    /// Leaves in order: the others see it gone at once instead of a few seconds later. The own view stays as it was.
    /// To be called last: the others close their links to this node, and what is not acknowledged by then may be lost.
    pub async fn leave(&self) {
        let Some(handle) = self.handle.lock().take() else {
            return;
        };
        self.watcher.abort();
        handle
            .with_chitchat(|chitchat| chitchat.self_node_state().set(LEAVING, "1"))
            .await;
        let peers: Vec<SocketAddr> = self.view().peers().map(|peer| peer.cluster).collect();
        // A datagram may get lost; a round more costs nothing.
        for _ in 0..LEAVE_ROUNDS {
            for peer in &peers {
                let _ = handle.gossip(*peer);
            }
            tokio::time::sleep(GOSSIP_INTERVAL / 2).await;
        }
        if let Err(error) = handle.shutdown().await {
            warn!(%error, "gossip ended with an error");
        }
    }
}

fn chitchat_config(config: &MembershipConfig, id: ChitchatId) -> ChitchatConfig {
    ChitchatConfig {
        chitchat_id: id,
        cluster_id: config.cluster_name.clone(),
        gossip_interval: GOSSIP_INTERVAL,
        listen_addr: config.socket.local_addr(),
        seed_nodes: config.seeds.clone(),
        failure_detector_config: failure_detector(),
        marked_for_deletion_grace_period: DEAD_NODE_GRACE,
        catchup_callback: None,
        extra_liveness_predicate: None,
        protocol_version: ProtocolVersion::V1,
    }
}

fn initial_facts(config: &MembershipConfig) -> Vec<(String, String)> {
    let mut facts = BTreeMap::from([
        (Fact::Version.key(), env!("CARGO_PKG_VERSION").to_owned()),
        (STARTED, unix_ms().to_string()),
    ]);
    facts.extend(
        config
            .facts
            .iter()
            .map(|(fact, value)| (fact.key(), value.clone())),
    );
    facts
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Listens in under a name that is no member before joining under the own one: joined with a newer incarnation, this
/// node would push the present owner of the name out of everybody's view.
async fn make_sure_name_is_free(config: &MembershipConfig) -> anyhow::Result<()> {
    let own = [
        config.advertise.to_string(),
        config.socket.local_addr().to_string(),
    ];
    if config.seeds.iter().all(|seed| own.contains(seed)) {
        return Ok(());
    }
    // Incarnation 0 each time: however often a node starts, the others keep one entry for it.
    let id = ChitchatId::new(JOINING, 0, config.advertise);
    let handle = spawn_chitchat(chitchat_config(config, id), Vec::new(), &config.socket)
        .await
        .context("gossip did not start")?;
    let verdict = listen_in(config, &handle).await;
    handle.shutdown().await.context("gossip failed")?;
    verdict
}

async fn listen_in(config: &MembershipConfig, handle: &ChitchatHandle) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + FIRST_CONTACT_MAX;
    while handle
        .with_chitchat(|chitchat| chitchat.node_states().len())
        .await
        <= 1
    {
        if let Some(seed) = config.socket.foreign_node() {
            anyhow::bail!(
                "the node at {seed} belongs to another cluster than '{}'",
                config.cluster_name
            );
        }
        if tokio::time::Instant::now() >= deadline {
            warn!(
                seeds = ?config.seeds,
                "no seed answers; starting without, and joining as soon as one does"
            );
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A heartbeat that merely arrives late advances once; only a living node's goes on.
    let mut heartbeats = namesakes(config, handle).await;
    for _ in 0..2 {
        if heartbeats.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(HEARTBEAT_LOOK).await;
        let later = namesakes(config, handle).await;
        heartbeats = later
            .into_iter()
            .filter(|(id, heartbeat)| heartbeats.get(id).is_none_or(|before| heartbeat > before))
            .collect();
    }
    match heartbeats.keys().next() {
        None => Ok(()),
        Some(id) => anyhow::bail!(
            "node name '{}' is already in the cluster at {}",
            config.node_name,
            id.gossip_advertise_addr
        ),
    }
}

/// Heartbeats of nodes with our name at another address. At our own address only an earlier incarnation can be.
async fn namesakes(config: &MembershipConfig, handle: &ChitchatHandle) -> HashMap<ChitchatId, u64> {
    handle
        .with_chitchat(|chitchat| {
            chitchat
                .node_states()
                .iter()
                .filter(|(id, state)| {
                    *id.node_id == *config.node_name.as_str()
                        && id.gossip_advertise_addr != config.advertise
                        && state.get(LEAVING).is_none()
                })
                .map(|(id, state)| (id.clone(), state.heartbeat().into()))
                .collect()
        })
        .await
}

async fn watch_cluster(
    chitchat: Arc<tokio::sync::Mutex<Chitchat>>,
    mut observer: Observer,
    shared: Arc<Shared>,
    publisher: watch::Sender<Arc<View>>,
) {
    let mut interval = tokio::time::interval(VIEW_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = shared.facts_changed.notified() => {}
        }
        let facts = std::mem::take(&mut *shared.facts.lock());
        let observed = {
            let mut chitchat = chitchat.lock().await;
            for (fact, value) in facts {
                chitchat.self_node_state().set(fact.key(), value);
            }
            observer.observe(&chitchat)
        };
        shared.known.store(Arc::new(observed.known));
        publisher.send_if_modified(|view| {
            let changed = **view != observed.view;
            if changed {
                log_changes(view, &observed.view);
                *view = Arc::new(observed.view);
            }
            changed
        });
    }
}

fn log_changes(before: &View, after: &View) {
    if before.hash == after.hash {
        return;
    }
    for peer in after
        .peers()
        .filter(|peer| !before.has(&peer.name, peer.incarnation))
    {
        info!(node = %peer.name, incarnation = peer.incarnation, cluster = %peer.cluster, "node is up");
    }
    for peer in before
        .peers()
        .filter(|peer| !after.has(&peer.name, peer.incarnation))
    {
        info!(node = %peer.name, incarnation = peer.incarnation, cluster = %peer.cluster, "node is gone");
    }
}

struct Observed {
    view: View,
    known: Vec<KnownPeer>,
}

/// Makes views out of what chitchat knows.
struct Observer {
    self_name: NodeName,
    self_id: ChitchatId,
    /// Last heartbeat of each node and when it came, unix milliseconds.
    seen: HashMap<ChitchatId, (u64, u64)>,
    rivals: HashSet<ChitchatId>,
}

impl Observer {
    fn new(self_name: NodeName, self_id: ChitchatId) -> Self {
        Self {
            self_name,
            self_id,
            seen: HashMap::new(),
            rivals: HashSet::new(),
        }
    }

    fn observe(&mut self, chitchat: &Chitchat) -> Observed {
        let now = unix_ms();
        let states = chitchat.node_states();
        let alive: HashSet<&ChitchatId> = chitchat.live_nodes().collect();
        self.seen.retain(|id, _| states.contains_key(id));
        let mut by_name: BTreeMap<NodeName, Vec<(&ChitchatId, &NodeState)>> = BTreeMap::new();
        for (id, state) in states {
            let heartbeat = state.heartbeat().into();
            let seen = self.seen.entry(id.clone()).or_insert((heartbeat, now));
            if heartbeat > seen.0 {
                *seen = (heartbeat, now);
            }
            let Ok(name) = NodeName::new(&id.node_id) else {
                continue;
            };
            if name != self.self_name {
                by_name.entry(name).or_default().push((id, state));
            } else if *id != self.self_id && alive.contains(id) {
                self.report_rival(id);
            }
        }
        let this = chitchat
            .node_state(&self.self_id)
            .and_then(|state| peer_info(&self.self_name, &self.self_id, state))
            .unwrap_or_else(|| bare_info(&self.self_name, &self.self_id));
        let mut known: Vec<KnownPeer> = by_name
            .into_iter()
            .filter_map(|(name, ids)| {
                let (id, is_live) = newest(&ids, &alive)?;
                let info = peer_info(&name, id, states.get(id)?)?;
                let last_seen_unix_ms = self.seen.get(id).map_or(now, |(_, at)| *at);
                Some(KnownPeer {
                    info,
                    is_live,
                    last_seen_unix_ms,
                })
            })
            .collect();
        let live = known.iter().filter(|peer| peer.is_live);
        let view = View::new(this.clone(), live.map(|peer| peer.info.clone()));
        known.push(KnownPeer {
            info: this,
            is_live: true,
            last_seen_unix_ms: 0,
        });
        known.sort_by(|a, b| a.info.name.cmp(&b.info.name));
        Observed { view, known }
    }

    fn report_rival(&mut self, id: &ChitchatId) {
        // Our own earlier incarnation at our address is dead for sure; others just do not know yet.
        if id.gossip_advertise_addr != self.self_id.gossip_advertise_addr
            && self.rivals.insert(id.clone())
        {
            error!(
                node = %self.self_name,
                other = %id.gossip_advertise_addr,
                "another node with the name of this one is in the cluster; stop one of them"
            );
        }
    }
}

/// Of the incarnations of one name the one that counts, and whether it is live.
fn newest<'a>(
    ids: &[(&'a ChitchatId, &NodeState)],
    alive: &HashSet<&ChitchatId>,
) -> Option<(&'a ChitchatId, bool)> {
    let mut ids: Vec<_> = ids.iter().collect();
    ids.sort_by_key(|(id, _)| std::cmp::Reverse(id.generation_id));
    let (newest, state) = ids.first()?;
    let is_live = |id: &ChitchatId, state: &NodeState| {
        alive.contains(id) && state.get(LEAVING).is_none() && has_facts(state)
    };
    if is_live(newest, state) {
        return Some((newest, true));
    }
    // An older one still counts while the newer has not been heard of enough, unless it sits at the same address:
    // there, it cannot be alive any more.
    let older = ids[1..].iter().find(|(id, state)| {
        id.gossip_advertise_addr != newest.gossip_advertise_addr && is_live(id, state)
    });
    match older {
        Some((id, _)) => Some((id, true)),
        None => {
            let told = ids.iter().find(|(_, state)| has_facts(state));
            told.map(|(id, _)| (*id, false))
        }
    }
}

/// A node is first heard of by its heartbeat; what it says of itself may come a round later.
fn has_facts(state: &NodeState) -> bool {
    state.contains_key(Fact::Version.key())
}

fn bare_info(name: &NodeName, id: &ChitchatId) -> PeerInfo {
    PeerInfo {
        name: name.clone(),
        incarnation: id.generation_id,
        version: String::new(),
        cluster: id.gossip_advertise_addr,
        mqtt: String::new(),
        admin: String::new(),
        http: String::new(),
        duty: String::new(),
        connections: 0,
        sessions: 0,
        started_unix_ms: 0,
        control: String::new(),
    }
}

fn peer_info(name: &NodeName, id: &ChitchatId, state: &NodeState) -> Option<PeerInfo> {
    if !has_facts(state) {
        return None;
    }
    let text = |key| state.get(key).unwrap_or_default().to_owned();
    let number = |key| {
        state
            .get(key)
            .and_then(|value| value.parse().ok())
            .unwrap_or(0)
    };
    Some(PeerInfo {
        version: text(Fact::Version.key()),
        mqtt: text(Fact::Mqtt.key()),
        admin: text(Fact::Admin.key()),
        http: text(Fact::Http.key()),
        duty: text(Fact::Duty.key()),
        connections: number(Fact::Connections.key()),
        sessions: number(Fact::Sessions.key()),
        started_unix_ms: number(STARTED),
        control: text(Fact::Control.key()),
        ..bare_info(name, id)
    })
}

#[cfg(test)]
mod fed;
#[cfg(test)]
mod tests;
