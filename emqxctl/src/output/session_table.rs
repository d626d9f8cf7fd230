//! Sessions as a list and one Session in full.

use std::fmt::Write as _;

use super::client_table;
use super::cluster_table::Look;
use super::human::{UNKNOWN, bytes, count, duration, millis, safe};
use super::table::{Cell, Table};
use crate::model::{Client, Session, SessionWill, UtcTime};

/// One row a Session. `now` is the time that ages are counted to.
pub fn list(sessions: &[Client], now: UtcTime, look: Look) -> String {
    let mut titles = vec![
        "CLIENT IDENTIFIER",
        "NODE",
        "STATE",
        "VERSION",
        ">AWAY",
        ">EXPIRES",
        ">SUBS",
        ">INFLIGHT",
        ">QUEUED",
        ">DROPPED",
    ];
    if look.wide {
        titles.extend([
            "DISCONNECTED SINCE",
            "USER NAME",
            ">INTERVAL",
            ">UNRELEASED",
            "WILL",
        ]);
    }
    let mut table = Table::new(&titles);
    for session in sessions {
        let mut cells = vec![
            Cell::from(&session.client_id),
            Cell::from(&session.node),
            client_table::state(session),
            Cell::from(session.protocol.as_deref().unwrap_or(UNKNOWN)),
            Cell::from(away(session, now)),
            Cell::from(expires(session)),
            Cell::from(count(session.subscriptions_count)),
            Cell::from(count(session.inflight)),
            Cell::from(count(session.queued)),
            Cell::from(count(session.dropped)),
        ];
        if look.wide {
            cells.extend([
                Cell::from(disconnected_since(session)),
                Cell::from(session.username.as_deref().unwrap_or(UNKNOWN)),
                Cell::from(client_table::expiry(session)),
                Cell::from(count(session.awaiting_pubrel)),
                Cell::from(if session.will { "yes" } else { "no" }),
            ]);
        }
        table.row(cells);
    }
    table.render(look.with_header, look.style)
}

/// Everything that is known of one Session but its messages.
pub fn show(session: &Session, now: UtcTime, look: Look) -> String {
    let mut text = client_table::facts(&session.client, now);
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<24} {}", safe(value));
    };
    if !session.client.connected {
        line("Disconnected since", &disconnected_since(&session.client));
    }
    line("Queued bytes", &bytes(session.queued_bytes));
    line("Inflight bytes", &bytes(session.inflight_bytes));
    line("Epoch", &session.epoch.to_string());
    if let Some(will) = &session.will_message {
        line("Will", &will_words(will));
    }
    for packet in &session.awaiting_pubrel_packets {
        let age = millis(packet.age_ms);
        line(
            "Unreleased",
            &format!("Packet Identifier {}, came {age} ago", packet.packet_id),
        );
    }
    for filter in &session.awaiting_retained {
        line("Retained on their way", filter);
    }
    text.push_str(&client_table::subscriptions(&session.client, look));
    text
}

fn will_words(will: &SessionWill) -> String {
    let message = &will.message;
    let mut words = format!("to {}, QoS {}", message.topic, message.qos);
    if message.retain {
        words.push_str(", retained");
    }
    if will.delay_ms > 0 {
        let _ = write!(words, ", delayed by {}", millis(will.delay_ms));
    }
    if let Some(left) = will.fires_in_ms {
        let _ = write!(words, ", published in {}", millis(left));
    }
    words
}

/// Since when its client is away.
fn disconnected_since(session: &Client) -> String {
    match session.disconnected_at {
        Some(at) if !session.connected => at.to_string(),
        _ => UNKNOWN.to_owned(),
    }
}

fn away(session: &Client, now: UtcTime) -> String {
    match session.disconnected_at {
        Some(at) if !session.connected => duration(now.since(at)),
        _ => UNKNOWN.to_owned(),
    }
}

/// What is left; the whole interval begins when the client leaves.
fn expires(session: &Client) -> String {
    match (
        session.session_expires_in_ms,
        session.session_expiry_interval_s,
    ) {
        (Some(left), _) => millis(left),
        (None, None) => "never".to_owned(),
        (None, Some(_)) => UNKNOWN.to_owned(),
    }
}
