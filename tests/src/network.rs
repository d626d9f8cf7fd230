//! The network between nodes, which a test can cut, slow down and reset.
//!
//! Every node tells the others a *gate* as its address (`--advertise-cluster`): a TCP listener and a UDP socket of the same
//! number in this process. What comes in at a gate goes on to its node, as the way from the sender is at that moment. So
//! everything that nodes say to each other passes here: gossip as datagrams, control and data streams as connections.
//! Who the sender is, the system tells ([`socket_owner`]); nodes know nothing of it.
//!
//! - [`way`]: how it is from one node to another, and how that changes;
//! - [`pipe`]: one connection on its way;
//! - [`socket_owner`]: which node has a socket.

mod pipe;
mod socket_owner;
mod way;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use socket_owner::Protocol;
use way::Ways;

/// Largest datagram of gossip that passes.
const DATAGRAM_BYTES_MAX: usize = 64 * 1024;
/// How often a port is looked for that is free for TCP and UDP.
const BIND_ATTEMPTS: usize = 32;

/// The gates of so many nodes. They close when it is dropped.
pub struct Network {
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    /// Where the nodes of this network have their data: tells them from those of other tests.
    dir: PathBuf,
    gates: Vec<Gate>,
    ways: Ways,
    /// Where each node really listens, as far as is known.
    homes: Mutex<Homes>,
}

struct Gate {
    address: SocketAddr,
    datagrams: UdpSocket,
}

#[derive(Default)]
struct Homes {
    of: HashMap<usize, SocketAddr>,
    at: HashMap<SocketAddr, usize>,
}

impl Network {
    /// Opens the gates of `n1`, `n2`, …, whose data is below `dir`.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn open(nodes: usize, dir: &Path) -> io::Result<Self> {
        let mut gates = Vec::new();
        let mut listeners = Vec::new();
        for _ in 0..nodes {
            let (listener, datagrams) = bound().await?;
            let address = listener.local_addr()?;
            listeners.push(listener);
            gates.push(Gate { address, datagrams });
        }
        let shared = Arc::new(Shared {
            dir: dir.to_owned(),
            gates,
            ways: Ways::new(nodes),
            homes: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for (to, listener) in listeners.into_iter().enumerate() {
            tasks.spawn(Arc::clone(&shared).take_connections(to, listener));
            tasks.spawn(Arc::clone(&shared).take_datagrams(to));
        }
        Ok(Self {
            shared,
            _tasks: tasks,
        })
    }

    /// What a node tells the others as its address.
    pub fn gate(&self, node: usize) -> SocketAddr {
        self.shared.gates[node].address
    }

    /// A node listens there.
    pub fn place(&self, node: usize, home: SocketAddr) {
        self.shared.place(node, home);
    }

    /// Lets nothing through between nodes of different sides, in either direction. Datagrams are lost, and connections stay
    /// as they are while nothing gets through: what is on its way then arrives after [`Self::heal`], as it does when TCP
    /// sends it again.
    pub fn cut(&self, sides: [&[usize]; 2]) {
        self.shared.ways.change(|ways| {
            for (a, b) in pairs(sides) {
                ways.both(a, b, |way| way.is_cut = true);
            }
        });
    }

    /// Ends a cut between nodes of different sides only.
    pub fn heal_between(&self, sides: [&[usize]; 2]) {
        self.shared.ways.change(|ways| {
            for (a, b) in pairs(sides) {
                ways.both(a, b, |way| way.is_cut = false);
            }
        });
    }

    /// Makes all ways as they were at first.
    pub fn heal(&self) {
        self.shared.ways.change(way::Table::heal);
    }

    /// Holds up what two nodes say to each other, and lets no more bytes of a connection through in a second.
    pub fn slow(&self, [a, b]: [usize; 2], delay: Duration, bytes_per_sec: u32) {
        self.shared.ways.change(|ways| {
            ways.both(a, b, |way| {
                way.delay = delay;
                way.bytes_per_sec = Some(bytes_per_sec);
            });
        });
    }

    /// Breaks the connections that two nodes have with each other now. They may connect again.
    pub fn reset(&self, [a, b]: [usize; 2]) {
        self.shared
            .ways
            .change(|ways| ways.both(a, b, |way| way.resets += 1));
    }
}

fn pairs([a, b]: [&[usize]; 2]) -> impl Iterator<Item = (usize, usize)> {
    a.iter().flat_map(move |a| b.iter().map(move |b| (*a, *b)))
}

async fn bound() -> io::Result<(TcpListener, UdpSocket)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(datagrams) => return Ok((listener, datagrams)),
            Err(error) if attempt >= BIND_ATTEMPTS => return Err(error),
            Err(_) => {}
        }
    }
}

impl Shared {
    fn with_homes<R>(&self, action: impl FnOnce(&mut Homes) -> R) -> R {
        action(&mut self.homes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn place(&self, node: usize, home: SocketAddr) {
        self.with_homes(|homes| {
            if let Some(former) = homes.of.insert(node, home) {
                homes.at.remove(&former);
            }
            homes.at.insert(home, node);
        });
    }

    fn home(&self, node: usize) -> Option<SocketAddr> {
        self.with_homes(|homes| homes.of.get(&node).copied())
    }

    /// Which node sent a datagram. One that is about to start is not known before its first one.
    fn sender(&self, from: SocketAddr) -> Option<usize> {
        if let Some(node) = self.with_homes(|homes| homes.at.get(&from).copied()) {
            return Some(node);
        }
        let node = socket_owner::node(Protocol::Udp, from, &self.dir)?;
        self.place(node, from);
        Some(node)
    }

    async fn take_datagrams(self: Arc<Self>, to: usize) {
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
        let mut held_up = JoinSet::new();
        loop {
            // An error is that of an earlier datagram, which nobody took.
            let Ok((count, from)) = self.gates[to].datagrams.recv_from(&mut buffer).await else {
                continue;
            };
            while held_up.try_join_next().is_some() {}
            let (Some(from), Some(home)) = (self.sender(from), self.home(to)) else {
                continue;
            };
            let way = self.ways.now(from, to);
            if way.is_cut {
                continue;
            }
            let datagram = buffer[..count].to_vec();
            let shared = Arc::clone(&self);
            let pass = async move {
                // Answers come back to the gate of the sender. What is lost is sent again in the next round.
                let _ = shared.gates[from].datagrams.send_to(&datagram, home).await;
            };
            if way.delay.is_zero() {
                pass.await;
            } else {
                held_up.spawn(async move {
                    tokio::time::sleep(way.delay).await;
                    pass.await;
                });
            }
        }
    }

    async fn take_connections(self: Arc<Self>, to: usize, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            let Ok((connection, from)) = listener.accept().await else {
                continue;
            };
            while connections.try_join_next().is_some() {}
            let shared = Arc::clone(&self);
            connections.spawn(async move {
                // One that is closed again already has no owner.
                if let Some(from) = socket_owner::node(Protocol::Tcp, from, &shared.dir) {
                    shared.connect(connection, from, to).await;
                }
            });
        }
    }

    async fn connect(&self, connection: TcpStream, from: usize, to: usize) {
        let mut there = self.ways.watch(from, to);
        there.open().await;
        let Some(home) = self.home(to) else {
            return;
        };
        // When nobody listens, whoever asked is told by the end of the connection.
        if let Ok(onward) = TcpStream::connect(home).await {
            pipe::run(connection, onward, there, self.ways.watch(to, from)).await;
        }
    }
}
