//! Compares emqxd with brokers of other projects: the same work, in one run, in turn.
//!
//! Reading order: [`scenario`] is the work, [`peer`] the brokers and how they are set up, [`cost`] what the system says
//! that a process has used, [`trial`] one piece of work on one broker, [`table`] what all trials say. [`held_filters`] and
//! [`retained`] are the parts of the work that the engine of `emqxctl bench` does not have. The program is
//! `cargo run --release -p emqx-tests --bin peers`.

pub mod cost;
pub mod held_filters;
pub mod peer;
pub mod retained;
pub mod rumqttd_server;
pub mod scenario;
pub mod syscalls;
pub mod table;
pub mod trial;
