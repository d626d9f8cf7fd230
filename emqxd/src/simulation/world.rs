//! The cluster, its clients, and what befalls them: some seconds of faults, then quiet, then everything is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1::StartEvacuationRequest;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng as _};
use tokio::time::{Instant, sleep};

use super::agreement::Agreed;
use super::checks;
use super::client;
use super::disk::Disk;
use super::fault::{self, Fault};
use super::gossip::Gossip;
use super::network::Network;
use super::node::{Node, Place};
use super::options::Options;
use super::oracle::Oracle;
use super::virtual_stream::VirtualStream;
use crate::chance;
use crate::cluster::PeerLink;
use crate::config::Config;
use crate::packet::ClientId;
use crate::stable_hash;

/// How long it may take until nothing is under way any more. A claim that nobody ends is over after 30 seconds, a transfer
/// after 40.
const QUIET_WITHIN: Duration = Duration::from_secs(240);

/// For so long no packet may have come to a client.
const QUIET_FOR: Duration = Duration::from_secs(3);

/// A crash that is to come while the disk writes waits for that so long.
const DISK_BUSY_WITHIN: Duration = Duration::from_millis(500);

/// Microseconds that a message takes on a slow link, and on one where requests arrive that nobody waits for any more.
const SLOW: Range<u64> = 50_000..800_000;
const VERY_SLOW: Range<u64> = 800_000..3_000_000;

/// In production the incarnation is the time of the start; numbers of announcements begin there.
const INCARNATION_STEP: u64 = 1_000_000;

/// What clients are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Mayhem,
    /// Come back, and finish what was begun.
    Quiet,
}

/// What came of a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The same each time.
    pub(super) trace: u64,
    pub(super) problems: Vec<String>,
    /// Messages acknowledged, and deliveries.
    pub(super) figures: (usize, usize),
    /// How much time has passed in the simulation.
    pub(super) took: Duration,
}

/// A Subscription that not every node may know of.
struct Announced {
    identifier: u32,
    /// The node that has it, and its start.
    node: usize,
    incarnation: u64,
    /// What is on its way to the others.
    links: Vec<(Arc<PeerLink>, u64)>,
}

/// All of it.
pub(super) struct World {
    pub(super) options: Options,
    pub(super) network: Arc<Network>,
    pub(super) nodes: Mutex<BTreeMap<usize, Node>>,
    pub(super) agreed: Arc<Agreed>,
    disks: Vec<Arc<Disk>>,
    pub(super) oracle: Mutex<Oracle>,
    /// Nodes that were started anew and may not know what another one wants that is away.
    pub(super) ignorant: Mutex<BTreeSet<usize>>,
    announced: Mutex<Vec<Announced>>,
    config: Config,
    skews: Vec<Duration>,
    incarnations: Mutex<u64>,
    phase: Mutex<Phase>,
    /// What each client waits for.
    waits: Mutex<BTreeMap<usize, Option<String>>>,
    /// A node has crashed with its disk when each Session had a copy, and nothing else has befallen the cluster since: clients
    /// that had no Session then, and have begun none since.
    copies_serve: Mutex<Option<BTreeSet<usize>>>,
    /// Clients whose Session was on a node that has crashed with its disk, and may not have a copy on another disk yet.
    orphans: Mutex<BTreeSet<usize>>,
    /// Clients whose Session was on a node that has crashed.
    lost: Mutex<BTreeSet<usize>>,
    /// Under which epoch each client was served last.
    served: Mutex<BTreeMap<usize, u64>>,
    touched: Mutex<Instant>,
    started: Instant,
    trace: Mutex<u64>,
    tells: bool,
}

/// Runs a seed, in a thread of its own: what threads keep for themselves, such as buffers, is new each time. With `tells`
/// everything that happens is printed.
pub(super) fn run(seed: u64, fault: Option<Fault>, tells: bool) -> Outcome {
    let outcome = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                chance::seed(seed);
                fault::set(fault);
                run_here(seed, tells)
            })
            .join()
    });
    outcome.unwrap_or_else(|panic| Outcome {
        trace: 0,
        problems: vec![format!("a panic: {:?}", panic.downcast_ref::<String>())],
        figures: (0, 0),
        took: Duration::ZERO,
    })
}

