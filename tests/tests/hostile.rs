//! Clients that mean harm or do not know better: each gets what the specification says, at a bounded cost, and nobody
//! else notices. The log names a client and the reason once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use emqx_tests::raw::{PINGREQ, RawClient, packet, push_text};
use emqx_tests::resident::mebibytes;
use emqx_tests::wire::{
    Connect, Heard, Publish, Value, Wire, kind, property, publish, push_properties,
};
use emqx_tests::{eventually, programs, resident, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use tempfile::TempDir;
use tokio::task::JoinSet;

const LIMIT: Duration = Duration::from_secs(120);
const V5: Protocol = Protocol::V5;

/// Short times, so that nobody has to be waited for long.
const CONFIG: &str = "[limits]\nconnect_timeout = \"1s\"\n";

/// A node, and a client that must be served whatever others do.
struct Scene {
    node: Node,
    healthy: Wire,
    topic: String,
    resident: u64,
    /// Dropped last: it holds the data of the node.
    _dir: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("emqxd.toml");
        std::fs::write(&config, CONFIG).unwrap();
        let mut options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        options.flags = BTreeMap::from([("config".to_owned(), config.display().to_string())]);
        let node = Node::start(options).await.unwrap();
        let topic = unique("healthy");
        let mut healthy = Wire::clean(&node.mqtt(), V5, &unique("healthy")).await;
        assert_eq!(healthy.subscribe(&topic, 1).await, [1]);
        let resident = resident::bytes(node.ready.pid).unwrap();
        Self {
            node,
            healthy,
            topic,
            resident,
            _dir: dir,
        }
    }

    fn address(&self) -> String {
        self.node.mqtt()
    }

    async fn client(&self, name: &str) -> Wire {
        Wire::clean(&self.address(), V5, name).await
    }

    /// The healthy client publishes, receives and pings.
    async fn serves_on(&mut self) {
        self.healthy
            .publish(&publish(&self.topic, 1, 1, "fine"))
            .await;
        let mut heard = [self.healthy.hear().await, self.healthy.hear().await];
        heard.sort_by_key(|each| matches!(each, Heard::Publish(_)));
        assert!(matches!(heard[0], Heard::Ack { kind: 4, .. }), "{heard:?}");
        let Heard::Publish(published) = &heard[1] else {
            panic!("{heard:?}");
        };
        assert_eq!(published.payload, "fine");
        self.healthy
            .acknowledge(kind::PUBACK, published.packet_id)
            .await;
        self.healthy.silence().await;
    }

    /// Lines of the log that name a client.
    fn lines_about(&self, name: &str) -> Vec<String> {
        let log = self.node.log();
        let lines = log.lines().filter(|line| line.contains(name));
        lines.map(str::to_owned).collect()
    }

    /// One line names the client and says why.
    async fn is_logged_once(&self, name: &str, reason: &str) {
        let lines = eventually("a line in the log", Duration::from_secs(5), || async {
            Some(self.lines_about(name)).filter(|lines| !lines.is_empty())
        })
        .await;
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].contains(reason), "{}", lines[0]);
    }

    /// The node still runs well, and has not grown by more than so many MiB.
    async fn ends_well(mut self, growth_mib: f64) {
        self.serves_on().await;
        let now = resident::bytes(self.node.ready.pid).unwrap();
        let growth = mebibytes(now.saturating_sub(self.resident));
        assert!(growth <= growth_mib, "it grew by {growth:.1} MiB");
        let log = self.node.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(log.lines().count() < 200, "a flood:\n{log}");
        assert!(self.node.terminate().await.unwrap().success());
    }
}

