//! Publishers and Sessions of which every message is counted: who acknowledged it, and which Sessions have got it.
//!
//! Every Session here is subscribed to what every publisher publishes, so each acknowledged message has to reach each of
//! them: at least once with QoS 1, and with QoS 2 exactly once.
//!
//! - [`source`]: a publisher; [`receiver`]: a client with a Session; [`sessions`]: all Sessions of a test.

pub mod receiver;
pub mod sessions;
pub mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use receiver::Receiver;
pub use sessions::Sessions;
pub use source::Source;

use crate::{eventually, unique};

/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A client waits so long for an answer.
const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// A message: the number of its publisher and its own.
type Which = (usize, u32);

/// Packet Identifiers of QoS 2 that a client has, and its Server has not released: the client's part of a Session.
type Unreleased = Arc<Mutex<BTreeSet<u16>>>;

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
    /// Of each client's latest Session.
    unreleased: BTreeMap<String, Unreleased>,
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
        action(&mut lock(&self.counts))
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

    /// Of a client's Session, which is a new one or the one that it had.
    fn unreleased(&self, client_id: &str, is_new: bool) -> Unreleased {
        self.with(|counts| {
            let known = counts.unreleased.entry(client_id.to_owned()).or_default();
            if is_new {
                // A connection that still has the former one goes on with it.
                *known = Unreleased::default();
            }
            known.clone()
        })
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
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Every change is complete in itself, so a panic elsewhere leaves nothing half-done.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
