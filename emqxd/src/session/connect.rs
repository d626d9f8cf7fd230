//! The answer to a CONNECT, as far as it depends on nothing but the packet and the Server's limits.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::client_packet::is_reserved;
use super::will::{properties_for_keeping, seconds};
use super::{Attach, Capabilities, SessionConfig, SessionExpiry, Will, keep_alive};
use crate::message::{Message, MessageId};
use crate::packet::{self, ClientId, ConnAckProperties, Connect, ProtocolVersion, QoS, ReasonCode};
use crate::time::Timestamp;
use crate::topic::TopicName;

/// Largest MQTT Control Packet: fixed header and the longest Remaining Length [MQTT-2.1.4].
pub const PACKET_BYTES_MAX: u32 = 268_435_460;

/// The Server's side of a CONNECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectPolicy {
    /// Limits of Sessions.
    pub session: Arc<SessionConfig>,
    /// Maximum Packet Size that the Server accepts, bytes. Announced to 5.0 clients when it is below
    /// [`PACKET_BYTES_MAX`].
    pub maximum_packet_size: u32,
    /// Longest Keep Alive, seconds, 1 or more; `None` = as asked. A 5.0 client that asks for more, or for
    /// none, is told this one; a 3.x client cannot be told and keeps its own.
    pub keep_alive_max_s: Option<u16>,
    /// Whether a User Name is not needed.
    pub allow_anonymous: bool,
}

/// A CONNECT that may go on: to authentication, then to its Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Whose Session it is.
    pub client_id: ClientId,
    /// The client sent none and this one was made for it.
    pub assigned: bool,
    /// Discard an existing Session [MQTT-3.1.2-4].
    pub clean_start: bool,
    /// For [`super::Session::attach`].
    pub attach: Attach,
    /// Longest silence allowed, 1.5 x Keep Alive [MQTT-3.1.2-22]; `None` = any.
    pub keep_alive: Option<Duration>,
    /// What a 5.0 client is told; empty in 3.x.
    pub connack: ConnAckProperties,
}

/// A CONNECT that is answered by a CONNACK with this code, where the version has one, and closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} ({})", .code.name())]
pub struct Refusal {
    /// For CONNACK; the encoder maps it to the return codes of 3.x.
    pub code: ReasonCode,
    /// For the log and the Reason String.
    pub reason: &'static str,
}

