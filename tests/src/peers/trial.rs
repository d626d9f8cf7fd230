//! One piece of work on one broker that was started for it.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use emqxctl::bench::{self, Load, Moment, Observer, Outcome, Progress, Stop};
use rustix::process::setpriority_process;
use serde::Serialize;

use super::cost::Cost;
use super::held_filters::{self, Subscribed};
use super::peer::{Peer, Running};
use super::retained::{self, Delivered, Written};
use super::scenario::{Kind, Scenario, Work};
use super::syscalls::Counting;

/// A broker that has just started gets that long to come to rest.
const REST: Duration = Duration::from_millis(300);

/// Retained Messages are delivered again and again for so long, so that there is something to see of others meanwhile.
const DELIVER_FOR: Duration = Duration::from_secs(1);

/// What others do while Retained Messages are delivered ends with that, or after this time.
const BESIDE_AT_MOST: Duration = Duration::from_secs(120);

/// As `nice` counts; of one thread.
const LOWER_PRIORITY: i32 = 10;

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
    /// Of [`Kind::HeldFilters`].
    pub subscribed: Option<Subscribed>,
    /// Of [`Kind::Retained`].
    pub retained: Option<Retained>,
    /// Why the broker cannot do this work at all.
    pub incapable: Option<String>,
    /// What the load saw.
    pub outcome: Outcome,
}

/// Retained Messages.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Retained {
    /// Writing them.
    pub written: Written,
    /// Delivering them while nobody else does anything.
    pub delivered: Delivered,
    /// The worst delivery while others talk.
    pub meanwhile: Delivered,
    /// p99 latency of the others before, milliseconds.
    pub p99_before_ms: Option<f64>,
    /// The same while Retained Messages are delivered.
    pub p99_meanwhile_ms: Option<f64>,
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
    let trial = match scenario.kind {
        Kind::Retained => retained(&broker, scenario, work)?,
        Kind::HeldFilters => {
            let count = scenario.many(work);
            let (holders, subscribed) =
                held_filters::subscribe(broker.listen, broker.pid(), count)?;
            let trial = messages(&broker, scenario, work, counts_syscalls)?;
            drop(holders);
            Trial {
                subscribed: Some(subscribed),
                ..trial
            }
        }
        _ => messages(&broker, scenario, work, counts_syscalls)?,
    };
    Cost::of(broker.pid()).with_context(|| format!("{} has ended meanwhile", peer.name()))?;
    Ok(trial)
}

fn messages(
    broker: &Running,
    scenario: Scenario,
    work: &Work,
    counts_syscalls: bool,
) -> anyhow::Result<Trial> {
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
    Ok(judge(scenario, &watch, outcome))
}

fn retained(broker: &Running, scenario: Scenario, work: &Work) -> anyhow::Result<Trial> {
    let (address, pid) = (broker.listen, broker.pid());
    let (count, qos) = (scenario.many(work), scenario.qos);
    let written = retained::write(address, pid, count, qos)?;
    let deliver = |name: &str| retained::deliver(address, pid, name, count, qos);
    let delivered = deliver("reader")?;
    let load = scenario.load(address, work);
    let before = bench::run(load.clone(), &mut |_, _: Progress| {}, &Stop::default())?;
    let load = Load {
        duration: BESIDE_AT_MOST,
        prefix: "meanwhile".to_owned(),
        ..load
    };
    let (meanwhile, outcome) = beside(load, || {
        let began = Instant::now();
        let mut worst = deliver("reader-0")?;
        for number in 1.. {
            if began.elapsed() >= DELIVER_FOR {
                break;
            }
            let next = deliver(&format!("reader-{number}"))?;
            if next.messages <= worst.messages {
                worst = next;
            }
        }
        Ok(worst)
    })?;
    let p99_ms = |outcome: &Outcome| outcome.latency.map(|latency| latency.p99_us / 1e3);
    Ok(Trial {
        retained: Some(Retained {
            written,
            delivered,
            meanwhile,
            p99_before_ms: p99_ms(&before),
            p99_meanwhile_ms: p99_ms(&outcome),
        }),
        ..Trial::of(outcome)
    })
}

/// Does something while a load goes on, which then ends.
fn beside<T: Send>(
    load: Load,
    work: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<(T, Outcome)> {
    let stop = Stop::default();
    let (sender, begun) = mpsc::channel();
    thread::scope(|scope| {
        let going_on = scope.spawn(|| {
            let mut observer = move |moment, _: Progress| {
                if moment == Moment::Begun {
                    // Whoever waits for it does so to the end.
                    let _ = sender.send(());
                }
            };
            bench::run(load, &mut observer, &stop)
        });
        let working = scope.spawn(move || {
            // Fails when it has ended before it could begin.
            begun.recv().context("nobody could connect")?;
            // A client that reads as fast as it can is to take no time from those that are measured. Where that is not
            // allowed, it does.
            let _ = setpriority_process(None, LOWER_PRIORITY);
            work()
        });
        let result = working.join().map_err(|_| anyhow!("the work panicked"));
        stop.stop();
        let outcome = going_on
            .join()
            .map_err(|_| anyhow!("the load panicked"))??;
        Ok((result??, outcome))
    })
}

impl Trial {
    /// Without figures.
    const fn of(outcome: Outcome) -> Self {
        Self {
            cpu_s_per_million: None,
            context_switches: None,
            syscalls: None,
            per_sec: None,
            p50_ms: None,
            p99_ms: None,
            kib_per_connection: None,
            connects_per_cpu_s: None,
            subscribed: None,
            retained: None,
            incapable: None,
            outcome,
        }
    }
}

fn judge(scenario: Scenario, watch: &Watch, outcome: Outcome) -> Trial {
    let is_idle = scenario.kind == Kind::Idle;
    // Each message goes to one member of the Shared Subscription, or the broker took it for something else. What was
    // under way when the warm-up ended is received as well.
    let shares = outcome.received > 0 && outcome.received < outcome.sent * 2;
    if scenario.kind == Kind::Shared && !shares {
        return Trial {
            incapable: Some(format!(
                "it has no Shared Subscriptions for MQTT 3.1.1: of {} messages {} were delivered",
                outcome.sent, outcome.received
            )),
            ..Trial::of(outcome)
        };
    }
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
        ..Trial::of(outcome)
    }
}
