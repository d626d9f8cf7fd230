//! Measures what idle connections cost a node: MQTT 5.0 clients over TCP, each with one Subscription to a Topic Filter
//! of its own. Build in release:
//!
//!     cargo run --release -p emqx-tests --bin idle [COUNT [ADDRESS PID]]
//!
//! With an address and a process id, that server is measured in place of a node that is started for it.
#![allow(clippy::print_stdout, reason = "a command that shows figures")]

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use emqx_tests::blocking_client::BlockingClient;
use emqx_tests::raw::Connect;
use emqx_tests::resident;
use emqx_tests::test_cluster::TestCluster;
use emqxctl::demo::link::Protocol;
use emqxctl::demo::open_files;
use socket2::{Domain, Socket, Type};

/// Source addresses, so that no one address runs out of ports.
const SOURCES: usize = 8;

/// It is quiet when the resident memory has not changed by more than this over [`QUIET_FOR`].
const QUIET_BYTES: u64 = 64 << 10;
const QUIET_FOR: Duration = Duration::from_secs(3);
const QUIET_WITHIN: Duration = Duration::from_secs(60);

/// Memory of a process, bytes.
#[derive(Debug, Clone, Copy)]
struct Memory {
    /// All that is resident, also pages of the program's file.
    resident: u64,
    /// Of that, what the process has written: heap and stacks.
    anonymous: u64,
}

impl Memory {
    fn of(pid: u32) -> anyhow::Result<Self> {
        let path = format!("/proc/{pid}/smaps_rollup");
        let text = fs::read_to_string(&path).with_context(|| path.clone())?;
        let field = |name: &str| -> anyhow::Result<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.trim().strip_suffix("kB"));
            let number = number.with_context(|| format!("{path} has no {name}"))?;
            Ok(number.trim().parse::<u64>()? << 10)
        };
        Ok(Self {
            resident: field("Rss:")?,
            anonymous: field("Anonymous:")?,
        })
    }

    /// Once it no longer changes.
    fn settled(pid: u32) -> anyhow::Result<Self> {
        let deadline = Instant::now() + QUIET_WITHIN;
        let mut last = Self::of(pid)?;
        loop {
            thread::sleep(QUIET_FOR);
            let now = Self::of(pid)?;
            if now.resident.abs_diff(last.resident) <= QUIET_BYTES || Instant::now() > deadline {
                return Ok(now);
            }
            last = now;
        }
    }

    /// One line: bytes for each of `count` since `before`.
    fn show_since(self, before: Self, count: usize, what: &str) {
        let each = |now: u64, before: u64| (now as f64 - before as f64) / count as f64;
        let resident = each(self.resident, before.resident);
        let anonymous = each(self.anonymous, before.anonymous);
        println!(
            "{what:<24} {:>7.3} KiB resident ({resident:.0} bytes), {:.3} KiB of it anonymous",
            resident / 1024.0,
            anonymous / 1024.0
        );
    }
}

fn connect(address: SocketAddr, number: usize) -> io::Result<BlockingClient> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv4() && address.ip().is_loopback() {
        // The remainder is below SOURCES.
        let source = Ipv4Addr::new(127, 0, 0, 2 + (number % SOURCES) as u8);
        socket.bind(&SocketAddr::from((source, 0)).into())?;
    }
    let connect = Connect {
        client_id: &name(number),
        protocol: Protocol::V5,
        clean_start: true,
        session_expiry_interval_s: 0,
        keep_alive_s: 3_600,
    };
    BlockingClient::over(socket, address, &connect)
}

fn name(number: usize) -> String {
    format!("idle-{number:06}")
}

fn measure(address: SocketAddr, pid: u32, count: usize) -> anyhow::Result<()> {
    let before = Memory::settled(pid)?;
    println!(
        "{count} connections; before them {:.1} MiB resident, {:.1} MiB of it anonymous",
        resident::mebibytes(before.resident),
        resident::mebibytes(before.anonymous)
    );
    let cpu_before = resident::cpu_time(pid).unwrap_or_default();
    let mut clients = (0..count)
        .map(|number| connect(address, number))
        .collect::<io::Result<Vec<_>>>()?;
    let cpu = resident::cpu_time(pid).unwrap_or_default() - cpu_before;
    let connected = Memory::settled(pid)?;
    connected.show_since(before, count, "a connection");
    for (number, client) in clients.iter_mut().enumerate() {
        client.subscribe(&[format!("devices/{}/commands", name(number))], 0)?;
    }
    let subscribed = Memory::settled(pid)?;
    subscribed.show_since(connected, count, "its Subscription");
    subscribed.show_since(before, count, "both");
    println!(
        "{:.0} connections accepted for each second of CPU time",
        count as f64 / cpu.as_secs_f64()
    );
    drop(clients);
    let gone = Memory::settled(pid)?;
    gone.show_since(before, count, "once they are gone");
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = match arguments.first() {
        None => 10_000,
        Some(text) => text
            .parse()
            .with_context(|| format!("{text:?} is no number"))?,
    };
    let _ = open_files::allow(count as u64 + 100);
    match &arguments[arguments.len().min(1)..] {
        [] => {
            let runtime = tokio::runtime::Runtime::new()?;
            let cluster = runtime.block_on(TestCluster::start(1));
            let ready = &cluster.nodes[0].ready;
            measure(ready.mqtt, ready.pid, count)
        }
        [address, pid] => measure(
            address
                .parse()
                .with_context(|| format!("{address:?} is no address"))?,
            pid.parse()
                .with_context(|| format!("{pid:?} is no process id"))?,
            count,
        ),
        _ => bail!("COUNT, or COUNT ADDRESS PID"),
    }
}
