//! One client for the whole cluster: any endpoint answers, the next one steps in when one does not.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use tonic::transport::Channel;
use tonic::{Response, Status, Streaming};
use wire::client_service_client::ClientServiceClient;
use wire::cluster_service_client::ClusterServiceClient;
use wire::operation_service_client::OperationServiceClient;

use super::endpoint::Endpoint;
use super::error::{AdminError, Refusal, is_transport, transport_reason};
use super::watch::{ClusterWatch, OperationWatch};
use crate::model::{Client, ClientPage, ClusterStatus, Operation, OperationList};

/// An endpoint that does not even accept a connection within this time is passed over.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(3);

/// A list of clients or a cluster of many nodes may be larger than tonic's 4 MiB.
pub(super) const MESSAGE_SIZE_MAX: usize = 64 * 1024 * 1024;

/// Asks a cluster and tells it what to do. Cheap to clone; clones share the connection.
#[derive(Debug, Clone)]
pub struct AdminClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Never empty.
    endpoints: Vec<Endpoint>,
    timeout: Duration,
    /// The endpoint that answered last, so that a dead one is not tried at each request.
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    index: usize,
    channel: Option<Channel>,
}

/// What to evacuate, and how. None leaves the choice to the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EvacuationRequest {
    /// The node to evacuate.
    pub node: String,
    /// Wait before the first connection is closed; 0 skips it.
    pub wait_health_check: Option<Duration>,
    /// Wait for clients to come back elsewhere; 0 skips it.
    pub wait_takeover: Option<Duration>,
    /// Connections closed each second, at least 1.
    pub conn_evict_rate: Option<u32>,
    /// Sessions moved each second, at least 1.
    pub sess_evict_rate: Option<u32>,
    /// `auto`, `none` or a Server Reference.
    pub redirect_to: Option<String>,
    /// Recipients; empty = all other serving nodes.
    pub migrate_to: Vec<String>,
    /// Why, for whoever reads it later.
    pub reason: String,
    /// Who asks.
    pub started_by: String,
}

/// Which clients to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientFilter {
    /// Only on that node.
    pub node: Option<String>,
    /// Only with a Client Identifier that begins so.
    pub prefix: Option<String>,
    /// Only with a Client Identifier like this; `*` stands for any characters, `?` for one.
    pub pattern: Option<String>,
    /// Only connected, or only not connected, ones.
    pub connected: Option<bool>,
}

impl AdminClient {
    /// A client for these endpoints, tried in this order. Nothing is opened yet.
    /// `timeout` bounds each single request at each endpoint.
    ///
    /// An empty list becomes the default endpoint, 127.0.0.1:7883.
    pub fn new(mut endpoints: Vec<Endpoint>, timeout: Duration) -> Self {
        if endpoints.is_empty() {
            endpoints.extend("127.0.0.1".parse::<Endpoint>());
        }
        Self {
            shared: Arc::new(Shared {
                endpoints,
                timeout,
                current: Mutex::new(Current {
                    index: 0,
                    channel: None,
                }),
            }),
        }
    }

    /// The same endpoints with another limit for each request.
    pub(super) fn with_timeout(&self, timeout: Duration) -> Self {
        Self::new(self.shared.endpoints.clone(), timeout)
    }

