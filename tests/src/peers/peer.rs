//! The brokers, and how each is set up: limits raised, logs off, nothing on disk.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::rumqttd_server;
use crate::programs;

/// A broker gets that long to listen.
const START_WITHIN: Duration = Duration::from_secs(15);

/// A broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Ours.
    Emqxd,
    /// Of the Eclipse Foundation.
    Mosquitto,
    /// Of bytebeam.
    Rumqttd,
    /// Of Wiebe Cazemier.
    FlashMq,
}

const MOSQUITTO: &str = "allow_anonymous true
persistence false
log_type none
max_inflight_messages 0
max_queued_messages 0
set_tcp_nodelay true
sys_interval 0
";

const FLASHMQ: &str = "allow_anonymous true
log_level warning
max_qos_msg_pending_per_client 65535
max_qos_bytes_pending_per_client 268435456
";

const EMQXD: &str = "log_level = \"error\"
[session]
inflight_max = 65535
receive_maximum = 65535
";

impl Peer {
    /// All that are known.
    pub const ALL: [Self; 4] = [Self::Emqxd, Self::Mosquitto, Self::Rumqttd, Self::FlashMq];

    /// As it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emqxd => "emqxd",
            Self::Mosquitto => "mosquitto",
            Self::Rumqttd => "rumqttd",
            Self::FlashMq => "flashmq",
        }
    }

    /// The program, when it is there. Ours must be.
    pub fn program(self) -> Option<PathBuf> {
        match self {
            Self::Emqxd => Some(programs::emqxd()),
            Self::Mosquitto | Self::FlashMq => in_path(self.name()),
            Self::Rumqttd => std::env::current_exe().ok(),
        }
    }

    /// Its configuration in a line.
    pub fn setup(self) -> String {
        match self {
            Self::Emqxd => one_line(EMQXD),
            Self::Mosquitto => one_line(MOSQUITTO),
            Self::Rumqttd => rumqttd_server::SETUP.to_owned(),
            Self::FlashMq => one_line(FLASHMQ),
        }
    }

    /// Starts it on a free port; it listens when this returns.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(self, program: &Path, dir: &Path) -> anyhow::Result<Running> {
        let listen = free_port()?;
        let file = dir.join(format!("{}.conf", self.name()));
        let log = fs::File::create(dir.join(format!("{}.log", self.name())))?;
        let mut command = Command::new(program);
        match self {
            Self::Emqxd => {
                fs::write(&file, EMQXD)?;
                let data = dir.join(format!("emqxd-{}", listen.port()));
                fs::create_dir_all(&data)?;
                command.args(["--node-name", "n1", "--mqtt", &listen.to_string()]);
                for flag in ["--admin", "--http", "--cluster"] {
                    command.args([flag, "127.0.0.1:0"]);
                }
                command
                    .arg("--data-dir")
                    .arg(data)
                    .arg("--config")
                    .arg(file);
            }
            Self::Mosquitto => {
                fs::write(
                    &file,
                    format!("listener {} 127.0.0.1\n{MOSQUITTO}", listen.port()),
                )?;
                command.arg("-c").arg(file);
            }
            Self::Rumqttd => {
                command.args(["serve-rumqttd", &listen.to_string()]);
            }
            Self::FlashMq => {
                let listener = format!(
                    "listen {{\n  protocol mqtt\n  inet_protocol ip4\n  inet4_bind_address 127.0.0.1\n  port {}\n}}\n\
                     log_file {}\nstorage_dir {}\n",
                    listen.port(),
                    dir.join("flashmq-own.log").display(),
                    dir.display()
                );
                fs::write(&file, format!("{listener}{FLASHMQ}"))?;
                command.arg("--config-file").arg(file);
            }
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let mut running = Running { child, listen };
        let deadline = Instant::now() + START_WITHIN;
        while TcpStream::connect(listen).is_err() {
            if let Some(status) = running.child.try_wait()? {
                let log = fs::read_to_string(dir.join(format!("{}.log", self.name())));
                anyhow::bail!(
                    "{} ended ({status}):\n{}",
                    self.name(),
                    log.unwrap_or_default()
                );
            }
            ensure!(
                Instant::now() < deadline,
                "{} does not listen on {listen}",
                self.name()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(running)
    }
}

/// A broker that runs; it ends with this value.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Where it listens.
    pub listen: SocketAddr,
}

impl Running {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}

/// Debian keeps servers where only root looks.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn one_line(config: &str) -> String {
    config.trim().replace('\n', "; ")
}
