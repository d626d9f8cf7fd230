//! MQTT over TLS, WebSocket, both, a Unix socket, and behind a balancer that speaks the PROXY protocol.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use emqx_tests::certificates::{Authority, Files};
use emqx_tests::every_transport::EveryTransport;
use emqx_tests::streams::{self, bytes_of, tcp, websocket, websocket_with};
use emqx_tests::wire::{Connect, Heard, Wire, publish};
use emqx_tests::{eventually, programs, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use futures_util::{SinkExt, StreamExt};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::{Error, Message};

const LIMIT: Duration = Duration::from_secs(60);

/// Reads to the end, however it comes.
async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let mut all = Vec::new();
    // A reset is an end too.
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut all))
        .await
        .expect("the Server closes");
    all
}

/// The whole CONNECT of a client.
fn connect(client_id: &str) -> Vec<u8> {
    Connect::clean(client_id).encode(Protocol::V5)
}

#[tokio::test]
async fn clients_of_all_transports_reach_each_other() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        for protocol in [Protocol::V3_1_1, Protocol::V5] {
            let mut clients = served.clients(protocol).await;
            for (name, client) in &mut clients {
                assert_eq!(client.subscribe("t/#", 2).await, [2], "{name}");
            }
            for sender in 0..clients.len() {
                let topic = format!("t/{}", clients[sender].0);
                clients[sender]
                    .1
                    .publish(&publish(&topic, 0, 0, "hello"))
                    .await;
                for (name, client) in &mut clients {
                    let message = client.message().await;
                    assert_eq!(
                        (&*message.topic, &*message.payload),
                        (&*topic, "hello"),
                        "{name}"
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn large_messages_pass_whole_in_both_directions() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let payload = "0123456789abcdef".repeat(50_000);
        for (name, mut client) in served.clients(Protocol::V5).await {
            client.subscribe(name, 1).await;
            client.publish(&publish(name, 0, 0, &payload)).await;
            client.publish(&publish(name, 0, 0, "behind it")).await;
            assert!(client.message().await.payload == payload, "{name}");
            assert_eq!(client.message().await.payload, "behind it", "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        for version in [&TLS12, &TLS13] {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let mut roots = rustls::RootCertStore::empty();
            roots.add(authority_certificate(&served.authority)).unwrap();
            let config = rustls::ClientConfig::builder_with_provider(provider)
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
            let connector = TlsConnector::from(Arc::new(config));
            let stream = streams::tls(&served.mqtts(), "localhost", &connector)
                .await
                .unwrap();
            assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
            let mut client = Wire::clean_over(stream, Protocol::V5, "c").await;
            client.silence().await;
        }
    })
    .await;
}

fn authority_certificate(authority: &Authority) -> rustls::pki_types::CertificateDer<'static> {
    use rustls::pki_types::pem::PemObject;
    rustls::pki_types::CertificateDer::from_pem_file(&authority.cacertfile).unwrap()
}

/// Whether a client with this certificate gets a CONNACK.
async fn is_accepted(address: &str, trusted: &Authority, certificate: Option<&Files>) -> bool {
    let Ok(mut stream) = streams::tls(address, "localhost", &trusted.connector(certificate)).await
    else {
        return false;
    };
    let _ = stream.write_all(&connect("c")).await;
    let mut first = [0];
    matches!(stream.read(&mut first).await, Ok(1) if first[0] == 0x20)
}

#[tokio::test]
async fn clients_may_have_to_show_a_certificate() {
    within(LIMIT, async {
        let listeners = |_: &Path, authority: &Authority| {
            ["optional", "required"]
                .map(|mode| {
                    format!(
                        "[listeners.{mode}]\ntype = \"tls\"\nbind = \"127.0.0.1:0\"\ncacertfile = {:?}\nclient_certificate = \"{mode}\"\n",
                        authority.cacertfile
                    )
                })
                .concat()
        };
        let served = EveryTransport::start_with(listeners).await;
        let admin = served.admin().await;
        let optional = admin.listener("optional").await.address;
        let required = admin.listener("required").await.address;
        let stranger = Authority::new(&served.path(""), "stranger");
        let own = served.authority.client("own");
        let foreign = stranger.client("foreign");
        for (address, certificate, expected) in [
            (&optional, None, true),
            (&optional, Some(&own), true),
            (&optional, Some(&foreign), false),
            (&required, None, false),
            (&required, Some(&own), true),
            (&required, Some(&foreign), false),
        ] {
            let accepted = is_accepted(address, &served.authority, certificate).await;
            assert_eq!(accepted, expected, "{address} {certificate:?}");
        }
        assert_eq!(admin.listener("required").await.handshake_failures_total, 2);
    })
    .await;
}

#[tokio::test]
async fn the_name_that_is_asked_for_picks_the_certificate() {
    within(LIMIT, async {
        let names = ["a.example.org", "*.example.org"];
        let listener = |_: &Path, authority: &Authority| {
            let sni = names.map(|name| {
                let files = authority.server(&name.replace('*', "any"), &[name]);
                format!(
                    "{{ server_name = {name:?}, certfile = {:?}, keyfile = {:?} }}",
                    files.certfile, files.keyfile
                )
            });
            format!(
                "[listeners.sni]\ntype = \"tls\"\nbind = \"127.0.0.1:0\"\ncertfile = {:?}\nkeyfile = {:?}\nsni = [{}]\n",
                authority.cacertfile.with_file_name("server.crt"),
                authority.cacertfile.with_file_name("server.key"),
                sni.join(", ")
            )
        };
        let served = EveryTransport::start_with(listener).await;
        let address = served.admin().await.listener("sni").await.address;
        let connector = served.authority.connector(None);
        for (name, file) in [
            ("a.example.org", "a.example.org.crt"),
            ("b.example.org", "any.example.org.crt"),
            ("localhost", "server.crt"),
        ] {
            let stream = streams::tls(&address, name, &connector).await.unwrap();
            let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
            let expected = Files {
                certfile: served.path(file),
                keyfile: served.path(file),
            };
            assert_eq!(shown, expected.certificate(), "{name}");
        }
    })
    .await;
}

/// A WebSocket to the node.
async fn open(served: &EveryTransport) -> WebSocketStream<TcpStream> {
    let stream = tcp(&served.ws()).await.unwrap();
    websocket(stream, "/mqtt").await.unwrap()
}

/// A frame of a client.
fn frame(payload: &[u8], data: Data, is_final: bool) -> Message {
    let mut header = FrameHeader {
        is_final,
        opcode: OpCode::Data(data),
        ..FrameHeader::default()
    };
    header.mask = None;
    Message::Frame(Frame::from_payload(header, payload.to_vec().into()))
}

/// All MQTT bytes until `count` of them are there.
async fn payload(socket: &mut WebSocketStream<TcpStream>, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < count {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => all.extend_from_slice(&bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("{other:?}"),
        }
    }
    all
}

const PINGREQ: [u8; 2] = [0xC0, 0];
const PINGRESP: [u8; 2] = [0xD0, 0];

#[tokio::test]
async fn packets_may_lie_across_frames_in_any_way() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        // A byte a message, then a byte a frame of one message, then all packets in one frame.
        let mut bytewise = open(&served).await;
        for byte in connect("bytewise") {
            bytewise.send(Message::binary(vec![byte])).await.unwrap();
        }
        assert_eq!(payload(&mut bytewise, 1).await[0], 0x20);
        let mut fragmented = open(&served).await;
        let bytes = connect("fragmented");
        for (index, byte) in bytes.iter().enumerate() {
            let data = if index == 0 {
                Data::Binary
            } else {
                Data::Continue
            };
            let is_final = index == bytes.len() - 1;
            fragmented
                .send(frame(&[*byte], data, is_final))
                .await
                .unwrap();
            if index == 5 {
                // Control frames may stand between the fragments.
                fragmented.send(Message::Ping("x".into())).await.unwrap();
            }
        }
        assert_eq!(payload(&mut fragmented, 1).await[0], 0x20);
        let mut together = open(&served).await;
        let mut bytes = connect("together");
        bytes.extend(PINGREQ.repeat(3));
        together.send(Message::binary(bytes)).await.unwrap();
        let mut answers = payload(&mut together, 1).await;
        while !answers.ends_with(&PINGRESP.repeat(3)) {
            answers.extend(payload(&mut together, 1).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_ping_is_answered_also_before_connect() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let mut socket = open(&served).await;
        for bytes in [Vec::new(), connect("c")] {
            if !bytes.is_empty() {
                socket.send(Message::binary(bytes)).await.unwrap();
                payload(&mut socket, 1).await;
            }
            socket.send(Message::Ping("there?".into())).await.unwrap();
            let answer = socket.next().await.unwrap().unwrap();
            assert_eq!(answer, Message::Pong("there?".into()));
        }
    })
    .await;
}

