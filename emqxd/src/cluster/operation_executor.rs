//! Carries out what the evacuation core commands on this node, and reports back to it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqx_proto::admin::v1 as admin;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::operation_marks::{self, MarkQueue};
use super::operation_running::{
    Running, chosen_targets, counts, duty, evict, migrate, see_who_joins, targets,
};
use super::operation_view;
use crate::chance;
use crate::control::Control;
use crate::control::command::Change;
use crate::control::error::ControlError;
use crate::control::operation_record::OperationRecord;
use crate::control::state::{ControlState, ENDED_MAX};
use crate::event_log::Severity;
use crate::lifecycle::Phase;
use crate::membership::NodeName;
use crate::node::broker::Broker;
use crate::operation::OperationId;
use crate::operation::command::Command;
use crate::operation::evacuation::{Evacuation, Event};
use crate::operation::options::EvacuationOptions;
use crate::operation::preflight::{self, Refusal};
use crate::operation::targets::Target;
use crate::packet::{ClientId, ReasonCode};
use crate::watch;

/// The end of an operation is agreed on within this, as a rule.
const END_AGREED_WITHIN: Duration = Duration::from_secs(5);
const END_AGREED_POLL: Duration = Duration::from_millis(50);

/// Counts go to the core at least this often.
const COUNTS_INTERVAL: Duration = Duration::from_millis(100);

const NEVER_CARRIED_OUT: &str =
    "it was agreed on too late, or cannot be read, and was never carried out";

/// Why an operation does not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// A check refuses it.
    #[error("{}", .0.cause)]
    Refused(Refusal),
    /// The control group does not agree.
    #[error(transparent)]
    NotAgreed(#[from] ControlError),
}

impl From<Refusal> for OperationError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Runs the operations of this node; at most one at a time. The control group agrees to each before it begins, and to its
/// stop; it keeps where each stands, so that it goes on after a restart of this node.
pub struct OperationExecutor {
    broker: std::sync::OnceLock<std::sync::Weak<Broker>>,
    pub(super) state: Mutex<State>,
    pub(super) control: Arc<dyn Control>,
    pub(super) marks: MarkQueue,
    /// Rung when the core has something new to look at.
    bell: Notify,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) running: Option<Running>,
    /// Whether the group is being asked to agree to a start.
    is_starting: bool,
    /// Operations that were refused because the group did not agree in time. It may agree late.
    given_up: BTreeSet<String>,
    /// Those that have ended since this process began, latest first: the group may know of the end a little later.
    ended: VecDeque<admin::Operation>,
}

/// A start is under way. Whoever asked for it may leave before the group has answered: when it agrees all the same, the
/// operation is found as one that is to go on.
struct Starting<'a>(&'a OperationExecutor);

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        self.0.state.lock().is_starting = false;
        self.0.bell.notify_one();
    }
}

impl OperationExecutor {
    /// Idle.
    pub fn new(control: Arc<dyn Control>) -> Self {
        Self {
            broker: std::sync::OnceLock::new(),
            state: Mutex::default(),
            control,
            marks: MarkQueue::default(),
            bell: Notify::new(),
        }
    }

    /// Completes the executor; once, before anything is served.
    pub fn serve_for(&self, broker: &Arc<Broker>) {
        let _ = self.broker.set(Arc::downgrade(broker));
    }

    pub(super) fn broker(&self) -> Option<Arc<Broker>> {
        self.broker.get()?.upgrade()
    }

    /// Starts the evacuation of this node. `out_of_service` are nodes that cannot take anybody in, whatever the
    /// membership view says.
    ///
    /// # Errors
    /// When a check refuses it, or the control group does not agree; nothing has changed then.
    pub async fn start(
        self: &Arc<Self>,
        request: admin::StartEvacuationRequest,
        out_of_service: &[String],
    ) -> Result<admin::Operation, OperationError> {
        let Some(broker) = self.broker() else {
            return Err(stopping().into());
        };
        let options = operation_view::options_from(request)?;
        self.begin(&broker, options, out_of_service).await
    }

