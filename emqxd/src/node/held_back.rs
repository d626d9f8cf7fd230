//! Deliveries to Sessions whose clients take nothing now: put into their queues some milliseconds later, many at a time.
//!
//! Thousands of clients that do not read have thousands of long queues, which lie cold in memory. To visit a queue for
//! one message costs nearly as much as for twenty, so the visits are made for many messages at once, in small slices,
//! by a task of its own: neither a message for clients that do read nor the publisher waits for them. What many Sessions
//! get alike is held once for all of them ([`DeliveryRun`]).
//!
//! Order is kept: a Session with deliveries here gets every further one by this way too. Whoever must find a Session
//! complete settles first (`Broker::settle_held_back`), as barriers do.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::broker::Broker;
use super::publish::share_woken_task;
use super::session_cell::SessionHandle;
use crate::message::{Delivery, Message};
use crate::routing::receivers::Receivers;
use crate::routing::router::Match;
use crate::session::delivery_run::DeliveryRun;
use crate::time::Timestamp;
use crate::watch;

/// How long a delivery may lie here before its turn.
const HOLD_FOR: Duration = Duration::from_millis(20);

/// Deliveries that lie here, at most (and those of one message more); with more, the publisher puts them into their
/// queues itself.
const DELIVERIES_MAX: usize = 1 << 18;

/// The same for the bytes of their messages, each counted once.
const BYTES_MAX: usize = 16 << 20;

/// Buffers are kept for so long without a delivery.
const REST_AFTER: Duration = Duration::from_secs(1);

/// Sessions that get theirs before others of the worker have their turn.
const SLICE: usize = 64;

/// Pause between slices, while no more than `DELIVERIES_MANY` wait.
const PAUSE: Duration = Duration::from_millis(1);

/// So many waiting deliveries are put into their queues without pause.
const DELIVERIES_MANY: usize = DELIVERIES_MAX / 2;

/// What is held back on a node.
#[derive(Debug, Default)]
pub struct HeldBack {
    waiting: Mutex<Waiting>,
    /// Taken before `waiting`, so that what came first is put into its queue first.
    putting: Mutex<Putting>,
    bell: Notify,
    hurry: Notify,
}

/// Messages and who is to get them.
#[derive(Debug, Default)]
struct Waiting {
    messages: Vec<ForMany>,
    /// Of all messages, one after the other: where the receiver is in the message's crowd, or in `own`.
    receivers: Vec<u32>,
    /// Numbers of the receivers' Sessions.
    sessions: Vec<u64>,
    /// Receivers of messages that have no crowd.
    own: Vec<Match<SessionHandle>>,
    bytes: usize,
}

#[derive(Debug)]
struct ForMany {
    message: Arc<Message>,
    receivers: Range<usize>,
    crowd: Option<Arc<Vec<Match<SessionHandle>>>>,
}

/// On the way into queues: what is for one Session together, in the order in which it came.
#[derive(Debug, Default)]
struct Putting {
    of: Waiting,
    /// Of each delivery.
    order: Vec<Place>,
    /// Of `order`.
    next: usize,
    shared: SharedRuns,
}

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Number of its Session.
    session: u64,
    message: usize,
    receiver: usize,
}

/// What the last Session got; the next one nearly always gets the same.
#[derive(Debug, Default)]
struct SharedRuns {
    of: Vec<Place>,
    runs: Vec<Arc<DeliveryRun>>,
}

/// What is still held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Some,
    Much,
}

impl HeldBack {
    /// Holds back a message for those of the receivers that are at `places`. Whether there is room for more.
    pub(super) fn add(
        &self,
        message: &Arc<Message>,
        receivers: &Receivers<SessionHandle>,
        places: &[u32],
    ) -> bool {
        let mut waiting = self.waiting.lock();
        let was_empty = waiting.messages.is_empty();
        waiting.add(message, receivers, places);
        let has_room = waiting.sessions.len() < DELIVERIES_MAX && waiting.bytes < BYTES_MAX;
        drop(waiting);
        if was_empty {
            self.bell.notify_one();
        }
        has_room
    }