/// The code of the Server's Close frame, and that nothing follows.
async fn close_code(socket: &mut WebSocketStream<TcpStream>) -> Option<CloseCode> {
    let mut code = None;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            code = frame.map(|frame| frame.code);
        }
    }
    code
}

#[tokio::test]
async fn a_text_frame_ends_the_connection() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let mut before = open(&served).await;
        before.send(Message::text("MQTT?")).await.unwrap();
        assert_eq!(close_code(&mut before).await, Some(CloseCode::Unsupported));
        let mut after = open(&served).await;
        after.send(Message::binary(connect("c"))).await.unwrap();
        payload(&mut after, 1).await;
        after.send(Message::text("MQTT?")).await.unwrap();
        assert_eq!(close_code(&mut after).await, Some(CloseCode::Unsupported));
    })
    .await;
}

#[tokio::test]
async fn a_websocket_ends_with_a_close_frame_of_either_side() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        let mut client = open(&served).await;
        client.send(Message::binary(connect("c"))).await.unwrap();
        payload(&mut client, 1).await;
        let mut second = open(&served).await;
        second.send(Message::binary(connect("c"))).await.unwrap();
        payload(&mut second, 1).await;
        // DISCONNECT 0x8E, then the Close frame.
        let disconnect = payload(&mut client, 3).await;
        assert_eq!((disconnect[0], disconnect[2]), (0xE0, 0x8E));
        assert_eq!(close_code(&mut client).await, Some(CloseCode::Normal));
        second.close(None).await.unwrap();
        close_code(&mut second).await;
        let admin = served.admin().await;
        eventually("the client is gone", LIMIT, || async {
            admin.client("c").await.is_none().then_some(())
        })
        .await;
    })
    .await;
}

