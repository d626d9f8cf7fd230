//! Measures what storing Sessions costs and gives: how soon a killed node serves 100,000 of them again, how fast
//! acknowledged messages are stored beside what the disk can do, and what is lost while nodes are killed under traffic.
//! Build both in release:
//!
//!     cargo build --release -p emqxd
//!     cargo run --release -p emqx-tests --bin durable -- --help
#![allow(clippy::print_stdout, reason = "a command that shows figures")]

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::{Parser, ValueEnum};
use emqx_tests::group_commit::{GroupCommitServer, syncs_per_second};
use emqx_tests::raw::{Connect, RawClient, publish, subscribe};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{http, programs, resident};
use emqxctl::demo::board::{Board, DeviceState};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::device::Wanted;
use emqxctl::demo::fleet::{Fleet, mixed_devices};
use emqxctl::demo::link::Protocol;
use emqxctl::demo::open_files;
use emqxctl::demo::publisher::{Publisher, PublisherOptions};
use emqxctl::demo::schedule::Schedule;
use futures_util::future::try_join_all;
use tokio::task::JoinHandle;

/// Measures what storing Sessions costs and gives.
#[derive(Debug, Parser)]
struct Options {
    /// What is measured
    #[arg(long, value_enum, default_value_t = What::Restart)]
    what: What,
    /// Sessions, or clients
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    sessions: usize,
    /// Messages that wait for each
    #[arg(long, value_name = "N", default_value_t = 10)]
    messages: usize,
    /// Bytes of each payload
    #[arg(long, value_name = "BYTES", default_value_t = 64)]
    payload: usize,
    /// Connections that publish, each to a Session of its own
    #[arg(long, value_name = "N", default_value_t = 64)]
    publishers: usize,
    /// Messages of each without acknowledgement
    #[arg(long, value_name = "N", default_value_t = 100)]
    window: usize,
    /// Messages a second, while nodes are killed
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    rate: u32,
    /// How often a node is killed
    #[arg(long, value_name = "N", default_value_t = 20)]
    kills: usize,
    /// Each Session has a copy, and a killed node loses its disk
    #[arg(long)]
    replicas: bool,
    /// How long is measured
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A killed node with many Sessions starts again
    Restart,
    /// Messages of QoS 1 to Sessions whose clients are away
    Throughput,
    /// One of three nodes is killed again and again
    Kills,
}

/// Clients that connect at once.
const AT_ONCE: usize = 200;

/// How often it is looked whether anything was acknowledged.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

const WAIT: Duration = Duration::from_secs(120);

async fn stored_session(address: &str, number: usize, filter: &str) -> anyhow::Result<()> {
    let client_id = format!("stored-{number}");
    let connect = Connect::persistent(&client_id, Protocol::V5);
    let (mut client, _) = RawClient::accepted(address, &connect).await?;
    client.send(&subscribe(Protocol::V5, 1, filter, 1)).await?;
    client.receive().await?.context("no SUBACK")?;
    client.send(&[0xE0, 0]).await?;
    Ok(())
}

/// Each has a Subscription of its own and one that all have.
async fn stored_sessions(address: &str, count: usize, filter: &str) -> anyhow::Result<()> {
    for first in (0..count).step_by(AT_ONCE) {
        let numbers = first..count.min(first + AT_ONCE);
        try_join_all(numbers.map(|number| stored_session(address, number, filter))).await?;
    }
    Ok(())
}

/// Publishes and waits for the acknowledgements, with so many under way.
async fn publish_all(
    client: &mut RawClient,
    topic: &str,
    payload: &[u8],
    count: usize,
    window: usize,
) -> anyhow::Result<()> {
    let (mut sent, mut acknowledged) = (0, 0);
    while acknowledged < count {
        let mut bytes = Vec::new();
        while sent < count && sent - acknowledged < window {
            let packet_id = (sent % 60_000 + 1) as u16;
            bytes.extend(publish(Protocol::V5, packet_id, topic, payload));
            sent += 1;
        }
        client.send(&bytes).await?;
        let mut frame = client.frame().await?.context("the connection has ended")?;
        loop {
            let (kind, body) = frame;
            ensure!(
                kind == 0x40 && body.get(2).is_none_or(|code| *code < 0x80),
                "refused"
            );
            acknowledged += 1;
            match client.frame_at_hand()? {
                Some(next) => frame = next,
                None => break,
            }
        }
    }
    Ok(())
}

async fn metric(node: &Node, name: &str) -> anyhow::Result<f64> {
    let (_, text) = http::get(node.ready.http, "/metrics").await?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(line.with_context(|| format!("no metric {name}"))?.parse()?)
}