    /// A client can take what is held back for it.
    pub fn hurry(&self) {
        self.hurry.notify_waiters();
    }

    /// Puts all that is here now into its queues. Returns how many messages were dropped.
    fn settle(&self, now: Timestamp) -> u64 {
        let mut putting = self.putting.lock();
        let before = putting.put(usize::MAX, now);
        putting.begin(&self.waiting);
        before + putting.put(usize::MAX, now)
    }

    /// Puts what is here for so many Sessions into their queues. Returns how many messages were dropped, and what is
    /// left.
    fn put_some(&self, sessions: usize, now: Timestamp) -> (u64, Left) {
        let mut putting = self.putting.lock();
        if putting.is_done() {
            putting.begin(&self.waiting);
        }
        let dropped = putting.put(sessions, now);
        let waiting = self.waiting.lock().sessions.len();
        let left = if waiting > DELIVERIES_MANY {
            Left::Much
        } else if waiting > 0 || !putting.is_done() {
            Left::Some
        } else {
            Left::Nothing
        };
        (dropped, left)
    }

    /// Waits for so long, or until there is hurry.
    async fn wait(&self, time: Duration) {
        tokio::select! {
            biased;
            () = tokio::time::sleep(time) => {}
            () = self.hurry.notified() => {}
        }
    }

    /// Waits for something to do.
    async fn rung(&self) {
        if tokio::time::timeout(REST_AFTER, self.bell.notified())
            .await
            .is_err()
        {
            self.rest();
            self.bell.notified().await;
        }
    }

    /// Gives the memory of buffers back that steady traffic uses again and again.
    fn rest(&self) {
        let mut putting = self.putting.lock();
        if putting.is_done() {
            *putting = Putting::default();
        }
        let mut waiting = self.waiting.lock();
        if waiting.messages.is_empty() {
            *waiting = Waiting::default();
        }
    }
}

impl Waiting {
    fn add(
        &mut self,
        message: &Arc<Message>,
        receivers: &Receivers<SessionHandle>,
        places: &[u32],
    ) {
        let first = self.sessions.len();
        let found = || places.iter().filter_map(|at| receivers.get(*at as usize));
        self.sessions.extend(found().map(|each| {
            each.subscriber.hold_back();
            each.subscriber.number()
        }));
        let crowd = receivers.crowd().cloned();
        if crowd.is_some() {
            self.receivers.extend_from_slice(places);
        } else {
            let own = self.own.len() as u32;
            self.own.extend(found().cloned());
            self.receivers.extend(own..self.own.len() as u32);
        }
        self.bytes += message.bytes();
        self.messages.push(ForMany {
            message: Arc::clone(message),
            receivers: first..self.sessions.len(),
            crowd,
        });
    }

    fn clear(&mut self) {
        self.messages.clear();
        self.receivers.clear();
        self.sessions.clear();
        self.own.clear();
        self.bytes = 0;
    }

    /// Places of all deliveries: those of a Session together, each Session's in the order in which they came.
    fn order(&self, order: &mut Vec<Place>) {
        let sessions = |each: &ForMany| self.sessions.get(each.receivers.clone());
        let Some(first) = self.messages.first() else {
            return;
        };
        let all_alike = self
            .messages
            .iter()
            .all(|each| sessions(each) == sessions(first));
        if all_alike {
            for (at, session) in sessions(first).unwrap_or(&[]).iter().enumerate() {
                let theirs = self.messages.iter().enumerate();
                order.extend(theirs.map(|(message, each)| Place {
                    session: *session,
                    message,
                    receiver: each.receivers.start + at,
                }));
            }
            return;
        }
        for (message, each) in self.messages.iter().enumerate() {
            let theirs = each.receivers.clone().zip(sessions(each).unwrap_or(&[]));
            order.extend(theirs.map(|(receiver, session)| Place {
                session: *session,
                message,
                receiver,
            }));
        }
        // Nearly in order already, a run for each message: that is quick.
        order.sort();
    }

