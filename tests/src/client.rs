//! A real client (rumqttc) for tests that tell one step after the other. Every step waits for its answer
//! and fails the test when it does not come.

use std::collections::VecDeque;
use std::time::Duration;

use emqxctl::demo::link::{Closed, Link, LinkEvent, LinkOptions, Message, Protocol};

/// An answer gets that long.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A probe that is not there by then is sent again.
const PROBE_EVERY: Duration = Duration::from_millis(100);
/// Begins the payload of a probe.
const PROBE: &[u8] = b"probe:";

/// A connected client.
pub struct Client {
    link: Link,
    inbox: VecDeque<Message>,
    /// Session Present of its CONNACK.
    pub session_present: bool,
}

impl Client {
    /// Connects and waits for the CONNACK.
    pub async fn connect(options: &LinkOptions) -> Self {
        let link = Link::open(options).expect("host:port");
        let mut client = Self {
            link,
            inbox: VecDeque::new(),
            session_present: false,
        };
        match client.next().await {
            LinkEvent::Accepted {
                session_present, ..
            } => client.session_present = session_present,
            other => panic!("{} was not accepted: {other:?}", options.client_id),
        }
        client
    }

    /// A client whose Session ends with its connection.
    pub async fn clean(client_id: &str, protocol: Protocol, address: &str) -> Self {
        Self::connect(&LinkOptions::clean(client_id, protocol, address)).await
    }

    /// A client whose Session outlives its connection.
    pub async fn persistent(client_id: &str, protocol: Protocol, address: &str) -> Self {
        Self::connect(&LinkOptions::persistent(client_id, protocol, address)).await
    }

    async fn next(&mut self) -> LinkEvent {
        match tokio::time::timeout(TIMEOUT, self.link.next()).await {
            Ok(Some(event)) => event,
            Ok(None) => panic!("the connection has ended"),
            Err(_) => panic!("nothing came within {TIMEOUT:?}"),
        }
    }

    /// Waits for an event; messages that come before it are kept.
    async fn wait_for<T>(&mut self, mut take: impl FnMut(&LinkEvent) -> Option<T>) -> T {
        loop {
            let event = self.next().await;
            if let Some(value) = take(&event) {
                return value;
            }
            match event {
                LinkEvent::Received(message) => self.inbox.push_back(message),
                LinkEvent::Closed(closed) => panic!("closed: {closed:?}"),
                _ => {}
            }
        }
    }

    /// Subscribes and waits for the SUBACK.
    pub async fn subscribe(&mut self, topic_filter: &str, qos: u8) {
        self.link
            .subscribe(topic_filter, qos)
            .await
            .expect("a valid filter");
        let is_granted = self
            .wait_for(|event| match event {
                LinkEvent::Subscribed { is_granted } => Some(*is_granted),
                _ => None,
            })
            .await;
        assert!(is_granted, "the subscription to {topic_filter} was refused");
    }

    /// Unsubscribes and waits for the UNSUBACK.
    pub async fn unsubscribe(&mut self, topic_filter: &str) {
        self.link
            .unsubscribe(topic_filter)
            .await
            .expect("a valid filter");
        self.wait_for(|event| matches!(event, LinkEvent::Unsubscribed).then_some(()))
            .await;
    }

    /// Publishes and waits until the Server has taken the message.
    pub async fn publish(&mut self, topic: &str, qos: u8, payload: &str) {
        self.publish_bytes(topic, qos, false, payload.as_bytes().to_vec())
            .await;
    }

    /// Publishes a Retained Message; an empty one removes it.
    pub async fn publish_retained(&mut self, topic: &str, qos: u8, payload: &str) {
        self.publish_bytes(topic, qos, true, payload.as_bytes().to_vec())
            .await;
    }

    async fn publish_bytes(&mut self, topic: &str, qos: u8, retain: bool, payload: Vec<u8>) {
        self.link
            .publish(topic, qos, retain, payload)
            .await
            .expect("a valid topic");
        let is_success = self
            .wait_for(|event| match event {
                LinkEvent::Sent { packet_id: 0 } if qos == 0 => Some(true),
                LinkEvent::Acknowledged { is_success, .. } if qos > 0 => Some(*is_success),
                _ => None,
            })
            .await;
        assert!(is_success, "a message to {topic} was refused");
    }

    /// The next message that is no probe.
    pub async fn receive(&mut self) -> Message {
        loop {
            let message = match self.inbox.pop_front() {
                Some(message) => message,
                None => {
                    self.wait_for(|event| match event {
                        LinkEvent::Received(message) => Some(message.clone()),
                        _ => None,
                    })
                    .await
                }
            };
            if !message.payload.starts_with(PROBE) {
                return message;
            }
        }
    }

    /// Payload of the next message, as text.
    pub async fn receive_text(&mut self) -> String {
        let message = self.receive().await;
        String::from_utf8(message.payload.to_vec()).expect("text")
    }

    /// Payloads of so many messages, as texts.
    pub async fn receive_texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            texts.push(self.receive_text().await);
        }
        texts
    }

    /// The next message, if one comes within `limit`.
    pub async fn receive_within(&mut self, limit: Duration) -> Option<Message> {
        tokio::time::timeout(limit, self.receive()).await.ok()
    }

    /// Publishes to `topic` until `self`, which is subscribed to it on another node, gets it: then every
    /// later message finds its way too. Probes are not seen by [`receive`](Self::receive).
    pub async fn is_reached_by(&mut self, publisher: &mut Self, topic: &str) {
        for number in 0..100 {
            let payload = [PROBE, number.to_string().as_bytes()].concat();
            publisher.publish_bytes(topic, 0, false, payload).await;
            let arrival = self.wait_for(|event| match event {
                LinkEvent::Received(message) => Some(message.clone()),
                _ => None,
            });
            match tokio::time::timeout(PROBE_EVERY, arrival).await {
                Ok(message) if message.payload.starts_with(PROBE) => return,
                Ok(message) => self.inbox.push_back(message),
                Err(_) => {}
            }
        }
        panic!("no message to {topic} found its way");
    }

    /// Waits for the Server to end the connection.
    pub async fn closed(self) -> Closed {
        self.rest_and_closed().await.1
    }

    /// The same, with the messages that still came. The library acknowledges a message as soon as it is
    /// read, so they do not come again.
    pub async fn rest_and_closed(mut self) -> (Vec<Message>, Closed) {
        let mut rest = Vec::from(std::mem::take(&mut self.inbox));
        loop {
            match self.next().await {
                LinkEvent::Received(message) => rest.push(message),
                LinkEvent::Closed(closed) => {
                    rest.retain(|message| !message.payload.starts_with(PROBE));
                    return (rest, closed);
                }
                _ => {}
            }
        }
    }

    /// Sends DISCONNECT and waits until it has left.
    pub async fn disconnect(self) {
        self.link.disconnect().await.expect("a connection");
        let closed = self.closed().await;
        assert!(closed.by_client, "{closed:?}");
    }

    /// Closes the connection without a DISCONNECT, as a device does that loses power.
    pub fn vanish(self) {
        drop(self.link);
    }
}
