//! The control group, as operators see and change it.

use std::sync::Arc;

use emqx_proto::admin::v1 as admin;
use emqx_proto::peer::v1::{NodeReport, admin_request, admin_response};
use tonic::Code;

use super::error::AdminError;
use super::fan_out;
use crate::membership::NodeName;
use crate::node::broker::Broker;

/// What this node knows of the group.
pub fn known_here(broker: &Broker) -> admin::ControlGroup {
    let status = broker.cluster().control().status();
    let group = status.group;
    admin::ControlGroup {
        generation: group.as_ref().map_or(0, |group| group.generation),
        group: group.map(|group| group.id.to_string()).unwrap_or_default(),
        standing: status.standing.to_owned(),
        problem: status.problem,
        leader: status.leader,
        term: status.term,
        last_log: status.last_log,
        applied: status.applied,
        has_majority: status.has_majority,
        missing_voters: status.missing,
        members: status
            .members
            .into_iter()
            .map(|member| admin::ControlMember {
                node: member.name,
                voter: member.is_voter,
                ..admin::ControlMember::default()
            })
            .collect(),
    }
}

/// The same with what each member tells of itself.
pub fn with_reports(broker: &Broker, reports: &[NodeReport]) -> admin::ControlGroup {
    let mut group = known_here(broker);
    let told = |name: &str| {
        reports.iter().find_map(|report| {
            let node = report.node.as_ref()?;
            (node.name == name).then_some(report.control.as_ref()?)
        })
    };
    // The leader has all that there is.
    let last = group
        .members
        .iter()
        .filter_map(|member| told(&member.node))
        .map(|told| told.last_log)
        .max()
        .unwrap_or(group.last_log);
    for member in &mut group.members {
        let Some(told) = told(&member.node) else {
            continue;
        };
        member.applied = Some(told.applied);
        member.lag = Some(last.saturating_sub(told.applied));
        member.standing.clone_from(&told.standing);
        member.problem.clone_from(&told.problem);
    }
    group
}

/// Ends the membership of a node: by itself when it answers, so that it knows at once, and by this one otherwise.
///
/// # Errors
/// When it still serves, is no member, or the group does not agree.
pub async fn remove(
    broker: &Arc<Broker>,
    request: admin::RemoveMemberRequest,
) -> Result<admin::ControlGroup, AdminError> {
    let node = named(broker, &request.node)?;
    let is_live = node == broker.node_name || broker.links().get(&node).is_some();
    if !is_live {
        let now = broker.clock.now().as_millis();
        broker
            .cluster()
            .control()
            .remove(node.as_str(), now)
            .await?;
        return Ok(known_here(broker));
    }
    let request = admin_request::Request::Leave(request);
    match fan_out::ask_within(broker, &node, request, super::operation::AGREE_TIMEOUT * 2).await? {
        admin_response::Response::Control(_) => Ok(known_here(broker)),
        _ => Err(AdminError::node_unreachable(node.as_str())),
    }
}

/// Ends the membership of this node.
///
/// # Errors
/// When it still serves, or the group does not agree.
pub async fn leave(broker: &Arc<Broker>, force: bool) -> Result<admin::ControlGroup, AdminError> {
    let sessions = broker.sessions.len();
    let name = broker.node_name.as_str();
    if sessions > 0 && !force {
        return Err(AdminError::new(
            Code::FailedPrecondition,
            "still_serves",
            format!("{name} still serves {sessions} sessions"),
            format!("evacuate {name} first, or force it"),
        ));
    }
    let now = broker.clock.now().as_millis();
    broker.cluster().control().remove(name, now).await?;
    Ok(known_here(broker))
}

/// Has a node join the group of the others.
///
/// # Errors
/// When it is a member of the only group, or does not answer.
pub async fn join(
    broker: &Arc<Broker>,
    request: admin::JoinRequest,
) -> Result<admin::ControlGroup, AdminError> {
    let node = named(broker, &request.node)?;
    let request = admin_request::Request::Join(request);
    match fan_out::ask(broker, &node, request).await? {
        admin_response::Response::Control(group) => Ok(group),
        _ => Err(AdminError::node_unreachable(node.as_str())),
    }
}

/// Has this node join the group of the others.
///
/// # Errors
/// When it is a member of the only group.
pub async fn join_here(broker: &Broker) -> Result<admin::ControlGroup, AdminError> {
    broker.cluster().control().join().await?;
    Ok(known_here(broker))
}

/// Goes on without the majority.
///
/// # Errors
/// When it is there, or the operator has not confirmed.
pub async fn recover(
    broker: &Broker,
    request: admin::RecoverRequest,
) -> Result<admin::ControlGroup, AdminError> {
    if !request.confirmed {
        return Err(AdminError::new(
            Code::InvalidArgument,
            "not_confirmed",
            "a recovery forgets what only the lost nodes knew, and has to be confirmed",
            "confirmed = true",
        ));
    }
    broker.cluster().control().recover().await?;
    Ok(known_here(broker))
}

/// A node that is known, or a member; empty is this one.
fn named(broker: &Broker, name: &str) -> Result<NodeName, AdminError> {
    if name.is_empty() {
        return Ok(broker.node_name.clone());
    }
    let members = broker.cluster().control().status().members;
    match NodeName::new(name) {
        Ok(node) if members.iter().any(|member| member.name == name) => Ok(node),
        _ => fan_out::find_node(broker, name),
    }
}
