//! What this node reports of itself, and the picture of the cluster put together from all reports.

use std::sync::Arc;

use emqx_proto::admin::v1 as admin;
use emqx_proto::peer::v1::{NodeReport, NodeReportRequest, admin_request, admin_response};

use super::{control, fan_out};
use crate::control::identity::Announcement;
use crate::control::state::ENDED_MAX;
use crate::node::broker::Broker;

/// Events in a cluster status, at most.
const EVENTS_MAX: usize = 50;

/// Whether the operation is not over (resting in `prohibiting` counts as running: the node is out of service).
pub fn is_running(operation: &admin::Operation) -> bool {
    operation.ended_unix_ms.is_none()
}

/// Whether nothing more will happen by itself.
pub fn rests(operation: &admin::Operation) -> bool {
    !is_running(operation) || operation.outcome() != admin::Outcome::Unspecified
}

/// This node's own report.
pub fn node_report(broker: &Broker, include_ended: bool) -> NodeReport {
    let sessions = broker.sessions.len() as u64;
    let connections = broker.connections() as u64;
    let rates = broker.metrics.rates();
    let process = broker.metrics.process();
    let counters = broker.metrics.totals();
    let cluster = broker.cluster();
    let view = cluster.membership.view();
    let own = view.this();
    let node = admin::Node {
        name: broker.node_name.to_string(),
        state: broker.lifecycle.phase().to_proto() as i32,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        incarnation: broker.incarnation,
        uptime_ms: Some(broker.clock.now().as_millis() - broker.clock.started_at().as_millis()),
        connections: Some(connections),
        sessions: Some(sessions),
        sessions_disconnected: Some(sessions.saturating_sub(connections)),
        subscriptions: Some(broker.router.subscription_count() as u64),
        retained_messages: Some(broker.retained.len() as u64),
        messages_in_per_sec: rates.map(|rates| rates.messages_in_per_sec),
        messages_out_per_sec: rates.map(|rates| rates.messages_out_per_sec),
        connects_per_sec: rates.map(|rates| rates.connects_per_sec),
        disconnects_per_sec: rates.map(|rates| rates.disconnects_per_sec),
        messages_in_total: Some(counters.messages_in),
        messages_out_total: Some(counters.messages_out),
        messages_dropped_total: Some(counters.messages_dropped),
        connects_refused_total: Some(counters.connects_refused),
        cpu_percent: process.cpu_percent,
        memory_resident_bytes: process.memory_resident_bytes,
        listeners: broker
            .listeners()
            .list()
            .into_iter()
            .filter_map(|listener| {
                Some(admin::ListenerAddress {
                    kind: listener.kind.as_str().to_owned(),
                    address: listener.address?.to_string(),
                })
            })
            .collect(),
        admin_address: own.map(|own| own.admin.clone()).unwrap_or_default(),
        http_address: own.map(|own| own.http.clone()).unwrap_or_default(),
        cluster_address: own.map(|own| own.cluster.to_string()).unwrap_or_default(),
        last_seen_unix_ms: Some(broker.clock.now().as_millis()),
        interest: interest(broker),
    };
    NodeReport {
        node: Some(node),
        operations: broker.operations().operations(include_ended),
        events: broker.events.latest(EVENTS_MAX),
        control: Some(control::known_here(broker)),
    }
}

/// What this node wants, and what it knows of the others.
fn interest(broker: &Broker) -> Vec<admin::Interest> {
    let own = (broker.node_name.clone(), broker.own_interest.digest());
    let mut known = broker.remote_interest.digests();
    known.push(own);
    known.sort_by(|(a, _), (b, _)| a.cmp(b));
    known
        .into_iter()
        .map(|(node, digest)| admin::Interest {
            of: node.to_string(),
            filters: digest.filters,
            digest: digest.sum,
        })
        .collect()
}

