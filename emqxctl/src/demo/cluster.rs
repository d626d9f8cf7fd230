//! Real `emqxd` processes on free loopback ports with temporary data.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A node gets that long to serve.
const READY_WAIT: Duration = Duration::from_secs(30);
/// A node gets that long to end after SIGTERM; then it is killed.
const TERMINATE_WAIT: Duration = Duration::from_secs(10);
/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Lines of a node's log that an error shows.
const LOG_TAIL_LINES: usize = 12;

/// What a node writes to `ready.json` once it serves. Listeners that it has not are absent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ready {
    /// Its name.
    pub node_name: String,
    /// Process.
    pub pid: u32,
    /// MQTT over TCP.
    pub mqtt: SocketAddr,
    /// MQTT over TLS.
    pub mqtts: Option<SocketAddr>,
    /// MQTT over WebSocket.
    pub ws: Option<SocketAddr>,
    /// MQTT over WebSocket over TLS.
    pub wss: Option<SocketAddr>,
    /// gRPC for operators.
    pub admin: SocketAddr,
    /// HTTP.
    pub http: SocketAddr,
    /// Gossip on UDP and peer links on TCP.
    pub cluster: SocketAddr,
}

/// How to start a node.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    /// The `emqxd` program.
    pub program: PathBuf,
    /// Its name.
    pub name: String,
    /// For its data; made when it is not there.
    pub data_dir: PathBuf,
    /// Cluster addresses of nodes to join.
    pub join: Vec<SocketAddr>,
    /// Replaces the listener addresses (flag without dashes, `mqtt` for `--mqtt`), which otherwise are
    /// free ports, or adds other flags.
    pub flags: BTreeMap<String, String>,
}

impl NodeOptions {
    /// A node with free ports, whose data is in `parent/name`.
    pub fn new(program: &Path, parent: &Path, name: &str) -> Self {
        Self {
            program: program.to_owned(),
            name: name.to_owned(),
            data_dir: parent.join(name),
            join: Vec::new(),
            flags: BTreeMap::new(),
        }
    }

    /// The command line.
    fn arguments(&self) -> Vec<String> {
        let mut flags = BTreeMap::from(
            ["mqtt", "admin", "http", "cluster"].map(|flag| (flag, "127.0.0.1:0".to_owned())),
        );
        for (flag, value) in &self.flags {
            flags.insert(flag, value.clone());
        }
        let mut arguments = vec![
            "--node-name".to_owned(),
            self.name.clone(),
            "--data-dir".to_owned(),
            self.data_dir.display().to_string(),
        ];
        for (flag, value) in flags {
            arguments.extend([format!("--{flag}"), value]);
        }
        if !self.join.is_empty() {
            let join: Vec<String> = self.join.iter().map(SocketAddr::to_string).collect();
            arguments.extend(["--join".to_owned(), join.join(",")]);
        }
        arguments
    }
}

/// A running node. Dropping it kills it, unless it was [detached](Self::detach).
#[derive(Debug)]
pub struct Node {
    child: Option<Child>,
    log: PathBuf,
    /// How it was started.
    pub options: NodeOptions,
    /// What it listens on.
    pub ready: Ready,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.start_kill();
        }
    }
}

