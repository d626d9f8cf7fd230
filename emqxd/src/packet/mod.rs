//! The wire: MQTT Control Packets of 3.1, 3.1.1 and 5.0 as values, and their codec.
//!
//! Pure. Payloads and strings of a decoded PUBLISH are slices of the received buffer; nothing is copied.
//! `session` and `net` use it; it knows only `topic`.

mod acknowledgement;
mod auth;
mod client_id;
mod connack;
mod connect;
mod decode_error;
mod decoder;
mod disconnect;
mod encoder;
mod property;
mod publish;
pub mod reason_code;
mod subscribe;
mod unsubscribe;
pub mod variable_byte_integer;
mod wire;

#[cfg(test)]
mod codec_tests;

use std::fmt;
use std::num::NonZeroU16;

use bytes::Bytes;
use bytestring::ByteString;

pub use client_id::ClientId;
pub use connack::connect_return_code;
pub use decode_error::DecodeError;
pub use decoder::{Decoder, Sender};
pub use encoder::{encode, encoded_len};
pub use property::PropertyLimits;
pub use publish::{PublishParts, decode_pass_on_properties, encode_pass_on_properties};
pub use reason_code::ReasonCode;

/// Version of the protocol that a client speaks, by its Protocol Level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtocolVersion {
    /// MQTT 3.1 (Protocol Name `MQIsdp`, level 3).
    V3_1,
    /// MQTT 3.1.1 (level 4).
    V3_1_1,
    /// MQTT 5.0 (level 5).
    V5,
}

impl ProtocolVersion {
    /// Protocol Level as in CONNECT.
    pub const fn level(self) -> u8 {
        match self {
            Self::V3_1 => 3,
            Self::V3_1_1 => 4,
            Self::V5 => 5,
        }
    }

    /// By its Protocol Level.
    pub const fn from_level(level: u8) -> Option<Self> {
        match level {
            3 => Some(Self::V3_1),
            4 => Some(Self::V3_1_1),
            5 => Some(Self::V5),
            _ => None,
        }
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_1 => "3.1",
            Self::V3_1_1 => "3.1.1",
            Self::V5 => "5.0",
        })
    }
}

/// Quality of Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum QoS {
    /// 0
    #[default]
    AtMostOnce = 0,
    /// 1
    AtLeastOnce = 1,
    /// 2
    ExactlyOnce = 2,
}

impl QoS {
    /// From its two bits; 3 is no QoS.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// Packet Identifier: never zero [MQTT-2.2.1-3].
pub type PacketId = NonZeroU16;

/// A name and a value; may repeat, order is kept [MQTT-3.3.2-18].
pub type UserProperty = (ByteString, ByteString);

/// An MQTT Control Packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// Client to Server
    Connect(Box<Connect>),
    /// Server to Client
    ConnAck(Box<ConnAck>),
    /// Both ways
    Publish(Publish),
    /// Both ways
    PubAck(Acknowledgement),
    /// Both ways
    PubRec(Acknowledgement),
    /// Both ways
    PubRel(Acknowledgement),
    /// Both ways
    PubComp(Acknowledgement),
    /// Client to Server
    Subscribe(Subscribe),
    /// Server to Client
    SubAck(SubAck),
    /// Client to Server
    Unsubscribe(Unsubscribe),
    /// Server to Client
    UnsubAck(UnsubAck),
    /// Client to Server
    PingReq,
    /// Server to Client
    PingResp,
    /// Client to Server, and in 5.0 both ways
    Disconnect(Disconnect),
    /// 5.0 only, both ways
    Auth(Auth),
}

/// CONNECT [MQTT-3.1].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// Protocol Name and level.
    pub version: ProtocolVersion,
    /// Clean Start (5.0) or Clean Session (3.x).
    pub clean_start: bool,
    /// Seconds; 0 = off.
    pub keep_alive_s: u16,
    /// May be empty: the Server then assigns one [MQTT-3.1.3-6].
    pub client_id: ByteString,
    /// Will Message.
    pub will: Option<Will>,
    /// User Name.
    pub username: Option<ByteString>,
    /// Password: binary data.
    pub password: Option<Bytes>,
    /// 5.0; defaults in 3.x.
    pub properties: ConnectProperties,
}

