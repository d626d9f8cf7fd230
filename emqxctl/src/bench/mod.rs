//! `emqxctl bench`: loads for a broker, and what came of them. The tests' comparison of brokers uses the same.
//!
//! Reading order: [`Load`] says what is to be done, [`run`] does it, [`Outcome`] is what came of it. Below, `client` is
//! one connection, `packet` and `frame` write and read MQTT, `mark` is what a payload carries, `sequence` and `latency`
//! judge what arrives, `pacer` keeps the time. `evac` has clients of its own, which go where they are sent.
//!
//! One thread carries all clients, with buffers that they share and many packets to each call of the system: a
//! generator that runs beside the broker must leave it the machine.

#[cfg(feature = "baseline")]
pub mod baseline;
mod client;
mod clock;
pub mod evac;
mod frame;
mod latency;
mod load;
mod mark;
mod opening;
mod outcome;
mod pacer;
mod packet;
mod run;
mod sequence;
mod source;
mod tally;
mod topic_pattern;

pub use latency::{Latency, LatencySummary};
pub use load::{Load, Moment, Observer, Pace, Progress};
pub use mark::MARK_BYTES;
pub use outcome::{Failure, Outcome};
pub use packet::Version;
pub use run::{Stop, run};
pub use source::SourceAddresses;
pub use topic_pattern::TopicPattern;
