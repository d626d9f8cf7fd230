//! What an operator would ask "when did ...?" about: the latest events of this node.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use emqx_proto::admin::v1 as admin;
use parking_lot::Mutex;

/// Older events are forgotten.
const EVENTS_MAX: usize = 1_000;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look at it.
    Warn,
    /// Something failed.
    Error,
}

/// The latest events, oldest first.
#[derive(Debug)]
pub struct EventLog {
    node: String,
    events: Mutex<VecDeque<admin::Event>>,
}

impl EventLog {
    /// For this node.
    pub fn new(node: &str) -> Self {
        Self { node: node.to_owned(), events: Mutex::default() }
    }

    /// Adds an event; `kind` is a stable upper-case word.
    pub fn add(&self, severity: Severity, kind: &str, message: &str, operation: Option<&str>) {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let severity = match severity {
            Severity::Info => admin::Severity::Info,
            Severity::Warn => admin::Severity::Warn,
            Severity::Error => admin::Severity::Error,
        };
        let mut events = self.events.lock();
        if events.len() == EVENTS_MAX {
            events.pop_front();
        }
        events.push_back(admin::Event {
            time_unix_ms: u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
            node: self.node.clone(),
            severity: severity as i32,
            r#type: kind.to_owned(),
            message: message.to_owned(),
            operation_id: operation.unwrap_or_default().to_owned(),
        });
    }

    /// Up to `count` events, newest first.
    pub fn latest(&self, count: usize) -> Vec<admin::Event> {
        self.events.lock().iter().rev().take(count).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_latest() {
        let log = EventLog::new("n1");
        for number in 0..EVENTS_MAX + 5 {
            log.add(Severity::Info, "TEST", &number.to_string(), None);
        }
        let latest = log.latest(2);
        assert_eq!(latest[0].message, (EVENTS_MAX + 4).to_string());
        assert_eq!(log.latest(usize::MAX).len(), EVENTS_MAX);
    }
}
