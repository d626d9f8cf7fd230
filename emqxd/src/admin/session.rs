//! Sessions with everything in them.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::session_service_server::SessionService;
use emqx_proto::peer::v1::{admin_request, admin_response};
use tonic::{Code, Request, Response, Status};

use super::data_item::user_properties;
use super::error::AdminError;
use super::session_page::{self, Wanted};
use super::{client, fan_out};
use crate::message::{Delivery, Message};
use crate::node::broker::Broker;
use crate::node::session_cell::SessionHandle;
use crate::session::SessionState;
use crate::session::state::{InflightState, WillState};
use crate::time::Timestamp;

/// Whole Sessions in one page of one node, at most.
const EXPORT_SESSIONS: usize = 1_000;
/// A page is full when its messages have so many bytes; it has at least one Session, which may have many more.
const EXPORT_BYTES: u64 = 4 << 20;
/// A Session with all its messages may be hundreds of megabytes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Serves `SessionService`.
#[derive(Clone)]
pub struct SessionApi {
    broker: Arc<Broker>,
}

impl SessionApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }
}

#[tonic::async_trait]
impl SessionService for SessionApi {
    async fn get(
        &self,
        request: Request<admin::GetSessionRequest>,
    ) -> Result<Response<admin::Session>, Status> {
        let request = request.into_inner();
        let client_id = request.client_id.clone();
        let asked = admin_request::Request::GetSession(request);
        let mut found: Option<admin::Session> = None;
        let mut refusal = None;
        for (_, answer) in fan_out::ask_all_within(&self.broker, &asked, TIMEOUT).await {
            match answer {
                Ok(admin_response::Response::Session(session)) => {
                    if found
                        .as_ref()
                        .is_none_or(|known| session.epoch > known.epoch)
                    {
                        found = Some(session);
                    }
                }
                Ok(_) => {}
                // "Not found" by one node says less than any other refusal.
                Err(error) => match &refusal {
                    Some(AdminError { code, .. }) if *code != Code::NotFound => {}
                    _ => refusal = Some(error),
                },
            }
        }
        match found {
            Some(session) => Ok(Response::new(session)),
            None => Err(refusal
                .unwrap_or_else(|| AdminError::unknown_client(&client_id))
                .into()),
        }
    }

    async fn export(
        &self,
        request: Request<admin::ExportSessionsRequest>,
    ) -> Result<Response<admin::ExportSessionsResponse>, Status> {
        let request = request.into_inner();
        let asked = admin_request::Request::ExportSessions(request.clone());
        let answers = if request.node.is_empty() {
            fan_out::ask_all_within(&self.broker, &asked, TIMEOUT).await
        } else {
            let node = fan_out::find_node(&self.broker, &request.node)?;
            let answer = fan_out::ask_within(&self.broker, &node, asked, TIMEOUT).await;
            vec![(node, answer)]
        };
        let mut pages = Vec::new();
        let mut nodes_unreachable = Vec::new();
        for (node, answer) in answers {
            match answer {
                Ok(admin_response::Response::Sessions(page)) => pages.push(page),
                _ => nodes_unreachable.push(node.to_string()),
            }
        }
        Ok(Response::new(admin::ExportSessionsResponse {
            nodes_unreachable,
            ..merged(pages)
        }))
    }
}

/// One page of the pages of all nodes. Each of them is complete up to its last Session only.
fn merged(pages: Vec<admin::ExportSessionsResponse>) -> admin::ExportSessionsResponse {
    let complete_to = pages
        .iter()
        .map(|page| &page.next_page_token)
        .filter(|token| !token.is_empty())
        .min()
        .cloned()
        .unwrap_or_default();
    let mut sessions: Vec<admin::Session> =
        pages.into_iter().flat_map(|page| page.sessions).collect();
    if !complete_to.is_empty() {
        sessions.retain(|session| *id(session) <= *complete_to);
    }
    // While one moves, two nodes may have it: the one with the higher epoch counts.
    sessions.sort_by(|a, b| id(a).cmp(id(b)).then(b.epoch.cmp(&a.epoch)));
    sessions.dedup_by(|later, kept| id(later) == id(kept));
    admin::ExportSessionsResponse {
        sessions,
        next_page_token: complete_to,
        nodes_unreachable: Vec::new(),
    }
}

fn id(session: &admin::Session) -> &str {
    let client = session.client.as_ref();
    client.map_or("", |client| client.client_id.as_str())
}

/// A page of whole Sessions of this node.
pub async fn export(
    broker: &Broker,
    request: &admin::ExportSessionsRequest,
) -> admin::ExportSessionsResponse {
    let wanted = Wanted {
        prefix: &request.prefix,
        pattern: &request.pattern,
        connected: request.connected,
        after: &request.page_token,
    };
    let page = session_page::page(broker, &wanted, EXPORT_SESSIONS).await;
    let mut response = admin::ExportSessionsResponse::default();
    let mut bytes = 0;
    let mut left = page.sessions.len();
    for session in &page.sessions {
        let described = describe(broker, session, true);
        bytes += described.queued_bytes + described.inflight_bytes;
        response.sessions.push(described);
        left -= 1;
        if bytes >= EXPORT_BYTES {
            break;
        }
        tokio::task::yield_now().await;
    }
    if (left > 0 || page.more)
        && let Some(last) = response.sessions.last()
    {
        response.next_page_token = id(last).to_owned();
    }
    response
}

