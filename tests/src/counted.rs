//! Publishers and Sessions of which every message is counted: who acknowledged it, and which Sessions have got it.
//!
//! Every Session here is subscribed to what every publisher publishes, so each acknowledged message has to reach each of
//! them: at least once with QoS 1, and with QoS 2 exactly once.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use emqxctl::demo::link::{Link, LinkEvent, LinkOptions, Protocol};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use crate::raw::{Connect, Packet, RawClient, puback, subscribe};
use crate::{eventually, unique};

/// Between two messages of a publisher.
const PUBLISH_EVERY: Duration = Duration::from_millis(50);
/// Payload of a message, bytes: so many that a slow link has something to carry.
const PAYLOAD_BYTES: usize = 1_000;
/// Messages of a publisher that are not acknowledged, at most.
const UNACKNOWLEDGED_MAX: usize = 32;
/// A client waits so long for an answer.
const ANSWER_WAIT: Duration = Duration::from_secs(60);
/// Longer than a node stands still in a test.
const KEEP_ALIVE: Duration = Duration::from_secs(300);

/// A message: the number of its publisher and its own.
type Which = (usize, u32);

/// What has happened to all messages of one test. Clones are the same.
#[derive(Clone)]
pub struct Tally {
    topic: String,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    /// QoS of each publisher's messages.
    publishers: Vec<u8>,
    acknowledged: BTreeSet<Which>,
    refused: u32,
    /// How often each Session has got each message.
    received: BTreeMap<String, BTreeMap<Which, u32>>,
    /// Messages that each Session got after a later one of their publisher.
    late: BTreeMap<String, Vec<Which>>,
    /// Packet Identifiers of QoS 2 that a client has, and its Server has not released: part of its Session State.
    unreleased: BTreeMap<String, BTreeSet<u16>>,
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

impl Tally {
    /// Of a test that has its topics for itself.
    pub fn new() -> Self {
        Self {
            topic: unique("counted"),
            counts: Arc::default(),
        }
    }

