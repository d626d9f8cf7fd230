//! What is wrong with a configuration, said so that it can be put right.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Where a setting was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On the command line, by this flag.
    Flag(String),
    /// By this environment variable.
    Variable(String),
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Nowhere: it has its default.
    Default,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was said.
    pub source: Source,
    /// The setting, as in the file.
    pub key: String,
    /// What it was set to, as it was written; empty when that does not matter.
    pub value: String,
    /// What is wrong with that.
    pub why: String,
    /// What would be right.
    pub valid: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            key,
            value,
            why,
            valid,
        } = self;
        match source {
            Source::Flag(flag) => write!(f, "{flag} {value}")?,
            Source::Variable(variable) => write!(f, "{variable}={value}")?,
            Source::File { path, line } => {
                write!(f, "{}:{line}: {key}", path.display())?;
                if !value.is_empty() {
                    write!(f, " = {value}")?;
                }
            }
            Source::Default => {
                f.write_str(key)?;
                if !value.is_empty() {
                    write!(f, " = {value} (the default)")?;
                }
            }
        }
        write!(f, ": {why}")?;
        if !valid.is_empty() {
            write!(f, "; valid: {valid}")?;
        }
        Ok(())
    }
}

/// Why there is no configuration to start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The command line; also `--help` and `--version`.
    #[error("{0}")]
    CommandLine(clap::Error),
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is no TOML.
    #[error("{}:{line}:{column}: {message}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What was found and what would be valid.
        message: String,
    },
    /// Settings that are wrong, one or more.
    #[error("{}", list(.0))]
    Invalid(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    match problems {
        [problem] => problem.to_string(),
        problems => {
            let lines: Vec<String> = problems
                .iter()
                .map(|problem| format!("\n  {problem}"))
                .collect();
            format!(
                "{} settings are not valid:{}",
                problems.len(),
                lines.concat()
            )
        }
    }
}
