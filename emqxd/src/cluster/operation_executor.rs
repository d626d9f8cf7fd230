//! Carries out what the evacuation core commands on this node, and reports back to it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ahash::HashSet;
use bytestring::ByteString;
use emqx_proto::admin::v1 as admin;
use emqx_proto::peer::v1::MigrateRequest;
use emqx_proto::peer::v1::control_request::Request;
use emqx_proto::peer::v1::control_response::Response;
use parking_lot::Mutex;
use rand::seq::SliceRandom;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::operation_view;
use crate::control::OperationJournal;
use crate::event_log::Severity;
use crate::lifecycle::Phase;
use crate::membership::NodeName;
use crate::node::broker::Broker;
use crate::node::session_cell::{CellPhase, Close};
use crate::operation::command::Command;
use crate::operation::evacuation::{Counts, Evacuation, Event};
use crate::operation::options::{EvacuationOptions, RedirectTo};
use crate::operation::preflight::{self, Refusal};
use crate::operation::targets::{Chooser, Target};
use crate::operation::{OperationId, PhaseName};
use crate::packet::{ClientId, ReasonCode};

/// Counts go to the core at least this often.
const COUNTS_INTERVAL: Duration = Duration::from_millis(100);

/// A target has this long to take a batch of Sessions over.
const MIGRATE_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the operations of this node; at most one at a time.
pub struct OperationExecutor {
    broker: std::sync::OnceLock<std::sync::Weak<Broker>>,
    state: Mutex<State>,
    journal: Arc<dyn OperationJournal>,
    /// Rung when the core has something new to look at.
    bell: Notify,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
}

struct Running {
    evacuation: Evacuation,
    options: EvacuationOptions,
    chooser: Chooser,
    availability_ready: bool,
    accepts_connections: bool,
    phase: PhaseName,
    /// Sessions without a client, in random order, that have not been sent away yet.
    candidates: Vec<ClientId>,
    /// Sent to a target that has not answered.
    moving: HashSet<ClientId>,
}

impl OperationExecutor {
    /// Idle. Operations are remembered in `journal`.
    pub fn new(journal: Arc<dyn OperationJournal>) -> Self {
        Self {
            broker: std::sync::OnceLock::new(),
            state: Mutex::default(),
            journal,
            bell: Notify::new(),
        }
    }

    /// Completes the executor; once, before anything is served.
    pub fn serve_for(&self, broker: &Arc<Broker>) {
        let _ = self.broker.set(Arc::downgrade(broker));
    }

    fn broker(&self) -> Option<Arc<Broker>> {
        self.broker.get()?.upgrade()
    }

    /// Starts the evacuation of this node. `out_of_service` are nodes that cannot take anybody in, whatever the
    /// membership view says.
    ///
    /// # Errors
    /// When a check refuses it; nothing has changed then.
    pub fn start(
        self: &Arc<Self>,
        request: admin::StartEvacuationRequest,
        out_of_service: &[String],
    ) -> Result<admin::Operation, Refusal> {
        let Some(broker) = self.broker() else {
            return Err(Refusal::new(
                "not_available",
                "",
                "the node is stopping",
                "a node that serves",
            ));
        };
        let options = operation_view::options_from(request)?;
        let now = broker.clock.now();
        let mut targets = targets(&broker);
        for target in &mut targets {
            target.available &= !out_of_service.contains(&target.node);
        }
        let mut state = self.state.lock();
        let running = state
            .running
            .as_ref()
            .map(|running| running.evacuation.id().to_string());
        preflight::check_start(
            broker.node_name.as_str(),
            &options,
            running.as_deref(),
            &targets,
        )?;
        let targets = chosen_targets(&options, targets);
        let id = OperationId::from_seed(rand::random());
        let (evacuation, commands) = Evacuation::start(
            id,
            broker.node_name.as_str(),
            options.clone(),
            counts(&broker),
            &targets,
            now,
        );
        broker.events.add(
            Severity::Info,
            "OPERATION_STARTED",
            &started_message(&options),
            Some(&id.to_string()),
        );
        state.running = Some(Running {
            evacuation,
            chooser: Chooser::new(&targets),
            options,
            availability_ready: true,
            accepts_connections: true,
            phase: PhaseName::WaitingHealthCheck,
            candidates: Vec::new(),
            moving: HashSet::default(),
        });
        self.carry_out(&broker, &mut state, commands);
        let view = self.view(&broker, &state);
        drop(state);
        self.bell.notify_one();
        view.ok_or_else(|| Refusal::new("failed", "", "the operation ended at once", ""))
    }

