//! A link to each live peer, as the view changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::cluster::dialer::{Dialer, Tcp};
use crate::cluster::peer_link::{Kind, PeerLink};
use crate::cluster::{LinkLimits, LocalNode, PeerHandler};
use crate::membership::{NodeName, View};
use crate::watch;

/// How often it is looked for links to peers that stay away.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// The links to all live peers.
pub struct PeerLinks {
    local: Arc<LocalNode>,
    handler: Arc<dyn PeerHandler>,
    limits: Arc<LinkLimits>,
    dialer: Arc<dyn Dialer>,
    links: Mutex<BTreeMap<NodeName, Entry>>,
    /// Those of live peers, by name. Read on every publish, hence without a lock.
    live: ArcSwap<Vec<Arc<PeerLink>>>,
    follower: Mutex<Option<JoinHandle<()>>>,
}

struct Entry {
    link: Arc<PeerLink>,
    tasks: [JoinHandle<()>; 2],
    parked_at: Option<Instant>,
}

impl Entry {
    fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl PeerLinks {
    /// No links yet; they come with [`Self::follow`].
    pub fn new(local: LocalNode, handler: Arc<dyn PeerHandler>, limits: LinkLimits) -> Arc<Self> {
        Self::over(Arc::new(Tcp), local, handler, limits)
    }

    /// The same over another network.
    pub(crate) fn over(
        dialer: Arc<dyn Dialer>,
        local: LocalNode,
        handler: Arc<dyn PeerHandler>,
        limits: LinkLimits,
    ) -> Arc<Self> {
        Arc::new(Self {
            local: Arc::new(local),
            handler,
            limits: Arc::new(limits),
            dialer,
            links: Mutex::default(),
            live: ArcSwap::default(),
            follower: Mutex::default(),
        })
    }

    /// Keeps a link to every live peer of the view. Until [`Self::shutdown`], or until this is dropped.
    pub fn follow(self: &Arc<Self>, mut view: watch::Receiver<Arc<View>>) {
        let weak = Arc::downgrade(self);
        let first = view.borrow_and_update().clone();
        self.update(&first);
        let task = tokio::spawn(async move {
            let mut sweep = tokio::time::interval(SWEEP_INTERVAL);
            loop {
                let changed = tokio::select! {
                    biased;
                    changed = view.changed() => changed,
                    _ = sweep.tick() => Ok(()),
                };
                let Some(links) = weak.upgrade() else { return };
                if changed.is_err() {
                    return;
                }
                let now = view.borrow_and_update().clone();
                links.update(&now);
                links.sweep();
            }
        });
        if let Some(former) = self.follower.lock().replace(task) {
            former.abort();
        }
    }

    /// The link to a live peer.
    pub fn get(&self, name: &NodeName) -> Option<Arc<PeerLink>> {
        Self::find(&self.live.load(), name).cloned()
    }

    /// The same among [`Self::peers`].
    pub fn find<'a>(peers: &'a [Arc<PeerLink>], name: &NodeName) -> Option<&'a Arc<PeerLink>> {
        let at = peers.binary_search_by(|link| link.name().cmp(name)).ok()?;
        peers.get(at)
    }

    /// The links to all live peers, by name. Takes no lock.
    pub fn peers(&self) -> Guard<Arc<Vec<Arc<PeerLink>>>> {
        self.live.load()
    }

    /// The link to a peer whether it is live or away: for one that is not among [`Self::peers`], when messages are kept for it.
    pub fn known(&self, name: &NodeName) -> Option<Arc<PeerLink>> {
        self.links.lock().get(name).map(|entry| entry.link.clone())
    }

    /// Messages that were kept for a peer by an earlier start of this node, oldest first. To be called before
    /// [`Self::follow`].
    pub(crate) fn restore(&self, peer: &NodeName, kept: Vec<(u64, Vec<u8>)>) {
        let mut links = self.links.lock();
        let entry = links.entry(peer.clone()).or_insert_with(|| self.open(peer));
        entry.parked_at.get_or_insert_with(Instant::now);
        entry.link.restore(kept);
    }

    /// Closes every link. Waiters are told that their peer is gone.
    pub fn shutdown(&self) {
        if let Some(follower) = self.follower.lock().take() {
            follower.abort();
        }
        let links = std::mem::take(&mut *self.links.lock());
        self.live.store(Arc::default());
        for entry in links.into_values() {
            entry.stop();
            entry.link.park();
        }
    }

    fn update(&self, view: &View) {
        let mut restarted = Vec::new();
        let mut parked = Vec::new();
        {
            let mut links = self.links.lock();
            for peer in view.peers() {
                let entry = links
                    .entry(peer.name.clone())
                    .or_insert_with(|| self.open(&peer.name));
                entry.parked_at = None;
                restarted.push((entry.link.clone(), peer.incarnation, peer.cluster));
            }
            for (name, entry) in links.iter_mut() {
                if !view.nodes.contains_key(name) && entry.parked_at.is_none() {
                    entry.parked_at = Some(Instant::now());
                    parked.push(entry.link.clone());
                }
            }
        }
        for (link, incarnation, addr) in restarted {
            link.set_member(incarnation, addr);
        }
        let live: Vec<_> = {
            let links = self.links.lock();
            let live = links.values().filter(|entry| entry.parked_at.is_none());
            live.map(|entry| entry.link.clone()).collect()
        };
        let same = {
            let before = self.live.load();
            before.len() == live.len() && before.iter().zip(&live).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        if !same {
            self.live.store(Arc::new(live));
        }
        // Out of the list first: who still holds one is refused from here on.
        for link in parked {
            link.park();
        }
    }

    /// Gives up what dead peers did not acknowledge when they stay away.
    fn sweep(&self) {
        let parked_max = if self.handler.store().is_on() {
            self.limits.kept_max
        } else {
            self.limits.parked_max
        };
        let stale: Vec<_> = {
            let links = self.links.lock();
            let parked = links
                .values()
                .filter(|entry| entry.parked_at.is_some_and(|at| at.elapsed() > parked_max));
            parked.map(|entry| entry.link.clone()).collect()
        };
        for link in stale {
            link.give_up();
        }
        for link in self.live.load().iter() {
            link.forget_former();
        }
    }

    fn open(&self, name: &NodeName) -> Entry {
        let link = Arc::new(PeerLink::new(
            name.clone(),
            self.local.clone(),
            self.handler.clone(),
            self.limits.clone(),
            self.dialer.clone(),
        ));
        let tasks = [
            tokio::spawn(link.clone().keep_up(Kind::Data)),
            tokio::spawn(link.clone().keep_up(Kind::Control)),
        ];
        Entry {
            link,
            tasks,
            parked_at: None,
        }
    }
}

impl Drop for PeerLinks {
    fn drop(&mut self) {
        self.shutdown();
    }
}
