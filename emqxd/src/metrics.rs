//! What the node counts. Counting is one relaxed addition on a memory line that no other worker thread writes; the
//! names that the world sees are in one table ([`table`]).

mod counter;
mod rates;
mod render;
mod table;

use std::time::Duration;

use parking_lot::Mutex;

use crate::lifecycle::Phase;
use crate::memory_pressure::Pressure;
use crate::packet::QoS;
use crate::process_stats::ProcessStats;
use crate::session::Refused;
use crate::time::Timestamp;

pub use counter::{Counter, CounterBy, Label};
pub use rates::{RateSampler, Rates};

/// Counts since the process began. Fields are named after what happened, and grouped as in the table.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Application Messages accepted from clients, by the QoS that they were published with.
    pub messages_received: [Counter; 3],
    /// Their payload bytes.
    pub payload_bytes_received: Counter,
    /// PUBLISH packets sent to clients.
    pub messages_sent: Counter,
    /// Packets of all kinds received from clients.
    pub packets_received: Counter,
    /// Packets of all kinds sent to clients.
    pub packets_sent: Counter,
    /// Bytes received from clients.
    pub bytes_received: Counter,
    /// Bytes given to clients' sockets.
    pub bytes_sent: Counter,

    /// Messages dropped because the queue of a Session was full, or the client of a QoS 0 message was away.
    pub dropped_queue_full: Counter,
    /// QoS 0 messages dropped because too much waits for a peer.
    pub dropped_link_full: Counter,
    /// Messages for a shared subscription that has no member here any more.
    pub dropped_no_member: Counter,
    /// Messages left out because they exceed the client's Maximum Packet Size [MQTT-3.1.2-25].
    pub dropped_too_large: Counter,

    /// CONNECTs answered with success.
    pub connects_accepted: Counter,
    /// CONNECTs refused.
    pub connects_refused: CounterBy<RefusalReason>,
    /// Connections closed because no CONNECT came in time.
    pub connect_timeouts: Counter,
    /// Network Connections of accepted clients that ended.
    pub disconnects: CounterBy<DisconnectCause>,
    /// Network Connections ended by an evacuation; counted in `disconnects` too.
    pub connections_evicted: Counter,
    /// Packets that are not MQTT.
    pub malformed_packets: Counter,
    /// Packets that are MQTT and not allowed at that point.
    pub protocol_errors: Counter,
    /// Requests that were refused without an end of the connection.
    pub requests_refused: CounterBy<Refused>,
    /// QoS 2 messages of clients that were forgotten because no PUBREL came in time.
    pub unreleased_expired: Counter,

    /// Sessions that began.
    pub sessions_created: Counter,
    /// Sessions that a client found again on this node.
    pub sessions_resumed: Counter,
    /// Sessions that followed their client from another node.
    pub sessions_taken_over: Counter,
    /// Sessions that ended by their Session Expiry Interval, also those of zero with their Network Connection.
    pub sessions_expired: Counter,
    /// Sessions ended before that: by a new one of the same client, or by an operator.
    pub sessions_discarded: Counter,
    /// Sessions that came from another node without their client.
    pub sessions_moved_in: Counter,
    /// Sessions that went to another node, with their client or without.
    pub sessions_moved_out: Counter,
    /// Sessions given up to another node that owned them, too.
    pub sessions_merged: Counter,
    /// Sessions of nodes that were gone, served here from copies.
    pub sessions_promoted: Counter,

    /// Messages of shared subscriptions that went to another member because theirs has left.
    pub shared_redispatched: Counter,
    /// How often one of the memory marks was crossed, in either direction.
    pub memory_crossings: Counter,

    /// Retained Messages that were not kept because there are too many, or they are too large.
    pub retained_refused: Counter,

    /// Commits of the store.
    pub store_commits: Counter,
    /// Changes in them.
    pub store_changes: Counter,
    /// Microseconds that they took, with what had to be tried again.
    pub store_commit_micros: Counter,
    /// Changes that the store did not take because too much waits for the disk.
    pub store_refused: Counter,
    /// Parts of the store that were found damaged.
    pub store_damaged: Counter,

    /// Messages sent to a peer; one message to three peers counts three times.
    pub messages_forwarded: Counter,
    /// Messages that a peer sent.
    pub messages_from_peers: Counter,

    rates: Mutex<RateSampler>,
    process: Mutex<ProcessStats>,
}

