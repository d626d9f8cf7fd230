//! Errors for people: what did not happen, what is in the way, what to do next.

use std::fmt::Write as _;

use super::human::safe;
use super::style::Style;
use crate::exit::ExitStatus;

/// An error as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How the program ends.
    pub exit: ExitStatus,
    /// Stable word for scripts.
    pub code: String,
    /// What did not happen.
    pub message: String,
    /// What is in the way.
    pub cause: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// With the code that the exit status has.
    pub fn new(exit: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            exit,
            code: exit.name().to_owned(),
            message: message.into(),
            cause: None,
            hint: None,
        }
    }

    /// Says what is in the way.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Message and cause in one line.
    pub fn one_line(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{} ({cause})", self.message),
            None => self.message.clone(),
        }
    }

    /// `error:`, `cause:` and ` hint:` lines.
    pub fn render(&self, style: Style) -> String {
        let mut text = format!("{} {}\n", style.bad("error:"), safe(&self.message));
        let more = [("cause:", &self.cause), (" hint:", &self.hint)];
        for (label, line) in more {
            if let Some(line) = line {
                let _ = writeln!(text, "{} {}", style.bold(label), safe(line));
            }
        }
        text
    }
}
