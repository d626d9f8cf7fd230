//! A publisher, which knows what was acknowledged to it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use emqxctl::demo::link::{Link, LinkEvent, LinkOptions, Protocol};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::{ANSWER_WAIT, Tally};
use crate::test_cluster::TestCluster;
use crate::unique;

/// Between two messages.
const PUBLISH_EVERY: Duration = Duration::from_millis(50);
/// Payload of a message, bytes: so many that a slow link has something to carry.
const PAYLOAD_BYTES: usize = 1_000;
/// Messages that are not acknowledged, at most.
const UNACKNOWLEDGED_MAX: usize = 32;
/// Longer than a node stands still in a test.
const KEEP_ALIVE: Duration = Duration::from_secs(300);

/// A publisher at work.
pub struct Source {
    pub(super) number: usize,
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

    /// One of QoS 1 and one of QoS 2 on each of the nodes.
    pub async fn on_each(cluster: &TestCluster, tally: &Tally, nodes: &[usize]) -> Vec<Self> {
        let mut sources = Vec::new();
        for node in nodes {
            for qos in [1, 2] {
                sources.push(Self::start(tally, qos, &cluster.mqtt(*node)).await);
            }
        }
        sources
    }

    /// Stops all of them.
    pub async fn stop_all(sources: impl IntoIterator<Item = Self>) {
        for source in sources {
            source.stop().await;
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
