//! The essentials for a terminal that is too small for a screen.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::output::human::{maybe_count, maybe_millis, percent, rate};
use crate::tui::state::State;
use crate::tui::text;
use crate::tui::view::Canvas;

/// Draws the card.
pub fn draw(state: &State, canvas: Canvas, frame: &mut Frame<'_>) {
    let mut lines = Vec::new();
    match state.status() {
        None => lines.push("waiting for the cluster".to_owned()),
        Some(status) => {
            lines.push(format!(
                "{} {} {} conn",
                status.cluster_name,
                status.health.label(),
                maybe_count(status.totals.connections)
            ));
            if let Some(op) = state.shown_operation().filter(|op| !op.has_ended()) {
                let done = op.done_ratio().map_or_else(String::new, percent);
                lines.push(format!("{} of {}: {done}", op.id, op.target));
                lines.push(op.phase.label());
                lines.push(format!(
                    "{}/s, ETA {}",
                    rate(op.rate.connections_per_sec_measured + op.rate.sessions_per_sec_measured),
                    maybe_millis(op.eta_ms)
                ));
                if op.errors_total > 0 {
                    lines.push(format!("! {} could not be moved", op.errors_total));
                }
            }
            lines.extend(
                status
                    .findings
                    .iter()
                    .map(|finding| format!("! {}", finding.message)),
            );
        }
    }
    lines.push("60x16 shows more; q quits".to_owned());
    let columns = usize::from(canvas.area.width);
    let lines: Vec<Line<'_>> = lines
        .iter()
        .map(|line| Line::from(text::cut(line, columns, canvas.theme)))
        .collect();
    frame.render_widget(Paragraph::new(lines), canvas.area);
}
