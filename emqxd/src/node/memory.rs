//! Watches how much memory the process holds, and lets clients that publish wait while it is too much.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::broker::Broker;
use crate::event_log::Severity;
use crate::memory_pressure::{Marks, Pressure};
use crate::process_stats;
use crate::watch;

/// Between two looks. Within it, publishers bring what the network carries: at ten gigabits 30 MiB. A look takes some
/// ten microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Publishers are let on this often, once there is room again.
const RELEASE_EVERY: u32 = 4;

/// While memory is short, the allocator is reminded this often.
const REMIND_EVERY: u32 = 40;

/// The allocator gives back what has been free for a while when a block of this size is freed. A node whose publishers
/// wait might not free any by itself for long.
const REMINDER_BYTES: usize = 8 << 20;

/// Publishers that are let on at once when there is room again, at least; else a tenth of those that wait: all at
/// once they could fill the memory before the next look.
const RELEASED_MIN: usize = 16;

/// The state of it, shared by all connections.
#[derive(Debug)]
pub struct MemoryGuard {
    /// `None` = no limit.
    marks: Option<Marks>,
    pressure: AtomicU8,
    held: AtomicUsize,
    turn: Notify,
}

impl MemoryGuard {
    /// With these marks; `None` = without a limit.
    pub fn new(marks: Option<Marks>) -> Self {
        Self {
            marks,
            pressure: AtomicU8::new(Pressure::None as u8),
            held: AtomicUsize::new(0),
            turn: Notify::new(),
        }
    }

    /// What is done now.
    pub fn pressure(&self) -> Pressure {
        Pressure::from_byte(self.pressure.load(Ordering::Relaxed))
    }

    /// Connections that are not read.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// A connection is not read from now on, until it drops the result.
    pub fn hold(self: &Arc<Self>) -> Held {
        self.held.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(self))
    }

    /// Lets some of those that wait on.
    fn release_some(&self) {
        let held = self.held();
        for _ in 0..held.min(RELEASED_MIN.max(held / 10)) {
            self.turn.notify_one();
        }
    }
}

/// A connection that is not read for now.
#[derive(Debug)]
pub struct Held(Arc<MemoryGuard>);

impl Held {
    /// Waits until this connection may be read again. Cancel-safe.
    pub async fn turn(&self) {
        self.0.turn.notified().await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Looks at the memory until `stop` turns true.
pub async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let Some(marks) = broker.memory.marks else {
        return;
    };
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut looks: u32 = 0;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        looks = looks.wrapping_add(1);
        let Some(used) = process_stats::memory_resident_bytes() else {
            continue;
        };
        let before = broker.memory.pressure();
        let pressure = before.next(used, &marks);
        if pressure != before {
            broker
                .memory
                .pressure
                .store(pressure as u8, Ordering::Relaxed);
            tell(&broker, pressure, used, &marks);
        }
        if pressure > Pressure::None && looks.is_multiple_of(REMIND_EVERY) {
            drop(std::hint::black_box(Vec::<u8>::with_capacity(
                REMINDER_BYTES,
            )));
        }
        if pressure == Pressure::None && looks.is_multiple_of(RELEASE_EVERY) {
            broker.memory.release_some();
        }
    }
}

/// Once for each crossing.
fn tell(broker: &Broker, pressure: Pressure, used: u64, marks: &Marks) {
    let mib = |bytes: u64| bytes >> 20;
    let (used, high) = (mib(used), mib(marks.high));
    let (severity, kind, text) = match pressure {
        Pressure::None => (
            Severity::Info,
            "MEMORY_NORMAL",
            format!("{used} MiB of memory are in use: publishers are read again"),
        ),
        Pressure::HoldPublishers => (
            Severity::Warn,
            "MEMORY_HIGH",
            format!(
                "{used} MiB of memory are in use, the mark is at {high} MiB: publishers are not read"
            ),
        ),
        Pressure::RefuseConnects => (
            Severity::Error,
            "MEMORY_CRITICAL",
            format!(
                "{used} MiB of memory are in use, far above the mark at {high} MiB: publishers are not read, and \
                 CONNECTs are refused"
            ),
        ),
    };
    broker.metrics.memory_crossings.inc();
    match severity {
        Severity::Info => tracing::info!("{text}"),
        Severity::Warn | Severity::Error => tracing::warn!("{text}"),
    }
    broker.events.add(severity, kind, &text, None);
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Waker};

    use super::*;

    type Turn<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

    /// Takes out those whose turn it is, and tells how many there were.
    fn let_on(turns: &mut Vec<Turn<'_>>) -> usize {
        let mut context = Context::from_waker(Waker::noop());
        let before = turns.len();
        turns.retain_mut(|turn| turn.as_mut().poll(&mut context).is_pending());
        before - turns.len()
    }

    #[test]
    fn those_who_wait_are_let_on_in_slices() {
        let guard = Arc::new(MemoryGuard::new(None));
        let held: Vec<_> = (0..300).map(|_| guard.hold()).collect();
        let mut turns: Vec<Turn<'_>> = held
            .iter()
            .map(|held| Box::pin(held.turn()) as Turn<'_>)
            .collect();
        assert_eq!(guard.held(), 300);
        assert_eq!(let_on(&mut turns), 0);
        guard.release_some();
        assert_eq!(let_on(&mut turns), 30);
        drop(turns);
        drop(held);
        assert_eq!(guard.held(), 0);
        // Nobody waits: no turn is kept for who comes later.
        guard.release_some();
        let late = guard.hold();
        let mut turns: Vec<Turn<'_>> = vec![Box::pin(late.turn())];
        assert_eq!(let_on(&mut turns), 0);
    }
}
