//! An operation under way on this node: whom it cuts, what it sends away, and where to.

use crate::hashing::HashSet;
use bytestring::ByteString;
use emqx_proto::admin::v1 as admin;
use emqx_proto::peer::v1::MigrateRequest;
use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use rand::seq::SliceRandom;
use std::sync::Arc;
use std::time::Duration;

use super::operation_view;
use crate::chance;
use crate::lifecycle::Phase;
use crate::membership::{NodeName, View};
use crate::node::broker::Broker;
use crate::node::session_cell::{CellPhase, Close};
use crate::operation::command::Command;
use crate::operation::evacuation::{Counts, Evacuation};
use crate::operation::options::{EvacuationOptions, RedirectTo};
use crate::operation::targets::{Chooser, Target};
use crate::operation::{OperationId, PhaseName, Revision};
use crate::packet::{ClientId, ReasonCode};
use crate::time::Timestamp;

/// A target has this long to take a batch of Sessions over.
const MIGRATE_TIMEOUT: Duration = Duration::from_secs(30);

/// A node that begins to serve is seen to do so within this.
const JOINING_SEEN_WITHIN: Duration = Duration::from_secs(2);

/// Where an operation stands is agreed on at each new phase, and at least this often while it goes on.
const MARK_INTERVAL: Duration = Duration::from_secs(2);

/// An operation under way, and what its node needs to carry it out.
pub(super) struct Running {
    pub(super) evacuation: Evacuation,
    pub(super) options: EvacuationOptions,
    pub(super) chooser: Chooser,
    pub(super) availability_ready: bool,
    pub(super) accepts_connections: bool,
    pub(super) phase: PhaseName,
    /// Sessions without a client, in random order, that have not been sent away yet.
    pub(super) candidates: Vec<ClientId>,
    /// Sent to a target that has not answered.
    pub(super) moving: HashSet<ClientId>,
    /// What the group was last told: when, and as of which revision.
    pub(super) marked: (Timestamp, Revision),
}

impl Running {
    pub(super) fn new(
        evacuation: Evacuation,
        options: EvacuationOptions,
        targets: &[Target],
        now: Timestamp,
    ) -> Self {
        Self {
            marked: (now, evacuation.revision()),
            phase: evacuation.phase(),
            evacuation,
            chooser: Chooser::new(targets),
            options,
            availability_ready: true,
            accepts_connections: true,
            candidates: Vec::new(),
            moving: HashSet::default(),
        }
    }

    pub(super) fn start(
        broker: &Broker,
        id: OperationId,
        options: EvacuationOptions,
        targets: &[Target],
    ) -> (Self, Vec<Command>) {
        let now = broker.clock.now();
        let (evacuation, commands) = Evacuation::start(
            id,
            broker.node_name.as_str(),
            options.clone(),
            counts(broker),
            targets,
            now,
        );
        (Self::new(evacuation, options, targets, now), commands)
    }

    pub(super) fn view(&self, broker: &Broker) -> admin::Operation {
        operation_view::operation(&self.evacuation, &self.options, broker.clock.now())
    }

    /// Whether the group should be told again where the operation stands.
    pub(super) fn is_mark_due(&mut self, now: Timestamp) -> bool {
        let (at, revision) = self.marked;
        let is_due = self.evacuation.revision() > revision && now.since(at) >= MARK_INTERVAL;
        if is_due {
            self.marked = (now, self.evacuation.revision());
        }
        is_due
    }

    /// Server Reference for the next client.
    pub(super) fn reference(&mut self) -> Option<ByteString> {
        match &self.options.redirect_to {
            RedirectTo::None => None,
            RedirectTo::Fixed(text) => Some(text.as_str().into()),
            RedirectTo::Auto => self
                .chooser
                .next()
                // A node without the listener `mqtt` has no address to tell.
                .filter(|target| !target.address.is_empty())
                .map(|target| target.address.as_str().into()),
        }
    }

