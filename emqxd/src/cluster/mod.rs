//! How nodes find and reach each other: gossip for who is alive, and a link to each peer.
//!
//! - [`membership`]: chitchat; gives the [`View`](crate::membership::View) that everything else follows.
//! - [`peer_link`]: the dialling side of a link: what this node sends, and calls that it makes.
//! - [`peer_links`]: keeps one of them to each live peer, which a `dialer` reaches.
//! - [`peer_server`]: the answering side: what peers send here.
//!
//! These carry [`items`] and calls, and know nothing of what they mean; [`forward_codec`] is how the item that is nearly
//! every one is written and read. What they mean to the broker:
//!
//! - [`peer_handler`]: what arrives; [`registry`]: who owns which Client Identifier;
//! - [`takeover`] and [`barrier`]: how a Session moves; [`operation_executor`]: the evacuation of this node, and
//!   `operation_running` what it needs for that, [`operation_marks`] what it records of it;
//! - [`control_peers`]: the way of the control group to its members.

pub mod barrier;
mod call_table;
pub mod control_peers;
mod control_stream;
pub mod convert;
mod data_receiver;
mod data_sender;
mod data_wire;
pub(crate) mod dialer;
mod former_interest;
pub mod forward_codec;
mod gossip_socket;
mod handshake;
mod items;
pub mod membership;
pub mod operation_executor;
pub mod operation_marks;
mod operation_running;
pub mod operation_view;
pub mod peer_handler;
pub mod peer_link;
pub mod peer_links;
pub mod peer_server;
pub mod registry;
pub mod replication;
mod send_queue;
mod shutdown_evacuation;
pub mod takeover;

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1::{DataItem, control_request, control_response};
use futures_util::future::BoxFuture;

use crate::membership::NodeName;
use crate::storage::{Store, Stored};

pub use call_table::CallError;
pub use gossip_socket::GossipSocket;
pub use items::Items;
pub use membership::{Fact, KnownPeer, Membership, MembershipConfig};
pub use peer_link::{LinkStats, PeerLink, Sent};
pub use peer_links::PeerLinks;
pub use peer_server::PeerServer;
pub use send_queue::{AckNotify, Acked, Class};

/// Version of the peer protocol; nodes with another one refuse each other.
pub const PEER_PROTOCOL: u32 = 3;

/// Who this node is, towards its peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalNode {
    /// Nodes of another cluster are refused.
    pub cluster_name: String,
    /// Its name.
    pub name: NodeName,
    /// Greater than that of every earlier start.
    pub incarnation: u64,
}

/// Bounds of every peer link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkLimits {
    /// A droppable item is refused when this many items wait for acknowledgement by that peer. Default 50,000.
    /// Reliable ones are refused at ten times as many.
    pub queue_items_max: usize,
    /// The same for the sum of their encoded bytes. Default 64 MiB.
    pub queue_bytes_max: usize,
    /// A frame of fewer bytes waits until what was sent before is acknowledged. Default 32 KiB.
    pub frame_bytes_min: usize,
    /// Items in one frame, at most. Default 512.
    pub frame_items_max: usize,
    /// Bytes of a frame after which it takes no further item. Default 64 KiB.
    pub frame_bytes_max: usize,
    /// Calls under way to one peer, and requests of one peer being served, at most. Default 10,000.
    pub calls_max: usize,
    /// For how long what a dead peer has not acknowledged is kept, in case it was only cut off. Default 10 min.
    pub parked_max: Duration,
    /// The same when messages are stored, and messages for it are accepted meanwhile. Default 3 days.
    pub kept_max: Duration,
}

impl Default for LinkLimits {
    fn default() -> Self {
        Self {
            queue_items_max: 50_000,
            queue_bytes_max: 64 << 20,
            frame_bytes_min: 128 << 10,
            frame_items_max: 512,
            frame_bytes_max: 256 << 10,
            calls_max: 10_000,
            parked_max: Duration::from_secs(600),
            kept_max: Duration::from_secs(3 * 24 * 60 * 60),
        }
    }
}

/// Largest encoded data item, bytes; a larger one is refused when it is sent.
pub const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Largest encoded request or answer, bytes: a whole Session must fit, with its queue.
pub const CONTROL_MESSAGE_BYTES_MAX: usize = 256 << 20;
/// What is accepted: the largest request or answer in a frame that already holds some small ones.
const RECEIVED_MESSAGE_BYTES_MAX: usize = CONTROL_MESSAGE_BYTES_MAX + (1 << 20);

/// A connection on which nothing came for this long is asked for a sign of life...
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
/// ...and closed when none comes within this.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(4);

/// Why a request of a peer was not served: a code for programs and a text for people.
pub type Refusal = (String, String);

/// Gives meaning to what crosses peer links.
///
/// For one peer, `on_data` and `peer_gone` are called one at a time and in order, under a lock of the server: they must
/// not wait for anything, and must not call `PeerServer::wait_applied` on the spot.
pub trait PeerHandler: Send + Sync + 'static {
    /// Items in the order in which the peer sent them, each once per incarnation of the peer (a repeat after
    /// a reconnect is dropped before). Acknowledged after it returns, and when what it returns is stored.
    fn on_data(&self, from: &NodeName, items: Items<'_>) -> Stored;

    /// What survives the process.
    fn store(&self) -> &Store;

    /// Whether Sessions of a peer that is gone may be served by another one, from copies.
    fn has_copies(&self) -> bool;

    /// Serves a request. Runs in a task of its own; dropped when this node shuts down, never because the peer
    /// went away.
    fn on_control(
        self: Arc<Self>,
        from: NodeName,
        request: control_request::Request,
    ) -> BoxFuture<'static, Result<control_response::Response, Refusal>>;

    /// This node's whole interest, for a peer that knows nothing of it. See [`PeerLink::send`] for what makes it
    /// free of gaps. Called without any lock held.
    fn snapshot(&self, to: &NodeName) -> Vec<DataItem>;

    /// That incarnation of a peer is dead, left, or was replaced: forget its interest.
    fn peer_gone(&self, peer: &NodeName, incarnation: u64);

    /// These items were never acknowledged by an incarnation of a peer that is gone for good. They may or may not have
    /// been applied. Called without any lock held, before anything is sent to a later incarnation.
    fn undelivered(&self, peer: &NodeName, items: Vec<DataItem>) {
        let _ = (peer, items);
    }
}
