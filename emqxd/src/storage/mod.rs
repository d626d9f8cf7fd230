//! What survives the process: records on disk, committed in groups.
//!
//! [`Store`] is opened by `run`, and given changes by `node`; `net` waits for their commits before it acknowledges. What is
//! stored, and under which key, is decided apart from that in pure functions ([`retained_record`], [`session_record`],
//! [`away_record`]). For
//! a further kind of state: a [`Table`], a file of such functions, and [`Store::append_all`] where it changes.

pub mod away_record;
mod backend;
mod change;
mod commit_queue;
mod damage;
mod database;
mod durability;
mod folding;
mod gathering;
mod intact;
mod journal;
mod log;
pub mod log_format;
mod message_record;
mod mirror;
mod recent;
pub mod retained_record;
pub mod session_record;
mod store;
mod tables;

pub use change::{Change, EachRecord, Table};
pub use commit_queue::{Commit, QueueFull, Stored};
pub use damage::{Damage, DamagedPart};
pub use database::OpenError;
pub use durability::Durability;
pub use mirror::{Mirror, Standby};
pub use store::Store;
