//! The few looks that text can have. A colour never says anything alone.

use ratatui::style::{Color, Modifier, Style};

use crate::output::style::Role;

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Colours are welcome.
    pub color: bool,
    /// Only ASCII glyphs.
    pub ascii: bool,
}

impl Theme {
    /// Text in a role.
    pub fn role(self, role: Role) -> Style {
        let color = match role {
            Role::Plain => return Style::new(),
            Role::Good => Color::Green,
            Role::Warn => Color::Yellow,
            Role::Bad => Color::Red,
        };
        if self.color {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }

    /// Emphasis.
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Less important.
    pub const fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The row or button that keys act on.
    pub const fn focus(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// One of two glyphs.
    pub const fn glyph(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }
}
