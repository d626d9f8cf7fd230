//! What all clients of a load count together. They live on one thread, so plain cells are enough.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Context, Waker};

use super::clock::Clock;
use super::latency::Latency;
use super::load::{Load, Pace, Progress};

/// Bytes that are read at once.
const SCRATCH_BYTES: usize = 128 << 10;

/// Different causes of failures that are told apart.
const CAUSES_MAX: usize = 20;

/// The way to a client that sleeps.
#[derive(Debug, Default)]
pub(super) struct Signal {
    waker: RefCell<Option<Waker>>,
    /// It is to show that it is alive.
    pub(super) ping: Cell<bool>,
    /// It is to go.
    pub(super) leave: Cell<bool>,
}

impl Signal {
    pub(super) fn register(&self, cx: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        match &*waker {
            Some(known) if known.will_wake(cx.waker()) => {}
            _ => *waker = Some(cx.waker().clone()),
        }
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}

/// How far a publisher is.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    /// Open loop: messages that are due since the beginning.
    pub(super) due: Cell<u64>,
    pub(super) sent: Cell<u64>,
    /// Answered with success or not; QoS 2 at its end.
    pub(super) acknowledged: Cell<u64>,
    /// First copies that arrived at subscribers of the load.
    pub(super) arrived: Cell<u64>,
    /// It sends no more than this.
    pub(super) limit: Cell<u64>,
    /// It waits to be woken by what comes back.
    pub(super) waits: Cell<bool>,
    pub(super) signal: Rc<Signal>,
}

/// All counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) connected: Cell<u64>,
    pub(super) failed: Cell<u64>,
    /// Connections that ended by themselves.
    pub(super) closed: Cell<u64>,
    pub(super) sent: Cell<u64>,
    pub(super) acknowledged: Cell<u64>,
    /// Answered with a Reason Code of 0x80 or above.
    pub(super) refused: Cell<u64>,
    /// All messages, also further copies.
    pub(super) received: Cell<u64>,
    pub(super) duplicated: Cell<u64>,
    pub(super) reordered: Cell<u64>,
    /// Messages without a mark, or retained ones of earlier.
    pub(super) foreign: Cell<u64>,
    /// When the last message or acknowledgement came.
    pub(super) last_at: Cell<u64>,
}

