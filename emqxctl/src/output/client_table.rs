//! Clients as a list and one client in full.

use std::fmt::Write as _;

use super::cluster_table::Look;
use super::human::{UNKNOWN, count, duration, millis, safe};
use super::style::Role;
use super::table::{Cell, Table};
use crate::model::{Client, UtcTime};

/// One row a client. `now` is the time that ages are counted to.
pub fn list(clients: &[Client], now: UtcTime, look: Look) -> String {
    let mut titles = vec![
        "CLIENT IDENTIFIER",
        "NODE",
        "STATE",
        "VERSION",
        ">KEEP ALIVE",
        ">SINCE",
        ">SUBS",
        ">INFLIGHT",
        ">QUEUED",
        ">DROPPED",
        "ADDRESS",
    ];
    if look.wide {
        titles.extend(["USER NAME", ">EXPIRY", "WILL"]);
    }
    let mut table = Table::new(&titles);
    for client in clients {
        let mut cells = vec![
            Cell::from(&client.client_id),
            Cell::from(&client.node),
            state(client),
            Cell::from(client.protocol.as_deref().unwrap_or(UNKNOWN)),
            Cell::from(keep_alive(client)),
            Cell::from(since(client, now)),
            Cell::from(count(client.subscriptions_count)),
            Cell::from(count(client.inflight)),
            Cell::from(count(client.queued)),
            Cell::from(count(client.dropped)),
            Cell::from(client.address.as_deref().unwrap_or(UNKNOWN)),
        ];
        if look.wide {
            cells.extend([
                Cell::from(client.username.as_deref().unwrap_or(UNKNOWN)),
                Cell::from(expiry(client)),
                Cell::from(if client.will { "yes" } else { "no" }),
            ]);
        }
        table.row(cells);
    }
    table.render(look.with_header, look.style)
}

/// Everything that is known of one client.
pub fn show(client: &Client, now: UtcTime, look: Look) -> String {
    let mut text = facts(client, now);
    text.push_str(&subscriptions(client, look));
    text
}

/// What there is one of.
pub(super) fn facts(client: &Client, now: UtcTime) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<24} {}", safe(value));
    };
    line("Client Identifier", &client.client_id);
    line("Node", &client.node);
    line(
        "State",
        &format!("{} for {}", state_word(client), since(client, now)),
    );
    line("Address", client.address.as_deref().unwrap_or(UNKNOWN));
    line(
        "MQTT version",
        client.protocol.as_deref().unwrap_or(UNKNOWN),
    );
    line("User Name", client.username.as_deref().unwrap_or(UNKNOWN));
    line("Clean Start", if client.clean_start { "yes" } else { "no" });
    line("Keep Alive", &keep_alive(client));
    line("Session Expiry Interval", &expiry(client));
    if let Some(left) = client.session_expires_in_ms {
        line("Session expires in", &millis(left));
    }
    line("Session created", &client.created_at.to_string());
    line("Inflight", &count(client.inflight));
    line("Queued", &count(client.queued));
    line("Dropped", &count(client.dropped));
    line("Awaiting PUBREL", &count(client.awaiting_pubrel));
    line("Will Message", if client.will { "held" } else { "none" });
    line("Subscriptions", &count(client.subscriptions_count));
    text
}

/// The Subscriptions below an empty line; nothing when there are none.
pub(super) fn subscriptions(client: &Client, look: Look) -> String {
    let mut text = String::new();
    if !client.subscriptions.is_empty() {
        let mut table = Table::new(&["TOPIC FILTER", ">QOS", "OPTIONS"]);
        for subscription in &client.subscriptions {
            let mut options = Vec::new();
            if subscription.no_local {
                options.push("no local".to_owned());
            }
            if subscription.retain_as_published {
                options.push("retain as published".to_owned());
            }
            if subscription.retain_handling > 0 {
                options.push(format!("retain handling {}", subscription.retain_handling));
            }
            if let Some(identifier) = subscription.subscription_identifier {
                options.push(format!("identifier {identifier}"));
            }
            table.row(vec![
                Cell::from(&subscription.topic_filter),
                Cell::from(subscription.qos.to_string()),
                Cell::from(options.join(", ")),
            ]);
        }
        text.push('\n');
        text.push_str(&table.render(look.with_header, look.style));
    }
    text
}

const fn state_word(client: &Client) -> &'static str {
    if client.connected {
        "connected"
    } else {
        "disconnected"
    }
}

pub(super) fn state(client: &Client) -> Cell {
    let role = if client.connected {
        Role::Good
    } else {
        Role::Plain
    };
    Cell::new(state_word(client), role)
}

fn keep_alive(client: &Client) -> String {
    match client.keep_alive_s {
        0 => "off".to_owned(),
        seconds => format!("{seconds}s"),
    }
}

fn since(client: &Client, now: UtcTime) -> String {
    let at = if client.connected {
        client.connected_at
    } else {
        client.disconnected_at
    };
    at.map_or_else(|| UNKNOWN.to_owned(), |at| duration(now.since(at)))
}

pub(super) fn expiry(client: &Client) -> String {
    match client.session_expiry_interval_s {
        None => "never".to_owned(),
        Some(seconds) => millis(seconds.saturating_mul(1_000)),
    }
}
