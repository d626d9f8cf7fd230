//! A scripted node on a loopback port, for tests. What it answers is data; what it was asked is kept.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use futures_util::Stream;
use prost::Message;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Code, Request, Response, Status};
use wire::client_service_server::{ClientService, ClientServiceServer};
use wire::cluster_service_server::{ClusterService, ClusterServiceServer};
use wire::data_service_server::DataServiceServer;
use wire::listener_service_server::ListenerServiceServer;
use wire::node_service_server::NodeServiceServer;
use wire::operation_service_server::{OperationService, OperationServiceServer};
use wire::session_service_server::SessionServiceServer;

use super::endpoint::Endpoint;
use super::fake_control::sample_control;
use super::fake_listener::sample_listeners;

/// 2026-11-23T14:01:32Z, the moment in which tests live.
pub const NOW_MS: u64 = 1_795_442_492_000;

/// One thing that a watch stream does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends a state.
    Send(Box<wire::Operation>),
    /// Breaks as a lost connection does.
    Break,
    /// Ends regularly.
    End,
    /// Waits for ever.
    Hang,
    /// The whole node disappears, open connections included.
    Die,
}

/// What the node answers and what it was asked.
#[derive(Debug, Default)]
pub struct Script {
    /// Answer to `GetStatus` and `WatchStatus`.
    pub status: wire::ClusterStatus,
    /// Newest first.
    pub operations: Vec<wire::Operation>,
    /// Sorted by Client Identifier.
    pub clients: Vec<wire::Client>,
    /// Sorted by node and name.
    pub listeners: Vec<wire::Listener>,
    /// Nodes said to be unreachable in lists.
    pub nodes_unreachable: Vec<String>,
    /// Refusals by method, such as `start`.
    pub refuse: HashMap<&'static str, Status>,
    /// Methods that never answer.
    pub silent: Vec<&'static str>,
    /// One script for each `Watch`, in turn; without one the first operation is sent once.
    pub streams: VecDeque<Vec<Step>>,
    /// It is about to disappear and answers nothing more.
    pub is_dying: bool,
    /// Requests in their order, as `method request`.
    pub requests: Vec<String>,
    /// The last `StartEvacuation`.
    pub started: Option<wire::StartEvacuationRequest>,
}

/// A node that runs until it is dropped.
#[derive(Debug)]
pub struct FakeNode {
    endpoint: Endpoint,
    script: Arc<Mutex<Script>>,
    runtime: Arc<Mutex<Option<Runtime>>>,
}

impl FakeNode {
    /// Starts one with the sample cluster.
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts one with a changed sample cluster.
    pub fn start_with(change: impl FnOnce(&mut Script)) -> Self {
        let mut script = Script {
            status: sample_status(),
            operations: vec![sample_operation()],
            clients: sample_clients(),
            listeners: sample_listeners(),
            ..Script::default()
        };
        change(&mut script);
        let script = Arc::new(Mutex::new(script));
        // Its own runtime, so that it can die with everything that it has open.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = listener.local_addr().unwrap().to_string().parse().unwrap();
        let kill = Arc::new(Mutex::new(None));
        let service = Service {
            script: script.clone(),
            kill: kill.clone(),
        };
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            tonic::transport::Server::builder()
                .add_service(ClusterServiceServer::new(service.clone()))
                .add_service(OperationServiceServer::new(service.clone()))
                .add_service(ClientServiceServer::new(service.clone()))
                .add_service(NodeServiceServer::new(service.clone()))
                .add_service(ListenerServiceServer::new(service.clone()))
                .add_service(SessionServiceServer::new(service.clone()))
                .add_service(DataServiceServer::new(service))
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await
                .unwrap();
        });
        *kill.lock().unwrap() = Some(runtime);
        Self {
            endpoint,
            script,
            runtime: kill,
        }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    /// What it answers from now on, and what it was asked.
    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

impl Drop for FakeNode {
    fn drop(&mut self) {
        kill(&self.runtime);
    }
}

fn kill(runtime: &Mutex<Option<Runtime>>) {
    if let Some(runtime) = runtime.lock().unwrap().take() {
        runtime.shutdown_background();
    }
}

