//! One Network Connection of a real client library, the same for MQTT 3.1.1 and 5.0.
//!
//! A link lives in a task of its own, so that waiting for its next event can be given up at any time
//! without disturbing a CONNECT on its way. rumqttc would reconnect by itself to the same address; a
//! link never does: it ends with its connection, and whoever uses it chooses where to go next.

use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use rumqttc::v5;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Requests on their way to the connection, before the caller has to wait.
const REQUESTS_MAX: usize = 64;
/// Events not yet taken by the caller, before the connection stops reading.
const EVENTS_MAX: usize = 256;
/// Unacknowledged QoS 1 and 2 messages that the library sends at most.
const INFLIGHT_MAX: u16 = 64;
/// Largest packet that is accepted, in bytes.
const PACKET_BYTES_MAX: usize = 1024 * 1024;

/// Version of the protocol that a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// MQTT 3.1.1
    V3_1_1,
    /// MQTT 5.0
    V5,
}

/// Will Message of a CONNECT.
#[derive(Debug, Clone)]
pub struct Will {
    /// Topic Name.
    pub topic: String,
    /// Will Payload.
    pub payload: Vec<u8>,
    /// 0, 1 or 2.
    pub qos: u8,
    /// Will Retain.
    pub retain: bool,
    /// Seconds; only in 5.0.
    pub delay_interval_s: u32,
}

/// What a CONNECT says, and to whom.
#[derive(Debug, Clone)]
pub struct LinkOptions {
    /// Client Identifier.
    pub client_id: String,
    /// Version.
    pub protocol: Protocol,
    /// `host:port`
    pub address: String,
    /// Clean Start, or Clean Session in 3.1.1.
    pub clean_start: bool,
    /// Seconds; only in 5.0, where 0 ends the Session with its connection.
    pub session_expiry_interval_s: u32,
    /// At least five seconds.
    pub keep_alive: Duration,
    /// Will Message.
    pub will: Option<Will>,
}

impl LinkOptions {
    /// A client whose Session outlives its connections by an hour.
    pub fn persistent(client_id: &str, protocol: Protocol, address: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            protocol,
            address: address.to_owned(),
            clean_start: false,
            session_expiry_interval_s: 3600,
            keep_alive: Duration::from_secs(30),
            will: None,
        }
    }

    /// A client whose Session ends with its connection.
    pub fn clean(client_id: &str, protocol: Protocol, address: &str) -> Self {
        Self {
            clean_start: true,
            session_expiry_interval_s: 0,
            ..Self::persistent(client_id, protocol, address)
        }
    }
}

/// An Application Message as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Topic Name.
    pub topic: String,
    /// Payload.
    pub payload: Bytes,
    /// 0, 1 or 2.
    pub qos: u8,
    /// RETAIN
    pub retain: bool,
    /// DUP
    pub dup: bool,
}

/// How a connection ended.
#[derive(Debug, Clone)]
pub struct Closed {
    /// When it was noticed.
    pub at: Instant,
    /// Whether the CONNECT had been accepted.
    pub was_accepted: bool,
    /// Whether this side asked for it.
    pub by_client: bool,
    /// Reason Code of a DISCONNECT packet.
    pub reason_code: Option<u8>,
    /// Where the Server sends its client instead.
    pub server_reference: Option<String>,
    /// For people.
    pub cause: String,
}

/// What happens on a link.
#[derive(Debug, Clone)]
pub enum LinkEvent {
    /// CONNACK with success.
    Accepted {
        /// Session Present.
        session_present: bool,
        /// When it was noticed.
        at: Instant,
    },
    /// SUBACK.
    Subscribed {
        /// Whether every Topic Filter was granted.
        is_granted: bool,
    },
    /// UNSUBACK.
    Unsubscribed,
    /// PUBLISH from the Server.
    Received(Message),
    /// A PUBLISH has left; QoS 0 has packet identifier 0.
    Sent {
        /// Packet Identifier.
        packet_id: u16,
    },
    /// PUBACK, or PUBCOMP of QoS 2.
    Acknowledged {
        /// Packet Identifier.
        packet_id: u16,
        /// Whether the Server took the message.
        is_success: bool,
    },
    /// The end; nothing follows.
    Closed(Closed),
}

