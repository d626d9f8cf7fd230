//! A Retained Message, or the removal of one, as a stored record. Its key is the Topic Name.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use prost::Message as _;

use super::change::{Change, Table};
use super::message_record::MessageRecord;
use crate::message::Message;
use crate::routing::retained::RetainedStamp;
use crate::topic::TopicName;

/// Fields may be added; one that is not known is skipped.
#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(uint64, tag = "1")]
    stamp: u64,
    #[prost(string, tag = "2")]
    stamp_node: String,
    /// With an empty payload: there is no Retained Message.
    #[prost(message, optional, tag = "3")]
    message: Option<MessageRecord>,
}

/// To store a Retained Message, or with an empty payload the removal of one at the time `received_at`.
pub fn put(message: &Message, stamp: &RetainedStamp) -> Change {
    let record = Record {
        stamp: stamp.stamp,
        stamp_node: stamp.node.to_string(),
        message: Some(MessageRecord::without_topic(message)),
    };
    Change {
        table: Table::Retained,
        key: message.topic.as_str().as_bytes().to_vec(),
        value: Some(record.encode_to_vec()),
        is_fresh: false,
    }
}

/// To store that nothing is known of that Topic Name.
pub fn forget(topic: &str) -> Change {
    Change {
        table: Table::Retained,
        key: topic.as_bytes().to_vec(),
        value: None,
        is_fresh: false,
    }
}

/// Reads a record. `None` when it is not understood.
pub fn read(key: &[u8], value: &[u8]) -> Option<(Arc<Message>, RetainedStamp)> {
    let record = Record::decode(value).ok()?;
    let topic = ByteString::try_from(Bytes::copy_from_slice(key)).ok()?;
    let topic = TopicName::new(topic).ok()?;
    let message = Message {
        retain: true,
        ..record.message?.read_with(topic)?
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
    use crate::message::MessageId;
    use crate::packet::{ClientId, PublishProperties, QoS};
    use crate::time::Timestamp;

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
        assert!(read(b"a", &Record::default().encode_to_vec()).is_none());
    }
}
