//! emqxd: a clustered MQTT broker whose nodes can be taken out of service under live traffic.
//!
//! Reading order: `ARCHITECTURE.md`, then [`run`], [`net::connection`], [`node::publish`], [`cluster::takeover`],
//! [`operation`]. What decides is pure ([`packet`], [`topic`], [`session`], [`routing`], [`operation`], the core of
//! [`membership`]): no socket, no clock, no task. What touches the world is thin ([`net`], [`node`], [`cluster`],
//! [`admin`]).

pub mod admin;
mod chance;
pub mod cluster;
pub mod config;
pub mod control;
pub mod data_dir;
pub mod event_log;
mod hashing;
pub mod health;
pub mod lifecycle;
pub mod membership;
pub mod memory_pressure;
pub mod memory_reclaim;
pub mod memory_release;
pub mod message;
pub mod metrics;
pub mod net;
pub mod node;
pub mod operation;
pub mod packet;
pub mod process_stats;
pub mod ready_file;
pub mod routing;
pub mod run;
pub mod session;
#[cfg(test)]
mod simulation;
pub mod stable_hash;
pub mod storage;
pub mod telemetry;
pub mod time;
pub mod topic;
mod watch;

pub use run::run;