    fn with<R>(&self, action: impl FnOnce(&mut Counts) -> R) -> R {
        // Every change is complete in itself.
        action(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn received(&self, session: &str, payload: &[u8]) {
        let which = message_of(payload);
        self.with(|counts| {
            let received = counts.received.entry(session.to_owned()).or_default();
            let times = received.entry(which).or_default();
            *times += 1;
            if *times == 1 {
                let mut later = received.range((which.0, which.1 + 1)..(which.0 + 1, 0));
                if later.next().is_some() {
                    let late = counts.late.entry(session.to_owned()).or_default();
                    late.push(which);
                }
            }
        });
    }

    fn unreleased<R>(&self, session: &str, action: impl FnOnce(&mut BTreeSet<u16>) -> R) -> R {
        self.with(|counts| action(counts.unreleased.entry(session.to_owned()).or_default()))
    }

    /// Messages acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.with(|counts| counts.acknowledged.len())
    }

    /// Messages that a node has refused so far: no success in its PUBACK or PUBREC.
    pub fn refused(&self) -> u32 {
        self.with(|counts| counts.refused)
    }

    /// Messages (publisher, number) that a Session got after a later one of their publisher.
    pub fn late(&self, session: &str) -> Vec<(usize, u32)> {
        self.with(|counts| counts.late.get(session).cloned().unwrap_or_default())
    }

    /// Returns once so many more messages were acknowledged to each of the publishers.
    pub async fn flows(&self, sources: &[Source], more: usize, limit: Duration) {
        let counts = || {
            self.with(|counts| {
                let count = |source: &Source| {
                    let all = (source.number, 0)..(source.number + 1, 0);
                    counts.acknowledged.range(all).count()
                };
                sources.iter().map(count).collect::<Vec<_>>()
            })
        };
        let before = counts();
        let what = format!("{more} more acknowledgements to each publisher than {before:?}");
        eventually(&what, limit, || async {
            let now = counts();
            let mut each = before.iter().zip(&now);
            each.all(|(before, now)| *now >= before + more)
                .then_some(())
        })
        .await;
    }

    /// Acknowledged messages (publisher, number) that a Session has not got.
    pub fn missing(&self, session: &str) -> Vec<(usize, u32)> {
        self.with(|counts| {
            let received = counts.received.get(session);
            let is_missing =
                |which: &&Which| received.is_none_or(|received| !received.contains_key(which));
            let acknowledged = counts.acknowledged.iter();
            acknowledged.filter(is_missing).copied().collect()
        })
    }

    /// Messages (publisher, number) of QoS 2 that a Session has got more than once.
    pub fn repeated(&self, session: &str) -> Vec<(usize, u32)> {
        self.with(|counts| {
            let received = counts.received.get(session);
            let received = received.into_iter().flatten();
            received
                .filter(|((publisher, _), times)| **times > 1 && counts.publishers[*publisher] == 2)
                .map(|(which, _)| *which)
                .collect()
        })
    }

    /// Returns once each of the Sessions has got all that was acknowledged.
    pub async fn complete(&self, sessions: &[&str], limit: Duration) {
        let deadline = Instant::now() + limit;
        for session in sessions {
            loop {
                let missing = self.missing(session);
                if missing.is_empty() {
                    break;
                }
                assert!(
                    Instant::now() < deadline,
                    "{session} lacks {} of {} acknowledged messages (publisher, number): {:?}",
                    missing.len(),
                    self.acknowledged(),
                    &missing[..missing.len().min(20)]
                );
                tokio::time::sleep(PUBLISH_EVERY).await;
            }
        }
    }
}

fn message_of(payload: &[u8]) -> Which {
    let text = String::from_utf8_lossy(payload);
    let mut parts = text.split(':');
    let mut number = || parts.next()?.parse::<u32>().ok();
    match (number(), number()) {
        (Some(publisher), Some(number)) => (publisher as usize, number),
        _ => panic!("no counted message: {text}"),
    }
}

/// A publisher at work.
pub struct Source {
    number: usize,
    client_id: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Source {
    /// Connects, and publishes with that QoS until it is [stopped](Self::stop).
    pub async fn start(tally: &Tally, qos: u8, address: &str) -> Self {
        let number = tally.with(|counts| {
            counts.publishers.push(qos);
            counts.publishers.len() - 1
        });
        let client_id = unique("source");
        let options = LinkOptions {
            keep_alive: KEEP_ALIVE,
            ..LinkOptions::clean(&client_id, Protocol::V5, address)
        };
        let mut link = Link::open(&options).expect("host:port");
        accepted(&mut link, &client_id).await;
        let (stop, is_stopped) = oneshot::channel();
        let work = Work {
            topic: format!("{}/{number}", tally.topic),
            tally: tally.clone(),
            number,
            qos,
            link,
            next: 0,
            submitted: VecDeque::new(),
            in_flight: HashMap::new(),
        };
        Self {
            number,
            client_id,
            stop: Some(stop),
            task: tokio::spawn(work.run(is_stopped)),
        }
    }

    /// Publishes no more, and waits for all acknowledgements.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        let ended = tokio::time::timeout(ANSWER_WAIT, &mut self.task).await;
        match ended {
            Ok(ended) => ended.expect("a publisher that does not fail"),
            Err(_) => panic!("{} lacks acknowledgements", self.client_id),
        }
    }
}

struct Work {
    tally: Tally,
    topic: String,
    number: usize,
    qos: u8,
    link: Link,
    next: u32,
    /// Given to the link, which has not told the Packet Identifier yet.
    submitted: VecDeque<u32>,
    in_flight: HashMap<u16, u32>,
}

impl Work {
    async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let mut tick = tokio::time::interval(PUBLISH_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_stopped = false;
        while !(is_stopped && self.submitted.is_empty() && self.in_flight.is_empty()) {
            tokio::select! {
                event = self.link.next() => self.take(event),
                _ = tick.tick(), if !is_stopped => self.publish(),
                _ = &mut stop, if !is_stopped => is_stopped = true,
            }
        }
    }

    fn publish(&mut self) {
        if self.submitted.len() + self.in_flight.len() >= UNACKNOWLEDGED_MAX {
            return;
        }
        let payload = format!("{}:{}:", self.number, self.next);
        let payload = format!("{payload:-<PAYLOAD_BYTES$}").into_bytes();
        if self.link.try_publish(&self.topic, self.qos, payload) {
            self.submitted.push_back(self.next);
            self.next += 1;
        }
    }

    fn take(&mut self, event: Option<LinkEvent>) {
        match event {
            Some(LinkEvent::Sent { packet_id }) => {
                let number = self.submitted.pop_front().expect("it was submitted");
                self.in_flight.insert(packet_id, number);
            }
            Some(LinkEvent::Acknowledged {
                packet_id,
                is_success,
            }) => {
                let number = self.in_flight.remove(&packet_id).expect("it was sent");
                self.tally.with(|counts| {
                    if is_success {
                        counts.acknowledged.insert((self.number, number));
                    } else {
                        counts.refused += 1;
                    }
                });
            }
            Some(LinkEvent::Closed(closed)) => panic!("a publisher was cut off: {closed:?}"),
            Some(_) => {}
            None => panic!("a publisher was cut off"),
        }
    }
}

/// Waits for the CONNACK.
async fn accepted(link: &mut Link, client_id: &str) {
    match tokio::time::timeout(ANSWER_WAIT, link.next()).await {
        Ok(Some(LinkEvent::Accepted { .. })) => {}
        other => panic!("{client_id} was not accepted: {other:?}"),
    }
}

/// A client with a Session that outlives its connections, subscribed to all that is counted with QoS 2.
pub struct Receiver {
    client_id: String,
    leave: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<Option<u8>>>,
    /// Session Present of its CONNACK.
    pub session_present: bool,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Connects, and subscribes unless it has a Session already.
    pub async fn connect(tally: &Tally, client_id: &str, address: &str) -> Self {
        let (client, session_present) = opened(tally, client_id, address).await;
        Self::spawn(tally, client_id, client, session_present)
    }

