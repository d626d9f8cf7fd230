//! CONNACK [MQTT-3.2].

use bytes::{BufMut, BytesMut};

use super::property::{self, Properties, Sink, id};
use super::wire::Input;
use super::{ConnAck, ConnAckProperties, DecodeError, ProtocolVersion, QoS, ReasonCode};

/// CONNACK return code of 3.1 and 3.1.1 that comes nearest to a Reason Code [MQTT-3.2.2.3 of 3.1.1].
pub const fn connect_return_code(code: ReasonCode) -> u8 {
    match code {
        ReasonCode::Success => 0,
        ReasonCode::UnsupportedProtocolVersion => 1,
        ReasonCode::ClientIdentifierNotValid => 2,
        ReasonCode::BadUserNameOrPassword => 4,
        ReasonCode::NotAuthorized | ReasonCode::Banned | ReasonCode::BadAuthenticationMethod => 5,
        _ => 3,
    }
}

const fn reason_of_return_code(code: u8) -> Option<ReasonCode> {
    match code {
        0 => Some(ReasonCode::Success),
        1 => Some(ReasonCode::UnsupportedProtocolVersion),
        2 => Some(ReasonCode::ClientIdentifierNotValid),
        3 => Some(ReasonCode::ServerUnavailable),
        4 => Some(ReasonCode::BadUserNameOrPassword),
        5 => Some(ReasonCode::NotAuthorized),
        _ => None,
    }
}

pub(super) fn read(version: ProtocolVersion, input: &mut Input) -> Result<ConnAck, DecodeError> {
    let flags = input.u8()?;
    // 3.1 has no Session Present: the byte is reserved there.
    if flags > u8::from(version != ProtocolVersion::V3_1) {
        return Err(DecodeError::Malformed(
            "a reserved Connect Acknowledge Flag is set",
        ));
    }
    let code = input.u8()?;
    let reason_code = if version == ProtocolVersion::V5 {
        ReasonCode::from_byte(code)
            .filter(|code| *code == ReasonCode::Success || code.is_error())
            .ok_or(DecodeError::Malformed("unknown Reason Code in CONNACK"))?
    } else {
        reason_of_return_code(code).ok_or(DecodeError::Malformed("unknown return code"))?
    };
    let properties = if version == ProtocolVersion::V5 {
        read_properties(input)?
    } else {
        ConnAckProperties::default()
    };
    input.finish()?;
    if flags == 1 && reason_code != ReasonCode::Success {
        // [MQTT-3.2.2-6]
        return Err(DecodeError::Protocol(
            "Session Present in a CONNACK that refuses",
        ));
    }
    Ok(ConnAck {
        session_present: flags == 1,
        reason_code,
        properties,
    })
}

fn read_properties(input: &mut Input) -> Result<ConnAckProperties, DecodeError> {
    let mut found = Properties::read(input)?;
    let mut connack = ConnAckProperties::default();
    while let Some(identifier) = found.next()? {
        match identifier {
            id::SESSION_EXPIRY_INTERVAL => connack.session_expiry_interval_s = Some(found.u32()?),
            id::RECEIVE_MAXIMUM => connack.receive_maximum = Some(found.nonzero_u16()?),
            id::MAXIMUM_QOS => {
                connack.maximum_qos = Some(match found.byte()? {
                    0 => QoS::AtMostOnce,
                    1 => QoS::AtLeastOnce,
                    _ => return Err(DecodeError::Protocol("Maximum QoS is neither 0 nor 1")),
                });
            }
            id::RETAIN_AVAILABLE => connack.retain_available = Some(found.boolean()?),
            id::MAXIMUM_PACKET_SIZE => match found.u32()? {
                0 => return Err(DecodeError::Protocol("Maximum Packet Size is 0")),
                size => connack.maximum_packet_size = Some(size),
            },
            id::ASSIGNED_CLIENT_IDENTIFIER => {
                connack.assigned_client_identifier = Some(found.string()?);
            }
            id::TOPIC_ALIAS_MAXIMUM => connack.topic_alias_maximum = Some(found.u16()?),
            id::REASON_STRING => connack.reason_string = Some(found.string()?),
            id::USER_PROPERTY => connack.user_properties.push(found.user_property()?),
            id::WILDCARD_SUBSCRIPTION_AVAILABLE => {
                connack.wildcard_subscription_available = Some(found.boolean()?);
            }
            id::SUBSCRIPTION_IDENTIFIER_AVAILABLE => {
                connack.subscription_identifiers_available = Some(found.boolean()?);
            }
            id::SHARED_SUBSCRIPTION_AVAILABLE => {
                connack.shared_subscription_available = Some(found.boolean()?);
            }
            id::SERVER_KEEP_ALIVE => connack.server_keep_alive_s = Some(found.u16()?),
            id::RESPONSE_INFORMATION => connack.response_information = Some(found.string()?),
            id::SERVER_REFERENCE => connack.server_reference = Some(found.string()?),
            id::AUTHENTICATION_METHOD => connack.authentication_method = Some(found.string()?),
            id::AUTHENTICATION_DATA => connack.authentication_data = Some(found.binary()?),
            other => return Err(property::misplaced(other)),
        }
    }
    Ok(connack)
}

