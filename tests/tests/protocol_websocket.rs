//! Chapter 6 of both specifications, byte for byte: MQTT in WebSocket frames. More about WebSocket is in `transports`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::every_transport::EveryTransport;
use emqx_tests::wire::{Connect, publish};
use emqx_tests::{unique, within};
use emqxctl::demo::link::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: Duration = Duration::from_secs(60);

/// First byte of a frame that is whole.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

/// Asks for a WebSocket with these sub-protocols; the lines of the answer.
async fn upgrade(served: &EveryTransport, offered: &str) -> (TcpStream, Vec<String>) {
    let mut stream = TcpStream::connect(served.ws()).await.unwrap();
    let request = format!(
        "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {offered}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    (stream, answer.lines().map(str::to_owned).collect())
}

/// A frame of a client, whose mask changes nothing.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126, "a short frame");
    [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

/// The next frame of the Server: its first byte and what it carries.
async fn heard(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let first = stream.read_u8().await.unwrap();
    let length = stream.read_u8().await.unwrap();
    assert!(length < 126, "a short frame");
    let mut payload = vec![0; usize::from(length)];
    stream.read_exact(&mut payload).await.unwrap();
    (first, payload)
}

#[tokio::test]
async fn the_sub_protocol_mqtt_is_selected() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        for offered in ["mqtt", "mqttv3.1, mqtt", "mqtt, chat"] {
            let (_, answer) = upgrade(&served, offered).await;
            assert!(answer[0].starts_with("HTTP/1.1 101 "), "{answer:?}");
            let selected: Vec<_> = answer
                .iter()
                .filter_map(|line| line.split_once(':'))
                .filter(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Protocol"))
                .map(|(_, value)| value.trim())
                .collect();
            assert_eq!(selected, ["mqtt"], "{offered}");
        }
    })
    .await;
}

#[tokio::test]
async fn packets_go_in_binary_frames_and_others_end_the_connection() {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        for protocol in [Protocol::V3_1_1, Protocol::V5] {
            // Also when what the frame carries would be a packet.
            for is_connected in [false, true] {
                let connect = Connect::clean(&unique("c")).encode(protocol);
                let (mut stream, _) = upgrade(&served, "mqtt").await;
                if is_connected {
                    stream.write_all(&frame(BINARY, &connect)).await.unwrap();
                    let (first, payload) = heard(&mut stream).await;
                    assert_eq!((first, payload[0]), (BINARY, 0x20));
                    let topic = unique("t");
                    let message = publish(&topic, 1, 1, "x").encode(protocol);
                    stream.write_all(&frame(BINARY, &message)).await.unwrap();
                    let (first, payload) = heard(&mut stream).await;
                    assert_eq!((first, payload[0]), (BINARY, 0x40));
                    stream.write_all(&frame(TEXT, &[0xC0, 0])).await.unwrap();
                } else {
                    stream.write_all(&frame(TEXT, &connect)).await.unwrap();
                }
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await.unwrap();
                // Neither CONNACK nor PINGRESP.
                assert!(
                    !rest.windows(2).any(|bytes| bytes == [0xD0, 0]),
                    "{rest:02x?}"
                );
                assert!(
                    !rest
                        .windows(3)
                        .any(|bytes| bytes[0] == BINARY && bytes[2] == 0x20)
                );
            }
        }
    })
    .await;
}
