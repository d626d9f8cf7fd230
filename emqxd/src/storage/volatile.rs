//! No store: Sessions live in memory and end with the process.

use super::{SessionStore, StoreError};
use crate::packet::ClientId;
use crate::session::state::SessionState;

/// Keeps nothing. A Session that is in the memory of its new owner is as safe as it gets.
#[derive(Debug, Clone, Copy, Default)]
pub struct VolatileStore;

impl SessionStore for VolatileStore {
    fn put(&self, _: &ClientId, _: &mut dyn FnMut() -> SessionState) -> Result<(), StoreError> {
        Ok(())
    }

    fn remove(&self, _: &ClientId) {}
}