/// Properties of CONNECT [MQTT-3.1.2.11].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectProperties {
    /// Seconds; absent = 0; 0xFFFF_FFFF = never expires.
    pub session_expiry_interval_s: Option<u32>,
    /// 1 or more.
    pub receive_maximum: Option<NonZeroU16>,
    /// Bytes, 1 or more.
    pub maximum_packet_size: Option<u32>,
    /// 0 = none.
    pub topic_alias_maximum: Option<u16>,
    /// Whether CONNACK may carry Response Information.
    pub request_response_information: Option<bool>,
    /// Whether reasons and User Properties may be sent outside PUBLISH, CONNACK, DISCONNECT.
    pub request_problem_information: Option<bool>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
    /// Enhanced authentication.
    pub authentication_method: Option<ByteString>,
    /// Enhanced authentication.
    pub authentication_data: Option<Bytes>,
}

/// Will Message with its properties [MQTT-3.1.3.2].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Will {
    /// Not yet checked as a Topic Name; the decoder checks UTF-8 only.
    pub topic: ByteString,
    /// Will Payload.
    pub payload: Bytes,
    /// Will QoS.
    pub qos: QoS,
    /// Will Retain.
    pub retain: bool,
    /// Seconds; absent = 0.
    pub delay_interval_s: Option<u32>,
    /// The other Will Properties are those of a PUBLISH.
    pub properties: PublishProperties,
}

/// CONNACK [MQTT-3.2]. `reason_code` is mapped to the return codes of 3.x by the encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnAck {
    /// Session Present.
    pub session_present: bool,
    /// Success or why refused.
    pub reason_code: ReasonCode,
    /// 5.0 only.
    pub properties: ConnAckProperties,
}

/// Properties of CONNACK [MQTT-3.2.2.3].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnAckProperties {
    /// Seconds; when it differs from what was asked.
    pub session_expiry_interval_s: Option<u32>,
    /// Absent = 65,535.
    pub receive_maximum: Option<NonZeroU16>,
    /// 0 or 1; absent = 2.
    pub maximum_qos: Option<QoS>,
    /// Absent = available.
    pub retain_available: Option<bool>,
    /// Bytes.
    pub maximum_packet_size: Option<u32>,
    /// When the client sent none.
    pub assigned_client_identifier: Option<ByteString>,
    /// Absent = 0.
    pub topic_alias_maximum: Option<u16>,
    /// For people.
    pub reason_string: Option<ByteString>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
    /// Absent = available.
    pub wildcard_subscription_available: Option<bool>,
    /// Absent = available.
    pub subscription_identifiers_available: Option<bool>,
    /// Absent = available.
    pub shared_subscription_available: Option<bool>,
    /// Seconds; when the Server wants another than asked.
    pub server_keep_alive_s: Option<u16>,
    /// Response Information.
    pub response_information: Option<ByteString>,
    /// Where to go instead.
    pub server_reference: Option<ByteString>,
    /// Enhanced authentication.
    pub authentication_method: Option<ByteString>,
    /// Enhanced authentication.
    pub authentication_data: Option<Bytes>,
}

/// PUBLISH [MQTT-3.3].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// DUP
    pub dup: bool,
    /// QoS
    pub qos: QoS,
    /// RETAIN
    pub retain: bool,
    /// Checked as UTF-8 without U+0000 and without wildcards; empty only with a Topic Alias.
    pub topic: ByteString,
    /// Present exactly when QoS > 0.
    pub packet_id: Option<PacketId>,
    /// `None` when there are none (always in 3.x).
    pub properties: Option<Box<PublishProperties>>,
    /// A slice of the received buffer.
    pub payload: Bytes,
}

/// Properties of PUBLISH and of a Will Message [MQTT-3.3.2.3].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublishProperties {
    /// Whether the payload is UTF-8.
    pub payload_format_indicator: Option<bool>,
    /// Seconds.
    pub message_expiry_interval_s: Option<u32>,
    /// 1 or more.
    pub topic_alias: Option<NonZeroU16>,
    /// Where an answer goes.
    pub response_topic: Option<ByteString>,
    /// What an answer refers to.
    pub correlation_data: Option<Bytes>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
    /// 1 to 268,435,455 each; only Server to Client.
    pub subscription_identifiers: Vec<u32>,
    /// Content Type.
    pub content_type: Option<ByteString>,
}

