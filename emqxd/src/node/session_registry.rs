//! The Sessions of this node, found by Client Identifier, and the connected ones in a list to pick from.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use rand::Rng;

use super::session_cell::{NOWHERE, SessionHandle};
use crate::chance;
use crate::hashing::{HashSet, RandomState};
use crate::memory_reclaim::Table;
use crate::packet::ClientId;

/// Enough that two cores rarely meet in one shard; a power of two.
const SHARDS: usize = 64;

/// The Sessions of this node.
#[derive(Debug)]
pub struct SessionRegistry {
    shards: Vec<Mutex<HashSet<ByClientId>>>,
    hasher: RandomState,
    connected: Mutex<Connected>,
}

/// A Session that is found by its Client Identifier, which need not stand beside it.
#[derive(Debug)]
struct ByClientId(SessionHandle);

impl Borrow<ClientId> for ByClientId {
    fn borrow(&self) -> &ClientId {
        self.0.client_id()
    }
}

impl Hash for ByClientId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.client_id().hash(state);
    }
}

impl PartialEq for ByClientId {
    fn eq(&self, other: &Self) -> bool {
        self.0.client_id() == other.0.client_id()
    }
}

impl Eq for ByClientId {}

/// Connected Sessions in no order, so that a random one is picked in constant time. Each knows its place.
#[derive(Debug, Default)]
struct Connected {
    list: Vec<SessionHandle>,
}

impl Default for SessionRegistry {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            connected: Mutex::default(),
        }
    }
}

impl SessionRegistry {
    fn shard(&self, client_id: &ClientId) -> &Mutex<HashSet<ByClientId>> {
        let hash = usize::try_from(self.hasher.hash_one(client_id) % SHARDS as u64).unwrap_or(0);
        &self.shards[hash]
    }

    /// The Session of a client.
    pub fn get(&self, client_id: &ClientId) -> Option<SessionHandle> {
        let shard = self.shard(client_id).lock();
        shard.get(client_id).map(|found| found.0.clone())
    }

    /// Puts a Session in; returns the one that it replaces.
    pub fn insert(&self, session: SessionHandle) -> Option<SessionHandle> {
        let mut shard = self.shard(session.client_id()).lock();
        shard
            .replace(ByClientId(session.clone()))
            .map(|replaced| replaced.0)
    }

    /// Takes this very Session out; another one under the same Client Identifier stays.
    pub fn remove(&self, session: &SessionHandle) -> bool {
        let mut shard = self.shard(session.client_id()).lock();
        if shard
            .get(session.client_id())
            .is_some_and(|found| found.0 == *session)
        {
            shard.remove(session.client_id());
            return true;
        }
        false
    }

    /// How many there are, connected or not.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All Sessions, shard by shard; those that come or go meanwhile may be missed.
    pub fn all(&self) -> Vec<SessionHandle> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.lock().iter().map(|found| found.0.clone()));
        }
        all
    }

    /// Shows every Session of a shard while that is locked; false when there is no such shard. Whatever is there before the
    /// call for the first shard and after that for the last one is shown exactly once.
    pub fn visit(&self, shard: usize, mut each: impl FnMut(&SessionHandle)) -> bool {
        let Some(shard) = self.shards.get(shard) else {
            return false;
        };
        for found in shard.lock().iter() {
            each(&found.0);
        }
        true
    }

    /// Puts up to `limit` Sessions of a shard into `out`, passing the first `from` by. Returns how many; `None` when
    /// there is no such shard. Those that come or go between two calls shift the others: some may be missed, or be met
    /// twice.
    pub(super) fn some(
        &self,
        shard: usize,
        from: usize,
        limit: usize,
        out: &mut Vec<SessionHandle>,
    ) -> Option<usize> {
        let shard = self.shards.get(shard)?.lock();
        let before = out.len();
        out.extend(shard.iter().skip(from).take(limit).map(|it| it.0.clone()));
        Some(out.len() - before)
    }

    /// Gives room back that a table has too much of; whether it did. `None` when there is no table of this number.
    pub(super) fn cut_down(&self, table: usize) -> Option<bool> {
        if table == self.shards.len() {
            return Some(self.connected.lock().list.cut_down());
        }
        Some(self.shards.get(table)?.lock().cut_down())
    }

    /// Notes that a client is connected.
    pub fn connected(&self, session: &SessionHandle) {
        let mut connected = self.connected.lock();
        if session.place.load(Ordering::Relaxed) == NOWHERE
            && let Ok(place) = u32::try_from(connected.list.len())
        {
            session.place.store(place, Ordering::Relaxed);
            connected.list.push(session.clone());
        }
    }

    /// Notes that this Session's client is gone.
    pub fn disconnected(&self, session: &SessionHandle) {
        let mut connected = self.connected.lock();
        let place = session.place.load(Ordering::Relaxed);
        if place != NOWHERE {
            connected.take(place as usize);
        }
    }

    /// Connected clients that have not been picked.
    pub fn connected_len(&self) -> usize {
        self.connected.lock().list.len()
    }

    /// Picks up to `count` connected Sessions at random and takes them off the list, so that none is picked twice.
    pub fn pick_connected(&self, count: usize) -> Vec<SessionHandle> {
        let mut rng = chance::rng();
        let mut connected = self.connected.lock();
        let count = count.min(connected.list.len());
        (0..count)
            .map(|_| {
                let place = rng.random_range(0..connected.list.len());
                connected.take(place)
            })
            .collect()
    }
}

impl Connected {
    fn take(&mut self, place: usize) -> SessionHandle {
        let taken = self.list.swap_remove(place);
        let place_of_taken = taken.place.swap(NOWHERE, Ordering::Relaxed);
        if let Some(moved) = self.list.get(place) {
            moved.place.store(place_of_taken, Ordering::Relaxed);
        }
        taken
    }
}
