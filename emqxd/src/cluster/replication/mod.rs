//! Copies of stored Sessions on another node (`session.replicas = 2`): each Session has a standby, to which whatever is
//! stored of it goes too, and it counts as stored when both have it.
//!
//! - [`outbox`]: what waits for one standby; [`replicas`]: what a standby has. Pure.
//! - here: who is the standby of a Session, and the tasks that send.
//!
//! What becomes of the copies when the owner is gone: [`node::promotion`](crate::node::promotion).

mod outbox;
mod replicas;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::{ReplicaChange, ReplicateRequest};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::timeout;

use self::outbox::{Batch, Outbox};
use super::call_table::CallError;
use crate::event_log::Severity;
use crate::membership::{NodeName, View};
use crate::node::broker::Broker;
use crate::stable_hash;
use crate::storage::{Change, Commit, Mirror, Standby, Store};
use crate::watch;

pub use self::replicas::{NotTaken, Records, Replicas};

/// Code of the refusal of changes by a standby that has nothing of what they are of.
pub const RESEND: &str = "resend";

/// Sent together, unless one Session alone has more.
const BATCH_BYTES: usize = 1 << 20;

/// So much waits for one standby, at most; beyond that it counts as one that has nothing, and what waits for it counts as
/// stored without it.
const OUTBOX_BYTES_MAX: usize = 512 << 20;

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A standby to which nothing goes is asked whether it still has everything: it may have taken this node for gone.
const ASK_INTERVAL: Duration = Duration::from_secs(2);
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Sessions that are looked at before others have their turn.
const SLICE: usize = 64;

/// Who has copies of this node's Sessions.
pub struct Replication {
    broker: Weak<Broker>,
    store: Store,
    incarnation: u64,
    standbys: Mutex<Standbys>,
    bytes: AtomicUsize,
    /// Sessions have lost their standby, or there was none.
    uncopied: Notify,
}

#[derive(Default)]
struct Standbys {
    list: Vec<StandbyNode>,
    last_number: u64,
}

struct StandbyNode {
    id: Standby,
    name: NodeName,
    incarnation: u64,
    outbox: Outbox,
    wake: Arc<Notify>,
}

/// How much a node is preferred for the Session with that key.
fn score(key: u64, node: &NodeName) -> u64 {
    stable_hash::score(key, stable_hash::hash(node.as_str().as_bytes()))
}

impl Standbys {
    fn get(&mut self, id: Standby) -> Option<&mut StandbyNode> {
        self.list.iter_mut().find(|each| each.id == id)
    }

    fn add(&mut self, name: NodeName, incarnation: u64) -> Standby {
        self.last_number += 1;
        let id = Standby::numbered(self.last_number);
        self.list.push(StandbyNode {
            id,
            name,
            incarnation,
            // So that no two batches to one node have the same number.
            outbox: Outbox::numbered_from(self.last_number << 32),
            wake: Arc::default(),
        });
        id
    }

    fn remove(&mut self, is_gone: impl Fn(&StandbyNode) -> bool) -> Vec<StandbyNode> {
        self.list.extract_if(.., |each| is_gone(each)).collect()
    }
}

impl Mirror for Replication {
    fn standby(&self, key: u64, present: Option<Standby>) -> Option<Standby> {
        let mut standbys = self.standbys.lock();
        if let Some(present) = present
            && standbys.get(present).is_some()
        {
            return Some(present);
        }
        let best = standbys
            .list
            .iter()
            .max_by_key(|each| score(key, &each.name));
        best.map(|each| each.id)
    }

    fn send(&self, to: Standby, changes: Vec<Change>, commit: Commit) {
        let mut standbys = self.standbys.lock();
        let Some(standby) = standbys.get(to) else {
            drop(standbys);
            self.store.release([commit]);
            return;
        };
        let before = standby.outbox.bytes();
        standby.outbox.push(changes, commit);
        let after = standby.outbox.bytes();
        self.bytes.fetch_add(after - before, Ordering::Relaxed);
        standby.wake.notify_one();
        if after > OUTBOX_BYTES_MAX {
            self.begin_anew(&mut standbys, to);
        }
    }

