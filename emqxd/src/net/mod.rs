//! Sockets: accepting, reading, writing, and what lies between a socket and MQTT (PROXY header, TLS, WebSocket).
//! Carries bytes and commands; what packets mean is decided in `session`.
//!
//! [`listeners`] opens and changes listeners; [`listener`] accepts for one; [`opening`] makes a [`transport`] of a
//! socket; [`handshake`] reads the CONNECT; [`connection`] serves. [`proxy_protocol`], [`websocket`] and the decision
//! of [`websocket_handshake`] need no socket. Called by `run` and `admin`; calls `node` for everything that concerns
//! more than one connection.

pub mod bind;
pub mod connection;
pub mod handshake;
mod intake;
pub mod listener;
pub mod listener_file;
pub mod listeners;
pub mod log_limit;
pub mod opening;
pub mod proxy_protocol;
pub mod reader;
pub mod socket;
pub mod tls;
pub mod tls_config;
pub mod transport;
pub mod websocket;
pub mod websocket_handshake;
pub mod writer;
