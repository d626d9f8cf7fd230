//! The state of the whole cluster.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::cluster_service_server::ClusterService;
use futures_util::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{control, report};
use crate::node::broker::Broker;

/// Between two states of a watch, unless asked otherwise.
const INTERVAL_DEFAULT_MS: u32 = 1_000;

/// Serves `ClusterService`.
#[derive(Clone)]
pub struct ClusterApi {
    broker: Arc<Broker>,
}

impl ClusterApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }
}

#[tonic::async_trait]
impl ClusterService for ClusterApi {
    async fn get_status(
        &self,
        _request: Request<admin::GetStatusRequest>,
    ) -> Result<Response<admin::ClusterStatus>, Status> {
        Ok(Response::new(report::cluster_status(&self.broker).await))
    }

    async fn remove_member(
        &self,
        request: Request<admin::RemoveMemberRequest>,
    ) -> Result<Response<admin::ControlGroup>, Status> {
        let group = control::remove(&self.broker, request.into_inner()).await?;
        Ok(Response::new(group))
    }

    async fn join(
        &self,
        request: Request<admin::JoinRequest>,
    ) -> Result<Response<admin::ControlGroup>, Status> {
        let group = control::join(&self.broker, request.into_inner()).await?;
        Ok(Response::new(group))
    }

    async fn recover(
        &self,
        request: Request<admin::RecoverRequest>,
    ) -> Result<Response<admin::ControlGroup>, Status> {
        let group = control::recover(&self.broker, request.into_inner()).await?;
        Ok(Response::new(group))
    }

    type WatchStatusStream =
        Pin<Box<dyn Stream<Item = Result<admin::ClusterStatus, Status>> + Send>>;

    async fn watch_status(
        &self,
        request: Request<admin::WatchStatusRequest>,
    ) -> Result<Response<Self::WatchStatusStream>, Status> {
        let interval = watch_interval(request.into_inner().interval_ms, INTERVAL_DEFAULT_MS);
        let broker = Arc::clone(&self.broker);
        let (states, stream) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(interval);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tick.tick().await;
                let status = report::cluster_status(&broker).await;
                if states.send(Ok(status)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

/// An interval within 100 ms and a minute; 0 = the default.
pub fn watch_interval(asked_ms: u32, default_ms: u32) -> Duration {
    let asked = if asked_ms == 0 { default_ms } else { asked_ms };
    Duration::from_millis(u64::from(asked.clamp(100, 60_000)))
}
