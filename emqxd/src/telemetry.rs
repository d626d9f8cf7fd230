//! What the process says: log records and, before there is a log, a last word on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Config, LogFormat};

/// Sends log records to standard error, as configured, and writes the configuration's warnings there. Does nothing
/// when this process has a subscriber already.
pub fn init(config: &Config) {
    let coloured =
        io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    if subscriber(config, io::stderr, coloured).try_init().is_ok() {
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
    }
}

fn subscriber<W>(
    config: &Config,
    writer: W,
    coloured: bool,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // The configuration checked it; without a filter nothing but errors is logged.
    let filter = EnvFilter::builder()
        .parse(&config.log_filter)
        .unwrap_or_default();
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    match config.log_format {
        LogFormat::Text => Box::new(registry.with(layer.with_ansi(coloured))),
        LogFormat::Json => {
            Box::new(registry.with(layer.json().flatten_event(true).with_ansi(false)))
        }
    }
}

/// Says on standard error what is wrong, and gives the exit code to end with.
pub fn complain(error: &dyn Display, code: u8) -> ExitCode {
    // When standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code)
}

/// A line on standard output, and the exit code for success.
pub fn say(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(config: &Config) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(config, move || writer.clone(), false);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(client_id = "c1", "connected");
            tracing::debug!("not for everybody");
            tracing::info!(target: "chitchat", "gossip");
            tracing::warn!(target: "chitchat", "trouble");
        });
        String::from_utf8(buffer.0.lock().clone()).unwrap()
    }

    #[test]
    fn text_is_a_line_for_people_without_colour_codes() {
        let text = logged(&Config::default());
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(
            text.contains("connected client_id=\"c1\"") && text.contains("trouble"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn json_is_an_object_a_line() {
        let config = Config {
            log_format: LogFormat::Json,
            log_filter: "emqxd=debug".to_owned(),
            ..Config::default()
        };
        let text = logged(&config);
        let records: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(records.len(), 2, "{text}");
        assert_eq!(records[0]["client_id"], "c1");
        assert_eq!(records[0]["message"], "connected");
        assert_eq!(records[1]["level"], "DEBUG");
    }
}
