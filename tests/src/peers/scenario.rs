//! The work that brokers are compared on.

use std::net::SocketAddr;
use std::time::Duration;

use emqxctl::bench::{Load, Pace, SourceAddresses, TopicPattern, Version};

use super::held_filters;

/// Messages that each publisher has under way.
const WINDOW: u32 = 10;

/// Publishers, and as many subscribers.
const PAIRS: u32 = 100;

/// Subscribers of one publisher, or publishers to one subscriber.
const FAN: u32 = 1_000;

/// Publishers, and as many subscribers, beside Retained Messages that are delivered.
const BESIDE_PAIRS: u32 = 50;

/// Their messages a second: so few that they take no time from anybody.
const BESIDE_RATE: u32 = 2_000;

/// Topic Filters that are held, and Retained Messages.
const MANY: u32 = 1_000_000;

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
    /// 1,000 publishers to one subscriber; closed loop.
    FanIn,
    /// 100 publishers to a Shared Subscription with 100 members; closed loop.
    Shared,
    /// 10,000 clients that do nothing.
    Idle,
    /// As [`Kind::P2p`], at a pace.
    Latency,
    /// As [`Kind::P2p`], while 1,000,000 other Topic Filters are held.
    HeldFilters,
    /// 1,000,000 Retained Messages are written, and delivered to a new subscriber to `#`, while others talk.
    Retained,
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
        let of = |kind, payload_bytes: usize, qos: &[u8]| {
            let of = |&qos| Self {
                kind,
                payload_bytes,
                qos,
            };
            qos.iter().map(of).collect::<Vec<_>>()
        };
        let mut all = Vec::new();
        for kind in [Kind::P2p, Kind::FanOut] {
            for payload_bytes in [64, 1 << 10, 16 << 10] {
                all.extend(of(kind, payload_bytes, &[0, 1, 2]));
            }
        }
        for kind in [
            Kind::FanIn,
            Kind::Shared,
            Kind::HeldFilters,
            Kind::Retained,
            Kind::Latency,
        ] {
            all.extend(of(kind, 64, &[0, 1]));
        }
        all.extend(of(Kind::Idle, 64, &[0]));
        all
    }

    /// `p2p-64-q0`, `fan-out-1024-q2`, `latency-64-q1`, `retained-q0`, `idle`.
    pub fn name(self) -> String {
        let kind = match self.kind {
            Kind::P2p => "p2p",
            Kind::FanOut => "fan-out",
            Kind::FanIn => "fan-in",
            Kind::Shared => "shared",
            Kind::Latency => "latency",
            Kind::HeldFilters => "filters",
            Kind::Retained => return format!("retained-q{}", self.qos),
            Kind::Idle => return "idle".to_owned(),
        };
        format!("{kind}-{}-q{}", self.payload_bytes, self.qos)
    }

    /// A sentence for people.
    pub fn describe(self, work: &Work) -> String {
        let load = self.load(SocketAddr::from(([127, 0, 0, 1], 0)), work);
        let what = format!("{} B, QoS {}", self.payload_bytes, self.qos);
        let others = match self.kind {
            Kind::Idle => {
                return format!(
                    "{} clients connect from as many addresses and do nothing",
                    work.idle
                );
            }
            Kind::Retained => {
                return format!(
                    "{} messages, QoS {}, are retained and then delivered to a new subscriber to #; beside that \
                     {BESIDE_PAIRS} publishers send {BESIDE_RATE} messages a second to {BESIDE_PAIRS} subscribers, QoS 0",
                    self.many(work),
                    self.qos
                );
            }
            Kind::HeldFilters => format!("; others hold {} Topic Filters", self.many(work)),
            Kind::Shared => " of one Shared Subscription".to_owned(),
            Kind::P2p | Kind::FanOut | Kind::FanIn | Kind::Latency => String::new(),
        };
        let (publishers, subscribers) = (load.publishers, load.subscribers);
        let how = match load.pace {
            Pace::Open { per_sec } => {
                format!("{per_sec} messages a second for {:?}", load.duration)
            }
            Pace::Closed { window } => format!(
                "{} messages, {window} of each publisher under way",
                load.messages_max.unwrap_or_default()
            ),
        };
        format!("{publishers} publishers to {subscribers} subscribers{others}, {what}: {how}")
    }

    /// Topic Filters that are held, or Retained Messages.
    pub fn many(self, work: &Work) -> u64 {
        ((f64::from(MANY) * work.scale) as u64).max(1)
    }

    /// Messages to publish in a closed loop, so that the brokers that are known need seconds rather than minutes.
    fn messages(self, work: &Work) -> u64 {
        let deliveries = match (self.kind, self.qos) {
            (Kind::FanOut, 0) => 300_000,
            (Kind::FanOut, 1) => 150_000,
            (Kind::FanOut, _) => 100_000,
            (_, 0) => 200_000,
            (_, 1) => 100_000,
            (_, _) => 60_000,
        };
        let copies = if self.kind == Kind::FanOut { FAN } else { 1 };
        // A large payload costs the machine, not only the broker.
        let larger = (self.payload_bytes as f64 / 4_096.0).max(1.0);
        let messages = f64::from(deliveries) / f64::from(copies) / larger * work.scale;
        (messages as u64).max(1)
    }

    /// Whether publishers wait for what they have under way.
    const fn is_closed(self) -> bool {
        match self.kind {
            Kind::P2p | Kind::FanOut | Kind::FanIn | Kind::Shared | Kind::HeldFilters => true,
            Kind::Idle | Kind::Latency | Kind::Retained => false,
        }
    }

    /// For the engine of `emqxctl bench`. Of [`Kind::Retained`] what goes on beside it.
    pub fn load(self, target: SocketAddr, work: &Work) -> Load {
        let (publishers, subscribers) = match self.kind {
            Kind::P2p | Kind::Latency | Kind::Shared | Kind::HeldFilters => (PAIRS, PAIRS),
            Kind::FanOut => (1, FAN),
            Kind::FanIn => (FAN, 1),
            Kind::Retained => (BESIDE_PAIRS, BESIDE_PAIRS),
            Kind::Idle => (0, 0),
        };
        let (topic, filter) = match self.kind {
            Kind::FanOut => ("bench/all", "bench/all"),
            Kind::FanIn => ("bench/%i", "bench/+"),
            Kind::Shared => ("bench/%i", "$share/bench/bench/+"),
            Kind::HeldFilters => (held_filters::TOPIC, held_filters::TOPIC),
            Kind::P2p | Kind::Latency | Kind::Retained | Kind::Idle => ("bench/%i", "bench/%i"),
        };
        let pattern =
            |text| TopicPattern::parse(text).unwrap_or_else(|why| unreachable!("{text}: {why}"));
        let is_closed = self.is_closed();
        let sources = SourceAddresses::parse("127.0.0.0/8");
        let per_sec = match self.kind {
            Kind::Retained => BESIDE_RATE,
            _ => work.rate,
        };
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
            topic: pattern(topic),
            filter: pattern(filter),
            qos: if self.kind == Kind::Retained {
                0
            } else {
                self.qos
            },
            retain: false,
            payload_bytes: self.payload_bytes,
            pace: if is_closed {
                Pace::Closed { window: WINDOW }
            } else {
                Pace::Open {
                    per_sec: per_sec.into(),
                }
            },
            copies: (publishers > 0).then_some(if self.kind == Kind::FanOut { FAN } else { 1 }),
            messages_max: is_closed.then(|| self.messages(work)),
            duration: match self.kind {
                Kind::Latency | Kind::Retained => OPEN_FOR,
                // Until memory has settled.
                Kind::Idle => Duration::from_secs(1),
                _ => AT_MOST,
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
    /// Multiplies the number of messages, and of Topic Filters that are held.
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
