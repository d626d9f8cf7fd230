//! The way to a cluster: the only place that knows tonic and the wire types.
//!
//! Called by `command` and by the full-screen interface. Answers come out as `model` types, failures
//! as [`AdminError`].

pub mod client;
pub mod control;
mod convert;
pub mod data;
pub mod endpoint;
pub mod error;
#[cfg(test)]
pub mod fake;
#[cfg(test)]
pub mod fake_control;
#[cfg(test)]
mod fake_data;
#[cfg(test)]
pub mod fake_listener;
#[cfg(test)]
mod fake_node;
#[cfg(test)]
mod fake_session;
pub mod listener;
pub mod node;
pub mod session;
pub mod watch;

pub use client::{AdminClient, ClientFilter, EvacuationRequest};
pub use endpoint::Endpoint;
pub use error::{AdminError, Refusal, RefusalKind};
pub use listener::{ListenerSettings, NewListener};
pub use watch::{ClusterWatch, OperationWatch, WatchEvent};
