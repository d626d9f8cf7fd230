//! The UDP socket of gossip, bound before gossip starts and lent to it.
//!
//! Lent twice: first to find out whether the node name is free, then for good. In between the port stays ours.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use chitchat::transport::{RecvOutcome, SendOutcome, Socket, Transport, UdpSocket};
use chitchat::{ChitchatEnvelope, ChitchatMessage};
use parking_lot::Mutex;
use tokio::net::TcpListener;

/// How often a free port is looked for that both protocols can have.
const BIND_ATTEMPTS: usize = 32;

/// A bound UDP socket.
#[derive(Clone)]
pub struct GossipSocket {
    local_addr: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Empty while it is lent.
    socket: Mutex<Option<UdpSocket>>,
    /// A node that answered that it belongs to another cluster.
    foreign: Mutex<Option<SocketAddr>>,
    #[cfg(test)]
    is_cut: std::sync::atomic::AtomicBool,
}

impl GossipSocket {
    /// Binds a UDP socket; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(addr: SocketAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::open(addr).await?;
        let local_addr = socket.local_addr()?;
        let shared = Shared {
            socket: Mutex::new(Some(socket)),
            ..Shared::default()
        };
        Ok(Self {
            local_addr,
            shared: Arc::new(shared),
        })
    }

    /// Binds both sockets of `--cluster`: TCP for peer links and UDP for gossip, on the same port number. With port 0
    /// a number is taken that is free for both.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind_with_listener(addr: SocketAddr) -> anyhow::Result<(TcpListener, Self)> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let listener = TcpListener::bind(addr)
                .await
                .with_context(|| format!("cannot listen on {addr} (TCP) for peers"))?;
            match Self::bind(listener.local_addr()?).await {
                Ok(socket) => return Ok((listener, socket)),
                Err(error) if addr.port() != 0 || attempt >= BIND_ATTEMPTS => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// What it is bound to.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// A node that answered that it belongs to another cluster, if any did.
    pub(crate) fn foreign_node(&self) -> Option<SocketAddr> {
        *self.shared.foreign.lock()
    }

    /// From now on nothing is sent or received, as if the cable was pulled.
    #[cfg(test)]
    pub(crate) fn cut(&self, is_cut: bool) {
        let flag = &self.shared.is_cut;
        flag.store(is_cut, std::sync::atomic::Ordering::SeqCst);
    }
}

#[tonic::async_trait]
impl Transport for GossipSocket {
    async fn open(&self, _listen_addr: SocketAddr) -> anyhow::Result<Box<dyn Socket>> {
        let socket = self.shared.socket.lock().take();
        let socket = socket.context("the gossip socket is in use")?;
        Ok(Box::new(Lent {
            socket: Some(socket),
            shared: self.shared.clone(),
        }))
    }
}

/// Goes back when it is dropped.
struct Lent {
    socket: Option<UdpSocket>,
    shared: Arc<Shared>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        *self.shared.socket.lock() = self.socket.take();
    }
}

impl Lent {
    fn socket(&mut self) -> anyhow::Result<&mut UdpSocket> {
        self.socket
            .as_mut()
            .context("the gossip socket was taken back")
    }

    fn is_cut(&self) -> bool {
        #[cfg(test)]
        return self.shared.is_cut.load(std::sync::atomic::Ordering::SeqCst);
        #[cfg(not(test))]
        false
    }
}

#[tonic::async_trait]
impl Socket for Lent {
    fn local_addr(&self) -> anyhow::Result<SocketAddr> {
        match &self.socket {
            Some(socket) => socket.local_addr(),
            None => anyhow::bail!("the gossip socket was taken back"),
        }
    }

    async fn send(
        &mut self,
        to: SocketAddr,
        envelope: ChitchatEnvelope,
    ) -> anyhow::Result<SendOutcome> {
        let nothing = SendOutcome { num_bytes_sent: 0 };
        if self.is_cut() {
            return Ok(nothing);
        }
        match self.socket()?.send(to, envelope).await {
            Ok(outcome) => Ok(outcome),
            // A route that is missing now may be back in the next round, five times a second: not worth a warning.
            Err(error) => {
                tracing::debug!(%to, %error, "gossip not sent");
                Ok(nothing)
            }
        }
    }

    async fn recv(&mut self) -> anyhow::Result<RecvOutcome> {
        loop {
            let outcome = self.socket()?.recv().await?;
            if self.is_cut() {
                continue;
            }
            if outcome.envelope.message == ChitchatMessage::BadCluster {
                *self.shared.foreign.lock() = Some(outcome.from_addr);
            }
            return Ok(outcome);
        }
    }
}
