//! A Retained Message, or the removal of one, as a stored record. Its key is the Topic Name.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use prost::Message as _;

use super::change::{Change, Table};
use crate::message::{Message, MessageId};
use crate::packet::{ClientId, QoS, decode_pass_on_properties, encode_pass_on_properties};
use crate::routing::retained::RetainedStamp;
use crate::time::Timestamp;
use crate::topic::TopicName;

/// Times are milliseconds since the Unix epoch: they go on while the node is down. Fields may be added; one that is not
/// known is skipped.
#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(uint64, tag = "1")]
    stamp: u64,
    #[prost(string, tag = "2")]
    stamp_node: String,
    /// Empty: there is no Retained Message.
    #[prost(bytes = "bytes", tag = "3")]
    payload: Bytes,
    #[prost(uint32, tag = "4")]
    qos: u32,
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

/// To store a Retained Message, or with an empty payload the removal of one at the time `received_at`.
pub fn put(message: &Message, stamp: &RetainedStamp) -> Change {
    let record = Record {
        stamp: stamp.stamp,
        stamp_node: stamp.node.to_string(),
        payload: message.payload.clone(),
        qos: message.qos as u32,
        origin: message.id.origin,
        number: message.id.number,
        publisher: message
            .publisher
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        received_at_ms: message.received_at.as_millis(),
        expires_at_ms: message.expires_at.map(Timestamp::as_millis),
        properties: message
            .properties
            .as_deref()
            .map(encode_pass_on_properties)
            .unwrap_or_default(),
    };
    Change {
        table: Table::Retained,
        key: message.topic.as_str().as_bytes().to_vec(),
        value: Some(record.encode_to_vec()),
    }
}

/// To store that nothing is known of that Topic Name.
pub fn forget(topic: &str) -> Change {
    Change {
        table: Table::Retained,
        key: topic.as_bytes().to_vec(),
        value: None,
    }
}

/// Reads a record. `None` when it is not understood.
pub fn read(key: &[u8], value: &[u8]) -> Option<(Arc<Message>, RetainedStamp)> {
    let record = Record::decode(value).ok()?;
    let topic = ByteString::try_from(Bytes::copy_from_slice(key)).ok()?;
    let properties = if record.properties.is_empty() {
        None
    } else {
        Some(Box::new(decode_pass_on_properties(record.properties).ok()?))
    };
    let message = Message {
        id: MessageId {
            origin: record.origin,
            number: record.number,
        },
        topic: TopicName::new(topic).ok()?,
        payload: record.payload,
        qos: u8::try_from(record.qos).ok().and_then(QoS::from_bits)?,
        retain: true,
        publisher: ClientId::new(&record.publisher),
        received_at: Timestamp::from_millis(record.received_at_ms),
        expires_at: record.expires_at_ms.map(Timestamp::from_millis),
        properties,
    };
    let stamp = RetainedStamp {
        stamp: record.stamp,
        node: record.stamp_node.into(),
    };
    Some((Arc::new(message), stamp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::PublishProperties;

    fn message(payload: &'static str) -> Message {
        Message {
            id: MessageId {
                origin: 7,
                number: 8,
            },
            topic: TopicName::new("a/b".to_owned()).unwrap(),
            payload: payload.into(),
            qos: QoS::ExactlyOnce,
            retain: true,
            publisher: ClientId::new("c"),
            received_at: Timestamp::from_millis(5),
            expires_at: Some(Timestamp::from_millis(0)),
            properties: Some(Box::new(PublishProperties {
                content_type: Some("text".into()),
                user_properties: vec![("k".into(), "v".into())],
                ..PublishProperties::default()
            })),
        }
    }

    fn stamp() -> RetainedStamp {
        RetainedStamp {
            stamp: u64::MAX,
            node: "n1".into(),
        }
    }

    #[test]
    fn what_is_stored_comes_back() {
        let bare = Message {
            publisher: None,
            expires_at: None,
            properties: None,
            ..message("")
        };
        for message in [message("p"), bare] {
            let Change { key, value, .. } = put(&message, &stamp());
            let (read, stamped) = read(&key, &value.unwrap()).unwrap();
            assert_eq!((&*read, stamped), (&message, stamp()));
        }
        assert_eq!(forget("a/b").key, put(&message(""), &stamp()).key);
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let value = put(&message("p"), &stamp()).value.unwrap();
        assert!(read(b"a/+", &value).is_none());
        assert!(read(b"\xff", &value).is_none());
        assert!(read(b"a", &value[..value.len() - 1]).is_none());
        let wrong_qos = Record {
            qos: 3,
            ..Record::default()
        };
        assert!(read(b"a", &wrong_qos.encode_to_vec()).is_none());
    }
}
