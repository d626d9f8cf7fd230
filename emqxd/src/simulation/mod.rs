//! A cluster of real broker cores in one thread, in virtual time, over a virtual network: what happens follows from a seed,
//! so whatever goes wrong can be had again.
//!
//! - [`virtual_stream`] is a client's Network Connection, [`network`] are the peer links: delays, cuts, resets.
//! - [`node`] puts a node together as `run` does, without sockets and gossip; [`disk`] is what survives it, [`agreement`]
//!   stands for the control group, [`gossip`] for who sees whom.
//! - [`client`] is a client with a Session, [`connection`] what it sends and receives; [`oracle`] knows what each was promised and what it got.
//! - [`world`] lets it all happen: a schedule of faults, then quiet; [`checks`] and the oracle look at what must hold.
//! - [`fault`] breaks the product on purpose, for a test of all this.
//! - [`tests`] runs seeds; one that fails prints the command that runs it again.
//!
//! What is real: everything from the bytes of a client (`net::arrival`) to the frames of a peer link. What is not: sockets,
//! gRPC, gossip (views follow from which nodes reach each other, some seconds late), raft, the database below the store.
//!
//! For the same events in the same order each time, within tests of this crate: [`crate::watch`] wakes in order,
//! [`crate::hashing`] has fixed keys, [`crate::chance`] is seeded, handles of Sessions are ordered by Client Identifier,
//! and every `select!` on the way is biased.

mod agreement;
mod checks;
mod client;
mod connection;
mod disk;
pub(crate) mod fault;
mod gossip;
mod network;
mod node;
mod options;
mod oracle;
mod tests;
pub(crate) mod virtual_stream;
mod world;
