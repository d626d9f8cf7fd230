//! Computes what a node costs in a cluster of 3, 10 and 50 with 10,000,000 Sessions, and measures the constants that this
//! is computed from. Build both in release:
//!
//!     cargo build --release -p emqxd
//!     cargo run --release -p emqx-tests --bin growth [measure]
#![allow(clippy::print_stdout, reason = "a command that shows figures")]

use std::time::Duration;

use anyhow::{Context as _, bail};
use emqx_proto::peer::v1::{DataItem, InterestDelta, data_item::Item};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::wire::{Connect, Wire};
use emqx_tests::{growth, resident};
use emqxctl::demo::link::Protocol::V5;
use prost::Message as _;

/// Nodes of the computed clusters.
const NODES: [u32; 3] = [3, 10, 50];
const SESSIONS: f64 = 1e7;

/// Topic Filters, and how many a client and a SUBSCRIBE have of them.
const FILTERS: usize = 200_000;
const OF_CLIENT: usize = 10_000;
const OF_PACKET: usize = 500;

/// Clients that connect to one node; each is an open file of two processes.
const CLIENTS: usize = 8_000;

/// Memory and CPU time have settled.
const SETTLED: Duration = Duration::from_secs(12);

fn bytes(cluster: &TestCluster, node: usize) -> anyhow::Result<f64> {
    let pid = cluster.nodes[node].ready.pid;
    Ok(resident::bytes(pid).context("the node has ended")? as f64)
}

/// Figures are taken at rest, after the node has given back what it can.
async fn settle() {
    tokio::time::sleep(SETTLED).await;
}

/// As `idle` has it: each device listens for its own commands.
fn filter(number: usize) -> String {
    format!("devices/idle-{number:06}/commands")
}

async fn measure() -> anyhow::Result<()> {
    let mut alone = 0.0;
    for count in [1, 2, 4] {
        let cluster = TestCluster::start(count).await;
        settle().await;
        let now = bytes(&cluster, 0)?;
        if count == 1 {
            alone = now;
            println!("node_bytes              {now:.0}");
        } else {
            println!(
                "peer_bytes              {:.0} (of {count} nodes)",
                (now - alone) / (count - 1) as f64
            );
        }
    }

    let cluster = TestCluster::start(2).await;
    settle().await;
    let before = bytes(&cluster, 1)?;
    let cpu_before = resident::cpu_time(cluster.nodes[1].ready.pid).unwrap_or_default();
    let mut clients = Vec::new();
    for first in (0..FILTERS).step_by(OF_CLIENT) {
        let name = format!("listener-{first}");
        let mut client = Wire::clean(&cluster.mqtt(0), V5, &name).await;
        for first in (first..first + OF_CLIENT).step_by(OF_PACKET) {
            let filters: Vec<String> = (first..first + OF_PACKET).map(filter).collect();
            let filters: Vec<(&str, u8)> = filters.iter().map(|it| (it.as_str(), 0)).collect();
            client.subscribe_with(&Vec::new(), &filters).await;
        }
        clients.push(client);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let cpu = resident::cpu_time(cluster.nodes[1].ready.pid).unwrap_or_default() - cpu_before;
    settle().await;
    println!(
        "interest_bytes          {:.0}",
        (bytes(&cluster, 1)? - before) / FILTERS as f64
    );
    println!(
        "interest_change_us      {:.2}",
        cpu.as_secs_f64() * 1e6 / FILTERS as f64
    );
    drop(clients);
    drop(cluster);

    let cluster = TestCluster::start(2).await;
    settle().await;
    let before = bytes(&cluster, 1)?;
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let name = format!("idle-{number:06}");
        let (client, ..) = Wire::accepted(&cluster.mqtt(0), V5, &Connect::clean(&name)).await;
        clients.push(client);
    }
    settle().await;
    // Half of them have their registrar there.
    println!(
        "registrar_bytes         {:.0}",
        (bytes(&cluster, 1)? - before) / (CLIENTS as f64 / 2.0)
    );
    Ok(())
}

fn interest_change_bytes() -> usize {
    let item = DataItem {
        item: Some(Item::Interest(InterestDelta {
            add: vec![filter(0)],
            ..InterestDelta::default()
        })),
    };
    // As it stands in a frame: behind its length.
    item.encode_length_delimited_to_vec().len()
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            print!("{}", growth::table(&growth::MEASURED, &NODES, SESSIONS));
            Ok(())
        }
        ["measure"] => {
            let _ = emqxctl::demo::open_files::allow(CLIENTS as u64 + 100);
            println!("interest_change_bytes   {}", interest_change_bytes());
            tokio::runtime::Runtime::new()?.block_on(measure())
        }
        _ => bail!("nothing, or measure"),
    }
}
