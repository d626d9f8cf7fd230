//! A client of few words: it sends any packet, and shows all of what it hears, for tests of the protocol itself.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes};
use emqxctl::demo::link::Protocol;

use crate::raw::{RawClient, packet, push_text, take_text, take_variable_integer};
use crate::streams::Stream;

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Kinds of the acknowledgements.
pub mod kind {
    /// Of a QoS 1 message.
    pub const PUBACK: u8 = 4;
    /// QoS 2, first answer.
    pub const PUBREC: u8 = 5;
    /// QoS 2, release.
    pub const PUBREL: u8 = 6;
    /// QoS 2, the end.
    pub const PUBCOMP: u8 = 7;
}

/// Identifiers of properties.
pub mod property {
    #![allow(missing_docs, reason = "the specification's names")]
    pub const PAYLOAD_FORMAT_INDICATOR: u8 = 0x01;
    pub const MESSAGE_EXPIRY_INTERVAL: u8 = 0x02;
    pub const CONTENT_TYPE: u8 = 0x03;
    pub const RESPONSE_TOPIC: u8 = 0x08;
    pub const CORRELATION_DATA: u8 = 0x09;
    pub const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
    pub const SESSION_EXPIRY_INTERVAL: u8 = 0x11;
    pub const ASSIGNED_CLIENT_IDENTIFIER: u8 = 0x12;
    pub const AUTHENTICATION_METHOD: u8 = 0x15;
    pub const WILL_DELAY_INTERVAL: u8 = 0x18;
    pub const REASON_STRING: u8 = 0x1F;
    pub const RECEIVE_MAXIMUM: u8 = 0x21;
    pub const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
    pub const TOPIC_ALIAS: u8 = 0x23;
    pub const USER_PROPERTY: u8 = 0x26;
    pub const MAXIMUM_PACKET_SIZE: u8 = 0x27;
}

/// A property's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One Byte.
    Byte(u8),
    /// Two Byte Integer.
    Two(u16),
    /// Four Byte Integer.
    Four(u32),
    /// Variable Byte Integer.
    Variable(usize),
    /// UTF-8 string or Binary Data.
    Data(Vec<u8>),
    /// UTF-8 string pair.
    Pair(String, String),
}

impl Value {
    /// A UTF-8 string.
    pub fn text(text: &str) -> Self {
        Self::Data(text.as_bytes().to_vec())
    }

    /// A UTF-8 string pair.
    pub fn pair(name: &str, value: &str) -> Self {
        Self::Pair(name.to_owned(), value.to_owned())
    }
}

/// Properties, in order.
pub type Properties = Vec<(u8, Value)>;

/// A packet from the Server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// CONNACK
    ConnAck {
        /// Session Present.
        session_present: bool,
        /// Reason Code or return code.
        code: u8,
        /// Empty in 3.1.1.
        properties: Properties,
    },
    /// PUBLISH
    Publish(Published),
    /// PUBACK, PUBREC, PUBREL, PUBCOMP
    Ack {
        /// Packet type, 4 to 7.
        kind: u8,
        /// Packet Identifier.
        packet_id: u16,
        /// Reason Code.
        code: u8,
    },
    /// SUBACK or UNSUBACK
    Codes {
        /// Packet type, 9 or 11.
        kind: u8,
        /// Packet Identifier.
        packet_id: u16,
        /// One for each Topic Filter; none in an UNSUBACK of 3.1.1.
        codes: Vec<u8>,
    },
    /// PINGRESP
    PingResp,
    /// DISCONNECT
    Disconnect {
        /// Reason Code.
        code: u8,
    },
    /// The Server has closed the connection.
    Closed,
}

/// A PUBLISH from the Server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// DUP
    pub dup: bool,
    /// QoS
    pub qos: u8,
    /// RETAIN
    pub retain: bool,
    /// Topic Name.
    pub topic: String,
    /// 0 with QoS 0.
    pub packet_id: u16,
    /// Empty in 3.1.1.
    pub properties: Properties,
    /// As text.
    pub payload: String,
}

