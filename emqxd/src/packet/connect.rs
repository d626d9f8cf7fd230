//! CONNECT [MQTT-3.1].

use bytes::{BufMut, BytesMut};

use super::property::{self, Properties, Sink, id};
use super::wire::{Input, bytes_len, write_bytes};
use super::{
    Connect, ConnectProperties, DecodeError, ProtocolVersion, PublishProperties, QoS, Will,
};

/// Set in the level by bridges of some brokers: "treat me as a bridge". It says nothing to the protocol.
const BRIDGE_BIT: u8 = 0x80;

mod flag {
    pub(super) const RESERVED: u8 = 0x01;
    pub(super) const CLEAN_START: u8 = 0x02;
    pub(super) const WILL: u8 = 0x04;
    pub(super) const WILL_QOS_SHIFT: u8 = 3;
    pub(super) const WILL_RETAIN: u8 = 0x20;
    pub(super) const PASSWORD: u8 = 0x40;
    pub(super) const USER_NAME: u8 = 0x80;
}

/// Reads Protocol Name and level, which decide how the rest is read [MQTT-3.1.2-1, MQTT-3.1.2-2].
pub(super) fn read_version(input: &mut Input) -> Result<ProtocolVersion, DecodeError> {
    let name = input.string()?;
    let level = input.u8()?;
    match (&*name, level & !BRIDGE_BIT, level & BRIDGE_BIT) {
        ("MQIsdp", 3, _) => Ok(ProtocolVersion::V3_1),
        ("MQTT", 4, _) => Ok(ProtocolVersion::V3_1_1),
        ("MQTT", 5, 0) => Ok(ProtocolVersion::V5),
        ("MQIsdp" | "MQTT", _, _) => Err(DecodeError::UnsupportedVersion(level)),
        _ => Err(DecodeError::Malformed("the Protocol Name is not MQTT")),
    }
}

/// Reads what follows the Protocol Level.
pub(super) fn read(version: ProtocolVersion, input: &mut Input) -> Result<Connect, DecodeError> {
    let flags = input.u8()?;
    if flags & flag::RESERVED != 0 && version != ProtocolVersion::V3_1 {
        // [MQTT-3.1.2-3]; 3.1 says that the bit is not used.
        return Err(DecodeError::Malformed("the reserved Connect Flag is set"));
    }
    let has_will = flags & flag::WILL != 0;
    let will_qos = QoS::from_bits(flags >> flag::WILL_QOS_SHIFT & 3)
        .ok_or(DecodeError::Malformed("Will QoS is 3"))?;
    let will_retain = flags & flag::WILL_RETAIN != 0;
    if !has_will && (will_qos != QoS::AtMostOnce || will_retain) {
        // [MQTT-3.1.2-11, MQTT-3.1.2-13]
        return Err(DecodeError::Malformed(
            "Will QoS or Will Retain is set without a Will",
        ));
    }
    let has_user_name = flags & flag::USER_NAME != 0;
    let has_password = flags & flag::PASSWORD != 0;
    if has_password && !has_user_name && version != ProtocolVersion::V5 {
        // [MQTT-3.1.2-22] of 3.1.1
        return Err(DecodeError::Malformed("a Password without a User Name"));
    }
    let keep_alive_s = input.u16()?;
    let properties = if version == ProtocolVersion::V5 {
        read_properties(input)?
    } else {
        ConnectProperties::default()
    };
    let client_id = input.string()?;
    let will = if has_will {
        Some(read_will(version, will_qos, will_retain, input)?)
    } else {
        None
    };
    let username = if has_user_name {
        Some(input.name()?)
    } else {
        None
    };
    let password = if has_password {
        Some(input.binary()?)
    } else {
        None
    };
    input.finish()?;
    Ok(Connect {
        version,
        clean_start: flags & flag::CLEAN_START != 0,
        keep_alive_s,
        client_id,
        will,
        username,
        password,
        properties,
    })
}

fn read_properties(input: &mut Input) -> Result<ConnectProperties, DecodeError> {
    let mut found = Properties::read(input)?;
    let mut connect = ConnectProperties::default();
    while let Some(identifier) = found.next()? {
        match identifier {
            id::SESSION_EXPIRY_INTERVAL => connect.session_expiry_interval_s = Some(found.u32()?),
            id::RECEIVE_MAXIMUM => connect.receive_maximum = Some(found.nonzero_u16()?),
            id::MAXIMUM_PACKET_SIZE => match found.u32()? {
                0 => return Err(DecodeError::Protocol("Maximum Packet Size is 0")),
                size => connect.maximum_packet_size = Some(size),
            },
            id::TOPIC_ALIAS_MAXIMUM => connect.topic_alias_maximum = Some(found.u16()?),
            id::REQUEST_RESPONSE_INFORMATION => {
                connect.request_response_information = Some(found.boolean()?);
            }
            id::REQUEST_PROBLEM_INFORMATION => {
                connect.request_problem_information = Some(found.boolean()?);
            }
            id::USER_PROPERTY => connect.user_properties.push(found.user_property()?),
            id::AUTHENTICATION_METHOD => connect.authentication_method = Some(found.string()?),
            id::AUTHENTICATION_DATA => connect.authentication_data = Some(found.binary()?),
            other => return Err(property::misplaced(other)),
        }
    }
    if connect.authentication_data.is_some() && connect.authentication_method.is_none() {
        return Err(DecodeError::Protocol(
            "Authentication Data without an Authentication Method",
        ));
    }
    Ok(connect)
}

