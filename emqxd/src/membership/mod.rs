//! Who is in the cluster, and who decides about a Client Identifier.
//!
//! Pure: no socket, no clock. `cluster` feeds it with what gossip found out, `node` asks it.

pub mod registrar;
pub mod view;

pub use registrar::{
    Claim, ClaimOutcome, ClaimToken, Commit, Displaced, Grant, Registrar, Waiter, epoch_of_copy,
};
pub use view::{InvalidNodeName, NodeName, PeerInfo, View};
