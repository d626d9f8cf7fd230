//! Packets of all kinds, and what becomes of them when bits flip, ends are missing and lengths lie.

use emqxctl::demo::link::Protocol;
use rand::Rng;
use rand::rngs::StdRng;

use crate::raw::{self, PINGREQ, packet, push_text};
use crate::wire::{self, Properties, Publish, Value, Will, property, push_properties};

/// Largest string of zeroes and the like that a mutation inserts.
const INSERTED_BYTES_MAX: usize = 300;

/// Bytes at which lengths and counts turn.
const EXTREMES: [u8; 6] = [0, 1, 0x7F, 0x80, 0x81, 0xFF];

/// A client with a Session that ends with its connection, or a second later.
pub fn connect(rng: &mut StdRng, protocol: Protocol) -> Vec<u8> {
    let mut connect = wire::Connect::clean(&format!("mutant-{}", rng.random_range(0..2_000)));
    connect.clean = rng.random_bool(0.7);
    if rng.random_bool(0.5) {
        connect.properties = vec![
            (property::SESSION_EXPIRY_INTERVAL, Value::Four(1)),
            (property::RECEIVE_MAXIMUM, Value::Two(3)),
            (property::TOPIC_ALIAS_MAXIMUM, Value::Two(2)),
            (property::MAXIMUM_PACKET_SIZE, Value::Four(2_000)),
            (property::USER_PROPERTY, Value::pair("a", "b")),
        ];
    }
    if rng.random_bool(0.3) {
        connect.will = Some(Will {
            topic: "mutant/will",
            payload: "gone",
            qos: 1,
            retain: rng.random_bool(0.2),
            properties: vec![(property::WILL_DELAY_INTERVAL, Value::Four(1))],
        });
    }
    connect.encode(protocol)
}

/// One packet of each kind that a client may send after its CONNECT, and some that only a server may.
pub fn packets(protocol: Protocol) -> Vec<Vec<u8>> {
    let rich: Properties = vec![
        (property::PAYLOAD_FORMAT_INDICATOR, Value::Byte(1)),
        (property::MESSAGE_EXPIRY_INTERVAL, Value::Four(5)),
        (property::CONTENT_TYPE, Value::text("text/plain")),
        (property::RESPONSE_TOPIC, Value::text("mutant/answer")),
        (property::CORRELATION_DATA, Value::Data(vec![1, 2, 3])),
        (property::TOPIC_ALIAS, Value::Two(1)),
        (property::USER_PROPERTY, Value::pair("name", "value")),
    ];
    let publish = |qos, packet_id, properties: Properties| {
        Publish {
            qos,
            packet_id,
            properties,
            topic: "mutant/t",
            payload: "payload",
            ..Publish::default()
        }
        .encode(protocol)
    };
    let mut filters = vec![0, 7];
    let identifier = vec![(property::SUBSCRIPTION_IDENTIFIER, Value::Variable(300))];
    push_properties(&mut filters, protocol, &identifier);
    for filter in ["mutant/+", "mutant/#", "$share/g/mutant/t", "+/t", "other"] {
        push_text(&mut filters, filter);
        filters.push(1);
    }
    let mut unsubscribe = vec![0, 8];
    push_properties(&mut unsubscribe, protocol, &Vec::new());
    push_text(&mut unsubscribe, "mutant/+");
    let mut packets = vec![
        publish(0, 0, Vec::new()),
        publish(1, 1, Vec::new()),
        publish(2, 2, Vec::new()),
        publish(0, 0, rich.clone()),
        publish(1, 3, rich.clone()),
        publish(2, 4, rich),
        Publish {
            retain: true,
            topic: "mutant/retained",
            payload: "kept",
            ..Publish::default()
        }
        .encode(protocol),
        raw::subscribe(protocol, 6, "mutant/#", 2),
        packet(0x82, &filters),
        packet(0xA2, &unsubscribe),
        packet(0x40, &[0, 1]),
        packet(0x50, &[0, 1]),
        packet(0x62, &[0, 2]),
        packet(0x70, &[0, 1]),
        PINGREQ.to_vec(),
        packet(0xE0, &[]),
        // Of a server.
        packet(0xD0, &[]),
        packet(0x20, &[0, 0, 0]),
        packet(0x90, &[0, 1, 0, 0]),
    ];
    if protocol == Protocol::V5 {
        packets.extend([
            packet(0x40, &[0, 1, 0x10, 0]),
            packet(0x50, &[0, 1, 0x87, 4, 0x1F, 0, 1, b'x']),
            packet(0xE0, &[4, 5, 0x11, 0, 0, 0, 1]),
            packet(0xF0, &[0x18, 4, 0x15, 0, 1, b'm']),
        ]);
    }
    packets
}

/// Changes a packet in one to three places; `others` are there to be spliced in.
pub fn mutate(rng: &mut StdRng, packet: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = packet.to_vec();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..=bytes.len().saturating_sub(1));
        match rng.random_range(0..10) {
            _ if bytes.is_empty() => bytes.push(rng.random()),
            0..3 => bytes[at] ^= 1 << rng.random_range(0..8),
            3 => bytes[at] = EXTREMES[rng.random_range(0..EXTREMES.len())],
            4 => bytes.truncate(at),
            5 => {
                let until = rng.random_range(at..=bytes.len());
                let piece = bytes[at..until].to_vec();
                bytes.splice(at..at, piece);
            }
            // The Remaining Length, or a length further in.
            6 => {
                let at = if rng.random() {
                    1.min(bytes.len() - 1)
                } else {
                    at
                };
                bytes[at] = bytes[at].wrapping_add_signed(rng.random_range(-3..=3));
            }
            7 => {
                let length = rng.random_range(0..INSERTED_BYTES_MAX);
                let filler = rng.random();
                bytes.splice(at..at, std::iter::repeat_n(filler, length));
            }
            8 => {
                let other = &others[rng.random_range(0..others.len())];
                let from = rng.random_range(0..other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => {
                let until = rng.random_range(at..=bytes.len());
                bytes.drain(at..until);
            }
        }
    }
    bytes
}
