//! What an operator may choose when a node is evacuated.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Wait for the health check and wait for takeovers when nothing was asked for.
pub const WAIT_DEFAULT: Duration = Duration::from_secs(60);
/// Longest wait that may be asked for: seven days.
pub const WAIT_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Connections or Sessions per second when nothing was asked for.
pub const RATE_DEFAULT: NonZeroU32 = NonZeroU32::MIN.saturating_add(499);
/// Rates per second that may be asked for.
pub const RATE_RANGE: RangeInclusive<u32> = 1..=1_000_000;

/// The choices for one evacuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvacuationOptions {
    /// How long clients may still connect after the availability check turned; zero skips the wait.
    pub wait_health_check: Duration,
    /// How long clients have to come back elsewhere before Sessions move without them; zero skips the wait.
    pub wait_takeover: Duration,
    /// Connections cut per second, 1 to 1,000,000.
    pub conn_evict_rate: NonZeroU32,
    /// Sessions moved per second, 1 to 1,000,000.
    pub sess_evict_rate: NonZeroU32,
    /// The Server Reference that MQTT 5.0 clients are given.
    pub redirect_to: RedirectTo,
    /// Names of the nodes that may take Sessions over; empty for all others.
    pub migrate_to: Vec<String>,
    /// Whether it is done because the process is about to end. It is over then, however far it came, and does not go on
    /// after a restart: the node serves again.
    pub ends_with_process: bool,
    /// Why it is done, for people; may be empty.
    pub reason: String,
    /// Who asked for it, for people; may be empty.
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
            ends_with_process: false,
            reason: String::new(),
            started_by: String::new(),
        }
    }
}

/// Where clients are sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RedirectTo {
    /// To the targets' own addresses, shared out among them.
    #[default]
    Auto,
    /// They are told nothing.
    None,
    /// This Server Reference, as it is.
    Fixed(String),
}

impl RedirectTo {
    /// What [`Self::parse`] reads.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Fixed(reference) => reference,
        }
    }

    /// Reads `auto` (or nothing), `none`, or a Server Reference.
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "" | "auto" => Self::Auto,
            "none" => Self::None,
            reference => Self::Fixed(reference.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirection_is_read() {
        assert_eq!(RedirectTo::parse(""), RedirectTo::Auto);
        assert_eq!(RedirectTo::parse("auto"), RedirectTo::Auto);
        assert_eq!(RedirectTo::parse("none"), RedirectTo::None);
        assert_eq!(
            RedirectTo::parse("a:1883 b:1883"),
            RedirectTo::Fixed("a:1883 b:1883".to_owned())
        );
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let options = EvacuationOptions::default();
        assert_eq!(options.conn_evict_rate.get(), 500);
        assert_eq!(options.sess_evict_rate.get(), 500);
        assert_eq!(options.wait_health_check, Duration::from_secs(60));
        assert_eq!(options.wait_takeover, Duration::from_secs(60));
    }
}
