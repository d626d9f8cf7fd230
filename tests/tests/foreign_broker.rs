//! The same steps against a broker of another project, rumqttd in this process: what our tests expect of `emqxd`
//! is what MQTT says, not what `emqxd` happens to do.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::client::Client;
use emqx_tests::{eventually, unique, within};
use emqxctl::demo::link::{LinkOptions, Protocol};

const LIMIT: Duration = Duration::from_secs(60);
const START: Duration = Duration::from_secs(10);

/// Starts it on a free port; `host:port`, which listens when this returns.
async fn rumqttd() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap();
    drop(free);
    let config = rumqttd::Config {
        router: rumqttd::RouterConfig {
            max_connections: 100,
            max_outgoing_packet_count: 200,
            max_segment_size: 1 << 20,
            max_segment_count: 10,
            ..rumqttd::RouterConfig::default()
        },
        v4: Some(HashMap::from([("v4".to_owned(), settings(listen))])),
        ..rumqttd::Config::default()
    };
    // It serves until the process ends.
    std::thread::spawn(move || {
        let mut broker = rumqttd::Broker::new(config);
        broker.start().expect("rumqttd starts");
    });
    eventually("rumqttd listens", START, || async {
        tokio::net::TcpStream::connect(listen).await.ok().map(drop)
    })
    .await;
    listen.to_string()
}

fn settings(listen: SocketAddr) -> rumqttd::ServerSettings {
    rumqttd::ServerSettings {
        name: "v4".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 1,
        connections: rumqttd::ConnectionSettings {
            connection_timeout_ms: 5_000,
            max_payload_size: 1 << 16,
            max_inflight_count: 100,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    }
}

/// What a subscriber gets that is there, is away, and comes back.
async fn story(address: &str) -> Vec<(String, u8, bool)> {
    let prefix = unique("judge");
    let protocol = Protocol::V3_1_1;
    let filter = format!("{prefix}/+/state");
    let options = LinkOptions::persistent(&unique("s"), protocol, address);
    let mut subscriber = Client::connect(&options).await;
    assert!(!subscriber.session_present, "{address}");
    subscriber.subscribe(&filter, 1).await;
    let mut publisher = Client::clean(&unique("p"), protocol, address).await;
    let mut got = Vec::new();
    // At QoS 1 only: rumqttd raises a QoS 0 message to the Subscription's QoS.
    for number in 0..3 {
        publisher
            .publish(&format!("{prefix}/a/state"), 1, &format!("there {number}"))
            .await;
        // Matches nothing.
        publisher
            .publish(&format!("{prefix}/a/b/state"), 1, "elsewhere")
            .await;
        got.push(subscriber.receive().await);
    }
    subscriber.disconnect().await;
    for number in 0..5 {
        publisher
            .publish(&format!("{prefix}/b/state"), 1, &format!("away {number}"))
            .await;
    }
    let mut subscriber = Client::connect(&options).await;
    assert!(subscriber.session_present, "{address}");
    for _ in 0..5 {
        got.push(subscriber.receive().await);
    }
    subscriber.disconnect().await;
    got.into_iter()
        .map(|message| {
            let payload = String::from_utf8(message.payload.to_vec()).unwrap();
            (payload, message.qos, message.retain)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_broker_agrees() {
    within(LIMIT, async {
        let theirs = story(&rumqttd().await).await;
        let broker = Broker::start().await;
        let ours = story(broker.address()).await;
        assert_eq!(ours, theirs);
        assert_eq!(ours.len(), 8);
    })
    .await;
}