impl Published {
    /// The values of one property.
    pub fn values(&self, identifier: u8) -> Vec<&Value> {
        values(&self.properties, identifier)
    }
}

/// The values of one property.
pub fn values(properties: &Properties, identifier: u8) -> Vec<&Value> {
    properties
        .iter()
        .filter(|(found, _)| *found == identifier)
        .map(|(_, value)| value)
        .collect()
}

/// A Will.
#[derive(Debug, Clone)]
pub struct Will<'a> {
    /// Will Topic.
    pub topic: &'a str,
    /// Will Payload.
    pub payload: &'a str,
    /// Will QoS.
    pub qos: u8,
    /// Will Retain.
    pub retain: bool,
    /// Will Properties.
    pub properties: Properties,
}

/// A CONNECT.
#[derive(Debug, Clone)]
pub struct Connect<'a> {
    /// Client Identifier.
    pub client_id: String,
    /// Clean Session, Clean Start.
    pub clean: bool,
    /// Seconds.
    pub keep_alive_s: u16,
    /// Left out in 3.1.1.
    pub properties: Properties,
    /// Will.
    pub will: Option<Will<'a>>,
}

impl Connect<'_> {
    /// A client whose Session ends with its connection.
    pub fn clean(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            clean: true,
            keep_alive_s: 60,
            properties: Vec::new(),
            will: None,
        }
    }

    /// A client whose Session stays for ten minutes (in 3.1.1 for good).
    pub fn staying(client_id: &str) -> Self {
        Self {
            clean: false,
            properties: vec![(property::SESSION_EXPIRY_INTERVAL, Value::Four(600))],
            ..Self::clean(client_id)
        }
    }

    /// As bytes.
    pub fn encode(&self, protocol: Protocol) -> Vec<u8> {
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T'];
        body.push(if protocol == Protocol::V5 { 5 } else { 4 });
        let will = self.will.as_ref().map_or(0, |will| {
            4 | will.qos << 3 | if will.retain { 0x20 } else { 0 }
        });
        body.push(will | if self.clean { 2 } else { 0 });
        body.extend(self.keep_alive_s.to_be_bytes());
        push_properties(&mut body, protocol, &self.properties);
        push_text(&mut body, &self.client_id);
        if let Some(will) = &self.will {
            push_properties(&mut body, protocol, &will.properties);
            push_text(&mut body, will.topic);
            push_text(&mut body, will.payload);
        }
        packet(0x10, &body)
    }
}

/// A plain PUBLISH to send.
pub fn publish<'a>(topic: &'a str, qos: u8, packet_id: u16, payload: &'a str) -> Publish<'a> {
    Publish {
        qos,
        topic,
        packet_id,
        payload,
        ..Publish::default()
    }
}

/// A PUBLISH to send.
#[derive(Debug, Clone, Default)]
pub struct Publish<'a> {
    /// DUP
    pub dup: bool,
    /// QoS
    pub qos: u8,
    /// RETAIN
    pub retain: bool,
    /// Topic Name.
    pub topic: &'a str,
    /// Left out with QoS 0.
    pub packet_id: u16,
    /// Left out in 3.1.1.
    pub properties: Properties,
    /// As text.
    pub payload: &'a str,
}

impl Publish<'_> {
    /// As bytes.
    pub fn encode(&self, protocol: Protocol) -> Vec<u8> {
        let mut body = Vec::new();
        push_text(&mut body, self.topic);
        if self.qos > 0 {
            body.extend(self.packet_id.to_be_bytes());
        }
        push_properties(&mut body, protocol, &self.properties);
        body.extend(self.payload.as_bytes());
        let flags = u8::from(self.dup) << 3 | self.qos << 1 | u8::from(self.retain);
        packet(0x30 | flags, &body)
    }
}

