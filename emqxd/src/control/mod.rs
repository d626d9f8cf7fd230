//! What the cluster has to agree on: the operations and how they ended. Few and rare, so it may be slow.
//!
//! Called by `cluster::operation_executor`. Behind a trait, because agreement between nodes can replace the memory of
//! one node without the executor noticing.

mod in_memory;

use emqx_proto::admin::v1::Operation;

pub use in_memory::InMemoryJournal;

/// Ended operations that can be looked at again.
pub const ENDED_MAX: usize = 20;

/// Remembers operations.
pub trait OperationJournal: Send + Sync + 'static {
    /// Keeps the present state of an operation in place of an earlier one: at its start, at each new phase and at its
    /// end.
    fn record(&self, operation: &Operation);

    /// The latest [`ENDED_MAX`] that have ended, newest first.
    fn ended(&self) -> Vec<Operation>;
}