    /// The endpoints, in the order in which they are tried.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.shared.endpoints
    }

    /// The endpoint that answered last, or that is to be tried first.
    pub fn current_endpoint(&self) -> Endpoint {
        self.shared.endpoints[self.current().index].clone()
    }

    /// The whole cluster as one node sees it.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or a node refuses.
    pub async fn cluster_status(&self) -> Result<ClusterStatus, AdminError> {
        self.ask(async |channel| {
            cluster_service(channel)
                .get_status(wire::GetStatusRequest {})
                .await
        })
        .await
        .map(ClusterStatus::from)
    }

    /// The whole cluster, again and again; goes on at another endpoint when a stream breaks.
    /// `interval` is between 100 ms and 60 s.
    pub fn watch_cluster(&self, interval: Duration) -> ClusterWatch {
        ClusterWatch::cluster(self.clone(), interval)
    }

    /// Starts an evacuation.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn start_evacuation(
        &self,
        request: EvacuationRequest,
    ) -> Result<Operation, AdminError> {
        let request = wire::StartEvacuationRequest {
            node: request.node,
            wait_health_check_ms: request.wait_health_check.map(as_millis),
            wait_takeover_ms: request.wait_takeover.map(as_millis),
            conn_evict_rate: request.conn_evict_rate,
            sess_evict_rate: request.sess_evict_rate,
            redirect_to: request.redirect_to,
            migrate_to: request.migrate_to,
            reason: request.reason,
            started_by: request.started_by,
        };
        self.change(async |channel| operation_service(channel).start_evacuation(request).await)
            .await
            .map(Operation::from)
    }

    /// Stops the operation with this id, or the one on this node, or the only one that runs.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn stop_operation(
        &self,
        id: Option<&str>,
        node: Option<&str>,
    ) -> Result<Operation, AdminError> {
        let request = wire::StopOperationRequest {
            id: id.unwrap_or_default().to_owned(),
            node: node.unwrap_or_default().to_owned(),
        };
        self.change(async |channel| operation_service(channel).stop(request).await)
            .await
            .map(Operation::from)
    }

    /// The operation with this id.
    ///
    /// # Errors
    /// [`AdminError`]; an unknown one is a refusal of kind `NotFound`.
    pub async fn operation(&self, id: &str) -> Result<Operation, AdminError> {
        self.ask(async |channel| {
            operation_service(channel)
                .get(wire::GetOperationRequest {
                    id: id.to_owned(),
                    node: String::new(),
                })
                .await
        })
        .await
        .map(Operation::from)
    }

    /// Operations, newest first.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or a node refuses.
    pub async fn operations(&self, include_ended: bool) -> Result<OperationList, AdminError> {
        self.ask(async |channel| {
            operation_service(channel)
                .list(wire::ListOperationsRequest { include_ended })
                .await
        })
        .await
        .map(OperationList::from)
    }

    /// Each change of an operation after `after_revision` (0 = also the present state), at most one
    /// each `interval` (100 ms to 60 s); goes on at another endpoint when the stream breaks.
    pub fn watch_operation(
        &self,
        id: &str,
        after_revision: u64,
        interval: Duration,
    ) -> OperationWatch {
        OperationWatch::operation(self.clone(), id.to_owned(), after_revision, interval)
    }

    /// One page of clients. `page_size` is 1 to 10,000; `page_token` is that of the page before.
    ///
    /// # Errors
    /// [`AdminError`] when no endpoint answers or a node refuses.
    pub async fn clients(
        &self,
        filter: &ClientFilter,
        page_size: u32,
        page_token: Option<&str>,
    ) -> Result<ClientPage, AdminError> {
        self.ask(async |channel| {
            client_service(channel)
                .list(wire::ListClientsRequest {
                    node: filter.node.clone().unwrap_or_default(),
                    prefix: filter.prefix.clone().unwrap_or_default(),
                    pattern: filter.pattern.clone().unwrap_or_default(),
                    connected: filter.connected,
                    page_size,
                    page_token: page_token.unwrap_or_default().to_owned(),
                })
                .await
        })
        .await
        .map(ClientPage::from)
    }

    /// One client with its Subscriptions.
    ///
    /// # Errors
    /// [`AdminError`]; an unknown one is a refusal of kind `NotFound`.
    pub async fn client(&self, client_id: &str) -> Result<Client, AdminError> {
        self.ask(async |channel| {
            client_service(channel)
                .get(wire::GetClientRequest {
                    client_id: client_id.to_owned(),
                })
                .await
        })
        .await
        .map(Client::from)
    }

    /// Closes a client's Network Connection; ends its Session too with `discard_session`.
    /// Returns the client as it was.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed unless it is [`AdminError::Unanswered`].
    pub async fn kick(&self, client_id: &str, discard_session: bool) -> Result<Client, AdminError> {
        let request = wire::KickClientRequest {
            client_id: client_id.to_owned(),
            discard_session,
        };
        self.change(async |channel| client_service(channel).kick(request).await)
            .await
            .map(Client::from)
    }

    pub(super) async fn open_cluster_stream(
        &self,
        interval: Duration,
    ) -> Result<Streaming<wire::ClusterStatus>, AdminError> {
        let interval_ms = u32::try_from(interval.as_millis()).unwrap_or(u32::MAX);
        self.ask(async |channel| {
            cluster_service(channel)
                .watch_status(wire::WatchStatusRequest { interval_ms })
                .await
        })
        .await
    }

    pub(super) async fn open_operation_stream(
        &self,
        id: &str,
        after_revision: u64,
        interval: Duration,
    ) -> Result<Streaming<wire::Operation>, AdminError> {
        let interval_ms = u32::try_from(interval.as_millis()).unwrap_or(u32::MAX);
        self.ask(async |channel| {
            operation_service(channel)
                .watch(wire::WatchOperationRequest {
                    id: id.to_owned(),
                    after_revision,
                    interval_ms,
                })
                .await
        })
        .await
    }

    /// Drops the connection, so that the next request opens one again, at the next endpoint.
    pub(super) fn forget_connection(&self) {
        let mut current = self.current();
        current.channel = None;
        current.index = (current.index + 1) % self.shared.endpoints.len();
    }

    /// A question may be put to each endpoint in turn.
    pub(super) async fn ask<T, F>(&self, call: impl Fn(Channel) -> F) -> Result<T, AdminError>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let mut tried = Vec::new();
        // One more than there are endpoints: a connection kept from before may have gone stale.
        for _ in 0..=self.shared.endpoints.len() {
            if tried.len() == self.shared.endpoints.len() {
                break;
            }
            let (endpoint, channel, is_fresh) = self.connect(&mut tried).await?;
            match self.bounded(call(channel)).await {
                Ok(answer) => return Ok(answer),
                Err(CallError::Refused(status)) => {
                    return Err(AdminError::Refused(Refusal::from(&status)));
                }
                Err(CallError::Lost(why)) => {
                    if is_fresh {
                        tried.push((endpoint, why));
                        self.forget_connection();
                    } else {
                        self.current().channel = None;
                    }
                }
            }
        }
        Err(AdminError::Unreachable { tried })
    }

    /// A change is sent once: the next endpoint is only for when no connection could be opened.
    pub(super) async fn change<T, F>(
        &self,
        call: impl FnOnce(Channel) -> F,
    ) -> Result<T, AdminError>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        // Not over a kept connection: whether that one still lives is only known after sending.
        self.current().channel = None;
        let (endpoint, channel, _) = self.connect(&mut Vec::new()).await?;
        match self.bounded(call(channel)).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Refused(status)) => Err(AdminError::Refused(Refusal::from(&status))),
            Err(CallError::Lost(why)) => {
                self.forget_connection();
                Err(AdminError::Unanswered { endpoint, why })
            }
        }
    }

    async fn bounded<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, CallError> {
        match tokio::time::timeout(self.shared.timeout, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) if is_transport(&status) => {
                Err(CallError::Lost(transport_reason(&status)))
            }
            Ok(Err(status)) => Err(CallError::Refused(status)),
            Err(_) => Err(CallError::Lost(format!(
                "no answer within {}",
                crate::output::human::duration(self.shared.timeout)
            ))),
        }
    }

    /// The kept connection, or a new one to the first endpoint from the current one on that accepts.
    /// Endpoints in `tried` are passed over; those that do not accept are added to it.
    async fn connect(
        &self,
        tried: &mut Vec<(Endpoint, String)>,
    ) -> Result<(Endpoint, Channel, bool), AdminError> {
        let endpoints = &self.shared.endpoints;
        let start = {
            let current = self.current();
            if let Some(channel) = &current.channel {
                return Ok((endpoints[current.index].clone(), channel.clone(), false));
            }
            current.index
        };
        let timeout = self.shared.timeout.min(CONNECT_TIMEOUT_MAX);
        for offset in 0..endpoints.len() {
            let index = (start + offset) % endpoints.len();
            let endpoint = &endpoints[index];
            if tried.iter().any(|(known, _)| known == endpoint) {
                continue;
            }
            match endpoint.connect(timeout).await {
                Ok(channel) => {
                    let mut current = self.current();
                    current.index = index;
                    current.channel = Some(channel.clone());
                    return Ok((endpoint.clone(), channel, true));
                }
                Err(why) => tried.push((endpoint.clone(), why)),
            }
        }
        Err(AdminError::Unreachable {
            tried: std::mem::take(tried),
        })
    }

    /// Never held across an await.
    fn current(&self) -> MutexGuard<'_, Current> {
        // A panic while it was held leaves a valid value behind: each write is a single assignment.
        self.shared
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

enum CallError {
    /// A node said no.
    Refused(Status),
    /// The connection broke or the time ran out.
    Lost(String),
}

fn cluster_service(channel: Channel) -> ClusterServiceClient<Channel> {
    ClusterServiceClient::new(channel).max_decoding_message_size(MESSAGE_SIZE_MAX)
}

fn operation_service(channel: Channel) -> OperationServiceClient<Channel> {
    OperationServiceClient::new(channel).max_decoding_message_size(MESSAGE_SIZE_MAX)
}

fn client_service(channel: Channel) -> ClientServiceClient<Channel> {
    ClientServiceClient::new(channel).max_decoding_message_size(MESSAGE_SIZE_MAX)
}

pub(super) fn as_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
