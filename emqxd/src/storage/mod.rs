//! Where Sessions are kept beyond the memory of the Session itself.
//!
//! Called by `cluster::takeover` before a transfer is made final, and by `node` when a Session ends or leaves. Behind
//! a trait, so that a store on disk can take the place of none.

mod volatile;

use crate::packet::ClientId;
use crate::session::state::SessionState;

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
