//! Counters of the hot path, and how they are shown.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_utils::CachePadded;
use parking_lot::Mutex;

use crate::packet::QoS;
use crate::process_stats::ProcessSample;
use crate::time::Timestamp;

/// Rates are means over this many seconds.
const RATE_SAMPLES: usize = 4;

/// Counts up. One relaxed addition on a cache line of its own.
#[derive(Debug, Default)]
pub struct Counter(CachePadded<AtomicU64>);

impl Counter {
    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }

    /// `count` more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// So far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! metrics {
    ($($name:ident: $help:literal,)*) => {
        /// All counters of a node. Each is shown as `emqxd_<name>_total` with its description.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $(#[doc = $help] pub $name: Counter,)*
            samples: Mutex<Samples>,
        }

        impl Metrics {
            fn table(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), $help, self.$name.get()),)*]
            }
        }
    };
}

metrics! {
    connects_accepted: "CONNECT packets answered with success.",
    connects_refused: "CONNECT packets refused, for any reason.",
    connect_timeouts: "Sockets closed because no CONNECT came in time.",
    disconnects: "Network Connections of accepted clients that ended.",
    malformed_packets: "Packets that could not be decoded.",
    protocol_errors: "Packets that broke a rule of the protocol.",
    bytes_received: "Bytes read from clients.",
    bytes_sent: "Bytes written to clients.",
    packets_received: "Packets read from clients.",
    packets_sent: "Packets written to clients.",
    messages_received_qos0: "PUBLISH packets received with QoS 0.",
    messages_received_qos1: "PUBLISH packets received with QoS 1.",
    messages_received_qos2: "PUBLISH packets received with QoS 2, each message once.",
    payload_bytes_received: "Payload bytes of received messages.",
    messages_sent: "PUBLISH packets sent.",
    messages_forwarded: "Messages sent to peers.",
    messages_from_peers: "Messages received from peers.",
    dropped_queue_full: "Messages dropped because a Session's queue was full or it takes no QoS 0 while offline.",
    dropped_link_full: "Messages dropped because the queue of a peer link was full.",
    dropped_no_member: "Messages for a shared Subscription whose last member had gone.",
    dropped_too_large: "Messages left out because the client takes no packet of that size.",
    sessions_created: "Sessions begun.",
    sessions_resumed: "Sessions that a client came back to.",
    sessions_taken_over: "Sessions that followed their client from another node.",
    sessions_expired: "Sessions ended by expiry or with their Network Connection.",
    sessions_moved_in: "Sessions taken over without their client.",
    connections_evicted: "Connections cut for an evacuation.",
}

/// Figures that are looked up, not counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gauges {
    /// Connected clients.
    pub connections: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
    /// Subscriptions.
    pub subscriptions: u64,
    /// Retained Messages.
    pub retained: u64,
}

/// Sums for reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Received from clients.
    pub messages_in: u64,
    /// Sent to clients.
    pub messages_out: u64,
    /// Dropped, for any cause.
    pub messages_dropped: u64,
    /// Accepted CONNECTs.
    pub connects_accepted: u64,
    /// Refused CONNECTs.
    pub connects_refused: u64,
    /// Ended connections.
    pub disconnects: u64,
}

/// Per second, over the last few seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Received from clients.
    pub messages_in_per_sec: f64,
    /// Sent to clients.
    pub messages_out_per_sec: f64,
    /// Accepted CONNECTs.
    pub connects_per_sec: f64,
    /// Ended connections.
    pub disconnects_per_sec: f64,
}

/// Of the whole process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ProcessFigures {
    /// Of one core.
    pub cpu_percent: Option<f64>,
    /// Resident memory.
    pub memory_resident_bytes: Option<u64>,
}

#[derive(Debug, Default)]
struct Samples {
    totals: VecDeque<(Timestamp, Totals)>,
    process: Option<(Timestamp, ProcessSample)>,
    figures: ProcessFigures,
}

impl Metrics {
    /// A message that a client published.
    pub fn note_received(&self, qos: QoS, payload_len: usize) {
        match qos {
            QoS::AtMostOnce => self.messages_received_qos0.inc(),
            QoS::AtLeastOnce => self.messages_received_qos1.inc(),
            QoS::ExactlyOnce => self.messages_received_qos2.inc(),
        }
        self.payload_bytes_received.add(payload_len as u64);
    }

    /// What one connection has sent since it last told.
    pub fn note_sent(&self, messages: u64, packets: u64, bytes: u64, too_large: u64) {
        if packets > 0 {
            self.messages_sent.add(messages);
            self.packets_sent.add(packets);
        }
        if bytes > 0 {
            self.bytes_sent.add(bytes);
        }
        if too_large > 0 {
            self.dropped_too_large.add(too_large);
        }
    }

