//! The Sessions of this node, found by Client Identifier, and the connected ones in a list to pick from.

use ahash::{HashMap, RandomState};
use parking_lot::Mutex;
use rand::Rng;

use super::session_cell::SessionHandle;
use crate::packet::ClientId;

/// Enough that two cores rarely meet in one shard; a power of two.
const SHARDS: usize = 64;

/// The Sessions of this node.
#[derive(Debug)]
pub struct SessionRegistry {
    shards: Vec<Mutex<HashMap<ClientId, SessionHandle>>>,
    hasher: RandomState,
    connected: Mutex<Connected>,
}

/// Connected Sessions in no order, so that a random one is picked in constant time.
#[derive(Debug, Default)]
struct Connected {
    list: Vec<SessionHandle>,
    places: HashMap<ClientId, usize>,
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
    fn shard(&self, client_id: &ClientId) -> &Mutex<HashMap<ClientId, SessionHandle>> {
        let hash = usize::try_from(self.hasher.hash_one(client_id) % SHARDS as u64).unwrap_or(0);
        &self.shards[hash]
    }

    /// The Session of a client.
    pub fn get(&self, client_id: &ClientId) -> Option<SessionHandle> {
        self.shard(client_id).lock().get(client_id).cloned()
    }

    /// Puts a Session in; returns the one that it replaces.
    pub fn insert(&self, session: SessionHandle) -> Option<SessionHandle> {
        self.shard(session.client_id())
            .lock()
            .insert(session.client_id().clone(), session)
    }

    /// Takes this very Session out; another one under the same Client Identifier stays.
    pub fn remove(&self, session: &SessionHandle) -> bool {
        let mut shard = self.shard(session.client_id()).lock();
        if shard
            .get(session.client_id())
            .is_some_and(|found| found == session)
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
            all.extend(shard.lock().values().cloned());
        }
        all
    }

    /// Notes that a client is connected.
    pub fn connected(&self, session: &SessionHandle) {
        let mut guard = self.connected.lock();
        let connected = &mut *guard;
        if let Some(&place) = connected.places.get(session.client_id()) {
            connected.list[place] = session.clone();
            return;
        }
        connected
            .places
            .insert(session.client_id().clone(), connected.list.len());
        connected.list.push(session.clone());
    }

    /// Notes that this Session's client is gone; a newer Session's entry stays.
    pub fn disconnected(&self, session: &SessionHandle) {
        let mut guard = self.connected.lock();
        let Some(&place) = guard.places.get(session.client_id()) else {
            return;
        };
        if guard.list[place] == *session {
            guard.take(place);
        }
    }

    /// Connected clients that have not been picked.
    pub fn connected_len(&self) -> usize {
        self.connected.lock().list.len()
    }

    /// Picks up to `count` connected Sessions at random and takes them off the list, so that none is picked twice.
    pub fn pick_connected(&self, count: usize) -> Vec<SessionHandle> {
        let mut rng = rand::rng();
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
        self.places.remove(taken.client_id());
        if let Some(moved) = self.list.get(place) {
            self.places.insert(moved.client_id().clone(), place);
        }
        taken
    }
}