fn run_here(seed: u64, tells: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("needs nothing of the system");
    if !tells {
        return runtime.block_on(World::live(seed, tells));
    }
    // Also what the nodes themselves log.
    let log = tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .finish();
    tracing::subscriber::with_default(log, || runtime.block_on(World::live(seed, tells)))
}

impl World {
    async fn live(seed: u64, tells: bool) -> Outcome {
        let mut random = StdRng::seed_from_u64(seed);
        let options = Options::choose(seed, &mut random);
        let skews = (0..options.nodes)
            .map(|_| options.skew.mul_f64(random.random()))
            .collect();
        let world = Arc::new(Self {
            options,
            network: Network::new(random.random()),
            nodes: Mutex::default(),
            agreed: Agreed::new(),
            disks: (0..options.nodes)
                .map(|_| Arc::new(Disk::new(options.more.disks_fail)))
                .collect(),
            oracle: Mutex::new(Oracle::new(options.keeps())),
            ignorant: Mutex::default(),
            announced: Mutex::default(),
            config: Config {
                listeners: Vec::new(),
                allow_anonymous: true,
                session_replicas: if options.copies { 2 } else { 1 },
                ..Config::default()
            },
            skews,
            incarnations: Mutex::new(0),
            phase: Mutex::new(Phase::Mayhem),
            waits: Mutex::default(),
            copies_serve: Mutex::default(),
            orphans: Mutex::default(),
            lost: Mutex::default(),
            served: Mutex::default(),
            touched: Mutex::new(Instant::now()),
            started: Instant::now(),
            trace: Mutex::new(0),
            tells,
        });
        world.note(|| format!("{options:?}"));
        world.oracle.lock().divide();
        for number in 0..options.nodes {
            world.start(number);
        }
        tokio::spawn(Gossip::new(options.nodes, random.random()).run(Arc::clone(&world)));
        for number in 0..options.clients {
            world.set_waits(number, Some("its start".to_owned()));
            client::start(number, random.random(), &world);
        }
        world.mayhem(&mut random).await;
        world.settle().await;
        checks::at_the_end(&world);
        let outcome = {
            let oracle = world.oracle.lock();
            Outcome {
                trace: *world.trace.lock(),
                problems: oracle.problems().to_vec(),
                figures: oracle.figures(),
                took: world.started.elapsed(),
            }
        };
        let nodes = std::mem::take(&mut *world.nodes.lock());
        for node in nodes.into_values() {
            node.crash(&world.network);
        }
        outcome
    }

    /// Adds to what happened.
    pub(super) fn note(&self, text: impl FnOnce() -> String) {
        let mut line = String::new();
        let at = self.started.elapsed().as_micros();
        let _ = write!(line, "{at:>10} {}", text());
        let mut trace = self.trace.lock();
        *trace = stable_hash::hash_on(*trace, line.as_bytes());
        if self.tells {
            #[allow(clippy::print_stdout, reason = "it was asked for")]
            {
                println!("{line}");
            }
        }
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.lock()
    }

    /// A packet has come to a client.
    pub(super) fn touch(&self) {
        *self.touched.lock() = Instant::now();
    }

    /// What a client waits for.
    pub(super) fn set_waits(&self, client: usize, what: Option<String>) {
        self.waits.lock().insert(client, what);
    }

    /// Whether a client's Session is served by somebody, though a node has lost its disk. It is there from now on.
    pub(super) fn copies_serve(&self, client: usize) -> bool {
        let mut copies_serve = self.copies_serve.lock();
        let sessionless = copies_serve.as_mut();
        sessionless.is_some_and(|sessionless| !sessionless.remove(&client))
    }

    /// Whether a client's Session was on a node that has crashed, since it was last asked.
    pub(super) fn take_lost(&self, client: usize) -> bool {
        self.lost.lock().remove(&client)
    }

