//! A Retained Message as it stands in a copy. Pure.

use std::fmt::Display;

use bytestring::ByteString;
use emqx_proto::admin::v1 as admin;

use crate::config::Config;
use crate::message::{Message, MessageId};
use crate::packet::{ClientId, PublishProperties, QoS};
use crate::time::Timestamp;
use crate::topic::TopicName;

/// Longest text and binary data of MQTT, bytes [MQTT-1.5.4].
const TEXT_BYTES_MAX: usize = 65_535;

/// Why a node cannot take a Retained Message, and what it could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// In a sentence.
    pub cause: String,
    /// In a sentence.
    pub valid: String,
}

/// For a copy.
pub fn retained_to(message: &Message) -> admin::RetainedMessage {
    let properties = message.properties.as_deref();
    let text = |text: &ByteString| text.to_string();
    admin::RetainedMessage {
        topic: message.topic.as_str().to_owned(),
        payload: message.payload.clone(),
        qos: message.qos as u32,
        publisher: message.publisher_text(),
        expires_unix_ms: message.expires_at.map(Timestamp::as_millis),
        payload_format_indicator: properties.and_then(|it| it.payload_format_indicator),
        content_type: properties.and_then(|it| it.content_type.as_ref().map(text)),
        response_topic: properties.and_then(|it| it.response_topic.as_ref().map(text)),
        correlation_data: properties.and_then(|it| it.correlation_data.clone()),
        user_properties: properties.map(user_properties).unwrap_or_default(),
    }
}

/// For people and copies, in their order.
pub(super) fn user_properties(properties: &PublishProperties) -> Vec<admin::UserProperty> {
    let pairs = properties.user_properties.iter();
    pairs
        .map(|(name, value)| admin::UserProperty {
            name: name.to_string(),
            value: value.to_string(),
        })
        .collect()
}

