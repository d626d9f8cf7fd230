//! Sockets: accepting, reading, writing, and what lies between a socket and MQTT (PROXY header, TLS, WebSocket).
//! Carries bytes and commands; what packets mean is decided in `session`.
//!
//! [`listeners`] opens and changes listeners; [`listener`] accepts for one and gives the socket to [`arrival`], which
//! goes through [`opening`] (makes a [`transport`] of it) and [`handshake`] (reads the CONNECT); [`connection`] serves;
//! [`ending`] is how it ends. [`proxy_protocol`], [`websocket`] and the decision
//! of [`websocket_handshake`] need no socket. Called by `run` and `admin`; calls `node` for everything that concerns
//! more than one connection.

pub mod arrival;
pub mod bind;
pub mod connection;
pub mod ending;
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
