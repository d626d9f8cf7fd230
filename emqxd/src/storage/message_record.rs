//! An Application Message as part of a stored record.

use bytes::Bytes;
use bytestring::ByteString;

use crate::message::{Message, MessageId};
use crate::packet::{ClientId, QoS, decode_pass_on_properties, encode_pass_on_properties};
use crate::time::Timestamp;
use crate::topic::TopicName;

/// Times are milliseconds since the Unix epoch: they go on while the node is down. Fields may be added; one that is not
/// known is skipped.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MessageRecord {
    /// Empty where the key of the record tells it.
    #[prost(bytes = "bytes", tag = "1")]
    topic: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    payload: Bytes,
    #[prost(uint32, tag = "3")]
    qos: u32,
    #[prost(bool, tag = "4")]
    retain: bool,
    #[prost(uint64, tag = "5")]
    origin: u64,
    #[prost(uint64, tag = "6")]
    number: u64,
    #[prost(string, tag = "7")]
    publisher: String,
    #[prost(uint64, tag = "8")]
    received_at_ms: u64,
    #[prost(uint64, optional, tag = "9")]
    expires_at_ms: Option<u64>,
    #[prost(bytes = "bytes", tag = "10")]
    properties: Bytes,
}

impl MessageRecord {
    /// Without the Topic Name.
    pub(super) fn without_topic(message: &Message) -> Self {
        Self {
            topic: Bytes::new(),
            payload: message.payload.clone(),
            qos: message.qos as u32,
            retain: message.retain,
            origin: message.id.origin,
            number: message.id.number,
            publisher: message.publisher_text(),
            received_at_ms: message.received_at.as_millis(),
            expires_at_ms: message.expires_at.map(Timestamp::as_millis),
            properties: message
                .properties
                .as_deref()
                .map(encode_pass_on_properties)
                .unwrap_or_default(),
        }
    }

    /// All of it.
    pub(super) fn whole(message: &Message) -> Self {
        Self {
            topic: message.topic.as_byte_string().as_bytes().clone(),
            ..Self::without_topic(message)
        }
    }

    /// `None` when it is not understood.
    pub(super) fn read(self) -> Option<Message> {
        let topic = ByteString::try_from(self.topic.clone()).ok()?;
        let topic = TopicName::new(topic).ok()?;
        self.read_with(topic)
    }

    /// As [`Self::read`], with the Topic Name from elsewhere.
    pub(super) fn read_with(self, topic: TopicName) -> Option<Message> {
        let properties = if self.properties.is_empty() {
            None
        } else {
            Some(Box::new(decode_pass_on_properties(self.properties).ok()?))
        };
        Some(Message {
            id: MessageId {
                origin: self.origin,
                number: self.number,
            },
            topic,
            payload: self.payload,
            qos: u8::try_from(self.qos).ok().and_then(QoS::from_bits)?,
            retain: self.retain,
            publisher: ClientId::new(&self.publisher),
            received_at: Timestamp::from_millis(self.received_at_ms),
            expires_at: self.expires_at_ms.map(Timestamp::from_millis),
            properties,
        })
    }
}
