//! DISCONNECT [MQTT-3.14].

use bytes::{BufMut, BytesMut};

use super::property::{self, Properties, Sink, id};
use super::wire::Input;
use super::{DecodeError, Disconnect, DisconnectProperties, ProtocolVersion, ReasonCode, Sender};

/// Reason Codes that a client may send [MQTT-3.14.2.1].
const fn client_may_send(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::Success
            | ReasonCode::DisconnectWithWill
            | ReasonCode::UnspecifiedError
            | ReasonCode::MalformedPacket
            | ReasonCode::ProtocolError
            | ReasonCode::ImplementationSpecificError
            | ReasonCode::TopicNameInvalid
            | ReasonCode::ReceiveMaximumExceeded
            | ReasonCode::TopicAliasInvalid
            | ReasonCode::PacketTooLarge
            | ReasonCode::MessageRateTooHigh
            | ReasonCode::QuotaExceeded
            | ReasonCode::AdministrativeAction
            | ReasonCode::PayloadFormatInvalid
            | ReasonCode::TopicFilterInvalid
    )
}

pub(super) fn read(
    version: ProtocolVersion,
    sender: Sender,
    input: &mut Input,
) -> Result<Disconnect, DecodeError> {
    let mut disconnect = Disconnect {
        reason_code: ReasonCode::Success,
        properties: None,
    };
    if version == ProtocolVersion::V5 && !input.is_empty() {
        let code = ReasonCode::from_byte(input.u8()?)
            .filter(|code| *code == ReasonCode::Success || code.as_byte() == 4 || code.is_error())
            .ok_or(DecodeError::Malformed("unknown Reason Code in DISCONNECT"))?;
        if sender == Sender::Client && !client_may_send(code) {
            return Err(DecodeError::Protocol(
                "a Reason Code that only a Server may send",
            ));
        }
        disconnect.reason_code = code;
        disconnect.properties = read_properties(sender, input)?;
    }
    input.finish()?;
    Ok(disconnect)
}

fn read_properties(
    sender: Sender,
    input: &mut Input,
) -> Result<Option<Box<DisconnectProperties>>, DecodeError> {
    let mut found = Properties::read(input)?;
    let mut disconnect = DisconnectProperties::default();
    while let Some(identifier) = found.next()? {
        match (identifier, sender) {
            (id::SESSION_EXPIRY_INTERVAL, Sender::Client) => {
                disconnect.session_expiry_interval_s = Some(found.u32()?);
            }
            (id::SERVER_REFERENCE, Sender::Server) => {
                disconnect.server_reference = Some(found.string()?);
            }
            (id::REASON_STRING, _) => disconnect.reason_string = Some(found.string()?),
            (id::USER_PROPERTY, _) => disconnect.user_properties.push(found.user_property()?),
            (other, _) => return Err(property::misplaced(other)),
        }
    }
    Ok((disconnect != DisconnectProperties::default()).then(|| Box::new(disconnect)))
}

fn properties(disconnect: &Disconnect, sink: &mut Sink<'_>) {
    if let Some(properties) = &disconnect.properties {
        sink.u32(
            id::SESSION_EXPIRY_INTERVAL,
            properties.session_expiry_interval_s,
        );
        sink.string(id::REASON_STRING, properties.reason_string.as_ref());
        sink.user_properties(&properties.user_properties);
        sink.string(id::SERVER_REFERENCE, properties.server_reference.as_ref());
    }
}

pub(super) fn body_len(disconnect: &Disconnect, version: ProtocolVersion) -> usize {
    if version != ProtocolVersion::V5 {
        return 0;
    }
    match (
        disconnect.reason_code,
        property::measure(|sink| properties(disconnect, sink)),
    ) {
        (ReasonCode::Success, 0) => 0,
        (_, 0) => 1,
        (_, count) => 1 + property::section_len(count),
    }
}

pub(super) fn write(disconnect: &Disconnect, version: ProtocolVersion, out: &mut BytesMut) {
    let length = body_len(disconnect, version);
    if length > 0 {
        out.put_u8(disconnect.reason_code.as_byte());
    }
    if length > 1 {
        let count = property::measure(|sink| properties(disconnect, sink));
        property::write_section(count, out, |sink| properties(disconnect, sink));
    }
}