/// From a copy, when a node with this configuration may retain it. It has no number and no time yet.
///
/// # Errors
/// What is wrong with it.
pub fn retained_from(item: &admin::RetainedMessage, config: &Config) -> Result<Message, NotTaken> {
    let of = |why: &dyn Display, valid: &dyn Display| NotTaken {
        cause: format!("the retained message of '{}' {why}", item.topic),
        valid: valid.to_string(),
    };
    let capabilities = &config.session.capabilities;
    if !capabilities.retain_available {
        let valid = "capabilities.retain_available = true";
        return Err(of(&"may not be retained there", &valid));
    }
    let topic = TopicName::new(item.topic.as_str())
        .ok()
        .filter(|topic| !topic.as_str().contains(char::is_control));
    let Some(topic) = topic else {
        return Err(of(
            &"has no Topic Name",
            &"a topic without wildcards and control characters",
        ));
    };
    if !capabilities.allows_topic(&topic) {
        return Err(of(
            &"has a topic that is too long or too deep",
            &format_args!(
                "up to {} bytes and {} levels",
                capabilities.max_topic_length, capabilities.max_topic_levels
            ),
        ));
    }
    let size_max = config.retainer.max_payload_size;
    if item.payload.is_empty() || item.payload.len() > size_max {
        return Err(of(
            &format_args!("has {} bytes of payload", item.payload.len()),
            &format_args!("1 to {size_max} bytes (retainer.max_payload_size)"),
        ));
    }
    let qos = u8::try_from(item.qos)
        .ok()
        .and_then(QoS::from_bits)
        .filter(|qos| *qos <= config.session.maximum_qos)
        .ok_or_else(|| {
            let max = config.session.maximum_qos as u32;
            of(
                &format_args!("has QoS {}", item.qos),
                &format_args!("0 to {max} (session.maximum_qos)"),
            )
        })?;
    let texts = [&item.content_type, &item.response_topic];
    let pairs = item.user_properties.iter();
    let is_too_long = texts
        .into_iter()
        .flatten()
        .any(|text| text.len() > TEXT_BYTES_MAX)
        || item
            .correlation_data
            .as_ref()
            .is_some_and(|data| data.len() > TEXT_BYTES_MAX)
        || pairs
            .map(|pair| pair.name.len().max(pair.value.len()))
            .any(|length| length > TEXT_BYTES_MAX);
    let properties = PublishProperties {
        payload_format_indicator: item.payload_format_indicator,
        content_type: item.content_type.as_deref().map(ByteString::from),
        response_topic: item.response_topic.as_deref().map(ByteString::from),
        correlation_data: item.correlation_data.clone(),
        user_properties: item
            .user_properties
            .iter()
            .map(|pair| (pair.name.as_str().into(), pair.value.as_str().into()))
            .collect(),
        ..PublishProperties::default()
    };
    let limits = &config.limits.properties;
    if is_too_long
        || properties.bytes() > limits.max_properties_size as usize
        || properties.user_properties.len() > limits.max_user_properties as usize
    {
        return Err(of(
            &"has properties that are too large",
            &format_args!(
                "up to {TEXT_BYTES_MAX} bytes each, {} in all, and {} User Properties",
                limits.max_properties_size, limits.max_user_properties
            ),
        ));
    }
    let has_properties = properties != PublishProperties::default();
    Ok(Message {
        id: MessageId {
            origin: 0,
            number: 0,
        },
        topic,
        payload: item.payload.clone(),
        qos,
        retain: true,
        publisher: ClientId::new(&item.publisher),
        received_at: Timestamp::default(),
        expires_at: item.expires_unix_ms.map(Timestamp::from_millis),
        properties: has_properties.then(|| Box::new(properties)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> admin::RetainedMessage {
        admin::RetainedMessage {
            topic: "a/b".to_owned(),
            payload: "on".into(),
            qos: 1,
            publisher: "p".to_owned(),
            expires_unix_ms: Some(9_000),
            payload_format_indicator: Some(true),
            content_type: Some("text/plain".to_owned()),
            response_topic: Some("answers".to_owned()),
            correlation_data: Some("x".into()),
            user_properties: vec![admin::UserProperty {
                name: "n".to_owned(),
                value: "v".to_owned(),
            }],
        }
    }

    #[test]
    fn a_message_comes_back_as_it_was() {
        let config = Config::default();
        let message = retained_from(&item(), &config).unwrap();
        assert_eq!(retained_to(&message), item());
        let bare = admin::RetainedMessage {
            topic: "a".to_owned(),
            payload: "1".into(),
            ..admin::RetainedMessage::default()
        };
        let message = retained_from(&bare, &config).unwrap();
        assert_eq!(message.properties, None);
        assert_eq!(retained_to(&message), bare);
    }

    #[test]
    fn what_a_node_does_not_take_is_named() {
        let mut config = Config::default();
        config.retainer.max_payload_size = 3;
        config.session.capabilities.max_topic_levels = 2;
        let with = |change: fn(&mut admin::RetainedMessage)| {
            let mut item = item();
            change(&mut item);
            item
        };
        for (wrong, why) in [
            (with(|it| it.topic = "a/#".to_owned()), "has no Topic Name"),
            (with(|it| it.topic = "a/b/c".to_owned()), "too deep"),
            (
                with(|it| it.payload = "1234".into()),
                "has 4 bytes of payload",
            ),
            (with(|it| it.payload.clear()), "has 0 bytes of payload"),
            (with(|it| it.qos = 3), "has QoS 3"),
            (
                with(|it| it.content_type = Some("x".repeat(70_000))),
                "properties that are too large",
            ),
        ] {
            let refused = retained_from(&wrong, &config).unwrap_err();
            assert!(refused.cause.contains(why), "{refused:?}");
            assert!(!refused.valid.is_empty());
        }
        config.session.capabilities.retain_available = false;
        assert!(retained_from(&item(), &config).is_err());
    }
}
