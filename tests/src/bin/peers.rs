//! Compares emqxd with the brokers of other projects that are there, on the same work, in turn. Build both in release:
//!
//!     cargo build --release -p emqxd
//!     cargo run --release -p emqx-tests --bin peers -- --help
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command that shows figures"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use emqx_tests::peers::peer::Peer;
use emqx_tests::peers::scenario::{IDLE, Kind, Scenario, Work};
use emqx_tests::peers::table::{self, Series};
use emqx_tests::peers::{rumqttd_server, syscalls, trial};
use emqxctl::demo::open_files;
use serde_json::json;

/// Clients of any work with others than idle ones, at most.
const CLIENTS_MAX: u32 = 4_000;

/// Compares emqxd with the brokers of other projects that are there, on the same work, in turn.
#[derive(Debug, Parser)]
struct Options {
    /// Each broker does each piece of work so often; figures are medians
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Pieces of work, with commas between; a name stands also for all that begin with it [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Brokers, with commas between [default: all that are there]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    peers: Vec<String>,
    /// Multiplies the number of messages, and of Topic Filters that are held
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    scale: f64,
    /// Messages a second where latency is measured
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
    /// Clients that do nothing
    #[arg(long, value_name = "N", default_value_t = IDLE, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    idle: u32,
    /// Do not spend a round on counting system calls
    #[arg(long)]
    no_syscalls: bool,
    /// Write all figures of all rounds there
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be a rumqttd
    #[command(hide = true)]
    ServeRumqttd { listen: SocketAddr },
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(Command::ServeRumqttd { listen }) = options.command {
        return rumqttd_server::serve(listen);
    }
    open_files::allow(options.idle.max(CLIENTS_MAX).into())?;
    let peers = peers(&options.peers)?;
    let scenarios = scenarios(&options.scenarios)?;
    let work = Work {
        scale: options.scale,
        rate: options.rate,
        idle: options.idle,
    };
    let counts_syscalls = !options.no_syscalls && syscalls::can_be_counted();
    if !options.no_syscalls && !counts_syscalls {
        println!("SKIPPED: system calls; perf is not installed or not allowed");
    }
    let mut all: Vec<Vec<(Peer, Series)>> = scenarios
        .iter()
        .map(|_| {
            peers
                .iter()
                .map(|(peer, _)| (*peer, Series::default()))
                .collect()
        })
        .collect();
    // The first round, when there is one more, is for system calls.
    for round in u32::from(!counts_syscalls)..=options.rounds {
        for (scenario, series) in scenarios.iter().zip(&mut all) {
            if round == 0 && matches!(scenario.kind, Kind::Idle | Kind::Retained) {
                continue;
            }
            for ((peer, program), (_, series)) in peers.iter().zip(series) {
                eprintln!(
                    "round {round} of {}: {} {}",
                    options.rounds,
                    scenario.name(),
                    peer.name()
                );
                match trial::run(*peer, program, *scenario, &work, round == 0) {
                    Ok(trial) if round == 0 => series.syscalls = trial.syscalls,
                    Ok(trial) => series.trials.push(trial),
                    Err(error) => series.failures.push(format!("{error:#}")),
                }
            }
        }
    }
    let mut document = BTreeMap::new();
    for (scenario, all) in scenarios.iter().zip(&all) {
        println!("\n{}: {}", scenario.name(), scenario.describe(&work));
        print!("{}", table::render(*scenario, all));
        for (peer, series) in all {
            tell_trouble(*peer, series);
        }
        let series: BTreeMap<_, _> = all
            .iter()
            .map(|(peer, series)| {
                let series = json!({
                    "trials": series.trials,
                    "syscalls": series.syscalls,
                    "failures": series.failures,
                });
                (peer.name(), series)
            })
            .collect();
        document.insert(scenario.name(), series);
    }
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&document)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What a reader of the table must know.
fn tell_trouble(peer: Peer, series: &Series) {
    for failure in &series.failures {
        println!("{}: FAILED: {failure}", peer.name());
    }
    for trial in &series.trials {
        let outcome = &trial.outcome;
        if let Some(why) = &trial.incapable {
            println!("{}: CANNOT: {why}", peer.name());
            continue;
        }
        for failure in &outcome.failures {
            println!(
                "{}: {} connections: {}",
                peer.name(),
                failure.count,
                failure.cause
            );
        }
        if outcome.is_silent {
            println!(
                "{}: stopped answering after {} messages",
                peer.name(),
                outcome.received
            );
        }
    }
}

fn peers(wanted: &[String]) -> anyhow::Result<Vec<(Peer, PathBuf)>> {
    let known = Peer::ALL.map(Peer::name);
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("--peers {unknown}: there are {}", known.join(", "));
    }
    let mut peers = Vec::new();
    for peer in Peer::ALL {
        let is_wanted = wanted.is_empty() || wanted.iter().any(|name| name == peer.name());
        if !is_wanted {
            continue;
        }
        match peer.program() {
            Some(program) => {
                println!("{}: {}", peer.name(), peer.setup());
                peers.push((peer, program));
            }
            None => println!("SKIPPED: {} is not in PATH", peer.name()),
        }
    }
    Ok(peers)
}

fn scenarios(wanted: &[String]) -> anyhow::Result<Vec<Scenario>> {
    let all = Scenario::all();
    for name in wanted {
        if !all.iter().any(|one| one.name().starts_with(name.as_str())) {
            let names: Vec<String> = all.iter().map(|one| one.name()).collect();
            bail!("--scenarios {name}: there are {}", names.join(", "));
        }
    }
    let is_wanted = |one: &Scenario| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|name| one.name().starts_with(name.as_str()))
    };
    Ok(all.into_iter().filter(is_wanted).collect())
}
