//! What emqxd must survive. Each target takes any bytes and panics when a promise is broken.
//!
//! `tests/fuzz/run` builds the targets with coverage for libFuzzer and lets each run for a while. Without libFuzzer
//! they are plain functions: `tests/tests/fuzz_smoke.rs` gives them the inputs in `seeds/`, which include those that
//! once broke something.
#![forbid(unsafe_code)]

mod config;
mod decode;
mod memory;
mod proxy_protocol;
pub mod seeds;
mod session_state;
mod stateful;
mod store_log;
mod topic;
mod websocket;
pub mod world;

pub use config::config;
pub use decode::{decode_3, decode_5};
pub use proxy_protocol::proxy_protocol;
pub use session_state::session_state;
pub use stateful::stateful;
pub use store_log::store_log;
pub use topic::topic;
pub use websocket::websocket;

/// A target: its name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 9] = [
    ("config", config),
    ("decode_3", decode_3),
    ("decode_5", decode_5),
    ("proxy_protocol", proxy_protocol),
    ("session_state", session_state),
    ("stateful", stateful),
    ("store_log", store_log),
    ("topic", topic),
    ("websocket", websocket),
];
