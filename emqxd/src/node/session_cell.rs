//! A Session in its place: the state machine behind a lock, and the bell of the connection that serves it.

use std::cmp::Ordering as Order;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytestring::ByteString;
use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::kept::{CellGuard, Kept};
use crate::cluster::AckNotify;
use crate::message::Delivery;
use crate::packet::{ClientId, ReasonCode};
use crate::routing::ShareKey;
use crate::session::delivery_run::DeliveryRun;
use crate::session::{Delivered, Session};
use crate::stable_hash;
use crate::storage::Stored;
use crate::time::Timestamp;

/// The place of a Session that is not listed among those with a client.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Where a Session stands between nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CellPhase {
    /// Served here.
    Live = 0,
    /// Its state is on the way from another node; deliveries wait, no client is served yet.
    Importing = 1,
    /// Its state was handed to another node; deliveries go into the side log until that node has switched.
    HandedOver = 2,
    /// Not here any more: nothing is accepted.
    Gone = 3,
}

/// Why the connection task of a Session must end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// For DISCONNECT in 5.0.
    pub code: ReasonCode,
    /// Server Reference property.
    pub server_reference: Option<ByteString>,
}

/// A connection serves its Session no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Displaced;

/// How the client of a Session has come in.
#[derive(Debug)]
pub struct Access {
    /// Its address, as an operator is told.
    pub address: Box<str>,
    /// Name of the listener.
    pub listener: Arc<str>,
}

/// What a connection is asked for.
#[derive(Debug, Default)]
pub struct Asked {
    /// To end.
    pub close: Option<Close>,
    /// To take in what its client has already sent; dropped when that is done, and when the connection is gone.
    pub hear_out: Option<oneshot::Sender<()>>,
}

/// What the lock protects.
#[derive(Debug)]
pub struct CellState {
    /// The state machine.
    pub session: Session,
    /// Number of the connection that serves it; 0 = none.
    pub connection: u64,
    /// What that connection is asked for.
    pub asked: Option<Box<Asked>>,
    /// Fencing number of the ownership, from the registrar.
    pub epoch: u64,
    /// Of the present connection.
    pub access: Option<Arc<Access>>,
    /// `None` when the Session is not stored.
    pub(super) kept: Option<Box<Kept>>,
}

/// What became of messages that were put into a Session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Put {
    /// So many messages were dropped.
    pub(super) dropped: usize,
    /// Of the others.
    pub(super) stored: Stored,
}

/// A Session in its place.
pub struct SessionCell {
    client_id: ClientId,
    /// Hash of the Client Identifier, the same on every node.
    share_key: u64,
    state: Mutex<CellState>,
    /// Where the registry lists it among those with a client; changes only under the registry's lock.
    pub(super) place: AtomicU32,
    /// Seconds, as the client asked; for listing.
    keep_alive_s: AtomicU16,
    phase: AtomicU8,
    connected: AtomicBool,
    /// Whether the Session is stored.
    kept: AtomicBool,
    /// Whether it has got the messages of another copy since it is here.
    has_absorbed: AtomicBool,
    /// The client must do something before it gets more: take bytes, or acknowledge. The connection looks for messages
    /// when it has, and need not be woken for each one that comes meanwhile. Changes only under the lock.
    blocked: AtomicBool,
    /// Deliveries of this Session that are held back.
    held_back: AtomicU32,
    /// Set while the connection has been told that there is something to do, so that a batch of deliveries rings
    /// once.
    rung: AtomicBool,
    /// Wakes the connection that serves the Session: only that one registers, under the lock.
    bell: AtomicWaker,
    /// When the earliest timer of the Session comes up, milliseconds since the Unix epoch; `u64::MAX` = none.
    wakes_at: AtomicU64,
}

impl SessionCell {
    fn new(session: Session, epoch: u64, phase: CellPhase) -> Self {
        Self {
            client_id: session.client_id().clone(),
            share_key: stable_hash::hash(session.client_id().as_str().as_bytes()),
            state: Mutex::new(CellState {
                session,
                connection: 0,
                asked: None,
                epoch,
                access: None,
                kept: None,
            }),
            place: AtomicU32::new(NOWHERE),
            keep_alive_s: AtomicU16::new(0),
            phase: AtomicU8::new(phase as u8),
            connected: AtomicBool::new(false),
            kept: AtomicBool::new(false),
            has_absorbed: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
            held_back: AtomicU32::new(0),
            rung: AtomicBool::new(false),
            bell: AtomicWaker::new(),
            wakes_at: AtomicU64::new(u64::MAX),
        }
    }

    /// Whose Session it is.
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Hash of the Client Identifier, the same on every node.
    pub(super) const fn share_key(&self) -> u64 {
        self.share_key
    }