/// Decides on a CONNECT. `fresh_client_id` makes a Client Identifier that nobody uses; it is called only when
/// one is to be assigned.
///
/// # Errors
/// When the CONNECT must be refused.
pub fn decide(
    connect: &Connect,
    policy: &ConnectPolicy,
    fresh_client_id: impl FnOnce() -> ClientId,
) -> Result<Accepted, Refusal> {
    let config = &policy.session;
    let is_v5 = connect.version == ProtocolVersion::V5;
    check_credentials(connect, policy)?;
    if connect.properties.maximum_packet_size == Some(0) {
        // [MQTT-3.1.2.11.4]
        return refuse(ReasonCode::ProtocolError, "the Maximum Packet Size is 0");
    }
    let named = client_id(connect, &config.capabilities)?;
    let assigned = named.is_none();
    let client_id = named.unwrap_or_else(fresh_client_id);
    let will = match &connect.will {
        Some(will) => Some(checked_will(will, &client_id, config)?),
        None => None,
    };

    let asked = match (connect.version, connect.clean_start) {
        (ProtocolVersion::V5, _) => {
            SessionExpiry::from_seconds(connect.properties.session_expiry_interval_s)
        }
        (_, true) => SessionExpiry::WITH_CONNECTION,
        (_, false) => SessionExpiry::Never,
    };
    let expiry = asked.at_most(config.expiry_interval_max);
    let keep_alive_s = match policy.keep_alive_max_s {
        Some(max) if is_v5 && (connect.keep_alive_s == 0 || connect.keep_alive_s > max) => max,
        _ => connect.keep_alive_s,
    };
    let connack = if is_v5 {
        ConnAckProperties {
            session_expiry_interval_s: (expiry != asked).then(|| expiry.as_seconds()),
            receive_maximum: Some(config.receive_maximum).filter(|max| *max != NonZeroU16::MAX),
            maximum_qos: Some(config.maximum_qos).filter(|max| *max != QoS::ExactlyOnce),
            maximum_packet_size: Some(policy.maximum_packet_size)
                .filter(|max| *max < PACKET_BYTES_MAX),
            assigned_client_identifier: assigned.then(|| ByteString::from(client_id.as_str())),
            topic_alias_maximum: Some(config.topic_alias_maximum).filter(|max| *max > 0),
            retain_available: told_missing(config.capabilities.retain_available),
            wildcard_subscription_available: told_missing(
                config.capabilities.wildcard_subscription,
            ),
            shared_subscription_available: told_missing(config.capabilities.shared_subscription),
            server_keep_alive_s: (keep_alive_s != connect.keep_alive_s).then_some(keep_alive_s),
            ..ConnAckProperties::default()
        }
    } else {
        ConnAckProperties::default()
    };
    Ok(Accepted {
        client_id,
        assigned,
        clean_start: connect.clean_start,
        attach: Attach {
            version: connect.version,
            clean_start: connect.clean_start,
            expiry,
            receive_maximum: connect
                .properties
                .receive_maximum
                .unwrap_or(NonZeroU16::MAX),
            maximum_packet_size: connect.properties.maximum_packet_size,
            topic_alias_maximum: connect.properties.topic_alias_maximum.unwrap_or(0),
            problem_information: connect
                .properties
                .request_problem_information
                .unwrap_or(true),
            will,
            username: connect.username.clone(),
        },
        keep_alive: keep_alive::silence_max(keep_alive_s),
        connack,
    })
}

/// What is not told is available.
const fn told_missing(is_available: bool) -> Option<bool> {
    if is_available { None } else { Some(false) }
}

const fn refuse<T>(code: ReasonCode, reason: &'static str) -> Result<T, Refusal> {
    Err(Refusal { code, reason })
}

fn check_credentials(connect: &Connect, policy: &ConnectPolicy) -> Result<(), Refusal> {
    let properties = &connect.properties;
    if properties.authentication_method.is_some() {
        // [MQTT-4.12.0-1]
        return refuse(
            ReasonCode::BadAuthenticationMethod,
            "enhanced authentication is not offered",
        );
    }
    if properties.authentication_data.is_some() {
        return refuse(
            ReasonCode::ProtocolError,
            "Authentication Data without an Authentication Method",
        );
    }
    if connect.version != ProtocolVersion::V5
        && connect.password.is_some()
        && connect.username.is_none()
    {
        // [MQTT-3.1.2-22 of 3.1.1]
        return refuse(
            ReasonCode::MalformedPacket,
            "a Password without a User Name",
        );
    }
    if !policy.allow_anonymous && connect.username.is_none() {
        return refuse(
            ReasonCode::NotAuthorized,
            "no User Name, and anonymous clients are not allowed",
        );
    }
    Ok(())
}

/// `None` when one is to be assigned [MQTT-3.1.3-6].
fn client_id(connect: &Connect, capabilities: &Capabilities) -> Result<Option<ClientId>, Refusal> {
    if connect.client_id.len() > capabilities.max_clientid_len {
        return refuse(
            ReasonCode::ClientIdentifierNotValid,
            "the Client Identifier is longer than the Server allows",
        );
    }
    if connect.client_id.contains(char::is_control) {
        return refuse(
            ReasonCode::ClientIdentifierNotValid,
            "the Client Identifier contains a control character",
        );
    }
    let client_id = ClientId::new(&connect.client_id);
    match (connect.version, connect.clean_start) {
        _ if client_id.is_some() => Ok(client_id),
        (ProtocolVersion::V5, _) | (ProtocolVersion::V3_1_1, true) => Ok(None),
        // [MQTT-3.1.3-8 of 3.1.1]
        (ProtocolVersion::V3_1_1, false) => refuse(
            ReasonCode::ClientIdentifierNotValid,
            "an empty Client Identifier needs Clean Session 1",
        ),
        (ProtocolVersion::V3_1, _) => refuse(
            ReasonCode::ClientIdentifierNotValid,
            "the Client Identifier is empty, which MQTT 3.1 does not allow",
        ),
    }
}

