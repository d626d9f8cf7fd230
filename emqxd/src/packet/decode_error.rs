//! Why bytes are no valid MQTT Control Packet.

use super::ReasonCode;

/// A fault in what was received, with the Reason Code that tells it [MQTT-4.13].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes cannot be parsed as the specification says.
    #[error("Malformed Packet: {0}")]
    Malformed(&'static str),
    /// They can be parsed, and are not allowed there.
    #[error("Protocol Error: {0}")]
    Protocol(&'static str),
    /// Larger than the Maximum Packet Size.
    #[error("the packet has {size} bytes, {max} are allowed")]
    TooLarge {
        /// Of the whole packet, bytes.
        size: u64,
        /// Allowed, bytes.
        max: u32,
    },
    /// More properties than the Server allows.
    #[error("Quota exceeded: {0}")]
    TooManyProperties(&'static str),
    /// The Protocol Name is known, its level is not [MQTT-3.1.2-2].
    #[error("Protocol Level {0} is not supported: 3, 4 or 5 is")]
    UnsupportedVersion(u8),
    /// A Topic Alias of zero [MQTT-3.3.2-8].
    #[error("Topic Alias invalid: it is 0")]
    TopicAlias,
}

impl DecodeError {
    /// For DISCONNECT or CONNACK.
    pub const fn reason_code(&self) -> ReasonCode {
        match self {
            Self::Malformed(_) => ReasonCode::MalformedPacket,
            Self::Protocol(_) => ReasonCode::ProtocolError,
            Self::TooLarge { .. } => ReasonCode::PacketTooLarge,
            Self::TooManyProperties(_) => ReasonCode::QuotaExceeded,
            Self::UnsupportedVersion(_) => ReasonCode::UnsupportedProtocolVersion,
            Self::TopicAlias => ReasonCode::TopicAliasInvalid,
        }
    }
}
