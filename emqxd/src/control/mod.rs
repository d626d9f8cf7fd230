//! What the cluster agrees on: the operations and how they ended, settings, and who takes part. Few and rare changes, so
//! it may be slow.
//!
//! - What is agreed on: [`command`], [`operation_record`], [`settings`]; what follows from it: [`state`].
//! - Who agrees: [`identity`] is who a node is, [`formation`] decides who begins a group, is taken in, and votes.
//!   These are pure.
//! - Raft carries it: [`types`], [`log_store`] and [`state_machine`], kept on disk in one [`store`]; [`network`] and
//!   [`answering`] between members, in the words of [`wire`].
//! - [`group`] is this node's part in all of it, [`keeper`] keeps it going, [`recovery`] is what operators do with it,
//!   [`status`] what they see.
//!
//! The rest of the program knows [`Control`] and, for operators, [`ControlGroup`]. Other nodes are reached through
//! [`Peers`](peers::Peers), which `cluster` gives.

mod answering;
pub mod command;
pub mod error;
pub mod formation;
pub mod group;
pub mod identity;
mod keeper;
pub mod log_store;
mod network;
pub mod operation_record;
pub mod peers;
mod recovery;
pub mod settings;
pub mod state;
pub mod state_machine;
pub mod status;
pub mod store;
#[cfg(test)]
mod tests;
pub mod types;
mod wire;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use command::Change;
use error::ControlError;
pub use group::ControlGroup;
use state::ControlState;

use crate::watch;

/// Agreement, for those who only want to agree.
pub trait Control: Send + Sync + 'static {
    /// What has been agreed, as far as this node knows.
    fn state(&self) -> Arc<ControlState>;

    /// Follows it.
    fn follow(&self) -> watch::Receiver<Arc<ControlState>>;

    /// Has the cluster agree to a change.
    ///
    /// # Errors
    /// [`ControlError`]; in some seconds at most.
    fn propose(&self, change: Change) -> BoxFuture<'_, Result<(), ControlError>>;
}

impl Control for ControlGroup {
    fn state(&self) -> Arc<ControlState> {
        Self::state(self)
    }

    fn follow(&self) -> watch::Receiver<Arc<ControlState>> {
        Self::follow(self)
    }

    fn propose(&self, change: Change) -> BoxFuture<'_, Result<(), ControlError>> {
        Self::propose(self, change).boxed()
    }
}