    /// A node has a Subscription, of which others may not know yet.
    pub(super) fn announced(&self, identifier: u32, node: usize) {
        let Some(broker) = self.broker(node) else {
            return;
        };
        let peers = broker.links().peers();
        let links = peers
            .iter()
            .map(|link| (Arc::clone(link), link.last_sent()));
        self.announced.lock().push(Announced {
            identifier,
            node,
            incarnation: broker.incarnation,
            links: links.collect(),
        });
    }

    /// Looks which Subscriptions all nodes know of by now. One whose node has crashed meanwhile is promised nothing.
    pub(super) fn note_known(&self, nodes: &BTreeMap<usize, Node>) {
        // A node that was away may have to get all of it anew.
        if self.oracle.lock().is_divided() {
            return;
        }
        self.announced.lock().retain(|announced| {
            let broker = nodes.get(&announced.node).map(|node| &node.broker);
            if broker.is_none_or(|broker| broker.incarnation != announced.incarnation) {
                return false;
            }
            let mut outcomes = announced.links.iter().map(|(link, seq)| link.outcome(*seq));
            let is_known = outcomes.all(|outcome| outcome.is_some());
            if is_known {
                self.oracle.lock().subscribed(announced.identifier);
            }
            !is_known
        });
    }

    /// A client asks for a clean start: when its Session ends, an older copy of it may be left for a while.
    pub(super) fn forget_served(&self, client: usize) {
        self.served.lock().remove(&client);
    }

    /// A node has let a client in.
    pub(super) fn note_served(&self, client: usize, number: usize) {
        // A Session that ends, or that a node loses, may begin again under a lower epoch, of a registrar whose clock is slow.
        if self.options.crashes || self.options.expires {
            return;
        }
        let found = self.broker(number).and_then(|broker| {
            let client_id = ClientId::new(&format!("c{client}"))?;
            broker.sessions.get(&client_id)
        });
        if let Some(session) = found {
            let epoch = session.lock().epoch;
            let mut served = self.served.lock();
            let last = served.entry(client).or_default();
            *last = epoch.max(*last);
        }
    }

    /// Looks whether of several copies of a Session those with the higher epochs stay.
    pub(super) fn check_epochs(&self, nodes: &BTreeMap<usize, Node>) {
        let highest = checks::highest_epochs(nodes);
        self.served.lock().retain(|client, served| {
            let Some(present) = highest.get(client) else {
                // It has ended.
                return false;
            };
            let holds = present >= served;
            if !holds {
                let mut oracle = self.oracle.lock();
                oracle.problem(format!(
                    "c{client} was served under epoch {served:x}, and its Session has given way to {present:x}"
                ));
            }
            holds
        });
    }

    /// A client connects to some node.
    pub(super) fn connect(
        &self,
        random: &mut StdRng,
        capacity: usize,
    ) -> Option<(usize, Arc<VirtualStream>)> {
        let mut nodes = self.nodes.lock();
        let place = random.random_range(0..nodes.len().max(1));
        let (number, node) = nodes.iter_mut().nth(place)?;
        Some((*number, node.connect(capacity)?))
    }

    fn start(&self, number: usize) {
        let incarnation = {
            let mut incarnations = self.incarnations.lock();
            *incarnations += 1;
            *incarnations
        };
        let node = Node::start(&Place {
            number,
            incarnation: incarnation * INCARNATION_STEP,
            clock: self.skews[number] + self.started.elapsed(),
            nodes: self.options.nodes,
            config: &self.config,
            network: &self.network,
            agreed: &self.agreed,
            disk: self.disks.get(number).filter(|_| self.options.durable),
            disk_queue_bytes: self.options.more.disk_queue_bytes,
        });
        self.ignorant.lock().insert(number);
        self.nodes.lock().insert(number, node);
    }

