//! The owner of standard output and standard error.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::diagnostic::Diagnostic;
use super::format::Format;
use super::json;
use super::style::Style;

/// Decides what is shown where. Data goes to standard output, talk to standard error.
pub struct Printer {
    out: Box<dyn Write + Send>,
    talk: Talk,
    /// Shape of the data.
    pub format: Format,
    /// No talk but errors.
    pub quiet: bool,
    /// Tables have a header.
    pub with_header: bool,
    /// Of standard output.
    pub out_style: Style,
    /// Of standard error.
    pub talk_style: Style,
    /// Columns of standard output when it is a terminal.
    pub out_width: Option<u16>,
}

impl fmt::Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer")
            .field("format", &self.format)
            .field("quiet", &self.quiet)
            .finish_non_exhaustive()
    }
}

/// Standard error, shared with the live lines.
#[derive(Clone)]
pub struct Talk(Arc<Mutex<Box<dyn Write + Send>>>);

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Talk")
    }
}

impl Talk {
    /// Wraps a writer.
    pub fn new(writer: Box<dyn Write + Send>) -> Self {
        Self(Arc::new(Mutex::new(writer)))
    }

    /// Writes and flushes.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, text: &str) -> io::Result<()> {
        // A writer that panicked while it was held is not worse than one that did not.
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(text.as_bytes())?;
        writer.flush()
    }
}

impl Printer {
    /// Tables for people, without decoration; change the public fields to taste.
    pub fn new(out: Box<dyn Write + Send>, talk: Talk) -> Self {
        Self {
            out,
            talk,
            format: Format::Table,
            quiet: false,
            with_header: true,
            out_style: Style::default(),
            talk_style: Style::default(),
            out_width: None,
        }
    }

    /// Writes data as it is.
    ///
    /// # Errors
    /// Those of the writer; a broken pipe is among them.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes one JSON document: over several lines, or on one for `jsonl`.
    ///
    /// # Errors
    /// Those of the writer; a broken pipe is among them.
    pub fn document<T: Serialize>(&mut self, kind: &str, body: T) -> io::Result<()> {
        let text = if self.format == Format::Jsonl {
            json::line(kind, body)
        } else {
            json::pretty(kind, body)
        }
        .map_err(io::Error::other)?;
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Hands on what is buffered.
    ///
    /// # Errors
    /// Those of the writer; a broken pipe is among them.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Says something beside the data, unless quiet. Nobody may be listening, and that is no error.
    pub fn talk(&self, text: &str) {
        if !self.quiet {
            let _ = self.talk.write(&format!("{text}\n"));
        }
    }

    /// Says that something deserves a look, unless quiet.
    pub fn warn(&self, text: &str) {
        let label = self.talk_style.warn("warning:");
        self.talk(&format!("{label} {}", super::human::safe(text)));
    }

    /// Asks, without a newline; also when quiet.
    pub fn ask(&self, text: &str) {
        let _ = self.talk.write(text);
    }

    /// Shows an error; also when quiet.
    pub fn fail(&self, diagnostic: &Diagnostic) {
        let text = if self.format.is_json() {
            format!("{}\n", json::error(diagnostic))
        } else {
            diagnostic.render(self.talk_style)
        };
        let _ = self.talk.write(&text);
    }

    /// Standard error for whoever draws on it.
    pub fn talk_handle(&self) -> Talk {
        self.talk.clone()
    }
}
