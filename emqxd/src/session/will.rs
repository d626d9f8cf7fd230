//! The Will Message and when it is published [MQTT-3.1.2.5, MQTT-3.1.3.2.2].

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::Will;
use super::state::WillState;
use crate::message::Message;
use crate::packet::PublishProperties;
use crate::time::Timestamp;

/// A Will Message that has not been published or deleted.
#[derive(Debug)]
pub(super) struct ArmedWill {
    pub(super) will: Will,
    /// Set once the Network Connection is gone and the Will Delay Interval runs.
    pub(super) fires_at: Option<Timestamp>,
}

impl ArmedWill {
    pub(super) fn export(&self, now: Timestamp) -> WillState {
        WillState {
            will: self.will.clone(),
            fires_in: self.fires_at.map(|at| at.since(now)),
        }
    }

    /// The Network Connection that the Will belongs to is gone: a delay that did not run begins now.
    pub(super) fn import(state: WillState, now: Timestamp) -> Self {
        let remaining = state.fires_in.unwrap_or(state.will.delay);
        Self {
            will: state.will,
            fires_at: Some(now + remaining),
        }
    }
}

/// The Application Message to publish now.
pub(super) fn publish(will: Will, now: Timestamp) -> Box<Message> {
    let mut message = will.message;
    message.received_at = now;
    message.expires_at = will.expiry_interval.map(|interval| now + interval);
    Box::new(message)
}

/// A Will Delay Interval or Message Expiry Interval.
pub(super) fn seconds(interval_s: Option<u32>) -> Option<Duration> {
    interval_s.map(|seconds| Duration::from_secs(u64::from(seconds)))
}

/// Properties that are passed on, as copies: a Will lives as long as its Network Connection and must not hold
/// the buffer that its CONNECT was read into. `None` when there are none.
pub(super) fn properties_for_keeping(
    properties: &PublishProperties,
) -> Option<Box<PublishProperties>> {
    let text = |text: &ByteString| ByteString::from(&**text);
    let kept = PublishProperties {
        payload_format_indicator: properties.payload_format_indicator,
        response_topic: properties.response_topic.as_ref().map(text),
        correlation_data: properties
            .correlation_data
            .as_ref()
            .map(|data| Bytes::copy_from_slice(data)),
        user_properties: properties
            .user_properties
            .iter()
            .map(|(name, value)| (text(name), text(value)))
            .collect(),
        content_type: properties.content_type.as_ref().map(text),
        ..PublishProperties::default()
    };
    (kept != PublishProperties::default()).then(|| Box::new(kept))
}