    fn found(&self, at: Place) -> Option<(&Arc<Message>, &Match<SessionHandle>)> {
        let message = self.messages.get(at.message)?;
        let place = *self.receivers.get(at.receiver)? as usize;
        let receivers = message.crowd.as_deref().unwrap_or(&self.own);
        Some((&message.message, receivers.get(place)?))
    }

    fn delivery(&self, at: Place) -> Option<Delivery> {
        let (message, found) = self.found(at)?;
        Some(found.delivery_of(message))
    }
}

impl Putting {
    const fn is_done(&self) -> bool {
        self.next >= self.order.len()
    }

    /// Goes on with what waits.
    fn begin(&mut self, waiting: &Mutex<Waiting>) {
        self.end();
        std::mem::swap(&mut self.of, &mut waiting.lock());
        self.of.order(&mut self.order);
    }

    /// For so many Sessions. Returns how many messages were dropped.
    fn put(&mut self, sessions: usize, now: Timestamp) -> u64 {
        let mut dropped = 0;
        for _ in 0..sessions {
            let Some((session, count, runs)) = self.next() else {
                self.end();
                break;
            };
            dropped += session.deliver_held_back(count, runs, now) as u64;
        }
        dropped
    }

    /// Keeps nothing alive.
    fn end(&mut self) {
        self.of.clear();
        self.order.clear();
        self.next = 0;
        self.shared = SharedRuns::default();
    }

    /// The next Session and what it gets.
    fn next(&mut self) -> Option<(&SessionHandle, usize, &[Arc<DeliveryRun>])> {
        let rest = self.order.get(self.next..)?;
        let first = *rest.first()?;
        let theirs = rest.iter().take_while(|at| at.session == first.session);
        let theirs = &rest[..theirs.count()];
        self.next += theirs.len();
        if !self.shared.is_for(theirs, &self.of) {
            let deliveries = theirs.iter().filter_map(|at| self.of.delivery(*at));
            self.shared.runs = DeliveryRun::divide(deliveries);
            self.shared.of.clear();
            self.shared.of.extend(theirs);
        }
        let (_, found) = self.of.found(first)?;
        Some((&found.subscriber, theirs.len(), &self.shared.runs))
    }
}

impl SharedRuns {
    fn is_for(&self, theirs: &[Place], of: &Waiting) -> bool {
        let is_alike = |(one, other): (&Place, &Place)| {
            one.message == other.message
                && of
                    .found(*one)
                    .zip(of.found(*other))
                    .is_some_and(|((_, one), (_, other))| one.is_granted_as(other))
        };
        self.of.len() == theirs.len() && self.of.iter().zip(theirs).all(is_alike)
    }
}

impl Broker {
    /// Puts all that is held back now into its queues.
    pub(super) fn settle_held_back(&self) {
        let dropped = self.held_back.settle(self.clock.now());
        self.metrics.dropped_queue_full.add(dropped);
    }
}

