//! The broker of one node: Sessions in their places, the routing of messages between them and to peers, and
//! what becomes of a Session when its client goes, comes or moves.
//!
//! Called by `net`, `cluster` and `admin`; decides nothing about MQTT itself (that is `session` and `routing`).

pub mod broker;
mod burst;
pub mod client_log;
pub mod clock;
pub mod handover;
pub mod handover_watch;
pub mod held_back;
pub mod import;
pub mod kept;
pub mod memory;
pub mod open;
mod promotion;
pub mod publish;
pub mod reclaim;
pub mod restore;
pub mod retain;
mod retained_comparison;
mod retained_import;
pub mod session_cell;
pub mod session_registry;
pub mod shared;
pub mod subscribe;
pub mod timers;
pub mod two_owners;
