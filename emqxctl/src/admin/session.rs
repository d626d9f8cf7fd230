//! Questions about Sessions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use emqx_proto::admin::v1 as wire;
use tonic::transport::Channel;
use wire::session_service_client::SessionServiceClient;

use super::AdminClient;
use super::client::ClientFilter;
use super::convert::some;
use super::error::AdminError;
use crate::model::{AwaitingPubrel, Client, Session, SessionMessage, SessionPage, SessionWill};

/// A Session with a full queue, and pages of some megabytes of all nodes beside it.
const MESSAGE_SIZE_MAX: usize = 512 * 1024 * 1024;

impl AdminClient {
    /// One Session, with its messages or without.
    ///
    /// # Errors
    /// [`AdminError`]; an unknown one is a refusal of kind `NotFound`.
    pub async fn session(
        &self,
        client_id: &str,
        with_messages: bool,
    ) -> Result<Session, AdminError> {
        self.ask(async |channel| {
            session_service(channel)
                .get(wire::GetSessionRequest {
                    client_id: client_id.to_owned(),
                    with_messages,
                })
                .await
        })
        .await
        .map(Session::from)
    }

    /// One page of Sessions with their messages. `page_token` is that of the page before.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or a node refuses.
    pub async fn export_sessions(
        &self,
        filter: &ClientFilter,
        page_token: Option<&str>,
    ) -> Result<SessionPage, AdminError> {
        self.ask(async |channel| {
            session_service(channel)
                .export(wire::ExportSessionsRequest {
                    node: filter.node.clone().unwrap_or_default(),
                    prefix: filter.prefix.clone().unwrap_or_default(),
                    pattern: filter.pattern.clone().unwrap_or_default(),
                    connected: filter.connected,
                    page_token: page_token.unwrap_or_default().to_owned(),
                })
                .await
        })
        .await
        .map(SessionPage::from)
    }
}

fn session_service(channel: Channel) -> SessionServiceClient<Channel> {
    SessionServiceClient::new(channel).max_decoding_message_size(MESSAGE_SIZE_MAX)
}

impl From<wire::ExportSessionsResponse> for SessionPage {
    fn from(page: wire::ExportSessionsResponse) -> Self {
        Self {
            items: page.sessions.into_iter().map(Session::from).collect(),
            next_page_token: some(page.next_page_token),
            nodes_unreachable: page.nodes_unreachable,
        }
    }
}

impl From<wire::Session> for Session {
    fn from(session: wire::Session) -> Self {
        let messages = |messages: Vec<wire::SessionMessage>| {
            session
                .with_messages
                .then(|| messages.into_iter().map(SessionMessage::from).collect())
        };
        Self {
            inflight_messages: messages(session.inflight),
            queued_messages: messages(session.queued),
            client: Client::from(session.client.unwrap_or_default()),
            epoch: session.epoch,
            queued_bytes: session.queued_bytes,
            inflight_bytes: session.inflight_bytes,
            next_packet_id: packet_id(session.next_packet_id),
            will_message: session.will.map(|will| SessionWill {
                message: SessionMessage::from(will.message.unwrap_or_default()),
                delay_ms: will.delay_ms,
                expiry_interval_ms: will.expiry_interval_ms,
                fires_in_ms: will.fires_in_ms,
            }),
            awaiting_pubrel_packets: session
                .awaiting_pubrel
                .into_iter()
                .map(|packet| AwaitingPubrel {
                    packet_id: packet_id(packet.packet_id),
                    age_ms: packet.age_ms,
                })
                .collect(),
            awaiting_retained: session.awaiting_retained,
        }
    }
}

impl From<wire::SessionMessage> for SessionMessage {
    fn from(message: wire::SessionMessage) -> Self {
        Self {
            packet_id: message.packet_id.map(packet_id),
            released: message.released,
            id: some(message.id),
            topic: message.topic,
            payload: STANDARD.encode(&message.payload),
            qos: message.qos,
            retain: message.retain,
            publisher: some(message.publisher),
            expires_in_ms: message.expires_in_ms,
            shared_subscription: some(message.shared_subscription),
            subscription_identifiers: message.subscription_identifiers,
            payload_format_indicator: message.payload_format_indicator,
            content_type: message.content_type,
            response_topic: message.response_topic,
            correlation_data: message.correlation_data.map(|data| STANDARD.encode(&data)),
            user_properties: message
                .user_properties
                .into_iter()
                .map(|pair| (pair.name, pair.value))
                .collect(),
        }
    }
}

/// Packet Identifiers are two bytes in MQTT.
fn packet_id(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
