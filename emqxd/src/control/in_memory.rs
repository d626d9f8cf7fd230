//! The journal of a node that forgets with its process.

use std::collections::VecDeque;

use emqx_proto::admin::v1::Operation;
use parking_lot::Mutex;

use super::{ENDED_MAX, OperationJournal};

/// Keeps operations in memory. One that has not ended is known to its executor, so only ended ones are kept.
#[derive(Debug, Default)]
pub struct InMemoryJournal {
    ended: Mutex<VecDeque<Operation>>,
}

impl OperationJournal for InMemoryJournal {
    fn record(&self, operation: &Operation) {
        if operation.ended_unix_ms.is_none() {
            return;
        }
        let mut ended = self.ended.lock();
        ended.retain(|earlier| earlier.id != operation.id);
        ended.push_front(operation.clone());
        ended.truncate(ENDED_MAX);
    }

    fn ended(&self) -> Vec<Operation> {
        self.ended.lock().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(id: usize, ended_unix_ms: Option<u64>) -> Operation {
        Operation {
            id: format!("op-{id}"),
            ended_unix_ms,
            ..Operation::default()
        }
    }

    #[test]
    fn the_latest_that_ended_are_kept_once_each() {
        let journal = InMemoryJournal::default();
        journal.record(&operation(0, None));
        assert!(journal.ended().is_empty());
        for id in 0..ENDED_MAX + 5 {
            journal.record(&operation(id, Some(1)));
            journal.record(&operation(id, Some(2)));
        }
        let ended = journal.ended();
        assert_eq!(ended.len(), ENDED_MAX);
        assert_eq!(ended[0], operation(ENDED_MAX + 4, Some(2)));
        assert_eq!(ended[ENDED_MAX - 1], operation(5, Some(2)));
    }
}
