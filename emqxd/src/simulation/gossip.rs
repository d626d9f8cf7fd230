//! Stands for gossip: every node sees those that it reaches, over others too, with some delay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::{Instant, interval};

use super::checks;
use super::world::World;
use crate::membership::PeerInfo;

const ROUND: Duration = Duration::from_millis(100);

/// What all nodes know of each other.
pub(super) struct Gossip {
    /// After so long without a sign of life a node takes another for dead.
    dead_after: Vec<Vec<Duration>>,
    /// After so long it sees one that is new.
    seen_after: Vec<Vec<Duration>>,
    /// What a node knows of another one.
    known: BTreeMap<(usize, usize), Known>,
}

struct Known {
    info: PeerInfo,
    since: Instant,
    heard_at: Instant,
}

impl Gossip {
    pub(super) fn new(nodes: usize, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let mut table = |from: u64, to: u64| {
            let mut line = || {
                let each = (0..nodes).map(|_| random.random_range(from..to));
                each.map(Duration::from_millis).collect()
            };
            (0..nodes).map(|_| line()).collect()
        };
        Self {
            dead_after: table(3_200, 4_200),
            seen_after: table(100, 800),
            known: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self, world: Arc<World>) {
        let mut rounds = interval(ROUND);
        loop {
            rounds.tick().await;
            self.round(&world);
        }
    }

    fn round(&mut self, world: &World) {
        let now = Instant::now();
        let nodes = world.nodes.lock();
        let infos: BTreeMap<usize, PeerInfo> = nodes
            .iter()
            .map(|(number, node)| (*number, node.info()))
            .collect();
        for a in infos.keys() {
            for b in reached_from(*a, &infos, world) {
                let info = infos[&b].clone();
                let known = self.known.entry((*a, b)).or_insert_with(|| Known {
                    info: info.clone(),
                    since: now,
                    heard_at: now,
                });
                if known.info.incarnation != info.incarnation {
                    known.since = now;
                }
                known.info = info;
                known.heard_at = now;
            }
        }
        let (dead_after, seen_after) = (&self.dead_after, &self.seen_after);
        self.known.retain(|(a, b), known| {
            infos.contains_key(a) && known.heard_at + dead_after[*a][*b] > now
        });
        for (a, node) in &*nodes {
            let others = self.known.range((*a, 0)..(*a + 1, 0));
            let others = others.filter(|((a, b), known)| known.since + seen_after[*a][*b] <= now);
            node.sees(others.map(|(_, known)| known.info.clone()).collect());
        }
        let is_whole = nodes.len() == world.options.nodes && checks::sees_all(&nodes);
        let is_divided = world.oracle.lock().is_divided();
        if !is_whole && !is_divided {
            world.oracle.lock().divide();
            world.note(|| "divided".to_owned());
        } else if is_whole
            && is_divided
            && checks::interest_differs(&nodes).is_none()
            && !checks::has_copies(&nodes)
        {
            world.oracle.lock().unite();
            world.ignorant.lock().clear();
            world.note(|| "united".to_owned());
        }
        world.note_known(&nodes);
        world.check_epochs(&nodes);
        if let Some(problem) = checks::owned_twice(&nodes) {
            world.oracle.lock().problem(problem);
        }
    }
}

fn reached_from(from: usize, nodes: &BTreeMap<usize, PeerInfo>, world: &World) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(a) = open.pop() {
        for b in nodes.keys() {
            if !reached.contains(b) && !world.network.is_cut(a, *b) {
                reached.insert(*b);
                open.push(*b);
            }
        }
    }
    reached.remove(&from);
    reached
}
