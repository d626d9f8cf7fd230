//! Between an operation as operators see it and what the control group keeps of it; and the task that has it kept.

use std::collections::BTreeMap;
use std::time::Duration;

use emqx_proto::admin::v1 as admin;
use parking_lot::Mutex;
use prost::Message as _;
use tokio::sync::Notify;

use super::operation_view;
use crate::control::Control;
use crate::control::command::Change;
use crate::control::error::ControlError;
use crate::control::operation_record::{Body, OperationRecord};
use crate::operation::evacuation::Counts;
use crate::operation::marks::{Marks, RecipientMark};
use crate::operation::options::EvacuationOptions;
use crate::operation::{OperationId, PhaseName, Revision};
use crate::time::Timestamp;
use crate::watch;

/// Before a mark that could not be agreed on is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What the group keeps.
pub fn record(operation: &admin::Operation) -> OperationRecord {
    OperationRecord {
        id: operation.id.clone(),
        node: operation.node.clone(),
        started_unix_ms: operation.started_unix_ms,
        ended_unix_ms: operation.ended_unix_ms,
        stop_requested: false,
        ended_because: String::new(),
        body: Body(operation.encode_to_vec()),
    }
}

/// What operators see of what the group keeps.
pub fn recorded(record: &OperationRecord) -> admin::Operation {
    let mut operation = admin::Operation::decode(record.body.0.as_slice()).unwrap_or_default();
    // What a later version wrote may not be readable; these are.
    operation.id.clone_from(&record.id);
    operation.node.clone_from(&record.node);
    operation.started_unix_ms = record.started_unix_ms;
    operation.ended_unix_ms = record.ended_unix_ms;
    if !record.ended_because.is_empty() {
        operation.outcome = admin::Outcome::Failed as i32;
        operation.outcome_reason.clone_from(&record.ended_because);
    }
    operation
}

/// Where an operation stood, and what was asked for; `None` when it cannot be read.
pub fn marks(record: &OperationRecord) -> Option<(Marks, EvacuationOptions)> {
    let operation = recorded(record);
    let phase = PhaseName::ALL
        .into_iter()
        .find(|phase| phase.as_str() == operation.phase)?;
    let times = |name: PhaseName| {
        let told = operation
            .phases
            .iter()
            .find(|phase| phase.name == name.as_str());
        let Some(told) = told else {
            return (None, None);
        };
        let started = told.started_unix_ms.map(Timestamp::from_millis);
        let ended = match (started, told.state.as_str(), told.duration_ms) {
            (Some(started), "done", Some(took)) => Some(started + Duration::from_millis(took)),
            _ => None,
        };
        (started, ended)
    };
    let amount = |amount: Option<admin::Amount>| amount.map_or(0, |amount| amount.initial);
    let marks = Marks {
        id: OperationId::parse(&record.id)?,
        revision: Revision(operation.revision),
        started_at: Timestamp::from_millis(record.started_unix_ms),
        phase,
        phases: PhaseName::ALL.map(times),
        initial: Counts {
            connections: amount(operation.connections),
            sessions: amount(operation.sessions),
        },
        evicted: operation.evicted_connections,
        moved_with_client: operation.sessions_moved_with_client,
        moved_without_client: operation.sessions_moved_without_client,
        expired: operation.sessions_expired,
        ended_with_connection: operation.sessions_ended_with_connection,
        messages_carried: operation.messages_carried,
        recipients: operation
            .recipients
            .into_iter()
            .map(|recipient| RecipientMark {
                node: recipient.node,
                address: recipient.address,
                arrived: recipient.arrived,
                received_sessions: recipient.received_sessions,
                refused: recipient.refused,
            })
            .collect(),
    };
    let ends_with_process = operation.ends_with_process;
    let options = operation_view::options_from(admin::StartEvacuationRequest {
        node: operation.node,
        wait_health_check_ms: Some(operation.wait_health_check_ms),
        wait_takeover_ms: Some(operation.wait_takeover_ms),
        conn_evict_rate: Some(operation.conn_evict_rate),
        sess_evict_rate: Some(operation.sess_evict_rate),
        redirect_to: Some(operation.redirect_to),
        migrate_to: operation.migrate_to,
        reason: operation.reason,
        started_by: operation.started_by,
    });
    let options = EvacuationOptions {
        ends_with_process,
        ..options.ok()?
    };
    Some((marks, options))
}

/// Has the latest of each operation agreed on. An operation never waits for it: while the group cannot agree, the latest
/// mark of each is kept here.
#[derive(Default)]
pub struct MarkQueue {
    latest: Mutex<BTreeMap<String, admin::Operation>>,
    bell: Notify,
}

impl MarkQueue {
    /// In place of an earlier mark that was not agreed on yet.
    pub fn put(&self, operation: &admin::Operation) {
        self.latest
            .lock()
            .insert(operation.id.clone(), operation.clone());
        self.bell.notify_one();
    }

