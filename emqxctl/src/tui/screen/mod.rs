//! One file for each screen, and for what can lie above one.

pub mod dialog;
pub mod events;
pub mod help;
pub mod operation;
pub mod overview;
pub mod small;

use ratatui::text::{Line, Span};

use super::text;
use super::theme::Theme;
use crate::model::{Event, Severity};
use crate::output::style::Role;

/// An event on one line.
fn event_line(event: &Event, columns: usize, theme: Theme) -> Line<'static> {
    let role = match event.severity {
        Severity::Info => Role::Plain,
        Severity::Warn => Role::Warn,
        Severity::Error => Role::Bad,
    };
    let head = format!(
        "{} {:<5} {} ",
        event.time.clock(),
        event.severity.label(),
        text::left(&event.node, 8, theme)
    );
    let about = match &event.operation_id {
        Some(id) => format!("{id}: {}", event.message),
        None => event.message.clone(),
    };
    let rest = format!("{} {}", text::left(&event.event_type, 18, theme), about);
    let room = columns.saturating_sub(text::width(&head));
    Line::from(vec![
        Span::styled(head, theme.role(role)),
        Span::raw(text::cut(&rest, room, theme)),
    ])
}