    /// The same with options that need no reading.
    pub(super) async fn begin(
        self: &Arc<Self>,
        broker: &Arc<Broker>,
        options: EvacuationOptions,
        out_of_service: &[String],
    ) -> Result<admin::Operation, OperationError> {
        see_who_joins(broker).await;
        let mut targets = targets(broker);
        for target in &mut targets {
            target.available &= !out_of_service.contains(&target.node);
        }
        let _starting = self.check_start(broker, &options, &targets)?;
        let targets = chosen_targets(&options, targets);
        let id = OperationId::from_seed(chance::random());
        let planned = Running::start(broker, id, options.clone(), &targets).0;
        let available = targets.iter().filter(|target| target.available);
        let change = Change::StartOperation {
            operation: operation_marks::record(&planned.view(broker)),
            targets: available.map(|target| target.node.clone()).collect(),
        };
        let agreed = self.agree_on_start(change).await;
        let mut state = self.state.lock();
        match agreed {
            Ok(()) => {}
            // The process ends in any case: what it holds is better off elsewhere, agreed or not.
            Err(error)
                if options.ends_with_process && !matches!(error, ControlError::Rejected(_)) =>
            {
                tracing::warn!(operation = %id, %error, "the evacuation begins without being agreed on");
            }
            Err(error) => {
                state.given_up.insert(id.to_string());
                return Err(error.into());
            }
        }
        let (running, commands) = Running::start(broker, id, options, &targets);
        broker.events.add(
            Severity::Info,
            "OPERATION_STARTED",
            &started_message(&running.options),
            Some(&id.to_string()),
        );
        state.running = Some(running);
        self.carry_out(broker, &mut state, commands);
        let view = state.running.as_ref().map(|running| running.view(broker));
        drop(state);
        self.bell.notify_one();
        Ok(view.ok_or_else(|| Refusal::new("failed", "", "the operation ended at once", ""))?)
    }

    /// None runs on this node: when one does for the group, it was stopped a moment ago, and its end is not agreed on yet.
    async fn agree_on_start(&self, change: Change) -> Result<(), ControlError> {
        let deadline = Instant::now() + END_AGREED_WITHIN;
        loop {
            match self.control.propose(change.clone()).await {
                Err(ControlError::Rejected(rejection))
                    if rejection.code == "already_started" && Instant::now() < deadline =>
                {
                    tokio::time::sleep(END_AGREED_POLL).await;
                }
                agreed => return agreed,
            }
        }
    }

