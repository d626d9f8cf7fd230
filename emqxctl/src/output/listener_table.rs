//! Listeners as a list and one listener in full.

use std::fmt::Write as _;
use std::time::Duration;

use super::cluster_table::Look;
use super::human::{UNKNOWN, bytes, count, duration, maybe_millis, millis, plural, safe};
use super::style::Role;
use super::table::{Cell, Table};
use crate::model::{Listener, ListenerState, UtcTime};

/// A certificate that expires within this time is worth a look.
const EXPIRES_SOON: Duration = Duration::from_secs(14 * 86_400);

/// What is said of a listener of which the node does not know why it accepts nothing.
const NO_REASON: &str = "the node does not say why";

/// One row a listener, then those that should accept connections and do not, with the reason.
/// `now` is the time that certificates are compared with.
pub fn list(listeners: &[Listener], now: UtcTime, look: Look) -> String {
    let mut titles = vec![
        "NODE",
        "NAME",
        "TYPE",
        "ADDRESS",
        "STATE",
        ">CONNECTIONS",
        ">MAX",
        ">ACCEPTED",
        ">REFUSED",
    ];
    if look.wide {
        titles.extend([">HANDSHAKE FAILURES", "ORIGIN", "CERTIFICATE EXPIRES"]);
    }
    let mut table = Table::new(&titles);
    for listener in listeners {
        let mut cells = vec![
            Cell::from(&listener.node),
            Cell::from(&listener.name),
            Cell::from(listener.kind.label()),
            Cell::from(address(listener)),
            Cell::new(listener.state.label(), role(listener.state)),
            Cell::from(count(listener.connections)),
            Cell::from(own_limit(listener.max_connections, count)),
            Cell::from(count(listener.accepted_total)),
            Cell::from(count(listener.refused_total)),
        ];
        if look.wide {
            cells.extend([
                Cell::from(count(listener.handshake_failures_total)),
                Cell::from(listener.origin.as_deref().unwrap_or(UNKNOWN)),
                Cell::new(expiry(listener, now), expiry_role(listener, now)),
            ]);
        }
        table.row(cells);
    }
    let mut text = table.render(look.with_header, look.style);
    let failed = |listener: &&Listener| listener.state == ListenerState::Failed;
    for (index, listener) in listeners.iter().filter(failed).enumerate() {
        if index == 0 {
            text.push('\n');
        }
        let _ = writeln!(
            text,
            "{} {} of {} accepts nothing: {}",
            look.style.paint(Role::Bad, "FAILED"),
            safe(&listener.name),
            safe(&listener.node),
            safe(listener.problem.as_deref().unwrap_or(NO_REASON)),
        );
    }
    text
}

/// Everything that is known of one listener.
pub fn show(listener: &Listener, now: UtcTime, look: Look) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<24} {}", safe(value));
    };
    line("Name", &listener.name);
    line("Node", &listener.node);
    line("Type", listener.kind.label());
    line("State", listener.state.label());
    if listener.state == ListenerState::Failed {
        line("Problem", listener.problem.as_deref().unwrap_or(NO_REASON));
    }
    line("Address", &address(listener));
    if listener.address.is_some() && listener.address != listener.bind {
        line("Set to", listener.bind.as_deref().unwrap_or(UNKNOWN));
    }
    line("Origin", listener.origin.as_deref().unwrap_or(UNKNOWN));
    line("Connections", &count(listener.connections));
    line("Accepted", &count(listener.accepted_total));
    line("Refused", &count(listener.refused_total));
    line(
        "Handshake failures",
        &count(listener.handshake_failures_total),
    );
    line(
        "Max connections",
        &own_limit(listener.max_connections, count),
    );
    line(
        "Maximum packet size",
        &own_limit(listener.maximum_packet_size_bytes.map(u64::from), bytes),
    );
    line(
        "Connect timeout",
        &own_limit(listener.connect_timeout_ms, millis),
    );
    let proxy = if listener.proxy_protocol {
        format!(
            "expected within {}",
            maybe_millis(listener.proxy_protocol_timeout_ms)
        )
    } else {
        "not expected".to_owned()
    };
    line("PROXY header", &proxy);
    if listener.kind.has_web_socket() {
        line("Path", listener.path.as_deref().unwrap_or(UNKNOWN));
    }
    if listener.kind.has_web_socket() || listener.kind.has_tls() {
        line(
            "Handshake timeout",
            &maybe_millis(listener.handshake_timeout_ms),
        );
    }
    if listener.kind.has_tls() {
        let wanted = listener.client_certificate.map(|wanted| wanted.label());
        line("Client certificate", wanted.unwrap_or(UNKNOWN));
        line("CA file", listener.cacertfile.as_deref().unwrap_or("none"));
        line("Certificate expires", &expiry(listener, now));
        if listener.certificates.is_empty() {
            line("Certificates", "those of the node");
        } else {
            let mut table = Table::new(&["HOST NAME", "CERTIFICATE", "KEY"]);
            for certificate in &listener.certificates {
                table.row(vec![
                    Cell::from(certificate.server_name.as_deref().unwrap_or("every other")),
                    Cell::from(&certificate.certfile),
                    Cell::from(&certificate.keyfile),
                ]);
            }
            text.push('\n');
            text.push_str(&table.render(look.with_header, look.style));
        }
    }
    text
}

/// What a listener does now, as the end of a sentence about it.
pub fn condition(listener: &Listener) -> String {
    match listener.state {
        ListenerState::Listening => format!("listens on {}", address(listener)),
        ListenerState::Disabled => "disabled".to_owned(),
        ListenerState::Failed => "accepts nothing".to_owned(),
        ListenerState::Removed => "removed".to_owned(),
    }
}

/// What becomes of the connections of a listener that accepts no more, as the end of a sentence about it.
pub fn connections_stay(connections: u64) -> String {
    match connections {
        0 => "it has no connections".to_owned(),
        1 => "its connection stays".to_owned(),
        _ => format!(
            "its {} stay",
            plural(connections, "connection", "connections")
        ),
    }
}

/// The day on which the first certificate expires, and how far away that is.
pub fn expiry(listener: &Listener, now: UtcTime) -> String {
    let Some(at) = listener.certificate_expires_at else {
        return UNKNOWN.to_owned();
    };
    let time = at.to_string();
    let day = time.split('T').next().unwrap_or_default();
    if at > now {
        format!("{day} (in {})", duration(at.since(now)))
    } else {
        format!("{day} (expired)")
    }
}

fn expiry_role(listener: &Listener, now: UtcTime) -> Role {
    match listener.certificate_expires_at {
        Some(at) if at <= now => Role::Bad,
        Some(at) if at.since(now) <= EXPIRES_SOON => Role::Warn,
        _ => Role::Plain,
    }
}

/// Where it listens, or where it would.
fn address(listener: &Listener) -> String {
    let address = listener.address.as_ref().or(listener.bind.as_ref());
    address.map_or_else(|| UNKNOWN.to_owned(), Clone::clone)
}

/// A limit of the listener alone; without one, that of the node counts.
fn own_limit(limit: Option<u64>, shown: impl Fn(u64) -> String) -> String {
    match limit {
        None => UNKNOWN.to_owned(),
        Some(0) => "node's".to_owned(),
        Some(limit) => shown(limit),
    }
}

const fn role(state: ListenerState) -> Role {
    match state {
        ListenerState::Listening => Role::Good,
        ListenerState::Disabled | ListenerState::Removed => Role::Warn,
        ListenerState::Failed => Role::Bad,
    }
}
