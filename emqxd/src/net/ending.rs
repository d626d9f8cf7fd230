//! How Network Connections end: why, with which last packet, and so that it arrives.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::time::timeout;

use super::socket::Socket;
use super::transport::Transport;
use super::writer::Writer;
use crate::metrics::DisconnectCause;
use crate::node::broker::Broker;
use crate::node::publish::AckWait;
use crate::node::session_cell::{Close, SessionHandle};
use crate::packet::{Disconnect, DisconnectProperties, Packet, PacketId, ReasonCode};

/// The last packet gets this long to leave.
pub const LAST_FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// After our side is shut, what the client still sends is read and dropped for this long: closing a socket with
/// unread bytes resets it, and the client could lose our DISCONNECT.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// How a connection ended.
#[derive(Debug)]
pub enum End {
    /// DISCONNECT received.
    ByClient,
    /// The socket failed or was closed by the client.
    Lost,
    /// The client broke a rule of TLS or WebSocket.
    Broken(String),
    /// A broken rule: DISCONNECT with this code in 5.0.
    Fault(ReasonCode, String),
    /// Asked to: eviction, kick.
    Asked(Close),
    /// Another connection serves the Session, here or on another node.
    Displaced,
}

impl End {
    /// As operators are told.
    pub const fn cause(&self) -> DisconnectCause {
        match self {
            Self::ByClient => DisconnectCause::Client,
            Self::Lost => DisconnectCause::Network,
            Self::Fault(ReasonCode::KeepAliveTimeout, _) => DisconnectCause::KeepAlive,
            Self::Fault(..) | Self::Broken(_) => DisconnectCause::Protocol,
            Self::Displaced => DisconnectCause::TakenOver,
            Self::Asked(close) => match close.code {
                ReasonCode::UseAnotherServer => DisconnectCause::Evicted,
                ReasonCode::AdministrativeAction => DisconnectCause::Kicked,
                ReasonCode::ServerShuttingDown => DisconnectCause::Stopping,
                _ => DisconnectCause::Other,
            },
        }
    }
}

/// The last packet of a connection in 5.0.
pub fn disconnect(close: Close, reason: Option<&str>) -> Packet {
    let properties = (close.server_reference.is_some() || reason.is_some()).then(|| {
        Box::new(DisconnectProperties {
            reason_string: reason.map(Into::into),
            server_reference: close.server_reference,
            ..DisconnectProperties::default()
        })
    });
    Packet::Disconnect(Disconnect {
        reason_code: close.code,
        properties,
    })
}

/// Writes what is encoded, however long the socket takes.
pub async fn drain(transport: &mut Transport, writer: &mut Writer) -> io::Result<()> {
    loop {
        writer.flush(transport)?;
        if !writer.is_blocked() {
            return Ok(());
        }
        transport.ready(Interest::WRITABLE).await?;
    }
}

/// Ends the layers of the transport, shuts our side and reads the rest.
pub async fn close_down(transport: &mut Transport) {
    transport.close();
    let left = async {
        while !transport.flush()? {
            transport.ready(Interest::WRITABLE).await?;
        }
        Ok::<(), io::Error>(())
    };
    // A client that does not take the last words has to do without.
    let _ = timeout(LAST_FLUSH_TIMEOUT, left).await;
    linger(transport.socket_mut()).await;
}

/// Shuts our side and reads the rest.
pub async fn linger(socket: &mut Socket) {
    if socket.shutdown().is_err() {
        return;
    }
    let until_closed =
        async { while socket.ready(Interest::READABLE).await.is_ok() && !discard(socket) {} };
    let _ = timeout(LINGER_TIMEOUT, until_closed).await;
}

/// Drops what can be read now; true at the end of the stream.
fn discard(socket: &mut Socket) -> bool {
    let mut rest = [0; 4_096];
    loop {
        match socket.read(&mut rest) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
        }
    }
}

/// Messages of a client that peers have not acknowledged, oldest first.
pub type Pending = VecDeque<(PacketId, ReasonCode, AckWait)>;

/// Tells the Session what became of the messages of a connection that has ended: a Session that moves waits for it.
pub async fn finish_publishes(session: SessionHandle, broker: Arc<Broker>, pending: Pending) {
    for (packet_id, code, wait) in pending {
        wait.wait(&broker.disk).await;
        session
            .lock()
            .session
            .publish_done(packet_id, code, broker.clock.now());
        // The client may have come back meanwhile, and wait for just this.
        session.ring();
    }
}
