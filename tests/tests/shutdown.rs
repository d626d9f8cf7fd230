//! A node comes and goes in good order.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::client::Client;
use emqx_tests::raw::{Connect, RawClient};
use emqx_tests::{http, programs, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(60);
const WAIT: Duration = Duration::from_secs(15);

#[tokio::test]
async fn ready_json_tells_where_the_node_listens() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        let node = Node::start(options).await.unwrap();
        let file = node.options.data_dir.join("ready.json");
        let ready: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(ready["node_name"], "n1");
        assert_eq!(ready["pid"], node.ready.pid);
        for listener in ["mqtt", "admin", "http", "cluster"] {
            let address: std::net::SocketAddr = ready[listener].as_str().unwrap().parse().unwrap();
            assert!(
                address.ip().is_loopback() && address.port() != 0,
                "{listener} {address}"
            );
            tokio::net::TcpStream::connect(address)
                .await
                .unwrap_or_else(|error| panic!("{listener} {address}: {error}"));
        }
        // Named, so that a script finds them, but not there.
        for listener in ["mqtts", "ws", "wss"] {
            assert!(
                ready.get(listener).is_some_and(serde_json::Value::is_null),
                "{listener}"
            );
        }
        let (code, _) = http::get(node.ready.http, "/status").await.unwrap();
        assert_eq!(code, 200);
        let (code, metrics) = http::get(node.ready.http, "/metrics").await.unwrap();
        assert_eq!(code, 200);
        assert!(metrics.contains("# TYPE"), "{metrics}");
        let (code, body) = http::get(node.ready.http, http::AVAILABILITY_CHECK)
            .await
            .unwrap();
        assert_eq!((code, body.as_str()), (200, "{}"));
        node.terminate().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sigterm_ends_a_node_with_exit_code_0_and_tells_its_clients() {
    within(LIMIT, async {
        for signal in [Signal::TERM, Signal::INT] {
            let dir = tempfile::tempdir().unwrap();
            let options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
            let mut node = Node::start(options.clone()).await.unwrap();
            let id = unique("c");
            let connect = Connect::persistent(&id, Protocol::V5);
            let (mut newer, _) = RawClient::accepted(&node.mqtt(), &connect).await.unwrap();
            let older = Client::clean(&unique("c"), Protocol::V3_1_1, &node.mqtt()).await;
            node.signal(signal);
            assert_eq!(newer.last_words().await.unwrap(), Some((0x8B, None)));
            older.closed().await;
            let status = node.wait(WAIT).await.unwrap();
            assert_eq!(status.code(), Some(0), "{}", node.log());
            assert!(!node.log().contains("panicked"), "{}", node.log());
            tokio::net::TcpStream::connect(node.ready.mqtt)
                .await
                .unwrap_err();

            // Nothing is left in the way of the next start.
            let again = Node::start(options).await.unwrap();
            Client::clean(&unique("c"), Protocol::V5, &again.mqtt()).await;
            assert_eq!(again.terminate().await.unwrap().code(), Some(0));
        }
    })
    .await;
}

#[tokio::test]
async fn a_second_sigterm_does_not_wait() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        let mut node = Node::start(options).await.unwrap();
        node.signal(Signal::TERM);
        node.signal(Signal::TERM);
        let status = node.wait(Duration::from_secs(5)).await.unwrap();
        assert_eq!(status.code(), Some(0), "{}", node.log());
    })
    .await;
}
