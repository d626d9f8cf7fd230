//! The whole cluster: who has how many clients, what flows, what is wrong, what runs.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::event_line;
use crate::model::{ClusterStatus, Node, NodeState, Operation, Severity};
use crate::output::human::{
    UNKNOWN, count, duration, maybe_count, maybe_millis, percent, rate, signed_percent,
};
use crate::output::style::Role;
use crate::tui::state::State;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::view::{Canvas, maybe_rate};
use crate::tui::widget::balance_bar::bar;
use crate::tui::widget::spark::spark;

/// Columns of the figures beside a node's bar.
const FIGURES_COLUMNS: usize = 18;
/// Columns of a node's spark.
const SPARK_COLUMNS: usize = 12;
/// Columns of a node's state.
const STATE_COLUMNS: usize = 12;
/// Rows of nodes before the list scrolls, unless there is room.
const NODES_MIN: u16 = 3;
/// Operations that are listed.
const OPERATIONS_MAX: usize = 3;

/// Draws the screen.
pub fn draw(state: &State, status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    let operations: Vec<&Operation> = listed(status);
    let running_rows = u16::try_from(operations.len().max(1)).unwrap_or(1) + 2;
    let flow_rows = if canvas.is_large { 5 } else { 4 };
    let others = flow_rows + running_rows;
    let nodes = u16::try_from(status.nodes.len()).unwrap_or(u16::MAX);
    let room = canvas.area.height.saturating_sub(others + 3);
    let node_rows = nodes.max(NODES_MIN).min(room.max(1)) + 2;
    let [nodes_area, flow_area, running_area, events_area] = Layout::vertical([
        Constraint::Length(node_rows),
        Constraint::Length(flow_rows),
        Constraint::Length(running_rows),
        Constraint::Min(0),
    ])
    .areas(canvas.area);
    draw_nodes(state, status, canvas.at(nodes_area), frame);
    if canvas.is_large {
        let [messages, connects, health] = Layout::horizontal([
            Constraint::Percentage(34),
            Constraint::Percentage(33),
            Constraint::Percentage(33),
        ])
        .areas(flow_area);
        draw_messages(state, status, canvas.at(messages), frame);
        draw_connects(state, status, canvas.at(connects), frame);
        draw_health(status, canvas.at(health), frame);
    } else {
        let [messages, health] =
            Layout::horizontal([Constraint::Percentage(45), Constraint::Percentage(55)])
                .areas(flow_area);
        draw_messages(state, status, canvas.at(messages), frame);
        draw_health(status, canvas.at(health), frame);
    }
    draw_running(status, &operations, canvas.at(running_area), frame);
    draw_events(status, canvas.at(events_area), frame);
}

/// Operations that go on, or else the latest one.
fn listed(status: &ClusterStatus) -> Vec<&Operation> {
    let running: Vec<_> = status.running_operations().take(OPERATIONS_MAX).collect();
    if running.is_empty() {
        return status.operations.iter().take(1).collect();
    }
    running
}

const fn role_of(state: NodeState) -> Role {
    match state {
        NodeState::Serving => Role::Good,
        NodeState::Unreachable => Role::Bad,
        NodeState::Leaving
        | NodeState::Evacuating
        | NodeState::Prohibiting
        | NodeState::Stopping
        | NodeState::Unknown => Role::Warn,
    }
}