enum Requests {
    V3(rumqttc::AsyncClient),
    V5(v5::AsyncClient),
}

/// One Network Connection. Dropping it closes the connection without a DISCONNECT.
pub struct Link {
    requests: Requests,
    events: mpsc::Receiver<LinkEvent>,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    /// Begins to connect. Fails only when the address is no `host:port`.
    pub fn open(options: &LinkOptions) -> anyhow::Result<Self> {
        let (host, port) = split_address(&options.address)?;
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let (requests, task) = match options.protocol {
            Protocol::V3_1_1 => {
                let (client, event_loop) = open_v3(options, host, port);
                (
                    Requests::V3(client),
                    tokio::spawn(drive_v3(event_loop, sender)),
                )
            }
            Protocol::V5 => {
                let (client, event_loop) = open_v5(options, host, port);
                (
                    Requests::V5(client),
                    tokio::spawn(drive_v5(event_loop, sender)),
                )
            }
        };
        Ok(Self {
            requests,
            events,
            task,
        })
    }

    /// The next event; `None` after [`LinkEvent::Closed`]. Can be cancelled without loss.
    pub async fn next(&mut self) -> Option<LinkEvent> {
        self.events.recv().await
    }

    /// Asks for a subscription; [`LinkEvent::Subscribed`] answers it.
    pub async fn subscribe(&self, topic_filter: &str, qos: u8) -> anyhow::Result<()> {
        match &self.requests {
            Requests::V3(client) => client.subscribe(topic_filter, v3_qos(qos)).await?,
            Requests::V5(client) => client.subscribe(topic_filter, v5_qos(qos)).await?,
        }
        Ok(())
    }

    /// Asks for the end of a subscription; [`LinkEvent::Unsubscribed`] answers it.
    pub async fn unsubscribe(&self, topic_filter: &str) -> anyhow::Result<()> {
        match &self.requests {
            Requests::V3(client) => client.unsubscribe(topic_filter).await?,
            Requests::V5(client) => client.unsubscribe(topic_filter).await?,
        }
        Ok(())
    }

    /// Publishes; waits while too many requests are on their way.
    pub async fn publish(
        &self,
        topic: &str,
        qos: u8,
        retain: bool,
        payload: Vec<u8>,
    ) -> anyhow::Result<()> {
        match &self.requests {
            Requests::V3(client) => client.publish(topic, v3_qos(qos), retain, payload).await?,
            Requests::V5(client) => client.publish(topic, v5_qos(qos), retain, payload).await?,
        }
        Ok(())
    }

    /// Publishes unless too many requests are on their way; tells whether it did.
    pub fn try_publish(&self, topic: &str, qos: u8, payload: Vec<u8>) -> bool {
        match &self.requests {
            Requests::V3(client) => client
                .try_publish(topic, v3_qos(qos), false, payload)
                .is_ok(),
            Requests::V5(client) => client
                .try_publish(topic, v5_qos(qos), false, payload)
                .is_ok(),
        }
    }

    /// Sends DISCONNECT (the Session is kept as the CONNECT said); [`LinkEvent::Closed`] follows.
    pub async fn disconnect(&self) -> anyhow::Result<()> {
        match &self.requests {
            Requests::V3(client) => client.disconnect().await?,
            Requests::V5(client) => client.disconnect().await?,
        }
        Ok(())
    }
}

fn open_v3(
    options: &LinkOptions,
    host: &str,
    port: u16,
) -> (rumqttc::AsyncClient, rumqttc::EventLoop) {
    let mut connect = rumqttc::MqttOptions::new(&options.client_id, host, port);
    connect
        .set_keep_alive(options.keep_alive)
        .set_clean_session(options.clean_start)
        .set_inflight(INFLIGHT_MAX)
        .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
    if let Some(will) = &options.will {
        connect.set_last_will(rumqttc::LastWill::new(
            &will.topic,
            will.payload.clone(),
            v3_qos(will.qos),
            will.retain,
        ));
    }
    let (client, mut event_loop) = rumqttc::AsyncClient::new(connect, REQUESTS_MAX);
    event_loop.network_options.set_tcp_nodelay(true);
    (client, event_loop)
}