/// Appends properties with their length; nothing in 3.1.1.
pub fn push_properties(body: &mut Vec<u8>, protocol: Protocol, properties: &Properties) {
    if protocol != Protocol::V5 {
        return;
    }
    let mut section = Vec::new();
    for (identifier, value) in properties {
        section.push(*identifier);
        match value {
            Value::Byte(byte) => section.push(*byte),
            Value::Two(number) => section.extend(number.to_be_bytes()),
            Value::Four(number) => section.extend(number.to_be_bytes()),
            Value::Variable(number) => push_variable(&mut section, *number),
            Value::Data(data) => {
                section.extend((data.len() as u16).to_be_bytes());
                section.extend(data);
            }
            Value::Pair(name, value) => {
                push_text(&mut section, name);
                push_text(&mut section, value);
            }
        }
    }
    push_variable(body, section.len());
    body.extend(section);
}

fn push_variable(body: &mut Vec<u8>, mut number: usize) {
    loop {
        let digit = (number % 128) as u8;
        number /= 128;
        body.push(if number > 0 { digit | 0x80 } else { digit });
        if number == 0 {
            return;
        }
    }
}

/// A connection.
pub struct Wire {
    raw: RawClient,
    protocol: Protocol,
}

impl Wire {
    /// Opens the Network Connection and sends nothing yet.
    pub async fn open(address: &str, protocol: Protocol) -> Self {
        Self {
            raw: RawClient::open(address, protocol).await.expect("a broker"),
            protocol,
        }
    }

    /// Over any stream, such as those of [`crate::streams`]; sends nothing yet.
    pub fn over(stream: impl Stream + 'static, protocol: Protocol) -> Self {
        Self {
            raw: RawClient::over(stream, protocol),
            protocol,
        }
    }

    /// Connects over a stream with a Session that ends with the connection; must be accepted.
    pub async fn clean_over(
        stream: impl Stream + 'static,
        protocol: Protocol,
        client_id: &str,
    ) -> Self {
        let wire = Self::over(stream, protocol);
        wire.connect_with(&Connect::clean(client_id)).await.0
    }

    /// Connects; must be accepted. Returns Session Present and the properties of the CONNACK too.
    pub async fn accepted(
        address: &str,
        protocol: Protocol,
        connect: &Connect<'_>,
    ) -> (Self, bool, Properties) {
        let wire = Self::open(address, protocol).await;
        wire.connect_with(connect).await
    }

    async fn connect_with(self, connect: &Connect<'_>) -> (Self, bool, Properties) {
        let mut wire = self;
        let protocol = wire.protocol;
        wire.send(&connect.encode(protocol)).await;
        match wire.hear().await {
            Heard::ConnAck {
                session_present,
                code: 0,
                properties,
            } => (wire, session_present, properties),
            other => panic!("CONNECT was answered by {other:?}"),
        }
    }

    /// Connects with a Session that ends with the connection.
    pub async fn clean(address: &str, protocol: Protocol, client_id: &str) -> Self {
        Self::accepted(address, protocol, &Connect::clean(client_id))
            .await
            .0
    }

