//! Measures what `node.global_gc_interval` does to live traffic: latency of 100 publishers to 100 subscribers, once with
//! an interval of one second and once without, in turn. Meanwhile the node holds Sessions whose clients are away, with
//! messages of which some expire, and Retained Messages. Build both in release:
//!
//!     cargo build --release -p emqxd
//!     cargo run --release -p emqx-tests --bin gc -- --help
#![allow(clippy::print_stdout, reason = "a command that shows figures")]

use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use emqx_tests::peers::cost::Cost;
use emqx_tests::peers::scenario::{IDLE, Kind, Scenario, Work};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Connect, Value, Wire, property, publish};
use emqxctl::bench::{self, Moment, Observer, Progress, Stop};
use emqxctl::demo::link::Protocol::V5;
use emqxctl::demo::open_files;

/// What a node holds does not change while it comes to rest.
const REST: Duration = Duration::from_millis(1_500);

/// Measures what `node.global_gc_interval` does to the latency of live traffic.
#[derive(Debug, Parser)]
struct Options {
    /// Each setting is measured so often; figures are medians
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Messages a second
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
    /// QoS of the traffic
    #[arg(long, value_name = "QOS", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    qos: u8,
    /// Sessions whose clients are away
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    away: u32,
    /// Messages that wait for each of them, at most 10,000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    waiting: u16,
    /// Retained Messages
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    retained: u32,
}

/// Figures of one round.
#[derive(Debug, Clone, Copy)]
struct Figures {
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
    max_us: f64,
    cpu_ms_per_s: f64,
}

struct Watch {
    pid: u32,
    begun: Cost,
    ended: Cost,
}

impl Observer for Watch {
    fn moment(&mut self, moment: Moment, _: Progress) {
        match moment {
            Moment::Begun => self.begun = Cost::of(self.pid).unwrap_or_default(),
            Moment::Ended => self.ended = Cost::of(self.pid).unwrap_or_default(),
            Moment::Connecting | Moment::Connected | Moment::Second => {}
        }
    }
}

/// A node with something to look through.
async fn filled_node(interval: &str, options: &Options) -> TestCluster {
    let toml = format!("[node]\nglobal_gc_interval = \"{interval}\"\n");
    let cluster = TestCluster::with_config(1, &toml).await;
    let address = cluster.mqtt(0);
    for number in 0..options.away {
        let client_id = format!("away-{number}");
        let connect = Connect::staying(&client_id);
        let (mut wire, ..) = Wire::accepted(&address, V5, &connect).await;
        wire.subscribe("waiting", 1).await;
    }
    let mut publisher = Wire::clean(&address, V5, "filler").await;
    let payload = "x".repeat(256);
    for number in 1..=options.waiting {
        let mut message = publish("waiting", 1, number, &payload);
        // They go one after the other while it is measured; one in ten stays.
        let expires_s = if number % 10 == 0 {
            3_600
        } else {
            u32::from(number % 10)
        };
        let expires = (property::MESSAGE_EXPIRY_INTERVAL, Value::Four(expires_s));
        message.properties.push(expires);
        publisher.publish_through(&message).await;
    }
    for number in 0..options.retained {
        let topic = format!("retained/{number}");
        let mut message = publish(&topic, 0, 0, &payload);
        message.retain = true;
        let expires = (
            property::MESSAGE_EXPIRY_INTERVAL,
            Value::Four(1 + number % 10),
        );
        message.properties.push(expires);
        publisher.publish(&message).await;
    }
    publisher.silence().await;
    cluster
}

fn measure(interval: &str, options: &Options) -> anyhow::Result<Figures> {
    let runtime = tokio::runtime::Runtime::new()?;
    let cluster = runtime.block_on(filled_node(interval, options));
    thread::sleep(REST);
    let ready = &cluster.nodes[0].ready;
    let scenario = Scenario {
        kind: Kind::Latency,
        payload_bytes: 64,
        qos: options.qos,
    };
    let work = Work {
        scale: 1.0,
        rate: options.rate,
        idle: IDLE,
    };
    let mut watch = Watch {
        pid: ready.pid,
        begun: Cost::default(),
        ended: Cost::default(),
    };
    let outcome = bench::run(
        scenario.load(ready.mqtt, &work),
        &mut watch,
        &Stop::default(),
    )?;
    anyhow::ensure!(
        outcome.is_clean(options.qos),
        "the node failed: {outcome:?}"
    );
    let latency = outcome.latency.context("nothing arrived")?;
    let cpu = (watch.ended - watch.begun).cpu.as_secs_f64();
    Ok(Figures {
        p50_us: latency.p50_us,
        p99_us: latency.p99_us,
        p999_us: latency.p999_us,
        max_us: latency.max_us,
        cpu_ms_per_s: cpu * 1e3 / outcome.seconds,
    })
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let _ = open_files::allow(1_000);
    println!(
        "{} messages a second of 64 B, QoS {}; {} Sessions away with {} messages each, {} Retained Messages",
        options.rate, options.qos, options.away, options.waiting, options.retained
    );
    const SETTINGS: [&str; 2] = ["disabled", "1s"];
    let mut all = [Vec::new(), Vec::new()];
    for round in 1..=options.rounds {
        // The first of a round changes, so that what the machine does beside weighs on both.
        for turn in 0..2 {
            let setting = (turn + round as usize) % 2;
            let figures = measure(SETTINGS[setting], &options)?;
            println!(
                "round {round} {:<8} p50 {:>7.0} p99 {:>7.0} p99.9 {:>7.0} max {:>7.0} us, {:>4.0} ms of CPU time a second",
                SETTINGS[setting],
                figures.p50_us,
                figures.p99_us,
                figures.p999_us,
                figures.max_us,
                figures.cpu_ms_per_s
            );
            all[setting].push(figures);
        }
    }
    type Figure = fn(&Figures) -> f64;
    let figures: [(&str, Figure); 5] = [
        ("p50, us", |it| it.p50_us),
        ("p99, us", |it| it.p99_us),
        ("p99.9, us", |it| it.p999_us),
        ("max, us", |it| it.max_us),
        ("CPU, ms/s", |it| it.cpu_ms_per_s),
    ];
    println!("\n{:<10} {:>9} {:>9}  ratio", "median", "disabled", "1s");
    for (name, figure) in figures {
        let [without, with] =
            [0, 1].map(|setting| median(all[setting].iter().map(figure).collect()));
        println!(
            "{name:<10} {without:>9.0} {with:>9.0}  {:.2}",
            with / without
        );
    }
    Ok(())
}
