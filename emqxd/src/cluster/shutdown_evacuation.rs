//! The evacuation of a node that was told to stop: begun here, waited for, and ended with the process.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::operation_executor::{OperationError, OperationExecutor};
use super::operation_running::{counts, targets};
use crate::control::error::ControlError;
use crate::control::state::Duty;
use crate::event_log::Severity;
use crate::lifecycle::Phase;
use crate::node::broker::Broker;
use crate::operation::evacuation::Event;
use crate::operation::shutdown;

/// Between two looks at what nobody rings a bell for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// When no other node has taken anybody in for so long, none is expected any more: the whole cluster is being stopped.
const NOBODY_MAX: Duration = Duration::from_secs(5);
/// The group is told of an end within this, or when the node is back.
const TELL_WITHIN: Duration = Duration::from_secs(5);

/// A refusal for this is no reason to give up: something runs already, or its end is not agreed on yet.
const ALREADY_STARTED: &str = "already_started";

impl OperationExecutor {
    /// Empties this node, which is about to end, within `budget`. Returns as soon as nothing is left on it, no other
    /// node takes anybody in, an operator has stopped the evacuation, or the budget is over. An evacuation that an operator
    /// has begun goes on instead of another one.
    pub async fn evacuate_before_end(self: &Arc<Self>, budget: Duration) {
        let Some(broker) = self.broker() else { return };
        let began = Instant::now();
        if broker.lifecycle.is_available() {
            broker.lifecycle.set(Phase::Leaving);
        }
        let told = humantime::format_duration(budget);
        say(
            &broker,
            Severity::Info,
            &format!("told to stop: the node evacuates itself first, within {told}"),
        );
        let emptied = match timeout_at(began + budget, self.empty(&broker, budget)).await {
            Ok(emptied) => emptied,
            Err(_) => Err(format!("its {told} are over")),
        };
        let left = counts(&broker);
        match emptied {
            Ok(()) => say(
                &broker,
                Severity::Info,
                &format!("evacuated in {:.1}s, stops", began.elapsed().as_secs_f64()),
            ),
            Err(why) => say(
                &broker,
                Severity::Warn,
                &format!(
                    "stops with {} connections and {} sessions that were not evacuated: {why}",
                    left.connections, left.sessions
                ),
            ),
        }
    }

    /// # Errors
    /// Why it is not empty, for people.
    async fn empty(self: &Arc<Self>, broker: &Arc<Broker>, budget: Duration) -> Result<(), String> {
        self.begin_before_end(broker, budget).await?;
        let mut phases = broker.lifecycle.watch();
        let rests = phases.wait_for(|phase| matches!(phase, Phase::Prohibiting | Phase::Serving));
        tokio::select! {
            phase = rests => match phase.as_deref() {
                Ok(Phase::Prohibiting) => Ok(()),
                _ => Err("the evacuation was stopped".to_owned()),
            },
            () = nobody_there(broker) => Err("no other node takes anybody in".to_owned()),
        }
    }

    /// Returns once an evacuation runs, whoever has begun it.
    async fn begin_before_end(
        self: &Arc<Self>,
        broker: &Arc<Broker>,
        budget: Duration,
    ) -> Result<(), String> {
        while self.state.lock().running.is_none() {
            let options = shutdown::options_within(budget, counts(broker));
            let agreed = self.control.state();
            // What peers gossip about themselves may lag behind.
            let out_of_service: Vec<String> = targets(broker)
                .into_iter()
                .map(|target| target.node)
                .filter(|node| agreed.duty(node) == Duty::OutOfService)
                .collect();
            match self.begin(broker, options, &out_of_service).await {
                Ok(_) => return Ok(()),
                Err(OperationError::Refused(refusal)) if refusal.code == ALREADY_STARTED => {}
                Err(OperationError::NotAgreed(ControlError::Rejected(rejection)))
                    if rejection.code == ALREADY_STARTED => {}
                Err(error) => return Err(error.to_string()),
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Ends what is to end with this process, and has the group told of it, so that the node serves when it is back. The
    /// node accepts nobody any more. Takes some seconds at most.
    pub async fn close(self: &Arc<Self>) {
        let Some(broker) = self.broker() else { return };
        {
            let mut state = self.state.lock();
            let ends = state.running.as_ref();
            if !ends.is_some_and(|running| running.options.ends_with_process) {
                return;
            }
            self.feed(&broker, &mut state, Event::Stop);
        }
        let told = timeout(TELL_WITHIN, self.marks.settle(&*self.control)).await;
        let why = match told {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("not within {TELL_WITHIN:?}"),
        };
        tracing::warn!(
            why,
            "the end of the evacuation is agreed on when this node is back"
        );
    }
}

/// Returns when no other node has taken anybody in for [`NOBODY_MAX`].
async fn nobody_there(broker: &Broker) {
    let mut seen = Instant::now();
    while seen.elapsed() < NOBODY_MAX {
        sleep(LOOK_EVERY).await;
        if targets(broker).iter().any(|target| target.available) {
            seen = Instant::now();
        }
    }
}

fn say(broker: &Broker, severity: Severity, message: &str) {
    broker.events.add(severity, "NODE_STOPPING", message, None);
    match severity {
        Severity::Info => tracing::info!("{message}"),
        _ => tracing::warn!("{message}"),
    }
}
