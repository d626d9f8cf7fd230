//! Wire types into view models. Empty strings on the wire mean "none".

use emqx_proto::admin::v1 as wire;

use crate::model::{
    Amount, Client, ClientCertificate, ClientPage, ClusterStatus, ControlGroup, ControlMember,
    Event, GcReport, Interest, Listener, ListenerAddress, ListenerKind, ListenerList,
    ListenerState, MemberRole, Node, NodeState, Operation, OperationKind, OperationList, Outcome,
    Phase, PhaseName, PhaseState, Rate, Recipient, ServerCertificate, Severity, Subscription,
    Trouble, UtcTime,
};

pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl From<wire::ClusterStatus> for ClusterStatus {
    fn from(status: wire::ClusterStatus) -> Self {
        Self::new(
            status.cluster_name,
            status.answered_by,
            UtcTime::from_millis(status.time_unix_ms),
            status.nodes.into_iter().map(Node::from).collect(),
            status.operations.into_iter().map(Operation::from).collect(),
            status.events.into_iter().map(Event::from).collect(),
            status.control.map(ControlGroup::from),
        )
    }
}

impl From<wire::ControlGroup> for ControlGroup {
    fn from(group: wire::ControlGroup) -> Self {
        let leader = some(group.leader);
        let role = |member: &wire::ControlMember| match leader.as_deref() {
            Some(leader) if leader == member.node => MemberRole::Leader,
            _ if member.voter => MemberRole::Voter,
            _ => MemberRole::Learner,
        };
        Self {
            members: group
                .members
                .into_iter()
                .map(|member| ControlMember {
                    role: role(&member),
                    node: member.node,
                    applied: member.applied,
                    lag: member.lag,
                    standing: some(member.standing),
                    problem: some(member.problem),
                })
                .collect(),
            group: some(group.group),
            generation: group.generation,
            standing: group.standing,
            problem: some(group.problem),
            leader,
            term: group.term,
            last_log: group.last_log,
            applied: group.applied,
            has_majority: group.has_majority,
            missing_voters: group.missing_voters,
        }
    }
}

impl From<wire::NodeState> for NodeState {
    fn from(state: wire::NodeState) -> Self {
        match state {
            wire::NodeState::Unspecified => Self::Unknown,
            wire::NodeState::Serving => Self::Serving,
            wire::NodeState::Leaving => Self::Leaving,
            wire::NodeState::Evacuating => Self::Evacuating,
            wire::NodeState::Prohibiting => Self::Prohibiting,
            wire::NodeState::Stopping => Self::Stopping,
            wire::NodeState::Unreachable => Self::Unreachable,
        }
    }
}

impl From<wire::Node> for Node {
    fn from(node: wire::Node) -> Self {
        Self {
            state: node.state().into(),
            name: node.name,
            version: some(node.version),
            incarnation: node.incarnation,
            uptime_ms: node.uptime_ms,
            connections: node.connections,
            delta_mean_ratio: None,
            sessions: node.sessions,
            sessions_disconnected: node.sessions_disconnected,
            subscriptions: node.subscriptions,
            retained_messages: node.retained_messages,
            messages_in_per_sec: node.messages_in_per_sec,
            messages_out_per_sec: node.messages_out_per_sec,
            connects_per_sec: node.connects_per_sec,
            disconnects_per_sec: node.disconnects_per_sec,
            messages_in_total: node.messages_in_total,
            messages_out_total: node.messages_out_total,
            messages_dropped_total: node.messages_dropped_total,
            connects_refused_total: node.connects_refused_total,
            cpu_percent: node.cpu_percent,
            memory_resident_bytes: node.memory_resident_bytes,
            listeners: node
                .listeners
                .into_iter()
                .map(|listener| ListenerAddress {
                    kind: listener.kind,
                    address: listener.address,
                })
                .collect(),
            admin_address: some(node.admin_address),
            http_address: some(node.http_address),
            cluster_address: some(node.cluster_address),
            last_seen_at: node.last_seen_unix_ms.map(UtcTime::from_millis),
            interest: node
                .interest
                .into_iter()
                .map(|known| Interest {
                    of: known.of,
                    filters: known.filters,
                    digest: format!("{:016x}", known.digest),
                })
                .collect(),
        }
    }
}

impl From<wire::GcReport> for GcReport {
    fn from(report: wire::GcReport) -> Self {
        Self {
            node: report.node,
            duration_us: report.duration_us,
            memory_resident_before_bytes: report.memory_resident_before_bytes,
            memory_resident_after_bytes: report.memory_resident_after_bytes,
            memory_given_back_bytes: None,
            expired_sessions: report.expired_sessions,
            expired_messages: report.expired_messages,
            expired_retained_messages: report.expired_retained_messages,
            forgotten_removals: report.forgotten_removals,
            stale_timers: report.stale_timers,
            shrunk_buffers: report.shrunk_buffers,
            shrunk_tables: report.shrunk_tables,
            slices: report.slices,
            longest_slice_us: report.longest_slice_us,
        }
        .with_difference()
    }
}

