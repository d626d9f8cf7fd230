//! `emqxctl demo`: a real cluster, real clients and an evacuation to watch, in one command.
//!
//! Reading order: [`run`] tells the story; [`cluster`] starts the daemons, [`device`] and [`publisher`]
//! are the clients, [`link`] is their Network Connection (rumqttc underneath), [`ledger`] keeps count of
//! what was lost, and [`report`] says how it went. The end-to-end tests use the same parts.

pub mod args;
pub mod board;
pub mod cluster;
pub mod daemon_binary;
pub mod device;
pub mod display;
pub mod evacuation;
pub mod fleet;
pub mod ledger;
pub mod link;
pub mod open_files;
pub mod publisher;
pub mod report;
pub mod route;
pub mod schedule;
mod story;

pub use args::{DemoArgs, DemoOptions};
pub use display::{Display, PlainLines};
pub use report::DemoReport;
pub use story::{Interrupted, run};
