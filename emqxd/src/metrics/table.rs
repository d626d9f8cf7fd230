//! The names under which the world sees the figures, each explained: the one table.
//!
//! A counter's name gets `_total` behind it in the text. A figure that is not known is left out.

use super::render::{Family, Labels, Values};
use super::{Counter, CounterBy, Gauges, Label, ListenerFigures, Metrics, PeerFigures};
use crate::lifecycle::Phase;

const QOS: [&str; 3] = ["0", "1", "2"];

/// All figures of this instant.
#[rustfmt::skip]
pub(super) fn families(metrics: &Metrics, gauges: &Gauges) -> Vec<Family> {
    let m = metrics;
    let process = m.process();
    let dropped = [
        ("queue_full", &m.dropped_queue_full),
        ("link_full", &m.dropped_link_full),
        ("no_member", &m.dropped_no_member),
        ("too_large", &m.dropped_too_large),
    ];
    let received = std::iter::zip(QOS, &m.messages_received);
    let mut families = vec![
        labelled("emqxd_messages_received", "Application Messages accepted from clients, by published QoS.", "qos", received),
        counter("emqxd_payload_bytes_received", "Payload bytes of the messages accepted from clients.", &m.payload_bytes_received),
        counter("emqxd_messages_sent", "PUBLISH packets sent to clients.", &m.messages_sent),
        labelled("emqxd_messages_dropped", "Messages that a subscriber did not get, by cause.", "cause", dropped),
        counter("emqxd_packets_received", "Packets of all kinds received from clients.", &m.packets_received),
        counter("emqxd_packets_sent", "Packets of all kinds sent to clients.", &m.packets_sent),
        counter("emqxd_bytes_received", "Bytes received from clients.", &m.bytes_received),
        counter("emqxd_bytes_sent", "Bytes given to clients' sockets.", &m.bytes_sent),
        counter("emqxd_malformed_packets", "Packets received that are not MQTT.", &m.malformed_packets),
        counter("emqxd_protocol_errors", "Packets received that are not allowed at that point.", &m.protocol_errors),
        by("emqxd_requests_refused", "Requests of clients that were refused without an end of the connection, by reason.", "reason", &m.requests_refused),
        counter("emqxd_unreleased_expired", "QoS 2 messages of clients that were forgotten because no PUBREL came in time.", &m.unreleased_expired),

        counter("emqxd_connects_accepted", "CONNECTs answered with success.", &m.connects_accepted),
        by("emqxd_connects_refused", "CONNECTs refused, by reason.", "reason", &m.connects_refused),
        counter("emqxd_connect_timeouts", "Connections closed because no CONNECT came in time.", &m.connect_timeouts),
        by("emqxd_disconnects", "Network Connections of accepted clients that ended, by cause.", "cause", &m.disconnects),
        counter("emqxd_connections_evicted", "Network Connections ended by an evacuation.", &m.connections_evicted),

        counter("emqxd_sessions_created", "Sessions that began.", &m.sessions_created),
        counter("emqxd_sessions_resumed", "Sessions that a client found again on this node.", &m.sessions_resumed),
        counter("emqxd_sessions_taken_over", "Sessions that followed their client from another node.", &m.sessions_taken_over),
        counter("emqxd_sessions_expired", "Sessions that ended by their Session Expiry Interval, also with their Network Connection.", &m.sessions_expired),
        counter("emqxd_sessions_discarded", "Sessions ended before that, by a new one of the same client or by an operator.", &m.sessions_discarded),
        counter("emqxd_sessions_moved_in", "Sessions that came from another node without their client.", &m.sessions_moved_in),
        counter("emqxd_sessions_moved_out", "Sessions that went to another node, with their client or without.", &m.sessions_moved_out),
        counter("emqxd_sessions_merged", "Sessions that were on this node and on another that owned them, and were given up to that one.", &m.sessions_merged),
        counter("emqxd_sessions_promoted", "Sessions of nodes that were gone, served here from copies.", &m.sessions_promoted),

        counter("emqxd_shared_redispatched", "Messages of shared subscriptions that went to another member because theirs has left.", &m.shared_redispatched),
        counter("emqxd_memory_crossings", "How often a memory mark was crossed, in either direction.", &m.memory_crossings),
        counter("emqxd_retained_refused", "Retained Messages that were not kept: too many, or too large.", &m.retained_refused),
        counter("emqxd_store_commits", "Commits of the store, each of all that had gathered.", &m.store_commits),
        counter("emqxd_store_changes", "Records put and removed by them.", &m.store_changes),
        counter("emqxd_store_commit_microseconds", "What they took, with what had to be tried again.", &m.store_commit_micros),
        counter("emqxd_store_refused", "Changes that were not taken because too much waits for the disk.", &m.store_refused),
        counter("emqxd_store_damaged", "Parts of the store that were found damaged and left out.", &m.store_damaged),
        counter("emqxd_messages_forwarded", "Messages sent to peers; one to three peers counts three times.", &m.messages_forwarded),
        counter("emqxd_messages_from_peers", "Messages that peers sent.", &m.messages_from_peers),

        listeners("emqxd_listener_connections_accepted", "Connections that a listener has accepted.", gauges, |listener| listener.accepted),
        listeners("emqxd_listener_connections_refused", "Connections beyond what a listener may have.", gauges, |listener| listener.refused),
        listeners("emqxd_listener_handshake_failures", "Handshakes of TLS, WebSocket and PROXY that failed.", gauges, |listener| listener.handshake_failures),
        listener_connections("emqxd_listener_connections", "Connections of a listener, also those before their CONNECT.", gauges),

        gauge("emqxd_connections", "Network Connections.", gauges.connections as f64),
        gauge("emqxd_sessions", "Sessions, connected or not.", gauges.sessions as f64),
        gauge("emqxd_sessions_disconnected", "Sessions without a client.", gauges.sessions_disconnected as f64),
        gauge("emqxd_subscriptions", "Subscriptions.", gauges.subscriptions as f64),
        gauge("emqxd_retained_messages", "Retained Messages.", gauges.retained_messages as f64),
        gauge("emqxd_memory_pressure", "0: none, 1: publishers are not read, 2: CONNECTs are refused too.", f64::from(gauges.memory_pressure as u8)),
        gauge("emqxd_publishers_held", "Connections that are not read because much memory is in use.", gauges.publishers_held as f64),
        gauge("emqxd_replicas", "Copies of Sessions of other nodes.", gauges.replicas as f64),
        gauge("emqxd_replica_bytes", "Memory that they take, about.", gauges.replica_bytes as f64),
        gauge("emqxd_replica_waiting_bytes", "What waits to be copied to other nodes.", gauges.replica_waiting_bytes as f64),
        gauge("emqxd_store_waiting_bytes", "What waits for the disk.", gauges.store_waiting_bytes as f64),
        gauge("emqxd_cluster_nodes", "Live nodes of the cluster as this one sees it, itself included.", gauges.cluster_nodes as f64),
        peers("emqxd_peer_connected", "1 while messages get to another node; of one that is silent it takes some seconds to find out.", gauges, |peer| u64::from(peer.is_connected)),
        peers("emqxd_peer_waiting_items", "Messages and changes that another node has not acknowledged, also those that are kept until it is back.", gauges, |peer| peer.waiting),
        peers("emqxd_peer_waiting_bytes", "Their bytes.", gauges, |peer| peer.waiting_bytes),
        gauge("emqxd_available", "1 while balancers are to send clients here.", f64::from(u8::from(gauges.phase.is_available()))),
        phases("emqxd_phase", "1 for what the node does for clients right now.", gauges.phase),
        gauge("emqxd_uptime_seconds", "Since the process began.", gauges.uptime.as_secs_f64()),
    ];
    families.extend(gauges.store_failing.map(|failing| {
        gauge("emqxd_store_failing", "1 while the disk does not take what is to be stored.", f64::from(u8::from(failing)))
    }));
    families.extend(process.memory_resident_bytes.map(|bytes| {
        gauge("emqxd_process_resident_memory_bytes", "Resident memory of the process.", bytes as f64)
    }));
    families.extend(process.cpu_percent.map(|percent| {
        gauge("emqxd_process_cpu_percent", "CPU use over the last second; 100 is one core.", percent)
    }));
    families
}

