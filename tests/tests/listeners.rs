//! Listeners are added, changed and removed while clients go on, and the changes outlive a restart.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::time::Duration;

use emqx_proto::admin::v1::{
    Listener, ListenerKind, ListenerSettings, ServerCertificate, SetListenerRequest,
};
use emqx_tests::admin::Admin;
use emqx_tests::certificates::{Authority, Files};
use emqx_tests::every_transport::EveryTransport;
use emqx_tests::streams;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Heard, Wire, publish};
use emqx_tests::{eventually, http, within};
use emqxctl::demo::link::Protocol;
use rustix::process::Signal;
use tonic::Code;

const LIMIT: Duration = Duration::from_secs(60);

fn bind(address: &str) -> ListenerSettings {
    ListenerSettings {
        bind: Some(address.to_owned()),
        ..ListenerSettings::default()
    }
}

fn with_certificate(address: &str, files: &Files) -> ListenerSettings {
    ListenerSettings {
        certificates: vec![ServerCertificate {
            certfile: files.certfile(),
            keyfile: files.keyfile(),
            server_name: String::new(),
        }],
        ..bind(address)
    }
}

/// What must not change when a request is refused.
async fn settings(admin: &Admin) -> Vec<(String, String, Option<ListenerSettings>)> {
    let listeners = admin.all_listeners().await.into_iter();
    listeners
        .map(|listener| (listener.name, listener.address, listener.settings))
        .collect()
}

/// A publisher and a subscriber that never stop: each message must come, and in order.
struct Traffic {
    subscriber: Wire,
    publisher: Wire,
    topic: &'static str,
    sent: u32,
}

impl Traffic {
    async fn over(subscriber: Wire, publisher: Wire, topic: &'static str) -> Self {
        let mut traffic = Self {
            subscriber,
            publisher,
            topic,
            sent: 0,
        };
        traffic.subscriber.subscribe(topic, 0).await;
        traffic.goes_on().await;
        traffic
    }

    async fn goes_on(&mut self) {
        for _ in 0..20 {
            self.sent += 1;
            let payload = self.sent.to_string();
            self.publisher
                .publish(&publish(self.topic, 0, 0, &payload))
                .await;
            assert_eq!(self.subscriber.message().await.payload, payload);
        }
    }
}

#[tokio::test]
async fn listeners_come_change_and_go_while_clients_go_on() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let admin = served.admin().await;
        let mqtt = served.node.mqtt();
        let mut other = Traffic::over(
            Wire::clean(&mqtt, Protocol::V5, "s1").await,
            Wire::clean(&mqtt, Protocol::V5, "p1").await,
            "other",
        )
        .await;
        let added = admin
            .add_listener("extra", ListenerKind::Tcp, bind("127.0.0.1:0"))
            .await
            .unwrap();
        assert_eq!((&*added.origin, &*added.node), ("runtime", "n1"));
        let mut same = Traffic::over(
            Wire::clean(&added.address, Protocol::V5, "s2").await,
            Wire::clean(&added.address, Protocol::V3_1_1, "p2").await,
            "same",
        )
        .await;
        assert_eq!(admin.client("s2").await.unwrap().listener, "extra");

        // A limit: those that are there stay, one more is refused.
        let limited = ListenerSettings {
            max_connections: Some(1),
            ..ListenerSettings::default()
        };
        admin.set_listener("extra", limited).await.unwrap();
        let mut third = Wire::open(&added.address, Protocol::V5).await;
        third
            .send(&emqx_tests::wire::Connect::clean("third").encode(Protocol::V5))
            .await;
        assert!(matches!(
            third.hear().await,
            Heard::ConnAck { code: 0x97, .. }
        ));
        same.goes_on().await;
        other.goes_on().await;

        // Another address: the clients stay, new ones find it there and not at the old one.
        let moved = ListenerSettings {
            max_connections: Some(0),
            ..bind("127.0.0.2:0")
        };
        let moved = admin.set_listener("extra", moved).await.unwrap();
        assert!(moved.address.starts_with("127.0.0.2:"), "{moved:?}");
        assert!(streams::tcp(&added.address).await.is_err());
        Wire::clean(&moved.address, Protocol::V5, "third").await;
        same.goes_on().await;
        other.goes_on().await;

        // The same port of another address.
        let port = moved.address.rsplit_once(':').unwrap().1;
        let moved = admin
            .set_listener("extra", bind(&format!("127.0.0.1:{port}")))
            .await
            .unwrap();
        same.goes_on().await;

        // Off and on again.
        let off = |enabled| ListenerSettings {
            enabled: Some(enabled),
            ..ListenerSettings::default()
        };
        let disabled = admin.set_listener("extra", off(false)).await.unwrap();
        assert_eq!((&*disabled.address, disabled.problem), ("", None));
        assert!(streams::tcp(&moved.address).await.is_err());
        same.goes_on().await;
        admin.set_listener("extra", off(true)).await.unwrap();
        Wire::clean(&moved.address, Protocol::V5, "third").await;

        // Removed: its clients stay, and the name is free.
        let removed = admin.remove_listener("extra", false).await.unwrap();
        assert_eq!(removed.address, "");
        assert!(streams::tcp(&moved.address).await.is_err());
        same.goes_on().await;
        other.goes_on().await;
        admin
            .add_listener("extra", ListenerKind::Ws, bind(&moved.address))
            .await
            .unwrap();
        let kinds: Vec<String> = admin
            .status()
            .await
            .events
            .into_iter()
            .map(|event| event.r#type)
            .filter(|kind| kind.starts_with("LISTENER_"))
            .collect();
        assert_eq!(kinds.len(), 8, "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn a_listener_may_go_with_its_clients() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let admin = served.admin().await;
        let mut stays = Wire::clean(&served.node.mqtt(), Protocol::V5, "stays").await;
        let mut v5 = Wire::clean_over(served.ws_bytes().await, Protocol::V5, "v5").await;
        let mut v3 = Wire::clean_over(served.ws_bytes().await, Protocol::V3_1_1, "v3").await;
        // Not served yet.
        let mut silent = Wire::over(served.ws_bytes().await, Protocol::V5);
        eventually("three connections", LIMIT, || async {
            (admin.listener("ws").await.connections == 3).then_some(())
        })
        .await;
        admin.remove_listener("ws", true).await.unwrap();
        assert_eq!(v5.end().await, Some(0x98));
        assert_eq!(v3.end().await, None);
        assert_eq!(silent.end().await, None);
        stays.silence().await;
    })
    .await;
}

