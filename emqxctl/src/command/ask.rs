//! Questions before something that is hard to undo.

use super::{CommandError, Context};
use crate::exit::ExitStatus;
use crate::output::Diagnostic;

impl Context {
    /// Asks a yes/no question on standard error; anything but yes is no.
    ///
    /// # Errors
    /// The answer is no, or nobody can be asked; then `unasked` is what is said.
    pub fn confirm(
        &mut self,
        question: &str,
        unasked: impl FnOnce() -> Diagnostic,
    ) -> Result<(), CommandError> {
        if self.yes {
            return Ok(());
        }
        if !self.can_ask {
            return Err(unasked().into());
        }
        self.printer.ask(&format!("{question} [y/N] "));
        let mut answer = String::new();
        self.stdin.read_line(&mut answer)?;
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Diagnostic::new(ExitStatus::Refused, "not confirmed; nothing has changed").into())
    }
}
