//! Nodes tell the registrars of a view what they own; what all have told makes the view complete.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::{AnnounceRequest, AnnounceWanted, Done, Owned};

use super::{RETRY_PAUSE, Registry, TRY_TIMEOUT};
use crate::hashing::HashMap;
use crate::membership::{NodeName, View};
use crate::node::session_cell::CellPhase;
use crate::packet::ClientId;

/// Client Identifiers in one announcement.
const ANNOUNCE_PAGE: usize = 5_000;

/// What a peer has announced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Announced {
    round: u64,
    view: u64,
}

impl Announced {
    /// Two rounds may overtake each other on their way; the later one is the peer's last word.
    const fn hear(&mut self, other: Self) {
        if other.round > self.round {
            *self = other;
        }
    }
}

impl Registry {
    /// Takes in what a peer owns.
    pub fn serve_announce(&self, from: &NodeName, request: &AnnounceRequest) -> Response {
        let owned: Vec<_> = request
            .owned
            .iter()
            .filter_map(|owned| Some((ClientId::new(&owned.client_id)?, owned.epoch)))
            .collect();
        owned.iter().for_each(|(_, epoch)| self.note_epoch(*epoch));
        let displaced = self.registrar.lock().announce(from, &owned);
        self.displace(displaced);
        if request.last {
            let this = Announced {
                round: request.round,
                view: request.view,
            };
            self.announced
                .lock()
                .entry(from.clone())
                .and_modify(|known| known.hear(this))
                .or_insert(this);
            self.check_complete();
        }
        Response::Done(Done {})
    }

    /// Peers that have not announced what they own for this view.
    fn not_announced(&self, view: &View) -> Vec<NodeName> {
        let announced = self.announced.lock();
        let is_missing = |name: &NodeName| {
            announced
                .get(name)
                .is_none_or(|announced| announced.view != view.hash)
        };
        let peers = view.peers().map(|peer| &peer.name);
        peers.filter(|name| is_missing(name)).cloned().collect()
    }

    pub(super) fn check_complete(&self) {
        let view = self.membership.view();
        let complete = self.has_announced_in(&view) && self.not_announced(&view).is_empty();
        if complete {
            self.complete.send_if_modified(|known| {
                let changed = *known != view.hash;
                *known = view.hash;
                changed
            });
        }
    }

    /// Whether this node has said what it owns since it has seen these members, and so, what it has taken over of those who
    /// are gone.
    fn has_announced_in(&self, view: &View) -> bool {
        self.own_view.load(Ordering::Acquire) == view.hash
    }

    /// Tells every registrar of the view what this node owns of its Client Identifiers.
    pub(super) fn announce(self: &Arc<Self>, view: &Arc<View>) {
        self.announce_where(view, |_| true);
    }

    fn announce_where(self: &Arc<Self>, view: &Arc<View>, is_told: impl Fn(&NodeName) -> bool) {
        let Some(broker) = self.broker.upgrade() else {
            return;
        };
        let mut owned: HashMap<NodeName, Vec<(ClientId, u64)>> = view
            .nodes
            .keys()
            .filter(|name| is_told(name))
            .map(|name| (name.clone(), Vec::new()))
            .collect();
        for session in broker.sessions.all() {
            if matches!(session.phase(), CellPhase::Live | CellPhase::HandedOver) {
                let client_id = session.client_id().clone();
                let epoch = session.lock().epoch;
                self.note_epoch(epoch);
                let moving = self.moving.lock().get(&client_id).copied();
                if moving.is_some_and(|claimed| epoch >= claimed) {
                    continue;
                }
                let registrar = view.registrar_of(client_id.as_str());
                if let Some(owned) = owned.get_mut(registrar) {
                    owned.push((client_id, epoch));
                }
            }
        }
        let round = self.next_round.fetch_add(1, Ordering::Relaxed);
        for (registrar, owned) in owned {
            if registrar == self.node_name {
                let displaced = self.registrar.lock().announce(&self.node_name, &owned);
                self.displace(displaced);
            } else {
                let registry = Arc::clone(self);
                let view = Arc::clone(view);
                tokio::spawn(async move {
                    registry.announce_to(&registrar, &owned, &view, round).await;
                });
            }
        }
    }

    /// A peer announces by itself what it owns when its view changes. One that stood still, or was cut off for a while, may
    /// not have seen that this node took it for dead.
    pub(super) fn ask_for_announcements(&self, view: &View) {
        let missing = self.not_announced(view);
        for link in missing.iter().filter_map(|name| self.links.get(name)) {
            let wanted = Request::AnnounceWanted(AnnounceWanted { view: view.hash });
            tokio::spawn(async move {
                // It is asked again when nothing comes of it.
                let _ = link.call(wanted, TRY_TIMEOUT).await;
            });
        }
    }

    /// Tells a registrar that asks for it what this node owns, when both see the same members.
    pub fn serve_announce_wanted(
        self: &Arc<Self>,
        from: &NodeName,
        wanted: AnnounceWanted,
    ) -> Response {
        let view = self.membership.view();
        if view.hash == wanted.view && self.has_announced_in(&view) {
            self.announce_where(&view, |registrar| registrar == from);
        }
        Response::Done(Done {})
    }

    /// Repeats until the registrar has heard everything or the view has changed.
    async fn announce_to(
        &self,
        registrar: &NodeName,
        owned: &[(ClientId, u64)],
        view: &View,
        round: u64,
    ) {
        let mut pages: Vec<_> = owned.chunks(ANNOUNCE_PAGE).collect();
        if pages.is_empty() {
            pages.push(&[]);
        }
        let count = pages.len();
        for (number, page) in pages.into_iter().enumerate() {
            let request = AnnounceRequest {
                view: view.hash,
                owned: page
                    .iter()
                    .map(|(client_id, epoch)| Owned {
                        client_id: client_id.to_string(),
                        epoch: *epoch,
                    })
                    .collect(),
                last: number + 1 == count,
                round,
            };
            while self
                .call(registrar, Request::Announce(request.clone()))
                .await
                .is_err()
            {
                if self.membership.view().hash != view.hash {
                    return;
                }
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_that_was_overtaken_is_not_the_last_word() {
        let (earlier, later) = (
            Announced { round: 7, view: 1 },
            Announced { round: 8, view: 2 },
        );
        for (first, second) in [(earlier, later), (later, earlier)] {
            let mut known = first;
            known.hear(second);
            assert_eq!(known.view, 2);
        }
    }
}
