//! The one that publishes to all devices, with QoS 1.
//!
//! Only what the Server has acknowledged counts as published. A message whose acknowledgement was cut
//! off with the connection is not sent again: that would be a second message to the Server, and its
//! receiver could not tell it from a copy that the cluster made.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use super::board::Board;
use super::link::{Link, LinkEvent, LinkOptions, Protocol};
use super::route::Route;
use super::schedule::Schedule;

/// How often it looks at what is due.
const TICK: Duration = Duration::from_millis(5);
/// Messages without acknowledgement at most; fewer than the link allows, so that it never waits.
const UNACKNOWLEDGED_MAX: usize = 48;
/// The last acknowledgements get that long.
const FINISH_WAIT: Duration = Duration::from_secs(5);

/// Who publishes, and where to.
pub struct PublisherOptions {
    /// Client Identifier.
    pub client_id: String,
    /// `host:port`, tried in this order; not empty.
    pub addresses: Vec<String>,
    /// Topic Names, by their index on the board.
    pub topics: Vec<String>,
}

enum Order {
    Burst {
        topics: Vec<usize>,
        done: oneshot::Sender<()>,
    },
    Steady(Schedule),
    Finish(oneshot::Sender<()>),
}

/// A publisher at work. Dropping it ends it at once.
pub struct Publisher {
    orders: mpsc::Sender<Order>,
    task: JoinHandle<()>,
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Publisher {
    /// Connects and waits for orders.
    pub fn spawn(options: PublisherOptions, board: Arc<Board>) -> Self {
        let (orders, receiver) = mpsc::channel(4);
        let work = Work {
            route: Route::new(options.addresses.clone()),
            options,
            board,
            link: None,
            is_accepted: false,
            connect_at: Some(Instant::now()),
            queue: VecDeque::new(),
            submitted: VecDeque::new(),
            in_flight: HashMap::new(),
            schedule: None,
            waiting: Vec::new(),
        };
        Self {
            orders,
            task: tokio::spawn(work.run(receiver)),
        }
    }

    /// Publishes so many messages to each topic as fast as they are acknowledged, and returns then.
    pub async fn burst(&self, topics: Range<usize>, copies: u32) -> anyhow::Result<()> {
        let topics = (0..copies).flat_map(|_| topics.clone()).collect();
        let (done, is_done) = oneshot::channel();
        self.order(Order::Burst { topics, done }).await?;
        is_done.await.context("the publisher has ended")
    }

    /// Publishes on by a schedule.
    pub async fn steady(&self, schedule: Schedule) -> anyhow::Result<()> {
        self.order(Order::Steady(schedule)).await
    }

    /// Publishes no more and returns when the last acknowledgement has come, or a few seconds later.
    pub async fn finish(self) -> anyhow::Result<()> {
        let (done, is_done) = oneshot::channel();
        self.order(Order::Finish(done)).await?;
        // What is not acknowledged by then does not count as published.
        let _ = tokio::time::timeout(FINISH_WAIT, is_done).await;
        Ok(())
    }

    async fn order(&self, order: Order) -> anyhow::Result<()> {
        self.orders
            .send(order)
            .await
            .ok()
            .context("the publisher has ended")
    }
}

struct Work {
    options: PublisherOptions,
    board: Arc<Board>,
    route: Route,
    link: Option<Link>,
    is_accepted: bool,
    /// When to try again, while there is no link.
    connect_at: Option<Instant>,
    /// Topics of a burst that are still to be sent.
    queue: VecDeque<usize>,
    /// Given to the link, which has not told the Packet Identifier yet; in order.
    submitted: VecDeque<(usize, u64)>,
    in_flight: HashMap<u16, (usize, u64)>,
    schedule: Option<Schedule>,
    /// Told once nothing is to be sent or acknowledged any more.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Work {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_tick = Instant::now();
        loop {
            tokio::select! {
                event = next_event(&mut self.link) => self.handle(event),
                order = orders.recv() => match order {
                    Some(order) => self.take(order),
                    None => return,
                },
                now = tick.tick() => {
                    if let Some(schedule) = &mut self.schedule {
                        schedule.advance(now.duration_since(last_tick));
                    }
                    last_tick = now;
                    self.connect_if_due(now);
                }
            }
            self.send_due();
            if self.queue.is_empty() && self.submitted.is_empty() && self.in_flight.is_empty() {
                for waiting in self.waiting.drain(..) {
                    // Who asked may have stopped waiting.
                    let _ = waiting.send(());
                }
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Burst { topics, done } => {
                self.queue.extend(topics);
                self.waiting.push(done);
            }
            Order::Steady(schedule) => self.schedule = Some(schedule),
            Order::Finish(done) => {
                self.schedule = None;
                self.queue.clear();
                self.waiting.push(done);
            }
        }
    }

    fn connect_if_due(&mut self, now: Instant) {
        if self.link.is_some() || self.connect_at.is_none_or(|at| now < at) {
            return;
        }
        self.connect_at = None;
        let options =
            LinkOptions::clean(&self.options.client_id, Protocol::V5, self.route.address());
        match Link::open(&options) {
            Ok(link) => self.link = Some(link),
            Err(error) => self.lost(false, None, &error.to_string()),
        }
    }

    fn handle(&mut self, event: Option<LinkEvent>) {
        match event {
            Some(LinkEvent::Accepted { .. }) => {
                self.is_accepted = true;
                self.route.accepted();
            }
            Some(LinkEvent::Sent { packet_id }) => {
                if let Some(message) = self.submitted.pop_front() {
                    self.in_flight.insert(packet_id, message);
                }
            }
            Some(LinkEvent::Acknowledged {
                packet_id,
                is_success,
            }) => {
                if let Some((topic, sequence)) = self.in_flight.remove(&packet_id)
                    && is_success
                {
                    self.board.acknowledge(topic, sequence);
                }
            }
            Some(LinkEvent::Closed(closed)) => self.lost(
                closed.was_accepted,
                closed.server_reference.as_deref(),
                &closed.cause,
            ),
            Some(_) => {}
            None => self.lost(false, None, "the link has ended"),
        }
    }

    fn lost(&mut self, was_accepted: bool, server_reference: Option<&str>, cause: &str) {
        let client_id = &self.options.client_id;
        self.board
            .trouble(format!("{client_id} at {}: {cause}", self.route.address()));
        self.link = None;
        self.is_accepted = false;
        self.submitted.clear();
        self.in_flight.clear();
        let delay = if was_accepted {
            self.route.closed(server_reference, rand::random())
        } else {
            self.route.failed(rand::random())
        };
        self.connect_at = Some(Instant::now() + delay);
    }

    fn send_due(&mut self) {
        let Some(link) = self.link.as_ref().filter(|_| self.is_accepted) else {
            return;
        };
        while self.submitted.len() + self.in_flight.len() < UNACKNOWLEDGED_MAX {
            let due = self
                .queue
                .pop_front()
                .or_else(|| self.schedule.as_mut().and_then(Schedule::next_due));
            let Some(topic) = due else {
                return;
            };
            let sequence = self.board.publish(topic);
            let payload = sequence.to_string().into_bytes();
            if !link.try_publish(&self.options.topics[topic], 1, payload) {
                return;
            }
            self.submitted.push_back((topic, sequence));
        }
    }
}

async fn next_event(link: &mut Option<Link>) -> Option<LinkEvent> {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}
