//! One evacuation: how far, how fast, where everybody went, what is in the way.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::model::{Amount, Operation, PhaseName};
use crate::output::human::{
    UNKNOWN, count, duration, maybe_count, maybe_millis, percent, plural, rate,
};
use crate::output::style::Role;
use crate::output::summary::took;
use crate::tui::history::Pace;
use crate::tui::state::State;
use crate::tui::text;
use crate::tui::view::Canvas;
use crate::tui::widget::balance_bar::bar;
use crate::tui::widget::chart::{SCALE_COLUMNS, chart};
use crate::tui::widget::phase_rail::rail;
use crate::tui::widget::spark::spark;

/// Draws the screen.
pub fn draw(state: &State, canvas: Canvas, frame: &mut Frame<'_>) {
    let Some(op) = state.shown_operation() else {
        let text = " No operation has run yet. Start one: E on the overview, or\n \
                    emqxctl rebalance start --evacuation NODE";
        frame.render_widget(Paragraph::new(text), canvas.area);
        return;
    };
    let empty = Pace::default();
    let pace = state
        .picture()
        .history
        .operations
        .get(&op.id)
        .unwrap_or(&empty);
    let recipients = u16::try_from(op.recipients.len()).unwrap_or(u16::MAX);
    let pace_rows = if canvas.is_large { 9 } else { 4 };
    let [title, phases, progress, chart_area, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(5),
        Constraint::Length(pace_rows),
        Constraint::Min((recipients + 4).min(6)),
    ])
    .areas(canvas.area);
    frame.render_widget(title_line(op, canvas), title);
    let mut phase_line = rail(op, usize::from(canvas.area.width) - 2, canvas.theme);
    phase_line.spans.insert(0, Span::raw(" "));
    frame.render_widget(phase_line, phases);
    draw_progress(state, op, canvas.at(progress), frame);
    if canvas.is_large {
        draw_chart(state, op, pace, canvas.at(chart_area), frame);
    } else {
        draw_pace(op, pace, canvas.at(chart_area), frame);
    }
    let [reception, trouble] =
        Layout::horizontal([Constraint::Percentage(58), Constraint::Percentage(42)]).areas(below);
    draw_reception(op, canvas.at(reception), frame);
    draw_trouble(op, canvas.at(trouble), frame);
}

fn title_line(op: &Operation, canvas: Canvas) -> Line<'static> {
    let theme = canvas.theme;
    let columns = usize::from(canvas.area.width).saturating_sub(1);
    let mut title = format!(
        " {} {} of {}",
        op.operation_kind.label().to_uppercase(),
        op.id,
        op.target
    );
    if let Some(outcome) = op.verdict() {
        title.push_str(&format!(", {}", outcome.label()));
    }
    if let Some(by) = &op.started_by {
        title.push_str(&format!("   by {by}"));
    }
    if let Some(reason) = &op.reason {
        title.push_str(&format!(" \"{reason}\""));
    }
    Line::from(Span::styled(
        text::cut(&title, columns, theme),
        theme.strong(),
    ))
}

fn amount_line(label: &str, amount: Option<Amount>, canvas: Canvas) -> Line<'static> {
    let columns = usize::from(canvas.area.width).saturating_sub(2);
    let head = format!(" {} ", text::left(label, 11, canvas.theme));
    let tail = match amount {
        Some(amount) => format!(
            " {:>4}  {:>8} / {:<8}",
            percent(amount.done_ratio),
            count(amount.done()),
            count(amount.total())
        ),
        None => format!(" {UNKNOWN:>4}"),
    };
    let room = columns.saturating_sub(text::width(&head) + text::width(&tail));
    let ratio = amount.map_or(0.0, |amount| amount.done_ratio);
    Line::from(format!(
        "{head}{}{tail}",
        bar(ratio, None, 1.0, room, canvas.theme)
    ))
}

