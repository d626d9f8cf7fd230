//! What the matrix of clients leaves out: MQTT 3.1, and a message that does not fit into one read.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::broker::Broker;
use emqx_tests::client::Client;
use emqx_tests::{foreign, unique, within};
use emqxctl::demo::link::Protocol;

const LIMIT: Duration = Duration::from_secs(90);

#[tokio::test]
async fn mqtt_3_1_is_served() {
    within(LIMIT, async {
        if !foreign::has_mosquitto().await {
            return foreign::skip("mosquitto-clients");
        }
        let broker = Broker::start().await;
        let (host, port) = broker.host_and_port();
        for qos in ["0", "1", "2"] {
            let topic = unique("mosquitto");
            let at = [
                "-h", host, "-p", port, "-V", "mqttv31", "-q", qos, "-t", &topic,
            ];
            let subscriber = foreign::command("mosquitto_sub", &at)
                .args(["-C", "3", "-W", "20", "-F", "%q %p"])
                .spawn()
                .unwrap();
            // It does not tell when it is subscribed, so it gets messages until it has had enough.
            let publishing = async {
                loop {
                    foreign::run("mosquitto_pub", &[&at[..], &["-m", "hello"]].concat()).await;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            let received = tokio::select! {
                text = foreign::finish("mosquitto_sub", subscriber.wait_with_output()) => text,
                () = publishing => unreachable!("it publishes for ever"),
            };
            let expected = format!("{qos} hello\n").repeat(3);
            assert_eq!(received, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_large_message_passes_from_mosquitto_to_rumqttc() {
    within(LIMIT, async {
        if !foreign::has_mosquitto().await {
            return foreign::skip("mosquitto-clients");
        }
        let broker = Broker::start().await;
        let (host, port) = broker.host_and_port();
        let topic = unique("large");
        let mut subscriber = Client::clean(&unique("s"), Protocol::V3_1_1, broker.address()).await;
        subscriber.subscribe(&topic, 1).await;
        let payload = "x".repeat(100_000);
        foreign::run(
            "mosquitto_pub",
            &[
                "-h", host, "-p", port, "-q", "1", "-t", &topic, "-m", &payload,
            ],
        )
        .await;
        assert_eq!(subscriber.receive_text().await, payload);
    })
    .await;
}