/// The certificate that a new client is shown.
async fn shown(served: &EveryTransport, trusted: &Authority) -> Option<Vec<u8>> {
    let connector = trusted.connector(None);
    let stream = streams::tls(&served.mqtts(), "localhost", &connector)
        .await
        .ok()?;
    let certificates = stream.get_ref().1.peer_certificates()?;
    Some(certificates.first()?.to_vec())
}

#[tokio::test]
async fn certificates_are_read_again_without_a_restart() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let admin = served.admin().await;
        let mut traffic = Traffic::over(
            Wire::clean_over(served.tls_to(&served.mqtts()).await, Protocol::V5, "s").await,
            Wire::clean_over(served.wss_bytes().await, Protocol::V5, "p").await,
            "t",
        )
        .await;
        let first = served.server.certificate().to_vec();
        assert_eq!(shown(&served, &served.authority).await, Some(first.clone()));

        // By request.
        let second = served.authority.server("server", &["localhost"]);
        assert_eq!(shown(&served, &served.authority).await, Some(first));
        let reloaded = admin.reload_certificates("").await.unwrap();
        let names: Vec<&str> = reloaded.iter().map(|listener| &*listener.name).collect();
        assert_eq!(names, ["mqtts", "wss"]);
        assert!(reloaded[0].certificate_expires_unix_s.is_some());
        let second = second.certificate().to_vec();
        assert_eq!(
            shown(&served, &served.authority).await,
            Some(second.clone())
        );
        traffic.goes_on().await;

        // A key that does not fit: nothing changes, and the file is named.
        let spoiled = served.authority.server("spoiled", &["localhost"]);
        fs::copy(&spoiled.keyfile, &served.server.keyfile).unwrap();
        let refused = admin.reload_certificates("").await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(
            refused.message().contains("server.key") && refused.message().contains("not the key"),
            "{refused}"
        );
        served.node.signal(Signal::HUP);
        eventually("the refusal is logged", LIMIT, || async {
            let log = served.node.log();
            log.contains("the certificates were not read again")
                .then_some(())
        })
        .await;
        assert_eq!(shown(&served, &served.authority).await, Some(second));
        traffic.goes_on().await;

        // By signal, of another authority.
        let other = Authority::new(&served.path(""), "other");
        let third = other
            .server("server", &["localhost"])
            .certificate()
            .to_vec();
        served.node.signal(Signal::HUP);
        eventually("the new certificate is shown", LIMIT, || async {
            (shown(&served, &other).await.as_ref() == Some(&third)).then_some(())
        })
        .await;
        traffic.goes_on().await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_may_be_changed_for_one_listener() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let admin = served.admin().await;
        let mut old =
            Wire::clean_over(served.tls_to(&served.mqtts()).await, Protocol::V5, "c").await;
        let other = Authority::new(&served.path(""), "other");
        let files = other.server("own", &["localhost"]);
        let mut change = with_certificate("", &files);
        change.bind = None;
        admin.set_listener("mqtts", change).await.unwrap();
        let own = files.certificate().to_vec();
        assert_eq!(shown(&served, &other).await, Some(own));
        assert_eq!(shown(&served, &served.authority).await, None);
        old.silence().await;
        served.tls_to(&served.wss()).await;
    })
    .await;
}

