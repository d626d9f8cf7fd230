//! What survives the process: records on disk, committed in groups.
//!
//! [`Store`] is opened by `run`, and given changes by `node`; `net` waits for their commits before it acknowledges. What is
//! stored, and under which key, is decided apart from that in pure functions ([`retained_record`]). For a further kind of
//! state: a [`Table`], a file of such functions, and [`Store::append_all`] where it changes.
//!
//! [`SessionStore`] is called by `cluster::takeover` before a transfer is made final, and by `node` when a Session ends or
//! leaves. Sessions are not stored yet.

mod backend;
mod change;
mod commit_queue;
mod damage;
mod database;
mod durability;
mod intact;
mod journal;
pub mod retained_record;
mod store;
mod volatile;

use crate::packet::ClientId;
use crate::session::state::SessionState;

pub use change::{Change, EachRecord, Table};
pub use commit_queue::{Commit, QueueFull};
pub use damage::{Damage, DamagedPart};
pub use database::OpenError;
pub use durability::Durability;
pub use store::Store;
pub use volatile::VolatileStore;

/// Why a Session could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the Session cannot be stored: {0}")]
pub struct StoreError(pub String);

/// Keeps Sessions.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps the Session in place of an earlier state of it; `export` is called only when the state is needed. When
    /// this has returned, a transfer may take the Session away from its former owner.
    ///
    /// # Errors
    /// When it is not kept. The former owner then keeps it.
    fn put(
        &self,
        client_id: &ClientId,
        export: &mut dyn FnMut() -> SessionState,
    ) -> Result<(), StoreError>;

    /// Forgets the Session: it has ended, or another node owns it.
    fn remove(&self, client_id: &ClientId);
}