    /// Lets things happen for a while.
    async fn mayhem(self: &Arc<Self>, random: &mut StdRng) {
        while self.started.elapsed() < self.options.lasts {
            sleep(Duration::from_millis(random.random_range(50..1_500))).await;
            let (a, b) = self.two(random);
            match random.random_range(0..10) {
                0..=3 if self.options.cuts => {
                    let millis = if self.options.divides && random.random_bool(0.5) {
                        random.random_range(3_000..15_000)
                    } else {
                        random.random_range(50..2_800)
                    };
                    self.cut(random, a, b, Duration::from_millis(millis));
                }
                4 if self.options.cuts => {
                    self.note(|| format!("n{a} and n{b} are reset"));
                    self.network.reset(a, b);
                }
                5 => {
                    let slow = match random.random_range(0..10) {
                        0..=2 => None,
                        3..=6 => Some(SLOW),
                        _ => Some(VERY_SLOW),
                    };
                    self.note(|| format!("between n{a} and n{b} it takes {slow:?}"));
                    self.network.set_slow(a, b, slow);
                }
                6 if self.options.crashes => self.crash(random, a).await,
                7 | 8 if self.options.evacuates => self.evacuate(random, a),
                9 if self.options.evacuates => self.stop_operation(a),
                7..=9 if self.options.crashes => self.crash(random, a).await,
                _ => {}
            }
        }
    }

    fn two(&self, random: &mut StdRng) -> (usize, usize) {
        let a = random.random_range(0..self.options.nodes);
        let b = random.random_range(0..self.options.nodes - 1);
        (a, if b >= a { b + 1 } else { b })
    }

    /// Cuts a pair, or a node from all others, for a while.
    fn cut(self: &Arc<Self>, random: &mut StdRng, a: usize, b: usize, lasts: Duration) {
        let pairs: Vec<_> = if random.random_bool(0.4) {
            let others = (0..self.options.nodes).filter(|other| *other != a);
            others.map(|other| (a, other)).collect()
        } else {
            vec![(a, b)]
        };
        self.note(|| format!("cut for {lasts:?}: {pairs:?}"));
        let world = Arc::clone(self);
        *self.copies_serve.lock() = None;
        for (a, b) in &pairs {
            self.network.cut(*a, *b);
        }
        tokio::spawn(async move {
            sleep(lasts).await;
            world.note(|| format!("healed: {pairs:?}"));
            for (a, b) in pairs {
                world.network.heal(a, b);
            }
        });
    }

    /// A node crashes and comes back later. Often while its disk writes, which takes a small part of the time.
    async fn crash(self: &Arc<Self>, random: &mut StdRng, number: usize) {
        let back_after = Duration::from_millis(random.random_range(100..10_000));
        if self.options.durable && random.random_bool(0.7) {
            let since = Instant::now();
            while !self.disks[number].is_writing() && since.elapsed() < DISK_BUSY_WITHIN {
                sleep(Duration::from_micros(100)).await;
            }
        }
        let (node, loses_disk, mut lost) = {
            let mut nodes = self.nodes.lock();
            if nodes.len() < 2 {
                return;
            }
            let all_copied = self.options.copies && checks::all_copied(&nodes);
            let loses_disk = self.options.copies
                && random.random_bool(0.7)
                && !self.oracle.lock().is_divided()
                && all_copied;
            let stored = checks::clients_of_stored(&nodes);
            let clients = 0..self.options.clients;
            let sessionless = clients.filter(|client| !stored.contains(client)).collect();
            let Some(node) = nodes.remove(&number) else {
                return;
            };
            let pairs = (0..self.options.nodes).flat_map(|a| (0..a).map(move |b| (a, b)));
            let is_cut = |(a, b)| self.network.is_cut(a, b);
            let copies_serve = loses_disk && !pairs.into_iter().any(is_cut);
            *self.copies_serve.lock() = copies_serve.then_some(sessionless);
            let mut orphans = self.orphans.lock();
            if all_copied {
                orphans.retain(|client| !stored.contains(client));
            }
            let lost = self.lost_copies(&node, &orphans);
            orphans.retain(|client| !lost.contains(client));
            if loses_disk {
                let elsewhere = checks::clients_of_stored(&nodes);
                orphans.extend(stored.difference(&elsewhere));
            }
            (node, loses_disk, lost)
        };
        self.note(|| {
            let disk = if loses_disk {
                ", and its disk is lost"
            } else {
                ""
            };
            format!("n{number} crashes for {back_after:?}{disk}")
        });
        {
            let mut oracle = self.oracle.lock();
            oracle.divide();
            oracle.crashed(number);
        }
        if !self.options.durable {
            let all = node.broker.sessions.all();
            lost.extend(all.iter().filter_map(checks::client_of));
        }
        for client in lost {
            self.oracle.lock().void(client);
            self.lost.lock().insert(client);
        }
        node.crash(&self.network);
        let world = Arc::clone(self);
        tokio::spawn(async move {
            sleep(back_after).await;
            if loses_disk {
                world.disks[number].lose_all();
            }
            world.note(|| format!("n{number} is back"));
            world.start(number);
        });
    }

