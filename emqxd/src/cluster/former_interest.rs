//! What a node that was started anew wanted before: its Sessions may have been lost with its disk, and are about to be
//! served by whoever has copies of them. Until that node's interest is known here, messages for them are taken as before,
//! and kept for it ([`PeerLink::unacknowledged`](super::PeerLink::unacknowledged)).

use std::sync::Arc;

use parking_lot::Mutex;

use super::peer_link::FORMER_KEPT;
use crate::hashing::{HashMap, HashSet};
use crate::membership::NodeName;
use crate::node::broker::Broker;
use crate::routing::interest::InterestChange;
use crate::topic::TopicFilter;

/// By node.
#[derive(Debug, Default)]
pub(super) struct FormerInterest {
    nodes: Arc<Mutex<HashMap<NodeName, Former>>>,
}

#[derive(Debug, Default)]
struct Former {
    /// The next snapshot is of another start.
    is_gone: bool,
    /// What the present start does not want.
    filters: HashSet<TopicFilter>,
    /// Of the filters: an earlier look at them is of no use any more.
    round: u64,
}

impl FormerInterest {
    /// That node is gone, or was started anew.
    pub(super) fn note_gone(&self, node: &NodeName) {
        self.nodes.lock().entry(node.clone()).or_default().is_gone = true;
    }

    /// A node has changed its mind: what it wants now is not former any more.
    pub(super) fn changes(&self, node: &NodeName, change: &InterestChange) {
        if let InterestChange::Add(filter) = change
            && let Some(former) = self.nodes.lock().get_mut(node)
        {
            former.filters.remove(filter);
        }
    }

    /// Adds what the former start of a node wanted to what the new one wants, for a while.
    pub(super) fn add_to(
        &self,
        node: &NodeName,
        whole: &mut Vec<InterestChange>,
        broker: &Arc<Broker>,
    ) {
        let mut nodes = self.nodes.lock();
        let Some(former) = nodes.get_mut(node) else {
            return;
        };
        if std::mem::take(&mut former.is_gone) {
            let wanted: HashSet<&TopicFilter> = whole.iter().map(InterestChange::filter).collect();
            let before = broker.remote_interest.ordinary_of(node).into_iter();
            let before = before.filter(|filter| !wanted.contains(filter));
            former.filters = before.collect();
            former.round += 1;
            if !former.filters.is_empty() {
                let nodes = Arc::clone(&self.nodes);
                let (node, round) = (node.clone(), former.round);
                let broker = Arc::clone(broker);
                tokio::spawn(async move {
                    tokio::time::sleep(FORMER_KEPT).await;
                    forget(&nodes, &node, round, &broker);
                });
            }
        }
        whole.extend(former.filters.iter().cloned().map(InterestChange::Add));
    }
}

fn forget(nodes: &Mutex<HashMap<NodeName, Former>>, node: &NodeName, round: u64, broker: &Broker) {
    let mut nodes = nodes.lock();
    let Some(former) = nodes.get_mut(node).filter(|former| former.round == round) else {
        return;
    };
    // Under the lock, so that no change comes in between.
    for filter in former.filters.drain() {
        let change = InterestChange::Remove(filter);
        broker.remote_interest.apply(node, &change);
    }
}
