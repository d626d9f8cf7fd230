//! Nodes compare their Retained Messages when one of them has gone: what it was telling the others may have come to some of
//! them only, and nobody else would tell it to the rest. Two of them also do when the link between them was too full for some.
//!
//! A node sends each other one a digest of all it holds. Who finds that the two differ sends what it has in those parts, and
//! then its own digest, so that the first one does the same. Whoever sees the node that is gone go last finds all that is
//! missing between the two: neither gets anything of it any more. A message that is on its way meanwhile makes two differ that
//! do not, and is sent twice.

use std::sync::Arc;

use emqx_proto::peer::v1::data_item::Item;
use emqx_proto::peer::v1::{DataItem, RetainedDigest as DigestItem};

use super::broker::Broker;
use crate::cluster::{Acked, Class, PeerLink, convert};
use crate::membership::NodeName;
use crate::routing::{DifferingParts, RetainedDigest};

/// Entries looked at, and perhaps sent, before others have their turn and the peer has taken them.
const SLICE: usize = 1_000;

impl Broker {
    /// Has all peers but that one compare what they hold with what this node holds. One that holds nothing has nothing to tell,
    /// and is told by those that do.
    pub(crate) fn compare_retained(&self, gone: &NodeName) {
        let digest = self.retained.digest();
        if digest.is_of_nothing() {
            return;
        }
        for peer in self.links().peers().iter() {
            if peer.name() != gone && !send_digest(peer, &digest, true) {
                self.retained_untold.lock().insert(peer.name().clone());
            }
        }
    }

    /// Has peers whose links were too full for a Retained Message compare what they hold with what this node holds.
    pub(super) fn compare_retained_untold(&self) {
        let untold = std::mem::take(&mut *self.retained_untold.lock());
        let links = untold.iter().filter_map(|name| self.links().get(name));
        for peer in links {
            if !send_digest(&peer, &self.retained.digest(), true) {
                self.retained_untold.lock().insert(peer.name().clone());
            }
        }
    }

    /// A peer has told what it holds, and perhaps asks for what it does not.
    pub(crate) fn take_retained_digest(self: &Arc<Self>, from: &NodeName, item: DigestItem) {
        let asks = item.asks;
        let theirs = RetainedDigest::from_wire(item.sums);
        let differing = theirs.and_then(|theirs| self.retained.digest().differing(&theirs));
        if let (Some(differing), Some(peer)) = (differing, self.links().get(from)) {
            let broker = Arc::clone(self);
            tokio::spawn(async move { broker.tell_differing(&peer, &differing, asks).await });
        }
    }

    /// Ends early when the peer has gone: it gets everything when it is back.
    async fn tell_differing(&self, peer: &PeerLink, differing: &DifferingParts, asks: bool) {
        let mut after = None;
        let mut told = 0_usize;
        loop {
            let page = self.retained.page(after.take(), SLICE);
            let now = self.clock.now();
            let mut last_sent = None;
            for (message, stamp, _) in &page {
                if differing.have(message.topic.as_str()) {
                    let item = || convert::retained_item(message, stamp, now);
                    let mut sent = peer.send(item(), Class::Reliable);
                    if sent.is_none() {
                        if peer.wait_acked(peer.last_sent()).await == Acked::PeerGone {
                            return;
                        }
                        // One that even then finds no room is too large for any link.
                        sent = peer.send(item(), Class::Reliable);
                    }
                    last_sent = sent.or(last_sent);
                    told += 1;
                }
            }
            if let Some(seq) = last_sent
                && peer.wait_acked(seq).await == Acked::PeerGone
            {
                return;
            }
            if page.len() < SLICE {
                break;
            }
            after = page.last().map(|(message, ..)| message.topic.clone());
            tokio::task::yield_now().await;
        }
        tracing::debug!(peer = %peer.name(), told, "Retained Messages that the peer may not have");
        if asks {
            send_digest(peer, &self.retained.digest(), false);
        }
    }
}

/// Whether the link has room for it. A peer that is gone gets everything when it is back.
fn send_digest(peer: &PeerLink, digest: &RetainedDigest, asks: bool) -> bool {
    let item = DataItem {
        item: Some(Item::RetainedDigest(DigestItem {
            sums: digest.to_wire(),
            asks,
        })),
    };
    peer.send(item, Class::Reliable).is_some()
}
