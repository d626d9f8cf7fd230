//! Properties of MQTT 5.0 [MQTT-2.2.2]: one reader and one writer for all packets.

use std::num::NonZeroU16;

use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;

use super::wire::{Input, bytes_len, write_bytes};
use super::{
    DecodeError, PublishProperties, ReasonProperties, UserProperty, variable_byte_integer,
};

/// Property Identifiers [MQTT-2.2.2.2].
pub(super) mod id {
    pub(in super::super) const PAYLOAD_FORMAT_INDICATOR: u8 = 0x01;
    pub(in super::super) const MESSAGE_EXPIRY_INTERVAL: u8 = 0x02;
    pub(in super::super) const CONTENT_TYPE: u8 = 0x03;
    pub(in super::super) const RESPONSE_TOPIC: u8 = 0x08;
    pub(in super::super) const CORRELATION_DATA: u8 = 0x09;
    pub(in super::super) const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
    pub(in super::super) const SESSION_EXPIRY_INTERVAL: u8 = 0x11;
    pub(in super::super) const ASSIGNED_CLIENT_IDENTIFIER: u8 = 0x12;
    pub(in super::super) const SERVER_KEEP_ALIVE: u8 = 0x13;
    pub(in super::super) const AUTHENTICATION_METHOD: u8 = 0x15;
    pub(in super::super) const AUTHENTICATION_DATA: u8 = 0x16;
    pub(in super::super) const REQUEST_PROBLEM_INFORMATION: u8 = 0x17;
    pub(in super::super) const WILL_DELAY_INTERVAL: u8 = 0x18;
    pub(in super::super) const REQUEST_RESPONSE_INFORMATION: u8 = 0x19;
    pub(in super::super) const RESPONSE_INFORMATION: u8 = 0x1A;
    pub(in super::super) const SERVER_REFERENCE: u8 = 0x1C;
    pub(in super::super) const REASON_STRING: u8 = 0x1F;
    pub(in super::super) const RECEIVE_MAXIMUM: u8 = 0x21;
    pub(in super::super) const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
    pub(in super::super) const TOPIC_ALIAS: u8 = 0x23;
    pub(in super::super) const MAXIMUM_QOS: u8 = 0x24;
    pub(in super::super) const RETAIN_AVAILABLE: u8 = 0x25;
    pub(in super::super) const USER_PROPERTY: u8 = 0x26;
    pub(in super::super) const MAXIMUM_PACKET_SIZE: u8 = 0x27;
    pub(in super::super) const WILDCARD_SUBSCRIPTION_AVAILABLE: u8 = 0x28;
    pub(in super::super) const SUBSCRIPTION_IDENTIFIER_AVAILABLE: u8 = 0x29;
    pub(in super::super) const SHARED_SUBSCRIPTION_AVAILABLE: u8 = 0x2A;
}

/// How much a client may put into the properties of one packet. They are there before anything else is known of the
/// packet, and a short User Property takes many times its bytes in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PropertyLimits {
    /// User Properties, at most; beyond it the packet is refused with 0x97. Default 1,000.
    pub max_user_properties: u32,
    /// Bytes of all properties, at most; the same. Default 256 KiB.
    pub max_properties_size: u32,
}

impl PropertyLimits {
    /// No limits but that of the packet.
    pub const NONE: Self = Self {
        max_user_properties: u32::MAX,
        max_properties_size: u32::MAX,
    };
}

impl Default for PropertyLimits {
    fn default() -> Self {
        Self {
            max_user_properties: 32_768,
            max_properties_size: 256 << 10,
        }
    }
}

/// Walks over the properties of one packet. Each property but User Property and Subscription Identifier may be there
/// once [MQTT-2.2.2.2]; the caller refuses those that do not belong to its packet.
#[derive(Debug)]
pub(super) struct Properties {
    input: Input,
    seen: u64,
    user_properties: u32,
}

impl Properties {
    /// Reads the Property Length; nothing at all counts as no properties.
    pub(super) fn read(input: &mut Input) -> Result<Self, DecodeError> {
        let input = if input.is_empty() {
            Input::new(Bytes::new())
        } else {
            input.section()?
        };
        if input.len() as u64 > u64::from(input.property_limits().max_properties_size) {
            return Err(DecodeError::TooManyProperties(
                "the properties have more bytes than the Server allows",
            ));
        }
        Ok(Self {
            input,
            seen: 0,
            user_properties: 0,
        })
    }

