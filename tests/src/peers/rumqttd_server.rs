//! rumqttd as a process of its own: the comparison starts its own program once more for that, so that the CPU time of
//! this broker can be told from its own.

use std::collections::HashMap;
use std::net::SocketAddr;

use anyhow::Context;

/// What is set, for people.
pub const SETUP: &str = "0.20.0, MQTT 3.1.1, no delay between connections, 20,000 connections, 10 segments of 100 MiB a \
     topic, 200 messages in each turn of a connection and 65,535 in flight, no log";

/// Serves until the process ends.
///
/// # Errors
/// When it cannot serve.
pub fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let settings = rumqttd::ServerSettings {
        name: "v4".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 0,
        connections: rumqttd::ConnectionSettings {
            connection_timeout_ms: 60_000,
            max_payload_size: 1 << 20,
            max_inflight_count: 65_535,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    };
    let config = rumqttd::Config {
        router: rumqttd::RouterConfig {
            max_connections: 20_000,
            max_outgoing_packet_count: 200,
            max_segment_size: 100 << 20,
            max_segment_count: 10,
            ..rumqttd::RouterConfig::default()
        },
        v4: Some(HashMap::from([("v4".to_owned(), settings)])),
        ..rumqttd::Config::default()
    };
    let mut broker = rumqttd::Broker::new(config);
    broker.start().context("rumqttd cannot serve")
}
