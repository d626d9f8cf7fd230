//! PUBACK, PUBREC, PUBREL and PUBCOMP [MQTT-3.4 to 3.7].

use bytes::{BufMut, BytesMut};

use super::property;
use super::wire::Input;
use super::{Acknowledgement, DecodeError, ProtocolVersion, ReasonCode};

/// Which Reason Codes the packet may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// PUBACK and PUBREC answer a PUBLISH.
    Received,
    /// PUBREL and PUBCOMP release it.
    Released,
}

impl Kind {
    const fn allows(self, code: ReasonCode) -> bool {
        match self {
            Self::Received => matches!(
                code,
                ReasonCode::Success
                    | ReasonCode::NoMatchingSubscribers
                    | ReasonCode::UnspecifiedError
                    | ReasonCode::ImplementationSpecificError
                    | ReasonCode::NotAuthorized
                    | ReasonCode::TopicNameInvalid
                    | ReasonCode::PacketIdentifierInUse
                    | ReasonCode::QuotaExceeded
                    | ReasonCode::PayloadFormatInvalid
            ),
            Self::Released => {
                matches!(
                    code,
                    ReasonCode::Success | ReasonCode::PacketIdentifierNotFound
                )
            }
        }
    }
}

pub(super) fn read(
    kind: Kind,
    version: ProtocolVersion,
    input: &mut Input,
) -> Result<Acknowledgement, DecodeError> {
    let packet_id = input.packet_id()?;
    let mut acknowledgement = Acknowledgement::success(packet_id);
    if version == ProtocolVersion::V5 && !input.is_empty() {
        acknowledgement.reason_code = ReasonCode::from_byte(input.u8()?)
            .filter(|code| kind.allows(*code))
            .ok_or(DecodeError::Malformed(
                "a Reason Code that the packet cannot have",
            ))?;
        acknowledgement.properties = property::read_reason(input)?;
    }
    input.finish()?;
    Ok(acknowledgement)
}

pub(super) fn body_len(acknowledgement: &Acknowledgement, version: ProtocolVersion) -> usize {
    let count = property::measure(|sink| sink.reason(acknowledgement.properties.as_deref()));
    match (version, acknowledgement.reason_code, count) {
        (ProtocolVersion::V5, _, 1..) => 3 + property::section_len(count),
        (ProtocolVersion::V5, code, 0) if code != ReasonCode::Success => 3,
        _ => 2,
    }
}

pub(super) fn write(
    acknowledgement: &Acknowledgement,
    version: ProtocolVersion,
    out: &mut BytesMut,
) {
    out.put_u16(acknowledgement.packet_id.get());
    let length = body_len(acknowledgement, version);
    if length > 2 {
        out.put_u8(acknowledgement.reason_code.as_byte());
    }
    if length > 3 {
        let properties = acknowledgement.properties.as_deref();
        let count = property::measure(|sink| sink.reason(properties));
        property::write_section(count, out, |sink| sink.reason(properties));
    }
}
