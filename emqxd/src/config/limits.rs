//! Limits of the node and of each Session.

use std::num::NonZeroU16;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use crate::packet::QoS;
use crate::session::SessionConfig;

/// Smallest Maximum Packet Size that leaves room for ordinary CONNECT packets, bytes.
const PACKET_BYTES_MIN: u32 = 1_024;

/// Largest MQTT packet, bytes.
const PACKET_BYTES_MAX: u32 = 268_435_460;

/// Limits of the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a packet from a client, at most. Default 1 MiB.
    pub maximum_packet_size: u32,
    /// Clients at once; 0 = as many as the process may open files. Default 0.
    pub max_connections: usize,
    /// From accepting a socket to its CONNECT. Default 10 s.
    pub connect_timeout: Duration,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsFile {
    maximum_packet_size: Option<u32>,
    max_connections: Option<usize>,
    connect_timeout: Option<String>,
}

impl LimitsFile {
    pub(super) fn into_limits(self) -> Result<Limits, ConfigError> {
        let maximum_packet_size = self.maximum_packet_size.unwrap_or(1 << 20);
        if !(PACKET_BYTES_MIN..=PACKET_BYTES_MAX).contains(&maximum_packet_size) {
            return Err(ConfigError::Value {
                key: "limits.maximum_packet_size",
                value: maximum_packet_size.to_string(),
                valid: format!("{PACKET_BYTES_MIN} to {PACKET_BYTES_MAX} bytes"),
            });
        }
        Ok(Limits {
            maximum_packet_size,
            max_connections: self.max_connections.unwrap_or(0),
            connect_timeout: duration(
                "limits.connect_timeout",
                self.connect_timeout,
                Duration::from_secs(10),
            )?,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SessionFile {
    inflight_max: Option<NonZeroU16>,
    receive_maximum: Option<NonZeroU16>,
    queue_messages_max: Option<usize>,
    queue_bytes_max: Option<usize>,
    queue_qos0_offline: Option<bool>,
    topic_alias_maximum: Option<u16>,
    subscriptions_max: Option<usize>,
    awaiting_pubrel_timeout: Option<String>,
    expiry_interval_max: Option<String>,
    maximum_qos: Option<u8>,
}

impl SessionFile {
    pub(super) fn into_session_config(self) -> Result<SessionConfig, ConfigError> {
        let default = SessionConfig::default();
        let expiry_interval_max = match self.expiry_interval_max.as_deref() {
            None | Some("never") => default.expiry_interval_max,
            Some(_) => Some(duration(
                "session.expiry_interval_max",
                self.expiry_interval_max,
                Duration::ZERO,
            )?),
        };
        let maximum_qos = match self.maximum_qos {
            None => default.maximum_qos,
            Some(bits) => QoS::from_bits(bits).ok_or_else(|| ConfigError::Value {
                key: "session.maximum_qos",
                value: bits.to_string(),
                valid: "0, 1 or 2".to_owned(),
            })?,
        };
        Ok(SessionConfig {
            inflight_max: self.inflight_max.map_or(default.inflight_max, NonZeroU16::get),
            receive_maximum: self.receive_maximum.unwrap_or(default.receive_maximum),
            queue_messages_max: self.queue_messages_max.unwrap_or(default.queue_messages_max),
            queue_bytes_max: self.queue_bytes_max.unwrap_or(default.queue_bytes_max),
            queue_qos0_offline: self.queue_qos0_offline.unwrap_or(default.queue_qos0_offline),
            topic_alias_maximum: self.topic_alias_maximum.unwrap_or(default.topic_alias_maximum),
            subscriptions_max: self.subscriptions_max.unwrap_or(default.subscriptions_max),
            awaiting_pubrel_timeout: duration(
                "session.awaiting_pubrel_timeout",
                self.awaiting_pubrel_timeout,
                default.awaiting_pubrel_timeout,
            )?,
            expiry_interval_max,
            maximum_qos,
        })
    }
}

fn duration(
    key: &'static str,
    text: Option<String>,
    default: Duration,
) -> Result<Duration, ConfigError> {
    let Some(text) = text else { return Ok(default) };
    humantime::parse_duration(&text).map_err(|_| ConfigError::Value {
        key,
        value: text,
        valid: "a duration such as \"10s\", \"5m\" or \"1h 30m\"".to_owned(),
    })
}