    /// Ends the running operation and returns the node to service.
    ///
    /// # Errors
    /// When none runs, or another than the one named.
    pub fn stop(self: &Arc<Self>, id: &str) -> Result<admin::Operation, Refusal> {
        let not_started = || {
            Refusal::new(
                "not_started",
                "",
                "no operation runs on this node",
                "a node with a running operation",
            )
        };
        let broker = self.broker().ok_or_else(not_started)?;
        let mut state = self.state.lock();
        match &state.running {
            Some(running) if id.is_empty() || running.evacuation.id().to_string() == id => {}
            _ => return Err(not_started()),
        }
        self.feed(&broker, &mut state, Event::Stop);
        drop(state);
        let stopped = self.journal.ended().into_iter().next();
        stopped.ok_or_else(not_started)
    }

    /// The running operation, and the ended ones when asked for, newest first.
    pub fn operations(&self, include_ended: bool) -> Vec<admin::Operation> {
        let Some(broker) = self.broker() else {
            return Vec::new();
        };
        let running = self.view(&broker, &self.state.lock());
        let ended = if include_ended {
            self.journal.ended()
        } else {
            Vec::new()
        };
        running.into_iter().chain(ended).collect()
    }

    /// What a refused client is told.
    pub fn redirection(&self) -> (ReasonCode, Option<ByteString>) {
        let mut state = self.state.lock();
        let reference = state.running.as_mut().and_then(Running::reference);
        let leaving = state.running.is_some();
        (
            if leaving {
                ReasonCode::UseAnotherServer
            } else {
                ReasonCode::ServerUnavailable
            },
            reference,
        )
    }

    /// A connection was cut for the evacuation.
    pub fn evicted(self: &Arc<Self>, client_id: &ClientId, keeps_session: bool) {
        self.report(Event::Evicted {
            client_id: client_id.clone(),
            keeps_session,
        });
    }

    /// The client of a Session that was here has found it from another node.
    pub fn arrived(self: &Arc<Self>, client_id: &ClientId, at: &NodeName) {
        self.report(Event::Arrived {
            client_id: client_id.clone(),
            at: at.to_string(),
        });
    }

    /// A Session ended by its expiry while it waited here.
    pub fn expired(self: &Arc<Self>) {
        self.report(Event::SessionsExpired { count: 1 });
    }

    fn report(self: &Arc<Self>, event: Event) {
        let Some(broker) = self.broker() else { return };
        let mut state = self.state.lock();
        self.feed(&broker, &mut state, event);
    }

    fn feed(self: &Arc<Self>, broker: &Arc<Broker>, state: &mut State, event: Event) {
        let Some(running) = &mut state.running else {
            return;
        };
        let mut commands = Vec::new();
        running
            .evacuation
            .handle(event, broker.clock.now(), &mut commands);
        if !commands.is_empty() {
            self.carry_out(broker, state, commands);
            self.bell.notify_one();
        }
    }

    /// Serves the core's timers until `stop` turns true.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        loop {
            let next = self.tick();
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.bell.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Gives the core the present figures and time; returns when it wants to be called again.
    fn tick(self: &Arc<Self>) -> Instant {
        let idle = Instant::now() + Duration::from_secs(3600);
        let Some(broker) = self.broker() else {
            return idle;
        };
        let mut state = self.state.lock();
        let Some(running) = &mut state.running else {
            return idle;
        };
        let now = broker.clock.now();
        let mut commands = Vec::new();
        let targets = chosen_targets(&running.options, targets(&broker));
        running.chooser.update(&targets);
        running
            .evacuation
            .handle(Event::Targets(targets), now, &mut commands);
        running
            .evacuation
            .handle(Event::Counts(counts(&broker)), now, &mut commands);
        running.evacuation.handle_timeout(now, &mut commands);
        self.carry_out(&broker, &mut state, commands);
        let Some(running) = &state.running else {
            return idle;
        };
        let next = running
            .evacuation
            .poll_timeout()
            .map_or(now + COUNTS_INTERVAL, |at| at.min(now + COUNTS_INTERVAL));
        Instant::from_std(broker.clock.instant_of(next))
    }