/// Why a CONNECT was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// The node is out of service.
    OutOfService,
    /// As many clients as are allowed are connected.
    Full,
    /// User Name or password.
    NotAuthorized,
    /// The CONNECT breaks a rule.
    Invalid,
    /// The Session could not be had in time from where it is.
    SessionUnavailable,
    /// Too much memory is in use.
    Memory,
}

impl Label for RefusalReason {
    const ALL: &'static [Self] = &[
        Self::OutOfService,
        Self::Full,
        Self::NotAuthorized,
        Self::Invalid,
        Self::SessionUnavailable,
        Self::Memory,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::OutOfService => "out_of_service",
            Self::Full => "full",
            Self::NotAuthorized => "not_authorized",
            Self::Invalid => "invalid",
            Self::SessionUnavailable => "session_unavailable",
            Self::Memory => "memory",
        }
    }
}

impl Label for Refused {
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        match self {
            Self::QueueFilter => "queue_filter",
            Self::TooManyFilters => "too_many_filters",
            Self::TooManySubscriptions => "too_many_subscriptions",
            Self::Wildcard => "wildcard",
            Self::SharedSubscription => "shared_subscription",
            Self::ReservedTopic => "reserved_topic",
        }
    }
}

/// How a Network Connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisconnectCause {
    /// The client sent DISCONNECT.
    Client,
    /// The network failed, or the client was just gone.
    Network,
    /// Keep Alive ran out [MQTT-3.1.2-22].
    KeepAlive,
    /// The client broke the protocol.
    Protocol,
    /// The client connected again.
    TakenOver,
    /// An evacuation.
    Evicted,
    /// An operator.
    Kicked,
    /// The node stopped.
    Stopping,
    /// Anything else.
    Other,
}

impl Label for DisconnectCause {
    const ALL: &'static [Self] = &[
        Self::Client,
        Self::Network,
        Self::KeepAlive,
        Self::Protocol,
        Self::TakenOver,
        Self::Evicted,
        Self::Kicked,
        Self::Stopping,
        Self::Other,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Network => "network",
            Self::KeepAlive => "keep_alive",
            Self::Protocol => "protocol",
            Self::TakenOver => "taken_over",
            Self::Evicted => "evicted",
            Self::Kicked => "kicked",
            Self::Stopping => "stopping",
            Self::Other => "other",
        }
    }
}

/// Sums over what is counted, at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Application Messages accepted from clients.
    pub messages_in: u64,
    /// PUBLISH packets sent to clients.
    pub messages_out: u64,
    /// Messages dropped, for any cause.
    pub messages_dropped: u64,
    /// CONNECTs answered with success.
    pub connects_accepted: u64,
    /// CONNECTs refused.
    pub connects_refused: u64,
    /// Network Connections that ended.
    pub disconnects: u64,
}

/// What is there now rather than counted; whoever renders the metrics knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauges {
    /// What the node does for clients.
    pub phase: Phase,
    /// Network Connections.
    pub connections: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
    /// Sessions without a client.
    pub sessions_disconnected: u64,
    /// Subscriptions.
    pub subscriptions: u64,
    /// Retained Messages.
    pub retained_messages: u64,
    /// What is done because much memory is in use.
    pub memory_pressure: Pressure,
    /// Whether the disk takes what is to be stored; `None` when nothing is.
    pub store_failing: Option<bool>,
    /// Bytes that wait for the disk.
    pub store_waiting_bytes: u64,
    /// Copies of Sessions of other nodes.
    pub replicas: u64,
    /// Memory that they take, bytes.
    pub replica_bytes: u64,
    /// Bytes that wait to be copied to other nodes.
    pub replica_waiting_bytes: u64,
    /// Connections of publishers that are not read because of it.
    pub publishers_held: u64,
    /// Live nodes of the cluster, this one included.
    pub cluster_nodes: u64,
    /// Since the process began.
    pub uptime: Duration,
    /// Of each listener.
    pub listeners: Vec<ListenerFigures>,
    /// Of each other node that is known, also of those that are away.
    pub peers: Vec<PeerFigures>,
}