fn draw_progress(state: &State, op: &Operation, canvas: Canvas, frame: &mut Frame<'_>) {
    let now = state.status().map_or(state.clock, |status| status.time);
    let elapsed = took(op, now);
    let elapsed = std::time::Duration::from_secs(elapsed.as_secs());
    let mut times = format!(" Elapsed {}", duration(elapsed));
    if !op.is_settled() {
        times.push_str(&format!(
            "   ETA phase {}   all {}",
            maybe_millis(op.eta_phase_ms.map(whole_seconds)),
            maybe_millis(op.eta_ms.map(whole_seconds))
        ));
    }
    times.push_str(&format!("   not back {}", count(op.unreturned)));
    if let Some(p99) = op.reconnect_p99_ms {
        times.push_str(&format!(
            "   reconnect p50 {} p99 {}",
            maybe_millis(op.reconnect_p50_ms.map(u64::from)),
            maybe_millis(Some(p99.into()))
        ));
    }
    let columns = usize::from(canvas.area.width).saturating_sub(2);
    let lines = vec![
        amount_line("Connections", op.connections, canvas),
        amount_line("Sessions", op.sessions, canvas),
        Line::from(text::cut(&times, columns, canvas.theme)),
    ];
    let block = canvas.panel("Progress", &format!("revision {}", op.revision));
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

const fn whole_seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000) * 1_000
}

/// The figures of what moves now: name, wanted, measured.
fn moving(op: &Operation) -> (&'static str, u32, f64) {
    let rate = &op.rate;
    match op.phase {
        PhaseName::EvictingSessions | PhaseName::Prohibiting => (
            "Sessions moved per second",
            rate.sessions_per_sec_wanted,
            rate.sessions_per_sec_measured,
        ),
        _ => (
            "Connections evicted per second",
            rate.connections_per_sec_wanted,
            rate.connections_per_sec_measured,
        ),
    }
}

fn pace_remark(op: &Operation) -> String {
    let (_, wanted, measured) = moving(op);
    let limit = op.rate.limited_by.as_deref().unwrap_or("nothing");
    if op.is_settled() {
        let mean = |mean: Option<f64>| mean.map_or_else(|| UNKNOWN.to_owned(), rate);
        return format!(
            "wanted {wanted} - mean {} connections/s, {} sessions/s",
            mean(op.rate.connections_per_sec_mean),
            mean(op.rate.sessions_per_sec_mean)
        );
    }
    format!(
        "wanted {wanted} - measured {} - held back by: {limit}",
        rate(measured)
    )
}

fn samples_of<'a>(op: &Operation, pace: &'a Pace) -> &'a crate::tui::history::Series {
    match op.phase {
        PhaseName::EvictingSessions | PhaseName::Prohibiting => &pace.sessions,
        _ => &pace.connections,
    }
}

