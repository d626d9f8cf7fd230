//! The operator's requests, as one line each. They fail the test when they are refused; the bare
//! clients are there for requests that are to be refused.

use std::time::Duration;

use emqx_proto::admin::v1::client_service_client::ClientServiceClient;
use emqx_proto::admin::v1::operation_service_client::OperationServiceClient;
use emqx_proto::admin::v1::{
    Client, ClusterStatus, GetClientRequest, GetOperationRequest, ListClientsRequest,
    Node as NodeStatus, NodeState, Operation, StartEvacuationRequest, StopOperationRequest,
};
use emqxctl::demo::cluster::Node;
use emqxctl::demo::evacuation;
use tonic::Status;
use tonic::transport::Channel;

use crate::eventually;

/// A node that answers operators.
#[derive(Clone)]
pub struct Admin {
    channel: Channel,
}

/// An evacuation with short waits: what most tests want to begin with.
pub fn evacuation_of(node: &str, rate_per_sec: u32) -> StartEvacuationRequest {
    StartEvacuationRequest {
        node: node.to_owned(),
        wait_health_check_ms: Some(500),
        wait_takeover_ms: Some(1_000),
        conn_evict_rate: Some(rate_per_sec),
        sess_evict_rate: Some(rate_per_sec),
        reason: "test".to_owned(),
        started_by: "test".to_owned(),
        ..StartEvacuationRequest::default()
    }
}

impl Admin {
    /// Connects.
    pub async fn connect(node: &Node) -> Self {
        Self {
            channel: evacuation::connect(&node.admin_url())
                .await
                .expect("an admin listener"),
        }
    }

    /// The connection itself.
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Operations.
    pub fn operations(&self) -> OperationServiceClient<Channel> {
        OperationServiceClient::new(self.channel.clone())
    }

    /// Clients.
    pub fn clients(&self) -> ClientServiceClient<Channel> {
        ClientServiceClient::new(self.channel.clone())
    }

    /// The whole cluster.
    pub async fn status(&self) -> ClusterStatus {
        evacuation::cluster_status(&self.channel)
            .await
            .expect("a cluster status")
    }

    /// One node of it.
    pub async fn node(&self, name: &str) -> NodeStatus {
        let mut nodes = self.status().await.nodes;
        nodes.retain(|node| node.name == name);
        nodes
            .pop()
            .unwrap_or_else(|| panic!("{name} is not in the cluster"))
    }

    /// Starts an evacuation.
    pub async fn evacuate(&self, request: StartEvacuationRequest) -> Operation {
        self.try_evacuate(request)
            .await
            .expect("an evacuation that starts")
    }

    /// Starts an evacuation that may be refused.
    pub async fn try_evacuate(&self, request: StartEvacuationRequest) -> Result<Operation, Status> {
        let answer = self.operations().start_evacuation(request).await?;
        Ok(answer.into_inner())
    }

    /// Stops an operation.
    pub async fn stop(&self, id: &str) -> Operation {
        let request = StopOperationRequest {
            id: id.to_owned(),
            node: String::new(),
        };
        let answer = self.operations().stop(request).await;
        answer.expect("an operation that stops").into_inner()
    }

    /// An operation as it is now.
    pub async fn operation(&self, id: &str) -> Operation {
        let request = GetOperationRequest {
            id: id.to_owned(),
            node: String::new(),
        };
        let answer = self.operations().get(request).await;
        answer.expect("an operation").into_inner()
    }

    /// Returns once an operation is in that phase.
    pub async fn reaches(&self, id: &str, phase: &str, limit: Duration) -> Operation {
        eventually(&format!("{id} is in {phase}"), limit, || async {
            let operation = self.operation(id).await;
            (operation.phase == phase).then_some(operation)
        })
        .await
    }

    /// Returns once a node is in that state.
    pub async fn node_becomes(&self, name: &str, state: NodeState, limit: Duration) {
        eventually(&format!("{name} is {state:?}"), limit, || async {
            (self.node(name).await.state() == state).then_some(())
        })
        .await;
    }

    /// A client; `None` when it is unknown.
    pub async fn client(&self, client_id: &str) -> Option<Client> {
        let request = GetClientRequest {
            client_id: client_id.to_owned(),
        };
        match self.clients().get(request).await {
            Ok(client) => Some(client.into_inner()),
            Err(status) if status.code() == tonic::Code::NotFound => None,
            Err(status) => panic!("{client_id}: {status}"),
        }
    }

    /// Sessions of a node, connected or not; in pages as small as given.
    pub async fn sessions(&self, node: &str, page_size: u32) -> Vec<Client> {
        let mut sessions = Vec::new();
        let mut request = ListClientsRequest {
            node: node.to_owned(),
            page_size,
            ..ListClientsRequest::default()
        };
        loop {
            let page = self.clients().list(request.clone()).await;
            let page = page.expect("a page of clients").into_inner();
            sessions.extend(page.clients);
            if page.next_page_token.is_empty() {
                return sessions;
            }
            request.page_token = page.next_page_token;
        }
    }
}
