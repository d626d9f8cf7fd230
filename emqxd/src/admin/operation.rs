//! Operations: started, stopped and watched from any node for any node.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::operation_service_server::OperationService;
use emqx_proto::peer::v1::{admin_request, admin_response};
use futures_util::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use super::cluster::watch_interval;
use super::error::AdminError;
use super::{fan_out, report};
use crate::membership::NodeName;
use crate::node::broker::Broker;

/// Between two states of a watch, unless asked otherwise.
const INTERVAL_DEFAULT_MS: u32 = 500;

/// The node that is asked looks at all others and has the control group agree, which takes seconds when a node has just
/// died.
pub(super) const AGREE_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves `OperationService`.
#[derive(Clone)]
pub struct OperationApi {
    broker: Arc<Broker>,
}

impl OperationApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }

    async fn ask(
        &self,
        node: &NodeName,
        request: admin_request::Request,
    ) -> Result<admin::Operation, AdminError> {
        match fan_out::ask_within(&self.broker, node, request, AGREE_TIMEOUT).await? {
            admin_response::Response::Operation(operation) => Ok(operation),
            _ => Err(AdminError::node_unreachable(node.as_str())),
        }
    }

    /// The one operation that an id (or its unique beginning) or a node stands for.
    async fn find(&self, id: &str, node: &str) -> Result<admin::Operation, AdminError> {
        if id.is_empty() && !node.is_empty() {
            fan_out::find_node(&self.broker, node)?;
        }
        let (operations, _) = report::operations(&self.broker, true).await;
        let running = operations
            .iter()
            .filter(|operation| report::is_running(operation));
        let mut found: Vec<&admin::Operation> = if !id.is_empty() {
            operations
                .iter()
                .filter(|operation| operation.id.starts_with(id))
                .collect()
        } else if !node.is_empty() {
            running.filter(|operation| operation.node == node).collect()
        } else {
            running.collect()
        };
        if let Some(exact) = found.iter().find(|operation| operation.id == id) {
            found = vec![exact];
        }
        match found.as_slice() {
            [operation] => Ok((*operation).clone()),
            [] if !id.is_empty() => Err(AdminError::new(
                Code::NotFound,
                "unknown_operation",
                format!("no operation '{id}'"),
                "the id of a running or recently ended operation",
            )),
            [] => Err(AdminError::new(
                Code::FailedPrecondition,
                "not_started",
                if node.is_empty() {
                    "no operation runs".to_owned()
                } else {
                    format!("no operation runs on node '{node}'")
                },
                "a node with a running operation",
            )),
            several => Err(AdminError::new(
                Code::InvalidArgument,
                "ambiguous",
                format!("{} operations are meant", several.len()),
                format!(
                    "one of: {}",
                    several
                        .iter()
                        .map(|operation| operation.id.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            )),
        }
    }
}

#[tonic::async_trait]
impl OperationService for OperationApi {
    async fn start_evacuation(
        &self,
        request: Request<admin::StartEvacuationRequest>,
    ) -> Result<Response<admin::Operation>, Status> {
        let request = request.into_inner();
        if request.node.is_empty() {
            return Err(AdminError::new(
                Code::InvalidArgument,
                "invalid_field",
                "node is empty",
                "the name of the node to evacuate",
            )
            .into());
        }
        let node = fan_out::find_node(&self.broker, &request.node)?;
        let request = admin_request::Request::StartEvacuation(request);
        Ok(Response::new(self.ask(&node, request).await?))
    }

    async fn stop(
        &self,
        request: Request<admin::StopOperationRequest>,
    ) -> Result<Response<admin::Operation>, Status> {
        let request = request.into_inner();
        let operation = self.find(&request.id, &request.node).await?;
        let node = fan_out::find_node(&self.broker, &operation.node)?;
        let request = admin_request::Request::Stop(admin::StopOperationRequest {
            id: operation.id,
            node: operation.node,
        });
        Ok(Response::new(self.ask(&node, request).await?))
    }

    async fn get(
        &self,
        request: Request<admin::GetOperationRequest>,
    ) -> Result<Response<admin::Operation>, Status> {
        let request = request.into_inner();
        Ok(Response::new(self.find(&request.id, &request.node).await?))
    }

    async fn list(
        &self,
        request: Request<admin::ListOperationsRequest>,
    ) -> Result<Response<admin::ListOperationsResponse>, Status> {
        let include_ended = request.into_inner().include_ended;
        let (operations, nodes_unreachable) = report::operations(&self.broker, include_ended).await;
        Ok(Response::new(admin::ListOperationsResponse {
            operations,
            nodes_unreachable,
        }))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<admin::Operation, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<admin::WatchOperationRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let request = request.into_inner();
        let first = self.find(&request.id, "").await?;
        let interval = watch_interval(request.interval_ms, INTERVAL_DEFAULT_MS);
        let api = self.clone();
        let (states, stream) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(interval);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut seen = request.after_revision;
            loop {
                tick.tick().await;
                let state = api.find(&first.id, "").await;
                let over = state.as_ref().map_or(true, report::rests);
                // The last state is sent even if it was seen: the caller learns that it is the last.
                let news = state
                    .as_ref()
                    .map_or(true, |state| state.revision > seen || over);
                if let Ok(state) = &state {
                    seen = state.revision;
                }
                if news && states.send(state.map_err(Status::from)).await.is_err() {
                    return;
                }
                if over {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}
