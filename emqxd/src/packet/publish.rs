//! PUBLISH [MQTT-3.3].

use std::num::NonZeroU16;

use bytes::{BufMut, Bytes, BytesMut};

use super::property::{self, Properties, Sink, id};
use super::wire::{Input, write_bytes};
use super::{
    DecodeError, PacketId, ProtocolVersion, Publish, PublishProperties, QoS, Sender,
    variable_byte_integer,
};

/// What a PUBLISH is encoded from, without building one.
#[derive(Debug, Clone, Copy)]
pub struct PublishParts<'a> {
    /// DUP
    pub dup: bool,
    /// QoS
    pub qos: QoS,
    /// RETAIN
    pub retain: bool,
    /// Topic Name; empty when the alias says it.
    pub topic: &'a str,
    /// Present exactly when QoS > 0.
    pub packet_id: Option<PacketId>,
    /// Topic Alias (5.0).
    pub topic_alias: Option<NonZeroU16>,
    /// Message Expiry Interval, seconds (5.0).
    pub expires_in_s: Option<u32>,
    /// Subscription Identifiers (5.0).
    pub subscription_identifiers: &'a [u32],
    /// Those that are passed on; alias, expiry and Subscription Identifiers in it are ignored (5.0).
    pub properties: Option<&'a PublishProperties>,
    /// Bytes of the payload, which the caller adds.
    pub payload_len: usize,
}

const PUBLISH: u8 = 3 << 4;

impl PublishParts<'_> {
    fn properties(&self, sink: &mut Sink<'_>) {
        sink.u32(id::MESSAGE_EXPIRY_INTERVAL, self.expires_in_s);
        sink.u16(id::TOPIC_ALIAS, self.topic_alias.map(Into::into));
        if let Some(properties) = self.properties {
            sink.pass_on(properties);
        }
        for identifier in self.subscription_identifiers {
            sink.variable(id::SUBSCRIPTION_IDENTIFIER, *identifier);
        }
    }

    fn properties_len(&self, version: ProtocolVersion) -> usize {
        if version == ProtocolVersion::V5 {
            property::measure(|sink| self.properties(sink))
        } else {
            0
        }
    }

    fn body_len(&self, version: ProtocolVersion, properties: usize) -> usize {
        let section = if version == ProtocolVersion::V5 {
            property::section_len(properties)
        } else {
            0
        };
        let packet_id = if self.packet_id.is_some() { 2 } else { 0 };
        2 + self.topic.len() + packet_id + section + self.payload_len
    }

    /// Bytes of the whole packet with its payload.
    pub fn encoded_len(&self, version: ProtocolVersion) -> usize {
        let body = self.body_len(version, self.properties_len(version));
        1 + variable_byte_integer::len(u32::try_from(body).unwrap_or(u32::MAX)) + body
    }

    /// Writes everything but the payload.
    pub fn encode_header(&self, version: ProtocolVersion, out: &mut BytesMut) {
        let properties = self.properties_len(version);
        let body = self.body_len(version, properties);
        out.reserve(5 + body);
        let dup = u8::from(self.dup) << 3;
        out.put_u8(PUBLISH | dup | (self.qos as u8) << 1 | u8::from(self.retain));
        variable_byte_integer::write(
            u32::try_from(body).unwrap_or(variable_byte_integer::VALUE_MAX),
            out,
        );
        write_bytes(self.topic.as_bytes(), out);
        if let Some(packet_id) = self.packet_id {
            out.put_u16(packet_id.get());
        }
        if version == ProtocolVersion::V5 {
            property::write_section(properties, out, |sink| self.properties(sink));
        }
    }
}

/// The parts of a PUBLISH that is there as a whole.
pub(super) fn parts(publish: &Publish) -> PublishParts<'_> {
    let properties = publish.properties.as_deref();
    PublishParts {
        dup: publish.dup,
        qos: publish.qos,
        retain: publish.retain,
        topic: &publish.topic,
        packet_id: publish.packet_id,
        topic_alias: properties.and_then(|properties| properties.topic_alias),
        expires_in_s: properties.and_then(|properties| properties.message_expiry_interval_s),
        subscription_identifiers: properties.map_or(&[], |properties| {
            properties.subscription_identifiers.as_slice()
        }),
        properties,
        payload_len: publish.payload.len(),
    }
}

