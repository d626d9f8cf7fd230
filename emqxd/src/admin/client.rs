//! The clients of all nodes.

use std::sync::Arc;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::client_service_server::ClientService;
use emqx_proto::peer::v1::{admin_request, admin_response};
use tonic::{Code, Request, Response, Status};

use super::error::AdminError;
use super::{fan_out, local};
use crate::node::broker::Broker;
use crate::node::session_cell::{CellState, SessionHandle};
use crate::session::SessionExpiry;

/// Serves `ClientService`.
#[derive(Clone)]
pub struct ClientApi {
    broker: Arc<Broker>,
}

impl ClientApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }

    /// The first answer of a node that has the client.
    async fn ask_owner(
        &self,
        request: admin_request::Request,
    ) -> Result<admin::Client, AdminError> {
        let mut refusal = None;
        for (_, answer) in fan_out::ask_all(&self.broker, &request).await {
            match answer {
                Ok(admin_response::Response::Client(client)) => return Ok(client),
                Ok(_) => {}
                // "Not found" by one node says less than any other refusal.
                Err(error) => match &refusal {
                    Some(AdminError { code, .. }) if *code != Code::NotFound => {}
                    _ => refusal = Some(error),
                },
            }
        }
        Err(refusal.unwrap_or_else(|| {
            AdminError::new(Code::NotFound, "unknown_client", "no such client", "")
        }))
    }
}

#[tonic::async_trait]
impl ClientService for ClientApi {
    async fn list(
        &self,
        request: Request<admin::ListClientsRequest>,
    ) -> Result<Response<admin::ListClientsResponse>, Status> {
        let request = request.into_inner();
        let limit = local::page_size(request.page_size);
        let asked = admin_request::Request::ListClients(request.clone());
        let answers = if request.node.is_empty() {
            fan_out::ask_all(&self.broker, &asked).await
        } else {
            let node = fan_out::find_node(&self.broker, &request.node)?;
            let answer = fan_out::ask(&self.broker, &node, asked).await;
            vec![(node, answer)]
        };
        let mut response = admin::ListClientsResponse::default();
        let mut more = false;
        for (node, answer) in answers {
            match answer {
                Ok(admin_response::Response::Clients(page)) => {
                    more |= !page.next_page_token.is_empty();
                    response.clients.extend(page.clients);
                }
                _ => response.nodes_unreachable.push(node.to_string()),
            }
        }
        // Every node's page is complete up to its last entry, so the first `limit` of all are complete too.
        response
            .clients
            .sort_by(|a, b| a.client_id.cmp(&b.client_id));
        more |= response.clients.len() > limit;
        response.clients.truncate(limit);
        if more && let Some(last) = response.clients.last() {
            response.next_page_token.clone_from(&last.client_id);
        }
        Ok(Response::new(response))
    }

    async fn get(
        &self,
        request: Request<admin::GetClientRequest>,
    ) -> Result<Response<admin::Client>, Status> {
        let request = admin_request::Request::GetClient(request.into_inner());
        Ok(Response::new(self.ask_owner(request).await?))
    }

    async fn kick(
        &self,
        request: Request<admin::KickClientRequest>,
    ) -> Result<Response<admin::Client>, Status> {
        let request = admin_request::Request::KickClient(request.into_inner());
        Ok(Response::new(self.ask_owner(request).await?))
    }
}

/// What is known of a client.
pub fn describe(
    broker: &Broker,
    handle: &SessionHandle,
    with_subscriptions: bool,
) -> admin::Client {
    describe_held(broker, handle, &handle.lock(), with_subscriptions)
}

/// The same for whoever holds its lock.
pub fn describe_held(
    broker: &Broker,
    handle: &SessionHandle,
    state: &CellState,
    with_subscriptions: bool,
) -> admin::Client {
    let now = broker.clock.now();
    let session = &state.session;
    let stats = session.stats();
    let connected = state.connection != 0;
    let access = state.access.as_ref();
    let subscriptions = if with_subscriptions {
        session
            .subscriptions()
            .map(|(filter, options, identifier)| admin::Subscription {
                topic_filter: filter.as_str().to_owned(),
                qos: options.qos as u32,
                no_local: options.no_local,
                retain_as_published: options.retain_as_published,
                retain_handling: options.retain_handling as u32,
                subscription_identifier: identifier,
            })
            .collect()
    } else {
        Vec::new()
    };
    admin::Client {
        client_id: handle.client_id().to_string(),
        node: broker.node_name.to_string(),
        connected,
        protocol: session.version().to_string(),
        address: access.map_or_else(String::new, |access| access.address.to_string()),
        listener: access.map_or_else(String::new, |access| access.listener.to_string()),
        username: session.username().unwrap_or_default().to_owned(),
        clean_start: session.clean_start(),
        keep_alive_s: u32::from(handle.keep_alive_s()),
        session_expiry_interval_s: match session.expiry() {
            SessionExpiry::After(duration) => Some(duration.as_secs()),
            SessionExpiry::Never => None,
        },
        session_expires_in_ms: session
            .expires_in(now)
            .map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        created_unix_ms: session.created_at().as_millis(),
        connected_unix_ms: session.connected_at().map(|at| at.as_millis()),
        disconnected_unix_ms: session.disconnected_at().map(|at| at.as_millis()),
        subscriptions_count: stats.subscriptions as u64,
        inflight: stats.inflight as u64,
        queued: stats.queued as u64,
        dropped: stats.dropped,
        awaiting_pubrel: stats.awaiting_pubrel as u64,
        will: session.has_will(),
        subscriptions,
    }
}