#[tokio::test]
async fn changes_outlive_a_restart_over_what_flags_and_file_say() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|folder, _| {
            format!(
                "[listeners.file]\ntype = \"tcp\"\nbind = \"unix:{}\"\nmax_connections = 7\n",
                folder.join("file.sock").display()
            )
        })
        .await;
        let admin = served.admin().await;
        let local = served.path("added.sock").display().to_string();
        let added = bind(&format!("unix:{local}"));
        admin
            .add_listener("added", ListenerKind::Tcp, added)
            .await
            .unwrap();
        let tls = with_certificate("127.0.0.1:0", &served.server);
        admin
            .add_listener("added-tls", ListenerKind::Tls, tls)
            .await
            .unwrap();
        let limit = |max| ListenerSettings {
            max_connections: Some(max),
            ..ListenerSettings::default()
        };
        admin.set_listener("mqtt", limit(11)).await.unwrap();
        admin.set_listener("file", limit(12)).await.unwrap();
        admin.set_listener("added", limit(13)).await.unwrap();
        admin.remove_listener("ws", false).await.unwrap();
        eventually("ready.json knows it", LIMIT, || async {
            let ready = served.node.options.data_dir.join("ready.json");
            let text = fs::read_to_string(ready).unwrap();
            text.contains("\"ws\": null").then_some(())
        })
        .await;

        let served = served.restart().await;
        let admin = served.admin().await;
        let listeners: Vec<(String, String, u64)> = admin
            .all_listeners()
            .await
            .into_iter()
            .map(|listener: Listener| {
                let max = listener.settings.unwrap().max_connections.unwrap();
                assert_eq!(listener.problem, None);
                (listener.name, listener.origin, max)
            })
            .collect();
        let expected = [
            ("added", "runtime", 13),
            ("added-tls", "runtime", 0),
            ("file", "file", 12),
            ("mqtt", "flag", 11),
            ("mqtts", "flag", 0),
            ("wss", "flag", 0),
        ];
        assert_eq!(
            listeners,
            expected.map(|(name, origin, max)| (name.to_owned(), origin.to_owned(), max))
        );
        assert_eq!(served.node.ready.ws, None);
        let stream = tokio::net::UnixStream::connect(&local).await.unwrap();
        Wire::clean_over(stream, Protocol::V5, "c").await;

        // One that cannot be opened any more does not keep the node from serving, and says why.
        fs::remove_file(&served.server.certfile).unwrap();
        admin.remove_listener("mqtts", false).await.unwrap();
        admin.remove_listener("wss", false).await.unwrap();
        let mut served = served.restart().await;
        let admin = served.admin().await;
        let broken = admin.listener("added-tls").await;
        assert!(broken.problem.unwrap().contains("server.crt"));
        assert_eq!(broken.address, "");
        Wire::clean(&served.node.mqtt(), Protocol::V5, "c").await;
        served.server = served.authority.server("server", &["localhost"]);
        let repaired = admin
            .set_listener("added-tls", ListenerSettings::default())
            .await
            .unwrap();
        assert_eq!(repaired.problem, None);
        served.tls_to(&repaired.address).await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let admin = served.admin().await;
        let before = settings(&admin).await;
        let mqtt = served.node.mqtt();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = taken.local_addr().unwrap().to_string();
        let mut no_file = with_certificate("127.0.0.1:0", &served.server);
        no_file.certificates[0].certfile = "/nowhere/server.crt".to_owned();
        let mut no_ca = with_certificate("127.0.0.1:0", &served.server);
        no_ca.client_certificate = Some(3);
        let with_path = ListenerSettings {
            path: Some("/mqtt".to_owned()),
            ..bind("127.0.0.1:0")
        };
        let admin_address = served.node.ready.admin.to_string();
        let add = [
            (
                "mqtt",
                ListenerKind::Tcp,
                bind("127.0.0.1:0"),
                Code::AlreadyExists,
                "already",
            ),
            (
                "a b",
                ListenerKind::Tcp,
                bind("127.0.0.1:0"),
                Code::InvalidArgument,
                "'a b'",
            ),
            (
                "x",
                ListenerKind::Unspecified,
                bind("127.0.0.1:0"),
                Code::InvalidArgument,
                "type",
            ),
            (
                "x",
                ListenerKind::Tcp,
                ListenerSettings::default(),
                Code::InvalidArgument,
                "address is missing",
            ),
            (
                "x",
                ListenerKind::Tcp,
                bind("nowhere"),
                Code::InvalidArgument,
                "'nowhere'",
            ),
            (
                "x",
                ListenerKind::Tcp,
                bind(&mqtt),
                Code::InvalidArgument,
                "'mqtt'",
            ),
            (
                "x",
                ListenerKind::Tcp,
                bind(&admin_address),
                Code::FailedPrecondition,
                &admin_address,
            ),
            (
                "x",
                ListenerKind::Tcp,
                bind("0.0.0.0:0"),
                Code::InvalidArgument,
                "anybody could connect",
            ),
            (
                "x",
                ListenerKind::Tcp,
                with_path,
                Code::InvalidArgument,
                "no such setting",
            ),
            (
                "x",
                ListenerKind::Tls,
                bind("unix:/tmp/x"),
                Code::InvalidArgument,
                "Unix socket",
            ),
            (
                "x",
                ListenerKind::Tls,
                no_file.clone(),
                Code::FailedPrecondition,
                "/nowhere/server.crt",
            ),
            (
                "x",
                ListenerKind::Tls,
                no_ca,
                Code::InvalidArgument,
                "who may sign",
            ),
        ];
        for (name, kind, settings, code, part) in add {
            let refused = admin.add_listener(name, kind, settings).await.unwrap_err();
            assert_eq!(refused.code(), code, "{refused}");
            assert!(refused.message().contains(part), "{part}: {refused}");
        }
        no_file.bind = None;
        for (name, settings, code, part) in [
            ("nobody", bind(&taken), Code::NotFound, "'nobody'"),
            (
                "mqtt",
                no_file.clone(),
                Code::InvalidArgument,
                "no such setting",
            ),
            (
                "mqtts",
                no_file,
                Code::FailedPrecondition,
                "/nowhere/server.crt",
            ),
            ("mqtts", bind(&mqtt), Code::InvalidArgument, "'mqtt'"),
        ] {
            let refused = admin.set_listener(name, settings).await.unwrap_err();
            assert_eq!(refused.code(), code, "{refused}");
            assert!(refused.message().contains(part), "{part}: {refused}");
        }
        for name in ["nobody", "mqtt"] {
            let refused = admin.reload_certificates(name).await.unwrap_err();
            assert!(
                refused.message().contains(&format!("'{name}'")),
                "{refused}"
            );
        }
        let refused = admin.remove_listener("nobody", false).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        assert_eq!(settings(&admin).await, before);
        assert!(!served.node.options.data_dir.join("listeners.json").exists());
        let unknown = SetListenerRequest {
            node: "n9".to_owned(),
            name: "mqtt".to_owned(),
            settings: None,
        };
        let refused = admin.listeners().set(unknown).await.unwrap_err();
        assert!(refused.message().contains("'n9'"), "{refused}");
        for (_, mut client) in served.clients(Protocol::V5).await {
            client.silence().await;
        }
    })
    .await;
}

