//! The operator's requests, as one line each. They fail the test when they are refused; the bare
//! clients are there for requests that are to be refused.

use std::collections::BTreeMap;
use std::time::Duration;

use emqx_proto::admin::v1::client_service_client::ClientServiceClient;
use emqx_proto::admin::v1::data_service_client::DataServiceClient;
use emqx_proto::admin::v1::listener_service_client::ListenerServiceClient;
use emqx_proto::admin::v1::operation_service_client::OperationServiceClient;
use emqx_proto::admin::v1::{
    AddListenerRequest, Client, ClusterStatus, ExportDataRequest, GetClientRequest,
    GetOperationRequest, ImportDataRequest, ListClientsRequest, ListListenersRequest, Listener,
    ListenerKind, ListenerSettings, Node as NodeStatus, NodeState, Operation,
    ReloadCertificatesRequest, RemoveListenerRequest, SetListenerRequest, Setting,
    StartEvacuationRequest, StopOperationRequest,
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

    /// Listeners.
    pub fn listeners(&self) -> ListenerServiceClient<Channel> {
        ListenerServiceClient::new(self.channel.clone())
    }

    /// The listeners of all nodes.
    pub async fn all_listeners(&self) -> Vec<Listener> {
        let answer = self.listeners().list(ListListenersRequest::default()).await;
        answer.expect("a list of listeners").into_inner().listeners
    }

    /// A listener of the node that is asked.
    pub async fn listener(&self, name: &str) -> Listener {
        let mut listeners = self.all_listeners().await;
        listeners.retain(|listener| listener.name == name);
        listeners
            .pop()
            .unwrap_or_else(|| panic!("there is no listener {name}"))
    }

    /// Opens a listener.
    pub async fn add_listener(
        &self,
        name: &str,
        kind: ListenerKind,
        settings: ListenerSettings,
    ) -> Result<Listener, Status> {
        let request = AddListenerRequest {
            node: String::new(),
            name: name.to_owned(),
            kind: kind.into(),
            settings: Some(settings),
        };
        Ok(self.listeners().add(request).await?.into_inner())
    }

    /// Changes a listener.
    pub async fn set_listener(
        &self,
        name: &str,
        settings: ListenerSettings,
    ) -> Result<Listener, Status> {
        let request = SetListenerRequest {
            node: String::new(),
            name: name.to_owned(),
            settings: Some(settings),
        };
        Ok(self.listeners().set(request).await?.into_inner())
    }

    /// Closes a listener.
    pub async fn remove_listener(&self, name: &str, disconnect: bool) -> Result<Listener, Status> {
        let request = RemoveListenerRequest {
            node: String::new(),
            name: name.to_owned(),
            disconnect,
        };
        Ok(self.listeners().remove(request).await?.into_inner())
    }

    /// Lets certificates be read again; empty = all.
    pub async fn reload_certificates(&self, name: &str) -> Result<Vec<Listener>, Status> {
        let request = ReloadCertificatesRequest {
            node: String::new(),
            name: name.to_owned(),
        };
        let answer = self.listeners().reload_certificates(request).await?;
        Ok(answer.into_inner().listeners)
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

    /// Has the nodes agree on a setting.
    pub async fn try_set(&self, key: &str, value: &str) -> Result<(), Status> {
        let part = ImportDataRequest {
            format: 1,
            settings: vec![Setting {
                key: key.to_owned(),
                value: value.to_owned(),
            }],
            ..ImportDataRequest::default()
        };
        let parts = futures_util::stream::iter([part]);
        let mut data = DataServiceClient::new(self.channel.clone());
        data.import(parts).await.map(|_| ())
    }

    /// What a node says of its part in the control group, as all others are told.
    pub async fn standing(&self, node: &str) -> Option<String> {
        let group = self.status().await.control?;
        let mut members = group.members.into_iter();
        let member = members.find(|member| member.node == node)?;
        Some(member.standing)
    }

    /// Whether all of so many nodes know the same of the interest of each.
    pub async fn interest_is_equal(&self, count: usize) -> bool {
        let nodes = self.status().await.nodes;
        let is_whole = |node: &NodeStatus| node.interest.len() == count;
        nodes.len() == count
            && nodes.iter().all(is_whole)
            && nodes.iter().all(|node| node.interest == nodes[0].interest)
    }

    /// Retained Messages of the node that is asked, as text.
    pub async fn retained(&self, topic_filter: &str) -> BTreeMap<String, String> {
        let request = ExportDataRequest {
            topic_filter: topic_filter.to_owned(),
            ..ExportDataRequest::default()
        };
        let answer = DataServiceClient::new(self.channel.clone())
            .export(request)
            .await;
        let page = answer.expect("retained messages").into_inner();
        assert!(page.next_page_token.is_empty(), "more than one page");
        let text = |payload: Vec<u8>| String::from_utf8(payload).expect("text");
        let messages = page.retained.into_iter();
        messages
            .map(|message| (message.topic, text(message.payload.into())))
            .collect()
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