    /// Brings the marks to the group until `stop` turns true.
    pub async fn run(&self, control: &dyn Control, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                biased;
                () = self.bring(control) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn bring(&self, control: &dyn Control) {
        match self.bring_next(control).await {
            Ok(true) => {}
            Ok(false) => self.bell.notified().await,
            Err(error) => {
                tracing::debug!(%error, "a mark waits");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }

    /// Brings all that wait to the group.
    ///
    /// # Errors
    /// As soon as the group does not agree to one; it waits on.
    pub async fn settle(&self, control: &dyn Control) -> Result<(), ControlError> {
        while self.bring_next(control).await? {}
        Ok(())
    }

    /// False when none waits.
    async fn bring_next(&self, control: &dyn Control) -> Result<bool, ControlError> {
        let next = self.latest.lock().values().next().cloned();
        let Some(operation) = next else {
            return Ok(false);
        };
        match mark(control, &operation).await {
            Ok(()) | Err(ControlError::Rejected(_)) => {
                let mut latest = self.latest.lock();
                if latest.get(&operation.id) == Some(&operation) {
                    latest.remove(&operation.id);
                }
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}

async fn mark(control: &dyn Control, operation: &admin::Operation) -> Result<(), ControlError> {
    let record = record(operation);
    if record.ended_unix_ms.is_none() && control.state().operation(&record.id).is_none() {
        // A recovery may have lost its start. When it is known after all, this is refused.
        let change = Change::StartOperation {
            targets: operation
                .recipients
                .iter()
                .map(|recipient| recipient.node.clone())
                .collect(),
            operation: record.clone(),
        };
        match control.propose(change).await {
            Ok(()) | Err(ControlError::Rejected(_)) => {}
            Err(error) => return Err(error),
        }
    }
    control
        .propose(Change::MarkOperation { operation: record })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation() -> admin::Operation {
        let phase = |name: PhaseName, state: &str, started, took| admin::Phase {
            name: name.as_str().to_owned(),
            state: state.to_owned(),
            started_unix_ms: started,
            duration_ms: took,
        };
        admin::Operation {
            id: "op-0000abcd".to_owned(),
            revision: 77,
            node: "n1".to_owned(),
            phase: "waiting_takeover".to_owned(),
            phases: vec![
                phase(PhaseName::EvictingConns, "done", Some(1_000), Some(500)),
                phase(PhaseName::WaitingTakeover, "active", Some(1_500), Some(20)),
            ],
            connections: Some(admin::Amount {
                initial: 10,
                ..admin::Amount::default()
            }),
            conn_evict_rate: 5,
            sess_evict_rate: 6,
            ends_with_process: true,
            wait_takeover_ms: 9_000,
            redirect_to: "none".to_owned(),
            migrate_to: vec!["n2".to_owned()],
            evicted_connections: 10,
            started_unix_ms: 900,
            recipients: vec![admin::Recipient {
                node: "n2".to_owned(),
                arrived: 3,
                ..admin::Recipient::default()
            }],
            ..admin::Operation::default()
        }
    }

    #[test]
    fn an_operation_is_kept_whole_and_can_go_on() {
        let operation = operation();
        let record = record(&operation);
        assert_eq!(recorded(&record), operation);
        let (marks, options) = marks(&record).unwrap();
        assert_eq!(marks.id.to_string(), operation.id);
        assert_eq!(marks.phase, PhaseName::WaitingTakeover);
        let at = |millis| Some(Timestamp::from_millis(millis));
        assert_eq!(marks.phases[1], (at(1_000), at(1_500)));
        assert_eq!(marks.phases[2], (at(1_500), None));
        assert_eq!(marks.phases[3], (None, None));
        assert_eq!((marks.evicted, marks.initial.connections), (10, 10));
        assert_eq!(marks.recipients[0].arrived, 3);
        assert_eq!(options.conn_evict_rate.get(), 5);
        assert_eq!(options.wait_takeover, Duration::from_secs(9));
        assert_eq!(options.migrate_to, ["n2"]);
        assert!(options.ends_with_process);
    }

    #[test]
    fn what_the_group_ended_has_failed_and_nonsense_does_no_harm() {
        let mut record = record(&operation());
        record.ended_unix_ms = Some(5_000);
        "n1 was removed from the cluster".clone_into(&mut record.ended_because);
        let ended = recorded(&record);
        assert_eq!(ended.outcome(), admin::Outcome::Failed);
        assert_eq!(ended.ended_unix_ms, Some(5_000));
        assert_eq!(ended.outcome_reason, "n1 was removed from the cluster");
        record.body = Body(vec![0xff; 5]);
        assert_eq!(recorded(&record).id, "op-0000abcd");
        assert!(marks(&record).is_none());
    }
}