fn open_v5(options: &LinkOptions, host: &str, port: u16) -> (v5::AsyncClient, v5::EventLoop) {
    let mut connect = v5::MqttOptions::new(&options.client_id, host, port);
    let mut network = rumqttc::NetworkOptions::new();
    network.set_tcp_nodelay(true);
    connect
        .set_keep_alive(options.keep_alive)
        .set_clean_start(options.clean_start)
        .set_session_expiry_interval(Some(options.session_expiry_interval_s))
        .set_max_packet_size(Some(PACKET_BYTES_MAX as u32))
        .set_outgoing_inflight_upper_limit(INFLIGHT_MAX)
        .set_network_options(network);
    if let Some(will) = &options.will {
        connect.set_last_will(v5::mqttbytes::v5::LastWill {
            topic: Bytes::from(will.topic.clone()),
            message: Bytes::from(will.payload.clone()),
            qos: v5_qos(will.qos),
            retain: will.retain,
            properties: Some(v5::mqttbytes::v5::LastWillProperties {
                delay_interval: Some(will.delay_interval_s),
                payload_format_indicator: None,
                message_expiry_interval: None,
                content_type: None,
                response_topic: None,
                correlation_data: None,
                user_properties: Vec::new(),
            }),
        });
    }
    v5::AsyncClient::new(connect, REQUESTS_MAX)
}

/// What the end looked like so far, gathered while events pass by.
#[derive(Default)]
struct Ending {
    was_accepted: bool,
    by_client: bool,
    reason_code: Option<u8>,
    server_reference: Option<String>,
}

impl Ending {
    fn closed(self, cause: String) -> LinkEvent {
        LinkEvent::Closed(Closed {
            at: Instant::now(),
            was_accepted: self.was_accepted,
            by_client: self.by_client,
            reason_code: self.reason_code,
            server_reference: self.server_reference,
            cause: if self.by_client {
                "disconnected".to_owned()
            } else {
                cause
            },
        })
    }
}

async fn drive_v3(mut event_loop: rumqttc::EventLoop, events: mpsc::Sender<LinkEvent>) {
    let mut ending = Ending::default();
    let cause = loop {
        let polled = event_loop.poll().await;
        // A failing poll leaves the events of its last read in the queue.
        let (batch, cause) = match polled {
            Ok(event) => (vec![event], None),
            Err(error) => (
                event_loop.state.events.drain(..).collect(),
                Some(error.to_string()),
            ),
        };
        for event in batch {
            if let Some(event) = translate_v3(event, &mut ending)
                && events.send(event).await.is_err()
            {
                return;
            }
        }
        if ending.by_client {
            break String::new();
        }
        if let Some(cause) = cause {
            break cause;
        }
    };
    // The connection is closed before its end is told.
    drop(event_loop);
    let _ = events.send(ending.closed(cause)).await;
}

fn translate_v3(event: rumqttc::Event, ending: &mut Ending) -> Option<LinkEvent> {
    use rumqttc::{Outgoing, Packet, SubscribeReasonCode};
    Some(match event {
        rumqttc::Event::Incoming(packet) => match packet {
            Packet::ConnAck(connack) => {
                ending.was_accepted = true;
                LinkEvent::Accepted {
                    session_present: connack.session_present,
                    at: Instant::now(),
                }
            }
            Packet::SubAck(suback) => LinkEvent::Subscribed {
                is_granted: suback
                    .return_codes
                    .iter()
                    .all(|code| matches!(code, SubscribeReasonCode::Success(_))),
            },
            Packet::UnsubAck(_) => LinkEvent::Unsubscribed,
            Packet::Publish(publish) => LinkEvent::Received(Message {
                topic: publish.topic,
                payload: publish.payload,
                qos: publish.qos as u8,
                retain: publish.retain,
                dup: publish.dup,
            }),
            Packet::PubAck(ack) => acknowledged(ack.pkid, true),
            Packet::PubComp(ack) => acknowledged(ack.pkid, true),
            _ => return None,
        },
        rumqttc::Event::Outgoing(Outgoing::Publish(packet_id)) => LinkEvent::Sent { packet_id },
        rumqttc::Event::Outgoing(Outgoing::Disconnect) => {
            ending.by_client = true;
            return None;
        }
        rumqttc::Event::Outgoing(_) => return None,
    })
}

