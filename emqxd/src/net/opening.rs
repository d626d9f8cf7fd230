//! From an accepted socket to the transport that its listener asks for: PROXY header, TLS, WebSocket.

use std::io::{self, Read as _};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::Interest;
use tokio::time::{Instant, timeout_at};

use super::listener::Live;
use super::proxy_protocol::{self, Parsed};
use super::socket::{Peer, Socket};
use super::tls::TlsStream;
use super::transport::{Channel, Transport};
use super::websocket::WebSocket;
use super::websocket_handshake::{self, HandshakeError};
use crate::config::listener::ListenerKind;

/// What a handshake has come to.
#[derive(Debug)]
pub enum Opened {
    /// MQTT can begin.
    Done(Transport, Peer),
    /// It failed: the socket, the client's address as far as it is known, and the reason.
    Failed(Channel, Peer, String),
}

/// Whether MQTT begins with the first byte.
pub const fn is_open(kind: ListenerKind, live: &Live) -> bool {
    !kind.has_tls() && !kind.has_websocket() && !live.settings.proxy_protocol
}

/// Goes through all handshakes of a connection until `deadline`.
pub async fn open(
    mut socket: Socket,
    mut peer: Peer,
    kind: ListenerKind,
    live: &Live,
    deadline: Instant,
) -> Opened {
    let within = |limit: Duration| deadline.min(Instant::now() + limit);
    let settings = &live.settings;
    if settings.proxy_protocol {
        let header = timeout_at(
            within(settings.proxy_protocol_timeout),
            proxy_header(&mut socket),
        );
        match header.await {
            Ok(Ok(Some(source))) => peer = Peer::Host(source),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => return Opened::Failed(Channel::Plain(socket), peer, reason(&error)),
            Err(_) => {
                let why = "no PROXY header within the time limit".to_owned();
                return Opened::Failed(Channel::Plain(socket), peer, why);
            }
        }
    }
    let mut channel = if kind.has_tls() {
        let Some(tls) = &live.tls else {
            let why = "the listener has no certificate".to_owned();
            return Opened::Failed(Channel::Plain(socket), peer, why);
        };
        let mut stream = match TlsStream::new(socket, tls.config.clone()) {
            Ok(stream) => Box::new(stream),
            Err((socket, error)) => {
                return Opened::Failed(Channel::Plain(socket), peer, reason(&error));
            }
        };
        let shaken = timeout_at(within(settings.handshake_timeout), stream.handshake()).await;
        let channel = Channel::Tls(stream);
        match shaken {
            Ok(Ok(())) => channel,
            Ok(Err(error)) => return Opened::Failed(channel, peer, tls_reason(&error)),
            Err(_) => {
                let why = "TLS: no handshake within the time limit".to_owned();
                return Opened::Failed(channel, peer, why);
            }
        }
    } else {
        Channel::Plain(socket)
    };
    if !kind.has_websocket() {
        return Opened::Done(Transport::Direct(channel), peer);
    }
    let upgraded = timeout_at(
        within(settings.handshake_timeout),
        websocket_handshake::accept_upgrade(&mut channel, &settings.path),
    );
    match upgraded.await {
        Ok(Ok(unread)) => {
            let socket = WebSocket::new(channel, unread);
            Opened::Done(Transport::WebSocket(Box::new(socket)), peer)
        }
        Ok(Err(HandshakeError::Io(error))) => {
            Opened::Failed(channel, peer, format!("WebSocket: {}", reason(&error)))
        }
        Ok(Err(error)) => Opened::Failed(channel, peer, format!("WebSocket: {error}")),
        Err(_) => {
            let why = "WebSocket: no request within the time limit".to_owned();
            Opened::Failed(channel, peer, why)
        }
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the client closed in the middle of it".to_owned(),
        _ => error.to_string(),
    }
}

fn tls_reason(error: &io::Error) -> String {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidMessage(_)) => {
            "TLS: the client speaks something else".to_owned()
        }
        Some(inner) => format!("TLS: {inner}"),
        None => format!("TLS: {}", reason(error)),
    }
}

/// Reads a PROXY header; what follows stays in the socket.
async fn proxy_header(socket: &mut Socket) -> io::Result<Option<std::net::SocketAddr>> {
    let mut bytes = BytesMut::new();
    let mut chunk = [0; 512];
    loop {
        socket.ready(Interest::READABLE).await?;
        match socket.read(&mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        match proxy_protocol::parse(&bytes) {
            Ok(Parsed::Incomplete) => {}
            Ok(Parsed::Header { length, source }) => {
                socket.give_back(bytes.split_off(length).freeze());
                return Ok(source);
            }
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
}
