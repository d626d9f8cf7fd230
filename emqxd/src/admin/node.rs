//! What is asked of one node as a process.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use emqx_proto::admin::v1::node_service_server::NodeService;
use emqx_proto::peer::v1::{admin_request, admin_response};
use tonic::{Request, Response, Status};

use super::error::AdminError;
use super::fan_out;
use crate::memory_release;
use crate::node::broker::Broker;

/// A node may have millions of Sessions and waiting messages to look at, a thousand in a millisecond or two.
const GC_TIMEOUT: Duration = Duration::from_secs(300);

/// Serves `NodeService`.
#[derive(Clone)]
pub struct NodeApi {
    broker: Arc<Broker>,
}

impl NodeApi {
    /// On this node.
    pub const fn new(broker: Arc<Broker>) -> Self {
        Self { broker }
    }
}

#[tonic::async_trait]
impl NodeService for NodeApi {
    async fn gc(
        &self,
        request: Request<admin::GcRequest>,
    ) -> Result<Response<admin::GcReport>, Status> {
        let request = request.into_inner();
        let node = if request.node.is_empty() {
            self.broker.node_name.clone()
        } else {
            fan_out::find_node(&self.broker, &request.node)?
        };
        let request = admin_request::Request::Gc(request);
        match fan_out::ask_within(&self.broker, &node, request, GC_TIMEOUT).await? {
            admin_response::Response::Gc(report) => Ok(Response::new(report)),
            _ => Err(AdminError::node_unreachable(node.as_str()).into()),
        }
    }
}

/// Has this node give back what memory it can.
///
/// # Errors
/// The node is stopping.
pub async fn gc(broker: &Arc<Broker>) -> Result<admin::GcReport, AdminError> {
    // In a task of its own: whoever asks may leave before it has ended.
    let run = tokio::spawn({
        let broker = Arc::clone(broker);
        async move { memory_release::once(&broker).await }
    });
    let Ok(report) = run.await else {
        return Err(AdminError::node_unreachable(broker.node_name.as_str()));
    };
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let dropped = report.run.reclaimed;
    Ok(admin::GcReport {
        node: broker.node_name.to_string(),
        duration_us: micros(report.took),
        memory_resident_before_bytes: report.resident_before,
        memory_resident_after_bytes: report.resident_after,
        expired_sessions: dropped.expired_sessions,
        expired_messages: dropped.expired_messages,
        expired_retained_messages: dropped.expired_retained,
        forgotten_removals: dropped.forgotten_removals,
        stale_timers: dropped.stale_timers,
        shrunk_buffers: dropped.shrunk_buffers,
        shrunk_tables: dropped.shrunk_tables,
        slices: report.run.slices,
        longest_slice_us: micros(report.run.longest_slice),
    })
}