    /// Properties whose length is known already.
    pub(super) const fn of(bytes: Bytes) -> Self {
        Self {
            input: Input::new(bytes),
            seen: 0,
            user_properties: 0,
        }
    }

    /// The next Property Identifier.
    pub(super) fn next(&mut self) -> Result<Option<u8>, DecodeError> {
        if self.input.is_empty() {
            return Ok(None);
        }
        let identifier = self.input.variable()?;
        let identifier = u8::try_from(identifier)
            .ok()
            .filter(|identifier| *identifier < 64)
            .ok_or(DecodeError::Malformed("unknown Property Identifier"))?;
        let bit = 1 << identifier;
        let repeats = matches!(identifier, id::USER_PROPERTY | id::SUBSCRIPTION_IDENTIFIER);
        if self.seen & bit != 0 && !repeats {
            return Err(DecodeError::Protocol("a property is there twice"));
        }
        self.seen |= bit;
        Ok(Some(identifier))
    }

    pub(super) fn boolean(&mut self) -> Result<bool, DecodeError> {
        match self.input.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Protocol(
                "a property that is 0 or 1 has another value",
            )),
        }
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.input.u8()
    }

    pub(super) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.input.u16()
    }

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.input.u32()
    }

    pub(super) fn nonzero_u16(&mut self) -> Result<NonZeroU16, DecodeError> {
        NonZeroU16::new(self.input.u16()?).ok_or(DecodeError::Protocol("Receive Maximum is 0"))
    }

    pub(super) fn string(&mut self) -> Result<ByteString, DecodeError> {
        self.input.string()
    }

    pub(super) fn binary(&mut self) -> Result<Bytes, DecodeError> {
        self.input.binary()
    }

    pub(super) fn subscription_identifier(&mut self) -> Result<u32, DecodeError> {
        match self.input.variable()? {
            0 => Err(DecodeError::Protocol("a Subscription Identifier is 0")),
            identifier => Ok(identifier),
        }
    }

    pub(super) fn user_property(&mut self) -> Result<UserProperty, DecodeError> {
        self.user_properties += 1;
        if self.user_properties > self.input.property_limits().max_user_properties {
            return Err(DecodeError::TooManyProperties(
                "more User Properties than the Server allows",
            ));
        }
        Ok((self.input.string()?, self.input.string()?))
    }
}

/// A property that the specification knows, or not, and that does not belong here.
pub(super) const fn misplaced(identifier: u8) -> DecodeError {
    match identifier {
        0x01..=0x03
        | 0x08
        | 0x09
        | 0x0B
        | 0x11..=0x13
        | 0x15..=0x1A
        | 0x1C
        | 0x1F
        | 0x21..=0x2A => DecodeError::Protocol("a property does not belong to this packet"),
        _ => DecodeError::Malformed("unknown Property Identifier"),
    }
}

/// Reads Reason String and User Properties.
pub(super) fn read_reason(input: &mut Input) -> Result<Option<Box<ReasonProperties>>, DecodeError> {
    let mut properties = Properties::read(input)?;
    let mut reason = ReasonProperties::default();
    while let Some(identifier) = properties.next()? {
        match identifier {
            id::REASON_STRING => reason.reason_string = Some(properties.string()?),
            id::USER_PROPERTY => reason.user_properties.push(properties.user_property()?),
            other => return Err(misplaced(other)),
        }
    }
    Ok((reason != ReasonProperties::default()).then(|| Box::new(reason)))
}