fn draw_nodes(state: &State, status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    let mean = status.connections_mean_serving;
    let remark = match mean {
        Some(mean) => format!(
            "mean of serving nodes {} {}",
            count(mean.round() as u64),
            canvas.theme.glyph("┊", "|")
        ),
        None => String::new(),
    };
    let rows = usize::from(canvas.area.height).saturating_sub(2);
    let selected = state.node_index();
    let offset = (selected + 1).saturating_sub(rows);
    let scale = status
        .nodes
        .iter()
        .filter_map(|node| node.connections)
        .max()
        .unwrap_or(0) as f64
        * 1.05;
    let lines: Vec<Line<'_>> = status
        .nodes
        .iter()
        .enumerate()
        .skip(offset)
        .take(rows)
        .map(|(index, node)| {
            let samples = state.picture().history.nodes.get(&node.name);
            let line = node_line(node, mean, scale, canvas, |columns| {
                samples.map_or_else(Vec::new, |series| series.latest(columns))
            });
            if index == selected {
                line.patch_style(canvas.theme.strong())
            } else {
                line
            }
        })
        .collect();
    let title = if status.nodes.len() > rows {
        format!(
            "Connections per node ({} to {} of {})",
            offset + 1,
            offset + lines.len(),
            status.nodes.len()
        )
    } else {
        "Connections per node".to_owned()
    };
    let mut lines = lines;
    if let Some(line) = lines.get_mut(selected.saturating_sub(offset)) {
        line.spans[0] = Span::raw(canvas.theme.glyph("▸", ">"));
    }
    let block = canvas.panel(&title, &remark);
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn node_line(
    node: &Node,
    mean: Option<f64>,
    scale: f64,
    canvas: Canvas,
    samples: impl Fn(usize) -> Vec<Option<f64>>,
) -> Line<'static> {
    let theme = canvas.theme;
    let columns = usize::from(canvas.area.width).saturating_sub(2);
    let name_columns = if canvas.is_large { 14 } else { 10 };
    let mut spans = vec![
        Span::raw(" "),
        Span::raw(text::left(&node.name, name_columns, theme)),
        Span::raw(" "),
        Span::styled(
            text::left(node.state.label(), STATE_COLUMNS, theme),
            theme.role(role_of(node.state)),
        ),
    ];
    let spark_columns = if canvas.is_large {
        SPARK_COLUMNS + 2
    } else {
        0
    };
    let used = name_columns + STATE_COLUMNS + 2 + FIGURES_COLUMNS + spark_columns;
    let bar_columns = columns.saturating_sub(used);
    let Some(connections) = node.connections else {
        let seen = node
            .last_seen_at
            .map_or_else(String::new, |at| format!(" last seen {} UTC", at.clock()));
        let why = text::left(&format!("?{seen}"), bar_columns, theme);
        spans.push(Span::styled(why, theme.faint()));
        spans.push(Span::raw(text::right(
            UNKNOWN,
            FIGURES_COLUMNS / 2 + 2,
            theme,
        )));
        return Line::from(spans);
    };
    spans.push(Span::raw(bar(
        connections as f64,
        mean,
        scale,
        bar_columns,
        theme,
    )));
    let beside = match (node.state, node.delta_mean_ratio) {
        (NodeState::Evacuating | NodeState::Prohibiting | NodeState::Leaving, _) => {
            theme.glyph("→ 0", "-> 0").to_owned()
        }
        (_, Some(ratio)) => signed_percent(ratio),
        _ => String::new(),
    };
    spans.push(Span::raw(text::right(&count(connections), 10, theme)));
    spans.push(Span::raw(text::right(&beside, 7, theme)));
    spans.push(Span::raw(" "));
    if canvas.is_large {
        spans.push(Span::raw(format!(
            " {}",
            spark(&samples(SPARK_COLUMNS), theme)
        )));
    }
    Line::from(spans)
}

/// `label`, a figure, and its past in what room is left.
fn figure_line(
    label: &str,
    figure: &str,
    samples: impl Fn(usize) -> Vec<Option<f64>>,
    canvas: Canvas,
) -> Line<'static> {
    let columns = usize::from(canvas.area.width).saturating_sub(2);
    let head = format!(
        " {} {} ",
        text::left(label, 5, canvas.theme),
        text::right(figure, 7, canvas.theme)
    );
    let room = columns.saturating_sub(text::width(&head) + 1).min(60);
    Line::from(format!("{head}{}", spark(&samples(room), canvas.theme)))
}

