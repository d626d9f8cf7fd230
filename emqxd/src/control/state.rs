//! What the cluster has agreed on: a state machine that gives the same result on every node.
//!
//! Pure: no clock and nothing random; times come with the commands. Membership of the group itself is kept by raft.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::command::{Change, Rejection, Reply};
use super::operation_record::OperationRecord;

/// Ended operations that can be looked at again.
pub const ENDED_MAX: usize = 20;
/// Removed nodes that are remembered, so that they are not taken for new ones.
const REMOVED_MAX: usize = 1_000;
/// Settings there can be.
pub const SETTINGS_MAX: usize = 1_000;

/// What has been agreed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlState {
    /// By name: all that have not ended, and the latest that have.
    operations: BTreeMap<String, OperationRecord>,
    settings: BTreeMap<String, String>,
    /// Latest last.
    removed: VecDeque<RemovedNode>,
}

/// A node that was a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedNode {
    /// Of its part in the group.
    pub node_id: u64,
    /// Its name.
    pub name: String,
}

/// What a node is there for, as agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// It serves clients.
    Serving,
    /// An operation takes it, or has taken it, out of service.
    OutOfService,
}

impl ControlState {
    /// Applies a change.
    pub fn apply(&mut self, change: Change) -> Reply {
        let result = match change {
            Change::StartOperation { operation, targets } => self.start(operation, &targets),
            Change::MarkOperation { operation } => {
                self.mark(operation);
                Ok(())
            }
            Change::StopOperation { id } => self.request_stop(&id),
            Change::RemoveNode {
                node_id,
                name,
                time_unix_ms,
            } => {
                self.remove_node(node_id, name, time_unix_ms);
                Ok(())
            }
            Change::SetSetting { key, value } => self.set(key, value),
        };
        match result {
            Ok(()) => Reply::Done,
            Err(rejection) => Reply::Refused(rejection),
        }
    }

    /// All operations, newest first.
    pub fn operations(&self) -> Vec<&OperationRecord> {
        let mut operations: Vec<_> = self.operations.values().collect();
        operations.sort_by(|a, b| (b.started_unix_ms, &b.id).cmp(&(a.started_unix_ms, &a.id)));
        operations
    }

    /// The operation of that name.
    pub fn operation(&self, id: &str) -> Option<&OperationRecord> {
        self.operations.get(id)
    }

    /// The operation that has not ended on a node; there is one at most.
    pub fn running_on(&self, node: &str) -> Option<&OperationRecord> {
        self.operations
            .values()
            .find(|operation| operation.node == node && operation.ended_unix_ms.is_none())
    }

    /// What a node is there for.
    pub fn duty(&self, node: &str) -> Duty {
        match self.running_on(node) {
            Some(_) => Duty::OutOfService,
            None => Duty::Serving,
        }
    }