    /// Which of these clients' Sessions a node that crashes had a copy of in memory only: it is not served and stored yet.
    fn lost_copies(&self, node: &Node, orphans: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut lost = checks::clients_of_any(node);
        lost.retain(|client| orphans.contains(client));
        if !lost.is_empty() {
            let on_disk = checks::clients_on(&self.disks[node.number]);
            lost.retain(|client| !on_disk.contains(client));
        }
        lost
    }

    fn evacuate(self: &Arc<Self>, random: &mut StdRng, number: usize) {
        let Some(broker) = self.broker(number) else {
            return;
        };
        let request = StartEvacuationRequest {
            node: format!("n{number}"),
            wait_health_check_ms: Some(random.random_range(0..500)),
            wait_takeover_ms: Some(random.random_range(0..2_000)),
            conn_evict_rate: Some(random.random_range(1..50)),
            sess_evict_rate: Some(random.random_range(1..50)),
            ..StartEvacuationRequest::default()
        };
        let world = Arc::clone(self);
        tokio::spawn(async move {
            let started = broker.operations().start(request, &[]).await;
            world.note(|| match started {
                Ok(_) => format!("n{number} is evacuated"),
                Err(error) => format!("n{number} is not evacuated: {error}"),
            });
        });
    }

    /// Whether a node was ever to send its Sessions away.
    pub(super) fn was_evacuated(&self, number: usize) -> bool {
        let name = format!("n{number}");
        let state = self.agreed.state();
        state.operations().iter().any(|each| each.node == name)
    }

    fn stop_operation(self: &Arc<Self>, number: usize) {
        let Some(broker) = self.broker(number) else {
            return;
        };
        let world = Arc::clone(self);
        tokio::spawn(async move {
            if broker.operations().stop("").await.is_ok() {
                world.note(|| format!("the operation on n{number} is stopped"));
            }
        });
    }

    fn broker(&self, number: usize) -> Option<Arc<crate::node::broker::Broker>> {
        let nodes = self.nodes.lock();
        nodes.get(&number).map(|node| Arc::clone(&node.broker))
    }

    /// Heals everything and waits until nothing is under way.
    async fn settle(self: &Arc<Self>) {
        *self.phase.lock() = Phase::Quiet;
        self.network.heal_all();
        self.note(|| "quiet".to_owned());
        let since = Instant::now();
        loop {
            sleep(Duration::from_millis(500)).await;
            for number in 0..self.options.nodes {
                let runs = self
                    .agreed
                    .state()
                    .running_on(&format!("n{number}"))
                    .is_some();
                if runs {
                    self.stop_operation(number);
                }
            }
            let Some(why) = self.restless() else { return };
            if since.elapsed() > QUIET_WITHIN {
                for line in checks::describe(&self.nodes.lock()) {
                    self.note(|| line);
                }
                let mut oracle = self.oracle.lock();
                return oracle.problem(format!("there is no quiet: {why}"));
            }
        }
    }

    /// Why there is no quiet yet.
    fn restless(&self) -> Option<String> {
        let nodes = self.nodes.lock();
        if nodes.len() < self.options.nodes {
            return Some("a node is away".to_owned());
        }
        for (client, what) in &*self.waits.lock() {
            if let Some(what) = what {
                return Some(format!("c{client} waits for {what}"));
            }
        }
        if self.touched.lock().elapsed() < QUIET_FOR {
            return Some("packets come".to_owned());
        }
        checks::unsettled(&nodes)
    }
}
