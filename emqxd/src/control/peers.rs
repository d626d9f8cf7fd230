//! How members of the group find and reach each other. The cluster's links do it; tests do it in memory.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::time::Duration;

use super::identity::Announcement;
use crate::watch;

/// A live node other than this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// What it tells of its part; `None` when nothing has come yet.
    pub announcement: Option<Announcement>,
}

/// Why a peer did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerFailure {
    /// It cannot be reached, or did not answer in time. Whether it did it is not known.
    #[error("{0}")]
    Unreachable(String),
    /// It refused.
    #[error("{message}")]
    Refused {
        /// A stable word.
        code: String,
        /// For people.
        message: String,
    },
}

/// The other nodes.
pub trait Peers: Send + Sync + 'static {
    /// Those that are live, by name.
    fn live(&self) -> Vec<Peer>;

    /// Changes whenever [`Self::live`] does.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Tells all others what part this node has.
    fn announce(&self, announcement: &Announcement);

    /// Asks a peer by name, and waits for its answer for that long.
    fn ask(
        &self,
        name: &str,
        request: Bytes,
        within: Duration,
    ) -> BoxFuture<'static, Result<Bytes, PeerFailure>>;
}