async fn restart(options: &Options, dir: &Path) -> anyhow::Result<()> {
    let node = Node::start(NodeOptions::new(&programs::emqxd(), dir, "n1")).await?;
    let begun = Instant::now();
    stored_sessions(&node.mqtt(), options.sessions, "all").await?;
    println!(
        "{} Sessions made in {:.1} s",
        options.sessions,
        begun.elapsed().as_secs_f64()
    );
    let connect = Connect::persistent("publisher", Protocol::V5);
    let (mut publisher, _) = RawClient::accepted(&node.mqtt(), &connect).await?;
    let begun = Instant::now();
    publish_all(
        &mut publisher,
        "all",
        &vec![b'x'; options.payload],
        options.messages,
        1,
    )
    .await?;
    println!(
        "{} messages for each acknowledged in {:.1} s, {:.0} MiB resident",
        options.messages,
        begun.elapsed().as_secs_f64(),
        resident::mebibytes(resident::bytes(node.ready.pid).unwrap_or(0)),
    );
    let again = node.options.clone();
    node.kill().await?;
    let begun = Instant::now();
    let node = Node::start(again).await?;
    let took = begun.elapsed();
    let bytes = resident::bytes(node.ready.pid).unwrap_or(0);
    println!(
        "killed and started again: serves after {:.2} s, {:.0} MiB resident, {:.0} bytes for each Session",
        took.as_secs_f64(),
        resident::mebibytes(bytes),
        bytes as f64 / options.sessions as f64,
    );
    let connect = Connect::persistent("stored-0", Protocol::V5);
    let (mut client, is_present) = RawClient::accepted(&node.mqtt(), &connect).await?;
    ensure!(is_present, "the Session is lost");
    for _ in 0..options.messages {
        let (kind, _) = client.frame().await?.context("the connection has ended")?;
        ensure!(kind & 0xF0 == 0x30, "no PUBLISH but {kind:#x}");
    }
    println!("its client gets its {} messages", options.messages);
    node.terminate().await?;
    Ok(())
}

