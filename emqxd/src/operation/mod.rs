//! Evacuation and (later) rebalancing: the decisions, as pure state machines.
//!
//! Events and time go in, [`command::Command`]s come out; `cluster` carries them out and reports back.
