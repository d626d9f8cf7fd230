//! Transfers of which nothing was heard again: the new owner has neither taken the Session nor given it up, and is not
//! dead. Their registrar knows whose it is.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1::{TransferAbort, TransferCommit};

use super::broker::Broker;
use crate::membership::NodeName;
use crate::membership::registrar::CLAIM_LEASE;
use crate::packet::ClientId;
use crate::watch;

/// By then the claim of the new owner has lapsed unless it is committed: it was granted before the transfer began.
const OVERDUE_AFTER: Duration = CLAIM_LEASE.saturating_add(Duration::from_secs(5));

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looked into in one go.
const AT_ONCE: usize = 1_000;

/// Ends what is overdue, until `stop` turns true.
pub async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            biased;
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        broker.end_overdue_handovers(OVERDUE_AFTER).await;
    }
}

impl Broker {
    /// Ends the transfers that began so long ago.
    pub(crate) async fn end_overdue_handovers(self: &Arc<Self>, overdue_after: Duration) {
        let before = self.clock.now() - overdue_after;
        for (client_id, epoch) in self.handed_over_before(before, AT_ONCE) {
            let Some(owner) = self.registry().owner_of(&client_id).await else {
                continue;
            };
            let other = owner.filter(|owner| *owner != self.node_name);
            self.end_handover(&client_id, epoch, other.as_ref());
        }
    }

    fn end_handover(self: &Arc<Self>, client_id: &ClientId, epoch: u64, other: Option<&NodeName>) {
        let client_id = client_id.to_string();
        // Fails when it has ended meanwhile, which is as well.
        let _ = if let Some(other) = other {
            self.transfer_commit(other, &TransferCommit { client_id, epoch })
        } else {
            tracing::info!(
                client_id,
                "a transfer of this Session was not finished: it is served here again"
            );
            self.transfer_abort(&TransferAbort { client_id, epoch })
        };
    }
}