    /// Sends any bytes. That the Server has closed meanwhile shows when it is heard next.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.raw.send(bytes).await;
    }

    /// Sends a PUBLISH.
    pub async fn publish(&mut self, publish: &Publish<'_>) {
        let bytes = publish.encode(self.protocol);
        self.send(&bytes).await;
    }

    /// Sends a PUBLISH with QoS 1 or 2 and goes through its whole exchange. Nothing else may come meanwhile.
    pub async fn publish_through(&mut self, publish: &Publish<'_>) {
        self.publish(publish).await;
        if publish.qos == 2 {
            self.acknowledged(5, publish.packet_id).await;
            self.acknowledge(6, publish.packet_id).await;
            self.acknowledged(7, publish.packet_id).await;
        } else {
            self.acknowledged(4, publish.packet_id).await;
        }
    }

    async fn acknowledged(&mut self, expected: u8, expected_id: u16) {
        match self.hear().await {
            Heard::Ack {
                kind,
                packet_id,
                code,
            } if kind == expected && packet_id == expected_id && code < 0x80 => {}
            other => panic!("{other:?}"),
        }
    }

    /// Sends a SUBSCRIBE and returns the codes.
    pub async fn subscribe(&mut self, filter: &str, options: u8) -> Vec<u8> {
        self.subscribe_with(&Vec::new(), &[(filter, options)]).await
    }

    /// Sends a SUBSCRIBE with properties and several Topic Filters, and returns the codes.
    pub async fn subscribe_with(
        &mut self,
        properties: &Properties,
        filters: &[(&str, u8)],
    ) -> Vec<u8> {
        let mut body = vec![0, 9];
        push_properties(&mut body, self.protocol, properties);
        for (filter, options) in filters {
            push_text(&mut body, filter);
            body.push(*options);
        }
        self.send(&packet(0x82, &body)).await;
        self.codes(9).await
    }

    /// Sends an UNSUBSCRIBE and returns the codes.
    pub async fn unsubscribe(&mut self, filters: &[&str]) -> Vec<u8> {
        let mut body = vec![0, 8];
        push_properties(&mut body, self.protocol, &Vec::new());
        for filter in filters {
            push_text(&mut body, filter);
        }
        self.send(&packet(0xA2, &body)).await;
        self.codes(11).await
    }

    async fn codes(&mut self, expected: u8) -> Vec<u8> {
        match self.hear().await {
            Heard::Codes { kind, codes, .. } if kind == expected => codes,
            other => panic!("{other:?}"),
        }
    }

    /// Sends PUBACK (4), PUBREC (5), PUBREL (6) or PUBCOMP (7).
    pub async fn acknowledge(&mut self, kind: u8, packet_id: u16) {
        let [high, low] = packet_id.to_be_bytes();
        let flags = if kind == 6 { 2 } else { 0 };
        self.send(&[kind << 4 | flags, 2, high, low]).await;
    }

    /// The next packet.
    pub async fn hear(&mut self) -> Heard {
        let heard = tokio::time::timeout(ANSWER_WITHIN, self.next()).await;
        match heard {
            Ok(heard) => heard.expect("well-formed packets"),
            Err(_) => panic!("nothing was heard for {ANSWER_WITHIN:?}"),
        }
    }

    /// The next packet, byte for byte: its first byte and what follows the fixed header; `None` at the end of the
    /// connection.
    pub async fn frame(&mut self) -> Option<(u8, Bytes)> {
        match tokio::time::timeout(ANSWER_WITHIN, self.raw.frame()).await {
            Ok(frame) => frame.expect("well-formed packets"),
            Err(_) => panic!("nothing was heard for {ANSWER_WITHIN:?}"),
        }
    }

    /// The next packet, which must be a PUBLISH.
    pub async fn message(&mut self) -> Published {
        match self.hear().await {
            Heard::Publish(published) => published,
            other => panic!("{other:?}"),
        }
    }

    /// The code of the DISCONNECT before the close; `None` when the Server closes without one.
    pub async fn end(&mut self) -> Option<u8> {
        match self.hear().await {
            Heard::Disconnect { code } => {
                assert_eq!(self.hear().await, Heard::Closed);
                Some(code)
            }
            Heard::Closed => None,
            other => panic!("{other:?}"),
        }
    }

    /// Fails when something else than the answer to a PINGREQ comes.
    pub async fn silence(&mut self) {
        self.send(&[0xC0, 0]).await;
        assert_eq!(self.hear().await, Heard::PingResp);
    }

    async fn next(&mut self) -> io::Result<Heard> {
        let Some((kind, body)) = self.raw.frame().await? else {
            return Ok(Heard::Closed);
        };
        parse(kind, body, self.protocol)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "malformed packet"))
    }
}

