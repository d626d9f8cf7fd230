//! What can be typed after `emqxctl demo`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// Arguments of `emqxctl demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Clients with a session on the node that is evacuated; a third of them are offline by then
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub clients: u32,
    /// Connections, and then sessions, to move each second
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: u32,
    /// Nodes of the cluster
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=9))]
    pub nodes: u8,
    /// QoS 1 messages to publish each second, to all clients in turn
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub publish_rate: u32,
    /// Time for a load balancer to notice, before the first connection is cut
    #[arg(long, value_name = "DUR", default_value = "1s", value_parser = duration)]
    pub wait_health_check: Duration,
    /// Time for clients to come back, before sessions without a client are moved
    #[arg(long, value_name = "DUR", default_value = "2s", value_parser = duration)]
    pub wait_takeover: Duration,
    /// Leave the cluster running and print how to reach it
    #[arg(long)]
    pub keep: bool,
    /// The daemon's program [default: the one beside this program; built first under `cargo run`]
    #[arg(long, value_name = "PATH")]
    pub emqxd: Option<PathBuf>,
}

/// What the demo does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOptions {
    /// Clients with a session on the node that is evacuated, 1 to 10,000.
    pub clients: u32,
    /// Connections, and then sessions, to move each second; at least 1.
    pub rate_per_sec: u32,
    /// Nodes of the cluster, 2 to 9.
    pub nodes: u8,
    /// Messages to publish each second, to all clients together; at least 1.
    pub publish_rate_per_sec: u32,
    /// `wait_health_check` of the evacuation.
    pub wait_health_check: Duration,
    /// `wait_takeover` of the evacuation.
    pub wait_takeover: Duration,
    /// Leave the cluster running.
    pub keep: bool,
    /// The daemon's program, when it is not to be looked for.
    pub emqxd: Option<PathBuf>,
}

impl From<DemoArgs> for DemoOptions {
    fn from(args: DemoArgs) -> Self {
        Self {
            clients: args.clients,
            rate_per_sec: args.rate,
            nodes: args.nodes,
            publish_rate_per_sec: args.publish_rate,
            wait_health_check: args.wait_health_check,
            wait_takeover: args.wait_takeover,
            keep: args.keep,
            emqxd: args.emqxd,
        }
    }
}

/// `90` (seconds), `90s`, `1m 30s`.
fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text)
        .map_err(|_| "a duration such as 5, 5s, 500ms or 1m 30s is expected".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        demo: DemoArgs,
    }

    fn parse(line: &str) -> Result<DemoOptions, String> {
        Cli::try_parse_from(line.split_whitespace())
            .map(|cli| cli.demo.into())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_readme() {
        let options = parse("demo").unwrap();
        assert_eq!(
            (options.clients, options.rate_per_sec, options.nodes),
            (300, 50, 3)
        );
        assert_eq!(options.wait_takeover, Duration::from_secs(2));
        assert!(!options.keep);
    }

    #[test]
    fn limits_are_told() {
        for (line, limit) in [
            ("demo --clients 0", "10000"),
            ("demo --nodes 1", "2..=9"),
            ("demo --rate 0", "1..="),
            ("demo --wait-takeover soon", "1m 30s"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(limit), "{error}");
        }
    }
}