    fn carry_out(
        self: &Arc<Self>,
        broker: &Arc<Broker>,
        state: &mut State,
        commands: Vec<Command>,
    ) {
        let mut commands = VecDeque::from(commands);
        while let Some(command) = commands.pop_front() {
            let Some(running) = &mut state.running else {
                return;
            };
            match command {
                Command::Availability { ready } => running.availability_ready = ready,
                Command::AcceptConnections(accept) => running.accepts_connections = accept,
                Command::PhaseChanged(phase) => {
                    running.phase = phase;
                    let id = running.evacuation.id().to_string();
                    broker
                        .events
                        .add(Severity::Info, "PHASE", phase.as_str(), Some(&id));
                    tracing::info!(operation = %id, phase = phase.as_str(), "evacuation");
                    if let Some(view) = self.view(broker, state) {
                        self.journal.record(&view);
                    }
                }
                Command::EvictConnections { count } => {
                    let done = evict(broker, running, count);
                    if done < count {
                        let event = Event::EvictionsShort { asked: count, done };
                        let mut more = Vec::new();
                        running
                            .evacuation
                            .handle(event, broker.clock.now(), &mut more);
                        commands.extend(more);
                    }
                }
                Command::MoveSessions { to, count } => {
                    self.move_sessions(broker, running, to, count);
                }
                Command::Ended(outcome) => {
                    let view = self.view(broker, state);
                    if let Some(view) = view {
                        let message = format!("evacuation ended: {}", outcome.as_str());
                        broker.events.add(
                            Severity::Info,
                            "OPERATION_ENDED",
                            &message,
                            Some(&view.id),
                        );
                        tracing::info!(operation = %view.id, outcome = outcome.as_str(), "evacuation ended");
                        self.journal.record(&view);
                    }
                    state.running = None;
                    broker.lifecycle.set(Phase::Serving);
                    return;
                }
            }
            if let Some(running) = &state.running {
                broker.lifecycle.set(duty(running));
            }
        }
    }

    fn move_sessions(
        self: &Arc<Self>,
        broker: &Arc<Broker>,
        running: &mut Running,
        to: String,
        count: u32,
    ) {
        let client_ids = running.candidates(broker, count);
        let moved = Arc::clone(self);
        let broker = Arc::clone(broker);
        tokio::spawn(async move {
            let results = migrate(&broker, &to, &client_ids).await;
            let mut state = moved.state.lock();
            if let Some(running) = &mut state.running {
                for client_id in &client_ids {
                    running.moving.remove(client_id);
                }
            }
            moved.feed(
                &broker,
                &mut state,
                Event::SessionsMoved {
                    to,
                    asked: count,
                    results,
                },
            );
            drop(state);
            moved.bell.notify_one();
        });
    }

    fn view(&self, broker: &Broker, state: &State) -> Option<admin::Operation> {
        let running = state.running.as_ref()?;
        Some(operation_view::operation(
            &running.evacuation,
            &running.options,
            broker.clock.now(),
        ))
    }
}

impl Running {
    /// Server Reference for the next client.
    fn reference(&mut self) -> Option<ByteString> {
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
    fn candidates(&mut self, broker: &Broker, count: u32) -> Vec<ClientId> {
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
        self.candidates.shuffle(&mut rand::rng());
    }
}

/// Cuts up to `count` clients, chosen at random; each is told where to go. Returns how many were found.
fn evict(broker: &Broker, running: &mut Running, count: u32) -> u32 {
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
async fn migrate(
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

fn duty(running: &Running) -> Phase {
    match (running.availability_ready, running.accepts_connections) {
        (true, _) => Phase::Serving,
        (false, true) => Phase::Leaving,
        (false, false) if running.phase == PhaseName::Prohibiting => Phase::Prohibiting,
        (false, false) => Phase::Evacuating,
    }
}

fn counts(broker: &Broker) -> Counts {
    Counts {
        connections: broker.connections() as u64,
        sessions: broker.sessions.len() as u64,
    }
}

/// All other live nodes.
fn targets(broker: &Broker) -> Vec<Target> {
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

/// Those of them that may take Sessions over.
fn chosen_targets(options: &EvacuationOptions, mut targets: Vec<Target>) -> Vec<Target> {
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

fn started_message(options: &EvacuationOptions) -> String {
    let mut message = "evacuation started".to_owned();
    if !options.started_by.is_empty() {
        message = format!("{message} by {}", options.started_by);
    }
    if !options.reason.is_empty() {
        message = format!("{message}: {}", options.reason);
    }
    message
}
