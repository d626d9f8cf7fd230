//! The world as the program sees it, passed in, so that a test can stand in for all of it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::Notify;

/// Input, output and facts about them.
pub struct Env {
    /// Where answers to questions are read.
    pub stdin: Box<dyn BufRead + Send>,
    /// Data.
    pub stdout: Box<dyn Write + Send>,
    /// Talk and errors.
    pub stderr: Box<dyn Write + Send>,
    /// Somebody can answer questions.
    pub stdin_is_terminal: bool,
    /// A person reads the data.
    pub stdout_is_terminal: bool,
    /// A person reads the talk.
    pub stderr_is_terminal: bool,
    /// Columns and rows of the terminal, asked anew at each drawing.
    pub size: fn() -> Option<(u16, u16)>,
    /// Environment variables.
    pub vars: BTreeMap<String, String>,
    /// The wall clock.
    pub now: fn() -> SystemTime,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

impl Env {
    /// The real world.
    pub fn from_process() -> Self {
        Self {
            stdin: Box::new(BufReader::new(io::stdin())),
            stdout: Box::new(BufWriter::new(io::stdout())),
            stderr: Box::new(io::stderr()),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            size: || crossterm::terminal::size().ok(),
            // Variables that are not UTF-8 are none that this program reads.
            vars: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            now: SystemTime::now,
            interrupt: Interrupt::CtrlC,
        }
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

/// Where Ctrl-C comes from.
#[derive(Debug, Clone)]
pub enum Interrupt {
    /// The terminal. Only from the first wait on; until then Ctrl-C ends the program as usual.
    CtrlC,
    /// A test.
    Notify(Arc<Notify>),
}

impl Interrupt {
    /// Returns when it comes.
    pub async fn wait(&self) {
        match self {
            Self::CtrlC => {
                if tokio::signal::ctrl_c().await.is_err() {
                    // No handler could be installed, so Ctrl-C ends the program as usual.
                    std::future::pending::<()>().await;
                }
            }
            Self::Notify(notify) => notify.notified().await,
        }
    }
}