/// Reports of all nodes; nodes that are known and silent are listed as unreachable.
pub async fn cluster_status(broker: &Arc<Broker>) -> admin::ClusterStatus {
    let mut status = admin::ClusterStatus {
        cluster_name: broker.config.cluster_name.clone(),
        answered_by: broker.node_name.to_string(),
        time_unix_ms: broker.clock.now().as_millis(),
        ..admin::ClusterStatus::default()
    };
    let reports = reports(broker, true).await;
    status.control = Some(control::with_reports(broker, &reports));
    for report in reports {
        status.nodes.extend(report.node);
        status.operations.extend(report.operations);
        status.events.extend(report.events);
    }
    add_recorded(broker, &mut status.operations, true, |node| {
        status.nodes.iter().any(|told| told.name == node)
    });
    let agreed = broker.cluster().control().state();
    for known in broker.cluster().membership.known().iter() {
        let name = known.info.name.as_str();
        let is_removed = Announcement::parse(&known.info.control)
            .is_some_and(|told| agreed.is_removed(told.node_id));
        if !status.nodes.iter().any(|node| node.name == name) && !is_removed {
            status.nodes.push(admin::Node {
                name: name.to_owned(),
                state: admin::NodeState::Unreachable as i32,
                version: known.info.version.clone(),
                incarnation: known.info.incarnation,
                admin_address: known.info.admin.clone(),
                http_address: known.info.http.clone(),
                cluster_address: known.info.cluster.to_string(),
                last_seen_unix_ms: Some(known.last_seen_unix_ms).filter(|at| *at > 0),
                ..admin::Node::default()
            });
        }
    }
    status.nodes.sort_by(|a, b| a.name.cmp(&b.name));
    sort_operations(&mut status.operations);
    status
        .events
        .sort_by_key(|event| std::cmp::Reverse(event.time_unix_ms));
    status.events.truncate(EVENTS_MAX);
    status
}

/// Operations of all nodes, newest first, and the nodes that did not answer.
pub async fn operations(
    broker: &Arc<Broker>,
    include_ended: bool,
) -> (Vec<admin::Operation>, Vec<String>) {
    let request = admin_request::Request::Report(NodeReportRequest { include_ended });
    let mut operations = Vec::new();
    let mut reachable = Vec::new();
    let mut unreachable = Vec::new();
    for (node, answer) in fan_out::ask_all(broker, &request).await {
        match answer {
            Ok(admin_response::Response::Report(report)) => {
                operations.extend(report.operations);
                reachable.push(node.to_string());
            }
            _ => unreachable.push(node.to_string()),
        }
    }
    add_recorded(broker, &mut operations, include_ended, |node| {
        reachable.iter().any(|name| name == node)
    });
    sort_operations(&mut operations);
    (operations, unreachable)
}

/// Adds what the control group keeps of operations that no node has told of: ended ones of before its restart, and those
/// of nodes that do not answer.
fn add_recorded(
    broker: &Broker,
    operations: &mut Vec<admin::Operation>,
    include_ended: bool,
    answers: impl Fn(&str) -> bool,
) {
    for mut recorded in broker.operations().recorded(include_ended) {
        if operations.iter().any(|told| told.id == recorded.id) {
            continue;
        }
        if is_running(&recorded) && !answers(&recorded.node) {
            recorded.limited_by = format!("{}, which does not answer", recorded.node);
        }
        operations.push(recorded);
    }
    let mut ended = 0;
    sort_operations(operations);
    operations.retain(|operation| {
        ended += usize::from(!is_running(operation));
        is_running(operation) || ended <= ENDED_MAX
    });
}

fn sort_operations(operations: &mut [admin::Operation]) {
    operations.sort_by(|a, b| {
        is_running(b)
            .cmp(&is_running(a))
            .then(b.started_unix_ms.cmp(&a.started_unix_ms))
    });
}

async fn reports(broker: &Arc<Broker>, include_ended: bool) -> Vec<NodeReport> {
    let request = admin_request::Request::Report(NodeReportRequest { include_ended });
    let answers = fan_out::ask_all(broker, &request).await;
    answers
        .into_iter()
        .filter_map(|(_, answer)| match answer {
            Ok(admin_response::Response::Report(report)) => Some(report),
            _ => None,
        })
        .collect()
}
