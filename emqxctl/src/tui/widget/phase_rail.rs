//! The phases of an operation in a row: what is done, what goes on, what will come.

use ratatui::text::{Line, Span};

use crate::model::{Operation, PhaseName, PhaseState};
use crate::output::human::millis;
use crate::output::style::Role;
use crate::tui::theme::Theme;

/// A word for the phase that is short enough for the rail.
fn word(name: &PhaseName) -> String {
    match name {
        PhaseName::WaitingHealthCheck => "LB wait".to_owned(),
        PhaseName::EvictingConns => "connections".to_owned(),
        PhaseName::WaitingTakeover => "takeover".to_owned(),
        PhaseName::EvictingSessions => "sessions".to_owned(),
        PhaseName::Prohibiting => "prohibiting".to_owned(),
        PhaseName::Other(name) => name.clone(),
    }
}

/// The rail; with durations when there is room for them.
pub fn rail(op: &Operation, columns: usize, theme: Theme) -> Line<'static> {
    let line = draw(op, true, theme);
    if line.width() <= columns {
        return line;
    }
    draw(op, false, theme)
}

fn draw(op: &Operation, with_times: bool, theme: Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for phase in &op.phases {
        if !spans.is_empty() {
            let between = if with_times {
                theme.glyph(" ── ", " -- ")
            } else {
                " "
            };
            spans.push(Span::styled(between, theme.faint()));
        }
        let is_resting = op.is_settled() && phase.name == op.phase;
        let (mark, style) = match phase.state {
            PhaseState::Done => (theme.glyph("✔", "[x]"), theme.role(Role::Good)),
            PhaseState::Active if is_resting => (theme.glyph("✔", "[x]"), theme.role(Role::Good)),
            PhaseState::Active => (theme.glyph("●", "[>]"), theme.strong()),
            PhaseState::Skipped => (theme.glyph("–", "[-]"), theme.faint()),
            PhaseState::Pending => (theme.glyph("○", "[ ]"), theme.faint()),
        };
        let time = match (phase.state, phase.duration_ms) {
            (PhaseState::Done, Some(ms)) if with_times => format!(" {}", millis(ms)),
            _ => String::new(),
        };
        let gap = if theme.ascii && !with_times { "" } else { " " };
        spans.push(Span::styled(
            format!("{mark}{gap}{}{time}", word(&phase.name)),
            style,
        ));
    }
    Line::from(spans)
}