impl From<wire::Event> for Event {
    fn from(event: wire::Event) -> Self {
        let severity = match event.severity() {
            wire::Severity::Unspecified | wire::Severity::Info => Severity::Info,
            wire::Severity::Warn => Severity::Warn,
            wire::Severity::Error => Severity::Error,
        };
        Self {
            time: UtcTime::from_millis(event.time_unix_ms),
            node: event.node,
            severity,
            event_type: event.r#type,
            message: event.message,
            operation_id: some(event.operation_id),
        }
    }
}

impl From<wire::Phase> for Phase {
    fn from(phase: wire::Phase) -> Self {
        Self {
            name: PhaseName::from(phase.name),
            state: match phase.state.as_str() {
                "active" => PhaseState::Active,
                "done" => PhaseState::Done,
                "skipped" => PhaseState::Skipped,
                _ => PhaseState::Pending,
            },
            started_at: phase.started_unix_ms.map(UtcTime::from_millis),
            duration_ms: phase.duration_ms,
        }
    }
}

fn amount(amount: wire::Amount) -> Amount {
    Amount::new(amount.initial, amount.current, amount.goal)
}

impl From<wire::Operation> for Operation {
    fn from(op: wire::Operation) -> Self {
        let operation_kind = match op.kind() {
            wire::OperationKind::Evacuation => OperationKind::Evacuation,
            wire::OperationKind::Unspecified => OperationKind::Unknown,
        };
        let outcome = match op.outcome() {
            wire::Outcome::Unspecified => None,
            wire::Outcome::Succeeded => Some(Outcome::Succeeded),
            wire::Outcome::Stopped => Some(Outcome::Stopped),
            wire::Outcome::Failed => Some(Outcome::Failed),
            wire::Outcome::Partial => Some(Outcome::Partial),
        };
        Self {
            id: op.id,
            revision: op.revision,
            operation_kind,
            target: op.node,
            phase: PhaseName::from(op.phase),
            phases: op.phases.into_iter().map(Phase::from).collect(),
            outcome,
            outcome_reason: some(op.outcome_reason),
            connections: op.connections.map(amount),
            sessions: op.sessions.map(amount),
            rate: Rate {
                connections_per_sec_wanted: op.conn_evict_rate,
                connections_per_sec_measured: op.conn_rate_measured,
                connections_per_sec_mean: op.conn_rate_mean,
                sessions_per_sec_wanted: op.sess_evict_rate,
                sessions_per_sec_measured: op.sess_rate_measured,
                sessions_per_sec_mean: op.sess_rate_mean,
                limited_by: some(op.limited_by),
            },
            eta_phase_ms: op.eta_phase_ms,
            eta_ms: op.eta_ms,
            evicted_connections: op.evicted_connections,
            sessions_moved_with_client: op.sessions_moved_with_client,
            sessions_moved_without_client: op.sessions_moved_without_client,
            sessions_expired: op.sessions_expired,
            sessions_ended_with_connection: op.sessions_ended_with_connection,
            unreturned: op.unreturned,
            slowest_unreturned: op.slowest_unreturned,
            recipients: op
                .recipients
                .into_iter()
                .map(|recipient| Recipient {
                    node: recipient.node,
                    address: some(recipient.address),
                    available: recipient.available,
                    received: recipient.arrived,
                    sessions_received: recipient.received_sessions,
                    connects_per_sec: recipient.arrivals_per_sec,
                    refused: recipient.refused,
                })
                .collect(),
            errors: op
                .trouble
                .into_iter()
                .map(|trouble| Trouble {
                    client_id: trouble.client_id,
                    reason: trouble.reason,
                    attempts: trouble.attempts,
                })
                .collect(),
            errors_total: op.trouble_total,
            redirect_to: some(op.redirect_to),
            migrate_to: op.migrate_to,
            wait_health_check_ms: op.wait_health_check_ms,
            wait_takeover_ms: op.wait_takeover_ms,
            started_by: some(op.started_by),
            reason: some(op.reason),
            started_at: UtcTime::from_millis(op.started_unix_ms),
            ended_at: op.ended_unix_ms.map(UtcTime::from_millis),
            reconnect_p50_ms: op.reconnect_p50_ms,
            reconnect_p99_ms: op.reconnect_p99_ms,
            messages_carried: op.messages_carried,
        }
    }
}

impl From<wire::ListOperationsResponse> for OperationList {
    fn from(list: wire::ListOperationsResponse) -> Self {
        Self {
            items: list.operations.into_iter().map(Operation::from).collect(),
            nodes_unreachable: list.nodes_unreachable,
        }
    }
}

