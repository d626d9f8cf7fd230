//! `emqxctl top`

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::value::duration;

/// Arguments of `top`.
#[derive(Debug, Args)]
pub struct TopArgs {
    /// What is shown first
    #[arg(long, value_name = "SCREEN", value_enum, default_value_t)]
    pub screen: TopScreen,
    /// Between two states, 100ms to 60s
    #[arg(long, value_name = "DUR", default_value = "1s", value_parser = interval)]
    pub interval: Duration,
    /// Offer nothing that changes the cluster
    #[arg(long)]
    pub readonly: bool,
}

/// The screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TopScreen {
    /// The whole cluster.
    #[default]
    Overview,
    /// One operation.
    Operation,
    /// What has happened.
    Events,
}

fn interval(text: &str) -> Result<Duration, String> {
    let valid = Duration::from_millis(100)..=Duration::from_secs(60);
    match duration(text) {
        Ok(interval) if valid.contains(&interval) => Ok(interval),
        _ => Err("a time from 100ms to 60s is expected, such as 1s or 500ms".to_owned()),
    }
}
