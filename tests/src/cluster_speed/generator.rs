//! A process with clients: one process may not open as many files as there are clients.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use emqxctl::bench::evac::{self, EvacLoad};
use emqxctl::bench::{Moment, Progress, SourceAddresses, Stop};
use emqxctl::demo::open_files;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Says that all sessions are there and messages flow.
const BEGUN: &str = "begun";

/// When nobody says that the evacuation is over.
const AT_MOST: Duration = Duration::from_secs(120);

/// What a generator is to do.
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// Brokers; sessions begin at the first
    #[arg(long, value_delimiter = ',')]
    pub targets: Vec<SocketAddr>,
    /// What Client Identifiers and topics begin with
    #[arg(long)]
    pub prefix: String,
    /// Sessions whose client is there
    #[arg(long)]
    pub online: u32,
    /// Sessions whose client is away
    #[arg(long)]
    pub offline: u32,
    /// Messages a second
    #[arg(long)]
    pub rate: u32,
    /// Bytes of each payload
    #[arg(long)]
    pub payload: usize,
}

impl Generate {
    fn words(&self) -> Vec<String> {
        let targets: Vec<String> = self.targets.iter().map(SocketAddr::to_string).collect();
        let options = [
            ("targets", targets.join(",")),
            ("prefix", self.prefix.clone()),
            ("online", self.online.to_string()),
            ("offline", self.offline.to_string()),
            ("rate", self.rate.to_string()),
            ("payload", self.payload.to_string()),
        ];
        options
            .into_iter()
            .map(|(name, value)| format!("--{name}={value}"))
            .collect()
    }
}

/// Is one: says when all sessions have begun, goes on until the end of its input, then writes its figures.
///
/// # Errors
/// When the clients cannot be had.
pub fn serve(generate: &Generate) -> anyhow::Result<()> {
    open_files::allow(u64::from(generate.online + generate.offline) + 1)?;
    let load = EvacLoad {
        targets: generate.targets.clone(),
        sources: SourceAddresses::parse("127.0.0.0/8").unwrap_or_default(),
        prefix: generate.prefix.clone(),
        username: None,
        password: None,
        keep_alive_s: 0,
        connect_per_sec: None,
        online: generate.online,
        offline: generate.offline,
        publish_per_sec: generate.rate,
        payload_bytes: generate.payload,
        duration: AT_MOST,
    };
    let over = Stop::default();
    let ending = over.clone();
    std::thread::spawn(move || {
        // Whoever closes it, or has died, wants no more.
        let _ = stdin().read_to_end(&mut Vec::new());
        ending.stop();
    });
    let mut observer = |moment: Moment, _: Progress| {
        if moment == Moment::Begun {
            // Nobody reads it any more when the parent has died.
            let _ = writeln!(stdout(), "{BEGUN}");
        }
    };
    let outcome = evac::run(load, &mut observer, &over, &Stop::default())?;
    writeln!(stdout(), "{}", serde_json::to_string(&outcome)?)?;
    Ok(())
}

/// One that runs; it ends with this value.
pub struct Generator {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Generator {
    /// Starts one: this program, with the subcommand `generate`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(generate: &Generate) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("generate")
            .args(generate.words())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("it was just started")?;
        Ok(Self {
            child,
            lines: BufReader::new(stdout).lines(),
        })
    }

    /// Waits until all its sessions are there.
    ///
    /// # Errors
    /// When it ends instead.
    pub async fn begun(&mut self) -> anyhow::Result<()> {
        let line = self.lines.next_line().await?;
        ensure!(line.as_deref() == Some(BEGUN), "no session could begin");
        Ok(())
    }

    /// Tells it that the evacuation is over and returns what it has seen.
    ///
    /// # Errors
    /// When it has died.
    pub async fn end(mut self) -> anyhow::Result<Value> {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.lines.into_inner().read_to_string(&mut text).await?;
        serde_json::from_str(&text).context("a generator has died")
    }
}