    fn waiting_bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Replication {
    /// For the stored Sessions of that broker, which knows of it by its store.
    pub fn new(broker: &Arc<Broker>) -> Arc<Self> {
        Arc::new(Self {
            broker: Arc::downgrade(broker),
            store: broker.disk.clone(),
            incarnation: broker.incarnation,
            standbys: Mutex::default(),
            bytes: AtomicUsize::new(0),
            uncopied: Notify::new(),
        })
    }

    /// Follows who is there until `stop` turns true; then nothing waits for copies any more.
    pub async fn run(
        self: Arc<Self>,
        mut views: watch::Receiver<Arc<View>>,
        mut stop: watch::Receiver<bool>,
    ) {
        let copying = tokio::spawn(Arc::clone(&self).copy_sessions());
        loop {
            let view = views.borrow_and_update().clone();
            self.see(&view);
            tokio::select! {
                biased;
                changed = views.changed() => if changed.is_err() { break },
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        copying.abort();
        let all = self.standbys.lock().remove(|_| true);
        self.give_up(all);
    }

    fn see(self: &Arc<Self>, view: &View) {
        let mut standbys = self.standbys.lock();
        let gone = standbys.remove(|each| !view.has(&each.name, each.incarnation));
        for peer in view.peers() {
            if standbys.list.iter().all(|each| each.name != peer.name) {
                let id = standbys.add(peer.name.clone(), peer.incarnation);
                tokio::spawn(Arc::clone(self).serve(id));
            }
        }
        drop(standbys);
        self.give_up(gone);
        self.uncopied.notify_one();
    }

    /// What waits for that standby is given up, and it gets all of each Session again.
    fn begin_anew(&self, standbys: &mut Standbys, standby: Standby) {
        let former = standbys.remove(|each| each.id == standby);
        let Some(broker) = self.broker.upgrade() else {
            return;
        };
        let Some(replication) = &broker.cluster().replication else {
            return;
        };
        for each in &former {
            let id = standbys.add(each.name.clone(), each.incarnation);
            tokio::spawn(Arc::clone(replication).serve(id));
            let message = format!(
                "copies of Sessions on {} are behind, and are made anew: until then these Sessions have none",
                each.name
            );
            tracing::warn!("{message}");
            broker
                .events
                .add(Severity::Warn, "REPLICAS_BEHIND", &message, None);
        }
        self.give_up(former);
        self.uncopied.notify_one();
    }

    /// What waited for these counts as stored without them.
    fn give_up(&self, gone: Vec<StandbyNode>) {
        for standby in gone {
            self.bytes
                .fetch_sub(standby.outbox.bytes(), Ordering::Relaxed);
            standby.wake.notify_one();
            self.store.release(standby.outbox.give_up());
        }
    }

    /// Copies the Sessions that have no standby, whenever there are some.
    async fn copy_sessions(self: Arc<Self>) {
        loop {
            self.uncopied.notified().await;
            let Some(broker) = self.broker.upgrade() else {
                return;
            };
            for (at, session) in broker.sessions.all().into_iter().enumerate() {
                if at % SLICE == 0 {
                    broker.disk.room(Duration::MAX).await;
                    tokio::task::yield_now().await;
                }
                if session.is_kept() {
                    session.lock().keep();
                }
            }
        }
    }

    /// Sends to one standby until it is gone.
    async fn serve(self: Arc<Self>, id: Standby) {
        let mut is_idle = false;
        loop {
            let (name, wake, batch) = {
                let mut standbys = self.standbys.lock();
                let Some(standby) = standbys.get(id) else {
                    return;
                };
                let outbox = &mut standby.outbox;
                let batch = if std::mem::take(&mut is_idle) {
                    outbox.ask()
                } else {
                    outbox.take(BATCH_BYTES)
                };
                (standby.name.clone(), Arc::clone(&standby.wake), batch)
            };
            let Some(batch) = batch else {
                is_idle = timeout(ASK_INTERVAL, wake.notified()).await.is_err();
                continue;
            };
            if !self.bring(&name, id, batch).await {
                continue;
            }
            let done = {
                let mut standbys = self.standbys.lock();
                let Some(standby) = standbys.get(id) else {
                    return;
                };
                let before = standby.outbox.bytes();
                let done = standby.outbox.done();
                self.bytes
                    .fetch_sub(before - standby.outbox.bytes(), Ordering::Relaxed);
                done
            };
            self.store.release(done);
        }
    }

    /// Repeats a batch until the standby has it (true), or is gone.
    async fn bring(&self, name: &NodeName, id: Standby, batch: Batch) -> bool {
        let request = Request::Replicate(ReplicateRequest {
            incarnation: self.incarnation,
            number: batch.number,
            first: batch.is_first,
            changes: batch
                .changes
                .into_iter()
                .map(|change| ReplicaChange {
                    key: change.key.into(),
                    value: change.value.map(Into::into),
                })
                .collect(),
        });
        loop {
            let Some(broker) = self.broker.upgrade() else {
                return false;
            };
            let link = broker.links().get(name);
            drop(broker);
            let answer = match link {
                Some(link) => link.call(request.clone(), CALL_TIMEOUT).await,
                None => Err(CallError::Unreachable),
            };
            match self.heed(id, name, answer) {
                ControlFlow::Break(is_brought) => return is_brought,
                ControlFlow::Continue(()) => tokio::time::sleep(RETRY_PAUSE).await,
            }
        }
    }

    /// Whether the batch has arrived, if there is nothing more to be done about it.
    fn heed(
        &self,
        id: Standby,
        name: &NodeName,
        answer: Result<Response, CallError>,
    ) -> ControlFlow<bool> {
        let mut standbys = self.standbys.lock();
        if standbys.get(id).is_none() {
            return ControlFlow::Break(false);
        }
        match answer {
            Ok(_) => ControlFlow::Break(true),
            Err(CallError::Refused { code, .. }) if code == RESEND => {
                self.begin_anew(&mut standbys, id);
                ControlFlow::Break(false)
            }
            Err(error) => {
                tracing::debug!(standby = %name, ?error, "copies are sent again");
                ControlFlow::Continue(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standbys_are_spread_and_only_those_of_a_node_that_goes_change() {
        let nodes = ["n1", "n2", "n3"].map(|name| NodeName::new(name).unwrap());
        let best = |key: u64, nodes: &[NodeName]| {
            let best = nodes.iter().max_by_key(|node| score(key, node));
            best.unwrap().clone()
        };
        let keys = (0..3_000_u64).map(|number| stable_hash::hash(&number.to_be_bytes()));
        let mut counts = [0; 3];
        for key in keys {
            let standby = best(key, &nodes);
            let at = nodes.iter().position(|node| *node == standby).unwrap();
            counts[at] += 1;
            if at != 2 {
                assert_eq!(best(key, &nodes[..2]), standby);
            }
        }
        assert!(counts.iter().all(|count| *count > 850), "{counts:?}");
    }
}