/// The status of the answer to a WebSocket request.
async fn refused(served: &EveryTransport, path: &str, sub_protocol: &'static str) -> u16 {
    let stream = tcp(&served.ws()).await.unwrap();
    match websocket_with(stream, path, sub_protocol).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_websocket_for_mqtt_gets_an_http_answer() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|_, _| {
            "[listeners.other]\ntype = \"ws\"\nbind = \"127.0.0.1:0\"\npath = \"/other\"\n"
                .to_owned()
        })
        .await;
        assert_eq!(refused(&served, "/", "mqtt").await, 404);
        assert_eq!(refused(&served, "/mqtt", "amqp").await, 400);
        for (request, status) in [
            ("GET /mqtt HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "426"),
            ("POST /mqtt HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "405"),
            (format!("GET /{} HTTP/1.1\r\n", "a".repeat(10_000)), "431"),
            ("hello\r\n\r\n".to_owned(), "400"),
        ] {
            let mut stream = tcp(&served.ws()).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let answer = String::from_utf8(rest(&mut stream).await).unwrap();
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{answer}"
            );
        }
        let admin = served.admin().await;
        assert_eq!(admin.listener("ws").await.handshake_failures_total, 6);
        let stream = tcp(&admin.listener("other").await.address).await.unwrap();
        let socket = websocket(stream, "/other?a=b").await.unwrap();
        Wire::clean_over(bytes_of(socket), Protocol::V3_1_1, "c").await;
    })
    .await;
}

const V1: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 1883\r\n";

fn v2(command: u8, tlv: &[u8]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    header.extend([0x20 | command, 0x11]);
    header.extend((12 + tlv.len() as u16).to_be_bytes());
    header.extend([192, 0, 2, 8, 192, 0, 2, 1, 0x12, 0x67, 0x07, 0x5B]);
    header.extend(tlv);
    header
}

fn proxied(name: &str, kind: &str) -> String {
    format!(
        "[listeners.{name}]\ntype = \"{kind}\"\nbind = \"127.0.0.1:0\"\nproxy_protocol = true\nproxy_protocol_timeout = \"500ms\"\n"
    )
}

#[tokio::test]
async fn a_balancer_says_whom_it_carries() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|_, _| {
            [proxied("proxied", "tcp"), proxied("proxied-tls", "tls")].concat()
        })
        .await;
        let admin = served.admin().await;
        let address = admin.listener("proxied").await.address;
        for (header, client) in [
            (V1.to_vec(), Some("192.0.2.7:4711")),
            (v2(1, &[4, 0, 2, 0, 0]), Some("192.0.2.8:4711")),
            (v2(0, &[]), None),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
        ] {
            let mut stream = tcp(&address).await.unwrap();
            let own = stream.local_addr().unwrap().to_string();
            // Header and CONNECT at once: what follows the header must not be lost.
            stream.write_all(&header).await.unwrap();
            let _client = Wire::clean_over(stream, Protocol::V5, "c").await;
            let seen = admin.client("c").await.unwrap();
            assert_eq!(seen.address, client.unwrap_or(&own));
            assert_eq!(seen.listener, "proxied");
        }
        // The header stands before the TLS handshake.
        let mut stream = tcp(&admin.listener("proxied-tls").await.address)
            .await
            .unwrap();
        stream.write_all(V1).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let connector = served.authority.connector(None);
        let stream = connector.connect(name, stream).await.unwrap();
        let _client = Wire::clean_over(stream, Protocol::V5, "c").await;
        assert_eq!(admin.client("c").await.unwrap().address, "192.0.2.7:4711");
    })
    .await;
}

