//! What an idle connection holds.

use super::*;
use crate::node::session_cell::SessionCell;

fn size_of_task<F>(_: impl FnOnce(Connection, Option<Box<First>>) -> F) -> usize {
    size_of::<F>()
}

/// "What a connection costs" in ARCHITECTURE.md rests on these. The allocator has blocks of 384, 448, 512, 640 bytes: the
/// runtime adds 104 to a task, a shared cell has two counters before it.
#[test]
fn an_idle_connection_is_small() {
    let connection = size_of::<Connection>();
    assert!(connection <= 272, "{connection}");
    let task = size_of_task(task);
    assert!(task + 104 <= 512, "{task}");
    let cell = size_of::<SessionCell>();
    assert!(cell + 16 <= 384, "{cell}");
}
