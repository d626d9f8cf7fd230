//! Stands for the control group: one state for all nodes, which is asked over no network. A node that sees fewer than half
//! of them does not reach it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::time::sleep;

use crate::cluster::Membership;
use crate::control::Control;
use crate::control::command::{Change, Reply};
use crate::control::error::ControlError;
use crate::control::state::ControlState;
use crate::watch;

const AGREE_TAKES: Duration = Duration::from_millis(20);
const GIVEN_UP_AFTER: Duration = Duration::from_secs(4);

/// What all nodes have agreed on.
pub(super) struct Agreed {
    states: watch::Sender<Arc<ControlState>>,
}

impl Agreed {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            states: watch::Sender::new(Arc::default()),
        })
    }

    pub(super) fn state(&self) -> Arc<ControlState> {
        Arc::clone(&self.states.borrow())
    }
}

/// A node's part in it.
pub(super) struct Part {
    pub(super) agreed: Arc<Agreed>,
    pub(super) membership: Arc<Membership>,
    pub(super) nodes: usize,
}

impl Part {
    fn has_majority(&self) -> bool {
        self.membership.view().nodes.len() * 2 > self.nodes
    }
}

impl Control for Part {
    fn state(&self) -> Arc<ControlState> {
        self.agreed.state()
    }

    fn follow(&self) -> watch::Receiver<Arc<ControlState>> {
        self.agreed.states.subscribe()
    }

    fn propose(&self, change: Change) -> BoxFuture<'_, Result<(), ControlError>> {
        async move {
            sleep(AGREE_TAKES).await;
            if !self.has_majority() {
                sleep(GIVEN_UP_AFTER).await;
                return Err(ControlError::NoMajority {
                    voters: self.nodes,
                    missing: Vec::new(),
                });
            }
            let reply = Mutex::new(Reply::Done);
            self.agreed.states.send_modify(|state| {
                let mut next = ControlState::clone(state);
                *reply.lock() = next.apply(change);
                *state = Arc::new(next);
            });
            match reply.into_inner() {
                Reply::Done => Ok(()),
                Reply::Refused(rejection) => Err(ControlError::Rejected(rejection)),
            }
        }
        .boxed()
    }
}