/// Messages a second that the server at that address acknowledges.
async fn acknowledged_rate(options: &Options, address: &str) -> anyhow::Result<f64> {
    let mut publishers = Vec::new();
    for number in 0..options.publishers {
        let client_id = format!("publisher-{number}");
        let connect = Connect::persistent(&client_id, Protocol::V5);
        publishers.push(RawClient::accepted(address, &connect).await?.0);
    }
    let begun = Instant::now();
    let until = begun + Duration::from_secs(options.seconds);
    let payload = vec![b'x'; options.payload];
    let mut tasks = Vec::new();
    for (number, mut client) in publishers.into_iter().enumerate() {
        let (payload, window) = (payload.clone(), options.window);
        tasks.push(tokio::spawn(async move {
            let mut count = 0;
            while Instant::now() < until {
                publish_all(
                    &mut client,
                    &format!("t/{number}"),
                    &payload,
                    window * 10,
                    window,
                )
                .await?;
                count += window * 10;
            }
            anyhow::Ok(count)
        }));
    }
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

/// Messages to Sessions whose clients are away, in that durability; with commits and changes a second.
async fn stored_rate(
    options: &Options,
    dir: &Path,
    durability: &str,
) -> anyhow::Result<(f64, f64, f64)> {
    let mut node = NodeOptions::new(&programs::emqxd(), dir, durability);
    node.flags
        .insert("durability".to_owned(), durability.to_owned());
    let node = Node::start(node).await?;
    let address = node.mqtt();
    for number in 0..options.publishers {
        stored_session(&address, number, &format!("t/{number}")).await?;
    }
    let store = async || {
        let commits = metric(&node, "emqxd_store_commits_total").await?;
        anyhow::Ok((commits, metric(&node, "emqxd_store_changes_total").await?))
    };
    let is_stored = durability != "none";
    let before = if is_stored {
        store().await?
    } else {
        (0.0, 0.0)
    };
    let begun = Instant::now();
    let rate = acknowledged_rate(options, &address).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let after = if is_stored {
        store().await?
    } else {
        (0.0, 0.0)
    };
    node.terminate().await?;
    Ok((
        rate,
        (after.0 - before.0) / seconds,
        (after.1 - before.1) / seconds,
    ))
}

async fn throughput(options: &Options, dir: &Path) -> anyhow::Result<()> {
    let best = {
        let server = GroupCommitServer::start(dir).await?;
        acknowledged_rate(options, &server.address.to_string()).await?
    };
    let mut of_disk = (0.0, 0.0);
    for durability in ["none", "os", "disk"] {
        let (rate, commits, changes) = stored_rate(options, dir, durability).await?;
        println!(
            "durability {durability}: {rate:.0} messages/s of {} bytes acknowledged, {changes:.0} changes/s in \
             {commits:.0} commits/s",
            options.payload,
        );
        of_disk = (rate, commits);
    }
    let (rate, commits) = of_disk;
    let bytes = (rate / commits * (options.payload as f64 + 100.0)) as usize;
    let syncs = syncs_per_second(dir, bytes, Duration::from_secs(2))?;
    let alone = syncs_per_second(dir, 100, Duration::from_secs(2))?;
    println!(
        "the disk alone: {syncs:.0} syncs/s of {bytes} bytes, {alone:.0}/s of 100 bytes\n\
         a server that appends, syncs in groups and acknowledges: {best:.0} messages/s; emqxd to it: {:.2}",
        rate / best,
    );
    Ok(())
}

/// How long nothing is acknowledged at a time.
struct Pauses {
    longest: Arc<Mutex<Duration>>,
    watching: JoinHandle<()>,
}

impl Drop for Pauses {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Pauses {
    fn watch(board: &Arc<Board>) -> Self {
        let (board, longest) = (Arc::clone(board), Arc::new(Mutex::default()));
        let watching = tokio::spawn({
            let longest = Arc::clone(&longest);
            async move {
                let (mut last, mut since) = (0, Instant::now());
                loop {
                    tokio::time::sleep(LOOK_INTERVAL).await;
                    let acknowledged = board.messages().acknowledged;
                    if acknowledged == last {
                        let mut longest = longest.lock().unwrap_or_else(PoisonError::into_inner);
                        *longest = since.elapsed().max(*longest);
                    } else {
                        (last, since) = (acknowledged, Instant::now());
                    }
                }
            }
        });
        Self { longest, watching }
    }

    /// Since the last call.
    fn take_longest(&self) -> Duration {
        std::mem::take(&mut *self.longest.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn kills(options: &Options) -> anyhow::Result<()> {
    let copies = if options.replicas { 2 } else { 1 };
    let config = format!("[session]\nreplicas = {copies}\n");
    let mut cluster = TestCluster::with_config(3, &config).await;
    let clients = options.sessions;
    let board = Arc::new(Board::new(clients));
    let fleet = Fleet::spawn(mixed_devices("d", clients, &cluster.addresses()), &board);
    for first in (0..clients).step_by(AT_ONCE) {
        let some = first..clients.min(first + AT_ONCE);
        fleet.tell(some.clone(), Wanted::Online);
        board.wait_for(some, DeviceState::Ready, WAIT).await?;
    }
    // A part is away all the time.
    fleet.tell(0..clients / 5, Wanted::Offline);
    board
        .wait_for(0..clients / 5, DeviceState::Idle, WAIT)
        .await?;
    let publisher = Publisher::spawn(
        PublisherOptions {
            client_id: "publisher".to_owned(),
            addresses: cluster.addresses(),
            topics: fleet.topics(),
        },
        Arc::clone(&board),
    );
    publisher
        .steady(Schedule::new(options.rate, vec![u64::MAX; clients]))
        .await?;
    let pauses = Pauses::watch(&board);
    for round in 0..options.kills {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        if options.replicas {
            cluster.copied(clients).await;
            cluster.kill_and_return_empty(round % 3).await;
        } else {
            cluster.kill_and_return(round % 3).await;
        }
        cluster.formed().await;
        board
            .wait_for(clients / 5..clients, DeviceState::Ready, WAIT)
            .await?;
        println!(
            "kill {}: all is well again after {:.1} s, nothing was acknowledged for {:.1} s at a time at most, {:?}",
            round + 1,
            begun.elapsed().as_secs_f64(),
            pauses.take_longest().as_secs_f64(),
            board.messages(),
        );
    }
    publisher.finish().await?;
    fleet.tell(0..clients, Wanted::Online);
    board.wait_for(0..clients, DeviceState::Ready, WAIT).await?;
    let got = board.wait_until_drained(Duration::from_secs(2), WAIT).await;
    println!("{got:?}");
    fleet.stop().await;
    ensure!(
        got.lost == 0,
        "{} messages are lost, of them {:?}",
        got.lost,
        board.missing(20)
    );
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    // What is too much is told when a connection fails.
    let _ = open_files::allow(options.sessions.min(15_000) as u64);
    let dir = tempfile::tempdir()?;
    match options.what {
        What::Restart => restart(&options, dir.path()).await,
        What::Throughput => throughput(&options, dir.path()).await,
        What::Kills => kills(&options).await,
    }
}