/// Adds to a cell.
pub(super) fn bump(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

/// What the clients of one load share.
pub(super) struct Shared {
    pub(super) load: Load,
    pub(super) clock: Clock,
    pub(super) tally: Tally,
    pub(super) scratch: RefCell<Vec<u8>>,
    /// From sent to received.
    pub(super) latency: RefCell<Latency>,
    /// From sent to acknowledged.
    pub(super) acknowledgement: RefCell<Latency>,
    /// From the beginning to CONNACK.
    pub(super) connect: RefCell<Latency>,
    pub(super) publishers: Vec<Publisher>,
    pub(super) signals: RefCell<Vec<Rc<Signal>>>,
    causes: RefCell<BTreeMap<String, u64>>,
    /// Open loop: when the first message is due.
    pub(super) began_at: Cell<u64>,
    /// Subscribers that may have missed messages before the first one.
    pub(super) gaps: Cell<u64>,
}

impl Shared {
    pub(super) fn new(load: Load) -> Self {
        let publishers = (0..load.publishers).map(|_| Publisher::default()).collect();
        Self {
            load,
            clock: Clock::new(),
            tally: Tally::default(),
            scratch: RefCell::new(vec![0; SCRATCH_BYTES]),
            latency: RefCell::default(),
            acknowledgement: RefCell::default(),
            connect: RefCell::default(),
            publishers,
            signals: RefCell::default(),
            causes: RefCell::default(),
            began_at: Cell::new(0),
            gaps: Cell::new(0),
        }
    }

    /// Counts a connection that could not be had or was lost.
    pub(super) fn blame(&self, cause: String) {
        let mut causes = self.causes.borrow_mut();
        if causes.len() < CAUSES_MAX || causes.contains_key(&cause) {
            *causes.entry(cause).or_default() += 1;
        }
    }

    pub(super) fn causes(&self) -> Vec<(String, u64)> {
        let causes = self.causes.borrow();
        let mut causes: Vec<_> = causes
            .iter()
            .map(|(cause, &n)| (cause.clone(), n))
            .collect();
        causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        causes
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            connected: self.tally.connected.get() - self.tally.closed.get(),
            sent: self.tally.sent.get(),
            received: self.tally.received.get(),
        }
    }

    /// When a message of an open loop is due. Publishers take turns, so that messages are spread evenly.
    pub(super) fn due_at(&self, per_sec: f64, publisher: u32, sequence: u64) -> u64 {
        let place = sequence * u64::from(self.load.publishers) + u64::from(publisher);
        self.began_at.get() + (place as f64 / per_sec * 1e9) as u64
    }

    /// Whether a publisher may send its next message now.
    pub(super) fn may_send(&self, publisher: &Publisher) -> bool {
        let sent = publisher.sent.get();
        if sent >= publisher.limit.get() {
            return false;
        }
        match self.load.pace {
            Pace::Open { .. } => sent < publisher.due.get(),
            Pace::Closed { window } => {
                let window = u64::from(window);
                let unanswered = sent - publisher.acknowledged.get();
                let copies = u64::from(self.load.copies.unwrap_or(0));
                let on_the_way = (sent * copies).saturating_sub(publisher.arrived.get());
                (self.load.qos == 0 || unanswered < window)
                    && (copies == 0 || on_the_way <= (window - 1) * copies)
            }
        }
    }

    /// Something came back for a publisher.
    pub(super) fn came_back(&self, publisher: &Publisher) {
        if publisher.waits.get() && self.may_send(publisher) {
            publisher.waits.set(false);
            publisher.signal.wake();
        }
    }

    /// Messages that are to arrive yet, and acknowledgements.
    pub(super) fn is_settled(&self) -> bool {
        let copies = u64::from(self.load.copies.unwrap_or(0));
        self.publishers.iter().all(|publisher| {
            let sent = publisher.sent.get();
            (self.load.qos == 0 || publisher.acknowledged.get() >= sent)
                && publisher.arrived.get() >= sent * copies
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many messages a publisher may send now, one after the other.
    fn burst(shared: &Shared) -> u64 {
        let publisher = &shared.publishers[0];
        let before = publisher.sent.get();
        while shared.may_send(publisher) {
            bump(&publisher.sent);
        }
        publisher.sent.get() - before
    }

    fn shared(pace: Pace, qos: u8, copies: Option<u32>) -> Shared {
        let shared = Shared::new(Load::example(pace, qos, copies));
        shared.publishers[0].limit.set(100);
        shared
    }

    #[test]
    fn a_closed_loop_waits_for_what_comes_back() {
        let shared = shared(Pace::Closed { window: 4 }, 1, None);
        assert_eq!(burst(&shared), 4);
        shared.publishers[0].acknowledged.set(3);
        assert_eq!(burst(&shared), 3);
    }

    #[test]
    fn a_message_is_under_way_until_all_have_it() {
        let shared = shared(Pace::Closed { window: 2 }, 0, Some(3));
        assert_eq!(burst(&shared), 2);
        let arrived = &shared.publishers[0].arrived;
        arrived.set(2);
        assert_eq!(burst(&shared), 0);
        arrived.set(3);
        assert_eq!(burst(&shared), 1);
        assert!(!shared.is_settled());
        arrived.set(9);
        assert!(shared.is_settled());
    }

    #[test]
    fn an_open_loop_waits_for_its_time_alone_and_nobody_passes_the_limit() {
        let shared = shared(Pace::Open { per_sec: 100.0 }, 1, Some(1));
        assert_eq!(burst(&shared), 0);
        shared.publishers[0].due.set(60);
        assert_eq!(burst(&shared), 60);
        shared.publishers[0].due.set(160);
        assert_eq!(burst(&shared), 40);
    }

    #[test]
    fn messages_of_an_open_loop_are_spread_over_publishers() {
        let shared = shared(Pace::Open { per_sec: 100.0 }, 0, None);
        shared.began_at.set(1_000);
        assert_eq!(shared.due_at(100.0, 0, 0), 1_000);
        assert_eq!(shared.due_at(100.0, 3, 0), 30_001_000);
        assert_eq!(shared.due_at(100.0, 0, 1), 100_001_000);
    }
}
