//! The operator's tool.

use std::process::ExitCode;

fn main() -> ExitCode {
    emqxctl::run(std::env::args_os(), emqxctl::Env::from_process()).into()
}
