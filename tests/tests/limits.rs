//! What a client asks for beyond the limits is answered as the specification says, disturbs nobody, and is in the log
//! once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{
    Connect, Heard, Publish, Value, Will, Wire, kind, property, publish, values,
};
use emqx_tests::within;
use emqxctl::demo::link::Protocol::{self, V3_1_1, V5};

const LIMIT: Duration = Duration::from_secs(90);

/// The answer to a CONNECT.
async fn connack(address: &str, protocol: Protocol, connect: &Connect<'_>) -> Heard {
    let mut wire = Wire::open(address, protocol).await;
    wire.send(&connect.encode(protocol)).await;
    wire.hear().await
}

fn code(heard: &Heard) -> u8 {
    match heard {
        Heard::ConnAck { code, .. } | Heard::Ack { code, .. } => *code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_limit_has_its_answer() {
    within(LIMIT, async {
        let toml = "[limits]\nmax_clientid_len = 30\nmax_topic_levels = 3\n\
                    max_filters_per_subscribe = 3\nmax_user_properties = 2\n\
                    [session]\nsubscriptions_max = 2\n";
        let cluster = TestCluster::with_config(1, toml).await;
        let address = cluster.mqtt(0);
        let mut healthy = Wire::clean(&address, V5, "healthy").await;
        assert_eq!(healthy.subscribe("a/b/c", 1).await, [1]);

        let long = Connect::clean(&"c".repeat(31));
        assert_eq!(code(&connack(&address, V5, &long).await), 0x85);
        assert_eq!(code(&connack(&address, V3_1_1, &long).await), 2);

        for (protocol, filters) in [
            (V5, [0x97, 0x97, 0x97, 0x97]),
            (V3_1_1, [0x80, 0x80, 0x80, 0x80]),
        ] {
            let mut wire = Wire::clean(&address, protocol, "limited").await;
            let none = Vec::new();
            let codes = wire.subscribe_with(&none, &[("a/b/c", 0), ("b", 0)]).await;
            assert_eq!(codes, [0, 0]);
            // The first three are too many for the Session, the fourth for the packet.
            let codes = wire
                .subscribe_with(&none, &[("c", 0), ("d", 0), ("e", 0), ("f", 0)])
                .await;
            assert_eq!(codes, filters);
            wire.silence().await;
            wire.publish(&publish("a/b/c/d", 1, 1, "deep")).await;
            assert_eq!(wire.end().await, (protocol == V5).then_some(0x90));

            let mut wire = Wire::clean(&address, protocol, "deep").await;
            let mut body = vec![0, 1];
            if protocol == V5 {
                body.push(0);
            }
            emqx_tests::raw::push_text(&mut body, "a/b/c/d");
            body.push(0);
            wire.send(&emqx_tests::raw::packet(0x82, &body)).await;
            assert_eq!(wire.end().await, (protocol == V5).then_some(0x8F));
        }

        let mut wire = Wire::clean(&address, V5, "properties").await;
        let many = Publish {
            properties: vec![(property::USER_PROPERTY, Value::pair("n", "v")); 3],
            ..publish("a/b/c", 0, 0, "many")
        };
        wire.publish(&many).await;
        assert_eq!(wire.end().await, Some(0x97));

        let mut wire = Wire::clean(&address, V5, "good").await;
        wire.publish_through(&publish("a/b/c", 1, 1, "good")).await;
        assert_eq!(healthy.message().await.payload, "good");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_available_is_told_and_refused() {
    within(LIMIT, async {
        let toml = "[capabilities]\nwildcard_subscription = false\nshared_subscription = false\n\
                    retain_available = false\n";
        let cluster = TestCluster::with_config(1, toml).await;
        let address = cluster.mqtt(0);
        let (_, _, told) = Wire::accepted(&address, V5, &Connect::clean("told")).await;
        // Retain, Wildcard Subscription and Shared Subscription Available.
        for identifier in [0x25, 0x28, 0x2A] {
            assert_eq!(values(&told, identifier), [&Value::Byte(0)]);
        }
        for (filter, expected) in [("a/+", 0xA2), ("$share/g/a", 0x9E)] {
            let mut wire = Wire::clean(&address, V5, "asks").await;
            let mut body = vec![0, 1, 0];
            emqx_tests::raw::push_text(&mut body, filter);
            body.push(0);
            wire.send(&emqx_tests::raw::packet(0x82, &body)).await;
            assert_eq!(wire.end().await, Some(expected));
            let mut wire = Wire::clean(&address, V3_1_1, "asks").await;
            assert_eq!(wire.subscribe(filter, 0).await, [0x80]);
        }
        let retained = Publish {
            retain: true,
            ..publish("a", 0, 0, "kept")
        };
        for (protocol, expected) in [(V5, Some(0x9A)), (V3_1_1, None)] {
            let mut wire = Wire::clean(&address, protocol, "retains").await;
            wire.publish(&retained).await;
            assert_eq!(wire.end().await, expected);
        }
        let mut will = Connect::clean("will");
        will.will = Some(Will {
            topic: "a",
            payload: "bye",
            qos: 0,
            retain: true,
            properties: Vec::new(),
        });
        assert_eq!(code(&connack(&address, V5, &will).await), 0x9A);
    })
    .await;
}

#[tokio::test]
async fn topics_of_the_server_and_queues_are_not_for_clients() {
    within(LIMIT, async {
        let cluster = TestCluster::with_config(1, "").await;
        let address = cluster.mqtt(0);
        let mut watcher = Wire::clean(&address, V5, "watcher").await;
        assert_eq!(watcher.subscribe("$SYS/#", 2).await, [2]);
        for (protocol, refused, queue, unqueue) in [
            (V5, 0x87, vec![0x8F], vec![0x8F]),
            (V3_1_1, 0, vec![0x80], vec![]),
        ] {
            let mut wire = Wire::clean(&address, protocol, "stranger").await;
            wire.publish(&publish("$SYS/x", 0, 0, "x")).await;
            wire.publish(&publish("$SYS/x", 1, 1, "x")).await;
            assert_eq!(code(&wire.hear().await), refused);
            wire.publish(&publish("$SYS/x", 2, 2, "x")).await;
            assert_eq!(code(&wire.hear().await), refused);
            if protocol == V3_1_1 {
                wire.acknowledge(kind::PUBREL, 2).await;
                assert_eq!(code(&wire.hear().await), 0);
            }
            for _ in 0..20 {
                assert_eq!(wire.subscribe("$queue/jobs", 1).await, queue);
            }
            assert_eq!(wire.unsubscribe(&["$queue/jobs"]).await, unqueue);
            wire.silence().await;
        }
        watcher.silence().await;
        let sys = "emqxd_requests_refused_total{reason=\"reserved_topic\"}";
        assert_eq!(cluster.metric(0, sys).await, 6.0);
        let log = cluster.nodes[0].log();
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains("$share/<group>/<filter>"))
            .collect();
        // Once for each of the two connections, with who and from where.
        assert_eq!(lines.len(), 2, "{log}");
        assert!(
            lines
                .iter()
                .all(|line| line.contains("stranger") && line.contains("127.0.0.1:")),
            "{lines:?}"
        );
    })
    .await;
}
