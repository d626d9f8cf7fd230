//! Carries a request to another node, or to all of them.

use std::time::Duration;

use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use emqx_proto::peer::v1::{AdminRequest, AdminResponse, admin_request, admin_response};
use futures_util::future::join_all;

use super::error::AdminError;
use super::local;
use crate::membership::NodeName;
use crate::node::broker::Broker;

/// A node that has not answered by then is reported as unreachable.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Serves the request on one node, this or another.
///
/// # Errors
/// As the node answered; or it is unknown, or does not answer.
pub async fn ask(
    broker: &std::sync::Arc<Broker>,
    node: &NodeName,
    request: admin_request::Request,
) -> Result<admin_response::Response, AdminError> {
    ask_within(broker, node, request, TIMEOUT).await
}

/// The same with another limit for the answer of another node.
///
/// # Errors
/// As the node answered; or it is unknown, or does not answer.
pub async fn ask_within(
    broker: &std::sync::Arc<Broker>,
    node: &NodeName,
    request: admin_request::Request,
    timeout: Duration,
) -> Result<admin_response::Response, AdminError> {
    if *node == broker.node_name {
        return local::serve(broker, &broker.node_name, request).await;
    }
    let Some(link) = broker.links().get(node) else {
        let known = known_nodes(broker);
        return Err(if known.iter().any(|name| name == node.as_str()) {
            AdminError::node_unreachable(node.as_str())
        } else {
            AdminError::unknown_node(node.as_str(), &known)
        });
    };
    let request = Request::Admin(AdminRequest {
        request: Some(request),
    });
    match link.call(request, timeout).await {
        Ok(Response::Admin(AdminResponse {
            code: 0,
            response: Some(response),
            ..
        })) => Ok(response),
        Ok(Response::Admin(refused)) => Err(AdminError::from_response(refused)),
        Ok(_) | Err(_) => Err(AdminError::node_unreachable(node.as_str())),
    }
}

/// Serves the request on every live node; each answer with its node's name.
pub async fn ask_all(
    broker: &std::sync::Arc<Broker>,
    request: &admin_request::Request,
) -> Vec<(NodeName, Result<admin_response::Response, AdminError>)> {
    ask_all_within(broker, request, TIMEOUT).await
}

/// The same with another limit for the answers of other nodes.
pub async fn ask_all_within(
    broker: &std::sync::Arc<Broker>,
    request: &admin_request::Request,
    timeout: Duration,
) -> Vec<(NodeName, Result<admin_response::Response, AdminError>)> {
    let view = broker.cluster().membership.view();
    let asked = view.nodes.keys().map(|node| {
        let request = request.clone();
        async move {
            let answer = ask_within(broker, node, request, timeout).await;
            (node.clone(), answer)
        }
    });
    join_all(asked).await
}

/// Names of all nodes, also of dead ones, sorted.
pub fn known_nodes(broker: &Broker) -> Vec<String> {
    let mut names: Vec<String> = broker
        .cluster()
        .membership
        .known()
        .iter()
        .map(|known| known.info.name.to_string())
        .collect();
    names.push(broker.node_name.to_string());
    names.sort_unstable();
    names.dedup();
    names
}

/// The node of that name, checked.
///
/// # Errors
/// When it is no node's name.
pub fn find_node(broker: &Broker, name: &str) -> Result<NodeName, AdminError> {
    let known = known_nodes(broker);
    if !known.iter().any(|known| known == name) {
        return Err(AdminError::unknown_node(name, &known));
    }
    NodeName::new(name).map_err(|_| AdminError::unknown_node(name, &known))
}
