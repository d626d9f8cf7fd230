//! The daemon: arguments, configuration, telemetry, runtime, run, exit code.

use std::process::ExitCode;

use emqxd::config::{Config, ConfigError};
use emqxd::{memory_release, telemetry};

/// Gives memory back to the system soon after it was freed, which the memory mark counts on: the system's own allocator
/// keeps most of it for later.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bad flags or configuration; nothing was opened.
const EXIT_USAGE: u8 = 2;

/// The node could not start, or failed.
const EXIT_FAILED: u8 = 1;

fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError::CommandLine(error)) => {
            // Also `--help` and `--version`, which clap counts among the errors.
            let code = if error.use_stderr() { EXIT_USAGE } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
        Err(error) => return telemetry::complain(&error, EXIT_USAGE),
    };
    if config.check_config {
        return telemetry::say("configuration is valid");
    }
    use_small_pages();
    telemetry::init(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_park(memory_release::before_sleep)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return telemetry::complain(&error, EXIT_FAILED),
    };
    match runtime.block_on(emqxd::run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => telemetry::complain(&format!("{error:#}"), EXIT_FAILED),
    }
}

/// Asks the system for pages of the usual size only. The allocator would have it use pages of 2 MiB, of which one block
/// that is held keeps all: 10,000 idle connections then hold a quarter more memory than they need.
fn use_small_pages() {
    // A system that knows no other pages is fine, too.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
