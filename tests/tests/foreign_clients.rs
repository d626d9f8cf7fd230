//! Clients that others have written: Mosquitto's and Paho's.
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
const PAHO_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/paho_round_trip.py");

#[tokio::test]
async fn mosquitto_pub_reaches_mosquitto_sub() {
    within(LIMIT, async {
        if !foreign::has_mosquitto().await {
            return foreign::skip("mosquitto-clients");
        }
        let broker = Broker::start().await;
        let (host, port) = broker.host_and_port();
        for version in ["mqttv31", "mqttv311", "mqttv5"] {
            for qos in ["0", "1", "2"] {
                let topic = unique("mosquitto");
                let at = [
                    "-h", host, "-p", port, "-V", version, "-q", qos, "-t", &topic,
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
                assert_eq!(received, expected, "{version}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn mosquitto_sub_keeps_its_session_and_sees_retained_messages() {
    within(LIMIT, async {
        if !foreign::has_mosquitto().await {
            return foreign::skip("mosquitto-clients");
        }
        let broker = Broker::start().await;
        let (host, port) = broker.host_and_port();
        for version in ["mqttv311", "mqttv5"] {
            let (id, topic) = (unique("c"), unique("session"));
            let mut session = vec!["-h", host, "-p", port, "-V", version, "-i", &id, "-c"];
            if version == "mqttv5" {
                session.extend(["-x", "300"]);
            }
            session.extend(["-q", "1", "-t", &topic]);
            // -E: leave once subscribed.
            foreign::run("mosquitto_sub", &[&session[..], &["-E"]].concat()).await;
            let publish = [
                "-h", host, "-p", port, "-V", version, "-q", "1", "-t", &topic,
            ];
            for number in ["1", "2", "3"] {
                foreign::run("mosquitto_pub", &[&publish[..], &["-m", number]].concat()).await;
            }
            let take = [&session[..], &["-C", "3", "-W", "20"]].concat();
            let received = foreign::run("mosquitto_sub", &take).await;
            assert_eq!(received, "1\n2\n3\n", "{version}");

            foreign::run(
                "mosquitto_pub",
                &[&publish[..], &["-r", "-m", "kept"]].concat(),
            )
            .await;
            let reader = ["-h", host, "-p", port, "-V", version, "-t", &topic];
            let one = ["-C", "1", "-W", "20", "-F", "%r %p"];
            let received = foreign::run("mosquitto_sub", &[&reader[..], &one].concat()).await;
            assert_eq!(received, "1 kept\n", "{version}");
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

/// The script makes its own assertions, in both versions, and ends with `OK`.
#[tokio::test]
async fn paho_in_python_is_served() {
    within(LIMIT, async {
        let python = foreign::python();
        if !foreign::is_there(&python, &["-c", "import paho.mqtt.client"]).await {
            return foreign::skip("paho-mqtt for Python");
        }
        let broker = Broker::start().await;
        let (host, port) = broker.host_and_port();
        let said = foreign::run(&python, &[PAHO_SCRIPT, host, port]).await;
        assert!(said.ends_with("OK\n"), "{said}");
    })
    .await;
}