#[tokio::test]
async fn sockets_that_say_nothing_or_little_are_closed() {
    within(LIMIT, async {
        let mut scene = Scene::new().await;
        let address = scene.address();
        let mut clients = JoinSet::new();
        for number in 0..200 {
            let address = address.clone();
            clients.spawn(async move {
                let mut client = RawClient::open(&address, V5).await.unwrap();
                if number % 2 == 0 {
                    // Half open: it never says a word.
                    return client.receive().await.unwrap();
                }
                // A byte now and then: it would take a minute for the CONNECT.
                let connect = Connect::clean(&unique("slow")).encode(V5);
                for byte in connect {
                    let _ = client.send(&[byte]).await;
                    let pause = tokio::time::sleep(Duration::from_millis(500));
                    tokio::select! {
                        () = pause => {}
                        heard = client.receive() => return heard.unwrap_or(None),
                    }
                }
                panic!("it was let in");
            });
        }
        scene.serves_on().await;
        while let Some(ended) = clients.join_next().await {
            assert_eq!(ended.unwrap(), None, "closed without a word");
        }
        scene.ends_well(10.0).await;
    })
    .await;
}

/// [MQTT-3.1.2-22]: packets count, not bytes.
#[tokio::test]
async fn a_byte_now_and_then_does_not_keep_a_connection_alive() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        let name = unique("drip");
        let connect = Connect {
            keep_alive_s: 1,
            ..Connect::clean(&name)
        };
        let (mut client, _, _) = Wire::accepted(&scene.address(), V5, &connect).await;
        // The beginning of a PUBLISH of 200 bytes.
        client.send(&[0x30, 200, 1, 0, 1, b't', 0]).await;
        let mut ended = false;
        for _ in 0..100 {
            client.send(b"x").await;
            let pause = tokio::time::sleep(Duration::from_millis(200));
            tokio::select! {
                () = pause => {}
                code = client.end() => {
                    assert_eq!(code, Some(0x8D), "Keep Alive timeout");
                    ended = true;
                    break;
                }
            }
        }
        assert!(ended, "the connection stays open");
        scene.ends_well(10.0).await;
    })
    .await;
}

#[tokio::test]
async fn a_length_beyond_all_bounds_is_refused_at_once() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        let (endless, huge) = (unique("endless"), unique("huge"));
        let mut client = scene.client(&endless).await;
        client.send(&[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1]).await;
        assert_eq!(client.end().await, Some(0x81), "Malformed Packet");
        let mut client = scene.client(&huge).await;
        // Five bytes say that 256 MiB follow.
        client.send(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F]).await;
        assert_eq!(client.end().await, Some(0x95), "Packet too large");
        scene.is_logged_once(&endless, "Malformed Packet").await;
        scene.is_logged_once(&huge, "Packet too large").await;
        scene.ends_well(10.0).await;
    })
    .await;
}

#[tokio::test]
async fn subscriptions_end_at_ten_thousand() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        let name = unique("greedy");
        let mut client = scene.client(&name).await;
        let filters: Vec<String> = (0..10_000).map(|number| format!("g/{number}/+")).collect();
        let filters: Vec<(&str, u8)> = filters.iter().map(|each| (each.as_str(), 0)).collect();
        let codes = client.subscribe_with(&Vec::new(), &filters).await;
        assert!(codes.iter().all(|code| *code == 0), "all in one packet");
        assert_eq!(codes.len(), 10_000);
        for more in ["g/more", "g/more/still"] {
            assert_eq!(client.subscribe(more, 0).await, [0x97], "Quota exceeded");
        }
        assert_eq!(client.subscribe("g/1/+", 1).await, [1], "one that is there");
        scene.is_logged_once(&name, "").await;
        drop(client);
        scene.ends_well(30.0).await;
    })
    .await;
}

#[tokio::test]
async fn a_topic_of_a_thousand_levels_is_refused() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        let deep = vec!["a"; 1_000].join("/");
        let name = unique("deep");
        let mut client = scene.client(&name).await;
        client.publish(&publish(&deep, 1, 1, "x")).await;
        let code = client.end().await.unwrap();
        assert!(
            [0x82, 0x90].contains(&code),
            "Topic Name invalid: {code:#x}"
        );
        scene.is_logged_once(&name, "level").await;
        let mut client = scene.client(&unique("deep")).await;
        let mut body = vec![0, 1];
        push_properties(&mut body, V5, &Vec::new());
        push_text(&mut body, &deep);
        body.push(0);
        client.send(&packet(0x82, &body)).await;
        assert_eq!(client.end().await, Some(0x8F), "Topic Filter invalid");
        scene.ends_well(10.0).await;
    })
    .await;
}