#[tokio::test]
async fn without_the_header_that_was_asked_for_nothing_is_served() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|_, _| proxied("proxied", "tcp")).await;
        let admin = served.admin().await;
        let address = admin.listener("proxied").await.address;
        let mut endless = b"PROXY ".to_vec();
        endless.extend([b'x'; 200]);
        for bytes in [connect("c"), endless, V1[..10].to_vec()] {
            let mut stream = tcp(&address).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            assert_eq!(rest(&mut stream).await, b"", "{bytes:?}");
        }
        assert_eq!(admin.listener("proxied").await.handshake_failures_total, 3);
        assert!(
            served
                .node
                .log()
                .contains("no PROXY header within the time limit")
        );
    })
    .await;
}

#[tokio::test]
async fn a_unix_socket_serves_and_its_file_comes_and_goes() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|folder, _| {
            // Left by a process that is gone.
            drop(std::os::unix::net::UnixListener::bind(folder.join("mqtt.sock")).unwrap());
            format!(
                "[listeners.local]\ntype = \"tcp\"\nbind = \"unix:{}\"\n",
                folder.join("mqtt.sock").display()
            )
        })
        .await;
        let path = served.path("mqtt.sock");
        let stream = UnixStream::connect(&path).await.unwrap();
        let mut local = Wire::clean_over(stream, Protocol::V5, "local").await;
        local.subscribe("t", 0).await;
        let mut other = Wire::clean(&served.node.mqtt(), Protocol::V5, "other").await;
        other.publish(&publish("t", 0, 0, "hello")).await;
        assert_eq!(local.message().await.payload, "hello");
        let admin = served.admin().await;
        assert_eq!(admin.client("local").await.unwrap().address, "unix");
        let listener = admin.listener("local").await;
        assert_eq!(listener.address, format!("unix:{}", path.display()));
        served.node.terminate().await.unwrap();
        assert!(!path.exists());
    })
    .await;
}

#[tokio::test]
async fn one_client_too_many_is_told_so_or_closed_before_tls() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|_, _| {
            ["mqtt", "mqtts", "ws"]
                .map(|name| format!("[listeners.{name}]\nmax_connections = 1\n"))
                .concat()
        })
        .await;
        let _first = Wire::clean(&served.node.mqtt(), Protocol::V5, "first").await;
        for (protocol, code) in [(Protocol::V5, 0x97), (Protocol::V3_1_1, 3)] {
            let mut wire = Wire::open(&served.node.mqtt(), protocol).await;
            wire.send(&Connect::clean("second").encode(protocol)).await;
            match wire.hear().await {
                Heard::ConnAck { code: found, .. } => assert_eq!(found, code),
                other => panic!("{other:?}"),
            }
            assert_eq!(wire.hear().await, Heard::Closed);
        }
        let _ws = Wire::clean_over(served.ws_bytes().await, Protocol::V5, "ws").await;
        let mut wire = Wire::over(served.ws_bytes().await, Protocol::V5);
        wire.send(&connect("second")).await;
        assert!(matches!(
            wire.hear().await,
            Heard::ConnAck { code: 0x97, .. }
        ));
        let stream = served.tls_to(&served.mqtts()).await;
        let _tls = Wire::clean_over(stream, Protocol::V5, "tls").await;
        let connector = served.authority.connector(None);
        let closed = streams::tls(&served.mqtts(), "localhost", &connector).await;
        assert!(
            matches!(
                closed.as_ref().map_err(io::Error::kind),
                Err(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
            ),
            "{closed:?}"
        );
        let admin = served.admin().await;
        for (name, refused) in [("mqtt", 2), ("ws", 1), ("mqtts", 1)] {
            assert_eq!(admin.listener(name).await.refused_total, refused, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_limit_of_a_listener_on_packets_is_announced_and_kept() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|_, _| {
            "[listeners.ws]\nmaximum_packet_size = \"2KiB\"\n".to_owned()
        })
        .await;
        let mut wire = Wire::over(served.ws_bytes().await, Protocol::V5);
        wire.send(&connect("c")).await;
        let Heard::ConnAck { properties, .. } = wire.hear().await else {
            panic!()
        };
        assert!(
            properties.contains(&(0x27, emqx_tests::wire::Value::Four(2_048))),
            "{properties:?}"
        );
        wire.publish(&publish("t", 0, 0, &"x".repeat(2_048))).await;
        assert_eq!(wire.end().await, Some(0x95));
    })
    .await;
}

