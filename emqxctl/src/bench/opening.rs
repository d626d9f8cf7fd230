//! A Network Connection until its client is served: connect, CONNECT, SUBSCRIBE, each with its answer.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::frame::{self, Packet};
use super::packet::Version;

/// A Server gets that long for each answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// The most Packet Identifiers of one client.
pub(super) const PACKET_IDS_MAX: u16 = 65_535;

/// A connection that is not open yet.
pub(super) struct Opening {
    pub(super) stream: TcpStream,
    version: Version,
    /// Come, and not taken yet.
    pub(super) bytes: Vec<u8>,
}

/// A CONNACK with success.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    pub(super) session_present: bool,
    pub(super) receive_maximum: u16,
}

/// Why a client is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) cause: String,
    /// Server Reference.
    pub(super) elsewhere: Option<String>,
}

impl Refusal {
    fn new(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            elsewhere: None,
        }
    }

    fn with_code(what: &str, code: u8, properties: &[u8]) -> Self {
        Self {
            cause: format!("{what} was refused, code 0x{code:02X}"),
            elsewhere: frame::server_reference(properties).map(str::to_owned),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl From<Refusal> for String {
    fn from(refusal: Refusal) -> Self {
        refusal.cause
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl Opening {
    /// Connects, from an address when one is given.
    pub(super) async fn dial(
        target: SocketAddr,
        source: Option<IpAddr>,
        version: Version,
    ) -> Result<Self, Refusal> {
        let stream = timeout(ANSWER_WITHIN, connect(target, source))
            .await
            .map_err(|_| Refusal::new("no answer to the connection"))??;
        Ok(Self {
            stream,
            version,
            bytes: Vec::with_capacity(64),
        })
    }

    /// Sends a CONNECT.
    pub(super) async fn connect(&mut self, packet: &[u8]) -> Result<Accepted, Refusal> {
        self.ask(packet, |packet| match packet {
            Packet::Connack {
                code: 0,
                properties,
                session_present,
            } => Some(Ok(Accepted {
                session_present,
                receive_maximum: frame::receive_maximum(properties).unwrap_or(PACKET_IDS_MAX),
            })),
            Packet::Connack {
                code, properties, ..
            }
            | Packet::Disconnect { code, properties } => {
                Some(Err(Refusal::with_code("CONNECT", code, properties)))
            }
            _ => None,
        })
        .await
    }

    /// Sends a SUBSCRIBE.
    pub(super) async fn subscribe(&mut self, packet: &[u8]) -> Result<(), Refusal> {
        self.ask(packet, |packet| match packet {
            Packet::Suback { code } if code < 0x80 => Some(Ok(())),
            Packet::Suback { code } => Some(Err(Refusal::with_code("SUBSCRIBE", code, &[]))),
            Packet::Disconnect { code, properties } => {
                Some(Err(Refusal::with_code("SUBSCRIBE", code, properties)))
            }
            // A retained message of another run.
            _ => None,
        })
        .await
    }

    async fn ask<T>(
        &mut self,
        packet: &[u8],
        mut answer: impl FnMut(Packet<'_>) -> Option<Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let asking = async {
            self.stream.write_all(packet).await?;
            loop {
                while let Some((packet, size)) = frame::first(&self.bytes, self.version)
                    .map_err(|_| Refusal::new("the server sent no MQTT"))?
                {
                    let answered = answer(packet);
                    self.bytes.drain(..size);
                    if let Some(answered) = answered {
                        return answered;
                    }
                }
                if self.stream.read_buf(&mut self.bytes).await? == 0 {
                    return Err(Refusal::new("the server closed the connection"));
                }
            }
        };
        timeout(ANSWER_WITHIN, asking)
            .await
            .map_err(|_| Refusal::new("the server did not answer in time"))?
    }
}

async fn connect(target: SocketAddr, source: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if target.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.set_nodelay(true)?;
    socket.connect(target).await
}