    /// Makes sure that nothing else is started until the result is dropped.
    fn check_start(
        &self,
        broker: &Broker,
        options: &EvacuationOptions,
        targets: &[Target],
    ) -> Result<Starting<'_>, Refusal> {
        let mut state = self.state.lock();
        let running = state
            .running
            .as_ref()
            .map(|running| running.evacuation.id().to_string());
        preflight::check_start(
            broker.node_name.as_str(),
            options,
            running.as_deref(),
            targets,
        )?;
        if std::mem::replace(&mut state.is_starting, true) {
            return Err(Refusal::new(
                "already_started",
                "node",
                format!("an operation is being started on {}", broker.node_name),
                "one start at a time",
            ));
        }
        Ok(Starting(self))
    }

    /// Ends the running operation and returns the node to service.
    ///
    /// # Errors
    /// When none runs, or another than the one named, or the control group does not agree; nothing has changed then.
    pub async fn stop(self: &Arc<Self>, id: &str) -> Result<admin::Operation, OperationError> {
        let not_started = || {
            Refusal::new(
                "not_started",
                "",
                "no operation runs on this node",
                "a node with a running operation",
            )
        };
        let broker = self.broker().ok_or_else(not_started)?;
        let running = self.running_id().ok_or_else(not_started)?;
        if !id.is_empty() && running != id {
            return Err(not_started().into());
        }
        let change = Change::StopOperation {
            id: running.clone(),
        };
        match self.control.propose(change).await {
            // Not known to the group, or ended by it: then it must end here, too.
            Ok(()) | Err(ControlError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let mut state = self.state.lock();
        if state
            .running
            .as_ref()
            .is_some_and(|now| now.evacuation.id().to_string() == running)
        {
            self.feed(&broker, &mut state, Event::Stop);
        }
        let stopped = state
            .ended
            .iter()
            .find(|ended| ended.id == running)
            .cloned();
        Ok(stopped.ok_or_else(not_started)?)
    }

    fn running_id(&self) -> Option<String> {
        let state = self.state.lock();
        let running = state.running.as_ref()?;
        Some(running.evacuation.id().to_string())
    }

    /// The running operation of this node, and when asked for those that have ended since it started, newest first.
    pub fn operations(&self, include_ended: bool) -> Vec<admin::Operation> {
        let Some(broker) = self.broker() else {
            return Vec::new();
        };
        let state = self.state.lock();
        let running = state.running.as_ref().map(|running| running.view(&broker));
        let ended = if include_ended {
            state.ended.clone()
        } else {
            VecDeque::new()
        };
        running.into_iter().chain(ended).collect()
    }

    /// What the control group knows of operations on all nodes, newest first.
    pub fn recorded(&self, include_ended: bool) -> Vec<admin::Operation> {
        let state = self.control.state();
        let operations = state.operations().into_iter();
        operations
            .filter(|operation| include_ended || operation.ended_unix_ms.is_none())
            .map(operation_marks::recorded)
            .collect()
    }

    /// Compares what runs here with what was agreed: goes on with what ran before a restart of this node, and ends what
    /// the group has ended. Called once before anybody is served, so that a node that is out of service stays so.
    pub fn reconcile(self: &Arc<Self>) {
        let Some(broker) = self.broker() else { return };
        let agreed = self.control.state();
        let mut state = self.state.lock();
        if let Some(running) = &state.running {
            let id = running.evacuation.id().to_string();
            if is_to_end(&agreed, &id) {
                self.feed(&broker, &mut state, Event::Stop);
            }
            return;
        }
        let Some(record) = agreed.running_on(broker.node_name.as_str()) else {
            return;
        };
        if state.is_starting || state.ended.iter().any(|ended| ended.id == record.id) {
            return;
        }
        let refused = if state.given_up.contains(&record.id) {
            Err(NEVER_CARRIED_OUT)
        } else {
            self.go_on(&broker, &mut state, record)
        };
        if let Err(reason) = refused {
            let mut operation = operation_marks::recorded(record);
            if operation.outcome() == admin::Outcome::Unspecified {
                operation.outcome = admin::Outcome::Failed as i32;
                reason.clone_into(&mut operation.outcome_reason);
            }
            operation.ended_unix_ms = Some(broker.clock.now().as_millis());
            self.end(&mut state, operation);
        }
    }

    /// Takes up what a process before this one has left.
    ///
    /// # Errors
    /// Why it does not go on.
    fn go_on(
        self: &Arc<Self>,
        broker: &Arc<Broker>,
        state: &mut State,
        record: &OperationRecord,
    ) -> Result<(), &'static str> {
        let (marks, options) = operation_marks::marks(record).ok_or(NEVER_CARRIED_OUT)?;
        if options.ends_with_process {
            return Err("the process that it was to empty has ended");
        }
        let targets = chosen_targets(&options, targets(broker));
        let now = broker.clock.now();
        let (evacuation, commands) = Evacuation::resume(
            &marks,
            broker.node_name.as_str(),
            options.clone(),
            counts(broker),
            &targets,
            now,
        );
        broker.events.add(
            Severity::Info,
            "OPERATION_RESUMED",
            &format!("evacuation goes on in {}", marks.phase.as_str()),
            Some(&record.id),
        );
        tracing::info!(operation = %record.id, phase = marks.phase.as_str(), "evacuation goes on");
        state.running = Some(Running::new(evacuation, options, &targets, now));
        self.carry_out(broker, state, commands);
        if record.stop_requested {
            self.feed(broker, state, Event::Stop);
        }
        self.bell.notify_one();
        Ok(())
    }

    /// Remembers an end, here and in the group.
    fn end(&self, state: &mut State, operation: admin::Operation) {
        self.marks.put(&operation);
        state.ended.push_front(operation);
        state.ended.truncate(ENDED_MAX);
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

    pub(super) fn feed(self: &Arc<Self>, broker: &Arc<Broker>, state: &mut State, event: Event) {
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
        let mut agreed = self.control.follow();
        let marking = self.marks.run(&*self.control, stop.clone());
        let mut marking = std::pin::pin!(marking);
        loop {
            self.reconcile();
            let next = self.tick();
            tokio::select! {
                biased;
                () = sleep_until(next) => {}
                () = self.bell.notified() => {}
                changed = agreed.changed() => if changed.is_err() { return },
                () = &mut marking => return,
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
        let Some(running) = &mut state.running else {
            return idle;
        };
        if running.is_mark_due(now) {
            self.marks.put(&running.view(&broker));
        }
        let next = running
            .evacuation
            .poll_timeout()
            .map_or(now + COUNTS_INTERVAL, |at| at.min(now + COUNTS_INTERVAL));
        broker.clock.instant_of(next)
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
                    running.marked = (broker.clock.now(), running.evacuation.revision());
                    self.marks.put(&running.view(broker));
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
                    let view = running.view(broker);
                    {
                        let message = format!("evacuation ended: {}", outcome.as_str());
                        broker.events.add(
                            Severity::Info,
                            "OPERATION_ENDED",
                            &message,
                            Some(&view.id),
                        );
                        tracing::info!(operation = %view.id, outcome = outcome.as_str(), "evacuation ended");
                    }
                    state.running = None;
                    self.end(state, view);
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
}

/// Whether the group has ended an operation, or wants it to end.
fn is_to_end(agreed: &ControlState, id: &str) -> bool {
    let known = agreed.operation(id);
    known.is_some_and(|known| known.stop_requested || known.ended_unix_ms.is_some())
}

fn stopping() -> Refusal {
    Refusal::new(
        "not_available",
        "",
        "the node is stopping",
        "a node that serves",
    )
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