fn checked_will(
    will: &packet::Will,
    client_id: &ClientId,
    config: &SessionConfig,
) -> Result<Will, Refusal> {
    if will.retain && !config.capabilities.retain_available {
        // [MQTT-3.2.2-13]
        return refuse(
            ReasonCode::RetainNotSupported,
            "Will Retain is set, and retained messages are not available",
        );
    }
    if will.qos > config.maximum_qos {
        // [MQTT-3.2.2-12]
        return refuse(
            ReasonCode::QoSNotSupported,
            "the Will QoS is above the Maximum QoS of the Server",
        );
    }
    // Copies: the Will outlives the buffer that the CONNECT was read into.
    let Ok(topic) = TopicName::new(ByteString::from(&*will.topic)) else {
        return refuse(ReasonCode::ProtocolError, "the Will Topic is no Topic Name");
    };
    if !config.capabilities.allows_topic(&topic) {
        return refuse(
            ReasonCode::TopicNameInvalid,
            "the Will Topic has more levels or bytes than the Server allows",
        );
    }
    if is_reserved(&topic) {
        return refuse(
            ReasonCode::NotAuthorized,
            "the Will Topic begins with $SYS/ or $share/, where clients may not publish",
        );
    }
    let response_topic = will.properties.response_topic.clone();
    if response_topic.is_some_and(|topic| TopicName::new(topic).is_err()) {
        return refuse(
            ReasonCode::ProtocolError,
            "the Response Topic of the Will is no Topic Name",
        );
    }
    Ok(Will {
        message: Message {
            id: MessageId {
                origin: 0,
                number: 0,
            },
            topic,
            payload: Bytes::copy_from_slice(&will.payload),
            qos: will.qos,
            retain: will.retain,
            publisher: Some(client_id.clone()),
            received_at: Timestamp::default(),
            expires_at: None,
            properties: properties_for_keeping(&will.properties),
        },
        delay: seconds(will.delay_interval_s).unwrap_or_default(),
        expiry_interval: seconds(will.properties.message_expiry_interval_s),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{V3, V5, qos, seconds};
    use super::*;
    use crate::packet::{ConnectProperties, PublishProperties};

    fn policy() -> ConnectPolicy {
        ConnectPolicy {
            session: Arc::default(),
            maximum_packet_size: 1 << 20,
            keep_alive_max_s: None,
            allow_anonymous: true,
        }
    }

    fn connect(version: ProtocolVersion) -> Connect {
        Connect {
            version,
            clean_start: true,
            keep_alive_s: 60,
            client_id: "c".into(),
            will: None,
            username: None,
            password: None,
            properties: ConnectProperties::default(),
        }
    }

    fn fresh() -> ClientId {
        ClientId::new("fresh").expect("not empty")
    }

    fn accepted(connect: &Connect, policy: &ConnectPolicy) -> Accepted {
        decide(connect, policy, fresh).expect("accepted")
    }

    fn refused(connect: &Connect, policy: &ConnectPolicy) -> ReasonCode {
        decide(connect, policy, fresh).expect_err("refused").code
    }

    fn will(topic: &'static str) -> packet::Will {
        packet::Will {
            topic: topic.into(),
            payload: Bytes::from_static(b"bye"),
            qos: qos(2),
            retain: true,
            delay_interval_s: Some(5),
            properties: PublishProperties {
                message_expiry_interval_s: Some(9),
                content_type: Some("text".into()),
                ..PublishProperties::default()
            },
        }
    }

    #[test]
    fn tells_a_v5_client_the_limits() {
        let accepted = accepted(&connect(V5), &policy());
        assert_eq!(
            accepted.connack,
            ConnAckProperties {
                receive_maximum: NonZeroU16::new(1_024),
                maximum_packet_size: Some(1 << 20),
                topic_alias_maximum: Some(128),
                ..ConnAckProperties::default()
            }
        );
        assert_eq!(accepted.keep_alive, Some(seconds(90)));
        assert_eq!(accepted.client_id.as_str(), "c");
        assert!(!accepted.assigned && accepted.clean_start);
        assert_eq!(
            accepted.attach,
            Attach {
                version: V5,
                clean_start: true,
                expiry: SessionExpiry::WITH_CONNECTION,
                receive_maximum: NonZeroU16::MAX,
                maximum_packet_size: None,
                topic_alias_maximum: 0,
                problem_information: true,
                will: None,
                username: None,
            }
        );
    }

    #[test]
    fn leaves_out_limits_that_are_no_limits() {
        let open = ConnectPolicy {
            session: Arc::new(SessionConfig {
                receive_maximum: NonZeroU16::MAX,
                topic_alias_maximum: 0,
                ..SessionConfig::default()
            }),
            maximum_packet_size: PACKET_BYTES_MAX,
            ..policy()
        };
        assert_eq!(
            accepted(&connect(V5), &open).connack,
            ConnAckProperties::default()
        );
        assert_eq!(
            accepted(&connect(V3), &policy()).connack,
            ConnAckProperties::default()
        );
    }

    #[test]
    fn takes_over_what_the_client_announces() {
        let mut connect = connect(V5);
        connect.clean_start = false;
        connect.username = Some("u".into());
        connect.properties = ConnectProperties {
            session_expiry_interval_s: Some(7),
            receive_maximum: NonZeroU16::new(3),
            maximum_packet_size: Some(99),
            topic_alias_maximum: Some(4),
            request_problem_information: Some(false),
            ..ConnectProperties::default()
        };
        assert_eq!(
            accepted(&connect, &policy()).attach,
            Attach {
                version: V5,
                clean_start: false,
                expiry: SessionExpiry::After(seconds(7)),
                receive_maximum: NonZeroU16::new(3).expect("not zero"),
                maximum_packet_size: Some(99),
                topic_alias_maximum: 4,
                problem_information: false,
                will: None,
                username: Some("u".into()),
            }
        );
    }

    #[test]
    fn an_empty_client_identifier_is_assigned_or_refused() {
        for (version, clean_start, assigned) in [
            (V5, true, true),
            (V5, false, true),
            (V3, true, true),
            (V3, false, false),
            (ProtocolVersion::V3_1, true, false),
            (ProtocolVersion::V3_1, false, false),
        ] {
            let connect = Connect {
                client_id: "".into(),
                clean_start,
                ..connect(version)
            };
            if !assigned {
                assert_eq!(
                    refused(&connect, &policy()),
                    ReasonCode::ClientIdentifierNotValid
                );
                continue;
            }
            let accepted = accepted(&connect, &policy());
            assert_eq!(
                (accepted.client_id.as_str(), accepted.assigned),
                ("fresh", true)
            );
            let told = accepted.connack.assigned_client_identifier;
            assert_eq!(told, (version == V5).then(|| "fresh".into()));
        }
    }

    #[test]
    fn the_session_expiry_is_granted_up_to_the_limit() {
        let limited = ConnectPolicy {
            session: Arc::new(SessionConfig {
                expiry_interval_max: Some(seconds(10)),
                ..SessionConfig::default()
            }),
            ..policy()
        };
        for (asked_s, granted, told) in [
            (None, 0, None),
            (Some(10), 10, None),
            (Some(11), 10, Some(10)),
            (Some(u32::MAX), 10, Some(10)),
        ] {
            let mut connect = connect(V5);
            connect.properties.session_expiry_interval_s = asked_s;
            let accepted = accepted(&connect, &limited);
            assert_eq!(
                accepted.attach.expiry,
                SessionExpiry::After(seconds(granted))
            );
            assert_eq!(accepted.connack.session_expiry_interval_s, told);
        }
        for (clean_start, expiry) in [
            (true, SessionExpiry::WITH_CONNECTION),
            (false, SessionExpiry::Never),
        ] {
            let connect = Connect {
                clean_start,
                ..connect(V3)
            };
            assert_eq!(accepted(&connect, &policy()).attach.expiry, expiry);
        }
    }

    #[test]
    fn the_keep_alive_is_limited_where_the_client_can_be_told() {
        let limited = ConnectPolicy {
            keep_alive_max_s: Some(40),
            ..policy()
        };
        for (version, asked_s, silence_s, told) in [
            (V5, 40, Some(60), None),
            (V5, 41, Some(60), Some(40)),
            (V5, 0, Some(60), Some(40)),
            (V3, 60, Some(90), None),
            (V3, 0, None, None),
        ] {
            let connect = Connect {
                keep_alive_s: asked_s,
                ..connect(version)
            };
            let accepted = accepted(&connect, &limited);
            assert_eq!(accepted.keep_alive, silence_s.map(seconds));
            assert_eq!(accepted.connack.server_keep_alive_s, told);
        }
    }

    #[test]
    fn the_will_is_checked_and_taken_over() {
        let mut connect = connect(V5);
        connect.will = Some(will("gone"));
        let will_of = |connect: &Connect| accepted(connect, &policy()).attach.will.expect("a Will");
        assert_eq!(
            will_of(&connect),
            Will {
                message: Message {
                    id: MessageId {
                        origin: 0,
                        number: 0
                    },
                    topic: TopicName::new("gone").expect("valid"),
                    payload: Bytes::from_static(b"bye"),
                    qos: qos(2),
                    retain: true,
                    publisher: ClientId::new("c"),
                    received_at: Timestamp::default(),
                    expires_at: None,
                    properties: Some(Box::new(PublishProperties {
                        content_type: Some("text".into()),
                        ..PublishProperties::default()
                    })),
                },
                delay: seconds(5),
                expiry_interval: Some(seconds(9)),
            }
        );
        for topic in ["", "a/+", "#"] {
            connect.will = Some(will(topic));
            assert_eq!(
                refused(&connect, &policy()),
                ReasonCode::ProtocolError,
                "{topic}"
            );
        }
        connect.will = Some(will("gone"));
        let lower = ConnectPolicy {
            session: Arc::new(SessionConfig {
                maximum_qos: qos(1),
                ..SessionConfig::default()
            }),
            ..policy()
        };
        assert_eq!(refused(&connect, &lower), ReasonCode::QoSNotSupported);
        connect.will = None;
        assert_eq!(accepted(&connect, &lower).connack.maximum_qos, Some(qos(1)));
    }

    #[test]
    fn credentials_are_checked_for_form_only() {
        let mut with_method = connect(V5);
        with_method.properties.authentication_method = Some("SCRAM".into());
        assert_eq!(
            refused(&with_method, &policy()),
            ReasonCode::BadAuthenticationMethod
        );
        let mut with_data = connect(V5);
        with_data.properties.authentication_data = Some(Bytes::new());
        assert_eq!(refused(&with_data, &policy()), ReasonCode::ProtocolError);
        let mut with_size = connect(V5);
        with_size.properties.maximum_packet_size = Some(0);
        assert_eq!(refused(&with_size, &policy()), ReasonCode::ProtocolError);
        for (version, accepted) in [(V5, true), (V3, false)] {
            let connect = Connect {
                password: Some(Bytes::new()),
                ..connect(version)
            };
            assert_eq!(decide(&connect, &policy(), fresh).is_ok(), accepted);
        }
        let named_only = ConnectPolicy {
            allow_anonymous: false,
            ..policy()
        };
        assert_eq!(
            refused(&connect(V3), &named_only),
            ReasonCode::NotAuthorized
        );
        let named = Connect {
            username: Some("u".into()),
            ..connect(V3)
        };
        assert!(decide(&named, &named_only, fresh).is_ok());
    }
}