#[tokio::test]
async fn text_that_is_no_utf_8_is_refused() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        // An overlong form, a surrogate, a cut, a byte that never occurs, U+0000.
        let texts: [&[u8]; 5] = [b"\xC0\xAF", b"\xED\xA0\x80", b"a\xE2\x82", b"\xFF", b"\0"];
        for text in texts {
            let name = unique("text");
            let mut client = scene.client(&name).await;
            let mut body = vec![0, text.len() as u8];
            body.extend(text);
            body.push(0);
            client.send(&packet(0x30, &body)).await;
            assert_eq!(client.end().await, Some(0x81), "{text:02x?}");
            scene.is_logged_once(&name, "Malformed Packet").await;
        }
        scene.ends_well(10.0).await;
    })
    .await;
}

#[tokio::test]
async fn topic_aliases_are_not_to_be_abused() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        let alias = |topic: &'static str, alias| Publish {
            topic,
            properties: vec![(property::TOPIC_ALIAS, Value::Two(alias))],
            ..Publish::default()
        };
        for (publish, allowed) in [
            (alias("t", 0), [0x94, 0x82]),
            (alias("t", u16::MAX), [0x94, 0x94]),
            (alias("", 7), [0x82, 0x94]),
        ] {
            let mut client = scene.client(&unique("alias")).await;
            client.publish(&publish).await;
            let code = client.end().await.unwrap();
            assert!(allowed.contains(&code), "{publish:?}: {code:#x}");
        }
        // Within their number, but 128 topics of 60,000 bytes are too much to hold.
        let name = unique("alias");
        let mut client = scene.client(&name).await;
        let long = "x".repeat(60_000);
        for number in 1..=128 {
            let publish = Publish {
                topic: &long,
                properties: vec![(property::TOPIC_ALIAS, Value::Two(number))],
                ..Publish::default()
            };
            client.publish(&publish).await;
        }
        assert_eq!(client.end().await, Some(0x97), "Quota exceeded");
        scene.is_logged_once(&name, "").await;
        scene.ends_well(10.0).await;
    })
    .await;
}

#[tokio::test]
async fn an_identifier_that_is_under_way_is_not_taken_for_another_message() {
    within(LIMIT, async {
        let mut scene = Scene::new().await;
        let topic = scene.topic.clone();
        let mut client = scene.client(&unique("reuse")).await;
        for payload in ["first", "again", "other"] {
            client.publish(&publish(&topic, 2, 5, payload)).await;
            match client.hear().await {
                Heard::Ack {
                    kind: 5,
                    packet_id: 5,
                    code,
                } if code < 0x80 => {}
                other => panic!("{other:?}"),
            }
        }
        client.acknowledge(kind::PUBREL, 5).await;
        assert!(matches!(client.hear().await, Heard::Ack { kind: 7, .. }));
        // [MQTT-4.3.3-10]: until PUBREL it is one message.
        let received = scene.healthy.message().await;
        assert_eq!(received.payload, "first");
        scene
            .healthy
            .acknowledge(kind::PUBACK, received.packet_id)
            .await;
        scene.healthy.silence().await;
        scene.ends_well(10.0).await;
    })
    .await;
}

#[tokio::test]
async fn a_second_connect_ends_the_connection() {
    within(LIMIT, async {
        let scene = Scene::new().await;
        let name = unique("twice");
        let mut client = scene.client(&name).await;
        client.send(&Connect::clean(&name).encode(V5)).await;
        assert_eq!(client.end().await, Some(0x82), "Protocol Error");
        scene.is_logged_once(&name, "second CONNECT").await;
        scene.ends_well(10.0).await;
    })
    .await;
}