fn parse(kind: u8, mut body: Bytes, protocol: Protocol) -> Option<Heard> {
    let is_v5 = protocol == Protocol::V5;
    Some(match kind >> 4 {
        2 => Heard::ConnAck {
            session_present: body.try_get_u8().ok()? == 1,
            code: body.try_get_u8().ok()?,
            properties: if is_v5 {
                take_properties(&mut body)?
            } else {
                Vec::new()
            },
        },
        3 => {
            let qos = kind >> 1 & 3;
            Heard::Publish(Published {
                dup: kind & 8 != 0,
                qos,
                retain: kind & 1 != 0,
                topic: take_text(&mut body)?,
                packet_id: if qos > 0 { body.try_get_u16().ok()? } else { 0 },
                properties: if is_v5 {
                    take_properties(&mut body)?
                } else {
                    Vec::new()
                },
                payload: String::from_utf8(body.to_vec()).ok()?,
            })
        }
        4..=7 => Heard::Ack {
            kind: kind >> 4,
            packet_id: body.try_get_u16().ok()?,
            code: if body.has_remaining() {
                body.get_u8()
            } else {
                0
            },
        },
        9 | 11 => Heard::Codes {
            kind: kind >> 4,
            packet_id: body.try_get_u16().ok()?,
            codes: {
                if is_v5 {
                    take_properties(&mut body)?;
                }
                body.to_vec()
            },
        },
        13 => Heard::PingResp,
        14 => Heard::Disconnect {
            code: if body.has_remaining() {
                body.get_u8()
            } else {
                0
            },
        },
        _ => return None,
    })
}

fn take_properties(body: &mut Bytes) -> Option<Properties> {
    let length = take_variable_integer(body)?;
    let mut section = (body.len() >= length).then(|| body.split_to(length))?;
    let mut properties = Vec::new();
    while section.has_remaining() {
        let identifier = section.get_u8();
        let value = match identifier {
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28..=0x2A => {
                Value::Byte(section.try_get_u8().ok()?)
            }
            0x13 | 0x21..=0x23 => Value::Two(section.try_get_u16().ok()?),
            0x02 | 0x11 | 0x18 | 0x27 => Value::Four(section.try_get_u32().ok()?),
            0x0B => Value::Variable(take_variable_integer(&mut section)?),
            0x26 => Value::Pair(take_text(&mut section)?, take_text(&mut section)?),
            _ => Value::Data(take_data(&mut section)?),
        };
        properties.push((identifier, value));
    }
    Some(properties)
}

fn take_data(body: &mut Bytes) -> Option<Vec<u8>> {
    let length = usize::from(body.try_get_u16().ok()?);
    (body.len() >= length).then(|| body.split_to(length).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_as_they_were_written() {
        let properties = vec![
            (property::PAYLOAD_FORMAT_INDICATOR, Value::Byte(1)),
            (property::TOPIC_ALIAS, Value::Two(513)),
            (property::MESSAGE_EXPIRY_INTERVAL, Value::Four(70_000)),
            (property::SUBSCRIPTION_IDENTIFIER, Value::Variable(300)),
            (property::CONTENT_TYPE, Value::text("text")),
            (property::USER_PROPERTY, Value::pair("a", "b")),
        ];
        let publish = Publish {
            qos: 2,
            retain: true,
            topic: "a/b",
            packet_id: 7,
            properties: properties.clone(),
            payload: "hi",
            ..Publish::default()
        };
        let bytes = publish.encode(Protocol::V5);
        let heard = parse(bytes[0], Bytes::from(bytes[2..].to_vec()), Protocol::V5);
        assert_eq!(
            heard,
            Some(Heard::Publish(Published {
                dup: false,
                qos: 2,
                retain: true,
                topic: "a/b".to_owned(),
                packet_id: 7,
                properties,
                payload: "hi".to_owned(),
            }))
        );
    }
}
