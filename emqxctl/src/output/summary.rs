//! How an operation ended, in sentences.

use std::fmt::Write as _;
use std::time::Duration;

use super::human::{count, duration, millis, plural, rate, safe};
use crate::model::{Operation, Outcome, Recipient};

/// Leftovers that are listed by name.
const LEFTOVERS_SHOWN_MAX: usize = 10;

/// The mean rate of fewer than these tells nothing.
pub(super) const MEAN_OF_MIN: u64 = 20;

/// The ending of a settled operation, or where it stands now; each line with its newline.
/// `took` is the time from its start.
pub fn summary(op: &Operation, took: Duration) -> String {
    let node = safe(&op.target);
    let id = safe(&op.id);
    let mut text = match op.verdict() {
        Some(Outcome::Succeeded) => format!("{node} is evacuated in {}. ", duration(took)),
        Some(Outcome::Partial) => format!(
            "{node} is evacuated in {} but for {} that stay there. ",
            duration(took),
            plural(leftovers(op), "session", "sessions")
        ),
        Some(Outcome::Stopped) => format!(
            "The evacuation of {node} was stopped after {}, {}. ",
            duration(took),
            during(op)
        ),
        Some(Outcome::Failed) => format!(
            "The evacuation of {node} failed after {}, {}. ",
            duration(took),
            during(op)
        ),
        None => format!(
            "The evacuation of {node} goes on since {}, {}. ",
            duration(took),
            during(op)
        ),
    };
    text.push_str(&connections(op));
    text.push_str(&sessions(op));
    if let Some(reason) = &op.outcome_reason {
        let _ = writeln!(text, "Reason: {}", safe(reason));
    }
    for trouble in op.errors.iter().take(LEFTOVERS_SHOWN_MAX) {
        let _ = writeln!(
            text,
            "  {}  {} ({})",
            safe(&trouble.client_id),
            safe(&trouble.reason),
            plural(trouble.attempts.into(), "try", "tries")
        );
    }
    if op.errors_total as usize > op.errors.len().min(LEFTOVERS_SHOWN_MAX) {
        let more = op.errors_total - op.errors.len().min(LEFTOVERS_SHOWN_MAX) as u64;
        let _ = writeln!(text, "  and {} more", count(more));
    }
    if op.is_resting() {
        let _ = writeln!(
            text,
            "{node} stays out of service (prohibiting) until:   emqxctl rebalance stop {id}"
        );
    } else if op.outcome == Some(Outcome::Stopped) {
        let _ = writeln!(
            text,
            "{node} serves again; what has moved stays where it is."
        );
    }
    text
}

/// The time that it took so far or in all, by the daemon's clock where it tells one.
pub fn took(op: &Operation, now: crate::model::UtcTime) -> Duration {
    if let Some(ended) = op.ended_at {
        return ended.since(op.started_at);
    }
    // Not the time that a finished evacuation rests in its last phase.
    let phases: Option<u64> = op
        .phases
        .iter()
        .filter(|phase| op.is_settled() && phase.name != op.phase)
        .map(|phase| phase.duration_ms)
        .sum();
    match phases {
        Some(ms) if ms > 0 => Duration::from_millis(ms),
        _ => now.since(op.started_at),
    }
}

fn during(op: &Operation) -> String {
    format!("in the phase {}", op.phase)
}

fn leftovers(op: &Operation) -> u64 {
    op.errors_total
        .max(op.sessions.map_or(0, |sessions| sessions.left()))
}

fn connections(op: &Operation) -> String {
    let mut text = format!(
        "{} closed",
        plural(op.evicted_connections, "connection", "connections")
    );
    let mean = op.rate.connections_per_sec_mean;
    if let Some(mean) = mean.filter(|mean| *mean > 0.0 && op.evicted_connections >= MEAN_OF_MIN) {
        let _ = write!(
            text,
            " at {}/s ({} asked)",
            rate(mean),
            count(op.rate.connections_per_sec_wanted.into())
        );
    }
    let mut parts: Vec<String> = op
        .recipients
        .iter()
        .filter(|recipient| recipient.received > 0)
        .map(|recipient| {
            format!(
                "{} took {}",
                safe(&recipient.node),
                count(recipient.received)
            )
        })
        .collect();
    if op.evicted_connections > 0 {
        parts.push(match op.unreturned {
            0 => "every client with a session is back".to_owned(),
            1 => "1 client has not returned".to_owned(),
            more => format!("{} clients have not returned", count(more)),
        });
    }
    if !parts.is_empty() {
        let _ = write!(text, ": {}", parts.join(", "));
    }
    text.push_str(".\n");
    if let (Some(p50), Some(p99)) = (op.reconnect_p50_ms, op.reconnect_p99_ms) {
        let _ = writeln!(
            text,
            "Half of the clients were back within {}, 99% within {}.",
            millis(p50.into()),
            millis(p99.into())
        );
    }
    text
}

fn sessions(op: &Operation) -> String {
    let mut parts = vec![match op.sessions_moved_with_client {
        1 => "1 session followed its client".to_owned(),
        many => format!("{} sessions followed their clients", count(many)),
    }];
    let by_node: Vec<String> = op
        .recipients
        .iter()
        .filter(|recipient| recipient.sessions_received > 0)
        .map(received_sessions)
        .collect();
    let mut moved = format!(
        "{} moved without a client",
        count(op.sessions_moved_without_client)
    );
    if !by_node.is_empty() {
        let _ = write!(moved, " ({})", by_node.join(", "));
    }
    parts.push(moved);
    for (number, what) in [
        (op.sessions_expired, "expired meanwhile"),
        (
            op.sessions_ended_with_connection,
            "ended with their connection (Session Expiry Interval 0)",
        ),
    ] {
        if number > 0 {
            parts.push(format!("{} {what}", count(number)));
        }
    }
    parts.push(format!("{} could not be moved", count(op.errors_total)));
    let mut text = parts.join(", ");
    text.push_str(".\n");
    if op.messages_carried > 0 {
        let _ = writeln!(
            text,
            "{} moved with their sessions.",
            plural(op.messages_carried, "message", "messages")
        );
    }
    text
}

fn received_sessions(recipient: &Recipient) -> String {
    format!(
        "{} {}",
        safe(&recipient.node),
        count(recipient.sessions_received)
    )
}