    /// A cluster-wide setting.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str)
    }

    /// All cluster-wide settings that were agreed on, sorted by key.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let settings = self.settings.iter();
        settings.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether this part in the group has ended for good.
    pub fn is_removed(&self, node_id: u64) -> bool {
        self.removed
            .iter()
            .any(|removed| removed.node_id == node_id)
    }

    fn start(&mut self, operation: OperationRecord, targets: &[String]) -> Result<(), Rejection> {
        if let Some(known) = self.operations.get(&operation.id) {
            // Sent twice, because the first answer was lost.
            return if *known == operation {
                Ok(())
            } else {
                Err(rejection(
                    "already_started",
                    format!("there is an operation {} already", operation.id),
                    "an operation with another name",
                ))
            };
        }
        if let Some(running) = self.running_on(&operation.node) {
            return Err(rejection(
                "already_started",
                format!("operation {} runs on {}", running.id, operation.node),
                format!("stop {} first", running.id),
            ));
        }
        if targets
            .iter()
            .all(|target| self.duty(target) == Duty::OutOfService)
        {
            return Err(rejection(
                "no_target",
                format!(
                    "none of the other nodes takes anybody in: {}",
                    targets.join(", ")
                ),
                "at least one other node that serves",
            ));
        }
        self.operations.insert(operation.id.clone(), operation);
        Ok(())
    }

    fn mark(&mut self, mut operation: OperationRecord) {
        let Some(known) = self.operations.get_mut(&operation.id) else {
            return;
        };
        if known.ended_unix_ms.is_some() || known.node != operation.node {
            return;
        }
        operation.stop_requested |= known.stop_requested;
        *known = operation;
        self.forget_ended();
    }

    fn request_stop(&mut self, id: &str) -> Result<(), Rejection> {
        match self.operations.get_mut(id) {
            Some(operation) if operation.ended_unix_ms.is_none() => {
                operation.stop_requested = true;
                Ok(())
            }
            _ => Err(rejection(
                "not_started",
                format!("operation {id} does not run"),
                "an operation that runs",
            )),
        }
    }

    fn remove_node(&mut self, node_id: u64, name: String, time_unix_ms: u64) {
        for operation in self.operations.values_mut() {
            if operation.node == name && operation.ended_unix_ms.is_none() {
                operation.ended_unix_ms = Some(time_unix_ms);
                operation.ended_because = format!("{name} was removed from the cluster");
            }
        }
        self.forget_ended();
        if !self.is_removed(node_id) {
            self.removed.push_back(RemovedNode { node_id, name });
            if self.removed.len() > REMOVED_MAX {
                self.removed.pop_front();
            }
        }
    }

    fn set(&mut self, key: String, value: Option<String>) -> Result<(), Rejection> {
        match value {
            None => {
                self.settings.remove(&key);
            }
            Some(value) => {
                if self.settings.len() >= SETTINGS_MAX && !self.settings.contains_key(&key) {
                    return Err(rejection(
                        "too_many_settings",
                        format!("there are {SETTINGS_MAX} settings already"),
                        "a change of one of them",
                    ));
                }
                self.settings.insert(key, value);
            }
        }
        Ok(())
    }

    /// Keeps the latest [`ENDED_MAX`] that have ended.
    fn forget_ended(&mut self) {
        let mut ended: Vec<(u64, String)> = self
            .operations
            .values()
            .filter_map(|operation| Some((operation.ended_unix_ms?, operation.id.clone())))
            .collect();
        ended.sort_unstable();
        let surplus = ended.len().saturating_sub(ENDED_MAX);
        for (_, id) in ended.into_iter().take(surplus) {
            self.operations.remove(&id);
        }
    }
}

