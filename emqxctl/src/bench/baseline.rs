//! rumqttd in this process, so that an operator can tell a slow broker from a slow machine: what it does here is what
//! the machine can do. Only with the cargo feature `baseline`.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};

use super::packet::Version;

/// It gets that long to listen.
const START_WITHIN: Duration = Duration::from_secs(10);

/// More than the files that a process may have open.
const CONNECTIONS_MAX: usize = 1_000_000;

/// Starts it on a free loopback port; it listens when this returns, and serves until the process ends.
///
/// # Errors
/// When it cannot be started, or does not speak the version.
pub fn start(version: Version) -> anyhow::Result<SocketAddr> {
    ensure!(
        version != Version::V3_1,
        "--baseline: rumqttd does not speak MQTT 3.1; pass --version 4 or 5"
    );
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port for rumqttd")?;
    let listen = free.local_addr()?;
    drop(free);
    let servers = HashMap::from([("bench".to_owned(), settings(listen))]);
    let is_5 = version == Version::V5;
    let config = Config {
        router: RouterConfig {
            max_connections: CONNECTIONS_MAX,
            max_outgoing_packet_count: 200,
            max_segment_size: 100 << 20,
            max_segment_count: 10,
            ..RouterConfig::default()
        },
        v4: (!is_5).then(|| servers.clone()),
        v5: is_5.then_some(servers),
        ..Config::default()
    };
    let (tell, told) = std::sync::mpsc::channel();
    thread::Builder::new()
        .name("rumqttd".to_owned())
        .spawn(move || {
            let mut broker = Broker::new(config);
            // It returns only when it cannot serve.
            let _ = tell.send(broker.start().map_err(|error| error.to_string()));
        })?;
    let began = Instant::now();
    while TcpStream::connect(listen).is_err() {
        if let Ok(Err(error)) = told.try_recv() {
            anyhow::bail!("rumqttd cannot serve: {error}");
        }
        ensure!(
            began.elapsed() < START_WITHIN,
            "rumqttd does not listen on {listen}"
        );
        thread::sleep(Duration::from_millis(20));
    }
    Ok(listen)
}

fn settings(listen: SocketAddr) -> ServerSettings {
    ServerSettings {
        name: "bench".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 0,
        connections: ConnectionSettings {
            connection_timeout_ms: 60_000,
            max_payload_size: 256 << 20,
            max_inflight_count: 65_535,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    }
}
