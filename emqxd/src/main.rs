//! The daemon: arguments, configuration, telemetry, runtime, run, exit code.

use std::process::ExitCode;

use emqxd::config::{Config, ConfigError};

/// Bad flags or configuration; nothing was opened.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError::Clap(error)) => {
            // Also `--help` and `--version`, which clap counts among the errors.
            let code = if error.use_stderr() { EXIT_USAGE } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
        Err(error) => return emqxd::telemetry::complain("error", &error, EXIT_USAGE),
    };
    if config.check_config {
        return emqxd::telemetry::say("configuration is valid");
    }
    emqxd::telemetry::init(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return emqxd::telemetry::complain("cannot start", &error, 1),
    };
    match runtime.block_on(emqxd::run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => emqxd::telemetry::complain("error", &format!("{error:#}"), 1),
    }
}
