//! A value that many may wait for: `tokio::sync::watch`.
//!
//! That one wakes whoever waits in a random order, which nothing outside can choose. Within tests of this crate another
//! one takes its place, which wakes in the order in which they began to wait, so that a simulation can be repeated.

#[cfg(test)]
mod in_order;

#[cfg(test)]
pub use in_order::{Receiver, Sender, channel};
#[cfg(not(test))]
pub use tokio::sync::watch::{Receiver, Sender, channel};
