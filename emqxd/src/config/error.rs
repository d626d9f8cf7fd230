//! What is wrong with a configuration, in a sentence.

/// Nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An unknown flag, or one with a wrong value. Also `--help` and `--version`.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// The file cannot be read.
    #[error("configuration file '{path}' cannot be read: {error}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file is no TOML, has an unknown key, or a value of a wrong type.
    #[error("configuration file '{path}', {error}")]
    Malformed {
        /// Which.
        path: String,
        /// With line, key and what would be valid.
        error: String,
    },
    /// A value out of its range.
    #[error("{key} = '{value}' is not valid: {valid}")]
    Value {
        /// As in the file.
        key: &'static str,
        /// As given.
        value: String,
        /// What would be.
        valid: String,
    },
    /// Not safe without being said out loud.
    #[error("{what}; {valid}")]
    NotAllowed {
        /// The setting and its danger.
        what: String,
        /// What to do.
        valid: String,
    },
}
