//! What an operator may ask of an evacuation.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Rates that are taken, per second.
pub const RATE_RANGE: RangeInclusive<u32> = 1..=1_000_000;

/// Longest wait that is taken.
pub const WAIT_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

const RATE_DEFAULT: NonZeroU32 = NonZeroU32::new(500).unwrap();
const WAIT_DEFAULT: Duration = Duration::from_secs(60);

/// Which Server Reference MQTT 5 clients get.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RedirectTo {
    /// The advertised address of a target, chosen per client.
    #[default]
    Auto,
    /// None.
    None,
    /// This text for all.
    Fixed(String),
}

impl RedirectTo {
    /// `auto`, `none`, or the text itself; nothing at all is `auto`.
    pub fn parse(text: &str) -> Self {
        match text {
            "" | "auto" => Self::Auto,
            "none" => Self::None,
            text => Self::Fixed(text.to_owned()),
        }
    }

    /// What `parse` takes.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Fixed(text) => text,
        }
    }
}

/// Options of an evacuation; names and defaults are EMQX's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvacuationOptions {
    /// From 503 to the first cut. Zero skips the phase. Default 60 s.
    pub wait_health_check: Duration,
    /// From the last cut to the first move without a client. Zero skips the phase. Default 60 s.
    pub wait_takeover: Duration,
    /// Connections cut per second. Default 500.
    pub conn_evict_rate: NonZeroU32,
    /// Sessions moved per second. Default 500.
    pub sess_evict_rate: NonZeroU32,
    /// Where MQTT 5 clients are sent.
    pub redirect_to: RedirectTo,
    /// Nodes that take the Sessions; empty = all others.
    pub migrate_to: Vec<String>,
    /// Why, for events and history.
    pub reason: String,
    /// Who.
    pub started_by: String,
}

impl Default for EvacuationOptions {
    fn default() -> Self {
        Self {
            wait_health_check: WAIT_DEFAULT,
            wait_takeover: WAIT_DEFAULT,
            conn_evict_rate: RATE_DEFAULT,
            sess_evict_rate: RATE_DEFAULT,
            redirect_to: RedirectTo::Auto,
            migrate_to: Vec::new(),
            reason: String::new(),
            started_by: String::new(),
        }
    }
}