async fn drive_v5(mut event_loop: v5::EventLoop, events: mpsc::Sender<LinkEvent>) {
    let mut ending = Ending::default();
    let cause = loop {
        let polled = event_loop.poll().await;
        // A failing poll leaves the events of its last read in the queue: also the DISCONNECT that
        // made it fail, which alone has the Server Reference.
        let (batch, cause) = match polled {
            Ok(event) => (vec![event], None),
            Err(error) => (
                event_loop.state.events.drain(..).collect(),
                Some(error.to_string()),
            ),
        };
        for event in batch {
            if let Some(event) = translate_v5(event, &mut ending)
                && events.send(event).await.is_err()
            {
                return;
            }
        }
        if ending.by_client {
            break String::new();
        }
        if let Some(cause) = cause {
            break cause;
        }
    };
    drop(event_loop);
    let _ = events.send(ending.closed(cause)).await;
}

fn translate_v5(event: v5::Event, ending: &mut Ending) -> Option<LinkEvent> {
    use rumqttc::Outgoing;
    use v5::mqttbytes::v5::{Packet, PubAckReason, PubCompReason, SubscribeReasonCode};
    Some(match event {
        v5::Event::Incoming(packet) => match packet {
            Packet::ConnAck(connack) => {
                ending.was_accepted = true;
                LinkEvent::Accepted {
                    session_present: connack.session_present,
                    at: Instant::now(),
                }
            }
            Packet::SubAck(suback) => LinkEvent::Subscribed {
                is_granted: suback
                    .return_codes
                    .iter()
                    .all(|code| matches!(code, SubscribeReasonCode::Success(_))),
            },
            Packet::UnsubAck(_) => LinkEvent::Unsubscribed,
            Packet::Publish(publish) => LinkEvent::Received(Message {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload,
                qos: publish.qos as u8,
                retain: publish.retain,
                dup: publish.dup,
            }),
            Packet::PubAck(ack) => acknowledged(
                ack.pkid,
                matches!(
                    ack.reason,
                    PubAckReason::Success | PubAckReason::NoMatchingSubscribers
                ),
            ),
            Packet::PubComp(ack) => acknowledged(ack.pkid, ack.reason == PubCompReason::Success),
            Packet::Disconnect(disconnect) => {
                ending.reason_code = Some(disconnect.reason_code as u8);
                ending.server_reference = disconnect
                    .properties
                    .and_then(|properties| properties.server_reference);
                return None;
            }
            _ => return None,
        },
        v5::Event::Outgoing(Outgoing::Publish(packet_id)) => LinkEvent::Sent { packet_id },
        v5::Event::Outgoing(Outgoing::Disconnect) => {
            ending.by_client = true;
            return None;
        }
        v5::Event::Outgoing(_) => return None,
    })
}

const fn acknowledged(packet_id: u16, is_success: bool) -> LinkEvent {
    LinkEvent::Acknowledged {
        packet_id,
        is_success,
    }
}

fn split_address(address: &str) -> anyhow::Result<(&str, u16)> {
    address
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host, port.parse().ok()?)))
        .filter(|(host, _)| !host.is_empty())
        .with_context(|| format!("address {address:?} is not valid; it must be host:port"))
}