impl From<wire::Client> for Client {
    fn from(client: wire::Client) -> Self {
        Self {
            client_id: client.client_id,
            node: client.node,
            connected: client.connected,
            protocol: some(client.protocol),
            address: some(client.address),
            username: some(client.username),
            clean_start: client.clean_start,
            keep_alive_s: client.keep_alive_s,
            session_expiry_interval_s: client.session_expiry_interval_s,
            session_expires_in_ms: client.session_expires_in_ms,
            created_at: UtcTime::from_millis(client.created_unix_ms),
            connected_at: client.connected_unix_ms.map(UtcTime::from_millis),
            disconnected_at: client.disconnected_unix_ms.map(UtcTime::from_millis),
            subscriptions_count: client.subscriptions_count,
            inflight: client.inflight,
            queued: client.queued,
            dropped: client.dropped,
            awaiting_pubrel: client.awaiting_pubrel,
            will: client.will,
            subscriptions: client
                .subscriptions
                .into_iter()
                .map(|subscription| Subscription {
                    topic_filter: subscription.topic_filter,
                    qos: subscription.qos,
                    no_local: subscription.no_local,
                    retain_as_published: subscription.retain_as_published,
                    retain_handling: subscription.retain_handling,
                    subscription_identifier: subscription.subscription_identifier,
                })
                .collect(),
        }
    }
}

impl From<wire::ListClientsResponse> for ClientPage {
    fn from(page: wire::ListClientsResponse) -> Self {
        Self {
            items: page.clients.into_iter().map(Client::from).collect(),
            next_page_token: some(page.next_page_token),
            nodes_unreachable: page.nodes_unreachable,
        }
    }
}

impl From<wire::ListenerKind> for ListenerKind {
    fn from(kind: wire::ListenerKind) -> Self {
        match kind {
            wire::ListenerKind::Unspecified => Self::Unknown,
            wire::ListenerKind::Tcp => Self::Tcp,
            wire::ListenerKind::Tls => Self::Tls,
            wire::ListenerKind::Ws => Self::Ws,
            wire::ListenerKind::Wss => Self::Wss,
        }
    }
}

impl From<wire::Listener> for Listener {
    fn from(listener: wire::Listener) -> Self {
        let kind = ListenerKind::from(listener.kind());
        let settings = listener.settings.unwrap_or_default();
        let client_certificate = match settings.client_certificate() {
            wire::ClientCertificate::Unspecified => None,
            wire::ClientCertificate::None => Some(ClientCertificate::None),
            wire::ClientCertificate::Optional => Some(ClientCertificate::Optional),
            wire::ClientCertificate::Required => Some(ClientCertificate::Required),
        };
        let enabled = settings.enabled.unwrap_or(true);
        let address = some(listener.address);
        let problem = listener.problem.and_then(some);
        let state = match (enabled, &address, &problem) {
            (false, ..) => ListenerState::Disabled,
            (true, Some(_), None) => ListenerState::Listening,
            (true, ..) => ListenerState::Failed,
        };
        Self {
            node: listener.node,
            name: listener.name,
            kind,
            state,
            problem,
            address,
            bind: settings.bind,
            enabled,
            connections: listener.connections,
            max_connections: settings.max_connections,
            maximum_packet_size_bytes: settings.maximum_packet_size,
            connect_timeout_ms: settings.connect_timeout_ms,
            proxy_protocol: settings.proxy_protocol.unwrap_or_default(),
            proxy_protocol_timeout_ms: settings.proxy_protocol_timeout_ms,
            path: settings.path.filter(|_| kind.has_web_socket()),
            certificates: settings
                .certificates
                .into_iter()
                .map(|certificate| ServerCertificate {
                    server_name: some(certificate.server_name),
                    certfile: certificate.certfile,
                    keyfile: certificate.keyfile,
                })
                .collect(),
            cacertfile: settings.cacertfile.and_then(some),
            client_certificate: client_certificate.filter(|_| kind.has_tls()),
            handshake_timeout_ms: settings.handshake_timeout_ms,
            accepted_total: listener.accepted_total,
            refused_total: listener.refused_total,
            handshake_failures_total: listener.handshake_failures_total,
            origin: some(listener.origin),
            certificate_expires_at: listener
                .certificate_expires_unix_s
                .map(|seconds| UtcTime::from_millis(seconds.saturating_mul(1_000))),
        }
    }
}

impl From<wire::ListListenersResponse> for ListenerList {
    fn from(list: wire::ListListenersResponse) -> Self {
        Self {
            items: list.listeners.into_iter().map(Listener::from).collect(),
            nodes_unreachable: list.nodes_unreachable,
        }
    }
}