fn draw_messages(state: &State, status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    let history = &state.picture().history;
    let totals = &status.totals;
    let mut lines = vec![
        figure_line(
            "in",
            &maybe_rate(totals.messages_in_per_sec),
            |count| history.messages_in.latest(count),
            canvas,
        ),
        figure_line(
            "out",
            &maybe_rate(totals.messages_out_per_sec),
            |count| history.messages_out.latest(count),
            canvas,
        ),
    ];
    if canvas.is_large {
        lines.push(Line::from(format!(
            " dropped {} since the start",
            maybe_count(totals.messages_dropped_total)
        )));
    }
    let block = canvas.panel("Messages /s", "");
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn draw_connects(state: &State, status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    let history = &state.picture().history;
    let totals = &status.totals;
    let refused: Option<u64> = status
        .nodes
        .iter()
        .filter_map(|node| node.connects_refused_total)
        .reduce(|a, b| a + b);
    let lines = vec![
        figure_line(
            "conn",
            &maybe_rate(totals.connects_per_sec),
            |count| history.connects.latest(count),
            canvas,
        ),
        figure_line(
            "disc",
            &maybe_rate(totals.disconnects_per_sec),
            |count| history.disconnects.latest(count),
            canvas,
        ),
        Line::from(format!(" refused {} since the start", maybe_count(refused))),
    ];
    let block = canvas.panel("Connects and disconnects /s", "");
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn draw_health(status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    let theme = canvas.theme;
    let columns = usize::from(canvas.area.width).saturating_sub(5);
    let rows = usize::from(canvas.area.height).saturating_sub(2);
    let mut lines = Vec::new();
    for finding in status.findings.iter().take(rows) {
        let (mark, role) = match finding.severity {
            Severity::Info => (theme.glyph("✔", "+"), Role::Good),
            Severity::Warn => ("!", Role::Warn),
            Severity::Error => ("!!", Role::Bad),
        };
        let text = format!("{} {}", finding.code, finding.message);
        lines.push(Line::from(vec![
            Span::styled(format!(" {mark} "), theme.role(role)),
            Span::raw(text::cut(&text, columns, theme)),
        ]));
    }
    if lines.is_empty() {
        let serving = status
            .nodes
            .iter()
            .filter(|node| node.state == NodeState::Serving)
            .count();
        lines.push(Line::from(Span::styled(
            format!(
                " {} {serving} of {} nodes serve",
                theme.glyph("✔", "+"),
                status.nodes.len()
            ),
            theme.role(Role::Good),
        )));
    }
    let more = status.findings.len().saturating_sub(rows);
    let remark = if more > 0 {
        format!("{more} more")
    } else {
        String::new()
    };
    let block = canvas.panel("Health", &remark);
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn draw_running(
    status: &ClusterStatus,
    operations: &[&Operation],
    canvas: Canvas,
    frame: &mut Frame<'_>,
) {
    let columns = usize::from(canvas.area.width).saturating_sub(3);
    let mut lines: Vec<Line<'_>> = operations
        .iter()
        .map(|op| operation_line(op, columns, canvas.theme))
        .collect();
    if lines.is_empty() {
        lines.push(Line::from(Span::styled(
            " none so far",
            canvas.theme.faint(),
        )));
    }
    let running = status.running_operations().count();
    let title = match running {
        0 if operations.is_empty() => "Operations".to_owned(),
        0 => "Last operation".to_owned(),
        running => format!("Running ({running})"),
    };
    let block = canvas.panel(&title, "");
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn operation_line(op: &Operation, columns: usize, theme: Theme) -> Line<'static> {
    let state = match op.verdict() {
        Some(outcome) => format!("{} {}", op.phase.label(), outcome.label()),
        None => format!("{} {}", theme.glyph("●", ">"), op.phase.label()),
    };
    let done = op.done_ratio().unwrap_or(0.0);
    let pace = op.rate.connections_per_sec_measured + op.rate.sessions_per_sec_measured;
    let mut tail = format!(" {:>4}", percent(done));
    if !op.is_settled() {
        tail.push_str(&format!(
            "  {}/s  ETA {}",
            rate(pace),
            maybe_millis(op.eta_ms)
        ));
    }
    if let Some(by) = &op.started_by {
        tail.push_str(&format!("  {}", text::cut(by, 16, theme)));
    }
    let head = format!(
        " {} {} {}  {state} ",
        text::cut(&op.id, 14, theme),
        op.operation_kind.label(),
        text::cut(&op.target, 14, theme),
    );
    let room = columns
        .saturating_sub(text::width(&head) + text::width(&tail))
        .min(30);
    let style = if op.is_settled() {
        Style::new()
    } else {
        theme.strong()
    };
    Line::from(Span::styled(
        format!("{head}{}{tail}", bar(done, None, 1.0, room, theme)),
        style,
    ))
}

fn draw_events(status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    if canvas.area.height < 3 {
        return;
    }
    let rows = usize::from(canvas.area.height).saturating_sub(2);
    let columns = usize::from(canvas.area.width).saturating_sub(4);
    let lines: Vec<Line<'_>> = status
        .events
        .iter()
        .take(rows)
        .map(|event| {
            let mut line = event_line(event, columns, canvas.theme);
            line.spans.insert(0, Span::raw(" "));
            line
        })
        .collect();
    let up = status
        .node(&status.answered_by)
        .and_then(|node| node.uptime_ms)
        .map_or_else(String::new, |ms| {
            format!(
                "answered by {}, up {}",
                status.answered_by,
                duration(std::time::Duration::from_millis(ms))
            )
        });
    let block = canvas.panel("Last events", &up);
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}
