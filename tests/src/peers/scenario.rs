//! The work that brokers are compared on.

use std::net::SocketAddr;
use std::time::Duration;

use emqxctl::bench::{Load, Pace, SourceAddresses, TopicPattern, Version};

/// Messages that each publisher has under way.
const WINDOW: u32 = 10;

/// Publishers, and as many subscribers.
const PAIRS: u32 = 100;

/// Subscribers of one publisher.
const FAN: u32 = 1_000;

/// Clients that do nothing.
pub const IDLE: u32 = 10_000;

/// A closed loop ends after this time, also when a broker has not done its work by then.
const AT_MOST: Duration = Duration::from_secs(60);

/// An open loop lasts so long, behind a warm-up.
const OPEN_FOR: Duration = Duration::from_secs(4);

/// Before anything is counted, so that connections and buffers have their size.
const WARM_UP: Duration = Duration::from_millis(300);

/// Who sends to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 100 publishers, each to a subscriber of its own; closed loop.
    P2p,
    /// One publisher to 1,000 subscribers; closed loop.
    FanOut,
    /// 10,000 clients that do nothing.
    Idle,
    /// As [`Kind::P2p`], at a pace.
    Latency,
}

/// A piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Who sends to whom.
    pub kind: Kind,
    /// Bytes of each payload.
    pub payload_bytes: usize,
    /// Of messages and subscriptions.
    pub qos: u8,
}

impl Scenario {
    /// All that there are.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for kind in [Kind::P2p, Kind::FanOut] {
            for payload_bytes in [64, 1_024] {
                all.extend([0, 1, 2].map(|qos| Self {
                    kind,
                    payload_bytes,
                    qos,
                }));
            }
        }
        all.extend([0, 1].map(|qos| Self {
            kind: Kind::Latency,
            payload_bytes: 64,
            qos,
        }));
        all.push(Self {
            kind: Kind::Idle,
            payload_bytes: 64,
            qos: 0,
        });
        all
    }

    /// `p2p-64-q0`, `fanout-1024-q2`, `latency-64-q1`, `idle`.
    pub fn name(self) -> String {
        let kind = match self.kind {
            Kind::P2p => "p2p",
            Kind::FanOut => "fanout",
            Kind::Latency => "latency",
            Kind::Idle => return "idle".to_owned(),
        };
        format!("{kind}-{}-q{}", self.payload_bytes, self.qos)
    }

    /// A sentence for people.
    pub fn describe(self, work: &Work) -> String {
        let load = self.load(SocketAddr::from(([127, 0, 0, 1], 0)), work);
        let what = format!("{} B, QoS {}", self.payload_bytes, self.qos);
        match (self.kind, load.pace) {
            (Kind::Idle, _) => {
                format!("{IDLE} clients connect from as many addresses and do nothing")
            }
            (_, Pace::Open { per_sec }) => format!(
                "{PAIRS} publishers to {PAIRS} subscribers, {what}: {per_sec} messages a second for {OPEN_FOR:?}"
            ),
            (_, Pace::Closed { window }) => format!(
                "{} publishers, {} subscribers, {what}: {} messages, {window} of each publisher under way",
                load.publishers,
                load.subscribers,
                load.messages_max.unwrap_or_default()
            ),
        }
    }

    /// Messages to publish in a closed loop, so that the brokers that are known need seconds rather than minutes.
    fn messages(self, work: &Work) -> u64 {
        let deliveries = match (self.kind, self.qos) {
            (Kind::P2p, 0) => 200_000,
            (Kind::P2p, 1) => 100_000,
            (Kind::P2p, _) => 60_000,
            (_, 0) => 300_000,
            (_, 1) => 150_000,
            (_, _) => 100_000,
        };
        let copies = if self.kind == Kind::FanOut { FAN } else { 1 };
        let messages = f64::from(deliveries) / f64::from(copies) * work.scale;
        (messages as u64).max(1)
    }

    /// For the engine of `emqxctl bench`.
    pub fn load(self, target: SocketAddr, work: &Work) -> Load {
        let (publishers, subscribers) = match self.kind {
            Kind::P2p | Kind::Latency => (PAIRS, PAIRS),
            Kind::FanOut => (1, FAN),
            Kind::Idle => (0, 0),
        };
        let topic = match self.kind {
            Kind::FanOut => "bench/all",
            _ => "bench/%i",
        };
        let pattern = TopicPattern::parse(topic).unwrap_or_else(|why| unreachable!("{why}"));
        let is_closed = matches!(self.kind, Kind::P2p | Kind::FanOut);
        let sources = SourceAddresses::parse("127.0.0.0/8");
        Load {
            targets: vec![target],
            sources: sources.unwrap_or_default(),
            // The one that every peer speaks.
            version: Version::V3_1_1,
            prefix: "peers".to_owned(),
            start_number: 0,
            username: None,
            password: None,
            keep_alive_s: 300,
            clean_start: true,
            session_expiry_interval_s: 0,
            connect_per_sec: None,
            idle: if self.kind == Kind::Idle {
                work.idle
            } else {
                0
            },
            subscribers,
            publishers,
            topic: pattern.clone(),
            filter: pattern,
            qos: self.qos,
            retain: false,
            payload_bytes: self.payload_bytes,
            pace: if is_closed {
                Pace::Closed { window: WINDOW }
            } else {
                Pace::Open {
                    per_sec: work.rate.into(),
                }
            },
            copies: (publishers > 0).then_some(if self.kind == Kind::FanOut { FAN } else { 1 }),
            messages_max: is_closed.then(|| self.messages(work)),
            duration: match self.kind {
                Kind::P2p | Kind::FanOut => AT_MOST,
                Kind::Latency => OPEN_FOR,
                // Until memory has settled.
                Kind::Idle => Duration::from_secs(1),
            },
            warm_up: if publishers > 0 {
                WARM_UP
            } else {
                Duration::ZERO
            },
        }
    }
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// Multiplies the number of messages.
    pub scale: f64,
    /// Messages a second of an open loop, at least 1.
    pub rate: u32,
    /// Clients that do nothing.
    pub idle: u32,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_different_and_loads_make_sense() {
        let work = Work {
            scale: 0.001,
            rate: 1_000,
            idle: IDLE,
        };
        let all = Scenario::all();
        let names: BTreeSet<String> = all.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), all.len());
        for scenario in all {
            let load = scenario.load(SocketAddr::from(([127, 0, 0, 1], 1)), &work);
            assert!(load.messages_max != Some(0), "{}", scenario.name());
            assert!(load.clients() > 0);
        }
    }
}
