//! Drivers in other languages (`tests/clients/`): one process that is told what to do by lines of JSON.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use emqxctl::demo::link::Protocol;

use super::{Connect, Message, Result, TIMEOUT, Transport};
use crate::foreign;

/// The version of the npm package `mqtt` that is installed.
const MQTT_JS: &str = "mqtt@5.16.0";

/// One line on the standard input of a driver.
#[derive(Debug, Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Asked<'a> {
    Connect {
        client_id: &'a str,
        transport: Transport,
        host: &'a str,
        port: u16,
        ca: Option<&'a Path>,
        /// 4 (which is 3.1.1) or 5.
        version: u8,
        clean: bool,
        will: Option<&'a Message>,
    },
    Subscribe {
        client_id: &'a str,
        filter: &'a str,
        qos: u8,
    },
    Publish {
        client_id: &'a str,
        #[serde(flatten)]
        message: &'a Message,
    },
    /// Answered by a [`Message`], or null when none came in time.
    Receive {
        client_id: &'a str,
        within_ms: u128,
    },
    Disconnect {
        client_id: &'a str,
    },
    Vanish {
        client_id: &'a str,
    },
}

/// One line on its standard output.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Ok(Value),
    Error(String),
}

/// The process.
pub struct ScriptDriver {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl ScriptDriver {
    pub(super) async fn paho() -> Result<Self> {
        let python = foreign::python();
        if !foreign::is_there(&python, &["-c", "import paho.mqtt.client"]).await {
            return Err("paho-mqtt for Python".to_owned());
        }
        Ok(Self::spawn(
            Command::new(python).arg(script("paho_client.py")),
        ))
    }

    pub(super) async fn mqtt_js() -> Result<Self> {
        let folder = install_mqtt_js().await?;
        Ok(Self::spawn(
            Command::new("node")
                .arg(script("mqttjs_client.mjs"))
                .arg(folder),
        ))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program runs");
        let input = process.stdin.take().expect("piped");
        let output = process.stdout.take().expect("piped");
        Self {
            _process: process,
            input,
            output: BufReader::new(output).lines(),
        }
    }

    async fn ask(&mut self, asked: &Asked<'_>) -> Result<Value> {
        let mut line = serde_json::to_vec(asked).expect("text");
        line.push(b'\n');
        let exchange = async {
            self.input.write_all(&line).await?;
            self.output.next_line().await
        };
        let answer = tokio::time::timeout(TIMEOUT, exchange)
            .await
            .map_err(|_| format!("{asked:?}: no answer within {TIMEOUT:?}"))?
            .map_err(|error| format!("{asked:?}: {error}"))?
            .ok_or_else(|| format!("{asked:?}: the driver has ended"))?;
        match serde_json::from_str(&answer) {
            Ok(Answer::Ok(value)) => Ok(value),
            Ok(Answer::Error(error)) => Err(format!("{asked:?}: {error}")),
            Err(error) => Err(format!("{asked:?}: {error} in {answer}")),
        }
    }

    pub(super) async fn connect(&mut self, connect: &Connect) -> Result<()> {
        let endpoint = &connect.endpoint;
        self.ask(&Asked::Connect {
            client_id: &connect.client_id,
            transport: endpoint.transport,
            host: &endpoint.host,
            port: endpoint.port,
            ca: endpoint.cacertfile(),
            version: match connect.version {
                Protocol::V3_1_1 => 4,
                Protocol::V5 => 5,
            },
            clean: connect.clean,
            will: connect.will.as_ref(),
        })
        .await
        .map(drop)
    }

    pub(super) async fn subscribe(&mut self, client_id: &str, filter: &str, qos: u8) -> Result<()> {
        let asked = Asked::Subscribe {
            client_id,
            filter,
            qos,
        };
        self.ask(&asked).await.map(drop)
    }

    pub(super) async fn publish(&mut self, client_id: &str, message: &Message) -> Result<()> {
        self.ask(&Asked::Publish { client_id, message })
            .await
            .map(drop)
    }

    pub(super) async fn receive(
        &mut self,
        client_id: &str,
        within: Duration,
    ) -> Result<Option<Message>> {
        let asked = Asked::Receive {
            client_id,
            within_ms: within.as_millis(),
        };
        let value = self.ask(&asked).await?;
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    pub(super) async fn disconnect(&mut self, client_id: &str) -> Result<()> {
        self.ask(&Asked::Disconnect { client_id }).await.map(drop)
    }

    pub(super) async fn vanish(&mut self, client_id: &str) -> Result<()> {
        self.ask(&Asked::Vanish { client_id }).await.map(drop)
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("clients")
        .join(name)
}

/// The folder with `node_modules`, below the target folder. Installed by npm when it is not there.
async fn install_mqtt_js() -> Result<PathBuf> {
    // One test at a time: those of a process would install into the same place.
    static INSTALLING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _installing = INSTALLING.lock().await;
    let folder = foreign::folder("mqttjs");
    let has_it = || folder.join("node_modules/mqtt/package.json").is_file();
    if has_it() {
        return Ok(folder);
    }
    // Beside, and moved there when complete: a test of another process may do the same.
    let beside = folder.with_extension(std::process::id().to_string());
    let installed = foreign::command("npm", &["install", "--no-audit", "--no-fund", "--silent"])
        .arg("--prefix")
        .arg(&beside)
        .arg(MQTT_JS)
        .status()
        .await;
    if !installed.is_ok_and(|status| status.success()) {
        return Err(format!("{MQTT_JS} for Node.js"));
    }
    if std::fs::rename(&beside, &folder).is_err() {
        // Somebody else was faster.
        let _ = std::fs::remove_dir_all(&beside);
    }
    if has_it() {
        Ok(folder)
    } else {
        Err(format!("{MQTT_JS} in {}", folder.display()))
    }
}