/// Puts what is held back into its queues, until `stop` turns true.
pub async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            biased;
            () = broker.held_back.rung() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        broker.held_back.wait(HOLD_FOR).await;
        // Another worker listens for clients meanwhile.
        share_woken_task();
        loop {
            let (dropped, left) = broker.held_back.put_some(SLICE, broker.clock.now());
            broker.metrics.dropped_queue_full.add(dropped);
            match left {
                Left::Nothing => break,
                // Little by little: clients that do read hardly notice.
                Left::Some => broker.held_back.wait(PAUSE).await,
                Left::Much => tokio::task::yield_now().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    use super::*;
    use crate::message::MessageId;
    use crate::node::session_cell::CellPhase;
    use crate::packet::{ClientId, QoS};
    use crate::session::{Session, SessionConfig};
    use crate::topic::TopicName;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn session(number: usize) -> SessionHandle {
        let client_id = ClientId::new(&format!("c{number}")).unwrap();
        let session = Session::new(client_id, Arc::new(SessionConfig::default()), NOW);
        SessionHandle::new(session, 1, CellPhase::Live)
    }

    fn message(number: u64, qos: QoS) -> Arc<Message> {
        Arc::new(Message {
            id: MessageId { origin: 1, number },
            topic: TopicName::new("t").unwrap(),
            payload: bytes::Bytes::from(vec![0; number as usize % 50]),
            qos,
            retain: false,
            publisher: None,
            received_at: NOW,
            expires_at: (number.is_multiple_of(11)).then_some(NOW + Duration::from_secs(1)),
            properties: None,
        })
    }

    fn matched(session: &SessionHandle, qos: QoS) -> Match<SessionHandle> {
        Match {
            subscriber: session.clone(),
            qos,
            retain_as_published: false,
            identifiers: smallvec::SmallVec::new(),
        }
    }

    /// Holds it back for all receivers but the first, who takes it at once.
    fn add(
        held_back: &HeldBack,
        message: &Arc<Message>,
        receivers: &[Match<SessionHandle>],
        is_crowd: bool,
    ) -> bool {
        let mut list = vec![matched(&session(999), QoS::AtMostOnce)];
        list.extend_from_slice(receivers);
        let places: Vec<_> = (1..list.len() as u32).collect();
        held_back.add(message, &Receivers::of(list, is_crowd), &places)
    }

    fn queued(session: &SessionHandle) -> Vec<(u64, QoS)> {
        let state = session.lock().session.export(NOW);
        let each = state.queue.iter();
        each.map(|delivery| (delivery.message.id.number, delivery.qos))
            .collect()
    }

    /// Whatever is held back for whom, and however it is put: each Session has what it would have had at once.
    #[test]
    fn every_session_gets_its_messages_in_their_order() {
        for seed in 0..200 {
            let mut random = StdRng::seed_from_u64(seed);
            let held_back = HeldBack::default();
            let sessions: Vec<_> = (0..20).map(session).collect();
            let mut expected = vec![Vec::new(); sessions.len()];
            let all_alike = random.random_bool(0.3);
            for number in 1..random.random_range(2..60) {
                let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]
                    [random.random_range(0..3)];
                let message = message(number, qos);
                let mut receivers = Vec::new();
                for (session, expected) in sessions.iter().zip(&mut expected) {
                    let granted = if all_alike || random.random_bool(0.9) {
                        QoS::ExactlyOnce
                    } else {
                        QoS::AtMostOnce
                    };
                    if all_alike || random.random_bool(0.9) {
                        receivers.push(matched(session, granted));
                        expected.push((number, qos.min(granted)));
                    }
                }
                add(&held_back, &message, &receivers, random.random());
                match random.random_range(0..6) {
                    0 => drop(held_back.settle(NOW)),
                    1 => drop(held_back.put_some(random.random_range(0..30), NOW)),
                    _ => {}
                }
            }
            while held_back.put_some(random.random_range(1..10), NOW).1 != Left::Nothing {}
            for (session, expected) in sessions.iter().zip(&expected) {
                assert_eq!(queued(session), *expected, "seed {seed}");
                assert!(!session.has_held_back());
            }
        }
    }

    #[test]
    fn says_when_there_is_no_more_room() {
        let held_back = HeldBack::default();
        let session = session(1);
        let mut large = (*message(1, QoS::AtMostOnce)).clone();
        large.payload = bytes::Bytes::from(vec![0; BYTES_MAX]);
        let receivers = [matched(&session, QoS::AtMostOnce)];
        assert!(add(
            &held_back,
            &message(1, QoS::AtMostOnce),
            &receivers,
            false
        ));
        assert!(!add(&held_back, &Arc::new(large), &receivers, true));
        assert!(session.has_held_back());
        held_back.settle(NOW);
        assert!(!session.has_held_back());
        assert_eq!(queued(&session).len(), 2);
    }

    #[test]
    fn a_session_that_is_gone_gets_nothing() {
        let held_back = HeldBack::default();
        let session = session(1);
        let receivers = [matched(&session, QoS::AtLeastOnce)];
        add(&held_back, &message(1, QoS::AtLeastOnce), &receivers, true);
        session.set_phase(&mut session.lock(), CellPhase::Gone);
        assert_eq!(held_back.settle(NOW), 0);
        assert_eq!(queued(&session), []);
        assert!(!session.has_held_back());
    }
}