pub(super) fn read(
    flags: u8,
    version: ProtocolVersion,
    sender: Sender,
    mut input: Input,
) -> Result<Publish, DecodeError> {
    // [MQTT-3.3.1-4]
    let qos = QoS::from_bits(flags >> 1 & 3).ok_or(DecodeError::Malformed("QoS is 3"))?;
    let dup = flags & 8 != 0;
    if dup && qos == QoS::AtMostOnce {
        // [MQTT-3.3.1-2]
        return Err(DecodeError::Malformed("DUP is set with QoS 0"));
    }
    let topic = input.name()?;
    if topic.contains(['+', '#']) {
        // [MQTT-3.3.2-2]
        return Err(DecodeError::Protocol("the Topic Name contains a wildcard"));
    }
    let packet_id = if qos == QoS::AtMostOnce {
        None
    } else {
        Some(input.packet_id()?)
    };
    let properties = if version == ProtocolVersion::V5 {
        read_properties(sender, &mut input)?
    } else {
        None
    };
    if topic.is_empty()
        && properties
            .as_ref()
            .is_none_or(|found| found.topic_alias.is_none())
    {
        // [MQTT-4.7.3-1]
        return Err(DecodeError::Protocol(
            "the Topic Name is empty and there is no Topic Alias",
        ));
    }
    Ok(Publish {
        dup,
        qos,
        retain: flags & 1 != 0,
        topic,
        packet_id,
        properties,
        payload: input.rest(),
    })
}

fn read_properties(
    sender: Sender,
    input: &mut Input,
) -> Result<Option<Box<PublishProperties>>, DecodeError> {
    if input.is_empty() {
        // [MQTT-2.2.2-1]
        return Err(DecodeError::Malformed("PUBLISH has no Property Length"));
    }
    let mut found = Properties::read(input)?;
    let mut publish: Option<Box<PublishProperties>> = None;
    while let Some(identifier) = found.next()? {
        let publish = publish.get_or_insert_default();
        match identifier {
            id::TOPIC_ALIAS => {
                let alias = NonZeroU16::new(found.u16()?).ok_or(DecodeError::TopicAlias)?;
                publish.topic_alias = Some(alias);
            }
            // [MQTT-3.3.4-6]
            id::SUBSCRIPTION_IDENTIFIER if sender == Sender::Client => {
                return Err(DecodeError::Protocol(
                    "a client's PUBLISH has a Subscription Identifier",
                ));
            }
            id::SUBSCRIPTION_IDENTIFIER => {
                publish
                    .subscription_identifiers
                    .push(found.subscription_identifier()?);
            }
            other => {
                if !property::read_publish(other, &mut found, publish)? {
                    return Err(property::misplaced(other));
                }
            }
        }
    }
    Ok(publish)
}

/// The properties that are passed on to subscribers, in wire form without their length.
pub fn encode_pass_on_properties(properties: &PublishProperties) -> Bytes {
    let mut out = BytesMut::with_capacity(property::measure(|sink| sink.pass_on(properties)));
    Sink::Write(&mut out).pass_on(properties);
    out.freeze()
}

/// Reads what `encode_pass_on_properties` wrote.
///
/// # Errors
/// When the bytes are something else.
pub fn decode_pass_on_properties(bytes: Bytes) -> Result<PublishProperties, DecodeError> {
    let mut found = Properties::of(bytes);
    let mut properties = PublishProperties::default();
    while let Some(identifier) = found.next()? {
        if identifier == id::MESSAGE_EXPIRY_INTERVAL
            || !property::read_publish(identifier, &mut found, &mut properties)?
        {
            return Err(property::misplaced(identifier));
        }
    }
    Ok(properties)
}
