//! Builds that are broken on purpose, to see that the simulation finds it. Chosen for a thread; no other build has them.

use std::cell::Cell;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A Session moves without waiting for what is on its way to its old node.
    BarrierSkipped,
    /// What comes with an epoch that is over is taken for valid.
    EpochIgnored,
    /// What comes for a Session while it moves stays on its old node.
    SideLogDropped,
    /// What comes for a node that is away is not kept.
    KeptNowhere,
    /// What waits for the disk counts as stored.
    AcknowledgedBeforeDisk,
    /// Copies of Sessions whose node is gone are dropped.
    CopiesNotServed,
}

thread_local! {
    static PRESENT: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Breaks this thread's nodes, or mends them.
pub(super) fn set(fault: Option<Fault>) {
    PRESENT.set(fault);
}

/// Whether this is broken.
pub(crate) fn is_on(fault: Fault) -> bool {
    PRESENT.get() == Some(fault)
}
