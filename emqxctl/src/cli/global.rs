//! Options of every command.

use std::time::Duration;

use clap::Args;

use super::value::{Endpoints, duration};
use crate::output::Format;
use crate::output::style::ColorChoice;

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]
    #[arg(long, short = 's', global = true, value_name = "HOST:PORT,...", value_parser = Endpoints::parse)]
    pub server: Option<Endpoints>,
    /// Shape of the output
    #[arg(
        long,
        short,
        global = true,
        value_name = "FORMAT",
        value_enum,
        default_value_t
    )]
    pub output: Format,
    /// When to use colour: auto, always or never [default: auto]
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub color: ColorChoice,
    /// Same as --color never (so does the variable NO_COLOR)
    #[arg(long, global = true, conflicts_with = "color")]
    pub no_color: bool,
    /// Nothing on standard error but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]
    #[arg(long, global = true, value_name = "DUR", value_parser = duration, allow_negative_numbers = true)]
    pub timeout: Option<Duration>,
    /// Answer every question with yes
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// Never ask; fail where a question would be asked
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Tables without titles
    #[arg(long, global = true)]
    pub no_header: bool,
}