#[tokio::test]
async fn any_node_is_asked_for_the_listeners_of_all() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let admin = cluster.admin(0).await;
        let request = emqx_proto::admin::v1::AddListenerRequest {
            node: "n2".to_owned(),
            name: "ws".to_owned(),
            kind: ListenerKind::Ws.into(),
            settings: Some(bind("127.0.0.1:0")),
        };
        let added = admin.listeners().add(request).await.unwrap().into_inner();
        let all = admin.all_listeners().await;
        let names: Vec<(&str, &str)> = all
            .iter()
            .map(|listener| (&*listener.node, &*listener.name))
            .collect();
        assert_eq!(names, [("n1", "mqtt"), ("n2", "mqtt"), ("n2", "ws")]);
        let socket = streams::websocket(streams::tcp(&added.address).await.unwrap(), "/mqtt").await;
        let _client = Wire::clean_over(streams::bytes_of(socket.unwrap()), Protocol::V5, "c").await;
        let node = admin.node("n2").await;
        let kinds: Vec<&str> = node.listeners.iter().map(|shown| &*shown.kind).collect();
        assert_eq!(kinds, ["tcp", "ws"]);
        let (_, text) = http::get(cluster.nodes[1].ready.http, "/metrics")
            .await
            .unwrap();
        let line = "emqxd_listener_connections{listener=\"ws\",type=\"ws\"} 1";
        assert!(text.contains(line), "{text}");
    })
    .await;
}
