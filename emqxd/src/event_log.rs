//! Everything that an operator would ask "when did ...?" about, in memory: a bounded ring and a live feed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use emqx_proto::admin::v1 as admin;
use parking_lot::Mutex;
use tokio::sync::broadcast;

/// Events kept; the oldest makes room. A day of lively operation of one node, and below 2 MiB.
pub const EVENTS_MAX: usize = 1_000;

/// Longest message kept, bytes: a Client Identifier in it may be of any length.
const MESSAGE_BYTES_MAX: usize = 1_024;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Info,
    /// Somebody should look.
    Warn,
    /// Something failed.
    Error,
}

impl Severity {
    /// For operators.
    pub const fn to_proto(self) -> admin::Severity {
        match self {
            Self::Info => admin::Severity::Info,
            Self::Warn => admin::Severity::Warn,
            Self::Error => admin::Severity::Error,
        }
    }
}

/// The events of one node.
#[derive(Debug)]
pub struct EventLog {
    node: String,
    ring: Mutex<VecDeque<Arc<admin::Event>>>,
    feed: broadcast::Sender<Arc<admin::Event>>,
}

impl EventLog {
    /// An empty log of the node of that name.
    pub fn new(node: &str) -> Self {
        Self {
            node: node.to_owned(),
            ring: Mutex::new(VecDeque::with_capacity(EVENTS_MAX)),
            feed: broadcast::Sender::new(EVENTS_MAX),
        }
    }

    /// Adds an event that happens now. `kind` is a stable upper-case word such as `OPERATION_STARTED`; a message of
    /// more than 1,024 bytes is cut.
    pub fn add(&self, severity: Severity, kind: &str, message: &str, operation_id: Option<&str>) {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let time_unix_ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        self.add_at(time_unix_ms, severity, kind, message, operation_id);
    }

    /// [`add`](Self::add) with the time at which it happened, milliseconds since the Unix epoch.
    pub fn add_at(
        &self,
        time_unix_ms: u64,
        severity: Severity,
        kind: &str,
        message: &str,
        operation_id: Option<&str>,
    ) {
        let event = Arc::new(admin::Event {
            time_unix_ms,
            node: self.node.clone(),
            severity: severity.to_proto().into(),
            r#type: kind.to_owned(),
            message: message[..message.floor_char_boundary(MESSAGE_BYTES_MAX)].to_owned(),
            operation_id: operation_id.unwrap_or_default().to_owned(),
        });
        let mut ring = self.ring.lock();
        if ring.len() == EVENTS_MAX {
            ring.pop_front();
        }
        ring.push_back(Arc::clone(&event));
        // Under the lock, so that the feed has the order of the ring. Nobody may be listening.
        let _ = self.feed.send(event);
    }

    /// Up to `count` events, the newest first.
    pub fn latest(&self, count: usize) -> Vec<admin::Event> {
        self.ring
            .lock()
            .iter()
            .rev()
            .take(count)
            .map(|event| (**event).clone())
            .collect()
    }

    /// Events from now on. A receiver that falls 1,000 behind is told how many it missed.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<admin::Event>> {
        self.feed.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_the_oldest_make_room() {
        let log = EventLog::new("n1");
        for number in 0..EVENTS_MAX as u64 + 5 {
            log.add_at(number, Severity::Info, "PHASE", "serving", None);
        }
        let events = log.latest(usize::MAX);
        assert_eq!(events.len(), EVENTS_MAX);
        assert_eq!(events[0].time_unix_ms, EVENTS_MAX as u64 + 4);
        assert_eq!(events[EVENTS_MAX - 1].time_unix_ms, 5);
        assert_eq!(log.latest(2).len(), 2);
    }

    #[tokio::test]
    async fn a_subscriber_gets_whole_events() {
        let log = EventLog::new("n1");
        log.add(Severity::Info, "EARLIER", "not for it", None);
        let mut feed = log.subscribe();
        log.add(
            Severity::Warn,
            "OPERATION_STARTED",
            "evacuation started",
            Some("op1"),
        );
        let event = feed.recv().await.unwrap();
        assert_eq!(event.severity(), admin::Severity::Warn);
        assert_eq!(
            (&*event.node, &*event.r#type, &*event.operation_id),
            ("n1", "OPERATION_STARTED", "op1")
        );
        assert!(event.time_unix_ms > 1_700_000_000_000);
        assert!(feed.try_recv().is_err());
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let log = EventLog::new("n1");
        log.add(
            Severity::Error,
            "X",
            &format!("a{}", "é".repeat(2_000)),
            None,
        );
        let message = &log.latest(1)[0].message;
        assert_eq!(message.len(), MESSAGE_BYTES_MAX - 1);
    }
}
