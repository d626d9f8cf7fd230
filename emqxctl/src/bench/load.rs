//! What a load is: how many clients, what they say, at which pace, and when it ends.

use std::net::SocketAddr;
use std::time::Duration;

use super::packet::Version;
use super::source::SourceAddresses;
use super::topic_pattern::TopicPattern;

/// How publishers go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Open loop: so many messages a second of all publishers together, whatever the Server does. Latency counts
    /// from the moment at which a message was to be sent, so a Server that stalls cannot hide it.
    Open {
        /// Above 0.
        per_sec: f64,
    },
    /// Closed loop: each publisher keeps so many messages under way, at least 1. It measures what can be had, but
    /// latency only of what was sent: a Server that stalls is asked less.
    Closed {
        /// At QoS 1 and 2 up to 65,535 that are not acknowledged; with subscribers in the load, messages that have
        /// not arrived at them.
        window: u32,
    },
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Load {
    /// Servers, which clients take in turn; at least one.
    pub targets: Vec<SocketAddr>,
    /// Where clients connect from.
    pub sources: SourceAddresses,
    /// Of the protocol.
    pub version: Version,
    /// What Client Identifiers begin with.
    pub prefix: String,
    /// Number of the first client of each kind.
    pub start_number: u32,
    /// User Name.
    pub username: Option<String>,
    /// Password; only with a User Name in 3.x.
    pub password: Option<String>,
    /// Seconds; 0 for none.
    pub keep_alive_s: u16,
    /// Clean Start, or Clean Session in 3.x.
    pub clean_start: bool,
    /// Seconds; only in 5.0.
    pub session_expiry_interval_s: u32,
    /// Connections to open each second; `None` for as many as the Server takes.
    pub connect_per_sec: Option<u32>,
    /// Clients that do nothing.
    pub idle: u32,
    /// Clients that subscribe.
    pub subscribers: u32,
    /// Clients that publish.
    pub publishers: u32,
    /// To what each publisher publishes.
    pub topic: TopicPattern,
    /// To what each subscriber subscribes.
    pub filter: TopicPattern,
    /// Of messages and subscriptions.
    pub qos: u8,
    /// RETAIN of messages.
    pub retain: bool,
    /// Bytes of each payload, at least [`MARK_BYTES`](super::MARK_BYTES).
    pub payload_bytes: usize,
    /// Of the publishers.
    pub pace: Pace,
    /// How many of the load's subscribers get each message, when they are to get all.
    pub copies: Option<u32>,
    /// Ends after so many messages: published ones, or received ones when there is no publisher.
    pub messages_max: Option<u64>,
    /// Ends after this time at the latest.
    pub duration: Duration,
    /// Load before anything is counted.
    pub warm_up: Duration,
}

impl Load {
    /// Clients of all kinds.
    pub const fn clients(&self) -> u64 {
        self.idle as u64 + self.subscribers as u64 + self.publishers as u64
    }
}

/// When something is told to an [`Observer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The first connection is about to be opened.
    Connecting,
    /// All connections that could be had are there.
    Connected,
    /// From now on everything counts: after the warm-up.
    Begun,
    /// A second has passed.
    Second,
    /// Nothing is under way any more; the connections are still there.
    Ended,
}

/// What has been done so far. Messages count from [`Moment::Begun`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Connections that are open.
    pub connected: u64,
    /// Messages published.
    pub sent: u64,
    /// Messages received by all subscribers together.
    pub received: u64,
}

/// Is told how a load goes on, at once and on its thread, so that it can look at the Server in that moment.
pub trait Observer {
    /// A moment has come.
    fn moment(&mut self, moment: Moment, progress: Progress);
}

impl<F: FnMut(Moment, Progress)> Observer for F {
    fn moment(&mut self, moment: Moment, progress: Progress) {
        self(moment, progress);
    }
}

#[cfg(test)]
impl Load {
    /// Ten publishers to as many subscribers.
    pub(super) fn example(pace: Pace, qos: u8, copies: Option<u32>) -> Self {
        let topic = TopicPattern::parse("bench/%i").unwrap();
        Self {
            targets: vec![SocketAddr::from(([127, 0, 0, 1], 1))],
            sources: SourceAddresses::default(),
            version: Version::V5,
            prefix: "bench".to_owned(),
            start_number: 0,
            username: None,
            password: None,
            keep_alive_s: 0,
            clean_start: true,
            session_expiry_interval_s: 0,
            connect_per_sec: None,
            idle: 0,
            subscribers: 10,
            publishers: 10,
            topic: topic.clone(),
            filter: topic,
            qos,
            retain: false,
            payload_bytes: 64,
            pace,
            copies,
            messages_max: None,
            duration: Duration::from_secs(1),
            warm_up: Duration::ZERO,
        }
    }
}