    fn spawn(tally: &Tally, client_id: &str, client: RawClient, session_present: bool) -> Self {
        let (leave, leaves) = oneshot::channel();
        let receiving = receive(tally.clone(), client_id.to_owned(), client, leaves);
        Self {
            client_id: client_id.to_owned(),
            leave: Some(leave),
            task: tokio::spawn(receiving),
            session_present,
        }
    }

    /// Connects elsewhere while it is connected, and finds its Session there. The older connection is read to its end,
    /// DISCONNECT 0x8E, before the newer one is.
    pub async fn moves(self, tally: &Tally, address: &str) -> Self {
        let client_id = self.client_id.clone();
        let (client, session_present) = opened(tally, &client_id, address).await;
        assert!(session_present, "{client_id} at {address}");
        assert_eq!(self.closed().await, Some(0x8E), "{client_id}");
        Self::spawn(tally, &client_id, client, session_present)
    }

    /// Sends DISCONNECT; the Session stays.
    pub async fn disconnect(mut self) {
        drop(self.leave.take());
        assert_eq!(self.end().await, None, "{} was told to go", self.client_id);
    }

    /// Waits for the Server to end the connection; the Reason Code of its DISCONNECT.
    pub async fn closed(mut self) -> Option<u8> {
        self.end().await
    }

    async fn end(&mut self) -> Option<u8> {
        match tokio::time::timeout(ANSWER_WAIT, &mut self.task).await {
            Ok(ended) => ended
                .expect("a client that does not fail")
                .expect("an end in order"),
            Err(_) => panic!("{} is still connected", self.client_id),
        }
    }
}

async fn opened(tally: &Tally, client_id: &str, address: &str) -> (RawClient, bool) {
    match tokio::time::timeout(ANSWER_WAIT, open(tally, client_id, address)).await {
        Ok(opened) => opened.expect("a connection"),
        Err(_) => panic!("{client_id} got no answer within {ANSWER_WAIT:?}"),
    }
}

async fn open(tally: &Tally, client_id: &str, address: &str) -> io::Result<(RawClient, bool)> {
    let connect = Connect::persistent(client_id, Protocol::V5);
    let (mut client, session_present) = RawClient::accepted(address, &connect).await?;
    if !session_present {
        tally.unreleased(client_id, BTreeSet::clear);
        let filter = format!("{}/+", tally.topic);
        client.send(&subscribe(Protocol::V5, 1, &filter, 2)).await?;
        let answer = client.receive().await?;
        let granted = Packet::SubAck { codes: vec![2] };
        assert_eq!(answer, Some(granted), "{client_id}");
    }
    Ok((client, session_present))
}

/// Takes messages until the connection ends; the Reason Code of a DISCONNECT.
async fn receive(
    tally: Tally,
    client_id: String,
    mut client: RawClient,
    mut leave: oneshot::Receiver<()>,
) -> io::Result<Option<u8>> {
    let mut is_leaving = false;
    loop {
        let packet = tokio::select! {
            packet = client.receive() => packet?,
            _ = &mut leave, if !is_leaving => {
                is_leaving = true;
                client.send(&DISCONNECT).await?;
                continue;
            }
        };
        let answer = match packet {
            Some(Packet::Publish {
                qos: 2,
                packet_id,
                payload,
                ..
            }) => {
                // The second copy of one that is not released is the same message.
                if tally.unreleased(&client_id, |ids| ids.insert(packet_id)) {
                    tally.received(&client_id, &payload);
                }
                acknowledgement(PUBREC, packet_id)
            }
            Some(Packet::Publish {
                packet_id, payload, ..
            }) => {
                tally.received(&client_id, &payload);
                puback(packet_id)
            }
            Some(Packet::Other { kind: PUBREL, body }) => {
                let packet_id = u16::from_be_bytes([body[0], body[1]]);
                tally.unreleased(&client_id, |ids| ids.remove(&packet_id));
                acknowledgement(PUBCOMP, packet_id)
            }
            Some(Packet::Disconnect { code, .. }) => return Ok(Some(code)),
            Some(other) => panic!("{client_id} got {other:?}"),
            None => return Ok(None),
        };
        if !is_leaving {
            // When it fails, the connection has ended, and reading tells so.
            let _ = client.send(&answer).await;
        }
    }
}

/// First bytes of packets.
const PUBREC: u8 = 0x50;
const PUBREL: u8 = 0x62;
const PUBCOMP: u8 = 0x70;
const DISCONNECT: [u8; 2] = [0xE0, 0];

const fn acknowledgement(kind: u8, packet_id: u16) -> [u8; 4] {
    let [high, low] = packet_id.to_be_bytes();
    [kind, 2, high, low]
}
