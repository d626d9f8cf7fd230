//! mosquitto_pub and mosquitto_sub. A client that subscribes, or has a Will, is a mosquitto_sub; each message that is
//! published is a mosquitto_pub.

use std::collections::{HashMap, VecDeque};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use emqxctl::demo::link::Protocol;

use super::{Connect, Message, Result, TIMEOUT, unknown};
use crate::foreign;

/// Begins a line with a message; the rest is QoS, RETAIN, topic and payload.
const MESSAGE: &str = "MESSAGE ";

/// Everything that mosquitto's clients are told.
#[derive(Default)]
pub struct MosquittoDriver {
    clients: HashMap<String, Client>,
    /// Of clients whose Session is kept: mosquitto_sub always subscribes when it connects.
    kept: HashMap<String, (String, u8)>,
}

struct Client {
    connect: Connect,
    subscriber: Option<Subscriber>,
}

struct Subscriber {
    process: Child,
    /// Lines with messages that came before the SUBACK: those that waited for the client.
    early: VecDeque<String>,
    output: Lines<BufReader<ChildStdout>>,
}

impl MosquittoDriver {
    pub(super) async fn start() -> Result<Self> {
        if foreign::has_mosquitto().await {
            Ok(Self::default())
        } else {
            Err("mosquitto-clients".to_owned())
        }
    }

    pub(super) async fn connect(&mut self, connect: Connect) -> Result<()> {
        let subscribed = match self.kept.get(&connect.client_id) {
            Some((filter, qos)) if !connect.clean => Some((filter.clone(), *qos)),
            // It is connected only as a subscriber, so its Will needs some Subscription.
            _ if connect.will.is_some() => Some((format!("none/{}", connect.client_id), 0)),
            _ => None,
        };
        let subscriber = match &subscribed {
            Some((filter, qos)) => Some(Subscriber::start(&connect, filter, *qos).await?),
            None => None,
        };
        let client_id = connect.client_id.clone();
        self.clients.insert(
            client_id,
            Client {
                connect,
                subscriber,
            },
        );
        Ok(())
    }

    fn client(&mut self, client_id: &str) -> Result<&mut Client> {
        self.clients
            .get_mut(client_id)
            .ok_or_else(|| unknown(client_id))
    }

    pub(super) async fn subscribe(&mut self, client_id: &str, filter: &str, qos: u8) -> Result<()> {
        let client = self.client(client_id)?;
        client.subscriber = Some(Subscriber::start(&client.connect, filter, qos).await?);
        if !client.connect.clean {
            self.kept
                .insert(client_id.to_owned(), (filter.to_owned(), qos));
        }
        Ok(())
    }

    pub(super) async fn publish(&mut self, client_id: &str, message: &Message) -> Result<()> {
        let client = self.client(client_id)?;
        let mut command = command("mosquitto_pub", &[], &client.connect);
        command
            .args(["-t", &message.topic])
            .args(["-q", &message.qos.to_string()]);
        if message.retain {
            command.arg("-r");
        }
        if message.payload.is_empty() {
            command.arg("-n");
        } else {
            command.args(["-m", &message.payload]);
        }
        let output = tokio::time::timeout(TIMEOUT, command.output())
            .await
            .map_err(|_| format!("mosquitto_pub did not end within {TIMEOUT:?}"))?
            .map_err(|error| format!("mosquitto_pub: {error}"))?;
        if output.status.success() && output.stderr.is_empty() {
            Ok(())
        } else {
            Err(format!("mosquitto_pub: {output:?}"))
        }
    }

    pub(super) async fn receive(
        &mut self,
        client_id: &str,
        within: Duration,
    ) -> Result<Option<Message>> {
        let subscriber = self.client(client_id)?.subscriber.as_mut();
        let subscriber = subscriber.ok_or_else(|| format!("{client_id} has not subscribed"))?;
        match tokio::time::timeout(within, subscriber.message()).await {
            Err(_) => Ok(None),
            Ok(line) => parse(&line?).map(Some),
        }
    }

    /// Leaves in good order on SIGTERM.
    pub(super) async fn disconnect(&mut self, client_id: &str) -> Result<()> {
        let Some(subscriber) = self.remove(client_id)? else {
            return Ok(());
        };
        subscriber.end(rustix::process::Signal::TERM).await
    }

    pub(super) async fn vanish(&mut self, client_id: &str) -> Result<()> {
        let Some(subscriber) = self.remove(client_id)? else {
            return Ok(());
        };
        subscriber.end(rustix::process::Signal::KILL).await
    }

