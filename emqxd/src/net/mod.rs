//! Sockets: accepting, reading, writing. Carries bytes and commands; what packets mean is decided in `session`.
//!
//! Called by `lib.rs` only; calls `node` for everything that concerns more than one connection.

pub mod connection;
pub mod handshake;
mod intake;
pub mod listener;
pub mod reader;
pub mod writer;