impl PublishProperties {
    /// Bytes of everything in it that has no fixed length.
    pub fn bytes(&self) -> usize {
        let text = |text: &Option<ByteString>| text.as_ref().map_or(0, |text| text.len());
        let pair = |(name, value): &UserProperty| name.len() + value.len();
        text(&self.response_topic)
            + text(&self.content_type)
            + self.correlation_data.as_ref().map_or(0, Bytes::len)
            + self.user_properties.iter().map(pair).sum::<usize>()
    }
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP [MQTT-3.4 to 3.7].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Of the PUBLISH it belongs to.
    pub packet_id: PacketId,
    /// Always Success in 3.x.
    pub reason_code: ReasonCode,
    /// 5.0 only.
    pub properties: Option<Box<ReasonProperties>>,
}

impl Acknowledgement {
    /// Success without properties.
    pub const fn success(packet_id: PacketId) -> Self {
        Self::new(packet_id, ReasonCode::Success)
    }

    /// A Reason Code without properties.
    pub const fn new(packet_id: PacketId, reason_code: ReasonCode) -> Self {
        Self {
            packet_id,
            reason_code,
            properties: None,
        }
    }
}

/// Reason String and User Properties, which most packets may carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReasonProperties {
    /// For people.
    pub reason_string: Option<ByteString>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
}

/// SUBSCRIBE [MQTT-3.8].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// For the SUBACK.
    pub packet_id: PacketId,
    /// 1 to 268,435,455.
    pub subscription_identifier: Option<u32>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
    /// At least one [MQTT-3.8.3-2]. Topic Filters are checked as UTF-8 only.
    pub filters: Vec<(ByteString, SubscriptionOptions)>,
}

/// Subscription Options [MQTT-3.8.3.1].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SubscriptionOptions {
    /// Maximum QoS.
    pub qos: QoS,
    /// No Local.
    pub no_local: bool,
    /// Retain As Published.
    pub retain_as_published: bool,
    /// Retain Handling.
    pub retain_handling: RetainHandling,
}

/// Whether Retained Messages are sent when the Subscription is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum RetainHandling {
    /// 0
    #[default]
    SendAtSubscribe = 0,
    /// 1
    SendIfNew = 1,
    /// 2
    DoNotSend = 2,
}

/// SUBACK [MQTT-3.9].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubAck {
    /// Of the SUBSCRIBE.
    pub packet_id: PacketId,
    /// One for each Topic Filter, in order. In 3.x failures are encoded as 0x80.
    pub reason_codes: Vec<ReasonCode>,
    /// 5.0 only.
    pub properties: Option<Box<ReasonProperties>>,
}

/// UNSUBSCRIBE [MQTT-3.10].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// For the UNSUBACK.
    pub packet_id: PacketId,
    /// In order.
    pub user_properties: Vec<UserProperty>,
    /// At least one [MQTT-3.10.3-2]. Checked as UTF-8 only.
    pub filters: Vec<ByteString>,
}

/// UNSUBACK [MQTT-3.11].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubAck {
    /// Of the UNSUBSCRIBE.
    pub packet_id: PacketId,
    /// One for each Topic Filter, in order; not encoded in 3.x.
    pub reason_codes: Vec<ReasonCode>,
    /// 5.0 only.
    pub properties: Option<Box<ReasonProperties>>,
}

/// DISCONNECT [MQTT-3.14].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnect {
    /// Normal disconnection in 3.x.
    pub reason_code: ReasonCode,
    /// 5.0 only.
    pub properties: Option<Box<DisconnectProperties>>,
}

/// Properties of DISCONNECT [MQTT-3.14.2.2].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DisconnectProperties {
    /// Seconds; only Client to Server.
    pub session_expiry_interval_s: Option<u32>,
    /// For people.
    pub reason_string: Option<ByteString>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
    /// Only Server to Client.
    pub server_reference: Option<ByteString>,
}

/// AUTH [MQTT-3.15].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Success, Continue authentication or Re-authenticate.
    pub reason_code: ReasonCode,
    /// Authentication Method.
    pub authentication_method: Option<ByteString>,
    /// Authentication Data.
    pub authentication_data: Option<Bytes>,
    /// For people.
    pub reason_string: Option<ByteString>,
    /// In order.
    pub user_properties: Vec<UserProperty>,
}