/// Reads one of the properties that PUBLISH and a Will Message share. `false` when it is none of them.
pub(super) fn read_publish(
    identifier: u8,
    properties: &mut Properties,
    into: &mut PublishProperties,
) -> Result<bool, DecodeError> {
    match identifier {
        id::PAYLOAD_FORMAT_INDICATOR => {
            into.payload_format_indicator = Some(properties.boolean()?);
        }
        id::MESSAGE_EXPIRY_INTERVAL => into.message_expiry_interval_s = Some(properties.u32()?),
        id::CONTENT_TYPE => into.content_type = Some(properties.string()?),
        id::RESPONSE_TOPIC => {
            let topic = properties.string()?;
            // [MQTT-3.3.2-14]
            if topic.contains(['+', '#']) {
                return Err(DecodeError::Protocol(
                    "the Response Topic contains a wildcard",
                ));
            }
            into.response_topic = Some(topic);
        }
        id::CORRELATION_DATA => into.correlation_data = Some(properties.binary()?),
        id::USER_PROPERTY => into.user_properties.push(properties.user_property()?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Collects properties, so that their length is known before they are written.
#[derive(Debug)]
pub(super) enum Sink<'a> {
    /// Only counts.
    Count(usize),
    /// Writes.
    Write(&'a mut BytesMut),
}

impl Sink<'_> {
    pub(super) fn byte(&mut self, identifier: u8, value: Option<u8>) {
        let Some(value) = value else { return };
        match self {
            Self::Count(count) => *count += 2,
            Self::Write(out) => out.extend_from_slice(&[identifier, value]),
        }
    }

    pub(super) fn boolean(&mut self, identifier: u8, value: Option<bool>) {
        self.byte(identifier, value.map(u8::from));
    }

    pub(super) fn u16(&mut self, identifier: u8, value: Option<u16>) {
        let Some(value) = value else { return };
        match self {
            Self::Count(count) => *count += 3,
            Self::Write(out) => {
                out.put_u8(identifier);
                out.put_u16(value);
            }
        }
    }

    pub(super) fn u32(&mut self, identifier: u8, value: Option<u32>) {
        let Some(value) = value else { return };
        match self {
            Self::Count(count) => *count += 5,
            Self::Write(out) => {
                out.put_u8(identifier);
                out.put_u32(value);
            }
        }
    }

    pub(super) fn variable(&mut self, identifier: u8, value: u32) {
        match self {
            Self::Count(count) => *count += 1 + variable_byte_integer::len(value),
            Self::Write(out) => {
                out.put_u8(identifier);
                variable_byte_integer::write(value, out);
            }
        }
    }

    pub(super) fn bytes(&mut self, identifier: u8, value: Option<&[u8]>) {
        let Some(value) = value else { return };
        match self {
            Self::Count(count) => *count += 1 + bytes_len(value),
            Self::Write(out) => {
                out.put_u8(identifier);
                write_bytes(value, out);
            }
        }
    }

    pub(super) fn string(&mut self, identifier: u8, value: Option<&ByteString>) {
        self.bytes(identifier, value.map(|value| value.as_bytes().as_ref()));
    }

    pub(super) fn user_properties(&mut self, properties: &[UserProperty]) {
        for (name, value) in properties {
            match self {
                Self::Count(count) => {
                    *count += 1 + bytes_len(name.as_bytes()) + bytes_len(value.as_bytes());
                }
                Self::Write(out) => {
                    out.put_u8(id::USER_PROPERTY);
                    write_bytes(name.as_bytes(), out);
                    write_bytes(value.as_bytes(), out);
                }
            }
        }
    }

    pub(super) fn reason(&mut self, properties: Option<&ReasonProperties>) {
        if let Some(properties) = properties {
            self.string(id::REASON_STRING, properties.reason_string.as_ref());
            self.user_properties(&properties.user_properties);
        }
    }

    /// The properties that are passed on unaltered.
    pub(super) fn pass_on(&mut self, properties: &PublishProperties) {
        self.boolean(
            id::PAYLOAD_FORMAT_INDICATOR,
            properties.payload_format_indicator,
        );
        self.string(id::CONTENT_TYPE, properties.content_type.as_ref());
        self.string(id::RESPONSE_TOPIC, properties.response_topic.as_ref());
        self.bytes(id::CORRELATION_DATA, properties.correlation_data.as_deref());
        self.user_properties(&properties.user_properties);
    }
}

/// Bytes of the properties without their length.
pub(super) fn measure(properties: impl FnOnce(&mut Sink<'_>)) -> usize {
    let mut sink = Sink::Count(0);
    properties(&mut sink);
    match sink {
        Sink::Count(count) => count,
        Sink::Write(_) => 0,
    }
}

/// Bytes of the properties with their length.
pub(super) fn section_len(count: usize) -> usize {
    variable_byte_integer::len(u32::try_from(count).unwrap_or(u32::MAX)) + count
}

/// Writes the length, then the properties.
pub(super) fn write_section(
    count: usize,
    out: &mut BytesMut,
    properties: impl FnOnce(&mut Sink<'_>),
) {
    variable_byte_integer::write(u32::try_from(count).unwrap_or(u32::MAX), out);
    if count > 0 {
        properties(&mut Sink::Write(out));
    }
}