fn read_will(
    version: ProtocolVersion,
    qos: QoS,
    retain: bool,
    input: &mut Input,
) -> Result<Will, DecodeError> {
    let mut delay_interval_s = None;
    let mut properties = PublishProperties::default();
    if version == ProtocolVersion::V5 {
        let mut found = Properties::read(input)?;
        while let Some(identifier) = found.next()? {
            if identifier == id::WILL_DELAY_INTERVAL {
                delay_interval_s = Some(found.u32()?);
            } else if !property::read_publish(identifier, &mut found, &mut properties)? {
                return Err(property::misplaced(identifier));
            }
        }
    }
    let topic = input.name()?;
    let payload = input.binary()?;
    Ok(Will {
        topic,
        payload,
        qos,
        retain,
        delay_interval_s,
        properties,
    })
}

fn connect_properties(connect: &Connect, sink: &mut Sink<'_>) {
    let properties = &connect.properties;
    sink.u32(
        id::SESSION_EXPIRY_INTERVAL,
        properties.session_expiry_interval_s,
    );
    sink.u16(
        id::RECEIVE_MAXIMUM,
        properties.receive_maximum.map(Into::into),
    );
    sink.u32(id::MAXIMUM_PACKET_SIZE, properties.maximum_packet_size);
    sink.u16(id::TOPIC_ALIAS_MAXIMUM, properties.topic_alias_maximum);
    sink.boolean(
        id::REQUEST_RESPONSE_INFORMATION,
        properties.request_response_information,
    );
    sink.boolean(
        id::REQUEST_PROBLEM_INFORMATION,
        properties.request_problem_information,
    );
    sink.user_properties(&properties.user_properties);
    sink.string(
        id::AUTHENTICATION_METHOD,
        properties.authentication_method.as_ref(),
    );
    sink.bytes(
        id::AUTHENTICATION_DATA,
        properties.authentication_data.as_deref(),
    );
}

fn will_properties(will: &Will, sink: &mut Sink<'_>) {
    sink.u32(id::WILL_DELAY_INTERVAL, will.delay_interval_s);
    sink.u32(
        id::MESSAGE_EXPIRY_INTERVAL,
        will.properties.message_expiry_interval_s,
    );
    sink.pass_on(&will.properties);
}

/// Bytes behind the fixed header.
pub(super) fn body_len(connect: &Connect, version: ProtocolVersion) -> usize {
    let name = if version == ProtocolVersion::V3_1 {
        "MQIsdp"
    } else {
        "MQTT"
    };
    let v5 = version == ProtocolVersion::V5;
    let section = |count| if v5 { property::section_len(count) } else { 0 };
    let will = connect.will.as_ref().map_or(0, |will| {
        section(property::measure(|sink| will_properties(will, sink)))
            + bytes_len(will.topic.as_bytes())
            + bytes_len(&will.payload)
    });
    bytes_len(name.as_bytes())
        + 4
        + section(property::measure(|sink| connect_properties(connect, sink)))
        + bytes_len(connect.client_id.as_bytes())
        + will
        + connect
            .username
            .as_ref()
            .map_or(0, |name| bytes_len(name.as_bytes()))
        + connect
            .password
            .as_ref()
            .map_or(0, |password| bytes_len(password))
}

/// Writes what follows the fixed header.
pub(super) fn write(connect: &Connect, version: ProtocolVersion, out: &mut BytesMut) {
    let (name, level) = match version {
        ProtocolVersion::V3_1 => ("MQIsdp", 3),
        ProtocolVersion::V3_1_1 => ("MQTT", 4),
        ProtocolVersion::V5 => ("MQTT", 5),
    };
    write_bytes(name.as_bytes(), out);
    out.put_u8(level);
    let mut flags = 0;
    if connect.clean_start {
        flags |= flag::CLEAN_START;
    }
    if let Some(will) = &connect.will {
        flags |= flag::WILL | (will.qos as u8) << flag::WILL_QOS_SHIFT;
        if will.retain {
            flags |= flag::WILL_RETAIN;
        }
    }
    if connect.username.is_some() {
        flags |= flag::USER_NAME;
    }
    if connect.password.is_some() {
        flags |= flag::PASSWORD;
    }
    out.put_u8(flags);
    out.put_u16(connect.keep_alive_s);
    let v5 = version == ProtocolVersion::V5;
    if v5 {
        let count = property::measure(|sink| connect_properties(connect, sink));
        property::write_section(count, out, |sink| connect_properties(connect, sink));
    }
    write_bytes(connect.client_id.as_bytes(), out);
    if let Some(will) = &connect.will {
        if v5 {
            let count = property::measure(|sink| will_properties(will, sink));
            property::write_section(count, out, |sink| will_properties(will, sink));
        }
        write_bytes(will.topic.as_bytes(), out);
        write_bytes(&will.payload, out);
    }
    if let Some(username) = &connect.username {
        write_bytes(username.as_bytes(), out);
    }
    if let Some(password) = &connect.password {
        write_bytes(password, out);
    }
}
