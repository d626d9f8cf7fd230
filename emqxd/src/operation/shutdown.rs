//! How a node is evacuated that was told to stop: within a budget of time, as evenly as that allows.

use std::num::NonZeroU32;
use std::time::Duration;

use super::evacuation::Counts;
use super::options::{EvacuationOptions, RATE_DEFAULT, RATE_RANGE};

/// Longest wait for balancers to turn away: they ask every few seconds.
const WAIT_HEALTH_CHECK_MAX: Duration = Duration::from_secs(5);
/// Longest wait for clients to come back: whoever stays away longer finds its Session elsewhere all the same.
const WAIT_TAKEOVER_MAX: Duration = Duration::from_secs(5);
/// Of the budget, each of the two waits takes this part at most.
const WAIT_PART: u32 = 10;
/// Of the budget, in percent: connections are cut within so much of it, and Sessions moved within so much. With the waits
/// a fifth remains for what comes late.
const CONNS_PERCENT: u64 = 40;
const SESSIONS_PERCENT: u64 = 20;

/// The evacuation that ends within the budget, when the other nodes keep up: at the rates that one has by default, at
/// higher ones when these would take too long.
pub fn options_within(budget: Duration, counts: Counts) -> EvacuationOptions {
    let wait = budget / WAIT_PART;
    EvacuationOptions {
        wait_health_check: wait.min(WAIT_HEALTH_CHECK_MAX),
        wait_takeover: wait.min(WAIT_TAKEOVER_MAX),
        conn_evict_rate: rate(counts.connections, budget, CONNS_PERCENT),
        sess_evict_rate: rate(counts.sessions, budget, SESSIONS_PERCENT),
        ends_with_process: true,
        reason: format!("shutdown.evacuate = {}", humantime::format_duration(budget)),
        started_by: "emqxd".to_owned(),
        ..EvacuationOptions::default()
    }
}

/// So many per second that `count` are done within a part of the budget.
fn rate(count: u64, budget: Duration, percent: u64) -> NonZeroU32 {
    let part_ms = u64::try_from(budget.as_millis()).unwrap_or(u64::MAX) / 100 * percent;
    let needed = count.saturating_mul(1000).div_ceil(part_ms.max(1));
    let needed = u32::try_from(needed).unwrap_or(u32::MAX);
    NonZeroU32::new(needed.min(*RATE_RANGE.end()))
        .map_or(RATE_DEFAULT, |rate| rate.max(RATE_DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::preflight;
    use crate::operation::targets::Target;

    fn options(budget_s: u64, connections: u64, sessions: u64) -> EvacuationOptions {
        let counts = Counts {
            connections,
            sessions,
        };
        options_within(Duration::from_secs(budget_s), counts)
    }

    #[test]
    fn a_small_node_is_not_hurried() {
        let options = options(60, 300, 400);
        assert_eq!(options.conn_evict_rate, RATE_DEFAULT);
        assert_eq!(options.sess_evict_rate, RATE_DEFAULT);
        assert_eq!(options.wait_health_check, WAIT_HEALTH_CHECK_MAX);
        assert_eq!(options.wait_takeover, WAIT_TAKEOVER_MAX);
        assert_eq!(options.reason, "shutdown.evacuate = 1m");
    }

    #[test]
    fn all_phases_together_fit_into_the_budget() {
        for (budget_s, connections, sessions) in [
            (1, 0, 0),
            (5, 10_000, 30_000),
            (60, 100_000, 100_000),
            (3_600, 1_000_000, 9),
        ] {
            let options = options(budget_s, connections, sessions);
            let seconds = options.wait_health_check.as_secs_f64()
                + connections as f64 / f64::from(options.conn_evict_rate.get())
                + options.wait_takeover.as_secs_f64()
                + sessions as f64 / f64::from(options.sess_evict_rate.get());
            assert!(
                seconds <= budget_s as f64 * 0.81,
                "{seconds} s of {budget_s} s"
            );
        }
    }

    #[test]
    fn whatever_the_node_holds_the_options_are_valid() {
        let target = Target {
            node: "b".to_owned(),
            address: String::new(),
            available: true,
            connections: 0,
            sessions: 0,
            capacity: None,
        };
        for count in [0, 1, u64::MAX] {
            let options = options(1, count, count);
            assert_eq!(
                preflight::check_start("a", &options, None, std::slice::from_ref(&target)),
                Ok(())
            );
        }
    }
}