fn rejection(code: &str, cause: impl Into<String>, valid: impl Into<String>) -> Rejection {
    Rejection {
        code: code.to_owned(),
        cause: cause.into(),
        valid: valid.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::operation_record::Body;
    use super::*;

    fn operation(id: &str, node: &str, ended_unix_ms: Option<u64>) -> OperationRecord {
        OperationRecord {
            id: id.to_owned(),
            node: node.to_owned(),
            started_unix_ms: 1,
            ended_unix_ms,
            stop_requested: false,
            ended_because: String::new(),
            body: Body(vec![1, 2]),
        }
    }

    fn start(state: &mut ControlState, id: &str, node: &str, targets: &[&str]) -> Reply {
        state.apply(Change::StartOperation {
            operation: operation(id, node, None),
            targets: targets.iter().map(ToString::to_string).collect(),
        })
    }

    fn mark(state: &mut ControlState, operation: OperationRecord) {
        assert_eq!(
            state.apply(Change::MarkOperation { operation }),
            Reply::Done
        );
    }

    fn code(reply: Reply) -> String {
        match reply {
            Reply::Done => "done".to_owned(),
            Reply::Refused(rejection) => rejection.code,
        }
    }

    #[test]
    fn a_node_has_one_operation_at_a_time() {
        let mut state = ControlState::default();
        assert_eq!(code(start(&mut state, "a", "n1", &["n2"])), "done");
        assert_eq!(code(start(&mut state, "a", "n1", &["n2"])), "done");
        assert_eq!(
            code(start(&mut state, "a", "n3", &["n2"])),
            "already_started"
        );
        assert_eq!(
            code(start(&mut state, "b", "n1", &["n2"])),
            "already_started"
        );
        assert_eq!(state.duty("n1"), Duty::OutOfService);
        mark(&mut state, operation("a", "n1", Some(9)));
        assert_eq!(state.duty("n1"), Duty::Serving);
        assert_eq!(code(start(&mut state, "b", "n1", &["n2"])), "done");
    }

    #[test]
    fn the_last_serving_node_is_not_taken_out_of_service() {
        let mut state = ControlState::default();
        assert_eq!(code(start(&mut state, "a", "n1", &["n2", "n3"])), "done");
        assert_eq!(code(start(&mut state, "b", "n2", &["n1", "n3"])), "done");
        assert_eq!(
            code(start(&mut state, "c", "n3", &["n1", "n2"])),
            "no_target"
        );
        assert_eq!(state.duty("n3"), Duty::Serving);
    }

    #[test]
    fn an_end_is_final_and_a_stop_is_not_forgotten_by_a_mark() {
        let mut state = ControlState::default();
        start(&mut state, "a", "n1", &["n2"]);
        let stop = Change::StopOperation { id: "a".into() };
        assert_eq!(code(state.apply(stop.clone())), "done");
        mark(&mut state, operation("a", "n1", None));
        assert!(state.operation("a").unwrap().stop_requested);
        mark(&mut state, operation("a", "n1", Some(5)));
        mark(&mut state, operation("a", "n1", None));
        assert_eq!(state.operation("a").unwrap().ended_unix_ms, Some(5));
        assert_eq!(code(state.apply(stop)), "not_started");
        mark(&mut state, operation("unknown", "n1", None));
        assert_eq!(state.operations().len(), 1);
    }

    #[test]
    fn operations_of_a_removed_node_end_and_its_name_is_free() {
        let mut state = ControlState::default();
        start(&mut state, "a", "n1", &["n2"]);
        for _ in 0..2 {
            state.apply(Change::RemoveNode {
                node_id: 7,
                name: "n1".into(),
                time_unix_ms: 40,
            });
        }
        let ended = state.operation("a").unwrap();
        assert_eq!(ended.ended_unix_ms, Some(40));
        assert_eq!(ended.ended_because, "n1 was removed from the cluster");
        assert!(state.is_removed(7) && !state.is_removed(8));
        assert_eq!(state.removed.len(), 1);
        assert_eq!(code(start(&mut state, "b", "n1", &["n2"])), "done");
    }

    #[test]
    fn the_latest_that_ended_are_kept_and_all_that_run() {
        let mut state = ControlState::default();
        start(&mut state, "running", "n9", &["n1"]);
        for number in 0..ENDED_MAX as u64 + 5 {
            let id = format!("op-{number:02}");
            start(&mut state, &id, "n1", &["n2"]);
            mark(&mut state, operation(&id, "n1", Some(number)));
        }
        assert_eq!(state.operations().len(), ENDED_MAX + 1);
        assert!(state.operation("op-04").is_none());
        assert!(state.operation("op-05").is_some());
        assert!(state.running_on("n9").is_some());
    }

    #[test]
    fn settings_are_set_removed_and_bounded() {
        let mut state = ControlState::default();
        let set = |key: &str, value: Option<&str>| Change::SetSetting {
            key: key.into(),
            value: value.map(Into::into),
        };
        state.apply(set("a", Some("1")));
        state.apply(set("a", Some("2")));
        assert_eq!(state.setting("a"), Some("2"));
        state.apply(set("a", None));
        assert_eq!(state.setting("a"), None);
        for number in 0..SETTINGS_MAX {
            assert_eq!(
                code(state.apply(set(&number.to_string(), Some("")))),
                "done"
            );
        }
        assert_eq!(
            code(state.apply(set("more", Some("")))),
            "too_many_settings"
        );
        assert_eq!(code(state.apply(set("0", Some("other")))), "done");
    }

    fn changes() -> impl Strategy<Value = Change> {
        let id = "[ab]";
        let node = "n[123]";
        let ended = proptest::option::of(0..5u64);
        prop_oneof![
            (id, node, proptest::collection::vec(node, 0..3)).prop_map(|(id, node, targets)| {
                Change::StartOperation {
                    operation: operation(&id, &node, None),
                    targets,
                }
            }),
            (id, node, ended).prop_map(|(id, node, ended)| Change::MarkOperation {
                operation: operation(&id, &node, ended),
            }),
            id.prop_map(|id| Change::StopOperation { id }),
            (0..3u64, node).prop_map(|(node_id, name)| Change::RemoveNode {
                node_id,
                name,
                time_unix_ms: 3,
            }),
        ]
    }

    proptest! {
        #[test]
        fn two_nodes_agree_also_over_a_snapshot(
            changes in proptest::collection::vec(changes(), 0..40),
            at in 0..40usize,
        ) {
            let mut one = ControlState::default();
            let mut other = ControlState::default();
            for (number, change) in changes.into_iter().enumerate() {
                if number == at {
                    let snapshot = serde_json::to_vec(&other).unwrap();
                    other = serde_json::from_slice(&snapshot).unwrap();
                }
                prop_assert_eq!(one.apply(change.clone()), other.apply(change));
            }
            prop_assert_eq!(&one, &other);
            for node in ["n1", "n2", "n3"] {
                let running = one.operations.values().filter(|operation| {
                    operation.node == node && operation.ended_unix_ms.is_none()
                });
                prop_assert!(running.count() <= 1);
            }
        }
    }
}
