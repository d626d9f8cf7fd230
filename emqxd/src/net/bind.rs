//! Listening sockets: TCP or Unix.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use socket2::{Domain, Protocol, Type};
use tokio::net::{TcpListener, UnixListener};

use super::socket::{Peer, Socket};
use crate::config::listener::Bind;

/// Connections that the kernel completes before they are accepted: a reconnect storm must not meet refusals.
const BACKLOG: i32 = 4_096;

/// Binds a TCP listener.
///
/// # Errors
/// When the address cannot be had; the error names it.
pub fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let bind = || {
        let socket = socket2::Socket::new(
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
    bind().map_err(|error| named(&address, &error))
}

fn named(address: &impl std::fmt::Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{address}: {error}"))
}

/// Binds a Unix socket. A file that a process which is gone has left is removed.
fn unix(path: &Path) -> io::Result<UnixListener> {
    let bind = || {
        let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&socket2::SockAddr::unix(path)?)?;
        socket.listen(BACKLOG)?;
        UnixListener::from_std(socket.into())
    };
    match bind() {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if !std::fs::symlink_metadata(path)?.file_type().is_socket() {
                return Err(io::Error::new(
                    error.kind(),
                    "there is a file of another kind at this path",
                ));
            }
            match std::os::unix::net::UnixStream::connect(path) {
                Err(refused) if refused.kind() == io::ErrorKind::ConnectionRefused => {
                    std::fs::remove_file(path)?;
                    bind()
                }
                Ok(_) => Err(io::Error::new(
                    error.kind(),
                    "another process listens at this path",
                )),
                Err(_) => Err(error),
            }
        }
        bound => bound,
    }
}

/// Accepts connections.
#[derive(Debug)]
pub enum Acceptor {
    /// TCP.
    Tcp(TcpListener),
    /// A Unix socket; its file goes when this is dropped.
    Unix(UnixListener, SocketFile),
}

/// The file of a Unix socket.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // The next listener at this path removes it.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Acceptor {
    /// Listens.
    ///
    /// # Errors
    /// When the address cannot be had; the error names it.
    pub fn bind(bind: &Bind) -> io::Result<Self> {
        match bind {
            Bind::Tcp(address) => tcp(*address).map(Self::Tcp),
            Bind::Unix(path) => match unix(path) {
                Ok(listener) => Ok(Self::Unix(listener, SocketFile(path.clone()))),
                Err(error) => Err(named(bind, &error)),
            },
        }
    }

    /// The bound address.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> io::Result<Bind> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Bind::Tcp),
            Self::Unix(_, file) => Ok(Bind::Unix(file.0.clone())),
        }
    }

    /// The next connection. Can be cancelled without loss.
    ///
    /// # Errors
    /// When none can be had now, mostly for want of files.
    pub async fn accept(&self) -> io::Result<(Socket, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Fails when the client is gone already, which the first read will tell.
                let _ = stream.set_nodelay(true);
                Ok((stream.into(), Peer::Host(peer)))
            }
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok((stream.into(), Peer::Local))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_file_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mqtt.sock");
        let bind = Bind::Unix(path.clone());
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let acceptor = Acceptor::bind(&bind).unwrap();
        assert_eq!(acceptor.address().unwrap(), bind);
        let error = Acceptor::bind(&bind).unwrap_err().to_string();
        assert!(
            error.contains("another process listens") && error.contains(&bind.to_string()),
            "{error}"
        );
        let client = std::os::unix::net::UnixStream::connect(&path).unwrap();
        assert_eq!(acceptor.accept().await.unwrap().1, Peer::Local);
        drop((client, acceptor));
        assert!(!path.exists());
        std::fs::write(&path, "no socket").unwrap();
        let error = Acceptor::bind(&bind).unwrap_err().to_string();
        assert!(error.contains("a file of another kind"), "{error}");
    }
}
