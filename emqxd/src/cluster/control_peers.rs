//! The way of the control group to its members: gossip tells who has which part, control streams carry what they ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqx_proto::peer::v1::GroupRequest;
use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;

use super::{CallError, Fact, Membership, PeerLinks};
use crate::control::identity::Announcement;
use crate::control::peers::{Peer, PeerFailure, Peers};
use crate::membership::{NodeName, View};
use crate::watch;

/// The other nodes of the cluster.
pub struct ControlPeers {
    membership: Arc<Membership>,
    links: Arc<PeerLinks>,
    changes: watch::Receiver<u64>,
    follower: JoinHandle<()>,
}

impl Drop for ControlPeers {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl ControlPeers {
    /// Follows the view from now on.
    pub fn new(membership: Arc<Membership>, links: Arc<PeerLinks>) -> Self {
        let (told, changes) = watch::channel(0);
        let follower = tokio::spawn(follow(membership.watch(), told));
        Self {
            membership,
            links,
            changes,
            follower,
        }
    }
}

/// Views also change with each figure that a node tells; what matters here changes seldom.
async fn follow(mut views: watch::Receiver<Arc<View>>, told: watch::Sender<u64>) {
    let mut before = live(&views.borrow_and_update());
    while views.changed().await.is_ok() {
        let now = live(&views.borrow_and_update());
        if now != before {
            before = now;
            told.send_modify(|count| *count += 1);
        }
    }
}

fn live(view: &View) -> Vec<Peer> {
    view.peers()
        .map(|peer| Peer {
            name: peer.name.to_string(),
            announcement: Announcement::parse(&peer.control),
        })
        .collect()
}

impl Peers for ControlPeers {
    fn live(&self) -> Vec<Peer> {
        live(&self.membership.view())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    fn announce(&self, announcement: &Announcement) {
        self.membership.set_fact(Fact::Control, announcement);
    }

    fn ask(
        &self,
        name: &str,
        request: Bytes,
        within: Duration,
    ) -> BoxFuture<'static, Result<Bytes, PeerFailure>> {
        let link = NodeName::new(name)
            .ok()
            .and_then(|name| self.links.get(&name));
        let name = name.to_owned();
        async move {
            let unreachable = || PeerFailure::Unreachable(format!("{name} cannot be reached"));
            let link = link.ok_or_else(unreachable)?;
            let request = Request::Group(GroupRequest { body: request });
            match link.call(request, within).await {
                Ok(Response::Group(answer)) => Ok(answer.body),
                Ok(_) => Err(PeerFailure::Unreachable(format!(
                    "{name} gave an unexpected answer"
                ))),
                Err(CallError::Refused { code, message }) => {
                    Err(PeerFailure::Refused { code, message })
                }
                Err(CallError::Timeout | CallError::Unreachable) => Err(unreachable()),
            }
        }
        .boxed()
    }
}
