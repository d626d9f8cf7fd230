//! Between the nodes: who is alive, the links, who owns which Session, and how one moves.
//!
//! Carries bytes and commands; what is decided is decided in `membership`, `routing`, `session` and `operation`.

pub mod barrier;
pub mod convert;
pub mod peer_handler;
pub mod peer_link;
pub mod peer_server;
pub mod registry;
pub mod takeover;
