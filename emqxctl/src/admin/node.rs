//! What can be asked of a single node.

use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use tonic::transport::Channel;
use wire::node_service_client::NodeServiceClient;

use super::client::AdminClient;
use super::error::AdminError;
use crate::model::GcReport;

impl AdminClient {
    /// Has a node (none = the one that is asked) give back what memory it can, and waits for it up to `timeout`.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or the node does not.
    pub async fn gc(&self, node: Option<&str>, timeout: Duration) -> Result<GcReport, AdminError> {
        let request = wire::GcRequest {
            node: node.unwrap_or_default().to_owned(),
        };
        // To be asked twice does no harm.
        self.with_timeout(timeout)
            .ask(async |channel| service(channel).gc(request.clone()).await)
            .await
            .map(GcReport::from)
    }
}

fn service(channel: Channel) -> NodeServiceClient<Channel> {
    NodeServiceClient::new(channel)
}