/// The figures of the link to one other node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerFigures {
    /// Its name.
    pub name: String,
    /// Whether messages get there, as far as is known.
    pub is_connected: bool,
    /// Messages, and changes of interest and Retained Messages, that it has not acknowledged.
    pub waiting: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
}

/// The figures of one listener.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListenerFigures {
    /// Its name.
    pub name: String,
    /// `tcp`, `tls`, `ws` or `wss`.
    pub kind: &'static str,
    /// Connections now.
    pub connections: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections beyond what it may have.
    pub refused: u64,
    /// Handshakes that failed.
    pub handshake_failures: u64,
}

impl Metrics {
    /// A message was accepted from a client.
    pub fn note_received(&self, qos: QoS, payload_bytes: usize) {
        self.messages_received[qos as usize].inc();
        self.payload_bytes_received.add(payload_bytes as u64);
    }

    /// A connection has written: PUBLISH packets, all packets, bytes, and PUBLISH packets left out as too large.
    pub fn note_sent(&self, messages: u64, packets: u64, bytes: u64, too_large: u64) {
        // Most calls have nothing to say about most of these.
        let add = |counter: &Counter, count| {
            if count > 0 {
                counter.add(count);
            }
        };
        add(&self.messages_sent, messages);
        add(&self.packets_sent, packets);
        add(&self.bytes_sent, bytes);
        add(&self.dropped_too_large, too_large);
    }

    /// Sums at this instant.
    pub fn totals(&self) -> Totals {
        let dropped = [
            &self.dropped_queue_full,
            &self.dropped_link_full,
            &self.dropped_no_member,
            &self.dropped_too_large,
        ];
        Totals {
            messages_in: self.messages_received.iter().map(Counter::get).sum(),
            messages_out: self.messages_sent.get(),
            messages_dropped: dropped.into_iter().map(Counter::get).sum(),
            connects_accepted: self.connects_accepted.get(),
            connects_refused: self.connects_refused.total(),
            disconnects: self.disconnects.total(),
        }
    }

    /// Takes a sample for [`rates`](Self::rates) and keeps what the process uses; about once a second.
    pub fn sample(&self, now: Timestamp, process: ProcessStats) {
        self.rates.lock().sample(now, self.totals());
        *self.process.lock() = process;
    }

    /// Per-second figures over the last seconds, as of the last sample; `None` before the second one.
    pub fn rates(&self) -> Option<Rates> {
        self.rates.lock().rates()
    }

    /// What the process used, as of the last sample.
    pub fn process(&self) -> ProcessStats {
        *self.process.lock()
    }

