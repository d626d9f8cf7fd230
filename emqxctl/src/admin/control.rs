//! What can be asked of the control group. Each waits for the answer up to `timeout`.

use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use tonic::transport::Channel;
use wire::cluster_service_client::ClusterServiceClient;

use super::client::AdminClient;
use super::error::AdminError;
use crate::model::ControlGroup;

impl AdminClient {
    /// Ends the membership of a node (none = the one that is asked).
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn remove_member(
        &self,
        node: Option<&str>,
        force: bool,
        timeout: Duration,
    ) -> Result<ControlGroup, AdminError> {
        let request = wire::RemoveMemberRequest {
            node: node.unwrap_or_default().to_owned(),
            force,
        };
        self.with_timeout(timeout)
            .change(async |channel| service(channel).remove_member(request).await)
            .await
            .map(ControlGroup::from)
    }

    /// Has a node (none = the one that is asked) join the group of the others.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn join_group(
        &self,
        node: Option<&str>,
        timeout: Duration,
    ) -> Result<ControlGroup, AdminError> {
        let request = wire::JoinRequest {
            node: node.unwrap_or_default().to_owned(),
        };
        self.with_timeout(timeout)
            .change(async |channel| service(channel).join(request).await)
            .await
            .map(ControlGroup::from)
    }

    /// Goes on without the majority that is lost.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn recover_group(&self, timeout: Duration) -> Result<ControlGroup, AdminError> {
        let request = wire::RecoverRequest { confirmed: true };
        self.with_timeout(timeout)
            .change(async |channel| service(channel).recover(request).await)
            .await
            .map(ControlGroup::from)
    }
}

fn service(channel: Channel) -> ClusterServiceClient<Channel> {
    ClusterServiceClient::new(channel)
}