#[tokio::test]
async fn whoever_speaks_the_wrong_language_is_closed_and_disturbs_nobody() {
    within(LIMIT, async {
        let served = EveryTransport::start_with(|_, _| {
            "[listeners.impatient]\ntype = \"wss\"\nbind = \"127.0.0.1:0\"\nhandshake_timeout = \"300ms\"\n"
                .to_owned()
        })
        .await;
        let mut healthy = Wire::clean(&served.node.mqtt(), Protocol::V5, "healthy").await;
        let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on";
        let http = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";
        for (address, bytes) in [
            (served.node.mqtt(), &hello[..]),
            (served.node.mqtt(), &http[..]),
            (served.mqtts(), &connect("c")[..]),
            (served.mqtts(), &http[..]),
            (served.mqtts(), &[0xFF; 4_096]),
            (served.ws(), &connect("c")[..]),
            (served.ws(), &[0; 20_000]),
            (served.wss(), &http[..]),
        ] {
            let mut stream = tcp(&address).await.unwrap();
            // It may be closed before all of it is taken.
            let _ = stream.write_all(bytes).await;
            rest(&mut stream).await;
            healthy.silence().await;
        }
        // A handshake of TLS, and one of WebSocket over TLS, that never ends.
        let admin = served.admin().await;
        let address = admin.listener("impatient").await.address;
        let mut silent = tcp(&address).await.unwrap();
        silent.write_all(&hello[..1]).await.unwrap();
        rest(&mut silent).await;
        let mut half = served.tls_to(&address).await;
        half.write_all(&http[..5]).await.unwrap();
        rest(&mut half).await;
        assert_eq!(admin.listener("impatient").await.handshake_failures_total, 2);
        healthy.silence().await;
        let log = served.node.log();
        for line in [
            "TLS: the client speaks something else",
            "TLS: no handshake within the time limit",
            "WebSocket: no request within the time limit",
            "WebSocket: answered by 400 Bad Request",
        ] {
            assert!(log.contains(line), "{line} is not in\n{log}");
        }
    })
    .await;
}

#[tokio::test]
async fn strangers_do_not_flood_the_log() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        for _ in 0..100 {
            let mut stream = tcp(&served.mqtts()).await.unwrap();
            stream.write_all(b"no TLS at all").await.unwrap();
            rest(&mut stream).await;
        }
        let admin = served.admin().await;
        assert_eq!(admin.listener("mqtts").await.handshake_failures_total, 100);
        let log = served.node.log();
        let lines = log
            .lines()
            .filter(|line| line.contains("closed before MQTT began"));
        let count = lines.count();
        assert!((1..100).contains(&count), "{count} lines:\n{log}");
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_stops_the_start_and_is_named() {
    within(LIMIT, async {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path(), "ca");
        let a = authority.server("a", &["localhost"]);
        let b = authority.server("b", &["localhost"]);
        let missing = folder.path().join("missing.crt");
        for (certfile, keyfile, words) in [
            (&missing, &a.keyfile, ["missing.crt", "cannot be read"]),
            (
                &a.certfile,
                &b.keyfile,
                ["b.key", "not the key of the certificate"],
            ),
            (&a.keyfile, &a.keyfile, ["a.key", "no certificate in PEM"]),
        ] {
            let mut options = NodeOptions::new(&programs::emqxd(), folder.path(), "n1");
            options
                .flags
                .insert("mqtts".to_owned(), "127.0.0.1:0".to_owned());
            let config = folder.path().join("e.toml");
            std::fs::write(
                &config,
                format!("[tls]\ncertfile = {certfile:?}\nkeyfile = {keyfile:?}\n"),
            )
            .unwrap();
            options
                .flags
                .insert("config".to_owned(), config.display().to_string());
            std::fs::create_dir_all(&options.data_dir).unwrap();
            let (status, log) = Node::start_to_fail(&options, LIMIT).await.unwrap();
            assert_eq!(status.code(), Some(1), "{log}");
            for word in words.iter().chain(&["mqtts"]) {
                assert!(log.contains(word), "{word} is not in\n{log}");
            }
        }
    })
    .await;
}
