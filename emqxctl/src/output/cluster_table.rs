//! The cluster on one screen.

use std::fmt::Write as _;

use super::bar::filled;
use super::control_table;
use super::human::{
    UNKNOWN, bytes, maybe_count, maybe_millis, millis, percent, plural, rate, safe, signed_percent,
};
use super::operation_table;
use super::style::{Role, Style};
use super::table::{Cell, Table};
use crate::model::{ClusterStatus, Health, Node, NodeState};

/// Narrower terminals get no bars.
const WIDTH_WITH_BARS_MIN: u16 = 90;
const BAR_WIDTH_MAX: usize = 24;

/// How a table is to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// More columns.
    pub wide: bool,
    /// With titles.
    pub with_header: bool,
    /// Colours and glyphs.
    pub style: Style,
    /// Columns of the terminal; none when it is not one.
    pub width: Option<u16>,
}

/// Heading, nodes, running operations and findings.
pub fn render(status: &ClusterStatus, look: Look) -> String {
    let mut text = heading(status, look.style);
    text.push('\n');
    text.push_str(&nodes(status, look));
    if let Some(control) = &status.control {
        text.push('\n');
        text.push_str(&control_table::line(control, look));
        if look.wide {
            text.push_str(&control_table::members(control, look));
        }
    }
    let running: Vec<_> = status.running_operations().collect();
    if !running.is_empty() {
        text.push('\n');
        text.push_str(&operation_table::list(&running, status.time, look));
    }
    if !status.findings.is_empty() {
        text.push('\n');
        for finding in &status.findings {
            let _ = writeln!(
                text,
                "{} {}  {}",
                look.style.warn(finding.severity.label()),
                safe(&finding.code),
                safe(&finding.message)
            );
        }
    }
    text
}

fn heading(status: &ClusterStatus, style: Style) -> String {
    let health = match status.health {
        Health::Ok => style.paint(Role::Good, status.health.label()),
        Health::Warn => style.warn(status.health.label()),
    };
    let mut nodes = plural(status.nodes.len() as u64, "node", "nodes");
    if status.totals.nodes_unreachable > 0 {
        let _ = write!(
            nodes,
            " ({} unreachable, not counted)",
            status.totals.nodes_unreachable
        );
    }
    let rate = |figure: Option<f64>| figure.map_or_else(|| UNKNOWN.to_owned(), rate);
    format!(
        "{}   {health}   {nodes}   {} connections   {} sessions   {} msg/s in   {} msg/s out\n",
        style.bold(&safe(&status.cluster_name)),
        maybe_count(status.totals.connections),
        maybe_count(status.totals.sessions),
        rate(status.totals.messages_in_per_sec),
        rate(status.totals.messages_out_per_sec),
    )
}

fn nodes(status: &ClusterStatus, look: Look) -> String {
    let with_bars = look.width.is_some_and(|width| width >= WIDTH_WITH_BARS_MIN);
    let delta = look.style.glyph(">Δ MEAN", ">vs MEAN");
    let mut titles = vec!["NODE", "STATE", ">CONNECTIONS"];
    if with_bars {
        titles.push("");
    }
    titles.extend([delta, ">SESSIONS", ">CPU", ">UP", "VERSION"]);
    if look.wide {
        titles.extend([
            ">OFFLINE",
            ">SUBS",
            ">RETAINED",
            ">IN/s",
            ">OUT/s",
            ">DROPPED",
            ">MEMORY",
            "MQTT",
            "ADMIN",
        ]);
    }
    let most = status.nodes.iter().filter_map(|n| n.connections).max();
    let mut table = Table::new(&titles);
    for node in &status.nodes {
        let mut cells = vec![
            Cell::from(&node.name),
            Cell::new(node.state.label(), role(node.state)),
            Cell::from(maybe_count(node.connections)),
        ];
        if with_bars {
            cells.push(bar(status, node, most, look));
        }
        cells.extend([
            Cell::from(delta_text(node, look.style)),
            Cell::from(maybe_count(node.sessions)),
            Cell::from(
                node.cpu_percent
                    .map_or_else(|| UNKNOWN.to_owned(), |cpu| format!("{cpu:.0}%")),
            ),
            Cell::from(maybe_millis(node.uptime_ms)),
            Cell::from(node.version.as_deref().unwrap_or(UNKNOWN)),
        ]);
        if look.wide {
            cells.extend(wide_cells(node));
        }
        table.row(cells);
    }
    table.render(look.with_header, look.style)
}

fn wide_cells(node: &Node) -> Vec<Cell> {
    let figure = |figure: Option<f64>| figure.map_or_else(|| UNKNOWN.to_owned(), rate);
    let mqtt = node
        .listeners
        .iter()
        .map(|listener| format!("{}:{}", listener.kind, listener.address))
        .collect::<Vec<_>>()
        .join(",");
    vec![
        Cell::from(maybe_count(node.sessions_disconnected)),
        Cell::from(maybe_count(node.subscriptions)),
        Cell::from(maybe_count(node.retained_messages)),
        Cell::from(figure(node.messages_in_per_sec)),
        Cell::from(figure(node.messages_out_per_sec)),
        Cell::from(maybe_count(node.messages_dropped_total)),
        Cell::from(
            node.memory_resident_bytes
                .map_or_else(|| UNKNOWN.to_owned(), bytes),
        ),
        Cell::from(if mqtt.is_empty() {
            UNKNOWN
        } else {
            mqtt.as_str()
        }),
        Cell::from(node.admin_address.as_deref().unwrap_or(UNKNOWN)),
    ]
}

fn bar(status: &ClusterStatus, node: &Node, most: Option<u64>, look: Look) -> Cell {
    match (node.connections, most) {
        (Some(connections), Some(most)) if most > 0 => {
            let width = BAR_WIDTH_MAX.min(usize::from(look.width.unwrap_or(0)).saturating_sub(70));
            Cell::from(filled(
                connections as f64 / most as f64,
                width,
                look.style.ascii,
            ))
        }
        (None, _) => match node.last_seen_at {
            Some(seen) => Cell::from(format!(
                "last seen {} ago",
                super::human::duration(status.time.since(seen))
            )),
            None => Cell::from(""),
        },
        _ => Cell::from(""),
    }
}

/// Colour of a node's state.
pub const fn role(state: NodeState) -> Role {
    match state {
        NodeState::Serving => Role::Good,
        NodeState::Leaving
        | NodeState::Evacuating
        | NodeState::Prohibiting
        | NodeState::Stopping
        | NodeState::Unknown => Role::Warn,
        NodeState::Unreachable => Role::Bad,
    }
}

fn delta_text(node: &Node, style: Style) -> String {
    match node.state {
        NodeState::Leaving | NodeState::Evacuating => {
            format!("{} 0", style.glyph("→", "->"))
        }
        _ => node
            .delta_mean_ratio
            .map_or_else(|| UNKNOWN.to_owned(), signed_percent),
    }
}

/// `61%` of an operation, or the sign for unknown.
pub fn done_text(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| UNKNOWN.to_owned(), percent)
}

/// An estimate, or the sign for unknown.
pub fn eta_text(ms: Option<u64>) -> String {
    ms.map_or_else(|| UNKNOWN.to_owned(), millis)
}