const fn v3_qos(qos: u8) -> rumqttc::QoS {
    match qos {
        0 => rumqttc::QoS::AtMostOnce,
        1 => rumqttc::QoS::AtLeastOnce,
        _ => rumqttc::QoS::ExactlyOnce,
    }
}

const fn v5_qos(qos: u8) -> v5::mqttbytes::QoS {
    match qos {
        0 => v5::mqttbytes::QoS::AtMostOnce,
        1 => v5::mqttbytes::QoS::AtLeastOnce,
        _ => v5::mqttbytes::QoS::ExactlyOnce,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_needs_a_host_and_a_port() {
        assert_eq!(
            split_address("127.0.0.1:1883").unwrap(),
            ("127.0.0.1", 1883)
        );
        assert_eq!(split_address("[::1]:1883").unwrap(), ("[::1]", 1883));
        for wrong in ["", "host", ":1883", "host:", "host:99999"] {
            let error = split_address(wrong).unwrap_err().to_string();
            assert!(error.contains("host:port"), "{error}");
        }
    }

    /// A server that accepts one client, answers its CONNECT with the given bytes and closes.
    async fn answer_once(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut connect = [0; 256];
            let length = socket.read(&mut connect).await.unwrap();
            assert_eq!(connect[0], 0x10, "{:02x?}", &connect[..length]);
            socket.write_all(&answer).await.unwrap();
        });
        address
    }

    async fn events_of(protocol: Protocol, answer: &[u8]) -> Vec<LinkEvent> {
        let address = answer_once(answer.to_vec()).await;
        let mut link = Link::open(&LinkOptions::persistent("c", protocol, &address)).unwrap();
        let mut events = Vec::new();
        while let Some(event) = link.next().await {
            events.push(event);
        }
        events
    }

    /// CONNACK with Session Present, one PUBLISH with DUP, DISCONNECT 0x9C with a Server Reference, all
    /// in one segment: the library reports only the last as an error.
    #[tokio::test]
    async fn nothing_before_a_disconnect_is_lost_and_its_reference_is_seen() {
        let mut answer = vec![0x20, 3, 1, 0, 0];
        answer.extend([0x3A, 8, 0, 1, b't', 0, 7, 0, b'h', b'i']);
        answer.extend([0xE0, 12, 0x9C, 10, 0x1C, 0, 7]);
        answer.extend(b"other:1");
        let events = events_of(Protocol::V5, &answer).await;
        let [
            LinkEvent::Accepted {
                session_present, ..
            },
            LinkEvent::Received(message),
            LinkEvent::Closed(closed),
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert!(session_present);
        assert!(message.dup);
        assert_eq!(
            (message.topic.as_str(), &message.payload[..]),
            ("t", &b"hi"[..])
        );
        assert_eq!(closed.reason_code, Some(0x9C));
        assert_eq!(closed.server_reference.as_deref(), Some("other:1"));
        assert!(closed.was_accepted && !closed.by_client);
    }

    #[tokio::test]
    async fn messages_right_before_a_plain_close_are_kept() {
        let mut answer = vec![0x20, 2, 0, 0];
        answer.extend([0x32, 6, 0, 1, b't', 0, 7, b'x']);
        let events = events_of(Protocol::V3_1_1, &answer).await;
        let [
            LinkEvent::Accepted {
                session_present, ..
            },
            LinkEvent::Received(message),
            LinkEvent::Closed(closed),
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert!(!session_present);
        assert!(!message.dup);
        assert!(closed.was_accepted && closed.server_reference.is_none());
    }

    #[tokio::test]
    async fn a_refusal_is_not_an_acceptance() {
        for (protocol, answer) in [
            (Protocol::V3_1_1, &[0x20, 2, 0, 3][..]),
            (Protocol::V5, &[0x20, 3, 0, 0x9C, 0][..]),
        ] {
            let events = events_of(protocol, answer).await;
            let [LinkEvent::Closed(closed)] = events.as_slice() else {
                panic!("{events:?}");
            };
            assert!(!closed.was_accepted, "{closed:?}");
        }
    }
}