    /// The state machine; held briefly, never across an await.
    #[inline]
    pub fn lock(&self) -> CellGuard<'_> {
        CellGuard::new(self, self.state.lock())
    }

    /// Whether it is stored; without the lock a hint.
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed)
    }

    pub(super) fn set_kept(&self, is_kept: bool) {
        self.kept.store(is_kept, Ordering::Relaxed);
    }

    /// Where it stands. Changes only under the lock.
    pub fn phase(&self) -> CellPhase {
        match self.phase.load(Ordering::Acquire) {
            0 => CellPhase::Live,
            1 => CellPhase::Importing,
            2 => CellPhase::HandedOver,
            _ => CellPhase::Gone,
        }
    }

    /// Changes the phase; the guard shows that the lock is held.
    pub fn set_phase(&self, _held: &mut CellState, phase: CellPhase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// Keep Alive of the latest CONNECT, seconds.
    pub fn keep_alive_s(&self) -> u16 {
        self.keep_alive_s.load(Ordering::Relaxed)
    }

    /// Keeps that true.
    pub fn set_keep_alive_s(&self, keep_alive_s: u16) {
        self.keep_alive_s.store(keep_alive_s, Ordering::Relaxed);
    }

    /// Whether a client is served; a hint for the choice among shared subscribers.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Keeps the hint true.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Whether nothing can be sent to the client now; without the lock a hint.
    pub fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Relaxed)
    }

    /// Whether nobody would notice if a message came some milliseconds later; a hint.
    pub(super) fn can_wait(&self) -> bool {
        self.is_blocked() || (!self.is_connected() && self.phase() == CellPhase::Live)
    }

    /// Whether deliveries are held back: a further one would overtake them.
    pub fn has_held_back(&self) -> bool {
        self.held_back.load(Ordering::Acquire) > 0
    }

    /// One more is held back.
    pub(super) fn hold_back(&self) {
        self.held_back.fetch_add(1, Ordering::Relaxed);
    }

    /// The number by which handles are ordered; another Session has it only after this one is gone.
    pub(super) fn number(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    /// Keeps that true; the guard shows that the lock is held.
    pub fn set_blocked(&self, _held: &mut CellState, blocked: bool) {
        self.blocked.store(blocked, Ordering::Relaxed);
    }

    /// Puts a message into the Session. `None` when the Session is not here any more.
    pub fn deliver(&self, delivery: Delivery, now: Timestamp) -> Option<(Delivered, Stored)> {
        let mut state = self.lock();
        if self.phase() == CellPhase::Gone {
            return None;
        }
        let delivered = state.session.deliver(delivery, now);
        let stored = self.tell(state, delivered != Delivered::Dropped);
        Some((delivered, stored))
    }

    /// Puts the messages of another node's copy of the Session into it. Returns how many were dropped; `None` when it is not
    /// served here.
    pub(super) fn absorb(&self, messages: Vec<Delivery>, now: Timestamp) -> Option<Put> {
        let mut state = self.lock();
        if self.phase() != CellPhase::Live {
            return None;
        }
        if !messages.is_empty() {
            self.has_absorbed.store(true, Ordering::Relaxed);
        }
        let dropped = state.session.absorb(messages, now);
        Some(Put {
            dropped: usize::try_from(dropped).unwrap_or(usize::MAX),
            stored: self.tell(state, true),
        })
    }

    /// Whether it has got the messages of another copy since it is here.
    pub(super) fn has_absorbed(&self) -> bool {
        self.has_absorbed.load(Ordering::Relaxed)
    }

    /// Puts messages into the Session, one after the other. Returns how many were dropped. Nothing happens when the
    /// Session is not here any more.
    pub(super) fn deliver_each(
        &self,
        deliveries: impl Iterator<Item = Delivery>,
        now: Timestamp,
    ) -> Put {
        let mut state = self.lock();
        if self.phase() == CellPhase::Gone {
            return Put::default();
        }
        let mut dropped = 0;
        let mut is_queued = false;
        for delivery in deliveries {
            let delivered = state.session.deliver(delivery, now);
            is_queued |= delivered != Delivered::Dropped;
            dropped += usize::from(delivered != Delivered::Queued);
        }
        let stored = self.tell(state, is_queued);
        Put { dropped, stored }
    }

    /// As [`Self::deliver_each`], with messages that others get, too.
    pub(super) fn deliver_runs(&self, runs: &[Arc<DeliveryRun>], now: Timestamp) -> Put {
        let (state, is_queued, dropped) = self.put_runs(runs, now);
        let stored = self.tell(state, is_queued);
        Put { dropped, stored }
    }

    /// As [`Self::deliver_runs`], with messages that were held back, so many.
    pub(super) fn deliver_held_back(
        &self,
        count: usize,
        runs: &[Arc<DeliveryRun>],
        now: Timestamp,
    ) -> usize {
        let (state, is_queued, dropped) = self.put_runs(runs, now);
        self.held_back
            .fetch_sub(u32::try_from(count).unwrap_or(u32::MAX), Ordering::Release);
        self.tell(state, is_queued);
        dropped
    }

    /// Whether any message waits now, and how many were dropped.
    fn put_runs(&self, runs: &[Arc<DeliveryRun>], now: Timestamp) -> (CellGuard<'_>, bool, usize) {
        let mut state = self.lock();
        let mut is_queued = false;
        let mut dropped = 0;
        if self.phase() != CellPhase::Gone {
            for run in runs {
                let (waits, more_dropped) = state.session.deliver_run(run, now);
                is_queued |= waits;
                dropped += more_dropped;
            }
        }
        (state, is_queued, dropped)
    }

    /// Lets go of the lock, and tells the connection of what is queued unless it waits for its client.
    #[inline(always)]
    fn tell(&self, mut state: CellGuard<'_>, is_queued: bool) -> Stored {
        let serve = state.connection != 0 && !self.is_blocked();
        let stored = state.keep();
        drop(state);
        if serve && is_queued {
            self.ring();
        }
        stored
    }

    /// Whether a timer comes up at `at` or before; if not, one at `at` is taken to be set now.
    pub(super) fn wakes_before(&self, at: Timestamp) -> bool {
        let at = at.as_millis();
        // The usual case changes nothing, and need not take the memory from another processor.
        self.wakes_at.load(Ordering::Relaxed) <= at
            || self.wakes_at.fetch_min(at, Ordering::Relaxed) <= at
    }

    /// A timer has come up.
    pub(super) fn woken(&self) {
        self.wakes_at.store(u64::MAX, Ordering::Relaxed);
    }

    /// Tells the connection that there is something to do.
    pub fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.wake();
        }
    }

    /// Tells the connection that it has been displaced, also when it has been told of something before.
    pub fn ring_displaced(&self) {
        self.rung.store(true, Ordering::Release);
        self.bell.wake();
    }

    /// Waits for the bell, as the connection with this number. One that hears it may have been displaced, too.
    ///
    /// # Errors
    /// When another connection serves the Session, or none: the bell is not this one's any more.
    pub fn poll_rung(
        &self,
        connection: u64,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Displaced>> {
        if self.rung.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        // Under the lock, so that a displacement comes either before this look or after the registration.
        let state = self.lock();
        if state.connection != connection {
            return Poll::Ready(Err(Displaced));
        }
        self.bell.register(context.waker());
        if self.rung.load(Ordering::Acquire) {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Called by the connection before it looks for work, so that later rings count.
    pub fn answer(&self) {
        self.rung.store(false, Ordering::Release);
    }
}

/// A handle that the subscription index keeps: cheap to clone, in an order that does not change while it is kept.
#[derive(Clone)]
pub struct SessionHandle(Arc<SessionCell>);

impl SessionHandle {
    /// Puts a Session in its place.
    pub fn new(session: Session, epoch: u64, phase: CellPhase) -> Self {
        Self(Arc::new(SessionCell::new(session, epoch, phase)))
    }

    /// A handle that does not keep the Session.
    pub fn downgrade(&self) -> WeakSession {
        WeakSession(Arc::downgrade(&self.0))
    }

    /// The cell as something that acknowledgements of peers can ring.
    pub fn as_ack_notify(&self) -> Arc<dyn AckNotify> {
        Arc::clone(&self.0) as Arc<dyn AckNotify>
    }
}

/// A handle that does not keep its Session.
#[derive(Debug)]
pub struct WeakSession(Weak<SessionCell>);

impl WeakSession {
    /// The Session, while something else keeps it.
    pub fn upgrade(&self) -> Option<SessionHandle> {
        self.0.upgrade().map(SessionHandle)
    }

    /// Whether something else keeps the Session.
    pub fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl fmt::Debug for SessionCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.client_id)
    }
}

impl AckNotify for SessionCell {
    fn acked(&self) {
        self.ring();
    }
}

impl std::ops::Deref for SessionHandle {
    type Target = SessionCell;

    fn deref(&self) -> &SessionCell {
        &self.0
    }
}

impl ShareKey for SessionHandle {
    fn share_key(&self) -> u64 {
        self.0.share_key
    }
}

impl PartialEq for SessionHandle {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SessionHandle {}

impl PartialOrd for SessionHandle {
    fn partial_cmp(&self, other: &Self) -> Option<Order> {
        Some(self.cmp(other))
    }
}

impl Ord for SessionHandle {
    fn cmp(&self, other: &Self) -> Order {
        let by_place = Arc::as_ptr(&self.0).cmp(&Arc::as_ptr(&other.0));
        // Where Sessions lie in memory differs from run to run, and a simulation must not.
        if cfg!(test) {
            return self.client_id.cmp(&other.client_id).then(by_place);
        }
        by_place
    }
}

impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.0.client_id)
    }
}
