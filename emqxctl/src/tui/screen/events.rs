//! What has happened, newest first.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::event_line;
use crate::model::ClusterStatus;
use crate::tui::state::State;
use crate::tui::view::Canvas;

/// Draws the screen.
pub fn draw(state: &State, status: &ClusterStatus, canvas: Canvas, frame: &mut Frame<'_>) {
    let rows = usize::from(canvas.area.height).saturating_sub(2);
    let columns = usize::from(canvas.area.width).saturating_sub(4);
    let total = status.events.len();
    let offset = state.event_offset.min(total.saturating_sub(1));
    let lines: Vec<Line<'_>> = status
        .events
        .iter()
        .skip(offset)
        .take(rows)
        .map(|event| {
            let mut line = event_line(event, columns, canvas.theme);
            line.spans.insert(0, " ".into());
            line
        })
        .collect();
    let shown = if total == 0 {
        "none yet".to_owned()
    } else {
        format!("{} to {} of {total}", offset + 1, offset + lines.len())
    };
    let block = canvas.panel("Events, newest first", &shown);
    frame.render_widget(Paragraph::new(lines).block(block), canvas.area);
}