    /// Up to `count` Sessions without a client that no target has been asked to take.
    pub(super) fn candidates(&mut self, broker: &Broker, count: u32) -> Vec<ClientId> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut chosen = Vec::new();
        let mut refilled = false;
        while chosen.len() < count {
            let Some(client_id) = self.candidates.pop() else {
                if refilled {
                    break;
                }
                refilled = true;
                self.refill(broker);
                continue;
            };
            let still_here = broker.sessions.get(&client_id).is_some_and(|session| {
                session.phase() == CellPhase::Live && !session.is_connected()
            });
            if still_here
                && !self
                    .evacuation
                    .is_backing_off(&client_id, broker.clock.now())
                && self.moving.insert(client_id.clone())
            {
                chosen.push(client_id);
            }
        }
        chosen
    }

    fn refill(&mut self, broker: &Broker) {
        self.candidates = broker
            .sessions
            .all()
            .iter()
            .filter(|session| session.phase() == CellPhase::Live && !session.is_connected())
            .map(|session| session.client_id().clone())
            .filter(|client_id| !self.moving.contains(client_id))
            .collect();
        self.candidates.shuffle(&mut chance::rng());
    }
}

/// Cuts up to `count` clients, chosen at random; each is told where to go. Returns how many were found.
pub(super) fn evict(broker: &Broker, running: &mut Running, count: u32) -> u32 {
    let mut done = 0;
    for session in broker
        .sessions
        .pick_connected(usize::try_from(count).unwrap_or(usize::MAX))
    {
        let close = Close {
            code: ReasonCode::UseAnotherServer,
            server_reference: running.reference(),
        };
        if broker.ask_to_close(&session, close) {
            done += 1;
        }
    }
    done
}

/// Asks a target to take Sessions over; each with the number of messages that went along.
pub(super) async fn migrate(
    broker: &Broker,
    to: &str,
    client_ids: &[ClientId],
) -> Vec<(ClientId, Result<u64, String>)> {
    if client_ids.is_empty() {
        return Vec::new();
    }
    let all = |error: String| {
        client_ids
            .iter()
            .map(|client_id| (client_id.clone(), Err(error.clone())))
            .collect()
    };
    let link = NodeName::new(to)
        .ok()
        .and_then(|name| broker.links().get(&name));
    let Some(link) = link else {
        return all(format!("{to} is not reachable"));
    };
    let request = Request::Migrate(MigrateRequest {
        client_ids: client_ids.iter().map(ToString::to_string).collect(),
    });
    match link.call(request, MIGRATE_TIMEOUT).await {
        Ok(Response::Migrate(answer)) => answer
            .results
            .into_iter()
            .filter_map(|result| {
                let moved = if result.error.is_empty() {
                    Ok(result.messages)
                } else {
                    Err(result.error)
                };
                Some((ClientId::new(&result.client_id)?, moved))
            })
            .collect(),
        Ok(_) => all(format!("{to} gave an unexpected answer")),
        Err(error) => all(format!("{to}: {error}")),
    }
}

pub(super) fn duty(running: &Running) -> Phase {
    match (running.availability_ready, running.accepts_connections) {
        (true, _) => Phase::Serving,
        (false, true) => Phase::Leaving,
        (false, false) if running.phase == PhaseName::Prohibiting => Phase::Prohibiting,
        (false, false) => Phase::Evacuating,
    }
}

pub(super) fn counts(broker: &Broker) -> Counts {
    Counts {
        connections: broker.connections() as u64,
        sessions: broker.sessions.len() as u64,
    }
}

/// All other live nodes.
pub(super) fn targets(broker: &Broker) -> Vec<Target> {
    let view = broker.cluster().membership.view();
    view.peers()
        .map(|peer| Target {
            node: peer.name.to_string(),
            address: peer.mqtt.clone(),
            available: peer.duty == Phase::Serving.as_str(),
            connections: peer.connections,
            sessions: peer.sessions,
            capacity: None,
        })
        .collect()
}

/// Waits a moment, when no other node takes anybody in, for one that is just joining: that it serves takes a moment to be
/// seen here.
pub(super) async fn see_who_joins(broker: &Broker) {
    let is_seen = |view: &Arc<View>| {
        let has = |phase: Phase| view.peers().any(|peer| peer.duty == phase.as_str());
        has(Phase::Serving) || !has(Phase::Joining)
    };
    let mut views = broker.cluster().membership.watch();
    let _ = tokio::time::timeout(JOINING_SEEN_WITHIN, views.wait_for(is_seen)).await;
}

/// Those of them that may take Sessions over.
pub(super) fn chosen_targets(options: &EvacuationOptions, mut targets: Vec<Target>) -> Vec<Target> {
    if !options.migrate_to.is_empty() {
        targets.retain(|target| {
            options
                .migrate_to
                .iter()
                .any(|name| name.as_str() == target.node)
        });
    }
    targets
}