/// An endpoint that nobody listens on.
pub fn dead_endpoint() -> Endpoint {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string().parse().unwrap()
}

/// A refusal as a node sends it.
pub fn refusal(code: Code, message: &str, info: &str, cause: &str) -> Status {
    let info = wire::ErrorInfo {
        code: info.to_owned(),
        cause: cause.to_owned(),
        ..wire::ErrorInfo::default()
    };
    Status::with_details(code, message, info.encode_to_vec().into())
}

#[derive(Debug, Clone)]
pub(super) struct Service {
    script: Arc<Mutex<Script>>,
    kill: Arc<Mutex<Option<Runtime>>>,
}

impl Service {
    /// Notes the request; answers with the refusal if there is one for it.
    pub(super) async fn enter(
        &self,
        method: &'static str,
        request: &impl std::fmt::Debug,
    ) -> Result<(), Status> {
        let is_silent = {
            let mut script = self.script.lock().unwrap();
            script.requests.push(format!("{method} {request:?}"));
            if let Some(status) = script.refuse.get(method) {
                return Err(status.clone());
            }
            script.is_dying || script.silent.contains(&method)
        };
        if is_silent {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    /// What it answers, and what it was asked.
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    fn find(&self, id: &str, node: &str) -> Result<wire::Operation, Status> {
        let script = self.script.lock().unwrap();
        let found = script.operations.iter().find(|op| {
            if id.is_empty() && node.is_empty() {
                op.ended_unix_ms.is_none()
            } else if id.is_empty() {
                op.node == node
            } else {
                op.id.starts_with(id)
            }
        });
        found.cloned().ok_or_else(|| {
            if id.is_empty() {
                refusal(
                    Code::FailedPrecondition,
                    "no operation runs",
                    "not_started",
                    "",
                )
            } else {
                refusal(
                    Code::NotFound,
                    &format!("there is no operation {id}"),
                    "unknown_operation",
                    "",
                )
            }
        })
    }
}

pub(super) type Answer<T> = Result<Response<T>, Status>;
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ClusterService for Service {
    async fn get_status(
        &self,
        request: Request<wire::GetStatusRequest>,
    ) -> Answer<wire::ClusterStatus> {
        self.enter("status", request.get_ref()).await?;
        Ok(Response::new(self.script.lock().unwrap().status.clone()))
    }

    async fn remove_member(
        &self,
        request: Request<wire::RemoveMemberRequest>,
    ) -> Answer<wire::ControlGroup> {
        self.enter("remove_member", request.get_ref()).await?;
        Ok(Response::new(sample_control()))
    }

    async fn join(&self, request: Request<wire::JoinRequest>) -> Answer<wire::ControlGroup> {
        self.enter("join", request.get_ref()).await?;
        Ok(Response::new(sample_control()))
    }

    async fn recover(&self, request: Request<wire::RecoverRequest>) -> Answer<wire::ControlGroup> {
        self.enter("recover", request.get_ref()).await?;
        Ok(Response::new(sample_control()))
    }

    type WatchStatusStream = Answers<wire::ClusterStatus>;

    async fn watch_status(
        &self,
        request: Request<wire::WatchStatusRequest>,
    ) -> Answer<Self::WatchStatusStream> {
        self.enter("watch_status", request.get_ref()).await?;
        let every = Duration::from_millis(u64::from(request.get_ref().interval_ms).max(1));
        let script = self.script.clone();
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let status = script.lock().unwrap().status.clone();
                if sender.send(Ok(status)).await.is_err() {
                    break;
                }
                tokio::time::sleep(every).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

#[tonic::async_trait]
impl OperationService for Service {
    async fn start_evacuation(
        &self,
        request: Request<wire::StartEvacuationRequest>,
    ) -> Answer<wire::Operation> {
        self.enter("start", request.get_ref()).await?;
        let mut script = self.script.lock().unwrap();
        script.started = Some(request.into_inner());
        Ok(Response::new(script.operations[0].clone()))
    }

    async fn stop(&self, request: Request<wire::StopOperationRequest>) -> Answer<wire::Operation> {
        self.enter("stop", request.get_ref()).await?;
        let request = request.get_ref();
        self.find(&request.id, &request.node).map(Response::new)
    }

    async fn get(&self, request: Request<wire::GetOperationRequest>) -> Answer<wire::Operation> {
        self.enter("get", request.get_ref()).await?;
        let request = request.get_ref();
        self.find(&request.id, &request.node).map(Response::new)
    }

    async fn list(
        &self,
        request: Request<wire::ListOperationsRequest>,
    ) -> Answer<wire::ListOperationsResponse> {
        self.enter("list", request.get_ref()).await?;
        let include_ended = request.get_ref().include_ended;
        let script = self.script.lock().unwrap();
        Ok(Response::new(wire::ListOperationsResponse {
            operations: script
                .operations
                .iter()
                .filter(|op| include_ended || op.ended_unix_ms.is_none())
                .cloned()
                .collect(),
            nodes_unreachable: script.nodes_unreachable.clone(),
        }))
    }

    type WatchStream = Answers<wire::Operation>;

    async fn watch(
        &self,
        request: Request<wire::WatchOperationRequest>,
    ) -> Answer<Self::WatchStream> {
        self.enter("watch", request.get_ref()).await?;
        let steps = {
            let mut script = self.script.lock().unwrap();
            let first = script.operations.first().cloned();
            script.streams.pop_front().unwrap_or_else(|| {
                first
                    .map(|op| vec![Step::Send(Box::new(op)), Step::End])
                    .unwrap_or_default()
            })
        };
        let kill_switch = self.kill.clone();
        let script = self.script.clone();
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            for step in steps {
                let sent = match step {
                    Step::Send(op) => sender.send(Ok(*op)).await,
                    Step::Break => sender.send(Err(Status::unavailable("link cut"))).await,
                    Step::End => return,
                    Step::Hang => {
                        sender.closed().await;
                        return;
                    }
                    Step::Die => {
                        // Let what was sent reach the client first.
                        while sender.capacity() < sender.max_capacity() {
                            tokio::task::yield_now().await;
                        }
                        // Connections go before the listener; who comes back in between gets no answer.
                        script.lock().unwrap().is_dying = true;
                        std::thread::spawn(move || kill(&kill_switch));
                        return;
                    }
                };
                if sent.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

#[tonic::async_trait]
impl ClientService for Service {
    async fn list(
        &self,
        request: Request<wire::ListClientsRequest>,
    ) -> Answer<wire::ListClientsResponse> {
        self.enter("clients", request.get_ref()).await?;
        let request = request.get_ref();
        let script = self.script.lock().unwrap();
        let mut matching = script.clients.iter().filter(|client| {
            (request.node.is_empty() || client.node == request.node)
                && client.client_id.starts_with(&request.prefix)
                // Enough for the tests; the node does it right.
                && client.client_id.ends_with(request.pattern.trim_start_matches('*'))
                && request.connected.is_none_or(|c| c == client.connected)
                && client.client_id > request.page_token
        });
        let page_size = request.page_size as usize;
        let clients: Vec<wire::Client> = matching.by_ref().take(page_size).cloned().collect();
        let next_page_token = match (matching.next(), clients.last()) {
            (Some(_), Some(last)) => last.client_id.clone(),
            _ => String::new(),
        };
        Ok(Response::new(wire::ListClientsResponse {
            clients,
            next_page_token,
            nodes_unreachable: script.nodes_unreachable.clone(),
        }))
    }

    async fn get(&self, request: Request<wire::GetClientRequest>) -> Answer<wire::Client> {
        self.enter("client", request.get_ref()).await?;
        self.find_client(&request.get_ref().client_id)
    }

    async fn kick(&self, request: Request<wire::KickClientRequest>) -> Answer<wire::Client> {
        self.enter("kick", request.get_ref()).await?;
        self.find_client(&request.get_ref().client_id)
    }
}

impl Service {
    pub(super) fn find_client(&self, client_id: &str) -> Answer<wire::Client> {
        let script = self.script.lock().unwrap();
        let found = script.clients.iter().find(|c| c.client_id == client_id);
        found.cloned().map(Response::new).ok_or_else(|| {
            refusal(
                Code::NotFound,
                &format!("there is no client {client_id}"),
                "unknown_client",
                "",
            )
        })
    }
}

/// Four nodes: one evacuating, two serving, one gone.
pub fn sample_status() -> wire::ClusterStatus {
    let node = |name: &str, state: wire::NodeState, connections: u64, sessions: u64| wire::Node {
        name: name.to_owned(),
        state: state.into(),
        version: "0.4.1".to_owned(),
        incarnation: 7,
        uptime_ms: Some(41 * 86_400_000),
        connections: Some(connections),
        sessions: Some(sessions),
        sessions_disconnected: Some(sessions - connections),
        subscriptions: Some(2 * sessions),
        retained_messages: Some(1_204),
        messages_in_per_sec: Some(6_066.7),
        messages_out_per_sec: Some(13_966.7),
        connects_per_sec: Some(3.0),
        disconnects_per_sec: Some(2.5),
        messages_in_total: Some(9_000_000),
        messages_out_total: Some(19_000_000),
        messages_dropped_total: Some(12),
        connects_refused_total: Some(3),
        cpu_percent: Some(57.8),
        memory_resident_bytes: Some(412 * 1024 * 1024),
        listeners: vec![wire::ListenerAddress {
            kind: "tcp".to_owned(),
            address: "10.0.0.1:1883".to_owned(),
        }],
        admin_address: "10.0.0.1:7883".to_owned(),
        http_address: "10.0.0.1:18083".to_owned(),
        cluster_address: "10.0.0.1:4370".to_owned(),
        last_seen_unix_ms: Some(NOW_MS - 300),
        interest: vec![wire::Interest {
            of: name.to_owned(),
            filters: 2 * sessions,
            digest: 0x2f70_9a44_c1d3_5e86,
        }],
    };
    use wire::NodeState::{Evacuating, Serving, Unreachable};
    wire::ClusterStatus {
        cluster_name: "prod-eu".to_owned(),
        answered_by: "n2".to_owned(),
        time_unix_ms: NOW_MS,
        control: Some(sample_control()),
        nodes: vec![
            node("n1", Evacuating, 3_511, 4_715),
            node("n2", Serving, 11_804, 13_020),
            node("n3", Serving, 11_527, 12_871),
            wire::Node {
                name: "n4".to_owned(),
                state: Unreachable.into(),
                version: "0.4.0".to_owned(),
                last_seen_unix_ms: Some(NOW_MS - 2 * 86_400_000),
                ..wire::Node::default()
            },
        ],
        operations: vec![sample_operation()],
        events: vec![wire::Event {
            time_unix_ms: NOW_MS - 12_000,
            node: "n1".to_owned(),
            severity: wire::Severity::Info.into(),
            r#type: "PHASE".to_owned(),
            message: "waiting_health_check → evicting_conns".to_owned(),
            operation_id: "op-7f3a".to_owned(),
        }],
    }
}

/// The evacuation of n1, 61 percent of its connections closed.
pub fn sample_operation() -> wire::Operation {
    let recipient = |node: &str, arrived: u64, rate: f64, refused: u64| wire::Recipient {
        node: node.to_owned(),
        address: format!("{node}:1883"),
        available: true,
        arrived,
        received_sessions: 0,
        arrivals_per_sec: rate,
        refused,
    };
    let mut op = wire::Operation {
        id: "op-7f3a".to_owned(),
        revision: 4_182,
        kind: wire::OperationKind::Evacuation.into(),
        node: "n1".to_owned(),
        connections: Some(wire::Amount {
            initial: 9_003,
            current: 3_511,
            goal: 0,
        }),
        sessions: Some(wire::Amount {
            initial: 10_207,
            current: 4_715,
            goal: 0,
        }),
        conn_evict_rate: 500,
        sess_evict_rate: 500,
        conn_rate_measured: 488.2,
        conn_rate_mean: Some(492.4),
        eta_phase_ms: Some(7_200),
        eta_ms: Some(70_000),
        evicted_connections: 5_492,
        sessions_moved_with_client: 5_418,
        unreturned: 74,
        recipients: vec![
            recipient("n2", 2_801, 251.0, 0),
            recipient("n3", 2_617, 237.0, 2),
        ],
        redirect_to: "auto".to_owned(),
        wait_health_check_ms: 60_000,
        wait_takeover_ms: 60_000,
        started_by: "oncall".to_owned(),
        reason: "kernel 6.9 (CHG-4411)".to_owned(),
        started_unix_ms: NOW_MS - 72_000,
        reconnect_p50_ms: Some(136),
        reconnect_p99_ms: Some(279),
        messages_carried: 31_002,
        slowest_unreturned: vec!["sensor-0091".to_owned()],
        ..wire::Operation::default()
    };
    set_phase(&mut op, "evicting_conns");
    op
}

/// The names of the phases in their order.
const PHASES: [&str; 5] = [
    "waiting_health_check",
    "evicting_conns",
    "waiting_takeover",
    "evicting_sessions",
    "prohibiting",
];

/// Puts an operation into a phase: those before are done, those after are pending.
pub fn set_phase(op: &mut wire::Operation, name: &str) {
    let active = PHASES.iter().position(|phase| *phase == name).unwrap();
    op.phase = name.to_owned();
    op.phases = PHASES
        .iter()
        .enumerate()
        .map(|(index, phase)| wire::Phase {
            name: (*phase).to_owned(),
            state: match index.cmp(&active) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "active",
                std::cmp::Ordering::Greater => "pending",
            }
            .to_owned(),
            started_unix_ms: (index <= active).then_some(op.started_unix_ms),
            duration_ms: (index < active).then_some(if index % 2 == 0 { 60_000 } else { 18_300 }),
        })
        .collect();
}

/// The same evacuation when it has come to its end, all clients but three back.
pub fn finished_operation() -> wire::Operation {
    let mut op = sample_operation();
    set_phase(&mut op, "prohibiting");
    op.revision += 100;
    op.outcome = wire::Outcome::Succeeded.into();
    for (amount, initial) in [(&mut op.connections, 9_003), (&mut op.sessions, 10_207)] {
        *amount = Some(wire::Amount {
            initial,
            current: 0,
            goal: 0,
        });
    }
    op.evicted_connections = 9_003;
    op.sessions_moved_with_client = 8_682;
    op.sessions_moved_without_client = 1_204;
    op.sessions_ended_with_connection = 318;
    op.sessions_expired = 3;
    op.unreturned = 3;
    op.conn_rate_measured = 0.0;
    op.sess_rate_mean = Some(498.1);
    op.eta_ms = None;
    op.eta_phase_ms = None;
    for (recipient, arrived, received) in [(0, 4_551, 604), (1, 4_131, 600)] {
        op.recipients[recipient].arrived = arrived;
        op.recipients[recipient].received_sessions = received;
        op.recipients[recipient].arrivals_per_sec = 0.0;
    }
    op
}

/// Three clients, one of them without a connection.
pub fn sample_clients() -> Vec<wire::Client> {
    let client = |client_id: &str, node: &str, protocol: &str| wire::Client {
        client_id: client_id.to_owned(),
        node: node.to_owned(),
        connected: true,
        protocol: protocol.to_owned(),
        address: "10.4.1.17:51234".to_owned(),
        username: "fleet".to_owned(),
        keep_alive_s: 60,
        session_expiry_interval_s: Some(7_200),
        created_unix_ms: NOW_MS - 86_400_000,
        connected_unix_ms: Some(NOW_MS - 7_860_000),
        subscriptions_count: 2,
        inflight: 32,
        queued: 1_000,
        dropped: 418,
        ..wire::Client::default()
    };
    let mut meter = client("meter-eu-00912", "n2", "3.1");
    meter.connected = false;
    meter.address = String::new();
    meter.username = String::new();
    meter.session_expiry_interval_s = None;
    meter.connected_unix_ms = None;
    meter.disconnected_unix_ms = Some(NOW_MS - 3_600_000);
    meter.will = true;
    let mut truck = client("truck-4417", "n2", "5.0");
    truck.subscriptions = vec![
        wire::Subscription {
            topic_filter: "$share/fleet/orders/+".to_owned(),
            qos: 1,
            ..wire::Subscription::default()
        },
        wire::Subscription {
            topic_filter: "truck/4417/#".to_owned(),
            qos: 2,
            no_local: true,
            retain_as_published: true,
            retain_handling: 1,
            subscription_identifier: Some(7),
        },
    ];
    vec![meter, truck, client("truck-4420", "n3", "3.1.1")]
}
