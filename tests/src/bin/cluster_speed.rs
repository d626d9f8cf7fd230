//! Measures what a cluster costs. Build both in release:
//!
//!     cargo build --release -p emqxd
//!     cargo run --release -p emqx-tests --bin cluster_speed -- --help
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command that shows figures"
)]

use std::time::Duration;

use anyhow::ensure;
use clap::{Parser, Subcommand, ValueEnum};
use emqx_tests::cluster_speed::evacuation::{self, Work};
use emqx_tests::cluster_speed::forwarding::{self, Trial, Way};
use emqx_tests::cluster_speed::generator::{self, Generate};
use emqx_tests::cluster_speed::{CONFIG, median};
use emqx_tests::test_cluster::TestCluster;
use emqxctl::output::style::Style;
use emqxctl::output::table::{Cell, Table};
use serde_json::json;
use tokio::runtime::Runtime;

/// Measures messages from node to node against the same work on one node, and Sessions that leave a node.
#[derive(Debug, Parser)]
struct Options {
    /// What is measured
    #[arg(long, value_enum, default_values_t = [What::Forwarding, What::Evacuation], value_delimiter = ',')]
    what: Vec<What>,
    /// Each piece of work is done so often; figures are medians
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Pieces of forwarding work, with commas between; a name stands also for all that begin with it [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Multiplies the number of messages that are forwarded
    #[arg(long, value_name = "FACTOR", default_value_t = 2.0)]
    scale: f64,
    /// Sessions that are evacuated
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    sessions: u32,
    /// Of those, with a client that is there
    #[arg(long, value_name = "N", default_value_t = 0)]
    online: u32,
    /// Processes for their clients
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    generators: u32,
    /// Messages published to them each second
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    publish: u32,
    /// Connections cut and Sessions moved each second
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
    /// For how many seconds messages are published before the evacuation
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    queue_for: f64,
    /// All figures of all rounds, as a document
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Forwarding,
    Evacuation,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be a generator
    #[command(hide = true)]
    Generate(Generate),
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(Command::Generate(generate)) = &options.command {
        return generator::serve(generate);
    }
    ensure!(
        options.online <= options.sessions,
        "--online {}: there are only {} sessions (--sessions)",
        options.online,
        options.sessions
    );
    let runtime = Runtime::new()?;
    let mut document = serde_json::Map::new();
    if options.what.contains(&What::Forwarding) {
        document.insert("forwarding".to_owned(), forward(&options, &runtime)?);
    }
    if options.what.contains(&What::Evacuation) {
        document.insert("evacuation".to_owned(), evacuate(&options, &runtime)?);
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&document)?);
    }
    Ok(())
}

