//! Accepts Network Connections and gives each a task.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::connection;
use crate::node::broker::Broker;

/// Connections that the kernel completes before they are accepted: a reconnect storm must not meet refusals.
const BACKLOG: i32 = 4_096;

/// Pause when no socket can be had (file limit), so that the loop does not spin.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// Binds a TCP listener.
///
/// # Errors
/// When the address cannot be had; the error names it.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let bind = || {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    bind().map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

/// Accepts until `stop` turns true.
pub async fn serve(listener: TcpListener, broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "the connection was gone at once");
                    continue;
                }
                tokio::spawn(connection::serve(stream, peer, Arc::clone(&broker)));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
}