    /// Sums for reports.
    pub fn totals(&self) -> Totals {
        Totals {
            messages_in: self.messages_received_qos0.get()
                + self.messages_received_qos1.get()
                + self.messages_received_qos2.get(),
            messages_out: self.messages_sent.get(),
            messages_dropped: self.dropped_queue_full.get()
                + self.dropped_link_full.get()
                + self.dropped_no_member.get()
                + self.dropped_too_large.get(),
            connects_accepted: self.connects_accepted.get(),
            connects_refused: self.connects_refused.get(),
            disconnects: self.disconnects.get(),
        }
    }

    /// Takes a sample; to be called once a second.
    pub fn sample(&self, now: Timestamp, process: Option<ProcessSample>) {
        let totals = self.totals();
        let mut samples = self.samples.lock();
        samples.totals.push_back((now, totals));
        while samples.totals.len() > RATE_SAMPLES {
            samples.totals.pop_front();
        }
        if let Some(present) = process {
            samples.figures.memory_resident_bytes = Some(present.resident_bytes);
            if let Some((at, before)) = samples.process {
                samples.figures.cpu_percent = present.cpu_percent_since(&before, now.since(at));
            }
            samples.process = Some((now, present));
        }
    }

    /// `None` until there are two samples.
    pub fn rates(&self) -> Option<Rates> {
        let samples = self.samples.lock();
        let (first_at, first) = samples.totals.front()?;
        let (last_at, last) = samples.totals.back()?;
        let seconds = last_at.since(*first_at).as_secs_f64();
        if seconds <= 0.0 {
            return None;
        }
        let rate = |last: u64, first: u64| (last - first) as f64 / seconds;
        Some(Rates {
            messages_in_per_sec: rate(last.messages_in, first.messages_in),
            messages_out_per_sec: rate(last.messages_out, first.messages_out),
            connects_per_sec: rate(last.connects_accepted, first.connects_accepted),
            disconnects_per_sec: rate(last.disconnects, first.disconnects),
        })
    }

    /// As of the last sample.
    pub fn process(&self) -> ProcessFigures {
        self.samples.lock().figures
    }

    /// Prometheus text.
    pub fn render(&self, gauges: &Gauges) -> String {
        use prometheus_client::metrics::counter::ConstCounter;
        use prometheus_client::metrics::gauge::ConstGauge;
        use prometheus_client::registry::Registry;

        let mut registry = Registry::with_prefix("emqxd");
        let mut collected = Collected::default();
        for (name, help, value) in self.table() {
            collected.0.push((name, help, Value::Counter(ConstCounter::new(value))));
        }
        for (name, help, value) in [
            ("connections", "Connected clients.", gauges.connections),
            ("sessions", "Sessions, connected or not.", gauges.sessions),
            (
                "sessions_disconnected",
                "Sessions whose client is not connected.",
                gauges.sessions.saturating_sub(gauges.connections),
            ),
            ("subscriptions", "Subscriptions.", gauges.subscriptions),
            ("retained_messages", "Retained Messages.", gauges.retained),
        ] {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            collected.0.push((name, help, Value::Gauge(ConstGauge::new(value))));
        }
        registry.register_collector(Box::new(collected));
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &registry).is_err() {
            text.clear();
        }
        text
    }
}

#[derive(Debug)]
enum Value {
    Counter(prometheus_client::metrics::counter::ConstCounter<u64>),
    Gauge(prometheus_client::metrics::gauge::ConstGauge<i64>),
}

/// Hands the values of one moment to the encoder.
#[derive(Debug, Default)]
struct Collected(Vec<(&'static str, &'static str, Value)>);

impl prometheus_client::collector::Collector for Collected {
    fn encode(
        &self,
        mut encoder: prometheus_client::encoding::DescriptorEncoder<'_>,
    ) -> Result<(), std::fmt::Error> {
        use prometheus_client::encoding::EncodeMetric;
        for (name, help, value) in &self.0 {
            match value {
                Value::Counter(counter) => {
                    let metric = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
                    counter.encode(metric)?;
                }
                Value::Gauge(gauge) => {
                    let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
                    gauge.encode(metric)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_means_over_the_last_samples() {
        let metrics = Metrics::default();
        assert_eq!(metrics.rates(), None);
        for second in 0..10 {
            metrics.sample(Timestamp::from_millis(second * 1_000), None);
            metrics.messages_sent.add(50);
        }
        let rates = metrics.rates().expect("two samples");
        assert!((rates.messages_out_per_sec - 50.0).abs() < 0.001);
    }

    #[test]
    fn every_counter_is_shown_with_help() {
        let metrics = Metrics::default();
        metrics.connections_evicted.add(3);
        let text = metrics.render(&Gauges { sessions: 5, connections: 2, ..Gauges::default() });
        assert!(text.contains("emqxd_connections_evicted_total 3"), "{text}");
        assert!(text.contains("emqxd_sessions_disconnected 3"), "{text}");
        assert!(text.contains("# HELP emqxd_sessions Sessions, connected or not."), "{text}");
    }
}