impl Node {
    /// Starts a node and returns once it serves. When it ends before, the error has the end of its log.
    pub async fn start(options: NodeOptions) -> anyhow::Result<Self> {
        fs::create_dir_all(&options.data_dir)
            .with_context(|| format!("cannot create {}", options.data_dir.display()))?;
        let ready_file = options.data_dir.join("ready.json");
        // An earlier run may have left one.
        match fs::remove_file(&ready_file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut spawned = Spawned::new(&options)?;
        let deadline = Instant::now() + READY_WAIT;
        loop {
            if let Some(ready) = read_ready(&ready_file) {
                return Ok(Self {
                    child: spawned.child.take(),
                    log: spawned.log.clone(),
                    options,
                    ready,
                });
            }
            if let Some(status) = spawned.try_wait()? {
                bail!(
                    "{} did not start ({status}):\n{}",
                    options.name,
                    tail(&spawned.log)
                );
            }
            ensure!(
                Instant::now() < deadline,
                "{} did not serve within {READY_WAIT:?}:\n{}",
                options.name,
                tail(&spawned.log)
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Starts a node that is expected to refuse to start: how it ended and what it wrote.
    pub async fn start_to_fail(
        options: &NodeOptions,
        within: Duration,
    ) -> anyhow::Result<(ExitStatus, String)> {
        let mut spawned = Spawned::new(options)?;
        let child = spawned.child.as_mut().context("it was just started")?;
        let status = tokio::time::timeout(within, child.wait()).await;
        let log = fs::read_to_string(&spawned.log).unwrap_or_default();
        match status {
            Ok(status) => Ok((status?, log)),
            Err(_) => bail!("{} still runs after {within:?}:\n{log}", options.name),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// Where MQTT clients connect.
    pub fn mqtt(&self) -> String {
        self.ready.mqtt.to_string()
    }

    /// Where operators connect, as `http://host:port`.
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.ready.admin)
    }

    /// Everything it has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends a signal. Does nothing when it has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = self
            .child
            .as_ref()
            .and_then(Child::id)
            .and_then(|pid| Pid::from_raw(pid.cast_signed()));
        if let Some(pid) = pid {
            // It may end at this very moment.
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits for its end.
    pub async fn wait(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        let child = self.child.as_mut().context("the node was detached")?;
        match tokio::time::timeout(within, child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("{} still runs after {within:?}", self.options.name),
        }
    }

    /// SIGTERM, and SIGKILL when that does not help in time.
    pub async fn terminate(mut self) -> anyhow::Result<ExitStatus> {
        self.signal(Signal::TERM);
        match self.wait(TERMINATE_WAIT).await {
            Ok(status) => Ok(status),
            Err(_) => {
                self.signal(Signal::KILL);
                self.wait(TERMINATE_WAIT).await
            }
        }
    }

    /// SIGKILL.
    pub async fn kill(mut self) -> anyhow::Result<ExitStatus> {
        self.signal(Signal::KILL);
        self.wait(TERMINATE_WAIT).await
    }

    /// Lets it run on when this value is gone.
    fn detach(&mut self) {
        self.child = None;
    }
}

/// A process that is killed unless somebody takes it over.
struct Spawned {
    child: Option<Child>,
    log: PathBuf,
}

impl Drop for Spawned {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.start_kill();
        }
    }
}

impl Spawned {
    fn new(options: &NodeOptions) -> anyhow::Result<Self> {
        let log = options.data_dir.with_extension("log");
        let out = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let child = Command::new(&options.program)
            .args(options.arguments())
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            // A Ctrl-C in the terminal is for us; the node is ended in good order.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot run {}", options.program.display()))?;
        Ok(Self {
            child: Some(child),
            log,
        })
    }

    fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.as_mut().map_or(Ok(None), Child::try_wait)
    }
}

/// `None` while it is not there, or not yet whole.
fn read_ready(path: &Path) -> Option<Ready> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}

/// Nodes named `n1`, `n2`, … that know each other, and the temporary folder with their data and logs.
#[derive(Debug)]
pub struct Cluster {
    /// In the order in which they were started.
    pub nodes: Vec<Node>,
    program: PathBuf,
    // Dropped after the nodes.
    dir: TempDir,
}

impl Cluster {
    /// A cluster that has no node yet.
    pub fn new(program: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            nodes: Vec::new(),
            program: program.to_owned(),
            dir: tempfile::Builder::new()
                .prefix("emqx-cluster-")
                .tempdir()
                .context("cannot create a temporary folder")?,
        })
    }

    /// Where the data and the logs are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// How the next node would be started: it joins those that run.
    pub fn next_options(&self) -> NodeOptions {
        let name = format!("n{}", self.nodes.len() + 1);
        let mut options = NodeOptions::new(&self.program, self.dir(), &name);
        options.join = self
            .nodes
            .iter()
            .map(|node| node.ready.cluster)
            .take(3)
            .collect();
        options
    }

    /// Starts another node.
    pub async fn add(&mut self) -> anyhow::Result<&Node> {
        let node = Node::start(self.next_options()).await?;
        self.nodes.push(node);
        self.nodes.last().context("it was just added")
    }

    /// Starts `count` more nodes, one after the other.
    pub async fn start(&mut self, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.add().await?;
        }
        Ok(())
    }

    /// Ends all nodes at the same time and removes their data.
    pub async fn shut_down(mut self) -> anyhow::Result<()> {
        for node in &self.nodes {
            node.signal(Signal::TERM);
        }
        for node in self.nodes.drain(..) {
            node.terminate().await?;
        }
        self.dir
            .close()
            .context("cannot remove the temporary folder")
    }

    /// Lets the nodes run on; nobody removes their data but whoever ends them.
    pub fn keep(mut self) -> PathBuf {
        for node in &mut self.nodes {
            node.detach();
        }
        self.dir.disable_cleanup(true);
        self.dir.path().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A stand-in for the daemon: a shell script that gets its arguments.
    fn stand_in(dir: &Path, script: &str) -> PathBuf {
        let program = dir.join("emqxd");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    /// Writes the `ready.json` that a real node would write: `$2` is the name, `$4` the data directory.
    const WRITE_READY: &str = r#"printf '{"node_name":"%s","pid":%d,"mqtt":"127.0.0.1:1","mqtts":null,
        "admin":"127.0.0.1:2","http":"127.0.0.1:3","cluster":"127.0.0.1:4"}' $2 $$ > "$4/ready.json""#;

    #[test]
    fn flags_are_those_of_the_interface() {
        let mut options = NodeOptions::new(Path::new("emqxd"), Path::new("/t"), "n2");
        options.join = vec!["127.0.0.1:4370".parse().unwrap()];
        options
            .flags
            .insert("mqtt".to_owned(), "127.0.0.1:1883".to_owned());
        assert_eq!(
            options.arguments().join(" "),
            "--node-name n2 --data-dir /t/n2 --admin 127.0.0.1:0 --cluster 127.0.0.1:0 \
             --http 127.0.0.1:0 --mqtt 127.0.0.1:1883 --join 127.0.0.1:4370"
        );
    }

    #[tokio::test]
    async fn a_node_that_ends_at_once_is_reported_with_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let program = stand_in(dir.path(), "echo 'address in use' >&2; exit 7");
        let error = Node::start(NodeOptions::new(&program, dir.path(), "n1"))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("n1") && error.contains("address in use"),
            "{error}"
        );
        assert!(error.contains('7'), "{error}");
    }

    #[tokio::test]
    async fn a_cluster_starts_in_order_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let script =
            format!("{WRITE_READY}\necho \"$@\"\ntrap 'exit 0' TERM\nwhile :; do sleep 0.05; done");
        let program = stand_in(dir.path(), &script);
        let mut cluster = Cluster::new(&program).unwrap();
        cluster.start(2).await.unwrap();
        let data = cluster.dir().to_owned();
        assert_eq!(cluster.nodes[1].ready.node_name, "n2");
        assert_eq!(
            cluster.nodes[1].options.join,
            ["127.0.0.1:4".parse().unwrap()]
        );
        let pids: Vec<u32> = cluster.nodes.iter().map(|node| node.ready.pid).collect();
        cluster.shut_down().await.unwrap();
        assert!(!data.exists());
        for pid in pids {
            assert!(!Path::new(&format!("/proc/{pid}")).exists() || cfg!(not(target_os = "linux")));
        }
    }

    #[tokio::test]
    async fn a_node_that_ignores_the_signal_is_killed_when_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let script = format!("{WRITE_READY}\ntrap '' TERM\nwhile :; do sleep 0.05; done");
        let program = stand_in(dir.path(), &script);
        let mut node = Node::start(NodeOptions::new(&program, dir.path(), "n1"))
            .await
            .unwrap();
        node.signal(Signal::TERM);
        assert!(node.wait(Duration::from_millis(200)).await.is_err());
        let pid = Pid::from_raw(node.ready.pid.cast_signed()).unwrap();
        drop(node);
        let gone = async {
            while rustix::process::test_kill_process(pid).is_ok() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), gone)
            .await
            .unwrap();
    }
}
