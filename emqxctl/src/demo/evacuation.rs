//! The operator's side of the demo: asks nodes over gRPC and follows the operation.

use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use emqx_proto::admin::v1::cluster_service_client::ClusterServiceClient;
use emqx_proto::admin::v1::operation_service_client::OperationServiceClient;
use emqx_proto::admin::v1::{
    ClusterStatus, GetOperationRequest, GetStatusRequest, NodeState, Operation, Outcome,
    StartEvacuationRequest, WatchOperationRequest,
};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::display::Display;

/// A request gets that long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Time between two reports of a watched operation, in milliseconds.
const WATCH_INTERVAL_MS: u32 = 200;
/// Name of the phase in which everything has left the node.
const RESTING_PHASE: &str = "prohibiting";

/// Connects to a node's admin address (`http://host:port`).
pub async fn connect(admin_url: &str) -> anyhow::Result<Channel> {
    Endpoint::from_shared(admin_url.to_owned())?
        .connect_timeout(REQUEST_TIMEOUT)
        .connect()
        .await
        .with_context(|| format!("cannot reach the admin address {admin_url}"))
}

/// What a node says of its cluster.
pub async fn cluster_status(channel: &Channel) -> anyhow::Result<ClusterStatus> {
    let mut client = ClusterServiceClient::new(channel.clone());
    let answer = tokio::time::timeout(REQUEST_TIMEOUT, client.get_status(GetStatusRequest {}))
        .await
        .context("the node did not answer in time")?
        .map_err(|status| explain(&status))?;
    Ok(answer.into_inner())
}

/// Returns once each of these nodes sees `count` serving nodes.
pub async fn wait_until_formed(
    channels: &[Channel],
    count: usize,
    within: Duration,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + within;
    for channel in channels {
        loop {
            let status = cluster_status(channel).await?;
            let serving = status
                .nodes
                .iter()
                .filter(|node| node.state() == NodeState::Serving)
                .count();
            if serving == count && status.nodes.len() == count {
                break;
            }
            ensure!(
                Instant::now() < deadline,
                "{} saw only {serving} of {count} nodes serving within {within:?}",
                status.answered_by
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}

/// Starts an evacuation.
pub async fn start(
    channel: &Channel,
    request: StartEvacuationRequest,
) -> anyhow::Result<Operation> {
    let node = request.node.clone();
    OperationServiceClient::new(channel.clone())
        .start_evacuation(request)
        .await
        .map(tonic::Response::into_inner)
        .map_err(|status| explain(&status).context(format!("cannot evacuate {node}")))
}

/// Shows an operation until it rests: nothing moves any more. Fails when it ends in another way or does
/// not rest in time. A node that does not answer for a moment is asked again.
pub async fn watch_until_rest(
    channel: &Channel,
    id: &str,
    within: Duration,
    display: &mut dyn Display,
) -> anyhow::Result<Operation> {
    let mut last_phase = String::new();
    let watching = async {
        loop {
            if let Some(operation) = watch_once(channel, id, display, &mut last_phase).await? {
                return Ok(operation);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    match tokio::time::timeout(within, watching).await {
        Ok(result) => result,
        Err(_) => Err(anyhow!(
            "{id} did not rest within {within:?}; its last phase was {last_phase}"
        )),
    }
}

/// One stream of reports; `None` when it broke off.
async fn watch_once(
    channel: &Channel,
    id: &str,
    display: &mut dyn Display,
    last_phase: &mut String,
) -> anyhow::Result<Option<Operation>> {
    let mut client = OperationServiceClient::new(channel.clone());
    let request = WatchOperationRequest {
        id: id.to_owned(),
        after_revision: 0,
        interval_ms: WATCH_INTERVAL_MS,
    };
    let mut stream = match client.watch(request).await {
        Ok(stream) => stream.into_inner(),
        Err(status) => return passing(status),
    };
    loop {
        match stream.message().await {
            Ok(Some(operation)) => {
                last_phase.clone_from(&operation.phase);
                display.update(&operation);
                if has_rested(&operation)? {
                    return Ok(Some(operation));
                }
            }
            Ok(None) => break,
            Err(status) => return passing(status),
        }
    }
    let request = GetOperationRequest {
        id: id.to_owned(),
        node: String::new(),
    };
    match client.get(request).await {
        Ok(answer) => {
            let operation = answer.into_inner();
            Ok(has_rested(&operation)?.then_some(operation))
        }
        Err(status) => passing(status),
    }
}

/// Whether nothing moves any more; an error when the operation ended in another way.
fn has_rested(operation: &Operation) -> anyhow::Result<bool> {
    match operation.outcome() {
        Outcome::Unspecified | Outcome::Succeeded => {
            Ok(operation.phase == RESTING_PHASE || operation.outcome() == Outcome::Succeeded)
        }
        // What could not be moved is in the report.
        Outcome::Partial => Ok(true),
        Outcome::Stopped | Outcome::Failed => bail!(
            "{} ended in {}: {}",
            operation.id,
            operation.phase,
            operation.outcome_reason
        ),
    }
}

fn passing<T>(status: Status) -> anyhow::Result<Option<T>> {
    use tonic::Code;
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::Unknown | Code::DeadlineExceeded => Ok(None),
        _ => Err(explain(&status)),
    }
}

fn explain(status: &Status) -> anyhow::Error {
    if status.message().is_empty() {
        anyhow!("{}", status.code().description())
    } else {
        anyhow!("{}", status.message().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_rests_when_it_prohibits() {
        let mut operation = Operation {
            id: "op-1".to_owned(),
            phase: "evicting_conns".to_owned(),
            ..Operation::default()
        };
        assert!(!has_rested(&operation).unwrap());
        operation.phase = RESTING_PHASE.to_owned();
        assert!(has_rested(&operation).unwrap());
        operation.set_outcome(Outcome::Stopped);
        operation.outcome_reason = "by oncall".to_owned();
        let error = has_rested(&operation).unwrap_err().to_string();
        assert!(
            error.contains("op-1") && error.contains("by oncall"),
            "{error}"
        );
    }
}