fn properties(connack: &ConnAckProperties, sink: &mut Sink<'_>) {
    sink.u32(
        id::SESSION_EXPIRY_INTERVAL,
        connack.session_expiry_interval_s,
    );
    sink.u16(id::RECEIVE_MAXIMUM, connack.receive_maximum.map(Into::into));
    // 2 is said by leaving the property out.
    let maximum_qos = connack.maximum_qos.filter(|qos| *qos != QoS::ExactlyOnce);
    sink.byte(id::MAXIMUM_QOS, maximum_qos.map(|qos| qos as u8));
    sink.boolean(id::RETAIN_AVAILABLE, connack.retain_available);
    sink.u32(id::MAXIMUM_PACKET_SIZE, connack.maximum_packet_size);
    sink.string(
        id::ASSIGNED_CLIENT_IDENTIFIER,
        connack.assigned_client_identifier.as_ref(),
    );
    sink.u16(id::TOPIC_ALIAS_MAXIMUM, connack.topic_alias_maximum);
    sink.string(id::REASON_STRING, connack.reason_string.as_ref());
    sink.user_properties(&connack.user_properties);
    sink.boolean(
        id::WILDCARD_SUBSCRIPTION_AVAILABLE,
        connack.wildcard_subscription_available,
    );
    sink.boolean(
        id::SUBSCRIPTION_IDENTIFIER_AVAILABLE,
        connack.subscription_identifiers_available,
    );
    sink.boolean(
        id::SHARED_SUBSCRIPTION_AVAILABLE,
        connack.shared_subscription_available,
    );
    sink.u16(id::SERVER_KEEP_ALIVE, connack.server_keep_alive_s);
    sink.string(
        id::RESPONSE_INFORMATION,
        connack.response_information.as_ref(),
    );
    sink.string(id::SERVER_REFERENCE, connack.server_reference.as_ref());
    sink.string(
        id::AUTHENTICATION_METHOD,
        connack.authentication_method.as_ref(),
    );
    sink.bytes(
        id::AUTHENTICATION_DATA,
        connack.authentication_data.as_deref(),
    );
}

pub(super) fn body_len(connack: &ConnAck, version: ProtocolVersion) -> usize {
    let section = if version == ProtocolVersion::V5 {
        property::section_len(property::measure(|sink| {
            properties(&connack.properties, sink);
        }))
    } else {
        0
    };
    2 + section
}

pub(super) fn write(connack: &ConnAck, version: ProtocolVersion, out: &mut BytesMut) {
    // 3.1 has no Session Present; its clients ignore the byte, which is reserved there.
    let present = connack.session_present && version != ProtocolVersion::V3_1;
    out.put_u8(u8::from(present));
    if version == ProtocolVersion::V5 {
        out.put_u8(connack.reason_code.as_byte());
        let count = property::measure(|sink| properties(&connack.properties, sink));
        property::write_section(count, out, |sink| properties(&connack.properties, sink));
    } else {
        out.put_u8(connect_return_code(connack.reason_code));
    }
}