    /// Everything as text in the OpenMetrics format, which Prometheus reads.
    pub fn render(&self, gauges: &Gauges) -> String {
        render::render(table::families(self, gauges))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauges() -> Gauges {
        Gauges {
            phase: Phase::Evacuating,
            connections: 7,
            sessions: 9,
            sessions_disconnected: 2,
            subscriptions: 11,
            retained_messages: 13,
            memory_pressure: Pressure::HoldPublishers,
            publishers_held: 5,
            store_failing: Some(true),
            store_waiting_bytes: 19,
            replicas: 20,
            replica_bytes: 21,
            replica_waiting_bytes: 22,
            cluster_nodes: 3,
            uptime: Duration::from_millis(1_500),
            listeners: vec![ListenerFigures {
                name: "mqtts".to_owned(),
                kind: "tls",
                connections: 5,
                accepted: 17,
                ..ListenerFigures::default()
            }],
            peers: vec![PeerFigures {
                name: "n2".to_owned(),
                is_connected: true,
                waiting: 23,
                waiting_bytes: 2_900,
            }],
        }
    }

    #[test]
    fn totals_are_sums() {
        let metrics = Metrics::default();
        metrics.note_received(QoS::AtMostOnce, 5);
        metrics.note_received(QoS::ExactlyOnce, 5);
        metrics.note_sent(3, 4, 100, 1);
        metrics.dropped_queue_full.inc();
        metrics.connects_accepted.inc();
        metrics.connects_refused.inc_by(RefusalReason::Invalid);
        metrics.connects_refused.inc_by(RefusalReason::Full);
        metrics.disconnects.inc_by(DisconnectCause::Client);
        assert_eq!(
            metrics.totals(),
            Totals {
                messages_in: 2,
                messages_out: 3,
                messages_dropped: 2,
                connects_accepted: 1,
                connects_refused: 2,
                disconnects: 1,
            }
        );
        assert_eq!(metrics.payload_bytes_received.get(), 10);
        assert_eq!(
            (metrics.packets_sent.get(), metrics.bytes_sent.get()),
            (4, 100)
        );
    }

    #[test]
    fn the_text_has_counters_with_labels_and_gauges() {
        let metrics = Metrics::default();
        metrics.note_received(QoS::AtLeastOnce, 5);
        metrics.connects_refused.inc_by(RefusalReason::OutOfService);
        let text = metrics.render(&gauges());
        for line in [
            "# HELP emqxd_messages_received Application Messages accepted from clients, by published QoS.",
            "# TYPE emqxd_messages_received counter",
            "emqxd_messages_received_total{qos=\"1\"} 1",
            "emqxd_messages_received_total{qos=\"2\"} 0",
            "emqxd_connects_refused_total{reason=\"out_of_service\"} 1",
            "emqxd_memory_pressure 1",
            "emqxd_store_failing 1",
            "emqxd_store_waiting_bytes 19",
            "emqxd_store_damaged_total 0",
            "# TYPE emqxd_connections gauge",
            "emqxd_connections 7",
            "emqxd_sessions_disconnected 2",
            "emqxd_available 0",
            "emqxd_phase{phase=\"evacuating\"} 1",
            "emqxd_phase{phase=\"serving\"} 0",
            "emqxd_uptime_seconds 1.5",
            "emqxd_listener_connections{listener=\"mqtts\",type=\"tls\"} 5",
            "emqxd_listener_connections_accepted_total{listener=\"mqtts\",type=\"tls\"} 17",
            "emqxd_peer_connected{peer=\"n2\"} 1",
            "emqxd_peer_waiting_items{peer=\"n2\"} 23",
            "emqxd_peer_waiting_bytes{peer=\"n2\"} 2900",
            "# EOF",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        assert!(
            !text.contains("emqxd_process_cpu_percent"),
            "unknown figures are left out\n{text}"
        );
    }

    #[test]
    fn names_are_unique_and_documented() {
        let metrics = Metrics::default();
        let text = metrics.render(&gauges());
        let mut names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        let help = text
            .lines()
            .filter(|line| line.starts_with("# HELP ") && line.ends_with('.'));
        assert_eq!(help.count(), names.len());
        assert!(
            names.iter().all(|name| name.starts_with("emqxd_")),
            "{names:?}"
        );
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn samples_give_rates_and_process_figures() {
        let metrics = Metrics::default();
        assert_eq!(
            (metrics.rates(), metrics.process()),
            (None, ProcessStats::default())
        );
        let process = ProcessStats {
            cpu_percent: Some(50.0),
            memory_resident_bytes: Some(1 << 20),
        };
        for second in 0..3 {
            metrics.sample(Timestamp::from_millis(second * 1_000), process);
            metrics.messages_sent.add(50);
        }
        assert_eq!(metrics.rates().unwrap().messages_out_per_sec, 50.0);
        assert_eq!(metrics.process(), process);
    }
}