fn draw_chart(state: &State, op: &Operation, pace: &Pace, canvas: Canvas, frame: &mut Frame<'_>) {
    let columns = usize::from(canvas.area.width).saturating_sub(3);
    let rows = usize::from(canvas.area.height).saturating_sub(3);
    let (title, wanted, _) = moving(op);
    let room = columns.saturating_sub(SCALE_COLUMNS);
    let samples = samples_of(op, pace).latest(room);
    let mut lines: Vec<Line<'_>> = chart(&samples, f64::from(wanted), columns, rows, canvas.theme)
        .into_iter()
        .map(Line::from)
        .collect();
    let span = state
        .interval
        .saturating_mul(u32::try_from(room).unwrap_or(u32::MAX));
    let half = duration(std::time::Duration::from_secs(span.as_secs() / 2));
    let left = format!(
        "-{}",
        duration(std::time::Duration::from_secs(span.as_secs()))
    );
    let axis = format!(
        "{}{}{}now",
        " ".repeat(SCALE_COLUMNS),
        text::left(&left, room / 2, canvas.theme),
        text::left(
            &format!("-{half}"),
            room.saturating_sub(room / 2 + 3),
            canvas.theme
        ),
    );
    lines.push(Line::from(Span::styled(axis, canvas.theme.faint())));
    let block = canvas.panel(title, &pace_remark(op));
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn draw_pace(op: &Operation, pace: &Pace, canvas: Canvas, frame: &mut Frame<'_>) {
    let columns = usize::from(canvas.area.width).saturating_sub(4);
    let samples = samples_of(op, pace).latest(columns);
    let (title, ..) = moving(op);
    let lines = vec![
        Line::from(format!(
            " {}",
            text::cut(&pace_remark(op), columns, canvas.theme)
        )),
        Line::from(format!(" {}", spark(&samples, canvas.theme))),
    ];
    let block = canvas.panel(title, "");
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn draw_reception(op: &Operation, canvas: Canvas, frame: &mut Frame<'_>) {
    let theme = canvas.theme;
    let columns = usize::from(canvas.area.width).saturating_sub(2);
    let rows = usize::from(canvas.area.height).saturating_sub(2);
    let name_columns = 10;
    let figures = 10 + 8 + 10;
    let room = columns.saturating_sub(name_columns + figures + 2);
    let most = op
        .recipients
        .iter()
        .map(|recipient| recipient.received + recipient.sessions_received)
        .chain([op.unreturned])
        .max()
        .unwrap_or(0) as f64;
    let mut lines = vec![Line::from(Span::styled(
        format!(
            " {}{}{}{}",
            text::left("NODE", name_columns, theme),
            text::right("CLIENTS", 10, theme),
            text::right("/s", 8, theme),
            text::right("ALONE", 10, theme)
        ),
        theme.faint(),
    ))];
    // The last row is for those who are not back.
    for recipient in op.recipients.iter().take(rows.saturating_sub(2)) {
        let received = recipient.received + recipient.sessions_received;
        let name = if recipient.available {
            recipient.node.clone()
        } else {
            format!("!{}", recipient.node)
        };
        lines.push(Line::from(format!(
            " {}{}{}{} {}",
            text::left(&name, name_columns, theme),
            text::right(&count(recipient.received), 10, theme),
            text::right(&rate(recipient.connects_per_sec), 8, theme),
            text::right(&count(recipient.sessions_received), 10, theme),
            bar(received as f64, None, most, room, theme)
        )));
    }
    lines.push(Line::from(format!(
        " {}{}{}",
        text::left("not back", name_columns, theme),
        text::right(&count(op.unreturned), 10, theme),
        text::right("", 19, theme),
    )));
    let block = canvas.panel("Where they went", "");
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}

fn draw_trouble(op: &Operation, canvas: Canvas, frame: &mut Frame<'_>) {
    let theme = canvas.theme;
    let columns = usize::from(canvas.area.width).saturating_sub(3);
    let rows = usize::from(canvas.area.height).saturating_sub(2);
    let line = |text: String| Line::from(format!(" {}", text::cut(&text, columns, theme)));
    let mut lines = Vec::new();
    let could_not = plural(op.errors_total, "session", "sessions");
    if op.errors_total > 0 {
        lines.push(line(format!("! {could_not} could not be moved")).style(theme.role(Role::Bad)));
    } else {
        lines.push(line(format!("{could_not} that could not be moved")));
    }
    for node in op.recipients.iter().filter(|node| !node.available) {
        lines.push(line(format!("! {} takes nobody in", node.node)).style(theme.role(Role::Warn)));
    }
    for trouble in op.errors.iter().take(rows.saturating_sub(3)) {
        lines.push(line(format!("{}: {}", trouble.client_id, trouble.reason)));
    }
    if !op.slowest_unreturned.is_empty() {
        lines.push(line(format!(
            "longest away: {}",
            op.slowest_unreturned.join(", ")
        )));
    }
    lines.push(line(format!(
        "{} messages carried along",
        count(op.messages_carried)
    )));
    if op.sessions_expired > 0 {
        lines.push(line(format!(
            "{} expired by themselves",
            maybe_count(Some(op.sessions_expired))
        )));
    }
    let block = canvas.panel("Trouble", "");
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}
