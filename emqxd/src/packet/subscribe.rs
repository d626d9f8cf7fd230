//! SUBSCRIBE and SUBACK [MQTT-3.8, MQTT-3.9].

use bytes::{BufMut, BytesMut};

use super::property::{self, Properties, Sink, id};
use super::wire::{Input, bytes_len, write_bytes};
use super::{
    DecodeError, ProtocolVersion, QoS, ReasonCode, RetainHandling, SubAck, Subscribe,
    SubscriptionOptions,
};

/// A failure in the SUBACK of 3.1.1.
const FAILURE: u8 = 0x80;

pub(super) fn read(version: ProtocolVersion, input: &mut Input) -> Result<Subscribe, DecodeError> {
    let mut subscribe = Subscribe {
        packet_id: input.packet_id()?,
        subscription_identifier: None,
        user_properties: Vec::new(),
        filters: Vec::new(),
    };
    if version == ProtocolVersion::V5 {
        read_properties(input, &mut subscribe)?;
    }
    while !input.is_empty() {
        let filter = input.name()?;
        let options = options(version, input.u8()?)?;
        if options.no_local && filter.starts_with("$share/") {
            // [MQTT-3.8.3-4]
            return Err(DecodeError::Protocol("No Local on a Shared Subscription"));
        }
        subscribe.filters.push((filter, options));
    }
    if subscribe.filters.is_empty() {
        // [MQTT-3.8.3-2]
        return Err(DecodeError::Protocol("SUBSCRIBE without a Topic Filter"));
    }
    Ok(subscribe)
}

fn read_properties(input: &mut Input, subscribe: &mut Subscribe) -> Result<(), DecodeError> {
    let mut found = Properties::read(input)?;
    while let Some(identifier) = found.next()? {
        match identifier {
            id::SUBSCRIPTION_IDENTIFIER => {
                if subscribe.subscription_identifier.is_some() {
                    return Err(DecodeError::Protocol(
                        "two Subscription Identifiers in SUBSCRIBE",
                    ));
                }
                subscribe.subscription_identifier = Some(found.subscription_identifier()?);
            }
            id::USER_PROPERTY => subscribe.user_properties.push(found.user_property()?),
            other => return Err(property::misplaced(other)),
        }
    }
    Ok(())
}

fn options(version: ProtocolVersion, byte: u8) -> Result<SubscriptionOptions, DecodeError> {
    let reserved = if version == ProtocolVersion::V5 {
        0xC0
    } else {
        0xFC
    };
    if byte & reserved != 0 {
        // [MQTT-3.8.3-5]
        return Err(DecodeError::Malformed(
            "a reserved bit of the Subscription Options is set",
        ));
    }
    Ok(SubscriptionOptions {
        qos: QoS::from_bits(byte & 3)
            .ok_or(DecodeError::Malformed("QoS 3 in the Subscription Options"))?,
        no_local: byte & 4 != 0,
        retain_as_published: byte & 8 != 0,
        retain_handling: match byte >> 4 & 3 {
            0 => RetainHandling::SendAtSubscribe,
            1 => RetainHandling::SendIfNew,
            2 => RetainHandling::DoNotSend,
            _ => return Err(DecodeError::Protocol("Retain Handling is 3")),
        },
    })
}

impl SubscriptionOptions {
    /// As the byte of a 5.0 SUBSCRIBE (section 3.8.3.1).
    pub const fn to_byte(self) -> u8 {
        options_byte(ProtocolVersion::V5, self)
    }

    /// From that byte.
    ///
    /// # Errors
    /// When it says nothing valid.
    pub fn from_byte(byte: u8) -> Result<Self, DecodeError> {
        options(ProtocolVersion::V5, byte)
    }
}

const fn options_byte(version: ProtocolVersion, options: SubscriptionOptions) -> u8 {
    let qos = options.qos as u8;
    match version {
        ProtocolVersion::V5 => {
            qos | (options.no_local as u8) << 2
                | (options.retain_as_published as u8) << 3
                | (options.retain_handling as u8) << 4
        }
        _ => qos,
    }
}

fn properties(subscribe: &Subscribe, sink: &mut Sink<'_>) {
    if let Some(identifier) = subscribe.subscription_identifier {
        sink.variable(id::SUBSCRIPTION_IDENTIFIER, identifier);
    }
    sink.user_properties(&subscribe.user_properties);
}

pub(super) fn body_len(subscribe: &Subscribe, version: ProtocolVersion) -> usize {
    let section = if version == ProtocolVersion::V5 {
        property::section_len(property::measure(|sink| properties(subscribe, sink)))
    } else {
        0
    };
    let filters = subscribe
        .filters
        .iter()
        .map(|(filter, _)| bytes_len(filter.as_bytes()) + 1);
    2 + section + filters.sum::<usize>()
}

pub(super) fn write(subscribe: &Subscribe, version: ProtocolVersion, out: &mut BytesMut) {
    out.put_u16(subscribe.packet_id.get());
    if version == ProtocolVersion::V5 {
        let count = property::measure(|sink| properties(subscribe, sink));
        property::write_section(count, out, |sink| properties(subscribe, sink));
    }
    for (filter, options) in &subscribe.filters {
        write_bytes(filter.as_bytes(), out);
        out.put_u8(options_byte(version, *options));
    }
}

pub(super) fn read_suback(
    version: ProtocolVersion,
    input: &mut Input,
) -> Result<SubAck, DecodeError> {
    let packet_id = input.packet_id()?;
    let properties = if version == ProtocolVersion::V5 {
        property::read_reason(input)?
    } else {
        None
    };
    let mut reason_codes = Vec::with_capacity(input.len());
    while !input.is_empty() {
        let code = ReasonCode::from_byte(input.u8()?)
            .ok_or(DecodeError::Malformed("unknown Reason Code in SUBACK"))?;
        if version != ProtocolVersion::V5 && !matches!(code.as_byte(), 0..=2 | FAILURE) {
            // [MQTT-3.9.3-2 of 3.1.1]
            return Err(DecodeError::Malformed("reserved return code in SUBACK"));
        }
        reason_codes.push(code);
    }
    Ok(SubAck {
        packet_id,
        reason_codes,
        properties,
    })
}

pub(super) fn suback_len(suback: &SubAck, version: ProtocolVersion) -> usize {
    let section = if version == ProtocolVersion::V5 {
        property::section_len(property::measure(|sink| {
            sink.reason(suback.properties.as_deref());
        }))
    } else {
        0
    };
    2 + section + suback.reason_codes.len()
}

pub(super) fn write_suback(suback: &SubAck, version: ProtocolVersion, out: &mut BytesMut) {
    out.put_u16(suback.packet_id.get());
    if version == ProtocolVersion::V5 {
        let properties = suback.properties.as_deref();
        let count = property::measure(|sink| sink.reason(properties));
        property::write_section(count, out, |sink| sink.reason(properties));
    }
    for code in &suback.reason_codes {
        let failed = code.is_error() && version != ProtocolVersion::V5;
        out.put_u8(if failed { FAILURE } else { code.as_byte() });
    }
}
