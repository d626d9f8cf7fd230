//! The scripted node as a process that can be looked after.

use emqx_proto::admin::v1 as wire;
use tonic::{Code, Request, Response};
use wire::node_service_server::NodeService;

use super::fake::{Answer, Service, refusal};

#[tonic::async_trait]
impl NodeService for Service {
    async fn gc(&self, request: Request<wire::GcRequest>) -> Answer<wire::GcReport> {
        self.enter("gc", request.get_ref()).await?;
        let status = self.script().status.clone();
        let name = match &*request.get_ref().node {
            "" => &status.answered_by,
            name => name,
        };
        match status.nodes.iter().find(|node| node.name == *name) {
            None => Err(refusal(
                Code::NotFound,
                &format!("no node is called '{name}'"),
                "unknown_node",
                "",
            )),
            Some(node) if node.state() == wire::NodeState::Unreachable => Err(refusal(
                Code::Unavailable,
                &format!("node '{name}' does not answer"),
                "node_unreachable",
                "",
            )),
            Some(_) => Ok(Response::new(sample_gc(name))),
        }
    }
}

fn sample_gc(node: &str) -> wire::GcReport {
    wire::GcReport {
        node: node.to_owned(),
        duration_us: 1_234_567,
        memory_resident_before_bytes: Some(734 << 20),
        memory_resident_after_bytes: Some(211 << 20),
        expired_sessions: 0,
        expired_messages: 1_200_345,
        expired_retained_messages: 17,
        forgotten_removals: 3,
        stale_timers: 20_480,
        shrunk_buffers: 512,
        shrunk_tables: 66,
        slices: 1_371,
        longest_slice_us: 312,
    }
}