/// A Session of this node as it is at this moment; it does not change.
pub fn describe(broker: &Broker, handle: &SessionHandle, with_messages: bool) -> admin::Session {
    let now = broker.clock.now();
    // The lock is held for as long as it takes to list the messages; they are encoded without it.
    let (client, epoch, state) = {
        let held = handle.lock();
        (
            client::describe_held(broker, handle, &held, true),
            held.epoch,
            held.session.export(now),
        )
    };
    let mut session = whole(&state, with_messages, now);
    session.client = Some(client);
    session.epoch = epoch;
    session
}

fn whole(state: &SessionState, with_messages: bool, now: Timestamp) -> admin::Session {
    let bytes = |message: &Message| message.bytes() as u64;
    let mut session = admin::Session {
        queued_bytes: state.queue.iter().map(|it| bytes(&it.message)).sum(),
        next_packet_id: u32::from(state.next_packet_id.get()),
        will: state.will.as_ref().map(will),
        awaiting_pubrel: state
            .awaiting_pubrel
            .iter()
            .map(|(packet_id, age)| admin::AwaitingPubrel {
                packet_id: u32::from(packet_id.get()),
                age_ms: millis(*age),
            })
            .collect(),
        awaiting_retained: state
            .owed_retained
            .iter()
            .map(|(filter, _)| filter.as_str().to_owned())
            .collect(),
        with_messages,
        ..admin::Session::default()
    };
    for (packet_id, inflight) in &state.inflight {
        let mut message = match inflight {
            InflightState::Published(delivery) => {
                session.inflight_bytes += bytes(&delivery.message);
                if !with_messages {
                    continue;
                }
                delivered(delivery, now)
            }
            InflightState::Released => admin::SessionMessage {
                released: true,
                ..admin::SessionMessage::default()
            },
        };
        message.packet_id = Some(u32::from(packet_id.get()));
        if with_messages {
            session.inflight.push(message);
        }
    }
    if with_messages {
        session.queued = state.queue.iter().map(|it| delivered(it, now)).collect();
    }
    session
}

fn delivered(delivery: &Delivery, now: Timestamp) -> admin::SessionMessage {
    admin::SessionMessage {
        qos: delivery.qos as u32,
        retain: delivery.retain,
        shared_subscription: delivery
            .shared
            .as_ref()
            .map(|filter| filter.as_str().to_owned())
            .unwrap_or_default(),
        subscription_identifiers: delivery.subscription_identifiers.to_vec(),
        ..published(&delivery.message, now)
    }
}

fn published(message: &Message, now: Timestamp) -> admin::SessionMessage {
    let properties = message.properties.as_deref();
    let text = |text: &bytestring::ByteString| text.to_string();
    admin::SessionMessage {
        id: match message.id.number {
            // A Will has none before it is published.
            0 => String::new(),
            number => format!("{:x}-{number}", message.id.origin),
        },
        topic: message.topic.as_str().to_owned(),
        payload: message.payload.clone(),
        qos: message.qos as u32,
        retain: message.retain,
        publisher: message.publisher_text(),
        expires_in_ms: message.expires_at.map(|at| millis(at.since(now))),
        payload_format_indicator: properties.and_then(|it| it.payload_format_indicator),
        content_type: properties.and_then(|it| it.content_type.as_ref().map(text)),
        response_topic: properties.and_then(|it| it.response_topic.as_ref().map(text)),
        correlation_data: properties.and_then(|it| it.correlation_data.clone()),
        user_properties: properties.map(user_properties).unwrap_or_default(),
        ..admin::SessionMessage::default()
    }
}

fn will(state: &WillState) -> admin::SessionWill {
    let will = &state.will;
    admin::SessionWill {
        message: Some(published(&will.message, Timestamp::default())),
        delay_ms: millis(will.delay),
        expiry_interval_ms: will.expiry_interval.map(millis),
        fires_in_ms: state.fires_in.map(millis),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(sessions: &[(&str, u64)], next_page_token: &str) -> admin::ExportSessionsResponse {
        let session = |(client_id, epoch): &(&str, u64)| admin::Session {
            client: Some(admin::Client {
                client_id: (*client_id).to_owned(),
                ..admin::Client::default()
            }),
            epoch: *epoch,
            ..admin::Session::default()
        };
        admin::ExportSessionsResponse {
            sessions: sessions.iter().map(session).collect(),
            next_page_token: next_page_token.to_owned(),
            nodes_unreachable: Vec::new(),
        }
    }

    fn seen(page: &admin::ExportSessionsResponse) -> Vec<(&str, u64)> {
        let sessions = page.sessions.iter();
        sessions.map(|it| (id(it), it.epoch)).collect()
    }

    #[test]
    fn a_page_of_all_nodes_goes_as_far_as_all_are_complete() {
        let pages = vec![
            page(&[("a", 1), ("c", 1), ("x", 1)], "x"),
            page(&[("b", 1), ("d", 1)], "d"),
            page(&[("e", 1)], ""),
        ];
        let merged = merged(pages);
        assert_eq!(seen(&merged), [("a", 1), ("b", 1), ("c", 1), ("d", 1)]);
        assert_eq!(merged.next_page_token, "d");
    }

    #[test]
    fn a_session_that_moves_is_there_once() {
        let pages = vec![
            page(&[("a", 3), ("b", 1)], ""),
            page(&[("a", 4)], ""),
            page(&[], ""),
        ];
        let merged = merged(pages);
        assert_eq!(seen(&merged), [("a", 4), ("b", 1)]);
        assert_eq!(merged.next_page_token, "");
    }
}
