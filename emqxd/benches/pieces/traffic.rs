//! A message's way through a node without peers: bytes of the publisher, its Session, the index, the Sessions of its
//! receivers, bytes for them, and all acknowledgements of both sides.

use std::sync::Arc;

use bytes::Bytes;
use emqxd::config::Config;
use emqxd::event_log::EventLog;
use emqxd::lifecycle::Lifecycle;
use emqxd::membership::NodeName;
use emqxd::message::{Delivery, Message, MessageId, SubscriptionIdentifiers};
use emqxd::metrics::Metrics;
use emqxd::node::broker::Broker;
use emqxd::packet::{Packet, PacketId, QoS, SubscriptionOptions};
use emqxd::topic::{TopicFilter, TopicName};

use super::Piece;
use super::client::{Client, NOW, acknowledgement, bytes_of, publish};

/// Receivers of one message.
const FAN: usize = 1_000;

/// Messages of one read.
const BURST: usize = 16;

pub fn pieces() -> Vec<Piece> {
    macro_rules! piece {
        ($name:literal, $operations:expr, $set_up:expr) => {
            Piece {
                name: $name,
                operations: $operations as u64,
                set_up: || $set_up,
            }
        };
    }
    vec![
        piece!("p2p-64-q0", 1, p2p(0, 64)),
        piece!("p2p-64-q1", 1, p2p(1, 64)),
        piece!("p2p-64-q2", 1, p2p(2, 64)),
        piece!("p2p-1024-q0", 1, p2p(0, 1_024)),
        piece!("p2p-64-q0-burst", BURST, burst(1)),
        piece!("fan-out-64-q0", FAN, fan_out(0)),
        piece!("fan-out-64-q0-burst", BURST * FAN, burst(FAN)),
        piece!("fan-out-64-q1", FAN, fan_out(1)),
        piece!("fan-out-64-q2", FAN, fan_out(2)),
        piece!("session-q0", 1, session(0)),
        piece!("session-q1", 1, session(1)),
        piece!("session-q2", 1, session(2)),
    ]
}

fn broker() -> Broker {
    let config = Config::default();
    let name = NodeName::new("n1").expect("a valid name");
    Broker::new(
        Arc::new(config),
        name,
        1,
        Arc::new(Metrics::default()),
        Arc::new(EventLog::new("n1")),
        Arc::new(Lifecycle::default()),
    )
}

fn subscribe(broker: &Broker, client: &Client, filter: &str) {
    let filter = TopicFilter::new(filter).expect("a valid filter");
    let options = SubscriptionOptions {
        qos: QoS::ExactlyOnce,
        ..SubscriptionOptions::default()
    };
    broker
        .router
        .subscribe(&filter, client.session.clone(), options, None);
}

/// What a client of one side sends for one message, apart from a PUBLISH.
fn receives(client: &mut Client, broker: &Broker, qos_bits: u8) {
    let published = client.take();
    let Some(packet_id) = published else {
        return;
    };
    if qos_bits == 1 {
        client.send(broker, &acknowledgement(Packet::PubAck, packet_id));
        return;
    }
    client.send(broker, &acknowledgement(Packet::PubRec, packet_id));
    client.take();
    client.send(broker, &acknowledgement(Packet::PubComp, packet_id));
}

struct Publisher {
    client: Client,
    publish: Bytes,
    pubrel: Bytes,
    qos_bits: u8,
}

impl Publisher {
    fn new(broker: &Broker, qos_bits: u8, payload_bytes: usize) -> Self {
        Self {
            client: Client::new(broker, "publisher"),
            publish: bytes_of(&Packet::Publish(publish(qos_bits, payload_bytes))),
            pubrel: acknowledgement(Packet::PubRel, PacketId::MIN),
            qos_bits,
        }
    }

    fn publish(&mut self, broker: &Broker) {
        self.client.send(broker, &self.publish);
        if self.qos_bits > 0 {
            self.client.take();
        }
        if self.qos_bits > 1 {
            self.client.send(broker, &self.pubrel);
            self.client.take();
        }
    }
}

fn p2p(qos_bits: u8, payload_bytes: usize) -> Box<dyn FnMut()> {
    let broker = broker();
    let mut publisher = Publisher::new(&broker, qos_bits, payload_bytes);
    let mut subscriber = Client::new(&broker, "subscriber");
    subscribe(&broker, &subscriber, "fleet/7/sensor-000001/temperature");
    Box::new(move || {
        publisher.publish(&broker);
        receives(&mut subscriber, &broker, qos_bits);
    })
}

fn fan_out(qos_bits: u8) -> Box<dyn FnMut()> {
    let broker = broker();
    let mut publisher = Publisher::new(&broker, qos_bits, 64);
    let mut subscribers: Vec<Client> = (0..FAN)
        .map(|number| {
            let client = Client::new(&broker, &format!("subscriber-{number}"));
            subscribe(&broker, &client, "fleet/7/+/temperature");
            client
        })
        .collect();
    Box::new(move || {
        publisher.publish(&broker);
        for subscriber in &mut subscribers {
            receives(subscriber, &broker, qos_bits);
        }
    })
}

/// QoS 0, as many messages at once as a busy publisher has in one read.
fn burst(receivers: usize) -> Box<dyn FnMut()> {
    let broker = broker();
    let mut publisher = Publisher::new(&broker, 0, 64);
    publisher.publish = Bytes::from(publisher.publish.repeat(BURST));
    let mut subscribers: Vec<Client> = (0..receivers)
        .map(|number| {
            let client = Client::new(&broker, &format!("subscriber-{number}"));
            subscribe(&broker, &client, "fleet/7/+/temperature");
            client
        })
        .collect();
    Box::new(move || {
        publisher.publish(&broker);
        for subscriber in &mut subscribers {
            subscriber.take();
        }
    })
}

/// Only the Session of a receiver: delivered, transmitted, acknowledged.
fn session(qos_bits: u8) -> Box<dyn FnMut()> {
    let broker = broker();
    let mut client = Client::new(&broker, "subscriber");
    let publish = publish(qos_bits, 64);
    let message = Arc::new(Message {
        id: MessageId {
            origin: 1,
            number: 1,
        },
        topic: TopicName::new(publish.topic).expect("a valid topic"),
        payload: publish.payload,
        qos: publish.qos,
        retain: false,
        publisher: None,
        received_at: NOW,
        expires_at: None,
        properties: None,
    });
    Box::new(move || {
        let delivery = Delivery {
            message: Arc::clone(&message),
            qos: message.qos,
            retain: false,
            shared: None,
            subscription_identifiers: SubscriptionIdentifiers::new(),
        };
        assert!(client.session.deliver(delivery, NOW).is_some());
        receives(&mut client, &broker, qos_bits);
    })
}
