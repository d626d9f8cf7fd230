//! Clients of four projects behind one interface, for tests in which each speaks with each: mosquitto's programs, paho-mqtt
//! for Python, MQTT.js, and rumqttc. A driver holds any number of clients, told apart by their Client Identifiers, and
//! does one thing after the other.

mod mosquitto;
mod relay;
mod rumqttc;
mod script;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::rustls::ClientConfig;
use emqxctl::demo::link::Protocol;
use serde::{Deserialize, Serialize};

use mosquitto::MosquittoDriver;
use rumqttc::RumqttcDriver;
use script::ScriptDriver;

/// An answer gets that long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Whose clients they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// mosquitto_pub and mosquitto_sub.
    Mosquitto,
    /// paho-mqtt for Python.
    Paho,
    /// The npm package `mqtt`.
    MqttJs,
    /// rumqttc, in this process.
    Rumqttc,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mosquitto, Self::Paho, Self::MqttJs, Self::Rumqttc];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mosquitto => "mosquitto",
            Self::Paho => "paho",
            Self::MqttJs => "MQTT.js",
            Self::Rumqttc => "rumqttc",
        }
    }

    /// Why its clients cannot use this transport, if so.
    pub const fn lacks(self, transport: Transport) -> Option<&'static str> {
        match (self, transport) {
            (Self::Mosquitto, Transport::Ws | Transport::Wss) => {
                Some("mosquitto_pub and mosquitto_sub 2.0 have no WebSocket")
            }
            _ => None,
        }
    }
}

/// What carries MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP
    Tcp,
    /// TLS
    Tls,
    /// WebSocket
    Ws,
    /// WebSocket over TLS
    Wss,
}

/// Where a Server listens.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What it listens for.
    pub transport: Transport,
    /// Name or address; with TLS the name in its certificate.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// With TLS, whose certificates are believed.
    pub trust: Option<Trust>,
}

/// An authority, in the two forms that clients want.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Its certificate, PEM.
    pub cacertfile: PathBuf,
    /// For a client in this process.
    pub config: Arc<ClientConfig>,
}

impl Endpoint {
    /// Path of the certificate of the authority.
    pub fn cacertfile(&self) -> Option<&Path> {
        self.trust.as_ref().map(|trust| trust.cacertfile.as_path())
    }
}

/// What a CONNECT says, and to whom.
#[derive(Debug, Clone)]
pub struct Connect {
    /// Client Identifier.
    pub client_id: String,
    /// To whom.
    pub endpoint: Endpoint,
    /// Version.
    pub version: Protocol,
    /// Whether the Session begins and ends with the connection; else it is kept for five minutes.
    pub clean: bool,
    /// Will Message.
    pub will: Option<Message>,
}

/// An Application Message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Topic Name.
    pub topic: String,
    /// Payload.
    pub payload: String,
    /// 0, 1 or 2.
    pub qos: u8,
    /// RETAIN
    pub retain: bool,
}

/// Clients of one kind.
pub enum Driver {
    /// Other processes that live as long as a connection.
    Mosquitto(MosquittoDriver),
    /// One other process with all of them.
    Script(Box<ScriptDriver>),
    /// This process.
    Rumqttc(RumqttcDriver),
}

/// What could not be done, for people.
pub type Result<T> = std::result::Result<T, String>;

impl Driver {
    /// Starts it.
    ///
    /// # Errors
    /// When such clients are not installed and cannot be: what is missing.
    pub async fn start(kind: Kind) -> Result<Self> {
        match kind {
            Kind::Mosquitto => MosquittoDriver::start().await.map(Self::Mosquitto),
            Kind::Paho => ScriptDriver::paho().await.map(Box::new).map(Self::Script),
            Kind::MqttJs => ScriptDriver::mqtt_js()
                .await
                .map(Box::new)
                .map(Self::Script),
            Kind::Rumqttc => Ok(Self::Rumqttc(RumqttcDriver::default())),
        }
    }

    /// A client connects.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn connect(&mut self, connect: Connect) -> Result<()> {
        match self {
            Self::Mosquitto(driver) => driver.connect(connect).await,
            Self::Script(driver) => driver.connect(&connect).await,
            Self::Rumqttc(driver) => driver.connect(connect).await,
        }
    }

    /// A client subscribes, and has its SUBACK when this returns.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn subscribe(&mut self, client_id: &str, filter: &str, qos: u8) -> Result<()> {
        match self {
            Self::Mosquitto(driver) => driver.subscribe(client_id, filter, qos).await,
            Self::Script(driver) => driver.subscribe(client_id, filter, qos).await,
            Self::Rumqttc(driver) => driver.subscribe(client_id, filter, qos).await,
        }
    }

    /// A client publishes. With QoS 1 and 2 the Server has the message when this returns.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn publish(&mut self, client_id: &str, message: &Message) -> Result<()> {
        match self {
            Self::Mosquitto(driver) => driver.publish(client_id, message).await,
            Self::Script(driver) => driver.publish(client_id, message).await,
            Self::Rumqttc(driver) => driver.publish(client_id, message).await,
        }
    }

    /// The next message of a client, if one comes within the time.
    ///
    /// # Errors
    /// When the client is not there any more.
    pub async fn receive(&mut self, client_id: &str, within: Duration) -> Result<Option<Message>> {
        match self {
            Self::Mosquitto(driver) => driver.receive(client_id, within).await,
            Self::Script(driver) => driver.receive(client_id, within).await,
            Self::Rumqttc(driver) => driver.receive(client_id, within).await,
        }
    }

    /// A client sends DISCONNECT.
    ///
    /// # Errors
    /// When the client is not there any more.
    pub async fn disconnect(&mut self, client_id: &str) -> Result<()> {
        match self {
            Self::Mosquitto(driver) => driver.disconnect(client_id).await,
            Self::Script(driver) => driver.disconnect(client_id).await,
            Self::Rumqttc(driver) => driver.disconnect(client_id).await,
        }
    }

    /// The connection of a client is cut without DISCONNECT.
    ///
    /// # Errors
    /// When the client is not there any more.
    pub async fn vanish(&mut self, client_id: &str) -> Result<()> {
        match self {
            Self::Mosquitto(driver) => driver.vanish(client_id).await,
            Self::Script(driver) => driver.vanish(client_id).await,
            Self::Rumqttc(driver) => driver.vanish(client_id),
        }
    }
}

fn unknown(client_id: &str) -> String {
    format!("there is no client {client_id}")
}