    fn remove(&mut self, client_id: &str) -> Result<Option<Subscriber>> {
        let client = self.clients.remove(client_id);
        Ok(client.ok_or_else(|| unknown(client_id))?.subscriber)
    }
}

impl Subscriber {
    /// Starts one, and waits for its SUBACK.
    async fn start(connect: &Connect, filter: &str, qos: u8) -> Result<Self> {
        // It keeps back what it tells of its SUBACK until a message comes; not with the line buffer of stdbuf, which
        // becomes the program.
        let mut command = command("stdbuf", &["-oL", "mosquitto_sub"], connect);
        command
            .args(["-i", &connect.client_id])
            .args(["-t", filter])
            .args(["-q", &qos.to_string()])
            // -d: it tells of its SUBACK.
            .args(["-d", "-F", &format!("{MESSAGE}%q %r %t %p")]);
        if !connect.clean {
            command.arg("-c");
            if connect.version == Protocol::V5 {
                command.args(["-x", "300"]);
            }
        }
        if let Some(will) = &connect.will {
            command
                .args(["--will-topic", &will.topic])
                .args(["--will-payload", &will.payload])
                .args(["--will-qos", &will.qos.to_string()]);
            if will.retain {
                command.arg("--will-retain");
            }
        }
        let mut process = command
            .spawn()
            .map_err(|error| format!("mosquitto_sub: {error}"))?;
        let output = process.stdout.take().expect("piped");
        let mut subscriber = Self {
            process,
            early: VecDeque::new(),
            output: BufReader::new(output).lines(),
        };
        let granted = format!("Subscribed (mid: 1): {qos}");
        let subscribed = subscriber.suback();
        let said = tokio::time::timeout(TIMEOUT, subscribed)
            .await
            .map_err(|_| format!("mosquitto_sub had no SUBACK within {TIMEOUT:?}"))??;
        if said == granted {
            Ok(subscriber)
        } else {
            Err(format!("mosquitto_sub: {said}, not {granted}"))
        }
    }

    async fn suback(&mut self) -> Result<String> {
        loop {
            let line = self.line().await?;
            if line.starts_with("Subscribed") {
                return Ok(line);
            }
            if line.starts_with(MESSAGE) {
                self.early.push_back(line);
            }
        }
    }

    async fn message(&mut self) -> Result<String> {
        if let Some(line) = self.early.pop_front() {
            return Ok(line);
        }
        loop {
            let line = self.line().await?;
            if line.starts_with(MESSAGE) {
                return Ok(line);
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        match self.output.next_line().await {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err("mosquitto_sub has ended".to_owned()),
            Err(error) => Err(format!("mosquitto_sub: {error}")),
        }
    }

    async fn end(mut self, signal: rustix::process::Signal) -> Result<()> {
        let pid = self
            .process
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw)
            .ok_or("mosquitto_sub has ended")?;
        rustix::process::kill_process(pid, signal).map_err(|error| error.to_string())?;
        tokio::time::timeout(TIMEOUT, self.process.wait())
            .await
            .map_err(|_| format!("mosquitto_sub did not end within {TIMEOUT:?}"))?
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

/// What both programs are told alike.
fn command(program: &str, first: &[&str], connect: &Connect) -> Command {
    let endpoint = &connect.endpoint;
    let version = match connect.version {
        Protocol::V3_1_1 => "mqttv311",
        Protocol::V5 => "mqttv5",
    };
    let mut command = foreign::command(program, first);
    command
        .args(["-V", version])
        .args(["-h", &endpoint.host])
        .args(["-p", &endpoint.port.to_string()])
        .stdin(Stdio::null());
    if let Some(ca) = endpoint.cacertfile() {
        command.arg("--cafile").arg(ca);
    }
    command
}

fn parse(line: &str) -> Result<Message> {
    let said = line.strip_prefix(MESSAGE).unwrap_or(line);
    let mut parts = said.splitn(4, ' ');
    let mut next = || parts.next().ok_or_else(|| format!("mosquitto_sub: {line}"));
    let (qos, retain, topic, payload) = (next()?, next()?, next()?, next()?);
    Ok(Message {
        topic: topic.to_owned(),
        payload: payload.to_owned(),
        qos: qos.parse().map_err(|_| format!("mosquitto_sub: {line}"))?,
        retain: retain == "1",
    })
}
