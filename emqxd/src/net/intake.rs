//! Whether a connection is read: one that publishes waits while the node holds too much memory.
//!
//! What must be read all the same are acknowledgements, or what waits for that client would never leave. So a client
//! that has messages to acknowledge is read a little now and then; one that has none loses nothing by waiting. A client
//! that does not publish is always read.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::memory_pressure::Pressure;
use crate::node::broker::Broker;
use crate::node::memory::Held;
use crate::node::session_cell::SessionHandle;

/// Read at once while memory is short: room for a thousand acknowledgements.
pub const SLICE_BYTES: usize = 4 << 10;

/// A client that publishes and has messages to acknowledge is read this often then.
const SLICE_PAUSE: Duration = Duration::from_millis(250);

/// Of one connection.
#[derive(Debug, Default)]
pub struct Intake {
    /// The last read brought at least a part of a PUBLISH.
    publishes: bool,
    /// Boxed: nearly all connections are read.
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    held: Held,
    next_slice: Instant,
}

impl Intake {
    /// A read has brought something.
    pub fn note(&mut self, publishes: bool) {
        self.publishes = publishes;
        if !publishes {
            self.waiting = None;
        }
    }

    /// Whether the connection is not to be read as soon as there is something. To be asked before each wait.
    pub fn waits(&mut self, broker: &Broker) -> bool {
        if self.publishes && self.waiting.is_none() && broker.memory.pressure() > Pressure::None {
            self.waiting = Some(Box::new(Waiting {
                held: broker.memory.hold(),
                next_slice: Instant::now() + SLICE_PAUSE,
            }));
        }
        self.is_waiting()
    }

    /// As `waits` has found.
    pub const fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Completes when the connection may be read: as before, or only once. Cancel-safe; never while it does not wait.
    pub async fn turn(&mut self, session: &SessionHandle) {
        let Some(waiting) = &mut self.waiting else {
            return std::future::pending().await;
        };
        loop {
            tokio::select! {
                () = waiting.held.turn() => break,
                () = sleep_until(waiting.next_slice) => {
                    waiting.next_slice = Instant::now() + SLICE_PAUSE;
                    if session.lock().session.has_unacknowledged() {
                        return;
                    }
                }
            }
        }
        self.waiting = None;
    }
}
