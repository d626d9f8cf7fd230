//! The commands against a scripted node on a loopback port: output, errors, exit codes.

mod bench;
mod clients;
mod cluster;
mod cluster_members;
mod data;
mod exit_codes;
mod following;
mod generated;
mod help;
mod listeners;
mod listeners_changed;
mod node;
mod rebalance;
mod sessions;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::admin::Endpoint;
use crate::admin::fake::{FakeNode, NOW_MS};
use crate::env::{Env, Interrupt};
use crate::exit::ExitStatus;

/// What a command line did.
#[derive(Debug)]
struct Ran {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// All of it for a snapshot.
    fn transcript(&self) -> String {
        format!(
            "exit: {} ({})\n--- stdout\n{}--- stderr\n{}",
            self.status.code(),
            self.status.name(),
            self.stdout,
            self.stderr
        )
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// The world around a command line.
struct World {
    servers: Vec<Endpoint>,
    stdin: &'static str,
    is_terminal: bool,
    size: (u16, u16),
    vars: BTreeMap<String, String>,
    interrupt: Arc<Notify>,
}

impl World {
    fn of(node: &FakeNode) -> Self {
        Self::at(vec![node.endpoint()])
    }

    fn at(servers: Vec<Endpoint>) -> Self {
        Self {
            servers,
            stdin: "",
            is_terminal: false,
            size: (120, 40),
            vars: BTreeMap::from([("USER".to_owned(), "oncall".to_owned())]),
            interrupt: Arc::new(Notify::new()),
        }
    }

    fn on_terminal(mut self) -> Self {
        self.is_terminal = true;
        self.vars.insert("NO_COLOR".to_owned(), "1".to_owned());
        self
    }

    fn typing(mut self, stdin: &'static str) -> Self {
        self.stdin = stdin;
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    async fn run(self, args: &str) -> Ran {
        let mut line = vec!["emqxctl"];
        line.extend(args.split_whitespace());
        self.run_line(&line).await
    }

    async fn run_line(self, line: &[&str]) -> Ran {
        let (stdout, stderr) = (Shared::default(), Shared::default());
        let mut vars = self.vars;
        if !self.servers.is_empty() {
            let servers: Vec<String> = self.servers.iter().map(ToString::to_string).collect();
            vars.entry("EMQXCTL_SERVER".to_owned())
                .or_insert_with(|| servers.join(","));
        }
        let env = Env {
            stdin: Box::new(Cursor::new(self.stdin)),
            stdout: Box::new(stdout.clone()),
            stderr: Box::new(stderr.clone()),
            stdin_is_terminal: self.is_terminal,
            stdout_is_terminal: self.is_terminal,
            stderr_is_terminal: self.is_terminal,
            size: match self.size {
                (120, 40) => || Some((120, 40)),
                (80, 24) => || Some((80, 24)),
                other => unreachable!("no test asks for {other:?}"),
            },
            vars,
            now: fixed_now,
            interrupt: Interrupt::Notify(self.interrupt),
        };
        let args: Vec<OsString> = line.iter().map(OsString::from).collect();
        let run = crate::execute(args, env);
        // A command that hangs must not hang the tests.
        let status = tokio::time::timeout(Duration::from_secs(60), run)
            .await
            .unwrap();
        let ran = Ran {
            status,
            stdout: stdout.text(),
            stderr: stderr.text(),
        };
        let ports: Vec<String> = self.servers.iter().map(ToString::to_string).collect();
        ran.without_ports(&ports)
    }
}

impl Ran {
    /// Ports differ between runs.
    fn without_ports(mut self, endpoints: &[String]) -> Self {
        for (index, endpoint) in endpoints.iter().enumerate() {
            let name = format!("[endpoint {}]", index + 1);
            self.stdout = self.stdout.replace(endpoint, &name);
            self.stderr = self.stderr.replace(endpoint, &name);
        }
        self
    }
}

fn fixed_now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(NOW_MS)
}

/// A writer that can be read afterwards.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
