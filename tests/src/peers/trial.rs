//! One piece of work on one broker that was started for it.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use emqxctl::bench::{self, Moment, Observer, Outcome, Progress, Stop};
use serde::Serialize;

use super::cost::Cost;
use super::peer::Peer;
use super::scenario::{Kind, Scenario, Work};
use super::syscalls::Counting;

/// A broker that has just started gets that long to come to rest.
const REST: Duration = Duration::from_millis(300);

/// What came of it. Figures that were not to be had are absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// CPU seconds of the broker for a million delivered messages.
    pub cpu_s_per_million: Option<f64>,
    /// Context switches of the broker for each delivered message.
    pub context_switches: Option<f64>,
    /// System calls of the broker for each delivered message.
    pub syscalls: Option<f64>,
    /// Delivered messages a second.
    pub per_sec: Option<f64>,
    /// Latency, milliseconds.
    pub p50_ms: Option<f64>,
    /// Latency, milliseconds.
    pub p99_ms: Option<f64>,
    /// Resident memory of the broker for each connection, KiB.
    pub kib_per_connection: Option<f64>,
    /// Connections that were accepted for each CPU second of the broker.
    pub connects_per_cpu_s: Option<f64>,
    /// What the load saw.
    pub outcome: Outcome,
}

/// Looks at the broker when the load says so.
struct Watch {
    pid: u32,
    counts_syscalls: bool,
    counting: Option<Counting>,
    syscalls: Option<u64>,
    connecting: Cost,
    connected: Cost,
    begun: Cost,
    ended: Cost,
}

impl Observer for Watch {
    fn moment(&mut self, moment: Moment, _: Progress) {
        let cost = || Cost::of(self.pid).unwrap_or_default();
        match moment {
            Moment::Connecting => self.connecting = cost(),
            Moment::Connected => self.connected = cost(),
            Moment::Begun => {
                if self.counts_syscalls {
                    self.counting = Counting::begin(self.pid);
                }
                self.begun = cost();
            }
            Moment::Ended => {
                self.ended = cost();
                self.syscalls = self.counting.take().and_then(Counting::end);
            }
            Moment::Second => {}
        }
    }
}

/// Starts the broker, has it do the work and ends it. `counts_syscalls` makes all other figures worse.
///
/// # Errors
/// When the broker cannot be started, or dies.
pub fn run(
    peer: Peer,
    program: &Path,
    scenario: Scenario,
    work: &Work,
    counts_syscalls: bool,
) -> anyhow::Result<Trial> {
    let dir = tempfile::tempdir()?;
    let broker = peer.start(program, dir.path())?;
    thread::sleep(REST);
    let mut watch = Watch {
        pid: broker.pid(),
        counts_syscalls,
        counting: None,
        syscalls: None,
        connecting: Cost::default(),
        connected: Cost::default(),
        begun: Cost::default(),
        ended: Cost::default(),
    };
    let load = scenario.load(broker.listen, work);
    let outcome = bench::run(load, &mut watch, &Stop::default())?;
    Cost::of(broker.pid()).with_context(|| format!("{} has ended meanwhile", peer.name()))?;
    Ok(judge(scenario, &watch, outcome))
}

fn judge(scenario: Scenario, watch: &Watch, outcome: Outcome) -> Trial {
    let is_idle = scenario.kind == Kind::Idle;
    let used = watch.ended - watch.begun;
    let delivered = Some(outcome.received as f64).filter(|&count| count > 0.0);
    let each = |count: f64| delivered.map(|delivered| count / delivered);
    let connections = outcome.connected as f64;
    let connecting = (watch.connected - watch.connecting).cpu.as_secs_f64();
    let memory = (watch.ended - watch.connecting).resident as f64;
    Trial {
        cpu_s_per_million: each(used.cpu.as_secs_f64() * 1e6),
        context_switches: each(used.context_switches as f64),
        syscalls: watch.syscalls.and_then(|count| each(count as f64)),
        per_sec: delivered.map(|_| outcome.received_per_sec()),
        p50_ms: outcome.latency.map(|latency| latency.p50_us / 1e3),
        p99_ms: outcome.latency.map(|latency| latency.p99_us / 1e3),
        kib_per_connection: is_idle.then(|| memory / 1_024.0 / connections),
        connects_per_cpu_s: (is_idle && connecting > 0.0).then(|| connections / connecting),
        outcome,
    }
}