fn counter(name: &'static str, help: &'static str, counter: &Counter) -> Family {
    Family {
        name,
        help,
        values: Values::Counters(vec![(Labels::new(), counter.get())]),
    }
}

fn labelled<'a>(
    name: &'static str,
    help: &'static str,
    label: &'static str,
    counters: impl IntoIterator<Item = (&'static str, &'a Counter)>,
) -> Family {
    let counters = counters
        .into_iter()
        .map(|(value, counter)| (vec![(label, value.into())], counter.get()));
    Family {
        name,
        help,
        values: Values::Counters(counters.collect()),
    }
}

fn by<L: Label>(
    name: &'static str,
    help: &'static str,
    label: &'static str,
    counters: &CounterBy<L>,
) -> Family {
    let counters = counters
        .by_value()
        .map(|(value, count)| (vec![(label, value.as_str().into())], count));
    Family {
        name,
        help,
        values: Values::Counters(counters.collect()),
    }
}

fn gauge(name: &'static str, help: &'static str, value: f64) -> Family {
    Family {
        name,
        help,
        values: Values::Gauges(vec![(Labels::new(), value)]),
    }
}

fn listener_labels(listener: &ListenerFigures) -> Labels {
    vec![
        ("listener", listener.name.clone().into()),
        ("type", listener.kind.into()),
    ]
}

fn listeners(
    name: &'static str,
    help: &'static str,
    gauges: &Gauges,
    figure: impl Fn(&ListenerFigures) -> u64,
) -> Family {
    let counters = gauges
        .listeners
        .iter()
        .map(|listener| (listener_labels(listener), figure(listener)));
    Family {
        name,
        help,
        values: Values::Counters(counters.collect()),
    }
}

fn listener_connections(name: &'static str, help: &'static str, gauges: &Gauges) -> Family {
    let values = gauges
        .listeners
        .iter()
        .map(|listener| (listener_labels(listener), listener.connections as f64));
    Family {
        name,
        help,
        values: Values::Gauges(values.collect()),
    }
}

fn peers(
    name: &'static str,
    help: &'static str,
    gauges: &Gauges,
    figure: impl Fn(&PeerFigures) -> u64,
) -> Family {
    let values = gauges.peers.iter().map(|peer| {
        (
            vec![("peer", peer.name.clone().into())],
            figure(peer) as f64,
        )
    });
    Family {
        name,
        help,
        values: Values::Gauges(values.collect()),
    }
}

fn phases(name: &'static str, help: &'static str, present: Phase) -> Family {
    let gauges = Phase::ALL.into_iter().map(|phase| {
        (
            vec![("phase", phase.as_str().into())],
            f64::from(u8::from(phase == present)),
        )
    });
    Family {
        name,
        help,
        values: Values::Gauges(gauges.collect()),
    }
}