/// [MQTT-3.1.4-3]: each takes the Session over from the one before.
#[tokio::test]
async fn a_crowd_under_one_name_leaves_one() {
    within(LIMIT, async {
        let mut scene = Scene::new().await;
        let name = unique("crowd");
        let address = scene.address();
        let mut clients = JoinSet::new();
        for _ in 0..300 {
            let (address, name) = (address.clone(), name.clone());
            clients.spawn(async move {
                let mut client = Wire::open(&address, V5).await;
                client.send(&Connect::staying(&name).encode(V5)).await;
                let connack = client.hear().await;
                assert!(matches!(connack, Heard::ConnAck { .. }), "{connack:?}");
                client
            });
        }
        let mut crowd = Vec::new();
        while let Some(client) = clients.join_next().await {
            crowd.push(client.unwrap());
        }
        scene.serves_on().await;
        let mut remaining = 0;
        for mut client in crowd {
            client.send(&PINGREQ).await;
            match client.hear().await {
                Heard::PingResp => remaining += 1,
                Heard::Disconnect { code } => assert_eq!(code, 0x8E, "Session taken over"),
                Heard::Closed => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(remaining, 1);
        let lines = scene.lines_about(&name);
        assert!(lines.len() <= 50, "one for each: {lines:#?}");
        scene.ends_well(20.0).await;
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_connects_floods_neither_memory_nor_log() {
    within(LIMIT, async {
        let mut scene = Scene::new().await;
        let address = scene.address();
        let mut clients = JoinSet::new();
        for task in 0..32 {
            let address = address.clone();
            clients.spawn(async move {
                for number in 0..60 {
                    let mut client = Wire::open(&address, V5).await;
                    let mut connect = Connect::clean(&format!("flood-{task}-{number}")).encode(V5);
                    if number % 2 == 0 {
                        // Its reserved flag is set.
                        connect[9] |= 1;
                    }
                    client.send(&connect).await;
                    let answer = client.hear().await;
                    let is_accepted = matches!(answer, Heard::ConnAck { code: 0, .. });
                    assert_eq!(is_accepted, number % 2 == 1, "{answer:?}");
                }
            });
        }
        scene.serves_on().await;
        while let Some(ended) = clients.join_next().await {
            ended.unwrap();
        }
        scene.ends_well(30.0).await;
    })
    .await;
}

#[tokio::test]
async fn thousands_of_properties_cost_little() {
    within(LIMIT, async {
        let mut scene = Scene::new().await;
        let many: Vec<(u8, Value)> = (0..50_000)
            .map(|_| (property::USER_PROPERTY, Value::pair("name", "value")))
            .collect();
        // 700 KB of CONNECT: accepted, or refused in words.
        let mut client = Wire::open(&scene.address(), V5).await;
        let connect = Connect {
            properties: many.clone(),
            ..Connect::clean(&unique("properties"))
        };
        client.send(&connect.encode(V5)).await;
        match client.hear().await {
            Heard::ConnAck { code, .. } => assert!(code == 0 || code >= 0x80),
            other => panic!("{other:?}"),
        }
        // And of PUBLISH: passed on as they are, or refused in words.
        let mut client = scene.client(&unique("properties")).await;
        let publish = Publish {
            topic: &scene.topic.clone(),
            qos: 1,
            packet_id: 1,
            properties: many,
            ..Publish::default()
        };
        client.publish(&publish).await;
        match client.hear().await {
            Heard::Ack { kind: 4, code, .. } if code < 0x80 => {
                let received = scene.healthy.message().await;
                assert_eq!(received.properties, publish.properties, "in order");
                scene
                    .healthy
                    .acknowledge(kind::PUBACK, received.packet_id)
                    .await;
            }
            Heard::Ack { code, .. } | Heard::Disconnect { code } => assert!(code >= 0x80),
            other => panic!("{other:?}"),
        }
        drop(client);
        scene.ends_well(60.0).await;
    })
    .await;
}
