//! Serves, on this node, what an operator asked any node for.

use std::pin::Pin;
use std::sync::Arc;

use emqx_proto::admin::v1 as admin;
use emqx_proto::peer::v1::admin_request::Request;
use emqx_proto::peer::v1::admin_response::Response;
use tonic::Code;

use super::error::AdminError;
use super::session_page::{self, Wanted};
use super::{client, control, data, listener, node, report, session};
use crate::membership::NodeName;
use crate::memory_reclaim::SLICE_ENTRIES;
use crate::node::broker::Broker;
use crate::node::session_cell::{CellPhase, Close, SessionHandle};
use crate::packet::{ClientId, ReasonCode};

/// Most Sessions in one page of a list.
const PAGE_MAX: usize = 10_000;
const PAGE_DEFAULT: usize = 1_000;

/// Serves a request that concerns this node.
///
/// # Errors
/// When it is refused; nothing has changed then.
pub async fn serve(
    broker: &Arc<Broker>,
    from: &NodeName,
    request: Request,
) -> Result<Response, AdminError> {
    tracing::trace!(%from, ?request, "admin request");
    match request {
        Request::StartEvacuation(request) => {
            let out_of_service = nodes_with_operation(broker).await;
            broker
                .operations()
                .start(request, &out_of_service)
                .await
                .map(Response::Operation)
                .map_err(Into::into)
        }
        Request::Stop(request) => broker
            .operations()
            .stop(&request.id)
            .await
            .map(Response::Operation)
            .map_err(Into::into),
        Request::Report(request) => Ok(Response::Report(report::node_report(
            broker,
            request.include_ended,
        ))),
        Request::ListClients(request) => Ok(Response::Clients(list(broker, &request).await)),
        Request::GetClient(request) => find(broker, &request.client_id)
            .map(|session| Response::Client(client::describe(broker, &session, true))),
        Request::GetSession(request) => {
            let found = find(broker, &request.client_id)?;
            let described = session::describe(broker, &found, request.with_messages);
            Ok(Response::Session(described))
        }
        Request::ExportSessions(request) => {
            Ok(Response::Sessions(session::export(broker, &request).await))
        }
        Request::CheckData(request) => data::check(broker, &request).map(Response::DataChecked),
        Request::Leave(request) => control::leave(broker, request.force)
            .await
            .map(Response::Control),
        Request::Join(_) => control::join_here(broker).await.map(Response::Control),
        Request::Gc(_) => node::gc(broker).await.map(Response::Gc),
        Request::ListListeners(_) => Ok(Response::Listeners(listener::list(broker))),
        Request::AddListener(request) => {
            listener::add(broker, request).await.map(Response::Listener)
        }
        Request::SetListener(request) => {
            listener::set(broker, request).await.map(Response::Listener)
        }
        Request::RemoveListener(request) => listener::remove(broker, &request)
            .await
            .map(Response::Listener),
        Request::ReloadCertificates(request) => listener::reload_certificates(broker, &request)
            .await
            .map(Response::Listeners),
        Request::KickClient(request) => {
            let session = find(broker, &request.client_id)?;
            let described = client::describe(broker, &session, false);
            let asked = broker.ask_to_close(
                &session,
                Close {
                    code: ReasonCode::AdministrativeAction,
                    server_reference: None,
                },
            );
            if !asked && !request.discard_session {
                return Err(AdminError::new(
                    Code::FailedPrecondition,
                    "not_connected",
                    format!("client '{}' is not connected", request.client_id),
                    "discard_session to end its Session",
                ));
            }
            if request.discard_session {
                broker.end_session(&session);
            }
            Ok(Response::Client(described))
        }
    }
}

/// Nodes that are being evacuated or are empty: what peers gossip about it may lag behind. Boxed, because asking all
/// nodes comes back to [`serve`] for this one.
fn nodes_with_operation(
    broker: &Arc<Broker>,
) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + '_>> {
    Box::pin(async {
        let (operations, _) = report::operations(broker, false).await;
        operations
            .into_iter()
            .filter(report::is_running)
            .map(|operation| operation.node)
            .collect()
    })
}

fn find(broker: &Broker, client_id: &str) -> Result<SessionHandle, AdminError> {
    ClientId::new(client_id)
        .and_then(|client_id| broker.sessions.get(&client_id))
        .filter(|session| matches!(session.phase(), CellPhase::Live | CellPhase::HandedOver))
        .ok_or_else(|| AdminError::unknown_client(client_id))
}

async fn list(broker: &Broker, request: &admin::ListClientsRequest) -> admin::ListClientsResponse {
    let wanted = Wanted {
        prefix: &request.prefix,
        pattern: &request.pattern,
        connected: request.connected,
        after: &request.page_token,
    };
    let page = session_page::page(broker, &wanted, page_size(request.page_size)).await;
    let mut response = admin::ListClientsResponse::default();
    for sessions in page.sessions.chunks(SLICE_ENTRIES) {
        let described = sessions
            .iter()
            .map(|session| client::describe(broker, session, false));
        response.clients.extend(described);
        tokio::task::yield_now().await;
    }
    if page.more
        && let Some(last) = page.sessions.last()
    {
        response.next_page_token = last.client_id().to_string();
    }
    response
}

/// The page size asked for, within bounds.
pub fn page_size(asked: u32) -> usize {
    match asked {
        0 => PAGE_DEFAULT,
        asked => usize::try_from(asked).unwrap_or(PAGE_MAX).min(PAGE_MAX),
    }
}
