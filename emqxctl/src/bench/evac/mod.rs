//! `emqxctl bench evac`: sessions with messages on their way, and what an evacuation does to them.
//!
//! [`run`] conducts; `session` is one client that goes where it is sent, `publisher` sends QoS 1 messages to all of them
//! in turn, `board` is where both write down what happened.

mod board;
mod outcome;
mod publisher;
mod run;
mod session;

use std::net::SocketAddr;
use std::time::Duration;

use super::source::SourceAddresses;

pub use outcome::EvacOutcome;
pub use run::run;

/// Sessions of MQTT 5.0 whose clients go where they are sent.
#[derive(Debug, Clone)]
pub struct EvacLoad {
    /// Brokers. All sessions begin at the first; a client that is cut without a Server Reference tries them in turn.
    pub targets: Vec<SocketAddr>,
    /// Where clients connect from.
    pub sources: SourceAddresses,
    /// What Client Identifiers and topics begin with.
    pub prefix: String,
    /// User Name.
    pub username: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Seconds; 0 for none.
    pub keep_alive_s: u16,
    /// Connections to open each second; `None` for as many as the Server takes.
    pub connect_per_sec: Option<u32>,
    /// Sessions whose client is there.
    pub online: u32,
    /// Sessions whose client is away until the evacuation is over.
    pub offline: u32,
    /// Messages to publish each second, to all sessions in turn; above 0.
    pub publish_per_sec: u32,
    /// Bytes of each payload, at least [`MARK_BYTES`](super::MARK_BYTES).
    pub payload_bytes: usize,
    /// Goes on for this time, unless it is told before that the evacuation is over.
    pub duration: Duration,
}

impl EvacLoad {
    /// All sessions.
    pub const fn sessions(&self) -> u32 {
        self.online + self.offline
    }
}
