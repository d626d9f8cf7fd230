//! Carries raft's requests to other members.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use openraft::error::{
    Fatal, NetworkError, RPCError, RaftError, ReplicationClosed, StreamingError, Unreachable,
};
use openraft::network::{Backoff, RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{AnyError, OptionalSend};

use super::identity::Group;
use super::peers::Peers;
use super::store::StoredSnapshot;
use super::types::{GroupTypes, Member, Snapshot, Vote};
use super::wire::{self, Answer, Ask, Request};

/// Before a member that could not be reached is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// A snapshot is the whole state, some MiB at most.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(20);

type RpcError = RPCError<u64, Member, RaftError<u64>>;

/// Makes the ways to other members.
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) node_id: u64,
    /// Told by whoever runs raft: raft itself knows of no groups.
    pub(crate) group: Arc<parking_lot::Mutex<Option<Group>>>,
    pub(crate) peers: Arc<dyn Peers>,
}

impl RaftNetworkFactory<GroupTypes> for Network {
    type Network = Way;

    async fn new_client(&mut self, target: u64, node: &Member) -> Way {
        Way {
            network: self.clone(),
            target,
            name: node.name.clone(),
        }
    }
}

/// The way to one member.
pub(crate) struct Way {
    network: Network,
    target: u64,
    name: String,
}

impl Way {
    async fn ask(&self, ask: Ask, within: Duration) -> Result<Answer, AnyError> {
        let request = Request {
            group: self.network.group.lock().clone(),
            from: self.network.node_id,
            to: self.target,
            ask,
        };
        let request = wire::encode(&request).map_err(AnyError::error)?;
        let answer = self.network.peers.ask(&self.name, request, within).await;
        let answer = answer.map_err(|failure| AnyError::new(&failure))?;
        wire::decode(&answer).map_err(AnyError::error)
    }
}

fn unreachable(error: AnyError) -> RpcError {
    RPCError::Unreachable(Unreachable::new(&error))
}

fn unexpected() -> NetworkError {
    NetworkError::new(&AnyError::error("the member gave an unexpected answer"))
}

impl RaftNetwork<GroupTypes> for Way {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<GroupTypes>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, RpcError> {
        match self.ask(Ask::Append(rpc), option.hard_ttl()).await {
            Ok(Answer::Append(response)) => Ok(response),
            Ok(_) => Err(unexpected().into()),
            Err(error) => Err(unreachable(error)),
        }
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<u64>,
        option: RPCOption,
    ) -> Result<VoteResponse<u64>, RpcError> {
        match self.ask(Ask::Vote(rpc), option.hard_ttl()).await {
            Ok(Answer::Vote(response)) => Ok(response),
            Ok(_) => Err(unexpected().into()),
            Err(error) => Err(unreachable(error)),
        }
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: Snapshot,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<u64>, StreamingError<GroupTypes, Fatal<u64>>> {
        let state = String::from_utf8(snapshot.snapshot.into_inner())
            .map_err(|error| NetworkError::new(&AnyError::new(&error)))?;
        let snapshot = StoredSnapshot {
            meta: snapshot.meta,
            state,
        };
        let sent = self.ask(Ask::Snapshot { vote, snapshot }, SNAPSHOT_WITHIN);
        let answer = tokio::select! {
            answer = sent => answer,
            closed = cancel => return Err(closed.into()),
        };
        match answer {
            Ok(Answer::Snapshot(response)) => Ok(response),
            Ok(_) => Err(unexpected().into()),
            Err(error) => Err(StreamingError::Unreachable(Unreachable::new(&error))),
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(AGAIN_AFTER))
    }
}
