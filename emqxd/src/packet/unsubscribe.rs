//! UNSUBSCRIBE and UNSUBACK [MQTT-3.10, MQTT-3.11].

use bytes::{BufMut, BytesMut};

use super::property::{self, Properties, id};
use super::wire::{Input, bytes_len, write_bytes};
use super::{DecodeError, ProtocolVersion, ReasonCode, UnsubAck, Unsubscribe};

pub(super) fn read(
    version: ProtocolVersion,
    input: &mut Input,
) -> Result<Unsubscribe, DecodeError> {
    let mut unsubscribe = Unsubscribe {
        packet_id: input.packet_id()?,
        user_properties: Vec::new(),
        filters: Vec::new(),
    };
    if version == ProtocolVersion::V5 {
        let mut found = Properties::read(input)?;
        while let Some(identifier) = found.next()? {
            match identifier {
                id::USER_PROPERTY => unsubscribe.user_properties.push(found.user_property()?),
                other => return Err(property::misplaced(other)),
            }
        }
    }
    while !input.is_empty() {
        unsubscribe.filters.push(input.name()?);
    }
    if unsubscribe.filters.is_empty() {
        // [MQTT-3.10.3-2]
        return Err(DecodeError::Protocol("UNSUBSCRIBE without a Topic Filter"));
    }
    Ok(unsubscribe)
}

pub(super) fn body_len(unsubscribe: &Unsubscribe, version: ProtocolVersion) -> usize {
    let section = if version == ProtocolVersion::V5 {
        let user_properties = &unsubscribe.user_properties;
        property::section_len(property::measure(|sink| {
            sink.user_properties(user_properties);
        }))
    } else {
        0
    };
    let filters = unsubscribe
        .filters
        .iter()
        .map(|filter| bytes_len(filter.as_bytes()));
    2 + section + filters.sum::<usize>()
}

pub(super) fn write(unsubscribe: &Unsubscribe, version: ProtocolVersion, out: &mut BytesMut) {
    out.put_u16(unsubscribe.packet_id.get());
    if version == ProtocolVersion::V5 {
        let user_properties = &unsubscribe.user_properties;
        let count = property::measure(|sink| sink.user_properties(user_properties));
        property::write_section(count, out, |sink| sink.user_properties(user_properties));
    }
    for filter in &unsubscribe.filters {
        write_bytes(filter.as_bytes(), out);
    }
}

pub(super) fn read_unsuback(
    version: ProtocolVersion,
    input: &mut Input,
) -> Result<UnsubAck, DecodeError> {
    let packet_id = input.packet_id()?;
    let mut unsuback = UnsubAck {
        packet_id,
        reason_codes: Vec::new(),
        properties: None,
    };
    if version == ProtocolVersion::V5 {
        unsuback.properties = property::read_reason(input)?;
        while !input.is_empty() {
            let code = ReasonCode::from_byte(input.u8()?)
                .ok_or(DecodeError::Malformed("unknown Reason Code in UNSUBACK"))?;
            unsuback.reason_codes.push(code);
        }
    }
    input.finish()?;
    Ok(unsuback)
}

pub(super) fn unsuback_len(unsuback: &UnsubAck, version: ProtocolVersion) -> usize {
    if version != ProtocolVersion::V5 {
        return 2;
    }
    let count = property::measure(|sink| sink.reason(unsuback.properties.as_deref()));
    2 + property::section_len(count) + unsuback.reason_codes.len()
}

pub(super) fn write_unsuback(unsuback: &UnsubAck, version: ProtocolVersion, out: &mut BytesMut) {
    out.put_u16(unsuback.packet_id.get());
    if version == ProtocolVersion::V5 {
        let properties = unsuback.properties.as_deref();
        let count = property::measure(|sink| sink.reason(properties));
        property::write_section(count, out, |sink| sink.reason(properties));
        out.extend(unsuback.reason_codes.iter().map(|code| code.as_byte()));
    }
}
