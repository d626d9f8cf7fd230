//! The scripted node as a place of Sessions.

use emqx_proto::admin::v1 as wire;
use tonic::{Request, Response};
use wire::session_service_server::SessionService;

use super::fake::{Answer, Service};

#[tonic::async_trait]
impl SessionService for Service {
    async fn get(&self, request: Request<wire::GetSessionRequest>) -> Answer<wire::Session> {
        self.enter("session", request.get_ref()).await?;
        let request = request.get_ref();
        let client = self.find_client(&request.client_id)?.into_inner();
        let mut session = sample_session(client);
        if !request.with_messages {
            session.with_messages = false;
            session.inflight.clear();
            session.queued.clear();
        }
        Ok(Response::new(session))
    }

    /// One Session a page.
    async fn export(
        &self,
        request: Request<wire::ExportSessionsRequest>,
    ) -> Answer<wire::ExportSessionsResponse> {
        self.enter("export", request.get_ref()).await?;
        let request = request.get_ref();
        let script = self.script();
        let mut matching = script.clients.iter().filter(|client| {
            client.client_id.starts_with(&request.prefix) && client.client_id > request.page_token
        });
        let sessions: Vec<wire::Session> = matching
            .by_ref()
            .take(1)
            .cloned()
            .map(sample_session)
            .collect();
        let last = sessions.first().and_then(|session| session.client.clone());
        Ok(Response::new(wire::ExportSessionsResponse {
            next_page_token: match (matching.next(), last) {
                (Some(_), Some(last)) => last.client_id,
                _ => String::new(),
            },
            sessions,
            nodes_unreachable: script.nodes_unreachable.clone(),
        }))
    }
}

fn sample_session(client: wire::Client) -> wire::Session {
    let message = |number: u32, topic: &str, payload: &'static [u8]| wire::SessionMessage {
        id: format!("19af-{number}"),
        topic: topic.to_owned(),
        payload: payload.into(),
        qos: 1,
        publisher: "backend".to_owned(),
        ..wire::SessionMessage::default()
    };
    wire::Session {
        epoch: 12,
        queued_bytes: 734_003,
        inflight_bytes: 2_048,
        next_packet_id: 34,
        will: client.will.then(|| wire::SessionWill {
            message: Some(wire::SessionMessage {
                id: String::new(),
                retain: true,
                ..message(0, "meter/gone", b"\x00\xff")
            }),
            delay_ms: 30_000,
            expiry_interval_ms: None,
            fires_in_ms: Some(12_000),
        }),
        awaiting_pubrel: vec![wire::AwaitingPubrel {
            packet_id: 7,
            age_ms: 61_000,
        }],
        awaiting_retained: vec!["truck/#".to_owned()],
        with_messages: true,
        inflight: vec![
            wire::SessionMessage {
                packet_id: Some(32),
                released: true,
                ..wire::SessionMessage::default()
            },
            wire::SessionMessage {
                packet_id: Some(33),
                ..message(1, "truck/cmd", b"stop")
            },
        ],
        queued: vec![wire::SessionMessage {
            expires_in_ms: Some(5_000),
            shared_subscription: "$share/fleet/orders/+".to_owned(),
            subscription_identifiers: vec![7],
            payload_format_indicator: Some(false),
            content_type: Some("text/plain".to_owned()),
            response_topic: Some("answers".to_owned()),
            correlation_data: Some(vec![1, 2, 3].into()),
            user_properties: vec![wire::UserProperty {
                name: "trace".to_owned(),
                value: "abc".to_owned(),
            }],
            ..message(2, "orders/9", b"\x01\x02")
        }],
        client: Some(client),
    }
}