fn forward(options: &Options, runtime: &Runtime) -> anyhow::Result<serde_json::Value> {
    let cluster = runtime.block_on(TestCluster::with_config(3, CONFIG));
    let scenarios: Vec<_> = forwarding::all()
        .into_iter()
        .filter(|one| {
            options.scenarios.is_empty()
                || options
                    .scenarios
                    .iter()
                    .any(|name| one.name().starts_with(name.as_str()))
        })
        .collect();
    let mut all: Vec<[Vec<Trial>; 2]> = scenarios.iter().map(|_| Default::default()).collect();
    for round in 1..=options.rounds {
        for (scenario, trials) in scenarios.iter().zip(&mut all) {
            eprintln!("round {round} of {}: {}", options.rounds, scenario.name());
            for (way, trials) in [Way::Local, Way::Across].into_iter().zip(trials) {
                trials.push(forwarding::run(&cluster, way, *scenario, options.scale)?);
            }
        }
    }
    let mut table = Table::new(&[
        "WORK",
        ">LOCAL CPU s/M",
        ">ACROSS CPU s/M",
        ">ACROSS/LOCAL PER CPU s",
        ">LOCAL MSG/S",
        ">ACROSS MSG/S",
        ">LOST",
        ">DUP",
        ">REORDERED",
    ]);
    let mut document = serde_json::Map::new();
    for (scenario, [local, across]) in scenarios.iter().zip(&all) {
        let cpu = |trials: &[Trial]| {
            median(trials.iter().map(|trial| trial.cpu_s_per_million).collect()).unwrap_or_default()
        };
        let rate = |trials: &[Trial]| {
            let rates = trials.iter().map(|trial| trial.outcome.received_per_sec());
            median(rates.collect()).unwrap_or_default()
        };
        let sum = |count: fn(&Trial) -> u64| -> String {
            let sum: u64 = local.iter().chain(across).map(count).sum();
            sum.to_string()
        };
        let ratios = local.iter().zip(across);
        let ratio =
            ratios.map(|(local, across)| local.cpu_s_per_million / across.cpu_s_per_million);
        table.row(vec![
            Cell::from(scenario.name()),
            Cell::from(format!("{:.2}", cpu(local))),
            Cell::from(format!("{:.2}", cpu(across))),
            Cell::from(format!(
                "{:.2}",
                median(ratio.collect()).unwrap_or_default()
            )),
            Cell::from(format!("{:.0}", rate(local))),
            Cell::from(format!("{:.0}", rate(across))),
            Cell::from(sum(|trial| trial.outcome.lost)),
            Cell::from(sum(|trial| trial.outcome.duplicated)),
            Cell::from(sum(|trial| trial.outcome.reordered)),
        ]);
        document.insert(scenario.name(), json!({"local": local, "across": across}));
    }
    if !options.json {
        print!("{}", table.render(true, Style::default()));
    }
    Ok(document.into())
}

fn evacuate(options: &Options, runtime: &Runtime) -> anyhow::Result<serde_json::Value> {
    let work = Work {
        online: options.online,
        offline: options.sessions - options.online,
        generators: options.generators,
        publish_per_sec: options.publish,
        payload_bytes: 64,
        queue_for: Duration::try_from_secs_f64(options.queue_for)?,
        rate: options.rate,
    };
    let mut trials = Vec::new();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}: evacuation", options.rounds);
        trials.push(runtime.block_on(evacuation::run(&work))?);
    }
    let mut table = Table::new(&[
        "SESSIONS",
        ">ONLINE",
        ">s",
        ">SESSIONS/S",
        ">CPU s",
        ">CARRIED",
        ">LEFT BEHIND",
        ">RETURNED",
        ">WITH SESSION",
        ">PUBLISHED",
        ">RECEIVED",
        ">LOST",
        ">DUP",
        ">OTHER DUP",
        ">REORDERED",
    ]);
    for trial in &trials {
        table.row(vec![
            Cell::from(trial.sessions.to_string()),
            Cell::from(work.online.to_string()),
            Cell::from(format!("{:.2}", trial.seconds)),
            Cell::from(format!("{:.0}", trial.sessions_per_sec)),
            Cell::from(format!("{:.2}", trial.cpu_s)),
            Cell::from(trial.messages_carried.to_string()),
            Cell::from(trial.left_behind.to_string()),
            Cell::from(trial.returned.to_string()),
            Cell::from(trial.session_present.to_string()),
            Cell::from(trial.published.to_string()),
            Cell::from(trial.received.to_string()),
            Cell::from(trial.lost.to_string()),
            Cell::from(trial.duplicated_with_dup.to_string()),
            Cell::from(trial.duplicated_without_dup.to_string()),
            Cell::from(trial.reordered.to_string()),
        ]);
    }
    if !options.json {
        print!("{}", table.render(true, Style::default()));
        let rates = trials.iter().map(|trial| trial.sessions_per_sec).collect();
        println!(
            "median: {:.0} sessions a second",
            median(rates).unwrap_or_default()
        );
    }
    Ok(serde_json::to_value(&trials)?)
}
