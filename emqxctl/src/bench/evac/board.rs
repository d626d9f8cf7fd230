//! What the clients of an evacuation write down together.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::bench::clock::Clock;
use crate::bench::latency::Latency;
use crate::bench::mark::Mark;
use crate::bench::sequence::{Receipt, Sequence};
use crate::bench::tally::bump;

use super::EvacLoad;

/// Different causes that are told apart.
const CAUSES_MAX: usize = 20;

/// What all are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Clients that are there are served.
    Working,
    /// Those that were away come back.
    Returning,
    /// All go, and take their session with them.
    Leaving,
}

/// One session and the messages for it.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) published: Cell<u64>,
    pub(super) acknowledged: Cell<u64>,
    pub(super) arrived: Cell<u64>,
    sequence: RefCell<Sequence>,
    pub(super) is_connected: Cell<bool>,
}

/// All of it.
pub(super) struct Board {
    pub(super) load: EvacLoad,
    pub(super) clock: Clock,
    pub(super) ledgers: Vec<Ledger>,
    /// Clients that have subscribed.
    pub(super) begun: Cell<u64>,
    pub(super) failed: Cell<u64>,
    /// Clients that are connected before they leave.
    pub(super) connected_at_end: Cell<u64>,
    /// Connections cut by a DISCONNECT.
    pub(super) cut: Cell<u64>,
    /// Of those, with a Server Reference.
    pub(super) referred: Cell<u64>,
    /// Connections that ended without a word.
    pub(super) dropped: Cell<u64>,
    /// CONNECTs that were refused on the way back.
    pub(super) refused: Cell<u64>,
    pub(super) returned: Cell<u64>,
    pub(super) session_present: Cell<u64>,
    pub(super) duplicated_with_dup: Cell<u64>,
    pub(super) duplicated_without_dup: Cell<u64>,
    pub(super) reordered: Cell<u64>,
    pub(super) first_cut_at: Cell<u64>,
    pub(super) last_return_at: Cell<u64>,
    /// From a cut to CONNACK.
    pub(super) reconnect: RefCell<Latency>,
    /// Of messages to clients that were there.
    pub(super) latency: RefCell<Latency>,
    causes: RefCell<BTreeMap<String, u64>>,
}

impl Board {
    pub(super) fn new(load: EvacLoad) -> Self {
        let ledgers = (0..load.sessions())
            .map(|_| Ledger {
                published: Cell::default(),
                acknowledged: Cell::default(),
                arrived: Cell::default(),
                sequence: RefCell::new(Sequence::starting_at(0)),
                is_connected: Cell::default(),
            })
            .collect();
        Self {
            load,
            clock: Clock::new(),
            ledgers,
            begun: Cell::default(),
            failed: Cell::default(),
            connected_at_end: Cell::default(),
            cut: Cell::default(),
            referred: Cell::default(),
            dropped: Cell::default(),
            refused: Cell::default(),
            returned: Cell::default(),
            session_present: Cell::default(),
            duplicated_with_dup: Cell::default(),
            duplicated_without_dup: Cell::default(),
            reordered: Cell::default(),
            first_cut_at: Cell::default(),
            last_return_at: Cell::default(),
            reconnect: RefCell::default(),
            latency: RefCell::default(),
            causes: RefCell::default(),
        }
    }

    /// A session has got a message. `is_timed`: its client was there when it was sent.
    pub(super) fn receive(&self, session: u32, mark: Mark, dup: bool, is_timed: bool) {
        let Some(ledger) = self.ledgers.get(session as usize) else {
            return;
        };
        // Somebody else's message.
        if mark.publisher != session || mark.sequence >= ledger.published.get() {
            return;
        }
        let receipt = ledger.sequence.borrow_mut().receive(mark.sequence);
        match receipt {
            Receipt::Duplicate if dup => return bump(&self.duplicated_with_dup),
            Receipt::Duplicate => return bump(&self.duplicated_without_dup),
            Receipt::Reordered => bump(&self.reordered),
            Receipt::First => {}
        }
        bump(&ledger.arrived);
        if is_timed {
            let now = self.clock.now();
            self.latency.borrow_mut().record(mark.intended_at, now);
        }
    }

    pub(super) fn blame(&self, cause: &str) {
        let mut causes = self.causes.borrow_mut();
        if let Some(count) = causes.get_mut(cause) {
            *count += 1;
        } else if causes.len() < CAUSES_MAX {
            causes.insert(cause.to_owned(), 1);
        }
    }

    pub(super) fn causes(&self) -> Vec<(String, u64)> {
        let causes = self.causes.borrow();
        causes
            .iter()
            .map(|(cause, &count)| (cause.clone(), count))
            .collect()
    }

    /// A sum over all sessions.
    pub(super) fn sum(&self, figure: impl Fn(&Ledger) -> u64) -> u64 {
        self.ledgers.iter().map(figure).sum()
    }

    /// Acknowledged messages that have not arrived. A message may arrive before it is acknowledged.
    pub(super) fn lost(&self) -> u64 {
        self.sum(|ledger| {
            ledger
                .acknowledged
                .get()
                .saturating_sub(ledger.arrived.get())
        })
    }

    pub(super) fn connected(&self) -> u64 {
        self.sum(|ledger| u64::from(ledger.is_connected.get()))
    }
}
