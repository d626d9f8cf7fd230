//! All keys.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::tui::keymap::BINDINGS;
use crate::tui::state::State;
use crate::tui::text;
use crate::tui::view::{Canvas, overlay};

/// Draws the page above the screen.
pub fn draw(state: &State, canvas: Canvas, frame: &mut Frame<'_>) {
    let columns = 74;
    let lines: Vec<Line<'_>> = BINDINGS
        .iter()
        .filter(|binding| !(state.readonly && binding.changes))
        .map(|binding| {
            let keys = text::left(binding.keys, 8, canvas.theme);
            Line::from(format!(" {keys} {}", binding.text))
        })
        .collect();
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let area = overlay(canvas, columns, rows, frame);
    let block = canvas.at(area).panel("Keys", "any key closes this");
    frame.render_widget(Paragraph::new(lines).block(block), area);
}
