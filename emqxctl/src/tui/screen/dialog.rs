//! The question before something is changed.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::output::human::{maybe_count, safe};
use crate::tui::state::{Dialog, Question, State};
use crate::tui::view::{Canvas, overlay};

/// Draws the question above the screen.
pub fn draw(state: &State, dialog: &Dialog, canvas: Canvas, frame: &mut Frame<'_>) {
    let theme = canvas.theme;
    let (title, text, confirm) = match &dialog.question {
        Question::Evacuate(node) => {
            let figures = state.status().and_then(|status| status.node(node));
            let text = format!(
                "{} connections and {} sessions move to the other nodes, 500 of each a second, after a wait of \
                 60s for load balancers. {} takes no new clients from then on until it is stopped. For other \
                 rates: emqxctl rebalance start --evacuation",
                maybe_count(figures.and_then(|node| node.connections)),
                maybe_count(figures.and_then(|node| node.sessions)),
                safe(node),
            );
            (format!("Evacuate {}?", safe(node)), text, "evacuate")
        }
        Question::Stop { id, node } => {
            let text = format!(
                "{} serves again at once. What has moved stays where it is; clients and sessions that have not \
                 moved stay on {}.",
                safe(node),
                safe(node)
            );
            (format!("Stop {}?", safe(id)), text, "stop it")
        }
    };
    let area = overlay(canvas, 66, 9, frame);
    let button = |label: &str, is_focused: bool| {
        let text = format!("[ {label} ]");
        if is_focused {
            Span::styled(text, theme.focus())
        } else {
            Span::raw(text)
        }
    };
    let lines = vec![
        Line::from(text),
        Line::default(),
        Line::from(vec![
            button("cancel", !dialog.on_confirm),
            Span::raw("  "),
            button(confirm, dialog.on_confirm),
            Span::styled("   tab changes, enter takes, y yes, n no", theme.faint()),
        ]),
    ];
    let block = canvas.at(area).panel(&title, "");
    let paragraph = Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .block(block);
    frame.render_widget(paragraph, area);
}
